/**
 * What can befall a learner, in each LMS, with SCORM 2004: see `days.mjs`. What is missing in the end is missing for good,
 * and stands in `EXCEPTIONS` with its reason.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { readProfile } from "../../builder/lms/lms.js";
import { createLms2004, STRICT_2004 } from "../../builder/lms/lms2004.js";
import * as scorm2004 from "../../builder/runtime/drivers/scorm2004.js";
import { check, EVERY } from "./days.mjs";

/** @import {Exception, Standard} from "./days.mjs" */

const FOLDER = new URL("../../builder/lms/profiles2004/", import.meta.url);
const PROFILES = new Map(
  readdirSync(FOLDER)
    .sort()
    .map((file) => [file.replace(".yml", ""), readProfile(readFileSync(new URL(file, FOLDER), "utf8"), STRICT_2004)]),
);
const ALL = [...PROFILES.keys()];

/** @type {Standard} */
const SCORM2004 = {
  name: "scorm2004",
  driver: scorm2004,
  api: "API_1484_11",
  open(place) {
    const profile = PROFILES.get(place);
    return profile ? createLms2004(profile, { launch: { passing: "0.6" } }) : null;
  },
  status(fields) {
    const success = fields["cmi.success_status"] ?? "unknown";
    return success === "unknown" ? "incomplete" : success;
  },
  raw: (fields) => fields["cmi.score.raw"] ?? "",
  response: "learner_response",
};

/** Everything that is lost, and why: nothing else may be, and each of these must still happen. @type {Exception[]} */
const EXCEPTIONS = [
  {
    products: ALL,
    faults: ["lies"],
    loses: ["here", "elsewhere", "status"],
    why: "what the LMS confirms is erased from the browser; it is gone when the page goes before a later save is true",
  },
  {
    products: ALL.filter((name) => name !== "canvas"),
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
    products: ["openedx"],
    faults: ["server", "session"],
    loses: ["here", "elsewhere", "status", "report"],
    why: "every call says yes, whatever became of its request; only a browser that is offline knows better",
  },
  {
    products: ["moodle"],
    faults: ["killed", "offline", "server", "session", "lies"],
    loses: ["completion"],
    why: "4.3.0 ticks the activity with the change of score that follows the final status; then comes review",
  },
  {
    products: ["moodle", "totara"],
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
];

for (const place of ALL) {
  test(`${place}: nothing is lost but what is listed`, () => check(SCORM2004, place, EXCEPTIONS));
}

test("what a product cannot keep is told to its administrators, and nothing else is", () => {
  const own = EXCEPTIONS.filter(({ faults }) => faults.join() !== "lies").flatMap(({ products }) => products);
  for (const [name, profile] of PROFILES) {
    for (const told of [profile.cannot_en, profile.cannot_fr]) assert.equal(told !== "", own.includes(name), name);
  }
});
