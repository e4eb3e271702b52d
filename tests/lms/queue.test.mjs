/**
 * Statements reach an LRS whatever happens: pages that die at every step, hours without network, servers that refuse.
 * The queue and the client run against `lrs.mjs`, on a clock of its own.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openLrs } from "../../builder/runtime/xapi/lrs.js";
import { openQueue } from "../../builder/runtime/xapi/queue.js";
import { keys, memory } from "../runtime/fakes.mjs";
import { openClock, openFakeLrs } from "./lrs.mjs";

/** @import {Statement} from "../../builder/runtime/types.d.ts" */
/** @import {Fault, Mode} from "./lrs.mjs" */
/** @typedef {ReturnType<typeof openClock>} Clock */
/** @typedef {ReturnType<typeof openFakeLrs>} FakeLrs */

const SEEDS = process.env.CARABIN_FULL === "1" ? 150 : 10;
const PREFIX = "carabin:essai:0123:lrs:4567:";
const SESSION = "https://w3id.org/xapi/cmi5/context/extensions/sessionid";
const NUMBER = "https://carabin.example/essai/number";
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The same numbers on every machine. @param {number} seed @returns {(below: number) => number} */
function dice(seed) {
  let state = seed * 2_654_435_761 + 1;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) % below;
  };
}

/**
 * @param {number} number within its session; the id goes by both
 * @param {string} [verb]
 * @param {number} [session]
 * @param {string} [text]
 * @returns {Statement}
 */
function statement(number, verb = "answered", session = 1, text = "") {
  const digits = `${session}`.padStart(8, "0");
  return {
    id: `${digits}-0000-4000-8000-${String(number).padStart(12, "0")}`,
    timestamp: "2026-01-12T06:00:00.000Z",
    actor: { objectType: "Agent", account: { homePage: "https://hopital.example", name: "jeanne" } },
    verb: { id: `http://adlnet.gov/expapi/verbs/${verb}`, display: { fr: "répondu" } },
    object: { id: `https://carabin.example/essai/${number}` },
    result: { response: `réponse ${text}` },
    context: { extensions: { [SESSION]: `session-${session}`, [NUMBER]: number } },
  };
}

/** @param {Statement[]} statements @returns {number[]} */
const numbers = (statements) => statements.map(({ context }) => context?.extensions[NUMBER]);
/** @param {string[]} ids @returns {number[]} */
const ofIds = (ids) => ids.map((id) => Number(id.slice(-12)));

/**
 * One page, with a queue.
 * @param {object} [more]
 * @param {Clock} [more.clock]
 * @param {FakeLrs} [more.lrs]
 * @param {Storage | undefined} [more.storage]
 * @param {string} [more.session]
 * @param {(statement: Statement) => Statement | null | undefined} [more.rebind]
 */
function open(more = {}) {
  const { clock = openClock(), session = "session-1", rebind } = more;
  const lrs = more.lrs ?? openFakeLrs({ now: clock.now, timers: clock.timers });
  const storage = "storage" in more ? more.storage : memory();
  let changes = 0;
  const client = openLrs({ ...lrs, timers: clock.timers, now: clock.now });
  const queue = openQueue({
    storage,
    prefix: PREFIX,
    session,
    lrs: client,
    timers: clock.timers,
    now: clock.now,
    changed: () => void changes++,
    ...(rebind && { rebind }),
  });
  return { clock, lrs, storage: /** @type {Storage} */ (storage), queue, changes: () => changes };
}

/** @param {Storage} storage @returns {string[]} what is kept, but for what was refused */
const left = (storage) => keys(storage, PREFIX).filter((key) => !key.includes(":refused:"));
/** @param {Storage} storage @returns {string[]} */
const setAside = (storage) => keys(storage, `${PREFIX}refused:`);

// --- the page dies ---------------------------------------------------------------------------------------------------

/** @type {Fault[]} */
const FAULTS = [
  "unsent",
  "unanswered",
  "unanswered",
  "silent",
  "mute",
  { status: 429, after: "7" },
  { status: 429 },
  { status: 500 },
  { status: 503 },
  { delay: 900 },
  { delay: 45_000 },
  "",
];
const EVENTS = 5;

/** What a page may do before it dies: its storage, its requests and its timers count their steps. */
class Page {
  /** @param {Storage} items @param {FakeLrs} lrs @param {Clock} clock @param {number} life steps */
  constructor(items, lrs, clock, life) {
    let steps = 0;
    this.steps = () => steps;
    this.isDead = () => steps >= life;
    const step = () => {
      if (++steps >= life) throw new Error("dead");
    };
    const alive = () => {
      if (this.isDead()) throw new Error("dead");
    };
    const never = () => new Promise(() => {});
    /** @type {Storage} */
    this.storage = {
      get length() {
        alive();
        return items.length;
      },
      key: (n) => (alive(), items.key(n)),
      getItem: (key) => (alive(), items.getItem(key)),
      setItem: (key, value) => (step(), items.setItem(key, value), step()),
      removeItem: (key) => (step(), items.removeItem(key), step()),
      clear: () => assert.fail(),
    };
    /** @type {(url: string, init?: RequestInit) => Promise<Response>} */
    this.fetch = async (url, init) => {
      try {
        step();
        const answer = lrs.fetch(url, init);
        answer.catch(() => {});
        step();
        try {
          return await answer;
        } finally {
          step();
        }
      } catch (error) {
        if (this.isDead()) return /** @type {Promise<Response>} */ (never());
        throw error;
      }
    };
    this.timers = {
      setTimeout: (/** @type {() => void} */ action, /** @type {number} */ delay) =>
        clock.timers.setTimeout(() => this.isDead() || action(), delay),
      clearTimeout: clock.timers.clearTimeout,
    };
    this.kill = () => void (steps = life = 0);
  }
}

