/**
 * What a launch by cmi5 and one by Tin Can have in common once endpoint, learner and activity are known: a state
 * document in the LRS, and statements that wait in the browser until the LRS has them.
 */

/**
 * @import {Change, Driver, DriverOptions, Opened, Recorder, Statement, StatementTemplates, Status} from "../types.d.ts"
 * @import {Lrs} from "./lrs.js"
 */

import { attempt, ownerOf } from "../copy.js";
import { hash, hex } from "../hash.js";
import { openLrs } from "./lrs.js";
import { openQueue } from "./queue.js";
import { openState, parse } from "./state.js";
import { openTeller } from "./teller.js";

/** Milliseconds that a file of the package, or a token, may take; and that leaving waits for the LRS. */
const [PATIENCE, LEAVING] = [30_000, 5_000];
const STATUSES = ["incomplete", "completed", "failed", "passed"];
/** Verbs of what is told once: what the LRS has of it is noted in the state document. */
const ONCE = /\/(completed|passed)$/;
const FAILED = /\/failed$/;

/**
 * What a launch gives.
 * @typedef {object} Launch
 * @property {StatementTemplates} templates
 * @property {Lrs} lrs
 * @property {string} endpoint
 * @property {Record<string, any>} actor
 * @property {string} activity IRI
 * @property {Record<string, string>} params of the activity's documents: activityId, agent, registration
 * @property {Record<string, any> | null} context of every statement
 * @property {Opened["mode"]} mode
 * @property {number} [mastery] 0–1
 * @property {string} [returnTo]
 * @property {(statement: Statement) => Statement | null | undefined} [rebind] see `openQueue`; absent: statements belong
 *   to no session
 * @property {() => void} [forget] erases what was kept for a reload of the page
 */

/**
 * @param {string} name
 * @param {(window: Window, options: DriverOptions) => Promise<Launch | null>} find rejects where the session is refused
 * @returns {Driver}
 */
export function createDriver(name, find) {
  /** @type {Driver} */
  const driver = {
    name,
    endsWithPage: name === "cmi5",
    async open(window, options) {
      const launch = await find(window, options);
      return launch && begin(driver, launch, window, options);
    },
    save: (_, done) => done(false),
    close: (_, done) => done?.(false),
  };
  return driver;
}

