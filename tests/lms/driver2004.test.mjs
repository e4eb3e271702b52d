/** The SCORM 2004 driver against every profile of the simulated LMS and every fault, without a browser. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { readProfile } from "../../builder/lms/lms.js";
import { createLms2004, STRICT_2004 } from "../../builder/lms/lms2004.js";
import { create } from "../../builder/runtime/drivers/scorm2004.js";
import { course, nothing, options, question } from "../runtime/fakes.mjs";

/**
 * @import {Change, CourseData, Driver, Interaction, InteractionReport, Opened
 * } from "../../builder/runtime/types.d.ts"
 */
/** @typedef {ReturnType<typeof createLms2004>} Lms */

const folder = new URL("../../builder/lms/profiles2004/", import.meta.url);
const names = readdirSync(folder).map((file) => file.replace(".yml", ""));
/** @param {string} name @param {string} [changed] lines of a profile */
const profile = (name, changed = "") =>
  readProfile(changed, readProfile(readFileSync(new URL(`${name}.yml`, folder), "utf8"), STRICT_2004));

const OBJECTIVES = [
  { id: "D1.C1.O1", text: "Reconnaître", lessons: [1], questions: [1] },
  { id: "D1.C1.O2", text: "Alerter", lessons: [4], questions: [] },
];
const DATA = course({ mastery: 0.8, target: "scorm2004", driver: "scorm2004", objectives: OBJECTIVES });
const READ = course({
  mastery: null,
  completion: { initial: "incomplete", states: { incomplete: [{ when: ["lessons"], to: "completed" }] } },
});

/** @type {(id: string, type: Interaction["type"], more?: Partial<Interaction>) => Interaction} */
const interaction = (id, type, more = {}) => ({ id, type, letter: "", weight: 1, ...more });

/**
 * @param {number} index
 * @param {Interaction} one
 * @param {InteractionReport["response"]} response
 * @param {number} [fraction]
 * @returns {InteractionReport}
 */
const report = (index, one, response, fraction = 1) => ({
  index,
  interaction: one,
  question: question(one.id.replace(/\..*/, ""), 1, { type: "fill", title: "Une question", interactions: [one] }),
  response,
  fraction,
  milliseconds: 3_661_500,
  time: new Date(2027, 2, 2, 12, 40, 5),
});

const REPORTS = [
  report(0, interaction("q-choix", "choice", { choices: ["a", "b", "c"], multiple: true, right: ["a", "c"] }), [
    "a",
    "c",
  ]),
  report(
    1,
    interaction("q-trous.a", "fill-in", { accept: ["MSSanté", "é".repeat(300), "a[,]b"], case: true }),
    { text: "{une} phrase\nbien trop [,] longue, ".repeat(20) },
    0,
  ),
  report(2, interaction("q-trous.b", "numeric", { ranges: [[3.4, 3.6]] }), { text: "3,5" }),
  report(
    3,
    interaction("q-paires", "matching", { choices: ["a", "b"], targets: ["x", "y"], right: ["ax", "ay", "by"] }),
    ["ax", "bx"],
    2 / 3,
  ),
  report(4, interaction("q-etapes", "sequencing", { choices: ["a", "b", "c"], right: ["c", "a", "b"] }), [
    "c",
    "a",
    "b",
  ]),
  report(5, interaction("q-avis", "likert", { choices: ["a", "b"] }), ["b"], 0),
  report(6, interaction("q-texte", "long-fill-in"), { text: "x".repeat(5000) }, 0),
  report(7, interaction("q-chemin", "performance", { right: ["ab", "bc"] }), Array(300).fill("ab"), 0),
  report(8, interaction("q-vrai", "true-false", { right: ["t"] }), ["f"], 0),
  report(9, interaction("q-un", "choice", { choices: [..."abcdefghijkl"], right: [..."abcdefghijkl"] }), ["a"]),
];

