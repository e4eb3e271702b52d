/** What the SCORM 1.2 driver makes of answers that no standard foresees, and the formats of each type (RTE §3.4.7). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "../../builder/runtime/drivers/scorm12.js";
import { interaction, nothing as change, options, question } from "./fakes.mjs";

/** @import {Change, Given, Interaction, InteractionReport} from "../../builder/runtime/types.d.ts" */

/** @param {number} index @param {Partial<Interaction>} one @param {Given} response @returns {InteractionReport} */
const report = (index, one, response, fraction = 0) => ({
  index,
  interaction: interaction(one),
  question: question("q", 1, { points: 2 }),
  response,
  fraction,
  milliseconds: 0,
  time: new Date(2026, 0, 2, 3, 4, 5),
});

/**
 * An API that is a class, so that its functions need their `this`, and what it was told.
 * @param {Record<string, unknown>} [values] of elements
 * @param {Record<string, (...given: string[]) => unknown>} [functions] instead of its own
 */
function openApi(values = {}, functions = {}) {
  class Api {
    /** @type {string[]} */
    calls = [];
    error = "0";
    LMSInitialize() {
      return this.note("Initialize");
    }
    LMSFinish() {
      return this.note("Finish");
    }
    LMSCommit() {
      return this.note("Commit");
    }
    LMSGetLastError() {
      return this.error;
    }
    LMSGetValue(/** @type {string} */ element) {
      return values[element] ?? "";
    }
    LMSSetValue(/** @type {string} */ element, /** @type {string} */ value) {
      assert.equal(typeof value, "string");
      return this.note(`${element}=${value}`);
    }
    /** @param {string} call @returns {unknown} */
    note(call) {
      this.calls.push(call);
      return "true";
    }
  }
  return Object.assign(new Api(), functions);
}

/** @param {object} api @param {object} [more] of the window */
async function open(api, more = {}) {
  const driver = create();
  const parent = { API: api };
  const window = /** @type {any} */ ({ parent, opener: null, navigator: { onLine: true }, setTimeout, ...more });
  const opened = await driver.open(
    window,
    options(() => 0),
  );
  assert.ok(opened);
  const save = (/** @type {Change} */ sent) => {
    /** @type {boolean[]} */
    const answers = [];
    driver.save(sent, (saved) => answers.push(saved));
    assert.equal(answers.length, 1);
    return answers[0];
  };
  return { driver, opened, save };
}

/** @param {{calls: string[]}} api @param {string} start @returns {string[]} what was set, without the start */
const written = ({ calls }, start) =>
  calls.filter((call) => call.startsWith(start)).map((call) => call.slice(start.length));

test("values of any type are read as text", async () => {
  const { opened } = await open(
    openApi({
      "cmi.core.student_id": 4711,
      "cmi.core.student_name": null,
      "cmi.core.lesson_status": "Passed ",
      "cmi.core.score.raw": 86.67,
      "cmi.core.lesson_mode": undefined,
      "cmi.core.total_time": "0001:30:00.00",
      "cmi.interactions._count": 3,
      "cmi.suspend_data": "null",
      "cmi.launch_data": 7,
    }),
  );
  assert.deepEqual(opened, {
    mode: "normal",
    learner: { id: "4711", name: "" },
    state: "",
    location: "",
    status: "passed",
    interactions: 3,
    score: 86.67,
    minutes: 90,
    recorded: true,
    launchData: "7",
  });
});

test("a count that is none is unknown", async () => {
  for (const count of ["", "NaN", null, "-1", "two"]) {
    const { opened } = await open(openApi({ "cmi.interactions._count": count }));
    assert.ok(Number.isNaN(opened.interactions), String(count));
  }
});

test("not attempted, browsed and nonsense are no status", async () => {
  for (const status of ["not attempted", "browsed", "42", ""]) {
    const { opened } = await open(openApi({ "cmi.core.lesson_status": status }));
    assert.equal(opened.status, "");
  }
});

test("yes may be a boolean, or silence without an error", async () => {
  for (const yes of [true, "true", undefined, null, "", 1]) {
    const { save } = await open(openApi({}, { LMSCommit: () => yes, LMSInitialize: () => yes }));
    assert.equal(save(change()), true, String(yes));
  }
});

test("no may be a boolean, silence with an error, or an exception", async () => {
  const answers = [() => false, () => "false", () => assert.fail("thrown")];
  for (const no of answers) {
    const { save } = await open(openApi({}, { LMSCommit: no }));
    assert.equal(save(change()), false);
  }
  const silent = openApi({}, { LMSCommit: () => null });
  const { save } = await open(silent);
  silent.error = "101";
  assert.equal(save(change()), false);
});

