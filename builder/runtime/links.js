/** Addresses: every page of the course is a fragment of the launch document (`#/lesson/anchor`). */

/** @import {CourseData, Lesson} from "./types.d.ts" */

import { focus } from "./dom.js";

export const COVER = "#/";
export const RESULTS = "#/_results";
export const SEARCH = "#/_search";
export const ATTESTATION = "#/_attestation";

/** @param {{id: string}} page a lesson, or another page @param {string} [anchor] @returns {string} */
export const address = ({ id }, anchor) => `#/${id}${anchor ? `/${anchor}` : ""}`;

/**
 * @param {CourseData} course
 * @param {string} hash of the launch document
 * @returns {{lesson: Lesson | null, page: string, anchor: string, isResults: boolean, query: string | null}} the
 *   cover when it is none of ours; `page`: the id of one that belongs to no lesson; `query`: what is searched
 */
export function parse(course, hash) {
  const [, id = "", anchor = ""] = /^#\/([^/]*)\/?(.*)$/.exec(hash) ?? [];
  const lesson = course.lessons.find((each) => each.id === id) ?? null;
  const page = course.pages?.includes(id) ? id : "";
  const isSearch = `#/${id}` === SEARCH;
  return {
    lesson,
    page,
    anchor: lesson || page ? decoded(anchor) : "",
    isResults: hash === RESULTS,
    query: isSearch ? decoded(anchor) : null,
  };
}

/**
 * Turn plain clicks on links between the pages of the package into addresses. Clicks with a modifier key, downloads and
 * other targets are left alone.
 * @param {Window} window
 * @param {CourseData} course
 * @param {(hash: string) => void} go
 */
export function interceptLinks(window, course, go) {
  window.document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented || event.button !== 0) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if ((link.target && link.target !== "_self") || link.hasAttribute("download")) return;
    const hash = destination(window, course, link);
    if (hash === null) return;
    event.preventDefault();
    if (hash) go(hash);
  });
}

/**
 * @param {Window} window
 * @param {CourseData} course
 * @param {HTMLAnchorElement} link
 * @returns {string | null} null: not ours
 */
function destination({ location, document }, course, link) {
  const url = new URL(link.href);
  const folder = new URL(".", location.href).href;
  if (url.href.split(/[?#]/)[0] === location.href.split(/[?#]/)[0]) {
    if (/^#?$|^#\//.test(url.hash)) return url.hash || COVER;
    const { lesson, page } = parse(course, location.hash);
    if ((lesson || page) && url.hash !== "#main") return address(lesson ?? { id: page }, url.hash.slice(1));
    focus(document.getElementById(decoded(url.hash.slice(1))));
    return "";
  }
  const isLinked = (/** @type {string} */ file) => folder + file === url.href.split(/[?#]/)[0];
  const lesson = course.lessons.find(({ file }) => isLinked(file));
  const page = course.pages?.find((id) => isLinked(`${id}.html`));
  return lesson ? address(lesson, url.hash.slice(1)) : page ? address({ id: page }, url.hash.slice(1)) : null;
}

/** @param {string} text @returns {string} */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
