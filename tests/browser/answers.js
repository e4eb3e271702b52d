/**
 * Gives an answer to the question `section` and submits it, by what a learner sees and may press.
 *
 * `asked` holds the interactions without extras, as the player has them, `given` a response to each: letters, a text, or
 * null (a scenario without a path is played to its worst end); `confidence` and `judgement` a letter or null.
 */
(section, { asked, given, confidence, judgement }) => {
  const [first] = given;

  /** @param {string} selector @param {Element} [from] @returns {any} */
  const find = (selector, from = section) => {
    const found = from.querySelector(selector);
    if (!found) throw new Error(`${section.id} has no ${selector}`);
    return found;
  };

  /** @param {any} control */
  const press = (control) => {
    const isSeen = [control, ...(control.labels ?? [])].some((one) => one.checkVisibility());
    if (!isSeen || control.disabled) throw new Error(`${section.id}: cannot press ${control.outerHTML}`);
    control.click();
  };

  /** @param {string} selector of radio buttons or check boxes @param {string[] | null} letters those to be checked */
  const pick = (selector, letters) => {
    for (const input of section.querySelectorAll(selector)) {
      const isWanted = !!letters?.includes(input.value);
      if (input.checked !== isWanted && (isWanted || input.type === "checkbox")) press(input);
    }
  };

  /** @param {any} field @param {string} value */
  const write = (field, value) => {
    if (!field.checkVisibility() || field.disabled || field.readOnly) throw new Error(`${section.id}: cannot write`);
    field.value = value;
    if (field.value !== value) throw new Error(`${section.id} does not take ${value}`);
    for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
  };

  /** @param {string} selector of what holds the list of a source */
  const place = (selector) => {
    for (const letter of asked[0].choices) {
      const pair = first.find((one) => one[0] === letter);
      write(find(`${selector}[data-letter="${letter}"] select`), pair?.[1] ?? "-");
    }
  };

  /** @param {string[] | null} path steps; null: always the choice of least worth that was not taken yet */
  const live = (path) => {
    const { steps = {} } = asked[0];
    const taken = [];
    for (let n = 0; n < 100; n++) {
      const scene = find(".scene:not([hidden])");
      const offered = [...scene.querySelectorAll(".scene-choice:not([hidden])")];
      if (!offered.length) return;
      const step = (choice) => scene.dataset.letter + choice.dataset.letter;
      const worth = (choice) => (steps[step(choice)] ?? 0) + (taken.includes(step(choice)) ? 1000 : 0);
      const [worst] = offered.reverse().sort((one, other) => worth(one) - worth(other));
      const choice = path ? offered.find((one) => step(one) === path[n]) : worst;
      if (!choice) throw new Error(`${section.id} does not offer ${path[n]}`);
      taken.push(step(choice));
      press(find(".scene-button", choice));
      const on = find("[data-do=on]");
      if (on.checkVisibility()) press(on);
    }
    throw new Error(`${section.id} has no end`);
  };

  const kinds = {
    choice: () => pick(".answer-input", first),
    hotspot: () => pick(".zone-input", first),
    scale: () => pick(".scale-input", first),
    checklist: () => pick(".plan-box", first),
    match: () => place(".pair"),
    classify: () => place(".card"),
    open: () => write(find(".open-text"), first.text),
    scenario: () => live(first),

    matrix() {
      asked.forEach(({ letter }, n) => pick(`.matrix-row[data-letter="${letter}"] input`, given[n]));
    },

    fill() {
      asked.forEach(({ letter }, n) => {
        write(find(`.gap[data-letter="${letter}"] :is(input, select)`), given[n].text ?? given[n][0]);
      });
    },

    order() {
      first.forEach((letter, n) => {
        const step = find(`.order-step[data-letter="${letter}"]`);
        while ([...step.parentElement.children].indexOf(step) > n) press(find("[data-move='-1']", step));
      });
    },

    flashcards() {
      for (const _ of asked[0].choices) {
        const card = find(".flashcard:not([data-away])");
        press(find("[data-card=turn]", card));
        press(find(`[data-card=${first.includes(card.dataset.letter) ? "known" : "again"}]`, card));
      }
    },

    inbox() {
      asked.forEach(({ letter }, n) => {
        const row = find(`.inbox-row[data-open="${letter}"]`);
        // A narrow page shows either the list or a message.
        if (!row.checkVisibility()) press(find(".mail[data-shown] .mail-back"));
        press(row);
        pick(`.mail[data-letter="${letter}"] .mail-input`, given[n]);
      });
    },
  };

  for (let box = section.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  kinds[section.dataset.question]();
  if (confidence) pick(".confidence-input", [confidence]);
  const submit = section.querySelector("[data-action=submit]");
  if (submit) press(submit);
  if (judgement) pick(".open-input", [judgement]);
};
