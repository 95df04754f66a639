/* How a verdict is shown: by a sign, a word and a colour, so that none of them
 * is needed. */

const SIGNS = { pass: "✓", fail: "✗", skip: "–", blocked: "·", flaky: "≈", infra: "!" };
const NAMES = { pass: "passed", fail: "failed", skip: "skipped",
  blocked: "blocked", flaky: "flaky", infra: "not judged" };

/* "✗ failed", or of several "✗ 3 failed". */
function badge(verdict, count) {
  return el("span", { class: `badge ${verdict}` },
    el("span", { "aria-hidden": "true" }, SIGNS[verdict] || "?"), " ",
    count ? `${count} ` : "", NAMES[verdict] || verdict);
}
