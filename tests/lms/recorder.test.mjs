/**
 * An LRS beside an LMS: where its address comes from, whom statements name, that nothing is sent unless all is known, and
 * that the LMS is told the same whatever becomes of it.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as recorders from "../../builder/runtime/recorders/lrs.js";
import { openSession } from "../../builder/runtime/session.js";
import { course, interaction, memory, openLms, question } from "../runtime/fakes.mjs";
import { openClock, openFakeLrs } from "./lrs.mjs";

/** @import {CourseData, Opened, Question, StatementTemplates} from "../../builder/runtime/types.d.ts" */

const IRI = "https://carabin.example/essai";
const PACKAGE = "https://lms.example/content/7/";
const ENDPOINT = "https://lrs.example/xapi/";
const AUTH = "Basic amVhbm5lOm1hcnRpbg==";
const HOME = "https://lms.example";
const SALT = "0123456789abcdef0123456789abcdef";
const ID = "jmartin";
const NAME = "Martin, Jeanne";
/** `hmac.new(salt, id, hashlib.sha256).hexdigest()` of Python, both in UTF-8. */
const PSEUDONYMS = [
  { salt: SALT, id: ID, name: "9611a46a667ceb9682a5a940140799e87646df25bd69f079783b57f905621fd5" },
  {
    salt: "sel de l’hôpital",
    id: "Élodie Müller ☤",
    name: "87c31e1949b5fe6172695270e4fa1370188367642db0b41268371bda82a2ebf9",
  },
];
const WHOLE = { endpoint: ENDPOINT, auth: AUTH, homePage: HOME, salt: SALT };

/** @param {string} verb @param {string} id @param {object} [more] */
const template = (verb, id, more = {}) => ({
  verb: { id: `http://adlnet.gov/expapi/verbs/${verb}`, display: { fr: verb } },
  object: { objectType: "Activity", id },
  context: { contextActivities: { category: [{ id: `${IRI}/_profile/1` }] }, language: "fr-FR" },
  ...more,
});
const VERBS = ["initialized", "progressed", "completed", "passed", "failed", "terminated"];
/** @type {StatementTemplates} */
const TEMPLATES = {
  schema: 1,
  launches: {
    essai: { activity: IRI, statements: Object.fromEntries(VERBS.map((verb) => [verb, template(verb, IRI)])) },
  },
  statements: Object.fromEntries([
    ...["un", "deux"].map((id) => [`experienced:${id}`, template("experienced", `${IRI}/${id}`)]),
    ...["a", "b", "c"].map((id) => [
      `answered:${id}`,
      template("answered", `${IRI}/${id}`, { result: { response: "" } }),
    ]),
  ]),
};

/**
 * A launch in a browser: a page of the package, the storages of its origin, an LRS somewhere.
 * @param {object} [options]
 * @param {unknown} [options.file] `lrs.json`; undefined: there is none
 * @param {string} [options.search]
 * @param {string} [options.kind] how the page came, `reload` for one
 * @param {Partial<Opened>} [options.opened]
 * @param {Partial<CourseData>} [options.data]
 * @param {boolean} [options.isSafe] whether the page came over TLS
 * @param {Storage} [options.localStorage]
 * @param {Storage} [options.sessionStorage]
 * @param {ReturnType<typeof openFakeLrs>} [options.lrs]
 * @param {ReturnType<typeof openClock>} [options.clock]
 */
