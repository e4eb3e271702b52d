/** The simulated LMS by itself: SCORM 1.2 RTE §3 in the strict profile, and what the other profiles change. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { parse } from "yaml";
import { createLms, memoryStore, readProfile, refusals } from "../../builder/lms/lms.js";

const folder = new URL("../../builder/lms/profiles/", import.meta.url);
const names = readdirSync(folder).map((file) => file.replace(".yml", ""));

/** @param {string} name */
const profile = (name) => readProfile(readFileSync(new URL(`${name}.yml`, folder), "utf8"));

/** An LMS whose content has begun. @param {string} [name] @param {Parameters<typeof createLms>[1]} [options] */
function begun(name = "strict", options = {}) {
  const lms = createLms(profile(name), options);
  assert.equal(lms.API.LMSInitialize(""), "true");
  return lms;
}

/**
 * Set a value and say which error it gave.
 * @param {ReturnType<typeof begun>} lms
 * @param {string} element
 * @param {unknown} value
 */
function setting(lms, element, value) {
  const answer = lms.API.LMSSetValue(element, value);
  const error = lms.API.LMSGetLastError();
  assert.equal(answer, String(error === "0"), element);
  return error;
}

/** @param {ReturnType<typeof begun>} lms @param {string} element */
function getting(lms, element) {
  const value = lms.API.LMSGetValue(element);
  const error = lms.API.LMSGetLastError();
  return error === "0" ? value : `error ${error}`;
}

/** @param {ReturnType<typeof begun>} lms @param {Record<string, string>} values */
function set(lms, values) {
  for (const [element, value] of Object.entries(values)) assert.equal(setting(lms, element, value), "0", element);
}

test("every profile reads, and a wrong key or type does not", () => {
  assert.ok(names.length >= 5);
  for (const name of names) assert.ok(profile(name).name.length > 0);
  assert.throws(() => readProfile("suspend_limit: 12"), /no such key/);
  assert.throws(() => readProfile("counts: maybe"), /type of value/);
  assert.throws(() => readProfile("  nested: true"), /not a line/);
});

test("a profile is YAML, and reads the same with a YAML library", () => {
  for (const name of names) {
    const written = parse(readFileSync(new URL(`${name}.yml`, folder), "utf8"));
    assert.deepEqual(profile(name), { ...profile("strict"), ...written }, name);
  }
});

test("strict.yml says what lms.js assumes", () => {
  assert.deepEqual(profile("strict"), readProfile(""));
});

test("§3.2: calls out of order", () => {
  const lms = createLms(profile("strict"));
  assert.equal(lms.API.LMSGetValue("cmi.core.student_id"), "");
  assert.equal(lms.API.LMSGetLastError(), "301");
  assert.equal(lms.API.LMSSetValue("cmi.core.exit", ""), "false");
  assert.equal(lms.API.LMSFinish(""), "false");
  assert.equal(lms.API.LMSInitialize("x"), "false");
  assert.equal(lms.API.LMSGetLastError(), "201");
  assert.equal(lms.API.LMSInitialize(""), "true");
  assert.equal(lms.API.LMSInitialize(""), "false");
  assert.equal(lms.API.LMSGetLastError(), "101");
  assert.equal(lms.API.LMSFinish(""), "true");
  assert.equal(lms.API.LMSCommit(""), "false");
  assert.equal(lms.API.LMSGetLastError(), "301");
  assert.equal(lms.API.LMSInitialize(""), "false");
  assert.equal(lms.API.LMSGetErrorString("405"), "Incorrect data type");
  assert.equal(lms.API.LMSGetDiagnostic("201"), "Invalid argument error");
});

test("§3.3: error codes of wrong names", () => {
  const lms = begun();
  for (const [element, error] of [
    ["", "201"],
    ["cmi.core.nothing", "201"],
    ["cmi.nothing.at.all", "401"],
    ["nothing", "401"],
    ["cmi.core.lesson_status._count", "203"],
    ["cmi.core.lesson_status._children", "202"],
    ["cmi.core.exit", "404"],
    ["cmi.core.session_time", "404"],
    ["cmi.interactions.0.id", "404"],
    ["cmi.objectives.0.id", "201"],
  ]) {
    assert.equal(getting(lms, String(element)), `error ${error}`, element);
  }
  assert.equal(setting(lms, "cmi.core._children", "x"), "402");
  assert.equal(setting(lms, "cmi.interactions._count", "1"), "402");
  assert.equal(setting(lms, "cmi.core.credit", "credit"), "403");
  assert.equal(setting(lms, "cmi.core.nothing", "1"), "201");
  assert.equal(lms.violations.length, 14);
});

