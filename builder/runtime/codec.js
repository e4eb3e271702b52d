/**
 * The saved state, byte by byte, format 1. Twin of `builder/codec.py`, bound to it by `tests/vectors/state.json`.
 *
 * A header (format, revision, counter, attempt) and records, sorted by slot, each of which tells its length; base64url
 * without padding. Whole numbers are LEB128. What this package cannot read is kept and written back at its place.
 */

/** @import {Given, Interaction, Question, QuestionRecord, Saved, Slots, Status, Text} from "./types.d.ts" */

import { alternative, interactionFraction } from "./score.js";

const FORMAT = 1;
const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
/** @type {Status[]} */
const STATUSES = ["incomplete", "completed", "failed", "passed"];
/** Bytes of a text that is not one of the alternatives. */
const KEPT = 12;
/** The type whose texts are kept up to the interaction's limit and never given up: they are the learner's own words. */
const OWN_WORDS = "long-fill-in";
/** Letters of one item of a response. @type {Partial<Record<string, number>>} */
const WIDTHS = { sequencing: 1, matching: 2, performance: 2 };

/** Says that bytes are not what they claim to be; never leaves this module. */
class Unreadable extends Error {}

// --- reading -------------------------------------------------------------------------------------------------------

/**
 * @param {string} text
 * @param {Slots} slots of this package
 * @returns {{saved: Saved, aside: number[]} | null} `aside`: known slots whose payload cannot be read, kept among the
 *   opaque ones; null: unreadable as a whole
 */