function launch({
  file,
  search = "",
  kind = "navigate",
  opened = {},
  data = {},
  isSafe = true,
  localStorage = memory(),
  sessionStorage = memory(),
  clock = openClock(),
  lrs = openFakeLrs({ endpoint: ENDPOINT, auth: AUTH, now: clock.now, timers: clock.timers }),
} = {}) {
  /** Everything that left the page. @type {{url: string, text: string}[]} */
  const sent = [];
  /** Requests for files of the package, and how each is answered. @type {Record<string, () => Response | Promise<Response>>} */
  const files = {
    "lrs.json": () =>
      file === undefined ? new Response("", { status: 404 }) : new Response(JSON.stringify(file), { status: 200 }),
    "xapi/statements.json": () => new Response(JSON.stringify(TEMPLATES)),
  };
  const address = new URL(`index.html${search}#/un`, PACKAGE);
  const location = { href: address.href, pathname: address.pathname, search: address.search, hash: address.hash };
  /** @type {Record<string, () => void>} */
  const listeners = {};
  const window = {
    localStorage,
    sessionStorage,
    location,
    history: {
      state: null,
      replaceState: (/** @type {unknown} */ _, /** @type {string} */ __, /** @type {string} */ to) => void (shown = to),
    },
    performance: { getEntriesByType: () => [{ type: kind }] },
    crypto: isSafe ? globalThis.crypto : { getRandomValues: globalThis.crypto.getRandomValues.bind(globalThis.crypto) },
    navigator: { onLine: true },
    ...clock.timers,
    addEventListener: (/** @type {string} */ name, /** @type {() => void} */ action) => void (listeners[name] = action),
    fetch: async (/** @type {string} */ input, /** @type {RequestInit} */ init = {}) => {
      // As many as this are never made; without end, nothing else would run.
      if (++tried > 100) return new Promise(() => {});
      if (isGone) throw new TypeError("Failed to fetch");
      sent.push({ url: input, text: JSON.stringify([init.headers, init.body]) });
      const own = files[input];
      return own ? own() : lrs.fetch(input, init);
    },
  };
  let isGone = false;
  let tried = 0;
  let shown = address.pathname + address.search + address.hash;
  const lms = openLms({ learner: { id: ID, name: NAME }, ...opened });
  const given = course(data);
  return {
    window: /** @type {Window} */ (/** @type {unknown} */ (window)),
    lms,
    lrs,
    clock,
    sent,
    files,
    listeners,
    localStorage,
    sessionStorage,
    course: given,
    /** The page is gone: nothing leaves it any more, and no timer starts. */
    kill() {
      isGone = true;
      window.setTimeout = () => 0;
    },
    /** How many requests were made. */
    get tried() {
      return tried;
    },
    get shown() {
      return shown;
    },
    /** The recorder alone. */
    open: () =>
      recorders.open(/** @type {Window} */ (/** @type {unknown} */ (window)), {
        course: given.course.id,
        target: "scorm12",
        now: clock.now,
        data: given,
        again: () => {},
        changed: () => {},
        opened: lms.opened,
        attempt: 7,
      }),
    /** All that the learner's browser does. */
    session: () =>
      openSession(
        /** @type {Window} */ (/** @type {unknown} */ (window)),
        given,
        { fake: lms.module() },
        () => {},
        clock.now,
        { lrs: recorders },
      ),
  };
}

/** @param {ReturnType<typeof launch>} page @returns {Promise<any>} the actor of what is told; null: nothing is */
async function actorOf(page) {
  const recorder = await page.open();
  return recorder?.tell({ kind: "initialized" })[0]?.actor ?? null;
}

/** @param {string} homePage @param {string} name */
const account = (homePage, name) => ({ objectType: "Agent", account: { homePage, name } });

/** @param {Record<string, string>} values */
const query = (values) => `?${new URLSearchParams(values)}`;

// --- where it is, and what is missing --------------------------------------------------------------------------------

test("lrs.json alone is enough", async () => {
  const page = launch({ file: { endpoint: ` ${ENDPOINT} `, auth: AUTH, homePage: HOME, salt: "" } });
  assert.deepEqual(await actorOf(page), account(HOME, ID));
});

test("each value comes from the query, else from the launch data, else from lrs.json", async () => {
  const file = { endpoint: "https://file.example/", auth: "Basic ZmlsZTpmaWxl", homePage: "https://home.file.example" };
  const inData = { auth: "Basic ZGF0YTpkYXRh", homePage: "https://home.data.example" };
  const search = query({ endpoint: "https://query.example/xapi", auth: "Bearer query" });
  const opened = { launchData: JSON.stringify(inData) };
  const cases = [
    {
      page: launch({ file, opened, search }),
      to: "https://query.example/xapi/",
      auth: "Bearer query",
      home: inData.homePage,
    },
    { page: launch({ file, opened }), to: file.endpoint, auth: inData.auth, home: inData.homePage },
    { page: launch({ file }), to: file.endpoint, auth: file.auth, home: file.homePage },
    {
      page: launch({ file, search: query({ home_page: "https://home.query.example" }) }),
      to: file.endpoint,
      auth: file.auth,
      home: "https://home.query.example",
    },
  ];
  for (const { page, to, auth, home } of cases) {
    const recorder = await page.open();
    assert.ok(recorder);
    const made = recorder.tell({ kind: "initialized" });
    assert.deepEqual(made[0]?.actor, account(home, ID));
    recorder.put(made);
    const last = page.sent.at(-1);
    assert.equal(last?.url, `${to}statements`);
    assert.ok(last?.text.includes(`"Authorization":"${auth}"`), last?.text);
  }
});

