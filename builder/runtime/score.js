/**
 * What a response is worth, by interaction type. Twin of `builder/score.py`, bound to it by `tests/vectors/score.json`.
 */

/** @import {Given, Interaction, Question, Response} from "./types.d.ts" */

/** What rounding may take from a fraction, a grade or the end of a range. */
const SLACK = 1e-9;

/**
 * What two typed texts are compared by.
 * @param {string} text
 * @param {Pick<Interaction, "case" | "accents">} strict
 * @returns {string}
 */
export function normalise(text, strict) {
  let plain = text
    .normalize("NFC")
    .replace(/[’ʼ‘´`]/g, "'")
    .replace(/\s+/g, " ");
  let end = plain.length;
  while (end && " .,;:!?…".includes(plain[end - 1] ?? "")) end--;
  plain = plain.slice(0, end).trim();
  if (!strict.case) plain = plain.toLowerCase();
  if (strict.accents) return plain;
  return plain.normalize("NFD").replace(/[\u0300-\u036f]|[œæŒÆ]/g, (mark) => LIGATURES[mark] ?? "");
}

/** @type {Record<string, string>} */
const LIGATURES = { œ: "oe", æ: "ae", Œ: "OE", Æ: "AE" };

/**
 * The number that a learner typed: `1 234,5`, `−3`.
 * @param {string} text
 * @returns {number} NaN when it is none
 */
export function number(text) {
  const plain = text
    .replace(/(\d)\s+(?=\d)/g, "$1")
    .trim()
    .replace(/,/g, ".")
    .replace(/−/g, "-");
  return /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(plain) ? Number(plain) : NaN;
}

/**
 * The lowest index in `accept` that a text equals once normalised.
 * @param {Interaction} interaction
 * @param {string} text
 * @returns {number} −1 when there is none
 */
export function alternative(interaction, text) {
  const given = normalise(text, interaction);
  return (interaction.accept ?? []).findIndex((accept) => normalise(accept, interaction) === given);
}

/**
 * What a response to one interaction is worth; types without key are worth 0.
 * @param {Interaction} interaction
 * @param {Given | undefined} given
 * @param {"none" | "each"} [partial]
 * @returns {number} 0–1
 */
export function interactionFraction(interaction, given, partial = "each") {
  if (!given) return 0;
  if (!Array.isArray(given)) return given.right || (!given.cut && isRight(interaction, given.text)) ? 1 : 0;
  const { type, right = [], choices = [] } = interaction;
  if (type === "matching" && right.length && given.length) {
    const isPlaced = (/** @type {string} */ source) => isRightlyPlaced(right, source, given);
    return share(choices.map(isPlaced), partial);
  }
  if (type === "sequencing") {
    const isThere = (/** @type {string} */ letter, /** @type {number} */ n) => given[n] === letter;
    return share(right.map(isThere), partial);
  }
  if (type === "performance") {
    const { steps = {}, best = 0 } = interaction;
    const worth = [...new Set(given)].reduce((sum, step) => sum + (steps[step] ?? 0), 0);
    return best ? Math.min(1, Math.max(0, worth / best)) : 0;
  }
  if (type !== "choice" && type !== "true-false") return 0;
  const found = given.filter((letter) => right.includes(letter)).length;
  const wrong = given.length - found;
  if (!interaction.multiple) return given.length === 1 ? found : 0;
  if (partial === "none" || !right.length) return !wrong && found === right.length ? 1 : 0;
  return Math.max(0, (found - wrong) / right.length);
}

/**
 * Whether a source has one target, which is one of its right ones, or none where none is right.
 * @param {string[]} right pairs
 * @param {string} source letter
 * @param {string[]} given pairs
 * @returns {boolean}
 */
export function isRightlyPlaced(right, source, given) {
  const accepted = right.filter((pair) => pair[0] === source);
  const pairs = new Set(given.filter((pair) => pair[0] === source));
  return accepted.length ? pairs.size === 1 && accepted.some((pair) => pairs.has(pair)) : !pairs.size;
}

/** @param {boolean[]} rights @param {"none" | "each"} partial @returns {number} 0–1 */
function share(rights, partial) {
  const count = rights.filter(Boolean).length;
  if (partial === "none" || !rights.length) return rights.length && count === rights.length ? 1 : 0;
  return count / rights.length;
}

/**
 * The share of a question's points that a response wins.
 * @param {Question} question
 * @param {Response | undefined} response
 * @returns {number} 0–1
 */
export function questionFraction(question, response) {
  const { interactions, partial } = question;
  const fractions = interactions.map((each, n) => interactionFraction(each, response?.[n], partial));
  if (partial === "none") return fractions.every((each, n) => !interactions[n]?.weight || isFull(each)) ? 1 : 0;
  return fractions.reduce((sum, fraction, n) => sum + fraction * (interactions[n]?.weight ?? 0), 0);
}

/** @param {Pick<Question, "interactions">} question @returns {boolean} whether something in it is right or wrong */
export const hasKey = ({ interactions }) =>
  interactions.some(({ right, accept, ranges }) => right?.length || accept?.length || ranges?.length);

/** @param {number} fraction @returns {boolean} whether it means right */
export const isFull = (fraction) => fraction >= 1 - SLACK;

/**
 * Points won over points possible.
 * @param {[points: number, fraction: number][]} won of every scored question
 * @returns {number | null} 0–1; null without any
 */
export function grade(won) {
  const sum = (/** @type {(pair: [number, number]) => number} */ value) =>
    won.reduce((all, pair) => all + value(pair), 0);
  const possible = sum(([points]) => points);
  return possible > 0 ? sum(([points, fraction]) => points * fraction) / possible : null;
}

/** @param {number | null} value grade, 0–1 @param {number} mastery 0–1 @returns {boolean} */
export const isMastered = (value, mastery) => value !== null && value + SLACK >= mastery;

/** @param {number} value grade, 0–1 @returns {number} percent of two decimals, halves rounded up */
export const percent = (value) => Math.floor(value * 10_000 + 0.5 + SLACK) / 100;

/** @param {Interaction} interaction @param {string} text @returns {boolean} */
function isRight(interaction, text) {
  if (interaction.type === "numeric") {
    const value = number(text);
    const isWithin = (/** @type {[number, number]} */ [low, high]) =>
      value >= low - SLACK * Math.abs(low) && value <= high + SLACK * Math.abs(high);
    return (interaction.ranges ?? []).some(isWithin);
  }
  if (alternative(interaction, text) >= 0) return true;
  const most = interaction.typos ?? 0;
  const given = [...normalise(text, interaction)];
  const accepted = (interaction.accept ?? []).map((accept) => [...normalise(accept, interaction)]);
  return most > 0 && accepted.some((accept) => accept.length >= 4 && edits(given, accept, most) <= most);
}

/**
 * How many edits of one letter (insert, delete, replace, swap neighbours) separate two texts; at least `most` + 1 when
 * their lengths say that it is too many.
 * @param {string[]} given letters
 * @param {string[]} expected letters
 * @param {number} most
 * @returns {number}
 */
function edits(given, expected, most) {
  if (Math.abs(given.length - expected.length) > most) return most + 1;
  /** @type {number[][]} */
  const rows = [expected.map((_, j) => j), []];
  rows[0]?.push(expected.length);
  const at = (/** @type {number} */ i, /** @type {number} */ j) => rows[i]?.[j] ?? 0;
  given.forEach((letter, n) => {
    const i = n + 1;
    /** @type {number[]} */
    const row = (rows[i] = [i]);
    expected.forEach((other, m) => {
      const j = m + 1;
      let cost = Math.min(at(n, j) + 1, at(i, m) + 1, at(n, m) + (letter === other ? 0 : 1));
      if (n && m && letter === expected[m - 1] && given[n - 1] === other) cost = Math.min(cost, at(n - 1, m - 1) + 1);
      row.push(cost);
    });
  });
  return at(given.length, expected.length);
}

/** @param {number} value @returns {string} in decimal digits, without exponent */
export const decimal = (value) =>
  value
    .toFixed(10)
    .replace(/\.?0+$/, "")
    .replace(/^-0$/, "0");
