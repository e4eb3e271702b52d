/** What is believed at the start, what is saved and when, and what the learner is told (progress, "Saved state"). */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as local from "../../builder/runtime/drivers/local.js";
import { openSession } from "../../builder/runtime/session.js";
import { missing, points } from "../../builder/runtime/state.js";
import { course, nothing, interaction, keys, lesson, memory, openLms, openWindow, question } from "./fakes.mjs";

/** @import {CourseData, Lesson, Question} from "../../builder/runtime/types.d.ts" */
/** @typedef {ReturnType<typeof openLms>} Lms */
/** @typedef {ReturnType<typeof openWindow>} Tab */

/** @param {Lms} lms @param {Tab} [tab] @param {CourseData} [data] @param {() => number} [now] */
async function launch(lms, tab = openWindow(), data = course(), now) {
  const session = await openSession(tab.window, data, { fake: lms.module(), local }, () => {}, now);
  const lessons = /** @type {[Lesson, Lesson]} */ (data.lessons);
  const questions = /** @type {[Question, Question, Question]} */ (lessons.flatMap((each) => each.questions));
  return { session, tab, lessons, questions };
}

/** @param {Awaited<ReturnType<typeof launch>>} launched @param {string} letters responses to a, b and c */
function finish({ session, lessons, questions }, letters) {
  questions.forEach((each, n) => session.answer(each, [[letters[n] ?? ""]], 1000));
  for (const each of lessons) session.reach(each);
}

test("the first save says incomplete and carries no state: nothing has been done yet", async () => {
  const lms = openLms();
  const { session } = await launch(lms);
  assert.deepEqual(lms.changes, [nothing({ state: "", location: "" })]);
  assert.equal(session.safety, "saved");
  assert.deepEqual([...session.notices], []);
});

test("each answer is saved when given, with a report at its own index", async () => {
  const lms = openLms();
  const { session, questions } = await launch(lms);
  session.answer(questions[1], [["b"]], 1500);
  session.answer(questions[0], [["c"]], 500);
  assert.equal(lms.changes.length, 3);
  const [first] = lms.changes[1]?.interactions ?? [];
  const [second] = lms.changes[2]?.interactions ?? [];
  assert.deepEqual([first?.index, first?.fraction, first?.milliseconds], [0, 1, 1500]);
  assert.deepEqual([second?.index, second?.fraction], [1, 0]);
  assert.equal(lms.changes[2]?.interactions.length, 1, "what was confirmed is not sent again");
});

test("a further try overwrites its report", async () => {
  const lms = openLms();
  const { session, questions } = await launch(lms);
  for (const letter of ["a", "b"]) session.answer(questions[0], [[letter]], 0);
  assert.deepEqual(
    lms.changes.slice(1).map(({ interactions }) => [interactions[0]?.index, interactions[0]?.fraction]),
    [
      [0, 0],
      [0, 1],
    ],
  );
  assert.equal(session.record(questions[0])?.tries, 2);
});

test("a question of several parts takes as many indexes", async () => {
  const gaps = ["a", "b"].map((letter) => interaction({ id: `a.${letter}`, letter, weight: 0.5 }));
  const data = course();
  data.lessons = [lesson("un", 1, [question("a", 2, { partial: "each", interactions: gaps }), question("b", 3)])];
  const lms = openLms({ interactions: 4 });
  const { session, questions } = await launch(lms, undefined, data);
  session.answer(questions[0], [["b"], ["a"]], 0);
  session.answer(questions[1], [["b"]], 0);
  const reports = lms.changes.flatMap(({ interactions }) => interactions);
  assert.deepEqual(
    reports.map((report) => [report.index, report.interaction.id, report.fraction]),
    [
      [4, "a.a", 1],
      [5, "a.b", 0],
      [6, "b", 1],
    ],
  );
});

