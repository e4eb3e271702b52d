/**
 * What can befall a learner, in each LMS: the whole player without its pages (session, state, driver) through random
 * days. Each ends well: the learner comes back to the same computer when the trouble is over, leaves, and looks once
 * more from another one. What is missing then is missing for good, and stands in `EXCEPTIONS` with its reason.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { createLms, readProfile } from "../../builder/lms/lms.js";
import * as local from "../../builder/runtime/drivers/local.js";
import * as scorm12 from "../../builder/runtime/drivers/scorm12.js";
import { openSession } from "../../builder/runtime/session.js";
import { course, lesson, memory, openWindow, question } from "../runtime/fakes.mjs";

/** @import {CourseData, Question} from "../../builder/runtime/types.d.ts" */
/** @typedef {Awaited<ReturnType<typeof openSession>>} Session */
/** @typedef {"killed" | "offline" | "server" | "session" | "double" | "full" | "updated" | "lies"} Fault */
/**
 * What can be lost: answers, seen from the same browser or from another computer; the status that was earned; the
 * activity's completion, though the status is there; the report of an answer that is there. `false` is a status that
 * nobody earned, or that its score denies.
 * @typedef {"here" | "elsewhere" | "status" | "completion" | "report" | "false"} Loss
 */
/** @typedef {{products: string[], faults: Fault[], loses: Loss[], why: string}} Exception */

/** Numbers of days; the last of the few show what is rare. */
const DAYS = process.env.CARABIN_FULL === "1" ? [...Array(300).keys()] : [...Array(40).keys(), 79, 93];
const FOLDER = new URL("../../builder/lms/profiles/", import.meta.url);
const PROFILES = new Map(
  readdirSync(FOLDER)
    .sort()
    .map((file) => [file.replace(".yml", ""), readProfile(readFileSync(new URL(file, FOLDER), "utf8"))]),
);
/** Packages without LMS: the target `web` (for good), and one for an LMS opened without (for the life of the tab). */
const ALONE = ["web", "alone"];

/** @type {Record<Fault, string>} */
const FAULTS = {
  killed: "the tab is killed",
  offline: "no network, and the browser knows",
  server: "the server answers 5xx",
  session: "the LMS's session is lost until the page is loaded again",
  double: "the course is open in two tabs",
  full: "the browser's storage is full",
  updated: "the package is replaced by a new version",
  lies: "a commit, or the storage, says yes and keeps nothing",
};

const EVERY = /** @type {Fault[]} */ (Object.keys(FAULTS));
const ALL = [...PROFILES.keys()];

/** Everything that is lost, and why: nothing else may be, and each of these must still happen. @type {Exception[]} */
const EXCEPTIONS = [
  {
    products: ALL.filter((name) => name !== "wagtail-lms"),
    faults: ["lies"],
    loses: ["here", "elsewhere", "status"],
    why: "what the LMS confirms is erased from the browser; it is gone when the page goes before a later save is true",
  },
  {
    products: ALL.filter((name) => !["canvas", "chamilo", "wagtail-lms"].includes(name)),
    faults: ["lies"],
    loses: ["report"],
    why: "an answer given again replaces its report, and the LMS does not say which of the two it has",
  },
  {
    products: ["canvas"],
    faults: EVERY,
    loses: ["here", "elsewhere", "status"],
    why: "saved progress is emptied at each session: what was earned in several visits is not earned",
  },
  {
    products: ["chamilo"],
    faults: ["killed", "server", "session"],
    loses: ["here", "elsewhere", "status"],
    why: "a commit says yes and nothing is stored before LMSFinish",
  },
  {
    products: ["openedx"],
    faults: ["server", "session"],
    loses: ["here", "elsewhere", "status", "report"],
    why: "every call says yes, whatever became of its request; only a browser that is offline knows better",
  },
  {
    products: ["moodle", "moodle-strict"],
    faults: ["killed", "offline", "server", "session", "lies"],
    loses: ["completion"],
    why: "4.3.0 ticks the activity with the change of score that follows the final status; then comes review",
  },
  {
    products: ["moodle", "moodle-strict", "totara"],
    faults: ["offline", "server", "session"],
    loses: ["here", "elsewhere", "status"],
    why: "after a final status the next visit is a review: what was answered later and not saved is not written any more",
  },
  {
    products: ["scormcloud"],
    faults: ["updated"],
    loses: ["here", "elsewhere", "status"],
    why: "who is moved to a new version begins anew",
  },
  {
    products: ["wagtail-lms"],
    faults: ["updated"],
    loses: ["here", "elsewhere", "status"],
    why: "a new version is a new package, where everyone begins anew",
  },
  {
    products: ALONE,
    faults: ["full", "lies"],
    loses: ["here", "status"],
    why: "there is no place but the browser's storage; the page says that nothing is kept",
  },
  {
    products: ["alone"],
    faults: ["killed", "double"],
    loses: ["here", "status"],
    why: "a package for an LMS that is opened without one keeps progress for the life of its tab",
  },
];

