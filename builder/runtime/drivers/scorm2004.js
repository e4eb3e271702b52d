/**
 * SCORM 2004, 4th edition: finds the LMS's API and speaks its data model (RTE §4). Known by what LMSs do, as for 1.2:
 * whatever was in a save that failed is made to change before it is sent again.
 *
 * Completion and success are apart. An LMS may compute either from what it is told beside them, `progress_measure` and
 * `score.scaled`: these never contradict the status.
 */

/**
 * @import {Change, CourseData, Driver, InteractionReport, ObjectiveReport, Opened, Status} from "../types.d.ts"
 */

import { ask, cut, find, otherwise, patterns, responseOf, resultOf, valueOf } from "../scorm.js";
import { decimal, isMastered, percent } from "../score.js";

/** How many correct responses of a type every LMS must take (RTE §4.2.9.1); 5 of the others. */
const MOST = /** @type {Record<string, number>} */ ({ choice: 10, "true-false": 1, likert: 1, numeric: 1, other: 1 });
/** Steps of a path that every LMS must take. */
const STEPS = 250;

/** @type {import("../scorm.js").Grammar} */
const RESPONSE = {
  pair: "[.]",
  list: "[,]",
  range: (low, high) => `${low}[:]${high}`,
  text: (text, { type }) => localized(text, type === "long-fill-in" ? 4000 : 250),
  path: (path) => path.split("[,]").slice(0, STEPS).join("[,]"),
};
/** @type {import("../scorm.js").Grammar} */
const PATTERN = {
  ...RESPONSE,
  text: (text, interaction) => (interaction.case ? "{case_matters=true}" : "") + plain(text, 250),
};

