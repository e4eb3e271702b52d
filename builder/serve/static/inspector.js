/** What the LMS was told: each call, each statement, the data model as it is on record, the saved state in words. */

/** @import {Call, Fields} from "../../lms/lms.js" */
/** @import {Asked, Recorded, SavedState, Told} from "./types.d.ts" */

import { fill, find, make, t } from "./page.js";

/** Calls that are listed, at most: the last ones. */
const MOST = 500;
/** Clauses by target, as `builder/serve/clauses.py` has them. @type {Record<string, Record<string, Record<string, string>>>} */
const CLAUSES = JSON.parse(document.body.dataset.clauses ?? "{}");
let [count, told] = [0, 0];
let read = "";

/** @param {string} target @param {string} kind @param {string} name @returns {string} the clause of the longest beginning */
function clauseOf(target, kind, name) {
  const known = CLAUSES[target]?.[kind] ?? {};
  const [key = ""] = Object.keys(known)
    .filter((one) => name.startsWith(one))
    .sort((one, other) => other.length - one.length);
  return known[key] ?? "";
}

/** @param {Call} call @param {string} error its text @param {string} target */
export function showCall(call, error, target) {
  const shown = call.arguments.map((one) => JSON.stringify(one)).join(", ");
  const result = call.threw ? t("threw", { text: String(call.result) }) : JSON.stringify(call.result);
  const failed = call.error !== "0" || call.threw;
  const said = [failed ? `${call.error} ${error}` : call.error, ...call.violations].join(" ");
  const element = /^(cmi|adl)\./.test(String(call.arguments[0])) ? String(call.arguments[0]) : "";
  list(
    make("td", "desk-code", `${call.name}(${shown})`),
    make("td", "desk-code", result),
    make("td", "", said, ...(failed ? [" ", cited(clauseOf(target, "errors", call.error))] : [])),
    failed,
    clauseOf(target, "elements", element),
  );
}

/** @param {Asked} asked by a unit of cmi5 */
export function showAsked(asked) {
  const parts = [asked.query, asked.sent && `${t("sent")}: ${asked.sent}`, asked.got && `${t("got")}: ${asked.got}`];
  const call = disclosed([asked.call], () => [asked.clause, ...parts].filter(Boolean).join("\n"));
  list(
    make("td", "desk-code", call),
    make("td", "", asked.status ? `${asked.status} ${asked.phrase}` : t("no_answer")),
    make("td", "", asked.error, ...(asked.error_clause ? [" ", cited(asked.error_clause)] : [])),
    asked.failed,
    asked.clause,
  );
  showStatements(asked.statements);
}

/** @param {Told[]} statements */
export function showStatements(statements) {
  for (const one of statements) {
    const marks = [one.is_own ? t("by_lms") : "", one.stored ? "" : t("not_stored")].filter(Boolean).join(", ");
    const verb = make("strong", one.stored ? "" : "desk-failed", one.verb);
    const time = make("time", "desk-time", new Date(one.time).toLocaleTimeString(document.documentElement.lang));
    time.setAttribute("datetime", one.time);
    const text = [one.object, one.result, marks && `(${marks})`].filter(Boolean).join(" · ");
    const item = disclosed([verb, ` ${text} `, time], () => one.json);
    find("statements").prepend(make("li", "desk-told", item));
    find("statements-count").textContent = `(${++told})`;
  }
  while (find("statements").childElementCount > MOST) find("statements").lastElementChild?.remove();
}

/** @param {(string | Node)[]} head @param {() => string} write made when it is opened first @returns {HTMLElement} */
function disclosed(head, write) {
  const details = make("details", "", make("summary", "", ...head));
  details.addEventListener("toggle", () => details.append(make("pre", "desk-source", write())), { once: true });
  return details;
}

/** @param {string} clause */
const cited = (clause) => make("cite", "desk-clause", clause);

/** @param {HTMLElement} call @param {HTMLElement} result @param {HTMLElement} error @param {boolean} failed @param {string} clause */
function list(call, result, error, failed, clause) {
  const row = make("tr", failed ? "desk-failed" : "", call, result, error);
  row.title = clause;
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

/** Statements are those of an attempt, calls those of a launch. */
export function forgetStatements() {
  told = 0;
  find("statements").replaceChildren();
  find("statements-count").textContent = "(0)";
}

/** @param {Fields} fields of SCORM @param {boolean} completion @returns {Recorded} */
export function recorded(fields, completion) {
  const first = (/** @type {string[]} */ ...names) => names.map((name) => fields[name]).find(Boolean) ?? "";
  return {
    status: first("cmi.core.lesson_status", "cmi.completion_status"),
    success: first("cmi.success_status"),
    score: first("cmi.core.score.raw", "cmi.score.scaled"),
    completion,
    location: first("cmi.core.lesson_location", "cmi.location"),
    fields,
    state: first("cmi.suspend_data"),
  };
}

/** @param {Recorded} record @param {string} completed its name */
export function showRecord({ status, success, score, completion, location, fields, state }, completed) {
  fill(find("record"), [
    [t("status"), status || "–"],
    ...(success ? [/** @type {[string, string]} */ ([t("success"), success])] : []),
    [t("score"), score || "–"],
    [completed, t(completion ? "yes" : "no")],
    [t("location"), location || "–"],
  ]);
  fill(
    find("model"),
    Object.entries(fields).sort(([one], [other]) => one.localeCompare(other, "en", { numeric: true })),
  );
  void showState(state);
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
