/* One test, told in the order in which a reader asks: what went wrong, why,
 * what happened on the wire, what the test did, what the programs were doing,
 * how to see it again. */

function fileOf(test, key) {
  const { root, [key]: file } = test.evidence || {};
  return file ? (root ? `${root}/${file}` : file) : "";
}

/* "RFC 6298 section 5.5" and "README.md#closing" become links. */
function reading(see, about) {
  const rfc = /^RFC (\d+)(?: section ([\d.]+))?/.exec(see);
  if (rfc)
    return el("a", { href: `https://www.rfc-editor.org/rfc/rfc${rfc[1]}${
      rfc[2] ? `#section-${rfc[2]}` : ""}` }, see);
  if (/^[\w-]+\.md(#[\w-]*)?$/.test(see) && about.lab_dir)
    return el("a", { href: `${about.lab_dir}/${see}` }, see);
  return see;
}

/* ---- What went wrong --------------------------------------------------------- */

function headOf(test) {
  const history = (test.variants || []).find((one) => one.name === test.variant);
  const runs = history && history.history.length > 1
    ? `run ${history.history.length} times: ${history.history.join(", ")}` : "";
  const facts = [`checkpoint ${test.checkpoint}`, `${test.points} of ${test.max} points`,
    duration(test.duration_ms), test.variant && `variant ${test.variant}`, runs];
  return el("header", { class: "test-head" },
    el("p", { class: "facts" }, badge(test.verdict), " ",
      facts.filter(Boolean).join(" · ")),
    el("h2", { tabindex: -1 }, test.title || test.id),
    el("p", { class: "id" }, el("code", null, test.id)));
}

const REMARKS = {
  infra: "This is not the fault of your program, and it costs no points: the test could not be judged here.",
  flaky: "It counts as passed, since it passed more often than it failed; what follows is of the run that failed.",
};

function verdictOf(test) {
  return [
    test.message && el("p", { class: `message ${test.verdict}` }, test.message),
    REMARKS[test.verdict] && el("p", null, REMARKS[test.verdict]),
    test.polls && el("p", { class: "note" }, `A program polled (${test.polls}); `
      + "virtual time stands still then, so the verdict is of a run at real speed."),
    (test.expected || test.actual) && el("dl", { class: "compare" },
      el("dt", null, "expected"), el("dd", null, el("pre", null, test.expected || "–")),
      el("dt", null, "actual"), el("dd", null, el("pre", null, test.actual || "–")))];
}

function causeOf(test, about, lab) {
  if (test.verdict === "pass") return null;
  const hint = `./wirelab hint ${lab}.${test.checkpoint}`;
  return section("Likely cause",
    test.cause && el("p", { class: "cause" }, test.cause),
    test.why && el("p", { class: "why" }, el("b", null, "Why it matters: "), test.why),
    test.see && el("p", null, "Read: ", reading(test.see, about)),
    test.verdict === "fail" && el("div", null, "Stuck? One hint more each time:",
      command(hint)));
}

/* ---- What the test did ------------------------------------------------------- */

const LONG_WAIT_MS = 300;

/* A step is told when it begins; the one that failed may have waited long
 * before it did, until the test ended. */
function stepsWithWaits(test) {
  const run = (test.variants || []).find((one) => one.name === test.variant);
  return (test.steps || []).map((step) => {
    const waited = step.failed && run ? run.duration_ms - step.t_ms : 0;
    return waited > LONG_WAIT_MS ? { ...step, waited } : step;
  });
}

function stepsOf(test, wire) {
  const told = stepsWithWaits(test).filter((step) =>
    step.failed || !step.text.startsWith("ruled out: "));
  if (!told.length) return null;
  const item = (step) => el("li", { class: step.failed ? "failed" : "" },
    wire ? el("button", { type: "button", class: "time", title: "show on the ladder",
      onclick: () => wire.centre(step.t_ms) }, milliseconds(step.t_ms))
      : el("span", { class: "time" }, milliseconds(step.t_ms)),
    el("span", null, step.text,
      step.waited && `: failed after ${duration(step.waited)}`));
  const list = el("ol", { class: "steps" }, told.map(item));
  return section("What the test did",
    test.steps_before && el("p", { class: "note" },
      `${plural(test.steps_before, "earlier step")} left out`), list);
}

/* ---- Plots ------------------------------------------------------------------- */

function plotsOf(test, wire) {
  const window = () => wire && wire.plotWindow();
  const choose = wire && ((t) => wire.centre(t));
  const sequence = wire && sequenceSection(wire);
  const plots = recordedPlots(test.series || [], test.clock_ms || 0, window,
    choose);
  if (!sequence && !plots.length) return null;
  const follow = el("input", { type: "checkbox", onchange: () => {
    wire.plotsFollow = follow.checked;
    redraw();
  } });
  const redraw = () => {
    if (sequence) sequence.draw();
    for (const plot of plots) plot.draw();
  };
  if (wire) wire.watchers.push(() => { if (wire.plotsFollow) redraw(); });
  return section("Over time",
    wire && el("label", { class: "follow" }, follow, " the ladder's stretch of time only"),
    sequence && sequence.node, plots.map((plot) => plot.node));
}

function besideOf(test) {
  if (!test.comparisons) return null;
  return section("Beside real tools", el("table", { class: "beside" },
    el("tr", null, ["", "yours", "theirs", ""].map((name) => el("th", null, name))),
    test.comparisons.map((row) => el("tr", null, el("td", null, row.what),
      el("td", null, `${row.yours.toFixed(3)} ${row.unit}`),
      el("td", null, `${row.theirs.toFixed(3)} ${row.unit}`), el("td", null, row.peer)))));
}

/* ---- Programs ---------------------------------------------------------------- */

function endOf(program) {
  if (program.state === "running") return "still running when the test ended";
  if (program.signal) return `killed by signal ${program.signal}`;
  return `exited with status ${program.exit_code}`;
}

function output(name, value) {
  const text = Array.isArray(value) ? value.join("\n") : value;
  return text ? el("details", { open: true }, el("summary", null, name),
    el("pre", null, text)) : null;
}

function programOf(program) {
  const bad = program.state === "running" || program.signal || program.exit_code;
  return el("div", { class: `program${bad ? " bad" : ""}` },
    el("p", null, el("b", null, program.name), ` on ${program.host}: ${endOf(program)}`,
      program.cpu_ms === undefined ? "" : `, after ${program.cpu_ms.toFixed(0)} ms of CPU time`),
    program.argv && el("pre", { class: "argv" }, program.argv.join(" ")),
    output("sockets", program.sockets), output("stack", program.stack),
    output("stderr", program.stderr_tail),
    program.stdout_tail && el("details", null, el("summary", null, "stdout"),
      el("pre", null, program.stdout_tail)));
}

/* ---- How to see it again ----------------------------------------------------- */

function evidenceOf(test) {
  const late = test.lateness_us;
  const capture = fileOf(test, "capture");
  const facts = [
    ["seed", test.seed], ["network", test.profile],
    ["emulator's lateness", late
      && `99 % of the packets within ${(late.p99 / 1000).toFixed(2)} ms`],
    ["capture", capture], ["folder", fileOf(test, "dir")],
  ].filter(([, value]) => value);
  return section("Evidence",
    test.replay && el("div", null, "The same faults once more:", command(test.replay)),
    capture && el("div", null, "The packets in another program:",
      command(`wireshark ${capture}`)),
    fieldList(facts));
}

/* ---- The whole --------------------------------------------------------------- */

function wireOf(test, about) {
  const packets = test.packets;
  const capture = fileOf(test, "capture");
  if (test.left_out || (!packets && capture))
    return el("p", { class: "note" }, "This report is full: the packets of this"
      + ` test are left out. They are in ${capture || about.run}.`);
  if (!packets) return null;
  if (packets.unreadable)
    return el("p", { class: "note" },
      `The capture ${capture} cannot be read: ${packets.unreadable}.`);
  if (!packets.sent.length)
    return el("p", { class: "note" }, "No packet crossed a link"
      + `${packets.damaged ? ", or the capture was cut short before the first" : ""}.`);
  return new Wire(test);
}

function story(test, data) {
  const about = data.about || {};
  const made = wireOf(test, about);
  const wire = made instanceof Wire ? made : null;
  return el("article", { class: "story" },
    headOf(test), verdictOf(test), causeOf(test, about, data.lab),
    made && section("On the wire", wire ? wire.node : made),
    stepsOf(test, wire), plotsOf(test, wire), besideOf(test),
    section("Programs", (test.programs || []).map(programOf)),
    evidenceOf(test));
}