/** @returns {Driver} */
export function create() {
  /** @type {import("../scorm.js").Api | null} */
  let api = null;
  /** @type {Window} */
  let host;
  /** @type {() => number} */
  let now;
  /** @type {CourseData} */
  let course;
  let opened = 0;
  let writable = false;
  let mastery = 0;
  /** A verdict is told apart from completion. */
  let isJudged = false;
  /** What was sent last, and what the LMS has for certain: that is never taken back, not even for a moment. */
  let sent = { completion: "", success: "" };
  let settled = sent;
  let isCompleted = false;
  let exit = "";
  let raw = "";
  /** How many more times the same score is to be sent, in other digits. */
  let repeats = 0;
  let failed = false;
  /** Numbers are sent in other digits than before. */
  let isOdd = false;
  /** @type {string[] | null} */
  let fields = null;
  /** Index of each objective of the LMS, by id; null: it takes none. @type {Map<string, number> | null} */
  let objectives = null;
  /** What was sent of each objective. @type {Map<string, string>} */
  const told = new Map();

  const call = (/** @type {string} */ name, /** @type {string[]} */ ...values) => ask(api, name, values);
  const get = (/** @type {string} */ element) => valueOf(call("GetValue", element));
  const set = (/** @type {string} */ element, /** @type {string} */ value) =>
    call("SetValue", element, value) !== "false";
  /** An answer that is neither yes nor no counts when no error follows. @param {string} answer @returns {boolean} */
  const isTrue = (answer) => answer === "true" || (answer !== "false" && call("GetLastError") === "0");
  const shown = (/** @type {number} */ value, odd = isOdd) => (odd ? otherwise(real(value)) : real(value));

  /** @returns {Map<string, number> | null} */
  function readObjectives() {
    const count = get("cmi.objectives._count");
    // Those of the manifest are there already, in an order that is the LMS's.
    const ids = Array.from({ length: Number(count) || 0 }, (_, n) => get(`cmi.objectives.${n}.id`));
    return /^\d+$/.test(count) ? new Map(ids.map((id, n) => [id, n])) : null;
  }

  /** @returns {Opened} */
  function read() {
    const mode = get("cmi.mode");
    const completion = get("cmi.completion_status");
    const success = get("cmi.success_status");
    const scaled = get("cmi.score.scaled");
    const least = get("cmi.scaled_passing_score");
    raw = get("cmi.score.raw");
    isCompleted = completion === "completed";
    // What was never set may be shown as "incomplete": it is written again.
    if (isCompleted) sent.completion = completion;
    if (success === "passed" || success === "failed") sent.success = success;
    settled = { ...sent };
    isJudged = Object.values(course.completion.states).some((rows) => rows?.some(({ to }) => to === "passed"));
    mastery = isJudged && least !== "" && Number(least) >= 0 && Number(least) <= 1 ? Number(least) : NaN;
    const isOwn = !(Math.abs(mastery - (course.mastery ?? 0)) > 1e-4);
    if (isOwn) mastery = course.mastery ?? 0;
    const children = get("cmi.interactions._children");
    const unsupported = !children && !["", "0", "403"].includes(call("GetLastError"));
    fields = unsupported ? [] : children ? children.split(",").map((field) => field.trim()) : null;
    const count = get("cmi.interactions._count");
    objectives = course.objectives?.length ? readObjectives() : null;
    writable = mode !== "review" && mode !== "browse";
    const score = scaled === "" ? raw : Number(scaled) * 100;
    return {
      mode: writable ? "normal" : /** @type {Opened["mode"]} */ (mode),
      learner: { id: get("cmi.learner_id"), name: get("cmi.learner_name") },
      state: get("cmi.suspend_data"),
      location: get("cmi.location"),
      status: /** @type {Status | ""} */ (
        (isJudged && sent.success) ||
          (isCompleted && !isJudged && "completed") ||
          (completion === "incomplete" ? completion : "")
      ),
      completed: isCompleted,
      interactions: /^\d+$/.test(count) ? Number(count) : NaN,
      score: score === "" ? NaN : Number(Number(score).toFixed(4)),
      minutes: minutesOf(get("cmi.total_time")),
      recorded: true,
      launchData: get("cmi.launch_data"),
      ...(isOwn ? {} : { mastery }),
    };
  }

  /**
   * Score before status, status with the rest, one commit; the state counts, reports do not.
   * @param {Change} change
   * @returns {boolean}
   */
  function write(change) {
    let good = true;
    // Completed means to some LMSs that nothing more is to come (Moodle): it waits for the verdict.
    isCompleted ||= isOver(change.status) || (change.completed && change.status === "failed");
    if (change.score !== null) good = writeScore(change) && good;
    const wanted = {
      // What failed was done once, also where a new version asks for more and the LMS does not tell (Open edX).
      completion: isCompleted ? "completed" : change.status === "failed" ? sent.completion : "incomplete",
      success: ["passed", "failed"].includes(change.status) ? change.status : "",
    };
    if (wanted.completion !== sent.completion) good = set("cmi.completion_status", wanted.completion) && good;
    if (wanted.success && wanted.success !== sent.success) good = set("cmi.success_status", wanted.success) && good;
    sent = { ...wanted, success: wanted.success || sent.success };
    // Empty, it is refused where it was never set (scorm-again).
    if (change.location) good = set("cmi.location", change.location.slice(0, 1000)) && good;
    if (change.state) good = set("cmi.suspend_data", change.state) && good;
    set("cmi.progress_measure", shown(isCompleted ? 1 : Math.min(change.progress, 0.99)));
    change.interactions.forEach(writeInteraction);
    change.objectives.every((report) => writeObjective(report));
    writeExit();
    return good;
  }

  /**
   * Moodle 4.3.0 completes only when the score changes after the status: it is sent once more with the next commit. What
   * failed by less than it is rounded by stays below.
   * @param {Pick<Change, "score" | "status">} change
   * @returns {boolean}
   */
  function writeScore({ score, status }) {
    const most = status === "failed" ? Math.max(0, percent(mastery) - 0.01) : 100;
    const points = Math.min(score ?? 0, most);
    if (raw === "" || Number(raw) !== points) repeats = 1;
    else if (repeats) repeats--;
    else return true;
    const odd = raw === real(points);
    raw = shown(points, odd);
    return writeNumbers("cmi.score.", points, odd);
  }

  /** @param {string} start @param {number} points 0–100 @param {boolean} odd @returns {boolean} */
  const writeNumbers = (start, points, odd) =>
    Object.entries({ scaled: shown(points / 100, odd), min: "0", max: "100", raw: shown(points, odd) })
      .map(([leaf, value]) => set(start + leaf, value))
      .every(Boolean);

  /** What is not suspended is erased when the learner comes back, also after the end; the session's own time. */
  function writeExit() {
    set("cmi.session_time", timespan(now() - opened));
    if (!exit) set("cmi.exit", (exit = "suspend"));
  }

  /** @param {InteractionReport} report */
  function writeInteraction(report) {
    if (fields && !fields.includes("id")) return;
    const start = `cmi.interactions.${report.index}.`;
    const [[, id = ""] = [], ...others] = describe(report, course);
    // Without its id the rest would only collect errors; another one may stand there for good.
    if (!set(`${start}id`, id)) return;
    for (const [field, value] of others) {
      if (!fields || fields.includes(field.split(".")[0] ?? "")) set(start + field, value);
    }
  }

  /** @param {ObjectiveReport} report @returns {boolean} false: the LMS takes none */
  function writeObjective({ id, text, progress, scaled }) {
    if (!objectives) return false;
    const key = `${progress} ${scaled}`;
    if (told.get(id) === key) return true;
    const index = objectives.get(id) ?? objectives.size;
    const start = `cmi.objectives.${index}.`;
    if (!objectives.has(id) && !set(`${start}id`, id)) {
      objectives = null;
      return false;
    }
    objectives.set(id, index);
    if (!told.has(id)) set(`${start}description`, localized(text, 250));
    told.set(id, key);
    if (scaled !== null) writeNumbers(`${start}score.`, scaled * 100, isOdd);
    set(`${start}progress_measure`, shown(progress));
    set(`${start}completion_status`, progress >= 1 ? "completed" : progress > 0 ? "incomplete" : "not attempted");
    if (isJudged && scaled !== null && progress >= 1)
      set(`${start}success_status`, isMastered(scaled, mastery) ? "passed" : "failed");
    return true;
  }

  /**
   * After a failed save: give everything that was in it another value, so that the LMS sends the right one anew.
   * @param {Change} change
   * @returns {boolean}
   */
  function shake(change) {
    if (sent.completion !== settled.completion) set("cmi.completion_status", settled.completion || "unknown");
    if (sent.success !== settled.success) set("cmi.success_status", "unknown");
    sent = { ...settled };
    for (const { index, interaction } of change.interactions) {
      const start = `cmi.interactions.${index}.`;
      if ((fields && !fields.includes("id")) || !set(`${start}id`, idOf(interaction))) continue;
      // Once its own id is there: some LMSs let it never change (351), and need not be told anew.
      set(`${start}id`, "unsent");
      set(`${start}type`, "other");
      set(`${start}learner_response`, "unsent");
      set(`${start}result`, "neutral");
    }
    for (const id of told.keys()) set(`cmi.objectives.${objectives?.get(id)}.completion_status`, "unknown");
    told.clear();
    repeats = 2;
    isOdd = !isOdd;
    return commit();
  }

  /** @param {Change} change @returns {boolean} */
  function send(change) {
    if (failed && !shake(change)) return false;
    const written = write(change);
    failed = !commit();
    if (!failed) settled = { ...sent };
    return written && !failed;
  }

  /** @returns {boolean} */
  function commit() {
    const good = isTrue(call("Commit", ""));
    // Offline, Moodle answers "true" and drops the request.
    return good && host.navigator?.onLine !== false;
  }

  return {
    name: "scorm2004",

    async open(window, options) {
      host = window;
      now = options.now;
      course = options.data;
      api = await find(window, "API_1484_11", "Initialize");
      if (!api) return null;
      // 103: the session is there, when the frame was loaded again without Terminate.
      if (!isTrue(call("Initialize", "")) && call("GetLastError") !== "103") {
        api = null;
        throw new Error("refused");
      }
      opened = now();
      return read();
    },

    save(change, done) {
      done(!!api && writable && send(change));
    },

    close(change, done = () => {}) {
      if (!api) return;
      let good = true;
      let isLast = !writable;
      if (change && writable) {
        good = send(change);
        if (repeats && change.score !== null && writeScore(change)) commit();
        isLast = isOver(change.status);
      } else {
        writeExit();
      }
      // With one SCO the LMS closes the course. Among several, what comes next is the learner's choice in its table.
      if (!course.sco) set("adl.nav.request", isLast ? "exitAll" : "suspendAll");
      call("Terminate", "");
      api = null;
      done(good);
    },
  };
}

