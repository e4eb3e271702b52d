/** What a response is worth, each expectation written by hand; `tests/vectors/score.json` binds the two languages. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  grade,
  interactionFraction,
  isMastered,
  normalise,
  percent,
  questionFraction,
} from "../../builder/runtime/score.js";
import { interaction, question } from "./fakes.mjs";

/** @import {Given, Interaction, Response, Text} from "../../builder/runtime/types.d.ts" */

const one = interaction();
const either = interaction({ right: ["a", "b"] });
const many = interaction({ choices: ["a", "b", "c", "d"], multiple: true, right: ["a", "c"] });
const typed = interaction({ type: "fill-in", accept: ["MSSanté", "messagerie sécurisée"] });
const strict = { ...typed, case: true, accents: true };
const typo = { ...typed, accept: ["hameçonnage", "DSI"], typos: 1 };
const number = interaction({
  type: "numeric",
  right: [],
  ranges: [
    [3.4, 3.6],
    [70, 74],
  ],
});
const pairs = interaction({ type: "matching", targets: ["x", "y"], right: ["ax", "bx", "by"] });
const steps = interaction({ type: "sequencing", choices: ["a", "b", "c", "d"], right: ["d", "a", "b", "c"] });
/** @param {number} value @returns {Interaction} */
const exactly = (value) => ({ ...number, ranges: [[value, value]] });
/** @param {string} text @param {Partial<Text>} [more] @returns {Text} */
const T = (text, more) => ({ text, ...more });

/** @type {[name: string, interaction: Interaction, given: Given, fraction: number, partial?: "none"][]} */
const RESPONSES = [
  ["one answer, right", one, ["b"], 1],
  ["one answer, wrong", one, ["a"], 0],
  ["one answer, blank", one, null, 0],
  ["one of two right answers is enough", either, ["a"], 1],
  ["two picks where one is wanted", either, ["a", "b"], 0],
  ["a letter that has left the question", one, ["z"], 0],
  ["several answers, all right", many, ["a", "c"], 1],
  ["several answers, half of them", many, ["a"], 0.5],
  ["a wrong pick takes a right one away", many, ["a", "b", "c"], 0.5],
  ["never below zero", many, ["b", "d"], 0],
  ["everything picked", many, ["a", "b", "c", "d"], 0],
  ["not each: half is nothing", many, ["a"], 0, "none"],
  ["not each: all", many, ["a", "c"], 1, "none"],
  ["not each: one too many", many, ["a", "b", "c"], 0, "none"],
  ["true or false", interaction({ type: "true-false", choices: ["t", "f"], right: ["t"] }), ["t"], 1],
  ["true or false, wrong", interaction({ type: "true-false", choices: ["t", "f"], right: ["t"] }), ["f"], 0],
  ["a scale has no right answer", interaction({ type: "likert", right: [] }), ["a"], 0],
  ["pairs, all right, one source left out", pairs, ["ax", "by"], 1],
  ["pairs, the other right target", pairs, ["ax", "bx"], 1],
  ["pairs, one wrong takes no other away", pairs, ["ay", "bx"], 2 / 3],
  ["pairs, one placed that belongs nowhere", pairs, ["ax", "bx", "cx"], 2 / 3],
  ["pairs, a source in two places counts as wrong", pairs, ["ax", "bx", "by"], 2 / 3],
  ["pairs, nothing placed", pairs, [], 0],
  ["pairs, not each: one wrong", pairs, ["ay", "bx"], 0, "none"],
  ["pairs, not each: all", pairs, ["ax", "bx"], 1, "none"],
  ["pairs without key", { ...pairs, right: [] }, ["ax"], 0],
  ["steps in order", steps, ["d", "a", "b", "c"], 1],
  ["steps, two in their place", steps, ["d", "a", "c", "b"], 0.5],
  ["steps, none in its place", steps, ["a", "b", "c", "d"], 0],
  ["steps, not each: two in their place", steps, ["d", "a", "c", "b"], 0, "none"],
  ["steps, not each: all", steps, ["d", "a", "b", "c"], 1, "none"],
  ["typed, as written", typed, T("MSSanté"), 1],
  ["typed, case and accents are forgiven", typed, T("mssante"), 1],
  ["typed, second alternative", typed, T("Messagerie  sécurisée ."), 1],
  ["typed, no-break and thin spaces", typed, T("\u202fmessagerie\u00a0s\u00e9curis\u00e9e\u00a0!"), 1],
  ["typed, decomposed accents", strict, T("MSSante\u0301"), 1],
  ["typed, wrong", typed, T("courriel"), 0],
  ["typed, punctuation in the middle counts", typed, T("messagerie, sécurisée"), 0],
  ["typed, only the beginning is known", typed, T("MSSanté", { cut: true }), 0],
  ["typed, words not kept, was wrong", typed, T("", { cut: true }), 0],
  ["typed, words not kept, was right", typed, T("", { right: true }), 1],
  ["strict, as written", strict, T("MSSanté"), 1],
  ["strict, other case", strict, T("mssanté"), 0],
  ["strict, no accent", strict, T("MSSante"), 0],
  ["case only: accent forgiven", { ...typed, case: true }, T("MSSante"), 1],
  ["case only: other case", { ...typed, case: true }, T("MSSANTÉ"), 0],
  ["accents only: case forgiven", { ...typed, accents: true }, T("MSSANTÉ"), 1],
  ["accents only: no accent", { ...typed, accents: true }, T("MSSANTE"), 0],
  ["one letter missing", typo, T("hameçonage"), 1],
  ["one letter too many", typo, T("hameçonnnage"), 1],
  ["one letter replaced", typo, T("hamesonnage"), 1],
  ["two neighbours swapped", typo, T("hamçeonnage"), 1],
  ["two letters off", typo, T("amçonnage"), 0],
  ["two letters off where two are let go", { ...typo, typos: 2 }, T("amçonnage"), 1],
  ["a typo where none is let go", { ...typo, typos: 0 }, T("hameçonage"), 0],
  ["short texts must be exact", typo, T("DS"), 0],
  ["short texts, exact", typo, T("dsi"), 1],
  ["number in the range", number, T("3.5"), 1],
  ["number, decimal comma", number, T("3,5"), 1],
  ["number, ends of the range count", number, T("3,4"), 1],
  ["number, second range", number, T(" 72 "), 1],
  ["number, leading plus, trailing point", number, T("+72."), 1],
  ["number, out of range", number, T("3,7"), 0],
  ["number with its unit", number, T("3,5 mg"), 0],
  ["number, two decimal marks", number, T("3,5,1"), 0],
  ["number, digits of another script", number, T("٧٢"), 0],
  ["number, exponent", number, T("7.2e1"), 0],
  ["number, a point alone", number, T("."), 0],
  ["number, starts with its point", exactly(0.5), T(",5"), 1],
  ["number, what binary fractions lose", exactly(0.1 + 0.2), T("0,3"), 1],
  ["number, true minus sign", exactly(-1), T("−1"), 1],
  ["number, thousands", exactly(1234567.5), T("1 234\u202f567,5"), 1],
  ["number, words not kept, was right", number, T("", { right: true }), 1],
];

