/** The small pure parts: order, receipt, words, addresses, copies, progress. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openCopies } from "../../builder/runtime/copy.js";
import { hash, hex, shuffle } from "../../builder/runtime/hash.js";
import { address, parse } from "../../builder/runtime/links.js";
import { receipt } from "../../builder/runtime/receipt.js";
import { blank } from "../../builder/runtime/codec.js";
import * as progress from "../../builder/runtime/state.js";
import { openWords } from "../../builder/runtime/words.js";
import { course, keys, lesson, memory, openWindow, question } from "./fakes.mjs";

test("FNV-1a, 32 bits: the published test values", () => {
  assert.deepEqual(
    ["", "a", "foobar"].map((text) => hex(hash(text))),
    ["811c9dc5", "e40c292c", "bf9cf968"],
  );
});

test("shuffled options: the same every time, and a new one does not move the others", () => {
  const letters = [..."abcdef"];
  const order = shuffle(letters, [], "7:3:");
  assert.deepEqual(order, shuffle([...letters].reverse(), [], "7:3:"));
  assert.deepEqual([...order].sort(), letters);
  const more = shuffle([...letters, "g"], [], "7:3:");
  assert.deepEqual(
    more.filter((letter) => letter !== "g"),
    order,
  );
});

test("shuffled options: the fixed ones keep their place", () => {
  for (let seed = 0; seed < 20; seed++) {
    const order = shuffle([..."abcd"], ["b", "d"], String(seed));
    assert.deepEqual([order[1], order[3]], ["b", "d"]);
  }
});

test("shuffled options: all orders occur, about as often", () => {
  /** @type {Map<string, number>} */
  const found = new Map();
  for (let seed = 0; seed < 2400; seed++) {
    const order = shuffle([..."abcd"], [], String(seed)).join("");
    found.set(order, (found.get(order) ?? 0) + 1);
  }
  assert.equal(found.size, 24);
  for (const [order, times] of found) assert.ok(times > 50 && times < 150, `${order}: ${times}`);
});

test("a receipt can be read, and a slip of the pen shows", () => {
  const code = receipt({ id: "cybersecurite", version: "1.0.0" }, "passed", 86.67, new Date(2026, 10, 22, 23, 30));
  const [text = "", check = ""] = code.split(/\/(?=[^/]*$)/);
  assert.equal(text, "CARABIN1/cybersecurite/1.0.0/passed/86.67/2026-11-22");
  assert.equal(check, hex(hash(text)));
  assert.notEqual(check, hex(hash(text.replace("86", "96"))));
  const unscored = receipt({ id: "a", version: "1.0.0" }, "completed", null, new Date(2026, 0, 2));
  assert.ok(unscored.startsWith("CARABIN1/a/1.0.0/completed/-/2026-01-02/"));
});

test("words: values, numbers and plurals of the course's language", () => {
  const strings = { "points.one": "{n} point sur {total}", "points.other": "{n} points sur {total}", plain: "{n} !" };
  const french = openWords(strings, "fr-FR");
  assert.equal(french.t("points", { n: 0, total: 2 }), "0 point sur 2");
  assert.equal(french.t("points", { n: 1.5, total: 2 }), "1,5 point sur 2");
  assert.equal(french.t("points", { n: 2, total: 2 }), "2 points sur 2");
  assert.equal(french.t("plain", { n: 2 / 3 }), "0,67 !");
  assert.equal(openWords(strings, "en").t("points", { n: 0, total: 2 }), "0 points sur 2");
  assert.equal(french.t("unknown"), "unknown");
  assert.equal(french.t("plain"), "{n} !");
});