test("a state that the LMS refuses is not saved, however well it commits", async () => {
  const refuses = (/** @type {string} */ element) => element !== "cmi.suspend_data";
  const { save } = await open(openApi({}, { LMSSetValue: refuses }));
  assert.equal(save(change()), false);
});

test("LMSInitialize refused: no session, unless it is already open", async () => {
  await assert.rejects(open(openApi({}, { LMSInitialize: () => false })));
  await assert.rejects(open(openApi({}, { LMSInitialize: () => assert.fail("thrown") })));
  let error = "101";
  const running = openApi(
    {},
    {
      LMSInitialize: () => "false",
      LMSGetLastError: () => error,
      LMSGetValue: (element) => ((error = "0"), element === "cmi.core.student_id" ? "jeanne" : ""),
    },
  );
  const { opened } = await open(running);
  assert.equal(opened.learner.id, "jeanne");
});

test("no API: no session, after a patience that depends on where it could be", async () => {
  /** @param {boolean} isFramed @returns {Promise<number>} milliseconds waited */
  async function wait(isFramed) {
    let waited = 0;
    const setTimeout = (/** @type {() => void} */ resume, /** @type {number} */ delay) => {
      waited += delay;
      queueMicrotask(resume);
    };
    const window = /** @type {any} */ ({ opener: null, navigator: {}, setTimeout });
    window.parent = isFramed ? {} : window;
    assert.equal(
      await create().open(
        window,
        options(() => 0),
      ),
      null,
    );
    return waited;
  }
  assert.equal(await wait(true), 3000);
  assert.equal(await wait(false), 500);
});

test("frames that hold each other do not hold us", async () => {
  const [one, other] = /** @type {any[]} */ ([{}, {}]);
  one.parent = other;
  other.parent = one;
  const setTimeout = (/** @type {() => void} */ resume) => queueMicrotask(resume);
  const window = /** @type {any} */ ({ parent: one, opener: null, navigator: {}, setTimeout });
  assert.equal(
    await create().open(
      window,
      options(() => 0),
    ),
    null,
  );
});

test("each type in its own words; ids in ASCII; texts cut between characters", async () => {
  const api = openApi();
  const { save } = await open(api);
  const long = `${"x".repeat(254)}😀`;
  /** @type {[one: Partial<Interaction>, given: Given, type: string, response: string | undefined, pattern: string][]} */
  const cases = [
    [{ type: "true-false", right: ["t"] }, ["f"], "true-false", "f", "t"],
    [{ multiple: true, right: ["a", "c"] }, ["b"], "choice", "b", "a,c"],
    [{ type: "sequencing", right: ["b", "a"] }, ["a", "b"], "sequencing", "a,b", "b,a"],
    [{ type: "matching", right: ["ax", "by"] }, ["ay"], "matching", "a.y", "a.x,b.y"],
    [{ type: "performance", right: ["ab", "ca"] }, ["ab", "ab"], "performance", "a.b,a.b", "a.b,c.a"],
    [{ type: "performance", right: ["ab"] }, Array(80).fill("ab"), "performance", Array(64).fill("a.b").join(), "a.b"],
    [{ type: "fill-in", right: [], accept: [long] }, { text: long }, "fill-in", "x".repeat(254), "x".repeat(254)],
    [{ type: "long-fill-in", right: [], accept: ["y"] }, { text: "z" }, "fill-in", "z", "y"],
    [{ type: "numeric", right: [], ranges: [[1e-7, 2]] }, { text: "−1 234,50" }, "numeric", "-1234.5", "0.0000001:2"],
    [{ type: "numeric", right: [], ranges: [[80, 80]] }, { text: "80 mg" }, "numeric", undefined, "80"],
    [{ type: "fill-in", right: [], accept: ["y"] }, { text: "", cut: true }, "fill-in", undefined, "y"],
  ];
  save(change({ interactions: cases.map(([one, given], n) => report(n, { ...one, id: `q é.${n}` }, given)) }));
  cases.forEach(([, , type, response, pattern], n) => {
    const fields = written(api, `cmi.interactions.${n}.`);
    const value = (/** @type {string} */ name) => fields.find((field) => field.startsWith(`${name}=`))?.split("=")[1];
    assert.equal(fields[0], `id=q__.${n}`);
    assert.equal(fields[1], `type=${type}`);
    assert.equal(value("student_response"), response);
    assert.equal(value("correct_responses.0.pattern"), pattern);
    assert.equal(value("result"), "wrong");
    assert.equal(value("weighting"), "2");
    assert.equal(value("time"), "03:04:05");
    assert.equal(value("latency"), undefined, "unknown is left out");
  });
});

