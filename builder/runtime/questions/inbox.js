/** `inbox`: a list of messages, and the one that is read, each with radio buttons for what to do with it. */

/** @import {MountedQuestion, Question, QuestionContext} from "../types.d.ts" */

import { focus, show as reveal } from "../dom.js";

/**
 * @param {HTMLElement} root
 * @param {Question} question
 * @param {QuestionContext} context
 * @returns {MountedQuestion}
 */
export function mount(root, question, context) {
  const find = (/** @type {string} */ selector, /** @type {Element} */ from = root) =>
    /** @type {HTMLElement} */ (from.querySelector(selector));
  const inbox = find(".inbox");
  const asked = question.interactions.filter(({ weight }) => weight);
  const messages = asked.map(({ letter }) => ({
    letter,
    row: find(`[data-open="${letter}"]`),
    mail: find(`.mail[data-letter="${letter}"]`),
  }));
  const choices = messages.map(({ letter }) => letter);
  const order = context.order({ id: "", type: "choice", letter: "", choices, weight: 0 });

  order.forEach((letter, n) => {
    const { row, mail } = /** @type {typeof messages[number]} */ (messages[choices.indexOf(letter)]);
    for (const one of [row.closest("li") ?? row, mail]) one.parentElement?.append(one);
    const next = find(".mail-next", mail);
    next.dataset.open = order[n + 1];
    reveal(next, !!order[n + 1]);
  });
  for (const link of root.querySelectorAll(".shown-link")) {
    link.setAttribute("role", "link");
    link.setAttribute("tabindex", "0");
  }
  reveal(find(".inbox-list"), true);
  open(order[0]);
  inbox.addEventListener("click", onOpen);
  inbox.addEventListener("change", onChange);
  for (const type of ["pointerover", "focusin", "click", "keydown"]) inbox.addEventListener(type, onAsk);

  /** @param {string | undefined} letter */
  function open(letter) {
    for (const { row, mail, ...each } of messages) {
      mail.toggleAttribute("data-shown", each.letter === letter);
      row.setAttribute("aria-current", `${each.letter === letter}`);
    }
  }

  /** @param {Event} event */
  function onOpen(event) {
    const button = /** @type {Element} */ (event.target).closest("[data-open]");
    const letter = button?.getAttribute("data-open");
    if (!button) return;
    inbox.dataset.view = letter ? "mail" : "list";
    if (letter) open(letter);
    focus(find(letter ? "[data-shown] .mail-subject" : "[aria-current=true]"));
  }

  /** Say where a link would lead, once it is pointed at, reached or chosen. @param {Event} event */
  function onAsk(event) {
    const address = /** @type {Element} */ (event.target).closest(".shown-link")?.getAttribute("data-address");
    if (address) find("[data-shown] .mail-leads").textContent = context.t("inbox_leads", { address });
  }

  function onChange() {
    context.keep(given());
    draw();
  }

  /** @returns {(string[] | null)[]} */
  const given = () =>
    messages.map(({ mail }) => {
      const input = mail.querySelector("input:checked");
      return input instanceof HTMLInputElement ? [input.value] : null;
    });

  /** Say what was decided, and whether that was right, in the list and in the message. */
  function draw() {
    for (const { row, mail } of messages) {
      const action = find("input:checked", mail)?.parentElement?.textContent?.trim();
      const state = (row.dataset.state = mail.dataset.state ?? "");
      const verdict = state && `${context.t(`mark_${state}`)}. `;
      row.toggleAttribute("data-sorted", !!action);
      find(".inbox-state", row).textContent = find(".mail-mark", mail).textContent =
        verdict + (action ? context.t("inbox_sorted", { action }) : context.t("inbox_unsorted"));
    }
  }

  return {
    read() {
      const response = given();
      return response.every(Boolean) ? response : null;
    },

    show({ response, fractions, locked, marked, final }) {
      inbox.dataset.view = "list";
      messages.forEach(({ mail }, n) => {
        const one = response?.[n];
        for (const input of mail.querySelectorAll("input")) {
          input.checked = Array.isArray(one) && one[0] === input.value;
          input.disabled = locked;
        }
        mail.dataset.state = !marked ? "" : fractions[n] ? "right" : "wrong";
        reveal(mail.querySelector(".mail-expected"), final && !fractions[n]);
        reveal(mail.querySelector(".feedback"), marked && (final || !!fractions[n]));
      });
      draw();
    },

    unmount() {},
  };
}
