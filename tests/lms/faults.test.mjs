/**
 * What can befall a learner, in each LMS, with SCORM 1.2 and without LMS: see `days.mjs`. What is missing in the end is
 * missing for good, and stands in `EXCEPTIONS` with its reason.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { createLms, readProfile } from "../../builder/lms/lms.js";
import * as scorm12 from "../../builder/runtime/drivers/scorm12.js";
import { memory } from "../runtime/fakes.mjs";
import { check, EVERY, FIRST, launch, openBrowser } from "./days.mjs";

/** @import {Question} from "../../builder/runtime/types.d.ts" */
/** @import {Exception, Standard} from "./days.mjs" */

const FOLDER = new URL("../../builder/lms/profiles/", import.meta.url);
const PROFILES = new Map(
  readdirSync(FOLDER)
    .sort()
    .map((file) => [file.replace(".yml", ""), readProfile(readFileSync(new URL(file, FOLDER), "utf8"))]),
);
/** Packages without LMS: the target `web` (for good), and one for an LMS opened without (for the life of the tab). */
const ALONE = ["web", "alone"];
const ALL = [...PROFILES.keys()];

/** @type {Standard} */
const SCORM12 = {
  name: "scorm12",
  driver: scorm12,
  api: "API",
  open(place) {
    const profile = PROFILES.get(place);
    return profile ? createLms(profile) : null;
  },
  status: (fields) => fields["cmi.core.lesson_status"] ?? "incomplete",
  raw: (fields) => fields["cmi.core.score.raw"] ?? "",
  response: "student_response",
};

/** Everything that is lost, and why: nothing else may be, and each of these must still happen. @type {Exception[]} */
const EXCEPTIONS = [
  {
    products: ALL.filter((name) => name !== "wagtail-lms"),
    faults: ["lies"],
    loses: ["here", "elsewhere", "status"],
    why: "what the LMS confirms is erased from the browser; it is gone when the page goes before a later save is true",
  },
  {
    products: ALL.filter((name) => !["canvas", "chamilo", "wagtail-lms"].includes(name)),
    faults: ["lies"],
    loses: ["report"],
    why: "an answer given again replaces its report, and the LMS does not say which of the two it has",
  },
  {
    products: ["canvas"],
    faults: EVERY,
    loses: ["here", "elsewhere", "status"],
    why: "saved progress is emptied at each session: what was earned in several visits is not earned",
  },
  {
    products: ["chamilo"],
    faults: ["killed", "server", "session"],
    loses: ["here", "elsewhere", "status"],
    why: "a commit says yes and nothing is stored before LMSFinish",
  },
  {
    products: ["openedx"],
    faults: ["server", "session"],
    loses: ["here", "elsewhere", "status", "report"],
    why: "every call says yes, whatever became of its request; only a browser that is offline knows better",
  },
  {
    products: ["moodle", "moodle-strict"],
    faults: ["killed", "offline", "server", "session", "lies"],
    loses: ["completion"],
    why: "4.3.0 ticks the activity with the change of score that follows the final status; then comes review",
  },
  {
    products: ["moodle", "moodle-strict", "totara"],
    faults: ["offline", "server", "session"],
    loses: ["here", "elsewhere", "status"],
    why: "after a final status the next visit is a review: what was answered later and not saved is not written any more",
  },
  {
    products: ["scormcloud"],
    faults: ["updated"],
    loses: ["here", "elsewhere", "status"],
    why: "who is moved to a new version begins anew",
  },
  {
    products: ["wagtail-lms"],
    faults: ["updated"],
    loses: ["here", "elsewhere", "status"],
    why: "a new version is a new package, where everyone begins anew",
  },
  {
    products: ALONE,
    faults: ["full", "lies"],
    loses: ["here", "status"],
    why: "there is no place but the browser's storage; the page says that nothing is kept",
  },
  {
    products: ["alone"],
    faults: ["killed", "double"],
    loses: ["here", "status"],
    why: "a package for an LMS that is opened without one keeps progress for the life of its tab",
  },
];

for (const place of [...ALL, ...ALONE]) {
  test(`${place}: nothing is lost but what is listed`, () => check(SCORM12, place, EXCEPTIONS));
}

test("a storage that keeps nothing is not believed, and costs a page that stays open nothing", async () => {
  const browser = openBrowser();
  const { session } = await launch(SCORM12, browser, memory(), null, { ...FIRST, driver: "local", target: "web" });
  const [a, b] = /** @type {[Question, Question]} */ (session.course.lessons[0]?.questions ?? []);
  browser.faults.lies = true;
  for (const asked of [a, b]) session.answer(asked, [["b"]], 0);
  assert.equal(session.safety, "pending");
  browser.faults.lies = false;
  session.save();
  assert.equal(session.safety, "browser");
  for (const asked of [a, b]) assert.deepEqual(session.record(asked)?.response, [["b"]]);
});

test("what a product cannot keep is told to its administrators, and nothing else is", () => {
  // That a liar is believed concerns every product, and has a line of its own in the sheet.
  const own = EXCEPTIONS.filter(({ faults }) => faults.join() !== "lies").flatMap(({ products }) => products);
  for (const [name, profile] of PROFILES) {
    for (const told of [profile.cannot_en, profile.cannot_fr]) assert.equal(told !== "", own.includes(name), name);
  }
});
