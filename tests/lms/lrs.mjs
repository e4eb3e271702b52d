/**
 * A strict LRS in memory, and what can befall a request to it. It is reached by a `fetch` of its own; with the clock of
 * `openClock`, hours pass in no time. No network, no DOM.
 *
 * xAPI 1.0.3 Communication §2; what others do otherwise is in `Mode`.
 */
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";

/** @import {Statement} from "../../builder/runtime/types.d.ts" */

/**
 * - `strict`: a stored statement is taken for new when it is the same, and refused with 409 when it is not
 * - `ralph`: a stored one alone gives 204, beside a new one 500, and the new one is not kept; a bad one 422; what is
 *   asked for by id comes as a list, which may be empty
 * - `conflict`: 409 for a stored one, also when it is the same
 * - `cmi5`: `strict`, and only what the session of the last `launch` may send (403)
 * @typedef {"strict" | "ralph" | "conflict" | "cmi5"} Mode
 */
/**
 * What befalls one request. `""`: nothing.
 * - `unsent`: it never arrives, and fails
 * - `unanswered`: it arrives, and fails
 * - `silent`: it never arrives, and never fails by itself
 * - `mute`: it arrives, and is never answered
 * - `status`: it is refused; `after`: its `Retry-After`; `body`: its text
 * - `delay`: it arrives, and is answered after so many milliseconds
 * @typedef {"" | "unsent" | "unanswered" | "silent" | "mute" | {status: number, after?: string, body?: string} |
 *   {delay: number}} Fault
 */
/** @typedef {{method: string, resource: string, params: Record<string, string>, ids: string[], bytes: number,
 *   keepalive: boolean, status: number}} Entry status 0: not answered */
/** @typedef {{session: string, registration?: string, activity?: string, actor?: object, rules?: boolean}} Launch */
/** @typedef {{status: number, text?: string, headers?: Record<string, string>}} Answer */

const SESSION = "https://w3id.org/xapi/cmi5/context/extensions/sessionid";
const CMI5 = "https://w3id.org/xapi/cmi5/context/categories/cmi5";
/** Bytes of bodies that a browser lets travel at once with `keepalive` (Fetch §4.5). */
const IN_FLIGHT = 65_536;
/** Parameters of each document resource: needed, and allowed. */
const DOCUMENTS = /** @type {Record<string, {id: string, needs: string[], takes: string[]}>} */ ({
  "activities/state": { id: "stateId", needs: ["activityId", "agent"], takes: ["registration"] },
  "activities/profile": { id: "profileId", needs: ["activityId"], takes: [] },
  "agents/profile": { id: "profileId", needs: ["agent"], takes: [] },
});

/**
 * @param {object} [options]
 * @param {string} [options.endpoint]
 * @param {string} [options.auth] the only `Authorization` that is taken
 * @param {Mode} [options.mode]
 * @param {boolean} [options.checksState] whether State minds ETags as profiles must; else it takes what it gets
 * @param {boolean} [options.exposes] whether scripts of other origins may read ETag and Retry-After
 * @param {() => number} [options.now] milliseconds since the epoch
 * @param {{setTimeout: (action: () => void, delay: number) => unknown}} [options.timers]
 */