/**
 * A learner through several pages; each is killed at its step, the last one lives. As in the player, a statement lies
 * in a copy beside the state before it is handed over, and the next page hands over again what the copy has.
 * @param {Mode} mode
 * @param {number} seed of the faults; 0: none
 * @param {number[]} lives steps of the pages that die
 */
async function live(mode, seed, lives) {
  const roll = dice(seed);
  const clock = openClock();
  const lrs = openFakeLrs({ mode, now: clock.now, timers: clock.timers });
  if (seed) lrs.script = Array.from({ length: 1 + roll(9) }, () => FAULTS[roll(FAULTS.length)] ?? "");
  const items = memory();
  const readCopy = () => /** @type {Statement[]} */ (JSON.parse(items.getItem("copy") ?? "[]"));
  let deaths = 0;
  /** Died between the copy and the queue: handed over by the next page. @type {Statement[]} */
  const late = [];

  for (const [index, life] of [...lives, Infinity].entries()) {
    const n = index + 1;
    const page = new Page(items, lrs, clock, life);
    lrs.launch({ session: `session-${n}` });
    const queue = openQueue({
      storage: page.storage,
      prefix: PREFIX,
      session: `session-${n}`,
      lrs: openLrs({ ...lrs, fetch: page.fetch, timers: page.timers, now: clock.now }),
      timers: page.timers,
      now: clock.now,
      changed: () => {},
      rebind: (old) =>
        /(initialized|terminated)$/.test(old.verb.id)
          ? undefined
          : { ...old, context: { extensions: { ...old.context?.extensions, [SESSION]: `session-${n}` } } },
    });
    try {
      queue.put([statement(0, "initialized", n)]);
      queue.resume();
      const copy = readCopy();
      const there = [...left(items).map((key) => JSON.parse(items.getItem(key) ?? "")), ...lrs.statements];
      const lost = copy.filter(({ id }) => !there.some((one) => one.id === id));
      assert.ok(lost.length <= 1);
      late.push(...lost);
      queue.put(copy);
      while (copy.length < EVENTS && !page.isDead()) {
        copy.push(statement(copy.length + 1, "answered", n));
        page.storage.setItem("copy", JSON.stringify(copy));
        queue.put(copy.slice(-1));
        await clock.pass(roll(3) * 500);
      }
      if (!page.isDead()) queue.put([statement(99, "terminated", n)], true);
    } catch (error) {
      if (!page.isDead()) throw error;
    }
    // One leaves at once, another has the page open for an hour.
    await clock.pass(life === Infinity ? 8 * HOUR : roll(2) * HOUR);
    if (page.isDead()) deaths++;
    page.kill();
  }
  return { lrs, items, deaths, late, copy: readCopy() };
}

/** @param {Awaited<ReturnType<typeof live>>} life @param {Mode} mode @param {string} story */
function judge({ lrs, items, late, copy }, mode, story) {
  const told = lrs.statements.filter(({ verb }) => verb.id.endsWith("answered"));
  const every = Array.from({ length: EVENTS }, (_, n) => n + 1);
  assert.deepEqual(numbers(told).sort(), every, story);
  assert.deepEqual(left(items), [], story);
  const inTime = lrs.statements.filter(({ id }) => !late.some((one) => one.id === id));
  for (let n = 1; n < 9; n++) {
    // What a session that is over left comes in the next one (cmi5), beside what is told there.
    const its = inTime.filter(({ context }) => context?.extensions[SESSION] === `session-${n}`);
    const order = numbers(its.filter(({ id }) => id.startsWith(`0000000${n}`)));
    const sorted = [...order].sort((one, other) => one - other);
    assert.deepEqual(order, sorted, `${story}: session ${n}`);
  }
  for (const kept of copy) {
    const arrived = told.find(({ id }) => id === kept.id);
    if (mode === "cmi5") assert.deepEqual({ ...arrived, context: null }, { ...kept, context: null }, story);
    else assert.deepEqual(arrived, kept, story);
  }
  assert.deepEqual(setAside(items), [], story);
}

for (const mode of /** @type {Mode[]} */ (["strict", "ralph", "conflict", "cmi5"])) {
  test(`${mode}: a page that dies at any step loses nothing and doubles nothing`, async () => {
    judge(await live(mode, 0, []), mode, "undisturbed");
    for (let seed = 0; seed < SEEDS; seed++) {
      for (let life = 1, isOver = false; !isOver; life++) {
        const lives = seed % 2 ? [life, 1 + dice(seed + life)(60)] : [life];
        const found = await live(mode, seed, lives);
        judge(found, mode, `seed ${seed}, dead at step ${lives}: ${JSON.stringify(found.lrs.requests)}`);
        isOver = found.deaths < lives.length;
      }
    }
  });
}

// --- bad hours -------------------------------------------------------------------------------------------------------

test("offline for hours: attempts grow rare, nothing is lost, order is kept", async () => {
  const { clock, lrs, storage, queue } = open();
  lrs.always = () => "unsent";
  for (let n = 1; n <= 20; n++) {
    queue.put([statement(n)]);
    await clock.pass(10 * MINUTE);
  }
  // 1, 2, 4 … 256 s, then every five minutes.
  assert.deepEqual(clock.delays().length, 1);
  assert.ok(lrs.requests.length <= 9 + (200 * MINUTE) / 300_000, `${lrs.requests.length}`);
  assert.ok(lrs.requests.length >= 40);
  assert.equal(left(storage).length, 20);
  assert.equal(queue.waiting(), 20);
  assert.equal(queue.trouble(), "statements_waiting");
  lrs.always = () => "";
  await clock.pass(5 * MINUTE);
  assert.deepEqual(
    numbers(lrs.statements),
    Array.from({ length: 20 }, (_, n) => n + 1),
  );
  assert.deepEqual([queue.waiting(), queue.trouble(), left(storage).length], [0, "", 0]);
});

