/* Pairs of submissions, the most alike first.  What they have in common is shown
 * side by side when a pair is opened, and not drawn before. */

const found = JSON.parse(document.getElementById("data").textContent);

/* Lines `from` to `to` of a file, numbered. */
function excerpt(file, from, to) {
  const lines = file.text.split("\n").slice(from - 1, to);
  const width = String(to).length;
  return el("pre", { class: "code", tabindex: 0 }, lines.map((line, i) => [
    el("span", { class: "at" }, `${String(from + i).padStart(width)}  `), `${visible(line)}\n`]));
}

/* One side of a run: it may go over the end of a file. */
function side(text, spans) {
  return el("div", null, spans.map(([file, from, to]) => [
    el("h4", null, `${visible(text.id)}: ${visible(text.files[file].name)}, ${
      from === to ? `line ${from}` : `lines ${from} to ${to}`}`),
    excerpt(text.files[file], from, to)]));
}

function runs(pair) {
  const [a, b] = [found.texts[pair.a], found.texts[pair.b]];
  if (!a.files || !b.files) {
    return [el("p", { class: "note" }, "The code of this pair is left out, or this page would "
      + "be too large: a higher --threshold has fewer pairs.")];
  }
  return pair.runs.map((run) => el("div", { class: "run" }, side(a, run.a), side(b, run.b)));
}

function drawPair(pair) {
  const [a, b] = [found.texts[pair.a].id, found.texts[pair.b].id].map(visible);
  const body = el("div", null);
  return el("li", null, el("details", {
    class: "pair",
    ontoggle: (event) => {
      if (event.target.open && !body.hasChildNodes()) body.append(...runs(pair));
    },
  }, el("summary", null,
    el("span", { class: "share" }, `${pair.percent} %`),
    el("div", { class: "bar", "aria-hidden": "true" }, el("div")),
    el("span", { class: "who" }, el("b", null, a), " and ", el("b", null, b),
      el("span", { class: "both" }, ` · ${pair.a_percent} % of ${a}'s ${
        plural(pair.a_own, "token")}, ${pair.b_percent} % of ${b}'s ${
        plural(pair.b_own, "token")}`))), body));
}

function leftOut() {
  return section("Not compared", found.left_out.length > 0
    && el("ul", null, found.left_out.map((one) => el("li", null,
      el("b", null, visible(one.id)), `: ${visible(one.why)}`))));
}

const pairs = found.pairs.map(drawPair);
pairs.forEach((node, i) => {
  node.querySelector(".bar div").style.width = `${found.pairs[i].percent}%`;
});
document.body.append(el("main", null,
  el("h2", null, `Alike in lab ${found.lab}, ${visible(found.title)}`),
  el("p", { class: "lead" }, `${plural(found.pairs.length, "pair")} of ${
    plural(found.compared, "submission")} share at least ${found.threshold} % of what one of them `
    + "has written beyond the skeleton. Layout, comments, names and the contents of strings "
    + "and numbers do not count. This is where to look, and no proof of anything: "
    + "read the code, and ask."),
  pairs.length ? section("Pairs", el("ul", { class: "pairs" }, pairs))
    : el("p", { class: "note" }, "No pair is that much alike."),
  leftOut()));
