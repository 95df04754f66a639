/* A plot of figures over time: lines, steps or marks, an axis each way, and a
 * rule under the pointer that tells the values there. */

const PLOT = { height: 190, top: 12, bottom: 26, left: 62, right: 14 };

class Plot {
  /* series: [{name, kind: "line" | "step" | "bars" | "dots" | "crosses",
   * points: [[t, value or null, top of a bar], …]}] in the order of time. */
  constructor({ title, unit, series, label, window, choose, tall }) {
    Object.assign(this, { title, unit, series, window, choose });
    this.height = tall ? 320 : PLOT.height;
    this.svg = svg("svg", { class: "plot", height: this.height, role: "img",
      "aria-label": label || this.describe() });
    this.values = el("p", { class: "values" });
    this.node = el("figure", null,
      el("figcaption", null, el("b", null, title), unit ? ` ${unit}` : "",
        this.legend()),
      this.svg, this.values);
    this.svg.addEventListener("pointermove", (event) => this.hover(event));
    this.svg.addEventListener("pointerleave", () => this.unhover());
    this.svg.addEventListener("click", (event) => this.press(event));
    onWidth(this.node, (width) => {
      this.width = width;
      this.draw();
    });
  }

  describe() {
    return `${this.title}: ${this.series.map((one) => {
      const values = one.points.map((point) => point[1]).filter((v) => v !== null);
      return `${one.name} from ${figure(Math.min(...values))} to ${
        figure(Math.max(...values))} ${this.unit}`;
    }).join("; ")}`;
  }

  legend() {
    if (this.series.length < 2) return "";
    return el("span", { class: "legend" }, this.series.map((one, i) =>
      el("span", { class: "sample" },
        el("i", { class: `swatch ${one.kind} s${i}` }), one.name)));
  }

  /* The extent in both directions, of what is to be seen. */
  extent() {
    const window = this.window && this.window();
    let low = Infinity, high = -Infinity, start = Infinity, end = -Infinity;
    for (const { points } of this.series) {
      for (const [t, value, top] of points) {
        start = Math.min(start, t);
        end = Math.max(end, t);
        if (value === null || (window && (t < window.from || t > window.to)))
          continue;
        low = Math.min(low, value);
        high = Math.max(high, top === undefined ? value : top);
      }
    }
    if (!(low <= high)) [low, high] = [0, 1];
    if (low > 0 && low < high * 0.6) low = 0; /* most figures begin at none */
    if (low === high) high = low + 1;
    return { low, high, start: window ? window.from : start,
      end: window ? window.to : end };
  }

  draw() {
    if (!this.width) return;
    const { low, high, start, end } = this.extent();
    this.x = scale(start, end, PLOT.left, this.width - PLOT.right);
    this.y = scale(low, high + (high - low) * 0.05, this.height - PLOT.bottom,
      PLOT.top);
    this.rule = svg("line", { class: "rule", y1: PLOT.top,
      y2: this.height - PLOT.bottom, visibility: "hidden" });
    this.svg.replaceChildren(this.drawAxes(),
      svg("g", { class: "series" }, this.series.map((one, i) =>
        svg("path", { class: `${one.kind} s${i}`, d: this.path(one) }))),
      this.rule);
  }

  drawAxes() {
    const down = ticks(this.y.low, this.y.high, this.height / 45);
    const along = ticks(this.x.low, this.x.high, this.width / 110);
    const base = this.height - PLOT.bottom;
    return svg("g", { class: "axes" },
      down.values.map((value) => [
        svg("line", { x1: PLOT.left, x2: this.width - PLOT.right,
          y1: this.y.at(value), y2: this.y.at(value) }),
        svg("text", { x: PLOT.left - 8, y: this.y.at(value) + 4,
          "text-anchor": "end" }, tickText(value, down.step))]),
      along.values.map((value) => svg("text", { x: this.x.at(value),
        y: base + 18, "text-anchor": "middle" }, tickText(value, along.step))),
      svg("text", { x: 4, y: base + 18, class: "unit" }, "ms"));
  }

  /* Only what is in sight, and of many points in one pixel no more than drawing
   * them all would show. */
  path({ kind, points }) {
    const draw = { line: "L", step: "S", bars: "B", dots: "D", crosses: "X" }[kind];
    let path = "", before = null, last = "";
    for (const [t, value, top] of points) {
      if (value === null) {
        before = null;
        continue;
      }
      const x = this.x.at(t), y = this.y.at(value);
      if (x < PLOT.left - 1 || x > this.width - PLOT.right + 1) {
        before = x < PLOT.left ? { x: PLOT.left, y } : null;
        continue;
      }
      const at = `${x.toFixed(1)} ${y.toFixed(1)}`;
      if (at === last) continue;
      last = at;
      if (draw === "B") path += `M${at}V${Math.min(y - 2, this.y.at(top)).toFixed(1)}`;
      else if (draw === "D") path += `M${at}h0.01`;
      else if (draw === "X") path += `M${x - 4} ${y - 4}l8 8m0 -8l-8 8`;
      else if (!before) path += `M${at}`;
      else path += draw === "S" ? `H${x.toFixed(1)}V${y.toFixed(1)}` : `L${at}`;
      before = { x, y };
    }
    return path;
  }

  /* ---- Pointer ------------------------------------------------------------- */

  timeAt(event) {
    return this.x.of(event.clientX - this.svg.getBoundingClientRect().left);
  }

  hover(event) {
    if (!this.x) return;
    const t = this.timeAt(event), x = this.x.at(t);
    this.rule.setAttribute("x1", x);
    this.rule.setAttribute("x2", x);
    this.rule.setAttribute("visibility", "visible");
    this.values.textContent = `${milliseconds(t)}: ${this.series.map((one) =>
      `${this.series.length > 1 ? `${one.name} ` : ""}${
        figure(valueAt(one.points, t))}`).join(", ")} ${this.unit}`;
  }

  unhover() {
    this.rule?.setAttribute("visibility", "hidden");
    this.values.textContent = "";
  }

  press(event) {
    if (this.choose && this.x) this.choose(this.timeAt(event));
  }
}

/* The newest value at a time. */
function valueAt(points, t) {
  let low = 0, high = points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle][0] <= t) low = middle + 1;
    else high = middle;
  }
  return low > 0 ? points[low - 1][1] : null;
}

/* Series that a test recorded, those that share a name before a colon in one
 * plot; their times count from the start of the net, as packets' do. */
function recordedPlots(recorded, clockMs, window, choose) {
  const groups = new Map();
  for (const one of recorded) {
    const title = one.name.split(":")[0];
    const key = `${title} ${one.unit}`;
    if (!groups.has(key)) groups.set(key, { title, unit: one.unit, series: [] });
    groups.get(key).series.push({
      name: one.name.slice(title.length + 1).trim() || title,
      kind: "line",
      points: one.points.map(([t, value]) => [t + clockMs, value])
        .sort((a, b) => a[0] - b[0]) });
  }
  return [...groups.values()].map((group) =>
    new Plot({ ...group, window, choose }));
}
