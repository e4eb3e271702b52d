/** The simulated SCORM 2004 LMS by itself: RTE §3.1.7 and §4 in the strict profile, and what other profiles change. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { readProfile } from "../../builder/lms/lms.js";
import { createLms2004, STRICT_2004 } from "../../builder/lms/lms2004.js";

const folder = new URL("../../builder/lms/profiles2004/", import.meta.url);
/** @param {string} name @param {string} [changed] lines of a profile */
const profile = (name, changed = "") =>
  readProfile(changed, readProfile(readFileSync(new URL(`${name}.yml`, folder), "utf8"), STRICT_2004));

/** @param {Parameters<typeof createLms2004>[1]} [options] @param {string} [name] @param {string} [changed] */
function begin(options = {}, name = "strict", changed = "") {
  const lms = createLms2004(profile(name, changed), options);
  assert.equal(lms.API.Initialize(""), "true");
  return lms;
}
/** @param {ReturnType<typeof createLms2004>} lms @param {string} element @param {unknown} value @returns {string} the error */
function set(lms, element, value) {
  lms.API.SetValue(element, value);
  return lms.API.GetLastError();
}
/** @param {ReturnType<typeof createLms2004>} lms @param {string} element @returns {string[]} value and error */
const get = (lms, element) => [lms.API.GetValue(element), lms.API.GetLastError()];

test("every profile is one, and the strict one holds every key as it is in the code", () => {
  for (const file of readdirSync(folder)) assert.notEqual(profile(file.replace(".yml", "")).name, "", file);
  const text = readFileSync(new URL("strict.yml", folder), "utf8");
  const keys = [...text.matchAll(/^([a-z_]+):/gm)].map((found) => found[1]);
  assert.deepEqual(keys, Object.keys(STRICT_2004));
  assert.deepEqual(profile("strict"), STRICT_2004);
  assert.throws(() => profile("strict", "second_finish: refuse"), /no such key/);
});

test("§3.1.7: functions out of turn, each with its own error", () => {
  const lms = createLms2004(profile("strict"));
  const { API } = lms;
  assert.equal(API.version, "1.0");
  for (const [answer, error] of [
    [API.GetValue("cmi.mode"), "122"],
    [API.SetValue("cmi.location", "1"), "132"],
    [API.Commit(""), "142"],
    [API.Terminate(""), "112"],
    [API.Initialize("x"), "201"],
  ]) {
    assert.ok(answer === "" || answer === "false");
    assert.ok(
      lms.transcript.some((call) => call.error === error),
      error,
    );
  }
  assert.equal(API.Initialize(""), "true");
  assert.deepEqual([API.Initialize(""), API.GetLastError()], ["false", "103"]);
  assert.deepEqual([API.Commit("x"), API.GetLastError()], ["false", "201"]);
  assert.equal(API.Terminate(""), "true");
  assert.deepEqual([API.GetValue("cmi.mode"), API.GetLastError()], ["", "123"]);
  assert.deepEqual([API.SetValue("cmi.location", "1"), API.GetLastError()], ["false", "133"]);
  assert.deepEqual([API.Commit(""), API.GetLastError()], ["false", "143"]);
  assert.deepEqual([API.Terminate(""), API.GetLastError()], ["false", "113"]);
  assert.deepEqual([API.Initialize(""), API.GetLastError()], ["false", "104"]);
  assert.equal(API.GetErrorString("403"), "Data model element value not initialized");
  assert.ok(lms.violations.length >= 8);
});

test("§4.1: names, access, what was never set, lists, what hangs on something else", () => {
  const lms = begin({ launch: { objectives: ["o-1"] } });
  /** @type {[string, string, string][]} */
  const reads = [
    ["", "", "301"],
    ["cmi.core.lesson_status", "", "401"],
    ["cmi.suspend_data", "", "403"],
    ["cmi.score.scaled", "", "403"],
    ["cmi.scaled_passing_score", "", "403"],
    ["cmi.exit", "", "405"],
    ["cmi.completion_status", "unknown", "0"],
    ["cmi.success_status", "unknown", "0"],
    ["cmi.entry", "ab-initio", "0"],
    ["cmi.objectives._count", "1", "0"],
    ["cmi.objectives.0.id", "o-1", "0"],
    ["cmi.objectives.0.success_status", "unknown", "0"],
    ["cmi.objectives.1.id", "", "301"],
    ["cmi.interactions._count", "0", "0"],
    ["cmi.score._children", "scaled,raw,min,max", "0"],
    ["cmi.location._count", "", "301"],
    ["cmi.nothing._children", "", "401"],
    ["adl.nav.request_valid.continue", "unknown", "0"],
  ];
  for (const [element, value, error] of reads) assert.deepEqual(get(lms, element), [value, error], element);
  /** @type {[string, unknown, string][]} */
  const writes = [
    ["", "x", "351"],
    ["cmi.core.exit", "x", "401"],
    ["cmi.mode", "normal", "404"],
    ["cmi.score._children", "x", "404"],
    ["cmi.interactions.1.id", "x", "351"],
    ["cmi.interactions.0.type", "choice", "408"],
    ["cmi.interactions.0.id", "q", "0"],
    ["cmi.interactions.0.learner_response", "a", "408"],
    ["cmi.interactions.0.correct_responses.0.pattern", "a", "408"],
    ["cmi.interactions.0.type", "choice", "0"],
    ["cmi.interactions.0.correct_responses.1.pattern", "a", "351"],
    ["cmi.interactions.0.id", "other", "351"],
    ["cmi.objectives.1.id", "o-1", "351"],
    ["cmi.objectives.0.id", "o-2", "351"],
    ["cmi.objectives.1.progress_measure", "0.5", "408"],
  ];
  for (const [element, value, error] of writes) assert.equal(set(lms, element, value), error, `${element} ${value}`);
});

