/** `hotspot`: zones laid over an image; each is a label of its radio button or check box in a list. */

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
  const [interaction] = question.interactions;
  const zones = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".zone")]).map((zone) => ({
    zone,
    letter: zone.dataset.letter ?? "",
    input: /** @type {HTMLInputElement} */ (zone.querySelector(".zone-input")),
    mark: /** @type {HTMLElement} */ (zone.querySelector(".zone-mark")),
    feedback: zone.querySelector(".feedback"),
    area: /** @type {HTMLElement} */ (root.querySelector(`.hotspot-area[data-letter="${zone.dataset.letter}"]`)),
  }));

  for (const { area } of zones) {
    const [left, top, width, height] = (area.dataset.at ?? "").split(" ").map((percent) => `${percent}%`);
    Object.assign(area.style, { left, top, width, height });
    area.hidden = false;
  }
  for (const letter of interaction && question.shuffle ? context.order(interaction) : []) {
    const found = zones.find((each) => each.letter === letter);
    found?.zone.parentElement?.append(found.zone);
  }
  const events = ["change", "focusin", "focusout"];
  for (const event of events) root.addEventListener(event, draw);
  root.addEventListener("click", onClick);

  /** A label would move the focus to the list, and the page with it. @param {MouseEvent} event */
  function onClick(event) {
    const found = zones.find(({ area }) => area === event.target);
    if (!found) return;
    event.preventDefault();
    found.input.click();
  }

  /** Show on the image what the list says: which zones are picked, and which one has the focus. */
  function draw() {
    for (const { area, input } of zones) {
      area.toggleAttribute("data-picked", input.checked);
      area.toggleAttribute("data-focus", input.matches(":focus-visible"));
    }
  }

  return {
    read() {
      const picked = zones.filter(({ input }) => input.checked).map(({ letter }) => letter);
      return picked.length ? [picked.sort()] : null;
    },

    show({ response, fractions, locked, marked, final }) {
      const given = response?.[0];
      reveal(root.querySelector(".hotspot-how"), !locked);
      for (const { zone, letter, input, mark, feedback, area } of zones) {
        const isRight = !!interaction?.right?.includes(letter);
        const isMissed = final && isRight && !isFull(fractions[0] ?? 0);
        input.checked = Array.isArray(given) && given.includes(letter);
        input.disabled = locked;
        const state = marked && input.checked ? (isRight ? "right" : "wrong") : isMissed ? "missed" : "";
        zone.dataset.state = area.dataset.state = state;
        mark.hidden = !state;
        mark.textContent = state && context.t(`mark_${state}`);
        reveal(feedback, !!state);
      }
      draw();
    },

    unmount() {
      for (const event of events) root.removeEventListener(event, draw);
      root.removeEventListener("click", onClick);
    },
  };
}
