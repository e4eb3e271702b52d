/** The saved state, against the vectors that the Python twin reads too. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { encode } from "../../builder/runtime/codec.js";
import { receive, slotsOf } from "../../builder/runtime/state.js";

/** @import {Lesson} from "../../builder/runtime/types.d.ts" */

/**
 * @typedef {{name: string, text: string, revision: number, limit: number | null, expected: any}} Case
 * @type {{lessons: Lesson[], cases: Case[]}}
 */
const { lessons, cases } = JSON.parse(readFileSync(new URL("../vectors/state.json", import.meta.url), "utf8"));
const hex = (/** @type {Uint8Array | undefined} */ bytes) => Buffer.from(bytes ?? []).toString("hex");
/** @template In, Out @param {Map<number, In>} map @param {(value: In) => Out} change */
const object = (map, change) => Object.fromEntries([...map].map(([slot, value]) => [slot, change(value)]));

for (const { name, text, revision, limit, expected } of cases) {
  test(name, () => {
    const slots = slotsOf(structuredClone(lessons));
    const found = receive(text, slots, revision);
    if (expected === null) {
      assert.equal(found, null);
      return;
    }
    assert.ok(found);
    const { lessons: visits, questions, opaque, rest, ...header } = found.saved;
    const plain = {
      ...header,
      rest: hex(rest),
      lessons: object(visits, (visit) => ({ ...visit, rest: hex(visit.rest) })),
      questions: object(questions, ({ payload, ...record }) => ({ ...record, rest: hex(record.rest) })),
      opaque: object(opaque, hex),
      aside: found.aside,
      again: encode(found.saved, slots, limit),
    };
    assert.deepEqual(JSON.parse(JSON.stringify(plain)), expected);
  });
}
