/** `quiz`: draws questions, begins and ends takes, tells the result. The questions inside are played as all others. */

/** @import {Question, QuizRules} from "../types.d.ts" */
/** @import {Session} from "../session.js" */
/** @import {Words} from "../words.js" */

import { focus, show } from "../dom.js";
import { shuffle } from "../hash.js";

/** Milliseconds between two looks at the clock. */
const TICK = 5000;

/**
 * @param {HTMLElement} root
 * @param {Question & {rules: QuizRules}} quiz
 * @param {Question[]} questions of the lesson
 * @param {Session} session
 * @param {Words} words
 * @returns {() => void}
 */
export function mountGroup(root, quiz, questions, session, { t, percent }) {
  const { rules } = quiz;
  const find = (/** @type {string} */ selector) => /** @type {HTMLElement | null} */ (root.querySelector(selector));
  const [panel, result, body, end, count, clock] = [
    "[data-quiz-panel]",
    "[data-quiz-result]",
    "[data-quiz-questions]",
    "[data-quiz-end]",
    "[data-quiz-count]",
    "[data-quiz-time]",
  ].map(find);
  const [start, finish] = ["quiz-start", "quiz-finish"].map((action) => find(`[data-action="${action}"]`));
  /** @type {{question: Question, section: HTMLElement, title: Element | null}[]} */
  const inside = questions
    .filter((question) => question.quiz === quiz.id)
    .flatMap((question) => {
      const section = /** @type {HTMLElement | null} */ (root.querySelector(`[id="${question.id}"]`));
      return section ? [{ question, section, title: section.querySelector(".question-title") }] : [];
    });
  let isAsking = false;
  let seconds = session.take(quiz).seconds;
  let last = Date.now();
  const timer = window.setInterval(tick, TICK);

  root.addEventListener("click", onClick);
  fillUp();
  again();
  render();
  return () => {
    pass();
    window.clearInterval(timer);
    root.removeEventListener("click", onClick);
  };

  /** @param {MouseEvent} event */
  function onClick(event) {
    const button = /** @type {Element} */ (event.target).closest("[data-action]");
    if (button && button === start) begin();
    else if (button && button === finish) onFinish();
    else if (button) isAsking = false;
    // What was answered counts once the question has noted it.
    if (button) queueMicrotask(render);
  }

  function begin() {
    session.begin(quiz, draw(session.take(quiz).slots));
    seconds = 0;
    last = Date.now();
    again();
    render();
    focus(drawn()[0]?.title);
  }

  function onFinish() {
    isAsking = !isAsking && left() > 0;
    if (!isAsking) ended("");
  }

  /** @param {string} why */
  function ended(why) {
    pass();
    session.finish(quiz);
    again();
    render();
    if (result && why) result.prepend(`${why} `);
    focus(panel);
    panel?.scrollIntoView({ block: "nearest" });
  }

  /** The questions inside stand in their order, and look anew at what they may show. */
  function again() {
    if (quiz.shuffle) body?.append(...drawn().map(({ section }) => section));
    for (const { section } of inside) section.dispatchEvent(new Event("carabin:again"));
  }

  /**
   * Of each group as many as are asked, first those never seen; `kept` stay.
   * @param {number[]} seen
   * @param {number[]} [kept]
   * @returns {number[]} slots
   */
  function draw(seen, kept = []) {
    const seed = `${session.saved.attempt}:${quiz.slot}:${session.take(quiz).begun}`;
    const known = (/** @type {number} */ slot) =>
      +(seen.includes(slot) || (session.saved.questions.get(slot)?.index ?? -1) >= 0);
    const chosen = rules.groups.flatMap(({ count: most, slots }) => {
      const mine = slots.filter((slot) => kept.includes(slot));
      const others = shuffle(slots.filter((slot) => !kept.includes(slot)).map(String), [], seed).map(Number);
      others.sort((one, other) => known(one) - known(other));
      return [...mine, ...others.slice(0, Math.max(0, most - mine.length))];
    });
    const inOrder = inside.map(({ question }) => question.slot).filter((slot) => chosen.includes(slot));
    return quiz.shuffle ? shuffle(inOrder.map(String), [], `${seed}:order`).map(Number) : inOrder;
  }

  /** A new version of the course may have taken away what was drawn: an open take is filled up. */
  function fillUp() {
    const { isOpen, slots } = session.take(quiz);
    if (!isOpen || session.looking) return;
    const here = slots.filter((slot) => inside.some(({ question }) => question.slot === slot));
    const whole = draw(here, here);
    const added = whole.filter((slot) => !here.includes(slot));
    if (here.length !== slots.length || added.length) session.redraw(quiz, [...here, ...added]);
  }

  function drawn() {
    const { slots } = session.take(quiz);
    return slots.flatMap((slot) => inside.filter(({ question }) => question.slot === slot));
  }

  function left() {
    return drawn().filter(({ question }) => !session.isGiven(question)).length;
  }

  function render() {
    const { begun, finished, isOpen } = session.take(quiz);
    const shown = drawn();
    const more = rules.retakes + 1 - finished;
    for (const { section } of inside)
      show(
        section,
        shown.some((one) => one.section === section),
      );
    shown.forEach(({ title }, n) => {
      if (title) title.textContent = t("quiz_question", { number: String(n + 1) });
    });
    show(body, begun > 0);
    show(panel, !isOpen);
    show(end, isOpen && !session.looking);
    show(start, !session.looking && more > 0);
    if (result) result.textContent = begun ? summary(more) : t("quiz_ready");
    if (start && begun) start.textContent = t("quiz_again");
    const waiting = left();
    const given = t("quiz_count", { n: shown.length - waiting, total: shown.length });
    if (count) count.textContent = isAsking && waiting ? t("quiz_left", { n: waiting }) : given;
    if (finish) finish.textContent = t(isAsking && waiting ? "quiz_finish_anyway" : "quiz_finish");
    showTime(isOpen);
  }

  /** @param {number} more retakes left @returns {string} */
  function summary(more) {
    const scored = drawn().filter(({ question }) => question.scored);
    const total = scored.reduce((sum, { question }) => sum + question.points, 0);
    const won = scored.reduce((sum, { question }) => sum + question.points * session.fraction(question), 0);
    const parts = [total ? t("quiz_done", { won, total }) : t("quiz_done_unscored")];
    if (rules.pass !== null && total) {
      const isReached = 100 * won + 1e-9 >= rules.pass * total;
      parts.push(t(isReached ? "quiz_passed" : "quiz_missed", { pass: percent(rules.pass) }));
    }
    if (more > 0 && !session.looking) parts.push(t("quiz_again_left", { n: more }));
    return parts.join(" ");
  }

  function tick() {
    pass();
    if (rules.timed && rules.minutes !== null && session.take(quiz).isOpen && seconds >= 60 * rules.minutes)
      ended(t("quiz_time_up"));
  }

  /** Count the time that has passed. */
  function pass() {
    const { isOpen } = session.take(quiz);
    const passed = (Date.now() - last) / 1000;
    last = Date.now();
    if (!isOpen || session.looking || rules.minutes === null) return;
    // Time asleep, or in another window, is not spent here.
    if (document.visibilityState === "visible") seconds += Math.min(passed, (4 * TICK) / 1000);
    session.spend(quiz, seconds);
    showTime(isOpen);
  }

  /** @param {boolean} isOpen */
  function showTime(isOpen) {
    show(clock, isOpen && rules.minutes !== null);
    if (!clock || rules.minutes === null) return;
    const spent = Math.floor(seconds / 60);
    const text = rules.timed
      ? t("quiz_time_left", { n: Math.max(0, Math.ceil(rules.minutes - seconds / 60)) })
      : t("quiz_time", { spent, minutes: rules.minutes });
    if (clock.textContent !== text) clock.textContent = text;
  }
}
