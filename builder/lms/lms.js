/**
 * A simulated SCORM 1.2 LMS: no DOM, so that it serves `node --test`, the browser tests and the live preview alike.
 *
 * A *server* keeps one record an attempt in a store that outlives pages; a *tab* is one launch, with the `API` object
 * that content finds. What a tab did not send is lost with it. What a product does differently from the standard is
 * data: `profiles/*.yml`, read by `readProfile`.
 *
 * Sources: SCORM 1.2 RTE §3 (functions, data model, errors); ADL's test suite 1.2.7 for what the book leaves open
 * (unknown leaf 201, unknown group 401, out of range 405); the profiles name theirs.
 */

/**
 * What a product does. Every key has a value in `STRICT`; a profile file changes some of them.
 * @typedef {object} Profile
 * @property {string} name the product
 * @property {number} suspend_data_limit characters
 * @property {number} location_limit characters
 * @property {number} response_limit characters of a student_response or pattern
 * @property {number} comments_limit characters
 * @property {"refuse" | "lose"} oversized what is too long is refused (405), or taken and the whole save lost
 * @property {boolean} response_grammar responses and patterns follow their type's grammar, else length only
 * @property {boolean} coerces_values values that are not strings are made strings, else 405
 * @property {"keep" | "zero"} blank_score a blank score stays blank, or becomes 0
 * @property {"First Last" | "Last, First"} name_order
 * @property {"refuse" | "reset"} second_initialize 101; `reset` forgets uncommitted values first, and throws a
 *   TypeError when interactions or objectives were committed
 * @property {boolean} initialize_after_finish a page may begin again after LMSFinish
 * @property {boolean} toc_reloads choosing another SCO in the table of contents loads the LMS's page anew; otherwise the
 *   page stays, with the data model that it gave each SCO, so that a SCO chosen again is initialised a second time
 * @property {boolean} finishes there is an LMSFinish
 * @property {boolean} errors_block one call that ends in an error of the content's, and the package is refused
 * @property {boolean} ends_first the LMS's page ends the session when it goes away, before content hears of it
 * @property {"commit" | "set" | "each" | "finish"} stores_at what makes the server store: LMSCommit and LMSFinish, each
 *   LMSSetValue that changes a value, each one at all, or LMSFinish alone
 * @property {boolean} ordered requests arrive in the order in which they were sent; otherwise what is sent between two
 *   commits arrives the other way round
 * @property {boolean} forgets_failed a value counts as sent even when the request failed
 * @property {boolean} resends_interactions the first commit of a launch sends all earlier interactions again
 * @property {boolean} sends_unset_status a commit stores `not attempted` when no status was ever set
 * @property {boolean} offline_answers_true LMSCommit without network answers "true"
 * @property {boolean} always_true every call answers "true" and error 0; a list may have gaps
 * @property {boolean} refuses_out_of_turn calls before LMSInitialize, or a second one, answer "false" all the same
 * @property {boolean} checks names, access and values are checked; otherwise whatever is set is stored, and read back
 * @property {boolean} asks_server what LMSGetValue answers is what the server has by then: what was sent has arrived.
 *   It throws without network or session, and LMSGetLastError with it
 * @property {number} beacon_limit bytes that a page which goes away can still send
 * @property {string} leaving_answer what LMSCommit answers while the page goes away
 * @property {string} readable elements that can be read, separated by spaces; the others read "". Empty: all
 * @property {boolean} counts `_count` is answered; otherwise 401
 * @property {string} first_status what a status that was never set reads
 * @property {"suspend" | "ab-initio" | ""} entry `resume` after exit=suspend, or always this word
 * @property {"always" | "suspended" | "never"} keeps_suspend_data from one launch to the next
 * @property {string} review_after statuses after which the next launch is in review mode
 * @property {boolean} review_stores status and score written in review or browse mode are stored
 * @property {string} closed_after statuses after which further writes are answered but not stored
 * @property {boolean} untouched_completes `not attempted` at LMSFinish becomes `completed`
 * @property {"never" | "unset" | "finished" | "always"} mastery_override a mastery score decides the status at
 *   LMSFinish; `unset`: if the content set none; `finished`: unless the content says incomplete
 * @property {boolean} late_completion completion follows a status that changes on an existing record only with the
 *   next change of score
 * @property {"keep" | "match" | "restart"} replacing what a new version of the package leaves of the record: all, what
 *   belongs to an item whose identifier is still there, or nothing (a new attempt)
 * @property {boolean} several_scos a package may hold more than one SCO
 * @property {string} zip_methods compression methods that a package may use, by number, separated by spaces
 * @property {boolean} popups content may open in a window of its own
 * @property {string} cannot_en what the product cannot keep, in words for its administrator; empty: nothing is lost
 * @property {string} cannot_fr
 */