test("§3.4: values, with the first that is refused", () => {
  const lms = begun();
  set(lms, { "cmi.interactions.0.id": "q-1" });
  /** @type {[string, string[], unknown[]][]} */
  const table = [
    ["cmi.core.lesson_status", ["passed", "browsed", "incomplete"], ["not attempted", "Passed", "", "unknown"]],
    ["cmi.core.exit", ["suspend", "time-out", ""], ["normal", "Suspend"]],
    ["cmi.core.score.raw", ["0", "100", "86.67", ""], ["100.01", "-1", "8,5", "abc", 80]],
    [
      "cmi.core.session_time",
      ["00:00:00", "0012:59:59.99", "99:00:00.5"],
      ["PT1H", "0:00:01", "00:00:01.123", "00:61:00", ""],
    ],
    ["cmi.core.lesson_location", ["", "x".repeat(255)], ["x".repeat(256)]],
    ["cmi.suspend_data", ["", "x".repeat(4096)], ["x".repeat(4097)]],
    ["cmi.student_preference.text", ["-1", "1"], ["2", "1.5"]],
    ["cmi.interactions.0.time", ["23:59:59", "00:00:00.25"], ["24:00:00", "1:00:00", "0100:00:00"]],
    ["cmi.interactions.0.type", ["choice", "true-false"], ["long-fill-in", "other", "Choice"]],
    ["cmi.interactions.0.weighting", ["1", "0.5", "-2"], ["", "one"]],
    ["cmi.interactions.0.result", ["correct", "wrong", "neutral", "0.5"], ["incorrect", ""]],
    ["cmi.interactions.0.latency", ["0000:00:10.00"], ["10"]],
    ["cmi.interactions.0.id", ["q-1.a"], ["", "q 1", "clé", "x".repeat(256)]],
  ];
  for (const [element, good, bad] of table) {
    for (const value of good) assert.equal(setting(lms, element, value), "0", `${element}=${value}`);
    for (const value of bad) assert.equal(setting(lms, element, value), "405", `${element}=${value}`);
  }
});

test("§3.4.7: responses and patterns follow the type", () => {
  const lms = begun();
  /** @type {[string, string[], string[]][]} */
  const table = [
    ["choice", ["a", "a,c", "0"], ["", "ab", "A", "a;b", "a, b"]],
    ["true-false", ["t", "false", "1"], ["x", ""]],
    ["numeric", ["3.5", "-2"], ["3,5", "", "1:2"]],
    ["likert", ["a", ""], ["ab"]],
    ["matching", ["1.c,2.a"], ["1-c", "a"]],
    ["sequencing", ["c,a,b"], ["cab", ""]],
    ["fill-in", ["", "un mot d'été\n", "x".repeat(255)], ["x".repeat(256)]],
  ];
  for (const [n, [type, good, bad]] of table.entries()) {
    set(lms, { [`cmi.interactions.${n}.id`]: `q${n}`, [`cmi.interactions.${n}.type`]: type });
    const element = `cmi.interactions.${n}.student_response`;
    for (const value of good) assert.equal(setting(lms, element, value), "0", `${type} ${value}`);
    for (const value of bad) assert.equal(setting(lms, element, value), "405", `${type} ${value}`);
  }
  assert.equal(setting(lms, "cmi.interactions.0.correct_responses.0.pattern", "{a,c}"), "0");
  assert.equal(setting(lms, "cmi.interactions.2.correct_responses.0.pattern", "3.4:3.6"), "0");
});

