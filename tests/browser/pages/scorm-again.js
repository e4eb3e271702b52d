/**
 * A run-time that others wrote, around a package: `scorm-again.html?package=URL`. It posts what it stores, under a name:
 * `store`, one for each SCO.
 */

const STORE = `/store/${new URLSearchParams(location.search).get("store") ?? "scorm-again"}`;
const stored = await (await fetch(STORE)).json();
const Scorm12API = /** @type {any} */ (globalThis).Scorm12API;
/** @type {string[]} */
const complaints = [];
const api = new Scorm12API({
  lmsCommitUrl: STORE,
  dataCommitFormat: "json",
  autocommit: false,
  mastery_override: false,
  logLevel: 3,
  onLogMessage: (/** @type {number} */ level, /** @type {string} */ message) => {
    if (level >= 4) complaints.push(message);
  },
});
api.cmi.core.student_id = "jmartin";
api.cmi.core.student_name = "Martin, Jeanne";
if (stored.cmi) {
  api.loadFromJSON(stored.cmi, "cmi");
  if (stored.cmi.core.exit === "suspend") api.cmi.core.entry = "resume";
}
Object.assign(globalThis, { API: api, complaints });

const frame = document.createElement("iframe");
frame.title = "Content";
frame.src = new URLSearchParams(location.search).get("package") ?? "about:blank";
document.body.append(frame);
