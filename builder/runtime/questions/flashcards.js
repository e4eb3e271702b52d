/** `flashcards`: a pile of cards, one in sight, its back on demand; what is not known yet comes again. */

/** @import {MountedQuestion, Question, QuestionContext} from "../types.d.ts" */

import { focus, show as reveal } from "../dom.js";

/**
 * @param {HTMLElement} root
 * @param {Question} question
 * @param {QuestionContext} context
 * @returns {MountedQuestion}
 */
export function mount(root, question, context) {
  const interaction = question.interactions[0];
  const order = interaction ? context.order(interaction) : [];
  const group = /** @type {HTMLElement} */ (root.querySelector(".flashcards"));
  const count = /** @type {HTMLElement} */ (root.querySelector(".flashcards-count"));
  const restart = root.querySelector(".flashcards-restart");
  const cards = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".flashcard")]).map((card) => ({
    card,
    letter: card.dataset.letter ?? "",
    turn: /** @type {HTMLElement} */ (card.querySelector(".flashcard-turn")),
    back: /** @type {HTMLElement} */ (card.querySelector(".flashcard-back")),
    judge: card.querySelector(".flashcard-judge"),
    state: /** @type {HTMLElement} */ (card.querySelector(".flashcard-state")),
  }));
  /** @type {Set<string>} */
  let known = new Set();
  /** @type {Set<string>} */
  let judged = new Set();
  /** Letters of what is not known, the card in sight first. */
  let pile = order;
  let isTurned = false;
  let isLocked = false;

  group.addEventListener("click", onClick);

  /** @returns {string[]} letters of the known cards, in the order of the source */
  const letters = () => cards.map(({ letter }) => letter).filter((letter) => known.has(letter));

  /** @param {MouseEvent} event */
  function onClick(event) {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-card]"));
    const action = button?.dataset.card;
    if (!action) return;
    isTurned = action === "turn" && !isTurned;
    if (action === "restart") begin([], []);
    else if (action !== "turn") judge(action === "known");
    draw();
    // The button that was pressed is gone with its card.
    if (action !== "turn") focus(cards.find(({ letter }) => letter === pile[0])?.turn ?? restart);
  }

  /** @param {boolean} isKnown whether the learner knew the card in sight */
  function judge(isKnown) {
    const [letter = "", ...others] = pile;
    judged.add(letter);
    if (isKnown) known.add(letter);
    pile = isKnown ? others : [...others, letter];
    if (judged.size === cards.length) context.submit();
    else context.keep([known.size ? letters().sort() : null]);
  }

  /** @param {string[]} those that are known @param {string[]} all that were judged */
  function begin(those, all) {
    known = new Set(those);
    judged = new Set(all);
    pile = order.filter((letter) => !known.has(letter));
  }

  function draw() {
    group.toggleAttribute("data-playing", !isLocked);
    for (const { card, letter, turn, back, judge: buttons, state } of cards) {
      const isUp = isLocked || letter === pile[0];
      card.toggleAttribute("data-away", !isUp);
      back.toggleAttribute("data-away", !isLocked && !(isUp && isTurned));
      turn.setAttribute("aria-expanded", String(isUp && isTurned));
      reveal(turn, !isLocked);
      reveal(buttons, !isLocked);
      reveal(state, isLocked);
      state.textContent = context.t(known.has(letter) ? "flashcards_known" : "flashcards_unknown");
    }
    const text = context.t("flashcards_count", { n: known.size, total: cards.length });
    if (count.textContent !== text) count.textContent = text;
    reveal(count, true);
    reveal(restart, !isLocked && judged.size > 0);
  }

  return {
    read: () => (judged.size === cards.length ? [known.size ? letters().sort() : null] : null),

    show({ response, locked, marked }) {
      const given = Array.isArray(response?.[0]) ? response[0] : [];
      const those = order.filter((letter) => given.includes(letter));
      isLocked = locked;
      if (those.some((letter) => !known.has(letter)) || those.length < known.size || (marked && !judged.size))
        begin(those, marked ? order : those);
      draw();
    },

    unmount() {
      group.removeEventListener("click", onClick);
    },
  };
}
