/** `matrix`: rows of radio buttons or check boxes under the same columns, each row an interaction. */

/** @import {MountedQuestion, Question, QuestionContext} from "../types.d.ts" */

import { show as reveal } from "../dom.js";
import { isFull } from "../score.js";

/**
 * @param {HTMLElement} root
 * @param {Question} question
 * @param {QuestionContext} context
 * @returns {MountedQuestion}
 */
export function mount(root, question, context) {
  const columns = [...root.querySelectorAll(".matrix-column")].map((column) => column.textContent?.trim() ?? "");
  const rows = question.interactions.flatMap(({ letter, right = [] }) => {
    const row = /** @type {HTMLElement | null} */ (root.querySelector(`.matrix-row[data-letter="${letter}"]`));
    if (!row) return [];
    const inputs = /** @type {HTMLInputElement[]} */ ([...row.querySelectorAll(".matrix-input")]);
    const [outcome, mark, feedback] = [".matrix-outcome", ".matrix-mark", ".feedback"].map((one) =>
      row.querySelector(one),
    );
    return { row, letter, right, inputs, outcome, mark, feedback };
  });

  const [first] = question.interactions;
  for (const letter of first ? context.order({ ...first, letter: "", choices: rows.map((row) => row.letter) }) : []) {
    const found = rows.find((each) => each.letter === letter);
    found?.row.parentElement?.append(found.row);
  }

  return {
    read() {
      const given = rows.map(({ inputs }) => inputs.flatMap(({ checked, value }) => (checked ? value : [])).sort());
      return given.every((letters) => letters.length) ? given : null;
    },

    show({ response, fractions, locked, marked, final }) {
      rows.forEach(({ row, right, inputs, outcome, mark, feedback }, n) => {
        const given = response?.[n];
        const fraction = fractions[n] ?? 0;
        const isRight = isFull(fraction);
        for (const input of inputs) {
          input.checked = Array.isArray(given) && given.includes(input.value);
          input.disabled = locked;
          const isWanted = right.includes(input.value);
          const missed = final && !isRight && isWanted ? "missed" : "";
          const cell = /** @type {HTMLElement} */ (input.closest("td"));
          cell.dataset.state = marked && input.checked ? (isWanted ? "right" : "wrong") : missed;
        }
        row.dataset.state = !marked ? "" : isRight ? "right" : fraction > 0 ? "partial" : "wrong";
        reveal(outcome, marked);
        if (mark)
          mark.textContent = context.t(
            isRight || fraction <= 0 ? `mark_${isRight ? "right" : "wrong"}` : "matrix_partly",
          );
        if (final && !isRight) {
          const answer = columns.filter((_, place) => right.includes(inputs[place]?.value ?? "")).join(", ");
          mark?.append(". ", context.t("expected", { answer }));
        }
        reveal(feedback, marked && (isRight || final));
      });
    },

    unmount() {},
  };
}
