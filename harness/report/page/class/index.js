/* The page: figures, and below them the matrix with its filters and what is
 * told of the cell that one is at. */

const model = new Model(JSON.parse(document.getElementById("data").textContent));
const details = el("div", { class: "details-bar", "aria-live": "polite" });
const status = el("p", { class: "status", role: "status" });
const matrix = new Matrix(model, tell);

/* ---- Details ----------------------------------------------------------------- */

/* "3 h", "2 days": rounded up, as deadlines are. */
function lateness(seconds) {
  const hours = Math.ceil(seconds / 3600);
  return hours < 48 ? `${hours} h` : `${Math.ceil(hours / 24)} days`;
}

function changes(student) {
  if (!student.adjustments) return null;
  return el("ul", { class: "plain" }, student.adjustments.map((one) => el("li", null,
    `${one.points > 0 ? "+" : ""}${one.points} points, ${one.test ? visible(one.test) : one.kind}: ${
      visible(one.reason || "")}`)));
}

function ofStudent(student) {
  return [el("p", { class: "facts" }, [visible(student.email || ""), visible(student.file || ""),
    moment(student.submitted), student.ms && `${duration(student.ms)} of tests`]
    .filter(Boolean).join(" · ")),
  student.late && el("p", { class: "note" }, `Handed in ${lateness(student.late.by_s)} late`
    + (student.late.late_days ? `, for ${plural(student.late.late_days, "late day")}.` : ".")),
  student.before !== undefined && el("p", null, `${student.before} points before the policy.`),
  changes(student),
  (student.problems || []).map((text) => el("p", { class: "note" }, visible(text))),
  student.build && el("pre", { class: "message fail" }, visible(student.build))];
}

function ofTest(student, test) {
  const verdict = model.verdict(student, test.at);
  const text = model.text(student, test.at);
  return [el("p", null, NAMES[verdict] ? badge(verdict) : STATES[student.state], " ",
    el("b", null, visible(test.title || test.id)), " ", el("code", null, visible(test.id)),
    ` · ${model.points(student, test.at)} of ${test.max} points`),
  text && verdict !== "none" && el("p", { class: `message ${verdict}` }, visible(text))];
}

function tell(student, test) {
  details.replaceChildren(...(student ? [
    el("h4", null, student.report
      ? el("a", { href: reportOf(student, test) }, visible(student.id)) : visible(student.id),
    student.name && student.name !== student.id ? ` ${visible(student.name)}` : "",
    ` · ${student.points} of ${student.max} points`),
    test ? ofTest(student, test) : null,
    test && student.state === "built" ? null : ofStudent(student),
  ].flat(2).filter(Boolean) : []));
  return details;
}

/* ---- Filters ----------------------------------------------------------------- */

const words = el("input", { type: "search", placeholder: "id, name or e-mail",
  "aria-label": "students", oninput: eachFrame(choose) });
const verdicts = el("select", { "aria-label": "verdict", onchange: choose },
  el("option", { value: "" }, "everybody"),
  Object.keys(NAMES).map((verdict) => el("option", { value: verdict },
    `${SIGNS[verdict]} ${NAMES[verdict]}`)),
  ["broken", "nothing"].map((state) => el("option", { value: state }, STATES[state])));
const inTest = el("select", { "aria-label": "in test", onchange: choose },
  el("option", { value: "" }, "in any test"),
  model.tests.map((test, i) => el("option", { value: i }, visible(test.id))));

function choose() {
  const text = words.value.toLowerCase();
  const test = inTest.value === "" ? undefined : Number(inTest.value);
  matrix.filter((student) => (!verdicts.value || model.has(student, verdicts.value, test))
    && `${student.id} ${student.name || ""} ${student.email || ""}`.toLowerCase().includes(text));
  const count = matrix.shown.length;
  status.textContent = count === model.students.length ? `all ${plural(count, "student")}`
    : `${grouped(count)} of ${plural(model.students.length, "student")}`;
}

/* From a figure to those whom it is about. */
function showTest(test, verdict) {
  verdicts.value = verdict;
  inTest.value = String(test.at);
  words.value = "";
  choose();
  matrix.sort(FIRST_TEST + test.at, false);
  matrix.node.scrollIntoView({ block: "nearest" });
  matrix.focus((matrix.shown[0] || matrix.heads).cells[FIRST_TEST + test.at]);
}

/* ---- The whole --------------------------------------------------------------- */

function legend() {
  return el("p", { class: "legend" }, Object.keys(NAMES).map((verdict) =>
    el("span", { class: "sample" }, el("span", { class: `cell ${verdict}`,
      "aria-hidden": "true" }, SIGNS[verdict]), NAMES[verdict])),
  el("span", { class: "sample" }, el("span", { class: "cell none", "aria-hidden": "true" }),
    "never run"));
}

const main = el("main", { id: "main" }, head(model), figures(model, showTest),
  model.students.length > 0 && section("Students and tests",
    el("div", { class: "tools" }, words, verdicts, inTest, el("button", { type: "button",
      onclick: () => {
        words.value = verdicts.value = inTest.value = "";
        choose();
        matrix.sort(0, false);
      } }, "show all")),
    legend(), el("p", { class: "facts" }, "Above each column: how many percent fail, of those "
      + "whose tests got that far. Arrow keys go about; Enter sorts by a column or opens a report.",
    model.cut >= 0 && ` Messages are cut to ${model.cut} bytes here; reports have them whole.`),
    status, el("div", { class: "board" }, matrix.node, details)));
document.body.prepend(el("a", { class: "skip-link", href: "#main",
  onclick: (event) => { event.preventDefault(); main.querySelector("h2").focus(); } },
"to the content"), main);
choose();
