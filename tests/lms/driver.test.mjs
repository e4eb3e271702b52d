/** The SCORM 1.2 driver against every profile of the simulated LMS and every fault, without a browser. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { createLms, readProfile } from "../../builder/lms/lms.js";
import { create } from "../../builder/runtime/drivers/scorm12.js";
import { nothing, options } from "../runtime/fakes.mjs";

/** @import {Change, Driver, Interaction, InteractionReport, Opened, Question} from "../../builder/runtime/types.d.ts" */
/** @typedef {ReturnType<typeof createLms>} Lms */

const folder = new URL("../../builder/lms/profiles/", import.meta.url);
const names = readdirSync(folder).map((file) => file.replace(".yml", ""));
/** @param {string} name @param {string} [changed] lines of a profile */
const profile = (name, changed = "") => {
  return readProfile(changed, readProfile(readFileSync(new URL(`${name}.yml`, folder), "utf8")));
};

/** @type {(id: string, type: Interaction["type"], more?: Partial<Interaction>) => Interaction} */
const interaction = (id, type, more = {}) => ({ id, type, letter: "", weight: 1, ...more });
const CHOICE = interaction("q-choix", "choice", { choices: ["a", "b", "c"], multiple: true, right: ["a", "c"] });
const TEXT = interaction("q-trous.a", "fill-in", { letter: "a", accept: ["MSSanté", "é".repeat(300)] });
const NUMBER = interaction("q-trous.b", "numeric", { letter: "b", ranges: [[3.4, 3.6]] });

const PAIRS = interaction("q-paires", "matching", {
  choices: ["a", "b", "c"],
  targets: ["x", "y"],
  right: ["ax", "ay", "by"],
});
const STEPS = interaction("q-etapes", "sequencing", { choices: ["a", "b", "c"], right: ["c", "a", "b"] });

/** @param {Interaction} one @returns {Question} */
const question = (one) => ({
  id: one.id.replace(/\..*/, ""),
  slot: 1,
  type: one.type === "choice" ? "choice" : "fill",
  title: "Une question",
  points: 1,
  tries: 1,
  partial: "none",
  scored: true,
  required: true,
  shuffle: false,
  keyedAt: 0,
  interactions: [one],
});

/** @type {(index: number, one: Interaction, response: InteractionReport["response"], fraction?: number) => InteractionReport} */
const report = (index, one, response, fraction = 1) => {
  const time = new Date(Date.UTC(2027, 2, 2, 12, 40, 5));
  return { index, interaction: one, question: question(one), response, fraction, milliseconds: 61_500, time };
};

const REPORTS = [
  report(0, CHOICE, ["a", "c"]),
  report(1, TEXT, { text: "une phrase bien trop longue, ".repeat(20) }, 0),
  report(2, NUMBER, { text: "3,5" }),
  report(3, PAIRS, ["ax", "bx"], 2 / 3),
  report(4, STEPS, ["c", "a", "b"]),
];

/** @param {number} n @param {Partial<Change>} [more] @returns {Change} */
const change = (n, more = {}) => {
  return nothing({ state: `state-${n}`, location: "hameconnage", ...more });
};
const LAST = change(9, { status: "passed", score: 86.67 });

/** A window with an LMS around it. @param {Lms} lms */
function around(lms) {
  const navigator = { onLine: true };
  const parent = { API: lms.API, navigator };
  const inner = { parent, navigator, setTimeout, opener: null };
  return /** @type {any} */ (inner);
}

