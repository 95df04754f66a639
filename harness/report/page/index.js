/* The page: the list of checkpoints and tests, and beside it what is chosen.
 * The address's fragment names the test, so that it can be linked to. */

const data = JSON.parse(document.getElementById("data").textContent);
data.tests = data.tests || [];

function count(verdict) {
  return data.tests.filter((test) => test.verdict === verdict).length;
}

/* ---- The list ---------------------------------------------------------------- */

function testLink(test) {
  return el("li", null, el("a", { href: `#${test.id}`, class: test.verdict },
    el("span", { class: "sign", "aria-hidden": "true" }, SIGNS[test.verdict] || "?"),
    el("span", { class: "name" }, test.id.split(".").slice(2).join(".").replaceAll("_", " ")),
    el("span", { class: "hidden" }, NAMES[test.verdict])));
}

function checkpointList(checkpoint) {
  const tests = data.tests.filter((test) => test.checkpoint === checkpoint.number);
  return el("li", null,
    el("div", { class: "checkpoint" },
      el("span", null, `${checkpoint.number} ${checkpoint.title}`),
      el("span", { class: "points" }, `${checkpoint.points}/${checkpoint.max}`)),
    el("ul", null, tests.map(testLink)));
}

function sidebar() {
  const list = el("details", { class: "list" }, el("summary", null, "All tests"),
    el("ul", { class: "checkpoints" }, (data.checkpoints || []).map(checkpointList)));
  const wide = matchMedia("(min-width: 860px)");
  const open = () => { list.open = wide.matches; };
  wide.addEventListener("change", open);
  open();
  return el("nav", { "aria-label": "tests" },
    data.about?.back && el("a", { class: "back", href: data.about.back }, "← the class"),
    el("a", { class: "home", href: "#" }, `lab ${data.lab}`,
      el("span", null, data.about?.title || ""),
      data.about?.whose && el("span", null, visible(data.about.whose))), list);
}

/* ---- The first page ---------------------------------------------------------- */

function bar(checkpoint) {
  const share = checkpoint.max ? checkpoint.points / checkpoint.max : 0;
  const inner = el("div", { class: checkpoint.verdict });
  inner.style.width = `${share * 100}%`;
  return el("div", { class: "bar" }, inner);
}

function checkpointTable() {
  return el("table", { class: "summary" },
    (data.checkpoints || []).map((checkpoint) => el("tr", null,
      el("td", { class: "number" }, String(checkpoint.number)),
      el("td", null, checkpoint.title),
      el("td", { class: "wide" }, bar(checkpoint)),
      el("td", { class: "number" }, `${checkpoint.points}/${checkpoint.max}`),
      el("td", { class: "signs" }, data.tests
        .filter((test) => test.checkpoint === checkpoint.number)
        .map((test) => el("a", { href: `#${test.id}`, class: test.verdict,
          title: `${test.id}: ${NAMES[test.verdict]}`,
          "aria-label": `${test.id}: ${NAMES[test.verdict]}` },
        SIGNS[test.verdict] || "?"))))));
}

function failureList() {
  const told = data.tests.filter((test) => test.verdict === "fail");
  if (!told.length) return null;
  return section(told.length > 1 ? "What failed, in the order to mend it" : "What failed",
    el("ol", { class: "failures" }, told.map((test) => el("li", null,
      el("a", { href: `#${test.id}` }, test.title || test.id),
      el("p", null, (test.message || "").split("\n")[0])))));
}

function summary() {
  const score = data.score || {};
  const verdicts = Object.keys(NAMES).filter(count).map((verdict) =>
    badge(verdict, count(verdict)));
  const unjudged = score.max - score.judged;
  return el("article", { class: "story" },
    el("header", { class: "test-head" },
      el("p", { class: "facts" }, [moment(data.started), visible(data.about?.whose || data.impl || ""),
        `world ${data.world}, engine ${data.engine}`,
        duration(data.duration_ms)].filter(Boolean).join(" · ")),
      el("h2", { tabindex: -1 }, `${score.points} of ${score.max} points`),
      el("p", { class: "verdicts" }, verdicts)),
    data.interrupted && el("p", { class: "message infra" },
      "The check was interrupted; tests that had not ended are not judged."),
    unjudged > 0 && el("p", null,
      `${plural(unjudged, "point")} could not be judged here; they count neither way.`),
    section("Checkpoints", checkpointTable()), failureList(),
    section("Run", fieldList([["seed", data.seed], ["wirelab", data.wirelab]])));
}

/* ---- Going about ------------------------------------------------------------- */

const main = el("main", { id: "main" });

function show() {
  const id = decodeURIComponent(location.hash.slice(1));
  const test = data.tests.find((one) => one.id === id);
  main.replaceChildren(test ? story(test, data) : summary());
  for (const link of document.querySelectorAll("nav a"))
    link.toggleAttribute("data-here", link.getAttribute("href") === `#${id}`);
  document.querySelector("nav [data-here]")?.scrollIntoView({ block: "nearest" });
  scrollTo(0, 0);
}

/* Left and right go through the tests, unless they belong to a field. */
function turn(event) {
  if (!["ArrowLeft", "ArrowRight"].includes(event.key) || event.altKey
    || event.ctrlKey || event.metaKey
    || event.target.closest?.("input, select, [role=grid], .strip")) return;
  const at = data.tests.findIndex((test) => `#${test.id}` === location.hash);
  const next = data.tests[at + (event.key === "ArrowRight" ? 1 : -1)];
  location.hash = next ? next.id : "";
}

document.body.prepend(el("a", { class: "skip-link", href: "#main",
  onclick: (event) => { event.preventDefault(); main.querySelector("h2").focus(); } },
"to the content"), sidebar(), main);
addEventListener("hashchange", show);
addEventListener("keydown", turn);
/* Who opens the report of a single test wants to see that test. */
if (data.tests.length === 1 && !location.hash)
  history.replaceState(null, "", `#${data.tests[0].id}`);
show();