test("the first attempts come after 1, 2, 4 … seconds, and unchanged, though more is waiting", async () => {
  const { clock, lrs, queue } = open();
  lrs.always = () => "unanswered";
  queue.put([statement(1), statement(2)]);
  for (const delay of [1000, 2000, 4000, 8000, 16_000]) {
    await clock.settle();
    queue.put([statement(2 + delay)]);
    assert.deepEqual(clock.delays(), [delay]);
    await clock.pass(delay);
  }
  const asked = lrs.posts.map(({ ids }) => ofIds(ids));
  assert.deepEqual(asked, Array(6).fill([1, 2]));
  const [first] = lrs.statements;
  assert.deepEqual(first, statement(1));
});

test("a network that is back is used at once", async () => {
  const { clock, lrs, queue } = open();
  lrs.always = () => "unsent";
  queue.put([statement(1)]);
  await clock.pass(HOUR);
  lrs.always = () => "";
  queue.retry();
  await clock.settle();
  assert.deepEqual(numbers(lrs.statements), [1]);
  assert.deepEqual(clock.delays(), []);
});

test("429, again and again: Retry-After is waited for, in seconds and as a date, also when the network comes back", async () => {
  const { clock, lrs, queue, changes } = open();
  const date = new Date(clock.now() + 120_000 + 20 * MINUTE).toUTCString();
  lrs.script = [
    { status: 429, after: "120" },
    { status: 429, after: date },
    { status: 503, after: "1" },
  ];
  queue.put([statement(1)]);
  await clock.pass(29_000);
  assert.equal(queue.trouble(), "");
  const before = changes();
  await clock.pass(1000);
  assert.equal(queue.trouble(), "statements_waiting", "half a minute is enough");
  assert.ok(changes() > before, "and is told");
  queue.retry();
  await clock.pass(89_999);
  assert.equal(lrs.requests.length, 1);
  await clock.pass(1);
  assert.equal(lrs.requests.length, 2);
  await clock.pass(20 * MINUTE - 1000);
  assert.equal(lrs.requests.length, 2);
  await clock.pass(1000);
  assert.equal(lrs.requests.length, 3);
  await clock.pass(3999);
  assert.equal(lrs.requests.length, 3, "a short Retry-After does not shorten what has grown");
  await clock.pass(1);
  assert.deepEqual(numbers(lrs.statements), [1]);
  assert.equal(queue.trouble(), "");
});

test("a clock that is set back, or ahead, changes nothing", async () => {
  for (const jump of [-3 * HOUR, 3 * HOUR]) {
    const { clock, lrs, queue } = open();
    lrs.script = ["unsent", "unsent", { status: 503, after: "90" }];
    queue.put([statement(1)]);
    await clock.pass(2000);
    clock.skew += jump;
    await clock.pass(1000);
    assert.equal(lrs.requests.length, 3);
    clock.skew += jump;
    await clock.pass(90_000);
    assert.deepEqual(numbers(lrs.statements), [1], `${jump}`);
  }
});

test("the learner is told after three attempts, not before, and no longer than it lasts", async () => {
  const { clock, lrs, queue, changes } = open();
  lrs.script = ["unsent", "unsent", "unsent"];
  queue.put([statement(1)]);
  assert.equal(changes(), 0, "not from within a call");
  await clock.settle();
  assert.equal(changes(), 1);
  await clock.pass(2999);
  assert.equal(lrs.requests.length, 2);
  assert.equal(queue.trouble(), "");
  await clock.pass(1);
  assert.equal(queue.trouble(), "statements_waiting");
  await clock.pass(4000);
  assert.equal(queue.trouble(), "");
  assert.equal(changes(), 4);
});

test("a request without answer is given up after half a minute, and that is told", async () => {
  const { clock, lrs, queue } = open();
  lrs.script = ["silent"];
  queue.put([statement(1)]);
  await clock.pass(29_999);
  assert.deepEqual([lrs.requests.length, queue.trouble()], [1, ""]);
  await clock.pass(1);
  assert.equal(queue.trouble(), "statements_waiting");
  await clock.pass(1000);
  assert.deepEqual(numbers(lrs.statements), [1]);
});

test("401: nothing more is sent, and everything is kept for the next launch", async () => {
  const { clock, lrs, storage, queue } = open();
  lrs.script = ["", { status: 401 }];
  queue.put([statement(1)]);
  await clock.settle();
  queue.put([statement(2)]);
  await clock.settle();
  queue.put([statement(3)]);
  queue.retry();
  queue.put([statement(4)], true);
  await clock.pass(24 * HOUR);
  assert.equal(lrs.requests.length, 2);
  assert.deepEqual([queue.waiting(), queue.trouble()], [3, "statements_waiting"]);
  const next = open({ clock, lrs, storage, session: "session-2" });
  next.queue.resume();
  await clock.settle();
  assert.deepEqual(numbers(lrs.statements), [1, 2, 3, 4]);
  assert.deepEqual(left(storage), []);
});

