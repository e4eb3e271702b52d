/** What every part of the page does. */

/** @param {Element | null | undefined} element @param {boolean} isShown */
export function show(element, isShown) {
  if (element instanceof HTMLElement) element.hidden = !isShown;
}

/**
 * Move focus to an element, focusable or not.
 * @param {Element | null | undefined} element
 * @param {FocusOptions} [options]
 */
export function focus(element, options) {
  if (!(element instanceof HTMLElement)) return;
  if (element.tabIndex < 0) element.tabIndex = -1;
  element.focus(options);
}

/** @param {string} name @param {(Node | string)[]} children @returns {HTMLElement} */
export function element(name, ...children) {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}
