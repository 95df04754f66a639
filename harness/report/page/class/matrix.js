/* Students by tests.  Who has no pointer goes about it with the arrow keys: one
 * cell can be reached by Tab, that where one was last. */

const FIRST_TEST = 3; /* columns before it: student, points, submitted */
const RANK = { fail: 0, infra: 1, flaky: 2, blocked: 3, skip: 4, none: 5, pass: 6 };

class Matrix {
  constructor(model, tell) {
    this.model = model;
    this.tell = tell; /* called with the student and test one is at; gives where that is told */
    this.order = { column: 0, down: false };
    this.rows = model.students.map((student) => this.row(student));
    this.shown = this.rows;
    this.body = el("tbody", null, this.rows);
    this.heads = this.headRow();
    this.table = el("table", { class: "matrix", role: "grid", "aria-label": "students by tests",
      onkeydown: (event) => this.key(event), onfocusin: (event) => this.arrive(event.target),
      onpointerdown: () => { this.pressed = true; },
      onclick: (event) => this.show(event.target.closest("td, th")) },
    this.columns(), el("thead", null, this.checkpoints(), this.heads), this.body);
    this.node = el("div", { class: "matrix-frame" }, this.table);
    for (const end of ["pointerup", "pointercancel"])
      addEventListener(end, () => { this.pressed = false; });
    this.here = this.target(this.heads.cells[0]);
    this.here.tabIndex = 0;
    this.mark();
  }

  columns() {
    return el("colgroup", null, ["student", "points", "submitted"].map((name) =>
      el("col", { class: `of-${name}` })), this.model.tests.map(() => el("col", { class: "of-test" })));
  }

  /* ---- Heads ---- */

  checkpoints() {
    const groups = [];
    for (const test of this.model.tests) {
      const last = groups.at(-1);
      if (last && last.number === test.checkpoint) last.span++;
      else groups.push({ number: test.checkpoint, span: 1 });
    }
    return el("tr", { class: "groups", role: "presentation" }, el("td", { colspan: FIRST_TEST }),
      groups.map(({ number, span }) => el("td", { colspan: span, class: "starts" },
        `${span > 3 ? "checkpoint " : ""}${number}`)));
  }

  headRow() {
    const head = (name, column) => el("th", { scope: "col", role: "columnheader" },
      el("button", { type: "button", tabindex: -1, onclick: () => this.sort(column) }, name));
    return el("tr", { class: "heads", role: "row" }, ["student", "points", "submitted"].map(head),
      this.model.tests.map((test, i) => this.testHead(test, i)));
  }

  testHead(test, i) {
    const fill = el("span", { class: "fill" });
    fill.style.height = `${Math.round(100 * test.failing)}%`;
    const told = `${visible(test.title || "")} (${visible(test.id)}): ${test.count.fail} of ${
      test.reached} who got there fail, ${test.count.blocked} blocked`;
    return el("th", { scope: "col", role: "columnheader", class: this.starts(i) },
      el("button", { type: "button", tabindex: -1, title: told, "aria-label": told,
        onclick: () => this.sort(FIRST_TEST + i) },
      el("span", { class: "name" }, shortName(test.id)),
      el("span", { class: "gauge" }, fill),
      el("span", { class: "rate" }, test.reached ? String(Math.round(100 * test.failing)) : "–")));
  }

  starts(i) {
    const { tests } = this.model;
    return i > 0 && tests[i].checkpoint === tests[i - 1].checkpoint ? "" : "starts";
  }

  /* ---- Rows ---- */

  row(student) {
    const cells = this.model.tests.map((test, i) => {
      const verdict = this.model.verdict(student, i);
      return el("td", { class: `cell ${verdict} ${this.starts(i)}`, tabindex: -1 },
        SIGNS[verdict] || "");
    });
    const row = el("tr", { role: "row", class: student.state }, this.nameCell(student),
      el("td", { class: "number", tabindex: -1 }, String(student.points),
        student.before !== undefined && el("span", { class: "was", title: `${student.before
        } before the policy` }, "*")),
      el("td", { class: "when", tabindex: -1 }, moment(student.submitted).slice(0, "2026-11-23 10:15".length) || "–"), cells);
    row.student = student;
    for (const cell of row.cells) if (cell.tagName === "TD") cell.setAttribute("role", "gridcell");
    return row;
  }

  nameCell(student) {
    const name = [el("b", null, visible(student.id)), " ",
      STATES[student.state] && el("span", { class: "state" }, STATES[student.state]), " ",
      student.name && student.name !== student.id
        && el("span", { class: "called" }, visible(student.name))];
    return el("th", { scope: "row", role: "rowheader", tabindex: student.report ? null : -1 },
      student.report ? el("a", { href: student.report, tabindex: -1 }, name) : name);
  }

