/** The results page: for each lesson its state and points, the grade, what is missing with links, the receipt. */

/** @import {Lesson, Saved} from "./types.d.ts" */
/** @import {Session} from "./session.js" */
/** @import {Words} from "./words.js" */

import { element, show } from "./dom.js";
import { address } from "./links.js";
import { receipt } from "./receipt.js";
import { percent } from "./score.js";
import * as progress from "./state.js";

/**
 * @param {ParentNode} page a copy of the template, or the end of the lesson of a SCO, filled here
 * @param {Session} session
 * @param {Words} words
 */
export function fillResults(page, session, words) {
  const { t } = words;
  const { course, saved } = session;
  const find = (/** @type {string} */ selector) => /** @type {HTMLElement | null} */ (page.querySelector(selector));
  const write = (/** @type {string} */ selector, /** @type {string} */ text) => {
    const element = find(selector);
    // The end of a lesson stays: its live region speaks at every change.
    if (element && element.textContent !== text) element.textContent = text;
  };
  const grade = progress.courseGrade(saved, course);
  const shown = grade === null ? "" : t("grade", { grade: words.percent(percent(grade)) });
  const wanted = course.mastery === null ? "" : t("mastery", { mastery: words.percent(100 * course.mastery) });
  write("[data-results-grade]", [shown, wanted].filter(Boolean).join(" "));
  write("[data-results-status]", t(`status_${session.status()}`));
  find("[data-results-rows]")?.replaceChildren(...course.lessons.map((lesson) => row(lesson, session, words)));
  const missing = element("div", ...course.lessons.flatMap((lesson) => todo(lesson, saved, t)));
  const place = find("[data-results-missing]");
  if (place && place.innerHTML !== missing.innerHTML) place.replaceChildren(...missing.childNodes);
  show(find("[data-results-attestation]"), isFinal(session) && session.status() !== "failed");
  show(find("[data-results-next]"), session.status() !== "incomplete");
  const isFailed = session.status() === "failed" && !session.looking;
  const isMissed = course.lessons.some((lesson) => progress.missed(saved, lesson).length);
  show(find("[data-action=answer-again]"), isFailed && isMissed);
  fillReceipt(page, session);
}

/** @param {ParentNode} page @param {Session} session */
function fillReceipt(page, session) {
  const code = page.querySelector("[data-receipt]");
  show(page.querySelector("[data-results-receipt]"), isFinal(session));
  if (code && isFinal(session)) code.textContent = receiptOf(session);
}

/** @param {Session} session @returns {boolean} whether there is something to claim: only what was recorded */
export const isFinal = (session) =>
  session.status() !== "incomplete" && (session.opened.recorded || session.course.target === "web");

/** @param {Session} session @returns {string} */
export function receiptOf(session) {
  const grade = progress.courseGrade(session.saved, session.course);
  const score = session.score() ?? (grade && percent(grade));
  return receipt(session.course.course, session.status(), score, new Date());
}

/** @param {Lesson} lesson @param {Session} session @param {Words} words @returns {HTMLElement} */
function row(lesson, { saved }, { t }) {
  const state = progress.lessonState(saved, lesson);
  const { won, possible } = progress.points(saved, lesson);
  const line = element("tr");
  line.dataset.state = state;
  const head = element("th", link(address(lesson), lesson.title));
  head.setAttribute("scope", "row");
  const cell = element("td", t(`state_${state || "none"}`), lesson.optional ? ` ${t("optional")}` : "");
  cell.append(...todo(lesson, saved, t));
  const points = element("td", possible && lesson.graded ? t("points_of", { won, possible }) : "–");
  points.className = "number";
  line.append(head, cell, points);
  return line;
}

/** @param {Lesson} lesson @param {Saved} saved @param {Words["t"]} t @returns {HTMLElement[]} what is still to do */
function todo(lesson, saved, t) {
  if (progress.lessonState(saved, lesson) !== "started") return [];
  const missing = progress.missing(saved, lesson);
  if (!missing.length) return [element("p", t("end_not_reached"))];
  const items = missing.map(({ id, title }) => element("li", link(address(lesson, id), title)));
  return [element("p", t("missing", { n: missing.length })), element("ul", ...items)];
}

/** @param {string} href @param {string} text @returns {HTMLElement} */
function link(href, text) {
  const made = element("a", text);
  made.setAttribute("href", href);
  return made;
}
