/**
 * Several SCOs in one page of the LMS: what it was last told of each, for as long as that page lives.
 *
 * Some LMSs keep their page when the learner chooses another SCO and cannot open one a second time: they throw, or give
 * back what was there when the page was loaded (Moodle). An item of `sessionStorage` knows better. It counts only inside
 * the page of the LMS in which it was written: that page has not been loaded again since, so the learner is the same.
 */

/** @import {Opened, Status} from "./types.d.ts" */

import { attempt } from "./copy.js";

/**
 * @typedef {object} Memory
 * @property {string} whose copies of the learner
 * @property {Opened["mode"]} mode what an answer would be worth after coming back
 * @property {string} state
 * @property {string} location
 * @property {Status | ""} status
 */

/** @param {Window} window @param {string} course id, which is that of the SCO */
export function openMemory(window, course) {
  const key = `carabin:${course}:page`;
  const page = attempt(() => window.parent.performance.timeOrigin);
  return {
    /** @returns {Memory | null} */
    read() {
      const kept = attempt(() => JSON.parse(window.sessionStorage.getItem(key) ?? "null"));
      return page && kept?.page === page ? kept : null;
    },

    /** @param {Memory} memory */
    write(memory) {
      if (page) attempt(() => window.sessionStorage.setItem(key, JSON.stringify({ ...memory, page })));
    },
  };
}