  /* ---- Order and choice ---- */

  value(student, column) {
    if (column === 0) return student.id;
    if (column === 1) return student.points;
    if (column === 2) return student.submitted ? Date.parse(student.submitted) : Infinity;
    return RANK[this.model.verdict(student, column - FIRST_TEST)];
  }

  sort(column, down) {
    const again = this.order.column === column;
    this.order = { column, down: down ?? (again ? !this.order.down : false) };
    const sign = this.order.down ? -1 : 1;
    const values = new Map(this.rows.map((row) => [row, this.value(row.student, column)]));
    const before = (a, b) => (a < b ? -1 : Number(a > b));
    this.rows.sort((a, b) => sign * before(values.get(a), values.get(b))
      || a.student.at - b.student.at);
    this.body.append(...this.rows);
    this.shown = this.rows.filter((row) => !row.hidden);
    this.mark();
  }

  mark() {
    [...this.heads.cells].forEach((cell, column) => {
      const sorted = this.order.column === column;
      if (sorted) cell.setAttribute("aria-sort", this.order.down ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    });
  }

  /* Shows the rows of students that pass. */
  filter(passes) {
    for (const row of this.rows) row.hidden = !passes(row.student);
    this.shown = this.rows.filter((row) => !row.hidden);
    if (this.here.closest("tr").hidden) this.stay(this.target(this.heads.cells[0]));
  }

  /* ---- Keys ---- */

  target(cell) {
    return cell.querySelector("a, button") || cell;
  }

  stay(target) {
    this.here.tabIndex = -1;
    this.here = target;
    target.tabIndex = 0;
  }

  arrive(node) {
    const cell = node.closest("td, th");
    if (!cell || cell.closest(".groups")) return;
    this.stay(this.target(cell));
    /* What moves under a pressed button is never clicked. */
    if (!this.pressed) this.show(cell);
  }

  show(cell) {
    const student = cell?.parentNode.student;
    const test = this.model.tests[(cell?.cellIndex ?? 0) - FIRST_TEST];
    if (!cell || cell.closest(".groups")) return;
    if (student && test)
      cell.setAttribute("aria-label", `${student.id}, ${shortName(test.id)}: ${
        NAMES[this.model.verdict(student, test.at)] || STATES[student.state] || "not there"}`);
    const bar = this.tell(student, test).getBoundingClientRect();
    this.reveal(cell);
    const covered = bar.height ? cell.getBoundingClientRect().bottom + 8 - bar.top : 0;
    if (covered > 0) scrollBy(0, covered);
  }

  key(event) {
    const cell = event.target.closest("td, th"), row = cell?.parentNode;
    if (!row || event.altKey || event.metaKey) return;
    if (event.key === "Enter" && row.student && cell.tagName === "TD") this.open(row, cell);
    const width = row.cells.length, all = [this.heads, ...this.shown];
    const at = all.indexOf(row), column = cell.cellIndex;
    const far = event.ctrlKey;
    const to = { ArrowUp: [at - 1, column], ArrowDown: [at + 1, column],
      ArrowLeft: [at, column - 1], ArrowRight: [at, column + 1],
      Home: [far ? 0 : at, 0], End: [far ? all.length - 1 : at, width - 1],
      PageUp: [at - 10, column], PageDown: [at + 10, column] }[event.key];
    if (!to) return;
    event.preventDefault();
    const next = all[Math.max(0, Math.min(all.length - 1, to[0]))];
    this.focus(next.cells[Math.max(0, Math.min(width - 1, to[1]))]);
  }

  focus(cell) {
    this.target(cell).focus({ preventScroll: true });
    this.reveal(cell);
    this.node.scrollIntoView({ block: "nearest" });
  }

  /* What is under a sticky head or column is not in sight. */
  reveal(cell) {
    const box = cell.getBoundingClientRect(), frame = this.node.getBoundingClientRect();
    const left = frame.left + (cell.cellIndex ? this.heads.cells[0].offsetWidth : 0);
    const top = frame.top + this.table.tHead.offsetHeight;
    if (cell.cellIndex && box.left < left) this.node.scrollLeft -= left - box.left;
    else if (box.right > frame.right - 16) this.node.scrollLeft += box.right - frame.right + 16;
    if (cell.parentNode.student && box.top < top) this.node.scrollTop -= top - box.top;
    else if (box.bottom > frame.bottom - 16) this.node.scrollTop += box.bottom - frame.bottom + 16;
  }

  open(row, cell) {
    if (row.student.report)
      location.href = reportOf(row.student, this.model.tests[cell.cellIndex - FIRST_TEST]);
  }
}
