/** Dragging with pointer events: a mouse takes an item anywhere, a finger or pen by its grip, so that pages still scroll. */

/** @typedef {{x: number, y: number, dx: number, dy: number}} Place in the window's pixels; how far from where it was taken */

/**
 * @typedef {object} Dragging
 * @property {(target: Element) => HTMLElement | null} take what is dragged from there; null: nothing
 * @property {(item: HTMLElement, place: Place) => void} move
 * @property {(item: HTMLElement, place: Place) => void} drop
 * @property {(item: HTMLElement) => void} cancel by Escape or by the browser, which wants to scroll
 */

/** Pixels: what is still a click; the edge of the window towards which dragging scrolls, and how far. */
const CLICK = 4;
const EDGE = 72;
const SCROLL = 16;
const OWN = "a, button, input, select, textarea";

/**
 * @param {HTMLElement} root
 * @param {Dragging} dragging
 * @returns {() => void} takes the listeners away
 */
export function draggable(root, { take, move, drop, cancel }) {
  /** @type {{item: HTMLElement, pointer: number, x: number, y: number, scroll: number, last: number, moved: boolean} | null} */
  let held = null;

  /** @param {PointerEvent} event */
  function onDown(event) {
    const { target, pointerId, pointerType, button, clientX, clientY } = event;
    if (held || button || !(target instanceof Element) || target.closest(OWN)) return;
    if (pointerType !== "mouse" && !target.closest("[data-grip]")) return;
    const item = take(target);
    if (!item) return;
    held = { item, pointer: pointerId, x: clientX, y: clientY, scroll: scrollY, last: clientY, moved: false };
  }

  /** @param {PointerEvent} event */
  function onMove(event) {
    if (held?.pointer !== event.pointerId) return;
    const place = placeOf(event);
    if (!held.moved && Math.hypot(place.dx, place.dy) < CLICK) return;
    if (!held.moved) {
      held.moved = true;
      held.item.dataset.dragged = "";
      root.setPointerCapture(event.pointerId);
    }
    if (place.y < EDGE && place.y <= held.last) scrollBy(0, -SCROLL);
    if (place.y > innerHeight - EDGE && place.y >= held.last) scrollBy(0, SCROLL);
    held.last = place.y;
    move(held.item, placeOf(event));
  }

  /** @param {PointerEvent} event */
  function onUp(event) {
    if (held?.pointer === event.pointerId) end(held.moved ? placeOf(event) : null);
  }

  /** @param {PointerEvent} event */
  function onCancel(event) {
    if (held?.pointer === event.pointerId) end(null);
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.key === "Escape") end(null);
  }

  /** @param {Event} event */
  function onSelect(event) {
    if (held) event.preventDefault();
  }

  /** @param {Place | null} place null: as if nothing had been taken */
  function end(place) {
    if (!held) return;
    const { item, moved } = held;
    held = null;
    delete item.dataset.dragged;
    if (place) drop(item, place);
    else if (moved) cancel(item);
  }

  /** @param {PointerEvent} event @returns {Place} */
  function placeOf({ clientX: x, clientY: y }) {
    return { x, y, dx: x - (held?.x ?? x), dy: y - (held?.y ?? y) + scrollY - (held?.scroll ?? scrollY) };
  }

  const listeners = /** @type {[string, EventListener][]} */ ([
    ["pointerdown", onDown],
    ["pointermove", onMove],
    ["pointerup", onUp],
    ["pointercancel", onCancel],
    ["selectstart", onSelect],
    ["dragstart", onSelect],
  ]);
  for (const [name, listener] of listeners) root.addEventListener(name, listener);
  document.addEventListener("keydown", onKey);
  return () => {
    for (const [name, listener] of listeners) root.removeEventListener(name, listener);
    document.removeEventListener("keydown", onKey);
  };
}

/** @param {Element} element @param {Place} place @returns {boolean} whether the place lies in it */
export function holds(element, { x, y }) {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return x >= left && x <= right && y >= top && y <= bottom;
}