test("§3.4: arrays grow one by one", () => {
  const lms = begun();
  assert.equal(getting(lms, "cmi.interactions._count"), "0");
  assert.equal(setting(lms, "cmi.interactions.1.id", "q2"), "201");
  set(lms, { "cmi.interactions.0.id": "q1", "cmi.interactions.1.id": "q2" });
  assert.equal(getting(lms, "cmi.interactions._count"), "2");
  assert.equal(setting(lms, "cmi.interactions.0.correct_responses.1.pattern", "a"), "201");
  set(lms, { "cmi.interactions.0.correct_responses.0.pattern": "a" });
  assert.equal(getting(lms, "cmi.interactions.0.correct_responses._count"), "1");
  set(lms, { "cmi.objectives.0.id": "o1", "cmi.objectives.0.status": "not attempted" });
  assert.equal(getting(lms, "cmi.objectives.0.id"), "o1");
  assert.equal(setting(lms, "cmi.objectives.01.id", "o1"), "201");
});

test("what was committed is there at the next launch, what was not is lost", () => {
  const lms = begun();
  assert.equal(getting(lms, "cmi.core.entry"), "ab-initio");
  assert.equal(getting(lms, "cmi.core.lesson_status"), "not attempted");
  set(lms, { "cmi.core.lesson_status": "incomplete", "cmi.suspend_data": "one", "cmi.core.exit": "suspend" });
  assert.equal(lms.API.LMSCommit(""), "true");
  set(lms, { "cmi.suspend_data": "two" });
  const old = lms.API;
  lms.relaunch();
  assert.equal(old.LMSCommit(""), "");
  assert.equal(lms.API.LMSInitialize(""), "true");
  assert.equal(getting(lms, "cmi.suspend_data"), "one");
  assert.equal(getting(lms, "cmi.core.entry"), "resume");
  assert.equal(getting(lms, "cmi.core.lesson_status"), "incomplete");
});

test("a new attempt starts empty, the old one is kept", () => {
  const lms = begun();
  set(lms, { "cmi.suspend_data": "one" });
  lms.API.LMSFinish("");
  lms.newAttempt();
  lms.API.LMSInitialize("");
  assert.equal(getting(lms, "cmi.suspend_data"), "");
  assert.equal(getting(lms, "cmi.core.entry"), "ab-initio");
  assert.equal(lms.attempts()[0]?.fields["cmi.suspend_data"], "one");
});

test("total_time grows at LMSFinish only, by the session", () => {
  const lms = begun();
  for (const total of ["0000:00:10.50", "0000:00:21.00"]) {
    set(lms, { "cmi.core.session_time": "0000:00:10.50" });
    lms.API.LMSFinish("");
    lms.relaunch();
    lms.API.LMSInitialize("");
    assert.equal(getting(lms, "cmi.core.total_time"), total);
  }
  set(lms, { "cmi.core.session_time": "01:00:00" });
  lms.API.LMSCommit("");
  lms.relaunch();
  lms.API.LMSInitialize("");
  assert.equal(getting(lms, "cmi.core.total_time"), "0000:00:21.00");
});

test("an untouched status becomes completed at LMSFinish, not in Open edX", () => {
  for (const [name, status] of /** @type {[string, string?][]} */ ([
    ["strict", "completed"],
    ["moodle", "completed"],
    ["openedx"],
  ])) {
    const lms = begun(name);
    lms.API.LMSFinish("");
    assert.equal(lms.record().fields["cmi.core.lesson_status"], status, name);
  }
});

test("a mastery score decides at LMSFinish; in Moodle even over incomplete", () => {
  /** @type {[string, string, string, string][]} */
  const table = [
    ["strict", "completed", "79", "failed"],
    ["strict", "failed", "80", "passed"],
    ["strict", "incomplete", "10", "incomplete"],
    ["moodle", "incomplete", "10", "failed"],
    ["moodle", "incomplete", "95", "passed"],
    ["openedx", "completed", "10", "completed"],
  ];
  for (const [name, status, raw, judged] of table) {
    const lms = begun(name, { launch: { mastery: "80" } });
    set(lms, { "cmi.core.score.raw": raw, "cmi.core.lesson_status": status });
    lms.API.LMSCommit("");
    assert.equal(lms.record().fields["cmi.core.lesson_status"], status);
    lms.API.LMSFinish("");
    assert.equal(lms.record().fields["cmi.core.lesson_status"], judged, `${name} ${status} ${raw}`);
  }
});

