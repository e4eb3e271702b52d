/**
 * The whole of the player without its pages (session, state, driver) in each LMS, through random days of one learner:
 * answers, faults, pages left, reloaded and killed. No answer is lost, and each reaches the LMS in the end.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createLms, readProfile } from "../../builder/lms/lms.js";
import * as scorm12 from "../../builder/runtime/drivers/scorm12.js";
import { openSession } from "../../builder/runtime/session.js";
import { course, interaction, lesson, memory, openWindow, question } from "../runtime/fakes.mjs";

/** @typedef {ReturnType<typeof createLms>} Lms */

const DAYS = process.env.CARABIN_FULL === "1" ? 1000 : 150;
const HONEST = ["offline", "server", "full", "session", "throw", "empty"];
/** What each LMS can be caught at. Open edX answers "true" to everything: only a browser offline, or silence, shows. */
const FAULTS = {
  strict: HONEST,
  moodle: HONEST,
  "moodle-strict": HONEST,
  cornerstone: HONEST,
  blackboard: HONEST,
  openedx: ["offline", "throw", "empty"],
};
const COURSE = course({ driver: "scorm12" });
const QUESTIONS = COURSE.lessons.flatMap((lesson) => lesson.questions);

/** @param {string} name */
function profile(name) {
  return readProfile(readFileSync(new URL(`../../builder/lms/profiles/${name}.yml`, import.meta.url), "utf8"));
}

/** The same numbers on every machine. @param {number} seed @returns {(below: number) => number} */
function dice(seed) {
  let state = seed * 2_654_435_761 + 1;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) % below;
  };
}

/** A learner at one computer. @param {Lms} lms @param {string} fault */
function learner(lms, fault) {
  const localStorage = memory();
  let sessionStorage = memory();
  /** @type {ReturnType<typeof openWindow>} */
  let tab;
  /** @type {Awaited<ReturnType<typeof openSession>>} */
  let session;

  async function launch() {
    tab = openWindow({ localStorage, sessionStorage });
    Object.assign(tab.window, { parent: { API: lms.API } });
    session = await openSession(tab.window, structuredClone(COURSE), { scorm12 }, () => {});
    if (session.offer) session.settleOffer(true);
  }

  /** @param {boolean} isOn */
  function trouble(isOn) {
    if (fault === "throw" || fault === "empty") lms.faults.silent = isOn ? fault : "";
    else Object.assign(lms.faults, { [fault]: isOn });
    tab.window.navigator.onLine = !(isOn && fault === "offline");
  }

  return {
    launch,
    trouble,
    wait: () => tab.run(),
    get session() {
      return session;
    },

    /** @param {number} n @param {string} letter */
    answer(n, letter) {
      const question = session.course.lessons.flatMap((lesson) => lesson.questions)[n];
      if (question) session.answer(question, [[letter]], 1000);
    },

    /** Leave the page, or lose it; all is well then. @param {boolean} isKilled */
    leave(isKilled) {
      if (isKilled) {
        lms.kill();
        sessionStorage = memory();
      } else {
        lms.leave();
        session.save(true);
      }
      trouble(false);
      lms.relaunch();
    },
  };
}

/** @param {Awaited<ReturnType<typeof openSession>>} session @returns {(string | undefined)[]} letters, by question */
function letters(session) {
  return QUESTIONS.map(({ slot }) => /** @type {string[]} */ (session.saved.questions.get(slot)?.response?.[0])?.[0]);
}

