/**
 * The desk: the simulated LMS around the course that is being written, and what is to be known beside it.
 *
 * What was saved arrives as an event from the server. The player shows it in place where it can; where the table of
 * contents, a setting or the player has changed, the course is launched again and takes up what the LMS has.
 */

/** @import {News, Shown} from "./types.d.ts" */

import { ERRORS, createLms, readProfile } from "../../lms/lms.js";
import { ERRORS as ERRORS_2004, STRICT_2004, createLms2004 } from "../../lms/lms2004.js";
import { forgetCalls, showCall, showRecord } from "./inspector.js";
import { find, make } from "./page.js";
import { showProblems } from "./problems.js";

/** Milliseconds that each request takes while the LMS is slow. */
const SLOW = 800;
/** @type {Record<string, string[]>} */
const PROFILES = JSON.parse(document.body.dataset.profiles ?? "{}");
/** @type {News} */
let news = JSON.parse(document.body.dataset.news ?? "{}");
/** What is launched. @type {Shown | null} */
let played = null;
/** Number of the build that the frame shows. */
let number = 0;
/** @type {ReturnType<typeof createLms> | ReturnType<typeof createLms2004> | null} */
let lms = null;
/** @type {import("../../lms/lms.js").Faults} */
const faults = {};
let launches = 0;
let isDue = false;
/** The player listens. */
let isReady = false;

const frame = /** @type {HTMLIFrameElement} */ (find("frame"));
const controls = /** @type {HTMLFormElement} */ (find("controls"));
/** @param {string} name @returns {HTMLSelectElement} */
const select = (name) => /** @type {HTMLSelectElement} */ (controls.elements.namedItem(name));

/** @param {News} told */
function hear(told) {
  news = told;
  showProblems(news);
  const { shown } = news;
  select("target").value = news.target;
  find("empty").hidden = !!shown;
  frame.hidden = !shown;
  if (!shown) return;
  document.title = shown.title;
  if (!played || played.launch !== shown.launch || played.target !== shown.target) void launch();
  else update();
}

/** Let the player show what was written. */
function update() {
  const { shown } = news;
  if (!shown || !played || !isReady || number === news.number) return;
  const style = shown.style !== played.style;
  const isSame = number === news.number - 1 && !news.changed.length;
  [played, number] = [shown, news.number];
  if (isSame) return mark();
  frame.contentWindow?.dispatchEvent(new CustomEvent("carabin:written", { detail: { style } }));
}

/** What is shown is what the last build made. */
function mark() {
  frame.dataset.number = String(number);
}

/** Launch the course as the LMS's page does when it is loaded. @param {boolean} [isNew] in a new attempt */
async function launch(isNew = false) {
  const { shown } = news;
  if (!shown) return;
  const turn = ++launches;
  const lesson = /^#\/([^/]+)/.exec(frame.contentWindow?.location.hash ?? "")?.[1] ?? "";
  const isKept = played?.target === shown.target && !isNew && shown.lessons.includes(lesson);
  const hash = isKept ? (frame.contentWindow?.location.hash ?? "") : "";
  // What was launched goes first: it saves, and ends its session.
  lms?.leave();
  isReady = false;
  await go("about:blank");
  lms?.kill();
  const is2004 = shown.target === "scorm2004";
  offer(is2004 ? "profiles2004" : "profiles", shown);
  const folder = is2004 ? "profiles2004" : "profiles";
  const text = await (await fetch(`/own/lms/${folder}/${select("profile").value}.yml`)).text();
  if (turn !== launches) return;
  const { href } = shown.launches.find(({ sco }) => sco === select("sco").value) ?? shown.launches[0] ?? { href: "" };
  const mode = select("mode").value;
  /** @type {import("../../lms/lms.js").Launch} */
  const given = {
    course: `${shown.course}/${shown.target}`,
    sco: select("sco").value,
    ...(mode === "normal" || mode === "browse" || mode === "review" ? { mode } : {}),
  };
  const options = { store: localStorage, faults, onCall: hearCall };
  faults.session = false;
  /** @type {HTMLInputElement} */ (controls.elements.namedItem("session")).checked = false;
  const passing = shown.mastery === null ? "" : String(shown.mastery);
  lms = is2004
    ? createLms2004(readProfile(text, STRICT_2004), { ...options, launch: { ...given, passing } })
    : createLms(readProfile(text), { ...options, launch: given });
  if (isNew) lms.newAttempt();
  forgetCalls();
  refresh();
  Reflect.deleteProperty(window, "API");
  Reflect.deleteProperty(window, "API_1484_11");
  Object.assign(window, { [is2004 ? "API_1484_11" : "API"]: lms.API, lms });
  [played, number] = [shown, news.number];
  await go(`/package/${href}${hash}`);
}