test("review mode: strict stores neither status nor score, Moodle stores all; both are violations", () => {
  for (const [name, kept] of [
    ["strict", "passed"],
    ["moodle", "incomplete"],
  ]) {
    const lms = begun(name);
    set(lms, { "cmi.core.score.raw": "80", "cmi.core.lesson_status": "passed" });
    lms.API.LMSFinish("");
    assert.deepEqual(lms.violations, []);
    lms.relaunch({ mode: name === "strict" ? "review" : undefined });
    lms.API.LMSInitialize("");
    assert.equal(getting(lms, "cmi.core.lesson_mode"), "review");
    assert.equal(getting(lms, "cmi.core.credit"), "no-credit");
    set(lms, { "cmi.core.session_time": "00:00:01", "cmi.core.exit": "" });
    assert.deepEqual(lms.violations, []);
    set(lms, { "cmi.core.lesson_status": "incomplete" });
    lms.API.LMSFinish("");
    assert.equal(lms.record().fields["cmi.core.lesson_status"], kept);
    assert.equal(lms.violations.length, 2);
  }
});

test("Moodle: a value counts as sent though the request failed; only a change is sent again", () => {
  const lms = begun("moodle");
  set(lms, { "cmi.core.lesson_status": "incomplete", "cmi.suspend_data": "one" });
  lms.faults.offline = true;
  assert.equal(lms.API.LMSCommit(""), "true");
  assert.equal(lms.API.LMSGetLastError(), "0");
  lms.faults.offline = false;
  set(lms, { "cmi.suspend_data": "one" });
  lms.API.LMSCommit("");
  assert.equal(lms.record().fields["cmi.suspend_data"], undefined);
  set(lms, { "cmi.suspend_data": "two" });
  lms.API.LMSCommit("");
  assert.deepEqual(lms.record().fields, { "cmi.suspend_data": "two" });
});

test("strict: a failed commit answers false and is made good by the next", () => {
  for (const fault of /** @type {const} */ (["offline", "server", "session", "full"])) {
    const lms = begun();
    set(lms, { "cmi.suspend_data": "one" });
    lms.faults[fault] = true;
    assert.equal(lms.API.LMSCommit(""), "false");
    assert.equal(lms.API.LMSGetLastError(), "101");
    lms.faults[fault] = false;
    assert.equal(lms.API.LMSCommit(""), "true");
    assert.equal(lms.record().fields["cmi.suspend_data"], "one", fault);
    assert.deepEqual(lms.violations, []);
  }
});

test("a lost session stays lost until the page is loaded again", () => {
  const lms = begun("moodle", { faults: { session: true } });
  assert.equal(lms.API.LMSCommit(""), "false");
  lms.relaunch();
  lms.API.LMSInitialize("");
  assert.equal(lms.API.LMSCommit(""), "true");
});

test("a commit that lies, an LMS that is silent, a slow one", () => {
  const lms = begun("strict", { faults: { lies: true } });
  set(lms, { "cmi.suspend_data": "one" });
  assert.equal(lms.API.LMSCommit(""), "true");
  assert.deepEqual(lms.record().fields, {});
  lms.faults.silent = "empty";
  assert.equal(lms.API.LMSCommit(""), "");
  lms.faults.silent = "throw";
  assert.throws(() => lms.API.LMSGetValue("cmi.suspend_data"));
  lms.faults.silent = "";
  lms.faults.slow = 20;
  const start = performance.now();
  lms.API.LMSCommit("");
  assert.ok(performance.now() - start >= 20);
});

test("a killed page reaches no one", () => {
  const lms = begun();
  set(lms, { "cmi.suspend_data": "one" });
  lms.kill();
  assert.equal(lms.API.LMSCommit(""), "");
  assert.deepEqual(lms.record().fields, {});
  assert.equal(lms.transcript.at(-1)?.name, "LMSGetLastError");
});

test("a page that goes away sends by beacon, and no more than 64 kB", () => {
  for (const [length, stored] of /** @type {[number, boolean][]} */ ([
    [60_000, true],
    [64_000, false],
  ])) {
    const lms = begun("moodle");
    set(lms, {
      "cmi.core.lesson_status": "incomplete",
      "cmi.suspend_data": "x".repeat(length),
      "cmi.comments": "é".repeat(500),
    });
    lms.leave();
    assert.equal(lms.API.LMSFinish(""), "true");
    assert.equal("cmi.suspend_data" in lms.record().fields, stored, String(length));
  }
});

