/**
 * Several SCOs in each LMS: the player without its pages, one lesson a SCO. A learner goes from one to the next in the
 * LMS's table of contents and back; Moodle cannot open a SCO a second time in one page. Nothing is lost, and it is said.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { createLms, readProfile } from "../../builder/lms/lms.js";
import * as local from "../../builder/runtime/drivers/local.js";
import * as scorm12 from "../../builder/runtime/drivers/scorm12.js";
import { openSession } from "../../builder/runtime/session.js";
import { course, lesson, memory, openWindow, question } from "../runtime/fakes.mjs";

/** @typedef {Awaited<ReturnType<typeof openSession>>} Session */

const FOLDER = new URL("../../builder/lms/profiles/", import.meta.url);
const PROFILES = readdirSync(FOLDER)
  .sort()
  .map((file) => readProfile(readFileSync(new URL(file, FOLDER), "utf8")))
  .filter((profile) => profile.several_scos);
const MOODLE = profileOf("Moodle");
const DAYS = process.env.CARABIN_FULL === "1" ? 500 : 60;

/** @param {string} name */
function profileOf(name) {
  const found = PROFILES.find((profile) => profile.name === name);
  assert.ok(found);
  return found;
}

const LESSONS = [
  lesson("un", 1, [question("a", 2), question("b", 3)]),
  lesson("deux", 4, [question("c", 5)]),
  lesson("lire", 6, []),
];
const COMPLETES = { initial: "incomplete", states: { incomplete: [{ when: ["lessons"], to: "completed" }] } };

/** The course that the SCO of one lesson is. @param {string} sco its slot */
function alone(sco) {
  const lessons = LESSONS.filter(({ slot }) => String(slot) === sco);
  const isRead = !lessons[0]?.questions.length;
  return course({
    course: { id: `essai/${sco}`, title: "Essai", version: "1.0.0", language: "fr-FR" },
    driver: "scorm12",
    sco: true,
    lessons,
    ...(isRead && { mastery: null, completion: /** @type {any} */ (COMPLETES) }),
  });
}

/** A learner at one computer. @param {ReturnType<typeof createLms>} lms */
function learner(lms, localStorage = memory(), sessionStorage = memory()) {
  let page = 1;
  /** @type {Session} */
  let session;

  /** @param {string} sco */
  async function open(sco) {
    const { window } = openWindow({ localStorage, sessionStorage });
    Object.assign(window, { parent: { API: lms.API, performance: { timeOrigin: page } } });
    session = await openSession(window, structuredClone(alone(sco)), { scorm12, local }, () => {});
  }
  function go() {
    lms.leave();
    session?.save(true);
  }

  return {
    localStorage,
    sessionStorage,
    get session() {
      return session;
    },
    /** In the table of contents. @param {string} sco */
    async choose(sco) {
      go();
      lms.choose(sco);
      if (lms.profile.toc_reloads) page++;
      await open(sco);
    },
    /** The activity is left and opened again. @param {string} sco */
    async reopen(sco) {
      go();
      lms.relaunch({ sco });
      page++;
      await open(sco);
    },
    /** @param {number} n @param {string} letter */
    answer(n, letter) {
      const one = session.course.lessons[0]?.questions[n];
      assert.ok(one);
      session.answer(one, [[letter]], 1000);
    },
    finish: () => session.reach(/** @type {any} */ (session.course.lessons[0])),
    /** @returns {(string | undefined)[]} letters, by question */
    letters: () =>
      (session.course.lessons[0]?.questions ?? []).map(
        ({ slot }) => /** @type {string[]} */ (session.saved.questions.get(slot)?.response?.[0])?.[0],
      ),
  };
}

test("the simulated LMS itself: a SCO that recorded interactions is opened a second time in one page, or anew", () => {
  for (const profile of [MOODLE, profileOf("SCORM 1.2")]) {
    const lms = createLms(profile, { launch: { sco: "1" } });
    const first = lms.API;
    const call = (/** @type {"LMSInitialize" | "LMSFinish" | "LMSCommit"} */ name) => lms.API[name]("");
    assert.equal(call("LMSInitialize"), "true");
    lms.API.LMSSetValue("cmi.core.lesson_status", "incomplete");
    lms.API.LMSSetValue("cmi.interactions.0.id", "q");
    lms.leave();
    assert.equal(call("LMSFinish"), "true");
    lms.choose("4");
    assert.equal(call("LMSInitialize"), "true");
    assert.equal(lms.API.LMSGetValue("cmi.core.lesson_status"), "not attempted");
    assert.equal(call("LMSFinish"), "true");
    lms.choose("1");
    assert.equal(lms.API === first, !profile.toc_reloads);
    if (profile.toc_reloads) assert.equal(call("LMSInitialize"), "true");
    else assert.throws(() => call("LMSInitialize"), TypeError);
    lms.relaunch({ sco: "1" });
    assert.equal(call("LMSInitialize"), "true");
    assert.equal(lms.API.LMSGetValue("cmi.interactions._count"), "1");
    assert.equal(lms.record("1").fields["cmi.core.lesson_status"], "incomplete");
    assert.equal(lms.record("4").fields["cmi.interactions.0.id"], undefined);
  }
});