test("a queue that is stopped sends nothing", async () => {
  const { clock, lrs, storage, queue } = open();
  lrs.script = ["unsent"];
  queue.put([statement(1)]);
  await clock.settle();
  queue.stop();
  queue.put([statement(2)], true);
  await clock.pass(HOUR);
  assert.equal(lrs.requests.length, 1);
  assert.equal(left(storage).length, 2);
});

// --- refusals --------------------------------------------------------------------------------------------------------

for (const status of [400, 403, 409, 413]) {
  test(`${status} for one in the middle: the others arrive in order, this one is set aside`, async () => {
    const { clock, lrs, storage, queue } = open();
    lrs.refuses = ({ id }) => (id === statement(3).id ? status : 0);
    queue.put([1, 2, 3, 4, 5].map((n) => statement(n)));
    queue.put([statement(3)]);
    await clock.settle();
    assert.deepEqual(numbers(lrs.statements), [1, 2, 4, 5]);
    // Of this session, 403 may mean that the session is over: the next one may have it.
    const isOver = status === 403;
    assert.equal(queue.trouble(), isOver ? "statements_waiting" : "statements_refused");
    assert.deepEqual([left(storage).length, setAside(storage).length], isOver ? [1, 0] : [0, 1]);
    const [key = ""] = [...left(storage), ...setAside(storage)];
    assert.deepEqual(JSON.parse(storage.getItem(key) ?? ""), statement(3));
    assert.ok(!queue.confirmed().has(statement(3).id));
    const sent = lrs.requests.length;
    queue.put([statement(3)]);
    await clock.pass(HOUR);
    assert.equal(lrs.requests.length, sent, "it is not sent again");
    // Nor by the next page, which may not be told of it.
    const next = open({ clock, lrs, storage, session: "session-2" });
    next.queue.resume();
    next.queue.put([statement(3)]);
    await clock.pass(HOUR);
    assert.deepEqual(setAside(storage).length, 1);
    assert.equal(next.queue.waiting(), 0);
  });
}

test("413 for a batch, not for its statements: they go one by one", async () => {
  const { clock, lrs, queue } = open();
  lrs.limit = 1000;
  queue.put([1, 2, 3, 4, 5, 6].map((n) => statement(n)));
  await clock.settle();
  assert.deepEqual(numbers(lrs.statements), [1, 2, 3, 4, 5, 6]);
  assert.equal(queue.trouble(), "");
});

test("409 for what the LRS has already is the same as yes", async () => {
  const { clock, lrs, storage, queue } = open({ lrs: openFakeLrs({ mode: "conflict" }) });
  lrs.script = ["unanswered"];
  queue.put([statement(1, "passed"), statement(2)]);
  await clock.pass(MINUTE);
  assert.deepEqual([...queue.confirmed()], [statement(1).id, statement(2).id]);
  assert.deepEqual([queue.trouble(), left(storage).length, setAside(storage).length], ["", 0, 0]);
});

test("an LRS that has one under this id, but cannot say so, is asked again", async () => {
  const { clock, lrs, storage, queue } = open({ lrs: openFakeLrs({ mode: "conflict" }) });
  lrs.script = ["unanswered", "", "unsent", "", { status: 503 }];
  queue.put([statement(1)]);
  await clock.pass(MINUTE);
  assert.ok(queue.confirmed().has(statement(1).id));
  assert.deepEqual([left(storage).length, setAside(storage).length], [0, 0]);
  // Never an answer, for want of a permission: the others do not wait for ever.
  lrs.refuses = ({ id }) => (id === statement(2).id ? 400 : 0);
  lrs.always = ({ method }) => (method === "GET" ? { status: 403 } : "");
  queue.put([statement(2), statement(3)]);
  await clock.pass(MINUTE);
  assert.deepEqual(numbers(lrs.statements), [1, 3]);
  assert.deepEqual([left(storage).length, setAside(storage).length], [0, 1]);
});

test("500 once: the same batch again; 500 twice: one by one", async () => {
  const { clock, lrs, queue } = open();
  lrs.script = [{ status: 500 }];
  queue.put([statement(1), statement(2)]);
  await clock.pass(1000);
  assert.deepEqual(
    lrs.posts.map(({ ids }) => ofIds(ids)),
    [
      [1, 2],
      [1, 2],
    ],
  );
  lrs.script = [{ status: 500 }, { status: 500 }];
  queue.put([statement(3), statement(4)]);
  await clock.pass(5000);
  assert.deepEqual(
    lrs.posts.slice(2).map(({ ids }) => ofIds(ids)),
    [[3, 4], [3, 4], [3], [4]],
  );
  assert.deepEqual([numbers(lrs.statements), queue.trouble()], [[1, 2, 3, 4], ""]);
});

test("Ralph: a stored one beside a new one is refused, and both are there in the end", async () => {
  const clock = openClock();
  const lrs = openFakeLrs({ mode: "ralph", now: clock.now, timers: clock.timers });
  const { storage, queue } = open({ clock, lrs });
  lrs.always = () => "mute";
  queue.put([statement(1), statement(2)]);
  await clock.settle();
  queue.put([statement(3)]);
  queue.stop();
  lrs.always = () => "";
  const next = open({ clock, lrs, storage, session: "session-2" });
  next.queue.resume();
  await clock.pass(MINUTE);
  assert.deepEqual(
    lrs.posts.map(({ ids, status }) => [...ofIds(ids), status]),
    [
      [1, 2, 0],
      [1, 2, 3, 500],
      [1, 2, 3, 500],
      [1, 204],
      [2, 204],
      [3, 200],
    ],
  );
  assert.deepEqual([numbers(lrs.statements), left(storage).length], [[1, 2, 3], 0]);
});

