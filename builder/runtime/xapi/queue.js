/**
 * Statements on their way to an LRS. Each lies in the browser until the LRS has it, in an item of its own, so that a
 * page can die at any step and tabs need not agree; and it is sent, unchanged, until there is an answer. An LRS knows a
 * statement by its id: what arrives twice is there once. No DOM.
 *
 * A batch is refused for one of its statements: then they go one by one. One that is refused alone is asked for by id;
 * it is there, or can be sent for this session, or is set aside, where nothing is lost.
 */

/** @import {Statement} from "../types.d.ts" */
/** @import {Lrs, Timers} from "./lrs.js" */

import { attempt, keys } from "../copy.js";

/** Of a number in a key. */
const DIGITS = 6;
/** Most statements in a request. */
const COUNT = 50;
/** Most bytes in a request: 64 KiB under way may outlive a page, and the state that is saved then needs its half. */
const ROOM = 32_000;
/** Most that is kept, in bytes of JSON; beyond, `MINOR` statements are not taken. */
const KEPT = { count: 1000, bytes: 2_000_000 };
const MINOR = /\/(answered|experienced|progressed)$/;
/** Refusals; a 500 that repeats is one, too. */
const NO = [400, 403, 409, 413, 422];
/** Milliseconds until the next attempt, doubled each time up to the longest. */
const DELAY = { first: 1000, longest: 300_000 };
/** Milliseconds, or attempts, that fail before the learner is told. */
const PATIENCE = { time: 30_000, attempts: 3 };
/**
 * A server that failed so often at one statement is tried with others: is it the statement, or the server? Asked so
 * often whether it has one, a server that cannot say is taken to have none.
 */
const VAIN = 5;

/**
 * @typedef {object} Item
 * @property {string} key in the storage: of its session, then its number there
 * @property {string} session
 * @property {Statement} statement
 * @property {number} bytes
 * @property {boolean} isKept in the storage
 * @property {boolean} isIdle left by an earlier page, or for a later one
 * @property {boolean} [isAlone] goes in a request of its own
 * @property {Statement} [rebound] is sent instead
 * @property {number} vain how often it was sent alone, or asked for, in vain
 */

/** @typedef {ReturnType<typeof openQueue>} Queue */

/**
 * @param {object} options
 * @param {Storage | undefined} options.storage
 * @param {string} options.prefix of its items; tabs may share it
 * @param {string} options.session sorts by time of opening; no other page has the same
 * @param {Pick<Lrs, "post" | "find">} options.lrs
 * @param {Timers} options.timers
 * @param {() => number} options.now milliseconds since the epoch
 * @param {() => void} options.changed after an answer, or when patience ends; not from within a call
 * @param {(statement: Statement) => Statement | null | undefined} [options.rebind] the same for this session, after
 *   that of an earlier one was refused; null: there is none; undefined: it says nothing outside its session
 */
