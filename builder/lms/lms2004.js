/**
 * A simulated SCORM 2004 LMS, 4th edition: what `lms.js` is for 1.2, with the same server, faults and transcript around
 * another data model. Its profiles are `profiles2004/*.yml`.
 *
 * A launch is one SCO. What sequencing makes of several is not played here.
 *
 * Sources: SCORM 2004 4th edition RTE §3.1.7 (errors), §4.1 and §4.2 (data model); the profiles name theirs.
 */

/**
 * What a product does. Keys that `lms.js` has too mean the same.
 * @typedef {object} Profile2004
 * @property {string} name
 * @property {number} suspend_data_limit characters
 * @property {number} location_limit characters
 * @property {"refuse" | "lose"} oversized
 * @property {boolean} response_grammar
 * @property {boolean} coerces_values
 * @property {"First Last" | "Last, First"} name_order
 * @property {"refuse" | "reset"} second_initialize
 * @property {boolean} initialize_after_terminate
 * @property {boolean} toc_reloads
 * @property {boolean} errors_block
 * @property {boolean} ends_first
 * @property {"commit" | "set" | "terminate"} stores_at
 * @property {boolean} forgets_failed
 * @property {boolean} resends_interactions
 * @property {boolean} offline_answers_true
 * @property {boolean} always_true
 * @property {number} beacon_limit bytes
 * @property {string} leaving_answer
 * @property {string} readable
 * @property {boolean} counts
 * @property {"suspend" | "ab-initio" | ""} entry
 * @property {"always" | "suspended" | "never"} keeps_suspend_data
 * @property {boolean} keeps_record what was not suspended is there at the next launch; otherwise a new attempt begins
 * @property {boolean} judges_success a scaled passing score and a scaled score decide the success status
 * @property {boolean} judges_completion a completion threshold and a progress measure decide the completion status
 * @property {boolean} zones a timestamp may name its zone
 * @property {boolean} fixes_ids ids of interactions and objectives, once set, are refused when they change
 * @property {string} review_after completion statuses after which the next launch is in review mode
 * @property {boolean} review_stores
 * @property {string} closed_after completion statuses after which further writes are answered but not stored
 * @property {boolean} untouched_completes `unknown` at Terminate becomes `completed`
 * @property {boolean} late_completion
 * @property {"keep" | "match" | "restart"} replacing
 * @property {string} cannot_en
 * @property {string} cannot_fr
 */

/**
 * What the manifest settles beside `Launch` of `lms.js`.
 * @typedef {object} Manifest2004
 * @property {string} [passing] `minNormalizedMeasure` of the primary objective, −1 to 1
 * @property {string} [threshold] `minProgressMeasure`, 0–1
 * @property {string[]} [objectives] ids that the manifest names
 */

/** @import {Attempt, Call, Faults, Fields, Launch, Store} from "./lms.js" */

import { block, count, inArrays, listed, memoryStore, shape, size, transcriptText } from "./lms.js";

/** @type {Profile2004} */
export const STRICT_2004 = {
  name: "SCORM 2004",
  suspend_data_limit: 64_000,
  location_limit: 1000,
  oversized: "refuse",
  response_grammar: true,
  coerces_values: false,
  name_order: "Last, First",
  second_initialize: "refuse",
  initialize_after_terminate: false,
  toc_reloads: true,
  errors_block: false,
  ends_first: false,
  stores_at: "commit",
  forgets_failed: false,
  resends_interactions: false,
  offline_answers_true: false,
  always_true: false,
  beacon_limit: 65_536,
  leaving_answer: "true",
  readable: "",
  counts: true,
  entry: "suspend",
  keeps_suspend_data: "always",
  keeps_record: false,
  judges_success: true,
  judges_completion: true,
  zones: true,
  fixes_ids: true,
  review_after: "",
  review_stores: false,
  closed_after: "",
  untouched_completes: false,
  late_completion: false,
  replacing: "keep",
  cannot_en: "",
  cannot_fr: "",
};

// --- data model -----------------------------------------------------------------------------------------------------