/** @param {number} n @param {Partial<Change>} [more] @returns {Change} */
const change = (n, more = {}) => nothing({ state: `state-${n}`, location: "hameconnage", progress: n / 10, ...more });
const LAST = change(9, { status: "passed", score: 86.67, completed: true, progress: 1 });

/** A window with an LMS around it. @param {Lms} lms */
function around(lms) {
  const navigator = { onLine: true };
  return /** @type {any} */ ({ parent: { API_1484_11: lms.API, navigator }, navigator, setTimeout, opener: null });
}

/**
 * @param {Lms} lms
 * @param {Partial<CourseData>} [data]
 * @returns {Promise<{driver: Driver, opened: Opened, window: any}>}
 */
async function begin(lms, data = DATA) {
  const window = around(lms);
  const driver = create();
  const opened = await driver.open(window, { ...options(), data: course({ ...DATA, ...data }) });
  assert.ok(opened);
  return { driver, opened, window };
}

/** @param {Driver} driver @param {Change} sent @returns {boolean} */
function save(driver, sent) {
  /** @type {boolean | undefined} */
  let answer;
  driver.save(sent, (saved) => (answer = saved));
  assert.notEqual(answer, undefined, "done was called");
  return Boolean(answer);
}

/** @param {Lms} lms @param {string} element */
const field = (lms, element) => lms.record().fields[`cmi.${element}`];
/** @param {Lms} lms @param {string} element of the last call that set it */
const last = (lms, element) =>
  lms.transcript.filter((call) => call.name === "SetValue" && call.arguments[0] === element).at(-1)?.arguments[1];