test("a server that fails at one statement alone: the others pass it", async () => {
  const { clock, lrs, storage, queue } = open();
  lrs.refuses = ({ id }) => (id === statement(1).id ? 500 : 0);
  queue.put([statement(1), statement(2)]);
  await clock.pass(10 * MINUTE);
  queue.put([statement(3)]);
  await clock.pass(10 * MINUTE);
  assert.deepEqual(numbers(lrs.statements), [2, 3]);
  assert.deepEqual([left(storage).length, setAside(storage).length], [0, 1]);
  assert.equal(queue.trouble(), "statements_refused");
});

test("a statement that is sent before its turn, to see what the server does, is not judged by its refusal", async () => {
  const { clock, lrs, storage, queue } = open();
  // As in cmi5, where nothing goes before the first.
  lrs.refuses = ({ id }) => (id === statement(1).id ? 500 : lrs.statements.length ? 0 : 403);
  queue.put([statement(1), statement(2), statement(3)]);
  await clock.pass(HOUR);
  assert.ok(lrs.posts.some(({ ids, status }) => ofIds(ids)[0] === 2 && status === 403));
  assert.deepEqual([left(storage).length, setAside(storage).length], [3, 0]);
  lrs.refuses = ({ id }) => (id === statement(1).id || lrs.statements.length ? 0 : 403);
  await clock.pass(HOUR);
  assert.deepEqual(numbers(lrs.statements), [1, 2, 3]);
});

test("two statements at which a server fails do not hide behind each other", async () => {
  const { clock, lrs, storage, queue } = open();
  lrs.refuses = ({ id }) => ([1, 2].some((n) => id === statement(n).id) ? 500 : 0);
  queue.put([1, 2, 3, 4, 5].map((n) => statement(n)));
  await clock.pass(2 * HOUR);
  assert.deepEqual([...numbers(lrs.statements)].sort(), [3, 4, 5]);
  await clock.pass(2 * HOUR);
  queue.put([statement(6)]);
  await clock.pass(2 * HOUR);
  assert.deepEqual([left(storage).length, setAside(storage).length], [0, 2]);
});

test("a server that fails at all of them for hours: none is set aside", async () => {
  const { clock, lrs, storage, queue } = open();
  lrs.refuses = () => 500;
  queue.put([1, 2, 3, 4].map((n) => statement(n)));
  await clock.pass(6 * HOUR);
  assert.deepEqual([left(storage).length, setAside(storage).length], [4, 0]);
  assert.equal(queue.trouble(), "statements_waiting");
  lrs.refuses = () => 0;
  await clock.pass(10 * MINUTE);
  assert.deepEqual([...numbers(lrs.statements)].sort(), [1, 2, 3, 4]);
  assert.deepEqual([left(storage).length, setAside(storage).length, queue.trouble()], [0, 0, ""]);
});

test("what an earlier session left is told in this one, once, under the same id", async () => {
  const clock = openClock();
  const lrs = openFakeLrs({ mode: "cmi5" });
  const { storage, queue } = open({ clock, lrs });
  lrs.launch({ session: "session-1" });
  queue.put([statement(1)]);
  await clock.settle();
  lrs.always = () => "unsent";
  queue.put([statement(2), statement(3), statement(9, "terminated")]);
  queue.stop();
  lrs.always = () => "";
  lrs.launch({ session: "session-2" });
  /** @type {number[]} */
  const asked = [];
  const next = open({
    clock,
    lrs,
    storage,
    session: "session-2",
    rebind(old) {
      asked.push(...numbers([old]));
      if (old.verb.id.endsWith("terminated")) return undefined;
      return numbers([old])[0] === 3
        ? null
        : { ...old, context: { extensions: { ...old.context?.extensions, [SESSION]: "session-2" } } };
    },
  });
  next.queue.put([statement(0, "initialized", 2)]);
  await clock.settle();
  lrs.script = ["", "", "", "unanswered"];
  next.queue.resume();
  await clock.pass(MINUTE);
  assert.deepEqual(numbers(lrs.statements), [1, 0, 2]);
  assert.deepEqual(lrs.statements[2]?.id, statement(2).id);
  assert.deepEqual(asked, [2, 3, 9]);
  assert.deepEqual([left(storage).length, setAside(storage).length], [0, 1]);
  assert.deepEqual(JSON.parse(storage.getItem(setAside(storage)[0] ?? "") ?? ""), statement(3), "as it was told");
});

test("what is refused in this session, too, is set aside as it was", async () => {
  const clock = openClock();
  const lrs = openFakeLrs();
  const { storage, queue } = open({ clock, lrs });
  lrs.refuses = () => 403;
  queue.put([statement(1)]);
  queue.stop();
  let asked = 0;
  const rebind = (/** @type {Statement} */ old) => ({ ...old, timestamp: `2026-01-12T06:00:0${++asked}.000Z` });
  const next = open({ clock, lrs, storage, session: "session-2", rebind });
  next.queue.resume();
  await clock.pass(HOUR);
  assert.equal(asked, 1);
  assert.deepEqual([left(storage).length, setAside(storage).length], [0, 1]);
  assert.deepEqual(JSON.parse(storage.getItem(setAside(storage)[0] ?? "") ?? ""), statement(1));
});

