/**
 * What launches a package by cmi5 or by Tin Can: the LMS's side of a launch beside the strict LRS of `lrs.mjs`, and
 * browsers whose tabs can be killed at every step. No network, no DOM.
 *
 * A step is whatever another program can notice: an item written to a storage, a request sent, an answer received.
 */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { openSession } from "../../builder/runtime/session.js";
import * as cmi5 from "../../builder/runtime/drivers/cmi5.js";
import * as local from "../../builder/runtime/drivers/local.js";
import * as xapi from "../../builder/runtime/drivers/xapi.js";
import { course, memory } from "../runtime/fakes.mjs";
import { openClock, openFakeLrs } from "./lrs.mjs";

/** @import {CourseData, Statement, StatementTemplates} from "../../builder/runtime/types.d.ts" */
/** @typedef {Awaited<ReturnType<typeof openSession>>} Session */
/** @typedef {ReturnType<typeof openFakeLrs>} Lrs */
/** @typedef {ReturnType<typeof openBrowser>} Browser */
/** @typedef {Awaited<ReturnType<Browser["open"]>>} Page */

export const IRI = "https://carabin.example/essai";
export const AU = "https://lms.example/au/7";
export const REGISTRATION = "5f0d6a1e-7b1c-4a52-9a53-0d5d3f3b6a11";
export const ACTOR = { objectType: "Agent", account: { homePage: "https://lms.example", name: "jeanne" } };
export const SESSION = "https://w3id.org/xapi/cmi5/context/extensions/sessionid";
export const MASTERY = "https://w3id.org/xapi/cmi5/context/extensions/masteryscore";
export const CATEGORY = "https://w3id.org/xapi/cmi5/context/categories/";
const VERBS = "http://adlnet.gov/expapi/verbs/";
const TYPES = "http://adlnet.gov/expapi/activities/";
const PACKAGE = "https://content.example/essai/index.html";

/** @param {Partial<CourseData>} [more] @returns {CourseData} three questions; mastery 80 % */
export const courseOf = (more = {}) => course({ mastery: 0.8, state: { limit: 32_000 }, ...more });

/** @param {CourseData} course @returns {StatementTemplates} as a package has it */
export function templatesOf({ course: { id, version, language }, lessons }) {
  const category = [{ id: `${IRI}/_profile/${version}` }];
  /** @param {string} name */
  const verb = (name) => ({ id: VERBS + name, display: { en: name } });
  /** @param {string} place @param {string} type @param {object} [more] */
  const object = (place, type, more = {}) => ({
    objectType: "Activity",
    id: IRI + place,
    definition: { name: { fr: place }, type: TYPES + type, ...more },
  });
  /** @param {object} [more] */
  const context = (more = {}) => ({ contextActivities: { category, ...more }, language, revision: version });
  const parent = [{ id: IRI }];
  const kinds = ["initialized", "progressed", "completed", "passed", "failed", "terminated"];
  return {
    schema: 1,
    launches: {
      [id]: {
        activity: `${IRI}/_au`,
        statements: Object.fromEntries(
          kinds.map((kind) => [kind, { verb: verb(kind), object: object("/_au", "course"), context: context() }]),
        ),
      },
    },
    statements: Object.fromEntries(
      lessons.flatMap((lesson) => [
        [
          `experienced:${lesson.id}`,
          { verb: verb("experienced"), object: object(`/${lesson.id}`, "lesson"), context: context({ parent }) },
        ],
        ...lesson.questions
          .flatMap(({ interactions }) => interactions)
          .map((interaction) => [
            `answered:${interaction.id}`,
            {
              verb: verb("answered"),
              object: object(`/${interaction.id}`, "cmi.interaction", { interactionType: interaction.type }),
              result: { response: "" },
              context: context({ parent }),
            },
          ]),
      ]),
    ),
  };
}

/** @param {Statement} statement @returns {string} the last word of its verb */
export const verbOf = ({ verb }) => verb.id.slice(VERBS.length);

/** @param {Statement} statement @returns {string[]} ids of its categories */
export const categoriesOf = ({ context }) =>
  [context?.contextActivities?.category ?? []].flat().map((/** @type {{id: string}} */ { id }) => id);

/**
 * What a learner's work comes to: of statements that are told once a session, nothing; of the others verb, object and
 * response, and how often.
 * @param {Statement[]} statements
 */
export const essence = (statements) =>
  statements
    .filter((one) => !["initialized", "terminated"].includes(verbOf(one)))
    .map((one) => [verbOf(one), one.object.id, one.result?.response, one.result?.score?.scaled].join(" "))
    .sort();

/**
 * One registration of one learner, and the LRS where it is recorded.
 * @param {object} [options]
 * @param {"cmi5" | "xapi"} [options.target]
 * @param {CourseData} [options.data]
 * @param {boolean} [options.exposes] see `openFakeLrs`
 * @param {boolean} [options.checksState]
 * @param {string} [options.registration]
 */