for (const name of names) {
  test(`${name}: answers, leaves, comes back, passes`, async () => {
    const lms = createLms2004(profile(name), { launch: { passing: "0.8", objectives: ["p-essai", "D1.C1.O1"] } });
    const first = await begin(lms);
    assert.deepEqual([first.opened.state, first.opened.mode, first.opened.recorded], ["", "normal", true]);
    assert.ok(save(first.driver, change(1)));
    assert.ok(save(first.driver, change(2, { interactions: REPORTS })));
    lms.leave();
    first.driver.close(change(3));
    assert.equal(field(lms, "suspend_data"), "state-3");
    assert.equal(field(lms, "completion_status"), "incomplete");
    assert.equal(field(lms, "exit"), "suspend");
    assert.equal(last(lms, "adl.nav.request"), "suspendAll");

    lms.relaunch();
    const second = await begin(lms);
    const kept = lms.profile.keeps_suspend_data !== "never";
    assert.equal(second.opened.state, kept ? "state-3" : "");
    assert.equal(second.opened.location, "hameconnage");
    assert.ok(save(second.driver, change(4)));
    assert.ok(save(second.driver, LAST));
    second.driver.close({ ...LAST, state: "state-10" });
    const { fields, completion } = lms.record();
    assert.equal(fields["cmi.completion_status"], "completed");
    assert.equal(fields["cmi.success_status"], "passed");
    assert.equal(Number(fields["cmi.score.scaled"]), 0.8667);
    assert.equal(Number(fields["cmi.score.raw"]), 86.67);
    assert.deepEqual([fields["cmi.score.min"], fields["cmi.score.max"]], ["0", "100"]);
    assert.equal(fields["cmi.progress_measure"], "1");
    assert.equal(last(lms, "adl.nav.request"), "exitAll");
    assert.equal(lms.transcript.at(-1)?.name, "Terminate");
    assert.equal(completion, true);
    assert.deepEqual(lms.violations, []);

    lms.relaunch();
    const third = await begin(lms);
    const reads = lms.profile.readable === "";
    assert.deepEqual([third.opened.status, third.opened.completed], reads ? ["passed", true] : ["", false]);
    if (kept) assert.equal(third.opened.state, "state-10", "what is finished is there to be read again");
    if (reads) assert.equal(third.opened.score, 86.67);
  });

  test(`${name}: interactions in the standard's own formats`, async () => {
    const lms = createLms2004(profile(name));
    const { driver } = await begin(lms);
    assert.ok(save(driver, change(1, { interactions: REPORTS })));
    driver.close(change(2, { interactions: REPORTS }));
    /** @param {number} n @param {string[]} elements */
    const reported = (n, ...elements) => elements.map((element) => field(lms, `interactions.${n}.${element}`));
    assert.deepEqual(reported(0, "id", "type", "learner_response", "correct_responses.0.pattern", "result"), [
      "q-choix",
      "choice",
      "a[,]c",
      "a[,]c",
      "correct",
    ]);
    assert.deepEqual(reported(0, "timestamp", "latency", "weighting", "description", "objectives.0.id"), [
      "2027-03-02T12:40:05",
      "PT1H1M1.5S",
      "1",
      "Une question",
      "D1.C1.O1",
    ]);
    const [response = "", result] = reported(1, "learner_response", "result");
    assert.equal(result, "incorrect");
    assert.match(response, /^ \{une\} phrase bien trop , longue,.{150,}$/);
    assert.ok(response.length <= 250);
    assert.deepEqual(reported(1, "correct_responses.0.pattern", "correct_responses.2.pattern"), [
      "{case_matters=true}MSSanté",
      "{case_matters=true}a,b",
    ]);
    assert.deepEqual(reported(2, "learner_response", "correct_responses.0.pattern"), ["3.5", "3.4[:]3.6"]);
    assert.deepEqual(reported(3, "learner_response", "result"), ["a[.]x[,]b[.]x", "0.6666667"]);
    assert.deepEqual(reported(3, "correct_responses.0.pattern", "correct_responses.1.pattern"), [
      "a[.]x[,]b[.]y",
      "a[.]y[,]b[.]y",
    ]);
    assert.deepEqual(reported(4, "learner_response", "correct_responses.0.pattern"), ["c[,]a[,]b", "c[,]a[,]b"]);
    assert.deepEqual(reported(5, "type", "learner_response", "result"), ["likert", "b", "neutral"]);
    assert.deepEqual([reported(6, "type")[0], reported(6, "learner_response")[0]?.length], ["long-fill-in", 4000]);
    assert.equal(reported(7, "learner_response")[0]?.split("[,]").length, 250);
    assert.equal(reported(7, "correct_responses.0.pattern")[0], "a[.]b[,]b[.]c");
    assert.deepEqual(reported(8, "learner_response", "correct_responses.0.pattern"), ["false", "true"]);
    assert.deepEqual(reported(9, "correct_responses.9.pattern", "correct_responses.10.pattern"), ["j", undefined]);
    assert.deepEqual(lms.violations, []);
  });

  for (const fault of /** @type {const} */ (["offline", "server", "full", "throw", "empty"])) {
    test(`${name}, ${fault}: what could not be saved is said, and saved later`, async () => {
      const lms = createLms2004(profile(name), { launch: { objectives: ["D1.C1.O2"] } });
      const { driver, window } = await begin(lms);
      assert.ok(save(driver, change(1)));
      /** @param {boolean} on */
      const set = (on) => {
        if (fault === "throw" || fault === "empty") lms.faults.silent = on ? fault : "";
        else lms.faults[fault] = on;
        window.navigator.onLine = !(on && fault === "offline");
      };
      const objectives = [{ id: "D1.C1.O1", text: "Reconnaître", progress: 1, scaled: 0.9 }];
      set(true);
      const lost = [
        save(driver, change(2, { interactions: REPORTS })),
        save(driver, { ...LAST, state: "state-3", interactions: REPORTS, objectives }),
      ];
      // An LMS that always says yes cannot tell what went wrong: then only the state comes back.
      const isTold = !lms.profile.always_true || fault === "offline" || fault === "empty";
      if (isTold) assert.deepEqual(lost, [false, false]);
      set(false);
      assert.ok(save(driver, { ...LAST, interactions: REPORTS, objectives }));
      assert.ok(save(driver, { ...LAST, state: "state-10" }));
      driver.close(null);
      const { fields, completion } = lms.record();
      assert.equal(fields["cmi.suspend_data"], "state-10");
      if (isTold && !lms.profile.always_true) {
        assert.equal(completion, true);
        assert.deepEqual([fields["cmi.completion_status"], fields["cmi.success_status"]], ["completed", "passed"]);
        assert.equal(Number(fields["cmi.score.raw"]), 86.67);
        assert.equal(Number(fields["cmi.score.scaled"]), 0.8667);
        assert.equal(fields["cmi.interactions.0.learner_response"], "a[,]c");
        assert.equal(fields["cmi.interactions.0.result"], "correct");
        assert.equal(fields["cmi.interactions.2.type"], "numeric");
        assert.equal(fields["cmi.objectives.1.success_status"], "passed");
        assert.equal(Number(fields["cmi.objectives.1.score.scaled"]), 0.9);
      }
      assert.deepEqual(lms.violations, []);
    });
  }

  test(`${name}: a lost session says no until the page is loaded again`, async () => {
    const lms = createLms2004(profile(name));
    const { driver } = await begin(lms);
    assert.ok(save(driver, change(1)));
    lms.faults.session = true;
    const blind = lms.profile.always_true;
    assert.deepEqual([save(driver, change(2)), save(driver, change(3))], [blind, blind]);
    lms.relaunch();
    const again = await begin(lms);
    assert.ok(save(again.driver, change(4)));
    again.driver.close(change(5));
    assert.equal(field(lms, "suspend_data"), "state-5");
  });

  test(`${name}: a killed tab loses only what was not saved`, async () => {
    const lms = createLms2004(profile(name));
    const { driver } = await begin(lms);
    assert.ok(save(driver, change(1)));
    lms.kill();
    assert.equal(save(driver, change(2)), false);
    driver.close(change(3));
    lms.relaunch();
    const { opened } = await begin(lms);
    assert.equal(opened.state, lms.profile.keeps_suspend_data === "never" ? "" : "state-1");
  });

  for (const mode of /** @type {const} */ (["review", "browse"])) {
    test(`${name}: in ${mode} mode nothing is written but exit and session time`, async () => {
      const lms = createLms2004(profile(name), { launch: { mode } });
      if (lms.profile.readable !== "") return; // an LMS that does not tell its mode
      const { driver, opened } = await begin(lms);
      assert.equal(opened.mode, mode);
      assert.equal(save(driver, { ...LAST, interactions: REPORTS }), false);
      driver.close(LAST);
      const written = lms.transcript.filter((call) => call.name === "SetValue").map((call) => call.arguments[0]);
      assert.deepEqual([...new Set(written)].sort(), ["adl.nav.request", "cmi.exit", "cmi.session_time"]);
      assert.equal(last(lms, "adl.nav.request"), "exitAll");
      assert.equal(lms.transcript.at(-1)?.name, "Terminate");
      assert.deepEqual(lms.violations, []);
    });
  }

  test(`${name}: failed, then passed while offline: what the LMS has is not taken back`, async () => {
    const lms = createLms2004(profile(name), { launch: { passing: "0.8" } });
    const { driver, window } = await begin(lms);
    assert.ok(save(driver, change(1, { status: "failed", score: 50, completed: true })));
    assert.deepEqual([field(lms, "completion_status"), field(lms, "success_status")], ["completed", "failed"]);
    lms.faults.offline = true;
    window.navigator.onLine = false;
    assert.equal(save(driver, LAST), false);
    lms.faults.offline = false;
    window.navigator.onLine = true;
    assert.ok(save(driver, { ...LAST, state: "state-10" }));
    driver.close(null);
    assert.deepEqual([field(lms, "completion_status"), field(lms, "success_status")], ["completed", "passed"]);
    assert.deepEqual(lms.violations, []);
  });
}