export function decode(text, slots) {
  try {
    const reader = read(fromBase64(text));
    if (reader.int() !== FORMAT) return null;
    /** @type {Saved} */
    const saved = { ...blank(reader.int(), 0), counter: reader.int() };
    saved.attempt = [...reader.take(4)].reduce((number, byte) => number * 256 + byte, 0);
    if (!saved.attempt) return null;
    /** @type {number[]} */
    const aside = [];
    for (let slot = -1; reader.more();) {
      const token = reader.take(1)[0] ?? 0;
      const delta = token >> 4 || reader.int();
      const length = (token & 15) === 15 ? reader.int() : token & 15;
      if (!delta) return null;
      slot += delta;
      const payload = reader.take(length);
      if (!readRecord(saved, slot, payload, slots.get(slot))) {
        saved.opaque.set(slot, payload);
        if (slots.has(slot) || !slot) aside.push(slot);
      }
    }
    return { saved, aside };
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}

/** A state without a record. @param {number} revision @param {number} attempt @returns {Saved} */
export function blank(revision, attempt) {
  const maps = { lessons: new Map(), questions: new Map(), opaque: new Map() };
  return { revision, attempt, counter: 0, status: "incomplete", next: 0, place: 0, ...maps };
}

/**
 * @param {Saved} saved the record is added to it
 * @param {number} slot
 * @param {Uint8Array} payload
 * @param {Question | "lesson" | undefined} known
 * @returns {boolean} false: it cannot be read
 */
function readRecord(saved, slot, payload, known) {
  const reader = read(payload);
  try {
    if (!slot) {
      const status = STATUSES[(reader.int() >> 1) & 3] ?? "incomplete";
      Object.assign(saved, { status, next: reader.int(), place: reader.int(), rest: reader.rest() });
    } else if (known === "lesson") {
      const flags = reader.int();
      saved.lessons.set(slot, { visited: !!(flags & 1), end: !!(flags & 2), rest: reader.rest() });
    } else if (known) {
      const record = readQuestion(reader, known, saved.revision);
      if (record) saved.questions.set(slot, { ...record, payload });
    } else {
      return false;
    }
    return true;
  } catch (error) {
    if (error instanceof Unreadable) return false;
    throw error;
  }
}

/**
 * @param {Reader} reader
 * @param {Question} question
 * @param {number} inherited revision
 * @returns {QuestionRecord | null} null: older than the question's key, and perhaps of other parts; it is asked again
 */
function readQuestion(reader, question, inherited) {
  const flags = reader.int();
  const revision = flags & 4 ? reader.int() : inherited;
  if (revision < question.keyedAt) return null;
  const index = reader.int() - 1;
  /** @type {Given[]} */
  const response = question.interactions.map(() => null);
  for (const n of byLetter(question))
    response[n] = readGiven(reader, /** @type {Interaction} */ (question.interactions[n]));
  const tries = Math.floor(flags / 8);
  const given = tries || response.some(Boolean) ? response : null;
  return { tries, hints: flags & 3, index, response: given, revision, rest: reader.rest() };
}

/**
 * Interactions are stored in the order of their letters, which outlives that of the source.
 * @param {Question} question
 */
function byLetter({ interactions }) {
  const rank = (/** @type {number} */ n) => {
    const { letter = "" } = interactions[n] ?? {};
    return letter.length > 1 ? 99 + +(letter === "judgement") : LETTERS.indexOf(letter || "?");
  };
  return interactions.map((_, n) => n).sort((a, b) => rank(a) - rank(b));
}

/** @param {Reader} reader @param {Interaction} interaction @returns {Given} */
function readGiven(reader, interaction) {
  // Answered before the question had it.
  if (interaction.letter.length > 1 && !reader.more()) return null;
  const width = WIDTHS[interaction.type];
  if (width) {
    const bytes = Array.from(reader.take(reader.int() * width), letter);
    const items = bytes.flatMap((_, n) => (n % width ? [] : [bytes.slice(n, n + width).join("")]));
    return items.length ? items : null;
  }
  switch (interaction.type) {
    case "choice":
    case "true-false":
    case "likert": {
      const letters = reader
        .groups()
        .flatMap((group, n) =>
          [0, 1, 2, 3, 4, 5, 6].filter((bit) => (group >> bit) & 1).map((bit) => letter(7 * n + bit)),
        );
      return letters.length ? letters : null;
    }
    case "other": {
      const numbers = [];
      for (let left = reader.int(); left; left--) numbers.push(String(reader.int()));
      return numbers.length ? numbers : null;
    }
    default: {
      const code = reader.int();
      if (code < 3) return [null, { text: "", cut: true }, { text: "", right: true }][code] ?? null;
      const n = Math.floor((code - 3) / 3);
      const kind = (code - 3) % 3;
      const accept = interaction.accept ?? [];
      if (kind) return { text: fromUtf8(reader.take(n)), ...(kind === 2 && { cut: true }) };
      return accept.length ? { text: accept[Math.min(n, accept.length - 1)] ?? "" } : { text: "", right: true };
    }
  }
}

/** @param {number | undefined} index @returns {string} @throws {Unreadable} */
function letter(index) {
  const found = LETTERS[index ?? -1];
  if (!found) throw new Unreadable();
  return found;
}

/** @typedef {ReturnType<typeof read>} Reader */

/** @param {Uint8Array} bytes */
function read(bytes) {
  let at = 0;
  const reader = {
    more: () => at < bytes.length,
    take(/** @type {number} */ length) {
      if (at + length > bytes.length) throw new Unreadable();
      return bytes.slice(at, (at += length));
    },
    rest: () => reader.take(bytes.length - at),
    /** @returns {number[]} groups of seven bits, lowest first */
    groups() {
      const groups = [];
      for (let byte = 128; byte & 128; groups.push(byte & 127)) byte = reader.take(1)[0] ?? 0;
      return groups;
    },
    int() {
      const number = reader.groups().reduceRight((all, group) => all * 128 + group, 0);
      if (number > Number.MAX_SAFE_INTEGER) throw new Unreadable();
      return number;
    },
  };
  return reader;
}

// --- writing -------------------------------------------------------------------------------------------------------

/**
 * @param {Saved} saved
 * @param {Slots} slots of this package
 * @param {number | null} limit most characters; to keep to it, words of typed texts are given up, longest first
 * @returns {string}
 */
export function encode(saved, slots, limit) {
  /** @type {Set<Text>} */
  const dropped = new Set();
  let text = write(saved, slots, dropped);
  if (limit !== null && text.length > limit) {
    /** @type {[size: number, text: Text][]} */
    const kept = [];
    for (const [slot, question] of slots) {
      if (question === "lesson") continue;
      const record = saved.questions.get(slot);
      for (const n of record?.payload ? [] : byLetter(question)) {
        const given = record?.response?.[n];
        const interaction = question.interactions[n];
        if (!given || Array.isArray(given) || interaction?.type === OWN_WORDS) continue;
        const size = textCode(given, interaction).bytes.length;
        if (size) kept.push([size, given]);
      }
    }
    kept.sort((one, other) => other[0] - one[0]);
    for (const [, given] of kept) {
      dropped.add(given);
      text = write(saved, slots, dropped);
      if (text.length <= limit) break;
    }
  }
  return text;
}

/** @param {Saved} saved @param {Slots} slots @param {Set<Text>} dropped texts whose words are given up */
function write(saved, slots, dropped) {
  /** @type {Map<number, Iterable<number>>} */
  const payloads = new Map(saved.opaque);
  const course = [STATUSES.indexOf(saved.status) << 1, saved.next, saved.place].flatMap(varint);
  if (!payloads.has(0)) payloads.set(0, [...course, ...(saved.rest ?? [])]);
  for (const [slot, { visited, end, rest = [] }] of saved.lessons) payloads.set(slot, [+visited + 2 * +end, ...rest]);
  for (const [slot, record] of saved.questions) {
    const question = slots.get(slot);
    if (question && question !== "lesson") payloads.set(slot, writeQuestion(record, question, saved.revision, dropped));
  }
  const attempt = [24, 16, 8, 0].map((shift) => (saved.attempt >>> shift) & 255);
  const bytes = [...[FORMAT, saved.revision, saved.counter].flatMap(varint), ...attempt];
  let previous = -1;
  for (const [slot, content] of [...payloads].sort(([one], [other]) => one - other)) {
    const payload = [...content];
    const delta = slot - previous;
    const length = payload.length;
    bytes.push(((delta < 15 ? delta : 0) << 4) | Math.min(length, 15));
    if (delta > 14) bytes.push(...varint(delta));
    if (length > 14) bytes.push(...varint(length));
    bytes.push(...payload);
    previous = slot;
  }
  return toBase64(bytes);
}

/**
 * @param {QuestionRecord} record
 * @param {Question} question
 * @param {number} inherited revision of the header
 * @param {Set<Text>} dropped
 * @returns {number[]}
 */
function writeQuestion(record, question, inherited, dropped) {
  if (record.payload) return [...record.payload];
  const own = record.revision !== inherited;
  const flags = Math.min(record.hints, 3) + (own ? 4 : 0) + record.tries * 8;
  const head = [flags, ...(own ? [record.revision] : []), record.index + 1].flatMap(varint);
  const body = byLetter(question).flatMap((n) =>
    writeGiven(record.response?.[n] ?? null, question.interactions[n], dropped),
  );
  return [...head, ...body, ...(record.rest ?? [])];
}

/**
 * @param {Given} given
 * @param {Interaction | undefined} interaction
 * @param {Set<Text>} dropped
 * @returns {number[]}
 */
function writeGiven(given, interaction, dropped) {
  if (!given) return [0];
  if (!Array.isArray(given)) {
    const { code, bytes, right } = textCode(given, interaction);
    return bytes.length && dropped.has(given) ? [right ? 2 : 1] : [...varint(code), ...bytes];
  }
  if (interaction?.type === "other") return [given.length, ...given.map(Number)].flatMap(varint);
  const indexes = given.flatMap((item) => Array.from(item, (one) => LETTERS.indexOf(one)));
  if (WIDTHS[interaction?.type ?? ""]) return [...varint(given.length), ...indexes];
  const groups = [0, 0, 0, 0, 0, 0];
  for (const index of indexes) groups[Math.floor(index / 7)] |= 1 << (index % 7);
  const last = Math.floor(Math.max(0, ...indexes) / 7);
  return groups.slice(0, last + 1).map((group, n) => group | (n < last ? 128 : 0));
}

/**
 * @param {Text} given
 * @param {Interaction | undefined} interaction
 * @returns {{code: number, bytes: Uint8Array, right: boolean}} the code, and the text that follows it
 */
function textCode(given, interaction) {
  const right = !!interaction && interactionFraction(interaction, given) === 1;
  const alone = (/** @type {number} */ code) => ({ code, bytes: new Uint8Array(), right });
  if (!given.text) return alone(right ? 2 : given.cut ? 1 : 0);
  const known = given.cut || !interaction || interaction.type === "numeric" ? -1 : alternative(interaction, given.text);
  if (known >= 0) return alone(3 + 3 * known);
  let bytes = new TextEncoder().encode(given.text.normalize("NFC"));
  const most = interaction?.type === OWN_WORDS ? (interaction.limit ?? Infinity) : KEPT;
  if (bytes.length <= most && !given.cut) return { code: 4 + 3 * bytes.length, bytes, right };
  if (right) return alone(2);
  let end = Math.min(bytes.length, most);
  while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  bytes = bytes.slice(0, end);
  return end ? { code: 5 + 3 * end, bytes, right } : alone(1);
}

/** @param {number} number @returns {number[]} */
function varint(number) {
  const bytes = [];
  for (; number > 127; number = Math.floor(number / 128)) bytes.push((number % 128) | 128);
  return [...bytes, number];
}

// --- text ----------------------------------------------------------------------------------------------------------

/** @param {string} text base64url @returns {Uint8Array} @throws {Unreadable} */
function fromBase64(text) {
  if (!/^[\w-]+$/.test(text) || text.length % 4 === 1) throw new Unreadable();
  return Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
}

/** @param {number[]} bytes @returns {string} base64url without padding */
function toBase64(bytes) {
  const text = btoa(bytes.map((byte) => String.fromCharCode(byte)).join(""));
  return text.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** @param {Uint8Array} bytes @returns {string} @throws {Unreadable} */
function fromUtf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Unreadable();
  }
}
