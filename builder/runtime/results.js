/** The results page: for each lesson its state and points, the grade, what is missing with links, the receipt. */

/** @import {Lesson} from "./types.d.ts" */
/** @import {Session} from "./session.js" */
/** @import {Words} from "./words.js" */

import { show } from "./dom.js";
import { address } from "./links.js";
import { receipt } from "./receipt.js";
import { percent } from "./score.js";
import * as progress from "./state.js";

/**
 * @param {DocumentFragment} page a copy of the template, filled here
 * @param {Session} session
 * @param {Words} words
 */
export function fillResults(page, session, words) {
  const { t } = words;
  const { course, saved } = session;
  const find = (/** @type {string} */ selector) => /** @type {HTMLElement | null} */ (page.querySelector(selector));
  const write = (/** @type {string} */ selector, /** @type {string} */ text) => {
    const element = find(selector);
    if (element) element.textContent = text;
  };
  const grade = progress.courseGrade(saved, course);
  const shown = grade === null ? "" : t("grade", { grade: words.percent(percent(grade)) });
  const wanted = course.mastery === null ? "" : t("mastery", { mastery: words.percent(100 * course.mastery) });
  write("[data-results-grade]", [shown, wanted].filter(Boolean).join(" "));
  write("[data-results-status]", t(`status_${session.status()}`));
  find("[data-results-rows]")?.replaceChildren(...course.lessons.map((lesson) => row(lesson, session, words)));
  const isFailed = session.status() === "failed" && !session.looking;
  const isMissed = course.lessons.some((lesson) => progress.missed(saved, lesson).length);
  show(find("[data-action=answer-again]"), isFailed && isMissed);
  fillReceipt(page, session);
}

/** A claim is made only for what was recorded. @param {ParentNode} page @param {Session} session */
function fillReceipt(page, session) {
  const code = page.querySelector("[data-receipt]");
  const { course, target } = session.course;
  const grade = progress.courseGrade(session.saved, session.course);
  const isFinal = session.status() !== "incomplete" && (session.opened.recorded || target === "web");
  show(page.querySelector("[data-results-receipt]"), isFinal);
  if (!code || !isFinal) return;
  code.textContent = receipt(course, session.status(), session.score() ?? (grade && percent(grade)), new Date());
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
  const missing = state === "started" ? progress.missing(saved, lesson) : [];
  if (missing.length) {
    const items = missing.map(({ id, title }) => element("li", link(address(lesson, id), title)));
    cell.append(element("p", t("missing", { n: missing.length })), element("ul", ...items));
  } else if (state === "started") {
    cell.append(element("p", t("end_not_reached")));
  }
  const points = element("td", possible && lesson.graded ? t("points_of", { won, possible }) : "–");
  points.className = "number";
  line.append(head, cell, points);
  return line;
}

/** @param {string} name @param {(Node | string)[]} children @returns {HTMLElement} */
function element(name, ...children) {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}

/** @param {string} href @param {string} text @returns {HTMLElement} */
function link(href, text) {
  const made = element("a", text);
  made.setAttribute("href", href);
  return made;
}
