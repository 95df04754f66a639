// report.js PAGES GOLDEN [write]: tries reports in Chromium, from the disk.
// PAGES holds story.html and large.html, as test_report_html makes them; GOLDEN
// the pictures of how they should look, which "write" makes anew.  Prints "ok
// NAME" or "not ok NAME: what was seen", and "done" at its end.
//
// Time is that of the page's own thread, not of a clock, so that a busy machine
// is not taken for a slow page.  Pictures are compared block by block, coarsely,
// since letters are drawn a little differently from machine to machine; the
// typeface is pinned (fonts-dejavu-core).
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
const failing = "08.2.loss", hostile = "08.2.hostile";
const ATTACK = "</script><script>window.broken=1</script><img src=x " +
    "onerror=\"window.broken=2\"><!-- ]]> \\u003c &lt;b&gt; \u2028 '\"";

let browser;

async function open(name, hash = "", options = {}) {
    const context = await browser.newContext({ viewport: desktop, ...options });
    context.setDefaultTimeout(60000);
    const page = await context.newPage();
    const url = pathToFileURL(path.join(pages, name)).href;
    page.complaints = [];
    page.on("console", (m) => ["error", "warning"].includes(m.type()) &&
        page.complaints.push(m.text()));
    page.on("pageerror", (error) => page.complaints.push(error.message));
    page.on("request", (r) => r.url().startsWith(url.split("#")[0]) ||
        page.complaints.push(`asks for ${r.url()}`));
    page.quiet = () => same(page.complaints.join("; "), "", "complaints");
    page.go = async (to) => {
        await page.goto(`${url}#${to}`);
        await page.waitForSelector("article h2");
        await settle(page);
    };
    await page.go(hash);
    return page;
}

async function closing(page, body) {
    await body(page);
    page.quiet();
    await page.context().close();
}

const rows = (page) => page.locator(".rows .row").evaluateAll((all) =>
    all.map((row) => Number(row.firstChild.textContent)));
const chosen = (page) => page.locator(".row[aria-selected=true]")
    .evaluateAll((all) => all.map((row) => Number(row.firstChild.textContent)));
const shown = async (page) => {
    const [from, to] = await page.locator(".grid text:not(.unit)").evaluateAll(
        (all) => [all[0], all[all.length - 1]].map((tick) =>
            Number(tick.textContent.replace(/\s/g, ""))));
    return to - from;
};

// ---- What is on the page ----

async function contents() {
    await test("opens without a complaint, and asks for nothing", async () => {
        await closing(await open("story.html"), async (page) => {
            same(await page.textContent("h2"), "4 of 10 points", "headline");
            same(await page.locator(".failures li").count(), 2, "failures");
            for (const id of [failing, hostile, "08.1.one_segment", "08.2.quiet"])
                await page.go(id);
        });
    });
    await test("a failure tells what, why, how and where", async () => {
        await closing(await open("story.html", failing), async (page) => {
            const text = await page.textContent("article");
            for (const part of ["attempt 2 at segment 6 came 200 ms", "at least 400 ms",
                "the time-out is a constant", "RFC 6298 section 5.5",
                "./wirelab hint 08.2", "./wirelab replay", "start rsend 9000",
                "exited with status 1", "08.2.loss/capture.pcapng"])
                holds(text.includes(part), `nothing says ${part}`);
            holds(!text.includes("it never began"), "tells what was ruled out");
            holds((await page.textContent("ol .failed")).includes("attempt 2 came"),
                "the failing step is not marked");
            same(await page.locator(".ladder .arrow.lost .cross").count(), 3, "crosses");
            same(await page.locator(".arrow.focus").count(), 4, "looked at");
            holds((await page.textContent(".pauses")).includes("200.0 ms"),
                "no pause between attempts");
        });
    });
    await test("fates are marked, each in its own way", async () => {
        await closing(await open("story.html", failing), async (page) => {
            await page.click("button[aria-label='show the whole test']");
            await settle(page);
            for (const kind of ["lost", "corrupt", "copy", "again", "bare", "data"])
                holds(await page.locator(`.arrow.${kind}`).count() > 0, `no ${kind}`);
            const slope = await page.locator(".arrow.data .shaft").first().evaluate(
                (line) => line.getAttribute("y2") - line.getAttribute("y1"));
            holds(slope > 3, `an arrow of 10 ms falls by ${slope} pixels`);
        });
    });
    await test("plots: time and sequence, and what was recorded", async () => {
        await closing(await open("story.html", failing), async (page) => {
            same(await page.locator("figure").count(), 2, "plots");
            const paths = await page.locator(".sequence .series path")
                .evaluateAll((all) => all.map((one) => one.getAttribute("d").length));
            holds(paths.every((length) => length > 10), `drawn: ${paths}`);
            await page.locator("svg.plot").last().hover();
            holds(/measured [\d.]+, smoothed 42 ms/.test(
                await page.locator(".values").last().textContent()), "no values");
        });
    });
}

