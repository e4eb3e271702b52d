/** The attestation: who followed which course, with what result, on the day it is printed. */

/** @import {Session} from "./session.js" */
/** @import {Words} from "./words.js" */

import { show } from "./dom.js";
import { isFinal, receiptOf } from "./results.js";
import { percent } from "./score.js";
import * as progress from "./state.js";

/**
 * @param {DocumentFragment} page a copy of the template, filled here
 * @param {Session} session
 * @param {Words} words
 */
export function fillAttestation(page, session, { t, ...words }) {
  const { course, saved, opened } = session;
  const grade = progress.courseGrade(saved, course);
  /** @type {Record<string, string>} */
  const texts = {
    name: opened.learner.name,
    grade: grade === null ? "" : words.percent(session.score() ?? percent(grade)),
    status: t(`status_${session.status()}`),
    date: words.day(new Date()),
    receipt: isFinal(session) ? receiptOf(session) : "",
  };
  for (const [key, text] of Object.entries(texts)) {
    const place = page.querySelector(`[data-attestation-${key}]`);
    if (place) place.textContent = text;
    show(place?.closest(".cover-fact"), !!text);
  }
  const name = page.querySelector("[data-attestation-name]");
  const field = page.querySelector("[data-attestation-field]");
  field?.addEventListener("input", () => {
    if (!name || !(field instanceof HTMLInputElement)) return;
    name.textContent = field.value;
    show(name.closest(".cover-fact"), !!field.value.trim());
  });
  show(page.querySelector("[data-attestation-ask]"), !opened.learner.name);
  show(page.querySelector("[data-attestation]"), isFinal(session) && session.status() !== "failed");
  show(page.querySelector("[data-attestation-not-yet]"), !isFinal(session) || session.status() === "failed");
}