test("the state brings back responses, visits, place and indexes", async () => {
  const lms = openLms();
  const first = await launch(lms);
  first.session.visit(first.lessons[0]);
  first.session.answer(first.questions[0], [["b"]], 0);
  first.session.hint(first.questions[1]);
  first.session.reach(first.lessons[0]);
  first.session.move("un", "q-b");
  first.session.save(true);
  lms.relaunch();
  const { session, questions, lessons } = await launch(lms);
  assert.deepEqual(session.record(questions[0])?.response, [["b"]]);
  assert.equal(session.record(questions[1])?.hints, 1);
  assert.deepEqual(missing(session.saved, lessons[0]), [questions[1]]);
  assert.deepEqual(session.resume(), { lesson: lessons[0], anchor: "q-b" });
  session.answer(questions[1], [["a"]], 0);
  assert.equal(lms.last().interactions[0]?.index, 1);
});

test("what is given in part survives a crash, and counts for nothing", async () => {
  const gaps = ["a", "b"].map((letter) => interaction({ id: `a.${letter}`, letter, weight: 0.5 }));
  const data = course();
  data.lessons = [lesson("un", 1, [question("a", 2, { partial: "each", interactions: gaps }), question("b", 3)])];
  const lms = openLms();
  const first = await launch(lms, undefined, data);
  first.session.keep(first.questions[0], [["b"], null]);
  assert.deepEqual(lms.last().interactions, []);
  lms.relaunch();
  const { session, questions, lessons } = await launch(lms, undefined, data);
  assert.deepEqual(session.record(questions[0])?.response, [["b"], null]);
  assert.deepEqual(missing(session.saved, lessons[0]), questions);
  assert.equal(points(session.saved, lessons[0]).won, 0);
  session.answer(questions[1], [["b"]], 0);
  session.answer(questions[0], [["b"], ["a"]], 0);
  assert.deepEqual(
    lms.changes.flatMap(({ interactions }) => interactions.map(({ index, interaction: { id } }) => [index, id])),
    [
      [0, "b"],
      [1, "a.a"],
      [2, "a.b"],
    ],
  );
  session.keep(questions[0], [["a"], null]);
  assert.deepEqual(session.record(questions[0])?.response, [["b"], ["a"]], "what was submitted stays");
});

test("without a location, the lesson last shown is the place", async () => {
  const lms = openLms();
  const first = await launch(lms);
  first.session.visit(first.lessons[1]);
  lms.relaunch();
  lms.opened.location = "gone/anchor";
  const { session, lessons } = await launch(lms);
  assert.deepEqual(session.resume(), { lesson: lessons[1], anchor: "" });
});

test("an anchor that no LMS may take is left out", async () => {
  const lms = openLms();
  const { session } = await launch(lms);
  session.move("un", "à côté");
  session.save();
  assert.equal(lms.last().location, "un");
});

test("passed: status and score with the answer that decides", async () => {
  const lms = openLms();
  const launched = await launch(lms);
  finish(launched, "bbb");
  assert.equal(lms.last().status, "passed");
  assert.equal(lms.last().score, 100);
  assert.ok(lms.changes.slice(0, -1).every(({ status, score }) => status === "incomplete" && score === null));
});

test("failed only when everything is done; then what was missed is answered again outside assessments", async () => {
  const lms = openLms();
  const launched = await launch(lms);
  const { session, questions, lessons } = launched;
  finish(launched, "baa");
  assert.deepEqual([lms.last().status, lms.last().score], ["failed", 33.33]);
  assert.deepEqual(session.reopen(), [lessons[0]]);
  assert.deepEqual(
    questions.map((each) => session.record(each)?.tries),
    [1, 0, 1],
  );
  session.visit(lessons[0]);
  assert.deepEqual([lms.last().status, lms.last().score], ["failed", 33.33], "reopened, it counts as before");
  session.answer(questions[1], [["b"]], 0);
  assert.deepEqual([lms.last().status, lms.last().score], ["passed", 66.67]);
});

