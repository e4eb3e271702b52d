/**
 * Progress in one course: what the saved state means for the lessons and questions of this package. No DOM, no LMS.
 */

/**
 * @import {CourseData, Facts, Lesson, ObjectiveReport, Question, QuestionRecord, Response, Saved, Slots, Take
 * } from "./types.d.ts"
 */

import { decode } from "./codec.js";
import { grade, hasKey, isFull, isMastered, questionFraction } from "./score.js";

/** @param {Lesson[]} lessons @returns {Slots} */
export function slotsOf(lessons) {
  /** @type {Slots} */
  const slots = new Map();
  for (const lesson of lessons) {
    slots.set(lesson.slot, "lesson");
    for (const question of lesson.questions) slots.set(question.slot, question);
  }
  return slots;
}

/**
 * Read a saved state as this package understands it: an older one is stamped anew; after a roll-back (the state is
 * newer) nothing is stamped, and what the newer package wrote is kept.
 * @param {string} text
 * @param {Slots} slots
 * @param {number} revision of this package
 * @returns {{saved: Saved, aside: number[]} | null} null: unreadable
 */
export function receive(text, slots, revision) {
  const found = decode(text, slots);
  if (found && found.saved.revision <= revision) {
    for (const record of found.saved.questions.values()) {
      if (found.saved.revision < revision) record.revision = revision;
      delete record.payload;
    }
    found.saved.revision = revision;
  }
  return found;
}

/**
 * Add what another state of the same attempt knows and this one does not: nothing already here changes.
 * @param {Saved} saved
 * @param {Saved} other
 * @returns {boolean} whether anything was added
 */
export function merge(saved, other) {
  let added = false;
  for (const [slot, record] of other.questions) {
    const own = saved.questions.get(slot);
    if (!record.response || isGiven(own) || (own?.response && !isGiven(record))) continue;
    // What was reopened there counts here: without index it would look like something never submitted.
    const tries = Math.max(record.tries, +isGiven(record));
    saved.questions.set(slot, { ...record, tries, index: -1, payload: undefined });
    added = true;
  }
  for (const [slot, { visited, end }] of other.lessons) {
    const own = saved.lessons.get(slot) ?? { visited: false, end: false };
    added ||= (end && !own.end) || (visited && !own.visited);
    saved.lessons.set(slot, { ...own, visited: own.visited || visited, end: own.end || end });
  }
  for (const [slot, payload] of other.opaque) if (!saved.opaque.has(slot)) saved.opaque.set(slot, payload);
  saved.counter = Math.max(saved.counter, other.counter);
  return added;
}

/** @param {Saved} saved @param {Question} question @returns {number} share of the points won, 0–1 */
export const fraction = (saved, question) =>
  isAnswered(saved, question) ? questionFraction(question, saved.questions.get(question.slot)?.response) : 0;

/** @param {Saved} saved @param {Question} question @returns {boolean} whether it was ever answered */
export const isAnswered = (saved, question) => isGiven(saved.questions.get(question.slot));

/** @param {QuestionRecord | undefined} record @returns {boolean} whether a response was submitted */
export const isGiven = (record) => !!record && (record.tries > 0 || (record.response !== null && record.index >= 0));

/** @param {Question} question @returns {boolean} whether an LMS is told of it */
export const isReported = ({ interactions }) => interactions.some(({ type }) => type !== "other");

/**
 * @param {Saved} saved
 * @param {Question} quiz
 * @returns {Take} the last one
 */
export function takeOf(saved, quiz) {
  const { response, tries: finished = 0 } = saved.questions.get(quiz.slot) ?? {};
  const numbers = Array.isArray(response?.[0]) ? response[0] : [];
  const [begun = 0, seconds = 0, ...slots] = numbers.map(Number);
  return { begun, finished, isOpen: begun > finished, seconds, slots };
}

/**
 * The questions that exist for this learner: of a quiz those that were drawn, and as many others before it begins.
 * @param {Saved} saved
 * @param {Lesson} lesson
 * @returns {Question[]}
 */
