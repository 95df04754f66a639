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

module.exports = { test, same, holds, faintTexts };
