/** The client of an LRS, and the LRS in memory that the other tests use. xAPI 1.0.3 Communication §2 and §3. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openLrs } from "../../builder/runtime/xapi/lrs.js";
import { check, openClock, openFakeLrs } from "./lrs.mjs";

/** @import {Statement} from "../../builder/runtime/types.d.ts" */

/** @type {Statement} */
const STATEMENT = {
  id: "6f1f8f0e-3a0f-4c39-9c55-2a7b0d5b7d01",
  timestamp: "2026-01-12T06:00:00.000Z",
  actor: { account: { homePage: "https://hopital.example", name: "jeanne" } },
  verb: { id: "http://adlnet.gov/expapi/verbs/answered", display: { "fr-FR": "répondu" } },
  object: { id: "https://carabin.example/essai/a" },
};
const AGENT = JSON.stringify(STATEMENT.actor);
const STATE = { activityId: "https://carabin.example/essai", agent: AGENT, stateId: "carabin" };

/** @param {Parameters<typeof openFakeLrs>[0]} [options] */
function open(options) {
  const clock = openClock();
  const lrs = openFakeLrs({ now: clock.now, timers: clock.timers, ...options });
  return { clock, lrs, client: openLrs({ ...lrs, timers: clock.timers, now: clock.now }) };
}

/** One answer, whatever is asked. @param {number} status @param {string} [text] @param {Record<string, string>} [headers] */
function canned(status, text = "", headers = {}) {
  /** @type {{url: string, init: RequestInit}[]} */
  const asked = [];
  const clock = openClock();
  const client = openLrs({
    endpoint: "https://lrs.example/xapi",
    auth: "Basic secret",
    fetch: async (url, init = {}) => {
      asked.push({ url, init });
      return new Response(status === 204 ? null : text, { status, headers });
    },
    timers: clock.timers,
    now: clock.now,
  });
  return { asked, client, clock };
}

test("statements are posted as JSON, with credentials and version; the answer is its status", async () => {
  const { asked, client } = canned(200, "[]");
  assert.equal((await client.post([STATEMENT], { keepalive: true })).status, 200);
  const [{ url, init } = assert.fail()] = asked;
  assert.equal(url, "https://lrs.example/xapi/statements");
  assert.equal(init.method, "POST");
  assert.equal(init.keepalive, true);
  assert.deepEqual(JSON.parse(String(init.body)), [STATEMENT]);
  assert.deepEqual(init.headers, {
    Authorization: "Basic secret",
    "X-Experience-API-Version": "1.0.3",
    "Content-Type": "application/json",
  });
  await client.post([STATEMENT]);
  assert.ok(!asked[1]?.init.keepalive);
});

test("an endpoint may end in a slash, or not", async () => {
  for (const endpoint of ["https://lrs.example/xapi", "https://lrs.example/xapi/", "https://lrs.example/xapi//"]) {
    const { lrs, clock } = open();
    const client = openLrs({ ...lrs, endpoint, timers: clock.timers });
    assert.equal((await client.post([STATEMENT])).status, 200);
  }
});

test("no answer is status 0: no network, none in time, half of one, or a page to sign in", async () => {
  const { lrs, client, clock } = open();
  lrs.script = ["unsent", "mute", { status: 200, body: "\n <!doctype html><title>Wi-Fi</title>" }];
  assert.equal((await client.post([STATEMENT])).status, 0);
  const late = client.post([STATEMENT]);
  await clock.pass(29_999);
  assert.equal(lrs.requests.length, 2);
  assert.deepEqual(clock.delays(), [1]);
  await clock.pass(1);
  assert.equal((await late).status, 0);
  assert.equal((await client.post([STATEMENT])).status, 0);
  assert.deepEqual(clock.delays(), [], "no timer is left behind");

  const broken = openLrs({
    ...lrs,
    fetch: async () => new Response(new ReadableStream({ pull: (body) => body.error(new TypeError("lost")) })),
    timers: clock.timers,
  });
  assert.equal((await broken.post([STATEMENT])).status, 0);
  assert.equal((await broken.getDocument("activities/state", STATE)).status, 0);
});