test("passed stays passed, and the score is never lowered", async () => {
  const lms = openLms();
  const first = await launch(lms, undefined, course({ lessons: [lesson("un", 1, [question("a", 2, { tries: 3 })])] }));
  finish(first, "b");
  first.session.answer(first.questions[0], [["a"]], 0);
  assert.equal(lms.last().status, "passed");
  lms.relaunch();
  const again = await launch(lms, undefined, course({ lessons: [lesson("un", 1, [question("a", 2)])] }));
  assert.deepEqual([lms.last().status, lms.last().score], ["passed", 100]);
  assert.equal(again.session.status(), "passed");
});

test("an LMS that forgot the state but knows the status is not told less", async () => {
  const lms = openLms({ status: "passed", score: 90 });
  const launched = await launch(lms);
  assert.deepEqual([lms.last().status, lms.last().score], ["passed", null]);
  finish(launched, "aaa");
  assert.deepEqual([lms.last().status, lms.last().score], ["passed", null]);
});

test("a finished state is reported anew to an LMS that cannot read its own status", async () => {
  const lms = openLms();
  finish(await launch(lms), "bbb");
  lms.relaunch();
  lms.opened.status = "";
  await launch(lms);
  assert.deepEqual([lms.last().status, lms.last().score], ["passed", 100]);
});

test("a save that fails is kept in the browser, said, tried again with a higher counter, then erased", async () => {
  const lms = openLms();
  const { session, tab, questions } = await launch(lms);
  lms.answers = "no";
  session.answer(questions[0], [["b"]], 0);
  assert.equal(session.safety, "browser");
  assert.ok(session.notices.has("kept_here"));
  assert.equal(keys(tab.window.localStorage).length, 1);
  const failed = lms.last();
  assert.deepEqual(tab.delays(), [10_000]);
  tab.run();
  assert.deepEqual(tab.delays(), [20_000]);
  assert.notEqual(lms.last().state, failed.state);
  lms.answers = "yes";
  tab.run();
  assert.equal(lms.last().interactions.length, 1, "the report goes with it until it is confirmed");
  assert.equal(session.safety, "saved");
  assert.equal(session.notices.size, 0);
  assert.deepEqual([keys(tab.window.localStorage), tab.delays()], [[], []]);
});

test("the pause between attempts does not grow without end", async () => {
  const lms = openLms();
  const { session, tab, questions } = await launch(lms);
  lms.answers = "no";
  session.answer(questions[0], [["b"]], 0);
  for (let n = 0; n < 12; n++) tab.run();
  assert.deepEqual(tab.delays(), [300_000]);
});

test("where the browser keeps nothing either, it is said", async () => {
  const full = { ...memory(), setItem: () => assert.fail("full") };
  const lms = openLms();
  const { session, questions } = await launch(lms, openWindow({ localStorage: full, sessionStorage: full }));
  lms.answers = "no";
  session.answer(questions[0], [["b"]], 0);
  assert.equal(session.safety, "pending");
  assert.ok(session.notices.has("kept_nowhere"));
});

test("a killed tab: the copy of the same attempt is taken up, and reported where the LMS lost it", async () => {
  const lms = openLms();
  const { session, tab, questions } = await launch(lms);
  session.answer(questions[0], [["b"]], 0);
  lms.answers = "no";
  session.answer(questions[1], [["b"]], 0);
  lms.answers = "yes";
  lms.relaunch();
  const again = await launch(lms, openWindow({ localStorage: tab.window.localStorage }));
  assert.equal(again.session.offer, null);
  assert.deepEqual(again.session.record(questions[1])?.response, [["b"]]);
  assert.deepEqual(
    lms.last().interactions.map(({ index, question: { id } }) => [index, id]),
    [[1, "b"]],
  );
  assert.deepEqual(keys(tab.window.localStorage), []);
});

test("a copy behind the LMS adds what only it knows, and changes nothing else", async () => {
  const lms = openLms();
  const ward = await launch(lms);
  ward.session.answer(ward.questions[0], [["b"]], 0);
  lms.answers = "no";
  ward.session.answer(ward.questions[1], [["b"]], 0);
  lms.answers = "yes";
  lms.relaunch();
  const home = await launch(lms);
  for (const letter of ["a", "c"]) home.session.answer(home.questions[2], [[letter]], 0);
  lms.relaunch();
  const { session, questions } = await launch(lms, openWindow({ localStorage: ward.tab.window.localStorage }));
  assert.deepEqual(
    questions.map((each) => session.record(each)?.response?.[0]),
    [["b"], ["b"], ["c"]],
  );
  assert.deepEqual(
    lms.last().interactions.map(({ index, question: { id } }) => [index, id]),
    [[2, "b"]],
    "a place of its own in the list",
  );
});

