/**
 * The desk: the simulated LMS around the course that is being written, and what is to be known beside it. That of SCORM
 * runs in this page; that of cmi5 in the server, which tells what it is asked.
 *
 * What was saved arrives as an event from the server. The player shows it in place where it can; where the table of
 * contents, a setting or the player has changed, the course is launched again and takes up what the LMS has.
 */

/** @import {Asked, News, Shown} from "./types.d.ts" */

import { ERRORS, createLms, readProfile } from "../../lms/lms.js";
import { ERRORS as ERRORS_2004, STRICT_2004, createLms2004 } from "../../lms/lms2004.js";
import {
  forgetCalls,
  forgetStatements,
  recorded,
  showAsked,
  showCall,
  showRecord,
  showStatements,
} from "./inspector.js";
import { events, find, make, t } from "./page.js";
import { showProblems } from "./problems.js";

/** Milliseconds that each request takes while the LMS is slow. */
const SLOW = 800;
/** What can be chosen beside the standard, in the names of the page. */
const CHOICES = /** @type {const} */ (["audience", "region", "overlay", "theme"]);
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
/** The SCO, or the unit, that was launched. */
let unit = "";
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
  offerChoices();
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

/** @param {string} hash @returns {string} the lesson that it names */
const lessonOf = (hash) => /^#\/([^/]+)/.exec(hash)?.[1] ?? "";

/** Launch the course as the LMS's page does when it is loaded. @param {boolean} [isNew] in a new attempt */
async function launch(isNew = false) {
  const { shown } = news;
  if (!shown) return;
  const turn = ++launches;
  const lesson = lessonOf(frame.contentWindow?.location.hash ?? "");
  const isSame = played?.target === shown.target && unit === select("sco").value;
  const isKept = isSame && !isNew && shown.lessons.includes(lesson);
  // A page beside the desk may have asked for a place.
  const asked = played || !lessonOf(location.hash) ? "" : location.hash;
  const hash = isKept ? (frame.contentWindow?.location.hash ?? "") : asked;
  // What was launched goes first: it saves, and ends its session.
  lms?.leave();
  find("reviewed").hidden = true;
  isReady = false;
  await go("about:blank");
  lms?.kill();
  if (turn !== launches) return;
  const is2004 = shown.target === "scorm2004";
  offer(is2004 ? "profiles2004" : "profiles", shown);
  unit = select("sco").value;
  const sco = asked && shown.launches[1] && shown.launches[shown.lessons.indexOf(lessonOf(asked))]?.sco;
  if (sco) select("sco").value = sco;
  faults.session = false;
  /** @type {HTMLInputElement} */ (controls.elements.namedItem("session")).checked = false;
  if (shown.target === "cmi5") return launchUnit(shown, isNew, hash, turn);
  const folder = is2004 ? "profiles2004" : "profiles";
  const text = await (await fetch(`/own/lms/${folder}/${select("profile").value}.yml`)).text();
  if (turn !== launches) return;
  const mode = select("mode").value;
  /** @type {import("../../lms/lms.js").Launch} */
  const given = {
    course: `${shown.course}/${shown.target}`,
    sco: select("sco").value,
    ...(mode === "normal" || mode === "browse" || mode === "review" ? { mode } : {}),
  };
  const options = { store: localStorage, faults, onCall: hearCall };
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
  await go(`/package/${hrefOf(shown)}${hash}`);
}

/** Launch by cmi5: the server is the LMS. @param {Shown} shown @param {boolean} isNew @param {string} hash @param {number} turn */
async function launchUnit(shown, isNew, hash, turn) {
  const response = await post("/launch", { href: hrefOf(shown), mode: select("mode").value, new: isNew });
  if (turn !== launches || !response.ok) return;
  const { address, statements } = await response.json();
  lms = null;
  await tellFaults();
  forgetCalls();
  if (isNew) forgetStatements();
  showStatements(statements);
  [played, number] = [shown, news.number];
  refresh();
  await go(`${address}${hash}`);
}