test("a key is not sent to an endpoint that stands before it", async () => {
  const foreign = { endpoint: "https://elsewhere.example/" };
  const all = { file: { ...WHOLE }, opened: { launchData: JSON.stringify(WHOLE) } };
  for (const page of [
    launch({ ...all, search: query(foreign) }),
    launch({ file: WHOLE, opened: { launchData: JSON.stringify(foreign) } }),
  ]) {
    assert.equal(await page.open(), null);
    assert.ok(page.sent.every(({ url }) => !url.includes("elsewhere")));
  }
});

test("nothing is sent, kept or said when anything is missing or is not what it should be", async () => {
  const wrong = {
    endpoint: [
      "",
      "lrs.example/xapi",
      "/xapi",
      "http://lrs.example/xapi",
      "javascript:alert(1)",
      "https://a:b@lrs.example/",
      7,
    ],
    auth: ["", "key", "Basic", "Basic é", "Basic a\nb", null],
    homePage: ["", "lms.example", "mailto:a@b.example", "https://", ["https://lms.example"]],
  };
  const pages = Object.entries(wrong).flatMap(([key, values]) =>
    values.map((value) => launch({ file: { ...WHOLE, [key]: value } })),
  );
  const nobody = launch({ file: WHOLE, opened: { learner: { id: "", name: NAME } } });
  const silent = launch({ file: WHOLE });
  silent.files["xapi/statements.json"] = () => new Response("", { status: 404 });
  const others = [undefined, null, 3, "text", [], {}, { Endpoint: ENDPOINT }].map((file) => launch({ file }));
  const launched = ["not JSON", "null", "7", '"text"', "[]", '{"endpoint": 7}'].map((launchData) =>
    launch({ opened: { launchData } }),
  );
  for (const page of [...pages, nobody, silent, ...others, ...launched]) {
    const session = await page.session();
    session.visit(page.course.lessons[0] ?? null);
    session.save(true);
    await page.clock.pass(60_000);
    assert.equal(page.lrs.requests.length, 0);
    assert.ok(page.sent.every(({ url }) => url in page.files));
    assert.equal(session.trouble, "");
    const kept = [page.localStorage, page.sessionStorage].flatMap((storage) =>
      Array.from({ length: storage.length }, (_, n) => storage.key(n) ?? ""),
    );
    assert.ok(!kept.some((key) => key.includes(":lrs:")));
  }
});

test("an LRS of the same machine needs no TLS", async () => {
  for (const endpoint of ["http://localhost:8080/xapi", "http://127.0.0.1:8080/"]) {
    assert.ok(await actorOf(launch({ file: { ...WHOLE, endpoint } })));
  }
});

test("what the query gives leaves the address, and nothing else does", async () => {
  const search = `?id=7&${query({ endpoint: ENDPOINT, auth: AUTH, home_page: HOME, salt: SALT }).slice(1)}&lang=%66r`;
  const page = launch({ search });
  assert.deepEqual(await actorOf(page), account(HOME, ID));
  assert.equal(page.shown, "/content/7/index.html?id=7&lang=%66r#/un");
  const plain = launch({ search: "?id=7", file: WHOLE });
  await plain.open();
  assert.equal(plain.shown, "/content/7/index.html?id=7#/un");
});

test("the query is kept for the page loaded again, and for no other launch", async () => {
  const sessionStorage = memory();
  const search = query({ endpoint: ENDPOINT, auth: AUTH, home_page: HOME });
  assert.ok(await launch({ search, sessionStorage }).open());
  for (const kind of ["reload", "back_forward"]) assert.ok(await launch({ sessionStorage, kind }).open());
  const other = { course: { id: "autre", title: "Autre", version: "1.0.0", language: "fr" } };
  assert.equal(await launch({ sessionStorage, kind: "reload", data: other }).open(), null);
  assert.equal(await launch({ sessionStorage }).open(), null, "somebody else may have made that link");
  assert.equal(await launch({ sessionStorage, kind: "reload" }).open(), null);
});