test("no state in the LMS: a copy of this browser session is restored", async () => {
  const lms = openLms();
  lms.answers = "no";
  const { session, tab, questions } = await launch(lms);
  session.answer(questions[0], [["b"]], 0);
  lms.answers = "yes";
  const again = await launch(lms, openWindow(tab.window));
  assert.equal(again.session.offer, null);
  assert.deepEqual(again.session.record(questions[0])?.response, [["b"]]);
});

for (const isTaken of [true, false]) {
  test(`no state in the LMS: an earlier copy is offered, and ${isTaken ? "taken up" : "refused"}`, async () => {
    const lms = openLms();
    lms.answers = "no";
    const { session, tab, questions } = await launch(lms);
    session.answer(questions[0], [["b"]], 0);
    lms.answers = "yes";
    const storages = { localStorage: tab.window.localStorage };
    const again = await launch(lms, openWindow(storages));
    assert.ok(again.session.offer?.date instanceof Date);
    assert.equal(again.session.record(questions[0]), undefined, "never silently");
    assert.deepEqual([lms.last().status, lms.last().state], ["incomplete", ""]);
    again.session.settleOffer(isTaken);
    assert.equal(again.session.offer, null);
    assert.equal(again.session.record(questions[0])?.tries, isTaken ? 1 : undefined);
    assert.equal(lms.last().interactions.length, isTaken ? 1 : 0);
    assert.deepEqual(keys(storages.localStorage), []);
  });
}

test("a finished copy may belong to a closed attempt: it is offered even in its own browser session", async () => {
  const lms = openLms();
  const first = await launch(lms);
  lms.answers = "no";
  finish(first, "bbb");
  lms.answers = "yes";
  const { session } = await launch(lms, openWindow(first.tab.window));
  assert.ok(session.offer);
  assert.equal(lms.last().status, "incomplete");
});

test("another learner on the same computer finds nothing", async () => {
  const lms = openLms();
  lms.answers = "no";
  const { session, tab, questions } = await launch(lms);
  session.answer(questions[0], [["b"]], 0);
  assert.ok(!keys(tab.window.localStorage).join().includes("jeanne"));
  lms.answers = "yes";
  lms.opened.learner.id = "paul";
  const other = await launch(lms, openWindow({ localStorage: tab.window.localStorage }));
  assert.equal(other.session.offer, null);
  assert.equal(other.session.record(questions[0]), undefined);
});

test("without a learner's id nothing goes to localStorage", async () => {
  const lms = openLms({ learner: { id: "", name: "" } });
  lms.answers = "no";
  const { session, tab, questions } = await launch(lms);
  session.answer(questions[0], [["b"]], 0);
  assert.equal(tab.window.localStorage.length, 0);
  assert.equal(keys(tab.window.sessionStorage, "carabin:essai::").length, 1);
});

test("an unreadable state is said, put aside, and not replaced by an empty one", async () => {
  const lms = openLms({ state: "{from another tool}" });
  const { session, tab, lessons, questions } = await launch(lms);
  session.visit(lessons[0]);
  assert.ok(session.notices.has("unreadable"));
  assert.ok(lms.changes.every(({ state }) => state === ""));
  const [aside] = keys(tab.window.localStorage);
  assert.equal(tab.window.localStorage.getItem(aside ?? ""), "{from another tool}");
  session.answer(questions[0], [["b"]], 0);
  assert.notEqual(lms.last().state, "");
});

