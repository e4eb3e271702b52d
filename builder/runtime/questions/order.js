/** `order`: steps to be put in order, by buttons or by dragging. */

/** @import {MountedQuestion, Question, QuestionContext} from "../types.d.ts" */

import { show as reveal } from "../dom.js";
import { draggable } from "../drag.js";

/**
 * @param {HTMLElement} root
 * @param {Question} question
 * @param {QuestionContext} context
 * @returns {MountedQuestion}
 */
export function mount(root, question, context) {
  const interaction = question.interactions[0];
  const right = interaction?.right ?? [];
  const list = /** @type {HTMLElement} */ (root.querySelector(".order-steps"));
  const said = /** @type {HTMLElement} */ (root.querySelector(".order [role=status]"));
  const how = root.querySelector(".order-how");
  const start = interaction ? offRight(context.order(interaction)) : [];
  const steps = () => /** @type {HTMLElement[]} */ ([...list.children]);
  const letters = () => steps().map((step) => step.dataset.letter ?? "");
  let isLocked = false;
  /** The order before a drag. @type {string[]} */
  let before = [];

  list.addEventListener("click", onClick);
  const release = draggable(list, {
    take(target) {
      before = letters();
      return isLocked ? null : target.closest(".order-step");
    },
    move(item, { y }) {
      // The others move around it: what is dragged stays where it is in the document, and keeps the pointer.
      let other = item.previousElementSibling;
      for (; other && y < middle(other); other = item.previousElementSibling) item.after(other);
      other = item.nextElementSibling;
      for (; other && y > middle(other); other = item.nextElementSibling) item.before(other);
    },
    drop: settle,
    cancel: () => arrange(before),
  });

  /** @param {MouseEvent} event */
  function onClick(event) {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-move]"));
    const step = /** @type {HTMLElement | null | undefined} */ (button?.closest(".order-step"));
    if (!button || !step || isLocked) return;
    // The neighbour moves, so that the button keeps the focus.
    if (button.dataset.move === "1") step.nextElementSibling && step.before(step.nextElementSibling);
    else step.previousElementSibling && step.after(step.previousElementSibling);
    settle(step);
    step.scrollIntoView({ block: "nearest" });
  }

  /** Say where a step is now. @param {HTMLElement} step */
  function settle(step) {
    markEnds();
    const text = (step.querySelector(".order-text")?.textContent ?? "").replace(/\s+/g, " ").trim();
    const all = steps();
    said.textContent = context.t("order_moved", { text, position: all.indexOf(step) + 1, total: all.length });
  }

  /** Buttons that would move nothing say so; they stay focusable. */
  function markEnds() {
    steps().forEach((step, n, { length }) => {
      step.querySelector('[data-move="-1"]')?.setAttribute("aria-disabled", String(n === 0));
      step.querySelector('[data-move="1"]')?.setAttribute("aria-disabled", String(n === length - 1));
    });
  }

  /** @param {string[]} order */
  function arrange(order) {
    const all = steps();
    for (const letter of order) list.append(...all.filter((step) => step.dataset.letter === letter));
    markEnds();
  }

  /** Never begin with the right order. @param {string[]} order @returns {string[]} */
  function offRight(order) {
    return order.every((letter, n) => letter === right[n]) ? [...order.slice(1), ...order.slice(0, 1)] : order;
  }

  return {
    read: () => [letters()],

    show({ response, locked, marked, final }) {
      const given = response?.[0];
      isLocked = locked;
      said.textContent = "";
      reveal(how, !locked);
      arrange(Array.isArray(given) ? given : start);
      steps().forEach((step, n) => {
        const place = right.indexOf(step.dataset.letter ?? "");
        const state = !marked ? "" : place === n ? "right" : "wrong";
        step.dataset.state = state;
        const mark = /** @type {HTMLElement} */ (step.querySelector(".order-mark"));
        mark.hidden = !state;
        mark.textContent = state && context.t(`mark_${state}`);
        if (final && place !== n) mark.append(". ", context.t("order_expected", { position: place + 1 }));
        reveal(step.querySelector(".order-buttons"), !locked);
        reveal(step.querySelector(".drag-grip"), !locked);
        reveal(step.querySelector(".feedback"), marked && (place === n || final));
      });
    },

    unmount() {
      list.removeEventListener("click", onClick);
      release();
    },
  };
}

/** @param {Element} element @returns {number} */
function middle(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return (top + bottom) / 2;
}