/** @param {string} address @returns {Promise<unknown>} that the frame has loaded it */
function go(address) {
  const loaded = new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
  frame.contentWindow?.location.replace(address);
  return loaded;
}

/** Offer what there is to choose from. @param {string} folder of profiles @param {Shown} shown */
function offer(folder, shown) {
  const profiles = PROFILES[folder] ?? [];
  list(
    select("profile"),
    profiles.map((name) => [name, name]),
    "moodle",
  );
  list(
    select("sco"),
    shown.launches.map(({ sco, title }) => [sco, title]),
  );
  find("scos").hidden = shown.launches.length < 2;
}

/** @param {HTMLSelectElement} field @param {[value: string, text: string][]} choices @param {string} [first] */
function list(field, choices, first = choices[0]?.[0] ?? "") {
  const { value } = field;
  const options = choices.map(([value, text]) => {
    const option = /** @type {HTMLOptionElement} */ (make("option", "", text));
    option.value = value;
    return option;
  });
  field.replaceChildren(...options);
  field.value = choices.some(([one]) => one === value) && value ? value : first;
}

/** @param {import("../../lms/lms.js").Call} call */
function hearCall(call) {
  const texts = /** @type {Record<string, string>} */ (played?.target === "scorm2004" ? ERRORS_2004 : ERRORS);
  if (!/Get(LastError|ErrorString|Diagnostic)$/.test(call.name)) showCall(call, texts[call.error] ?? "");
  refresh();
}

/** The record is read once for all calls of a moment. */
function refresh() {
  if (isDue) return;
  isDue = true;
  setTimeout(() => {
    isDue = false;
    const { fields, completion } = lms?.record() ?? { fields: {}, completion: false };
    showRecord(fields, completion);
  }, 50);
}

/** @param {string} target */
async function choose(target) {
  await fetch("/target", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ target }),
  });
}

controls.addEventListener("change", ({ target }) => {
  if (target instanceof HTMLInputElement) {
    if (target.name === "silent") faults.silent = target.checked ? "throw" : "";
    if (target.name === "slow") faults.slow = target.checked ? SLOW : 0;
    if (target.name === "offline" || target.name === "session") faults[target.name] = target.checked;
  }
  if (!(target instanceof HTMLSelectElement)) return;
  if (target.name === "target") void choose(target.value);
  else if (target.name === "width") frame.style.inlineSize = target.value ? `${target.value}px` : "";
  else void launch();
});
controls.addEventListener("submit", (event) => event.preventDefault());
document.addEventListener("click", ({ target }) => {
  const action = target instanceof Element ? target.closest("[data-action]")?.getAttribute("data-action") : null;
  if (action === "relaunch") void launch();
  if (action === "renew") void launch(true);
  if (action === "hide") find("over").hidden = true;
});
// What is written while the course is loading is shown when its player runs; `shown` when it has done as it was told.
frame.addEventListener("carabin:ready", () => {
  isReady = true;
  mark();
  update();
});
frame.addEventListener("carabin:shown", mark);
addEventListener("pagehide", () => lms?.leave());

showProblems(news);
new EventSource("/events").addEventListener("message", ({ data }) => hear(JSON.parse(data)));