export function openFakeLrs({
  endpoint = "https://lrs.example/xapi/",
  auth = "Basic amVhbm5lOm1hcnRpbg==",
  mode = "strict",
  checksState = true,
  exposes = true,
  now = Date.now,
  timers = globalThis,
} = {}) {
  /** In the order in which they were stored. @type {Map<string, Statement>} */
  const stored = new Map();
  /** By resource and sorted parameters. @type {Map<string, {text: string, params: Record<string, string>}>} */
  const documents = new Map();
  /** @type {Launch | null} */
  let launched = null;
  let inFlight = 0;

  const lrs = {
    endpoint,
    auth,
    mode,
    /** Everything that was asked. @type {Entry[]} */
    requests: [],
    /** One for each request to come. @type {Fault[]} */
    script: [],
    /** When the script is at its end. @type {(request: Entry) => Fault} */
    always: () => "",
    /** Most bytes of a body; more gives 413. */
    limit: Infinity,
    /** Refuses a statement alone, whatever the mode: an HTTP status, or 0. @type {(statement: Statement) => number} */
    refuses: () => 0,

    /** @returns {Statement[]} as they were received, in the order in which they were stored */
    get statements() {
      return [...stored.values()];
    },
    /** @returns {Entry[]} requests that sent statements */
    get posts() {
      return lrs.requests.filter(({ method, resource }) => method === "POST" && resource === "statements");
    },
    /** A new session (cmi5); the one before is over. @param {Launch} launch */
    launch(launch) {
      launched = launch;
    },
    /** @param {string} resource @param {Record<string, string>} params @returns {any} undefined: not there */
    document(resource, params) {
      const found = documents.get(keyOf(resource, params));
      return found && JSON.parse(found.text);
    },
    /** What somebody else wrote. @param {string} resource @param {Record<string, string>} params @param {unknown} value */
    setDocument(resource, params, value) {
      documents.set(keyOf(resource, params), { text: JSON.stringify(value), params });
    },

    /** @type {typeof fetch} */
    fetch: (input, init = {}) =>
      new Promise((resolve, reject) => {
        const url = new URL(String(input));
        const body = typeof init.body === "string" ? init.body : "";
        const headers = new Headers(init.headers);
        /** @type {Entry} */
        const entry = {
          method: init.method ?? "GET",
          resource: url.href.slice(endpoint.length).split("?")[0] ?? "",
          params: Object.fromEntries(url.searchParams),
          ids: idsOf(body),
          bytes: Buffer.byteLength(body),
          keepalive: !!init.keepalive,
          status: 0,
        };
        const held = entry.keepalive ? entry.bytes : 0;
        if (!url.href.startsWith(endpoint) || inFlight + held > IN_FLIGHT) {
          reject(new TypeError("Failed to fetch"));
          return;
        }
        lrs.requests.push(entry);
        inFlight += held;
        let isOver = false;
        /** @param {() => void} settle */
        const end = (settle) => {
          if (isOver) return;
          isOver = true;
          inFlight -= held;
          settle();
        };
        const abort = () => end(() => reject(new DOMException("The operation was aborted.", "AbortError")));
        if (init.signal?.aborted) return abort();
        init.signal?.addEventListener("abort", abort);

        const fault = lrs.script.shift() ?? lrs.always(entry);
        if (fault === "silent") return;
        if (fault === "unsent") return end(() => reject(new TypeError("Failed to fetch")));
        const isRefused = typeof fault === "object" && "status" in fault;
        const answer = isRefused
          ? { status: fault.status, text: fault.body, headers: fault.after ? { "retry-after": fault.after } : {} }
          : handle(entry, headers, body);
        if (fault === "mute") return;
        if (fault === "unanswered") return end(() => reject(new TypeError("Failed to fetch")));
        const settle = () =>
          end(() => {
            entry.status = answer.status;
            resolve(responseOf(answer, exposes));
          });
        if (typeof fault === "object" && "delay" in fault) timers.setTimeout(settle, fault.delay);
        else settle();
      }),
  };

  /** @param {Entry} entry @param {Headers} headers @param {string} body @returns {Answer} */
  function handle({ method, resource, params, bytes }, headers, body) {
    if (headers.get("authorization") !== auth) return { status: 401 };
    if (!/^1\.0(\.\d+)?$/.test(headers.get("x-experience-api-version") ?? "")) return { status: 400 };
    if (bytes > lrs.limit) return { status: 413 };
    if (resource === "statements") return method === "GET" ? find(params) : take(method, params, headers, body);
    return resource in DOCUMENTS ? keep(method, resource, params, headers, body) : { status: 404 };
  }

  /** @param {Record<string, string>} params @returns {Answer} */
  function find({ statementId = "", ...others }) {
    if (!isUuid(statementId) || Object.keys(others).length) return { status: 400, text: "one statementId, no more" };
    const statement = stored.get(statementId.toLowerCase());
    const isList = lrs.mode === "ralph";
    if (!statement) return isList ? { status: 200, text: '{"statements": []}' } : { status: 404 };
    const contextActivities = Object.entries(statement.context?.contextActivities ?? {});
    const context = statement.context && {
      ...statement.context,
      contextActivities: Object.fromEntries(contextActivities.map(([key, some]) => [key, [some].flat()])),
    };
    const authority = { objectType: "Agent", account: { homePage: endpoint, name: "lrs" } };
    const made = { version: "1.0.0", ...statement, context, authority, stored: new Date(now()).toISOString() };
    return { status: 200, text: JSON.stringify(isList ? { statements: [made] } : made) };
  }

  /** All or nothing. @type {(method: string, params: object, headers: Headers, body: string) => Answer} */
  function take(method, params, headers, body) {
    if (method !== "POST" || Object.keys(params).length) return { status: 400, text: "only POST is understood" };
    if (!/^application\/json(;|$)/.test(headers.get("content-type") ?? "")) return { status: 400 };
    /** @type {Statement[]} */
    const batch = [read(body) ?? null].flat();
    if (!batch.length) return { status: 400, text: "an empty batch" };
    const ids = batch.map((statement) => String(statement?.id).toLowerCase());
    if (new Set(ids).size < ids.length) return { status: 400, text: "an id twice in one batch" };
    for (const statement of batch) {
      const wrong = check(statement);
      if (wrong) return { status: lrs.mode === "ralph" ? 422 : 400, text: wrong };
    }
    for (const statement of batch) {
      const status = lrs.refuses(statement);
      if (status) return { status, text: "refused" };
    }
    const known = batch.filter((_, n) => stored.has(ids[n] ?? ""));
    if (lrs.mode === "conflict" && known.length) return { status: 409 };
    for (const statement of known) {
      if (!isDeepStrictEqual(stored.get(statement.id.toLowerCase()), statement)) return { status: 409 };
    }
    const fresh = batch.filter((statement) => !known.includes(statement));
    if (lrs.mode === "ralph" && known.length) return { status: fresh.length ? 500 : 204 };
    if (lrs.mode === "cmi5") {
      const before = [...stored.values()];
      for (const statement of fresh) {
        const wrong = trespass(statement, before);
        if (wrong) return { status: 403, text: wrong };
        before.push(statement);
      }
    }
    for (const statement of fresh) stored.set(statement.id.toLowerCase(), statement);
    return { status: 200, text: JSON.stringify(ids) };
  }

  /**
   * What the LMS side of cmi5 refuses (§9, §10).
   * @param {Statement} statement
   * @param {Statement[]} before it
   * @returns {string} "" when it may be sent
   */
  function trespass(statement, before) {
    if (!launched) return "no session";
    const { session, registration, activity, actor, rules } = launched;
    const { context = {}, verb, object } = statement;
    if (context.extensions?.[SESSION] !== session) return "9.6.3.1: session id of another session";
    if (registration && context.registration !== registration) return "9.6.1: registration";
    if (actor && !isDeepStrictEqual(statement.actor, actor)) return "9.2: actor";
    if (!rules) return "";
    const said = (/** @type {Statement[]} */ some, /** @type {string} */ name) =>
      some.some((one) => isDefined(one) && one.verb.id === `http://adlnet.gov/expapi/verbs/${name}`);
    const ours = before.filter((one) => one.context?.extensions?.[SESSION] === session);
    const earlier = before.filter((one) => one.context?.registration === context.registration);
    const name = verb.id.split("/").at(-1) ?? "";
    if (said(ours, "terminated")) return "9.3.8: after terminated";
    if (!said(ours, "initialized")) {
      if (name !== "initialized" || !isDefined(statement)) return "9.3.2: before initialized";
      const asked = (/** @type {string} */ id) =>
        lrs.requests.some(({ method, params }) => method === "GET" && (params.stateId ?? params.profileId) === id);
      if (!asked("LMS.LaunchData")) return "10.0: LMS.LaunchData was not read";
      if (!asked("cmi5LearnerPreferences")) return "11.0: cmi5LearnerPreferences was not read";
    }
    if (!isDefined(statement)) return "";
    if (activity && object.id !== activity) return "9.4: object";
    if (!/Z$/.test(statement.timestamp)) return "9.7: timestamp in UTC";
    if (["initialized", "terminated", "failed"].includes(name) && said(ours, name)) return `9.3: ${name} twice`;
    if (["completed", "passed"].includes(name) && said(earlier, name)) return `9.3: ${name} twice`;
    return name === "failed" && said(earlier, "passed") ? "9.3.5: failed after passed" : "";
  }

  /** @type {(method: string, resource: string, params: Record<string, string>, headers: Headers, body: string) => Answer} */
  function keep(method, resource, params, headers, body) {
    const { id, needs, takes } = /** @type {(typeof DOCUMENTS)[string]} */ (DOCUMENTS[resource]);
    const given = Object.keys(params);
    if (needs.some((name) => !given.includes(name))) return { status: 400, text: `${needs} are needed` };
    if (given.some((name) => ![id, ...needs, ...takes].includes(name))) return { status: 400, text: "a parameter" };
    if (params.agent && wrongAgent(read(params.agent))) return { status: 400, text: "agent" };
    if (params.activityId && !isIri(params.activityId)) return { status: 400, text: "activityId" };
    if (params.registration && !isUuid(params.registration)) return { status: 400, text: "registration" };
    if (!params[id]) return method === "GET" ? list(resource, params, id) : { status: 400, text: `no ${id}` };

    const key = keyOf(resource, params);
    const found = documents.get(key);
    const etag = found && etagOf(found.text);
    if (method === "GET")
      return found ? { status: 200, text: found.text, headers: { etag: etag ?? "" } } : { status: 404 };
    if (lrs.mode === "cmi5" && params[id] === "LMS.LaunchData") return { status: 403, text: "10.0: not for the AU" };
    if (resource !== "activities/state" || checksState) {
      const [match, none] = [headers.get("if-match"), headers.get("if-none-match")];
      if (match !== null && match !== etag) return { status: 412 };
      if (none !== null && found && (none === "*" || none === etag)) return { status: 412 };
      if (match === null && none === null && found && resource !== "activities/state") return { status: 409 };
    }
    if (method === "DELETE") documents.delete(key);
    else if (method === "PUT") documents.set(key, { text: body, params });
    else if (method === "POST") {
      const [old, added] = [found ? read(found.text) : {}, read(body)];
      if (!isObject(old) || !isObject(added)) return { status: 400, text: "POST merges objects" };
      documents.set(key, { text: JSON.stringify({ ...old, ...added }), params });
    } else return { status: 405 };
    const made = documents.get(key);
    return { status: 204, headers: made ? { etag: etagOf(made.text) } : {} };
  }

  /** @param {string} resource @param {Record<string, string>} params @param {string} id @returns {Answer} */
  function list(resource, params, id) {
    const mine = [...documents].filter(([key, { params: own }]) => {
      const asked = { ...params, [id]: own[id] ?? "" };
      return key === keyOf(resource, params.registration ? asked : { ...own, ...asked });
    });
    return { status: 200, text: JSON.stringify(mine.map(([, { params: own }]) => own[id])) };
  }

  return lrs;
}

