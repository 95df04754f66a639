/* Elements and words.  Whatever comes from a program under test becomes a text
 * node here, or the value of an attribute that is only shown; never markup. */

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(3).filter((child) => child || child === 0));
  return node;
}

/* el("p", {class: "note"}, "text", el("b", null, "bold")) */
function el(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function svg(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/* With what a terminal would obey, or what turns the writing around, shown
 * instead: for words that stand in a line with words of ours. */
function visible(text) {
  return text.replace(/[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (c) => (c < " " ? String.fromCharCode(0x2400 + c.charCodeAt(0)) : "\ufffd"));
}

function section(title, ...content) {
  const kept = content.flat().filter(Boolean);
  return kept.length ? el("section", null, el("h3", null, title), kept) : null;
}

/* "2026-11-23T10:15:02Z", for people. */
function moment(rfc3339) {
  return visible(rfc3339 || "").replace("T", " ").replace(/Z$/, " UTC");
}

/* "1 234": thin spaces, so that digits stand in groups in any language. */
function grouped(number) {
  return String(number).replace(/\B(?=(\d{3})+(?!\d))/g, "\u2009");
}

function plural(count, noun) {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/* "0.31 ms", "42.5 ms", "1 204.0 ms": a moment or duration within a test. */
function milliseconds(ms) {
  const digits = Math.abs(ms) < 10 ? 2 : 1;
  const [whole, part] = ms.toFixed(digits).split(".");
  return `${grouped(whole)}.${part} ms`;
}

/* "240 ms", "3.1 s": how long something took. */
function duration(ms) {
  return ms < 999.5 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function size(bytes) {
  if (bytes < 10000) return `${grouped(bytes)} bytes`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/* Up to four significant digits, for an axis or a legend. */
function figure(value) {
  if (value === null || !Number.isFinite(value)) return "–";
  return Math.abs(value) >= 10000 ? grouped(Math.round(value))
    : String(Number(value.toPrecision(4)));
}

/* Calls `draw` whenever the width of `node` changes, and at first. */
function onWidth(node, draw) {
  let width = 0;
  new ResizeObserver(() => {
    if (node.clientWidth === width || node.clientWidth === 0) return;
    width = node.clientWidth;
    draw(width);
  }).observe(node);
}

/* At most once a frame, however often it is asked for. */
function eachFrame(draw) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  };
}

/* A command to be copied.  On a page from a disk the clipboard may be out of
 * reach: then the text is selected instead. */
function command(text) {
  const code = el("code", null, text);
  const button = el("button", {
    type: "button", class: "copy",
    onclick: async () => {
      getSelection().selectAllChildren(code);
      const copied = await navigator.clipboard?.writeText(text).then(
        () => true, () => false);
      button.textContent = copied ? "copied" : "selected";
      setTimeout(() => { button.textContent = "copy"; }, 1500);
    },
  }, "copy");
  return el("div", { class: "command" }, code, button);
}
