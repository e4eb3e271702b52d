/** The profile of a positioning lesson: by competency, what is known and where to learn the rest. Never a grade. */

/** @import {Lesson} from "./types.d.ts" */
/** @import {Session} from "./session.js" */
/** @import {Words} from "./words.js" */

import { show } from "./dom.js";
import { isFull } from "./score.js";

/** Shares from which a competency is known, and half known. */
const [KNOWN, HALF] = [0.8, 0.5];

/**
 * @param {ParentNode} page the lesson
 * @param {Session} session
 * @param {Lesson | null} lesson
 * @param {Words} words
 */
export function fillProfile(page, session, lesson, { t }) {
  const place = page.querySelector("[data-profile]");
  let isKnown = false;
  for (const row of /** @type {Iterable<HTMLElement>} */ (place?.querySelectorAll("[data-slots]") ?? [])) {
    const slots = (row.dataset.slots ?? "").split(" ").map(Number);
    const given = lesson?.questions.filter((each) => slots.includes(each.slot) && session.isGiven(each)) ?? [];
    const shares = given.map((question) => session.fraction(question));
    const share = shares.reduce((sum, each) => sum + each, 0) / given.length;
    const word = share >= KNOWN ? "profile_known" : share >= HALF ? "profile_half" : "profile_new";
    const text = row.querySelector("[data-share]");
    if (text)
      text.textContent = `${t(word)} (${t("profile_right", { n: shares.filter(isFull).length, total: given.length })})`;
    show(row, given.length > 0);
    show(row.querySelector("[data-recommended]"), share < KNOWN);
    isKnown ||= given.length > 0;
  }
  show(place, isKnown);
}
