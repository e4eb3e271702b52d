/**
 * The shell: what the LMS launches. It shows every page of the course in its own `<main>`, and what is known of
 * progress.
 */

/** @import {CourseData, Lesson, LessonPage, Pieces} from "./types.d.ts" */
/** @import {Session} from "./session.js" */
/** @import {Words} from "./words.js" */

import { fillAttestation } from "./attestation.js";
import { readScript } from "./disk.js";
import { focus, show } from "./dom.js";
import { ATTESTATION, COVER, RESULTS, SEARCH, address, interceptLinks, parse } from "./links.js";
import { openNotice } from "./notice.js";
import { fillProfile } from "./profile.js";
import { mountQuestion } from "./question.js";
import { fillResults } from "./results.js";
import { openSearch } from "./search.js";
import * as progress from "./state.js";

/** @import {Question, QuizRules} from "./types.d.ts" */
/** @param {Question} question @returns {question is Question & {rules: QuizRules}} */
const isQuiz = (question) => !!question.rules;

/** What is said to who leaves, by where their progress is safe. */
const LEFT = { saved: "left_saved", browser: "left_kept", none: "left_unrecorded", pending: "left_unsaved" };
/** The page, of those that belong to no lesson, that is searched too. */
const GLOSSARY = "_glossary";
/** Pixels below the top of the window up to which a heading counts as the place where the learner is. */
const READING_LINE = 150;

/**
 * Links work at once; the rest waits for `start`.
 * @param {Window} window
 * @param {CourseData} course
 * @param {Pieces["questions"]} modules
 * @param {Words} words
 */
