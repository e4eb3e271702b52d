/** `classify`: items, each with a list to choose its category from, or to be dragged there. */

/** @import {MountedQuestion, Question, QuestionContext} from "../types.d.ts" */

import { show as reveal } from "../dom.js";
import { draggable, holds } from "../drag.js";
import { isRightlyPlaced } from "../score.js";

/** The choice of no category. */
const NOWHERE = "-";

/**
 * @param {HTMLElement} root
 * @param {Question} question
 * @param {QuestionContext} context
 * @returns {MountedQuestion}
 */
export function mount(root, question, context) {
  const interaction = question.interactions[0];
  const right = interaction?.right ?? [];
  const list = /** @type {HTMLElement} */ (root.querySelector(".cards"));
  const said = /** @type {HTMLElement} */ (root.querySelector(".classify [role=status]"));
  const how = root.querySelector(".classify-how");
  const cards = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".card")]).map((card) => ({
    card,
    letter: card.dataset.letter ?? "",
    text: words(card.querySelector(".card-text")),
    select: /** @type {HTMLSelectElement} */ (card.querySelector("select")),
    grip: card.querySelector(".drag-grip"),
    mark: /** @type {HTMLElement} */ (card.querySelector(".card-mark")),
    feedback: card.querySelector(".feedback"),
  }));
  const bins = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".bin")]).map((bin) => ({
    bin,
    letter: bin.dataset.letter ?? "",
    name: words(bin.querySelector(".bin-title")),
    chips: /** @type {HTMLElement} */ (bin.querySelector(".bin-chips")),
  }));
  const hasNowhere = !!root.querySelector(`option[value="${NOWHERE}"]`);
  let isLocked = false;

  for (const letter of interaction ? context.order(interaction) : []) {
    const found = cards.find((each) => each.letter === letter);
    if (found) list.append(found.card);
  }
  list.addEventListener("change", draw);
  const release = draggable(/** @type {HTMLElement} */ (root.querySelector(".classify")), {
    take: (target) => (isLocked ? null : target.closest(".card, .chip")),
    move(item, place) {
      item.style.transform = `translate(${place.dx}px, ${place.dy}px)`;
      for (const { bin } of bins) bin.toggleAttribute("data-over", holds(bin, place));
    },
    drop(item, place) {
      rest(item);
      const target = bins.find(({ bin }) => holds(bin, place));
      if (target) put(item.dataset.letter ?? "", target.letter);
      else if (item.matches(".chip") && holds(list, place)) put(item.dataset.letter ?? "", "");
    },
    cancel: rest,
  });

  /** @param {HTMLElement} item */
  function rest(item) {
    item.style.transform = "";
    for (const { bin } of bins) bin.removeAttribute("data-over");
  }

  /** @param {string} letter @param {string} target letter of a category, or "" */
  function put(letter, target) {
    const found = cards.find((each) => each.letter === letter);
    if (!found) return;
    found.select.value = target;
    draw();
    said.textContent = context.t("classify_said", { text: found.text, category: nameOf(target) });
  }

  /** Show in each category what was put there. */
  function draw() {
    for (const { chips, letter } of bins) {
      chips.replaceChildren(
        ...cards
          .filter(({ select }) => select.value === letter)
          .map((each) => {
            const chip = document.createElement("span");
            chip.className = "chip";
            chip.textContent = each.text;
            chip.dataset.letter = each.letter;
            chip.dataset.state = each.card.dataset.state ?? "";
            chip.dataset.grip = "";
            return chip;
          }),
      );
    }
  }

  /** @param {string} letter of a category, or "" @returns {string} */
  const nameOf = (letter) => bins.find((each) => each.letter === letter)?.name ?? context.t("classify_unsorted");

  /** @param {string} letter of an item @returns {string} where it belongs */
  function expected(letter) {
    const names = right.filter((pair) => pair[0] === letter).map((pair) => nameOf(pair.charAt(1)));
    if (!names.length) return context.t("classify_nowhere");
    return names.reduce((answers, answer) => context.t("classify_or", { answers, answer }));
  }

  return {
    read() {
      if (!cards.every(({ select }) => select.value)) return null;
      const placed = cards.filter(({ select }) => select.value !== NOWHERE);
      return placed.length ? [placed.map(({ letter, select }) => letter + select.value).sort()] : null;
    },

    show({ response, locked, marked, final }) {
      const given = Array.isArray(response?.[0]) ? response[0] : [];
      isLocked = locked;
      said.textContent = "";
      reveal(how, !locked);
      for (const { card, letter, select, grip, mark, feedback } of cards) {
        const without = response && hasNowhere ? NOWHERE : "";
        select.value = given.find((pair) => pair[0] === letter)?.[1] ?? without;
        select.disabled = locked;
        reveal(grip, !locked);
        const isRight = isRightlyPlaced(right, letter, given);
        const state = !marked ? "" : isRight ? "right" : "wrong";
        card.dataset.state = state;
        mark.hidden = !state;
        mark.textContent = state && context.t(`mark_${state}`);
        if (final && !isRight) mark.append(". ", context.t("expected", { answer: expected(letter) }));
        reveal(feedback, marked && (isRight || final));
      }
      draw();
    },

    unmount() {
      list.removeEventListener("change", draw);
      release();
    },
  };
}

/** @param {Element | null} element @returns {string} */
const words = (element) => (element?.textContent ?? "").replace(/\s+/g, " ").trim();
