/* The packets as a table of which only the rows in sight exist. */

const ROW_PIXELS = 24;

class Table {
  constructor(wire) {
    this.wire = wire;
    this.capture = wire.capture;
    this.body = el("div", { class: "rows", role: "presentation" });
    this.node = el("div", { class: "table", role: "grid", tabindex: 0,
      "aria-label": "packets", "aria-rowcount": this.capture.count,
      onscroll: eachFrame(() => this.draw()),
      onkeydown: (event) => this.wire.key(event) },
    this.head(), this.body);
    this.body.style.height = `${wire.chosen.length * ROW_PIXELS}px`;
    let opened = false;
    onWidth(this.node, () => {
      if (!opened) /* where the ladder is */
        this.node.scrollTop = ROW_PIXELS * wire.capture.firstAt(wire.chosen,
          wire.window.from);
      opened = true;
      this.draw();
    });
  }

  head() {
    return el("div", { class: "row head", role: "row" },
      ["#", "sent", "took", "from → to", "what", "bytes", "fate"].map((name) =>
        el("span", { role: "columnheader" }, name)));
  }

  row(position) {
    const i = this.wire.chosen[position], capture = this.capture;
    const arrived = capture.arrived[i] >= 0;
    const cells = [
      capture.number(i), capture.sent[i].toFixed(1),
      arrived ? (capture.arrived[i] - capture.sent[i]).toFixed(1) : "–",
      `${capture.hostName(capture.from[i])} → ${capture.hostName(capture.to[i])}`,
      capture.text(i) + (capture.again[i] ? " again" : ""),
      capture.columns.bytes[i], capture.mark(i),
    ];
    const chosen = i === this.wire.selected;
    const row = el("div", { class: "row", role: "row", id: `packet-${i}`,
      "aria-rowindex": position + 1, "aria-selected": String(chosen),
      "data-lost": capture.isLost(i), "data-focus": capture.focus.has(i),
      onclick: () => this.wire.select(i) },
    cells.map((text) => el("span", { role: "gridcell" }, String(text))));
    row.style.top = `${position * ROW_PIXELS}px`;
    return row;
  }

  draw() {
    const first = Math.max(0, Math.floor(this.node.scrollTop / ROW_PIXELS) - 4);
    const last = Math.min(this.wire.chosen.length,
      first + Math.ceil(this.node.clientHeight / ROW_PIXELS) + 8);
    const rows = [];
    for (let position = first; position < last; position++)
      rows.push(this.row(position));
    this.body.style.height = `${this.wire.chosen.length * ROW_PIXELS}px`;
    this.body.replaceChildren(...rows);
    if (this.wire.selected >= 0)
      this.node.setAttribute("aria-activedescendant",
        `packet-${this.wire.selected}`);
  }

  /* Brings the selected packet into sight. */
  follow() {
    const position = this.wire.chosen.indexOf(this.wire.selected);
    const top = position * ROW_PIXELS, room = this.node.clientHeight - ROW_PIXELS;
    if (position >= 0 && (top < this.node.scrollTop
      || top + ROW_PIXELS > this.node.scrollTop + room))
      this.node.scrollTop = Math.max(0, top - room / 2);
    this.draw();
  }
}