/**
 * What goes wrong, changed by a test at any time.
 * @typedef {object} Faults
 * @property {boolean} [offline] no network
 * @property {number} [slow] milliseconds that each request takes, blocking
 * @property {boolean} [server] the server answers 5xx
 * @property {boolean} [session] the session is lost, until the page is loaded again
 * @property {boolean} [full] the server can store no more
 * @property {boolean} [lies] requests answer "true" and store nothing
 * @property {"" | "throw" | "empty"} [silent] the API's functions throw, or answer ""
 */

/**
 * @typedef {object} Call
 * @property {number} launch number of the launch, from 1
 * @property {string} name `LMSSetValue`
 * @property {unknown[]} arguments
 * @property {unknown} result what was answered; a thrown error's text when `threw`
 * @property {string} error the code after the call
 * @property {boolean} threw
 * @property {string[]} violations what content must never do, in words
 * @property {number} at milliseconds since the epoch
 */

/**
 * What the course's manifest and the LMS's own pages settle.
 * @typedef {object} Launch
 * @property {string} [course] names the record in the store
 * @property {string} [sco] of a package with several: each has a record of its own, `COURSE/SCO`
 * @property {string} [id] the learner's
 * @property {string} [first] the learner's first name
 * @property {string} [last]
 * @property {string} [mastery] `adlcp:masteryscore`, 0–100
 * @property {string} [data] `adlcp:datafromlms`
 * @property {"normal" | "review" | "browse"} [mode] instead of what the profile would choose
 */

/** @typedef {{getItem(key: string): string | null, setItem(key: string, value: string): void}} Store */
/** @typedef {Record<string, string>} Fields elements and their values */
/** @typedef {{fields: Fields, completion: boolean, launches: number, blocked?: boolean}} Attempt */

/** @type {Profile} */
const STRICT = {
  name: "SCORM 1.2",
  suspend_data_limit: 4096,
  location_limit: 255,
  response_limit: 255,
  comments_limit: 4096,
  oversized: "refuse",
  response_grammar: true,
  coerces_values: false,
  blank_score: "keep",
  name_order: "Last, First",
  second_initialize: "refuse",
  initialize_after_finish: false,
  toc_reloads: true,
  finishes: true,
  ends_first: false,
  errors_block: false,
  stores_at: "commit",
  ordered: true,
  forgets_failed: false,
  resends_interactions: false,
  sends_unset_status: false,
  offline_answers_true: false,
  always_true: false,
  refuses_out_of_turn: false,
  checks: true,
  asks_server: false,
  beacon_limit: 65_536,
  leaving_answer: "true",
  readable: "",
  counts: true,
  first_status: "not attempted",
  entry: "suspend",
  keeps_suspend_data: "always",
  review_after: "",
  review_stores: false,
  closed_after: "",
  untouched_completes: true,
  mastery_override: "finished",
  late_completion: false,
  replacing: "keep",
  several_scos: true,
  zip_methods: "0 8",
  popups: true,
  cannot_en: "",
  cannot_fr: "",
};

/**
 * Read a profile: lines `key: value` with `#` comments, a part of YAML small enough to need no library.
 * @overload
 * @param {string} text
 * @param {Profile} [base] what the file does not change
 * @returns {Profile}
 * @throws {Error} a key that no profile has, or a value of another type
 */
/**
 * @template {object} Kind
 * @overload
 * @param {string} text
 * @param {Kind} base
 * @returns {Kind}
 */
