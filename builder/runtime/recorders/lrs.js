/**
 * An LRS beside an LMS that knows no statements (SCORM): where it is, whom statements name, and nothing sent unless all
 * of that is known. Whatever becomes of it, the LMS is told the same.
 *
 * Each of endpoint, key (`auth`), home page and salt is taken from the first that gives it: the query of the launch, the
 * launch data of the LMS, `lrs.json` beside the launched document.
 */

/** @import {Recorder, RecorderModule} from "../types.d.ts" */

import { attempt, ownerOf } from "../copy.js";
import { hash, hex } from "../hash.js";
import { openLrs } from "../xapi/lrs.js";
import { openQueue } from "../xapi/queue.js";
import { openTeller, uuidOf } from "../xapi/teller.js";

/** Milliseconds that the course waits for a file of its own package. */
const PATIENCE = 5_000;
/** The names in the query are those of Tin Can, as far as it has them. */
const QUERY = { endpoint: "endpoint", auth: "auth", homePage: "home_page", salt: "salt" };
/** Where an LRS may answer without TLS; `builder/recorder.py` and the pages' policy name the same. */
const LOOPBACK = ["localhost", "127.0.0.1"];

/** @typedef {Partial<Record<keyof typeof QUERY, string>>} Source */

/** @type {RecorderModule["open"]} */
export async function open(window, options) {
  const { opened, now, changed } = options;
  const launched = takeLaunch(window, options.course);
  if (!opened.learner.id) return null;
  const [packaged, templates] = await Promise.all(
    ["lrs.json", "xapi/statements.json"].map((name) => read(window, name)),
  );
  const sources = [launched, parse(opened.launchData), packaged].map(texts);
  const rank = (/** @type {keyof Source} */ key) => sources.findIndex((source) => source[key]);
  const value = (/** @type {keyof Source} */ key) => sources[rank(key)]?.[key] ?? "";
  const [endpoint, auth, homePage] = [value("endpoint"), value("auth"), value("homePage")];
  // A key goes to the endpoint of its own source, or of a later one: never from the package to where a link says.
  const isOurs = isAuth(auth) && rank("auth") <= rank("endpoint");
  if (!templates || !isOurs || !isEndpoint(endpoint) || !isAddress(homePage)) return null;
  const { id } = opened.learner;
  const name = options.data.pseudonymous ? await pseudonym(window.crypto, value("salt"), id) : id;
  if (!name) return mute;

  const actor = { objectType: "Agent", account: { homePage, name } };
  const course = options.course.split("/")[0] ?? "";
  const own = JSON.stringify(actor);
  const queue = openQueue({
    storage: attempt(() => window.localStorage),
    prefix: `carabin:${course}:${ownerOf(course, id)}:lrs:${hex(hash(own))}:`,
    session: `${now().toString(36).padStart(9, "0")}-${Math.random().toString(36).slice(2)}`,
    lrs: openLrs({ endpoint, auth, fetch: window.fetch.bind(window), timers: window }),
    timers: window,
    now,
    changed,
    rebind: () => null,
  });
  const tell = openTeller({
    templates,
    launch: options.course,
    actor,
    registration: uuidOf([course, own, options.attempt].join("\n")),
    minutes: opened.minutes,
    now,
    random: (bytes) => window.crypto.getRandomValues(bytes),
  });
  window.addEventListener("online", () => queue.retry());
  queue.resume();
  return {
    tell,
    // What another configuration made names the learner otherwise: it never travels under this one.
    put: (made, isLast = false) =>
      queue.put(
        made.filter((one) => JSON.stringify(one.actor) === own),
        isLast,
      ),
    waiting: queue.waiting,
    trouble: queue.trouble,
  };
}

/** What stands in for a recorder that may not name the learner. @type {Recorder} */
const mute = { tell: () => [], put() {}, waiting: () => 0, trouble: () => "statements_nameless" };

/**
 * What the launch's query gives. It leaves the address bar, and is kept for the same page loaded again, for no other.
 * @param {Window} window
 * @param {string} course
 * @returns {unknown}
 */
function takeLaunch(window, course) {
  const { location, history } = window;
  const key = `carabin:${course}:launch`;
  const tab = attempt(() => window.sessionStorage);
  const names = Object.values(QUERY);
  const pairs = location.search.slice(1).split("&");
  const rest = pairs.filter((pair) => !names.includes(pair.split("=")[0] ?? ""));
  if (rest.length === pairs.length) {
    const [page] = window.performance.getEntriesByType("navigation");
    const isNew = /** @type {PerformanceNavigationTiming | undefined} */ (page)?.type === "navigate";
    if (isNew) attempt(() => tab?.removeItem(key));
    return parse(attempt(() => tab?.getItem(key)));
  }
  const query = new URLSearchParams(location.search);
  const found = Object.fromEntries(Object.entries(QUERY).map(([name, parameter]) => [name, query.get(parameter)]));
  attempt(() => tab?.setItem(key, JSON.stringify(found)));
  const search = rest.length ? `?${rest.join("&")}` : "";
  attempt(() => history.replaceState(history.state, "", location.pathname + search + location.hash));
  return found;
}

/** @param {string | null | undefined} text @returns {unknown} */
const parse = (text) => attempt(() => JSON.parse(text ?? ""));

/** @param {unknown} source @returns {Source} its texts, which are those of a person: spaces around them mean nothing */
function texts(source) {
  const given = /** @type {Record<string, unknown>} */ (source ?? {});
  return Object.fromEntries(
    Object.keys(QUERY).map((key) => [key, typeof given[key] === "string" ? given[key].trim() : ""]),
  );
}

/**
 * @param {Window} window
 * @param {string} name of a file of the package
 * @returns {Promise<any>} what its JSON holds; null: none came
 */
function read(window, name) {
  const get = (/** @type {RequestCache} */ cache) =>
    window.fetch(name, { cache }).then((answer) => answer.ok && answer.json());
  // An administrator may have changed it; without network, what was read before is better than nothing.
  const found = get("no-cache").catch(() => get("force-cache"));
  const late = new Promise((resume) => window.setTimeout(resume, PATIENCE));
  return Promise.race([found, late]).catch(() => null);
}

/** @param {string} text @returns {boolean} */
function isEndpoint(text) {
  const url = attempt(() => new URL(text));
  return (
    !!url &&
    !url.username &&
    (url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.includes(url.hostname)))
  );
}

/** @param {string} text @returns {boolean} a scheme and credentials, as a header holds them */
const isAuth = (text) => /^[!-~]+ [ -~]+$/.test(text);

/** @param {string} text @returns {boolean} */
const isAddress = (text) => /^https?:\/\/[^\s]+$/.test(text) && !!attempt(() => new URL(text));

/**
 * HMAC-SHA-256 of the learner's id under the salt, in hexadecimal digits (RFC 2104).
 * @param {Crypto | undefined} crypto
 * @param {string} salt
 * @param {string} id
 * @returns {Promise<string>} "": it cannot be made, without salt or on a page without TLS
 */
async function pseudonym(crypto, salt, id) {
  if (!salt || !crypto?.subtle) return "";
  const [secret, text] = [salt, id].map((one) => new TextEncoder().encode(one));
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const bytes = new Uint8Array(await crypto.subtle.sign("HMAC", key, text));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
