/** What is told of a session (the table of statements), how a statement is made, and that a page may die at any step. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { interactionFraction } from "../../builder/runtime/score.js";
import { openSession } from "../../builder/runtime/session.js";
import { openTeller } from "../../builder/runtime/xapi/teller.js";
import { course, interaction, memory, openLms, openWindow, question } from "./fakes.mjs";

/** @import {Given, Happening, Interaction, Opened, Question, Recorder, Statement, StatementTemplates, Status} from "../../builder/runtime/types.d.ts" */

const IRI = "https://carabin.example/essai";
const ADL = "http://adlnet.gov/expapi/verbs/";
const CMI5 = "https://w3id.org/xapi/cmi5/context/";
const ACTOR = { objectType: "Agent", account: { homePage: "https://lms.example", name: "jeanne" } };
const REGISTRATION = "0b9e4a4c-7f0f-4b4e-9a57-4b7f6c1f3d01";
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** @param {string} verb @param {string} id @param {object} [more] */
const template = (verb, id, more = {}) => ({
  verb: { id: ADL + verb, display: { fr: verb } },
  object: { objectType: "Activity", id, definition: { type: "x" } },
  context: { contextActivities: { category: [{ id: `${IRI}/_profile/1` }] }, language: "fr-FR" },
  ...more,
});

/** @type {StatementTemplates} */
const TEMPLATES = {
  schema: 1,
  launches: {
    essai: {
      activity: IRI,
      statements: Object.fromEntries(
        ["initialized", "progressed", "completed", "passed", "failed", "terminated"].map((verb) => [
          verb,
          template(verb, IRI),
        ]),
      ),
    },
  },
  statements: Object.fromEntries([
    ...["un", "deux"].map((id) => [`experienced:${id}`, template("experienced", `${IRI}/${id}`)]),
    ...["a", "b", "c"].map((id) => [
      `answered:${id}`,
      template("answered", `${IRI}/${id}`, { result: { response: "" } }),
    ]),
    ["answered:silent", template("answered", `${IRI}/silent`)],
  ]),
};

let count = 0;
/** @param {Uint8Array} bytes */
const random = (bytes) => {
  new DataView(bytes.buffer).setUint32(0, ++count);
  return bytes;
};

/** @param {Partial<Parameters<typeof openTeller>[0]>} [more] */
const teller = (more = {}) =>
  openTeller({ templates: TEMPLATES, launch: "essai", actor: ACTOR, now: () => 90_000, random, ...more });

/** @param {Happening} what @param {Partial<Parameters<typeof openTeller>[0]>} [more] */
function tell(what, more) {
  const [statement, ...others] = teller(more)(what);
  assert.deepEqual(others, []);
  assert.ok(statement);
  return statement;
}

/** @param {Status} status @param {number} grade 0–1 @param {Partial<Happening>} [more] @returns {Happening} */
const reached = (status, grade, more = {}) =>
  /** @type {Happening} */ ({
    kind: "reached",
    progress: 0,
    completed: false,
    status,
    grade,
    best: grade * 100,
    ...more,
  });
const COMPLETED = reached("incomplete", 0, { completed: true });

/** Tells a verdict: one that failed follows an answer. @param {Happening} what @param {object} [more] @returns {Statement} */
function verdict(what, more) {
  const one = teller(more);
  one(answered({}));
  // In cmi5 to have failed waits for the end of the session.
  const [statement, ...others] = [...one(what), ...one({ kind: "terminated" })];
  assert.ok(others.length < 2);
  assert.ok(statement);
  return statement;
}

/** @param {Partial<import("../../builder/runtime/types.d.ts").InteractionReport>} more @returns {Happening} */
const answered = (more) => ({
  kind: "answered",
  tries: 2,
  report: {
    interaction: interaction({ id: "a" }),
    question: question("a", 2),
    response: ["b"],
    fraction: 1,
    milliseconds: 61_500,
    time: new Date(60_000),
    ...more,
  },
});

test("a statement: the template, with actor, id and time; a result only where there is one", () => {
  const statement = tell({ kind: "initialized" });
  assert.match(statement.id, UUID);
  assert.deepEqual(
    { ...statement, id: "" },
    { ...template("initialized", IRI), id: "", actor: ACTOR, timestamp: "1970-01-01T00:01:30.000Z" },
  );
});

