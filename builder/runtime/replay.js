/**
 * What a scenario's choices change, and where a path leads. Twin of `builder/questions/_state.py` and `_scenes.py`,
 * bound to it by `tests/test_scenario.py`. No DOM.
 */

/**
 * @typedef {number | string | [string, ...any[]]} Test a number, a name, or an operator and what it is about
 * @typedef {[name: string, how: "=" | "+", number: number]} Change
 * @typedef {[letter: string, to: string, changes: Change[], when: Test | null]} Option
 * @typedef {[letter: string, options: Option[]][]} Graph scenes with their choices; the first one starts
 */

/** Numbers stop here, and at its negative. */
const MOST = 99;

/** @param {Test} test @param {Map<string, number>} state @returns {number} what it stands for: what holds is 1 */
export function value(test, state) {
  if (typeof test === "number") return test;
  if (typeof test === "string") return state.get(test) ?? 0;
  const [operator, ...parts] = test;
  const values = parts.map((part) => value(part, state));
  const [a = 0, b = 0] = values;
  if (operator === "and") return +values.every(Boolean);
  if (operator === "or") return +values.some(Boolean);
  return +(operator === "not" ? !a : operator === "=" ? a === b : operator === "<" ? a < b : a > b);
}

/**
 * Follow a path as far as it goes: a choice that is gone, or not offered, ends it.
 * @param {Graph} graph
 * @param {string[]} path steps: the letters of scene and choice
 */
export function replay(graph, path) {
  const optionsOf = new Map(graph);
  let [scene] = graph[0] ?? [""];
  let taken = 0;
  /** @type {Map<string, number>} */
  const state = new Map();
  const offered = () => (optionsOf.get(scene) ?? []).filter(([, , , when]) => when === null || value(when, state));
  for (const step of path) {
    const option = offered().find(([letter]) => step === scene + letter);
    if (!option) break;
    for (const [name, how, number] of option[2]) {
      const sum = number + (how === "+" ? (state.get(name) ?? 0) : 0);
      state.set(name, Math.min(MOST, Math.max(-MOST, sum)));
    }
    scene = option[1];
    taken++;
  }
  return { scene, state, taken, offered: offered().map(([letter]) => letter), isEnd: !optionsOf.get(scene)?.length };
}