test("Retry-After: seconds, or a date; nothing else", async () => {
  const { now } = openClock();
  for (const [value, expected] of /** @type {[string, number][]} */ ([
    ["0", 0],
    ["7", 7000],
    ["1.5", 1500],
    ["-7", 0],
    ["soon", 0],
    [new Date(now() + 90_000).toUTCString(), 90_000],
    [new Date(now() - 90_000).toUTCString(), 0],
  ])) {
    const { client } = canned(503, "", { "Retry-After": value });
    const { status, retryAfter } = await client.post([STATEMENT]);
    assert.deepEqual([status, retryAfter], [503, expected], value);
  }
  const { client } = canned(503);
  assert.equal((await client.post([STATEMENT])).retryAfter, 0);
});

test("a statement is asked for by id: there, not there, or not to be known", async () => {
  const { lrs, client } = open();
  assert.equal(await client.find(STATEMENT.id), null);
  await client.post([STATEMENT]);
  assert.equal((await client.find(STATEMENT.id))?.id, STATEMENT.id);
  lrs.script = [{ status: 500 }, { status: 403 }, "unsent", { status: 200, body: "yes" }];
  for (let n = 0; n < 4; n++) assert.equal(await client.find(STATEMENT.id), undefined);
  const { client: empty } = canned(200, '{"statements": []}');
  assert.equal(await empty.find(STATEMENT.id), null);
});

test("a document is read, made, and replaced only where it is the one that was read", async () => {
  const { lrs, client } = open();
  const none = await client.getDocument("activities/state", STATE);
  assert.deepEqual([none.status, none.etag], [404, ""]);
  const made = await client.putDocument("activities/state", STATE, '{"a": "é"}', { etag: none.etag });
  assert.equal(made.status, 204);
  assert.equal((await client.putDocument("activities/state", STATE, "{}", { etag: "" })).status, 412);
  const found = await client.getDocument("activities/state", STATE);
  assert.deepEqual([found.status, found.text, found.etag], [200, '{"a": "é"}', made.etag]);
  const second = await client.putDocument("activities/state", STATE, '{"b": 1}', { etag: found.etag });
  assert.equal(second.status, 204);
  assert.equal((await client.putDocument("activities/state", STATE, "{}", { etag: found.etag })).status, 412);
  assert.equal((await client.putDocument("activities/state", STATE, '{"c": 1}')).status, 204, "whatever there is");
  assert.deepEqual(lrs.document("activities/state", STATE), { c: 1 });
  const profile = { agent: AGENT, profileId: "p" };
  assert.equal((await client.putDocument("agents/profile", profile, "{}", { etag: "" })).status, 204);
  assert.equal((await client.putDocument("agents/profile", profile, "{}")).status, 409);
});

test("conditions of a document's request, its type, and whether it outlives the page", async () => {
  const { asked, client } = canned(204);
  await client.putDocument("activities/state", STATE, "text", { etag: '"1"', keepalive: true, type: "text/plain" });
  await client.putDocument("activities/state", STATE, "{}", { etag: "" });
  await client.putDocument("activities/state", STATE, "{}");
  const headers = asked.map(({ init }) => /** @type {Record<string, string>} */ (init.headers));
  assert.deepEqual(
    headers.map((one) => [one["If-Match"], one["If-None-Match"], one["Content-Type"]]),
    [
      ['"1"', undefined, "text/plain"],
      [undefined, "*", "application/json"],
      [undefined, undefined, "application/json"],
    ],
  );
  assert.deepEqual(
    asked.map(({ init }) => [init.method, !!init.keepalive]),
    [
      ["PUT", true],
      ["PUT", false],
      ["PUT", false],
    ],
  );
  const url = new URL(asked[0]?.url ?? "");
  assert.equal(url.pathname, "/xapi/activities/state");
  assert.deepEqual(Object.fromEntries(url.searchParams), STATE);
});

test("an ETag that cannot be read is unknown, one that was made weak on the way is made whole", async () => {
  const { client: hidden } = canned(200, "{}");
  assert.equal((await hidden.getDocument("activities/state", STATE)).etag, undefined);
  const { client: weak } = canned(200, "{}", { ETag: 'W/"abc"' });
  assert.equal((await weak.getDocument("activities/state", STATE)).etag, '"abc"');
});

