// class.js PAGES GOLDEN [write]: tries the pages of classes in Chromium, from the
// disk.  PAGES holds class, hostile, crowd and nobody as `wirelab results html`
// made them of test_classpage's batches; GOLDEN the pictures of how they should
// look, which "write" makes anew.  Prints "ok NAME" or "not ok NAME: what was
// seen", and "done" at its end.
"use strict";

const fs = require("fs");
const path = require("path");
const { pathToFileURL } = require("url");
const { chromium } = require("playwright-core");
const { test, same, holds, settle, cpuSeconds, faintTexts, shoot, difference } =
    require("./tools");

const [pages, golden] = process.argv.slice(2, 4).map((name) => path.resolve(name));
const write = process.argv[4] === "write";
const desktop = { width: 1280, height: 900 };
const phone = { width: 360, height: 740 };
const hardest = "08.2.close_is_clean_4";
const FIRST_TEST = 3; // columns before it
const ATTACK = "</script><script>window.broken=1</script><img src=x " +
    "onerror=\"window.broken=2\"><!-- ]]> &lt;b&gt; '\"";

let browser;

async function open(name, options = {}) {
    const context = await browser.newContext({ viewport: desktop, ...options });
    context.setDefaultTimeout(60000);
    const page = await context.newPage();
    const home = pathToFileURL(path.join(pages, name)).href + "/";
    page.complaints = [];
    page.on("console", (m) => ["error", "warning"].includes(m.type()) &&
        page.complaints.push(m.text()));
    page.on("pageerror", (error) => page.complaints.push(error.message));
    page.on("request", (r) => r.url().startsWith(home) ||
        page.complaints.push(`asks for ${r.url()}`));
    await page.goto(home + "index.html");
    await page.waitForSelector("main h2");
    await settle(page);
    return page;
}

async function closing(page, body) {
    await body(page);
    same(page.complaints.join("; "), "", "complaints");
    await page.context().close();
}

const grades = (name) => JSON.parse(fs.readFileSync(
    path.join(pages, name, "results.json"), "utf8")).students;
const builtIn = (name) => grades(name).filter((student) => student.build.ok);
const verdictOf = (student, id) => student.tests.find((one) => one.id === id)?.verdict;

// The ids of the rows in sight, in their order.
const ids = (page) => page.locator("tbody tr:not([hidden]) th b").allTextContents();
const column = (page, at) => page.locator("tbody tr:not([hidden])").evaluateAll(
    (rows, i) => rows.map((row) => row.cells[i].textContent), at);
const at = (page) => page.evaluate(() => {
    const cell = document.activeElement.closest("td, th");
    return cell && `${cell.parentNode.student?.id ?? "head"} ${cell.cellIndex}`;
});
const press = async (page, ...keys) => {
    for (const key of keys)
        await page.keyboard.press(key);
};

// ---- What is told ----

async function contents() {
    const page = await open("class"); // all of these only look
    await test("what most fail is told first, with how many and why", async () => {
        const built = builtIn("class");
        const reached = built.filter((one) =>
            ["pass", "fail", "flaky"].includes(verdictOf(one, hardest))).length;
        const failing = built.filter((one) => verdictOf(one, hardest) === "fail").length;
        const first = await page.textContent(".hardest li");
        for (const part of ["close_is_clean_4", `${failing} of ${reached}`,
            `${Math.round(100 * failing / reached)} %`,
            "are told: attempt N came TIME after the one before"])
            holds(first.includes(part), `nothing says ${part}: ${first}`);
        const rates = await page.locator(".heads .rate").allTextContents();
        same(rates[4], String(Math.round(100 * failing / reached)), "above its column");
    });
    await test("each student and test has its verdict", async () => {
        const signs = { pass: "✓", fail: "✗", flaky: "≈", infra: "!", blocked: "·" };
        const wanted = grades("class").flatMap((student) => student.tests.map((one) =>
            (student.build.ok ? signs[one.verdict] : ""))).join(",");
        const seen = (await page.locator("tbody .cell").allTextContents()).join(",");
        same(seen, wanted, "the matrix");
    });
    await test("scores are counted, and who does not compile is told", async () => {
        const handedIn = grades("class").filter((one) => one.submission.digest);
        const bars = await page.locator(".histogram .number").allTextContents();
        same(bars.reduce((sum, one) => sum + Number(one), 0), handedIn.length, "scores");
        same(Number(bars[0]), handedIn.filter((one) =>
            one.score.points < one.score.max / 10).length, "of the lowest");
        holds((await page.textContent(".verdicts")).includes("2 do not compile"), "head");
        same(await page.locator("tr.broken").count(), 2, "rows");
    });
    await test("slowest, flaky and unjudged tests are told", async () => {
        const text = await page.textContent(".abreast");
        for (const part of ["340 ms", "Flaky", "Not judged"])
            holds(text.includes(part), `nothing says ${part}: ${text}`);
    });
    await test("it asks for nothing, and complains of nothing", () => closing(page, () => {}));
    await test("a class of nobody says so", async () => {
        await closing(await open("nobody"), async (none) => {
            same(await none.textContent("h2"), "No student was graded", "headline");
            same(await none.locator("table").count(), 0, "tables");
        });
    });
}

