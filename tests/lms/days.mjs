/**
 * What can befall a learner in an LMS of some standard: the whole player without its pages (session, state, driver) through
 * random days. Each ends well: the learner comes back to the same computer when the trouble is over, leaves, and looks once
 * more from another one.
 */
import assert from "node:assert/strict";
import * as local from "../../builder/runtime/drivers/local.js";
import { openSession } from "../../builder/runtime/session.js";
import { course, lesson, memory, openWindow, question } from "../runtime/fakes.mjs";

/** @import {CourseData, DriverModule} from "../../builder/runtime/types.d.ts" */
/** @typedef {Awaited<ReturnType<typeof openSession>>} Session */
/** @typedef {"killed" | "offline" | "server" | "session" | "double" | "full" | "updated" | "lies"} Fault */
/**
 * What can be lost: answers, seen from the same browser or from another computer; the status that was earned; the
 * activity's completion, though the status is there; the report of an answer that is there. `false` is a status that
 * nobody earned, or that its score denies.
 * @typedef {"here" | "elsewhere" | "status" | "completion" | "report" | "false"} Loss
 */
/** @typedef {{products: string[], faults: Fault[], loses: Loss[], why: string}} Exception */
/** @typedef {import("../../builder/lms/lms.js").Fields} Fields */
/**
 * A simulated LMS, and where its standard keeps things.
 * @typedef {object} Standard
 * @property {string} name of its driver
 * @property {DriverModule} driver
 * @property {string} api name of the object that content finds
 * @property {(place: string) => Lms | null} open a new LMS; null where there is none
 * @property {(fields: Fields) => string} status `incomplete`, `failed` or `passed`
 * @property {(fields: Fields) => string} raw score; "" where there is none
 * @property {string} response element of an interaction
 */
/**
 * What both simulated LMSs offer here.
 * @typedef {object} Lms
 * @property {import("../../builder/lms/lms.js").Faults} faults
 * @property {() => {API: object, leave(): void, kill(): void}} open
 * @property {(isSameItem: boolean) => void} replace
 * @property {() => {fields: Fields, completion: boolean}} record
 * @property {string[]} violations
 */

/** Numbers of days; the last of the few show what is rare. */
export const DAYS = process.env.CARABIN_FULL === "1" ? [...Array(300).keys()] : [...Array(40).keys(), 79, 93];

/** @type {Record<Fault, string>} */
export const FAULTS = {
  killed: "the tab is killed",
  offline: "no network, and the browser knows",
  server: "the server answers 5xx",
  session: "the LMS's session is lost until the page is loaded again",
  double: "the course is open in two tabs",
  full: "the browser's storage is full",
  updated: "the package is replaced by a new version",
  lies: "a commit, or the storage, says yes and keeps nothing",
};

export const EVERY = /** @type {Fault[]} */ (Object.keys(FAULTS));

/** @param {CourseData["lessons"][0]["questions"]} questions @param {Partial<CourseData>} more */
const version = (questions, more) =>
  course({
    lessons: [lesson("un", 1, [question("a", 2), ...questions]), lesson("deux", 4, [question("c", 5)])],
    ...more,
  });
export const FIRST = version([question("b", 3)], { revision: 1 });
/** The key of `b` changed, and `d` is new. */
const SECOND = version([question("b", 3, { keyedAt: 2 }), question("d", 6)], {
  revision: 2,
  course: { ...FIRST.course, version: "1.1.0" },
});
const RANK = ["incomplete", "failed", "passed"];

/** The same numbers on every machine. @param {number} seed @returns {(below: number) => number} */
function dice(seed) {
  let state = seed * 2_654_435_761 + 1;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) % below;
  };
}

/** A browser: what it stores outlives its tabs, and each tab hears in time what the others wrote. */
export function openBrowser() {
  const items = memory();
  const faults = { full: false, lies: false };
  /** @type {{heard: (key: string, value: string) => void}[]} */
  let tabs = [];
  /** @type {(() => void)[]} */
  let events = [];

  /** @param {Storage} base @param {(key: string, value: string) => void} [told] @returns {Storage} */
  const storage = (base, told = () => {}) => ({
    ...base,
    get length() {
      return base.length;
    },
    setItem(key, value) {
      if (faults.full) throw new DOMException("full", "QuotaExceededError");
      if (faults.lies) return;
      base.setItem(key, value);
      told(key, value);
    },
  });

  return {
    faults,
    /** @param {Storage} tabItems of the tab, from one page to the next */
    tab(tabItems) {
      const tab = { heard: (/** @type {string} */ _key, /** @type {string} */ _value) => {} };
      tabs.push(tab);
      const localStorage = storage(items, (key, value) => {
        for (const other of tabs) if (other !== tab) events.push(() => other.heard(key, value));
      });
      return {
        ...openWindow({ localStorage, sessionStorage: storage(tabItems) }),
        /** @param {(key: string, value: string) => void} heard */
        listen: (heard) => void (tab.heard = heard),
        close: () => void (tabs = tabs.filter((other) => other !== tab)),
      };
    },
    deliver() {
      for (const event of events) event();
      events = [];
    },
  };
}