const NUMBER = /^-?\d{1,10}(\.\d{1,7})?$/;
const DURATION = /^P(?=[\dT])(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d{1,2})?S)?)?$/;
const TIME =
  /^(19[7-9]\d|20[0-2]\d|203[0-8])(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])(T([01]\d|2[0-3])(:[0-5]\d(:[0-5]\d(\.\d{1,2}(Z|[+-]([01]\d|2[0-3])(:[0-5]\d)?)?)?)?)?)?)?)?$/;
const SHORT = /^[!-Z\\^-~]{1,250}$/;
const LONG = /^[!-~]{1,4000}$/;
const LANGUAGE = "(\\{lang=[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*\\})?";
const COMPLETION = "completed incomplete unknown".split(" ").concat("not attempted");
const SUCCESS = "passed failed unknown".split(" ");

/** @param {number} most @returns {RegExp} a localized string of so many characters on one line */
const localized = (most) => new RegExp(`^${LANGUAGE}(?!\\{).{0,${most}}$`, "s");
const TEXT = localized(250);

/**
 * What a response to each type looks like (RTE §4.2.9.1): how often `list` may divide it, and what each node is. `most`:
 * how many correct responses there may be.
 * @type {Record<string, {most: number, nodes: number, node: RegExp, pattern?: RegExp, unique?: boolean}>}
 */
const TYPES = {
  "true-false": { most: 1, nodes: 1, node: /^(true|false)$/ },
  choice: { most: 10, nodes: 36, node: SHORT, unique: true },
  "fill-in": {
    most: 5,
    nodes: 10,
    node: TEXT,
    pattern: /^(\{(case|order)_matters=(true|false)\}){0,2}(\{lang=[\w-]+\})?.{0,250}$/,
  },
  "long-fill-in": { most: 5, nodes: 1, node: localized(4000) },
  likert: { most: 1, nodes: 1, node: SHORT },
  matching: { most: 5, nodes: 36, node: /^[!-Z\\^-~]{1,250}\[\.\][!-Z\\^-~]{1,250}$/ },
  performance: { most: 5, nodes: 250, node: /^[!-Z\\^-~]{0,250}\[\.\].{0,250}$/ },
  sequencing: { most: 5, nodes: 36, node: SHORT },
  numeric: { most: 1, nodes: 1, node: NUMBER, pattern: /^(-?\d+(\.\d{1,7})?)?\[:\](-?\d+(\.\d{1,7})?)?$/ },
  other: { most: 1, nodes: 1, node: /^.{0,4000}$/s },
};

/** @typedef {"" | "351" | "406" | "407"} Fault the code of an error */
/** @typedef {(value: string, profile: Profile2004, type: string) => Fault} Check `type` is the interaction's, or "" */

/** @type {(pattern: RegExp) => Check} */
const matches = (pattern) => (value) => (pattern.test(value) ? "" : "406");
/** @type {(words: string[]) => Check} */
const word = (words) => (value) => (words.includes(value) ? "" : "406");
/** @type {(least: number, most: number) => Check} */
const real = (least, most) => (value) => {
  if (!NUMBER.test(value)) return "406";
  return Number(value) >= least && Number(value) <= most ? "" : "407";
};
const ANY = real(-Infinity, Infinity);
/** @type {(most: number | "suspend_data_limit" | "location_limit") => Check} */
const upTo = (most) => (value, profile) =>
  profile.oversized === "lose" || value.length <= (typeof most === "number" ? most : profile[most]) ? "" : "406";
/** @type {(isPattern: boolean) => Check} */
const response = (isPattern) => (value, profile, type) => {
  const grammar = TYPES[type];
  if (!grammar || !profile.response_grammar) return value.length <= 4000 ? "" : "406";
  const nodes = grammar.nodes === 1 ? [value] : value.split("[,]");
  if (nodes.length > grammar.nodes) return "351";
  const form = (isPattern && grammar.pattern) || grammar.node;
  const isUnique = !grammar.unique || new Set(nodes).size === nodes.length;
  return isUnique && nodes.every((node) => form.test(node)) ? "" : "406";
};
/** @type {Check} */
const timestamp = (value, profile) =>
  TIME.test(value) && (profile.zones || !/(Z|[+-]\d\d(:\d\d)?)$/.test(value.split("T")[1] ?? "")) ? "" : "406";

