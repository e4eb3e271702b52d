/**
 * No LMS: progress stays in this browser. For good where the target is `web`; for the life of the tab where a package
 * that wants an LMS is opened without one.
 *
 * Every window of the course writes the same item: each looks before it writes whether another one wrote (`elsewhere`).
 */

/** @import {Change, Driver, DriverOptions, Opened} from "../types.d.ts" */

/** @returns {Driver} */
export function create() {
  /** @type {Window} */
  let host;
  /** @type {Storage | undefined} */
  let storage;
  let prefix = "";
  let key = "";
  let now = Date.now;
  let opened = 0;
  /** Minutes of earlier sessions. */
  let minutes = 0;
  /** What the item was when this window last read or wrote it. @type {string | null} */
  let known = null;

  /** @returns {Partial<Change> & {minutes?: number}} */
  function read() {
    known = storage?.getItem(key) ?? null;
    return JSON.parse(known ?? "{}") ?? {};
  }

  /** @param {Change | null} change @returns {boolean} */
  function put(change) {
    try {
      if (change?.state) {
        const spent = minutes + (now() - opened) / 60_000;
        const text = JSON.stringify({ ...change, interactions: undefined, minutes: spent, date: now() });
        storage?.setItem(key, text);
        // Read back: a storage that keeps nothing must not look like another window that erased it.
        known = storage?.getItem(key) ?? null;
        return known === text;
      }
      return !!storage;
    } catch {
      return false;
    }
  }

  return {
    name: "local",

    /** @param {Window} window @param {DriverOptions} options @returns {Promise<Opened>} */
    async open(window, options) {
      // Where an LMS refused, this is the copy of a learner without name: later sessions find and offer it.
      host = window;
      prefix = `carabin:${options.course}:`;
      key = `${prefix}:0`;
      now = options.now;
      opened = now();
      /** @type {ReturnType<typeof read>} */
      let kept = {};
      try {
        storage = options.target === "web" ? window.localStorage : window.sessionStorage;
        kept = read();
      } catch {
        // Forbidden, or not ours to read: a fresh start, and every save says whether it worked.
      }
      minutes = kept.minutes ?? 0;
      return {
        mode: "normal",
        learner: { id: "", name: "" },
        state: kept.state ?? "",
        location: kept.location ?? "",
        status: kept.status ?? "",
        interactions: NaN,
        score: kept.score ?? NaN,
        minutes,
        recorded: false,
      };
    },

    save: (change, done) => done(put(change)),

    close(change, done = () => {}) {
      done(put(change));
      storage = undefined;
    },

    elsewhere() {
      const before = known;
      try {
        const { state = "" } = storage ? read() : {};
        return !storage || known === before ? null : state;
      } catch {
        return null;
      }
    },

    erase() {
      storage = undefined;
      for (const kind of /** @type {const} */ (["localStorage", "sessionStorage"])) {
        try {
          const items = host[kind];
          const names = Array.from({ length: items.length }, (_, n) => items.key(n) ?? "");
          for (const name of names) if (name.startsWith(prefix)) items.removeItem(name);
        } catch {
          // Where nothing may be kept there is nothing to erase.
        }
      }
    },
  };
}
