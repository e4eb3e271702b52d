/**
 * What a SCORM driver tells an LMS of responses: `node tools/interactions.mjs scorm12 < questions.json`, or `scorm2004`.
 *
 * Read: a list of `{question, responses}`, a question as the player has it, responses with one entry an interaction.
 * Written: for each response, for each interaction, what was set: `{field: value}`.
 */
import { readFileSync } from "node:fs";
import { interactionFraction } from "../builder/runtime/score.js";

/** Milliseconds that the learner took. */
const TOOK = 12_340;

const standard = process.argv[2];
const { create } = await import(`../builder/runtime/drivers/${standard}.js`);
/** What was set, by element. @type {Record<string, string>} */
let elements = {};
const [name, start] = standard === "scorm12" ? ["API", "LMS"] : ["API_1484_11", ""];
const API = {
  [`${start}Initialize`]: () => "true",
  [`${start}GetValue`]: () => "",
  [`${start}SetValue`](element, value) {
    elements[element] = value;
    return "true";
  },
  [`${start}Commit`]: () => "true",
  [`${start}GetLastError`]: () => "0",
  ...(standard === "scorm12" ? { LMSFinish: () => "true" } : { Terminate: () => "true" }),
};
const driver = create();
const window = { parent: { [name]: API }, opener: null, navigator: { onLine: true }, setTimeout };
const data = { mastery: null, completion: { initial: "incomplete", states: {} } };
await driver.open(window, { course: "example", target: standard, now: () => 0, data, again: () => {} });

/** @returns {Record<string, string>[]} the fields of each interaction of a question */
function told(question, responses) {
  elements = {};
  const time = new Date(2027, 2, 2, 13, 40, 5);
  const interactions = question.interactions.map((interaction, index) => {
    const response = responses[index];
    const fraction = interactionFraction(interaction, response, question.partial);
    return { index, interaction, question, response, fraction, milliseconds: TOOK, time };
  });
  const nothing = { state: "AQ", location: "", status: "incomplete", completed: false, progress: 0, score: null };
  driver.save({ ...nothing, objectives: [], interactions }, () => {});
  return interactions.map(({ index }) => {
    const start = `cmi.interactions.${index}.`;
    const set = Object.entries(elements).filter(([element]) => element.startsWith(start));
    return Object.fromEntries(set.map(([element, value]) => [element.slice(start.length), value]));
  });
}

const asked = JSON.parse(readFileSync(0, "utf8"));
const answers = asked.map(({ question, responses }) => responses.map((one) => told(question, one)));
process.stdout.write(JSON.stringify(answers));