test("looking only: nothing is saved, in no way, but the session ends", async () => {
  const lms = openLms();
  finish(await launch(lms), "bab");
  lms.relaunch();
  lms.opened.mode = "review";
  const { session, tab, questions, lessons } = await launch(lms);
  assert.deepEqual(session.record(questions[0])?.response, [["b"]]);
  session.visit(lessons[1]);
  session.answer(questions[1], [["b"]], 0);
  session.hide();
  session.save(true);
  session.save(true);
  assert.deepEqual(lms.changes, []);
  assert.deepEqual(lms.closed, [null]);
  assert.deepEqual(keys(tab.window.localStorage), []);
  assert.deepEqual([...session.notices], ["review"]);
  assert.equal(session.safety, "none");
});

test("closing is done once, and nothing is saved after it", async () => {
  const lms = openLms();
  const { session, questions } = await launch(lms);
  session.save(true);
  session.save(true);
  session.answer(questions[0], [["b"]], 0);
  assert.equal(lms.closed.length, 1);
  assert.equal(lms.changes.length, 2);
  assert.equal(session.isClosed, true);
});

test("a last save that fails plans no other, and keeps its copy", async () => {
  const lms = openLms();
  const { session, tab, questions } = await launch(lms);
  lms.answers = "no";
  session.answer(questions[0], [["b"]], 0);
  session.save(true);
  assert.deepEqual(tab.delays(), []);
  assert.equal(keys(tab.window.localStorage).length, 1);
});

test("hiding the page saves what is not saved, and nothing else", async () => {
  const lms = openLms();
  const { session, questions } = await launch(lms);
  session.hide();
  assert.equal(lms.changes.length, 1);
  session.hint(questions[0]);
  session.hide();
  session.hide();
  assert.equal(lms.changes.length, 2);
});

test("two windows: each learns what the other saved, and the learner is told", async () => {
  const storages = { localStorage: memory() };
  const lms = openLms();
  const one = await launch(lms, openWindow(storages));
  const other = await launch(lms, openWindow(storages));
  one.session.answer(one.questions[0], [["b"]], 0);
  lms.answers = "no";
  one.session.answer(one.questions[1], [["b"]], 0);
  lms.answers = "yes";
  const [key = ""] = keys(storages.localStorage);
  other.session.overhear("carabin:autre:x:1", "{}");
  assert.equal(other.session.notices.size, 0);
  other.session.overhear(key, storages.localStorage.getItem(key));
  assert.ok(other.session.notices.has("elsewhere"));
  assert.equal(other.session.record(one.questions[0])?.tries, 1);
  other.session.answer(other.questions[2], [["b"]], 0);
  assert.deepEqual(
    other.questions.map((each) => other.session.record(each)?.tries),
    [1, 1, 1],
  );
  assert.ok(other.session.saved.counter > one.session.saved.counter);
  assert.deepEqual(
    lms
      .last()
      .interactions.map(({ index }) => index)
      .sort(),
    [0, 1, 2],
  );
});

test("what another window writes is not believed blindly", async () => {
  const lms = openLms();
  const tab = openWindow();
  const { session, questions } = await launch(lms, tab);
  lms.answers = "no";
  session.answer(questions[0], [["b"]], 0);
  const [key = ""] = keys(tab.window.localStorage);
  for (const text of ["", "null", "{}", "not JSON", '{"state":"x"}']) session.overhear(key, text);
  assert.equal(session.record(questions[0])?.tries, 1);
});

test("no LMS: this tab keeps the responses, and it is said", async () => {
  const lms = openLms();
  lms.answers = "absent";
  const { session, tab, questions } = await launch(lms);
  session.answer(questions[0], [["b"]], 0);
  assert.deepEqual([...session.notices], ["untracked"]);
  assert.equal(session.safety, "none");
  assert.equal(tab.window.localStorage.length, 0);
  const again = await launch(lms, openWindow(tab.window));
  assert.equal(again.session.record(questions[0])?.tries, 1);
});