/** @param {Status} status @returns {boolean} nothing more is to come */
const isOver = (status) => status === "passed" || status === "completed";

// --- formats -------------------------------------------------------------------------------------------------------

/**
 * The fields of an interaction, `id` and `type` first. RTE §4.2.9.
 * @param {InteractionReport} report
 * @param {CourseData} course
 * @returns {[field: string, value: string][]}
 */
function describe({ interaction, question, response, fraction, milliseconds, time }, course) {
  const { type } = interaction;
  const pad = (/** @type {number} */ value) => String(value).padStart(2, "0");
  const date = [time.getFullYear(), time.getMonth() + 1, time.getDate()].map(pad).join("-");
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(pad).join(":");
  const right = patterns(interaction, PATTERN);
  const aims = (course.objectives ?? []).filter(({ questions }) => questions.includes(question.slot));
  const given = responseOf(interaction, response, RESPONSE);
  const words = (/** @type {string} */ text) => (type === "true-false" ? String(text === "t") : text);
  return [
    ["id", idOf(interaction)],
    ["type", type],
    ...aims.map(({ id }, n) => /** @type {[string, string]} */ ([`objectives.${n}.id`, id])),
    // Without zone: some LMSs refuse one (Canvas).
    ["timestamp", `${date}T${clock}`],
    ...right
      .slice(0, MOST[type] ?? 5)
      .map((value, n) => /** @type {[string, string]} */ ([`correct_responses.${n}.pattern`, words(value)])),
    ["weighting", real(question.scored ? question.points * interaction.weight : 0)],
    .../** @type {[string, string][]} */ (given ? [["learner_response", words(given)]] : []),
    ["result", resultOf(right, Number(fraction.toFixed(7)), "incorrect")],
    .../** @type {[string, string][]} */ (milliseconds ? [["latency", timespan(milliseconds)]] : []),
    ["description", localized(question.title, 250)],
  ];
}