/** @param {string} text @param {object} base */
export function readProfile(text, base = STRICT) {
  /** @type {Record<string, unknown>} */
  const profile = /** @type {Record<string, unknown>} */ ({ ...base });
  for (const line of text.split("\n")) {
    const [, key, written] = /^([a-z_]+):\s*("[^"]*"|[^#]*?)\s*(?:#.*)?$/.exec(line) ?? [];
    if (key === undefined || written === undefined) {
      if (/^\s*(#.*)?$/.test(line)) continue;
      throw new Error(`not a line of a profile: ${line}`);
    }
    const value = /^("|true$|false$|\d+$)/.test(written) ? JSON.parse(written) : written;
    if (typeof value !== typeof (/** @type {Record<string, unknown>} */ (base)[key])) {
      throw new Error(`no such key, or not its type of value: ${line}`);
    }
    profile[key] = value;
  }
  return profile;
}

/**
 * What a product has against a package, before it is ever launched.
 * @param {Profile} profile
 * @param {{scos: number, methods: number[], opensWindow: boolean}} found `methods` of compression, by their numbers
 * @returns {string[]} the keys of the profile that forbid it
 */
export function refusals(profile, { scos, methods, opensWindow }) {
  const allowed = profile.zip_methods.split(" ").map(Number);
  return [
    ...(scos > 1 && !profile.several_scos ? ["several_scos"] : []),
    ...(methods.every((method) => allowed.includes(method)) ? [] : ["zip_methods"]),
    ...(opensWindow && !profile.popups ? ["popups"] : []),
  ];
}

/** A store for tests that need no browser. @returns {Store} */
export function memoryStore() {
  /** @type {Map<string, string>} */
  const items = new Map();
  return { getItem: (key) => items.get(key) ?? null, setItem: (key, value) => void items.set(key, value) };
}

// --- data model -----------------------------------------------------------------------------------------------------

const STATUSES = ["passed", "completed", "failed", "incomplete", "browsed"];
const TYPES = "true-false choice fill-in matching performance likert sequencing numeric".split(" ");
const RESULTS = ["correct", "wrong", "unanticipated", "neutral"];
const TIME = /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,2})?$/;
const TIMESPAN = /^\d{2,4}:[0-5]\d:[0-5]\d(\.\d{1,2})?$/;
const DECIMAL = /^-?\d+(\.\d+)?$/;

/**
 * SCORM 1.2 RTE §3.4.7: what a learner's response to each type looks like. `performance` and `fill-in` are free text.
 * @type {Record<string, RegExp>}
 */
const RESPONSES = {
  "true-false": /^[tf01]/,
  choice: /^[a-z0-9](,[a-z0-9])*$/,
  numeric: DECIMAL,
  likert: /^[a-z0-9]?$/,
  matching: /^[a-z0-9]\.[a-z0-9](,[a-z0-9]\.[a-z0-9])*$/,
  sequencing: /^[a-z0-9](,[a-z0-9])*$/,
};

/** @type {Record<string, RegExp>} */
const PATTERNS = { ...RESPONSES, numeric: /^-?\d+(\.\d+)?(:-?\d+(\.\d+)?)?$/ };

/** @typedef {(value: string, profile: Profile, type: string) => boolean} Check `type` is the interaction's, or "" */

/** @type {(allowed: string[]) => Check} */
const word = (allowed) => (value) => allowed.includes(value);
/** @type {(pattern: RegExp) => Check} */
const matches = (pattern) => (value) => pattern.test(value);
/** @type {(least: number, most: number) => Check} */
const integer = (least, most) => (value) => /^-?\d+$/.test(value) && Number(value) >= least && Number(value) <= most;
/** @type {(key: "suspend_data_limit" | "location_limit" | "comments_limit") => Check} */
const upTo = (key) => (value, profile) => profile.oversized === "lose" || value.length <= profile[key];
/** @type {Check} */
const identifier = matches(/^[\x21-\x7e]{1,255}$/);
/** @type {Check} */
const score = (value) => value === "" || (DECIMAL.test(value) && Number(value) >= 0 && Number(value) <= 100);
/** @type {(grammars: Record<string, RegExp>) => Check} */
const feedback = (grammars) => (value, profile, type) =>
  value.length <= profile.response_limit &&
  (!profile.response_grammar || (grammars[type] ?? /^/).test(value.replace(/^\{(.*)\}$/s, "$1")));

/** @typedef {["r" | "w" | "rw" | "keyword", Check?]} Element how content may use it, and what it may write */

/**
 * The data model; `n` stands for an index. SCORM 1.2 RTE §3.4.
 * @type {Record<string, Element>}
 */
const MODEL = {
  "cmi._version": ["keyword"],
  "cmi.core._children": ["keyword"],
  "cmi.core.student_id": ["r"],
  "cmi.core.student_name": ["r"],
  "cmi.core.lesson_location": ["rw", upTo("location_limit")],
  "cmi.core.credit": ["r"],
  "cmi.core.lesson_status": ["rw", word(STATUSES)],
  "cmi.core.entry": ["r"],
  "cmi.core.score._children": ["keyword"],
  "cmi.core.score.raw": ["rw", score],
  "cmi.core.score.min": ["rw", score],
  "cmi.core.score.max": ["rw", score],
  "cmi.core.total_time": ["r"],
  "cmi.core.lesson_mode": ["r"],
  "cmi.core.exit": ["w", word(["time-out", "suspend", "logout", ""])],
  "cmi.core.session_time": ["w", matches(TIMESPAN)],
  "cmi.suspend_data": ["rw", upTo("suspend_data_limit")],
  "cmi.launch_data": ["r"],
  "cmi.comments": ["rw", upTo("comments_limit")],
  "cmi.comments_from_lms": ["r"],
  "cmi.objectives._children": ["keyword"],
  "cmi.objectives._count": ["keyword"],
  "cmi.objectives.n.id": ["rw", identifier],
  "cmi.objectives.n.score._children": ["keyword"],
  "cmi.objectives.n.score.raw": ["rw", score],
  "cmi.objectives.n.score.min": ["rw", score],
  "cmi.objectives.n.score.max": ["rw", score],
  "cmi.objectives.n.status": ["rw", word([...STATUSES, "not attempted"])],
  "cmi.student_data._children": ["keyword"],
  "cmi.student_data.mastery_score": ["r"],
  "cmi.student_data.max_time_allowed": ["r"],
  "cmi.student_data.time_limit_action": ["r"],
  "cmi.student_preference._children": ["keyword"],
  "cmi.student_preference.audio": ["rw", integer(-1, 100)],
  "cmi.student_preference.language": ["rw", (value) => value.length <= 255],
  "cmi.student_preference.speed": ["rw", integer(-100, 100)],
  "cmi.student_preference.text": ["rw", integer(-1, 1)],
  "cmi.interactions._children": ["keyword"],
  "cmi.interactions._count": ["keyword"],
  "cmi.interactions.n.id": ["w", identifier],
  "cmi.interactions.n.objectives._count": ["keyword"],
  "cmi.interactions.n.objectives.n.id": ["w", identifier],
  "cmi.interactions.n.time": ["w", matches(TIME)],
  "cmi.interactions.n.type": ["w", word(TYPES)],
  "cmi.interactions.n.correct_responses._count": ["keyword"],
  "cmi.interactions.n.correct_responses.n.pattern": ["w", feedback(PATTERNS)],
  "cmi.interactions.n.weighting": ["w", matches(DECIMAL)],
  "cmi.interactions.n.student_response": ["w", feedback(RESPONSES)],
  "cmi.interactions.n.result": ["w", (value) => RESULTS.includes(value) || DECIMAL.test(value)],
  "cmi.interactions.n.latency": ["w", matches(TIMESPAN)],
};

/** @type {Record<string, string>} */
const CHILDREN = {
  "cmi._version": "3.4",
  "cmi.core._children":
    "student_id,student_name,lesson_location,credit,lesson_status,entry,score,total_time,lesson_mode,exit,session_time",
  "cmi.core.score._children": "raw,min,max",
  "cmi.objectives._children": "id,score,status",
  "cmi.objectives.n.score._children": "raw,min,max",
  "cmi.student_data._children": "mastery_score,max_time_allowed,time_limit_action",
  "cmi.student_preference._children": "audio,language,speed,text",
  "cmi.interactions._children": "id,objectives,time,type,correct_responses,weighting,student_response,result,latency",
};

/** @type {Record<string, string>} */
export const ERRORS = {
  0: "No error",
  101: "General exception",
  201: "Invalid argument error",
  202: "Element cannot have children",
  203: "Element not an array. Cannot have count",
  301: "Not initialized",
  401: "Not implemented error",
  402: "Invalid set value, element is a keyword",
  403: "Element is read only",
  404: "Element is write only",
  405: "Incorrect data type",
};

/** @param {string} name @returns {string} `cmi.interactions.3.id` → `cmi.interactions.n.id` */
export const shape = (name) => name.replace(/\.(0|[1-9]\d*)(?=\.|$)/g, ".n");

/** @param {string} name an element that the model does not have @returns {string} SCORM 1.2 RTE §3.3, ADL 1.2.7 */
function unknown(name) {
  const parent = name.replace(/\._(children|count)$/, "");
  if (parent !== name && shape(parent) in MODEL) return name.endsWith("_count") ? "203" : "202";
  const group = name.split(".").slice(0, 2).join(".");
  return Object.keys(MODEL).some((known) => known.startsWith(`${group}.`)) ? "201" : "401";
}

/** @param {Fields} model @param {string} array `cmi.interactions` @returns {number} */
export function count(model, array) {
  const indexes = Object.keys(model).filter((name) => name.startsWith(`${array}.`));
  return indexes.reduce((most, name) => Math.max(most, parseInt(name.slice(array.length + 1), 10) + 1), 0);
}

/** @param {Fields} model @param {string} name @param {boolean} grow one more is allowed @returns {boolean} */
export function inArrays(model, name, grow) {
  return [...name.matchAll(/\.(\d+)(?=\.)/g)].every((index) => {
    const length = count(model, name.slice(0, index.index));
    return Number(index[1]) < length + (grow ? 1 : 0);
  });
}

/** @param {string} text a timespan, or "" @returns {number} centiseconds */
function centiseconds(text) {
  const [hours = 0, minutes = 0, seconds = 0] = text.split(":").map(Number);
  return Math.round((hours * 3600 + minutes * 60 + seconds) * 100);
}

/** @param {number} value centiseconds @returns {string} `HHHH:MM:SS.SS` */
function timespan(value) {
  const part = (/** @type {number} */ number, width = 2) => String(Math.floor(number)).padStart(width, "0");
  const seconds = `${part((value / 100) % 60)}.${part(value % 100)}`;
  return `${part(value / 360_000, 4)}:${part((value / 6000) % 60)}:${seconds}`;
}

/** @param {string} words separated by spaces @param {string} one */
export const listed = (words, one) => one !== "" && words.split(" ").includes(one);

// --- the server -----------------------------------------------------------------------------------------------------

/**
 * @param {Profile} profile
 * @param {Store} store
 * @param {string} key of the record in the store
 */
function createServer(profile, store, key) {
  /** @returns {Attempt[]} */
  const attempts = () => JSON.parse(store.getItem(key) ?? "[]");
  /** @returns {Attempt} */
  const attempt = () => attempts().at(-1) ?? { fields: {}, completion: false, launches: 0 };
  /** @param {Attempt} changed @param {number} [number] of the attempt, from 0; else the current one */
  function put(changed, number = Math.max(0, attempts().length - 1)) {
    const all = attempts();
    all[number] = changed;
    store.setItem(key, JSON.stringify(all));
  }

  return {
    attempts,
    attempt,

    /** @returns {Fields} what is known when a page is served */
    launch() {
      const known = attempt();
      put({ ...known, launches: known.launches + 1 });
      const fields = { ...known.fields };
      const suspended = fields["cmi.core.exit"] === "suspend";
      if (profile.keeps_suspend_data === "never" || (profile.keeps_suspend_data === "suspended" && !suspended)) {
        delete fields["cmi.suspend_data"];
      }
      return fields;
    },

    /**
     * Store what a tab sent: the last write of an element wins.
     * @param {Fields} fields
     * @param {number} number of the attempt that the tab was launched for
     */
    save(fields, number) {
      const known = attempts()[number] ?? { fields: {}, completion: false, launches: 0 };
      const before = known.fields["cmi.core.lesson_status"] ?? "";
      if (listed(profile.closed_after, before)) return;
      const all = { ...known.fields, ...fields };
      if ((all["cmi.suspend_data"] ?? "").length > profile.suspend_data_limit) return;
      const status = all["cmi.core.lesson_status"] ?? "";
      const rescored = all["cmi.core.score.raw"] !== known.fields["cmi.core.score.raw"];
      const late = profile.late_completion && before !== "" && !(rescored && status === before);
      const completion = known.completion || (["passed", "completed"].includes(status) && !late);
      put({ ...known, fields: all, completion }, number);
    },

    /** Nothing of the package is launched any more. */
    block: () => put({ ...attempt(), blocked: true }),

    /** The record of an item that is no longer there goes. */
    forget: () => put({ ...attempt(), fields: {}, completion: false }),

    /** Begin a new attempt, empty; the earlier ones are kept. */
    renew() {
      store.setItem(key, JSON.stringify([...attempts(), { fields: {}, completion: false, launches: 0 }]));
    },
  };
}

// --- the client -----------------------------------------------------------------------------------------------------

/** @param {number} milliseconds block, as a synchronous request does */
export function block(milliseconds) {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

/** @param {Fields} fields @returns {number} bytes of the request's body */
export const size = (fields) => new URLSearchParams(fields).toString().length;

/**
 * An LMS with one course and one learner, launched once; `choose` goes on to another SCO of the same package.
 * @param {Profile} profile
 * @param {object} [options]
 * @param {Store} [options.store] outlives the page; `localStorage` will do
 * @param {Launch} [options.launch]
 * @param {Faults} [options.faults]
 * @param {() => number} [options.now] milliseconds since the epoch
 * @param {(call: Call) => void} [options.onCall] told of each call after it
 */
export function createLms(profile, options = {}) {
  const { store = memoryStore(), launch = {}, now = Date.now, onCall = () => {} } = options;
  const serverOf = (/** @type {string} */ sco) =>
    createServer(profile, store, `lms:${launch.course ?? "course"}${sco && `/${sco}`}`);
  /** The record of the SCO that was launched last. */
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
    const before = stored["cmi.core.lesson_status"] ?? "";
    const mode = launch.mode ?? (listed(profile.review_after, before) ? "review" : "normal");
    const name = { first: launch.first ?? "Jeanne", last: launch.last ?? "Martin" };
    const suspended = stored["cmi.core.exit"] === "suspend" ? "resume" : "";
    const fresh = Object.keys(stored).length === 0 ? "ab-initio" : suspended;
    /** @type {Fields} what only the LMS writes */
    const given = {
      "cmi.core.student_id": launch.id ?? "jmartin",
      "cmi.core.student_name":
        profile.name_order === "Last, First" ? `${name.last}, ${name.first}` : `${name.first} ${name.last}`,
      "cmi.core.credit": mode === "normal" ? "credit" : "no-credit",
      "cmi.core.lesson_mode": mode,
      "cmi.core.entry": profile.entry === "suspend" ? fresh : profile.entry,
      "cmi.core.total_time": stored["cmi.core.total_time"] ?? "0000:00:00.00",
      "cmi.launch_data": launch.data ?? "",
      "cmi.student_data.mastery_score": launch.mastery ?? "",
    };
    /** @type {Fields} */
    let model = { ...stored };
    /** @type {Fields} what the server is believed to have */
    let sent = { ...stored };
    let state = /** @type {"new" | "open" | "finished"} */ ("new");
    let error = "0";
    /** @type {string[]} of the call under way */
    let violations = [];
    let leaving = false;
    let dead = false;
    /** Requests under way, where their order is open. @type {Fields[]} */
    let underWay = [];

    if (profile.resends_interactions) {
      for (const element of Object.keys(sent)) if (element.startsWith("cmi.interactions.")) delete sent[element];
    }

    /** @param {string} code @param {string} result @returns {string} */
    const fail = (code, result) => {
      error = code;
      return result;
    };

    /** @param {Fields} fields @returns {string | null} what is answered */
    function request(fields) {
      if (faults.slow) block(faults.slow);
      const refused = faults.session || faults.server || faults.full;
      const beaconLost = leaving && size(fields) > profile.beacon_limit;
      if (!faults.offline && !refused && !faults.lies && !beaconLost) {
        underWay.unshift(fields);
        if (profile.ordered || leaving) arrive();
      }
      if (leaving) return profile.leaving_answer === "null" ? null : profile.leaving_answer;
      if (faults.offline) return String(profile.offline_answers_true);
      return refused ? "false" : "true";
    }

    /** What was under way has arrived. */
    function arrive() {
      for (const fields of underWay) server.save(fields, ours);
      underWay = [];
    }

    /** @param {boolean} finish @returns {string | null} */
    function send(finish) {
      if (profile.sends_unset_status) model["cmi.core.lesson_status"] ??= "not attempted";
      const fields = Object.fromEntries(Object.entries(model).filter(([element, value]) => sent[element] !== value));
      if (mode !== "normal" && !profile.review_stores) {
        for (const element of Object.keys(fields)) {
          if (/lesson_status|score|interactions/.test(element)) delete fields[element];
        }
      }
      if (profile.stores_at === "finish" && !finish) return "true";
      const result = request(fields);
      if (result === "false") error = "101";
      if (result !== "false" || profile.forgets_failed) sent = { ...model };
      return result;
    }

    /** Send one value by itself. @param {string} element @returns {string | null} */
    function post(element) {
      const result = request({ [element]: model[element] ?? "" });
      return result === "false" ? fail("101", result) : result;
    }

    /** A request that waits for its answer: what was sent before has arrived. @throws {Error} without network, session */
    function ask() {
      if (faults.offline || faults.session) throw new Error("the request failed");
      arrive();
    }

    /** SCORM 1.2 RTE §3.4.4: what an LMS makes of the status when content finishes. */
    function judge() {
      const word = model["cmi.core.lesson_status"] ?? "";
      const raw = model["cmi.core.score.raw"] ?? "";
      const mastery = launch.mastery ?? "";
      const override = profile.mastery_override;
      const isUnset = word === "" || word === "not attempted";
      const judged =
        override === "always" ||
        (override === "finished" && word !== "incomplete") ||
        (override === "unset" && isUnset);
      if (profile.untouched_completes && isUnset) model["cmi.core.lesson_status"] = "completed";
      if (judged && mode === "normal" && raw !== "" && mastery !== "") {
        model["cmi.core.lesson_status"] = Number(raw) >= Number(mastery) ? "passed" : "failed";
      }
      const session = centiseconds(model["cmi.core.session_time"] ?? "");
      model["cmi.core.total_time"] = timespan(centiseconds(given["cmi.core.total_time"] ?? "") + session);
    }

    /** @param {string} element @param {string} value note what content must not do though an LMS takes it */
    function watch(element, value) {
      if (mode !== "normal" && !["cmi.core.exit", "cmi.core.session_time"].includes(element)) {
        violations.push(`${element} was written in ${mode} mode`);
      }
      if (element === "cmi.core.lesson_status") {
        const recorded = server.attempt().fields[element] ?? "";
        const rank = ["incomplete", "failed", "completed", "passed"];
        if (rank.indexOf(value) < rank.indexOf(recorded)) {
          violations.push(`lesson_status fell from ${recorded} to ${value}`);
        }
      }
      if (element === "cmi.core.exit" && value === "logout") violations.push("exit=logout logs the learner out");
    }

    const functions = {
      /** @param {unknown} argument */
      LMSInitialize(argument) {
        if (profile.checks && argument !== "") return fail("201", "false");
        if (server.attempt().blocked) return fail("101", "false");
        if (state !== "new" && profile.second_initialize === "reset") {
          const arrays = Object.keys(sent).some((element) => /^cmi\.(interactions|objectives)\./.test(element));
          model = { ...stored };
          if (arrays) throw new TypeError("Cannot set properties of undefined");
        }
        if (state === "open" || (state === "finished" && !profile.initialize_after_finish)) {
          violations.push("LMSInitialize was called again");
          return fail("101", "false");
        }
        state = "open";
        return "true";
      },

      /** @param {unknown} argument */
      LMSFinish(argument) {
        if (argument !== "") return fail("201", "false");
        if (state !== "open") return fail("301", "false");
        judge();
        const result = send(true);
        if (result !== "false" || profile.forgets_failed) state = "finished";
        return result;
      },

      /** @param {unknown} element */
      LMSGetValue(element) {
        if (state !== "open") return fail("301", "");
        if (typeof element !== "string" || element === "") return fail("201", "");
        if (profile.asks_server) {
          ask();
          const word = server.attempts()[ours]?.fields[element];
          if (word !== undefined || faults.server) return faults.server ? "" : word;
        }
        const known = MODEL[shape(element)];
        if (known === undefined) return fail(unknown(element), "");
        if (profile.readable !== "" && !listed(profile.readable, element)) return "";
        if (element.endsWith("._count") && !profile.counts) return fail("401", "");
        if (known[0] === "w") return fail("404", "");
        if (!inArrays(model, element, false)) return fail("201", "");
        if (element.endsWith("._count")) return String(count(model, element.replace("._count", "")));
        if (element === "cmi.core.lesson_status") return model[element] ?? profile.first_status;
        return CHILDREN[shape(element)] ?? given[element] ?? model[element] ?? "";
      },

      /** @param {unknown} element @param {unknown} value */
      LMSSetValue(element, value) {
        if (state !== "open") return fail("301", "false");
        if (typeof element !== "string" || element === "") return fail("201", "false");
        if (!profile.checks) {
          watch(element, String(value));
          model[element] = String(value);
          return profile.stores_at === "each" ? post(element) : "true";
        }
        const [access, check] = MODEL[shape(element)] ?? [];
        if (access === undefined) return fail(unknown(element), "false");
        if (access === "keyword") return fail("402", "false");
        if (access === "r") return fail("403", "false");
        if (!profile.always_true && !inArrays(model, element, true)) return fail("201", "false");
        if (typeof value !== "string" && !profile.coerces_values) return fail("405", "false");
        const text = String(value);
        const type = model[element.replace(/^(cmi\.interactions\.\d+)\..*$/, "$1.type")] ?? "";
        if (check !== undefined && !check(text, profile, type)) return fail("405", "false");
        watch(element, text);
        const zero = text === "" && element.includes(".score.") && profile.blank_score === "zero";
        model[element] = element === "cmi.comments" ? (model[element] ?? "") + text : zero ? "0" : text;
        if (profile.stores_at === "each") return post(element);
        return profile.stores_at === "set" ? send(false) : "true";
      },

      /** @param {unknown} argument */
      LMSCommit(argument) {
        if (profile.checks && argument !== "") return fail("201", "false");
        if (state !== "open") return fail("301", "false");
        const result = profile.stores_at === "each" ? "true" : send(false);
        arrive();
        return result;
      },

      LMSGetLastError() {
        if (profile.asks_server) ask();
        return error;
      },
      /** @param {unknown} code */
      LMSGetErrorString: (code) => ERRORS[String(code)] ?? "",
      /** @param {unknown} code */
      LMSGetDiagnostic: (code) => ERRORS[String(code === "" ? error : code)] ?? "",
    };

    /** @param {keyof typeof functions} name @param {unknown[]} given what content passed @returns {any} */
    function call(name, given) {
      if (dead) return "";
      const asks = name.startsWith("LMSGet") && name !== "LMSGetValue";
      if (!asks) error = "0";
      violations = [];
      /** @type {Call} */
      const entry = { launch: number, name, arguments: given, result: "", error, threw: false, violations, at: now() };
      try {
        if (faults.silent === "throw") throw new Error("the LMS does not answer");
        const called = /** @type {(...given: unknown[]) => unknown} */ (functions[name]);
        entry.result = faults.silent === "empty" ? "" : called(...given);
        const isOver = leaving && profile.ends_first;
        if (!asks && !isOver && error !== "0" && error !== "101") {
          violations.push(`${name}(${given.join(", ")}): error ${error}`);
          if (profile.errors_block) server.block();
        }
        if (profile.always_true) {
          const isRefused = error === "301" || name === "LMSInitialize";
          error = "0";
          if (entry.result === "false" && !(isRefused && profile.refuses_out_of_turn)) entry.result = "true";
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

    const API = {
      LMSInitialize: (/** @type {unknown[]} */ ...given) => call("LMSInitialize", given),
      LMSFinish: (/** @type {unknown[]} */ ...given) => call("LMSFinish", given),
      LMSGetValue: (/** @type {unknown[]} */ ...given) => call("LMSGetValue", given),
      LMSSetValue: (/** @type {unknown[]} */ ...given) => call("LMSSetValue", given),
      LMSCommit: (/** @type {unknown[]} */ ...given) => call("LMSCommit", given),
      LMSGetLastError: (/** @type {unknown[]} */ ...given) => call("LMSGetLastError", given),
      LMSGetErrorString: (/** @type {unknown[]} */ ...given) => call("LMSGetErrorString", given),
      LMSGetDiagnostic: (/** @type {unknown[]} */ ...given) => call("LMSGetDiagnostic", given),
    };
    if (!profile.finishes) Reflect.deleteProperty(API, "LMSFinish");

    return {
      API,
      /** The page begins to go away: what it still sends goes by beacon. */
      leave() {
        leaving = true;
        if (profile.ends_first) state = "finished";
      },
      /** The page came back from the back/forward cache. */
      comeBack: () => void (leaving = false),
      /** The page is gone: no call of it reaches anyone any more. */
      kill() {
        arrive();
        dead = true;
      },
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
    /** Another page of the same learner, beside the current one. */
    open,

    /** Load the page again: what was not sent is gone, a lost session is renewed. @param {Launch} [changed] */
    relaunch(changed = {}) {
      for (const each of page.values()) each.kill();
      faults.session = false;
      Object.assign(launch, changed);
      server = serverOf(launch.sco ?? "");
      tab = open();
      page = new Map([[launch.sco ?? "", tab]]);
      return tab.API;
    },

    /**
     * The learner chooses a SCO in the table of contents; content has gone away before (`leave`).
     * @param {string} sco
     */
    choose(sco) {
      if (profile.toc_reloads) return this.relaunch({ sco });
      Object.assign(launch, { sco });
      server = serverOf(sco);
      tab = page.get(sco) ?? open();
      tab.comeBack();
      page.set(sco, tab);
      return tab.API;
    },

    /** Give the learner a new attempt, and launch it. */
    newAttempt() {
      server.renew();
      return this.relaunch();
    },

    /**
     * Replace the package by a new version of it; an open page goes on.
     * @param {boolean} isSameItem the identifier of its item is that of the old one
     */
    replace(isSameItem) {
      if (profile.replacing === "restart") server.renew();
      if (profile.replacing === "match" && !isSameItem) server.forget();
    },

    /** What the LMS has on record for the current attempt: elements, and completion. */
    record: (/** @type {string | undefined} */ sco = undefined) =>
      (sco === undefined ? server : serverOf(sco)).attempt(),
    /** @returns {Attempt[]} */
    attempts: () => server.attempts(),
    text: () => transcriptText(transcript),
  };
}

/**
 * The transcript as text, the same from run to run: times and saved states are masked.
 * @param {Call[]} calls
 * @returns {string} one line a call: `LMSSetValue("cmi.core.exit", "suspend") → "true"`
 */
export function transcriptText(calls) {
  return calls
    .map(({ name, arguments: given, result, error, threw }) => {
      const element = String(given[0] ?? "");
      const masked = /(session_time|total_time|latency|\.time|timestamp)$/.test(element)
        ? "<time>"
        : element === "cmi.suspend_data"
          ? "<state>"
          : undefined;
      const shown = (/** @type {unknown} */ value) => (masked && value !== "" ? masked : JSON.stringify(value));
      const list = given.map((value, index) => (index === 1 ? shown(value) : JSON.stringify(value))).join(", ");
      const answer = threw ? `throws ${result}` : name.endsWith("GetValue") ? shown(result) : JSON.stringify(result);
      return `${name}(${list}) → ${answer}${error === "0" || name.endsWith("GetLastError") ? "" : ` (${error})`}`;
    })
    .join("\n");
}
