/* The time-sequence plot: which part of the stream was sent when, what of it
 * was sent again or lost, and how far the other side had acknowledged it.
 *
 * It reads the words of packets, so it draws TCP ("DATA 1:1449", bytes) and a
 * lab's own protocol ("DATA 12", its own numbers) alike. */

const FEWEST = 4; /* data packets in a plot worth drawing */

/* [first, end) of what a packet carries, or null. */
function carried(text) {
  const found = /^DATA (\d+)(?::(\d+))?/.exec(text);
  if (!found) return null;
  const first = Number(found[1]);
  return [first, found[2] === undefined ? first + 1 : Number(found[2])];
}

function acknowledged(text) {
  const found = /(?:^ACK| ack) (\d+)/.exec(text);
  return found ? Number(found[1]) : null;
}

/* For each flow and direction that carries data: its packets, and the
 * acknowledgements that came back. */
function streams(capture) {
  const found = new Map();
  for (let i = 0; i < capture.count; i++) {
    const part = carried(capture.text(i));
    if (!part || capture.fate(i) & FATE.DUPLICATE) continue;
    const key = `${capture.flow(i)} ${capture.way(i)}`;
    if (!found.has(key))
      found.set(key, { flow: capture.flow(i), way: capture.way(i),
        from: capture.from[i], to: capture.to[i], data: [] });
    found.get(key).data.push({ i, first: part[0], end: part[1] });
  }
  return [...found.values()].filter((stream) => stream.data.length >= FEWEST)
    .sort((a, b) => b.data.length - a.data.length);
}

/* Acknowledgements by when the sender of the data learnt them; they count only
 * up, whatever overtakes whom. */
function ackLine(capture, stream) {
  const acks = [];
  for (let i = 0; i < capture.count; i++) {
    if (capture.flow(i) !== stream.flow || capture.from[i] !== stream.to
      || !(capture.arrived[i] >= 0)) continue;
    const number = acknowledged(capture.text(i));
    if (number !== null) acks.push([capture.arrived[i], number]);
  }
  acks.sort((a, b) => a[0] - b[0]);
  let most = -Infinity;
  return acks.filter(([, number]) => {
    const up = number > most;
    most = Math.max(most, number);
    return up;
  });
}

/* A stream's numbers may begin anywhere, and wrap: those far off the rest are
 * of a damaged packet, and would flatten everything else. */
function plausible(data) {
  const ends = data.map((one) => one.end).sort((a, b) => a - b);
  const typical = ends[Math.floor(ends.length * 0.9)];
  return data.filter((one) => one.end <= typical * 3 + 100);
}

function sequencePlot(wire, stream) {
  const { capture } = wire;
  const data = plausible(stream.data);
  const point = (one) => [capture.sent[one.i], one.first, one.end];
  const series = [
    { name: "sent", kind: "bars", points: data.filter((one) =>
      !capture.again[one.i] && !capture.isLost(one.i)).map(point) },
    { name: "sent again", kind: "bars", points: data.filter((one) =>
      capture.again[one.i] && !capture.isLost(one.i)).map(point) },
    { name: "lost", kind: "crosses", points: data.filter((one) =>
      capture.isLost(one.i)).map(point) },
    { name: "acknowledged", kind: "step", points: ackLine(capture, stream) },
  ];
  const bytes = data.some((one) => one.end - one.first > 1);
  const plot = new Plot({
    title: "Time and sequence", tall: true,
    unit: bytes ? "(bytes of the stream)" : "(sequence numbers)",
    series,
    window: () => wire.plotWindow(),
    choose: (t) => wire.selectNear(t, data),
  });
  plot.svg.classList.add("sequence");
  return plot;
}

/* The plot with a choice of streams, or null if there is none to draw. */
function sequenceSection(wire) {
  const all = streams(wire.capture);
  if (!all.length) return null;
  const holder = el("div");
  let plot;
  const draw = (stream) => {
    plot = sequencePlot(wire, stream);
    holder.replaceChildren(plot.node);
  };
  const name = ({ flow, from, to }) => `${wire.capture.hostName(from)} → ${
    wire.capture.hostName(to)}${flow >= 0 ? `, ${wire.capture.flows[flow]}` : ""}`;
  const choice = el("select", { "aria-label": "stream",
    onchange: () => draw(all[Number(choice.value)]) },
  all.map((stream, i) => el("option", { value: i }, name(stream))));
  draw(all[0]);
  return { node: el("div", null, all.length > 1 && choice, holder),
    draw: () => plot.draw() };
}
