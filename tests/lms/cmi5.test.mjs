/** The cmi5 driver, clause by clause as an LMS sees it (cmi5 Quartz §8 to §11). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { keys, lesson, question } from "../runtime/fakes.mjs";
import {
  ACTOR,
  AU,
  CATEGORY,
  MASTERY,
  REGISTRATION,
  SESSION,
  categoriesOf,
  courseOf,
  openBrowser,
  openLms,
  verbOf,
} from "./launcher.mjs";

/** @typedef {import("./launcher.mjs").Lms} Lms */
/** @typedef {import("./launcher.mjs").Page} Page */
/** @typedef {import("../../builder/runtime/types.d.ts").Statement} Statement */

const DEFINED = ["initialized", "completed", "passed", "failed", "terminated"];
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** @param {Lms} lms @param {Page} page @param {string} letters given to the three questions */
async function work(lms, page, letters) {
  page.read("un");
  for (const [n, id] of ["a", "b", "c"].entries()) {
    await lms.clock.pass(30_000);
    page.answer(id, letters[n] ?? "b");
  }
  page.read("deux");
  await lms.clock.pass(1000);
}

/** Launches, works, leaves by the button. @param {Lms} lms @param {string} letters */
async function session(lms, letters) {
  const page = await openBrowser(lms).open(lms.launch());
  await lms.clock.pass(1000);
  await work(lms, page, letters);
  page.leave();
  await lms.clock.pass(10_000);
  return page;
}

/** @param {Lms} lms @param {string} verb @returns {Statement[]} */
const said = (lms, verb) => lms.lrs.statements.filter((one) => verbOf(one) === verb);

/** @param {unknown} part @param {any} whole @param {string} place what a template says is there, unchanged */
function isWithin(part, whole, place) {
  if (Array.isArray(part)) {
    for (const [n, one] of part.entries())
      assert.ok(
        [whole].flat().some((other) => JSON.stringify(other) === JSON.stringify(one)),
        `${place}.${n}`,
      );
  } else if (typeof part === "object" && part) {
    for (const [key, value] of Object.entries(part)) isWithin(value, whole?.[key], `${place}.${key}`);
  } else assert.equal(whole, part, place);
}

test("§8.2: the token is fetched once, and nothing is asked of the LRS without it", async () => {
  const lms = openLms();
  const page = await session(lms, "bbb");
  assert.equal(lms.asked, 1);
  assert.deepEqual(
    lms.lrs.requests.filter(({ status }) => status === 401 || status === 400 || status === 403),
    [],
  );
  const kept = [...keys(page.window.localStorage, ""), ...keys(page.window.sessionStorage, "")].map(
    (key) => page.window.localStorage.getItem(key) ?? page.window.sessionStorage.getItem(key) ?? "",
  );
  assert.ok(!kept.join().includes(lms.lrs.auth.replace("Basic ", "")), "the token is in memory only");
});

test("§10, §11: launch data and preferences are read before the first statement, and never written", async () => {
  const lms = openLms();
  await session(lms, "bbb");
  const asked = lms.lrs.requests.map(({ method, resource, params }) =>
    [method, resource, params.stateId ?? params.profileId ?? ""].join(" "),
  );
  const first = asked.findIndex((one) => one.startsWith("POST statements"));
  assert.deepEqual(asked.slice(0, first), [
    "GET activities/state LMS.LaunchData",
    "GET agents/profile cmi5LearnerPreferences",
    "GET activities/state carabin",
  ]);
  assert.deepEqual(
    asked.filter((one) => !/^GET|^POST statements|^PUT activities\/state carabin$/.test(one)),
    [],
  );
});