export function present(saved, { questions }) {
  const away = questions.flatMap((quiz) => {
    const drawn = takeOf(saved, quiz).slots;
    return (quiz.rules?.groups ?? []).flatMap(({ count, slots }) =>
      slots.filter((slot, n) => (drawn.length ? !drawn.includes(slot) : n >= count)),
    );
  });
  return questions.filter(({ slot }) => !away.includes(slot));
}

/** @param {Saved} saved @param {Lesson} lesson @returns {Question[]} required questions that wait for a response */
export const missing = (saved, lesson) =>
  present(saved, lesson).filter((question) => question.required && !isDoneWith(saved, lesson, question));

/** @param {Saved} saved @param {Lesson} lesson @param {Question} question @returns {boolean} nothing more is waited for */
function isDoneWith(saved, lesson, question) {
  if (question.rules) return takeOf(saved, question).finished > 0;
  // A quiz is waited for as a whole: what is left blank in it was left blank.
  return question.quiz ? lesson.questions.some(({ id }) => id === question.quiz) : isAnswered(saved, question);
}

/**
 * @param {Saved} saved
 * @param {Lesson} lesson
 * @returns {boolean} its end was reached, everything required was answered
 */
export const isDone = (saved, lesson) => !!saved.lessons.get(lesson.slot)?.end && !missing(saved, lesson).length;

/** @param {Saved} saved @param {Lesson} lesson @returns {"done" | "started" | ""} */
export function lessonState(saved, lesson) {
  if (isDone(saved, lesson)) return "done";
  return saved.lessons.get(lesson.slot)?.visited ? "started" : "";
}

/**
 * @param {Saved} saved
 * @param {Lesson} lesson
 * @returns {{won: number, possible: number}} points of its scored questions
 */
export function points(saved, lesson) {
  const scored = present(saved, lesson).filter((question) => question.scored);
  return {
    won: scored.reduce((sum, question) => sum + question.points * fraction(saved, question), 0),
    possible: scored.reduce((sum, question) => sum + question.points, 0),
  };
}

/** @param {Saved} saved @param {CourseData} course @returns {number | null} 0–1; null: nothing is scored */
export const courseGrade = (saved, { lessons }) =>
  grade(
    lessons
      .filter((lesson) => lesson.graded)
      .flatMap((lesson) => present(saved, lesson).filter((question) => question.scored))
      .map((question) => [question.points, fraction(saved, question)]),
  );

/** @param {Saved} saved @param {CourseData} course @param {number} minutes spent @returns {Facts} */
export function facts(saved, course, minutes) {
  const { lessons, completion, mastery } = course;
  const asked = lessons.filter((lesson) => !lesson.optional);
  const named = completion.lessons ? lessons.filter(({ id }) => completion.lessons?.includes(id)) : asked;
  return {
    lessons: named.every((lesson) => isDone(saved, lesson)),
    everything: asked.every((lesson) => isDone(saved, lesson)),
    mastery: mastery !== null && isMastered(courseGrade(saved, course), mastery),
    minutes: minutes >= (completion.minutes ?? 0),
  };
}

/** @param {Saved} saved @param {CourseData} course @returns {number} lessons done of those that are not optional, 0–1 */
export function share(saved, { lessons }) {
  const asked = lessons.filter((lesson) => !lesson.optional);
  return asked.length ? asked.filter((lesson) => isDone(saved, lesson)).length / asked.length : 0;
}

/** @param {Saved} saved @param {CourseData} course @returns {ObjectiveReport[]} where the target reports them */
export function objectives(saved, { lessons, objectives = [] }) {
  return objectives.map(({ id, text, lessons: taught, questions: assessed }) => {
    const asked = lessons.flatMap((lesson) => present(saved, lesson)).filter(({ slot }) => assessed.includes(slot));
    const aiming = lessons.filter(({ slot }) => taught.includes(slot));
    const done =
      aiming.filter((lesson) => isDone(saved, lesson)).length + asked.filter((one) => isAnswered(saved, one)).length;
    const scored = asked.filter((question) => question.scored);
    const scaled = grade(scored.map((question) => [question.points, fraction(saved, question)]));
    return { id, text, progress: done / (aiming.length + asked.length || 1), scaled };
  });
}