for (const [name, asked, given, expected, partial] of RESPONSES) {
  test(name, () => assert.equal(interactionFraction(asked, given, partial ?? "each"), expected));
}

const gaps = [
  { ...typed, id: "q.a", letter: "a", weight: 0.5 },
  { ...number, id: "q.b", letter: "b", weight: 0.25 },
  { ...one, id: "q.c", letter: "c", weight: 0.25 },
];
const thirds = ["a", "b", "c"].map((letter) => ({ ...one, letter, weight: 1 / 3 }));

/** @type {[name: string, partial: "none" | "each", parts: Interaction[], response: Response, fraction: number][]} */
const QUESTIONS = [
  ["never answered", "each", gaps, null, 0],
  ["each part has its share", "each", gaps, [T("MSSanté"), T("8"), ["b"]], 0.75],
  ["a blank part", "each", gaps, [null, T("3,5"), null], 0.25],
  ["all of it", "each", gaps, [T("mssante"), T("72"), ["b"]], 1],
  ["not each: all or nothing", "none", gaps, [T("MSSanté"), T("8"), ["b"]], 0],
  ["not each: all parts right", "none", gaps, [T("MSSanté"), T("72"), ["b"]], 1],
  ["three thirds are one", "each", thirds, [["b"], ["b"], ["b"]], 1],
  [
    "part of a share",
    "each",
    [
      { ...many, weight: 0.5 },
      { ...one, weight: 0.5 },
    ],
    [["a"], ["b"]],
    0.75,
  ],
];

for (const [name, partial, interactions, response, expected] of QUESTIONS) {
  test(name, () => {
    const won = questionFraction(question("q", 1, { partial, interactions }), response);
    assert.ok(Math.abs(won - expected) < 1e-12, `${won} is not ${expected}`);
  });
}

test("texts are compared without what a keyboard does by itself", () => {
  /** @type {[text: string, expected: string, strict?: {case?: boolean, accents?: boolean}][]} */
  const texts = [
    ["  L’Hôpital  !", "l'hopital"],
    ["Œuvre et ÆSOP", "oeuvre et aesop"],
    ["Œuvre", "OEuvre", { case: true }],
    ["Cœur", "cœur", { accents: true }],
    ["ʼ‘´`", "''''"],
    ["a …?!.;:,", "a"],
    ["a. b.", "a. b"],
    ["?", ""],
    ["e\u0301", "é", { accents: true }],
    ["tab\tand\nline", "tab and line"],
    ["\ufeffa\u2009b", "a b"],
  ];
  for (const [text, expected, how] of texts) assert.equal(normalise(text, how ?? {}), expected);
});

test("the grade, and the percent that the LMS gets: two decimals, halves up, no trailing zeros", () => {
  /** @type {[won: [number, number][], expected: string | null][]} */
  const grades = [
    [[], null],
    [[[0, 1]], null],
    [[[1, 1]], "100"],
    [
      [
        [2, 1],
        [1, 0],
      ],
      "66.67",
    ],
    [
      [
        [1, 1],
        [2, 0],
      ],
      "33.33",
    ],
    [
      [
        [4, 1],
        [1, 0],
      ],
      "80",
    ],
    [
      [
        [0.5, 1],
        [0.5, 0.25],
      ],
      "62.5",
    ],
    [[[1, 0.33335]], "33.34"],
    [[[1, 0.99995]], "100"],
    [[[1, 0.0005]], "0.05"],
    [[[1, 0.145]], "14.5"],
    [
      [
        [1, 0],
        [1, 0],
      ],
      "0",
    ],
  ];
  for (const [won, expected] of grades) {
    const value = grade(won);
    assert.equal(value === null ? null : String(percent(value)), expected);
  }
});

test("the mastery score is reached, rounding aside", () => {
  assert.equal(isMastered(null, 0), false);
  assert.equal(isMastered(0.8, 0.8), true);
  assert.equal(isMastered(0.1 + 0.2 + 0.5, 0.8), true);
  assert.equal(isMastered(0.7999999999, 0.8), true);
  assert.equal(isMastered(0.7999, 0.8), false);
  assert.equal(isMastered(0, 0), true);
});