for (const profile of PROFILES) {
  const isForgetful = profile.keeps_suspend_data === "never";
  test(`${profile.name}: from one SCO to another and back, nothing is lost${isForgetful ? " but what it never gives back" : ""}`, async () => {
    const lms = createLms(profile, { launch: { sco: "1" } });
    const jeanne = learner(lms);
    await jeanne.reopen("1");
    jeanne.answer(0, "b");
    await jeanne.choose("4");
    assert.deepEqual(jeanne.letters(), [undefined]);
    jeanne.answer(0, "c");
    await jeanne.choose("1");
    assert.equal(jeanne.session.notices.has("reenter"), !profile.toc_reloads);
    assert.equal(jeanne.session.notices.has("refused"), false);
    assert.deepEqual(jeanne.letters(), isForgetful ? [undefined, undefined] : ["b", undefined]);
    assert.equal(jeanne.session.safety, profile.toc_reloads ? "saved" : "browser");

    jeanne.answer(1, "a");
    await jeanne.choose("4");
    await jeanne.choose("1");
    assert.deepEqual(jeanne.letters(), isForgetful ? [undefined, undefined] : ["b", "a"]);
    await jeanne.reopen("1");
    assert.equal(jeanne.session.notices.size, 0);
    assert.equal(jeanne.session.safety, "saved");
    assert.equal(jeanne.session.offer, null);
    if (isForgetful) return;
    assert.deepEqual(jeanne.letters(), ["b", "a"]);
    await jeanne.reopen("4");
    assert.deepEqual(jeanne.letters(), ["c"]);

    // What the LMS alone has, told at another computer.
    const elsewhere = learner(lms);
    await elsewhere.reopen("1");
    assert.deepEqual(elsewhere.letters(), ["b", "a"]);
    elsewhere.finish();
    await elsewhere.reopen("4");
    assert.deepEqual(elsewhere.letters(), ["c"]);
    const { fields } = lms.record("1");
    assert.equal(fields["cmi.interactions.0.student_response"], "b");
    assert.equal(fields["cmi.interactions.1.id"], "b");
    assert.equal(fields["cmi.interactions.1.student_response"], "a");
    assert.equal(fields["cmi.core.lesson_status"], "failed");
    assert.equal(Number(fields["cmi.core.score.raw"]), 50);
    assert.equal(lms.record("4").fields["cmi.core.lesson_status"], "incomplete");
    assert.deepEqual(lms.violations, []);
  });

  test(`${profile.name}: a lesson that is only read stays completed when the learner comes back to it`, async () => {
    const lms = createLms(profile, { launch: { sco: "6" } });
    const jeanne = learner(lms);
    await jeanne.reopen("6");
    jeanne.finish();
    await jeanne.choose("1");
    assert.equal(lms.record("6").fields["cmi.core.lesson_status"], "completed");
    await jeanne.choose("6");
    assert.equal(jeanne.session.status(), "completed");
    await jeanne.choose("1");
    await jeanne.reopen("6");
    assert.equal(lms.record("6").fields["cmi.core.lesson_status"], "completed");
    assert.deepEqual(lms.violations, []);
  });
}