test("an LMS that refuses: kept in this tab, and offered when it no longer does", async () => {
  const lms = openLms();
  lms.answers = "refuses";
  const { session, tab, questions } = await launch(lms);
  session.answer(questions[0], [["b"]], 0);
  assert.deepEqual([...session.notices], ["refused"]);
  lms.answers = "yes";
  const again = await launch(lms, openWindow(tab.window));
  assert.ok(again.session.offer);
  again.session.settleOffer(true);
  assert.deepEqual(lms.last().interactions[0]?.response, ["b"]);
});

test("for the web, the browser's own storage is where progress belongs", async () => {
  const lms = openLms();
  const data = course({ driver: "local", target: "web" });
  const tab = openWindow();
  const first = await launch(lms, tab, data);
  finish(first, "bbb");
  assert.equal(first.session.safety, "browser");
  assert.equal(first.session.notices.size, 0);
  const again = await launch(lms, openWindow({ localStorage: tab.window.localStorage }), data);
  assert.equal(again.session.status(), "passed");
  assert.equal(again.session.record(again.questions[0])?.tries, 1);
});

test("no driver at all: the course can be read, and nothing is claimed", async () => {
  const session = await openSession(openWindow().window, course(), {}, () => {});
  assert.equal(session.safety, "pending");
  assert.ok(session.notices.has("kept_nowhere"));
});

test("the LMS counts fewer interactions than we do: what it lost is reported again, without a gap", async () => {
  const lms = openLms();
  const first = await launch(lms);
  finish(first, "bab");
  lms.relaunch();
  lms.opened.interactions = 1;
  await launch(lms);
  assert.deepEqual(
    lms.last().interactions.map(({ index, question: { id } }) => [index, id]),
    [
      [1, "b"],
      [2, "c"],
    ],
  );
});

test("the LMS cannot count: ours rules", async () => {
  const lms = openLms({ interactions: NaN });
  const first = await launch(lms);
  first.session.answer(first.questions[0], [["b"]], 0);
  lms.relaunch();
  lms.opened.interactions = NaN;
  const { session, questions } = await launch(lms);
  assert.deepEqual(lms.last().interactions, []);
  session.answer(questions[1], [["b"]], 0);
  assert.equal(lms.last().interactions[0]?.index, 1);
});

test("a newer package under an open session: its questions rule, and answers to them stay fresh", async () => {
  const lms = openLms();
  const { session, lessons, questions } = await launch(lms);
  session.answer(questions[0], [["b"]], 0);
  session.answer(questions[1], [["b"]], 0);
  const changed = question("a", 2, { keyedAt: 2, interactions: [interaction({ id: "a", right: ["c"] })] });
  const page = { contract: 1, version: "2.0.0", lesson: "un", slot: 1, questions: [changed, question("n", 9)] };
  session.adopt(lessons[0], page);
  assert.equal(session.record(changed), undefined, "its key has changed: asked again");
  session.answer(changed, [["c"]], 0);
  session.answer(question("n", 9), [["b"]], 0);
  lms.relaunch();
  const data = course({ revision: 2 });
  data.lessons = [lesson("un", 1, page.questions), ...data.lessons.slice(1)];
  const next = await launch(lms, undefined, data);
  assert.deepEqual(next.session.record(changed)?.response, [["c"]]);
  assert.equal(next.session.record(question("n", 9))?.tries, 1);
});

test("a page of the same version changes nothing", async () => {
  const { session, lessons, questions } = await launch(openLms());
  session.adopt(lessons[0], { contract: 1, version: "1.0.0", lesson: "un", slot: 1, questions: [] });
  assert.deepEqual(lessons[0].questions, questions.slice(0, 2));
});

test("the fact `minutes` counts earlier sessions too", async () => {
  const completion = /** @type {CourseData["completion"]} */ ({
    initial: "incomplete",
    minutes: 30,
    states: { incomplete: [{ when: ["minutes"], to: "completed" }] },
  });
  let clock = 0;
  const lms = openLms({ minutes: 20 });
  const { session } = await launch(lms, undefined, course({ completion, mastery: null }), () => clock);
  clock = 9.9 * 60_000;
  session.save();
  assert.equal(lms.last().status, "incomplete");
  clock = 10 * 60_000;
  session.save();
  assert.equal(lms.last().status, "completed");
});
