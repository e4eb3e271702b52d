/** Addresses: every page of the course is a fragment of the launch document (`#/lesson/anchor`). */

/** @import {CourseData, Lesson} from "./types.d.ts" */

import { focus } from "./dom.js";

export const COVER = "#/";
export const RESULTS = "#/_results";

/** @param {Lesson} lesson @param {string} [anchor] @returns {string} */
export const address = ({ id }, anchor) => `#/${id}${anchor ? `/${anchor}` : ""}`;

/**
 * @param {CourseData} course
 * @param {string} hash of the launch document
 * @returns {{lesson: Lesson | null, anchor: string, isResults: boolean}} the cover when it is none of ours
 */
export function parse(course, hash) {
  const [, id, anchor = ""] = /^#\/([^/]*)\/?(.*)$/.exec(hash) ?? [];
  const lesson = course.lessons.find((each) => each.id === id) ?? null;
  return { lesson, anchor: lesson ? decoded(anchor) : "", isResults: hash === RESULTS };
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
    const { lesson } = parse(course, location.hash);
    if (lesson && url.hash !== "#main") return address(lesson, url.hash.slice(1));
    focus(document.getElementById(decoded(url.hash.slice(1))));
    return "";
  }
  const lesson = course.lessons.find(({ file }) => folder + file === url.href.split(/[?#]/)[0]);
  return lesson ? address(lesson, url.hash.slice(1)) : null;
}

/** @param {string} text @returns {string} */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
