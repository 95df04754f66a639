/* The ladder diagram: hosts are columns, time runs down, a packet is an arrow
 * from when it was sent to when it arrived.
 *
 * Only what is in the visible stretch of time is drawn, so ten thousand packets
 * cost no more than a screenful.  When even that is more than a reader could
 * tell apart, packets are put together: one line for all that were sent on the
 * same way within a few pixels. */

const LADDER = {
  height: 520, top: 40, bottom: 14, left: 84, right: 40,
  narrowLeft: 52, narrowRight: 22,
  most: 500, /* arrows drawn one by one */
  bin: 4, /* pixels of time in one line, when there are more */
  labelGap: 13, /* pixels between two labels */
};

class Ladder {
  /* `wire` is what the parts of the section share; see wire.js. */
  constructor(wire) {
    this.wire = wire;
    this.capture = wire.capture;
    this.svg = svg("svg", {
      class: "ladder", tabindex: 0, role: "application", height: LADDER.height,
      "aria-label": `ladder diagram of ${plural(this.capture.count, "packet")}`
        + ` between ${this.capture.hosts.join(", ")}. Arrow keys choose a packet,`
        + " plus and minus zoom, page up and down move, 0 shows all",
    });
    this.tip = el("div", { class: "tip", hidden: true });
    this.node = el("div", { class: "ladder-frame" }, this.svg, this.tip);
    this.listen();
    onWidth(this.node, (width) => {
      this.width = width;
      this.draw();
    });
  }

  listen() {
    this.svg.addEventListener("pointermove", (event) => this.hover(event));
    this.svg.addEventListener("pointerleave", () => { this.tip.hidden = true; });
    this.svg.addEventListener("wheel", (event) => this.zoomBy(event),
      { passive: false });
    this.svg.addEventListener("pointerdown", (event) => this.drag(event));
    this.svg.addEventListener("keydown", (event) => this.wire.key(event));
  }

  /* ---- Where things are ------------------------------------------------- */

  laneX(host) {
    const narrow = this.width < 560;
    const left = narrow ? LADDER.narrowLeft : LADDER.left;
    const right = this.width - (narrow ? LADDER.narrowRight : LADDER.right);
    const lanes = this.capture.hosts.length;
    return lanes < 2 ? (left + right) / 2
      : left + ((right - left) * host) / (lanes - 1);
  }

  /* A packet to all goes to whoever stands farthest away. */
  targetX(i) {
    const { from, to, hosts } = this.capture;
    if (to[i] >= 0) return this.laneX(to[i]);
    return this.laneX(from[i] * 2 >= hosts.length ? 0 : hosts.length - 1);
  }

  /* The ends of a packet's arrow. */
  line(i) {
    const capture = this.capture;
    const x1 = this.laneX(capture.from[i]), y1 = this.y.at(capture.sent[i]);
    const x2 = this.targetX(i), y2 = this.y.at(capture.landing(i));
    const way = capture.isLost(i) ? 0.55
      : capture.fate(i) & FATE.IN_FLIGHT ? 0.85 : 1;
    return { x1, y1, x2: x1 + (x2 - x1) * way, y2: y1 + (y2 - y1) * way };
  }

  /* ---- Drawing ---------------------------------------------------------- */

  draw() {
    if (!this.width) return;
    const { from, to } = this.wire.window;
    this.y = scale(from, to, LADDER.top, LADDER.height - LADDER.bottom);
    this.shown = this.inView();
    this.labels = new Map();
    const many = this.shown.length > LADDER.most;
    this.svg.replaceChildren(
      this.drawClip(),
      svg("g", { class: "grid" }, this.drawTicks()),
      svg("g", { class: "steps" }, this.drawSteps()),
      svg("g", { class: "lanes" }, this.drawLanes()),
      svg("g", { "clip-path": "url(#ladder-clip)" },
        many ? this.drawHeaps() : this.drawArrows(),
        many ? null : this.drawPauses()));
    this.wire.say(many
      ? `${plural(this.shown.length, "packet")} in view: a line stands for all`
        + " sent within a few pixels; zoom in to tell them apart"
      : `${plural(this.shown.length, "packet")} in view`);
  }

