/**
 * Tin Can, and xAPI without LMS: the launch names LRS, learner and activity in the address.
 *
 * Credentials do not stay there, where they would be copied and logged. They live in the tab's storage, for a page that
 * is loaded again, and are erased when the learner leaves.
 */

/** @import {Driver, DriverOptions} from "../types.d.ts" */
/** @import {Launch} from "../xapi/launch.js" */

import { attempt } from "../copy.js";
import { connect, createDriver, readTemplates } from "../xapi/launch.js";
import { parse } from "../xapi/state.js";

const NAMES = [
  "endpoint",
  "auth",
  "actor",
  "registration",
  "activity_id",
  "grouping",
  "activity_platform",
  "content_token",
];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const IRI = /^[a-z][a-z0-9+.-]*:\S+$/i;

/** @returns {Driver} */
export function create() {
  return createDriver("xapi", find);
}

/** @param {Window} window @param {DriverOptions} options @returns {Promise<Launch | null>} */
async function find(window, { course, data }) {
  const key = `carabin:${course}:launch`;
  const given = collect(window, key);
  const { endpoint, auth = "", registration = "", grouping = "", activity_platform: platform } = given;
  if (!endpoint) return null;
  const actor = agentOf(parse(given.actor ?? "") ?? {});
  if (!actor) throw new Error("no actor");
  const templates = await readTemplates(window);
  const activity = IRI.test(given.activity_id ?? "")
    ? (given.activity_id ?? "")
    : (templates.launches[data.course.id]?.activity ?? "");
  return {
    templates,
    lrs: connect(window, endpoint, auth),
    endpoint,
    actor,
    activity,
    params: {
      activityId: activity,
      agent: JSON.stringify(actor),
      ...(UUID.test(registration) ? { registration } : {}),
    },
    context: {
      ...(platform ? { platform } : {}),
      ...(IRI.test(grouping) ? { contextActivities: { grouping: [{ id: grouping }] } } : {}),
    },
    mode: "normal",
    forget: () => attempt(() => window.sessionStorage.removeItem(key)),
  };
}

/**
 * Take the launch out of the address, or out of the tab's storage where the page was loaded again. Where the tab keeps
 * nothing it stays in the address.
 * @param {Window} window
 * @param {string} key
 * @returns {Record<string, string>} what was given, by name
 */
function collect(window, key) {
  const { location, history } = window;
  const query = new URLSearchParams(location.search);
  const given = Object.fromEntries(NAMES.flatMap((name) => (query.has(name) ? [[name, query.get(name) ?? ""]] : [])));
  if (!given.endpoint) return parse(attempt(() => window.sessionStorage.getItem(key)) ?? "") ?? {};
  attempt(() => {
    window.sessionStorage.setItem(key, JSON.stringify(given));
    for (const name of NAMES) query.delete(name);
    history.replaceState(history.state, "", location.pathname + (`${query}` && `?${query}`) + location.hash);
  });
  return given;
}

/**
 * @param {Record<string, any>} given as it was launched; old senders put each value into a list (TCAPI 0.9)
 * @returns {Record<string, any> | null} an agent of xAPI 1.0.3, which has one identifier; null: nobody
 */
function agentOf(given) {
  const [name, mbox, sum, openid, account] = ["name", "mbox", "mbox_sha1sum", "openid", "account"].map(
    (key) => [given[key]].flat()[0],
  );
  const homePage = account?.homePage ?? account?.accountServiceHomePage;
  const login = account?.name ?? account?.accountName;
  const id =
    (homePage && login && { account: { homePage, name: `${login}` } }) ||
    (mbox && { mbox: `${mbox}`.replace(/^(mailto:)?/i, "mailto:") }) ||
    (sum && { mbox_sha1sum: sum }) ||
    (openid && { openid });
  const objectType = given.objectType === "Group" ? "Group" : "Agent";
  return id ? { objectType, ...(name ? { name: `${name}` } : {}), ...id } : null;
}
