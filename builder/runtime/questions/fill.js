/** `fill`: gaps in a text, typed or selected. */

/** @import {Given, Interaction, MountedQuestion, Question, QuestionContext} from "../types.d.ts" */

/**
 * @param {HTMLElement} root
 * @param {Question} question
 * @param {QuestionContext} context
 * @returns {MountedQuestion}
 */
export function mount(root, question, context) {
  const gaps = question.interactions.flatMap((interaction) => {
    const selector = interaction.letter ? `.gap[data-letter="${interaction.letter}"]` : ".gap";
    const gap = /** @type {HTMLElement | null} */ (root.querySelector(selector));
    const control = /** @type {HTMLInputElement | HTMLSelectElement | null} */ (gap?.querySelector("input, select"));
    const mark = /** @type {HTMLElement | null} */ (gap?.querySelector(".gap-mark"));
    return gap && control && mark ? [{ interaction, gap, control, mark }] : [];
  });
  const feedbacks = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".gap-feedback")]);

  if (question.shuffle) {
    for (const { interaction, control } of gaps) {
      for (const letter of context.order(interaction)) {
        const option = [...control.children].find((each) => each.getAttribute("value") === letter);
        if (option) control.append(option);
      }
    }
  }

  return {
    read() {
      const given = gaps.map(({ control }) => control.value.trim());
      if (!given.every(Boolean)) return null;
      return given.map((value, n) => (gaps[n]?.interaction.type === "choice" ? [value] : { text: value }));
    },

    show({ response, fractions, locked, marked, final }) {
      gaps.forEach(({ interaction, gap, control, mark }, n) => {
        const right = (fractions[n] ?? 0) >= 1;
        control.value = text(response?.[n] ?? null, locked);
        if (control instanceof HTMLInputElement) control.readOnly = locked;
        else control.disabled = locked;
        const state = marked ? (right ? "right" : "wrong") : "";
        gap.dataset.state = state;
        mark.hidden = !state;
        mark.textContent = state && context.t(`mark_${state}`);
        if (final && !right) mark.append(" · ", context.t("expected", { answer: expected(interaction, control) }));
      });
      for (const feedback of feedbacks) {
        feedback.hidden = !(
          marked && gaps.some(({ interaction }, n) => isMeant(feedback, interaction, response?.[n] ?? null))
        );
      }
    },

    unmount() {},
  };

  /** @param {HTMLElement} feedback @param {Interaction} interaction @param {Given} given @returns {boolean} */
  function isMeant({ dataset }, interaction, given) {
    if (!given || (dataset.gap && interaction.letter && dataset.gap !== interaction.letter)) return false;
    if (Array.isArray(given)) return given.some((letter) => (dataset.letters ?? "").includes(letter));
    /** @type {string[]} */
    const accepted = JSON.parse(dataset.accept || "[]");
    return accepted.some((accept) => context.same(interaction, accept, given.text));
  }

  /** @param {Interaction} interaction @param {Element} control @returns {string} what would have been right */
  function expected({ right, accept, ranges }, control) {
    const [low, high] = ranges?.[0] ?? [];
    if (low !== undefined && high !== undefined) {
      if (low === high) return context.number(low);
      return context.t("between", { low: context.number(low), high: context.number(high) });
    }
    if (accept?.length) return accept[0] ?? "";
    const options = [...control.children].filter((option) => right?.includes(option.getAttribute("value") ?? ""));
    return options.map((option) => option.textContent).join(" / ");
  }
}

/** @param {Given} given @param {boolean} locked @returns {string} what a control shows of it */
function text(given, locked) {
  if (!given) return "";
  if (Array.isArray(given)) return given[0] ?? "";
  return given.text + (given.cut && locked ? "…" : "");
}