  /* Packets of which some part of the arrow is in the window. */
  inView() {
    const { from, to } = this.wire.window, capture = this.capture;
    const chosen = this.wire.chosen;
    const slowest = Math.max(...capture.transit, 1) * 4;
    let at = capture.firstAt(chosen, from - slowest);
    const shown = [];
    for (; at < chosen.length && capture.sent[chosen[at]] <= to; at++) {
      if (capture.landing(chosen[at]) >= from) shown.push(chosen[at]);
    }
    return shown;
  }

  /* Arrows that began earlier must not cross the hosts' names. */
  drawClip() {
    return svg("clipPath", { id: "ladder-clip" }, svg("rect", { x: 0,
      y: LADDER.top - 18, width: this.width, height: LADDER.height }));
  }

  drawTicks() {
    const { step, values } = ticks(this.y.low, this.y.high, 9);
    const x2 = this.laneX(this.capture.hosts.length - 1);
    return values.map((value) => {
      const y = this.y.at(value);
      return [
        svg("line", { x1: this.laneX(0), x2, y1: y, y2: y }),
        svg("text", { x: this.laneX(0) - 12, y: y + 4, "text-anchor": "end" },
          tickText(value, step)),
      ];
    }).concat(svg("text", { x: this.laneX(0) - 12, y: 16, class: "unit",
      "text-anchor": "end" }, "ms"));
  }

  drawLanes() {
    const hosts = this.capture.hosts, last = hosts.length - 1;
    return hosts.map((name, host) => {
      const x = this.laneX(host);
      const anchor = host === 0 && last > 0 ? "start"
        : host === last && last > 0 ? "end" : "middle";
      const shift = { start: -8, end: 8, middle: 0 }[anchor];
      return [
        svg("line", { x1: x, x2: x, y1: LADDER.top - 8,
          y2: LADDER.height - LADDER.bottom }),
        svg("text", { x: x + shift, y: 16, "text-anchor": anchor }, name),
      ];
    });
  }

  /* What the test did meanwhile: a notch on the left lane, and a line through
   * all at which it failed, or began a wait that ended in failure. */
  drawSteps() {
    return this.wire.steps.map((step) => {
      const said = `${milliseconds(step.t_ms)}: ${step.text}`;
      if (!step.failed) return this.drawNotch(step.t_ms, said);
      if (!step.waited)
        return this.drawFailure(step.t_ms, said, "the test failed here");
      return [
        this.drawFailure(step.t_ms, said,
          `from here the test waited in vain, ${duration(step.waited)}`),
        this.drawFailure(step.t_ms + step.waited, this.wire.test.message,
          "the test gave up here")];
    });
  }

  isVisible(ms) { return ms >= this.y.low && ms <= this.y.high; }

  drawNotch(ms, said) {
    const x = this.laneX(0);
    return this.isVisible(ms) && svg("path", { class: "notch",
      d: `M${x - 9} ${this.y.at(ms)}l8 -4v8z` }, svg("title", null, said));
  }

  drawFailure(ms, said, label) {
    if (!this.isVisible(ms)) return null;
    const y = this.y.at(ms), right = this.laneX(this.capture.hosts.length - 1);
    return svg("g", { class: "failed" }, svg("title", null, said),
      svg("line", { x1: this.laneX(0) - 9, x2: right, y1: y, y2: y }),
      svg("text", { x: right - 4, y: y - 5, "text-anchor": "end" }, label));
  }

  drawArrows() {
    const group = svg("g", { class: "arrows" });
    const chosen = this.wire.selected;
    /* What matters most gets its label first, and is painted last. */
    const order = [...this.shown].sort((a, b) => this.weight(b) - this.weight(a));
    const drawn = order.map((i) => this.drawArrow(i, i === chosen));
    group.append(...drawn.reverse());
    return group;
  }

  weight(i) {
    return (i === this.wire.selected ? 8 : 0)
      + (this.capture.focus.has(i) ? 4 : 0)
      + (this.capture.isOdd(i) ? 2 : 0) + (this.capture.again[i] ? 1 : 0);
  }

