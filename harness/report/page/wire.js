/* "On the wire": strip, ladder, details and table of one test's packets, and
 * what they share: the window of time, the filter, the selected packet. */

const OPENING_PACKETS = 36; /* in the window at first */
const FAR_APART = 200; /* packets between the first and last looked at */
const BURST_PACKETS = 6, BURST_SHARE = 0.02; /* so many in so little of it */
const SHORTEST_WINDOW_MS = 0.05;

class Wire {
  constructor(test) {
    this.test = test;
    this.steps = stepsWithWaits(test);
    this.capture = new Capture(test.packets, test.clock_ms,
      test.ladder && test.ladder.rows);
    this.filter = { flow: -1, odd: false, words: "" };
    this.chosen = this.capture.select(this.filter);
    this.selected = -1;
    this.window = this.openingWindow();
    this.watchers = []; /* called when the window has changed */
    this.plotsFollow = false;
    this.status = el("p", { class: "status", role: "status" });
    this.details = el("div", { class: "details", "aria-live": "polite" });
    this.overview = new Overview(this);
    this.ladder = new Ladder(this);
    this.table = new Table(this);
    this.drawSoon = eachFrame(() => this.drawAll());
    this.node = this.lay();
    this.showDetails();
  }

  lay() {
    return el("div", { class: "wire" },
      this.tools(), this.overview.node,
      el("div", { class: "side-by-side" }, this.ladder.node, this.details),
      this.status, this.legend(), this.leftOut(), this.table.node);
  }

  /* ---- Where to begin ------------------------------------------------------ */

  /* The packets the test looked at, or, if that is all over the place, where most
   * was lost or sent again; else those before it failed; else the first ones.  Never more than a reader takes in at once. */
  openingWindow() {
    const { capture } = this, last = capture.count - 1;
    const focus = [...capture.focus].sort((a, b) => a - b);
    const failed = this.steps.find((step) => step.failed);
    let from = 0, to = Math.min(last, OPENING_PACKETS);
    if (focus.length && focus[focus.length - 1] - focus[0] > FAR_APART) {
      from = this.oddest();
      to = Math.min(last, from + OPENING_PACKETS);
    } else if (focus.length) {
      to = Math.min(last, focus[focus.length - 1] + 4);
      from = Math.max(0, Math.min(focus[0], to) - 4, to - 2 * OPENING_PACKETS);
    } else if (failed) {
      const end = failed.t_ms + (failed.waited || 0);
      to = Math.max(0, capture.firstAt(this.chosen, end) - 1);
      from = this.legibleFrom(to);
    }
    return this.around(from, to);
  }

  /* Where a window begins in which most was lost or sent again. */
  oddest() {
    const { capture } = this;
    const odd = (i) => (capture.again[i] ? 2 : 0) + (capture.isLost(i) ? 1 : 0);
    let sum = 0, most = 0, best = Math.min(...capture.focus);
    for (let i = 0; i < capture.count; i++) {
      sum += odd(i) - (i >= OPENING_PACKETS ? odd(i - OPENING_PACKETS) : 0);
      if (sum > most) [most, best] = [sum, i - OPENING_PACKETS + 1];
    }
    return Math.max(0, best - 6);
  }

  /* How far back from a packet a window may begin in which the last ones can
   * still be told apart: not into a burst that would be a smear. */
  legibleFrom(to) {
    const { sent } = this.capture;
    let from = to;
    while (from > 0 && to - from < OPENING_PACKETS) {
      const span = sent[to] - sent[from - 1];
      if (from + BURST_PACKETS <= to
        && sent[from - 1 + BURST_PACKETS] - sent[from - 1] < span * BURST_SHARE)
        break;
      from--;
    }
    return from;
  }

  around(from, to) {
    const { capture } = this;
    if (capture.count === 0) return { from: 0, to: 1 };
    let end = capture.sent[to];
    for (let i = from; i <= to; i++) end = Math.max(end, capture.landing(i));
    const margin = Math.max((end - capture.sent[from]) * 0.05, 0.2);
    return { from: capture.sent[from] - margin, to: end + margin };
  }

  /* ---- Tools --------------------------------------------------------------- */

