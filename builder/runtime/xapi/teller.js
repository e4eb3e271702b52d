/**
 * Makes statements of what happens, from the templates of the package (`xapi/statements.json`). What is known when a
 * package is made stands in the template; here come actor, id, time, result, and what the launch gave.
 *
 * Responses go by xAPI Data 1.0.3 §2.4.4.1, statements of a cmi5 AU by cmi5 §9; twin of `builder/xapi/interactions.py`.
 */

/** @import {Given, Happening, Interaction, InteractionReport, Recorder, Statement, StatementTemplates} from "../types.d.ts" */

import { hash, hex } from "../hash.js";
import { decimal, hasKey, isFull, number } from "../score.js";

const CMI5 = "https://w3id.org/xapi/cmi5/";
const PROGRESS = `${CMI5}result/extensions/progress`;
const MASTERY = `${CMI5}context/extensions/masteryscore`;
const TRY = "http://id.tincanapi.com/extension/attempt-id";
/** Told once: the same id at whatever time, so that an LRS takes it once. */
const ONCE = ["completed", "passed"];
/** Statements that cmi5 defines; the others are "allowed". */
const DEFINED = [...ONCE, "initialized", "failed", "terminated"];

/**
 * @param {object} options
 * @param {StatementTemplates} options.templates
 * @param {string} options.launch `course.course.id`
 * @param {string} [options.activity] that was launched, by its id; "": that of the templates
 * @param {Record<string, unknown>} options.actor
 * @param {string} [options.registration] UUID
 * @param {string} [options.attempt] tells one from another where there is no registration
 * @param {Record<string, any> | null} [options.context] template of the launch: what it says is not overwritten
 * @param {boolean} [options.cmi5]
 * @param {number | null} [options.mastery] 0–1
 * @param {number} [options.minutes] of earlier sessions
 * @param {string[]} [options.told] which of `completed` and `passed` the LRS has; absent: what is known to be reached
 * @param {() => number} options.now milliseconds since the epoch
 * @param {(bytes: Uint8Array<ArrayBuffer>) => Uint8Array} options.random fills 16 bytes
 * @returns {Recorder["tell"]}
 */
export function openTeller(options) {
  const { templates, launch, actor, registration, context, cmi5, now } = options;
  const began = now();
  const own = templates.launches[launch];
  const activity = options.activity || own?.activity || "";
  const earlier = (options.minutes ?? 0) * 60_000;
  /** What need not be told again; `news`: to have failed is new, or was confirmed by an answer in this session. */
  const known = new Set(options.told);
  /** Told at the end. @type {Statement[]} */
  let held = [];
  /** Share of lessons done that was told. */
  let share = 0;

  /** @param {string} key @returns {string} */
  const identify = (key) => (ONCE.includes(key) ? lasting(key) : uuid(options.random(new Uint8Array(16)), 0x40));

  /** @param {string} key @returns {string} the same in every session */
  const lasting = (key) =>
    uuidOf([registration, options.attempt, activity, actor && JSON.stringify(actor), key].join("\n"));

  /** @param {string} kind @param {Statement["result"]} [result] @param {string} [part] @param {Date} [time] */
  function make(kind, result, part = "", time = new Date(now())) {
    const template = part ? templates.statements[`${kind}:${part}`] : own?.statements[kind];
    if (!template) return [];
    const object = part ? template.object : { ...template.object, id: activity };
    const { response, ...given } = result ?? {};
    const told = { ...given, ...(template.result && response !== undefined ? { response } : {}) };
    /** @type {Statement} */
    const statement = {
      id: identify(kind),
      timestamp: time.toISOString(),
      actor,
      verb: template.verb,
      object,
      ...(Object.keys(told).length ? { result: told } : {}),
      context: around(template.context ?? {}, kind, told),
    };
    return [statement];
  }

  /** @param {Record<string, any>} start @param {string} kind @param {NonNullable<Statement["result"]>} result */
  function around(start, kind, result) {
    const isDefined = !!cmi5 && DEFINED.includes(kind);
    const judged = "success" in result || "completion" in result;
    const categories = isDefined ? ["cmi5", ...(judged ? ["moveon"] : [])] : [];
    const category = categories.map((name) => ({ id: `${CMI5}context/categories/${name}` }));
    const isByMastery = isDefined && "success" in result && typeof options.mastery === "number";
    return joined(
      { ...start, ...(registration ? { registration } : {}) },
      { contextActivities: category.length ? { category } : {} },
      { extensions: isByMastery ? { [MASTERY]: options.mastery } : {} },
      context ?? {},
    );
  }

  /** What follows from how far the learner has come. @param {Extract<Happening, {best: number}>} standing @param {string} time spent in all */
  function conclude({ progress, completed, status, grade, best }, time) {
    const made = [];
    if (progress > share) {
      share = progress;
      // In cmi5 `completed` stands for 100 percent, and no share follows it (§9.5.5.1).
      const result = { extensions: { [PROGRESS]: Math.floor(progress * 100 + 1e-9) } };
      if (!cmi5 || !known.has("completed")) made.push(...make("progressed", result));
    }
    if (completed && isNew("completed")) made.push(...make("completed", { completion: true, duration: time }));
    const passes = status === "passed";
    held = [];
    // What a session of cmi5 that died had held back is told at the end of a later one.
    const isNews = known.has("news") || (cmi5 && !options.told?.includes("failed"));
    if (passes ? isNew("passed") : status === "failed" && isNews && (cmi5 || isNew("failed"))) {
      // A grade that is not enough is rounded down: never up to the mastery score.
      const scaled = passes ? Math.round(best * 100) / 10_000 : Math.floor(grade * 10_000) / 10_000;
      const points = Number(decimal(scaled * 100));
      // Of cmi5 it is whole (§9.5.1), and rounded down as well.
      const score = { scaled, raw: cmi5 ? Math.floor(points) : points, min: 0, max: 100 };
      const [verdict] = make(status, { score, success: passes, duration: time });
      // A session of cmi5 has one verdict (§9.3): to have failed waits for its end, so that the learner may still pass.
      // Whichever session comes to say so, the same verdict has the same id.
      if (verdict && cmi5 && !passes) held = [{ ...verdict, id: lasting(`failed ${scaled}`) }];
      else if (verdict) made.push(verdict);
    }
    return made;
  }

  /** @param {string} key @returns {boolean} and then it is not any more */
  const isNew = (key) => !known.has(key) && !!known.add(key);

  return (what) => {
    const spent = now() - began;
    switch (what.kind) {
      case "answered": {
        const { report, tries } = what;
        known.add("news");
        const [statement] = make("answered", resultOf(report), report.interaction.id, report.time);
        if (statement?.context) statement.context = joined(statement.context, { extensions: { [TRY]: String(tries) } });
        return statement ? [statement] : [];
      }
      case "experienced":
        return make("experienced", undefined, what.lesson.id);
      case "known":
        share = what.progress;
        if (what.status === "failed") known.delete("news");
        else known.add("news");
        if (!options.told && what.completed) known.add("completed");
        if (!options.told && what.status === "passed") known.add("passed");
        return [];
      case "reached":
        return conclude(what, duration(earlier + spent));
      case "terminated":
        return [...held.splice(0), ...make("terminated", { duration: duration(spent) })];
      default:
        return make(what.kind);
    }
  };
}

