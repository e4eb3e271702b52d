/** What the LMS was told: each call, the data model as it is on record, the saved state in words. */

/** @import {Call} from "../../lms/lms.js" */
/** @import {SavedState} from "./types.d.ts" */

import { fill, find, make, t } from "./page.js";

/** Calls that are listed, at most: the last ones. */
const MOST = 500;
let count = 0;
let read = "";

/** @param {Call} call @param {string} error its text */
export function showCall(call, error) {
  const shown = call.arguments.map((one) => JSON.stringify(one)).join(", ");
  const result = call.threw ? t("threw", { text: String(call.result) }) : JSON.stringify(call.result);
  const failed = call.error !== "0" || call.threw;
  const row = make(
    "tr",
    failed ? "desk-failed" : "",
    make("td", "desk-code", `${call.name}(${shown})`),
    make("td", "desk-code", result),
    make("td", "", failed ? `${call.error} ${error}` : call.error, ...call.violations.map((one) => ` ${one}`)),
  );
  const body = find("calls");
  body.prepend(row);
  while (body.childElementCount > MOST) body.lastElementChild?.remove();
  find("calls-count").textContent = `(${++count})`;
}

export function forgetCalls() {
  count = 0;
  find("calls").replaceChildren();
  find("calls-count").textContent = "(0)";
}

/** @param {Record<string, string>} fields on record @param {boolean} completion */
export function showRecord(fields, completion) {
  const first = (/** @type {string[]} */ ...names) => names.map((name) => fields[name]).find(Boolean) ?? "–";
  fill(find("record"), [
    [t("status"), first("cmi.core.lesson_status", "cmi.completion_status")],
    ...(fields["cmi.success_status"]
      ? [/** @type {[string, string]} */ ([t("success"), first("cmi.success_status")])]
      : []),
    [t("score"), first("cmi.core.score.raw", "cmi.score.scaled")],
    [t("completed"), t(completion ? "yes" : "no")],
    [t("location"), first("cmi.core.lesson_location", "cmi.location")],
  ]);
  fill(
    find("model"),
    Object.entries(fields).sort(([one], [other]) => one.localeCompare(other, "en", { numeric: true })),
  );
  void showState(fields["cmi.suspend_data"] ?? "");
}

/** @param {string} text the saved state */
async function showState(text) {
  if (text === read) return;
  read = text;
  if (!text) {
    find("state-size").textContent = "";
    return fill(find("state"), []);
  }
  const response = await fetch("/state", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ state: text }),
  });
  if (!response.ok || read !== text) return;
  /** @type {SavedState} */
  const state = await response.json();
  find("state-size").textContent = t("size", { count: state.characters, limit: state.limit ?? "∞" });
  if (!state.readable) return fill(find("state"), [[t("state"), t("unreadable")]]);
  fill(find("state"), [
    [t("counter"), String(state.counter)],
    [t("status"), state.status],
    [t("location"), state.place || "–"],
    ...state.lessons.map(
      ({ id, end }) => /** @type {[string, string]} */ ([t("lesson_of", { id }), t(end ? "read_whole" : "read_begun")]),
    ),
    ...state.questions.map(
      ({ id, response, tries }) =>
        /** @type {[string, string]} */ ([t("question_of", { id }), t("answered", { response, tries })]),
    ),
  ]);
}