export function openLms({
  target = "cmi5",
  data = courseOf(),
  exposes = true,
  checksState = true,
  registration = REGISTRATION,
} = {}) {
  const clock = openClock();
  const lrs = openFakeLrs({
    mode: target === "cmi5" ? "cmi5" : "strict",
    exposes,
    checksState,
    now: clock.now,
    timers: clock.timers,
  });
  const course = { ...data, target, driver: target };
  const identity = { activityId: AU, agent: JSON.stringify(ACTOR), registration };

  const lms = {
    clock,
    lrs,
    course,
    templates: templatesOf(course),
    /** What the document LMS.LaunchData says, beside the context template; null: there is none. */
    launchData: /** @type {Record<string, unknown> | null} */ ({
      launchMode: "Normal",
      moveOn: "CompletedAndPassed",
      masteryScore: 0.8,
      returnURL: "https://lms.example/back",
    }),
    template: /** @type {Record<string, any>} */ ({}),
    /** How often a token was asked for in this session. */
    asked: 0,
    /** What is answered when a token is asked for. @type {(asked: number) => object} */
    token: (asked) =>
      asked > 1
        ? { "error-code": "1", "error-text": "The token was fetched before." }
        : { "auth-token": lrs.auth.replace("Basic ", "") },
    /** What befalls requests to the package or for the token. @type {(url: string) => boolean} */
    isLost: () => false,
    /** The network. */
    isOnline: true,

    /** A new session. @returns {string} the address that is opened */
    launch() {
      const session = randomUUID();
      lms.asked = 0;
      lms.template = {
        registration,
        contextActivities: { grouping: [{ id: `${IRI}/publisher` }], category: [{ id: "https://lms.example/kind" }] },
        extensions: { [SESSION]: session, "https://lms.example/ward": { name: "B2", beds: [1, 2] } },
      };
      const contextTemplate = lms.template;
      if (target === "cmi5") {
        lrs.launch({ session, registration, activity: AU, actor: ACTOR, rules: true });
        const value = lms.launchData && { contextTemplate, ...lms.launchData };
        if (value) lrs.setDocument("activities/state", { stateId: "LMS.LaunchData", ...identity }, value);
      }
      const query = target === "cmi5" ? lms.queryOfCmi5() : lms.queryOfTinCan();
      return `${PACKAGE}?${query}`;
    },
    queryOfCmi5: () =>
      new URLSearchParams({
        actor: identity.agent,
        theme: "of the address itself",
        activityId: AU,
        registration,
        fetch: "https://lms.example/token?s=1&t=2",
        endpoint: lrs.endpoint,
      }),
    queryOfTinCan: () =>
      new URLSearchParams({
        theme: "of the address itself",
        endpoint: lrs.endpoint,
        auth: lrs.auth,
        actor: identity.agent,
        registration,
        activity_id: AU,
      }),
    /** @returns {any} the state document */
    state: () => lrs.document("activities/state", { stateId: "carabin", ...identity }),
    /** @param {unknown} value */
    setState: (value) => lrs.setDocument("activities/state", { stateId: "carabin", ...identity }, value),
    /** @returns {string[]} verbs, in the order in which statements were stored */
    verbs: () => lrs.statements.map(verbOf),

    /** @param {string} url @param {RequestInit} [init] @returns {Promise<Response>} */
    async fetch(url, init) {
      if (url.startsWith(lrs.endpoint)) {
        if (lms.isOnline) return lrs.fetch(url, init);
      } else if (lms.isOnline && !lms.isLost(url)) {
        if (url === "xapi/statements.json") return Response.json(structuredClone(lms.templates));
        assert.deepEqual([url, init?.method], ["https://lms.example/token?s=1&t=2", "POST"]);
        assert.equal(init?.body ?? "", "", "8.2.2: the body is empty");
        return Response.json(lms.token(++lms.asked));
      }
      throw new TypeError("Failed to fetch");
    },
  };
  return lms;
}

/** @typedef {ReturnType<typeof openLms>} Lms */