  tools() {
    const { capture } = this;
    const flow = el("select", { "aria-label": "flow",
      onchange: () => this.refilter({ flow: Number(flow.value) }) },
    el("option", { value: -1 }, "all flows"),
    capture.flows.map((name, i) => el("option", { value: i }, name)));
    const odd = el("input", { type: "checkbox",
      onchange: () => this.refilter({ odd: odd.checked }) });
    const words = el("input", { type: "search", placeholder: "find: DATA 12, lost, #40",
      "aria-label": "find packets",
      oninput: () => this.refilter({ words: words.value.trim() }) });
    const button = (text, label, press) => el("button",
      { type: "button", title: label, "aria-label": label, onclick: press }, text);
    return el("div", { class: "tools" },
      capture.flows.length > 1 && flow, words,
      el("label", null, odd, " only what went oddly"),
      el("span", { class: "zoom" },
        button("−", "zoom out", () => this.zoom(1.6)),
        button("+", "zoom in", () => this.zoom(0.625)),
        button("all", "show the whole test", () => this.fit()),
        button(this.failing() ? "failure" : "start", "back to where the page opened",
          () => this.show(this.openingWindow()))));
  }

  failing() { return this.test.verdict === "fail"; }

  legend() {
    const sample = (kind, text) => el("span", { class: "sample" },
      svg("svg", { width: 34, height: 12, "aria-hidden": "true" },
        svg("g", { class: `arrow ${kind}` },
          svg("line", { class: "shaft", x1: 1, x2: kind === "lost" ? 22 : 26,
            y1: 6, y2: 6 }),
          kind === "lost" ? svg("path", { class: "cross", d: "M18 2l8 8m0 -8l-8 8" })
            : svg("path", { class: "head", d: "M33 6l-9 -4v8z" }))), text);
    const { capture } = this;
    const has = (test) => {
      for (let i = 0; i < capture.count; i++) if (test(i)) return true;
      return false;
    };
    const kinds = [["data", "with payload"], ["bare", "acknowledgement, or without payload"],
      ["lost", "lost"], ["displaced", "held, ahead or overtaken"],
      ["copy", "copy made by the link"], ["corrupt", "corrupted"]];
    return el("p", { class: "legend" },
      kinds.filter(([kind]) => has((i) => this.ladder.kindOf(i) === kind))
        .map(([kind, text]) => sample(kind, text)),
      has((i) => capture.again[i]) && sample("data again", "sent again"),
      capture.focus.size > 0 && el("span", { class: "sample" },
        svg("svg", { width: 12, height: 12, "aria-hidden": "true" },
          svg("circle", { class: "eye", cx: 6, cy: 6, r: 4 })),
        "what the test looked at"));
  }

  leftOut() {
    const { capture, test } = this;
    const notes = [];
    if (capture.count < capture.total)
      notes.push(`These are packets ${grouped(capture.first)} to ${
        grouped(capture.first + capture.count - 1)} of ${
        grouped(capture.total)}; all of them are in ${fileOf(test, "capture")}.`);
    if (capture.damaged)
      notes.push("The capture file is cut short or damaged: what is shown came before that.");
    if (test.capture_missing)
      notes.push(`${plural(test.capture_missing, "more packet")} were counted but not captured.`);
    return notes.map((text) => el("p", { class: "note" }, text));
  }

  /* ---- What changes -------------------------------------------------------- */

  refilter(change) {
    Object.assign(this.filter, change);
    this.chosen = this.capture.select(this.filter);
    this.table.node.scrollTop = 0;
    if (this.chosen.length && !this.chosen.some((i) => this.isInWindow(i)))
      this.move(this.capture.sent[this.chosen[0]]
        - (this.window.to - this.window.from) * 0.1);
    this.drawSoon();
  }

  isInWindow(i) {
    return this.capture.sent[i] >= this.window.from
      && this.capture.sent[i] <= this.window.to;
  }

  show(window) {
    this.window = window;
    this.drawSoon();
  }

  fit() {
    const { start, end } = this.capture, margin = (end - start) * 0.02;
    this.show({ from: start - margin, to: end + margin });
  }

