/* The class in a few figures: what it fails first of all, how the scores are
 * spread, what was slow, what was not steady. */

const SHOWN_TESTS = 6, SHOWN_LINES = 5;

function share(part, whole) {
  const inner = el("div");
  inner.style.width = `${whole ? 100 * part / whole : 0}%`;
  return el("div", { class: "bar", "aria-hidden": "true" }, inner);
}

/* ---- What the class fails ---------------------------------------------------- */

function hardTest(model, test, choose) {
  const [text, times] = model.commonest(test);
  const { fail, blocked } = test.count;
  return el("li", null,
    el("div", { class: "hard" },
      el("button", { type: "button", class: "show", onclick: () => choose(test, "fail"),
        title: "show who fails it" },
      el("span", { class: "sign fail", "aria-hidden": "true" }, SIGNS.fail), " ",
      visible(test.title || test.id)),
      share(fail, test.reached),
      el("span", { class: "share" }, el("b", null, percent(test.failing)),
        ` ${grouped(fail)} of ${grouped(test.reached)}`,
        blocked ? `; ${grouped(blocked)} blocked before it` : "")),
    el("p", { class: "commonest" }, el("code", null, visible(test.id)),
      test.hidden && ` hidden${test.category ? `: ${visible(test.category)}` : ""}`,
      text && [" ", el("b", null, times > 1 ? `${grouped(times)} are told:` : "one is told:"),
        ` ${visible(text.split("\n")[0])}`]));
}

function hardest(model, choose) {
  const tests = model.hardest();
  if (!model.students.length) return null;
  if (!tests.length)
    return section("What the class fails", el("p", null, model.built.length
      ? "No test failed." : "Nothing could be run."));
  const list = (some) => el("ol", { class: "hardest" },
    some.map((test) => hardTest(model, test, choose)));
  return section("What the class fails, of those whose tests got that far",
    list(tests.slice(0, SHOWN_TESTS)),
    tests.length > SHOWN_TESTS && el("details", null,
      el("summary", null, `${plural(tests.length - SHOWN_TESTS, "more test")} that some fail`),
      list(tests.slice(SHOWN_TESTS))));
}

/* ---- Scores ------------------------------------------------------------------ */

/* None, ten tenths, all: a full score is no part of the last tenth. */
function histogram(model) {
  const bins = Array.from({ length: 11 }, () => 0);
  for (const student of model.judged) {
    const part = student.max ? student.points / student.max : 0;
    bins[part >= 1 ? 10 : Math.floor(part * 10)]++;
  }
  return bins;
}

function scores(model) {
  if (!model.judged.length) return null;
  const bins = histogram(model), most = Math.max(...bins);
  const name = (i) => (i === 10 ? "all" : `${i * 10}–${i * 10 + 9}`);
  const bars = bins.map((count, i) => {
    const bar = el("div", { class: "column-bar" });
    bar.style.height = `${most ? Math.round(110 * count / most) : 0}px`;
    return el("li", null, el("span", { class: "number" }, count ? grouped(count) : ""), bar,
      el("span", { class: "range" }, name(i)), el("span", { class: "hidden" },
        `: ${plural(count, "student")}`));
  });
  return section("Scores, in percent", el("ul", { class: "histogram" }, bars));
}

/* ---- Slow, unsteady, unjudged ------------------------------------------------ */

function slowest(model, choose) {
  const timed = model.tests.filter((test) => test.median_ms !== undefined)
    .sort((a, b) => b.median_ms - a.median_ms).slice(0, SHOWN_LINES);
  const students = model.students.filter((student) => student.ms)
    .sort((a, b) => b.ms - a.ms).slice(0, SHOWN_LINES);
  if (!timed.length) return null;
  return section("Slowest",
    el("table", { class: "small" },
      el("tr", null, ["test", "median", "longest", "of"].map((name) =>
        el("th", { scope: "col" }, name))),
      timed.map((test) => el("tr", null,
        el("td", null, el("button", { type: "button", class: "show",
          onclick: () => choose(test, "") }, shortName(test.id))),
        el("td", { class: "number" }, duration(test.median_ms)),
        el("td", { class: "number" }, duration(test.most_ms)),
        el("td", { class: "who" }, visible(model.students[test.slowest].id))))),
    el("p", { class: "facts" }, "All tests of one student: ", students.map((student, i) => [
      i ? ", " : "", `${visible(student.id)} ${duration(student.ms)}`])));
}

/* A line for each test with such verdicts, those of most students first. */
function unsteady(model, title, verdict, none, choose) {
  const tests = model.tests.filter((test) => test.count[verdict])
    .sort((a, b) => b.count[verdict] - a.count[verdict]);
  const list = (some) => el("ul", { class: "plain" }, some.map((test) =>
    el("li", null, el("button", { type: "button", class: "show",
      onclick: () => choose(test, verdict) }, shortName(test.id)),
    ` ${plural(test.count[verdict], "student")}`)));
  const rest = tests.slice(SHOWN_LINES);
  return section(title, tests.length ? list(tests.slice(0, SHOWN_LINES))
    : el("p", { class: "facts" }, none),
  rest.length > 0 && el("details", null, el("summary", null, plural(rest.length, "more test")),
    list(rest)));
}

function figures(model, choose) {
  return [hardest(model, choose),
    model.students.length ? el("div", { class: "abreast" }, scores(model),
      slowest(model, choose),
      unsteady(model, "Flaky", "flaky", "No test is.", choose),
      unsteady(model, "Not judged (infra)", "infra", "All could be.", choose)) : null];
}

/* ---- The head ---------------------------------------------------------------- */

/* "✗ 12 do not compile", only if there are some. */
function remark(count, sign, kind, text) {
  return count ? el("span", { class: `badge ${kind}` },
    el("span", { "aria-hidden": "true" }, sign), ` ${grouped(count)} ${text}`) : null;
}

function head(model) {
  const { students, judged } = model;
  const of = (state) => students.filter((student) => student.state === state).length;
  const max = Math.max(0, ...students.map((student) => student.max));
  const full = students.filter((one) => one.max && one.points >= one.max).length;
  const middle = judged.length ? `, median ${median(judged.map((one) => one.points))} of ${max} points` : "";
  const unjudged = students.filter((one) => one.judged < one.max
    && one.state !== "nothing").length;
  return el("header", { class: "test-head" },
    el("p", { class: "facts" }, [`lab ${visible(model.lab || "")}`, visible(model.title || ""),
      model.world && `world ${model.world}`, model.shard && `shard ${model.shard}`,
      `wirelab ${visible(model.wirelab || "")}`, "for the instructor"].filter(Boolean).join(" · ")),
    el("h2", { tabindex: -1 }, students.length
      ? `${plural(students.length, "student")}${middle}` : "No student was graded"),
    el("p", { class: "verdicts" },
      remark(full, SIGNS.pass, "pass", `with all points`),
      remark(of("broken"), SIGNS.fail, "fail", `${of("broken") === 1 ? "does" : "do"} not compile`),
      remark(of("nothing"), SIGNS.skip, "blocked", "with nothing to judge"),
      remark(unjudged, SIGNS.infra, "infra", "not judged in every test, at no loss of points")));
}
