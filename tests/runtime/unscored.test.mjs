/** Questions without key: changed at any time, at one index, without further try, and worth nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, encode } from "../../builder/runtime/codec.js";
import { hasKey, questionFraction } from "../../builder/runtime/score.js";
import { openSession } from "../../builder/runtime/session.js";
import { courseGrade, isDone, missing, slotsOf } from "../../builder/runtime/state.js";
import { course, interaction, lesson, openLms, openWindow, question } from "./fakes.mjs";

/** @param {string} id @param {number} slot @param {"choice" | "likert"} type */
const unscored = (id, slot, type) =>
  question(id, slot, {
    points: 0,
    scored: false,
    interactions: [interaction({ id, type, right: undefined, multiple: type === "choice" })],
  });
const scale = unscored("scale", 2, "likert");
const plan = unscored("plan", 3, "choice");
const data = course({ lessons: [lesson("un", 1, [scale, plan, question("c", 4)])] });

async function launch(lms = openLms()) {
  return openSession(openWindow().window, data, { fake: lms.module() }, () => {});
}

test("whether a question has a key", () => {
  assert.equal(hasKey(scale), false);
  assert.equal(hasKey(question("c", 4)), true);
  for (const key of [{ accept: ["a"] }, { ranges: /** @type {[number, number][]} */ ([[1, 2]]) }])
    assert.equal(hasKey(question("c", 4, { interactions: [interaction({ right: [], ...key })] })), true);
});

test("the last state counts: same index, one try, reported each time as worth nothing", async () => {
  const lms = openLms();
  const session = await launch(lms);
  for (const letters of [["a"], ["a", "c"], ["c"]]) session.answer(plan, [letters], 10);
  for (const letter of ["b", "a"]) session.answer(scale, [[letter]], 10);
  const sent = lms.changes.flatMap(({ interactions }) => interactions);
  assert.deepEqual(
    sent.map(({ index, response, fraction }) => [index, response, fraction]),
    [
      [0, ["a"], 0],
      [0, ["a", "c"], 0],
      [0, ["c"], 0],
      [1, ["b"], 0],
      [1, ["a"], 0],
    ],
  );
  for (const each of [plan, scale]) assert.equal(session.record(each)?.tries, 1);
  assert.equal(courseGrade(session.saved, data), 0, "that of the other question, which waits");
});

test("an emptied plan is an answer, and stays one", async () => {
  const session = await launch();
  session.answer(plan, [["a"]], 10);
  session.answer(plan, [null], 10);
  const [un] = data.lessons;
  assert.ok(un);
  assert.deepEqual(
    missing(session.saved, un).map(({ id }) => id),
    ["scale", "c"],
  );
  const text = encode(session.saved, slotsOf(data.lessons), null);
  const read = decode(text, slotsOf(data.lessons))?.saved;
  assert.ok(read);
  assert.deepEqual(read.questions.get(3)?.response, [null]);
  assert.equal(read.questions.get(3)?.index, 0);
  assert.equal(questionFraction(plan, [null]), 0);
  session.answer(scale, [["a"]], 10);
  session.answer(question("c", 4), [["b"]], 10);
  session.reach(un);
  assert.equal(isDone(session.saved, un), true);
});
