/**
 * What the SCORM 1.2 driver tells an LMS of responses: `node tools/interactions.mjs < questions.json`.
 *
 * Read: a list of `{question, responses}`, a question as the player has it, responses with one entry an interaction.
 * Written: for each response, for each interaction, what was set: `{field: value}`.
 */
import { readFileSync } from "node:fs";
import { create } from "../builder/runtime/drivers/scorm12.js";
import { interactionFraction } from "../builder/runtime/score.js";

/** Milliseconds that the learner took. */
const TOOK = 12_340;

/** What was set, by element. @type {Record<string, string>} */
let elements = {};
const API = {
  LMSInitialize: () => "true",
  LMSGetValue: () => "",
  LMSSetValue(element, value) {
    elements[element] = value;
    return "true";
  },
  LMSCommit: () => "true",
  LMSFinish: () => "true",
  LMSGetLastError: () => "0",
};
const driver = create();
const window = { parent: { API }, opener: null, navigator: { onLine: true }, setTimeout };
await driver.open(window, { course: "example", target: "scorm12", now: () => 0 });

/** @returns {Record<string, string>[]} the fields of each interaction of a question */
function told(question, responses) {
  elements = {};
  const time = new Date(2027, 2, 2, 13, 40, 5);
  const interactions = question.interactions.map((interaction, index) => {
    const response = responses[index];
    const fraction = interactionFraction(interaction, response, question.partial);
    return { index, interaction, question, response, fraction, milliseconds: TOOK, time };
  });
  driver.save({ state: "AQ", location: "", status: "incomplete", score: null, interactions }, () => {});
  return interactions.map(({ index }) => {
    const start = `cmi.interactions.${index}.`;
    const set = Object.entries(elements).filter(([element]) => element.startsWith(start));
    return Object.fromEntries(set.map(([element, value]) => [element.slice(start.length), value]));
  });
}

const asked = JSON.parse(readFileSync(0, "utf8"));
const answers = asked.map(({ question, responses }) => responses.map((one) => told(question, one)));
process.stdout.write(JSON.stringify(answers));
