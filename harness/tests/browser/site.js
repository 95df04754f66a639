// site.js SITE [few]: tries the built site in Chromium, from the disk and under
// a sub-path of a server; with "few", only how a few pages look.  Prints "ok
// NAME" or "not ok NAME: what was seen", and "done" at its end.  Contrast is
// looked at on a page of each kind; on all of them where WIRELAB_LONG is set.
"use strict";

const fs = require("fs");
const http = require("http");
const path = require("path");
const { pathToFileURL } = require("url");
const { chromium } = require("playwright-core");
const { test, same, holds, faintTexts } = require("./tools");

const site = path.resolve(process.argv[2]);
const disk = pathToFileURL(site).href + "/";
const lab = "labs/08-reliable-udp/";
const walkthrough = "solutions/08-reliable-udp/WALKTHROUGH.html";
const desktop = { width: 1440, height: 900 };
const few = process.argv[3] === "few";
const phone = { width: 360, height: 740 };

// A page of each kind.
const kinds = ["index.html", "emulator.html", "reports.html", "glossary.html",
    "rfcs.html", lab + "README.html", lab + "hints.html", walkthrough,
    "solutions/08-reliable-udp/mutants/only-the-timer.patch.html"];

let browser;

// ---- Tools ----

// Opens pages and keeps what they complain of: errors, failed requests, and
// requests that leave `origin`.
async function reader(options = {}, origin = disk) {
    const context = await browser.newContext({ viewport: desktop, ...options });
    context.setDefaultTimeout(60000); // conditions, not sleeps
    const page = await context.newPage();
    page.complaints = [];
    const say = (what) => page.complaints.push(`${page.url()}: ${what}`);
    page.on("console", (m) => m.type() === "error" && say(m.text()));
    page.on("pageerror", (error) => say(error.message));
    page.on("requestfailed", (r) => // aborted: we went on before it came
        /ABORTED/.test(r.failure().errorText) || say(`no ${r.url()}`));
    page.on("response", (r) => r.status() >= 400 && say(`no ${r.url()}`));
    page.on("request", (r) => r.url().startsWith(origin) ||
        r.url().startsWith("data:") || say(`asks for ${r.url()}`));
    page.quiet = () => same(page.complaints.join("; "), "", "complaints");
    page.close = () => context.close();
    return page;
}

function pagesOfSite(folder = "") {
    return fs.readdirSync(path.join(site, folder), { withFileTypes: true })
        .flatMap((entry) => entry.isDirectory() ?
            pagesOfSite(folder + entry.name + "/") :
            entry.name.endsWith(".html") ? [folder + entry.name] : [])
        .sort();
}