for (const [name, faults] of Object.entries(FAULTS)) {
  for (const fault of faults) {
    test(`${name}, ${fault}: whatever a day brings, no answer is lost`, async () => {
      for (let day = 0; day < DAYS; day++) {
        const roll = dice(day);
        const lms = createLms(profile(name));
        const jeanne = learner(lms, fault);
        /** @type {(string | undefined)[]} */
        const given = QUESTIONS.map(() => undefined);
        /** @type {string[]} */
        const story = [];
        await jeanne.launch();
        for (let event = 3 + roll(9); event > 0; event--) {
          const what = roll(8);
          if (what < 3 && !jeanne.session.looking) {
            const [n, letter] = [roll(QUESTIONS.length), "abc"[roll(3)] ?? "a"];
            given[n] = letter;
            jeanne.answer(n, letter);
            story.push(`${QUESTIONS[n]?.id}=${letter}`);
          } else if (what > 2 && what < 6) {
            story.push(["trouble", "well", "wait"][what - 3] ?? "");
            if (what === 5) jeanne.wait();
            else jeanne.trouble(what === 3);
          } else if (what > 5) {
            story.push(what === 6 ? "leave" : "kill");
            jeanne.leave(what === 7);
            await jeanne.launch();
            assert.deepEqual(letters(jeanne.session), given, `day ${day}: ${story}`);
          }
        }
        jeanne.leave(false);
        await jeanne.launch();
        assert.deepEqual(letters(jeanne.session), given, `day ${day}: ${story}, leave`);
        jeanne.leave(false);

        // What the LMS alone has, told at another computer.
        const elsewhere = learner(lms, fault);
        await elsewhere.launch();
        assert.deepEqual(letters(elsewhere.session), given, `day ${day}: ${story}, at another computer`);
        const { fields } = lms.record();
        for (const [n, question] of QUESTIONS.entries()) {
          const index = elsewhere.session.saved.questions.get(question.slot)?.index;
          const start = `cmi.interactions.${index}`;
          if (given[n] === undefined) continue;
          assert.equal(fields[`${start}.id`], question.id, `day ${day}: ${story}`);
          assert.equal(fields[`${start}.student_response`], given[n], `day ${day}: ${story}`);
        }
        assert.deepEqual(lms.violations, [], `day ${day}: ${story}`);
      }
    });
  }
}

/** 60 lessons of 5 questions; in 40 of the 300 a text is typed. */
const LARGE = course({
  driver: "scorm12",
  lessons: Array.from({ length: 60 }, (_, n) => {
    const ids = Array.from({ length: 5 }, (_, m) => 5 * n + m);
    const typed = (/** @type {number} */ id) => {
      return interaction({ id: `q${id}`, type: "fill-in", accept: ["MSSanté"], choices: undefined, right: undefined });
    };
    const questions = ids.map((id) => {
      return question(`q${id}`, 100 + id, id % 7 || id > 280 ? {} : { interactions: [typed(id)] });
    });
    return lesson(`l${n}`, n + 1, questions);
  }),
});

for (const name of ["strict", "moodle"]) {
  test(`${name}: a large course, every question answered wrong, fits and comes back; closing sends what a beacon carries`, async () => {
    const lms = createLms(profile(name));
    /** @param {ReturnType<typeof memory>} storage */
    const launch = (storage) => {
      const { window } = openWindow({ localStorage: storage });
      Object.assign(window, { parent: { API: lms.API } });
      return openSession(window, structuredClone(LARGE), { scorm12 }, () => {});
    };
    const first = await launch(memory());
    const questions = first.course.lessons.flatMap((each) => each.questions);
    for (const each of first.course.lessons) {
      first.visit(each);
      for (const one of each.questions) {
        first.answer(
          one,
          one.interactions[0]?.type === "fill-in" ? [{ text: `${one.id} é…${one.slot}` }] : [["c"]],
          1000,
        );
      }
      if (each !== first.course.lessons.at(-1)) first.reach(each);
    }
    lms.leave();
    first.save(true);
    lms.relaunch();

    const second = await launch(memory());
    assert.equal(second.safety, "saved");
    for (const one of questions) assert.ok(second.record(one)?.response?.[0], one.id);
    second.reach(/** @type {import("../../builder/runtime/types.d.ts").Lesson} */ (second.course.lessons.at(-1)));
    lms.leave();
    second.save(true);
    const { fields } = lms.record();
    assert.equal(fields["cmi.core.lesson_status"], "failed");
    assert.equal(Number(fields["cmi.core.score.raw"]), 0);
    assert.ok((fields["cmi.suspend_data"] ?? "").length <= 4096);
    assert.equal(fields["cmi.interactions.299.id"], "q299");
    assert.deepEqual(lms.violations, []);
  });
}

test("a pass is never told with a score below mastery, though the LMS does not say which score it has", async () => {
  const lms = createLms(profile("openedx"));
  const jeanne = learner(lms, "offline");
  await jeanne.launch();
  for (const [n, letter] of ["b", "b", "a"].entries()) jeanne.answer(n, letter);
  for (const each of jeanne.session.course.lessons) jeanne.session.reach(each);
  assert.equal(lms.record().fields["cmi.core.score.raw"], "66.67");
  jeanne.answer(0, "a");
  assert.equal(Number(lms.record().fields["cmi.core.score.raw"]), 66.67);
  jeanne.leave(false);
  await jeanne.launch();
  const { "cmi.core.score.raw": raw, "cmi.core.lesson_status": status } = lms.record().fields;
  assert.deepEqual([status, Number(raw)], ["passed", 60]);
});