/** Time that passes when the test says so; what is due runs in its order, and everything that it promised, too. */
export function openClock(start = Date.UTC(2026, 0, 12, 6, 0, 0)) {
  /** @type {Map<number, {due: number, action: () => void}>} */
  const waiting = new Map();
  let last = 0;
  let passed = 0;
  const clock = {
    /** Added to what `now` says: a clock can be set back. */
    skew: start,
    now: () => clock.skew + passed,
    timers: {
      /** @param {() => void} action @param {number} [delay] milliseconds */
      setTimeout(action, delay = 0) {
        waiting.set(++last, { due: passed + delay, action });
        return last;
      },
      /** @param {number} [timer] */
      clearTimeout: (timer) => void waiting.delete(timer ?? 0),
    },
    /** @returns {number[]} milliseconds until each timer is due */
    delays: () => [...waiting.values()].map(({ due }) => due - passed).sort((one, other) => one - other),
    /** Lets promises settle; no time passes. */
    settle: () => new Promise((resolve) => setImmediate(resolve)),
    /** @param {number} milliseconds */
    async pass(milliseconds) {
      const end = passed + milliseconds;
      await clock.settle();
      for (;;) {
        const [next] = [...waiting].sort(([a, one], [b, other]) => one.due - other.due || a - b);
        if (!next || next[1].due > end) break;
        waiting.delete(next[0]);
        passed = Math.max(passed, next[1].due);
        next[1].action();
        await clock.settle();
      }
      passed = end;
    },
  };
  return clock;
}