test("§4.2: types and ranges", () => {
  const lms = begin();
  const ids = ["true-false", "choice", "fill-in", "matching", "performance", "numeric", "likert", "long-fill-in"];
  ids.forEach((type, n) => {
    assert.equal(set(lms, `cmi.interactions.${n}.id`, `q-${type}`), "0");
    assert.equal(set(lms, `cmi.interactions.${n}.type`, type), "0");
  });
  const long = "x".repeat(64_000);
  const some = Array.from({ length: 36 }, (_, n) => `l${n}`);
  /** @type {[string, unknown, string][]} */
  const writes = [
    ["cmi.completion_status", "passed", "406"],
    ["cmi.completion_status", "not attempted", "0"],
    ["cmi.success_status", "completed", "406"],
    ["cmi.score.scaled", "1.5", "407"],
    ["cmi.score.scaled", "-1", "0"],
    ["cmi.score.scaled", "0,5", "406"],
    ["cmi.score.scaled", 0.5, "406"],
    ["cmi.score.raw", "-12.25", "0"],
    ["cmi.progress_measure", "1.01", "407"],
    ["cmi.exit", "suspend", "0"],
    ["cmi.exit", "quit", "406"],
    ["cmi.session_time", "PT1H30M5.25S", "0"],
    ["cmi.session_time", "01:30:05", "406"],
    ["cmi.session_time", "PT5.255S", "406"],
    ["cmi.location", "x".repeat(1000), "0"],
    ["cmi.location", "x".repeat(1001), "406"],
    ["cmi.suspend_data", long, "0"],
    ["cmi.suspend_data", `${long}x`, "406"],
    ["adl.nav.request", "suspendAll", "0"],
    ["adl.nav.request", "{target=I-1}choice", "0"],
    ["adl.nav.request", "leave", "406"],
    ["cmi.interactions.0.learner_response", "t", "406"],
    ["cmi.interactions.0.learner_response", "true", "0"],
    ["cmi.interactions.1.learner_response", "a[,]b", "0"],
    ["cmi.interactions.1.learner_response", "a[,]a", "406"],
    ["cmi.interactions.1.learner_response", some.join("[,]"), "0"],
    ["cmi.interactions.1.learner_response", [...some, "l36"].join("[,]"), "351"],
    ["cmi.interactions.2.learner_response", "{lang=fr-FR}une réponse", "0"],
    ["cmi.interactions.2.learner_response", "{une} réponse", "406"],
    ["cmi.interactions.2.correct_responses.0.pattern", "{case_matters=true}pH", "0"],
    ["cmi.interactions.3.learner_response", "a[.]x[,]b[.]y", "0"],
    ["cmi.interactions.3.learner_response", "a.x,b.y", "406"],
    ["cmi.interactions.4.learner_response", "a[.]b[,]b[.]c", "0"],
    ["cmi.interactions.5.learner_response", "3,5", "406"],
    ["cmi.interactions.5.correct_responses.0.pattern", "3.4[:]3.6", "0"],
    ["cmi.interactions.5.correct_responses.1.pattern", "5[:]6", "351"],
    ["cmi.interactions.6.learner_response", "b", "0"],
    ["cmi.interactions.7.learner_response", "x".repeat(4001), "406"],
    ["cmi.interactions.0.result", "wrong", "406"],
    ["cmi.interactions.0.result", "0.25", "0"],
    ["cmi.interactions.0.timestamp", "2027-03-02T13:40:05", "0"],
    ["cmi.interactions.0.timestamp", "13:40:05", "406"],
    ["cmi.interactions.0.description", "x".repeat(251), "406"],
  ];
  for (const [element, value, error] of writes) assert.equal(set(lms, element, value), error, `${element} ${value}`);
  assert.equal(lms.violations.length, writes.filter(([, , error]) => error !== "0").length);
});