export function openQueue({ storage, prefix, session, lrs, timers, now, changed, rebind = () => null }) {
  // Where there is none, every attempt fails.
  const store = /** @type {Storage} */ (storage);
  const refused = `${prefix}refused:`;
  const found = read();
  const aside = found.filter(({ key }) => key.startsWith(refused));
  /** In the order in which they go. */
  let items = found.filter((item) => !aside.includes(item));
  const confirmed = /** @type {Set<string>} */ (new Set());
  let number = 0;
  /** To be sent again as it is. @type {Item[] | null} */
  let held = null;
  /** Given 500. @type {Item[] | null} */
  let spoilt = null;
  /** The LRS takes others. @type {Item | undefined} */
  let suspect;
  let requests = 0;
  let failures = 0;
  /** When the first of them was sent. */
  let since = 0;
  /** @type {any} */
  let timer = 0;
  /** The LRS said how long to wait. */
  let isTold = false;
  let isStopped = false;
  let isLate = false;
  let isFull = false;
  let isRefused = false;

  /** @param {string} key @param {Statement} statement @param {boolean} isIdle @returns {Item} */
  function itemOf(key, statement, isIdle) {
    const own = key.slice(prefix.length, -DIGITS - 1);
    const bytes = new TextEncoder().encode(JSON.stringify(statement)).length + 1;
    return { key, session: own, statement, bytes, isKept: isIdle, isIdle, vain: 0 };
  }

  /** @returns {Item[]} what the storage has; what cannot be read stays where it is */
  function read() {
    return keys(storage).flatMap((key) => {
      const statement = key.startsWith(prefix) && attempt(() => JSON.parse(String(store.getItem(key))));
      return statement?.id ? [itemOf(key, statement, true)] : [];
    });
  }

  /** @param {string} key @param {Statement} statement @returns {boolean} */
  const write = (key, statement) => !!attempt(() => (store.setItem(key, JSON.stringify(statement)), true));
  const erase = (/** @type {string} */ key) => attempt(() => store.removeItem(key));
  const asideKey = (/** @type {Item} */ { key }) => refused + key.slice(prefix.length);
  /** Write what is in memory alone, in order, as far as there is room. */
  const keep = () => items.every((item) => (item.isKept ||= write(item.key, item.statement)));
  const has = (/** @type {Statement} */ { id }) =>
    confirmed.has(id) || [...items, ...aside].some(({ statement }) => statement.id === id);
  const ready = () => items.filter(({ isIdle }) => !isIdle);

  /** @param {Item[]} some @param {boolean} [isLast] @returns {Item[]} the first, and what goes with it */
  function fill(some, isLast) {
    /** @type {Item[]} */
    const batch = [];
    let bytes = 0;
    for (const item of some) {
      const first = batch[0] ?? item;
      bytes += item.bytes;
      const fits = batch.length < COUNT && bytes <= ROOM && item.session === first.session;
      if (item !== first && (!fits || (!isLast && (item.isAlone || first.isAlone)))) break;
      batch.push(item);
    }
    return batch;
  }

  function pump() {
    const some = ready();
    const [first] = some;
    if (!first || isStopped || timer || requests) return;
    // Is it this statement, or the server?
    const start = first.vain < VAIN ? 0 : failures % some.length;
    send(held?.[0] === first ? held : start ? some.slice(start, start + 1) : fill(some));
  }

  /**
   * @param {Item[]} batch
   * @param {boolean} [keepalive] outlives the page
   */
  async function send(batch, keepalive) {
    const began = now();
    requests++;
    const statements = batch.map(({ rebound, statement }) => rebound ?? statement);
    const { status, retryAfter } = await lrs.post(statements, { keepalive });
    const isDone = await settle(batch, status);
    requests--;
    if (!isDone && !isStopped) {
      since ||= began;
      isTold = retryAfter > 0;
      wait(Math.max(retryAfter, Math.min(DELAY.first * 2 ** failures++, DELAY.longest)));
      isLate ||= failures >= PATIENCE.attempts || now() - since >= PATIENCE.time;
    }
    changed();
    pump();
  }

  /** @param {Item[]} batch @param {number} status @returns {Promise<boolean>} false: later */
  async function settle(batch, status) {
    const item = /** @type {Item} */ (batch[0]);
    const isOne = batch.length === 1;
    if (status && status < 300) {
      suspect = items.find(({ vain }) => vain >= VAIN);
      return accept(batch);
    }
    if (status === 401) return !(isStopped = isLate = true);
    const isError = status === 500;
    const isNo = isError ? (isOne ? item === suspect : batch === spoilt) : NO.includes(status);
    spoilt = isError ? batch : null;
    held = isNo || (isError && isOne) ? null : batch;
    if (!held) for (const each of batch) each.isAlone = true;
    if (isError && isOne) item.vain++;
    // Out of its turn, a statement shows something of the server, but nothing of itself.
    return isNo && item === ready()[0] && (!isOne || judge(item, status));
  }

  /** @param {Item} item refused alone @param {number} status @returns {Promise<boolean>} false: later */
  async function judge(item, status) {
    const { statement, rebound } = item;
    const there = await lrs.find(statement.id);
    if (there) return accept([item]);
    if (there === undefined && ++item.vain < VAIN) return false;
    const again = rebound ? null : rebind(statement);
    if (again === undefined) forget([item]);
    else if (again) [item.rebound, item.vain] = [again, 0];
    // A session that is over (cmi5): the next one may have it.
    else if (status === 403 && item.session === session) item.isIdle = isLate = true;
    else setAside(item);
    return true;
  }

  /** @param {Item[]} batch that the LRS has @returns {true} */
  function accept(batch) {
    for (const { statement } of batch) confirmed.add(statement.id);
    return forget(batch);
  }

  /** @param {Item[]} batch @returns {true} */
  function forget(batch) {
    for (const item of batch) {
      erase(item.key);
      // By another tab.
      erase(asideKey(item));
    }
    items = items.filter((item) => !batch.includes(item));
    failures = since = 0;
    if (!items.length) isLate = isFull = false;
    keep();
    return true;
  }

  /** @param {Item} item */
  function setAside(item) {
    items = items.filter((other) => other !== item);
    // Another tab has settled it.
    if (item.session !== session && attempt(() => store.getItem(item.key)) === null) return;
    if (write(asideKey(item), item.statement)) erase(item.key);
    aside.push(item);
    isRefused = true;
  }

  /** Counted down: a clock may be set back, and the learner is told on the way. @param {number} left milliseconds */
  function wait(left) {
    rest();
    const step = Math.min(left, PATIENCE.time);
    const started = timers.setTimeout(() => {
      timer = 0;
      if (left === step) return pump();
      isLate = true;
      wait(left - step);
      changed();
    }, step);
    // A page that is gone starts none and gives 0; it would try again at once, without end, and hold up the next page.
    timer = started || -1;
  }

  function rest() {
    timers.clearTimeout(timer);
    timer = 0;
  }

  return {
    /**
     * Takes statements over, in order; not one that it has, or had, by id.
     * @param {Statement[]} statements
     * @param {boolean} [isLast] the page goes away: what waits is sent now
     */
    put(statements, isLast) {
      for (const statement of statements) {
        if (has(statement)) continue;
        const key = `${prefix}${session}:${String(number++).padStart(DIGITS, "0")}`;
        const item = itemOf(key, statement, false);
        const all = [...items, ...aside, item];
        if (MINOR.test(statement.verb.id) && (all.length > KEPT.count || weigh(all) > KEPT.bytes)) {
          isFull = true;
          continue;
        }
        items.push(item);
      }
      keep();
      // All that this session has: a request under way ends with the page, and what is stored twice is there once.
      const last = fill(
        ready().filter((item) => isLast && item.session === session),
        true,
      );
      if (last[0] && !isStopped) {
        rest();
        send(last, true);
      }
      pump();
    },

    /** @returns {number} how many wait to be confirmed, those of earlier pages with them */
    waiting: () => items.length,

    /** @returns {"" | "statements_full" | "statements_waiting" | "statements_refused"} what the learner must know */
    trouble() {
      if (isFull) return "statements_full";
      if (items.length && isLate) return "statements_waiting";
      return isRefused ? "statements_refused" : "";
    },

    /** @returns {Set<string>} ids that the LRS has for certain since this page was opened */
    confirmed: () => confirmed,

    /** Sends what earlier pages left, too, and before what is new. */
    resume() {
      for (const item of read()) {
        if (!has(item.statement) && !item.key.startsWith(refused)) items.push(item);
      }
      items.sort((one, other) => (one.key < other.key ? -1 : 1));
      for (const item of items) item.isIdle = false;
      pump();
    },

    /** The network is back: does not wait any longer, unless the LRS has asked for it. */
    retry() {
      if (!timer || isTold) return;
      rest();
      pump();
    },

    /** Sends nothing any more. */
    stop() {
      isStopped = true;
      rest();
    },
  };
}

/** @param {Item[]} some @returns {number} bytes */
const weigh = (some) => some.reduce((sum, { bytes }) => sum + bytes, 0);
