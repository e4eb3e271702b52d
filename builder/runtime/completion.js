/** The interpreter of the package's completion table. Twin of `builder/completion.py`, which proves the tables. */

/** @import {CompletionTable, Facts, Fact, Status} from "./types.d.ts" */

/**
 * The status that facts lead to: rows are tried in order, and again from the new status, until none applies.
 * @param {CompletionTable} table
 * @param {Status} status
 * @param {Facts} facts
 * @returns {Status}
 */
export function step(table, status, facts) {
  const holds = (/** @type {string} */ name) =>
    name[0] === "!" ? !facts[/** @type {Fact} */ (name.slice(1))] : facts[/** @type {Fact} */ (name)];
  // Four statuses: more steps than that would be a circle, which the compiler refuses.
  for (let steps = 0; steps < 4; steps++) {
    const row = (table.states[status] ?? []).find(({ when }) => when.every(holds));
    if (!row) break;
    status = row.to;
  }
  return status;
}