// Serves the site under /course/, and nothing else.
function serve() {
    const types = { ".html": "text/html; charset=utf-8", ".css": "text/css",
        ".js": "text/javascript", ".svg": "image/svg+xml" };
    const server = http.createServer((request, response) => {
        const asked = decodeURIComponent(request.url.split(/[?#]/)[0]);
        const file = path.join(site, asked.replace(/^\/course\//, "/"));
        if (!asked.startsWith("/course/") || !fs.existsSync(file))
            return response.writeHead(404).end();
        response.writeHead(200, { "content-type": types[path.extname(file)] });
        response.end(fs.readFileSync(file));
    });
    return new Promise((done) => server.listen(0, "127.0.0.1",
        () => done(server)));
}

// ---- Tests ----

// Each page is opened once, and looked at in all ways.
async function everyPage() {
    const isSource = (name) => /\.[a-z]+\.html$/.test(name);
    const names = pagesOfSite().filter((name) => few ?
        kinds.includes(name) : !isSource(name) || kinds.includes(name));
    const page = await reader();
    const wide = [], cut = [], faint = [];
    await test("every page opens without a complaint", async () => {
        holds(names.length >= kinds.length - 2, `${names.length} pages`);
        for (const name of names) {
            await page.goto(disk + name);
            await look(page, name, { wide, cut, faint });
        }
        page.quiet();
    });
    await test("no page is wider than a phone",
        () => same(wide.join(), "", "too wide"));
    await test("drawings of up to 78 columns fit their column",
        () => same(cut.join(), "", "cut short"));
    await test("contrast is AA, light and dark",
        () => same(faint.join("; "), "", "faint"));
    await page.close();
}

async function look(page, name, { wide, cut, faint }) {
    if (await page.evaluate(cutDrawings))
        cut.push(name);
    await page.evaluate(() => document.querySelectorAll("details")
        .forEach((fold) => { fold.open = true; }));
    const all = kinds.includes(name) || process.env.WIRELAB_LONG;
    for (const colorScheme of all ? ["light", "dark"] : []) {
        await page.emulateMedia({ colorScheme });
        const texts = await page.evaluate(faintTexts);
        if (texts)
            faint.push(`${name} (${colorScheme}): ${texts}`);
    }
    await page.setViewportSize(phone);
    if (await page.evaluate(() =>
        document.documentElement.scrollWidth > innerWidth))
        wide.push(name);
    await page.setViewportSize(desktop);
}

// In the page: how many drawings do not fit, though their lines are short.
function cutDrawings() {
    return [...document.querySelectorAll("pre.plain")].filter((pre) =>
        pre.scrollWidth > pre.clientWidth && pre.checkVisibility() &&
        pre.innerText.split("\n").every((line) => [...line].length <= 78)).length;
}

async function find(page, words) {
    await page.keyboard.press("/");
    await page.keyboard.type(words);
    await page.waitForSelector("#found:not([hidden]) li");
    await page.waitForFunction((typed) =>
        document.getElementById("search").value === typed, words);
}

async function searching(name, origin) {
    await test(`search finds a term and leads there, ${name}`, async () => {
        const page = await reader({}, origin);
        await page.goto(origin + lab + "README.html");
        await find(page, "retransmission timer");
        holds(/^(timer|retransmission)$/i.test(
            await page.textContent("#found mark")), "no mark");
        const first = await page.textContent("#found li b");
        same(first, "Retransmission timer · Glossary", "the first found");
        await page.keyboard.press("Enter");
        await page.waitForURL(origin + "glossary.html#retransmission-timer");
        await page.waitForFunction(() => {
            const at = document.querySelector(":target")?.getBoundingClientRect();
            return at && at.top >= 0 && at.bottom <= innerHeight;
        });
        page.quiet();
        await page.close();
    });
}

async function searchBox() {
    const page = await reader();
    await page.goto(disk + "index.html");
    await test("arrows choose among what was found, Escape closes", async () => {
        await find(page, "checksum");
        holds(await page.locator("#found li").count() > 3, "few found");
        const chosen = () => page.getAttribute("#search", "aria-activedescendant");
        same(await chosen(), "found-0", "chosen at first");
        await page.keyboard.press("ArrowDown");
        same(await chosen(), "found-1", "chosen after an arrow");
        await page.keyboard.press("Escape");
        holds(await page.isHidden("#found"), "still open");
    });
    await test("what is not there is said, and no text becomes HTML", async () => {
        await page.fill("#search", "<img src=x onerror=alert(1)> zyzzyva");
        await page.waitForSelector("#found .nothing");
        same(await page.locator("#found img").count(), 0, "images");
    });
    await test("a walkthrough that is found says that it spoils", async () => {
        if (!fs.existsSync(path.join(site, walkthrough)))
            return;
        await page.fill("#search", "way through lab 08 stop");
        await page.waitForSelector("#found li:has-text('way through lab 08')");
        const said = await page.textContent("#found li small");
        same(said, "spoiler: gives the answer away", "words");
    });
    await test("searching raises no complaint", () => page.quiet());
    await page.close();
}

async function folds() {
    const page = await reader();
    await test("a hint is folded, and opens by keyboard", async () => {
        await page.goto(disk + lab + "hints.html");
        const hint = page.locator("details.hint").first();
        const words = hint.locator("p").first();
        holds(await words.isHidden(), "it is not folded");
        holds(await page.locator("details.hint[open]").count() === 0, "one is open");
        for (let tabs = 0; tabs < 120; tabs++) {
            await page.keyboard.press("Tab");
            if (await hint.locator("summary").evaluate(
                (node) => node === document.activeElement))
                break;
        }
        await page.keyboard.press("Enter");
        holds(await words.isVisible(), "it does not open");
    });
    await test("a link into a fold opens it", async () => {
        await page.goto(disk + "index.html");
        await page.goto(disk + lab + "hints.html#1-1");
        holds(await page.locator("details[id='1-1']").getAttribute("open") !== null,
            "folded");
    });
    await test("a walkthrough warns, and is folded", async () => {
        if (!fs.existsSync(path.join(site, walkthrough)))
            return;
        await page.goto(disk + lab + "README.html");
        const link = page.locator("main p.more a[href*=WALKTHROUGH]").first();
        holds(/spoiler/.test(await link.locator("xpath=..").textContent()),
            "the link does not warn");
        await link.click();
        await page.waitForURL(/WALKTHROUGH.html#checkpoint-1/);
        holds(await page.locator(".warning").first().isVisible(), "no warning");
        same(await page.locator("main pre:visible").count(), 0, "code to be seen");
        await page.locator("details.spoiler summary").first().click();
        holds(await page.locator("main pre:visible").count() > 0, "stays folded");
    });
    await test("unfolding raises no complaint", () => page.quiet());
    await page.close();
}

async function otherReaders() {
    await test("the first Tab leads past the menus to the text", async () => {
        const page = await reader();
        await page.goto(disk + lab + "README.html");
        await page.keyboard.press("Tab");
        await page.keyboard.press("Enter");
        same(await page.evaluate(() => document.activeElement.id), "content",
            "focus");
        await page.close();
    });
    await test("without scripts pages are whole and folds open", async () => {
        const page = await reader({ javaScriptEnabled: false, viewport: phone });
        await page.goto(disk + lab + "hints.html");
        await page.click("details.hint summary");
        holds(await page.isVisible("details.hint p"), "the hint stays folded");
        await page.close();
    });
    await test("on a phone menus are folded, and lead on", async () => {
        const page = await reader({ viewport: phone });
        await page.goto(disk + "index.html");
        await page.click("nav.site summary");
        await page.click("nav.site a:has-text('Glossary')");
        await page.waitForURL(/glossary.html$/);
        holds(await page.isHidden("nav.site ul"), "the menu is unfolded");
        await page.close();
    });
    await test("on paper there is the text and no menu", async () => {
        const page = await reader();
        await page.goto(disk + lab + "README.html");
        await page.emulateMedia({ media: "print" });
        holds(await page.isHidden("nav.site"), "the menu is printed");
        holds(await page.isHidden("#search"), "the search is printed");
        holds(await page.isVisible("main pre"), "diagrams are not printed");
        await page.close();
    });
}

async function behaviour() {
    const server = await serve();
    const origin = `http://127.0.0.1:${server.address().port}/course/`;
    await searching("from a disk", disk);
    await searching("under a sub-path", origin);
    await searchBox();
    await folds();
    await otherReaders();
    server.close();
}

async function main() {
    browser = await chromium.launch({ executablePath: "/usr/bin/chromium",
        args: ["--no-sandbox"] }); // it opens nothing but these pages
    await everyPage();
    if (!few)
        await behaviour();
    await browser.close();
    console.log("done");
}

main().catch((error) => {
    console.log(`not ok the browser runs: ${error.message.split("\n")[0]}`);
    process.exit(1);
});