test("where the LRS lets nobody read, what an earlier session left comes in its order all the same", async () => {
  const clock = openClock();
  const lrs = openFakeLrs({ mode: "cmi5" });
  const { storage, queue } = open({ clock, lrs });
  queue.put([statement(1), statement(2), statement(3)]);
  queue.stop();
  lrs.launch({ session: "session-2" });
  lrs.always = ({ method }) => (method === "GET" ? { status: 403 } : "");
  const rebind = (/** @type {Statement} */ old) => ({
    ...old,
    context: { extensions: { ...old.context?.extensions, [SESSION]: "session-2" } },
  });
  open({ clock, lrs, storage, session: "session-2", rebind }).queue.resume();
  await clock.pass(HOUR);
  assert.deepEqual(numbers(lrs.statements), [1, 2, 3]);
  const alone = lrs.posts.filter(({ ids }) => ids.length === 1);
  const asked = alone.map(({ ids }) => ofIds(ids)[0]);
  assert.deepEqual(asked, [...asked].sort(), "none before its turn");
  assert.deepEqual([left(storage).length, setAside(storage).length], [0, 0]);
});

test("a session that is over while its page is open: the next one has what was told in it", async () => {
  const clock = openClock();
  const lrs = openFakeLrs({ mode: "cmi5" });
  const { storage, queue } = open({ clock, lrs });
  lrs.launch({ session: "session-1" });
  queue.put([statement(1)]);
  await clock.settle();
  lrs.launch({ session: "session-2" });
  queue.put([statement(2), statement(3)]);
  await clock.pass(HOUR);
  assert.deepEqual([queue.waiting(), queue.trouble()], [2, "statements_waiting"]);
  queue.stop();
  const rebind = (/** @type {Statement} */ old) => ({
    ...old,
    context: { extensions: { ...old.context?.extensions, [SESSION]: "session-2" } },
  });
  open({ clock, lrs, storage, session: "session-2", rebind }).queue.resume();
  await clock.pass(MINUTE);
  assert.deepEqual(numbers(lrs.statements), [1, 2, 3]);
  assert.deepEqual([left(storage).length, setAside(storage).length], [0, 0]);
});

// --- what is kept, and how much --------------------------------------------------------------------------------------

test("requests are bounded in number and in bytes, and one is under way at a time", async () => {
  const { clock, lrs, queue } = open();
  lrs.always = () => ({ delay: 100 });
  queue.put(Array.from({ length: 120 }, (_, n) => statement(n)));
  await clock.pass(MINUTE);
  assert.deepEqual(
    lrs.posts.map(({ ids }) => ids.length),
    [50, 50, 20],
  );
  const long = "é".repeat(5000);
  queue.put([1, 2, 3, 4, 5, 6].map((n) => statement(1000 + n, "answered", 1, long)));
  await clock.pass(99);
  assert.equal(lrs.requests.length, 4);
  await clock.pass(MINUTE);
  assert.deepEqual(
    lrs.posts.slice(3).map(({ ids }) => ids.length),
    [3, 3],
  );
  for (const { bytes } of lrs.posts) assert.ok(bytes <= 32_000, `${bytes}`);
  assert.equal(lrs.statements.length, 126);
});

test("a statement that is too large for any batch goes alone", async () => {
  const { clock, lrs, queue } = open();
  queue.put([statement(1), statement(2, "answered", 1, "x".repeat(100_000)), statement(3)]);
  await clock.settle();
  assert.deepEqual(
    lrs.posts.map(({ ids }) => ofIds(ids)),
    [[1], [2], [3]],
  );
});

test("the page goes away: what this session has is sent at once, as much as may outlive it; the rest next time", async () => {
  const clock = openClock();
  const lrs = openFakeLrs();
  const earlier = open({ clock, lrs });
  lrs.always = () => "unsent";
  earlier.queue.put([statement(1)]);
  earlier.queue.stop();
  lrs.always = () => "";
  lrs.script = ["silent"];
  const { storage } = earlier;
  const { queue } = open({ clock, lrs, storage, session: "session-2" });
  queue.put([statement(1, "initialized", 2)]);
  queue.put([statement(2, "answered", 2)]);
  await clock.settle();
  assert.equal(lrs.posts.length, 2, "one under way");
  queue.put([statement(3, "terminated", 2)], true);
  await clock.settle();
  const { ids, keepalive, status } = lrs.posts[2] ?? assert.fail();
  // What is under way ends with the page; what an earlier session left may be refused, and all with it.
  assert.deepEqual([ofIds(ids), keepalive, status], [[1, 2, 3], true, 200]);
  await clock.pass(MINUTE);
  assert.deepEqual(left(storage).length, 1);

  lrs.script = ["unsent"];
  queue.resume();
  await clock.settle();
  const long = "x".repeat(6000);
  queue.put(
    Array.from({ length: 9 }, (_, n) => statement(10 + n, "answered", 2, long)),
    true,
  );
  assert.ok((lrs.posts.at(-1)?.bytes ?? Infinity) <= 32_000);
  assert.deepEqual(ofIds(lrs.posts.at(-1)?.ids ?? []), [10, 11, 12, 13]);
  assert.equal(lrs.posts.at(-1)?.keepalive, true);
  assert.equal(left(storage).length, 10);
});

test("the page goes away while the queue waits for a better time: it is tried once more", async () => {
  const { clock, lrs, queue } = open();
  lrs.script = [{ status: 429, after: "3600" }];
  queue.put([statement(1)]);
  await clock.settle();
  queue.put([], true);
  await clock.settle();
  assert.deepEqual(numbers(lrs.statements), [1]);
  queue.put([], true);
  await clock.pass(2 * HOUR);
  assert.equal(lrs.requests.length, 2, "and nothing is sent where nothing waits");
});

