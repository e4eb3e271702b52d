/** What all questions share: submit, hints, further tries, the result in words, the explanation. */

/** @import {Question, QuestionContext, QuestionModule} from "./types.d.ts" */
/** @import {Session} from "./session.js" */
/** @import {Words} from "./words.js" */

import { focus, show } from "./dom.js";
import { shuffle } from "./hash.js";
import { interactionFraction, isFull, normalise, questionFraction } from "./score.js";
import { isGiven } from "./state.js";

/**
 * @param {HTMLElement} section
 * @param {Question} question
 * @param {QuestionModule} module
 * @param {Session} session
 * @param {Words} words
 * @returns {() => void} takes the question off the page
 */
export function mountQuestion(section, question, module, session, words) {
  const { t } = words;
  const find = (/** @type {string} */ selector) => /** @type {HTMLElement | null} */ (section.querySelector(selector));
  const hints = /** @type {HTMLElement[]} */ ([...section.querySelectorAll(".hint")]);
  const result = find(".question-result");
  const actions = find(".question-actions");
  const [submit, hint, retry] = ["submit", "hint", "retry"].map((action) => find(`[data-action="${action}"]`));
  const mounted = module.mount(section, question, context(question, session, words));
  let began = Date.now();
  let isRetrying = false;

  show(actions, true);
  actions?.addEventListener("click", onClick);
  render();
  return () => {
    actions?.removeEventListener("click", onClick);
    keepDraft();
    mounted.unmount();
  };

  /** What was given and not yet submitted is there again when the learner comes back to the lesson. */
  function keepDraft() {
    const draft = section.dataset.state ? null : mounted.read();
    if (draft) session.drafts.set(question.slot, draft);
  }

  /** @param {MouseEvent} event */
  function onClick(event) {
    const button = /** @type {Element} */ (event.target).closest("[data-action]");
    if (button && button === submit) onSubmit();
    if (button && button === hint) onHint();
    if (button && button === retry) onRetry();
  }

  function onSubmit() {
    const response = mounted.read();
    if (!response) {
      if (result) result.textContent = t("incomplete");
      return;
    }
    isRetrying = false;
    session.drafts.delete(question.slot);
    session.answer(question, response, Date.now() - began);
    render();
    focus(retry?.hidden === false ? retry : result);
  }

  function onHint() {
    session.hint(question);
    const shown = session.record(question)?.hints ?? 0;
    showHints(shown);
    focus(hints[shown - 1]);
  }

  function onRetry() {
    isRetrying = true;
    began = Date.now();
    render();
    focus(find("input:checked, input, select, textarea, button"));
  }

  function render() {
    const record = session.record(question);
    const response = record?.response ?? null;
    const kept = record && !isGiven(record) ? response : null;
    const tries = record?.tries ?? 0;
    const isAnswered = !isRetrying && (tries > 0 || (session.looking && response !== null));
    const fraction = questionFraction(question, response);
    const isOver = isAnswered && (isFull(fraction) || tries >= question.tries || session.looking);
    mounted.show({
      response: isAnswered || isRetrying ? response : (session.drafts.get(question.slot) ?? kept),
      fractions: question.interactions.map((each, n) => interactionFraction(each, response?.[n], question.partial)),
      locked: isAnswered,
      marked: isAnswered,
      final: isOver,
    });
    section.dataset.state = isAnswered ? verdict(fraction, isOver) : "";
    if (result) result.textContent = isAnswered ? sentence(fraction, isOver ? 0 : question.tries - tries) : "";
    show(submit, !isAnswered);
    show(retry, isAnswered && !isOver);
    show(find(".explanation"), isOver);
    showHints(record?.hints ?? 0);
    if (isAnswered) show(hint, false);
  }

  /** @param {number} shown */
  function showHints(shown) {
    hints.forEach((each, n) => show(each, n < shown));
    show(hint, shown < hints.length);
  }

  /** @param {number} fraction @param {boolean} isOver @returns {string} */
  function verdict(fraction, isOver) {
    if (!hasKey(question)) return "";
    if (isFull(fraction)) return "right";
    return !isOver ? "open" : fraction > 0 ? "partial" : "wrong";
  }

  /** @param {number} fraction @param {number} left tries @returns {string} */
  function sentence(fraction, left) {
    if (!hasKey(question)) return t("noted");
    const parts = [t(isFull(fraction) ? "right" : fraction > 0 ? "partly_right" : "wrong")];
    const { points, scored } = question;
    if (scored) parts.push(t("points", { n: points * fraction, total: points }));
    if (left > 0) parts.push(t("tries_left", { n: left }));
    return parts.join(" ");
  }
}

/** @param {Question} question @returns {boolean} whether something in it is right or wrong */
const hasKey = ({ interactions }) =>
  interactions.some(({ right, accept, ranges }) => right?.length || accept?.length || ranges?.length);

/** @param {Question} question @param {Session} session @param {Words} words @returns {QuestionContext} */
function context(question, session, { t, number }) {
  return {
    t,
    number,
    keep: (response) => session.keep(question, response),
    same: (interaction, one, other) => normalise(one, interaction) === normalise(other, interaction),
    order({ letter, choices = [], fixed = [] }) {
      if (!question.shuffle) return choices;
      return shuffle(choices, fixed, `${session.saved.attempt}:${question.slot}:${letter}`);
    },
  };
}