test("§9: each statement has what cmi5 wants of it, and nothing that it forbids", async () => {
  const lms = openLms();
  lms.launchData = { ...lms.launchData, masteryScore: 0.5 };
  await session(lms, "bbc");
  const { statements } = lms.lrs;
  assert.deepEqual(
    [verbOf(/** @type {Statement} */ (statements[0])), lms.verbs().at(-1)],
    ["initialized", "terminated"],
  );
  assert.deepEqual([...new Set(lms.verbs())].sort(), [
    ...["answered", "completed", "experienced", "initialized", "passed", "progressed", "terminated"],
  ]);
  assert.equal(new Set(statements.map(({ id }) => id)).size, statements.length);
  for (const one of statements) {
    const verb = verbOf(one);
    const { result = {}, context = {} } = one;
    assert.match(one.id, UUID, "§9.1: id");
    assert.match(one.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/, "§9.7: UTC");
    assert.deepEqual(one.actor, ACTOR, "§9.2: actor as launched");
    assert.equal(context.registration, REGISTRATION, "§9.6.1");
    isWithin(lms.template, context, `§10.2.1: ${verb}`);
    assert.equal(context.extensions[SESSION], lms.template.extensions[SESSION], "§9.6.3.1");
    const categories = categoriesOf(one);
    assert.equal(categories.includes(`${CATEGORY}cmi5`), DEFINED.includes(verb), "§9.6.2.1");
    const isJudged = DEFINED.includes(verb) && ("success" in result || "completion" in result);
    assert.equal(categories.includes(`${CATEGORY}moveon`), isJudged, "§9.6.2.2");
    if (!DEFINED.includes(verb)) continue;
    assert.equal(one.object.id, AU, "§9.4");
    assert.equal("score" in result, verb === "passed" || verb === "failed", "§9.5.1");
    assert.equal("success" in result, verb === "passed" || verb === "failed", "§9.5.2");
    assert.equal(result.completion, verb === "completed" ? true : undefined, "§9.5.3");
    assert.equal("duration" in result, verb !== "initialized", "§9.5.4");
    assert.equal(context.extensions[MASTERY], verb === "passed" || verb === "failed" ? 0.5 : undefined, "§9.6.3.2");
  }
  const [passed] = said(lms, "passed");
  assert.deepEqual(passed?.result?.score, { scaled: 0.6667, raw: 66, min: 0, max: 100 });
  assert.deepEqual(
    said(lms, "progressed").map(({ result }) => Object.values(result?.extensions ?? {})),
    [[50], [100]],
  );
  assert.equal(said(lms, "completed")[0]?.result?.duration, "PT91S", "§9.5.4.1: time spent");
});

test("§9.3: completed and passed once a registration, initialized and terminated once a session", async () => {
  const lms = openLms();
  await session(lms, "bbb");
  await session(lms, "bbb");
  await session(lms, "ccc");
  const count = (/** @type {string} */ verb) => said(lms, verb).length;
  assert.deepEqual(DEFINED.map(count), [3, 1, 1, 0, 3]);
  assert.deepEqual(lms.state().told.sort(), ["completed", "passed"]);
  assert.ok(lms.lrs.requests.every(({ status }) => status !== 403 && status !== 409));
});

test("§9.3: one verdict a session: who fails, answers again and passes has passed; who leaves has failed", async () => {
  for (const [letters, verdict] of /** @type {[string, string][]} */ ([
    ["b", "passed"],
    ["c", "failed"],
  ])) {
    const lms = openLms();
    lms.launchData = { ...lms.launchData, masteryScore: 0.6 };
    const page = await openBrowser(lms).open(lms.launch());
    for (const id of ["a", "b", "c"]) page.answer(id, "c");
    for (const id of ["un", "deux"]) page.read(id);
    await lms.clock.pass(1000);
    assert.equal(page.session.status(), "failed");
    const missed = page.session.reopen().flatMap((one) => one.questions);
    for (const { id } of missed) page.answer(id, letters);
    await lms.clock.pass(1000);
    page.leave();
    await lms.clock.pass(1000);
    const verbs = lms.verbs().filter((verb) => ["failed", "passed", "terminated"].includes(verb));
    assert.deepEqual(verbs, [verdict, "terminated"]);
  }
});