test("a page that was to go away and stays goes on", async () => {
  const { clock, lrs, storage, queue } = open();
  lrs.script = [{ delay: 500 }, "unsent"];
  queue.put([statement(1)]);
  await clock.settle();
  queue.put([statement(2)], true);
  await clock.settle();
  queue.put([statement(3)]);
  await clock.pass(MINUTE);
  assert.deepEqual([numbers(lrs.statements), left(storage).length, clock.delays()], [[1, 2, 3], 0, []]);
});

test("no statement is taken twice: not while it waits, nor once it is confirmed, nor from the page before", async () => {
  const { clock, lrs, storage, queue } = open();
  lrs.always = () => "unsent";
  queue.put([statement(1), statement(1), statement(2)]);
  queue.put([statement(2)]);
  assert.equal(queue.waiting(), 2);
  queue.stop();
  lrs.always = () => "";
  const next = open({ clock, lrs, storage, session: "session-2" });
  next.queue.put([statement(1), statement(3), statement(2)]);
  assert.equal(next.queue.waiting(), 3, "those of earlier pages are counted");
  await clock.settle();
  assert.deepEqual(numbers(lrs.statements), [3], "and sent when they are called for");
  next.queue.resume();
  await clock.settle();
  next.queue.put([statement(1), statement(3)]);
  await clock.pass(HOUR);
  assert.deepEqual(numbers(lrs.statements), [3, 1, 2]);
  assert.deepEqual(lrs.posts.map(({ ids }) => ofIds(ids)).slice(1), [[3], [1, 2]]);
});

test("what earlier pages left goes by session, then by number", async () => {
  const clock = openClock();
  const lrs = openFakeLrs();
  const storage = memory();
  for (const [session, order] of /** @type {[number, number[]][]} */ ([
    [2, [1, 2]],
    [1, [12, 3, 11]],
    [3, [1]],
  ])) {
    const page = open({ clock, lrs, storage, session: `session-${session}` });
    page.queue.stop();
    page.queue.put(order.map((n) => statement(n, "answered", session)));
  }
  const { queue } = open({ clock, lrs, storage, session: "session-4" });
  queue.resume();
  await clock.settle();
  assert.deepEqual(
    lrs.posts.map(({ ids }) => ofIds(ids)),
    [[12, 3, 11], [1, 2], [1]],
  );
});

test("two tabs share what is kept, and each statement is there once", async () => {
  for (const mode of /** @type {Mode[]} */ (["strict", "ralph", "conflict"])) {
    const clock = openClock();
    const lrs = openFakeLrs({ mode, now: clock.now, timers: clock.timers });
    lrs.always = ({ method }) => (method === "POST" ? { delay: 700 } : "");
    const storage = memory();
    const one = open({ clock, lrs, storage, session: "session-1" });
    one.queue.put([statement(1)]);
    one.queue.put([statement(2)]);
    const two = open({ clock, lrs, storage, session: "session-2" });
    two.queue.resume();
    two.queue.put([statement(1, "answered", 2), statement(2, "answered", 2)]);
    one.queue.put([statement(3)]);
    await clock.pass(MINUTE);
    const ids = lrs.statements.map(({ id }) => id);
    assert.equal(new Set(ids).size, 5, mode);
    assert.deepEqual([left(storage).length, setAside(storage).length], [0, 0], mode);
    for (const { queue } of [one, two]) assert.deepEqual([queue.waiting(), queue.trouble()], [0, ""], mode);
    for (const session of [1, 2]) {
      const its = numbers(lrs.statements.filter(({ id }) => id.startsWith(`0000000${session}`)));
      assert.deepEqual(its, [1, 2, 3].slice(0, its.length), mode);
    }
  }
});

test("what one tab could not send and another one could is not set aside", async () => {
  const { clock, lrs, storage, queue } = open();
  lrs.script = ["unsent"];
  queue.put([statement(1)]);
  await clock.settle();
  const two = open({ clock, lrs, storage, session: "session-2" });
  lrs.script = [{ status: 403 }, { status: 404 }];
  two.queue.resume();
  await clock.settle();
  assert.equal(setAside(storage).length, 1);
  await clock.pass(MINUTE);
  assert.deepEqual([numbers(lrs.statements), left(storage).length, setAside(storage).length], [[1], 0, 0]);
});

test("what another tab settled meanwhile, or set aside, is not set aside again, nor taken up", async () => {
  const clock = openClock();
  const { lrs, storage, queue } = open({ clock, lrs: openFakeLrs({ timers: clock.timers }) });
  const [two, late] = [2, 3].map((n) => open({ clock, lrs, storage, session: `session-${n}` }));
  assert.ok(two && late);
  // The second tab is told "not there", and hears it when the first one has its answer.
  lrs.script = ["unsent", { status: 400 }, { delay: 2000 }];
  queue.put([statement(1)]);
  await clock.settle();
  two.queue.resume();
  await clock.pass(5000);
  assert.deepEqual(
    lrs.requests.map(({ method, status }) => [method, status]),
    [
      ["POST", 0],
      ["POST", 400],
      ["GET", 404],
      ["POST", 200],
    ],
  );
  assert.deepEqual([left(storage).length, setAside(storage).length], [0, 0]);
  assert.deepEqual([two.queue.waiting(), two.queue.trouble()], [0, ""]);

  lrs.refuses = () => 400;
  queue.put([statement(2)]);
  await clock.settle();
  assert.equal(setAside(storage).length, 1);
  const before = lrs.requests.length;
  late.queue.resume();
  await clock.settle();
  assert.deepEqual([late.queue.waiting(), lrs.requests.length], [0, before]);
});