/** @param {import("../types.d.ts").Interaction} interaction @returns {string} */
const idOf = ({ id }) => id.replace(/[^!-~]/g, "_").slice(0, 255);

/** What begins with a brace would be read as a delimiter. @param {string} text @param {number} most @returns {string} */
const localized = (text, most) => cut(plain(text, most).replace(/^\{/, " {"), most);

/** One line, without what separates responses. @param {string} text @param {number} most characters @returns {string} */
const plain = (text, most) =>
  cut(
    text
      .replace(/\s+/g, " ")
      .trim()
      .replace(/\[([,.:])\]/g, "$1"),
    most,
  );

/** @param {number} value @returns {string} a real(10,7), and one digit is left to write it otherwise */
const real = (value) => decimal(Number(value.toFixed(6)));

/** @param {number} milliseconds not negative @returns {string} a timeinterval(second,10,2), `PT1H30M5.25S` */
function timespan(milliseconds) {
  const centiseconds = Math.max(0, Math.floor(milliseconds / 10));
  const [hours, minutes] = [Math.floor(centiseconds / 360_000), Math.floor(centiseconds / 6000) % 60];
  return `PT${hours ? `${hours}H` : ""}${minutes ? `${minutes}M` : ""}${(centiseconds % 6000) / 100}S`;
}

/** @param {string} duration ISO 8601 @returns {number} minutes; 0 when it cannot be read */
function minutesOf(duration) {
  const found = /^P(?:([\d.]+)Y)?(?:([\d.]+)M)?(?:([\d.]+)D)?(?:T(?:([\d.]+)H)?(?:([\d.]+)M)?(?:([\d.]+)S)?)?$/.exec(
    duration,
  );
  const each = [525_600, 43_800, 1440, 60, 1, 1 / 60];
  return (found?.slice(1) ?? []).reduce((sum, part, n) => sum + (Number(part) || 0) * (each[n] ?? 0), 0);
}
