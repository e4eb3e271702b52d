/**
 * What the drivers of SCORM 1.2 and 2004 share: how an API is found and called, and what is told of a response.
 *
 * Known by what LMSs do, not by what they say: values are read once and as any type, and what throws has said no.
 */

/** @import {Given, Interaction, Status} from "./types.d.ts" */

import { decimal, isFull, number } from "./score.js";

/** Milliseconds: the API may appear a moment after the frame; alone at the top there is little to wait for. */
const PATIENCE = { framed: 3000, alone: 500, step: 100 };
/** Frames to climb; more than any LMS has. */
const DEPTH = 500;
/** Patterns of one interaction that accept other targets: beyond some, reports are none the wiser. */
const MATCHINGS = 12;

/** @typedef {Record<string, (...values: string[]) => unknown>} Api */
/**
 * How a standard writes responses: what stands in a pair, between two of a list, around a range; what it can hold of a
 * text, of a path.
 * @typedef {object} Grammar
 * @property {string} pair
 * @property {string} list
 * @property {(low: string, high: string) => string} range
 * @property {(text: string, interaction: Interaction) => string} text
 * @property {(path: string) => string} path
 */

/** @param {string} word @returns {word is Status} */
export const isStatus = (word) => ["incomplete", "completed", "failed", "passed"].includes(word);

/**
 * @param {Window} window
 * @param {string} name `API`
 * @param {string} begin the function that it must have
 * @returns {Promise<Api | null>}
 */
export async function find(window, name, begin) {
  const framed = look(window, "parent") !== window || look(window, "opener");
  for (let left = framed ? PATIENCE.framed : PATIENCE.alone; ; left -= PATIENCE.step) {
    const found = search(window, name, begin);
    if (found || left <= 0) return found;
    await new Promise((resume) => window.setTimeout(resume, PATIENCE.step));
  }
}

/** Parents first, then the opener's, and so on. @param {Window} window @param {string} name @param {string} begin */
function search(window, name, begin) {
  /** @type {any} */
  let start = window;
  for (let windows = 0; start && windows < 10; windows++) {
    let frame = start;
    for (let depth = 0; frame && depth < DEPTH; depth++) {
      const api = look(frame, name);
      if (look(api, begin)) return api;
      const parent = look(frame, "parent");
      if (parent === frame) break;
      frame = parent;
    }
    start = look(start, "opener") ?? look(look(start, "top"), "opener");
  }
  return null;
}

/**
 * A frame of another origin throws on `API` and still gives its `parent`.
 * @param {any} object
 * @param {string} name
 */
export function look(object, name) {
  try {
    return object?.[name] ?? null;
  } catch {
    return null;
  }
}

/**
 * @param {Api | null} api
 * @param {string} name
 * @param {string[]} values
 * @returns {string} the answer; "false" when the LMS throws
 */
export function ask(api, name, values) {
  try {
    // As a method: a bridge to a plug-in or to another frame loses `this` otherwise.
    const answer = api?.[name]?.(...values);
    return String(answer ?? "").trim();
  } catch {
    return "false";
  }
}

/** What some LMSs answer for a value that they do not have. @param {string} answer @returns {string} */
export const valueOf = (answer) => answer.replace(/^(false|true|null|undefined)$/, "");

/** The same number in other digits (`80`, `80.0`), for an LMS that sends only what has changed. @param {string} value */
export const otherwise = (value) => value + (value.includes(".") ? "0" : ".0");

/** @param {string[]} right @param {number} fraction @param {string} wrong the standard's word @returns {string} */
export const resultOf = (right, fraction, wrong) =>
  !right.length ? "neutral" : isFull(fraction) ? "correct" : fraction > 0 ? decimal(fraction) : wrong;

/** @param {Interaction} interaction @param {Grammar} grammar @returns {string[]} alternatives, each complete */
export function patterns(interaction, grammar) {
  const { type, right = [], accept = [], ranges = [] } = interaction;
  if (ranges.length) return ranges.map(([low, high]) => grammar.range(decimal(low), decimal(high)));
  if (accept.length) return accept.map((text) => grammar.text(text, interaction));
  const alternatives =
    type === "matching"
      ? matchings(right)
      : interaction.multiple || type === "sequencing" || type === "performance"
        ? [right]
        : right.map((one) => [one]);
  return alternatives.map((letters) => responseOf(interaction, letters, grammar)).filter(Boolean);
}

/** Every way to give each source one of its right targets, up to `MATCHINGS`. @param {string[]} pairs @returns {string[][]} */
function matchings(pairs) {
  /** @type {string[][]} */
  let all = [[]];
  for (const source of new Set(pairs.map((pair) => pair.charAt(0)))) {
    const targets = pairs.filter((pair) => pair.charAt(0) === source);
    all = all.flatMap((some) => targets.map((pair) => [...some, pair])).slice(0, MATCHINGS);
  }
  return all;
}

/**
 * @param {Interaction} interaction
 * @param {Given} given
 * @param {Grammar} grammar
 * @returns {string} "" when there is nothing legal to send
 */
export function responseOf(interaction, given, grammar) {
  if (!given) return "";
  if (!Array.isArray(given)) {
    if (interaction.type !== "numeric") return grammar.text(given.text, interaction);
    const value = number(given.text);
    return Number.isNaN(value) ? "" : decimal(value);
  }
  const text = given.map((letters) => [...letters].join(grammar.pair)).join(grammar.list);
  return interaction.type === "performance" ? grammar.path(text) : text;
}

/** @param {string} text @param {number} most characters @returns {string} does not end in half a character */
export const cut = (text, most) => text.slice(0, most).replace(/[\ud800-\udbff]$/, "");
