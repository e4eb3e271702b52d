/**
 * One session of one learner: between the driver, which knows an LMS, and the page, which knows a screen. It decides
 * what is believed at the start, what is saved and when, and what the learner is told about it. No DOM.
 *
 * Order of trust: the LMS, then the browser. The browser keeps only what the LMS has not confirmed.
 */

/**
 * @import {Change, CourseData, Driver, DriverModule, DriverOptions, Happening, InteractionReport, Lesson, LessonPage,
 *   Opened, Question, QuestionRecord, RecorderModule, Response, Saved, Statement, Status} from "./types.d.ts"
 */

import { blank, encode } from "./codec.js";
import { step } from "./completion.js";
import { openCopies, ownerOf } from "./copy.js";
import { openMemory } from "./memory.js";
import { interactionFraction, percent } from "./score.js";
import * as progress from "./state.js";

/** @type {Status[]} what is never taken back stands further on */
const RANK = ["incomplete", "failed", "completed", "passed"];
/** Milliseconds before a save that failed is tried again: doubled each time up to the longest. */
const RETRY = { first: 10_000, longest: 300_000 };

/** @typedef {Awaited<ReturnType<typeof openSession>>} Session */
/** @typedef {import("./memory.js").Memory} Memory */
/** @typedef {"saved" | "pending" | "browser" | "none"} Safety where the learner's progress is safe */
/**
 * What the learner must know, each a key of the words: no LMS; the LMS refuses; it has opened this page before; it refuses a SCO that it had opened;
 * looking only; a state, or part of one, that cannot be read; another window; not confirmed but kept here; not kept
 * anywhere.
 * @typedef {"untracked" | "refused" | "spent" | "reenter" | "review" | "unreadable" | "unreadable_part" | "elsewhere" | "kept_here" |
 *   "kept_nowhere"} Notice
 */

/**
 * @param {Window} window
 * @param {CourseData} course
 * @param {Record<string, DriverModule>} drivers
 * @param {() => void} changed called after anything that the learner may see has changed
 * @param {() => number} [now] milliseconds since the epoch
 * @param {Record<string, RecorderModule>} [recorders] beside an LMS that knows no statements
 */