// --- what a statement may be -----------------------------------------------------------------------------------------

const IRI = /^[a-z][a-z0-9+.-]*:[^\s<>"{}|\\^`]+$/i;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-](?!00:00)\d\d:\d\d|\+00:00)$/;
const DURATION = /^P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$/;
const LANGUAGE = /^[a-z]{2,8}(-[a-z0-9]{1,8})*$/i;
/** Which lists of components an interaction type may have. */
const COMPONENTS = /** @type {Record<string, string[]>} */ ({
  "true-false": [],
  choice: ["choices"],
  "fill-in": [],
  "long-fill-in": [],
  matching: ["source", "target"],
  performance: ["steps"],
  sequencing: ["choices"],
  likert: ["scale"],
  numeric: [],
  other: [],
});
const LISTS = ["choices", "scale", "source", "target", "steps"];

/** @param {unknown} value @returns {value is Record<string, any>} */
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
/** @param {unknown} value */
const isIri = (value) => typeof value === "string" && IRI.test(value);
/** @param {unknown} value */
const isUuid = (value) => typeof value === "string" && UUID.test(value);
/** @param {unknown} value */
const isWords = (value) =>
  isObject(value) && Object.entries(value).every(([tag, text]) => LANGUAGE.test(tag) && typeof text === "string");
/** @param {unknown} value */
const isExtensions = (value) => isObject(value) && Object.keys(value).every(isIri);
/** @param {Record<string, any>} object @param {string} names @returns {string} what it has beside them */
const beside = (object, names) => Object.keys(object).find((key) => !names.split(" ").includes(key)) ?? "";
/** @param {string} text @returns {any} undefined: not JSON */
function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * xAPI Data §2; beyond it, id and timestamp are wanted, for ours always have them.
 * @param {unknown} statement
 * @returns {string} "" when it is right; else where it is wrong
 */
export function check(statement) {
  if (!isObject(statement)) return "not an object";
  const other = beside(statement, "id actor verb object result context timestamp version attachments");
  if (other) return `property ${other}`;
  if (hasNull(statement)) return "null";
  const { id, actor, verb, object, result, context, timestamp, version } = statement;
  if (!isUuid(id)) return "id";
  if (typeof timestamp !== "string" || !TIME.test(timestamp) || isNaN(Date.parse(timestamp))) return "timestamp";
  if (version !== undefined && !/^1\.0\.\d+$/.test(version)) return "version";
  if (wrongAgent(actor)) return `actor: ${wrongAgent(actor)}`;
  if (!isObject(verb) || beside(verb, "id display") || !isIri(verb.id)) return "verb";
  if (verb.display !== undefined && !isWords(verb.display)) return "verb.display";
  const wrong = wrongActivity(object) || wrongResult(result) || wrongContext(context);
  return wrong;
}

/** Null is for extensions alone. @param {unknown} value @returns {boolean} */
function hasNull(value) {
  if (value === null) return true;
  if (typeof value !== "object") return false;
  return Object.entries(value).some(([key, inner]) => key !== "extensions" && hasNull(inner));
}

/** @param {unknown} agent @returns {string} */
function wrongAgent(agent) {
  if (!isObject(agent)) return "not an object";
  const { objectType = "Agent", name = "", mbox, mbox_sha1sum, openid, account } = agent;
  if (beside(agent, "objectType name mbox mbox_sha1sum openid account")) return "property";
  if (objectType !== "Agent" || typeof name !== "string") return "objectType or name";
  if ([mbox, mbox_sha1sum, openid, account].filter((one) => one !== undefined).length !== 1) return "one identifier";
  if (mbox !== undefined && !/^mailto:[^@\s]+@[^@\s]+$/.test(mbox)) return "mbox";
  if (mbox_sha1sum !== undefined && !/^[0-9a-f]{40}$/i.test(mbox_sha1sum)) return "mbox_sha1sum";
  if (openid !== undefined && !isIri(openid)) return "openid";
  if (account === undefined) return "";
  const isRight = isObject(account) && !beside(account, "homePage name") && isIri(account.homePage);
  return isRight && typeof account.name === "string" && account.name ? "" : "account";
}

/** @param {unknown} activity @returns {string} */
function wrongActivity(activity) {
  if (!isObject(activity) || beside(activity, "objectType id definition")) return "activity";
  if ((activity.objectType ?? "Activity") !== "Activity" || !isIri(activity.id)) return "activity id";
  const { definition } = activity;
  if (definition === undefined) return "";
  const names = "name description type moreInfo extensions interactionType correctResponsesPattern";
  if (!isObject(definition) || beside(definition, `${names} ${LISTS.join(" ")}`)) return "definition";
  const { name, description, type, moreInfo, extensions, interactionType, correctResponsesPattern } = definition;
  for (const words of [name, description]) if (words !== undefined && !isWords(words)) return "language map";
  for (const iri of [type, moreInfo]) if (iri !== undefined && !isIri(iri)) return "type or moreInfo";
  if (extensions !== undefined && !isExtensions(extensions)) return "definition.extensions";
  const lists = LISTS.filter((list) => list in definition);
  if (interactionType === undefined) return lists.length || correctResponsesPattern ? "interactionType is missing" : "";
  const allowed = COMPONENTS[interactionType];
  if (!allowed || lists.some((list) => !allowed.includes(list))) return "interactionType";
  const isPattern = (/** @type {unknown} */ one) => typeof one === "string";
  if (correctResponsesPattern !== undefined)
    if (!Array.isArray(correctResponsesPattern) || !correctResponsesPattern.every(isPattern)) return "pattern";
  for (const list of lists) {
    const components = definition[list];
    if (!Array.isArray(components)) return list;
    for (const one of components) {
      if (!isObject(one) || beside(one, "id description") || typeof one.id !== "string" || !one.id) return list;
      if (one.description !== undefined && !isWords(one.description)) return list;
    }
    if (new Set(components.map(({ id }) => id)).size < components.length) return `${list}: an id twice`;
  }
  return "";
}

/** @param {unknown} result @returns {string} */
function wrongResult(result) {
  if (result === undefined) return "";
  if (!isObject(result) || beside(result, "score success completion response duration extensions")) return "result";
  const { score, success = true, completion = true, response = "", duration = "PT0S", extensions = {} } = result;
  if (typeof success !== "boolean" || typeof completion !== "boolean") return "success or completion";
  if (typeof response !== "string") return "response";
  if (typeof duration !== "string" || !DURATION.test(duration)) return "duration";
  if (!isExtensions(extensions)) return "result.extensions";
  if (score === undefined) return "";
  if (!isObject(score) || beside(score, "scaled raw min max")) return "score";
  if (!Object.values(score).every((value) => Number.isFinite(value))) return "score: numbers";
  const { scaled = 0, raw, min, max } = score;
  if (scaled < -1 || scaled > 1) return "score.scaled";
  if (min >= max || raw < min || raw > max) return "score: raw between min and max";
  return "";
}

/** @param {unknown} context @returns {string} */
function wrongContext(context) {
  if (context === undefined) return "";
  const names = "registration instructor team contextActivities revision platform language statement extensions";
  if (!isObject(context) || beside(context, names)) return "context";
  const {
    registration,
    contextActivities = {},
    revision = "",
    platform = "",
    language = "fr",
    extensions = {},
  } = context;
  if (registration !== undefined && !isUuid(registration)) return "registration";
  if (typeof revision !== "string" || typeof platform !== "string") return "revision or platform";
  if (typeof language !== "string" || !LANGUAGE.test(language)) return "language";
  if (!isExtensions(extensions)) return "context.extensions";
  if (!isObject(contextActivities) || beside(contextActivities, "parent grouping category other")) return "activities";
  return Object.values(contextActivities).flat().map(wrongActivity).find(Boolean) ?? "";
}

// --- small parts -----------------------------------------------------------------------------------------------------

/** @param {string} body @returns {string[]} ids of the statements in it */
const idsOf = (body) => [read(body) ?? []].flat().map((statement) => String(statement?.id));

/** @param {Statement} statement */
const isDefined = ({ context }) =>
  [context?.contextActivities?.category ?? []].flat().some((/** @type {{id: string}} */ { id }) => id === CMI5);

/** An agent is the same whatever the order of its properties. @type {(resource: string, params: Record<string, string>) => string} */
function keyOf(resource, params) {
  const agent = params.agent && JSON.stringify(Object.entries(read(params.agent) ?? {}).sort());
  return JSON.stringify([resource, ...Object.entries({ ...params, ...(agent && { agent }) }).sort()]);
}

/** xAPI Communication §3.1: the hexadecimal SHA-1 of the document, in quotes. @param {string} text */
const etagOf = (text) => `"${createHash("sha1").update(text).digest("hex")}"`;

/** All that a client may use of a response. @type {(answer: Answer, exposes: boolean) => Response} */
function responseOf({ status, text = "", headers = {} }, exposes) {
  const made = { status, ok: status < 300, headers: new Headers(exposes ? headers : {}) };
  return /** @type {Response} */ (
    /** @type {unknown} */ ({ ...made, text: async () => text, json: async () => JSON.parse(text) })
  );
}
