/**
 * The player's side of the preview (`carabin serve`; in no package): the desk around it says what was written anew, and
 * the same place of the same page shows it. What the learner did stays.
 */

/** @import {CourseData, LiveShell} from "../types.d.ts" */
/** @import {Session} from "../session.js" */

/** The desk's event; its detail says whether the style changed. */
const EVENT = "carabin:written";
/** Of what statements are made: the driver of cmi5 reads it once. */
const TEMPLATES = "xapi/statements.json";
/** As the driver has read them, so that new words and questions can be put there. @type {{statements: object} | undefined} */
let templates;
const PLACES = "h1, h2[id], h3[id], .question[id], .part, main p, main li, main details";

const { fetch } = window;
window.fetch = async (input, init) => {
  const response = await fetch(input, init);
  if (input === TEMPLATES) {
    templates = await response.json();
    response.json = () => Promise.resolve(templates);
  }
  return response;
};

/**
 * @param {Window} window
 * @param {CourseData} course
 * @param {Session} session
 * @param {LiveShell} shell
 */
export function open(window, course, session, shell) {
  const { document } = window;
  const { adopt } = session;
  const cover = [...(document.querySelector("main")?.childNodes ?? [])];
  let working = Promise.resolve();
  // Every lesson is one of another version: its questions rule.
  session.adopt = (lesson, page) => adopt(lesson, { ...page, version: "" });
  window.addEventListener(EVENT, (event) => {
    const { style } = /** @type {CustomEvent<{style: boolean}>} */ (event).detail;
    // One after the other; what cannot be read now will be told of again.
    working = working.then(() => update(style)).catch(() => {});
  });
  tell("ready");

  /** @param {boolean} isStyle the style has changed, too */
  async function update(isStyle) {
    if (isStyle) restyle();
    if (templates) Object.assign(templates.statements, (await (await fetch(TEMPLATES)).json()).statements);
    const text = await (await window.fetch(window.location.pathname)).text();
    const page = new DOMParser().parseFromString(text, "text/html");
    /** @type {CourseData} */
    const written = JSON.parse(page.querySelector("#course-data")?.textContent ?? "");
    const shown = document.querySelector("main")?.dataset.lesson;
    written.lessons.forEach((one, index) => {
      const lesson = course.lessons[index];
      // The lesson shown brings its own questions when it is read, just below.
      if (lesson && lesson.id === one.id && one.id !== shown) {
        session.adopt(lesson, { contract: 0, version: "", lesson: one.id, slot: one.slot, questions: one.questions });
      }
    });
    recover([...(page.querySelector("main")?.childNodes ?? [])]);
    const kept = remember();
    await shell.renew();
    restore(kept);
    tell("shown");
  }

  /** @param {"ready" | "shown"} what the desk is told: the player listens, or it has shown what was written */
  function tell(what) {
    window.frameElement?.dispatchEvent(new CustomEvent(`carabin:${what}`));
  }

  /** The shell keeps the nodes of the cover: their contents are exchanged. @param {ChildNode[]} written */
  function recover(written) {
    cover.forEach((node, index) => {
      const fresh = written[index];
      if (!(node instanceof Element) || !(fresh instanceof Element)) return;
      const start = node.querySelector("[data-action=start]");
      if (start) fresh.querySelector("[data-action=start]")?.replaceWith(start);
      node.replaceChildren(...fresh.childNodes);
    });
  }

  function restyle() {
    const link = document.querySelector('link[rel="stylesheet"]');
    const [address] = link?.getAttribute("href")?.split("?") ?? [];
    link?.setAttribute("href", `${address}?${Date.now()}`);
  }

  function remember() {
    const { activeElement } = document;
    const places = [...document.querySelectorAll(PLACES)].filter((one) => one.getClientRects().length);
    const index = places.findIndex((one) => one.getBoundingClientRect().top >= 0);
    const anchor = places[index];
    return {
      place: anchor && { text: sign(anchor), top: anchor.getBoundingClientRect().top },
      height: window.scrollY,
      open: disclosures().map((one) => ({ words: wordsOf(one), isOpen: one.open })),
      focus: activeElement && activeElement !== document.body ? pathOf(activeElement) : "",
    };
  }

  /** @param {ReturnType<typeof remember>} kept */
  function restore({ place, height, open, focus }) {
    const all = disclosures();
    all.forEach((one, index) => {
      // Another summary of as many is the same one, reworded; of others, words tell.
      const was = all.length === open.length ? open[index] : open.find(({ words }) => words === wordsOf(one));
      if (was) one.open = was.isOpen;
    });
    if (focus) {
      const element = document.querySelector(focus);
      if (element instanceof HTMLElement) element.focus({ preventScroll: true });
    } else if (document.activeElement instanceof HTMLElement) {
      document.activeElement.blur();
    }
    const same = place && [...document.querySelectorAll(PLACES)].find((one) => sign(one) === place.text);
    // What stood at the top of the window stands there again, also where text above it grew.
    window.scrollTo(0, same ? window.scrollY + same.getBoundingClientRect().top - place.top : height);
  }

  /** @returns {HTMLDetailsElement[]} */
  function disclosures() {
    return [...document.querySelectorAll(/** @type {"details"} */ ("main details"))];
  }

  /** @param {HTMLDetailsElement} details @returns {string} what its summary says */
  function wordsOf(details) {
    return details.querySelector("summary")?.textContent?.trim() ?? "";
  }

  /** @param {Element} element @returns {string} by which it is found again: its id, else its words */
  function sign(element) {
    return element.id || `${element.localName} ${element.textContent?.trim()}`;
  }

  /** @param {Element} element @returns {string} a selector: from the nearest id, by places among siblings */
  function pathOf(element) {
    let path = "";
    for (let one = element; one !== document.documentElement; one = /** @type {Element} */ (one.parentElement)) {
      if (one.id) return `#${CSS.escape(one.id)}${path}`;
      const siblings = [...(one.parentElement?.children ?? [])];
      path = ` > :nth-child(${siblings.indexOf(one) + 1})${path}`;
    }
    return `html${path}`;
  }
}