/** @param {Lms} lms @param {any} [window] @returns {Promise<{driver: Driver, opened: Opened, window: any}>} */
async function begin(lms, window = around(lms)) {
  const driver = create();
  const opened = await driver.open(window, options());
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

/** An LMS whose yes says nothing, and of which nothing can be read back. @param {Lms} lms */
const isBelieved = ({ profile }) => (profile.always_true && !profile.asks_server) || profile.stores_at === "finish";

for (const name of names) {
  test(`${name}: answers, leaves, comes back, passes`, async () => {
    const lms = createLms(profile(name));
    const first = await begin(lms);
    assert.equal(first.opened.state, "");
    assert.equal(first.opened.mode, "normal");
    assert.equal(first.opened.recorded, true);
    assert.ok(save(first.driver, change(1)));
    assert.ok(save(first.driver, change(2, { interactions: REPORTS })));
    lms.leave();
    first.driver.close(change(3));
    const last = lms.profile.ends_first ? "state-2" : "state-3";
    assert.equal(field(lms, "suspend_data"), last);
    assert.equal(field(lms, "core.lesson_status"), "incomplete");
    assert.equal(field(lms, "core.exit"), "suspend");

    lms.relaunch();
    const second = await begin(lms);
    const kept = lms.profile.keeps_suspend_data !== "never";
    assert.equal(second.opened.state, kept ? last : "");
    assert.equal(second.opened.location, "hameconnage");
    assert.ok(save(second.driver, change(4)));
    assert.ok(save(second.driver, LAST));
    assert.ok(save(second.driver, { ...LAST, state: "state-10" }));
    second.driver.close(null);
    const { fields, completion } = lms.record();
    assert.equal(fields["cmi.core.lesson_status"], "passed");
    assert.equal(Number(fields["cmi.core.score.raw"]), 86.67);
    assert.equal(fields["cmi.core.score.min"], "0");
    assert.equal(fields["cmi.core.score.max"], "100");
    assert.equal(fields["cmi.core.exit"], "");
    assert.equal(completion, true);
    assert.deepEqual(lms.violations, []);
  });

  test(`${name}: interactions in the standard's own formats`, async () => {
    const lms = createLms(profile(name));
    const { driver } = await begin(lms);
    assert.ok(save(driver, change(1, { interactions: REPORTS })));
    driver.close(change(2));
    /** @param {number} n @param {string} element */
    const reported = (n, element) => field(lms, `interactions.${n}.${element}`);
    assert.equal(reported(0, "id"), "q-choix");
    assert.equal(reported(0, "type"), "choice");
    assert.equal(reported(0, "student_response"), "a,c");
    assert.equal(reported(0, "correct_responses.0.pattern"), "a,c");
    assert.equal(reported(0, "result"), "correct");
    assert.match(String(reported(0, "latency")), /^\d{2,4}:01:01\.50?$/);
    assert.match(String(reported(0, "time")), /^\d\d:\d\d:\d\d(\.\d\d?)?$/);
    assert.equal(reported(1, "result"), "wrong");
    assert.equal(reported(1, "type"), "fill-in");
    assert.ok(String(reported(1, "student_response")).length <= 255);
    assert.ok(String(reported(1, "student_response")).startsWith("une phrase"));
    assert.equal(reported(2, "type"), "numeric");
    assert.equal(reported(2, "student_response"), "3.5");
    assert.equal(reported(2, "correct_responses.0.pattern"), "3.4:3.6");
    assert.equal(reported(3, "type"), "matching");
    assert.equal(reported(3, "student_response"), "a.x,b.x");
    assert.equal(reported(3, "correct_responses.0.pattern"), "a.x,b.y");
    assert.equal(reported(3, "correct_responses.1.pattern"), "a.y,b.y");
    assert.equal(reported(3, "result"), "0.6666666667");
    assert.equal(reported(4, "type"), "sequencing");
    assert.equal(reported(4, "student_response"), "c,a,b");
    assert.equal(reported(4, "correct_responses.0.pattern"), "c,a,b");
    assert.equal(reported(4, "result"), "correct");
    assert.deepEqual(lms.violations, []);
  });

  for (const fault of /** @type {const} */ (["offline", "server", "full", "throw", "empty"])) {
    test(`${name}, ${fault}: what could not be saved is said, and saved later`, async () => {
      const lms = createLms(profile(name));
      const { driver, window } = await begin(lms);
      assert.ok(save(driver, change(1)));
      /** @param {boolean} on */
      const set = (on) => {
        if (fault === "throw" || fault === "empty") lms.faults.silent = on ? fault : "";
        else lms.faults[fault] = on;
        window.navigator.onLine = !(on && fault === "offline");
      };
      set(true);
      // An LMS that always says yes, or stores late, cannot tell what went wrong: then only the state comes back.
      const answered = isBelieved(lms);
      if (!answered || fault === "offline" || fault === "empty") {
        assert.equal(save(driver, change(2, { interactions: REPORTS })), false);
        assert.equal(save(driver, { ...LAST, state: "state-3", interactions: REPORTS }), false);
      } else {
        save(driver, change(2, { interactions: REPORTS }));
        save(driver, { ...LAST, state: "state-3", interactions: REPORTS });
      }
      set(false);
      assert.ok(save(driver, { ...LAST, interactions: REPORTS }));
      assert.ok(save(driver, { ...LAST, state: "state-10" }));
      driver.close(null);
      const { fields, completion } = lms.record();
      assert.equal(fields["cmi.suspend_data"], "state-10");
      if (!answered) {
        assert.equal(completion, true);
        assert.equal(fields["cmi.core.lesson_status"], "passed");
        assert.equal(Number(fields["cmi.core.score.raw"]), 86.67);
        assert.equal(fields["cmi.interactions.0.student_response"], "a,c");
        assert.equal(fields["cmi.interactions.0.result"], "correct");
        assert.equal(fields["cmi.interactions.2.type"], "numeric");
      }
    });
  }

  test(`${name}: a lost session says no until the page is loaded again`, async () => {
    const lms = createLms(profile(name));
    const { driver } = await begin(lms);
    assert.ok(save(driver, change(1)));
    lms.faults.session = true;
    const answers = [save(driver, change(2)), save(driver, change(3))];
    const blind = isBelieved(lms);
    assert.deepEqual(answers, [blind, blind]);
    lms.relaunch();
    const again = await begin(lms);
    assert.ok(save(again.driver, change(4)));
    again.driver.close(change(5));
    assert.equal(field(lms, "suspend_data"), "state-5");
  });

  test(`${name}: a killed tab loses only what was not saved`, async () => {
    const lms = createLms(profile(name));
    const { driver } = await begin(lms);
    assert.ok(save(driver, change(1)));
    lms.kill();
    assert.equal(save(driver, change(2)), false);
    driver.close(change(3));
    lms.relaunch();
    const { opened } = await begin(lms);
    const lost = lms.profile.stores_at === "finish" || lms.profile.keeps_suspend_data === "never";
    assert.equal(opened.state, lost ? "" : "state-1");
  });

  test(`${name}: a commit that lies is made good by the next that does not`, async () => {
    const lms = createLms(profile(name));
    const { driver } = await begin(lms);
    assert.ok(save(driver, change(1)));
    lms.faults.lies = true;
    save(driver, change(2));
    lms.faults.lies = false;
    assert.ok(save(driver, change(3)));
    driver.close(change(4));
    assert.equal(field(lms, "suspend_data"), "state-4");
  });

  for (const mode of /** @type {const} */ (["review", "browse"])) {
    test(`${name}: in ${mode} mode nothing is written but exit and session time`, async () => {
      const lms = createLms(profile(name), { launch: { mode } });
      if (lms.profile.readable !== "") return; // an LMS that does not tell its mode
      const { driver, opened } = await begin(lms);
      assert.equal(opened.mode, mode);
      assert.equal(save(driver, { ...LAST, interactions: REPORTS }), false);
      driver.close(LAST);
      const written = lms.transcript.filter((call) => call.name === "LMSSetValue").map((call) => call.arguments[0]);
      for (const element of written) assert.match(String(element), /^cmi\.core\.(exit|session_time)$/);
      assert.equal(lms.transcript.at(-1)?.name, "LMSFinish");
      assert.deepEqual(lms.violations, []);
    });
  }
}

test("score before status, and both before the commit", async () => {
  const lms = createLms(profile("strict"));
  const { driver } = await begin(lms);
  save(driver, LAST);
  const lines = lms.text().split("\n");
  const raw = lines.findIndex((line) => line.includes('"cmi.core.score.raw", "86.67"'));
  const status = lines.findIndex((line) => line.includes('"cmi.core.lesson_status", "passed"'));
  const commit = lines.findIndex((line) => line.startsWith("LMSCommit"));
  assert.ok(0 < raw && raw < status && status < commit, lines.join("\n"));
});

test("two sessions of ten seconds add up to twenty", async () => {
  const lms = createLms(profile("strict"));
  for (const total of ["0000:00:10.00", "0000:00:20.00"]) {
    let clock = 1_000_000;
    const driver = create();
    await driver.open(
      around(lms),
      options(() => clock),
    );
    clock += 5_000;
    save(driver, change(1));
    clock += 5_000;
    driver.close(change(2));
    assert.equal(field(lms, "core.total_time"), total);
    lms.relaunch();
  }
});

test("a mastery score in the manifest finds no score to judge before the end", async () => {
  for (const name of ["moodle", "strict"]) {
    const lms = createLms(profile(name), { launch: { mastery: "80" } });
    const { driver } = await begin(lms);
    save(driver, change(1, { interactions: REPORTS }));
    driver.close(change(2));
    assert.equal(field(lms, "core.lesson_status"), "incomplete", name);
  }
});

test("failed, then passed after answering again; never down", async () => {
  const lms = createLms(profile("strict"));
  const { driver } = await begin(lms);
  assert.ok(save(driver, change(1, { status: "failed", score: 50 })));
  assert.equal(field(lms, "core.lesson_status"), "failed");
  assert.ok(save(driver, LAST));
  assert.ok(save(driver, { ...LAST, state: "state-10" }));
  driver.close(null);
  lms.relaunch();
  const again = await begin(lms);
  assert.equal(again.opened.status, "passed");
  assert.ok(save(again.driver, LAST));
  again.driver.close(LAST);
  assert.equal(field(lms, "core.lesson_status"), "passed");
  assert.deepEqual(lms.violations, []);
});

test("failed, then passed while offline: what the LMS has is not taken back when it is told anew", async () => {
  for (const name of names) {
    const lms = createLms(profile(name));
    const { driver, window } = await begin(lms);
    assert.ok(save(driver, change(1, { status: "failed", score: 50 })));
    lms.faults.offline = true;
    window.navigator.onLine = false;
    assert.equal(save(driver, LAST), false);
    lms.faults.offline = false;
    window.navigator.onLine = true;
    assert.ok(save(driver, { ...LAST, state: "state-10" }));
    driver.close(null);
    assert.equal(field(lms, "core.lesson_status"), "passed", name);
    assert.deepEqual(lms.violations, [], name);
  }
});

test("entry, counts and interactions of an odd LMS do not matter", async () => {
  for (const changed of ["counts: false", "entry: ab-initio", 'entry: ""', 'leaving_answer: "null"']) {
    const lms = createLms(profile("strict", changed));
    const first = await begin(lms);
    assert.ok(save(first.driver, change(1, { interactions: REPORTS })));
    lms.leave();
    first.driver.close(change(2));
    lms.relaunch();
    const { opened } = await begin(lms);
    assert.equal(opened.state, "state-2", changed);
  }
});

test("§b.1: the API is found above a frame that throws, in an opener, and late", async () => {
  const lms = createLms(profile("strict"));
  const foreign = Object.defineProperty(/** @type {any} */ ({}), "API", {
    get() {
      throw new Error("cross-origin");
    },
  });
  const navigator = { onLine: true };
  const top = /** @type {any} */ ({ API: lms.API, navigator });
  top.parent = top;
  foreign.parent = top;
  const inside = { parent: foreign, opener: null, navigator, setTimeout };
  await begin(lms, inside);

  lms.relaunch();
  const popup = /** @type {any} */ ({ opener: { API: lms.API }, navigator, setTimeout });
  popup.parent = popup;
  popup.top = popup;
  await begin(lms, popup);

  lms.relaunch();
  const late = /** @type {any} */ ({ navigator, setTimeout, opener: null });
  const parent = /** @type {any} */ ({ navigator });
  parent.parent = parent;
  late.parent = parent;
  setTimeout(() => (parent.API = lms.API), 250);
  await begin(lms, late);
});

test("an API that refuses is no API", async () => {
  const lms = createLms(profile("strict"), { faults: { silent: "throw" } });
  await assert.rejects(begin(lms));
});
