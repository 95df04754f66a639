/* The packets of one test, out of the columns of the data.
 *
 * Times are milliseconds on the clock of the steps, which starts with the test.
 * A packet is an index here; its number, as in the capture file, is
 * first + index.  What the words say is read as the labs write them, the kind
 * first: "DATA 12", "DATA 1:1449 ack 1", "ACK 13 win 64 sack 15-17". */

const FATE = {
  DELIVERED: 1, LOST: 2, CUT: 4, OVERFLOW: 8, DUPLICATE: 16, CORRUPT: 32,
  REORDERED: 64, HELD: 128, IN_FLIGHT: 256, INTERNAL: 512, MARKED: 1024,
};
FATE.GONE = FATE.LOST | FATE.CUT | FATE.OVERFLOW | FATE.INTERNAL;
FATE.ODD = FATE.GONE | FATE.DUPLICATE | FATE.CORRUPT | FATE.REORDERED
  | FATE.HELD | FATE.MARKED;

const LOOK_AHEAD = 256; /* packets among which one may be overtaken */

class Capture {
  constructor(packets, clockMs, rows) {
    const n = packets.sent.length;
    this.count = n;
    this.total = packets.total;
    this.first = packets.first;
    this.damaged = packets.damaged;
    this.hosts = packets.hosts;
    this.flows = packets.flows;
    this.columns = packets;
    this.sent = new Float64Array(n);
    this.arrived = new Float64Array(n); /* NaN: it did not */
    this.from = new Int16Array(n);
    this.to = new Int16Array(n); /* -1: to all */
    this.unpack(packets, clockMs || 0);
    this.transit = this.usualTransits();
    this.overtaken = this.findOvertaken();
    this.again = this.findRepeats();
    this.focus = new Set((rows || []).filter((row) => row.focus)
      .map((row) => row.number - this.first)
      .filter((index) => index >= 0 && index < n));
    this.start = n ? this.sent[0] : 0;
    this.end = n ? this.lastMoment() : 1;
  }

  unpack(packets, clockMs) {
    let us = 0;
    for (let i = 0; i < this.count; i++) {
      us += packets.sent[i];
      this.sent[i] = clockMs + us / 1000;
      const took = packets.took[i];
      this.arrived[i] = took < 0 ? NaN : this.sent[i] + took / 1000;
      [this.from[i], this.to[i]] = packets.ways[packets.way[i]];
    }
  }

  lastMoment() {
    let last = this.sent[this.count - 1];
    for (const arrived of this.arrived) if (arrived > last) last = arrived;
    return Math.max(last, this.start + 1);
  }

  /* How long a packet usually takes, for each way: a lost one is drawn with
   * this slope. */
  usualTransits() {
    const times = this.columns.ways.map(() => []);
    for (let i = 0; i < this.count; i++) {
      const list = times[this.columns.way[i]];
      if (list.length < 500 && this.arrived[i] >= 0)
        list.push(this.arrived[i] - this.sent[i]);
    }
    return times.map((list) => {
      list.sort((a, b) => a - b);
      return list.length ? list[list.length >> 1] : 0;
    });
  }

  /* Packets of which one sent later on the same way arrived before. */
  findOvertaken() {
    const overtaken = new Uint8Array(this.count);
    const earliest = this.columns.ways.map(() => []); /* ends of later ones */
    for (let i = this.count - 1; i >= 0; i--) {
      const later = earliest[this.columns.way[i]];
      while (later.length && later[0].index > i + LOOK_AHEAD) later.shift();
      if (!(this.arrived[i] >= 0)) continue;
      /* The queue is sorted, the earliest arrival in front. */
      overtaken[i] = later.length && later[0].arrived < this.arrived[i] ? 1 : 0;
      while (later.length && later[later.length - 1].arrived >= this.arrived[i])
        later.pop();
      later.push({ index: i, arrived: this.arrived[i] });
    }
    return overtaken;
  }

  /* Packets that say what their sender has said before in the same words: data
   * sent again.  Acknowledgements repeat by nature. */
  findRepeats() {
    const again = new Uint8Array(this.count);
    const said = new Set();
    for (let i = 0; i < this.count; i++) {
      const data = /^(?:DATA|FIN|SYN|OPEN)\b[ 0-9:]*/.exec(this.text(i));
      if (!data || this.fate(i) & FATE.DUPLICATE) continue;
      const key = `${this.columns.way[i]} ${this.columns.flow[i]} ${data[0]}`;
      again[i] = said.has(key) ? 1 : 0;
      said.add(key);
    }
    return again;
  }

