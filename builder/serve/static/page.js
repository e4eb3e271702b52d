/** What the desk's scripts share: its words, its elements. */

/** @type {Record<string, string>} */
const WORDS = JSON.parse(document.body.dataset.words ?? "{}");

/** What the server tells: `message` of every build, `advice` a moment later. */
export const events = new EventSource("/events");

/** @param {string} key @param {Record<string, string | number>} [values] @returns {string} */
export function t(key, values = {}) {
  return (WORDS[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** @param {string} id @returns {HTMLElement} */
export function find(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element ${id}`);
  return found;
}

/**
 * @param {string} name of the element
 * @param {string} [className]
 * @param {...(string | Node)} content
 * @returns {HTMLElement}
 */
export function make(name, className = "", ...content) {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...content);
  return element;
}

/** @param {HTMLElement} list a `dl` @param {[name: string, value: string][]} facts */
export function fill(list, facts) {
  list.replaceChildren(...facts.flatMap(([name, value]) => [make("dt", "", name), make("dd", "", value)]));
}
