/** `scenario`: one scene at a time; a choice, its consequence, the next scene; at the end the path and its debriefing. */

/** @import {MountedQuestion, Question, QuestionContext} from "../types.d.ts" */

import { element, focus, show as reveal } from "../dom.js";
import { replay, value } from "../replay.js";

/**
 * @param {HTMLElement} root
 * @param {Question} question
 * @param {QuestionContext} context
 * @returns {MountedQuestion}
 */
export function mount(root, question, context) {
  const { steps = {}, right = [], limit = Infinity } = question.interactions[0] ?? {};
  const all = (/** @type {string} */ selector) => /** @type {HTMLElement[]} */ ([...root.querySelectorAll(selector)]);
  const [box] = /** @type {[HTMLElement]} */ (all(".scenario"));
  const [way] = /** @type {[HTMLDetailsElement]} */ (all(".scenario-path"));
  const scenes = all(".scene");
  const [said, on, again] = [".scenario-said", "[data-do=on]", "[data-do=again]"].map((name) => all(name)[0]);
  const graph = JSON.parse(box.dataset.graph ?? "[]");
  /** Steps taken. @type {string[]} */
  let path = [];
  let isMounted = false;
  /** The consequence of the last step is shown, its scene still there. */
  let isPaused = false;
  /** The end was reached and noted; points are told. */
  let isOver = false;
  let isMarked = false;
  let isSending = false;

  box.dataset.played = "";
  for (const link of all(".scene-choice > a")) {
    const button = /** @type {HTMLButtonElement} */ (element("button", ...link.childNodes));
    button.type = "button";
    button.className = "scene-button";
    link.replaceWith(button);
  }
  reveal(on?.parentElement, true);
  box.addEventListener("click", onClick);

  /** @param {MouseEvent} event */
  function onClick({ target }) {
    const button = /** @type {Element} */ (target).closest("button");
    if (!button || isOver) return;
    if (button === again) {
      path = [];
      context.keep(null);
    } else if (button !== on) {
      const feedback = button.nextElementSibling;
      path.push(letter(button.closest(".scene")) + letter(button.parentElement));
      context.keep([[...path]]);
      if (feedback) {
        isPaused = true;
        draw();
        return focus(feedback);
      }
    }
    isPaused = false;
    if (replay(graph, path).isEnd) {
      isSending = true;
      context.submit();
      isSending = false;
    }
    draw();
    focus(all(".scene:not([hidden]) .scene-title")[0]);
  }

  function draw() {
    const done = isPaused ? path.slice(0, -1) : path;
    const { scene, state, offered, isEnd } = replay(graph, done);
    const isFull = !isEnd && done.length >= limit;
    for (const one of scenes) reveal(one, letter(one) === scene);
    for (const choice of all(".scene:not([hidden]) .scene-choice")) {
      const isTaken = isPaused && scene + letter(choice) === path[done.length];
      const [button, feedback] = choice.children;
      /** @type {HTMLButtonElement} */ (button).disabled = isPaused || isOver || isFull;
      choice.toggleAttribute("data-taken", isTaken);
      reveal(choice, isPaused ? isTaken : offered.includes(letter(choice)));
      reveal(feedback, isTaken);
    }
    for (const one of all("[data-if]")) reveal(one, !!value(JSON.parse(one.dataset.if || "0"), state));
    for (const one of all(".scene-outcome, .scenario-debrief")) reveal(one, isOver && isEnd);
    reveal(way, !!done.length);
    way.open = isOver;
    way.lastElementChild?.replaceChildren(...done.map(told));
    if (said) said.textContent = isFull ? context.t("scenario_full") : "";
    reveal(on, isPaused);
    reveal(again, !!done.length && !isPaused && !isOver && (isFull || !right.length));
  }

  /** A step in words: the scene, the choice, what it was worth, its consequence. @param {string} step @param {number} n */
  function told(step, n) {
    const scene = scenes.find((one) => letter(one) === step[0]);
    const choice = scene?.querySelector(`.scene-choice[data-letter="${step[1]}"]`)?.cloneNode(true);
    const [button, feedback] = /** @type {HTMLElement} */ (choice).children;
    const title = scene?.querySelector(".scene-title")?.cloneNode(true).childNodes ?? [];
    const points = isMarked && path.indexOf(step) === n ? (steps[step] ?? 0) : 0;
    const made = element("li", ...title, " – ", element("b", ...(button?.childNodes ?? [])), " ");
    if (points) made.append(element("small", context.t("scenario_points", { n: points })));
    if (feedback) made.append(feedback);
    reveal(feedback, true);
    for (const one of made.querySelectorAll("[id]")) one.removeAttribute("id");
    return made;
  }

  return {
    read: () => (path.length ? [[...path]] : null),

    show({ response, locked, marked }) {
      const given = Array.isArray(response?.[0]) ? response[0] : [];
      const { taken, isEnd } = replay(graph, given);
      isMarked = marked;
      isOver = locked || marked || isSending;
      // A finished path that was not noted waits at its last consequence; shown later, it means a new try.
      isPaused = !isOver && isEnd && !isMounted;
      path = !isOver && isEnd && isMounted ? [] : given.slice(0, taken);
      isMounted = true;
      draw();
    },

    unmount() {
      box.removeEventListener("click", onClick);
    },
  };
}

/** @param {Element | null} one @returns {string} */
const letter = (one) => /** @type {HTMLElement | null} */ (one)?.dataset.letter ?? "";