/** @param {Driver} driver @param {Launch} launch @param {Window} window @param {DriverOptions} options @returns {Promise<Opened>} */
async function begin(driver, launch, window, { now, data, course, again, changed }) {
  const { lrs, actor, activity, params, mode, mastery } = launch;
  const { registration } = params;
  const cmi5 = driver.endsWithPage;
  const writer = Math.random().toString(36).slice(2);
  const state = openState({ lrs, window, params: { stateId: "carabin", ...params }, writer, again });
  const text = await state.read();
  const kept = parse(text);
  /** Nothing can be made of the document that was found. */
  const isStrange = !!text && typeof kept?.state !== "string";
  const opened = { ...read(isStrange ? { state: text } : (kept ?? {})), mode, learner: learnerOf(actor), mastery };
  const { minutes, told } = opened;
  // Windows that open at the same time begin the same attempt.
  if (registration) opened.attempt = hash(registration);
  const began = now();
  /** Statements told once that were made here, by id: whether the LRS has them is noted in the document. */
  const telling = /** @type {Map<string, string>} */ (new Map());
  /** Id of `initialized`, until what earlier sessions left may follow it. */
  let first = "";
  /** @type {Change | null} */
  let last = null;
  let isOpen = true;
  /** The page goes away. */
  let isGone = false;
  let drained = () => {};

  const tell = openTeller({
    ...{ templates: launch.templates, launch: data.course.id, activity, actor, registration, context: launch.context },
    ...{ cmi5, mastery: mastery ?? null, minutes, told, now },
    random: (bytes) => window.crypto.getRandomValues(/** @type {any} */ (bytes)),
  });
  const scope = hex(hash([launch.endpoint, activity, registration].join("\n")));
  const queue = openQueue({
    ...{ lrs, now, timers: window, storage: attempt(() => window.localStorage) },
    rebind(statement) {
      const bound = launch.rebind ? launch.rebind(statement) : null;
      if (bound === undefined && FAILED.test(statement.verb.id))
        told.splice(0, Infinity, ...told.filter((one) => one !== "failed"));
      return bound;
    },
    prefix: `carabin:${course}:${ownerOf(course, opened.learner.id)}:lrs:${scope}:`,
    session: began.toString(36).padStart(9, "0") + writer,
    changed() {
      const confirmed = queue.confirmed();
      if (first && confirmed.has(first)) {
        first = "";
        queue.resume();
      }
      const added = [...telling].filter(([id, kind]) => confirmed.has(id) && !told.includes(kind));
      told.push(...added.map(([, kind]) => kind));
      if (added.length && last && isOpen) state.put(make, () => {});
      if (!queue.waiting()) drained();
      changed();
    },
  });

  /** @returns {string} the document */
  function make() {
    const { location, status, completed, score } = last ?? opened;
    return JSON.stringify({
      schema: 1,
      state: last?.state || opened.state,
      location,
      status,
      completed: completed || opened.completed,
      score: score ?? opened.score,
      minutes: Number((minutes + (now() - began) / 60_000).toFixed(2)),
      told,
      window: writer,
    });
  }

  /** @param {Change | null} change @returns {boolean} there is something to write */
  function isWorth(change) {
    last = change;
    // What cannot be read stays as it is while there is nothing to put in its place.
    return !!change && mode === "normal" && !(isStrange && !change.state);
  }

  if (!cmi5) queue.resume();
  window.addEventListener?.("online", queue.retry);
  window.addEventListener?.("pagehide", () => (isGone = true));
  window.addEventListener?.("pageshow", () => (isGone = false));
  Object.assign(driver, {
    returnTo: launch.returnTo,
    recorder: {
      ...queue,
      /** @type {Recorder["tell"]} */
      tell(what) {
        const statements = tell(what);
        for (const { id, verb } of statements) {
          const [, kind] = ONCE.exec(verb.id) ?? [];
          if (kind) telling.set(id, kind);
          // It goes with the last save of a session, which nothing follows.
          if (FAILED.test(verb.id) && !told.includes("failed")) told.push("failed");
          if (cmi5 && mode === "normal" && what.kind === "initialized") first = id;
        }
        return statements;
      },
      /** @type {Recorder["put"]} */
      put(statements, isLast) {
        // The session takes up what a page that died had made, for whatever registration.
        const ours = statements.filter(({ context }) => context?.registration === registration);
        queue.put(ours, isLast);
      },
    },
    elsewhere: state.elsewhere,

    /** @type {Driver["save"]} */
    save(change, done) {
      if (!isOpen) done(false);
      else if (isWorth(change)) state.put(make, done);
      else done(true);
    },

    /** @type {Driver["close"]} */
    async close(change, done = () => {}) {
      if (!isOpen) return;
      isOpen = false;
      if (!isGone) launch.forget?.();
      const late = new Promise((resume) => window.setTimeout(resume, LEAVING));
      const isSaved = await Promise.race([isWorth(change) ? state.close(make, isGone) : true, late]);
      if (isSaved && queue.waiting()) await Promise.race([new Promise((resume) => (drained = () => resume(0))), late]);
      done(!!isSaved);
    },
  });
  return opened;
}

/**
 * @param {Record<string, any>} kept the state document
 * @returns {Omit<Opened, "mode" | "learner"> & {told: string[]}}
 */
function read({ state, location, status, completed, score, minutes, told }) {
  const text = (/** @type {unknown} */ value) => (typeof value === "string" ? value : "");
  return {
    state: text(state),
    location: text(location),
    status: STATUSES.includes(status) ? /** @type {Status} */ (status) : "",
    interactions: NaN,
    score: typeof score === "number" ? score : NaN,
    minutes: minutes > 0 ? Number(minutes) : 0,
    recorded: true,
    completed: completed === true,
    told: Array.isArray(told) ? told.map(text) : [],
  };
}

/** @param {Record<string, any>} actor @returns {Opened["learner"]} id: as xAPI tells one agent from another */
function learnerOf({ name, mbox, mbox_sha1sum: sum, openid, account }) {
  return {
    id: account ? `${account.homePage} ${account.name}` : mbox || openid || sum,
    name: name || account?.name || mbox?.replace("mailto:", "") || "",
  };
}

/**
 * @param {Window} window
 * @param {string} url
 * @param {RequestInit} [init]
 * @returns {Promise<any>} JSON; rejects where there is none in time
 */
export async function fetchJson(window, url, init) {
  const abort = new AbortController();
  const timer = window.setTimeout(() => abort.abort(), PATIENCE);
  try {
    return await (await window.fetch(url, { ...init, signal: abort.signal })).json();
  } finally {
    window.clearTimeout(timer);
  }
}

/** @param {Window} window @returns {Promise<StatementTemplates>} of the package */
export const readTemplates = (window) => fetchJson(window, "xapi/statements.json");

/** @param {Window} window @param {string} endpoint @param {string} auth @returns {Lrs} */
export const connect = (window, endpoint, auth) =>
  openLrs({ endpoint, auth, fetch: window.fetch.bind(window), timers: window });