test("Moodle: the first commit of a launch sends all interactions again, and a beacon may be too small for it", () => {
  for (const [early, stored] of /** @type {[boolean, string][]} */ ([
    [true, "two"],
    [false, "one"],
  ])) {
    const lms = begun("moodle");
    for (let n = 0; n < 1000; n += 1) {
      set(lms, { [`cmi.interactions.${n}.id`]: `q-${n}`, [`cmi.interactions.${n}.result`]: "correct" });
    }
    set(lms, { "cmi.core.lesson_status": "incomplete", "cmi.suspend_data": "one" });
    lms.API.LMSFinish("");
    lms.relaunch();
    lms.API.LMSInitialize("");
    if (early) lms.API.LMSCommit("");
    set(lms, { "cmi.suspend_data": "two" });
    lms.leave();
    lms.API.LMSFinish("");
    assert.equal(lms.record().fields["cmi.suspend_data"], stored);
  }
});

test("Moodle: a second LMSInitialize forgets, and throws once interactions were committed", () => {
  const lms = begun("moodle");
  set(lms, { "cmi.suspend_data": "one" });
  assert.equal(lms.API.LMSInitialize(""), "false");
  assert.equal(getting(lms, "cmi.suspend_data"), "");
  set(lms, { "cmi.interactions.0.id": "q" });
  lms.API.LMSCommit("");
  assert.throws(() => lms.API.LMSInitialize(""), TypeError);
});

test("Moodle: a commit before any status stores not attempted, over another tab's status", () => {
  const lms = begun("moodle");
  const other = lms.open();
  other.API.LMSInitialize("");
  set(lms, { "cmi.core.lesson_status": "incomplete" });
  lms.API.LMSCommit("");
  other.API.LMSSetValue("cmi.core.lesson_location", "x");
  other.API.LMSCommit("");
  assert.deepEqual(lms.record().fields, { "cmi.core.lesson_status": "not attempted", "cmi.core.lesson_location": "x" });
  assert.equal(getting(lms, "cmi.core.lesson_status"), "incomplete");
});

test("Moodle 4.3.0: completion follows a later change of score", () => {
  const lms = begun("moodle");
  set(lms, { "cmi.core.lesson_status": "incomplete" });
  lms.API.LMSCommit("");
  set(lms, { "cmi.core.score.raw": "80", "cmi.core.lesson_status": "passed" });
  lms.API.LMSCommit("");
  assert.equal(lms.record().completion, false);
  set(lms, { "cmi.core.score.raw": "80.0" });
  lms.API.LMSCommit("");
  assert.equal(lms.record().completion, true);
});

test("limits: Moodle 64,000, in standards mode 4,096", () => {
  for (const [name, limit] of /** @type {[string, number][]} */ ([
    ["moodle", 64_000],
    ["moodle-strict", 4096],
  ])) {
    const lms = begun(name);
    assert.equal(setting(lms, "cmi.suspend_data", "x".repeat(limit)), "0");
    assert.equal(setting(lms, "cmi.suspend_data", "y".repeat(limit + 1)), "405");
    assert.equal(getting(lms, "cmi.suspend_data"), "x".repeat(limit));
  }
});

test("Blackboard takes what is too long and loses the whole save; completed closes the attempt", () => {
  const long = begun("blackboard");
  set(long, { "cmi.suspend_data": "x".repeat(4097), "cmi.core.score.raw": "80" });
  assert.equal(long.API.LMSCommit(""), "true");
  assert.deepEqual(long.record().fields, {});
  const lms = begun("blackboard");
  set(lms, { "cmi.core.lesson_status": "completed" });
  lms.API.LMSCommit("");
  set(lms, { "cmi.core.score.raw": "80" });
  assert.equal(lms.API.LMSCommit(""), "true");
  assert.equal(lms.record().fields["cmi.core.score.raw"], undefined);
});

test("Canvas forgets the saved state; other LMSs unless it was suspended", () => {
  const forgetful = readProfile("keeps_suspend_data: suspended");
  for (const [kind, exit, value] of /** @type {[typeof forgetful, string, string][]} */ ([
    [profile("canvas"), "suspend", ""],
    [forgetful, "", ""],
    [forgetful, "suspend", "one"],
  ])) {
    const lms = createLms(kind);
    lms.API.LMSInitialize("");
    set(lms, { "cmi.suspend_data": "one", "cmi.core.exit": exit });
    lms.API.LMSFinish("");
    lms.relaunch();
    lms.API.LMSInitialize("");
    assert.equal(getting(lms, "cmi.suspend_data"), value);
  }
});

