/**
 * A client of one LRS: sends statements, reads and writes documents (xAPI 1.0.3 Communication §2). Nothing here throws
 * or tries twice; status 0 says that there was no answer. No DOM.
 */

/** @import {Statement} from "../types.d.ts" */

import { attempt } from "../copy.js";

/** @typedef {ReturnType<typeof openLrs>} Lrs */
/** @typedef {Record<string, string>} Params */
/** @typedef {{setTimeout(action: () => void, delay: number): any, clearTimeout(timer: any): void}} Timers */
/** @typedef {(input: string, init?: RequestInit) => Promise<Response>} Fetch */
/**
 * @typedef {object} Answer
 * @property {number} status 0: there is none
 * @property {string} text
 * @property {string | undefined} etag "": there is no such document; undefined: it cannot be known
 * @property {number} retryAfter milliseconds to wait before asking again; 0: the LRS does not say
 */
/**
 * @typedef {object} Sending
 * @property {string} [etag] of the document that is replaced; "": there is none; undefined: whatever there is
 * @property {boolean} [keepalive] the request outlives the page
 * @property {string} [type] of what is sent
 */

/**
 * @param {object} options
 * @param {string} options.endpoint
 * @param {string} options.auth the whole value of `Authorization`
 * @param {Fetch} options.fetch
 * @param {Timers} options.timers
 * @param {number} [options.timeout] milliseconds after which there is no answer any more
 * @param {() => number} [options.now] milliseconds since the epoch
 */
export function openLrs({ endpoint, auth, fetch, timers, timeout = 30_000, now = Date.now }) {
  const base = endpoint.replace(/\/*$/, "/");

  /**
   * @param {string} resource
   * @param {Params} params
   * @param {string} [method]
   * @param {string} [body]
   * @param {Sending} [sending]
   * @returns {Promise<Answer>}
   */
  async function ask(resource, params, method, body, { etag, keepalive, type = "application/json" } = {}) {
    const query = String(new URLSearchParams(params));
    const abort = new AbortController();
    const timer = timers.setTimeout(() => abort.abort(), timeout);
    /** @type {Params} */
    const sent = { Authorization: auth, "X-Experience-API-Version": "1.0.3" };
    if (method) sent["Content-Type"] = type;
    if (etag) sent["If-Match"] = etag;
    if (etag === "") sent["If-None-Match"] = "*";
    try {
      const { signal } = abort;
      const init = { method, body, keepalive, signal, headers: sent, cache: /** @type {const} */ ("no-store") };
      const response = await fetch(base + resource + (query && `?${query}`), init);
      const { status, headers } = response;
      const text = await response.text();
      // A page instead of an answer: somebody on the way wants the learner to sign in.
      if (status < 300 && /^\s*</.test(text)) throw text;
      const after = String(headers.get("Retry-After"));
      return {
        status,
        text,
        // Compressed on the way, a document has a weak ETag, which matches nothing.
        etag: status === 404 ? "" : headers.get("ETag")?.replace(/^W\//, ""),
        retryAfter: Math.max(0, Number(after) * 1000 || Date.parse(after) - now()) || 0,
      };
    } catch {
      return { status: 0, text: "", etag: undefined, retryAfter: 0 };
    } finally {
      timers.clearTimeout(timer);
    }
  }

  return {
    /** All are stored, or none. @param {Statement[]} statements @param {Sending} [sending] @returns {Promise<Answer>} */
    post: (statements, sending) => ask("statements", {}, "POST", JSON.stringify(statements), sending),

    /** @param {string} id @returns {Promise<Statement | null | undefined>} null: not there; undefined: cannot know */
    async find(id) {
      const { status, text } = await ask("statements", { statementId: id });
      const answer = status === 200 && attempt(() => JSON.parse(text));
      // Some give a list of one, or of none (Ralph).
      const found = answer?.statements ? answer.statements[0] : answer;
      return status === 404 ? null : answer ? (found?.id ? found : null) : undefined;
    },

    /** @param {"activities/state" | "agents/profile"} resource @param {Params} params @returns {Promise<Answer>} */
    getDocument: (resource, params) => ask(resource, params),

    /**
     * @param {"activities/state" | "agents/profile"} resource
     * @param {Params} params
     * @param {string} text
     * @param {Sending} [sending]
     * @returns {Promise<Answer>} 412: there is another one by now
     */
    putDocument: (resource, params, text, sending) => ask(resource, params, "PUT", text, sending),
  };
}