// ---- Hostile text ----

async function safety() {
    await test("what programs print is text: no element, no script", async () => {
        await closing(await open("story.html", hostile), async (page) => {
            same(await page.textContent(".message"), ATTACK, "message");
            same(await page.textContent("h2"), ATTACK, "title");
            await page.hover(".arrow .reach >> nth=0", { force: true });
            await page.click(".rows .row >> nth=1");
            await page.go(failing);
            holds((await page.locator("pre").allTextContents()).includes(ATTACK),
                "stderr is not told as it was");
            const made = await page.evaluate(() => ({ broken: window.broken,
                images: document.images.length, scripts: document.scripts.length,
                links: document.querySelectorAll("a[href^=javascript]").length }));
            same(JSON.stringify(made), "{\"images\":0,\"scripts\":2,\"links\":0}", "made");
        });
    });
    await test("no script but its own may run", async () => {
        const page = await open("story.html", hostile);
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
    await test("pointing shows the fields of a packet", async () => {
        await closing(await open("story.html", failing), async (page) => {
            same(await page.locator(".tip").isVisible(), false, "a tip at first");
            const line = page.locator(".arrow.lost .reach").first();
            const box = await line.boundingBox();
            await page.mouse.move(box.x + box.width / 3, box.y + box.height / 3);
            const tip = await page.locator(".tip").textContent();
            for (const part of ["DATA 6", "never", "drop first 3", "sender:40000"])
                holds(tip.includes(part), `the tip lacks ${part}: ${tip}`);
        });
    });
    await test("a click chooses the packet, in the table, too", async () => {
        await closing(await open("story.html", failing), async (page) => {
            await page.locator(".ladder").scrollIntoViewIfNeeded();
            const box = await page.locator("[data-index='14'] .reach").boundingBox();
            await page.mouse.click(box.x + box.width / 3, box.y + box.height / 3);
            await settle(page);
            same(String(await chosen(page)), "15", "chosen");
            holds((await page.textContent(".details")).includes("frame.number == 15"),
                "no details");
            await page.click(".rows .row:has-text('DATA 7')");
            await settle(page);
            same(await page.locator(".arrow.chosen").count(), 1, "on the ladder");
        });
    });
    await test("filters: words, what went oddly, a flow", async () => {
        await closing(await open("story.html", failing), async (page) => {
            await page.fill("input[type=search]", "data 6");
            await settle(page);
            same(String(await rows(page)), "13,14,15,16", "data 6");
            await page.fill("input[type=search]", "no such thing");
            await settle(page);
            same(await page.textContent(".status"), "no packet passes the filter", "none");
            await page.fill("input[type=search]", "");
            await page.check(".tools input[type=checkbox]");
            await settle(page);
            same(String(await rows(page)), "13,14,15,16,20,23", "odd");
            await page.go(hostile);
            same(await page.locator(".tools select option").count(), 3, "flows");
            await page.selectOption(".tools select", "1");
            await settle(page);
            same(String(await rows(page)), "2", "of the second flow");
        });
    });
    await test("everything can be done with the keyboard", async () => {
        await closing(await open("story.html", failing), async (page) => {
            for (let i = 0; i < 60 && !await page.evaluate(() =>
                document.activeElement.matches(".ladder")); i++)
                await page.keyboard.press("Tab");
            const before = await shown(page);
            await page.keyboard.press("Home");
            await page.keyboard.press("ArrowDown");
            await page.keyboard.press("ArrowDown");
            await settle(page);
            same(String(await chosen(page)), "3", "two below the first");
            await page.keyboard.press("+");
            await settle(page);
            const near = await shown(page);
            holds(near < before, "+ does not zoom in");
            await page.keyboard.press("0");
            await settle(page);
            holds(await shown(page) > near, "0 does not show all");
            same(await page.textContent(".status"), "30 packets in view", "all");
            await page.keyboard.press("Escape");
            await settle(page);
            same(String(await chosen(page)), "", "after Escape");
            await page.keyboard.press("Shift+Tab");
            await page.keyboard.press("ArrowRight");
            await page.waitForURL(`**#${hostile}`);
        });
    });
    await test("a step leads to its moment", async () => {
        await closing(await open("story.html", failing), async (page) => {
            await page.click("ol .failed button");
            await settle(page);
            holds(await page.locator(".ladder .failed line").count() === 1,
                "the failure is not on the ladder");
        });
    });
}

// ---- Many packets ----

async function crowd() {
    await test("10 000 packets are drawn within 2 s, and stay usable", async () => {
        const page = await open("story.html");
        const session = await page.context().newCDPSession(page);
        await session.send("Performance.enable", { timeDomain: "threadTicks" });
        let from = await cpuSeconds(session);
        const spent = async () => {
            await settle(page);
            const to = await cpuSeconds(session), seconds = to - from;
            from = to;
            return seconds;
        };
        await page.goto(pathToFileURL(path.join(pages, "large.html")).href);
        await page.waitForSelector(".ladder .arrow");
        from = 0; // a new page counts anew
        const opening = await spent();
        holds(opening > 0.01 && opening < 2, `took ${opening.toFixed(2)} s to open`);
        await page.click("button[aria-label='show the whole test']");
        const all = await spent();
        await page.keyboard.press("Tab");
        await page.focus(".ladder");
        for (let i = 0; i < 10; i++)
            await page.keyboard.press(i < 5 ? "+" : "PageUp");
        const ten = await spent();
        await page.fill("input[type=search]", "lost");
        const filter = await spent();
        console.log(`# opening ${opening.toFixed(2)} s, whole ${all.toFixed(2)} s, ` +
            `ten keys ${ten.toFixed(2)} s, a filter ${filter.toFixed(2)} s of CPU`);
        holds(all < 0.5 && ten < 2 && filter < 1, `whole ${all}, keys ${ten}, filter ${filter}`);
        same(await page.textContent(".rows .row span"), "1", "first lost");
        const nodes = await page.evaluate(() => document.getElementsByTagName("*").length);
        holds(nodes < 4000, `${nodes} elements`);
        await page.context().close();
    });
    await test("when all are in view, a line stands for many", async () => {
        await closing(await open("large.html"), async (page) => {
            await page.click("button[aria-label='show the whole test']");
            await settle(page);
            holds(/10.000 packets in view: a line stands for/.test(
                await page.textContent(".status")), "nothing says so");
            holds(await page.locator(".heaps .lost").count() > 20, "losses are gone");
        });
    });
}

// ---- How it looks ----

async function looks() {
    await test("contrast is AA, light and dark", async () => {
        for (const colorScheme of ["light", "dark"]) {
            await closing(await open("story.html", "", { colorScheme }), async (page) => {
                for (const id of ["", failing, "08.2.quiet"]) {
                    await page.go(id);
                    same(await page.evaluate(faintTexts), "", `${colorScheme} ${id}`);
                }
            });
        }
    });
    await test("nothing is wider than a phone", async () => {
        await closing(await open("story.html", "", { viewport: phone }), async (page) => {
            for (const id of ["", failing, hostile, "08.2.quiet"]) {
                await page.go(id);
                const wide = await page.evaluate(() =>
                    document.documentElement.scrollWidth - innerWidth);
                holds(wide <= 0, `${id || "summary"} is ${wide} pixels too wide`);
            }
        });
    });
    const views = [["summary", "", {}], ["failure", failing, {}],
        ["dark", failing, { colorScheme: "dark" }],
        ["phone", failing, { viewport: phone }]];
    for (const [name, hash, options] of views) {
        await test(`looks as it should: ${name}`, async () => {
            await closing(await open("story.html", hash, options), async (page) => {
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
        const page = await open("story.html", failing);
        for (const selector of [".arrows", ".message", ".test-head"]) {
            await page.evaluate((which) => {
                document.querySelector(which).style.visibility = "hidden";
            }, selector);
            const away = await difference(page, await shoot(page),
                fs.readFileSync(path.join(golden, "failure.png")));
            holds(away > 0.01, `without ${selector} ${away} differs`);
            await page.evaluate((which) => {
                document.querySelector(which).style.visibility = "";
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
