/** What all questions share: submit, hints, further tries, the result in words, the explanation. */

/** @import {Question, QuestionContext, QuestionModule} from "./types.d.ts" */
/** @import {Session} from "./session.js" */
/** @import {Words} from "./words.js" */

import { focus, show } from "./dom.js";
import { shuffle } from "./hash.js";
import { hasKey, interactionFraction, isFull, normalise, questionFraction } from "./score.js";
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
  const isKeyed = hasKey(question);
  /** Without key and without button to submit: saved as it changes, and never locked. */
  const isLive = !isKeyed && !submit;
  const mounted = module.mount(section, question, { ...context(question, session, words), submit: note });
  const degrees = /** @type {HTMLInputElement[]} */ ([...section.querySelectorAll(".confidence-input")]);
  const sure = question.interactions.findIndex(({ letter }) => letter === "confidence");
  const retryWord = retry?.textContent;
  let began = Date.now();
  let isRetrying = false;

  show(actions, true);
  actions?.addEventListener("click", onClick);
  section.addEventListener("carabin:again", onAgain);
  render();
  return () => {
    actions?.removeEventListener("click", onClick);
    section.removeEventListener("carabin:again", onAgain);
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

  /** What is given, with how sure the learner is where that is asked; null: not complete. */
  function read() {
    const response = mounted.read();
    const picked = degrees.find(({ checked }) => checked);
    if (!response || !degrees.length) return response;
    return picked ? question.interactions.map((_, n) => (n === sure ? [picked.value] : (response[n] ?? null))) : null;
  }

  function onSubmit() {
    if (note()) focus(retry?.hidden === false ? retry : result);
    else if (result) result.textContent = t(mounted.read() ? "incomplete_sure" : "incomplete");
  }

  /** @returns {boolean} whether what is given is complete: it is noted now */
  function note() {
    const response = read();
    if (!response) return false;
    isRetrying = false;
    session.drafts.delete(question.slot);
    session.answer(question, response, Date.now() - began);
    began = Date.now();
    render();
    return true;
  }

  function onHint() {
    session.hint(question);
    const shown = session.record(question)?.hints ?? 0;
    showHints(shown);
    focus(hints[shown - 1]);
  }

  /** The quiz around it began or ended. */
  function onAgain() {
    isRetrying = false;
    session.drafts.delete(question.slot);
    render();
  }

  function onRetry() {
    isRetrying = true;
    began = Date.now();
    render();
    focus(find("[data-begin], input:checked") ?? find("input, select, textarea, button"));
  }

  function render() {
    const record = session.record(question);
    const response = record?.response ?? null;
    const kept = record && !isGiven(record) ? response : null;
    const tries = record?.tries ?? 0;
    const stage = session.stage(question);
    const isEnded = stage === "over" || stage === "sealed";
    const isSilent = stage === "silent" || stage === "sealed";
    const isAnswered = !isRetrying && (tries > 0 || (session.looking && response !== null));
    // In a quiz that is finished, what was left blank stays blank.
    const isLocked = isAnswered || (isEnded && !isRetrying && response === null);
    const fraction = questionFraction(question, response);
    const isOut = isKeyed && (isFull(fraction) || tries >= question.tries || isEnded);
    const isOver = isLocked && !isSilent && (isOut || session.looking);
    const isFinal = isOver || (isAnswered && !isKeyed && !isSilent);
    mounted.show({
      response: isAnswered || isRetrying ? response : (session.drafts.get(question.slot) ?? kept),
      fractions: question.interactions.map((each, n) => interactionFraction(each, response?.[n], question.partial)),
      locked: isLive ? session.looking : isLocked,
      marked: isLocked && !isSilent,
      final: isFinal,
    });
    const degree = response?.[sure];
    for (const each of degrees) {
      each.checked = !isRetrying && Array.isArray(degree) && degree[0] === each.value;
      each.disabled = isLocked;
    }
    section.dataset.state = isAnswered && !isSilent ? verdict(fraction, isOver) : "";
    if (result) {
      const text = isSilent ? t("noted") : sentence(fraction, isOver ? 0 : question.tries - tries);
      result.textContent = isAnswered ? text : isLocked ? t("quiz_unanswered") : "";
    }
    show(submit, !isLocked);
    show(retry, isAnswered && !isOver && !(isEnded && isSilent));
    if (retry && retryWord) retry.textContent = isSilent ? t("quiz_change") : retryWord;
    show(find(".explanation"), isFinal);
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
    if (!isKeyed) return "";
    if (isFull(fraction)) return "right";
    return !isOver ? "open" : fraction > 0 ? "partial" : "wrong";
  }

  /** @param {number} fraction @param {number} left tries @returns {string} */
  function sentence(fraction, left) {
    if (!isKeyed) return t("noted");
    // A path is lived, not right or wrong.
    const isPath = question.interactions[0]?.type === "performance";
    const parts = [t(isPath ? "scenario_done" : isFull(fraction) ? "right" : fraction > 0 ? "partly_right" : "wrong")];
    const { points, scored } = question;
    if (scored) parts.push(t("points", { n: points * fraction, total: points }));
    if (left > 0) parts.push(t("tries_left", { n: left }));
    const degree = degrees.findIndex(({ checked }) => checked);
    if (!left && degree >= 0 && degree < 2 === isFull(fraction))
      parts.push(t(degree < 2 ? "unsure_right" : "sure_wrong"));
    return parts.join(" ");
  }
}

/**
 * @param {Question} question
 * @param {Session} session
 * @param {Words} words
 * @returns {Omit<QuestionContext, "submit">}
 */
function context(question, session, { t, number }) {
  return {
    t,
    number,
    keep: (response) => session.keep(question, response),
    device: session.device(question),
    same: (interaction, one, other) => normalise(one, interaction) === normalise(other, interaction),
    order({ letter, choices = [], fixed = [] }) {
      if (!question.shuffle) return choices;
      return shuffle(choices, fixed, `${session.saved.attempt}:${question.slot}:${letter}`);
    },
  };
}