export function openShell(window, course, modules, words) {
  const { document, history, location } = window;
  const { t } = words;
  const find = (/** @type {string} */ selector) => /** @type {HTMLElement | null} */ (document.querySelector(selector));
  const main = /** @type {HTMLElement} */ (find("main"));
  const cover = [...main.childNodes];
  const title = document.title;
  const [toggle, pager, saved] = [".toc-toggle", ".pager", "[data-saved]"].map(find);
  const leaving = find(".shell-header [data-action=leave]");
  const tell = openNotice(document);
  const pagerWord = (/** @type {string} */ action) =>
    pager?.querySelector(`[data-action=${action}] .pager-word`)?.textContent ?? "";
  const pagerWords = { previous: pagerWord("previous"), next: pagerWord("next") };

  /** Texts of lessons, read or being read, by id. @type {Map<string, Promise<string>>} */
  const texts = new Map();
  /** Where pages were scrolled to, by address. @type {Map<string, number>} */
  const scrolled = new Map();
  /** @type {(() => void)[]} */
  let unmounts = [];
  /** @type {IntersectionObserver | null} */
  let observer = null;
  /** @type {Session | null} */
  let session = null;
  /** @type {Lesson | null} */
  let shown = null;
  /** Of a lesson in parts: the one shown. @type {HTMLElement | null} */
  let part = null;
  let current = "";
  let visits = 0;
  let isClicked = false;
  let isFirst = true;
  let unreachable = "";
  let timer = 0;

  const fillSearch = openSearch(
    words,
    [...course.lessons, ...(course.pages ?? []).filter((id) => isLesson(id) || id === GLOSSARY).map((id) => ({ id }))],
    ({ id }) => {
      const lesson = course.lessons.find((each) => each.id === id);
      return lesson ? read(lesson) : readPage(id);
    },
    (query) => history.replaceState(null, "", (current = address({ id: SEARCH.slice(2) }, encodeURIComponent(query)))),
  );
  interceptLinks(window, course, go);

  return { start, refresh, leave, renew };

  /** @param {Session} opened */
  function start(opened) {
    session = opened;
    history.scrollRestoration = "manual";
    for (const element of [
      toggle,
      saved,
      leaving,
      find(".shell-progress"),
      find(".toc-search"),
      find("[data-results]"),
    ])
      show(element, true);
    const header = find(".shell-header");
    // What stays below the bar must know how tall text makes it.
    const measure = () => document.documentElement.style.setProperty("--top", `${header?.offsetHeight}px`);
    if (header && "ResizeObserver" in window) new ResizeObserver(measure).observe(header);
    document.addEventListener("click", onClick);
    document.addEventListener("keydown", onKey);
    window.addEventListener("hashchange", route);
    window.addEventListener("scroll", onScroll, { passive: true });
    refresh();
    if (session.offer) showOffer(session.offer.date);
    else begin();
  }

  /** Take up where the learner left, unless the address says otherwise. */
  function begin() {
    const [only] = course.sco ? course.lessons : [];
    const place = session?.resume() ?? (only && { lesson: only, anchor: "" });
    const button = find("[data-action=start]");
    if (place && button) {
      button.textContent = t("resume");
      button.setAttribute("href", address(place.lesson, place.anchor));
    }
    if (place && !location.hash) history.replaceState(null, "", address(place.lesson, place.anchor));
    route();
  }

  // --- navigation --------------------------------------------------------------------------------------------------

  /** @param {string} hash */
  function go(hash) {
    isClicked = true;
    if (location.hash === hash && session) route();
    else location.hash = hash;
  }

  async function route() {
    if (!session || session.offer) return;
    if (session.isClosed) return leave();
    const hash = location.hash;
    const { lesson, page, anchor, isResults, query } = parse(course, hash);
    const visit = ++visits;
    const isBack = !isClicked && !isFirst;
    isClicked = false;
    openContents(false);
    scrolled.set(current, window.scrollY);
    if (!lesson || lesson !== shown) {
      const isWanted = () => visit === visits;
      const isLoaded = lesson
        ? await showLesson(lesson, isWanted)
        : page
          ? await showDocument(page, isWanted)
          : showPage(isResults, query);
      if (!isLoaded) return;
    }
    current = hash;
    settle(anchor, isBack ? scrolled.get(hash) : isFirst ? recall() : undefined);
    if (query !== null && !isBack) find("[data-search-field]")?.focus();
    if (lesson) watch(lesson);
    isFirst = false;
    session.visit(lesson);
    if (lesson && part) session.move(lesson.id, anchorHere());
    refresh();
    if (lesson) readAhead();
  }

  /** Show the page, and read all others, anew: their texts have changed. */
  function renew() {
    texts.clear();
    shown = null;
    return route();
  }

  /** @param {boolean} isResults the results @param {string | null} query what is searched; else the cover @returns {true} */
  function showPage(isResults, query) {
    const name = isResults ? "results" : query !== null ? "search" : location.hash === ATTESTATION ? "attestation" : "";
    const template = name ? find(`template#${name}`) : null;
    if (template instanceof HTMLTemplateElement && session) {
      const page = /** @type {DocumentFragment} */ (document.importNode(template.content, true));
      if (query !== null) fillSearch(page, query);
      else if (isResults) fillResults(page, session, words);
      else fillAttestation(page, session, words);
      replace(null, [...page.childNodes]);
    } else {
      replace(null, cover);
    }
    return true;
  }

  /**
   * A page that belongs to no lesson: going there leaves the session and the bookmark as they are.
   * @param {string} page id
   * @param {() => boolean} isWanted still
   * @returns {Promise<boolean>} whether it is shown
   */
  async function showDocument(page, isWanted) {
    let content;
    try {
      const text = await readPage(page);
      content = new DOMParser().parseFromString(text, "text/html").querySelector("main");
    } catch {
      // Told below, as what is not the page that was asked for.
    }
    if (!isWanted()) return false;
    if (!content) tellUnreachable({ title: pageLink(page)?.textContent ?? page });
    else replace(null, [...document.importNode(content, true).childNodes]);
    if (content) unreachable = "";
    return !!content;
  }

  /** @param {string} page id, of no lesson of this document @returns {Promise<string>} */
  function readPage(page) {
    return readText(page, isLesson(page) ? "lesson-data" : "data-page");
  }

  /** @param {string} page id @returns {HTMLElement | null} its link in the table of contents */
  function pageLink(page) {
    return find(`.toc-links [href="${page}.html"]`);
  }

  /** In a SCO, the other lessons are pages to be read. @param {string} page id */
  function isLesson(page) {
    return !!page && !page.startsWith("_");
  }

  /** @param {Lesson} lesson @param {() => boolean} isWanted still @returns {Promise<boolean>} whether it is shown */
  async function showLesson(lesson, isWanted) {
    let text;
    try {
      text = await read(lesson);
    } catch {
      if (isWanted()) tellUnreachable(lesson);
      return false;
    }
    if (!isWanted() || !session) return false;
    const page = new DOMParser().parseFromString(text, "text/html").querySelector("main");
    /** @type {LessonPage} */
    const data = JSON.parse(page?.querySelector(".lesson-data")?.textContent || "{}");
    if (!page || data.contract !== course.contract) {
      session.save();
      showMessage("reopen_title", [t(LEFT[session.safety]), t("reopen")]);
      return false;
    }
    session.adopt(lesson, data);
    unreachable = "";
    replace(lesson, [...document.importNode(page, true).childNodes]);
    for (const question of lesson.questions) {
      const section = document.getElementById(question.id);
      const module = modules[question.type];
      if (!section || !module) continue;
      if (!("mountGroup" in module)) unmounts.push(mountQuestion(section, question, module, session, words));
      else if (isQuiz(question)) unmounts.push(module.mountGroup(section, question, lesson.questions, session, words));
    }
    return true;
  }

  /** @param {Lesson | null} lesson @param {Node[]} nodes */
  function replace(lesson, nodes) {
    observer?.disconnect();
    for (const unmount of unmounts) unmount();
    unmounts = [];
    shown = lesson;
    part = null;
    show(find("[data-outcome]"), false);
    main.replaceChildren(...nodes);
    if (lesson) main.dataset.lesson = lesson.id;
    else delete main.dataset.lesson;
    const heading = main.querySelector("h1")?.textContent?.trim();
    document.title = lesson || nodes !== cover ? `${heading} – ${course.course.title}` : title;
    turnPages();
  }

  /**
   * Bring focus and view to where the address points.
   * @param {string} anchor
   * @param {number} [top] where it was left
   */
  function settle(anchor, top) {
    const target = anchor ? document.getElementById(anchor) : null;
    openPart(target);
    // What a disclosure holds can be neither focused nor scrolled to while it is closed.
    for (let one = target?.closest("details"); one; one = one.parentElement?.closest("details")) one.open = true;
    if (!isFirst) focus(target ?? main.querySelector("h1"), { preventScroll: true });
    const isPart = !!part && target?.id === part.dataset.part;
    if (top === undefined && target && !isPart) target.scrollIntoView();
    else window.scrollTo(0, top ?? 0);
  }

  /** The end of a lesson is reached when its mark comes into view. @param {Lesson} lesson */
  function watch(lesson) {
    const end = main.querySelector("[data-lesson-end]");
    if (!end || !("IntersectionObserver" in window)) return;
    observer?.disconnect();
    observer = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer?.disconnect();
      session?.reach(lesson);
    });
    observer.observe(end);
  }

  /** @returns {boolean} a lesson is shown, and nothing of it follows */
  function isAtEnd() {
    return !!shown && (partsHere().at(-1) ?? part) === part;
  }

  /** @returns {HTMLElement[]} the screens of a lesson in parts */
  function partsHere() {
    return [...main.querySelectorAll(/** @type {"section"} */ (".part"))];
  }

  /** Show one part of a lesson in parts: that of the place, else the one shown, else the first. @param {Element | null} place */
  function openPart(place) {
    const parts = partsHere();
    const last = parts.at(-1);
    if (!last || !shown) return;
    part =
      parts.find((each) => each.contains(place)) ?? (place && part && parts.includes(part) ? part : (parts[0] ?? null));
    for (const each of parts) each.toggleAttribute("data-away", each !== part);
    for (const goals of main.querySelectorAll(".lesson-goals")) goals.toggleAttribute("data-away", part !== parts[0]);
    main.querySelector("[data-lesson-end]")?.toggleAttribute("data-away", part !== last);
    turnPages();
  }

  function turnPages() {
    const place = shown ? course.lessons.indexOf(shown) : location.hash === RESULTS ? course.lessons.length : -1;
    show(pager, place >= 0);
    const parts = partsHere();
    const here = part ? parts.indexOf(part) : -1;
    const isBack = turnPart("previous", parts[here - 1]);
    const isOn = turnPart("next", here < 0 ? undefined : parts[here + 1]);
    const [before, after] = course.sco ? course.lessons : [course.lessons[place - 1], course.lessons[place + 1]];
    if (!isBack) turn("previous", before ? address(before) : COVER, before?.title ?? course.course.title);
    if (!isOn) turn("next", after ? address(after) : RESULTS, after?.title ?? t("results"));
    show(pager?.querySelector("[data-action=next]"), course.sco ? isOn : place < course.lessons.length);
    if (!course.sco) return;
    // From another page of the SCO one goes back to its lesson; the lesson before is another SCO.
    show(pager?.querySelector("[data-action=previous]"), isBack || !shown);
    show(pager, isBack || isOn || !shown);
  }

  /** @param {"previous" | "next"} action @param {HTMLElement | undefined} target @returns {boolean} whether there is one */
  function turnPart(action, target) {
    if (!shown || !target) return false;
    turn(action, address(shown, target.dataset.part), titleOf(target), t(`${action}_part`));
    return true;
  }

  /** @param {HTMLElement} target @returns {string} what a part is about: its heading, else the lesson's title */
  function titleOf(target) {
    return (target.dataset.part && document.getElementById(target.dataset.part)?.textContent) || (shown?.title ?? "");
  }

  /** @param {"previous" | "next"} action @param {string} href @param {string} text @param {string} [kind] */
  function turn(action, href, text, kind = pagerWords[action]) {
    const link = pager?.querySelector(`[data-action=${action}]`);
    link?.setAttribute("href", href);
    const name = link?.querySelector("[data-title]");
    if (name) name.textContent = text;
    write(link?.querySelector(".pager-word") ?? null, kind);
  }

  /** @param {Lesson} lesson @returns {Promise<string>} the text of its page; rejects when it cannot be read */
  function read(lesson) {
    const known = texts.get(lesson.id);
    if (known) return known;
    const text = readText(lesson.id, "lesson-data");
    texts.set(lesson.id, text);
    text.catch(() => texts.delete(lesson.id));
    return text;
  }

  /**
   * @param {string} page id
   * @param {string} sign what its text must hold: a lost session is often answered by a page to log in
   * @returns {Promise<string>} its text; rejects when it cannot be read
   */
  async function readText(page, sign) {
    try {
      // From disk the browser refuses, and says so in its console.
      const response = location.protocol === "file:" ? null : await window.fetch(`${page}.html`);
      const text = response?.ok ? await response.text() : "";
      if (text.includes(sign)) return text;
    } catch {
      // No network: the script may still be in the browser's cache.
    }
    if (course.driver === "local") return readScript(window, page);
    throw new Error("not the page that was asked for");
  }

  /** Read the other lessons while nothing else happens, so that a lost network stops no one. */
  function readAhead() {
    const { connection } = /** @type {{connection?: {saveData?: boolean}}} */ (window.navigator);
    const next = course.lessons.find((lesson) => !texts.has(lesson.id));
    if (!next || connection?.saveData || window.navigator.onLine === false) return;
    const idle = window.requestIdleCallback ?? ((/** @type {() => void} */ action) => window.setTimeout(action, 500));
    idle(() => read(next).then(readAhead, () => {}));
  }

  // --- what is known of progress -----------------------------------------------------------------------------------

  /** Show progress, what is saved, and trouble, as they are now. */
  function refresh() {
    if (!session) return;
    const { saved: state, safety, notices } = session;
    const asked = course.lessons.filter((lesson) => !lesson.optional);
    const done = asked.filter((lesson) => progress.isDone(state, lesson)).length;
    const points = course.lessons.filter((lesson) => lesson.graded).map((lesson) => progress.points(state, lesson));
    const possible = points.reduce((sum, each) => sum + each.possible, 0);
    const won = points.reduce((sum, each) => sum + each.won, 0);
    const bar = find("[data-progress]");
    if (bar instanceof HTMLProgressElement) bar.value = asked.length ? (100 * done) / asked.length : 0;
    const text = t("progress", { n: done, total: asked.length });
    write(
      find("[data-progress-text]"),
      possible ? `${text} · ${t("progress_points", { n: won, total: possible })}` : text,
    );
    for (const lesson of course.lessons) {
      const item = find(`.toc [data-lesson="${lesson.id}"]`);
      const known = progress.lessonState(state, lesson);
      if (!item) continue;
      item.dataset.state = known;
      write(item.querySelector("[data-lesson-state]"), known && t(`state_${known}`));
      mark(item.querySelector("a"), lesson === shown);
      for (const link of item.querySelectorAll(/** @type {"a"} */ (".toc-parts a"))) {
        mark(link, lesson === shown && link.hash.slice(1) === part?.dataset.part, "location");
      }
    }
    mark(find("[data-results]"), !shown && location.hash === RESULTS);
    mark(find(".toc-search"), !shown && parse(course, location.hash).query !== null);
    for (const id of course.pages ?? []) mark(pageLink(id), !shown && parse(course, location.hash).page === id);
    if (saved) saved.dataset.state = safety;
    write(saved, t(`safety_${safety}`));
    const outcome = find("[data-outcome]");
    if (outcome) fillResults(outcome, session, words);
    show(outcome, isAtEnd());
    fillProfile(main, session, shown, words);
    const others = !shown && isLesson(parse(course, location.hash).page) ? [t("other_lesson")] : [];
    tell(
      [...notices, session.trouble || []]
        .flat()
        .map((key) => t(key))
        .concat(unreachable || [], others),
    );
  }

  /** @param {{title: string}} page a lesson, or another page */
  function tellUnreachable({ title }) {
    unreachable = t("unreachable", { title });
    refresh();
    if (!isFirst) return;
    isFirst = false;
    history.replaceState(null, "", COVER);
    route();
  }

  // --- leaving, and other messages ---------------------------------------------------------------------------------

  /** Save, close, and go back to the LMS, where it says how and all is safe; else say that the window may be closed. */
  async function leave() {
    if (!session) return;
    const { isClosed, looking, returnTo } = session;
    if (shown) session.move(shown.id, anchorHere());
    session.save(true);
    for (const element of [find(".toc"), find(".sco-links"), toggle, leaving]) show(element, false);
    await session.ended;
    refresh();
    const how = looking ? "left_looking" : LEFT[session.safety];
    const back = () => location.assign(returnTo ?? "");
    showMessage("left_title", returnTo ? [t(how)] : [t(how), t("left_close")], returnTo ? [["left_return", back]] : []);
    // Who comes back to a page that was left is not sent away again.
    if (returnTo && !isClosed && (looking || session.safety === "saved")) back();
  }

  /** @param {Date} date when the answers on this device were given */
  function showOffer(date) {
    showMessage(
      "offer_title",
      [t("offer", { date: words.date(date) })],
      [
        ["offer_take", () => settleOffer(true)],
        ["offer_refuse", () => settleOffer(false)],
      ],
    );
  }

  /** @param {boolean} isTaken */
  function settleOffer(isTaken) {
    session?.settleOffer(isTaken);
    begin();
  }

  function askRestart() {
    showMessage(
      "restart_title",
      [t("restart")],
      [
        ["restart_keep", () => go(location.hash)],
        ["restart_erase", restart],
      ],
    );
  }

  function restart() {
    session?.forget();
    history.replaceState(null, "", COVER);
    location.reload();
  }

  /**
   * @param {string} heading key
   * @param {string[]} paragraphs
   * @param {[key: string, action: () => void][]} [buttons]
   */
  function showMessage(heading, paragraphs, buttons = []) {
    const article = document.createElement("article");
    article.className = "lesson";
    const add = (/** @type {Element} */ parent, /** @type {string} */ name, text = "") => {
      const element = parent.appendChild(document.createElement(name));
      element.textContent = text;
      return element;
    };
    add(article, "h1", t(heading));
    for (const paragraph of paragraphs) add(article, "p", paragraph);
    const row = add(article, "p");
    row.className = "button-row";
    for (const [key, action] of buttons) {
      const button = add(row, "button", t(key));
      button.className = row.firstChild === button ? "button" : "button button-quiet";
      button.setAttribute("type", "button");
      button.addEventListener("click", action);
    }
    replace(null, [article]);
    show(pager, false);
    window.scrollTo(0, 0);
    focus(article.querySelector("h1"));
  }

  // --- what the learner does ---------------------------------------------------------------------------------------

  /** @param {MouseEvent} event */
  function onClick(event) {
    const target = event.target instanceof Element ? event.target.closest("[data-action]") : null;
    const action = target?.getAttribute("data-action");
    if (action === "toc") openContents(toggle?.getAttribute("aria-expanded") !== "true");
    if (action === "leave") leave();
    if (action === "restart") askRestart();
    if (action === "print") window.print();
    if (action === "next" && shown && isAtEnd()) session?.reach(shown, true);
    if (action === "answer-again") {
      const [lesson] = session?.reopen() ?? [];
      // In a SCO the lesson itself is what is shown: it is to be shown anew.
      shown = null;
      if (lesson) go(address(lesson));
    }
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.key !== "Escape" || toggle?.getAttribute("aria-expanded") !== "true") return;
    openContents(false);
    toggle.focus();
  }

  /** @param {boolean} isOpen */
  function openContents(isOpen) {
    toggle?.setAttribute("aria-expanded", String(isOpen));
  }

  function onScroll() {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => {
      if (shown) session?.move(shown.id, anchorHere());
      remember();
    }, 300);
  }

  /** @returns {string} the last heading or question above the reading line */
  function anchorHere() {
    const places = [...main.querySelectorAll("h2[id], h3[id], .question[id]")];
    const isAbove = (/** @type {Element} */ place) =>
      place.getClientRects().length > 0 && place.getBoundingClientRect().top < READING_LINE;
    return places.filter(isAbove).pop()?.id ?? part?.dataset.part ?? "";
  }

  /** The exact height is for this device alone; the LMS keeps the anchor. */
  function remember() {
    try {
      window.sessionStorage.setItem(
        `carabin:${course.course.id}:scroll`,
        JSON.stringify([location.hash, window.scrollY]),
      );
    } catch {
      // Without storage the anchor has to do.
    }
  }

  /** @returns {number | undefined} */
  function recall() {
    try {
      const [hash, top] = JSON.parse(window.sessionStorage.getItem(`carabin:${course.course.id}:scroll`) ?? "[]");
      return hash === location.hash ? top : undefined;
    } catch {
      return undefined;
    }
  }
}

/**
 * Write only what has changed: live regions speak at every change.
 * @param {Element | null} element
 * @param {string} text
 */
function write(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

/** @param {Element | null} link @param {boolean} isCurrent @param {"page" | "location"} [kind] */
function mark(link, isCurrent, kind = "page") {
  if (isCurrent) link?.setAttribute("aria-current", kind);
  else link?.removeAttribute("aria-current");
}
