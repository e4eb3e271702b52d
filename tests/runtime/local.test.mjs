/** Progress that only the browser keeps (target `web`): windows side by side, starting again, no room; pages from disk. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readScript } from "../../builder/runtime/disk.js";
import * as local from "../../builder/runtime/drivers/local.js";
import { openSession } from "../../builder/runtime/session.js";
import { course, keys, memory, openWindow } from "./fakes.mjs";

/** @import {Lesson, Question} from "../../builder/runtime/types.d.ts" */

/** @param {Storage} localStorage that outlives the window @param {() => number} [now] */
async function open(localStorage, now) {
  const data = course({ driver: "local", target: "web" });
  const tab = openWindow({ localStorage });
  const session = await openSession(tab.window, data, { local }, () => {}, now);
  const [un, deux] = /** @type {[Lesson, Lesson]} */ (data.lessons);
  const [a, b, c] = /** @type {[Question, Question, Question]} */ ([...un.questions, ...deux.questions]);
  return { session, tab, un, deux, a, b, c };
}

/** @param {Awaited<ReturnType<typeof open>>["session"]} session @param {Question[]} questions */
const given = (session, ...questions) => questions.map((each) => session.record(each)?.response?.[0] ?? null);

test("two windows that never hear of each other lose no answer", async () => {
  const storage = memory();
  const one = await open(storage);
  const other = await open(storage);
  one.session.answer(one.a, [["b"]], 0);
  other.session.answer(other.b, [["c"]], 0);
  one.session.reach(one.un);
  const { session, a, b, un } = await open(storage);
  assert.deepEqual(given(session, a, b), [["b"], ["c"]]);
  assert.equal(session.saved.lessons.get(un.slot)?.end, true);
});

test("the later answer to one question stays, whichever window saves last", async () => {
  const storage = memory();
  const one = await open(storage);
  one.session.answer(one.a, [["a"]], 0);
  const other = await open(storage);
  other.session.answer(other.a, [["b"]], 0);
  one.session.answer(one.c, [["b"]], 0);
  assert.deepEqual(given(one.session, one.a, one.c), [["b"], ["b"]]);
  const { session, a, c } = await open(storage);
  assert.deepEqual(given(session, a, c), [["b"], ["b"]]);
  assert.equal(session.record(a)?.tries, 2);
});

test("both answer one question before they hear of each other: the answer given last stays", async () => {
  const storage = memory();
  const one = await open(storage);
  const other = await open(storage);
  one.session.answer(one.a, [["a"]], 0);
  other.session.answer(other.a, [["b"]], 0);
  one.session.overhear(null, null);
  assert.deepEqual([given(one.session, one.a), given(other.session, other.a)], [[["b"]], [["b"]]]);
});

test("a window hears what another one saves, and says so", async () => {
  const storage = memory();
  const one = await open(storage);
  const other = await open(storage);
  one.session.overhear("another", "1");
  assert.equal(one.session.notices.size, 0);
  other.session.answer(other.a, [["b"]], 0);
  one.session.overhear(null, null);
  assert.deepEqual(given(one.session, one.a), [["b"]]);
  assert.deepEqual([...one.session.notices], ["elsewhere"]);
});

test("starting again leaves nothing of the course, and nothing else is touched", async () => {
  const storage = memory();
  storage.setItem("carabin:autre::0", "{}");
  const { session, tab, a } = await open(storage);
  session.answer(a, [["b"]], 0);
  tab.window.sessionStorage.setItem("carabin:essai:scroll", "[]");
  assert.equal(keys(storage).length, 1);
  session.forget();
  session.save(true);
  assert.deepEqual([keys(storage), keys(tab.window.sessionStorage)], [[], []]);
  assert.equal(storage.getItem("carabin:autre::0"), "{}");
});

test("what one window has erased, another one does not bring back", async () => {
  const storage = memory();
  const one = await open(storage);
  for (const question of [one.a, one.b, one.c]) one.session.answer(question, [["b"]], 0);
  for (const lesson of [one.un, one.deux]) one.session.reach(lesson);
  const other = await open(storage);
  assert.equal(other.session.status(), "passed");
  one.session.forget();
  other.session.answer(other.b, [["c"]], 0);
  assert.equal(other.session.status(), "incomplete");
  const { session, a, b } = await open(storage);
  assert.deepEqual(given(session, a, b), [null, ["c"]]);
  assert.equal(session.status(), "incomplete");
});

test("where nothing can be kept, every save says so and the course goes on", async () => {
  const full = memory();
  full.setItem = () => {
    throw new Error("QuotaExceededError");
  };
  const { session, a } = await open(full);
  session.answer(a, [["b"]], 0);
  assert.deepEqual([session.safety, [...session.notices]], ["pending", ["kept_nowhere"]]);
  assert.deepEqual(given(session, a), [["b"]]);
});

test("an item that is not ours to read is a fresh start", async () => {
  for (const text of ["{broken", "null", "[]", '"x"']) {
    const storage = memory();
    storage.setItem("carabin:essai::0", text);
    const { session, a } = await open(storage);
    session.answer(a, [["b"]], 0);
    assert.equal(session.safety, "browser", text);
  }
});

test("minutes of earlier visits count", async () => {
  const storage = memory();
  let now = 0;
  for (const minutes of [10, 20, 0]) {
    const { session, a } = await open(storage, () => now);
    assert.equal(session.opened.minutes, now / 60_000);
    now += minutes * 60_000;
    session.answer(a, [["b"]], 0);
    session.save(true);
  }
});

/** A document in whose folder these scripts lie. @param {Record<string, string>} scripts id and page */
function folder(scripts) {
  /** @type {any} */
  const window = {};
  let present = 0;
  window.document = {
    createElement: () => ({ remove: () => present-- }),
    head: {
      append(/** @type {any} */ script) {
        present++;
        const id = /^lessons\/(.*)\.js$/.exec(script.src)?.[1] ?? "";
        queueMicrotask(() => {
          if (id in scripts) window.carabinLesson(id, scripts[id]);
          (id in scripts ? script.onload : script.onerror)();
        });
      },
    },
  };
  return { window, scripts: () => present };
}

test("pages come from scripts, several at a time; a missing one is refused", async () => {
  const { window, scripts } = folder({ un: "<p>1", deux: "<p>2" });
  const [un, deux, none] = await Promise.allSettled(["un", "deux", "trois"].map((id) => readScript(window, id)));
  assert.deepEqual(
    [un, deux].map((each) => each?.status === "fulfilled" && each.value),
    ["<p>1", "<p>2"],
  );
  assert.equal(none?.status, "rejected");
  assert.equal(scripts(), 0);
});