test("Moodle: a lesson that is finished is only looked at, answers and all, when it cannot be opened again", async () => {
  const lms = createLms(MOODLE, { launch: { sco: "4" } });
  const jeanne = learner(lms);
  await jeanne.reopen("4");
  jeanne.answer(0, "b");
  jeanne.finish();
  assert.equal(jeanne.session.status(), "passed");
  await jeanne.choose("1");
  await jeanne.choose("4");
  assert.deepEqual([jeanne.session.looking, [...jeanne.session.notices]], [true, ["review"]]);
  assert.deepEqual(jeanne.letters(), ["b"]);
  assert.equal(jeanne.session.status(), "passed");
  // The same when this page of the LMS had opened it to be looked at.
  await jeanne.reopen("4");
  await jeanne.choose("1");
  await jeanne.choose("4");
  assert.deepEqual([jeanne.session.looking, jeanne.letters()], [true, ["b"]]);
  await jeanne.reopen("4");
  assert.equal(lms.record("4").fields["cmi.core.lesson_status"], "passed");
  assert.deepEqual(lms.violations, []);
});

test("what one learner did is not shown to the next one at the same computer", async () => {
  const lms = createLms(MOODLE, { launch: { sco: "1" } });
  const jeanne = learner(lms);
  await jeanne.reopen("1");
  jeanne.answer(0, "b");
  await jeanne.choose("4");
  await jeanne.choose("1");
  jeanne.answer(1, "a");
  jeanne.session.save(true);

  const other = createLms(MOODLE, { launch: { sco: "1", id: "paul", course: "other" } });
  const paul = learner(other, jeanne.localStorage, jeanne.sessionStorage);
  await paul.reopen("1");
  assert.deepEqual([paul.letters(), paul.session.offer], [[undefined, undefined], null]);
  // Another page of the LMS, which refuses at once: it has no say in what is shown.
  other.faults.silent = "throw";
  await paul.reopen("1");
  assert.deepEqual([paul.letters(), [...paul.session.notices]], [[undefined, undefined], ["refused"]]);
});

test("Moodle, storage forbidden: it is said, and what the LMS has is there when the activity is opened again", async () => {
  const forbidden = new Proxy(memory(), {
    get() {
      throw new Error("forbidden");
    },
  });
  const lms = createLms(MOODLE, { launch: { sco: "1" } });
  const jeanne = learner(lms, forbidden, forbidden);
  await jeanne.reopen("1");
  jeanne.answer(0, "b");
  await jeanne.choose("4");
  await jeanne.choose("1");
  assert.deepEqual([...jeanne.session.notices], ["refused"]);
  jeanne.answer(1, "a");
  assert.ok(jeanne.session.notices.has("kept_nowhere"));
  await jeanne.reopen("1");
  assert.deepEqual(jeanne.letters(), ["b", undefined]);
});

/** The same numbers on every machine. @param {number} seed @returns {(below: number) => number} */
function dice(seed) {
  let state = seed * 2_654_435_761 + 1;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) % below;
  };
}

for (const profile of PROFILES.filter(({ keeps_suspend_data: keeps }) => keeps !== "never")) {
  test(`${profile.name}: whatever the order in which SCOs are opened, no answer is lost`, async () => {
    for (let day = 0; day < DAYS; day++) {
      const roll = dice(day);
      const lms = createLms(profile, { launch: { sco: "1" } });
      const jeanne = learner(lms);
      /** @type {Record<string, (string | undefined)[]>} */
      const given = { 1: [undefined, undefined], 4: [undefined], 6: [] };
      const story = ["1"];
      let sco = "1";
      await jeanne.reopen(sco);
      for (let event = 4 + roll(10); event > 0; event--) {
        const what = roll(6);
        const here = given[sco] ?? [];
        if (what < 3 && here.length && !jeanne.session.looking) {
          const n = roll(here.length);
          here[n] = "abc"[roll(3)] ?? "a";
          jeanne.answer(n, here[n] ?? "");
          story.push(`${sco}.${n}=${here[n]}`);
        } else if (what === 3) {
          jeanne.finish();
          story.push("end");
        } else {
          sco = ["1", "4", "6"][roll(3)] ?? "1";
          story.push(what === 4 ? `choose ${sco}` : `reopen ${sco}`);
          await (what === 4 ? jeanne.choose(sco) : jeanne.reopen(sco));
          assert.deepEqual(jeanne.letters(), given[sco], `day ${day}: ${story}`);
        }
      }
      for (const one of ["1", "4"]) {
        await jeanne.reopen(one);
        assert.deepEqual(jeanne.letters(), given[one], `day ${day}: ${story}`);
      }
      const elsewhere = learner(lms);
      for (const one of ["1", "4"]) {
        await elsewhere.reopen(one);
        assert.deepEqual(elsewhere.letters(), given[one], `day ${day}: ${story}, at another computer`);
      }
      assert.deepEqual(lms.violations, [], `day ${day}: ${story}`);
    }
  });
}
