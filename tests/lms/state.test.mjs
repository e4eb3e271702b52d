/** The state document of launches by cmi5 and by Tin Can: windows side by side, LRSs that do it their own way. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { keys, lesson, question } from "../runtime/fakes.mjs";
import { courseOf, openBrowser, openLms } from "./launcher.mjs";

/** @typedef {import("./launcher.mjs").Lms} Lms */
/** @typedef {import("./launcher.mjs").Page} Page */
/** @typedef {Parameters<typeof openLms>[0]} Options */

/** What LRSs make of ETags. @type {Record<string, {options: Options, change?: (lms: Lms) => void}>} */
const WAYS = {
  "as xAPI 1.0.3 wants": { options: {} },
  "no ETag can be read": { options: { exposes: false } },
  "ETags are given and not minded": { options: { checksState: false } },
  "no ETag can be read, nor is one minded": { options: { exposes: false, checksState: false } },
  "no ETag comes with what was written": {
    options: {},
    change: (lms) => answering(lms, "PUT", (_, answer) => strip(answer)),
  },
  "weak ETags, as a proxy makes them": {
    options: {},
    change: (lms) => answering(lms, "GET", (_, answer) => weaken(answer)),
  },
  "no ETag ever fits": {
    options: {},
    change: (lms) =>
      answering(lms, "PUT", (init, answer) => {
        const isConditional = "If-Match" in /** @type {object} */ (init.headers);
        return isConditional
          ? /** @type {any} */ ({ status: 412, headers: new Headers(), text: async () => "" })
          : answer;
      }),
  },
};

/** @param {Response} answer */
const strip = (answer) => /** @type {any} */ ({ ...answer, headers: new Headers() });
/** @param {Response} answer */
const weaken = (answer) =>
  /** @type {any} */ ({ ...answer, headers: new Headers({ etag: `W/${answer.headers.get("etag") ?? '""'}` }) });

/**
 * @param {Lms} lms
 * @param {string} method
 * @param {(init: RequestInit, answer: Response) => Response} change of answers about documents
 */
function answering(lms, method, change) {
  const { fetch } = lms.lrs;
  lms.lrs.fetch = async (input, init = {}) => {
    const isMeant = (init.method ?? "GET") === method && String(input).includes("stateId=carabin");
    const conditional = { ...init, headers: { ...init.headers } };
    // What never fits is never stored.
    if (isMeant && change(init, new Response()).status === 412) return change(init, new Response());
    const answer = await fetch(input, conditional);
    return isMeant && answer.status < 300 ? change(init, answer) : answer;
  };
}