test("several right answers of which one is enough are several patterns; a part won is a number", async () => {
  const api = openApi();
  const { save } = await open(api);
  const any = { right: ["a", "b"] };
  save(
    change({
      interactions: [report(0, any, ["a"], 1), report(1, { multiple: true, right: ["a", "b", "c"] }, ["a"], 1 / 3)],
    }),
  );
  assert.deepEqual(written(api, "cmi.interactions.0.correct_responses."), ["0.pattern=a", "1.pattern=b"]);
  assert.deepEqual(written(api, "cmi.interactions.0.result="), ["correct"]);
  assert.deepEqual(written(api, "cmi.interactions.1.result="), ["0.3333333333"]);
});

test("without a right answer the result is neutral", async () => {
  const api = openApi();
  const { save } = await open(api);
  save(change({ interactions: [report(0, { type: "likert", right: [] }, ["a"])] }));
  assert.deepEqual(written(api, "cmi.interactions.0.result="), ["neutral"]);
});

test("only the elements that the LMS names; none where it has no interactions", async () => {
  const few = openApi({ "cmi.interactions._children": "id,type,result" });
  const one = await open(few);
  assert.equal(one.save(change({ interactions: [report(0, {}, ["b"], 1)] })), true);
  assert.deepEqual(written(few, "cmi.interactions."), ["0.id=q", "0.type=choice", "0.result=correct"]);

  const none = openApi();
  none.error = "401";
  const other = await open(none);
  assert.equal(other.save(change({ interactions: [report(0, {}, ["b"], 1)] })), true);
  assert.deepEqual(written(none, "cmi.interactions."), []);
});

test("Moodle 4.3.0: the score once more with the next commit, in other digits, and then no more", async () => {
  for (const [score, digits] of /** @type {const} */ ([
    [80, ["80", "80.0"]],
    [86.67, ["86.67", "86.670"]],
  ])) {
    const api = openApi();
    const { driver, save } = await open(api);
    const passed = change({ status: "passed", score });
    for (let n = 0; n < 3; n++) save(passed);
    driver.close(passed);
    assert.deepEqual(written(api, "cmi.core.score.raw="), digits);
    assert.deepEqual(written(api, "cmi.core.lesson_status="), ["passed"]);
  }
});

test("the score once more, even where the last save is the first with a score", async () => {
  const api = openApi();
  const { driver } = await open(api);
  driver.close(change({ status: "passed", score: 80 }));
  const lines = api.calls.filter((call) => /raw|Commit|Finish/.test(call));
  assert.deepEqual(lines, ["cmi.core.score.raw=80", "Commit", "cmi.core.score.raw=80.0", "Commit", "Finish"]);
});

test("exit is suspend until passed or completed, then empty; never logout", async () => {
  const api = openApi();
  const { driver, save } = await open(api);
  save(change());
  save(change({ status: "failed", score: 10 }));
  save(change({ status: "passed", score: 90 }));
  driver.close(null);
  assert.deepEqual(written(api, "cmi.core.exit="), ["suspend", ""]);
});

test("closed: no call any more", async () => {
  const api = openApi();
  const { driver, save } = await open(api);
  driver.close(change());
  const calls = api.calls.length;
  driver.close(change());
  assert.equal(save(change()), false);
  assert.equal(api.calls.length, calls);
  assert.equal(api.calls.at(-1), "Finish");
});

test("after a failed commit everything in it changes before it is sent again", async () => {
  let isDown = true;
  const api = openApi();
  api.LMSCommit = () => (api.note("Commit"), !isDown);
  const { save } = await open(api);
  const passed = change({ status: "passed", score: 80, interactions: [report(0, {}, ["b"], 1)] });
  assert.equal(save(passed), false);
  api.calls = [];
  assert.equal(save(passed), false);
  assert.deepEqual(written(api, "cmi.suspend_data="), [], "nothing of worth while it is still down");
  isDown = false;
  assert.equal(save(passed), true);
  assert.deepEqual(written(api, "cmi.core.lesson_status=").slice(-2), ["incomplete", "passed"]);
  assert.deepEqual(written(api, "cmi.interactions.0.id=").slice(-2), ["unsent", "q"]);
  assert.deepEqual(written(api, "cmi.core.score.raw="), ["80.0"]);
});