test("storage that is forbidden stops neither the course nor the statements", async () => {
  const page = launch({ search: query({ endpoint: ENDPOINT, auth: AUTH, home_page: HOME }) });
  for (const name of ["localStorage", "sessionStorage"]) {
    Object.defineProperty(page.window, name, {
      get() {
        throw new DOMException("forbidden", "SecurityError");
      },
    });
  }
  await page.session();
  await page.clock.settle();
  assert.equal(page.lrs.statements.length, 1);
});

test("a file of the package that never comes holds the course up for a moment only", async () => {
  const page = launch({ file: WHOLE });
  page.files["lrs.json"] = () => new Promise(() => {});
  const opening = page.session();
  await page.clock.pass(5_000);
  await opening;
  assert.equal(page.lms.last().status, "incomplete");
  assert.equal(page.lrs.requests.length, 0);
});

test("without network the files read before are used", async () => {
  const page = launch({ file: WHOLE });
  const { fetch } = page.window;
  page.window.fetch = async (input, init) => {
    if (init?.cache === "no-cache") throw new TypeError("Failed to fetch");
    return fetch(input, init);
  };
  assert.ok(await actorOf(page));
});

// --- whom statements name --------------------------------------------------------------------------------------------

test("a pseudonym is the HMAC-SHA-256 of the identifier under the salt", async () => {
  for (const { salt, id, name } of PSEUDONYMS) {
    const page = launch({
      file: { ...WHOLE, salt },
      data: { pseudonymous: true },
      opened: { learner: { id, name: NAME } },
    });
    assert.deepEqual(await actorOf(page), account(HOME, name));
  }
});

test("without a salt, or without TLS, there is no pseudonym: nothing is sent, and it is said", async () => {
  const data = { pseudonymous: true };
  for (const page of [
    launch({ data, file: { ...WHOLE, salt: "" } }),
    launch({ data, file: { ...WHOLE, salt: "   " } }),
    launch({ data, file: WHOLE, isSafe: false }),
  ]) {
    const session = await page.session();
    assert.equal(session.trouble, "statements_nameless");
    session.answer(/** @type {Question} */ (page.course.lessons[0]?.questions[0]), [["b"]], 1000);
    session.save(true);
    await page.clock.pass(60_000);
    assert.equal(page.lrs.requests.length, 0);
    assert.ok(page.sent.every(({ url }) => url in page.files));
    assert.equal(page.lms.closed.length, 1);
  }
});

test("a salt changes nothing where learners go by their identifier", async () => {
  assert.deepEqual(await actorOf(launch({ file: WHOLE, isSafe: false })), account(HOME, ID));
});

/**
 * A learner's whole way through the course: everything right, both lessons read.
 * @param {ReturnType<typeof launch>} page
 */
async function play(page) {
  const session = await page.session();
  for (const lesson of page.course.lessons) {
    session.visit(lesson);
    for (const one of lesson.questions) session.answer(one, [["b"]], 2000);
    session.reach(lesson);
  }
  session.save(true);
  return session;
}

test("where learners are pseudonymous, neither identifier nor name is sent or kept", async () => {
  const data = { pseudonymous: true };
  const clock = openClock();
  const lrs = openFakeLrs({ endpoint: ENDPOINT, auth: AUTH, now: clock.now, timers: clock.timers });
  // First with an LRS that does not answer, so that all is kept; then with one that does.
  lrs.always = () => "unsent";
  const first = launch({ data, file: WHOLE, lrs, clock });
  await play(first);
  await clock.pass(60_000);
  const kept = [first.localStorage, first.sessionStorage].flatMap((storage) =>
    Array.from({ length: storage.length }, (_, n) => [storage.key(n), storage.getItem(storage.key(n) ?? "")]).flat(),
  );
  assert.ok(
    kept.some((text) => text?.includes(":lrs:")),
    "statements wait in the browser",
  );
  lrs.always = () => "";
  const { localStorage } = first;
  const second = launch({ data, file: WHOLE, lrs, clock, localStorage, opened: first.lms.stored });
  await second.session();
  await clock.pass(60_000);
  assert.ok(lrs.statements.length > 8);
  const told = [...first.sent, ...second.sent].flatMap(({ url, text }) => [url, decodeURIComponent(url), text]);
  for (const text of [...kept, ...told]) {
    for (const secret of [ID, NAME, "Jeanne", "Martin", SALT])
      assert.ok(!text?.includes(secret), `${secret} in ${text}`);
  }
});