  number(i) { return this.first + i; }
  text(i) { return this.columns.text[i]; }
  fate(i) { return this.columns.fate[i]; }
  flow(i) { return this.columns.flow[i]; }
  way(i) { return this.columns.way[i]; }
  note(i) { return this.columns.notes[i] || ""; }
  isLost(i) { return (this.fate(i) & FATE.GONE) !== 0; }

  isOdd(i) {
    return (this.fate(i) & FATE.ODD) !== 0 || this.overtaken[i] === 1;
  }

  hostName(index) { return index < 0 ? "all" : this.hosts[index]; }

  /* When it arrived, or would have. */
  landing(i) {
    return this.arrived[i] >= 0 ? this.arrived[i]
      : this.sent[i] + this.transit[this.columns.way[i]];
  }

  /* What happened to it on the way, shortly: "lost: loss 5%". */
  mark(i) {
    const fate = this.fate(i), marks = [];
    if (fate & FATE.GONE) marks.push(this.note(i).split(/ seed |;/)[0] || "lost");
    if (fate & FATE.IN_FLIGHT) marks.push("still in flight");
    if (fate & FATE.DUPLICATE) marks.push(`copy of #${this.columns.copies[i]}`);
    if (fate & FATE.CORRUPT) marks.push("corrupted");
    if (fate & FATE.MARKED) marks.push("marked CE");
    if (fate & FATE.HELD) marks.push("held back");
    if (fate & FATE.REORDERED) marks.push("sent ahead");
    if (this.overtaken[i]) marks.push("overtaken");
    return marks.join(", ");
  }

  /* Indexes of the packets that a filter lets through. */
  select(filter) {
    const words = filter.words.toLowerCase();
    const chosen = [];
    for (let i = 0; i < this.count; i++) {
      if (filter.flow >= 0 && this.flow(i) !== filter.flow) continue;
      if (filter.odd && !this.isOdd(i) && !this.again[i]) continue;
      if (words && !this.searchable(i).includes(words)) continue;
      chosen.push(i);
    }
    return Uint32Array.from(chosen);
  }

  searchable(i) {
    return `#${this.number(i)} ${this.text(i)} ${this.mark(i)} ${
      this.again[i] ? "again " : ""}${this.columns.peeks[i] || ""}`.toLowerCase();
  }

  /* Position in `chosen` of the first packet sent at `ms` or later. */
  firstAt(chosen, ms) {
    let low = 0, high = chosen.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.sent[chosen[middle]] < ms) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /* What a reader may want to know of one packet: [name, value] pairs. */
  fields(i) {
    const c = this.columns;
    const fields = [
      ["sent", milliseconds(this.sent[i])],
      ["arrived", this.arrived[i] >= 0
        ? `${milliseconds(this.arrived[i])}, after ${
          milliseconds(this.arrived[i] - this.sent[i])}`
        : this.fate(i) & FATE.IN_FLIGHT ? "still in flight at the end" : "never"],
      ["from", this.hostName(this.from[i])],
      ["to", this.hostName(this.to[i])],
    ];
    if (c.flow[i] >= 0) fields.push(["flow", this.flows[c.flow[i]]]);
    fields.push(["length", `${size(c.bytes[i])}${
      c.data[i] ? `, of these ${size(c.data[i])} of payload` : ""}`]);
    if (c.flags && c.flags[i]) {
      fields.push(["TCP flags", tcpFlags(c.flags[i])]);
      fields.push(["window", `${grouped(c.window[i])} (unscaled)`]);
    }
    if (this.again[i]) fields.push(["again", "its sender has sent this before"]);
    if (this.mark(i)) fields.push(["fate", this.mark(i)]);
    if (c.notes[i]) fields.push(["why", c.notes[i]]);
    if (c.peeks[i]) fields.push(["payload", `“${c.peeks[i]}”`]);
    return fields;
  }
}

function tcpFlags(bits) {
  const names = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"];
  return names.filter((_, bit) => bits & (1 << bit)).join(" ");
}