test("1,000 statements are kept; beyond, only what matters most is taken", async () => {
  const { clock, lrs, storage, queue } = open();
  lrs.always = () => "unsent";
  queue.put(Array.from({ length: 999 }, (_, n) => statement(n)));
  queue.put([statement(999)]);
  assert.equal(queue.trouble(), "");
  queue.put([statement(1000), statement(1001, "experienced"), statement(1002, "progressed")]);
  assert.deepEqual([queue.waiting(), queue.trouble(), left(storage).length], [1000, "statements_full", 1000]);
  queue.put([statement(1003, "passed"), statement(1004, "terminated")]);
  assert.equal(queue.waiting(), 1002);
  lrs.always = () => "";
  await clock.pass(5 * MINUTE);
  assert.equal(lrs.statements.length, 1002);
  assert.deepEqual(numbers(lrs.statements).slice(-2), [1003, 1004]);
  assert.equal(queue.trouble(), "");
  queue.put([statement(1000)]);
  await clock.settle();
  assert.equal(lrs.statements.length, 1003, "there is room again");
});

test("2 MB are kept, what was set aside and what earlier pages left among them", async () => {
  const clock = openClock();
  const lrs = openFakeLrs();
  const storage = memory();
  lrs.refuses = ({ id }) => (id === statement(1).id ? 400 : 0);
  const before = open({ clock, lrs, storage });
  before.queue.put([statement(1, "answered", 1, "x".repeat(900_000))]);
  await clock.settle();
  lrs.always = () => "unsent";
  before.queue.put([statement(2, "answered", 1, "x".repeat(900_000))]);
  before.queue.stop();
  const { queue } = open({ clock, lrs, storage, session: "session-2" });
  queue.put([statement(3, "answered", 2, "x".repeat(250_000))]);
  assert.deepEqual([queue.waiting(), queue.trouble()], [1, "statements_full"]);
  queue.put([statement(4, "answered", 2, "x".repeat(150_000)), statement(5, "completed", 2, "x".repeat(250_000))]);
  assert.equal(queue.waiting(), 3);
});

test("a storage that is missing, forbidden, full or broken: it goes on in memory", async () => {
  const broken = () => {
    throw new DOMException("no", "SecurityError");
  };
  /** @type {[string, Storage | undefined][]} */
  const storages = [
    ["missing", undefined],
    ["full", { ...memory(), setItem: broken }],
    ["stuck", { ...memory(), removeItem: broken }],
    ["liar", { ...memory(), setItem: () => {} }],
    [
      "forbidden",
      {
        get length() {
          return broken();
        },
        key: broken,
        getItem: broken,
        setItem: broken,
        removeItem: broken,
        clear: broken,
      },
    ],
  ];
  for (const [name, storage] of storages) {
    const { clock, lrs, queue } = open({ storage });
    lrs.script = ["unsent", "", { status: 400 }];
    queue.put([statement(1), statement(2)]);
    assert.equal(queue.waiting(), 2, name);
    await clock.pass(MINUTE);
    queue.put([statement(3), statement(4)]);
    queue.resume();
    await clock.pass(MINUTE);
    assert.deepEqual([numbers(lrs.statements), queue.waiting()], [[1, 2, 3, 4], 0], name);
    lrs.refuses = () => 400;
    queue.put([statement(5)]);
    await clock.pass(MINUTE);
    assert.deepEqual([queue.trouble(), queue.waiting()], ["statements_refused", 0], name);
  }
});

test("a storage with room again keeps what was in memory alone", async () => {
  const items = memory();
  let isFull = true;
  const storage = /** @type {Storage} */ ({
    ...items,
    get length() {
      return items.length;
    },
    setItem(key, value) {
      if (isFull && items.length) throw new DOMException("full", "QuotaExceededError");
      items.setItem(key, value);
    },
  });
  const { clock, lrs, queue } = open({ storage });
  lrs.always = () => "unsent";
  queue.put([statement(1), statement(2), statement(3)]);
  await clock.settle();
  assert.equal(left(items).length, 1);
  isFull = false;
  queue.put([statement(4)]);
  const kept = () => numbers(left(items).map((key) => JSON.parse(items.getItem(key) ?? "")));
  assert.deepEqual(kept(), [1, 2, 3, 4]);
  isFull = true;
  queue.put([statement(5, "answered", 1, "x".repeat(40_000)), statement(6, "answered", 1, "x".repeat(40_000))]);
  assert.deepEqual(kept(), [1, 2, 3, 4]);
  lrs.always = ({ ids }) => (ofIds(ids).includes(5) ? "unsent" : "");
  queue.retry();
  await clock.settle();
  assert.deepEqual(kept(), [5], "what is confirmed makes room");
});

test("what cannot be read is skipped and left; what is not ours is not touched", async () => {
  const storage = memory();
  const strange = /** @type {[string, string][]} */ ([
    [`${PREFIX}session-0:000000`, "{"],
    [`${PREFIX}session-0:000001`, "null"],
    [`${PREFIX}session-0:000002`, '{"verb":{}}'],
    [`${PREFIX}session-0:000003`, ""],
    ["carabin:essai:0123:7", JSON.stringify(statement(7))],
    ["carabin:autre:0123:lrs:4567:session-0:000000", JSON.stringify(statement(8))],
  ]);
  for (const [key, value] of strange) storage.setItem(key, value);
  const { clock, lrs, queue } = open({ storage });
  queue.resume();
  queue.put([statement(1)]);
  await clock.pass(MINUTE);
  assert.deepEqual([numbers(lrs.statements), queue.waiting()], [[1], 0]);
  assert.deepEqual(
    keys(storage, "").map((key) => [key, storage.getItem(key)]),
    strange,
  );
});