// ---- Hostile text ----

async function safety() {
    const made = (page) => page.evaluate(() => JSON.stringify({ broken: window.broken,
        images: document.images.length, scripts: document.scripts.length,
        links: document.querySelectorAll("a[href^=javascript]").length }));
    const nothing = "{\"images\":0,\"scripts\":2,\"links\":0}";
    await test("what students write is text: no element, no script", async () => {
        await closing(await open("hostile"), async (page) => {
            holds((await ids(page)).includes(ATTACK), "the id is not told as it was");
            for (let i = 0; i < 6; i++)
                await page.locator("tbody .cell").nth(i).click();
            holds((await page.textContent("main")).includes(ATTACK), "the message");
            same(await made(page), nothing, "made");
        });
    });
    await test("nor does any run in that student's report", async () => {
        await closing(await open("hostile"), async (page) => {
            await page.locator("tbody th a").first().click();
            await page.waitForSelector("article h2");
            holds((await page.textContent("nav")).includes(ATTACK), "whose it is");
            same(await made(page), nothing, "made");
        });
    });
    await test("what turns writing around or is no character is shown", async () => {
        await closing(await open("hostile"), async (page) => {
            const text = await page.textContent("main");
            holds(text.includes("a␁b␛[31mc\ufffddef\ufffd\ufffd"), "they are not shown");
            holds(!/[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/.test(text),
                "there are controls");
        });
    });
    await test("no script but its own may run", async () => {
        const page = await open("class");
        await page.evaluate(() => {
            const script = document.createElement("script");
            script.textContent = "window.broken = 5";
            document.body.append(script);
        });
        same(await page.evaluate(() => window.broken), undefined, "ran");
        holds(/Content.Security.Policy/i.test(page.complaints.join()), "no policy");
        await page.context().close();
    });
}

// ---- Going about ----

async function use() {
    await test("arrow keys go about the table", async () => {
        await closing(await open("class"), async (page) => {
            for (let i = 0; i < 60 && !await page.evaluate(() =>
                document.activeElement.closest(".matrix")); i++)
                await press(page, "Tab");
            same(await at(page), "head 0", "from Tab");
            await press(page, "ArrowDown", "ArrowRight", "ArrowDown", "ArrowRight");
            same(await at(page), "s001 2", "two down, two right");
            await press(page, "End");
            same(await at(page), "s001 16", "End");
            await press(page, "Control+End", "ArrowDown", "ArrowRight");
            same(await at(page), "s023 16", "no farther than the last");
            await press(page, "Control+Home", "ArrowUp", "ArrowLeft");
            same(await at(page), "head 0", "nor than the first");
            await press(page, "PageDown", "Tab");
            same(await at(page), null, "Tab leaves it");
            await press(page, "Shift+Tab");
            same(await at(page), "s009 0", "and comes back to where one was");
        });
    });
    await test("where one is, is in sight, and told", async () => {
        await closing(await open("class", { viewport: phone }), async (page) => {
            await page.focus(".heads button");
            await press(page, "Control+End");
            for (const keys of [[], ["ArrowUp"], ["Home"], ["End"],
                Array(10).fill("ArrowLeft"), ["PageUp"], Array(10).fill("ArrowUp")]) {
                await press(page, ...keys);
                const seen = await page.evaluate(() => {
                    const box = document.activeElement.getBoundingClientRect();
                    const top = document.elementFromPoint(box.left + box.width / 2,
                        box.top + box.height / 2);
                    return document.activeElement.contains(top);
                });
                holds(seen, `after ${keys} it is hidden`);
            }
            holds(await page.locator(".details-bar h4").isVisible(), "nothing is told");
        });
    });
    await test("a cell tells what happened in it", async () => {
        const student = builtIn("class").find((one) => verdictOf(one, hardest) === "fail");
        await closing(await open("class"), async (page) => {
            await page.locator(`tr:has(b:text-is("${student.id}")) .cell`).nth(4).click();
            const told = await page.textContent(".details-bar");
            for (const part of [student.id, hardest, "failed", "0 of 2 points",
                student.tests[4].message])
                holds(told.includes(part), `nothing says ${part}: ${told}`);
            await page.locator("tr.broken .cell").first().click();
            holds((await page.textContent(".details-bar")).includes("rsend.c:14: error"),
                "not why it does not compile");
        });
    });
    await test("columns sort: id, points, submitted, a test", async () => {
        const students = grades("class");
        const sorted = (value) => students.map((one, i) => [value(one), i, one.id])
            .sort((a, b) => a[0] - b[0] || a[1] - b[1]).map((one) => one[2]).join();
        await closing(await open("class"), async (page) => {
            const click = (i) => page.locator(".heads button").nth(i).click();
            const given = (await ids(page)).join();
            await click(1);
            same((await ids(page)).join(), sorted((one) => one.score.points), "by points");
            await click(1);
            const falling = (await column(page, 1)).map(Number);
            holds(falling.every((one, i) => !i || one <= falling[i - 1]), "points, falling");
            same(await page.getAttribute(".heads th >> nth=1", "aria-sort"), "descending", "aria");
            await click(2);
            same((await ids(page)).join(), sorted((one) => Date.parse(
                one.submission.submitted ?? "2100-01-01")), "by when it was submitted");
            await click(FIRST_TEST + 4);
            same((await column(page, FIRST_TEST + 4))[0], "✗", "who fails comes first");
            await click(0);
            same((await ids(page)).join(), given, "by id");
            await click(0);
            same((await ids(page)).reverse().join(), given, "by id, from the end");
        });
    });
    await test("Enter sorts by a column, and opens a report at a test", async () => {
        await closing(await open("class"), async (page) => {
            await page.focus(".heads button");
            await press(page, "ArrowRight", "Enter");
            same(await page.getAttribute(".heads th >> nth=1", "aria-sort"), "ascending", "sorted");
            await press(page, "Control+Home", "Enter", "ArrowDown", "ArrowRight", "ArrowRight",
                "ArrowRight", "ArrowRight");
            same(await at(page), "s000 4", "at");
            await press(page, "Enter");
            await page.waitForSelector("article h2");
            holds(page.url().endsWith("/students/s000/report.html#08.1.window_slides_1"), page.url());
        });
    });
    await test("filters: a verdict, a test, words, and all again", async () => {
        const failing = builtIn("class").filter((one) => verdictOf(one, hardest) === "fail")
            .map((one) => one.id).join();
        await closing(await open("class"), async (page) => {
            await page.selectOption("select[aria-label=verdict]", "fail");
            await page.selectOption("select[aria-label='in test']", { label: hardest });
            same((await ids(page)).join(), failing, "who fails it");
            same(await page.textContent("p.status"),
                `${failing.split(",").length} of 24 students`, "status");
            await page.click("button:text('show all')");
            same((await ids(page)).length, 24, "all");
            await page.selectOption("select[aria-label=verdict]", "broken");
            same((await ids(page)).join(), "s007,s019", "who does not compile");
            await page.selectOption("select[aria-label=verdict]", "");
            await page.fill("input[type=search]", "S01");
            await settle(page);
            same((await ids(page)).length, 10, "S01");
            await page.click("button:text('show all')");
            await page.click(".hardest .show");
            same((await ids(page)).join(), failing, "from the list of what is failed");
            same(await at(page), `${failing.split(",")[0]} ${FIRST_TEST + 4}`, "and one is there");
        });
    });
    await test("a student's report is a click away, and so is the class", async () => {
        await closing(await open("class"), async (page) => {
            await page.click("tbody th a >> nth=2");
            await page.waitForSelector("article h2");
            holds((await page.textContent("nav")).includes("s002 (Chloé)"), "whose it is");
            holds((await page.title()).startsWith("s002 (Chloé), lab 08"), await page.title());
            await page.click("nav a:text('the class')");
            await page.waitForSelector(".matrix");
        });
    });
}

// ---- Many students ----

async function crowd() {
    await test("300 students by 55 tests are drawn within 2 s, and stay usable", async () => {
        const page = await open("nobody");
        const session = await page.context().newCDPSession(page);
        await session.send("Performance.enable", { timeDomain: "threadTicks" });
        await page.goto(pathToFileURL(path.join(pages, "crowd/index.html")).href);
        await page.waitForSelector(".matrix .cell");
        let from = 0; // a new page counts anew
        const spent = async () => {
            await settle(page);
            const to = await cpuSeconds(session), seconds = to - from;
            from = to;
            return seconds;
        };
        const opening = await spent();
        await page.locator(".heads button").nth(1).click();
        const sort = await spent();
        await page.selectOption("select[aria-label=verdict]", "fail");
        const filter = await spent();
        await page.focus(".heads button");
        await spent();
        for (let i = 0; i < 10; i++)
            await press(page, i < 5 ? "ArrowDown" : "ArrowRight");
        const keys = await spent();
        console.log(`# opening ${opening.toFixed(2)} s, sorting ${sort.toFixed(2)} s, a filter ` +
            `${filter.toFixed(2)} s, ten keys ${keys.toFixed(2)} s of CPU`);
        holds(opening > 0.01 && opening < 2, `took ${opening.toFixed(2)} s to open`);
        holds(sort < 1.5 && filter < 1 && keys < 2, `sort ${sort}, filter ${filter}, keys ${keys}`);
        same(await page.locator(".cell").count(), 300 * 55 + 7, "cells, and those of the legend");
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        holds(wide <= 0, `${wide} pixels too wide`);
        const failing = (await page.locator(".hardest .share").allTextContents()).map((text) =>
            Number(/ % (\d+) of/.exec(text)[1]));
        holds(failing.length > 20 && failing.every((one, i) => !i || one <= failing[i - 1]),
            `not in the order of how many fail: ${failing}`);
        await page.context().close();
    });
}

// ---- How it looks ----

// In the page: how light the cells of a verdict are, from 0 to 1.
function lightness(verdict) {
    const part = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = getComputedStyle(document.querySelector(`.cell.${verdict}`))
        .backgroundColor.match(/[\d.]+/g).map(Number).map(part);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

async function looks() {
    for (const colorScheme of ["light", "dark"]) {
        await test(`contrast is AA: ${colorScheme}`, async () => {
            await closing(await open("class", { colorScheme }), async (page) => {
                await page.locator("tbody .cell.fail").first().click();
                same(await page.evaluate(faintTexts), "", "faint");
            });
        });
        await test(`who sees no colours sees verdicts: ${colorScheme}`, async () => {
            await closing(await open("class", { colorScheme }), async (page) => {
                const signs = await page.locator(".legend .cell").allTextContents();
                same(new Set(signs).size, signs.length, "signs");
                const [pass, fail] = [await page.evaluate(lightness, "pass"),
                    await page.evaluate(lightness, "fail")];
                const ratio = (Math.max(pass, fail) + 0.05) / (Math.min(pass, fail) + 0.05);
                holds(ratio > 4.5, `failed and passed differ by ${ratio}`);
            });
        });
    }
    await test("nothing is wider than a phone", async () => {
        for (const name of ["class", "hostile"]) {
            await closing(await open(name, { viewport: phone }), async (page) => {
                await page.locator("tbody .cell.fail").first().click();
                const wide = await page.evaluate(() =>
                    document.documentElement.scrollWidth - innerWidth);
                holds(wide <= 0, `${name} is ${wide} pixels too wide`);
            });
        }
    });
    const views = [["class", {}], ["class-dark", { colorScheme: "dark" }],
        ["class-phone", { viewport: phone }]];
    for (const [name, options] of views) {
        await test(`looks as it should: ${name}`, async () => {
            await closing(await open("class", options), async (page) => {
                if (name !== "class")
                    await page.click(".hardest .show");
                const file = path.join(golden, `${name}.png`);
                const picture = await shoot(page);
                fs.writeFileSync(path.join(pages, `${name}.png`), picture);
                if (write)
                    fs.writeFileSync(file, picture);
                const away = await difference(page, picture, fs.readFileSync(file));
                holds(away < 0.01, `${(away * 100).toFixed(1)} % of the picture differ ` +
                    `from ${path.relative(".", file)}; see ${pages}/${name}.png`);
            });
        });
    }
    await test("a wrong picture is found out", async () => {
        const page = await open("class");
        for (const selector of [".hardest", ".abreast", ".hard .bar"]) {
            await page.evaluate((which) => {
                for (const one of document.querySelectorAll(which))
                    one.style.visibility = "hidden";
            }, selector);
            const away = await difference(page, await shoot(page),
                fs.readFileSync(path.join(golden, "class.png")));
            holds(away > 0.01, `without ${selector} ${away} differs`);
            await page.evaluate((which) => {
                for (const one of document.querySelectorAll(which))
                    one.style.visibility = "";
            }, selector);
        }
        await page.context().close();
    });
}

(async () => {
    browser = await chromium.launch({ executablePath: "/usr/bin/chromium",
        args: ["--no-sandbox", "--force-device-scale-factor=1",
            "--font-render-hinting=none", "--disable-lcd-text"] });
    for (const group of [contents, safety, use, crowd, looks])
        await group();
    await browser.close();
    console.log("done");
})().catch((error) => {
    console.log(`not ok the browser runs: ${error.message.split("\n")[0]}`);
    process.exit(1);
});
