/* The class as the page knows it: students, tests, and what became of each pair
 * (report/classpage.c writes it). */

const LETTERS = { p: "pass", f: "fail", s: "skip", b: "blocked", y: "flaky", i: "infra" };
const STATES = { broken: "does not compile", nothing: "nothing to judge",
  infra: "could not be built" };

class Model {
  constructor(json) {
    Object.assign(this, json);
    this.students.forEach((student, i) => { student.at = i; });
    this.tests.forEach((test, i) => this.countTest(test, i));
    this.built = this.students.filter((student) => student.state === "built");
    this.judged = this.students.filter((student) => student.state !== "nothing");
  }

  /* "pass", …; "none" where the test never had a chance: what kept a whole
   * submission from being run is told of the student, not of each test. */
  verdict(student, test) {
    if (student.state === "broken" || student.state === "nothing") return "none";
    return LETTERS[student.verdicts[test]] || "none";
  }

  text(student, test) {
    return this.texts[student.texts[test]] || "";
  }

  points(student, test) {
    const verdict = this.verdict(student, test);
    return student.points_of?.[test]
      ?? (verdict === "pass" || verdict === "flaky" ? this.tests[test].max : 0);
  }

  countTest(test, at) {
    const count = { pass: 0, fail: 0, skip: 0, blocked: 0, flaky: 0, infra: 0, none: 0 };
    for (const student of this.students) count[this.verdict(student, at)]++;
    const reached = count.pass + count.flaky + count.fail;
    Object.assign(test, { at, count, reached, failing: reached ? count.fail / reached : 0 });
  }

  /* Tests by how many students fail them. */
  hardest() {
    return this.tests.filter((test) => test.count.fail > 0).sort((a, b) =>
      b.count.fail - a.count.fail || b.failing - a.failing || a.at - b.at);
  }

  /* What most of those who fail a test are told: [text, how many]. */
  commonest(test) {
    const times = new Map();
    for (const student of this.students) {
      if (this.verdict(student, test.at) !== "fail") continue;
      const text = this.text(student, test.at);
      times.set(text, (times.get(text) || 0) + 1);
    }
    return [...times].sort((a, b) => b[1] - a[1])[0] || ["", 0];
  }

  withVerdict(verdict, test) {
    return this.students.filter((student) => this.has(student, verdict, test));
  }

  /* In one test, or in any. */
  has(student, verdict, test) {
    if (verdict in STATES) return student.state === verdict;
    if (test !== undefined) return this.verdict(student, test) === verdict;
    return this.tests.some((one) => this.verdict(student, one.at) === verdict);
  }
}

/* The middle one, or the mean of the two in the middle. */
function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

function percent(share) {
  return `${share > 0 && share < 0.005 ? "<1" : Math.round(100 * share)} %`;
}

/* "reorder no storm": an id without its lab and checkpoint. */
function shortName(id) {
  return visible(id.split(".").slice(2).join(".").replaceAll("_", " ") || id);
}

/* A test's place in a report. */
function reportOf(student, test) {
  return test ? `${student.report}#${encodeURIComponent(test.id)}` : student.report;
}