test("what was launched is the object of what is told of the whole, never of lessons and questions", () => {
  const activity = "https://lms.example/activity/7";
  assert.equal(tell(COMPLETED, { activity }).object.id, activity);
  assert.equal(tell(answered({}), { activity }).object.id, `${IRI}/a`);
});

test("what is told once has the same id whenever it is told, and another one for another registration", () => {
  const ids = (/** @type {string} */ registration) =>
    [COMPLETED, reached("passed", 1)].map((what) => {
      return tell(what, { registration, now: () => Math.random() * 1e12 }).id;
    });
  for (const id of ids(REGISTRATION)) assert.match(id, UUID);
  assert.deepEqual(ids(REGISTRATION), ids(REGISTRATION));
  assert.equal(new Set([...ids(REGISTRATION), ...ids("another")]).size, 4);
  const failed = () => verdict(reached("failed", 0.5), { registration: REGISTRATION }).id;
  assert.notEqual(failed(), failed());
});

test("an answer: response, verdict, score, time taken, which try", () => {
  const { result, timestamp, context } = tell(answered({}));
  assert.deepEqual(result, { response: "b", success: true, score: { scaled: 1 }, duration: "PT61.5S" });
  assert.equal(timestamp, "1970-01-01T00:01:00.000Z");
  assert.deepEqual(context?.extensions, { "http://id.tincanapi.com/extension/attempt-id": "2" });
});

test("words that the course keeps to itself are not in the statement, and a question without template tells nothing", () => {
  const open = interaction({ id: "silent", type: "long-fill-in", choices: undefined, right: undefined });
  const said = answered({ interaction: open, response: { text: "Un secret." }, fraction: 0, milliseconds: 0 });
  assert.equal(tell(said).result, undefined);
  assert.ok(!JSON.stringify(teller()(said)).includes("secret"));
  assert.deepEqual(teller()(answered({ interaction: interaction({ id: "unknown" }) })), []);
});

test("a verdict: rounded, and never up to the mastery score; failed only after an answer; each once", () => {
  assert.equal(tell(reached("passed", 2 / 3)).result?.score?.scaled, 0.6667);
  assert.equal(verdict(reached("failed", 0.79999)).result?.score?.scaled, 0.7999);
  const one = teller();
  assert.deepEqual(one(reached("failed", 0.5)), []);
  one(answered({}));
  assert.equal(one(reached("failed", 0.5)).length, 1);
  assert.equal(one(reached("failed", 0.6)).length, 0);
  assert.equal(one(reached("passed", 0.9)).length, 1);
  assert.equal(one(reached("passed", 1)).length, 0);
});

test("cmi5: its category on what it defines, moveOn where something is decided, the mastery score beside a verdict", () => {
  const cmi5 = { cmi5: true, mastery: 0.8, registration: REGISTRATION };
  const categories = (/** @type {Statement} */ { context }) =>
    context?.contextActivities.category
      .map((/** @type {{id: string}} */ { id }) => id)
      .filter((/** @type {string} */ id) => id.startsWith(CMI5))
      .map((/** @type {string} */ id) => id.slice(CMI5.length + "categories/".length));
  /** @type {[Happening, string[]][]} */
  const expected = [
    [{ kind: "initialized" }, ["cmi5"]],
    [COMPLETED, ["cmi5", "moveon"]],
    [reached("passed", 0.8), ["cmi5", "moveon"]],
    [reached("failed", 0.7), ["cmi5", "moveon"]],
    [{ kind: "terminated" }, ["cmi5"]],
    [reached("incomplete", 0, { progress: 0.5 }), []],
    [answered({}), []],
  ];
  for (const [what, wanted] of expected) {
    const statement = verdict(what, cmi5);
    const { verb } = statement;
    assert.deepEqual(categories(statement), wanted, verb.id);
    const extensions = statement.context?.extensions ?? {};
    assert.equal(extensions[`${CMI5}extensions/masteryscore`], /passed|failed/.test(verb.id) ? 0.8 : undefined);
    assert.equal(statement.context?.registration, REGISTRATION);
  }
  const { result } = tell(reached("passed", 0.8), { ...cmi5, minutes: 2 });
  assert.deepEqual(result, { score: { scaled: 0.8, raw: 80, min: 0, max: 100 }, success: true, duration: "PT120S" });
});

