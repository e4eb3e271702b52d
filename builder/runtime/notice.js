/** The one calm place for trouble. */

/**
 * @param {Document} document
 * @returns {(texts: string[]) => void} shows these texts, and nothing when there are none
 */
export function openNotice(document) {
  const place = /** @type {HTMLElement | null} */ (document.querySelector("[data-notice]"));
  let told = "";
  return (texts) => {
    // An alert speaks at every change, so an unchanged one is left alone.
    if (!place || told === texts.join()) return;
    told = texts.join();
    place.hidden = !texts.length;
    place.replaceChildren(
      ...texts.map((text) => {
        const span = document.createElement("span");
        span.textContent = text;
        return span;
      }),
    );
  };
}
