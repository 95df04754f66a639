"""Grades of a batch, made up by chance: texts that are hard to write down, all
verdicts, hidden tests, what a policy does.  convert.py uses it."""
import random

UNJUDGED = ("infra", "skip")
ODD = ["=cmd|' /C calc'!A0", "+1", "-2", "@SUM(A1)", "\t=1", "\r=1", "a,b",
       'say "hi"', "two\nlines", "\x07bell\x1b[31m", "a;=1", "<b>&amp;]]>",
       "# SKIP it", "back\\slash", "R\u00e9n\u00e9e", "\u6f22\u5b57", "\U0001f41f",
       "\ufffe\uffff", "\u2028line\u2029", "\u0085next", "..", "/etc/passwd",
       "ok 7 - forged", "  ...", "  ---", '{"scores":{"lab 08":100}}', "%41",
       "1..0", "not ok", "Bail out!", "'", " blank "]


def make(seed):
    """A batch like OUT/results.json."""
    chance = random.Random(seed)

    def odd(most=3):
        return " ".join(chance.choice(ODD) for _ in range(chance.randint(0, most)))

    plan = [(i, 1 + i // 3, chance.randint(0, 20), chance.random() < .3)
            for i in range(chance.randint(0, 14))]
    titles = [odd() for _ in plan]
    students = {}
    for _ in range(chance.randint(0, 9)):
        identifier = (odd(2) + str(chance.randint(0, 99))).replace("\0", "")
        students[identifier] = make_student(chance, identifier, plan, titles,
                                            odd)
    ordered = sorted(students, key=lambda name: name.encode())
    digest = "sha256:" + "0" * 64
    return {"schema": 1, "kind": "batch", "wirelab": "0", "lab": "08",
            "title": odd(), "max": 100, "lab_digest": digest,
            "harness_digest": digest, "world": "host", "shard": None,
            "students": [students[i] for i in ordered]}


def make_test(chance, planned, title, odd):
    index, checkpoint, most, hidden = planned
    verdict = chance.choice(["pass", "fail", "skip", "blocked", "flaky",
                             "infra"])
    name = "hidden_h%d" % index if hidden else "public_%d" % index
    test = {"id": "08.%d.%s" % (checkpoint, name), "title": title,
            "checkpoint": checkpoint, "max": most, "verdict": verdict,
            "points": most if verdict in ("pass", "flaky") else 0,
            "message": odd() if not hidden else
            "%d secret variants" % chance.randint(10 ** 9, 10 ** 10),
            "hidden": hidden, "attempts": 1}
    if hidden:
        test.update(title="Hidden: x", category="category %d" % index,
                    count=chance.randint(1, 20))
    return test


def override(chance, test, odd):
    """A policy gives this test other points."""
    points = chance.randint(0, test["max"])
    change = {"kind": "test", "test": test["id"], "reason": odd() + "r",
              "points": points - test["points"]}
    test["points"] = points
    return change


def make_student(chance, identifier, plan, titles, odd):
    tests = [make_test(chance, *pair, odd) for pair in zip(plan, titles)]
    before = sum(t["points"] for t in tests)
    changes = [override(chance, t, odd) for t in tests if chance.random() < .1]
    points = sum(t["points"] for t in tests)
    if chance.random() < .4:
        final = chance.randint(0, points)
        changes.append({"kind": chance.choice(["late", "total"]),
                        "points": final - points, "reason": odd() + "r"})
        points = final
    score = {"points": points, "max": sum(t["max"] for t in tests),
             "judged": sum(t["max"] for t in tests if t["points"] > 0 or
                           t["verdict"] not in UNJUDGED)}
    if changes:
        score.update(before=before, adjustments=changes)
    ok = chance.random() < .8
    return {"id": identifier, "name": odd(), "email": odd(1),
            "submission": {"digest": None, "file": None, "submitted": None,
                           "problems": [odd() for _ in range(2)]},
            "build": {"ok": ok, "message": "" if ok else "x " + odd()},
            "seed": str(chance.randint(10 ** 17, 10 ** 18)), "score": score,
            "tests": tests}
