/**
 * The state document of one learner in one activity (xAPI Communication §2.3): written whole after each change, one
 * request at a time. Of the changes that wait the newest is sent, and what becomes of it is said of all.
 *
 * Several windows may write it: its ETag shows that another one did. Not every LRS gives one that can be used; there the
 * document is looked at before each write.
 */

/** @import {Answer, Lrs} from "./lrs.js" */

/** @typedef {(saved: boolean) => void} Done */
/** @typedef {() => string} Make what is written, made when its turn comes */

/** @type {"activities/state"} */
export const STATE = "activities/state";
/** Milliseconds before a document that could not be read is asked for again. */
const PATIENCE = [1000, 3000];
/** The document exists, or changed, since it was last seen. */
const CONFLICT = [409, 412];

/**
 * Read what a session cannot begin without: asked again where there is no answer, or the LRS is in trouble.
 * @param {Lrs} lrs
 * @param {Window} window
 * @param {Parameters<Lrs["getDocument"]>[0]} resource
 * @param {Record<string, string>} params
 */
export async function readPatiently(lrs, window, resource, params) {
  for (const delay of PATIENCE) {
    const found = await lrs.getDocument(resource, params);
    if (found.status && found.status < 500 && found.status !== 429) return found;
    await new Promise((resume) => window.setTimeout(resume, delay));
  }
  return lrs.getDocument(resource, params);
}

/** @param {string} text @returns {Record<string, any> | null} null: not a JSON object */
export function parse(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/**
 * @param {object} options
 * @param {Lrs} options.lrs
 * @param {Window} options.window
 * @param {Record<string, string>} options.params of the document
 * @param {string} options.writer stands in each document that this window writes, as `window`
 * @param {() => void} options.again the session is to save anew: another window wrote
 */
export function openState({ lrs, window, params, writer, again }) {
  /** ETag of the document as it was last seen; "": there is none; null: unknown. @type {string | null} */
  let tag = null;
  /** The ETags of this LRS are of no use. */
  let isBlind = false;
  /** The document as it was last read. */
  let known = "";
  /** What another window wrote, until the session asks for it. @type {Record<string, any> | null} */
  let foreign = null;
  /** @type {{make: Make, dones: Done[]} | null} */
  let next = null;
  let isRunning = false;
  let ended = Promise.resolve();

  const tagNow = () => (isBlind ? undefined : (tag ?? undefined));
  const isOffline = () => window.navigator.onLine === false;

  /** @param {Answer} found @returns {"same" | "conflict" | "failed"} */
  function note({ status, text, etag }) {
    if (status === 404 || status === 204) tag = "";
    else if (status !== 200) return "failed";
    else {
      tag = etag ?? "";
      isBlind ||= !etag;
      const found = parse(text);
      const isOther = text !== known && found?.window !== writer;
      known = text;
      if (isOther) foreign = found ?? {};
    }
    return foreign ? "conflict" : "same";
  }

  const look = async () => note(await lrs.getDocument(STATE, params));

  /** @param {string} text @returns {Promise<"saved" | "conflict" | "failed">} */
  async function write(text) {
    for (let tries = 0; tries < 3; tries++) {
      const seen = tag === null ? await look() : "same";
      if (seen !== "same") return seen;
      const { status, etag } = await lrs.putDocument(STATE, params, text, { etag: tagNow() });
      if (status >= 200 && status < 300) {
        tag = (!isBlind && etag) || null;
        // Known now, so that the last write, for which there is no time to look, is no blind one.
        return tag === null && !isBlind && (await look()) === "conflict" ? "conflict" : "saved";
      }
      if (!CONFLICT.includes(status)) return "failed";
      tag = null;
      isBlind ||= tries > 0;
    }
    return "failed";
  }

  function take() {
    const job = next;
    next = null;
    return job;
  }

  async function run() {
    isRunning = true;
    for (let job = take(); job; job = take()) {
      const outcome = isOffline() ? "failed" : await write(job.make());
      // The session saves anew, with what the other window wrote, and that stands for all.
      if (outcome === "conflict") again();
      if (next && outcome === "conflict") next.dones.unshift(...job.dones);
      else for (const done of job.dones) done(outcome === "saved");
    }
    isRunning = false;
  }

  return {
    /** @returns {Promise<string>} the document; "": there is none. Rejects when the LRS does not say. */
    async read() {
      const found = await readPatiently(lrs, window, STATE, params);
      known = found.text;
      if (note(found) !== "same") throw new Error(`state: ${found.status}`);
      return found.status === 200 ? known : "";
    },

    /** @param {Make} make @param {Done} done */
    put(make, done) {
      next = { make, dones: [...(next?.dones ?? []), done] };
      if (!isRunning) ended = run();
    },

    /**
     * Write a last time. A page that goes away can wait for nothing: a request that is on its way comes first, or is
     * refused by its ETag.
     * @param {Make} make
     * @param {boolean} isGone the page goes away
     * @returns {Promise<boolean>} whether it is saved
     */
    async close(make, isGone) {
      const dones = take()?.dones ?? [];
      if (!isGone && isRunning) await ended;
      if (!isGone && tag === null && !isOffline()) await look();
      const etag = isRunning ? undefined : tagNow();
      const isTried = !foreign && !isOffline();
      const { status = 0 } = isTried ? await lrs.putDocument(STATE, params, make(), { etag, keepalive: true }) : {};
      const isSaved = status >= 200 && status < 300;
      for (const done of dones) done(isSaved);
      return isSaved;
    },

    /** @returns {string | null} the learner's state that another window wrote; once */
    elsewhere() {
      const state = foreign?.state || null;
      foreign = null;
      return state;
    },
  };
}
