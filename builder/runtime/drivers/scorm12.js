/**
 * SCORM 1.2: finds the LMS's API and speaks its data model (RTE §3).
 *
 * Known by what LMSs do, not by what they say: values are read once and as any type, a commit is trusted only when it
 * answers "true" while the browser is online, and whatever was in a save that failed is made to change before it is
 * sent again, because an LMS may hold a value for sent that never arrived (Moodle).
 */

/**
 * @import {Change, Driver, DriverOptions, InteractionReport, Opened, Status} from "../types.d.ts"
 */

import { ask, cut, find, isStatus, look, otherwise, patterns, responseOf, resultOf, valueOf } from "../scorm.js";
import { decimal } from "../score.js";

const FINISHED = ["passed", "completed"];
/** How often a value is read back until it has arrived. */
const READS = 20;

/** @type {import("../scorm.js").Grammar} */
const GRAMMAR = {
  pair: ".",
  list: ",",
  range: (low, high) => (low === high ? low : `${low}:${high}`),
  text: (text) => cut(text, 255),
  // A long path is told as far as whole steps go.
  path: (path) => (path.length > 255 ? path.slice(0, path.lastIndexOf(",", 255)) : path),
};

/** @returns {Driver} */
export function create() {
  /** @type {import("../scorm.js").Api | null} */
  let api = null;
  /** @type {Window} */
  let host;
  /** @type {() => number} */
  let now;
  let opened = 0;
  let writable = false;
  let status = "";
  /** The status that the LMS has for certain: it is never taken back, not even for a moment. */
  let settled = "";
  /** @type {string | null} */
  let exit = null;
  let raw = "";
  /** How many more times the same score is to be sent, in other digits. */
  let repeats = 0;
  let failed = false;
  /** An LMS without LMSFinish says yes to everything: only what can be read back has arrived (wagtail-lms). */
  let isDoubtful = false;
  let reads = READS;
  /** @type {string[] | null} */
  let fields = null;

  const call = (/** @type {string} */ name, /** @type {string[]} */ ...values) => ask(api, name, values);
  const get = (/** @type {string} */ element) => valueOf(call("LMSGetValue", element));
  const set = (/** @type {string} */ element, /** @type {string} */ value) =>
    call("LMSSetValue", element, value) !== "false" && (!isDoubtful || hasArrived(element, value));
  /** Read a value back, so that no other is on its way beside it. @param {string} element @param {string} value */
  function hasArrived(element, value) {
    for (let left = reads; left > 0; left--) if (call("LMSGetValue", element) === value.trim()) return true;
    // There is no need to wait as long for the others of this save.
    reads = 1;
    return false;
  }
  /** An answer that is neither yes nor no counts when no error follows. @param {string} answer @returns {boolean} */
  const isTrue = (answer) => answer === "true" || (answer !== "false" && call("LMSGetLastError") === "0");

  /** @param {Window} window @param {DriverOptions} options @returns {Promise<Opened | null>} */
  async function open(window, options) {
    host = window;
    now = options.now;
    api = await find(window, "API", "LMSInitialize");
    if (!api) return null;
    if (!isTrue(call("LMSInitialize", "")) && !isRunning()) {
      api = null;
      throw new Error("refused");
    }
    opened = now();
    isDoubtful = !look(api, "LMSFinish");
    const mode = get("cmi.core.lesson_mode");
    const known = get("cmi.core.lesson_status").toLowerCase();
    /** @type {Status | ""} */
    const recorded = isStatus(known) ? known : "";
    // "incomplete" is written again: first of all, and whatever the LMS shows for a status that was never set.
    status = settled = recorded === "incomplete" ? "" : recorded;
    raw = get("cmi.core.score.raw");
    const [hours = 0, minutes = 0] = get("cmi.core.total_time").split(":").map(Number);
    const count = get("cmi.interactions._count");
    const children = get("cmi.interactions._children");
    // An LMS without interactions says so by an error; one that answers "" to everything takes them (Open edX).
    const unsupported = !children && !["", "0"].includes(call("LMSGetLastError"));
    fields = unsupported ? [] : children ? children.split(",").map((field) => field.trim()) : null;
    writable = mode !== "review" && mode !== "browse";
    return {
      mode: writable ? "normal" : /** @type {Opened["mode"]} */ (mode),
      learner: { id: get("cmi.core.student_id"), name: get("cmi.core.student_name") },
      state: get("cmi.suspend_data"),
      location: get("cmi.core.lesson_location"),
      status: recorded,
      interactions: /^\d+$/.test(count) ? Number(count) : NaN,
      score: raw === "" ? NaN : Number(raw),
      minutes: hours * 60 + minutes || 0,
      recorded: true,
      launchData: get("cmi.launch_data"),
    };
  }

  /**
   * A second LMSInitialize is refused though the session is there: when the frame was loaded again without LMSFinish.
   */
  const isRunning = () =>
    call("LMSGetLastError") === "101" && !!get("cmi.core.student_id") && call("LMSGetLastError") === "0";

  /**
   * Score before status, status with the rest, one commit (Cornerstone, Open edX); the state counts, reports do not.
   * @param {Change} change
   * @returns {boolean}
   */
  function write(change) {
    let good = true;
    if (change.score !== null) good = writeScore(decimal(change.score)) && good;
    if (change.status !== status) {
      good = set("cmi.core.lesson_status", change.status) && good;
      status = change.status;
    }
    good = set("cmi.core.lesson_location", change.location.slice(0, 255)) && good;
    if (change.state) good = set("cmi.suspend_data", change.state) && good;
    change.interactions.every((report) => writeInteraction(report));
    writeExit(FINISHED.includes(change.status) ? "" : "suspend");
    return good;
  }

  /**
   * Moodle 4.3.0 completes only when the score changes after the status: it is sent once more with the next commit, in
   * other digits (`80`, `80.0`).
   * @param {string} value
   * @returns {boolean}
   */
  function writeScore(value) {
    if (raw === "" || Number(raw) !== Number(value)) repeats = 1;
    else if (repeats) repeats--;
    else return true;
    raw = raw === value ? otherwise(value) : value;
    return set("cmi.core.score.min", "0") && set("cmi.core.score.max", "100") && set("cmi.core.score.raw", raw);
  }

  /** `logout` would log people out (SuccessFactors); the session's own time, not the sum. @param {string} value */
  function writeExit(value) {
    set("cmi.core.session_time", timespan(now() - opened));
    if (value !== exit) set("cmi.core.exit", (exit = value));
  }

  /** @param {InteractionReport} report @returns {boolean} false: the LMS takes none */
  function writeInteraction(report) {
    if (fields && !fields.includes("id")) return false;
    const start = `cmi.interactions.${report.index}.`;
    const [[, id = ""] = [], ...others] = describe(report);
    // Without its id the rest would only collect errors.
    if (!set(`${start}id`, id)) return false;
    for (const [field, value] of others) {
      if (!fields || fields.includes(field.split(".")[0] ?? "")) set(start + field, value);
    }
    return true;
  }

  /**
   * After a failed save: give everything that was in it another value, so that the LMS sends the right one anew.
   * @param {Change} change
   * @returns {boolean}
   */
  function shake(change) {
    // Not `completed` on the way to `passed`: some LMSs then close the attempt (Blackboard).
    if (change.status !== "incomplete" && change.status !== settled)
      set("cmi.core.lesson_status", (status = settled || "incomplete"));
    for (const { index } of change.interactions) {
      const start = `cmi.interactions.${index}.`;
      if ((fields && !fields.includes("id")) || !set(`${start}id`, "unsent")) break;
      set(`${start}type`, "performance");
      set(`${start}student_response`, "unsent");
      set(`${start}result`, "neutral");
    }
    repeats = 2;
    return commit();
  }

  /** @param {Change} change @returns {boolean} */
  function send(change) {
    reads = READS;
    if (failed && !shake(change)) return false;
    const written = write(change);
    failed = !commit() || (isDoubtful && !written);
    if (!failed) settled = status;
    return written && !failed;
  }

  /** @returns {boolean} */
  function commit() {
    const good = isTrue(call("LMSCommit", ""));
    // Offline, Moodle answers "true" and drops the request.
    return good && host.navigator?.onLine !== false;
  }

  return {
    name: "scorm12",
    open,

    save(change, done) {
      done(!!api && writable && send(change));
    },

    close(change, done = () => {}) {
      if (!api) return;
      let good = true;
      if (change && writable) {
        good = send(change);
        if (repeats && change.score !== null && writeScore(decimal(change.score))) commit();
      } else {
        writeExit(FINISHED.includes(status) ? "" : "suspend");
      }
      call("LMSFinish", "");
      api = null;
      done(good);
    },
  };
}