/** @param {Shown} shown @returns {string} the document that is launched */
function hrefOf({ launches }) {
  return (launches.find(({ sco }) => sco === select("sco").value) ?? launches[0])?.href ?? "";
}

/** @param {string} address @param {object} content @returns {Promise<Response>} */
function post(address, content) {
  const headers = { "Content-Type": "application/json" };
  return fetch(address, { method: "POST", headers, body: JSON.stringify(content) });
}

/** What goes wrong is for the server to know where it is the LMS. */
async function tellFaults() {
  const { silent, offline, session, slow } = faults;
  await post("/fault", { silent: !!silent, offline: !!offline, session: !!session, slow: !!slow });
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
  find("profiles").hidden = shown.target === "cmi5";
  find("told").hidden = shown.target !== "cmi5";
}

/** Offer the variants and themes that there are, and show which is chosen. */
function offerChoices() {
  const { choices, chosen, theme } = news;
  const none = { audience: t("audience_all"), region: t("choice_own"), overlay: t("overlay_none"), theme: theme };
  for (const name of CHOICES) {
    const first = name === "theme" && theme ? t("theme_own", { theme }) : none[name];
    list(select(name), [["", first], ...choices[name].map((one) => /** @type {[string, string]} */ ([one, one]))]);
    select(name).value = chosen[name];
    const field = document.getElementById(`${name}s`);
    if (field) field.hidden = choices[name].length < (name === "region" ? 2 : 1);
  }
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
  if (!/Get(LastError|ErrorString|Diagnostic)$/.test(call.name)) {
    showCall(call, texts[call.error] ?? "", played?.target ?? "");
  }
  if (/^cmi\.(core\.lesson_)?mode$/.test(String(call.arguments[0]))) {
    find("reviewed").hidden = call.result !== "review" || select("mode").value !== "";
  }
  refresh();
}

/** @param {Asked} asked */
function hearAsked(asked) {
  if (played?.target !== "cmi5") return;
  showAsked(asked);
  refresh();
}

/** The record is read once for all calls of a moment. */
function refresh() {
  if (isDue) return;
  isDue = true;
  setTimeout(() => {
    isDue = false;
    void read();
  }, 50);
}

async function read() {
  if (played?.target === "cmi5") {
    const response = await fetch("/record");
    if (response.ok) showRecord(await response.json(), t("moved_on"));
  } else {
    const { fields, completion } = lms?.record() ?? { fields: {}, completion: false };
    showRecord(recorded(fields, completion), t("completed"));
  }
}

controls.addEventListener("change", ({ target }) => {
  if (target instanceof HTMLInputElement) {
    if (target.name === "silent") faults.silent = target.checked ? "throw" : "";
    if (target.name === "slow") faults.slow = target.checked ? SLOW : 0;
    if (target.name === "offline" || target.name === "session") faults[target.name] = target.checked;
    if (played?.target === "cmi5") void tellFaults().then(callOnline);
  }
  if (!(target instanceof HTMLSelectElement)) return;
  const { name, value } = target;
  if (name === "target") void post("/target", { target: value });
  else if (name === "language") void post("/choice", { language: value }).then(() => location.reload());
  else if (CHOICES.some((one) => one === name)) void post("/choice", { [name]: value });
  else if (target.name === "width") frame.style.inlineSize = target.value ? `${target.value}px` : "";
  else void launch();
});
/** Browsers say so when the network is back. */
function callOnline() {
  if (!faults.offline) frame.contentWindow?.dispatchEvent(new Event("online"));
}

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
addEventListener("hashchange", () => {
  if (played && frame.contentWindow && lessonOf(location.hash)) frame.contentWindow.location.hash = location.hash;
});
addEventListener("pagehide", () => lms?.leave());

showProblems(news);
// The server is gone, or there again.
events.addEventListener("error", () => (find("lost").hidden = false));
events.addEventListener("open", () => (find("lost").hidden = true));
events.addEventListener("message", ({ data }) => {
  const told = JSON.parse(data);
  if (told.asked) hearAsked(told.asked);
  else hear(told);
});
