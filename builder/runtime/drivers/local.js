/**
 * No LMS: progress stays in this browser. For good where the target is `web`; for the life of the tab where a package
 * that wants an LMS is opened without one.
 */

/** @import {Change, Driver, DriverOptions, Opened} from "../types.d.ts" */

/** @returns {Driver} */
export function create() {
  /** @type {Storage | undefined} */
  let storage;
  let key = "";
  let now = Date.now;

  /** @param {Change | null} change @returns {boolean} */
  function put(change) {
    try {
      if (change?.state) storage?.setItem(key, JSON.stringify({ ...change, interactions: undefined, date: now() }));
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
      key = `carabin:${options.course}::0`;
      now = options.now;
      let kept = /** @type {Partial<Change>} */ ({});
      try {
        storage = options.target === "web" ? window.localStorage : window.sessionStorage;
        kept = JSON.parse(storage.getItem(key) ?? "{}");
      } catch {
        // Forbidden, or not ours to read: a fresh start, and every save says whether it worked.
      }
      return {
        mode: "normal",
        learner: { id: "", name: "" },
        state: kept.state ?? "",
        location: kept.location ?? "",
        status: kept.status ?? "",
        interactions: NaN,
        score: kept.score ?? NaN,
        minutes: 0,
        recorded: false,
      };
    },

    save: (change, done) => done(put(change)),

    close(change, done = () => {}) {
      done(put(change));
      storage = undefined;
    },
  };
}