test("§9.3.5: failed once a session, then passed, and never failed again", async () => {
  const lms = openLms();
  const first = await session(lms, "bcb");
  assert.equal(first.session.status(), "failed");
  for (const letters of ["bbb", "ccc"]) {
    const page = await openBrowser(lms).open(lms.launch());
    page.answer("b", letters[1] ?? "");
    await lms.clock.pass(1000);
    page.leave();
    await lms.clock.pass(1000);
  }
  const judged = lms.verbs().filter((verb) => verb === "failed" || verb === "passed");
  assert.deepEqual(judged, ["failed", "passed"]);
});

for (const [won, mastery, verdict] of /** @type {[number, number, string][]} */ ([
  [79, 0.8, "failed"],
  [80, 0.8, "passed"],
  [79, 0.79, "passed"],
  [0, 0, "passed"],
  [99, 1, "failed"],
  [100, 1, "passed"],
])) {
  test(`§9.5.1.1: ${won} points of 100 with a mastery score of ${mastery}: ${verdict}`, async () => {
    // The course itself wants 60 %: what the LMS wants counts.
    const scored = [question("a", 2, { points: won }), question("b", 3, { points: 100 - won })];
    const some = scored.filter(({ points }) => points);
    const data = courseOf({ mastery: 0.6, lessons: [lesson("un", 1, some), lesson("deux", 4, [])] });
    const lms = openLms({ data });
    lms.launchData = { ...lms.launchData, masteryScore: mastery };
    const page = await openBrowser(lms).open(lms.launch());
    for (const { id } of some) page.answer(id, id === "a" ? "b" : "c");
    for (const id of ["un", "deux"]) page.read(id);
    await lms.clock.pass(1000);
    page.leave();
    await lms.clock.pass(1000);
    const judged = lms.lrs.statements.filter((one) => "success" in (one.result ?? {}) && verbOf(one) !== "answered");
    assert.deepEqual(judged.map(verbOf), [verdict]);
    const scaled = judged[0]?.result?.score?.scaled ?? NaN;
    assert.equal(scaled >= mastery, verdict === "passed");
    assert.equal(scaled, won / 100);
    assert.equal(judged[0]?.context?.extensions[MASTERY], mastery);
  });
}

test("without a mastery score from the LMS that of the course decides, and is not told as the LMS's", async () => {
  const lms = openLms();
  lms.launchData = { launchMode: "Normal", moveOn: "Completed", masteryScore: null };
  await session(lms, "bcb");
  const [failed] = said(lms, "failed");
  assert.equal(failed?.context?.extensions[MASTERY], undefined);
  assert.equal(failed?.result?.success, false);
});

for (const launchMode of ["Browse", "Review"]) {
  test(`§10.2.2: ${launchMode}: nothing but initialized and terminated, and nothing is written`, async () => {
    const lms = openLms();
    await session(lms, "bcb");
    const [before, count] = [lms.state(), lms.lrs.statements.length];
    lms.launchData = { ...lms.launchData, launchMode };
    const page = await openBrowser(lms).open(lms.launch());
    assert.equal(page.session.opened.mode, launchMode.toLowerCase());
    assert.deepEqual([...page.session.notices], ["review"]);
    assert.equal(page.given("b"), "c", "earlier answers are shown");
    const asked = lms.lrs.requests.length;
    await work(lms, page, "bbb");
    page.leave();
    await lms.clock.pass(10_000);
    assert.deepEqual(lms.verbs().slice(count), ["initialized", "terminated"]);
    assert.deepEqual(lms.state(), before);
    assert.deepEqual(
      lms.lrs.requests.slice(asked).filter(({ method }) => method === "PUT"),
      [],
    );
    assert.equal(page.session.returnTo, "https://lms.example/back");
  });
}

test("§8.2.3: a page loaded again is told to be opened from the LMS; what was answered is not lost", async () => {
  const lms = openLms();
  const browser = openBrowser(lms);
  const address = lms.launch();
  const first = await browser.open(address);
  first.answer("a", "b");
  await lms.clock.pass(1000);
  first.hide();
  await lms.clock.pass(1000);
  const asked = lms.lrs.requests.length;
  const again = await browser.open(address, first.tabItems);
  assert.deepEqual([...again.session.notices], ["spent"]);
  assert.equal(again.session.opened.recorded, false);
  again.answer("b", "b");
  await lms.clock.pass(60_000);
  assert.equal(lms.lrs.requests.length, asked, "nothing is asked of the LRS");
  again.hide();
  const third = await browser.open(lms.launch());
  assert.equal(third.given("a"), "b");
});