/** A browser: what it stores outlives its tabs. @param {Lms} lms @param {Storage} [items] */
export function openBrowser(lms, items = memory()) {
  const browser = {
    items,
    /** Steps taken so far. */
    steps: 0,
    /** What each living tab hears of what the others store. @type {Set<(key: string, value: string | null) => void>} */
    tabs: new Set(),
    /** At this step the tab dies; with `isAfter`, once it is done. */
    fatal: { step: Infinity, isAfter: false },

    /**
     * @param {string} address
     * @param {Storage} [tabItems] of the tab, from one page to the next
     */
    async open(address, tabItems = memory()) {
      const { origin, pathname, search, hash } = new URL(address);
      /** @type {Map<string, ((event: any) => void)[]>} */
      const listeners = new Map();
      let isAlive = true;
      /** @type {Session | undefined} */
      let session;

      /** @template T @param {() => T} action @param {T} otherwise @returns {T} */
      function step(action, otherwise) {
        if (!isAlive) return otherwise;
        const isFatal = ++browser.steps === browser.fatal.step;
        if (isFatal) isAlive = false;
        return isFatal && !browser.fatal.isAfter ? otherwise : action();
      }
      const never = new Promise(() => {});
      /** @param {string} key @param {string | null} value */
      const hear = (key, value) => isAlive && session?.overhear(key, value);
      browser.tabs.add(hear);
      /** @param {Storage} base @returns {Storage} */
      const storage = (base) => {
        /** @param {string} key @param {string | null} value */
        const tell = (key, value) => {
          if (base === items) for (const tab of browser.tabs) if (tab !== hear) setImmediate(tab, key, value);
        };
        return {
          ...base,
          get length() {
            return base.length;
          },
          setItem: (key, value) => step(() => (base.setItem(key, value), tell(key, value)), undefined),
          removeItem: (key) => step(() => (base.removeItem(key), tell(key, null)), undefined),
        };
      };
      const location = { origin, pathname, search, hash, href: address };
      const navigator = { onLine: true };
      const window = {
        localStorage: storage(items),
        sessionStorage: storage(tabItems),
        crypto: globalThis.crypto,
        navigator,
        location,
        history: {
          state: null,
          /** @param {unknown} _state @param {string} _title @param {string} url */
          replaceState(_state, _title, url) {
            const { href, search: left } = new URL(url, address);
            Object.assign(location, { href, search: left });
          },
        },
        /** @param {() => void} action @param {number} delay */
        setTimeout: (action, delay) => lms.clock.timers.setTimeout(() => isAlive && action(), delay),
        clearTimeout: lms.clock.timers.clearTimeout,
        /** @param {string} name @param {(event: any) => void} listener */
        addEventListener(name, listener) {
          listeners.set(name, [...(listeners.get(name) ?? []), listener]);
        },
        /** @param {string} url @param {RequestInit} [init] @returns {Promise<Response>} */
        async fetch(url, init) {
          const sent = step(() => lms.fetch(url, init), /** @type {Promise<any>} */ (never));
          const [answer] = await Promise.allSettled([sent]);
          await step(() => Promise.resolve(), never);
          if (!isAlive) await never;
          if (answer.status === "rejected") throw answer.reason;
          return answer.value;
        },
      };
      const shown = { changes: 0 };
      const opening = openSession(
        /** @type {any} */ (window),
        structuredClone(lms.course),
        { cmi5, xapi, local },
        () => void shown.changes++,
        lms.clock.now,
      );
      opening.then((opened) => (session = opened));
      for (let waited = 0; !session && isAlive && waited < 200_000; waited += 1000) {
        await lms.clock.settle();
        if (!session) await lms.clock.pass(waited ? 1000 : 0);
      }
      if (isAlive) assert.ok(session, "a session was opened");
      if (session?.offer) session.settleOffer(true);

      const page = {
        window,
        shown,
        tabItems,
        get isAlive() {
          return isAlive;
        },
        get session() {
          return /** @type {Session} */ (session);
        },
        /** @param {(session: Session) => void} action */
        act(action) {
          if (isAlive && session) action(session);
        },
        /** @param {string} name @param {object} [event] */
        fire(name, event = {}) {
          for (const listener of listeners.get(name) ?? []) if (isAlive) listener(event);
        },
        /** The button of the page: the page stays. */
        leave: () => page.act((it) => it.save(true)),
        /** The tab is closed, or loads something else: what was sent with keepalive goes on. */
        hide() {
          page.fire("pagehide", { persisted: false });
          page.leave();
          isAlive = false;
        },
        kill: () => void (isAlive = false),
        /** @param {boolean} isOn */
        network(isOn) {
          lms.isOnline = navigator.onLine = isOn;
          if (!isOn) return;
          page.fire("online");
          page.act((it) => it.hide());
        },
        /** @param {string} id of a question @param {string} letter */
        answer: (id, letter) =>
          page.act((it) => {
            const found = it.course.lessons.flatMap(({ questions }) => questions).find((one) => one.id === id);
            assert.ok(found);
            it.answer(found, [[letter]], 2000);
          }),
        /** @param {string} id of a lesson whose end is reached */
        read: (id) =>
          page.act((it) => {
            const lesson = it.course.lessons.find((one) => one.id === id);
            assert.ok(lesson);
            it.visit(lesson);
            it.reach(lesson);
          }),
        /** @param {string} id @returns {string | undefined} the letter given */
        given(id) {
          const questions = page.session.course.lessons.flatMap(({ questions }) => questions);
          const found = questions.find((one) => one.id === id);
          const [letters] = (found && page.session.record(found)?.response) ?? [];
          return Array.isArray(letters) ? letters[0] : undefined;
        },
      };
      return page;
    },
  };
  return browser;
}
