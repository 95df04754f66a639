// The page of similar submissions as its reader meets it:
//     node similar.js PAGE PAIRS
"use strict";
const path = require("path");
const { chromium } = require("playwright-core");
const { test, same, holds, settle, faintTexts } = require("./tools.js");

const [page_file, pairs] = process.argv.slice(2);
let browser;

// A page with everything that went wrong in it.
async function open(options) {
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 },
        ...options });
    const page = await context.newPage();
    page.wrong = [];
    page.on("pageerror", (error) => page.wrong.push(error.message));
    page.on("dialog", (dialog) => {
        page.wrong.push(`a dialog: ${dialog.message()}`);
        dialog.dismiss();
    });
    page.on("console", (line) => line.type() === "error" && page.wrong.push(line.text()));
    page.on("request", (request) => request.url().startsWith("file:") ||
        page.wrong.push(`asks for ${request.url()}`));
    await page.goto(`file://${path.resolve(page_file)}`);
    await settle(page);
    return page;
}

async function all() {
    const page = await open();
    await test("each pair has its line", async () => {
        same(await page.locator(".pair").count(), Number(pairs), "pairs");
        same(await page.locator(".pair .run").count(), 0, "code before it is opened");
    });
    await test("a pair opens by keyboard, with both programs side by side", async () => {
        await page.locator(".pair summary").first().focus();
        await page.keyboard.press("Enter");
        await page.locator(".pair[open] .run").first().waitFor();
        const run = page.locator(".pair[open] .run").first();
        same(await run.locator(".code").count(), 2, "programs");
        const [left, right] = [await run.locator(".code").nth(0).boundingBox(),
            await run.locator(".code").nth(1).boundingBox()];
        holds(right.x >= left.x + left.width && left.y === right.y, "side by side");
        holds((await run.innerText()).includes("recvfrom"), "the code is shown");
    });
    await test("code and names are read, and never run", async () => {
        for (const pair of await page.$$(".pair:not([open]) summary"))
            await pair.click();
        await settle(page);
        const text = await page.locator("main").innerText();
        holds(text.includes("<img src=x onerror=alert(1)>"), "the name is shown");
        same(await page.locator("main img, main script").count(), 0, "elements of theirs");
        same(page.wrong.join("; "), "", "errors");
    });
    await page.context().close();
    for (const colorScheme of ["light", "dark"]) {
        await test(`it can be read: ${colorScheme}`, async () => {
            const view = await open({ colorScheme });
            await view.locator(".pair summary").first().click();
            await view.locator(".pair[open] .run").first().waitFor();
            same(await view.evaluate(faintTexts), "", "faint texts");
            await view.context().close();
        });
    }
    await test("on a phone nothing sticks out", async () => {
        const phone = await open({ viewport: { width: 390, height: 800 } });
        await phone.locator(".pair summary").first().click();
        await phone.locator(".pair[open] .run").first().waitFor();
        const wide = await phone.evaluate(() => document.documentElement.scrollWidth);
        holds(wide <= 390, `the page is ${wide} wide`);
        await phone.context().close();
    });
}

(async () => {
    browser = await chromium.launch({ executablePath: "/usr/bin/chromium",
        args: ["--no-sandbox"] });
    await all();
    await browser.close();
    console.log("done");
})().catch((error) => {
    console.log(`not ok the browser runs: ${error.message.split("\n")[0]}`);
    process.exit(1);
});