  drawArrow(i, chosen) {
    const capture = this.capture, line = this.line(i);
    const classes = ["arrow", this.kindOf(i)];
    if (capture.again[i]) classes.push("again");
    if (chosen) classes.push("chosen");
    const focus = capture.focus.has(i);
    if (focus) classes.push("focus");
    return svg("g", { class: classes.join(" "), "data-index": i },
      svg("line", { class: "reach", ...line }),
      svg("line", { class: "shaft", ...line }),
      this.drawHead(i, line),
      focus && svg("circle", { class: "eye", cx: line.x1, cy: line.y1, r: 4 }),
      this.drawLabel(i, line));
  }

  kindOf(i) {
    const fate = this.capture.fate(i);
    if (fate & FATE.GONE) return "lost";
    if (fate & FATE.CORRUPT) return "corrupt";
    if (fate & FATE.DUPLICATE) return "copy";
    if (fate & (FATE.HELD | FATE.REORDERED) || this.capture.overtaken[i])
      return "displaced";
    if (fate & FATE.IN_FLIGHT) return "flying";
    return /^ACK\b/.test(this.capture.text(i)) || !this.capture.columns.data[i]
      ? "bare" : "data";
  }

  drawHead(i, { x1, y1, x2, y2 }) {
    if (this.capture.isLost(i))
      return svg("path", { class: "cross",
        d: `M${x2 - 6} ${y2 - 6}l12 12m0 -12l-12 12` });
    const angle = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI;
    return svg("path", { class: "head", d: "M0 0l-9 -4v8z",
      transform: `translate(${x2} ${y2}) rotate(${angle})` });
  }

  /* Above its arrow, a third of the way. */
  drawLabel(i, { x1, y1, x2, y2 }) {
    const lost = this.capture.isLost(i), across = x2 - x1;
    const share = lost ? 0.5 : 0.36;
    const x = x1 + across * share, y = y1 + (y2 - y1) * share;
    const lane = `${this.capture.way(i)}`;
    const taken = this.labels.get(lane) || [];
    const near = taken.find((other) => Math.abs(other.y - y) < LADDER.labelGap);
    if (near) return this.joinLabel(near, i);
    const label = { y, full: false, kind: this.kindOf(i) };
    taken.push(label);
    this.labels.set(lane, taken);
    let angle = (Math.atan2(y2 - y1, across) * 180) / Math.PI;
    if (across < 0) angle += 180;
    const mark = this.capture.mark(i);
    const rotate = `rotate(${angle} ${x} ${y})`;
    label.text = svg("text", { class: "words", x, y: y - 5,
      "text-anchor": "middle", transform: rotate }, this.words(i));
    const words = [label.text];
    if (lost && mark && this.width > 560)
      words.push(svg("text", { class: "words mark", x: x2 + (across < 0 ? -12 : 12),
        y: y2 + 4, "text-anchor": across < 0 ? "end" : "start" },
      shortened(mark, Math.abs(this.targetX(i) - x2) - 18)));
    return words;
  }

  /* How long it was between two packets that the test looked at: often that is
   * the very thing that is wrong. */
  drawPauses() {
    const { capture } = this;
    const focus = this.shown.filter((i) => capture.focus.has(i));
    return svg("g", { class: "pauses" }, focus.slice(1).map((i, k) => {
      const before = focus[k];
      const y1 = this.y.at(capture.sent[before]), y2 = this.y.at(capture.sent[i]);
      if (capture.way(i) !== capture.way(before) || y2 - y1 < 30) return null;
      const x = this.laneX(capture.from[i]);
      const right = this.targetX(i) > x;
      return svg("text", { x: x + (right ? 10 : -10), y: (y1 + y2) / 2 + 4,
        "text-anchor": right ? "start" : "end" },
      `↕ ${milliseconds(capture.sent[i] - capture.sent[before])}`);
    }));
  }

  /* Where there is no room for a label of its own, the one that is there speaks
   * for this packet, too. */
  joinLabel(label, i) {
    if (label.kind !== this.kindOf(i)) return null; /* what is lost stands alone */
    const text = `${label.text.textContent}, ${this.words(i)}`;
    const room = Math.abs(this.laneX(0) - this.laneX(1)) / 16;
    if (text.length > room && !label.full) label.text.append(" …");
    label.full = label.full || text.length > room;
    if (!label.full) label.text.textContent = text;
    return null;
  }