/** @type {Record<string, ["r" | "w" | "rw", Check?]>} */
const SCORE = { scaled: ["rw", real(-1, 1)], raw: ["rw", ANY], min: ["rw", ANY], max: ["rw", ANY] };
/** @param {string} parent */
const score = (parent) =>
  Object.fromEntries(Object.entries(SCORE).map(([leaf, one]) => [`${parent}.score.${leaf}`, one]));

/**
 * The data model; `n` stands for an index.
 * @type {Record<string, ["r" | "w" | "rw", Check?]>}
 */
const MODEL = {
  "cmi._version": ["r"],
  "cmi.completion_status": ["rw", word(COMPLETION)],
  "cmi.completion_threshold": ["r"],
  "cmi.credit": ["r"],
  "cmi.entry": ["r"],
  "cmi.exit": ["w", word(["time-out", "suspend", "logout", "normal", ""])],
  "cmi.launch_data": ["r"],
  "cmi.learner_id": ["r"],
  "cmi.learner_name": ["r"],
  "cmi.learner_preference.audio_level": ["rw", real(0, Infinity)],
  "cmi.learner_preference.language": ["rw", matches(/^([A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*)?$/)],
  "cmi.learner_preference.delivery_speed": ["rw", real(0, Infinity)],
  "cmi.learner_preference.audio_captioning": ["rw", word(["-1", "0", "1"])],
  "cmi.location": ["rw", upTo("location_limit")],
  "cmi.max_time_allowed": ["r"],
  "cmi.mode": ["r"],
  "cmi.progress_measure": ["rw", real(0, 1)],
  "cmi.scaled_passing_score": ["r"],
  ...score("cmi"),
  "cmi.session_time": ["w", matches(DURATION)],
  "cmi.success_status": ["rw", word(SUCCESS)],
  "cmi.suspend_data": ["rw", upTo("suspend_data_limit")],
  "cmi.time_limit_action": ["r"],
  "cmi.total_time": ["r"],
  "cmi.comments_from_learner.n.comment": ["rw", upTo(4000)],
  "cmi.comments_from_learner.n.location": ["rw", upTo(250)],
  "cmi.comments_from_learner.n.timestamp": ["rw", timestamp],
  "cmi.comments_from_lms.n.comment": ["r"],
  "cmi.comments_from_lms.n.location": ["r"],
  "cmi.comments_from_lms.n.timestamp": ["r"],
  "cmi.objectives.n.id": ["rw", matches(LONG)],
  ...score("cmi.objectives.n"),
  "cmi.objectives.n.success_status": ["rw", word(SUCCESS)],
  "cmi.objectives.n.completion_status": ["rw", word(COMPLETION)],
  "cmi.objectives.n.progress_measure": ["rw", real(0, 1)],
  "cmi.objectives.n.description": ["rw", matches(TEXT)],
  "cmi.interactions.n.id": ["rw", matches(LONG)],
  "cmi.interactions.n.type": ["rw", word(Object.keys(TYPES))],
  "cmi.interactions.n.objectives.n.id": ["rw", matches(LONG)],
  "cmi.interactions.n.timestamp": ["rw", timestamp],
  "cmi.interactions.n.correct_responses.n.pattern": ["rw", response(true)],
  "cmi.interactions.n.weighting": ["rw", ANY],
  "cmi.interactions.n.learner_response": ["rw", response(false)],
  "cmi.interactions.n.result": [
    "rw",
    (value) => (/^(correct|incorrect|unanticipated|neutral)$/.test(value) || NUMBER.test(value) ? "" : "406"),
  ],
  "cmi.interactions.n.latency": ["rw", matches(DURATION)],
  "cmi.interactions.n.description": ["rw", matches(TEXT)],
  "adl.nav.request": [
    "rw",
    matches(/^(continue|previous|exit|exitAll|abandon|abandonAll|suspendAll|_none_|\{target=[!-~]+\}(choice|jump))$/),
  ],
  "adl.nav.request_valid.continue": ["r"],
  "adl.nav.request_valid.previous": ["r"],
};

/** @param {string} parent @returns {string} its children, of which an index or a group counts as one */
const childrenOf = (parent) => {
  const inside = Object.keys(MODEL).filter((name) => name.startsWith(`${parent}.`));
  return [
    ...new Set(
      inside.map(
        (name) =>
          name
            .slice(parent.length + 1)
            .replace(/^n\./, "")
            .split(".")[0],
      ),
    ),
  ].join(",");
};
const LISTS = ["comments_from_learner", "comments_from_lms", "objectives", "interactions"].map((name) => `cmi.${name}`);
/** @type {Record<string, string>} */
const CHILDREN = Object.fromEntries(
  [...LISTS, "cmi.learner_preference", "cmi.score", "cmi.objectives.n.score"].map((name) => [
    `${name}._children`,
    childrenOf(name),
  ]),
);
const COUNTS = [...LISTS, "cmi.interactions.n.objectives", "cmi.interactions.n.correct_responses"].map(
  (name) => `${name}._count`,
);

/** What reads so before it is set. @type {Fields} */
const DEFAULTS = {
  "cmi._version": "1.0",
  "cmi.completion_status": "unknown",
  "cmi.success_status": "unknown",
  "cmi.time_limit_action": "continue,no message",
  "cmi.learner_preference.audio_level": "1",
  "cmi.learner_preference.language": "",
  "cmi.learner_preference.delivery_speed": "1",
  "cmi.learner_preference.audio_captioning": "0",
  "cmi.objectives.n.success_status": "unknown",
  "cmi.objectives.n.completion_status": "unknown",
  "adl.nav.request": "_none_",
  "adl.nav.request_valid.continue": "unknown",
  "adl.nav.request_valid.previous": "unknown",
};

/** @type {Record<string, string>} */
export const ERRORS = {
  0: "No error",
  101: "General exception",
  102: "General initialization failure",
  103: "Already initialized",
  104: "Content instance terminated",
  112: "Termination before initialization",
  113: "Termination after termination",
  122: "Retrieve data before initialization",
  123: "Retrieve data after termination",
  132: "Store data before initialization",
  133: "Store data after termination",
  142: "Commit before initialization",
  143: "Commit after termination",
  201: "General argument error",
  301: "General get failure",
  351: "General set failure",
  391: "General commit failure",
  401: "Undefined data model element",
  403: "Data model element value not initialized",
  404: "Data model element is read only",
  405: "Data model element is write only",
  406: "Data model element type mismatch",
  407: "Data model element value out of range",
  408: "Data model dependency not established",
};

/** @param {string} text a duration, or "" @returns {number} centiseconds */
function centiseconds(text) {
  const found = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/.exec(text) ?? [];
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = found.slice(1).map((part) => Number(part ?? 0));
  return Math.round((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 100);
}

/** @param {string} element @param {Fields} model @returns {boolean} what it hangs on is there (RTE, error 408) */
function isEstablished(element, model) {
  const [, one = "", leaf = ""] = /^(cmi\.(?:interactions|objectives)\.\d+)\.(.*)$/.exec(element) ?? [];
  if (!one || leaf === "id") return true;
  const needsType = leaf === "learner_response" || leaf.startsWith("correct_responses.");
  return `${one}.id` in model && (!needsType || `${one}.type` in model);
}

// --- the server -----------------------------------------------------------------------------------------------------

/** @param {Profile2004} profile @param {Store} store @param {string} key of the record in the store */
function createServer(profile, store, key) {
  const nothing = () => ({ fields: /** @type {Fields} */ ({}), completion: false, launches: 0 });
  /** @returns {Attempt[]} */
  const attempts = () => JSON.parse(store.getItem(key) ?? "[]");
  /** @returns {Attempt} */
  const attempt = () => attempts().at(-1) ?? nothing();
  /** @param {Attempt} changed @param {number} [number] of the attempt, from 0; else the current one */
  function put(changed, number = Math.max(0, attempts().length - 1)) {
    const all = attempts();
    all[number] = changed;
    store.setItem(key, JSON.stringify(all));
  }
  const renew = () => store.setItem(key, JSON.stringify([...attempts(), nothing()]));

  return {
    attempts,
    attempt,
    renew,
    block: () => put({ ...attempt(), blocked: true }),
    forget: () => put({ ...attempt(), fields: {}, completion: false }),

    /** @returns {Fields} what is known when a page is served */
    launch() {
      const isSuspended = ["suspend", undefined].includes(attempt().fields["cmi.exit"]);
      if (!profile.keeps_record && !isSuspended) renew();
      const known = attempt();
      put({ ...known, launches: known.launches + 1 });
      const fields = { ...known.fields };
      if (profile.keeps_suspend_data === "never" || (profile.keeps_suspend_data === "suspended" && !isSuspended)) {
        delete fields["cmi.suspend_data"];
      }
      return fields;
    },

    /** @param {Fields} fields @param {number} number of the attempt that the tab was launched for */
    save(fields, number) {
      const known = attempts()[number] ?? nothing();
      const before = known.fields["cmi.completion_status"] ?? "";
      if (listed(profile.closed_after, before)) return;
      const all = { ...known.fields, ...fields };
      if ((all["cmi.suspend_data"] ?? "").length > profile.suspend_data_limit) return;
      const status = all["cmi.completion_status"] ?? "";
      const rescored = all["cmi.score.raw"] !== known.fields["cmi.score.raw"];
      const late = profile.late_completion && before !== "" && !(rescored && status === before);
      const isDone = status === "completed" || all["cmi.success_status"] === "passed";
      put({ ...known, fields: all, completion: known.completion || (isDone && !late) }, number);
    },
  };
}

// --- the client -----------------------------------------------------------------------------------------------------

/**
 * An LMS with one course and one learner, launched once.
 * @param {Profile2004} profile
 * @param {object} [options] as those of `createLms`
 * @param {Store} [options.store]
 * @param {Launch & Manifest2004} [options.launch]
 * @param {Faults} [options.faults]
 * @param {() => number} [options.now]
 * @param {(call: Call) => void} [options.onCall]
 */
export function createLms2004(profile, options = {}) {
  const { store = memoryStore(), launch = {}, now = Date.now, onCall = () => {} } = options;
  const serverOf = (/** @type {string} */ sco) =>
    createServer(profile, store, `lms:${launch.course ?? "course"}${sco && `/${sco}`}`);
  let server = serverOf(launch.sco ?? "");
  /** @type {Faults} */
  const faults = options.faults ?? {};
  /** @type {Call[]} */
  const transcript = [];

  /** One launch: what a page holds of one SCO. Nothing of it is stored but by `request`. */
  function open() {
    const server = serverOf(launch.sco ?? "");
    const stored = server.launch();
    const number = server.attempt().launches;
    const ours = server.attempts().length - 1;
    const mode =
      launch.mode ?? (listed(profile.review_after, stored["cmi.completion_status"] ?? "") ? "review" : "normal");
    const name = { first: launch.first ?? "Jeanne", last: launch.last ?? "Martin" };
    const resumed = stored["cmi.exit"] === "suspend" ? "resume" : "";
    /** @type {Fields} what only the LMS writes */
    const given = {
      "cmi.learner_id": launch.id ?? "jmartin",
      "cmi.learner_name":
        profile.name_order === "Last, First" ? `${name.last}, ${name.first}` : `${name.first} ${name.last}`,
      "cmi.credit": mode === "normal" ? "credit" : "no-credit",
      "cmi.mode": mode,
      "cmi.entry": profile.entry === "suspend" ? (Object.keys(stored).length ? resumed : "ab-initio") : profile.entry,
      "cmi.total_time": stored["cmi.total_time"] ?? "PT0S",
      ...(launch.data ? { "cmi.launch_data": launch.data } : {}),
      ...(launch.passing ? { "cmi.scaled_passing_score": launch.passing } : {}),
      ...(launch.threshold ? { "cmi.completion_threshold": launch.threshold } : {}),
    };
    /** @type {Fields} */
    let model = { ...stored };
    for (const id of launch.objectives ?? []) {
      const length = count(model, "cmi.objectives");
      const isThere = Array.from({ length }, (_, n) => model[`cmi.objectives.${n}.id`]).includes(id);
      if (!isThere) model[`cmi.objectives.${length}.id`] = id;
    }
    /** @type {Fields} what the server is believed to have */
    let sent = { ...stored };
    let state = /** @type {"new" | "open" | "terminated"} */ ("new");
    let error = "0";
    /** @type {string[]} of the call under way */
    let violations = [];
    /** An id was to change that may not: it stays, and nothing is wrong. */
    let isFixed = false;
    let leaving = false;
    let dead = false;

    if (profile.resends_interactions) {
      for (const element of Object.keys(sent)) if (element.startsWith("cmi.interactions.")) delete sent[element];
    }

    /** @param {string} code @param {string} result @returns {string} */
    const fail = (code, result) => {
      error = code;
      return result;
    };
    /** @param {string} early @param {string} late @param {string} result @returns {string | null} null: in turn */
    const outOfTurn = (early, late, result) => (state === "open" ? null : fail(state === "new" ? early : late, result));

    /** @param {Fields} fields @returns {string | null} what is answered */
    function request(fields) {
      if (faults.slow) block(faults.slow);
      const refused = faults.session || faults.server || faults.full;
      const beaconLost = leaving && size(fields) > profile.beacon_limit;
      if (!faults.offline && !refused && !faults.lies && !beaconLost) server.save(fields, ours);
      if (leaving) return profile.leaving_answer === "null" ? null : profile.leaving_answer;
      if (faults.offline) return String(profile.offline_answers_true);
      return refused ? "false" : "true";
    }

    /** @param {boolean} isLast @returns {string | null} */
    function send(isLast) {
      Object.assign(model, judged());
      const fields = Object.fromEntries(Object.entries(model).filter(([element, value]) => sent[element] !== value));
      if (mode !== "normal" && !profile.review_stores) {
        for (const element of Object.keys(fields)) {
          if (/status|score|progress|interactions|objectives/.test(element)) delete fields[element];
        }
      }
      if (profile.stores_at === "terminate" && !isLast) return "true";
      const result = request(fields);
      if (result === "false") error = "391";
      if (result !== "false" || profile.forgets_failed) sent = { ...model };
      return result;
    }

    /** What the LMS decides itself (RTE §4.2.4.1, §4.2.22.1). @returns {Fields} */
    function judged() {
      /** @type {Fields} */
      const found = {};
      const [least, most] = [given["cmi.scaled_passing_score"], given["cmi.completion_threshold"]];
      const [scaled, progress] = [model["cmi.score.scaled"], model["cmi.progress_measure"]];
      if (profile.judges_success && least !== undefined && scaled !== undefined) {
        found["cmi.success_status"] = Number(scaled) >= Number(least) ? "passed" : "failed";
      }
      if (profile.judges_completion && most !== undefined && progress !== undefined) {
        found["cmi.completion_status"] = Number(progress) >= Number(most) ? "completed" : "incomplete";
      }
      return found;
    }

    /** @param {string} element @param {string} value note what content must not do though an LMS takes it */
    function watch(element, value) {
      if (mode !== "normal" && !["cmi.exit", "cmi.session_time", "adl.nav.request"].includes(element)) {
        violations.push(`${element} was written in ${mode} mode`);
      }
      const recorded = server.attempt().fields[element] ?? "";
      const isFallen = { "cmi.completion_status": "completed", "cmi.success_status": "passed" }[element] === recorded;
      if (isFallen && value !== recorded) violations.push(`${element} fell from ${recorded} to ${value}`);
      if (element === "cmi.exit" && value === "logout") violations.push("exit=logout is deprecated");
    }

    /** Note scores and statuses that contradict each other. */
    function compare() {
      const [scaled, raw] = [model["cmi.score.scaled"], model["cmi.score.raw"]];
      if ((scaled === undefined) !== (raw === undefined) || Math.abs(Number(scaled) * 100 - Number(raw)) > 1e-6) {
        violations.push(`score.scaled ${scaled} and score.raw ${raw}`);
      }
      const said = model["cmi.success_status"];
      const found = judged()["cmi.success_status"];
      if (found !== undefined && said !== undefined && said !== "unknown" && said !== found) {
        violations.push(`success_status ${said}, and the score says ${found}`);
      }
    }

    /** @param {string} element @returns {string | undefined} */
    const valueOf = (element) =>
      judged()[element] ?? given[element] ?? model[element] ?? DEFAULTS[shape(element)] ?? undefined;

    const functions = {
      /** @param {unknown} argument */
      Initialize(argument) {
        if (argument !== "") return fail("201", "false");
        if (server.attempt().blocked) return fail("102", "false");
        if (state !== "new" && profile.second_initialize === "reset") model = { ...stored };
        if (state === "open") {
          violations.push("Initialize was called again");
          return fail("103", "false");
        }
        if (state === "terminated" && !profile.initialize_after_terminate) {
          violations.push("Initialize was called after Terminate");
          return fail("104", "false");
        }
        state = "open";
        return "true";
      },

      /** @param {unknown} argument */
      Terminate(argument) {
        if (argument !== "") return fail("201", "false");
        const refused = outOfTurn("112", "113", "false");
        if (refused !== null) return refused;
        const status = model["cmi.completion_status"] ?? "unknown";
        if (profile.untouched_completes && status === "unknown") model["cmi.completion_status"] = "completed";
        const all = centiseconds(given["cmi.total_time"] ?? "") + centiseconds(model["cmi.session_time"] ?? "");
        model["cmi.total_time"] = `PT${all / 100}S`;
        const result = send(true);
        if (result !== "false" || profile.forgets_failed) state = "terminated";
        return result;
      },

      /** @param {unknown} element */
      GetValue(element) {
        const refused = outOfTurn("122", "123", "");
        if (refused !== null) return refused;
        if (typeof element !== "string" || element === "") return fail("301", "");
        const form = shape(element);
        if (profile.readable !== "" && !listed(profile.readable, element)) return "";
        if (form.endsWith("._children")) return CHILDREN[form] ?? fail(known(form) ? "301" : "401", "");
        if (form.endsWith("._count")) {
          if (!COUNTS.includes(form)) return fail(known(form) ? "301" : "401", "");
          if (!profile.counts) return fail("402", "");
          return inArrays(model, element, false)
            ? String(count(model, element.replace("._count", "")))
            : fail("301", "");
        }
        const [access] = MODEL[form] ?? [];
        if (access === undefined) return fail(form.startsWith("adl.nav.request_valid.") ? "301" : "401", "");
        if (access === "w") return fail("405", "");
        if (!inArrays(model, element, false)) return fail("301", "");
        return valueOf(element) ?? fail("403", "");
      },

      /** @param {unknown} element @param {unknown} value */
      SetValue(element, value) {
        const refused = outOfTurn("132", "133", "false");
        if (refused !== null) return refused;
        if (typeof element !== "string" || element === "") return fail("351", "false");
        const form = shape(element);
        if (/\._(children|count)$/.test(form)) return fail(known(form) ? "404" : "401", "false");
        const [access, check] = MODEL[form] ?? [];
        if (access === undefined) return fail("401", "false");
        if (access === "r") return fail("404", "false");
        if (!profile.always_true && !inArrays(model, element, true)) return fail("351", "false");
        if (!profile.always_true && !isEstablished(element, model)) return fail("408", "false");
        if (typeof value !== "string" && !profile.coerces_values) return fail("406", "false");
        const text = String(value);
        const type = model[element.replace(/^(cmi\.interactions\.\d+)\..*$/, "$1.type")] ?? "";
        const fault = check?.(text, profile, type) || refusedFor(element, text, type);
        if (fault) return fail(fault, "false");
        watch(element, text);
        model[element] = text;
        return profile.stores_at === "set" ? send(false) : "true";
      },

      /** @param {unknown} argument */
      Commit(argument) {
        if (argument !== "") return fail("201", "false");
        const refused = outOfTurn("142", "143", "false");
        if (refused !== null) return refused;
        compare();
        return send(false);
      },

      GetLastError: () => error,
      /** @param {unknown} code */
      GetErrorString: (code) => ERRORS[String(code)] ?? "",
      /** @param {unknown} code */
      GetDiagnostic: (code) => ERRORS[String(code === "" ? error : code)] ?? "",
    };

    /** @param {string} form of a keyword @returns {boolean} whether its element exists */
    function known(form) {
      const parent = form.replace(/\._(children|count)$/, "");
      return parent in MODEL || Object.keys(MODEL).some((name) => name.startsWith(`${parent}.`));
    }

    /** What lists refuse: an id that changes, or that another one has; more correct responses than there may be.
     * @param {string} element @param {string} value @param {string} type @returns {Fault} */
    function refusedFor(element, value, type) {
      const before = model[element];
      if (/^cmi\.(interactions|objectives)\.\d+\.id$/.test(element)) {
        if (profile.fixes_ids && before !== undefined && before !== value) {
          isFixed = true;
          return "351";
        }
        const isObjective = element.startsWith("cmi.objectives.");
        const isTwice = Object.entries(model).some(
          ([name, id]) => name !== element && /^cmi\.objectives\.\d+\.id$/.test(name) && id === value,
        );
        return isObjective && isTwice ? "351" : "";
      }
      const index = /\.correct_responses\.(\d+)\.pattern$/.exec(element)?.[1];
      const most = TYPES[type]?.most ?? Infinity;
      return index !== undefined && profile.response_grammar && Number(index) >= most ? "351" : "";
    }

    /** @param {keyof typeof functions} name @param {unknown[]} given what content passed @returns {any} */
    function call(name, given) {
      if (dead) return "";
      const asks = name.startsWith("Get") && name !== "GetValue";
      if (!asks) error = "0";
      [violations, isFixed] = [[], false];
      /** @type {Call} */
      const entry = { launch: number, name, arguments: given, result: "", error, threw: false, violations, at: now() };
      try {
        if (faults.silent === "throw") throw new Error("the LMS does not answer");
        const called = /** @type {(...given: unknown[]) => unknown} */ (functions[name]);
        entry.result = faults.silent === "empty" ? "" : called(...given);
        const isOver = leaving && profile.ends_first;
        if (!asks && !isOver && !isFixed && !["0", "391", "403"].includes(error)) {
          violations.push(`${name}(${given.join(", ")}): error ${error}`);
          if (profile.errors_block) server.block();
        }
        if (profile.always_true) {
          error = "0";
          if (entry.result === "false") entry.result = "true";
        }
      } catch (thrown) {
        entry.threw = true;
        entry.result = String(thrown);
        throw thrown;
      } finally {
        entry.error = error;
        transcript.push(entry);
        onCall(entry);
      }
      return entry.result;
    }

    const names = /** @type {(keyof typeof functions)[]} */ (Object.keys(functions));
    const API = /** @type {Record<keyof typeof functions, (...given: unknown[]) => any>} */ (
      Object.fromEntries(names.map((name) => [name, (/** @type {unknown[]} */ ...given) => call(name, given)]))
    );

    return {
      API: { version: "1.0", ...API },
      /** The page begins to go away: what it still sends goes by beacon. */
      leave() {
        leaving = true;
        if (profile.ends_first) state = "terminated";
      },
      comeBack: () => void (leaving = false),
      kill: () => void (dead = true),
    };
  }

  let tab = open();
  /** What the LMS's page holds of each SCO that it has launched. @type {Map<string, typeof tab>} */
  let page = new Map([[launch.sco ?? "", tab]]);

  return {
    profile,
    faults,
    transcript,
    get violations() {
      return transcript.flatMap((call) => call.violations);
    },
    get API() {
      return tab.API;
    },
    leave: () => tab.leave(),
    comeBack: () => tab.comeBack(),
    kill: () => tab.kill(),
    open,

    /** Load the page again: what was not sent is gone, a lost session is renewed. @param {Launch & Manifest2004} [changed] */
    relaunch(changed = {}) {
      for (const each of page.values()) each.kill();
      faults.session = false;
      Object.assign(launch, changed);
      server = serverOf(launch.sco ?? "");
      tab = open();
      page = new Map([[launch.sco ?? "", tab]]);
      return tab.API;
    },

    /** The learner chooses a SCO in the table of contents. @param {string} sco */
    choose(sco) {
      if (profile.toc_reloads) return this.relaunch({ sco });
      Object.assign(launch, { sco });
      server = serverOf(sco);
      tab = page.get(sco) ?? open();
      tab.comeBack();
      page.set(sco, tab);
      return tab.API;
    },

    newAttempt() {
      server.renew();
      return this.relaunch();
    },

    /** @param {boolean} isSameItem the identifier of its item is that of the old one */
    replace(isSameItem) {
      if (profile.replacing === "restart") server.renew();
      if (profile.replacing === "match" && !isSameItem) server.forget();
    },

    record: (/** @type {string | undefined} */ sco = undefined) =>
      (sco === undefined ? server : serverOf(sco)).attempt(),
    /** @returns {Attempt[]} */
    attempts: () => server.attempts(),
    text: () => transcriptText(transcript),
  };
}