for (const [name, change] of /** @type {[string, (lms: Lms) => void][]} */ ([
  ["the token is refused", (lms) => (lms.token = () => ({ "error-code": "2", "error-text": "No." }))],
  ["no token is in the answer", (lms) => (lms.token = () => ({}))],
  ["the token cannot be fetched", (lms) => (lms.isLost = (url) => url.includes("/token"))],
  ["there is no launch data", (lms) => (lms.launchData = null)],
  ["the launch data has no template", (lms) => (lms.launchData = { contextTemplate: undefined })],
  [
    "the launch data has null for a template",
    (lms) => (lms.lrs.script = [{ status: 200, body: '{"contextTemplate":null}' }]),
  ],
  ["the launch data is not JSON", (lms) => (lms.lrs.script = [{ status: 200, body: "{" }])],
  ["the launch data is a list", (lms) => (lms.lrs.script = [{ status: 200, body: "[]" }])],
  ["the launch data is refused", (lms) => (lms.lrs.script = [{ status: 403 }])],
  ["the LRS fails all the time", (lms) => (lms.lrs.always = () => ({ status: 500 }))],
  ["the LRS never answers", (lms) => (lms.lrs.always = () => "silent")],
  [
    "the state cannot be read",
    (lms) => (lms.lrs.always = ({ params }) => (params.stateId === "carabin" ? { status: 503 } : "")),
  ],
  [
    "the state is refused",
    (lms) => (lms.lrs.always = ({ params }) => (params.stateId === "carabin" ? { status: 401 } : "")),
  ],
])) {
  test(`${name}: the session is refused, in words, and nothing is told or overwritten`, async () => {
    const lms = openLms();
    lms.setState({ schema: 1, state: "old" });
    const address = lms.launch();
    change(lms);
    if (name.includes("no template"))
      lms.lrs.setDocument(
        "activities/state",
        { stateId: "LMS.LaunchData", ...identityOf(lms) },
        { launchMode: "Normal" },
      );
    if (lms.launchData === null)
      lms.lrs.always = ({ params }) => (params.stateId?.startsWith("LMS") ? { status: 404 } : "");
    const page = await openBrowser(lms).open(address);
    assert.deepEqual([...page.session.notices], ["refused"]);
    page.answer("a", "b");
    await lms.clock.pass(600_000);
    page.leave();
    await lms.clock.pass(60_000);
    assert.deepEqual(lms.lrs.statements, []);
    assert.deepEqual(lms.state(), { schema: 1, state: "old" });
    assert.ok(lms.asked <= 1);
  });
}

/** @param {Lms} lms @returns {Record<string, string>} */
function identityOf(lms) {
  const query = lms.queryOfCmi5();
  const get = (/** @type {string} */ name) => query.get(name) ?? "";
  return { activityId: get("activityId"), agent: get("actor"), registration: get("registration") };
}

test("without the package's templates no token is spent: the page can be loaded again", async () => {
  const lms = openLms();
  const address = lms.launch();
  lms.isLost = (url) => url.startsWith("xapi/");
  const browser = openBrowser(lms);
  const first = await browser.open(address);
  assert.deepEqual([[...first.session.notices], lms.asked], [["refused"], 0]);
  first.kill();
  lms.isLost = () => false;
  const second = await browser.open(address);
  assert.deepEqual([[...second.session.notices], lms.asked], [[], 1]);
});

test("a page that nobody launched is for this browser alone", async () => {
  const lms = openLms();
  for (const address of [
    "https://content.example/index.html",
    "https://content.example/index.html?endpoint=https://x/",
  ]) {
    const page = await openBrowser(lms).open(address);
    assert.deepEqual([...page.session.notices], ["untracked"]);
  }
  assert.deepEqual(lms.lrs.requests, []);
});