test("completion waits for the verdict where there is one, and is never taken back", async () => {
  const lms = createLms2004(profile("strict"), { launch: { passing: "0.8" } });
  const { driver } = await begin(lms);
  assert.ok(save(driver, change(1, { completed: true, progress: 1 })));
  assert.deepEqual([field(lms, "completion_status"), field(lms, "progress_measure")], ["incomplete", "0.99"]);
  assert.ok(save(driver, change(2, { completed: false, status: "failed", score: 20 })));
  assert.deepEqual([field(lms, "completion_status"), field(lms, "success_status")], ["incomplete", "failed"]);
  assert.ok(save(driver, LAST));
  assert.ok(save(driver, change(3, { status: "passed", score: 90, completed: false, progress: 0.5 })));
  assert.deepEqual([field(lms, "completion_status"), field(lms, "progress_measure")], ["completed", "1"]);
});

test("without mastery a course is completed, and says nothing of success", async () => {
  const lms = createLms2004(profile("strict"));
  const { driver } = await begin(lms, READ);
  assert.ok(save(driver, change(1)));
  driver.close(change(2, { status: "completed", completed: true, score: 40 }));
  assert.deepEqual([field(lms, "completion_status"), field(lms, "success_status")], ["completed", undefined]);
  assert.equal(last(lms, "adl.nav.request"), "exitAll");
  lms.relaunch();
  const { opened } = await begin(lms, READ);
  assert.deepEqual([opened.status, opened.completed, opened.score], ["completed", true, 40]);
  lms.relaunch();
  const judged = await begin(lms);
  assert.deepEqual([judged.opened.status, judged.opened.completed], ["", true], "completed is not passed");
});

