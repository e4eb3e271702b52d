/** `match`: terms, each with a list to choose its definition from. */

/** @import {MountedQuestion, Question, QuestionContext} from "../types.d.ts" */

import { show as reveal } from "../dom.js";
import { isRightlyPlaced } from "../score.js";

/**
 * @param {HTMLElement} root
 * @param {Question} question
 * @param {QuestionContext} context
 * @returns {MountedQuestion}
 */
export function mount(root, question, context) {
  const interaction = question.interactions[0];
  const right = interaction?.right ?? [];
  const pairs = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".pair")]).map((pair) => ({
    pair,
    letter: pair.dataset.letter ?? "",
    select: /** @type {HTMLSelectElement} */ (pair.querySelector("select")),
    mark: /** @type {HTMLElement} */ (pair.querySelector(".pair-mark")),
    feedback: pair.querySelector(".feedback"),
  }));
  const definitions = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".definition")]);
  /** What a definition is called, by its letter: its place in the list, and its words. @type {Map<string, string>} */
  const names = new Map();

  for (const letter of interaction ? context.order({ ...interaction, choices: interaction.targets }) : []) {
    const definition = definitions.find((each) => each.dataset.letter === letter);
    definition?.parentElement?.append(definition);
    const place = String.fromCharCode(65 + names.size);
    for (const { select } of pairs) {
      const option = [...select.options].find((each) => each.value === letter);
      if (!option) continue;
      if (!names.has(letter)) names.set(letter, `${place}. ${option.text}`);
      option.text = names.get(letter) ?? "";
      select.append(option);
    }
  }

  return {
    read() {
      const given = pairs.map(({ letter, select }) => letter + select.value);
      return given.every((pair) => pair.length === 2) ? [given.sort()] : null;
    },

    show({ response, locked, marked, final }) {
      const given = Array.isArray(response?.[0]) ? response[0] : [];
      for (const { pair, letter, select, mark, feedback } of pairs) {
        select.value = given.find((each) => each[0] === letter)?.[1] ?? "";
        select.disabled = locked;
        const isRight = isRightlyPlaced(right, letter, given);
        const state = !marked ? "" : isRight ? "right" : "wrong";
        pair.dataset.state = state;
        mark.hidden = !state;
        mark.textContent = state && context.t(`mark_${state}`);
        const wanted = right.find((each) => each[0] === letter)?.[1] ?? "";
        if (final && !isRight) mark.append(". ", context.t("expected", { answer: names.get(wanted) ?? "" }));
        reveal(feedback, marked && (isRight || final));
      }
    },

    unmount() {},
  };
}
