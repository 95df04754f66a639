// What the tests of pages share.
"use strict";

// A test is a function that throws what is wrong.
async function test(name, body) {
    try {
        await body();
        console.log(`ok ${name}`);
    } catch (error) {
        console.log(`not ok ${name}: ${String(error.message ?? error)
            .split("\n").slice(0, 3).join(" ")}`);
    }
}

function same(seen, wanted, what) {
    if (seen !== wanted)
        throw new Error(`${what}: ${JSON.stringify(seen)}, not ${
            JSON.stringify(wanted)}`);
}

function holds(truth, what) {
    if (!truth)
        throw new Error(what);
}

// Until everything that was asked for is drawn.
function settle(page) {
    return page.evaluate(() => new Promise((done) => requestAnimationFrame(() =>
        requestAnimationFrame(() => requestAnimationFrame(done)))));
}

// What the page's own thread has worked, not what a clock says: a busy machine is
// not taken for a slow page.
async function cpuSeconds(session) {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find((one) => one.name === "TaskDuration").value;
}

// In the page: texts whose contrast is below AA.
function faintTexts() {
    const part = (v) => (v /= 255) <= 0.04045 ? v / 12.92 :
        ((v + 0.055) / 1.055) ** 2.4;
    const light = ([r, g, b]) =>
        0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    const colour = (text) => text.match(/[\d.]+/g).map(Number);
    const behind = (node) => {
        for (; node; node = node.parentElement) {
            const c = colour(getComputedStyle(node).backgroundColor);
            if (c.length < 4 || c[3] === 1)
                return c;
        }
        return [255, 255, 255];
    };
    const faint = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const node = walk.currentNode.parentElement;
        const style = getComputedStyle(node);
        if (!walk.currentNode.data.trim() || !node.checkVisibility() ||
            node.closest("style, script, .anchor"))
            continue;
        const ink = node.closest("svg") ? style.fill : style.color;
        const [a, b] = [light(colour(ink)), light(behind(node))];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        const size = parseFloat(style.fontSize);
        const large = size >= 24 || size >= 18.66 && style.fontWeight >= 700;
        if (ratio < (large ? 3 : 4.5))
            faint.push(`${ratio.toFixed(2)} "${walk.currentNode.data.trim()
                .slice(0, 30)}"`);
    }
    return faint.slice(0, 5).join(", ");
}

// ---- Pictures ----

async function shoot(page) {
    await page.addStyleTag({ content: `* { caret-color: transparent !important }
        body { font-family: "DejaVu Sans" !important }
        code, pre, .table, .time, .points, .number
            { font-family: "DejaVu Sans Mono" !important }` });
    await page.mouse.move(1, 1);
    await settle(page);
    return page.screenshot();
}

// The share of blocks of 16 by 16 pixels that differ in brightness.
function difference(page, one, other) {
    const sources = [one, other].map((png) => png.toString("base64"));
    return page.evaluate(async (pictures) => {
        const block = 16;
        const light = await Promise.all(pictures.map(async (base64) => {
            const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
            const image = await createImageBitmap(new Blob([bytes]));
            const canvas = new OffscreenCanvas(Math.ceil(image.width / block),
                Math.ceil(image.height / block));
            const context = canvas.getContext("2d");
            context.imageSmoothingQuality = "high";
            context.drawImage(image, 0, 0, canvas.width, canvas.height);
            const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
            return { width: image.width, height: image.height, data };
        }));
        if (light[0].width !== light[1].width || light[0].height !== light[1].height)
            return 1;
        let differ = 0;
        for (let i = 0; i < light[0].data.length; i += 4) {
            const away = [0, 1, 2].map((k) =>
                Math.abs(light[0].data[i + k] - light[1].data[i + k]));
            differ += Math.max(...away) > 28;
        }
        return differ / (light[0].data.length / 4);
    }, sources);
}

module.exports = { test, same, holds, settle, cpuSeconds, faintTexts, shoot, difference };
