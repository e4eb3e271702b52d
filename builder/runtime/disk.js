/** Lessons from disk, where `fetch` fails: the same text comes from `lessons/ID.js`, `carabinLesson("ID", "…")`. */

/** Who waits for a lesson, by id. @type {Map<string, (page: string) => void>} */
const waiting = new Map();

/**
 * @param {Window} window
 * @param {string} lesson id
 * @returns {Promise<string>} the text of its page; rejects when the file is not there
 */
export function readScript(window, lesson) {
  const { document } = window;
  const receive = (/** @type {string} */ id, /** @type {string} */ page) => waiting.get(id)?.(page);
  Object.assign(window, { carabinLesson: receive });
  const script = document.createElement("script");
  const text = new Promise((resolve, reject) => {
    waiting.set(lesson, resolve);
    // After its own script has run, this settles only what that script left unsaid.
    script.onload = script.onerror = reject;
  });
  script.src = `lessons/${lesson}.js`;
  document.head.append(script);
  return text.finally(() => {
    waiting.delete(lesson);
    script.remove();
  });
}