test("§4.2.22.1, §4.2.4.1: the LMS judges by the score and the progress, where the manifest says so", () => {
  const lms = begin({ launch: { passing: "0.8", threshold: "1" } });
  set(lms, "cmi.success_status", "passed");
  assert.deepEqual(get(lms, "cmi.success_status"), ["passed", "0"]);
  set(lms, "cmi.score.scaled", "0.79");
  set(lms, "cmi.progress_measure", "0.5");
  set(lms, "cmi.completion_status", "completed");
  assert.deepEqual(get(lms, "cmi.success_status"), ["failed", "0"]);
  assert.deepEqual(get(lms, "cmi.completion_status"), ["incomplete", "0"]);
  lms.API.Commit("");
  assert.equal(lms.record().fields["cmi.success_status"], "failed");
  assert.ok(lms.violations.some((one) => one.includes("score.raw undefined")));
  assert.ok(lms.violations.some((one) => one.includes("success_status passed, and the score says failed")));
  const moodle = begin({ launch: { passing: "0.8" } }, "moodle");
  set(moodle, "cmi.success_status", "passed");
  set(moodle, "cmi.score.scaled", "0.1");
  assert.deepEqual(get(moodle, "cmi.success_status"), ["passed", "0"]);
});

test("§2.1.1: what is suspended comes back, what is not begins anew", () => {
  const lms = begin();
  set(lms, "cmi.suspend_data", "state");
  set(lms, "cmi.exit", "suspend");
  set(lms, "cmi.session_time", "PT90S");
  lms.API.Terminate("");
  lms.relaunch();
  lms.API.Initialize("");
  assert.deepEqual([get(lms, "cmi.entry")[0], get(lms, "cmi.suspend_data")[0]], ["resume", "state"]);
  assert.equal(get(lms, "cmi.total_time")[0], "PT90S");
  set(lms, "cmi.exit", "normal");
  lms.API.Terminate("");
  lms.relaunch();
  lms.API.Initialize("");
  assert.deepEqual([get(lms, "cmi.entry")[0], get(lms, "cmi.suspend_data")[1]], ["ab-initio", "403"]);
  assert.equal(lms.attempts().length, 2);
});

test("what content must never do is noted: out of mode, downwards", () => {
  const lms = begin({ launch: { mode: "review" } });
  set(lms, "cmi.location", "x");
  set(lms, "cmi.exit", "suspend");
  assert.deepEqual(lms.violations, ["cmi.location was written in review mode"]);
  const other = begin();
  set(other, "cmi.completion_status", "completed");
  other.API.Commit("");
  set(other, "cmi.completion_status", "incomplete");
  assert.deepEqual(other.violations, ["cmi.completion_status fell from completed to incomplete"]);
});

test("products: always yes, no zones, errors that block, what a second window forgets", () => {
  const edx = begin({}, "openedx");
  assert.equal(set(edx, "cmi.nothing", "x"), "0");
  assert.deepEqual(get(edx, "cmi.success_status"), ["", "0"]);
  const canvas = begin({}, "canvas");
  set(canvas, "cmi.interactions.0.id", "q");
  assert.equal(set(canvas, "cmi.interactions.0.timestamp", "2027-03-02T13:40:05.0Z"), "406");
  const strict = begin({}, "knowbe4");
  set(strict, "cmi.nothing", "x");
  strict.relaunch();
  assert.deepEqual([strict.API.Initialize(""), strict.API.GetLastError()], ["false", "102"]);
  const moodle = begin({}, "moodle");
  moodle.faults.offline = true;
  set(moodle, "cmi.location", "x");
  assert.equal(moodle.API.Commit(""), "true");
  moodle.faults.offline = false;
  moodle.API.Commit("");
  assert.equal(moodle.record().fields["cmi.location"], undefined, "it counts as sent");
  const server = begin({ faults: { server: true } });
  set(server, "cmi.location", "x");
  assert.deepEqual([server.API.Commit(""), server.API.GetLastError()], ["false", "391"]);
});

test("several SCOs have a record each", () => {
  const lms = begin({ launch: { sco: "1" } });
  set(lms, "cmi.location", "one");
  lms.API.Commit("");
  lms.leave();
  lms.choose("4");
  assert.equal(lms.API.Initialize(""), "true");
  assert.deepEqual(get(lms, "cmi.location"), ["", "403"]);
  assert.equal(lms.record("1").fields["cmi.location"], "one");
  assert.deepEqual(lms.record("4").fields, {});
});
