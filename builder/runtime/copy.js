/**
 * What the LMS has not confirmed, kept in the browser under `carabin:<course>:<hash of the learner's id>:<attempt>`.
 * Storage may be missing, forbidden or full at any moment: everything here does what it can and says whether it did.
 */

/** @import {Statement} from "./types.d.ts" */

import { hash, hex } from "./hash.js";

/**
 * @typedef {object} Copy
 * @property {string} key
 * @property {string} state
 * @property {string} location
 * @property {number} date milliseconds since the epoch
 * @property {Statement[]} [statements] made with this state; an LRS may lack them
 * @property {boolean} own written in this browser session, by the learner whom the LMS names (or names nobody)
 */

/** @param {string} course id @param {string} learner the LMS's id of the learner @returns {string} "" without one */
export const ownerOf = (course, learner) => learner && hex(hash(learner)) + hex(hash(`${course}:${learner}`));

/**
 * @param {Window} window
 * @param {string} course id
 * @param {string} whose the copies are (`ownerOf`); "": nobody knows, and they live in `sessionStorage`
 * @param {() => number} now
 */
export function openCopies(window, course, whose, now) {
  const prefix = `carabin:${course}:${whose}:`;
  const tab = attempt(() => window.sessionStorage);
  const storage = whose ? attempt(() => window.localStorage) : tab;
  const session = browserSession(tab);

  const put = (/** @type {string} */ key, /** @type {string} */ text) =>
    !!attempt(() => {
      storage?.setItem(key, text);
      return !!storage;
    });

  /** @param {Storage | undefined} where @param {string} start @param {boolean} known @returns {Copy[]} */
  const read = (where, start, known) =>
    keys(where).flatMap((key) => {
      if (!key.startsWith(start) || !/^\d+$/.test(key.slice(start.length))) return [];
      const copy = attempt(() => JSON.parse(where?.getItem(key) ?? ""));
      return typeof copy?.state === "string" ? [{ ...copy, key, own: known && copy.session === session }] : [];
    });

  return {
    /** @returns {Copy[]} of this learner, and of nobody in particular */
    find: () => [...read(storage, prefix, true), ...(whose ? read(tab, `carabin:${course}::`, false) : [])],

    /**
     * State and statements in one item: what makes an end of the page leaves both or neither.
     * @param {number} number of the attempt
     * @param {string} state
     * @param {string} location
     * @param {Statement[]} [made]
     * @returns {boolean}
     */
    write(number, state, location, made = []) {
      const statements = made.length ? made : undefined;
      return put(prefix + number, JSON.stringify({ state, location, date: now(), session, statements }));
    },

    /** @param {number | string} which attempt, or key of a copy that was found */
    erase(which) {
      const key = typeof which === "number" ? prefix + which : which;
      for (const where of [storage, tab]) attempt(() => where?.removeItem(key));
    },

    /** @param {number} slot @returns {string} what is kept of an answer on this device alone */
    readText: (slot) => attempt(() => storage?.getItem(`${prefix}text:${slot}`)) ?? "",
    /** @param {number} slot @param {string} text */
    writeText: (slot, text) => put(`${prefix}text:${slot}`, text),

    /** Keep a text that cannot be read, for who may know more. @param {string} text @returns {boolean} */
    keepAside: (text) => put(`${prefix}unreadable`, text),

    /**
     * @param {string | null} key of a `storage` event
     * @returns {boolean} whether another window of this learner wrote it
     */
    isOurs: (key) => !!whose && !!key?.startsWith(prefix),
  };
}

/** @param {Storage | undefined} storage @returns {string[]} */
export const keys = (storage) =>
  attempt(() => Array.from({ length: storage?.length ?? 0 }, (_, n) => storage?.key(n) ?? "")) ?? [];

/** @param {Storage | undefined} tab @returns {string} what tells this browser session from another */
function browserSession(tab) {
  const made = String(Math.random()).slice(2);
  const found = attempt(() => {
    if (!tab?.getItem("carabin:session")) tab?.setItem("carabin:session", made);
    return tab?.getItem("carabin:session");
  });
  return found ?? made;
}

/** @template T @param {() => T} action @returns {T | undefined} undefined when the storage refuses */
export function attempt(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}
