/* The whole test as a strip: how many packets when, where some were lost, where
 * the test failed, and which stretch of it the ladder shows. */

const STRIP = { height: 46, bar: 3 };

class Overview {
  constructor(wire) {
    this.wire = wire;
    this.svg = svg("svg", { class: "strip", height: STRIP.height, role: "img",
      "aria-label": "the whole test; the framed stretch is what the ladder shows" });
    this.node = el("div", { class: "strip-frame" }, this.svg);
    this.svg.addEventListener("pointerdown", (event) => this.grab(event));
    onWidth(this.node, (width) => {
      this.width = width;
      this.draw();
    });
  }

  draw() {
    if (!this.width) return;
    const { capture, steps } = this.wire;
    this.x = scale(capture.start, capture.end, 2, this.width - 2);
    const failed = steps.find((step) => step.failed);
    const moment = failed && failed.t_ms + (failed.waited || 0);
    const at = failed && this.x.at(Math.min(Math.max(moment, capture.start),
      capture.end));
    this.frame = svg("rect", { class: "frame", y: 1, height: STRIP.height - 2 });
    this.svg.replaceChildren(
      svg("path", { class: "bars", d: this.bars(false) }),
      svg("path", { class: "losses", d: this.bars(true) }),
      failed ? svg("line", { class: "failed", x1: at, x2: at, y1: 0,
        y2: STRIP.height }) : "",
      this.frame);
    this.showWindow();
  }

  /* Packets upwards, lost ones downwards. */
  bars(lost) {
    const { capture, chosen } = this.wire;
    const bins = new Float64Array(Math.ceil(this.width / STRIP.bar) + 1);
    let most = 0;
    for (const i of chosen) {
      const bin = Math.floor(this.x.at(capture.sent[i]) / STRIP.bar);
      if (lost && !capture.isLost(i)) continue;
      most = Math.max(most, ++bins[Math.max(0, bin)]);
    }
    const base = STRIP.height * 0.7, room = lost ? STRIP.height * 0.24 : base - 4;
    let path = "";
    bins.forEach((count, bin) => {
      if (!count) return;
      const length = Math.max(2, room * Math.sqrt(count / most));
      path += `M${bin * STRIP.bar} ${base}v${lost ? length : -length}`;
    });
    return path;
  }

  showWindow() {
    if (!this.frame) return;
    const { from, to } = this.wire.window;
    const x = Math.max(1, this.x.at(from));
    this.frame.setAttribute("x", x);
    this.frame.setAttribute("width",
      Math.max(4, Math.min(this.width - 1, this.x.at(to)) - x));
  }

  /* Puts the window's middle under the pointer, and moves it along. */
  grab(event) {
    event.preventDefault();
    const box = this.svg.getBoundingClientRect();
    const centre = (now) => {
      const { from, to } = this.wire.window;
      this.wire.move(this.x.of(now.clientX - box.left) - (to - from) / 2);
    };
    const up = () => {
      removeEventListener("pointermove", centre);
      removeEventListener("pointerup", up);
    };
    addEventListener("pointermove", centre);
    addEventListener("pointerup", up);
    centre(event);
  }
}