test("what was read is never an old copy from the browser", async () => {
  const { asked, client } = canned(200, "{}");
  await client.getDocument("activities/state", STATE);
  await client.find(STATEMENT.id);
  for (const { init } of asked) assert.equal(init.cache, "no-store");
});

// --- the LRS in memory -----------------------------------------------------------------------------------------------

test("the LRS in memory refuses what an LRS refuses", () => {
  assert.equal(check(STATEMENT), "");
  const rich = {
    ...STATEMENT,
    object: {
      objectType: "Activity",
      id: "https://carabin.example/essai/a",
      definition: {
        type: "http://adlnet.gov/expapi/activities/cmi.interaction",
        name: { fr: "A" },
        interactionType: "choice",
        correctResponsesPattern: ["a[,]b"],
        choices: [{ id: "a", description: { fr: "un" } }, { id: "b" }],
      },
    },
    result: { score: { scaled: 0.5, raw: 50, min: 0, max: 100 }, success: true, response: "a", duration: "PT1.25S" },
    context: {
      registration: "6f1f8f0e-3a0f-4c39-9c55-2a7b0d5b7d02",
      language: "fr",
      revision: "1.0.0",
      contextActivities: { parent: [{ id: "https://carabin.example/essai" }], other: { id: "https://x.example/y" } },
      extensions: { "https://x.example/z": null },
    },
  };
  assert.equal(check(rich), "");
  /** @type {[string, (one: any) => unknown][]} */
  const wrongs = [
    ["id", (one) => (one.id = "1")],
    ["timestamp", (one) => delete one.timestamp],
    ["timestamp", (one) => (one.timestamp = "2026-01-12T06:00:00-00:00")],
    ["property", (one) => (one.Result = {})],
    ["null", (one) => (one.result.response = null)],
    ["actor", (one) => (one.actor = { name: "Jeanne" })],
    ["actor", (one) => (one.actor.mbox = "mailto:jeanne@hopital.example")],
    ["actor", (one) => delete one.actor.account.homePage],
    ["verb", (one) => (one.verb.id = "answered")],
    ["verb.display", (one) => (one.verb.display = { "fr FR": "répondu" })],
    ["activity", (one) => (one.object.id = "a")],
    ["definition", (one) => (one.object.definition.title = {})],
    ["interactionType", (one) => (one.object.definition.interactionType = "sequence")],
    ["interactionType", (one) => (one.object.definition.scale = [])],
    ["choices", (one) => (one.object.definition.choices[1].id = "a")],
    ["score.scaled", (one) => (one.result.score.scaled = 1.5)],
    ["score", (one) => (one.result.score.raw = 101)],
    ["score", (one) => (one.result.score.raw = "50")],
    ["success", (one) => (one.result.success = "true")],
    ["response", (one) => (one.result.response = 1)],
    ["duration", (one) => (one.result.duration = "PT")],
    ["registration", (one) => (one.context.registration = "x")],
    ["activities", (one) => (one.context.contextActivities.others = [])],
    ["context.extensions", (one) => (one.context.extensions = { z: 1 })],
  ];
  for (const [where, spoil] of wrongs) {
    const one = structuredClone(rich);
    spoil(one);
    assert.match(check(one), new RegExp(where.replace(".", "\\.")), `${spoil}`);
  }
});

test("the LRS in memory stores a batch whole or not at all, and nothing twice", async () => {
  const { lrs, client } = open();
  const other = { ...STATEMENT, id: "6f1f8f0e-3a0f-4c39-9c55-2a7b0d5b7d03" };
  const wrong = { ...other, verb: { id: "no" } };
  assert.equal((await client.post([STATEMENT, wrong])).status, 400);
  assert.equal((await client.post([STATEMENT, STATEMENT])).status, 400);
  assert.equal((await client.post([])).status, 400);
  assert.deepEqual(lrs.statements, []);
  assert.equal((await client.post([STATEMENT])).status, 200);
  assert.equal((await client.post([STATEMENT, other])).status, 200);
  const changed = { ...other, timestamp: "2026-01-12T07:00:00.000Z" };
  assert.equal((await client.post([changed])).status, 409);
  assert.deepEqual(lrs.statements, [STATEMENT, other]);
  lrs.mode = "ralph";
  const third = { ...STATEMENT, id: "6f1f8f0e-3a0f-4c39-9c55-2a7b0d5b7d04" };
  assert.equal((await client.post([STATEMENT, other])).status, 204);
  assert.equal((await client.post([STATEMENT, third])).status, 500);
  assert.equal((await client.post([wrong])).status, 422);
  assert.equal((await client.find(STATEMENT.id))?.id, STATEMENT.id);
  assert.equal(await client.find(third.id), null);
  lrs.mode = "conflict";
  assert.equal((await client.post([STATEMENT])).status, 409);
  assert.equal(lrs.statements.length, 2);
});