/** @typedef {ReturnType<typeof openBrowser>} Browser */

/**
 * A page with the course in it.
 * @param {Standard} standard
 * @param {Browser} browser
 * @param {Storage} items of the tab
 * @param {Lms | null} lms
 * @param {CourseData} data
 */
export async function launch(standard, browser, items, lms, data) {
  const tab = browser.tab(items);
  const page = lms?.open();
  if (lms) lms.faults.session = false;
  if (page) Object.assign(tab.window, { parent: { [standard.api]: page.API } });
  const session = await openSession(
    tab.window,
    structuredClone(data),
    { [standard.name]: standard.driver, local },
    () => {},
  );
  tab.listen(session.overhear);
  if (session.offer) session.settleOffer(true);
  return {
    tab,
    session,
    /** @param {boolean} [byButton] the course's own, while the page is still there */
    leave(byButton = false) {
      if (!byButton) page?.leave();
      session.save(true);
      this.kill();
    },
    kill() {
      page?.kill();
      tab.close();
    },
  };
}

/** What the learner did, whatever became of it. */
function openTruth() {
  /** @type {Map<string, {letter: string, keyedAt: number}>} */
  const answers = new Map();
  /** @type {Set<string>} */
  const ends = new Set();
  let best = 0;
  return {
    answers,
    ends,
    /** @returns {number} place in `RANK` of the best status that was earned so far */
    best: () => best,
    /** A course says which answers count: one to an older key does not. @param {Session} session */
    judge({ course: { lessons } }) {
      const questions = lessons.flatMap((each) => each.questions);
      for (const { id, keyedAt } of questions) if ((answers.get(id)?.keyedAt ?? keyedAt) < keyedAt) answers.delete(id);
      const isDone = lessons.every(({ id }) => ends.has(id)) && questions.every(({ id }) => answers.has(id));
      const right = questions.filter(({ id }) => answers.get(id)?.letter === "b").length;
      if (isDone) best = Math.max(best, right / questions.length >= 0.6 ? 2 : 1);
    },
    /** @param {Session} session @returns {boolean} whether every answer is there */
    isIn: (session) =>
      session.course.lessons
        .flatMap((each) => each.questions)
        .every((each) => {
          const [letters] = session.record(each)?.response ?? [];
          const letter = Array.isArray(letters) ? letters[0] : undefined;
          const given = answers.get(each.id)?.letter;
          return given === undefined || letter === given;
        }),
  };
}

/**
 * @param {Standard} standard
 * @param {string} place a profile, or where no LMS is
 * @param {Fault} fault
 * @param {number} day
 * @returns {Promise<{losses: Set<Loss>, story: string[]}>}
 */
