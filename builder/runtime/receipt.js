/**
 * The completion receipt: a claim that helps to find a missing record, not a proof.
 *
 *     CARABIN1/cybersecurite/1.0.0/passed/86.67/2026-11-22/3f9a2c01
 *
 * Seven fields between slashes: format; course id; course version; status (`completed`, `failed`, `passed`); score in
 * percent as sent to the LMS, `-` when nothing is scored; day by the learner's clock, ISO 8601; check sum: FNV-1a (32
 * bits, offset 0x811c9dc5, prime 0x01000193) over the UTF-8 bytes of everything before its slash, as eight lower-case
 * hexadecimal digits. No field holds a slash. A reader ignores white space round the code.
 */

import { hash, hex } from "./hash.js";

/**
 * @param {{id: string, version: string}} course
 * @param {string} status
 * @param {number | null} score 0–100
 * @param {Date} date
 * @returns {string}
 */
export function receipt(course, status, score, date) {
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, "0"));
  const text = ["CARABIN1", course.id, course.version, status, score ?? "-", day.join("-")].join("/");
  return `${text}/${hex(hash(text))}`;
}