test("cmi5 §9.5.5.1: no share of lessons is told once completed was, in this session or an earlier one", () => {
  const verbs = (/** @type {Statement[]} */ all) => all.map(({ verb }) => verb.id.slice(ADL.length));
  const half = reached("incomplete", 0, { completed: true, progress: 0.5 });
  const all = reached("incomplete", 0, { completed: true, progress: 1 });
  const session = teller({ cmi5: true, told: [] });
  assert.deepEqual([half, all].map(session).map(verbs), [["progressed", "completed"], []]);
  assert.deepEqual(verbs(teller({ cmi5: true, told: ["completed"] })(all)), []);
  assert.deepEqual(verbs(teller({ told: ["completed"] })(all)), ["progressed"]);
});

test("cmi5 §9.5.1: the raw score is whole, and not rounded up", () => {
  for (const [status, grade, raw] of /** @type {[Status, number, number][]} */ ([
    ["passed", 4 / 7, 57],
    ["passed", 0.8, 80],
    ["passed", 0.57, 57],
    ["failed", 0.7999, 79],
    ["failed", 0, 0],
  ])) {
    const session = teller({ cmi5: true });
    /** @type {Happening[]} */
    const all = [answered({}), reached(status, grade), { kind: "terminated" }];
    const [told] = all.flatMap(session).filter(({ verb }) => verb.id === ADL + status);
    const { scaled } = verdict(reached(status, grade)).result?.score ?? {};
    assert.deepEqual(told?.result?.score, { scaled, raw, min: 0, max: 100 });
  }
});

test("the template of the launch is kept as it is, and joined with ours", () => {
  const context = {
    registration: "theirs",
    contextActivities: { grouping: [{ id: "https://lms.example/publisher" }] },
    extensions: { [`${CMI5}extensions/sessionid`]: "session-1" },
  };
  const before = structuredClone(context);
  const { context: made } = tell(answered({}), { context, cmi5: true, registration: REGISTRATION });
  assert.deepEqual(context, before);
  assert.deepEqual(made?.contextActivities.grouping, context.contextActivities.grouping);
  assert.equal(made?.contextActivities.category.length, 1);
  assert.equal(made?.registration, "theirs");
  assert.equal(Object.keys(made?.extensions).length, 2);
  assert.equal(made?.language, "fr-FR");
});

test("the compiler's vectors: the same result of every interaction type", () => {
  /** @type {{question: Question, given: Given, template: any, result: object}[]} */
  const vectors = JSON.parse(readFileSync(new URL("../vectors/xapi.json", import.meta.url), "utf8"));
  assert.ok(vectors.length > 50);
  for (const { question, given, template, result } of vectors) {
    const [interaction] = /** @type {[Interaction]} */ (question.interactions);
    const fraction = interactionFraction(interaction, given, question.partial);
    const templates = { ...TEMPLATES, statements: { [`answered:${interaction.id}`]: template } };
    const what = answered({ interaction, question, response: given, fraction, milliseconds: 0 });
    const statement = tell(what, { templates });
    assert.deepEqual(statement.result ?? {}, result, JSON.stringify([interaction, given]));
  }
});

// --- what is told when ---------------------------------------------------------------------------------------------

/** Thrown where the page dies: nothing of it runs any more. */
class Death extends Error {}

/**
 * A learner whose statements go into a list of the browser, each under its id. Storage counts its steps, and the LMS
 * too, and the page dies at the one that is given: nothing that comes after it has any effect.
 * @param {ReturnType<typeof openLms>} lms
 * @param {boolean} [isBeside] the LMS knows no statements: there is a recorder beside its driver
 */