test("addresses", () => {
  const data = course();
  const [one] = data.lessons;
  assert.ok(one);
  assert.equal(address(one), "#/un");
  assert.equal(address(one, "q-a"), "#/un/q-a");
  const none = { lesson: null, page: "", anchor: "", isResults: false, query: null };
  assert.deepEqual(parse(data, "#/un/q-a"), { ...none, lesson: one, anchor: "q-a" });
  assert.deepEqual(parse(data, "#/un/%C3%A9tape%20"), { ...none, lesson: one, anchor: "étape " });
  assert.deepEqual(parse(data, "#/un/%E9"), { ...none, lesson: one, anchor: "%E9" });
  assert.deepEqual(parse(data, "#/_results"), { ...none, isResults: true });
  assert.deepEqual(parse(data, "#/_search"), { ...none, query: "" });
  assert.deepEqual(parse(data, "#/_search/mot%20de"), { ...none, query: "mot de" });
  for (const hash of ["", "#", "#/", "#/gone", "#main", "#/_glossary"]) {
    assert.deepEqual(parse(data, hash), none);
  }
  const more = { ...data, pages: ["_glossary"] };
  assert.deepEqual(parse(more, "#/_glossary"), { ...none, page: "_glossary" });
  assert.deepEqual(parse(more, "#/_glossary/t-door"), { ...none, page: "_glossary", anchor: "t-door" });
});

test("a storage that throws at every touch is no storage", () => {
  const window = Object.defineProperties(/** @type {any} */ ({}), {
    localStorage: { get: () => assert.fail("forbidden") },
    sessionStorage: { get: () => assert.fail("forbidden") },
  });
  const copies = openCopies(window, "essai", "jeanne", () => 0);
  assert.deepEqual(copies.find(), []);
  assert.equal(copies.write(1, "state", ""), false);
  assert.equal(copies.keepAside("text"), false);
  copies.erase(1);
});

test("copies of other courses, and what is no copy, are not found", () => {
  const { window } = openWindow();
  openCopies(window, "autre", "jeanne", () => 0).write(1, "state", "");
  const copies = openCopies(window, "essai", "jeanne", () => 0);
  copies.keepAside("text");
  const [aside = ""] = keys(window.localStorage);
  window.localStorage.setItem(aside.replace("unreadable", "7"), "{broken");
  window.localStorage.setItem(aside.replace("unreadable", "8"), "null");
  assert.deepEqual(copies.find(), []);
});

test("a copy written in another browser session is not this session's own", () => {
  const storages = { localStorage: memory() };
  openCopies(openWindow(storages).window, "essai", "jeanne", () => 5).write(1, "state", "un/a");
  const [copy] = openCopies(openWindow(storages).window, "essai", "jeanne", () => 0).find();
  assert.deepEqual([copy?.own, copy?.state, copy?.location, copy?.date], [false, "state", "un/a", 5]);
});

test("a lesson is done when its end was reached and every required question was answered", () => {
  const asked = lesson("un", 1, [question("a", 2), question("b", 3, { required: false })]);
  const saved = blank(1, 1);
  assert.equal(progress.lessonState(saved, asked), "");
  saved.lessons.set(1, { visited: true, end: true });
  assert.equal(progress.lessonState(saved, asked), "started");
  const record = progress.answer(saved, question("a", 2), [["a"]], 1);
  assert.equal(progress.lessonState(saved, asked), "done");
  record.tries = 0;
  assert.equal(progress.lessonState(saved, asked), "done", "reopened, it counts as before");
  saved.lessons.set(1, { visited: true, end: false });
  assert.equal(progress.lessonState(saved, asked), "started");
});

test("only scored questions of graded lessons make the grade; unanswered counts as nothing", () => {
  const data = course();
  data.lessons = [
    lesson("un", 1, [question("a", 2, { points: 3 }), question("b", 3, { scored: false })]),
    lesson("deux", 4, [question("c", 5)]),
    lesson("trois", 6, [question("d", 7)], { kind: "practice", graded: false }),
  ];
  const saved = blank(1, 1);
  for (const [id, slot] of /** @type {[string, number][]} */ ([
    ["a", 2],
    ["b", 3],
    ["d", 7],
  ])) {
    progress.answer(saved, question(id, slot), [["b"]], 1);
  }
  assert.equal(progress.courseGrade(saved, data), 0.75);
});

test("facts: optional lessons are not waited for; named ones are all that counts", () => {
  const data = course();
  data.lessons = [lesson("un", 1, []), lesson("deux", 2, []), lesson("trois", 3, [], { optional: true })];
  data.completion.lessons = ["un"];
  const saved = blank(1, 1);
  saved.lessons.set(1, { visited: true, end: true });
  assert.deepEqual(progress.facts(saved, data, 0), { lessons: true, everything: false, mastery: false, minutes: true });
  saved.lessons.set(2, { visited: true, end: true });
  assert.equal(progress.facts(saved, data, 0).everything, true);
});