export async function live(standard, place, fault, day) {
  const roll = dice(day);
  const lms = standard.open(place);
  const driver = lms ? standard.name : "local";
  const target = place === "web" ? "web" : standard.name;
  const browser = openBrowser();
  const truth = openTruth();
  /** @type {Set<Loss>} */
  const losses = new Set();
  /** @type {string[]} */
  const story = [];
  let data = { ...FIRST, driver, target };
  let items = memory();
  let tabs = [await launch(standard, browser, items, lms, data)];

  /** @param {boolean} isOn */
  function trouble(isOn) {
    if (fault === "full" || (fault === "lies" && !lms)) browser.faults[fault] = isOn;
    else if (lms && ["offline", "server", "session", "lies"].includes(fault))
      Object.assign(lms.faults, { [fault]: isOn });
    for (const { tab } of tabs) tab.window.navigator.onLine = !(isOn && fault === "offline");
  }

  /** @param {boolean} isKilled */
  async function comeBack(isKilled) {
    for (const tab of roll(2) ? tabs : tabs.reverse()) {
      if (isKilled) tab.kill();
      else tab.leave(day % 2 === 1);
      browser.deliver();
    }
    if (isKilled) items = memory();
    // No page loads without network, server or session; a full disk and a liar are still there.
    if (fault !== "full" && fault !== "lies") trouble(false);
    tabs = [await launch(standard, browser, items, lms, data)];
  }

  /** @param {{session: Session}} tab */
  function answer({ session }) {
    const questions = session.course.lessons.flatMap((each) => each.questions);
    const n = roll(questions.length);
    const asked = /** @type {(typeof questions)[0]} */ (questions[n]);
    // What is right cannot be answered again.
    const [shown] = session.record(asked)?.response ?? [];
    if (Array.isArray(shown) && shown[0] === "b") return;
    // In two tabs the learner does not contradict himself: which of two answers is the later one is not the question.
    const letter = ["b", "a", "c"][fault === "double" ? (day + n) % 3 : roll(3)] ?? "b";
    truth.answers.set(asked.id, { letter, keyedAt: asked.keyedAt });
    truth.judge(session);
    session.answer(asked, [[letter]], 1000);
    story.push(`${asked.id}=${letter}`);
  }

  /** @param {{session: Session}} tab */
  function reach({ session }) {
    const read = session.course.lessons[roll(2)] ?? session.course.lessons[0];
    if (!read) return;
    truth.ends.add(read.id);
    truth.judge(session);
    session.visit(read);
    session.reach(read);
    story.push(`end of ${read.id}`);
  }

  /** A new version; an open page may meet a lesson of it. @param {{session: Session}} tab */
  function update({ session }) {
    if (data.revision === 1) {
      data = { ...SECOND, driver, target };
      lms?.replace(true);
      story.push("updated");
    } else {
      const [[old], [made]] = [session.course.lessons, structuredClone(SECOND.lessons)];
      if (!old || !made) return;
      session.adopt(old, {
        contract: 1,
        version: "1.1.0",
        lesson: made.id,
        slot: made.slot,
        questions: made.questions,
      });
      truth.judge(session);
      story.push("met");
    }
  }

  function compare() {
    const fields = lms?.record().fields ?? {};
    const raw = standard.raw(fields);
    const shown = lms ? standard.status(fields) : (tabs[0]?.session.status() ?? "");
    const isDenied = lms && shown !== "incomplete" && (raw === "" || Number(raw) >= 60 !== (shown === "passed"));
    if (!RANK.includes(shown) || RANK.indexOf(shown) > truth.best() || isDenied) losses.add("false");
    return shown;
  }

  for (let event = 5 + roll(18); event > 0; event--) {
    const tab = /** @type {(typeof tabs)[0]} */ (tabs[roll(tabs.length)]);
    const what = roll(12);
    if (what < 7 && tab.session.looking) continue;
    if (what < 5) answer(tab);
    else if (what < 7) reach(tab);
    else if (what === 7) trouble(true);
    else if (what === 8) trouble(false);
    else if (what === 9) tab.tab.run();
    else if (what === 11 && fault === "double") tabs.push(await launch(standard, browser, memory(), lms, data));
    else if (what === 11 && fault === "updated") update(tab);
    else await comeBack(what === 11 && fault === "killed");
    if (what > 6) story.push(["trouble", "well", "wait", "leave", fault][what - 7] ?? "");
    browser.deliver();
    for (const { session } of tabs) truth.judge(session);
    compare();
  }

  await comeBack(fault === "killed");
  trouble(false);
  await comeBack(false);
  const [back] = /** @type {[(typeof tabs)[0]]} */ (tabs);
  truth.judge(back.session);
  if (!truth.isIn(back.session)) losses.add("here");
  back.session.visit(back.session.course.lessons[0] ?? null);
  back.leave();
  if (RANK.indexOf(compare()) < truth.best()) losses.add("status");
  if (!lms) return { losses, story };

  if (!losses.has("status") && truth.best() === 2 && !lms.record().completion) losses.add("completion");
  const elsewhere = await launch(standard, openBrowser(), memory(), lms, data);
  if (!truth.isIn(elsewhere.session)) losses.add("elsewhere");
  const { fields } = lms.record();
  for (const { id, slot } of elsewhere.session.course.lessons.flatMap((each) => each.questions)) {
    const record = elsewhere.session.saved.questions.get(slot);
    const start = `cmi.interactions.${record?.index}`;
    const [letters] = record?.response ?? [];
    if (!Array.isArray(letters)) continue;
    if (fields[`${start}.id`] !== id || fields[`${start}.${standard.response}`] !== letters[0]) losses.add("report");
  }
  assert.deepEqual(lms.violations, [], `day ${day}: ${story}`);
  return { losses, story };
}

/**
 * What is lost in a place, by fault, and a day that shows it.
 * @param {Standard} standard
 * @param {string} place
 * @param {Exception[]} exceptions
 */
export async function check(standard, place, exceptions) {
  for (const fault of EVERY) {
    /** @type {Map<Loss, string>} */
    const found = new Map();
    for (const day of DAYS) {
      const { losses, story } = await live(standard, place, fault, day);
      for (const loss of losses) if (!found.has(loss)) found.set(loss, `day ${day}: ${story.join(", ")}`);
    }
    const listed = exceptions.filter(({ products, faults }) => products.includes(place) && faults.includes(fault));
    const expected = new Set(listed.flatMap(({ loses }) => loses));
    const shown = [...found].map(([loss, story]) => `${loss} (${story})`).join("\n");
    assert.deepEqual([...found.keys()].sort(), [...expected].sort(), `${fault}: ${FAULTS[fault]}\n${shown}`);
  }
}
