/** `checklist`: actions that the learner ticks, saved as they are ticked, and prints. */

/** @import {MountedQuestion, Question, QuestionContext} from "../types.d.ts" */

import { show as reveal } from "../dom.js";

/**
 * @param {HTMLElement} root
 * @param {Question} _question
 * @param {QuestionContext} context
 * @returns {MountedQuestion}
 */
export function mount(root, _question, context) {
  const boxes = /** @type {HTMLInputElement[]} */ ([...root.querySelectorAll(".plan-box")]);
  const plan = root.querySelector(".plan");
  const button = root.querySelector(".plan-print");
  const window = root.ownerDocument.defaultView;

  reveal(button, true);
  button?.addEventListener("click", print);
  plan?.addEventListener("change", context.submit);

  /** Print the plan alone, with where it comes from and the date. */
  function print() {
    const { title, documentElement } = root.ownerDocument;
    const date = new Date().toLocaleDateString(documentElement.lang, { dateStyle: "long" });
    const lines = [title, context.t("checklist_printed", { date })];
    root.querySelectorAll(".plan-paper > p").forEach((line, n) => line.replaceChildren(lines[n] ?? ""));
    setPrinted(true);
    window?.addEventListener("afterprint", () => setPrinted(false), { once: true });
    window?.print();
  }

  /** @param {boolean} isPrinted */
  function setPrinted(isPrinted) {
    root.toggleAttribute("data-printed", isPrinted);
    reveal(root.querySelector(".plan-paper"), isPrinted);
  }

  return {
    read() {
      const ticked = boxes.filter((box) => box.checked).map((box) => box.value);
      return [ticked.length ? ticked.sort() : null];
    },

    show({ response, locked }) {
      const given = response?.[0];
      for (const box of boxes) {
        box.checked = Array.isArray(given) && given.includes(box.value);
        box.disabled = locked;
      }
    },

    unmount() {
      setPrinted(false);
    },
  };
}