/**
 * What may be answered again after `failed`: questions that were answered and not fully right, outside assessments.
 * @param {Saved} saved
 * @param {Lesson} lesson
 * @returns {Question[]}
 */
export function missed(saved, lesson) {
  if (!lesson.graded || lesson.kind === "assessment") return [];
  return present(saved, lesson).filter(
    (question) => question.scored && isAnswered(saved, question) && !isFull(fraction(saved, question)),
  );
}

/**
 * @param {Saved} saved
 * @param {Question} question
 * @param {number} revision of this package
 * @returns {QuestionRecord} the record, to be changed; made if there is none
 */
export function recordOf(saved, question, revision) {
  let record = saved.questions.get(question.slot);
  if (!record) {
    record = { tries: 0, hints: 0, index: -1, response: null, revision: stamp(question, revision) };
    saved.questions.set(question.slot, record);
  }
  delete record.payload;
  return record;
}

/**
 * Note a response; the last try counts.
 * @param {Saved} saved
 * @param {Question} question
 * @param {Response} response
 * @param {number} revision of this package
 * @returns {QuestionRecord}
 */
export function answer(saved, question, response, revision) {
  const record = recordOf(saved, question, revision);
  // Where nothing is right or wrong, what was changed is no further try.
  record.tries = hasKey(question) ? record.tries + 1 : 1;
  record.response = response;
  record.revision = stamp(question, revision);
  if (record.index < 0 && isReported(question)) {
    record.index = saved.next;
    saved.next += question.interactions.length;
  }
  return record;
}

/**
 * Begin a take of a quiz: what was answered in the one before counts no longer.
 * @param {Saved} saved
 * @param {Question} quiz
 * @param {number[]} slots drawn
 * @param {number} revision of this package
 */
export function beginTake(saved, quiz, slots, revision) {
  const before = takeOf(saved, quiz);
  for (const slot of [...before.slots, ...slots]) {
    const record = saved.questions.get(slot);
    if (record) Object.assign(record, { tries: 0, hints: 0, response: null, payload: undefined });
  }
  const record = recordOf(saved, quiz, revision);
  record.response = [[before.begun + 1, 0, ...slots].map(String)];
  record.revision = stamp(quiz, revision);
}

/**
 * @param {Saved} saved
 * @param {Question} quiz
 * @param {number[]} slots that the open take has now
 * @param {number} revision of this package
 */
export function redraw(saved, quiz, slots, revision) {
  const { begun, seconds } = takeOf(saved, quiz);
  recordOf(saved, quiz, revision).response = [[begun, seconds, ...slots].map(String)];
}

/**
 * @param {Saved} saved
 * @param {Question} quiz
 * @param {number} seconds spent in the open take
 */
export function spend(saved, quiz, seconds) {
  const numbers = saved.questions.get(quiz.slot)?.response?.[0];
  if (Array.isArray(numbers)) numbers[1] = String(Math.floor(seconds));
}

/**
 * Keep what is given in part, as long as nothing was submitted.
 * @param {Saved} saved
 * @param {Question} question
 * @param {Response} response null: nothing any more
 * @param {number} revision of this package
 */
export function keep(saved, question, response, revision) {
  const record = recordOf(saved, question, revision);
  if (isGiven(record)) return;
  record.response = response;
  record.revision = stamp(question, revision);
}

/**
 * The revision of an answer given now. A question that a newer package changed under an open session carries a later
 * revision than ours, and its answer must not look outdated to that package.
 * @param {Question} question
 * @param {number} revision of this package
 */
const stamp = (question, revision) => Math.max(revision, question.keyedAt || 0);
