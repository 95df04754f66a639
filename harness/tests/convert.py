"""Reads what `wirelab results FORMAT` writes, and holds it against the grades.

  convert.py make DIR N        batches made up by chance, DIR/1.json to N.json
  convert.py check BATCH OUT   OUT/FORMAT, made of BATCH for students: shapes are
                               as documented, points and scores those of BATCH
  convert.py secrets BATCH OUT  no file below OUT tells of hidden tests
  convert.py chance DIR N      both, of DIR/1.json and DIR/1 to N
  convert.py unlike BATCH OUT  each format that shows a point less, a line each
"""
import csv
import io
import json
import os
import re
import sys
import xml.etree.ElementTree as ET
from decimal import ROUND_HALF_UP, Decimal

import yaml
from jsonschema import Draft202012Validator

from madegrades import UNJUDGED, make

EACH = {"gradescope": "json", "classroom": "json", "prairielearn": "json",
        "autolab": "txt", "junit": "xml", "tap": "tap"}
KINDS = list(EACH) + ["canvas", "moodle", "csv"]


def judged(test):
    return test["points"] > 0 or test["verdict"] not in UNJUDGED


def adjustments(student):
    return [a for a in student["score"].get("adjustments", [])
            if a["kind"] != "test"]


def score_of(student):
    """What the student gets, in points of all; None if nothing was judged."""
    score = student["score"]
    if any(a["kind"] == "total" for a in adjustments(student)):
        return Decimal(score["points"])
    if score["judged"] == 0:
        return None
    part = Decimal(score["points"]) * score["max"] / score["judged"]
    return part.quantize(Decimal("0.01"), ROUND_HALF_UP)


def out_of(student):
    is_set = any(a["kind"] == "total" for a in adjustments(student))
    return student["score"]["max" if is_set else "judged"]


def file_name(identifier):
    """As grade/grades.c has it: what is not plain becomes %XX."""
    name = ""
    for i, byte in enumerate(identifier.encode()):
        c = chr(byte)
        plain = re.fullmatch(r"[A-Za-z0-9]", c) or (
            c in "_-@+." and (i > 0 or c != "."))
        name += c if plain else "%%%02X" % byte
    return name


# ---- What each format holds -------------------------------------------------

TEXT, WHOLE = {"type": "string"}, {"type": "integer"}


def closed(required, **optional):
    properties = dict(required, **optional)
    return {"type": "object", "additionalProperties": False,
            "required": list(required), "properties": properties}


def listed(item):
    return {"type": "array", "items": item}


SHAPES = {
    "gradescope": closed(
        {"score": {"type": "number", "minimum": 0}, "output": TEXT,
         "visibility": {"const": "visible"},
         "tests": listed(closed(
             {"name": {"type": "string", "minLength": 1}, "output": TEXT,
              "visibility": {"enum": ["visible", "hidden", "after_due_date",
                                      "after_published"]},
              "tags": listed(TEXT)},
             score={"type": "number"}, max_score={"type": "number"},
             status={"enum": ["passed", "failed"]}))},
        output_format={"enum": ["text", "html", "simple_format", "md"]},
        test_output_format={"const": "text"},
        test_name_format={"const": "text"},
        stdout_visibility={"const": "hidden"},
        extra_data={"type": "object"},
        leaderboard=listed(closed({"name": TEXT, "value": WHOLE},
                                  order={"enum": ["asc", "desc"]}))),
    "classroom": closed(
        {"version": {"const": 1},
         "status": {"enum": ["pass", "fail", "error"]}, "max_score": WHOLE,
         "tests": listed(closed(
             {"name": TEXT, "status": {"enum": ["pass", "fail", "error"]},
              "score": WHOLE, "message": TEXT},
             max_score=WHOLE, test_code=TEXT, filename=TEXT, line_no=WHOLE,
             execution_time=TEXT))},
        message=TEXT),
    "prairielearn": closed(
        {"score": {"type": "number", "minimum": 0, "maximum": 1},
         "gradable": {"type": "boolean"}, "message": TEXT,
         "tests": listed(closed({"name": TEXT, "output": TEXT},
                                points=WHOLE, max_points=WHOLE))},
        format_errors=listed(TEXT)),
}


def load(kind, text):
    document = json.loads(text)
    Draft202012Validator(SHAPES[kind]).validate(document)
    return document


def same(what, found, wanted):
    assert found == wanted, "%s: %r instead of %r" % (what, found, wanted)


def number(text):
    return Decimal(str(text))


def sum_of(student):
    """What tests add up to; a policy's adjustments come on top of that."""
    return student["score"]["points"] - sum(
        a["points"] for a in adjustments(student))


def public_points(student):
    return sum(t["points"] for t in student["tests"] if not t["hidden"])