test("a grade just below mastery stays below when it is rounded", async () => {
  const lms = createLms2004(profile("strict"), { launch: { passing: "0.8" } });
  const { driver } = await begin(lms);
  assert.ok(save(driver, change(1, { status: "failed", score: 80, completed: true })));
  assert.deepEqual([field(lms, "score.scaled"), field(lms, "score.raw")], ["0.7999", "79.99"]);
  assert.equal(field(lms, "success_status"), "failed");
  assert.deepEqual(lms.violations, []);
});

test("the passing score of the LMS stands instead of the course's where they differ", async () => {
  for (const [passing, expected] of [
    ["0.8", undefined],
    ["0.5", 0.5],
    ["-0.2", undefined],
    ["", undefined],
  ]) {
    const lms = createLms2004(profile("strict"), { launch: { passing: String(passing) } });
    assert.equal((await begin(lms)).opened.mastery, expected, String(passing));
  }
  const read = createLms2004(profile("strict"), { launch: { passing: "0.5" } });
  assert.equal((await begin(read, READ)).opened.mastery, undefined, "where nothing is judged, no score is");
});

test("objectives are found by id, those that the LMS lacks are added, and what did not change is not sent", async () => {
  const lms = createLms2004(profile("strict"), { launch: { objectives: ["p-essai", "D1.C1.O2"] } });
  const { driver } = await begin(lms);
  const objectives = [
    { id: "D1.C1.O1", text: "Reconnaître", progress: 0.5, scaled: 0.25 },
    { id: "D1.C1.O2", text: "Alerter [,] vite", progress: 1, scaled: null },
  ];
  assert.ok(save(driver, change(1, { objectives })));
  const { fields } = lms.record();
  const of = (/** @type {number} */ n) =>
    Object.fromEntries(
      Object.entries(fields)
        .filter(([element]) => element.startsWith(`cmi.objectives.${n}.`))
        .map(([element, value]) => [element.slice(17), value]),
    );
  assert.deepEqual(of(0), { id: "p-essai" });
  assert.deepEqual(of(1), {
    id: "D1.C1.O2",
    description: "Alerter , vite",
    progress_measure: "1",
    completion_status: "completed",
  });
  assert.deepEqual(of(2), {
    id: "D1.C1.O1",
    description: "Reconnaître",
    "score.scaled": "0.25",
    "score.min": "0",
    "score.max": "100",
    "score.raw": "25",
    progress_measure: "0.5",
    completion_status: "incomplete",
  });
  const before = lms.transcript.length;
  assert.ok(save(driver, change(2, { objectives })));
  const again = lms.transcript.slice(before).filter((call) => String(call.arguments[0]).includes("objectives"));
  assert.deepEqual(again, []);
  lms.relaunch();
  const { driver: next } = await begin(lms);
  assert.ok(save(next, change(3, { objectives: [{ id: "D1.C1.O1", text: "Reconnaître", progress: 1, scaled: 0.8 }] })));
  assert.equal(field(lms, "objectives.2.success_status"), "passed");
  assert.equal(field(lms, "objectives._count"), undefined);
  assert.deepEqual(lms.violations, []);
});

