/** Zones of a picture: drawn by mouse or finger, or set in numbers, and told as `hotspot` reads them. */

import { copy } from "./pages.js";

const STEP = 0.5;
/** Percent below which a stroke is a slip. */
const LEAST = 1;
/** @typedef {[x: number, y: number, w: number, h: number]} Place */
const KEYS = ["x", "y", "w", "h"];

/** @param {string} id @returns {HTMLElement} */
const find = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const [stage, list] = [find("stage"), find("zones")];
const template = /** @type {HTMLTemplateElement} */ (find("zone"));

/** @param {number} value @returns {number} */
const rounded = (value) => Math.round(value / STEP) * STEP;
/** @param {number} value @param {number} least @param {number} most */
const within = (value, least, most) => Math.min(Math.max(value, least), most);

/** @param {Element} item @returns {HTMLInputElement[]} */
const fields = (item) => KEYS.map((key) => /** @type {HTMLInputElement} */ (item.querySelector(`[name=${key}]`)));

/** @param {Element} item @returns {Place} inside of the picture, whatever was typed */
function placeOf(item) {
  const [x = 0, y = 0, w = 0, h = 0] = fields(item).map(({ valueAsNumber }) => valueAsNumber || 0);
  const [left, top] = [within(x, 0, 100 - STEP), within(y, 0, 100 - STEP)];
  const place = [left, top, within(w, STEP, 100 - left), within(h, STEP, 100 - top)];
  return /** @type {Place} */ (place.map((one) => Math.round(100 * one) / 100));
}

/** @param {Element} item */
const told = (item) => `{at="${placeOf(item).join(" ")}"}`;

/** @param {HTMLElement} box @param {Place} place */
function lay(box, [x, y, w, h]) {
  Object.assign(box.style, { left: `${x}%`, top: `${y}%`, width: `${w}%`, height: `${h}%` });
}

/** Number the zones, and show each on the picture and in words. */
function show() {
  stage.querySelectorAll(".page-box").forEach((box) => box.remove());
  [...list.children].forEach((item, index) => {
    const number = String(index + 1);
    /** @type {HTMLElement} */ (item.querySelector("[data-number]")).textContent = number;
    /** @type {HTMLElement} */ (item.querySelector("output")).textContent = told(item);
    const box = document.createElement("div");
    box.className = "page-box";
    box.append(Object.assign(document.createElement("span"), { textContent: number }));
    lay(box, placeOf(item));
    stage.append(box);
  });
  const all = document.querySelector("[data-action=copy-all]");
  if (all instanceof HTMLElement) all.hidden = list.children.length < 2;
}

/** @param {Place} place @returns {Element} */
function add(place) {
  list.append(template.content.cloneNode(true));
  const item = /** @type {Element} */ (list.lastElementChild);
  fields(item).forEach((field, index) => (field.value = String(place[index])));
  show();
  return item;
}

/** @param {PointerEvent} event @returns {[number, number]} percent of the picture */
function at({ clientX, clientY }) {
  const { left, top, width, height } = find("picture").getBoundingClientRect();
  return [
    rounded(within((100 * (clientX - left)) / width, 0, 100)),
    rounded(within((100 * (clientY - top)) / height, 0, 100)),
  ];
}

stage?.addEventListener("pointerdown", (event) => {
  if (event.button) return;
  event.preventDefault();
  stage.setPointerCapture(event.pointerId);
  const [x, y] = at(event);
  const box = document.createElement("div");
  box.className = "page-box";
  stage.append(box);
  /** @type {Place} */
  let place = [x, y, 0, 0];
  /** @param {PointerEvent} event */
  const draw = (event) => {
    const [right, bottom] = at(event);
    place = [Math.min(x, right), Math.min(y, bottom), Math.abs(right - x), Math.abs(bottom - y)];
    lay(box, place);
  };
  const ending = new AbortController();
  const { signal } = ending;
  stage.addEventListener("pointermove", draw, { signal });
  stage.addEventListener(
    "pointerup",
    () => {
      ending.abort();
      box.remove();
      if (Math.min(place[2], place[3]) >= LEAST) add(place);
    },
    { signal },
  );
  stage.addEventListener("pointercancel", () => (ending.abort(), box.remove()), { signal });
});
list?.addEventListener("input", show);
list?.addEventListener("change", ({ target }) => {
  const item = target instanceof Element && target.closest("li");
  if (!item) return;
  const place = placeOf(item);
  fields(item).forEach((field, index) => (field.value = String(place[index])));
  show();
});
document.addEventListener("click", ({ target }) => {
  const button = target instanceof Element ? target.closest("[data-action]") : null;
  const item = button?.closest("li");
  const action = button?.getAttribute("data-action");
  if (action === "add") fields(add([40, 40, 20, 20]))[0]?.focus();
  if (action === "copy" && item) void copy(told(item));
  if (action === "copy-all") {
    const name = (/** @type {Element} */ one) => one.querySelector("legend")?.textContent?.trim() ?? "";
    void copy([...list.children].map((one) => `- [ ] ${name(one)} ${told(one)}`).join("\n"));
  }
  if (action === "remove" && item) {
    const next = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    show();
    const focus = next?.querySelector("input") ?? document.querySelector("[data-action=add]");
    if (focus instanceof HTMLElement) focus.focus();
  }
});