test("trouble that passes while the session opens is waited for", async () => {
  for (const request of [0, 1, 2]) {
    const lms = openLms();
    const address = lms.launch();
    let count = 0;
    lms.lrs.always = () => (count++ === request ? { status: 502 } : "");
    const page = await openBrowser(lms).open(address);
    await lms.clock.pass(1000);
    assert.deepEqual([[...page.session.notices], lms.verbs()], [[], ["initialized"]], `request ${request}`);
  }
});

test("preferences that cannot be read stop nobody", async () => {
  const lms = openLms();
  const address = lms.launch();
  lms.lrs.always = ({ resource }) => (resource === "agents/profile" ? { status: 500 } : "");
  const page = await openBrowser(lms).open(address);
  await lms.clock.pass(1000);
  assert.deepEqual([[...page.session.notices], lms.verbs()], [[], ["initialized"]]);
});

test("leaving goes back where the LMS says, to the web alone", async () => {
  for (const [returnURL, returnTo] of [
    ["https://lms.example/course?id=3", "https://lms.example/course?id=3"],
    ["http://localhost:8000/", "http://localhost:8000/"],
    ["javascript:alert(1)", undefined],
    ["", undefined],
    [3, undefined],
  ]) {
    const lms = openLms();
    lms.launchData = { launchMode: "Normal", returnURL };
    const page = await openBrowser(lms).open(lms.launch());
    assert.equal(page.session.returnTo, returnTo);
    page.answer("a", "b");
    page.leave();
    let isOver = false;
    page.session.ended.then(() => (isOver = true));
    await lms.clock.settle();
    await lms.clock.settle();
    assert.ok(isOver, "at once, where all has arrived");
    assert.deepEqual([page.session.safety, lms.verbs().at(-1)], ["saved", "terminated"]);
  }
});

test("leaving without an answer from the LRS takes five seconds, and says what is kept where", async () => {
  const lms = openLms();
  const page = await openBrowser(lms).open(lms.launch());
  await lms.clock.pass(1000);
  lms.lrs.always = () => "silent";
  page.answer("a", "b");
  page.leave();
  let isOver = false;
  page.session.ended.then(() => (isOver = true));
  await lms.clock.pass(4900);
  assert.equal(isOver, false);
  await lms.clock.pass(200);
  assert.deepEqual([isOver, page.session.safety], [true, "browser"]);
});

test("who leaves goes back when terminated has arrived", async () => {
  const lms = openLms();
  const page = await openBrowser(lms).open(lms.launch());
  await lms.clock.pass(1000);
  lms.lrs.always = ({ method }) => (method === "POST" ? { delay: 2000 } : "");
  page.leave();
  let isOver = false;
  page.session.ended.then(() => (isOver = true));
  await lms.clock.pass(1900);
  assert.deepEqual([isOver, lms.state().location], [false, ""]);
  await lms.clock.pass(200);
  assert.deepEqual([isOver, lms.verbs()], [true, ["initialized", "terminated"]]);
});

test("every way out ends the session: the tab closed, or kept by the browser for later", async () => {
  const lms = openLms();
  const page = await openBrowser(lms).open(lms.launch());
  assert.equal(page.session.endsWithPage, true);
  page.answer("a", "b");
  await lms.clock.pass(1000);
  const before = lms.lrs.requests.length;
  page.hide();
  const last = lms.lrs.requests.slice(before);
  assert.ok(last.length && last.every(({ keepalive }) => keepalive), "what is sent outlives the page");
  await lms.clock.pass(1000);
  assert.equal(lms.verbs().at(-1), "terminated");
  assert.equal(said(lms, "terminated").length, 1);
  assert.deepEqual(said(lms, "terminated")[0]?.result, { duration: "PT1S" });
});