// --- formats -------------------------------------------------------------------------------------------------------

/**
 * The fields of an interaction, `id` and `type` first. RTE §3.4.7; 1.2 has no `long-fill-in` and no `other`.
 * @param {InteractionReport} report
 * @returns {[field: string, value: string][]}
 */
function describe({ interaction, question, response, fraction, milliseconds, time }) {
  const pad = (/** @type {number} */ value) => String(value).padStart(2, "0");
  const types = /** @type {Record<string, string>} */ ({ "long-fill-in": "fill-in", other: "performance" });
  const right = patterns(interaction, GRAMMAR);
  const given = responseOf(interaction, response, GRAMMAR);
  return [
    ["id", interaction.id.replace(/[^!-~]/g, "_").slice(0, 255)],
    ["type", types[interaction.type] ?? interaction.type],
    ["time", [time.getHours(), time.getMinutes(), time.getSeconds()].map(pad).join(":")],
    ...right.map((value, n) => /** @type {[string, string]} */ ([`correct_responses.${n}.pattern`, value])),
    ["weighting", decimal(question.scored ? question.points * interaction.weight : 0)],
    .../** @type {[string, string][]} */ (given ? [["student_response", given]] : []),
    ["result", resultOf(right, fraction, "wrong")],
    .../** @type {[string, string][]} */ (milliseconds ? [["latency", timespan(milliseconds)]] : []),
  ];
}

/**
 * A CMITimespan, `HHHH:MM:SS.SS`. Centiseconds are padded: `.5` would mean half a second, not five hundredths.
 * @param {number} milliseconds not negative; hours are capped at 9999
 * @returns {string}
 */
function timespan(milliseconds) {
  const centiseconds = Math.max(0, Math.floor(milliseconds / 10));
  const pad = (/** @type {number} */ value, width = 2) => String(Math.floor(value)).padStart(width, "0");
  const hours = Math.min(centiseconds / 360_000, 9999);
  const [minutes, seconds] = [(centiseconds / 6000) % 60, (centiseconds / 100) % 60];
  return `${pad(hours, 4)}:${pad(minutes)}:${pad(seconds)}.${pad(centiseconds % 100)}`;
}