  words(i) {
    const mark = this.capture.isLost(i) ? "" : this.capture.mark(i);
    return this.capture.text(i) + (mark ? ` (${mark})` : "")
      + (this.capture.again[i] ? " again" : "");
  }

  /* ---- Too many to tell apart --------------------------------------------- */

  /* One line for all packets of a way and fate within a few pixels. */
  heaps() {
    const heaps = new Map();
    for (const i of this.shown) {
      const bin = Math.floor(this.y.at(this.capture.sent[i]) / LADDER.bin);
      const key = `${this.capture.way(i)} ${bin} ${this.capture.isLost(i)}`;
      const heap = heaps.get(key);
      if (heap) heap.count++;
      else heaps.set(key, { first: i, count: 1 });
    }
    return [...heaps.values()];
  }

  drawHeaps() {
    const heaps = this.heaps();
    const most = Math.max(...heaps.map((heap) => heap.count));
    return svg("g", { class: "arrows heaps" }, heaps.map((heap) => {
      const line = this.line(heap.first);
      const kind = this.kindOf(heap.first);
      const opacity = 0.25 + 0.6 * (heap.count / most);
      return svg("g", { class: `arrow ${kind === "lost" ? kind : "data"}`,
        "data-index": heap.first, "data-count": heap.count, opacity },
      svg("line", { class: "reach", ...line }),
      svg("line", { class: "shaft", ...line }),
      kind === "lost" && this.drawHead(heap.first, line));
    }));
  }

  /* ---- Pointer ------------------------------------------------------------ */

  arrowAt(event) {
    const group = event.target.closest?.(".arrow");
    return group ? { index: Number(group.dataset.index),
      count: Number(group.dataset.count || 1) } : null;
  }

  hover(event) {
    const arrow = this.arrowAt(event);
    this.tip.hidden = !arrow;
    if (!arrow) return;
    this.tip.replaceChildren(...this.wire.tell(arrow.index, arrow.count));
    const box = this.node.getBoundingClientRect();
    const x = event.clientX - box.left, y = event.clientY - box.top;
    const left = Math.min(x + 16, this.width - this.tip.offsetWidth - 4);
    this.tip.style.left = `${Math.max(4, left)}px`;
    const below = y + 18 + this.tip.offsetHeight < LADDER.height;
    this.tip.style.top = `${below ? y + 18 : y - 12 - this.tip.offsetHeight}px`;
  }

  zoomBy(event) {
    if (!event.ctrlKey && !event.metaKey) return; /* the page scrolls */
    event.preventDefault();
    const y = event.clientY - this.svg.getBoundingClientRect().top;
    this.wire.zoom(event.deltaY < 0 ? 0.8 : 1.25, this.y.of(y));
  }

  /* A press chooses; a press that moves drags time along. */
  drag(event) {
    if (event.button !== 0) return;
    const arrow = this.arrowAt(event);
    const start = event.clientY, { from, to } = this.wire.window;
    const perPixel = (to - from) / (this.y.to - this.y.from);
    let moved = false;
    const move = (now) => {
      if (now.pointerType === "touch") return; /* scrolls the page */
      moved = moved || Math.abs(now.clientY - start) > 4;
      if (moved) this.wire.move(from - (now.clientY - start) * perPixel);
    };
    const up = () => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", up);
      removeEventListener("pointercancel", up);
      if (!moved && arrow) this.wire.select(arrow.index);
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", up);
    addEventListener("pointercancel", up);
  }
}

/* What fits into so many pixels; a filter's text and the direction, which the
 * arrow shows, are the first to go. */
function shortened(text, pixels) {
  const room = Math.floor(pixels / 6.9);
  const short = text.length <= room ? text
    : text.replace(/( of)? "[^"]*"/g, "").replace(/ \S+->\S+$/, "");
  return short.length > room ? `${short.slice(0, Math.max(4, room - 1))}…` : short;
}
