/**
 * The page of a simulated LMS: makes `window.API`, and launches a package where a real LMS would.
 *
 * `harness.html?package=URL` and, all optional:
 * - `standard` `scorm12` (default) or `scorm2004`
 * - `profile` a file of `profiles/` or `profiles2004/`, default `moodle`
 * - `api` where the content runs, seen from this page: `parent` a frame of ours (default), `grandparent` a frame in a
 *   frame, `foreign` the same with a frame of another origin between, `opener` a new window, `popup` a frame in a new
 *   window, `none` a frame, and no API anywhere
 * - `late` milliseconds after which the API appears, once the content was loaded
 * - `width`, `height` of the frame in CSS pixels, default the whole window
 * - `course`, `sco`, `id`, `mode`, `mastery`, `data` as in `Launch`, `passing`, `threshold` and `objectives` (separated by
 *   commas) as in `Manifest2004`; `faults` as JSON
 *
 * `window.lms` is the LMS, `choose(sco, source)` its table of contents. The record lives in `localStorage`; so do the calls of all pages of this origin, since those
 * made while a page goes away can be read nowhere else: `calls()`.
 */
import { createLms, readProfile } from "./lms.js";
import { createLms2004, STRICT_2004 } from "./lms2004.js";

const parameters = new URLSearchParams(location.search);
/** @param {string} name @param {string} [otherwise] */
const parameter = (name, otherwise = "") => parameters.get(name) ?? otherwise;

/** @param {import("./lms.js").Call} call */
function keep(call) {
  const number = Number(localStorage.getItem("calls") ?? 0) + 1;
  localStorage.setItem("calls", String(number));
  localStorage.setItem(`call:${number}`, JSON.stringify(call));
}

/** @returns {import("./lms.js").Call[]} of every page that shared this store, in order */
function calls() {
  const count = Number(localStorage.getItem("calls") ?? 0);
  return Array.from({ length: count }, (_, index) => JSON.parse(localStorage.getItem(`call:${index + 1}`) ?? "null"));
}

/** @param {string} source */
function frame(source) {
  const element = document.createElement("iframe");
  element.title = "Content";
  for (const side of /** @type {const} */ (["width", "height"])) {
    if (parameter(side) !== "") element.style[side] = `${parameter(side)}px`;
  }
  element.src = source;
  document.body.append(element);
}

/** @param {string} origin of the page between @param {string} source @returns {string} */
function between(origin, source) {
  const page = new URL("between.html", location.href);
  page.searchParams.set("package", new URL(source, location.href).href);
  return page.href.replace(page.origin, origin);
}

const is2004 = parameter("standard") === "scorm2004";
const folder = is2004 ? "profiles2004" : "profiles";
const text = await (await fetch(`${folder}/${parameter("profile", "moodle")}.yml`)).text();
const mode = parameter("mode");
const options = { store: localStorage, faults: JSON.parse(parameter("faults", "{}")), onCall: keep };
/** @type {import("./lms.js").Launch} */
const launch = {
  course: parameter("course", "course"),
  sco: parameter("sco"),
  id: parameter("id", "jmartin"),
  mastery: parameter("mastery"),
  data: parameter("data"),
  ...(mode === "review" || mode === "browse" || mode === "normal" ? { mode } : {}),
};
const manifest = {
  passing: parameter("passing"),
  threshold: parameter("threshold"),
  objectives: parameter("objectives").split(",").filter(Boolean),
};
const lms = is2004
  ? createLms2004(readProfile(text, STRICT_2004), { ...options, launch: { ...launch, ...manifest } })
  : createLms(readProfile(text), { ...options, launch });

const where = parameter("api", "parent");
const late = Number(parameter("late", "0"));
const offer = () => void (where !== "none" && Object.assign(window, { [is2004 ? "API_1484_11" : "API"]: lms.API }));

/**
 * What a click in the table of contents does: the LMS's page is loaded anew, or stays and changes its frame.
 * @param {string} sco
 * @param {string} source of its content
 */
function choose(sco, source) {
  const element = document.querySelector("iframe");
  if (lms.profile.toc_reloads || element === null) {
    parameters.set("sco", sco);
    parameters.set("package", source);
    location.search = String(parameters);
  } else {
    lms.leave();
    lms.choose(sco);
    offer();
    element.src = source;
  }
}

Object.assign(window, { lms, calls, choose });
if (late === 0) offer();
else setTimeout(offer, late);

addEventListener("pagehide", () => lms.leave());
addEventListener("pageshow", () => lms.comeBack());

const source = parameter("package");
const ours = location.origin;
const other = ours.includes("127.0.0.1")
  ? ours.replace("127.0.0.1", "localhost")
  : ours.replace("localhost", "127.0.0.1");
if (where === "opener" || where === "popup") {
  const button = /** @type {HTMLButtonElement} */ (document.getElementById("launch"));
  button.hidden = false;
  button.addEventListener("click", () => void window.open(where === "popup" ? between(ours, source) : source));
} else if (where === "grandparent" || where === "foreign") {
  frame(between(where === "foreign" ? other : ours, source));
} else {
  frame(source);
}