  zoom(factor, around) {
    const { from, to } = this.window, { start, end } = this.capture;
    const middle = around === undefined ? (from + to) / 2 : around;
    const span = Math.min(Math.max((to - from) * factor, SHORTEST_WINDOW_MS),
      (end - start) * 1.04 + 1);
    const left = middle - ((middle - from) / (to - from)) * span;
    this.window = { from: left, to: left + span };
    this.move(left);
  }

  /* Moves the window so that it begins at a time, within the test. */
  move(from) {
    const span = this.window.to - this.window.from;
    const { start, end } = this.capture;
    const low = start - span * 0.1, high = Math.max(low, end - span * 0.9);
    const left = Math.min(Math.max(from, low), high);
    this.show({ from: left, to: left + span });
  }

  centre(ms) {
    const span = this.window.to - this.window.from;
    this.move(ms - span / 2);
    this.ladder.node.scrollIntoView({ block: "center", behavior: "smooth" });
  }

  /* What plots show: everything, or what the ladder does. */
  plotWindow() {
    return this.plotsFollow ? this.window : null;
  }

  /* The packet of a list ({i}, …) that was sent nearest to a time. */
  selectNear(ms, list) {
    const away = (one) => Math.abs(this.capture.sent[one.i] - ms);
    const nearest = list.reduce((best, one) => away(one) < away(best) ? one : best);
    this.select(nearest.i);
    this.ladder.node.scrollIntoView({ block: "center", behavior: "smooth" });
  }

  select(i) {
    this.selected = i;
    const { from, to } = this.window, at = this.capture.sent[i];
    const edge = (to - from) * 0.06;
    if (at < from + edge || at > to - edge) this.move(at - (to - from) / 2);
    this.showDetails();
    this.table.follow();
    this.drawSoon();
  }

  /* The n-th packet after or before the selected one, among those shown. */
  advance(n) {
    const { chosen, capture } = this;
    if (!chosen.length) return;
    let at = chosen.indexOf(this.selected);
    if (at < 0) at = capture.firstAt(chosen, this.window.from) - (n > 0 ? 1 : 0);
    this.select(chosen[Math.min(Math.max(at + n, 0), chosen.length - 1)]);
  }

  key(event) {
    const span = this.window.to - this.window.from, last = this.chosen.length;
    const actions = {
      ArrowDown: () => this.advance(1), ArrowUp: () => this.advance(-1),
      j: () => this.advance(1), k: () => this.advance(-1),
      Home: () => this.advance(-last), End: () => this.advance(last),
      PageDown: () => this.move(this.window.from + span * 0.8),
      PageUp: () => this.move(this.window.from - span * 0.8),
      "+": () => this.zoom(0.625), "=": () => this.zoom(0.625),
      "-": () => this.zoom(1.6), 0: () => this.fit(),
      Escape: () => { this.selected = -1; this.showDetails(); this.drawSoon(); },
    };
    if (!actions[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    actions[event.key]();
  }

  drawAll() {
    this.ladder.draw();
    this.overview.draw();
    this.table.draw();
    for (const watcher of this.watchers) watcher();
  }

  /* ---- Words --------------------------------------------------------------- */

  say(text) {
    this.status.textContent = this.chosen.length
      ? text : "no packet passes the filter";
  }

  tell(i, count) {
    if (count > 1)
      return [el("b", null, plural(count, "packet")), el("p", null,
        `from ${milliseconds(this.capture.sent[i])} on`)];
    return [el("b", null, `#${this.capture.number(i)} ${this.capture.text(i)}`),
      fieldList(this.capture.fields(i))];
  }

  showDetails() {
    const { capture, selected } = this;
    this.details.replaceChildren(...(selected < 0
      ? [el("p", { class: "hint" }, "Point at an arrow, or choose it, to see"
          + " the packet. With the keyboard: arrows, + and −, page up and down,"
          + " 0 for everything.")]
      : [el("h4", null, `#${capture.number(selected)} ${capture.text(selected)}`),
        fieldList(capture.fields(selected)),
        el("code", { class: "frame-number" },
          `frame.number == ${capture.number(selected)}`)]));
  }
}

function fieldList(fields) {
  return el("dl", null, fields.map(([name, value]) =>
    [el("dt", null, name), el("dd", null, value)]));
}