for (const target of /** @type {const} */ (["cmi5", "xapi"])) {
  for (const [name, { options, change }] of Object.entries(WAYS)) {
    test(`${target}, ${name}: what one window answers is not lost to another`, async () => {
      const lms = openLms({ target, ...options });
      change?.(lms);
      // Two browsers, so that nothing but the LRS is between them. One that does not mind ETags lets the last one win.
      const here = openBrowser(lms);
      const there = options?.checksState === false && options.exposes !== false ? here : openBrowser(lms);
      const [one, two] = [await here.open(lms.launch()), await there.open(lms.launch())];
      await lms.clock.pass(1000);
      one.answer("a", "b");
      await lms.clock.pass(1000);
      two.answer("b", "c");
      await lms.clock.pass(1000);
      one.answer("c", "a");
      await lms.clock.pass(1000);
      assert.equal(one.session.safety, "saved");
      assert.equal(two.session.safety, "saved");
      assert.ok(one.session.notices.has("elsewhere"), "each is told");
      two.leave();
      await lms.clock.pass(10_000);
      const third = await openBrowser(lms).open(lms.launch());
      assert.deepEqual(["a", "b", "c"].map(third.given), ["b", "c", "a"]);
    });
  }

  test(`${target}: one request at a time, and the newest change wins`, async () => {
    const lms = openLms({ target });
    const page = await openBrowser(lms).open(lms.launch());
    await lms.clock.pass(1000);
    const puts = () => lms.lrs.requests.filter(({ method }) => method === "PUT").length;
    const before = puts();
    lms.lrs.always = ({ method }) => (method === "PUT" ? { delay: 3000 } : "");
    for (const letter of ["a", "c", "b"]) page.answer("a", letter);
    for (const letter of ["a", "c"]) page.answer("b", letter);
    await lms.clock.pass(2900);
    assert.equal(puts() - before, 1);
    await lms.clock.pass(2000);
    assert.equal(puts() - before, 2);
    await lms.clock.pass(10_000);
    assert.equal(puts() - before, 2);
    assert.equal(page.session.safety, "saved");
    assert.deepEqual(keys(page.window.localStorage), [], "what the LRS has is not kept in the browser");
    const again = await openBrowser(lms).open(lms.launch());
    assert.deepEqual([again.given("a"), again.given("b")], ["b", "c"]);
  });

  test(`${target}: a change that waits when another window's is found goes with what follows`, async () => {
    const lms = openLms({ target });
    const [one, two] = [await openBrowser(lms).open(lms.launch()), await openBrowser(lms).open(lms.launch())];
    await lms.clock.pass(1000);
    one.answer("a", "b");
    await lms.clock.pass(1000);
    lms.lrs.always = ({ method }) => (method === "PUT" ? { delay: 3000 } : "");
    two.answer("b", "c");
    await lms.clock.pass(1000);
    two.answer("c", "a");
    await lms.clock.pass(20_000);
    assert.equal(two.session.safety, "saved");
    lms.lrs.always = () => "";
    const third = await openBrowser(lms).open(lms.launch());
    assert.deepEqual(["a", "b", "c"].map(third.given), ["b", "c", "a"]);
  });

  for (const [name, fault] of /** @type {[string, import("./lrs.mjs").Fault][]} */ ([
    ["fails", { status: 500 }],
    ["refuses", { status: 403 }],
    ["does not answer", "silent"],
    ["stores it and does not answer", "mute"],
    ["is not reached", "unsent"],
  ])) {
    test(`${target}: saved when the LRS has it, not when it ${name}; it is tried again`, async () => {
      const lms = openLms({ target });
      const page = await openBrowser(lms).open(lms.launch());
      await lms.clock.pass(1000);
      assert.equal(page.session.safety, "saved");
      lms.lrs.always = ({ method }) => (method === "PUT" ? fault : "");
      page.answer("a", "b");
      await lms.clock.pass(40_000);
      assert.equal(page.session.safety, "browser");
      assert.deepEqual([...page.session.notices], ["kept_here"]);
      lms.lrs.always = () => "";
      await lms.clock.pass(300_000);
      assert.equal(page.session.safety, "saved");
      assert.deepEqual([...page.session.notices], []);
    });
  }

  test(`${target}: without network nothing is asked, and that is known at once`, async () => {
    const lms = openLms({ target });
    const page = await openBrowser(lms).open(lms.launch());
    await lms.clock.pass(1000);
    page.network(false);
    const puts = () => lms.lrs.requests.filter(({ method }) => method === "PUT").length;
    const before = puts();
    page.answer("a", "b");
    assert.equal(page.session.safety, "browser");
    page.network(true);
    await lms.clock.pass(100);
    assert.equal(page.session.safety, "saved");
    assert.equal(puts(), before + 1);
  });

  test(`${target}: a document that nobody can read is kept aside, and stands until there is better`, async () => {
    for (const garbled of ["not JSON", [1, 2], { schema: 1 }, { schema: 1, state: 7 }]) {
      const lms = openLms({ target });
      lms.setState(garbled);
      const browser = openBrowser(lms);
      const page = await browser.open(lms.launch());
      await lms.clock.pass(20_000);
      assert.deepEqual([...page.session.notices], ["unreadable"]);
      assert.deepEqual(lms.state(), garbled);
      assert.ok(keys(browser.items).some((key) => key.endsWith(":unreadable")));
      page.answer("a", "b");
      await lms.clock.pass(1000);
      assert.equal(page.session.safety, "saved");
      const again = await openBrowser(lms).open(lms.launch());
      assert.equal(again.given("a"), "b");
    }
  });

  test(`${target}: what other programs left in the document is taken as far as it can be`, async () => {
    for (const [document, expected] of /** @type {[object, object][]} */ ([
      [{ state: "" }, { status: "", score: NaN, minutes: 0, told: [], completed: false, location: "" }],
      [
        { state: "", status: "PASSED", score: "9", minutes: -4, told: "passed", completed: 1, location: 3 },
        { status: "", score: NaN, minutes: 0, told: [], completed: false, location: "" },
      ],
      [
        { state: "", status: "failed", score: 40, minutes: 12.5, told: ["completed"], completed: true, location: "un" },
        { status: "failed", score: 40, minutes: 12.5, told: ["completed"], completed: true, location: "un" },
      ],
    ])) {
      const lms = openLms({ target });
      lms.setState({ schema: 1, ...document });
      const { session } = await openBrowser(lms).open(lms.launch());
      const { status, score, minutes, told, completed, location } = session.opened;
      assert.deepEqual({ status, score, minutes, told, completed, location }, expected);
    }
  });

  test(`${target}: what was reached stays reached, though the state is empty or cannot be read`, async () => {
    for (const state of ["", "neither"]) {
      const lms = openLms({ target });
      lms.setState({ schema: 1, state, status: "passed", score: 90, completed: true, minutes: 30, told: ["passed"] });
      const page = await openBrowser(lms).open(lms.launch());
      page.act((it) => it.visit(it.course.lessons[0] ?? null));
      await lms.clock.pass(60_000);
      page.leave();
      await lms.clock.pass(10_000);
      const { window, ...document } = lms.state();
      assert.ok(window);
      if (state) assert.equal(document.state, state);
      assert.deepEqual(
        { ...document, state: "" },
        {
          ...{ schema: 1, state: "", location: "un", status: "passed", score: 90, completed: true, minutes: 31 },
          told: ["passed", "completed"],
        },
      );
    }
  });

  test(`${target}: the last write of a page that goes away comes after the one that is under way`, async () => {
    const lms = openLms({ target });
    const page = await openBrowser(lms).open(lms.launch());
    await lms.clock.pass(1000);
    lms.lrs.script = [];
    lms.lrs.always = ({ method, keepalive }) => (method === "PUT" && !keepalive ? { delay: 3000 } : "");
    page.answer("a", "b");
    await lms.clock.settle();
    page.answer("b", "b");
    page.hide();
    await lms.clock.pass(10_000);
    lms.lrs.always = () => "";
    const again = await openBrowser(lms).open(lms.launch());
    assert.deepEqual([again.given("a"), again.given("b")], ["b", "b"]);
  });

  test(`${target}: a page that was left with unsaved work in two windows loses neither`, async () => {
    const lms = openLms({ target });
    const [here, there] = [openBrowser(lms), openBrowser(lms)];
    const [one, two] = [await here.open(lms.launch()), await there.open(lms.launch())];
    await lms.clock.pass(1000);
    two.answer("b", "c");
    await lms.clock.pass(1000);
    lms.lrs.always = () => ({ status: 503 });
    one.answer("a", "b");
    await lms.clock.pass(1000);
    lms.lrs.always = () => "";
    one.hide();
    await lms.clock.pass(60_000);
    assert.equal(two.given("b"), "c");
    const again = await here.open(lms.launch());
    assert.deepEqual([again.given("a"), again.given("b")], ["b", "c"]);
  });

  test(`${target}: who leaves while a save is under way does not overwrite what another window wrote`, async () => {
    const lms = openLms({ target });
    const here = openBrowser(lms);
    const [one, two] = [await here.open(lms.launch()), await openBrowser(lms).open(lms.launch())];
    await lms.clock.pass(1000);
    two.answer("b", "c");
    await lms.clock.pass(1000);
    lms.lrs.always = ({ method }) => (method === "PUT" ? { delay: 500 } : "");
    one.answer("a", "b");
    one.leave();
    await lms.clock.pass(20_000);
    const elsewhere = await openBrowser(lms).open(lms.launch());
    assert.equal(elsewhere.given("b"), "c");
    elsewhere.kill();
    const again = await here.open(lms.launch());
    assert.deepEqual([again.given("a"), again.given("b")], ["b", "c"]);
  });

  test(`${target}: another window writes between a write without ETag and the look at it`, async () => {
    const other = openLms({ target });
    const two = await openBrowser(other).open(other.launch());
    two.answer("b", "c");
    await other.clock.pass(1000);
    const lms = openLms({ target });
    let isMet = false;
    answering(lms, "PUT", (_, answer) => {
      if (lms.state()?.state && !isMet) {
        isMet = true;
        lms.setState(other.state());
      }
      return strip(answer);
    });
    const one = await openBrowser(lms).open(lms.launch());
    await lms.clock.pass(1000);
    one.answer("a", "b");
    await lms.clock.pass(1000);
    assert.equal(isMet, true);
    assert.equal(one.session.safety, "saved");
    assert.equal(one.given("b"), "c");
    const third = await openBrowser(lms).open(lms.launch());
    assert.deepEqual([third.given("a"), third.given("b")], ["b", "c"]);
  });

  test(`${target}: a large state and many statements leave together, within what a browser lets travel`, async () => {
    const lessons = Array.from({ length: 40 }, (_, n) => {
      const ids = Array.from({ length: 10 }, (_, m) => 10 * n + m);
      const typed = (/** @type {number} */ id) => {
        const one = /** @type {const} */ ({ id: `q${id}`, type: "long-fill-in", letter: "", weight: 1 });
        return question(`q${id}`, 1000 + id, { type: "open", interactions: [{ ...one, limit: 150 }] });
      };
      return lesson(`l${n}`, n + 1, ids.map(typed));
    });
    const lms = openLms({ target, data: courseOf({ lessons }) });
    const browser = openBrowser(lms);
    const page = await browser.open(lms.launch());
    await lms.clock.pass(1000);
    const questions = lessons.flatMap((one) => one.questions);
    lms.lrs.always = () => ({ status: 503 });
    for (const one of questions.slice(0, 150)) page.session.answer(one, [{ text: "é".repeat(75) }], 1000);
    await lms.clock.pass(20_000);
    lms.lrs.always = () => "";
    const before = lms.lrs.requests.length;
    page.hide();
    const last = lms.lrs.requests.slice(before).filter(({ keepalive }) => keepalive);
    const bytes = last.reduce((sum, one) => sum + one.bytes, 0);
    assert.ok(
      last.some(({ method }) => method === "PUT"),
      "the state",
    );
    assert.ok(
      last.some(({ method }) => method === "POST"),
      "statements",
    );
    assert.ok(bytes > 55_000 && bytes < 65_536, `${bytes} bytes`);
    await lms.clock.pass(1000);
    assert.ok(lms.state().state.length > 25_000, "the state is there");
    const again = await browser.open(lms.launch());
    await lms.clock.pass(600_000);
    assert.equal(again.session.trouble, "");
    assert.equal(lms.verbs().filter((verb) => verb === "answered").length, 150);
  });
}
