/** The search page: places of the course that hold every word, found in the text of its pages. */

/** @import {Words} from "./words.js" */

import { element } from "./dom.js";
import { address } from "./links.js";
import { normalise } from "./score.js";

/**
 * What a link can lead to: a lesson (no anchor), a heading, a question, a term. `key` and `all` are folded: of the
 * heading; of heading and text.
 * @typedef {{id: string, anchor: string, title: string, heading: string, text: string, key: string, all: string}} Place
 */
/** @typedef {[text: string, isWanted: boolean]} Token a word or what stands between two */
/** @typedef {{rank: number, place: Place, heading: Token[], snippet: Token[]}} Found */

const WORD = /([\p{L}\p{N}]+)/u;
/** Tokens of a snippet: before its first wanted word, and in all. */
const BEFORE = 16;
const LENGTH = 64;
const STARTS = "h1, :is(h2, h3, h4, h5, h6, .question, .glossary-term, .footnotes li)[id]";
const BLOCKS = "p, li, dt, dd, th, td, br, pre, summary, caption, figcaption";
/** What would give answers away, questions of a test that may not be drawn, and what is no text. */
const SKIPPED =
  ".quiz .question, .question > :not(.question-prompt), [hidden], .visually-hidden, .footnote-ref, .footnote-back, .lesson-meta, " +
  ".lesson-end, .footnotes > h2, .term-places, dfn, annotation, script";

/**
 * @param {string} text
 * @returns {string} its words without accents and capitals, a space before and after each
 */
export const fold = (text) =>
  ` ${normalise(text, {})
    .split(WORD)
    .filter((_, n) => n % 2)
    .join(" ")} `;

/**
 * @param {string} query
 * @returns {string[]} what a folded text must hold, longest first: beginnings of words; whole words where they are short
 */
export function wanted(query) {
  const words = fold(query).split(" ").filter(Boolean);
  const long = words.filter((word) => /..|\d/.test(word)); // not the « l » of « l’adresse »
  return (long.length ? long : words)
    .map((word) => (word.length > 2 ? ` ${word}` : ` ${word} `))
    .sort((one, other) => other.length - one.length);
}

/** @param {string} text folded @param {string} word @returns {boolean} whether it holds the word, or its singular */
const holds = (text, word) =>
  text.includes(word) || (/\S{3}[sx]$/.test(word) && text.includes(`${word.slice(0, -1)} `));

/**
 * @param {Place[]} places in the order of the course
 * @param {string} query
 * @returns {Found[]} places that hold every word: lessons by their title, then headings, then texts; the lesson's title
 *   may hold some of the words, not all of them
 */
export function find(places, query) {
  const words = wanted(query);
  const phrase = fold(query).trimEnd();
  const marks = words.filter((word) => word === words[0] || !word.endsWith(" "));
  const isWanted = (/** @type {string} */ token) => marks.some((word) => holds(fold(token), word));
  const marked = (/** @type {string[]} */ tokens) =>
    tokens.map((token) => /** @type {Token} */ ([token, isWanted(token)]));
  /** @type {Found[]} */
  const all = [];
  for (const place of places) {
    if (!words.some((word) => holds(place.all, word))) continue;
    if (!words.every((word) => holds(place.all + fold(place.title), word))) continue;
    const isHeading = words.every((word) => holds(place.key, word));
    const rank = (isHeading ? (place.anchor ? 2 : 4) : 0) + (place.all.includes(phrase) ? 1 : 0);
    const tokens = place.text.split(WORD);
    const from = Math.max(0, tokens.findIndex((token) => holds(fold(token), words[0] ?? "")) - BEFORE);
    const snippet = marked([from ? "… " : "", ...tokens.slice(from, from + LENGTH), tokens[from + LENGTH] ? " …" : ""]);
    all.push({ rank, place, heading: marked(place.heading.split(WORD)), snippet });
  }
  return all.sort((one, other) => other.rank - one.rank);
}

