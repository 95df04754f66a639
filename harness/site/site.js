// What a page does beyond being read: search, and folds that open by themselves
// when a link leads into them.  Without this script all but search works.
//
// A page from a disk may not fetch files, but it may load scripts; so the index
// is one, and it is loaded when somebody first wants to search.  It holds every
// section's words, some hundreds of sections: going through all of them takes
// less time than a key press, so nothing cleverer is needed, nor a library.
"use strict";

const root = document.body.dataset.root;
const input = document.getElementById("search");
const list = document.getElementById("found");
const MAX_FOUND = 12;
const WEIGHTS = { book: 3, handout: 2, walkthrough: -6, project: -4 };

// ---- Folds ----

function openFolds() {
    let at = null;
    try {
        at = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch {
        return; // no anchor can be meant by that
    }
    if (!at)
        return;
    for (let fold = at.closest("details"); fold;
        fold = fold.parentElement.closest("details"))
        fold.open = true;
    at.scrollIntoView();
}
addEventListener("hashchange", openFolds);
openFolds();

for (const [menu, width] of [[".site", "52rem"], [".toc", "78rem"]])
    if (matchMedia(`(max-width: ${width})`).matches)
        document.querySelector(`nav${menu} details`).open = false;

// ---- Search ----

let loading = null;
let sections = [];

function loadIndex() {
    loading ??= new Promise((done) => {
        const script = document.createElement("script");
        script.src = root + "search-index.js";
        script.onload = done;
        document.head.append(script);
    }).then(() => {
        sections = window.sections.map(([kind, address, title, heading, text]) =>
            ({ kind, address, title, heading, text, page: simple(title),
                head: simple(heading), all: simple(text) }));
    });
    return loading;
}

function simple(text) {
    return text.toLowerCase().normalize("NFKD").replace(/[’‘]/g, "'");
}

// What begins with this word, whatever the word is made of.
function beginning(word) {
    return new RegExp("(?<![\\p{L}\\p{N}])" +
        word.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"), "gu");
}

// How well a section answers: every word must begin a word of it; in the heading
// counts most, then the page's title, then how often.
function score({ kind, page, head, all }, words, starts) {
    let sum = WEIGHTS[kind] ?? 0;
    for (const [n, word] of words.entries()) {
        const times = (all.match(starts[n]) ?? []).length;
        if (head === word)
            sum += 60;
        else if (head.match(starts[n]))
            sum += 25;
        else if (page.match(starts[n]))
            sum += 4;
        else if (!times)
            return 0;
        sum += Math.min(times, 6);
    }
    return head === words.join(" ") ? sum + 60 : Math.max(sum, 1);
}

// As simple as can be while each letter stays in its place.
function lower(text) {
    return text.toLowerCase().replace(/[’‘]/g, "'");
}

// The words around the first hit, the hits marked.
function snippet(text, words) {
    const part = document.createElement("small");
    const all = lower(text);
    const first = Math.min(...words.map((w) => all.indexOf(w))
        .filter((at) => at >= 0), text.length);
    const begin = first === text.length ? 0 :
        Math.max(0, text.lastIndexOf(" ", Math.max(0, first - 50)) + 1);
    let rest = (begin ? "… " : "") + text.slice(begin, begin + 170) +
        (text.length > begin + 170 ? " …" : "");
    while (rest) {
        const low = lower(rest);
        const hits = words.map((w) => [low.indexOf(w), w])
            .filter(([at]) => at >= 0).sort((a, b) => a[0] - b[0]);
        if (!hits.length || low.length !== rest.length)
            break;
        const [at, word] = hits[0];
        const mark = document.createElement("mark");
        mark.textContent = rest.slice(at, at + word.length);
        part.append(rest.slice(0, at), mark);
        rest = rest.slice(at + word.length);
    }
    part.append(rest);
    return part;
}

function choice({ kind, address, title, heading, text }, words, n) {
    const item = document.createElement("li");
    item.id = "found-" + n;
    item.setAttribute("role", "option");
    item.dataset.address = root + address;
    item.setAttribute("aria-selected", n === 0);
    const name = document.createElement("b");
    name.textContent = heading === title ? title : `${heading} · ${title}`;
    item.append(name);
    item.append(kind === "walkthrough" ?
        Object.assign(document.createElement("small"),
            { textContent: "spoiler: gives the answer away" }) :
        snippet(text, words));
    return item;
}

async function search() {
    const wanted = input.value;
    const words = simple(wanted).split(/\s+/).filter(Boolean);
    if (!words.length)
        return close();
    await loadIndex();
    if (input.value !== wanted)
        return; // typed on meanwhile
    const starts = words.map(beginning);
    const found = sections
        .map((section) => [score(section, words, starts), section])
        .filter(([points]) => points > 0)
        .sort((a, b) => b[0] - a[0]).slice(0, MAX_FOUND);
    list.replaceChildren(...found.map(([, s], n) => choice(s, words, n)));
    if (!found.length)
        list.append(Object.assign(document.createElement("li"),
            { className: "nothing", textContent: `Nothing about “${wanted}”` }));
    list.hidden = false;
    input.setAttribute("aria-expanded", true);
    select(0);
}

function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", false);
    input.removeAttribute("aria-activedescendant");
}

function selected() {
    return list.querySelector("[aria-selected=true]");
}

function select(n) {
    const items = [...list.querySelectorAll("[role=option]")];
    if (!items.length)
        return input.removeAttribute("aria-activedescendant");
    n = (n + items.length) % items.length;
    items.forEach((item, i) => item.setAttribute("aria-selected", i === n));
    items[n].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", items[n].id);
}

function go(item) {
    if (!item)
        return;
    close();
    input.blur();
    location.href = item.dataset.address;
}

input.addEventListener("focus", loadIndex);
input.addEventListener("input", search);
input.addEventListener("keydown", (event) => {
    const at = [...list.children].indexOf(selected());
    if (event.key === "ArrowDown")
        select(at + 1);
    else if (event.key === "ArrowUp")
        select(at - 1);
    else if (event.key === "Enter")
        search().then(() => go(list.children[Math.max(at, 0)]));
    else if (event.key === "Escape")
        close();
    else
        return;
    event.preventDefault();
});
list.addEventListener("mousedown", (event) => {
    event.preventDefault(); // the field keeps the focus
    go(event.target.closest("[role=option]"));
});
input.addEventListener("blur", close);
addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey ||
        event.target.closest("input, textarea"))
        return;
    event.preventDefault();
    input.focus();
    input.select();
});