export async function openSession(window, course, drivers, changed, now = Date.now, recorders = {}) {
  /** @type {Set<Notice>} */
  const notices = new Set();
  const memory = course.sco ? openMemory(window, course.course.id) : null;
  const kept = memory?.read() ?? null;
  const again = () => (isBegun ? save() : undefined);
  const options = { course: course.course.id, target: course.target, now, data: course, again, changed };
  let isBegun = false;
  const { driver, opened } = await connect(window, options, drivers, notices, kept);
  if (opened.mastery !== undefined) course.mastery = opened.mastery;
  const began = now();
  const looking = opened.mode !== "normal";
  const nameless = course.target === "web" ? "local" : "";
  const whose = !driver && kept ? kept.whose : ownerOf(course.course.id, opened.learner.id || nameless);
  const copies = openCopies(window, course.course.id, whose, now);
  const slots = progress.slotsOf(course.lessons);
  /** Quizzes by id. @type {Map<string, Question>} */
  const quizzes = new Map();
  for (const { questions } of course.lessons) for (const one of questions) if (one.rules) quizzes.set(one.id, one);
  /** @type {Status} */
  let floor = opened.status || "incomplete";
  /** What is wanted beside mastery is done, here or in what the LMS has. */
  let isCompleted = !!opened.completed;

  /** Answers that the LMS has not confirmed, by slot. @type {Map<number, {milliseconds: number, time: Date}>} */
  const unreported = new Map();
  const newAttempt = () => opened.attempt || window.crypto.getRandomValues(new Uint32Array(1))[0] || 1;
  let saved = blank(course.revision, newAttempt());
  saved.status = course.completion.initial;
  let location = opened.location;
  /** Length of the LMS's list of interactions; NaN: unknown, or ours has been settled. */
  let count = opened.interactions;
  /** Score that the LMS was told, 0–100. */
  let best = floor !== "incomplete" && opened.score <= 100 ? opened.score : 0;
  let isUnreadable = false;
  let isUnsaved = false;
  let isClosed = false;
  let end = () => {};
  /** The driver has said what became of the last save. @type {Promise<void>} */
  const ended = new Promise((resolve) => (end = resolve));
  let failures = 0;
  let timer = 0;
  /** @type {Safety} */
  let safety = "none";
  /** @type {{date: Date, key: string, state: Saved, location: string} | null} */
  let offer = null;

  // Statements: made, then written beside the state, then handed over.
  let recorder = driver?.recorder ?? null;
  /** @type {Statement[]} made, not handed over */
  let told = [];
  begin();
  isBegun = true;
  if (!recorder && !looking && driver && opened.recorded) {
    for (const one of Object.values(recorders)) {
      recorder = await one.open(window, { ...options, opened, attempt: saved.attempt }).catch(() => null);
    }
    if (recorder) {
      const left = told;
      told = [];
      happen({ kind: "initialized" });
      told.push(...left);
      happen(standing("known"));
      if (told.length) save();
    }
  }

  /** Settle what is believed, and write the first status before anything else. */
  function begin() {
    let known = opened.state ? progress.receive(opened.state, slots, course.revision) : null;
    const earlier = kept && kept.whose === whose ? progress.receive(kept.state, slots, course.revision) : null;
    // Where no response is recorded, an LMS may give back without a word what was there when its page was loaded.
    const isStale =
      !known || (known.saved.attempt === earlier?.saved.attempt && known.saved.counter < earlier.saved.counter);
    if (kept && earlier && !earlier.saved.next && isStale) [known, location] = [earlier, kept.location];
    const { mode, status } = opened;
    if (!earlier && opened.recorded) memory?.write({ whose, mode, state: opened.state, location, status });
    if (known) {
      saved = known.saved;
      saved.opaque.delete(0);
      if (known.aside.length) notices.add("unreadable_part");
    } else if (opened.state) {
      isUnreadable = true;
      notices.add("unreadable");
      if (!looking) copies.keepAside(opened.state);
    }
    happen({ kind: "initialized" });
    if (looking) {
      handOver();
      notices.add("review");
      return;
    }
    if (opened.recorded) takeCopies(!!known);
    align();
    const { lessons, minutes } = progress.facts(saved, course, opened.minutes);
    isCompleted ||= lessons && minutes;
    happen(standing("known"));
    save();
  }

  /** @param {"known" | "reached"} kind @returns {Happening} how far the learner has come */
  function standing(kind) {
    const [grade, share] = [progress.courseGrade(saved, course) ?? 0, progress.share(saved, course)];
    return { kind, progress: share, completed: isCompleted, status: status(), grade, best };
  }

  /** @param {Happening} what */
  function happen(what) {
    if (recorder && (!looking || /^(init|term)/.test(what.kind))) told.push(...recorder.tell(what));
  }

  /** @param {boolean} [isLast] */
  function handOver(isLast = false) {
    if (recorder && (told.length || isLast)) recorder.put(told, isLast);
    if (recorder) told = [];
  }

  /** @param {boolean} isKnown the LMS gave a state */
  function takeCopies(isKnown) {
    const all = copies.find();
    for (const { statements } of all) told.push(...(statements ?? []));
    const found = all.flatMap((copy) => {
      const state = progress.receive(copy.state, slots, course.revision)?.saved;
      return state ? [{ ...copy, state, date: new Date(copy.date) }] : [];
    });
    if (!isKnown) {
      // Where attempts are known, those of others stay for theirs; what nobody in particular left may be of this one.
      const isOfOther = (/** @type {typeof found[0]} */ { key, state }) =>
        !!opened.attempt && state.attempt !== opened.attempt && !key.includes("::");
      const [latest] = found.filter((one) => !isOfOther(one)).sort((one, other) => +other.date - +one.date);
      // A finished state may belong to an attempt that the LMS has closed: then it is for the learner to say.
      if (latest?.own && latest.state.status === "incomplete") takeUp(latest.state, latest.location);
      else if (latest) offer = latest;
    }
    for (const copy of found) {
      if (!isKnown || copy.state.attempt !== saved.attempt) continue;
      if (copy.state.counter > saved.counter) {
        progress.merge(copy.state, saved);
        takeUp(copy.state, copy.location);
      } else if (!progress.merge(saved, copy.state)) {
        copies.erase(copy.key);
      }
    }
  }

  /**
   * Go on from what the browser kept; what the LMS has otherwise, or not at all, is reported.
   * @param {Saved} state
   * @param {string} place
   */
  function takeUp(state, place) {
    for (const [slot, record] of state.questions) {
      if (progress.isGiven(record) && !isSame(record, saved.questions.get(slot))) reportLater(slot);
    }
    [saved, location] = [state, place];
    saved.attempt = opened.attempt || saved.attempt;
  }

  /** @param {number} slot @param {number} [milliseconds] that the learner took; 0: unknown */
  function reportLater(slot, milliseconds = 0) {
    unreported.set(slot, { milliseconds, time: new Date(now()) });
  }

  /**
   * Give every response its place in the LMS's list of interactions. The list grows without gaps and keeps what it has;
   * what it has lost, or never had, is reported again.
   */
  function align() {
    const records = [...slots].flatMap(([slot, question]) => {
      const record = saved.questions.get(slot);
      if (question === "lesson" || !record?.response || !progress.isGiven(record)) return [];
      return progress.isReported(question) ? [{ slot, record, length: question.interactions.length }] : [];
    });
    const lost = records.filter(({ record, length }) => record.index >= 0 && record.index + length > count);
    lost.sort((one, other) => one.record.index - other.record.index);
    if (count < saved.next) saved.next = Math.min(count, lost[0]?.record.index ?? count);
    else if (count > saved.next) saved.next = count;
    for (const { slot, record, length } of [...lost, ...records.filter(({ record }) => record.index < 0)]) {
      delete record.payload;
      record.index = saved.next;
      saved.next += length;
      reportLater(slot);
    }
    if (!offer) count = NaN;
  }

  /**
   * Another window of this browser saved meanwhile: its state rules, with what was answered here and is not saved yet.
   * Where it erased progress, only that is left.
   * @returns {boolean} whether it did
   */
  function catchUp() {
    const text = driver?.elsewhere?.() ?? null;
    if (text === null) return false;
    notices.add("elsewhere");
    const other = text ? progress.receive(text, slots, course.revision)?.saved : blank(course.revision, newAttempt());
    if (!other) return true;
    if (!text) {
      for (const slot of saved.questions.keys()) if (!unreported.has(slot)) saved.questions.delete(slot);
      saved.lessons.clear();
      saved.opaque.clear();
      [saved.place, floor, best, location] = [0, "incomplete", 0, ""];
    }
    for (const slot of unreported.keys()) other.questions.delete(slot);
    progress.merge(other, saved);
    other.place = saved.place;
    saved = other;
    align();
    return true;
  }

  /** @returns {Status} what the LMS is told: never less than it was told before */
  function status() {
    return RANK.indexOf(saved.status) > RANK.indexOf(floor) ? saved.status : floor;
  }

  /** @returns {number | null} 0–100, once a final status is reached; never lowered */
  function score() {
    const grade = progress.courseGrade(saved, course);
    if (grade === null || saved.status === "incomplete" || saved.status !== status()) return null;
    // What was passed stays passed, also where the LMS never tells the score that it has (Open edX).
    const least = saved.status === "passed" ? percent(course.mastery ?? 0) : 0;
    return (best = Math.max(percent(grade), best, least));
  }

  /** @returns {Change} */
  function change() {
    const minutes = opened.minutes + (now() - began) / 60_000;
    const facts = progress.facts(saved, course, minutes);
    saved.status = step(course.completion, saved.status, facts);
    isCompleted ||= facts.lessons && facts.minutes;
    saved.counter++;
    const ends = [...saved.lessons.values()].some((record) => record.end);
    const isWorth = saved.questions.size > 0 || ends || (!isUnreadable && saved.lessons.size > 0);
    const state = isWorth ? encode(saved, slots, course.state.limit) : "";
    const grade = score();
    happen(standing("reached"));
    return {
      state,
      location,
      status: status(),
      completed: isCompleted,
      progress: progress.share(saved, course),
      objectives: progress.objectives(saved, course),
      score: grade,
      interactions: reports(),
    };
  }

  /** @returns {InteractionReport[]} */
  function reports() {
    return [...unreported.keys()].flatMap(reportsOf).sort((one, other) => one.index - other.index);
  }

  /** @param {number} slot of a question with unreported responses @returns {InteractionReport[]} */
  function reportsOf(slot) {
    const { milliseconds = 0, time = new Date() } = unreported.get(slot) ?? {};
    const question = slots.get(slot);
    const record = saved.questions.get(slot);
    if (!record || !question || question === "lesson" || !progress.isReported(question)) return [];
    return question.interactions.map((interaction, n) => {
      const response = record.response?.[n] ?? null;
      const fraction = interactionFraction(interaction, response, question.partial);
      return { index: record.index + n, interaction, question, response, fraction, milliseconds, time };
    });
  }

  /** @param {boolean} [isLast] the session ends with it */
  function save(isLast = false) {
    if (isClosed) return;
    window.clearTimeout(timer);
    isClosed = isLast;
    if (looking) {
      if (isLast) happen({ kind: "terminated" });
      handOver(isLast);
      if (isLast) driver?.close(null, end);
      return;
    }
    catchUp();
    const next = change();
    if (isLast) happen({ kind: "terminated" });
    const { attempt, counter } = saved;
    const sent = new Map(unreported);
    const isKept = opened.recorded && !!next.state && copies.write(attempt, next.state, next.location, told);
    handOver(isLast);
    isUnsaved = true;
    // While a page goes away, many an LMS says yes without knowing: what was not safe before stays in the browser.
    const isSure = !isLast || (!failures && !unreported.size);
    /** @param {boolean} isGood */
    const done = (isGood) => {
      if (isGood) {
        const mode = next.status === "incomplete" ? "normal" : "review";
        const { state, location, status } = next;
        if (opened.recorded) memory?.write({ whose, mode, state, location, status });
        for (const [slot, report] of sent) if (unreported.get(slot) === report) unreported.delete(slot);
      }
      if (counter === saved.counter) {
        isUnsaved = !isGood;
        settle(isGood, isKept || !next.state);
        if (isGood && isKept && isSure) copies.erase(attempt);
      }
      changed();
      if (isLast) end();
    };
    if (!driver) done(false);
    else if (isLast) driver.close(next, done);
    else driver.save(next, done);
  }

  /** @param {boolean} isGood the LMS has it @param {boolean} isKept the browser has it */
  function settle(isGood, isKept) {
    notices.delete("kept_here");
    notices.delete("kept_nowhere");
    failures = isGood ? 0 : failures + 1;
    if (!opened.recorded) {
      safety = !isGood ? "pending" : course.target === "web" ? "browser" : "none";
      if (!isGood) notices.add("kept_nowhere");
      return;
    }
    safety = isGood ? "saved" : isKept ? "browser" : "pending";
    if (isGood) return;
    if (driver || !isKept) notices.add(isKept ? "kept_here" : "kept_nowhere");
    if (!driver) return;
    const delay = Math.min(RETRY.first * 2 ** (failures - 1), RETRY.longest);
    if (!isClosed) timer = window.setTimeout(() => save(), delay);
  }

  /** @param {Lesson} lesson @param {"visited" | "end"} what @returns {boolean} whether it is new */
  function mark(lesson, what) {
    const record = saved.lessons.get(lesson.slot) ?? { visited: false, end: false };
    saved.lessons.set(lesson.slot, record);
    const isNew = !record[what];
    record[what] = true;
    return isNew;
  }

  return {
    course,
    opened,
    looking,
    notices,
    /** Responses given and not submitted, by slot, as long as the page lives. @type {Map<number, Response>} */
    drafts: new Map(),
    status,
    score,
    save,
    get saved() {
      return saved;
    },
    get safety() {
      return looking ? "none" : safety;
    },
    get offer() {
      return offer && { date: offer.date };
    },
    get isClosed() {
      return isClosed;
    },
    endsWithPage: !!driver?.endsWithPage,
    returnTo: driver?.returnTo,
    ended,
    /** @returns {string} key of what is to be said of statements; "": nothing */
    get trouble() {
      const trouble = recorder?.trouble() ?? "";
      // Where the state waits too, that is what counts for the learner.
      return trouble === "statements_waiting" && notices.has("kept_here") ? "" : trouble;
    },

    /** @param {boolean} isTaken whether the learner takes up the answers found on this device, or begins anew */
    settleOffer(isTaken) {
      if (!offer) return;
      const { key, state, location: place } = offer;
      offer = null;
      if (isTaken) takeUp(state, place);
      else location = "";
      happen(standing("known"));
      copies.erase(key);
      align();
      save();
    },

    /** @returns {{lesson: Lesson, anchor: string} | null} the place left */
    resume() {
      const [id, anchor = ""] = location.split("/");
      const named = course.lessons.find((lesson) => lesson.id === id);
      const last = course.lessons.find((lesson) => lesson.slot === saved.place);
      return named ? { lesson: named, anchor } : last ? { lesson: last, anchor: "" } : null;
    },

    /** @param {Lesson | null} lesson that is shown now; null: another page */
    visit(lesson) {
      const before = location;
      if (lesson && !location.startsWith(`${lesson.id}/`)) location = lesson.id;
      const isNew = lesson ? mark(lesson, "visited") : false;
      if (lesson && saved.place !== lesson.slot) saved.place = lesson.slot;
      if (isNew || isUnsaved || location !== before) save();
    },

    /** Note where the learner is; it goes with the next save. @param {string} lesson id @param {string} anchor */
    move(lesson, anchor) {
      const place = /^[!-~]{1,200}$/.test(anchor) ? `${lesson}/${anchor}` : lesson;
      isUnsaved ||= place !== location;
      location = place;
    },

    /** @param {Lesson} lesson whose end was reached @param {boolean} [isLeft] for another page, which saves */
    reach(lesson, isLeft = false) {
      if (!mark(lesson, "end")) return;
      happen({ kind: "experienced", lesson });
      isUnsaved = true;
      if (!isLeft) save();
    },

    /** @param {Question} question @returns {QuestionRecord | undefined} */
    record: (question) => saved.questions.get(question.slot),

    /** @param {Question} question @param {Response} response @param {number} milliseconds */
    answer(question, response, milliseconds) {
      const before = { ...saved.questions.get(question.slot) };
      const { tries } = progress.answer(saved, question, response, course.revision);
      reportLater(question.slot, milliseconds);
      reportsOf(question.slot).forEach((report, n) => {
        // Of what is no further try, only what has changed is told.
        const asText = (/** @type {unknown} */ value) => JSON.stringify(value ?? null);
        const isNew = tries !== before.tries || asText(report.response) !== asText(before.response?.[n]);
        if (isNew && (report.response || report.interaction.weight)) happen({ kind: "answered", report, tries });
      });
      save();
    },

    /**
     * What is given in part survives a crash; it counts for nothing before it is submitted.
     * @param {Question} question
     * @param {Response} response null: nothing any more
     */
    keep(question, response) {
      progress.keep(saved, question, response, course.revision);
      save();
    },

    /**
     * Begin a take of a quiz.
     * @param {Question} quiz
     * @param {number[]} slots drawn
     */
    begin(quiz, slots) {
      progress.beginTake(saved, quiz, slots, course.revision);
      save();
    },

    /** @param {Question} quiz @param {number[]} slots that its open take has now */
    redraw(quiz, slots) {
      progress.redraw(saved, quiz, slots, course.revision);
      save();
    },

    /** @param {Question} question whose text stays on this device */
    device: ({ slot }) => ({
      read: () => copies.readText(slot),
      write: (/** @type {string} */ text) => copies.writeText(slot, text),
    }),

    /** @param {Question} quiz whose take is finished */
    finish(quiz) {
      const record = progress.recordOf(saved, quiz, course.revision);
      record.tries = progress.takeOf(saved, quiz).begun;
      save();
    },

    /** @param {Question} quiz @param {number} seconds spent in its take; it goes with the next save */
    spend(quiz, seconds) {
      progress.spend(saved, quiz, seconds);
      isUnsaved = true;
    },

    take: (/** @type {Question} */ quiz) => progress.takeOf(saved, quiz),
    isGiven: (/** @type {Question} */ question) => progress.isAnswered(saved, question),
    fraction: (/** @type {Question} */ question) => progress.fraction(saved, question),

    /**
     * @param {Question} question
     * @returns {"" | "silent" | "over" | "sealed"} whether the quiz around it holds its verdict back, is finished, or both
     */
    stage(question) {
      const quiz = quizzes.get(question.quiz ?? "");
      if (!quiz?.rules) return "";
      const { isOpen, finished } = progress.takeOf(saved, quiz);
      if (!isOpen && finished) return quiz.rules.feedback === "never" ? "sealed" : "over";
      return quiz.rules.feedback === "now" ? "" : "silent";
    },

    /** @param {Question} question one more of its hints was looked at */
    hint(question) {
      progress.recordOf(saved, question, course.revision).hints++;
      isUnsaved = true;
    },

    /**
     * After `failed`: open again what was missed; the page turned to saves it.
     * @returns {Lesson[]} the lessons that hold it
     */
    reopen() {
      const lessons = course.lessons.filter((lesson) => progress.missed(saved, lesson).length);
      for (const question of lessons.flatMap((lesson) => progress.missed(saved, lesson))) {
        progress.recordOf(saved, question, course.revision).tries = 0;
      }
      isUnsaved = true;
      return lessons;
    },

    /**
     * A lesson of another version of the package, served under an open session: its questions rule from now on.
     * @param {Lesson} lesson
     * @param {LessonPage} page
     */
    adopt(lesson, page) {
      if (page.version === course.course.version) return;
      const text = encode(saved, slots, null);
      lesson.questions = page.questions;
      for (const question of page.questions) {
        slots.set(question.slot, question);
        if (question.rules) quizzes.set(question.id, question);
      }
      saved = progress.receive(text, slots, course.revision)?.saved ?? saved;
    },

    /** Erase what this browser keeps of the course, and end: the page is to be loaded anew. */
    forget() {
      isClosed = true;
      window.clearTimeout(timer);
      driver?.erase?.();
    },

    /** The page is hidden, and may be gone for good. */
    hide() {
      if (isUnsaved) save();
    },

    /** Another window of this learner saved. @param {string | null} key @param {string | null} value */
    overhear(key, value) {
      if (driver?.elsewhere && !opened.recorded) return catchUp() ? changed() : undefined;
      if (looking || !value || !copies.isOurs(key)) return;
      notices.add("elsewhere");
      try {
        const other = progress.receive(JSON.parse(value).state, slots, course.revision)?.saved;
        if (other && progress.merge(saved, other)) align();
      } catch {
        // Not written by this player: nothing to learn from it.
      }
      changed();
    },
  };
}