test("the name is sent to nobody", async () => {
  const page = launch({ file: WHOLE });
  await play(page);
  await page.clock.pass(60_000);
  assert.ok(page.lrs.statements.length > 8);
  for (const { url, text } of page.sent) assert.ok(!/Jeanne|Martin/.test(url + text));
});

test("statements that name the learner stay where they are once learners are pseudonymous", async () => {
  const clock = openClock();
  const lrs = openFakeLrs({ endpoint: ENDPOINT, auth: AUTH, now: clock.now, timers: clock.timers });
  lrs.always = () => "unsent";
  const first = launch({ file: WHOLE, lrs, clock });
  // The LMS does not confirm either: the state is kept with its statements.
  first.lms.answers = "no";
  await play(first);
  first.kill();
  lrs.always = () => "";
  const { localStorage, sessionStorage } = first;
  const second = launch({ data: { pseudonymous: true }, file: WHOLE, lrs, clock, localStorage, sessionStorage });
  await play(second);
  await clock.pass(3_600_000);
  assert.ok(lrs.statements.length > 3);
  for (const { actor } of lrs.statements) assert.deepEqual(actor, account(HOME, PSEUDONYMS[0]?.name ?? ""));
});

test("the registration is of this learner, course and attempt", async () => {
  const of = async (/** @type {Parameters<typeof launch>[0]} */ options, attempt = 7) => {
    const page = launch({ file: WHOLE, ...options });
    const recorder = await recorders.open(page.window, {
      course: page.course.course.id,
      target: "scorm12",
      now: page.clock.now,
      data: page.course,
      again: () => {},
      changed: () => {},
      opened: page.lms.opened,
      attempt,
    });
    return recorder?.tell({ kind: "initialized" })[0]?.context?.registration;
  };
  const first = await of({});
  assert.match(first, /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(await of({}), first);
  assert.notEqual(await of({}, 8), first);
  assert.notEqual(await of({ opened: { learner: { id: "autre", name: NAME } } }), first);
  assert.notEqual(await of({ data: { pseudonymous: true } }), first);
});

// --- beside the LMS --------------------------------------------------------------------------------------------------

test("everything is told, once, and in order", async () => {
  const page = launch({ file: WHOLE });
  await play(page);
  await page.clock.pass(60_000);
  const verbs = page.lrs.statements.map(({ verb }) => verb.id.split("/").at(-1));
  assert.equal(verbs[0], "initialized");
  assert.equal(verbs.at(-1), "terminated");
  assert.deepEqual(
    ["answered", "experienced", "completed", "passed"].map((one) => verbs.filter((verb) => verb === one).length),
    [3, 2, 1, 1],
  );
  assert.equal(page.lms.last().status, "passed");
});

test("the next launch tells nothing again", async () => {
  const clock = openClock();
  const lrs = openFakeLrs({ endpoint: ENDPOINT, auth: AUTH, now: clock.now, timers: clock.timers });
  const first = launch({ file: WHOLE, lrs, clock });
  await play(first);
  await clock.pass(60_000);
  const before = lrs.statements.length;
  const second = launch({ file: WHOLE, lrs, clock, localStorage: first.localStorage, opened: first.lms.stored });
  const session = await second.session();
  session.visit(second.course.lessons[0] ?? null);
  session.save(true);
  await clock.pass(60_000);
  const verbs = lrs.statements.slice(before).map(({ verb }) => verb.id.split("/").at(-1));
  assert.deepEqual(verbs, ["initialized", "terminated"]);
  assert.equal(new Set(lrs.statements.map(({ context }) => context?.registration)).size, 1);
});

test("the LMS is told the same, whatever the LRS does", async () => {
  /** @type {Record<string, (page: ReturnType<typeof launch>) => void>} */
  const fates = {
    none: (page) => (page.files["lrs.json"] = () => new Response("{}")),
    whole: () => {},
    away: (page) => (page.lrs.always = () => "unsent"),
    mute: (page) => (page.lrs.always = () => "silent"),
    refuses: (page) => (page.lrs.always = () => ({ status: 400 })),
    locked: (page) => (page.lrs.always = () => ({ status: 401 })),
    busy: (page) => (page.lrs.always = () => ({ status: 429, after: "3600" })),
  };
  /** @type {Record<string, unknown>} */
  const told = {};
  for (const [name, befall] of Object.entries(fates)) {
    const page = launch({ file: WHOLE });
    befall(page);
    await play(page);
    await page.clock.pass(600_000);
    const last = page.lms.last();
    told[name] = {
      ...last,
      state: last.state.length,
      interactions: last.interactions.length,
      closed: page.lms.closed.length,
    };
  }
  for (const name of Object.keys(fates)) assert.deepEqual(told[name], told.none, name);
});

test("what an LRS that was away has missed arrives at the next launch, once each", async () => {
  const clock = openClock();
  const lrs = openFakeLrs({ endpoint: ENDPOINT, auth: AUTH, now: clock.now, timers: clock.timers });
  lrs.always = () => "unsent";
  const first = launch({ file: WHOLE, lrs, clock });
  const session = await play(first);
  await clock.pass(60_000);
  assert.equal(session.trouble, "statements_waiting");
  assert.equal(lrs.statements.length, 0);
  first.kill();
  lrs.always = () => "";
  const second = launch({ file: WHOLE, lrs, clock, localStorage: first.localStorage, opened: first.lms.stored });
  await second.session();
  await clock.pass(60_000);
  const verbs = lrs.statements.map(({ verb }) => verb.id.split("/").at(-1));
  assert.equal(verbs.filter((verb) => verb === "passed").length, 1);
  assert.equal(verbs.filter((verb) => verb === "answered").length, 3);
  assert.equal(verbs.filter((verb) => verb === "initialized").length, 2);
});

test("the network is back: what waits is sent at once", async () => {
  const page = launch({ file: WHOLE });
  page.lrs.always = () => "unsent";
  await play(page);
  await page.clock.pass(600_000);
  page.lrs.always = () => "";
  page.listeners.online?.();
  await page.clock.settle();
  await page.clock.pass(1);
  assert.ok(page.lrs.statements.length > 8);
});

test("a page that is gone does not try without end", async () => {
  const page = launch({ file: WHOLE });
  page.lrs.always = () => "unsent";
  const session = await page.session();
  await page.clock.settle();
  page.kill();
  session.save(true);
  await page.clock.settle();
  assert.ok(page.tried < 10, `${page.tried}`);
});

test("in review and preview nothing is told", async () => {
  for (const mode of /** @type {const} */ (["review", "browse"])) {
    const page = launch({ file: WHOLE, opened: { mode } });
    const session = await page.session();
    session.save(true);
    await page.clock.pass(60_000);
    assert.equal(page.lrs.requests.length, 0);
  }
});

test("a lesson that is a SCO of its own waits with the others of its course", async () => {
  const clock = openClock();
  const lrs = openFakeLrs({ endpoint: ENDPOINT, auth: AUTH, now: clock.now, timers: clock.timers });
  const sco = (/** @type {string} */ id) => ({
    course: { id, title: "Essai", version: "1.0.0", language: "fr-FR" },
    lessons: [{ ...course().lessons[0], questions: [question("a", 2, { interactions: [interaction({ id: "a" })] })] }],
  });
  /** @param {ReturnType<typeof launch>} page @param {string} id */
  const serve = (page, id) => {
    const launches = { [id]: TEMPLATES.launches.essai };
    page.files["xapi/statements.json"] = () => new Response(JSON.stringify({ ...TEMPLATES, launches }));
    return page;
  };
  lrs.always = () => "unsent";
  const first = serve(launch({ file: WHOLE, lrs, clock, data: /** @type {any} */ (sco("essai/1")) }), "essai/1");
  await first.session();
  await clock.pass(1);
  first.kill();
  lrs.always = () => "";
  const { localStorage } = first;
  const second = launch({ file: WHOLE, lrs, clock, localStorage, data: /** @type {any} */ (sco("essai/4")) });
  await serve(second, "essai/4").session();
  await clock.pass(60_000);
  assert.equal(lrs.statements.length, 2);
});
