/** A course, a browser without pages, and an LMS that does what a test tells it. */

/**
 * @import {Change, CourseData, Driver, DriverOptions, Interaction, Lesson, Opened, Question} from "../../builder/runtime/types.d.ts"
 */

/** @param {Partial<Interaction>} [more] @returns {Interaction} */
export const interaction = (more = {}) => {
  return { id: "q", type: "choice", letter: "", choices: ["a", "b", "c"], right: ["b"], weight: 1, ...more };
};

/** @param {string} id @param {number} slot @param {Partial<Question>} [more] @returns {Question} */
export const question = (id, slot, more = {}) => ({
  id,
  slot,
  type: "choice",
  title: `Question ${id}`,
  points: 1,
  tries: 1,
  partial: "none",
  scored: true,
  required: true,
  shuffle: false,
  keyedAt: 1,
  interactions: [interaction({ id })],
  ...more,
});

/** @type {(id: string, slot: number, questions: Question[], more?: Partial<Lesson>) => Lesson} */
export const lesson = (id, slot, questions, more = {}) => ({
  id,
  slot,
  title: id,
  file: `${id}.html`,
  kind: "lesson",
  module: "",
  graded: true,
  minutes: 10,
  optional: false,
  questions,
  ...more,
});

/**
 * Lessons `un` (slots 1; 2 and 3) and `deux` (4; 5, an assessment); mastery 60 %.
 * @param {Partial<CourseData>} [more]
 * @returns {CourseData}
 */
export const course = (more = {}) => ({
  contract: 1,
  course: { id: "essai", title: "Essai", version: "1.0.0", language: "fr-FR" },
  revision: 1,
  mastery: 0.6,
  completion: {
    initial: "incomplete",
    states: {
      incomplete: [
        { when: ["lessons", "mastery"], to: "passed" },
        { when: ["everything", "!mastery"], to: "failed" },
      ],
      failed: [{ when: ["lessons", "mastery"], to: "passed" }],
    },
  },
  state: { limit: 4096 },
  target: "scorm12",
  driver: "fake",
  lessons: [
    lesson("un", 1, [question("a", 2), question("b", 3)]),
    lesson("deux", 4, [question("c", 5)], { kind: "assessment" }),
  ],
  strings: {},
  ...more,
});

/** What a driver is opened with. @param {() => number} [now] @returns {DriverOptions} */
export const options = (now = Date.now) => {
  return { course: "essai", target: "scorm12", now, data: course(), again: () => {}, changed: () => {} };
};

/** A change that tells nothing. @param {Partial<Change>} [more] @returns {Change} */
export const nothing = (more = {}) => ({
  state: "AQ",
  location: "un",
  status: "incomplete",
  completed: false,
  progress: 0,
  objectives: [],
  score: null,
  interactions: [],
  ...more,
});

/** @returns {Storage} */
export function memory() {
  /** @type {Map<string, string>} */
  const items = new Map();
  return {
    get length() {
      return items.size;
    },
    key: (n) => [...items.keys()][n] ?? null,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
    clear: () => items.clear(),
  };
}

/** @param {Storage} storage @param {string} [start] @returns {string[]} */
export const keys = (storage, start = "carabin:essai:") =>
  Array.from({ length: storage.length }, (_, n) => storage.key(n) ?? "").filter((key) => key.startsWith(start));

/**
 * A tab of a browser. Timers run when the test says so.
 * @param {{localStorage?: Storage, sessionStorage?: Storage}} [storages] that outlive it
 */
export function openWindow({ localStorage = memory(), sessionStorage = memory() } = {}) {
  /** @type {Map<number, {action: () => void, delay: number}>} */
  const timers = new Map();
  let last = 0;
  const window = {
    localStorage,
    sessionStorage,
    crypto: globalThis.crypto,
    navigator: { onLine: true },
    setTimeout: (/** @type {() => void} */ action, /** @type {number} */ delay) => {
      timers.set(++last, { action, delay });
      return last;
    },
    clearTimeout: (/** @type {number} */ timer) => void timers.delete(timer),
  };
  return {
    window: /** @type {Window & {navigator: {onLine: boolean}}} */ (/** @type {unknown} */ (window)),
    delays: () => [...timers.values()].map(({ delay }) => delay),
    run() {
      const due = [...timers.values()];
      timers.clear();
      for (const { action } of due) action();
    },
  };
}

/** An LMS seen through a driver. @param {Partial<Opened>} [opened] */
export function openLms(opened = {}) {
  const lms = {
    /** @type {Change[]} */
    changes: [],
    /** @type {(Change | null)[]} */
    closed: [],
    /** @type {"yes" | "no" | "refuses" | "absent"} */
    answers: "yes",
    /** @type {Opened} */
    opened: {
      mode: "normal",
      learner: { id: "jeanne", name: "Martin, Jeanne" },
      state: "",
      location: "",
      status: "",
      interactions: 0,
      score: NaN,
      minutes: 0,
      recorded: true,
      ...opened,
    },
    /** What the LMS holds after the last save that it took; the next launch gets it. */
    stored: /** @type {Partial<Opened>} */ ({}),
    /** @returns {Change} */
    last: () => /** @type {Change} */ (lms.changes.at(-1)),
    /** @returns {{create: () => Driver}} */
    module: () => ({ create }),
    /** The next launch. */
    relaunch() {
      Object.assign(lms.opened, lms.stored);
      lms.changes = [];
      lms.closed = [];
    },
  };

  /** @param {Change} change @returns {boolean} */
  function take(change) {
    lms.changes.push(change);
    if (lms.answers !== "yes") return false;
    const { state, location, status, score, interactions } = change;
    const count = Math.max(lms.stored.interactions ?? 0, ...interactions.map(({ index }) => index + 1));
    Object.assign(
      lms.stored,
      { location, status, interactions: count },
      state && { state },
      score !== null && { score },
    );
    return true;
  }

  /** @returns {Driver} */
  function create() {
    return {
      name: "fake",
      async open() {
        if (lms.answers === "refuses") throw new Error("refused");
        return lms.answers === "absent" ? null : { ...lms.opened };
      },
      save: (change, done) => done(take(change)),
      close(change, done = () => {}) {
        lms.closed.push(change);
        done(change ? take(change) : true);
      },
    };
  }

  return lms;
}