test("the LRS in memory wants credentials, version, type and known parameters", async () => {
  const { lrs } = open();
  const good = {
    Authorization: lrs.auth,
    "X-Experience-API-Version": "1.0.3",
    "Content-Type": "application/json",
  };
  /** @param {Record<string, string>} headers @param {string} [query] */
  const post = async (headers, query = "") => {
    const init = { method: "POST", headers, body: JSON.stringify([STATEMENT]) };
    return (await lrs.fetch(`${lrs.endpoint}statements${query}`, init)).status;
  };
  assert.equal(await post({ ...good, Authorization: "Basic x" }), 401);
  assert.equal(await post({ ...good, "X-Experience-API-Version": "2.0.0" }), 400);
  assert.equal(await post({ ...good, "Content-Type": "text/plain" }), 400);
  assert.equal(await post(good, "?statementId=1"), 400);
  assert.equal(await post(good), 200);
  const get = async (/** @type {string} */ path) => (await lrs.fetch(lrs.endpoint + path, { headers: good })).status;
  assert.equal(await get(`statements?statementid=${STATEMENT.id}`), 400);
  assert.equal(await get(`statements?statementId=${STATEMENT.id}`), 200);
  assert.equal(await get("activities/state?stateId=carabin"), 400);
  await assert.rejects(lrs.fetch("https://elsewhere.example/"));
});

test("the LRS in memory minds sessions and their order where cmi5 does", async () => {
  const { lrs, client } = open({ mode: "cmi5" });
  const session = "https://w3id.org/xapi/cmi5/context/extensions/sessionid";
  let last = 0;
  /** @param {string} verb @param {string} [of] */
  const say = async (verb, of = "s1") => {
    const category = [{ id: "https://w3id.org/xapi/cmi5/context/categories/cmi5" }];
    const { status } = await client.post([
      {
        ...STATEMENT,
        id: `6f1f8f0e-3a0f-4c39-9c55-${String(++last).padStart(12, "0")}`,
        verb: { id: `http://adlnet.gov/expapi/verbs/${verb}` },
        context: {
          contextActivities: verb === "answered" ? {} : { category },
          extensions: { [session]: of },
        },
      },
    ]);
    return status;
  };
  assert.equal(await say("initialized"), 403);
  lrs.launch({ session: "s1", rules: true });
  assert.equal(await say("answered"), 403, "before initialized");
  assert.equal(await say("initialized"), 403, "before the preferences");
  await client.getDocument("activities/state", { ...STATE, stateId: "LMS.LaunchData" });
  await client.getDocument("agents/profile", { agent: AGENT, profileId: "cmi5LearnerPreferences" });
  assert.equal(await say("initialized"), 200);
  assert.equal(await say("initialized"), 403);
  assert.equal(await say("answered", "s2"), 403);
  assert.equal(await say("answered"), 200);
  assert.equal(await say("passed"), 200);
  assert.equal(await say("failed"), 403);
  assert.equal(await say("terminated"), 200);
  assert.equal(await say("answered"), 403);
  const write = await client.putDocument("activities/state", { ...STATE, stateId: "LMS.LaunchData" }, "{}");
  assert.equal(write.status, 403);
});

test("bodies that outlive a page have 64 KiB together", async () => {
  const { lrs, client, clock } = open();
  lrs.always = () => ({ delay: 100 });
  const large = { ...STATEMENT, result: { response: "x".repeat(40_000) } };
  const first = client.post([large], { keepalive: true });
  const second = client.post([large], { keepalive: true });
  await clock.pass(100);
  assert.deepEqual([(await first).status, (await second).status], [200, 0]);
});
