/**
 * cmi5 (Quartz): the LMS names endpoint, learner and activity in the address, and hands out a token once (§8).
 *
 * What the session must know stands in the document `LMS.LaunchData` (§10); it is only read. Nothing is told before the
 * learner's preferences were asked for (§11).
 */

/** @import {Driver, Statement} from "../types.d.ts" */
/** @import {Launch} from "../xapi/launch.js" */

import { connect, createDriver, fetchJson, readTemplates } from "../xapi/launch.js";
import { STATE, parse, readPatiently } from "../xapi/state.js";

/** @type {Record<string, Launch["mode"]>} */
const MODES = { Normal: "normal", Browse: "browse", Review: "review" };
const SESSION = "https://w3id.org/xapi/cmi5/context/extensions/sessionid";
/** Verbs that are about the session alone. */
const OWN = /\/(initialized|failed|terminated)$/;

/** @returns {Driver} */
export function create() {
  return createDriver("cmi5", find);
}

/** @param {Window} window @returns {Promise<Launch | null>} */
async function find(window) {
  const given = new URLSearchParams(window.location.search);
  const get = (/** @type {string} */ name) => given.get(name) ?? "";
  const [endpoint, agent, activityId, registration] = ["endpoint", "actor", "activityId", "registration"].map(get);
  if (!endpoint || !get("fetch")) return null;
  const actor = parse(agent);
  const templates = await readTemplates(window);
  // Before this nothing is spent: the page can be loaded again. A second time the answer is an error, with status 200.
  const answer = await fetchJson(window, get("fetch"), { method: "POST" });
  const token = answer["auth-token"];
  if (!actor || !token) throw new Error(answer["error-code"] == 1 ? "spent" : "refused");

  const lrs = connect(window, endpoint, `Basic ${token}`);
  const params = { activityId, agent, registration };
  const found = await readPatiently(lrs, window, STATE, { stateId: "LMS.LaunchData", ...params });
  const { contextTemplate, launchMode, masteryScore, returnURL } = (found.status === 200 && parse(found.text)) || {};
  if (Object(contextTemplate) !== contextTemplate) throw new Error("no launch data");
  await readPatiently(lrs, window, "agents/profile", { profileId: "cmi5LearnerPreferences", agent });

  return {
    templates,
    lrs,
    endpoint,
    actor,
    activity: activityId,
    params,
    context: contextTemplate,
    mode: MODES[launchMode] ?? "normal",
    mastery: typeof masteryScore === "number" && masteryScore >= 0 && masteryScore <= 1 ? masteryScore : undefined,
    returnTo: /^https?:/i.test(returnURL) ? returnURL : undefined,
    rebind: (statement) => rebind(statement, contextTemplate),
  };
}

/**
 * What an earlier session could not send any more belongs to this one now.
 * @param {Statement} statement
 * @param {Record<string, any>} template of this session
 * @returns {Statement | null | undefined} null: it is of this session; undefined: it says nothing outside its own
 */
function rebind(statement, template) {
  const { extensions, contextActivities, ...context } = statement.context ?? {};
  if (extensions?.[SESSION] === template.extensions?.[SESSION]) return null;
  if (OWN.test(statement.verb.id)) return undefined;
  const activities = { ...contextActivities };
  for (const [key, added] of Object.entries(template.contextActivities ?? {})) {
    const all = [activities[key] ?? [], added].flat();
    activities[key] = all.filter(({ id }, n) => all.findIndex((one) => one.id === id) === n);
  }
  return {
    ...statement,
    context: {
      ...context,
      ...template,
      extensions: { ...extensions, ...template.extensions },
      contextActivities: activities,
    },
  };
}