def check_gradescope(student, text, _lab):
    got = load("gradescope", text)
    same("score", number(got["score"]), score_of(student))
    same("tests", [(t.get("score"), t.get("max_score")) for t in got["tests"]],
         [(t["points"], t["max"]) if judged(t) else (None, None)
          for t in student["tests"]])
    same("visibility", [t["visibility"] for t in got["tests"]],
         ["after_published" if t["hidden"] else "visible"
          for t in student["tests"]])
    same("extra_data", got["extra_data"]["points"], student["score"]["points"])
    same("leaderboard", got["leaderboard"][0]["value"], public_points(student))


def check_classroom(student, text, _lab):
    got = load("classroom", text)
    same("sum", sum(t["score"] for t in got["tests"]),
         student["score"]["points"])
    same("max_score", got["max_score"], out_of(student))
    same("tests", [t["score"] for t in got["tests"]],
         [t["points"] for t in student["tests"] if judged(t)] +
         [a["points"] for a in adjustments(student)])


def check_prairielearn(student, text, _lab):
    got = load("prairielearn", text)
    part = number(got["score"]) * student["score"]["max"]
    assert abs(part - score_of(student)) < Decimal("0.005"), got["score"]
    same("sum", sum(t.get("points", 0) for t in got["tests"]), sum_of(student))
    same("maxima", [t.get("max_points") for t in got["tests"]],
         [t["max"] if judged(t) else None for t in student["tests"]])
    same("gradable", got["gradable"], student["build"]["ok"])
    same("format_errors", "format_errors" in got, not student["build"]["ok"])


def check_autolab(student, text, lab):
    assert text.endswith("\n") and not text.endswith("\n\n")
    feedback, scores = map(json.loads, text.split("\n")[-3:-1])
    same("scores", number(scores["scores"]["lab " + lab]), score_of(student))
    same("scoreboard", scores["scoreboard"], [public_points(student)])
    same("layout", feedback["_presentation"], "semantic")
    same("stages", set(feedback),
         set(feedback["stages"]) | {"_presentation", "stages"})
    passed = [t["passed"] for s in feedback["stages"]
              for t in feedback[s].values()]
    tests = sorted(filter(judged, student["tests"]),
                   key=lambda t: feedback["stages"].index(
                       "checkpoint %d" % t["checkpoint"]))
    same("tests", passed,
         [t["verdict"] in ("pass", "flaky") for t in tests])


def properties(element):
    return {p.get("name"): p.get("value")
            for p in element.find("properties")}


def check_junit(student, text, _lab):
    suites = ET.fromstring(text)
    suite = suites.find("testsuite")
    cases = suite.findall("testcase")
    whole = properties(suite)
    same("points", int(whole["points"]), student["score"]["points"])
    same("judged", int(whole["judged"]), student["score"]["judged"])
    same("score", number(whole["score"]), score_of(student))
    same("tests", [int(properties(c)["points"]) for c in cases],
         [t["points"] for t in student["tests"]])
    for element in suites, suite:
        same("counts", [int(element.get(n)) for n in
                        ("tests", "failures", "errors", "skipped")],
             [len(cases), sum(c.find("failure") is not None for c in cases), 0,
              sum(c.find("skipped") is not None for c in cases)])
    same("skipped", [c.find("skipped") is not None for c in cases],
         [not judged(t) for t in student["tests"]])


TAP_LINE = re.compile(
    r"(not )?ok (\d+) - ((?:[^\\#]|\\[\\#])*?)( # SKIP could not be judged)?$")


def tap_tests(text):
    """(passed, skipped, YAML) of each test; what TAP does not know, raises."""
    lines, tests = text.split("\n"), []
    same("version", lines.pop(0), "TAP version 14")
    plan = re.fullmatch(r"1\.\.(\d+)( # no tests)?", lines.pop(0))
    same("end", lines.pop(), "")
    while lines:
        line = lines.pop(0)
        if line.startswith("#"):
            continue
        match = TAP_LINE.match(line)
        assert match, "no line of TAP: %r" % line
        same("number", int(match[2]), len(tests) + 1)
        same("YAML", lines.pop(0), "  ---")
        end = lines.index("  ...")
        block = yaml.safe_load("\n".join(lines[:end]))
        del lines[:end + 1]
        tests.append((match[1] is None, match[4] is not None, block))
    same("plan", int(plan[1]), len(tests))
    return tests


def check_tap(student, text, lab):
    tests = tap_tests(text)
    same("points", [t[2]["points"] for t in tests],
         [t["points"] for t in student["tests"]])
    same("passed", [(t[0], t[1]) for t in tests],
         [(t["verdict"] in ("pass", "flaky") or not judged(t), not judged(t))
          for t in student["tests"]])
    same("whole", text.split("\n")[2].split(", world")[0],
         "# lab %s, %d of %d points" % (lab, student["score"]["points"],
                                        student["score"]["max"]))


# ---- Tables -----------------------------------------------------------------