/**
 * @param {string} id of the page
 * @param {string} html
 * @returns {Place[]}
 */
function placesOf(id, html) {
  const main = new DOMParser().parseFromString(html, "text/html").querySelector("main");
  const title = main?.querySelector("h1")?.textContent?.trim() ?? "";
  /** @type {Place[]} */
  const places = [];
  const walk = (/** @type {Element} */ element) => {
    for (const node of element.childNodes) {
      const last = places.at(-1);
      if (node instanceof Text && last) last.text += node.data;
      if (!(node instanceof Element) || node.matches(SKIPPED)) continue;
      if (node.matches(STARTS)) {
        const name =
          node.querySelector(".question-title, dfn") ?? node.closest(".footnotes")?.querySelector("h2") ?? node;
        places.push({ id, anchor: node.id, title, heading: name.textContent ?? "", text: "", key: "", all: "" });
        if (name === node) continue;
      }
      if (node.matches(".gap") && last) last.text += "…";
      else walk(node);
      if (node.matches(BLOCKS) && last) last.text += " ";
    }
  };
  if (main) walk(main);
  for (const place of places) {
    place.text = place.text.replace(/\s+/g, " ").trim();
    place.key = fold(place.heading);
    place.all = place.key + fold(place.text);
  }
  return places;
}

/**
 * @template {{id: string}} Page
 * @param {Words} words
 * @param {Page[]} pages all that is searched, in order
 * @param {(page: Page) => Promise<string>} read rejects when a page cannot be read
 * @param {(query: string) => void} note the query has changed
 * @returns {(fragment: DocumentFragment, query: string) => void} fills a copy of the template
 */
export function openSearch({ t }, pages, read, note) {
  /** What has been read, by page. @type {Map<Page, Place[]>} */
  const known = new Map();
  let turn = 0;

  return (fragment, first) => {
    const get = (/** @type {string} */ name) => fragment.querySelector(`[data-search-${name}]`);
    const field = /** @type {HTMLInputElement} */ (get("field"));
    const status = /** @type {Element} */ (get("status"));
    const list = /** @type {Element} */ (get("results"));
    let timer = 0;

    const show = (/** @type {string} */ key, n = 0) => {
      const places = pages.flatMap((page) => known.get(page) ?? []);
      const found = find(places, field.value);
      const count = t(found.length ? "search_found" : key || "search_none", { n: found.length || n });
      status.textContent = field.value.trim() && (found.length && key ? `${count} ${t(key, { n })}` : count);
      list.replaceChildren(...found.map(entry));
    };
    const search = async () => {
      const mine = ++turn;
      const unread = field.value.trim() ? pages.filter((page) => !known.has(page)) : [];
      show(unread.length ? "search_reading" : "");
      await Promise.allSettled(unread.map(async (page) => known.set(page, placesOf(page.id, await read(page)))));
      const { length } = unread.filter((page) => !known.has(page));
      if (unread.length && mine === turn) show(length ? "search_unread" : "", length);
    };

    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = window.setTimeout(() => {
        if (!field.isConnected) return;
        note(field.value);
        search();
      }, 300);
    });
    field.addEventListener("keydown", ({ key }) => {
      if (key === "Enter") list.querySelector("a")?.focus();
      if (key !== "Escape" || !field.value) return;
      field.value = "";
      field.dispatchEvent(new Event("input"));
    });
    field.value = first;
    search();
  };
}

/** @param {Found} found @returns {HTMLElement} */
function entry({ place, heading, snippet }) {
  const link = element("a", ...heading.map(shown));
  link.setAttribute("href", address(place, place.anchor));
  const where = place.anchor ? [element("p", place.title)] : [];
  return element("li", link, ...where, element("p", ...snippet.map(shown)));
}

/** @param {Token} token @returns {Node | string} */
const shown = ([text, isWanted]) => (isWanted ? element("mark", text) : text);