/** @param {Omit<InteractionReport, "index">} report @returns {NonNullable<Statement["result"]>} */
export function resultOf({ interaction, response, fraction, milliseconds }) {
  const given = responseOf(interaction, response);
  const isJudged = hasKey({ interactions: [interaction] });
  return {
    ...(given === undefined ? {} : { response: given }),
    ...(isJudged ? { success: isFull(fraction), score: { scaled: Number(fraction.toFixed(4)) } } : {}),
    ...(milliseconds ? { duration: duration(milliseconds) } : {}),
  };
}

/** @param {Interaction} interaction @param {Given} given @returns {string | undefined} undefined: nothing to say */
export function responseOf({ type }, given) {
  if (!given) return undefined;
  if (!Array.isArray(given)) {
    if (type !== "numeric") return given.text || undefined;
    const value = number(given.text);
    return Number.isNaN(value) ? undefined : decimal(value);
  }
  if (!given.length) return undefined;
  if (type === "true-false") return given[0] === "t" ? "true" : "false";
  return given.map((letters) => [...letters].join("[.]")).join("[,]");
}

/**
 * Contexts as one: lists of activities are joined, and of two values for one key the last one counts.
 * @param {Record<string, any>} first
 * @param {Record<string, any>[]} others
 * @returns {Record<string, any>}
 */
function joined(first, ...others) {
  const all = { ...first };
  for (const other of others) {
    for (const [key, value] of Object.entries(other)) {
      if (Array.isArray(value) || Array.isArray(all[key])) all[key] = [all[key] ?? [], value].flat();
      else if (isObject(value) && (isObject(all[key]) || !all[key])) all[key] = joined(all[key] ?? {}, value);
      else all[key] = value;
      if (isObject(all[key]) && !Object.keys(all[key]).length) delete all[key];
    }
  }
  return all;
}

/** @param {unknown} value */
const isObject = (value) => typeof value === "object" && !!value && !Array.isArray(value);

/** @param {number} milliseconds @returns {string} ISO 8601, to a hundredth of a second */
const duration = (milliseconds) => `PT${Number((Math.max(0, milliseconds) / 1000).toFixed(2))}S`;

/** @param {string} seed @returns {string} UUID that depends on nothing else */
export function uuidOf(seed) {
  const words = [0, 1, 2, 3].map((n) => hex(hash(`${n}\n${seed}`))).join("");
  const pairs = words.match(/../g) ?? [];
  return uuid(
    Uint8Array.from(pairs, (pair) => parseInt(pair, 16)),
    0x50,
  );
}

/** @param {Uint8Array} bytes sixteen @param {number} version in the upper half of a byte @returns {string} RFC 9562 */
function uuid(bytes, version) {
  const digits = [...bytes].map((byte, n) => {
    const set = n === 6 ? (byte & 0x0f) | version : n === 8 ? (byte & 0x3f) | 0x80 : byte;
    return set.toString(16).padStart(2, "0");
  });
  return digits.join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