/** @param {QuestionRecord} one @param {QuestionRecord | undefined} other @returns {boolean} the same as reports go */
const isSame = (one, other) =>
  one.index === other?.index &&
  JSON.stringify([one.response, one.tries]) === JSON.stringify([other.response, other.tries]);

/**
 * Open the course's driver, else the browser's own.
 * @param {Window} window
 * @param {DriverOptions} options
 * @param {Record<string, DriverModule>} drivers
 * @param {Set<Notice>} notices
 * @param {Memory | null} kept of a SCO that this page of the LMS had opened: what it was told goes on being true
 * @returns {Promise<{driver: Driver | null, opened: Opened}>}
 */
async function connect(window, options, drivers, notices, kept) {
  /** @type {Opened} */
  const nothing = {
    mode: "normal",
    learner: { id: "", name: "" },
    state: "",
    location: "",
    status: "",
    interactions: NaN,
    score: NaN,
    minutes: 0,
    recorded: false,
  };
  const wanted = options.data.driver;
  for (const name of [wanted, "local"]) {
    const driver = drivers[name]?.create();
    try {
      const opened = await driver?.open(window, options);
      if (driver && opened) {
        if (name !== wanted && !notices.size) notices.add("untracked");
        return { driver, opened };
      }
    } catch (error) {
      if (kept) {
        if (kept.mode === "normal") notices.add("reenter");
        const { mode, state, location, status } = kept;
        return { driver: null, opened: { ...nothing, mode, state, location, status, recorded: true } };
      }
      notices.add(error instanceof Error && error.message === "spent" ? "spent" : "refused");
    }
  }
  notices.add("kept_nowhere");
  return { driver: null, opened: nothing };
}
