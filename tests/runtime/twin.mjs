/**
 * The player's codec, scoring, completion and statements behind a pipe: one request a line, one answer a line, both JSON.
 * `tests/twin.py` asks and compares with the Python side.
 */

/**
 * @import {CompletionTable, CourseData, Facts, Given, Lesson, Question, Response, Saved, StatementTemplate, Status}
 *   from "../../builder/runtime/types.d.ts"
 */

import { createInterface } from "node:readline";
import { encode } from "../../builder/runtime/codec.js";
import { step } from "../../builder/runtime/completion.js";
import { replay } from "../../builder/runtime/replay.js";
import {
  grade,
  interactionFraction,
  isMastered,
  normalise,
  percent,
  questionFraction,
} from "../../builder/runtime/score.js";
import { courseGrade, facts, isDone, present, receive, slotsOf } from "../../builder/runtime/state.js";
import { openTeller } from "../../builder/runtime/xapi/teller.js";

const hex = (/** @type {Uint8Array | undefined} */ bytes) => Buffer.from(bytes ?? []).toString("hex");
const unhex = (/** @type {string | undefined} */ text) => new Uint8Array(Buffer.from(text ?? "", "hex"));

/**
 * @template In, Out
 * @param {Map<number, In>} map
 * @param {(value: In) => Out} change
 */
const object = (map, change) => Object.fromEntries([...map].map(([slot, value]) => [slot, change(value)]));

/**
 * @template In, Out
 * @param {Record<string, In>} values
 * @param {(value: In) => Out} change
 */
const map = (values, change) => new Map(Object.entries(values).map(([slot, value]) => [Number(slot), change(value)]));

/** @param {Saved} saved */
function plain({ lessons, questions, opaque, rest, ...header }) {
  return {
    ...header,
    rest: hex(rest),
    lessons: object(lessons, ({ visited, end, rest: more }) => ({ visited, end, rest: hex(more) })),
    questions: object(questions, ({ tries, hints, index, response, revision, rest: more }) => ({
      ...{ tries, hints, index, response, revision },
      rest: hex(more),
    })),
    opaque: object(opaque, hex),
  };
}

/** @param {any} state as `plain` gives it @returns {Saved} */
function rich({ lessons, questions, opaque, rest, ...header }) {
  const withRest = (/** @type {any} */ record) => ({ ...record, rest: unhex(record.rest) });
  return {
    ...header,
    rest: unhex(rest),
    lessons: map(lessons, withRest),
    questions: map(questions, withRest),
    opaque: map(opaque, unhex),
  };
}

/** @type {Record<string, (request: any) => unknown>} */
const ANSWERS = {
  receive: (/** @type {{text: string, lessons: Lesson[], revision: number, limit: number | null}} */ request) => {
    const slots = slotsOf(request.lessons);
    const found = receive(request.text, slots, request.revision);
    return found && { ...plain(found.saved), aside: found.aside, again: encode(found.saved, slots, request.limit) };
  },
  encode: (/** @type {{state: object, lessons: Lesson[], limit: number | null}} */ { state, lessons, limit }) =>
    encode(rich(state), slotsOf(lessons), limit),
  replay: (/** @type {{graph: import("../../builder/runtime/replay.js").Graph, path: string[]}} */ { graph, path }) => {
    const { state, ...found } = replay(graph, path);
    return { ...found, state: Object.fromEntries(state) };
  },
  step: (/** @type {{table: CompletionTable, status: Status, facts: Facts}} */ { table, status, facts }) =>
    step(table, status, facts),
  score: (/** @type {{question: Question, response: Response}} */ { question, response }) => ({
    each: question.interactions.map((one, n) => interactionFraction(one, response?.[n], question.partial)),
    fraction: questionFraction(question, response),
  }),
  grade: (/** @type {{won: [number, number][], mastery: number}} */ { won, mastery }) => {
    const value = grade(won);
    return { percent: value === null ? null : String(percent(value)), mastered: isMastered(value, mastery) };
  },
  progress: (/** @type {{text: string, course: CourseData, minutes: number}} */ { text, course, minutes }) => {
    const saved = receive(text, slotsOf(course.lessons), 1)?.saved;
    if (!saved) return null;
    const value = courseGrade(saved, course);
    const found = facts(saved, course, minutes);
    return {
      present: course.lessons.map((lesson) => present(saved, lesson).map(({ slot }) => slot)),
      done: course.lessons.map((lesson) => isDone(saved, lesson)),
      facts: found,
      percent: value === null ? null : percent(value),
      status: step(course.completion, saved.status, found),
    };
  },
  normalise: (/** @type {{text: string, case: boolean, accents: boolean}} */ { text, ...strict }) =>
    normalise(text, strict),
  answered: (
    /** @type {{question: Question, given: Given, template: StatementTemplate}} */ { question, given, template },
  ) => {
    const [one] = question.interactions;
    if (!one) return null;
    const tell = openTeller({
      templates: { schema: 1, launches: {}, statements: { [`answered:${one.id}`]: template } },
      ...{ launch: "", actor: {}, now: () => 0, random: (bytes) => bytes },
    });
    const fraction = interactionFraction(one, given, question.partial);
    const report = { interaction: one, question, response: given, fraction, milliseconds: 0, time: new Date(0) };
    return tell({ kind: "answered", report, tries: 1 })[0];
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { ask, ...request } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(ANSWERS[ask]?.(request))}\n`);
}
