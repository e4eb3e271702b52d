/** Launches by Tin Can, and by address alone (xAPI 1.0.3): what is taken from the address, and what becomes of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { keys } from "../runtime/fakes.mjs";
import { ACTOR, AU, IRI, REGISTRATION, openBrowser, openLms, verbOf } from "./launcher.mjs";

/** @typedef {import("./launcher.mjs").Lms} Lms */

const PAGE = "https://content.example/essai/index.html";

/**
 * @param {Record<string, unknown>} changed parameters of the launch; undefined: not there
 * @param {(lms: Lms) => void} [prepare]
 */
async function launch(changed = {}, prepare = () => {}) {
  const lms = openLms({ target: "xapi" });
  prepare(lms);
  const query = lms.queryOfTinCan();
  for (const [name, value] of Object.entries(changed)) {
    query.delete(name);
    if (value !== undefined) query.set(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  const browser = openBrowser(lms);
  const page = await browser.open(`${PAGE}?${query}#/un`);
  await lms.clock.pass(1000);
  return { lms, browser, page };
}

test("the launch leaves the address, and nothing else does", async () => {
  const { lms, page } = await launch({ grouping: `${IRI}/all`, activity_platform: "LMS 4", content_token: "t" });
  assert.equal(page.window.location.href, `${PAGE}?theme=of+the+address+itself#/un`);
  assert.deepEqual([...page.session.notices], []);
  assert.deepEqual(lms.verbs(), ["initialized"]);
  const bare = await launch({ theme: undefined });
  assert.equal(bare.page.window.location.href, `${PAGE}#/un`);
});

test("statements are as launched: learner, registration, activity, platform, grouping", async () => {
  const { lms, page } = await launch({ grouping: `${IRI}/all`, activity_platform: "LMS 4" });
  page.answer("a", "b");
  page.read("un");
  page.leave();
  await lms.clock.pass(1000);
  assert.deepEqual(new Set(lms.verbs()), new Set(["initialized", "answered", "experienced", "terminated"]));
  for (const one of lms.lrs.statements) {
    const isOfCourse = ["initialized", "terminated"].includes(verbOf(one));
    assert.deepEqual(one.actor, ACTOR);
    assert.equal(one.context?.registration, REGISTRATION);
    assert.equal(one.context?.platform, "LMS 4");
    assert.deepEqual(one.context?.contextActivities.grouping, [{ id: `${IRI}/all` }]);
    assert.deepEqual(one.context?.contextActivities.category, [{ id: `${IRI}/_profile/1.0.0` }]);
    assert.equal(one.object.id === AU, isOfCourse);
  }
});

test("without registration none is told, nor asked for", async () => {
  for (const registration of [undefined, "", "not-a-uuid"]) {
    const { lms, page } = await launch({ registration });
    page.answer("a", "b");
    page.leave();
    await lms.clock.pass(1000);
    assert.ok(lms.lrs.statements.length > 2);
    for (const one of lms.lrs.statements) assert.ok(!("registration" in (one.context ?? {})));
    assert.ok(lms.lrs.requests.every(({ params }) => !("registration" in params)));
    assert.ok(lms.lrs.requests.every(({ status }) => status < 300 || status === 404));
  }
});

test("without activity it is the one of the package", async () => {
  for (const activity_id of [undefined, "", "un"]) {
    const { lms } = await launch({ activity_id });
    assert.equal(lms.lrs.statements[0]?.object.id, `${IRI}/_au`);
    assert.ok(lms.lrs.requests.every(({ params: { activityId = `${IRI}/_au` } }) => activityId === `${IRI}/_au`));
  }
});

const MAIL = { objectType: "Agent", mbox: "mailto:jeanne@example.org" };
for (const [given, told, name] of /** @type {[object, object, string][]} */ ([
  [ACTOR, ACTOR, "jeanne"],
  [{ name: "Jeanne", mbox: "mailto:jeanne@example.org" }, { ...MAIL, name: "Jeanne" }, "Jeanne"],
  [
    { name: ["Jeanne"], mbox: ["mailto:jeanne@example.org"], objectType: "Person" },
    { ...MAIL, name: "Jeanne" },
    "Jeanne",
  ],
  [{ mbox: "jeanne@example.org" }, MAIL, "jeanne@example.org"],
  [
    { name: ["Jeanne"], account: [{ accountServiceHomePage: "https://lms.example", accountName: "jeanne" }] },
    { ...ACTOR, name: "Jeanne" },
    "Jeanne",
  ],
  [
    { account: { homePage: "https://lms.example", name: 7 } },
    { ...ACTOR, account: { ...ACTOR.account, name: "7" } },
    "7",
  ],
  [{ ...ACTOR, mbox: "mailto:jeanne@example.org" }, ACTOR, "jeanne"],
  [{ mbox_sha1sum: "a".repeat(40), familyName: ["Martin"] }, { objectType: "Agent", mbox_sha1sum: "a".repeat(40) }, ""],
  [{ openid: ["https://id.example/jeanne"] }, { objectType: "Agent", openid: "https://id.example/jeanne" }, ""],
])) {
  test(`the learner ${JSON.stringify(given)}`, async () => {
    const { lms, page } = await launch({ actor: given });
    assert.deepEqual(lms.lrs.statements[0]?.actor, told);
    assert.equal(page.session.opened.learner.name, name);
    assert.ok(page.session.opened.learner.id);
    for (const { params } of lms.lrs.requests) if (params.agent) assert.deepEqual(JSON.parse(params.agent), told);
  });
}

test("two learners are two, also where one name is known to two systems", async () => {
  const ids = [];
  for (const homePage of ["https://one.example", "https://two.example"]) {
    const { page } = await launch({ actor: { account: { homePage, name: "jeanne" } } });
    ids.push(page.session.opened.learner.id);
  }
  assert.equal(new Set(ids).size, 2);
});

test("a learner who cannot be named is refused, in words", async () => {
  for (const actor of [
    undefined,
    "",
    "jeanne",
    "[]",
    "null",
    "{}",
    { name: "Jeanne" },
    { account: { name: "jeanne" } },
  ]) {
    const { lms, page } = await launch({ actor });
    assert.deepEqual([...page.session.notices], ["refused"], JSON.stringify(actor));
    assert.deepEqual(lms.lrs.requests, []);
  }
});

test("credentials that are refused: the session is refused", async () => {
  const { lms, page } = await launch({ auth: "Basic d3Jvbmc6a2V5" });
  assert.deepEqual([...page.session.notices], ["refused"]);
  assert.deepEqual(lms.lrs.statements, []);
});

test("a page that is loaded again goes on, as one that is killed and restored does", async () => {
  const { lms, browser, page } = await launch();
  page.answer("a", "b");
  await lms.clock.pass(1000);
  page.hide();
  const again = await browser.open(page.window.location.href, page.tabItems);
  await lms.clock.pass(1000);
  assert.deepEqual([again.given("a"), [...again.session.notices]], ["b", []]);
  again.kill();
  const third = await browser.open(page.window.location.href, page.tabItems);
  await lms.clock.pass(1000);
  assert.equal(third.given("a"), "b");
  assert.deepEqual(lms.verbs(), ["initialized", "answered", "terminated", "initialized", "initialized"]);
});

test("once left, nothing of the launch is left in the tab", async () => {
  const { lms, browser, page } = await launch();
  const secrets = () => keys(page.tabItems, "").filter((key) => page.tabItems.getItem(key)?.includes(lms.lrs.auth));
  assert.equal(secrets().length, 1);
  assert.deepEqual(
    keys(browser.items, "").filter((key) => browser.items.getItem(key)?.includes(lms.lrs.auth)),
    [],
  );
  page.leave();
  await lms.clock.pass(1000);
  assert.deepEqual(secrets(), []);
  page.kill();
  const again = await browser.open(page.window.location.href, page.tabItems);
  assert.deepEqual([...again.session.notices], ["untracked"]);
});

test("a new launch in the same tab is a new launch", async () => {
  const { lms, browser, page } = await launch();
  page.kill();
  const query = lms.queryOfTinCan();
  query.set("actor", JSON.stringify({ mbox: "mailto:paul@example.org" }));
  const next = await browser.open(`${PAGE}?${query}`, page.tabItems);
  assert.equal(next.session.opened.learner.id, "mailto:paul@example.org");
});

test("where the tab keeps nothing the launch stays in the address", async () => {
  const lms = openLms({ target: "xapi" });
  const broken = /** @type {Storage} */ ({
    length: 0,
    key: () => null,
    getItem: () => null,
    setItem() {
      throw new DOMException("full", "QuotaExceededError");
    },
    removeItem() {},
    clear() {},
  });
  const address = lms.launch();
  const page = await openBrowser(lms).open(address, broken);
  assert.equal(page.window.location.href, address);
  await lms.clock.pass(1000);
  assert.deepEqual(lms.verbs(), ["initialized"]);
});

test("what is told once is told once, over sessions, and noted in the state", async () => {
  const { lms, browser, page } = await launch();
  for (const id of ["un", "deux"]) page.read(id);
  for (const id of ["a", "b", "c"]) page.answer(id, "b");
  await lms.clock.pass(1000);
  assert.deepEqual([...lms.state().told].sort(), ["completed", "passed"]);
  page.leave();
  await lms.clock.pass(1000);
  const [passed] = lms.lrs.statements.filter((one) => verbOf(one) === "passed");
  assert.equal(passed?.object.id, AU);
  assert.deepEqual(passed?.result?.score, { scaled: 1, raw: 100, min: 0, max: 100 });
  assert.ok(!JSON.stringify(lms.lrs.statements).includes("w3id.org/xapi/cmi5/context"), "cmi5's categories are cmi5's");
  const again = await browser.open(lms.launch());
  again.answer("a", "b");
  await lms.clock.pass(1000);
  assert.equal(lms.verbs().filter((verb) => verb === "passed" || verb === "completed").length, 2);
  // An LRS that keeps no state is told again, under the same ids.
  const forgetful = await launch(
    {},
    ({ lrs }) => (lrs.always = ({ params }) => (params.stateId ? { status: 404 } : "")),
  );
  for (let times = 0; times < 2; times++) {
    const one = times ? await openBrowser(forgetful.lms).open(forgetful.lms.launch()) : forgetful.page;
    for (const id of ["un", "deux"]) one.read(id);
    for (const id of ["a", "b", "c"]) one.answer(id, "b");
    await forgetful.lms.clock.pass(1000);
    assert.equal(one.session.safety, "browser");
    one.leave();
    await forgetful.lms.clock.pass(10_000);
  }
  const told = forgetful.lms.verbs();
  assert.equal(told.filter((verb) => verb === "passed").length, 1);
  assert.equal(told.filter((verb) => verb === "completed").length, 1);
  assert.equal(told.filter((verb) => verb === "initialized").length, 2);
});

test("a page that the browser keeps for later keeps its session", async () => {
  const { page } = await launch();
  assert.equal(page.session.endsWithPage, false);
  assert.equal(page.session.returnTo, undefined);
});