test("Cornerstone answers null while the page goes away, and stores", () => {
  const lms = begun("cornerstone");
  set(lms, { "cmi.suspend_data": "one" });
  lms.leave();
  assert.equal(lms.API.LMSCommit(""), null);
  assert.equal(lms.record().fields["cmi.suspend_data"], "one");
});

test("Open edX: every call is true, most reads are empty, each value is stored when set", () => {
  const lms = begun("openedx");
  assert.equal(lms.API.LMSSetValue("cmi.core.lesson_status", "nonsense"), "true");
  assert.equal(lms.API.LMSGetLastError(), "0");
  set(lms, { "cmi.core.lesson_status": "passed", "cmi.suspend_data": "one" });
  assert.equal(lms.record().fields["cmi.core.lesson_status"], "passed");
  for (const element of ["core.lesson_status", "core.entry", "core.lesson_mode", "interactions._count"]) {
    assert.equal(getting(lms, `cmi.${element}`), "");
  }
  assert.equal(getting(lms, "cmi.suspend_data"), "one");
});

test("Chamilo: nothing is stored before LMSFinish, and entry is always ab-initio", () => {
  const lms = begun("chamilo");
  set(lms, { "cmi.suspend_data": "one", "cmi.core.exit": "suspend" });
  assert.equal(lms.API.LMSCommit(""), "true");
  assert.deepEqual(lms.record().fields, {});
  lms.API.LMSFinish("");
  lms.relaunch();
  lms.API.LMSInitialize("");
  assert.equal(getting(lms, "cmi.suspend_data"), "one");
  assert.equal(getting(lms, "cmi.core.entry"), "ab-initio");
});

test("an LMS begun anew on the same store goes on where the other stopped", () => {
  const store = memoryStore();
  set(begun("strict", { store }), { "cmi.suspend_data": "lost" });
  const first = begun("strict", { store });
  set(first, { "cmi.suspend_data": "one" });
  first.API.LMSFinish("");
  assert.equal(getting(begun("strict", { store }), "cmi.suspend_data"), "one");
  assert.equal(getting(begun("strict", { store, launch: { course: "other" } }), "cmi.suspend_data"), "");
});

test("lesson_status that falls and exit=logout are violations", () => {
  const lms = begun();
  set(lms, { "cmi.core.lesson_status": "failed" });
  set(lms, { "cmi.core.lesson_status": "passed" });
  lms.API.LMSCommit("");
  assert.deepEqual(lms.violations, []);
  set(lms, { "cmi.core.lesson_status": "completed" });
  set(lms, { "cmi.core.exit": "logout" });
  assert.deepEqual(lms.violations, ["lesson_status fell from passed to completed", "exit=logout logs the learner out"]);
});

test("the transcript is text, with times and states masked", () => {
  const lms = begun();
  set(lms, { "cmi.core.session_time": "00:00:10", "cmi.suspend_data": "AbC", "cmi.core.exit": "suspend" });
  lms.API.LMSGetValue("cmi.suspend_data");
  lms.API.LMSSetValue("cmi.core.score.raw", "101");
  const lines = lms
    .text()
    .split("\n")
    .filter((line) => !line.startsWith("LMSGetLastError"));
  assert.deepEqual(lines, [
    'LMSInitialize("") → "true"',
    'LMSSetValue("cmi.core.session_time", <time>) → "true"',
    'LMSSetValue("cmi.suspend_data", <state>) → "true"',
    'LMSSetValue("cmi.core.exit", "suspend") → "true"',
    'LMSGetValue("cmi.suspend_data") → <state>',
    'LMSSetValue("cmi.core.score.raw", "101") → "false" (405)',
  ]);
});