/** @param {CourseData["lessons"][0]["questions"]} questions @param {Partial<CourseData>} more */
const version = (questions, more) =>
  course({
    lessons: [lesson("un", 1, [question("a", 2), ...questions]), lesson("deux", 4, [question("c", 5)])],
    ...more,
  });
const FIRST = version([question("b", 3)], { revision: 1 });
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
function openBrowser() {
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
/** @typedef {ReturnType<typeof createLms>} Lms */

/**
 * A page with the course in it.
 * @param {Browser} browser
 * @param {Storage} items of the tab
 * @param {Lms | null} lms
 * @param {CourseData} data
 */
async function launch(browser, items, lms, data) {
  const tab = browser.tab(items);
  const page = lms?.open();
  if (lms) lms.faults.session = false;
  if (page) Object.assign(tab.window, { parent: { API: page.API } });
  const session = await openSession(tab.window, structuredClone(data), { scorm12, local }, () => {});
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
 * @param {string} place a profile, or one of `ALONE`
 * @param {Fault} fault
 * @param {number} day
 * @returns {Promise<{losses: Set<Loss>, story: string[]}>}
 */
async function live(place, fault, day) {
  const roll = dice(day);
  const profile = PROFILES.get(place);
  const lms = profile ? createLms(profile) : null;
  const driver = lms ? "scorm12" : "local";
  const target = place === "web" ? "web" : "scorm12";
  const browser = openBrowser();
  const truth = openTruth();
  /** @type {Set<Loss>} */
  const losses = new Set();
  /** @type {string[]} */
  const story = [];
  let data = { ...FIRST, driver, target };
  let items = memory();
  let tabs = [await launch(browser, items, lms, data)];

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
    tabs = [await launch(browser, items, lms, data)];
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
    const { "cmi.core.lesson_status": status = "incomplete", "cmi.core.score.raw": raw = "" } =
      lms?.record().fields ?? {};
    const shown = lms ? status : (tabs[0]?.session.status() ?? "");
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
    else if (what === 11 && fault === "double") tabs.push(await launch(browser, memory(), lms, data));
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
  const elsewhere = await launch(openBrowser(), memory(), lms, data);
  if (!truth.isIn(elsewhere.session)) losses.add("elsewhere");
  const { fields } = lms.record();
  for (const { id, slot } of elsewhere.session.course.lessons.flatMap((each) => each.questions)) {
    const record = elsewhere.session.saved.questions.get(slot);
    const start = `cmi.interactions.${record?.index}`;
    const [letters] = record?.response ?? [];
    if (!Array.isArray(letters)) continue;
    if (fields[`${start}.id`] !== id || fields[`${start}.student_response`] !== letters[0]) losses.add("report");
  }
  assert.deepEqual(lms.violations, [], `day ${day}: ${story}`);
  return { losses, story };
}

for (const place of [...ALL, ...ALONE]) {
  test(`${place}: nothing is lost but what is listed`, async () => {
    for (const fault of EVERY) {
      /** @type {Map<Loss, string>} and a day that shows it */
      const found = new Map();
      for (const day of DAYS) {
        const { losses, story } = await live(place, fault, day);
        for (const loss of losses) if (!found.has(loss)) found.set(loss, `day ${day}: ${story.join(", ")}`);
      }
      const listed = EXCEPTIONS.filter(({ products, faults }) => products.includes(place) && faults.includes(fault));
      const expected = new Set(listed.flatMap(({ loses }) => loses));
      const shown = [...found].map(([loss, story]) => `${loss} (${story})`).join("\n");
      assert.deepEqual([...found.keys()].sort(), [...expected].sort(), `${fault}: ${FAULTS[fault]}\n${shown}`);
    }
  });
}

test("a storage that keeps nothing is not believed, and costs a page that stays open nothing", async () => {
  const browser = openBrowser();
  const { session } = await launch(browser, memory(), null, { ...FIRST, driver: "local", target: "web" });
  const [a, b] = /** @type {[Question, Question]} */ (session.course.lessons[0]?.questions ?? []);
  browser.faults.lies = true;
  for (const asked of [a, b]) session.answer(asked, [["b"]], 0);
  assert.equal(session.safety, "pending");
  browser.faults.lies = false;
  session.save();
  assert.equal(session.safety, "browser");
  for (const asked of [a, b]) assert.deepEqual(session.record(asked)?.response, [["b"]]);
});

test("what a product cannot keep is told to its administrators, and nothing else is", () => {
  // That a liar is believed concerns every product, and has a line of its own in the sheet.
  const own = EXCEPTIONS.filter(({ faults }) => faults.join() !== "lies").flatMap(({ products }) => products);
  for (const [name, profile] of PROFILES) {
    for (const told of [profile.cannot_en, profile.cannot_fr]) assert.equal(told !== "", own.includes(name), name);
  }
});