test("a SCO among several leaves the way to the learner", async () => {
  const lms = createLms2004(profile("strict"));
  const { driver } = await begin(lms, { sco: true });
  driver.close(LAST);
  assert.equal(last(lms, "adl.nav.request"), undefined);
  assert.equal(field(lms, "exit"), "suspend");
});

test("score before status, both before the commit, the way out before Terminate", async () => {
  const lms = createLms2004(profile("strict"));
  const { driver } = await begin(lms);
  driver.close(LAST);
  const lines = lms.text().split("\n");
  const place = (/** @type {string} */ start) => lines.findIndex((line) => line.startsWith(start));
  const order = [
    'SetValue("cmi.score.raw"',
    'SetValue("cmi.completion_status", "completed")',
    'SetValue("cmi.success_status", "passed")',
    "Commit",
    'SetValue("adl.nav.request"',
    "Terminate",
  ].map(place);
  assert.deepEqual(
    order,
    [...order].sort((one, other) => one - other),
  );
  assert.ok(order.every((n) => n > 0));
});

test("two sessions add up, and the LMS's total is read in minutes", async () => {
  const lms = createLms2004(profile("strict"));
  for (const [total, minutes] of /** @type {[string, number][]} */ ([
    ["PT5400.25S", 0],
    ["PT10800.5S", 90],
  ])) {
    let clock = 1_000_000;
    const driver = create();
    const opened = await driver.open(around(lms), { ...options(() => clock), data: DATA });
    assert.equal(Math.round(opened?.minutes ?? NaN), minutes);
    clock += 5_400_256;
    driver.close(change(2));
    assert.equal(last(lms, "cmi.session_time"), "PT1H30M0.25S");
    assert.equal(field(lms, "total_time"), total);
    lms.relaunch();
  }
});

test("a page loaded again without Terminate goes on; an API that refuses is no API", async () => {
  const lms = createLms2004(profile("strict"));
  lms.API.Initialize("");
  const { driver } = await begin(lms);
  assert.ok(save(driver, change(1)));
  await assert.rejects(begin(createLms2004(profile("strict"), { faults: { silent: "throw" } })));
  const ended = createLms2004(profile("strict"));
  ended.API.Initialize("");
  ended.API.Terminate("");
  await assert.rejects(begin(ended));
});

test("an LMS without interactions or objectives is not asked for them", async () => {
  const lms = createLms2004(profile("strict", "counts: false"));
  const { driver, opened } = await begin(lms);
  assert.ok(Number.isNaN(opened.interactions));
  const objectives = [{ id: "D1.C1.O1", text: "", progress: 1, scaled: 1 }];
  assert.ok(save(driver, change(1, { objectives, interactions: REPORTS })));
  assert.equal(field(lms, "objectives.0.id"), undefined);
  assert.equal(field(lms, "interactions.0.id"), "q-choix");
});