function desk(lms, isBeside = false) {
  const storage = memory();
  let left = Infinity;
  const step = () => {
    if (left <= 0) throw new Death("dead");
    left--;
  };
  const dying = {
    ...storage,
    key: storage.key,
    get length() {
      return storage.length;
    },
    setItem(/** @type {string} */ key, /** @type {string} */ value) {
      step();
      storage.setItem(key, value);
      step();
    },
    removeItem(/** @type {string} */ key) {
      step();
      storage.removeItem(key);
      step();
    },
  };
  const statements = () =>
    Array.from({ length: storage.length }, (_, n) => storage.key(n) ?? "")
      .filter((key) => key.startsWith("told:"))
      .map((key) => /** @type {Statement} */ (JSON.parse(storage.getItem(key) ?? "")));

  async function launch(data = course()) {
    const tab = openWindow({ localStorage: dying });
    const tellOne = teller({ now: Date.now, told: lms.opened.told });
    /** @type {Recorder} */
    const recorder = {
      tell: tellOne,
      put(made) {
        for (const one of made) {
          const key = `told:${one.id}`;
          if (storage.getItem(key) === null) dying.setItem(key, JSON.stringify(one));
        }
      },
      waiting: () => 0,
      trouble: () => "",
    };
    const driver = lms.module().create();
    /** @type {import("../../builder/runtime/types.d.ts").Driver} */
    const mortal = {
      ...driver,
      recorder,
      save(change, done) {
        step();
        driver.save(change, (saved) => {
          step();
          done(saved);
        });
      },
      close(change, done) {
        step();
        driver.close(change, done);
        step();
      },
    };
    const beside = { open: async () => recorder };
    if (isBeside) delete mortal.recorder;
    const drivers = { fake: { create: () => mortal } };
    const session = await openSession(tab.window, data, drivers, () => {}, Date.now, isBeside ? { beside } : {});
    if (session.offer) session.settleOffer(true);
    const lessons = session.course.lessons;
    return { session, lessons, questions: lessons.flatMap((one) => one.questions) };
  }
  const dieAfter = (/** @type {number} */ steps) => void (left = steps);
  return { launch, statements, dieAfter, steps: () => left };
}

/** @param {Statement[]} statements @returns {string[]} verb and object, with what it says */
const lines = (statements) =>
  statements.map(({ verb, object, result }) => {
    const what = `${verb.id.slice(ADL.length)} ${object.id.slice(IRI.length + 1) || "course"}`;
    const { response = "", success = "", extensions = {}, score } = result ?? {};
    return [what, response, success, Object.values(extensions)[0] ?? "", score?.scaled ?? ""].join(" ").trim();
  });

for (const isBeside of [false, true])
  test(`from the first page to the end, and a second session that changes nothing (beside: ${isBeside})`, async () => {
    const lms = openLms();
    const place = desk(lms, isBeside);
    const { session, lessons, questions } = await place.launch();
    const [one, two] = lessons;
    questions.slice(0, 2).forEach((each) => session.answer(each, [["b"]], 1000));
    if (one) session.reach(one);
    session.answer(/** @type {Question} */ (questions[2]), [["a"]], 1000);
    if (two) session.reach(two);
    session.save(true);
    const first = [
      "initialized course",
      "answered a b true  1",
      "answered b b true  1",
      "experienced un",
      "progressed course   50",
      "answered c a false  0",
      "experienced deux",
      "progressed course   100",
      "completed course",
      "passed course  true  0.6667",
      "terminated course",
    ];
    assert.deepEqual(lines(place.statements()), first);
    lms.relaunch();
    const again = await place.launch();
    again.session.save(true);
    assert.deepEqual(lines(place.statements()).slice(first.length), ["initialized course", "terminated course"]);
  });

test("failed, answered again, passed: each verdict once", async () => {
  const lms = openLms();
  const place = desk(lms);
  const { session, lessons, questions } = await place.launch();
  for (const each of questions) session.answer(each, [["a"]], 1000);
  for (const each of lessons) session.reach(each);
  const [lesson] = session.reopen();
  if (lesson) for (const each of lesson.questions) session.answer(each, [["b"]], 1000);
  const verdicts = lines(place.statements()).filter((line) => /^(passed|failed|completed)/.test(line));
  assert.deepEqual(verdicts, ["completed course", "failed course  false  0", "passed course  true  0.6667"]);
});