test("wagtail-lms: no LMSFinish, nothing counts, and what is sent between two commits arrives the other way round", () => {
  const lms = begun("wagtail-lms");
  assert.equal("LMSFinish" in lms.API, false);
  assert.equal(lms.API.LMSGetValue("cmi.interactions._count"), "");
  assert.equal(lms.API.LMSGetValue("cmi.core.entry"), "ab-initio");
  lms.API.LMSSetValue("cmi.suspend_data", "one");
  assert.deepEqual(lms.record().fields, {}, "under way");
  lms.API.LMSSetValue("cmi.suspend_data", "two");
  lms.API.LMSCommit("");
  assert.equal(lms.record().fields["cmi.suspend_data"], "one");
  lms.API.LMSSetValue("cmi.suspend_data", "two");
  assert.equal(lms.API.LMSGetValue("cmi.suspend_data"), "two", "reading waits for what was sent");
  lms.faults.session = true;
  assert.equal(lms.API.LMSSetValue("cmi.suspend_data", "lost"), "true");
  assert.throws(() => lms.API.LMSGetValue("cmi.suspend_data"));
  lms.faults.session = false;
  assert.equal(lms.API.LMSGetValue("cmi.suspend_data"), "two");
  lms.API.LMSSetValue("cmi.suspend_data", "three");
  lms.leave();
  assert.equal(lms.API.LMSSetValue("cmi.suspend_data", "four"), "false", "the page has ended the session");
  lms.relaunch();
  assert.equal(lms.API.LMSSetValue("cmi.suspend_data", "early"), "false");
  assert.equal(lms.API.LMSInitialize(""), "true");
  assert.equal(lms.API.LMSInitialize(""), "false");
  assert.equal(lms.API.LMSGetValue("cmi.suspend_data"), "three", "what was sent arrives though the tab is gone");
  assert.equal(lms.API.LMSGetValue("cmi.core.entry"), "ab-initio");
});

test("ILIAS: each value is a call of the server", () => {
  const lms = begun("ilias");
  set(lms, { "cmi.suspend_data": "one" });
  assert.equal(lms.record().fields["cmi.suspend_data"], "one");
  lms.faults.server = true;
  assert.equal(setting(lms, "cmi.suspend_data", "two"), "101");
  assert.equal(lms.API.LMSCommit(""), "false");
  lms.faults.server = false;
  assert.equal(lms.API.LMSCommit(""), "true");
  assert.equal(lms.record().fields["cmi.suspend_data"], "two");
});

test("KnowBe4: one error of the content's, and the package is refused; the server's errors are not its own", () => {
  const lms = begun("knowbe4");
  lms.faults.server = true;
  assert.equal(lms.API.LMSCommit(""), "false");
  lms.faults.server = false;
  assert.equal(lms.relaunch().LMSInitialize(""), "true");
  assert.equal(setting(lms, "cmi.core.lesson_status", "not attempted"), "405");
  assert.equal(lms.relaunch().LMSInitialize(""), "false");
});

test("SCORM Cloud: the mastery score judges only where the content set no status", () => {
  for (const [status, judged] of /** @type {const} */ ([
    ["", "failed"],
    ["passed", "passed"],
    ["incomplete", "incomplete"],
  ])) {
    const lms = begun("scormcloud", { launch: { mastery: "80" } });
    set(lms, { "cmi.core.score.raw": "50", ...(status && { "cmi.core.lesson_status": status }) });
    lms.API.LMSFinish("");
    assert.equal(lms.record().fields["cmi.core.lesson_status"], judged);
  }
});

test("a new version of the package: what is left of the record, and where an open page writes", () => {
  const kept = { strict: [true, true], totara: [true, false], moodle: [true, false], scormcloud: [false, false] };
  for (const [name, expected] of Object.entries(kept)) {
    const found = [true, false].map((isSameItem) => {
      const lms = begun(name);
      set(lms, { "cmi.suspend_data": "kept" });
      lms.API.LMSCommit("");
      lms.replace(isSameItem);
      set(lms, { "cmi.core.lesson_location": "open" });
      lms.API.LMSCommit("");
      assert.equal(lms.attempts()[0]?.fields["cmi.core.lesson_location"], "open");
      lms.relaunch().LMSInitialize("");
      return lms.API.LMSGetValue("cmi.suspend_data") === "kept";
    });
    assert.deepEqual(found, expected, name);
  }
});

test("360Learning: what it does not import", () => {
  const plain = { scos: 1, methods: [0, 8], opensWindow: false };
  for (const name of names) assert.deepEqual(refusals(profile(name), plain), [], name);
  const odd = { scos: 2, methods: [8, 93], opensWindow: true };
  assert.deepEqual(refusals(profile("360learning"), odd), ["several_scos", "zip_methods", "popups"]);
});
