/** `choice`: one or several answers of a list, as radio buttons or check boxes. */

/** @import {MountedQuestion, Question, QuestionContext} from "../types.d.ts" */

/**
 * @param {HTMLElement} root
 * @param {Question} question
 * @param {QuestionContext} context
 * @returns {MountedQuestion}
 */
export function mount(root, question, context) {
  const interaction = question.interactions[0];
  const answers = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".answer")]);
  const input = (/** @type {HTMLElement} */ answer) => /** @type {HTMLInputElement} */ (answer.querySelector("input"));

  if (interaction && question.shuffle) {
    for (const letter of context.order(interaction)) {
      const answer = answers.find((each) => each.dataset.letter === letter);
      answer?.parentElement?.append(answer);
    }
  }

  return {
    read() {
      const picked = answers.filter((answer) => input(answer).checked).map((answer) => answer.dataset.letter ?? "");
      return picked.length ? [picked.sort()] : null;
    },

    show({ response, fractions, locked, marked, final }) {
      const given = response?.[0];
      for (const answer of answers) {
        const letter = answer.dataset.letter ?? "";
        const picked = Array.isArray(given) && given.includes(letter);
        const right = !!interaction?.right?.includes(letter);
        const state =
          marked && picked ? (right ? "right" : "wrong") : final && right && (fractions[0] ?? 0) < 1 ? "missed" : "";
        input(answer).checked = picked;
        input(answer).disabled = locked;
        answer.dataset.state = state;
        const mark = /** @type {HTMLElement} */ (answer.querySelector(".answer-mark"));
        mark.hidden = !state;
        mark.textContent = state && context.t(`mark_${state}`);
        const feedback = /** @type {HTMLElement | null} */ (answer.querySelector(".feedback"));
        if (feedback) feedback.hidden = !(marked && picked);
      }
    },

    unmount() {},
  };
}