test("a part that is given later, or changed, is told alone; a further try is told whole", async () => {
  const parts = [
    interaction({ id: "a", type: "long-fill-in", choices: undefined, right: undefined }),
    interaction({ id: "b", letter: "judgement", type: "choice", right: undefined, weight: 0 }),
  ];
  const data = course();
  const open = /** @type {Question} */ (data.lessons[0]?.questions[0]);
  const scored = /** @type {Question} */ (data.lessons[1]?.questions[0]);
  Object.assign(open, { scored: false, interactions: parts });
  scored.tries = 2;
  const place = desk(openLms());
  const { session } = await place.launch(data);
  session.answer(open, [{ text: "Je préviens." }, null], 1000);
  session.answer(open, [{ text: "Je préviens." }, ["a"]], 1000);
  session.answer(open, [{ text: "Je préviens." }, ["a"]], 1000);
  session.answer(scored, [["a"]], 1000);
  session.answer(scored, [["a"]], 1000);
  const told = lines(place.statements()).filter((line) => line.startsWith("answered"));
  const scores = ["answered c a false  0", "answered c a false  0"];
  assert.deepEqual(told, ["answered a Je préviens.", "answered b a", ...scores]);
});

test("looking back: the session is told of, nothing else", async () => {
  const lms = openLms({ mode: "review" });
  const place = desk(lms);
  const { session, lessons } = await place.launch();
  for (const each of lessons) session.reach(each);
  session.save(true);
  assert.deepEqual(lines(place.statements()), ["initialized course", "terminated course"]);
});

test("what the LMS says was told is not told again, and what it lacks is, under the id that it has for life", async () => {
  const lms = openLms();
  const place = desk(lms);
  const launched = await place.launch();
  for (const each of launched.questions) launched.session.answer(each, [["b"]], 1000);
  for (const each of launched.lessons) launched.session.reach(each);
  launched.session.save(true);
  const passed = place.statements().find(({ verb }) => verb.id.endsWith("passed"));
  for (const [told, wanted] of /** @type {[string[], string[]][]} */ ([
    [["completed", "passed"], []],
    [["completed"], ["passed"]],
  ])) {
    lms.relaunch();
    Object.assign(lms.opened, /** @type {Partial<Opened>} */ ({ told }));
    const other = desk(lms);
    await other.launch();
    const verdicts = other.statements().filter(({ verb }) => /passed|completed/.test(verb.id));
    assert.deepEqual(
      verdicts.map(({ verb }) => verb.id.slice(ADL.length)),
      wanted,
    );
    for (const one of verdicts) assert.equal(one.id, passed?.id);
  }
});

test("the LMS's mastery score stands instead of the course's", async () => {
  const lms = openLms({ mastery: 0.9 });
  const place = desk(lms);
  const { session, lessons, questions } = await place.launch();
  questions.forEach((each, n) => session.answer(each, [[n ? "b" : "a"]], 1000));
  for (const each of lessons) session.reach(each);
  assert.equal(session.status(), "failed");
});

for (const isBeside of [false, true])
  test(`the page dies at every step of storage and LMS: each thing is told once in the end (${isBeside})`, async () => {
    /** The learner goes on from what the page shows, whatever was lost. @param {ReturnType<typeof desk>} place */
    async function learn(place) {
      const { session, lessons, questions } = await place.launch();
      for (const each of lessons) {
        for (const one of each.questions) if (!session.isGiven(one)) session.answer(one, [["b"]], 1000);
        session.reach(each);
      }
      session.save(true);
      assert.ok(questions.every((one) => session.isGiven(one)));
    }
    const told = (/** @type {ReturnType<typeof desk>} */ place) =>
      lines(place.statements())
        .filter((line) => !/^(initialized|terminated)/.test(line))
        .sort();

    const calm = desk(openLms(), isBeside);
    calm.dieAfter(1e6);
    await learn(calm);
    const steps = 1e6 - calm.steps();
    assert.ok(steps > 20);
    for (let last = 0; last <= steps; last++) {
      const lms = openLms();
      const place = desk(lms, isBeside);
      place.dieAfter(last);
      await learn(place).catch((problem) => assert.ok(problem instanceof Death, problem.stack));
      place.dieAfter(Infinity);
      lms.relaunch();
      await learn(place);
      const kept = [...new Set(told(place))];
      assert.deepEqual(kept, [...new Set(told(calm))], `dead at step ${last}`);
      assert.deepEqual(told(place), told(calm), `told twice, dead at step ${last}`);
    }
  });
