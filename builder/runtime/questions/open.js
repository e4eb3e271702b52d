/** `open`: a text of the learner's own, the model answer beside it, and how near they find it. */

/** @import {MountedQuestion, Question, QuestionContext} from "../types.d.ts" */

import { show as reveal } from "../dom.js";

/** What stands for a text that stays on this device: that there is one. */
const ELSEWHERE = { text: "", cut: true };

/**
 * @param {HTMLElement} root
 * @param {Question} question
 * @param {QuestionContext} context
 * @returns {MountedQuestion}
 */
export function mount(root, question, context) {
  const field = /** @type {HTMLTextAreaElement} */ (root.querySelector(".open-text"));
  const left = root.querySelector("[data-open-left]");
  const answer = root.querySelector(".open-answer");
  const choices = /** @type {HTMLInputElement[]} */ ([...root.querySelectorAll(".open-input")]);
  const isHere = !!field.dataset.keep;
  const most = Number(field.dataset.max);
  const judgement = question.interactions.findIndex(({ letter }) => letter === "judgement");

  field.addEventListener("input", onInput);
  field.addEventListener("change", onLeave);
  for (const choice of choices) choice.addEventListener("change", context.submit);

  return {
    read,

    show({ response, locked, marked }) {
      const given = response?.find((_, n) => n !== judgement) ?? null;
      if (isHere) field.value ||= context.device.read();
      else if (given && !Array.isArray(given)) field.value = given.text;
      else if (!response) field.value = "";
      field.readOnly = locked;
      reveal(answer, marked);
      for (const choice of choices)
        choice.checked = !!(/** @type {string[] | null} */ (response?.[judgement])?.includes(choice.value));
      count();
    },

    unmount() {
      field.removeEventListener("input", onInput);
      field.removeEventListener("change", onLeave);
    },
  };

  function read() {
    const text = field.value.trim().normalize("NFC");
    if (!text) return null;
    const picked = choices.find(({ checked }) => checked);
    return question.interactions.map((_, n) =>
      n === judgement ? (picked ? [picked.value] : null) : isHere ? ELSEWHERE : { text },
    );
  }

  /** What was written and not submitted survives a crash. */
  function onLeave() {
    if (!isHere) context.keep(read());
  }

  function onInput() {
    // Letters beyond the limit would be lost on saving: they are not taken at all.
    while (bytes(field.value) > most) {
      const place = field.selectionStart;
      const before = [...field.value.slice(0, place)].slice(0, -1).join("");
      const cut = place ? before + field.value.slice(place) : [...field.value].slice(0, -1).join("");
      field.value = cut;
      field.setSelectionRange(before.length, before.length);
    }
    if (isHere) context.device.write(field.value);
    count();
  }

  function count() {
    if (left) left.textContent = field.readOnly ? "" : context.t("open_left", { n: most - bytes(field.value) });
  }
}

/** @param {string} text @returns {number} that it takes in the saved state */
const bytes = (text) => new TextEncoder().encode(text.trim().normalize("NFC")).length;