def rows(text):
    """A table in which no cell is a formula, but figures may be negative."""
    assert re.search(r"\r\n\Z", text) or text == "", "lines end with CRLF"
    table = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    for row in table:
        same("columns", len(row), len(table[0]))
        for cell in row:
            assert not re.match(r"[=+\-@\t\r]", cell) or re.fullmatch(
                r"-(\d+(\.\d+)?)?", cell), "a formula: %r" % cell
    return table


def figure(cell):
    return None if cell == "" else Decimal(cell)


def check_canvas(batch, text):
    table = rows(text)
    same("head", table[0][:5],
         ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"])
    same("maximum", table[1][0], "    Points Possible")
    students = batch["students"]
    if students:
        same("maximum", int(table[1][5]), students[0]["score"]["max"])
    same("grades", [figure(row[5]) for row in table[2:]],
         [score_of(s) for s in students])


def check_moodle(batch, text):
    table = rows(text)
    head = {name: i for i, name in enumerate(table[0])}
    for name in "Identifier", "Last modified (grade)", "Feedback comments":
        assert name in head, name
    same("grades", [figure(row[head["Grade"]]) for row in table[1:]],
         [score_of(s) for s in batch["students"]])
    same("maxima", [int(row[head["Maximum Grade"]]) for row in table[1:]],
         [s["score"]["max"] for s in batch["students"]])
    for row in table[1:]:
        feedback = row[head["Feedback comments"]]
        assert re.fullmatch(r"<pre>[^<>]*</pre>", feedback), feedback


def check_csv(batch, text):
    table = rows(text)
    for row, student in zip(table[1:], batch["students"], strict=True):
        score = student["score"]
        same("points", [int(c) for c in row[4:7]],
             [score["points"], score["max"], score["judged"]])
        same("score", figure(row[7]), score_of(student))
        same("tests", [figure(c) for c in row[10:]],
             [t["points"] if judged(t) else None for t in student["tests"]])
        same("adjusted", int(row[8]),
             sum(a["points"] for a in adjustments(student)))


# ---- Hidden tests -----------------------------------------------------------

def secrets(batch):
    """Names, messages, seeds: all that is only for the instructor."""
    for student in batch["students"]:
        yield student["seed"]
        for test in student["tests"]:
            if test["hidden"]:
                yield test["id"]
                yield test["id"].split(".")[-1]
                yield test["message"]


def check_secrets(batch, directory):
    texts = {}
    for folder, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, encoding="utf-8", newline="") as file:
                texts[path] = file.read()
    assert texts, "there is nothing"
    told = {t for s in batch["students"] for t in (s["id"], s["name"])}
    told |= {t["message"] for s in batch["students"] for t in s["tests"]
             if not t["hidden"]}
    for secret in set(secrets(batch)) - told - {""}:
        for path, text in texts.items():
            assert secret not in text, "%s tells %r" % (path, secret)


# ---- The whole --------------------------------------------------------------

def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def check_each(batch, directory, kind):
    wanted = {}
    for student in batch["students"]:
        if score_of(student) is not None:
            name = "%s.%s" % (file_name(student["id"]), EACH[kind])
            wanted[name] = student
    folder = os.path.join(directory, kind)
    same("files", sorted(os.listdir(folder)), sorted(wanted))
    for name, student in wanted.items():
        globals()["check_" + kind](student, read(os.path.join(folder, name)),
                                   batch["lab"])


def check(batch, directory, kinds):
    for kind in kinds:
        if kind in EACH:
            check_each(batch, directory, kind)
        else:
            globals()["check_" + kind](batch,
                                       read(os.path.join(directory, kind)))


def unlike(batch, directory):
    """One point less for somebody in a public test: who would see that?"""
    student, test = next(
        (s, t) for s in batch["students"] for t in s["tests"]
        if t["points"] > 0 and not t["hidden"] and not adjustments(s))
    test["points"] -= 1
    student["score"]["points"] -= 1
    for kind in KINDS:
        try:
            check(batch, directory, [kind])
        except AssertionError:
            print(kind)


def main():
    verb, argument, other = sys.argv[1:]
    if verb == "make":
        for seed in range(1, int(other) + 1):
            with open("%s/%d.json" % (argument, seed), "w") as file:
                json.dump(make(seed), file)
    elif verb == "chance":
        for seed in range(1, int(other) + 1):
            batch = json.loads(read("%s/%d.json" % (argument, seed)))
            print("seed", seed, flush=True)
            check(batch, "%s/%d" % (argument, seed), KINDS)
            check_secrets(batch, "%s/%d" % (argument, seed))
    else:
        batch = json.loads(read(argument))
        if verb == "unlike":
            unlike(batch, other)
        elif verb == "check":
            check(batch, other, KINDS)
        elif verb == "secrets":
            check_secrets(batch, other)


main()