test("what a session could not send is told by the next one, after initialized, under the same ids", async () => {
  const lms = openLms();
  const browser = openBrowser(lms);
  const first = await browser.open(lms.launch());
  await lms.clock.pass(1000);
  first.network(false);
  await work(lms, first, "bbb");
  first.hide();
  const made = keys(browser.items)
    .filter((key) => key.includes(":lrs:"))
    .map((key) => JSON.parse(browser.items.getItem(key) ?? ""));
  assert.deepEqual(made.map(verbOf).slice(-3), ["completed", "passed", "terminated"]);
  await lms.clock.pass(3_600_000);
  lms.isOnline = true;
  const second = await browser.open(lms.launch());
  await lms.clock.pass(60_000);
  second.leave();
  await lms.clock.pass(10_000);
  assert.deepEqual(lms.verbs().slice(0, 2), ["initialized", "initialized"]);
  assert.equal(lms.verbs().at(-1), "terminated");
  const expected = made.filter((one) => verbOf(one) !== "terminated");
  for (const { id, timestamp, verb, object, result } of expected) {
    const found = lms.lrs.statements.find((one) => one.id === id);
    assert.ok(found, verbOf(/** @type {Statement} */ ({ verb })));
    assert.deepEqual([found.timestamp, found.verb, found.object, found.result], [timestamp, verb, object, result]);
    isWithin(lms.template, found.context, "context");
    const categories = categoriesOf(found);
    assert.equal(new Set(categories).size, categories.length);
  }
  assert.equal(lms.lrs.statements.length, expected.length + 3);
  assert.equal(second.session.trouble, "");
  assert.deepEqual(keys(browser.items), []);
});

test("what is done after the LMS has begun another session is told in the next one", async () => {
  const lms = openLms();
  const browser = openBrowser(lms);
  const first = await browser.open(lms.launch());
  await lms.clock.pass(1000);
  const address = lms.launch();
  first.answer("a", "b");
  await lms.clock.pass(60_000);
  assert.equal(first.session.trouble, "statements_waiting");
  first.hide();
  await lms.clock.pass(1000);
  assert.deepEqual(lms.verbs(), ["initialized"]);
  const second = await browser.open(address);
  await lms.clock.pass(60_000);
  assert.equal(second.given("a"), "b");
  assert.equal(second.session.trouble, "");
  second.leave();
  await lms.clock.pass(10_000);
  assert.deepEqual(lms.verbs(), ["initialized", "initialized", "answered", "terminated"]);
});

test("what waits for one registration is not told in another", async () => {
  const lms = openLms();
  const browser = openBrowser(lms);
  const page = await browser.open(lms.launch());
  await lms.clock.pass(1000);
  page.network(false);
  await work(lms, page, "bbb");
  page.kill();
  const other = openLms({ registration: "9a1b5c64-0b5e-4c7e-8f57-0b6a7d0c9e22" });
  const there = await openBrowser(other, browser.items).open(other.launch());
  assert.deepEqual(["a", "b", "c"].map(there.given), [undefined, undefined, undefined]);
  await other.clock.pass(60_000);
  there.leave();
  await other.clock.pass(10_000);
  assert.ok(other.lrs.statements.every(({ context }) => context?.registration !== REGISTRATION));
  assert.deepEqual(other.verbs(), ["initialized", "terminated"]);
  lms.isOnline = true;
  const again = await browser.open(lms.launch());
  await lms.clock.pass(60_000);
  assert.equal(again.session.status(), "passed");
  assert.equal(said(lms, "passed").length, 1);
});

test("a statement that the LMS refuses is kept, and said", async () => {
  const lms = openLms();
  const browser = openBrowser(lms);
  const page = await browser.open(lms.launch());
  lms.lrs.refuses = (one) => (verbOf(one) === "experienced" ? 400 : 0);
  await work(lms, page, "bbb");
  await lms.clock.pass(60_000);
  assert.equal(page.session.trouble, "statements_refused");
  assert.ok(page.shown.changes > 0);
  assert.deepEqual(keys(browser.items).filter((key) => key.includes(":refused:")).length, 2);
  assert.equal(said(lms, "passed").length, 1);
});
