/**
 * Launches by cmi5 and by Tin Can on bad days: the tab is killed at every step, the network goes for five minutes, the
 * LRS fails. What the LRS has in the end is what it has after an undisturbed run, each statement once.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isDone } from "../../builder/runtime/state.js";
import { keys } from "../runtime/fakes.mjs";
import { essence, openBrowser, openLms, verbOf } from "./launcher.mjs";

/** @typedef {import("./launcher.mjs").Lms} Lms */
/** @typedef {import("./launcher.mjs").Browser} Browser */
/** @typedef {import("./launcher.mjs").Page} Page */
/** @typedef {import("./lrs.mjs").Fault} Fault */

/** What the learner does, in this order: ends of lessons reached, questions answered; the last two at once. */
const WORK = ["un", "a=b", "b=c", "c=b", "deux"];
/** Milliseconds between two things done. */
const BEAT = 20_000;
const FULL = process.env.CARABIN_FULL === "1";

/** @param {Page} page @param {string} deed @returns {boolean} whether the learner sees that it is done */
function isSeen(page, deed) {
  const [id = "", letter] = deed.split("=");
  if (letter) return page.given(id) === letter;
  return !!page.session.saved.lessons.get(page.session.course.lessons.find((one) => one.id === id)?.slot ?? 0)?.end;
}

/** @param {Page} page @param {string} deed */
function act(page, deed) {
  const [id = "", letter] = deed.split("=");
  if (letter) page.answer(id, letter);
  else page.read(id);
}

/**
 * A learner does all there is to do, launches again whenever the tab is dead, and leaves.
 * @param {Lms} lms
 * @param {Browser} browser
 * @param {(deed: number, page: Page) => Promise<void> | void} [befall] before each deed
 */
async function live(lms, browser, befall = () => {}) {
  let page = await browser.open(lms.launch());
  for (let deed = 0; deed <= WORK.length; deed++) {
    await befall(deed, page);
    // The page says so, and says what to do.
    if (page.isAlive && page.session.notices.has("refused")) page.kill();
    if (deed === WORK.length) page.leave();
    else if (page.isAlive && !isSeen(page, WORK[deed] ?? "")) act(page, WORK[deed] ?? "");
    await lms.clock.pass(BEAT);
    if (page.isAlive) continue;
    // What was under way arrives, then the learner comes back and looks what is there.
    await lms.clock.pass(BEAT);
    page = await browser.open(lms.launch());
    assert.ok(page.isAlive);
    deed = -1;
  }
}

/** The learner opens the course once more, and leaves. @param {Lms} lms @param {Browser} browser */
async function lookAgain(lms, browser) {
  const page = await browser.open(lms.launch());
  await lms.clock.pass(BEAT);
  const { session } = page;
  for (const deed of WORK) assert.ok(isSeen(page, deed), deed);
  assert.ok(session.course.lessons.every((lesson) => isDone(session.saved, lesson)));
  assert.deepEqual([session.status(), session.safety, session.trouble], ["failed", "saved", ""]);
  assert.deepEqual([...session.notices], []);
  page.leave();
  await lms.clock.pass(BEAT);
  assert.equal(session.safety, "saved");
}

/** @param {Lms} lms @param {Browser} browser @param {string[]} expected @param {string} story */
function compare(lms, browser, expected, story) {
  assert.deepEqual(essence(lms.lrs.statements), expected, story);
  assert.deepEqual(keys(browser.items), [], `${story}: nothing is left in the browser`);
}

for (const target of /** @type {const} */ (["cmi5", "xapi"])) {
  const undisturbed = openLms({ target });
  const ordinary = openBrowser(undisturbed);
  await live(undisturbed, ordinary);
  const steps = ordinary.steps;
  await lookAgain(undisturbed, ordinary);
  const expected = essence(undisturbed.lrs.statements);

  test(`${target}: an undisturbed run tells all there is to tell`, () => {
    const verbs = undisturbed.verbs().filter((verb) => !["initialized", "terminated"].includes(verb));
    assert.deepEqual(verbs.sort(), [
      ...["answered", "answered", "answered", "completed", "experienced", "experienced", "failed"],
      ...["progressed", "progressed"],
    ]);
    compare(undisturbed, ordinary, expected, "undisturbed");
    assert.ok(steps > 40);
  });

  for (const isAfter of [false, true]) {
    test(`${target}: killed ${isAfter ? "after" : "before"} each of ${steps} steps`, async () => {
      for (let step = 1; step <= steps; step++) {
        const lms = openLms({ target });
        const browser = openBrowser(lms);
        browser.fatal = { step, isAfter };
        await live(lms, browser);
        await lookAgain(lms, browser);
        compare(lms, browser, expected, `step ${step}`);
      }
    });
  }

  test(`${target}: the network is gone for five minutes, anywhere in the day`, async () => {
    for (let gone = 0; gone <= WORK.length; gone++) {
      for (let back = gone + 1; back <= WORK.length + 1; back++) {
        const lms = openLms({ target });
        const browser = openBrowser(lms);
        await live(lms, browser, async (deed, page) => {
          if (deed === gone) page.network(false);
          if (deed !== back) return;
          await lms.clock.pass(300_000);
          page.network(true);
        });
        lms.isOnline = true;
        await lookAgain(lms, browser);
        compare(lms, browser, expected, `gone ${gone}, back ${back}`);
      }
    }
  });

  test(`${target}: the network is gone, the tab is killed, and it is back five minutes later`, async () => {
    for (let gone = 0; gone < WORK.length; gone++) {
      for (let killed = gone + 1; killed <= WORK.length; killed++) {
        const lms = openLms({ target });
        const browser = openBrowser(lms);
        let isDead = false;
        await live(lms, browser, async (deed, page) => {
          if (isDead) return;
          if (deed === gone) page.network(false);
          if (deed !== killed) return;
          page.kill();
          isDead = true;
          await lms.clock.pass(300_000);
          lms.isOnline = true;
        });
        await lookAgain(lms, browser);
        compare(lms, browser, expected, `gone ${gone}, killed ${killed}`);
      }
    }
  });

  for (const fault of /** @type {Fault[]} */ ([
    "unsent",
    "unanswered",
    "silent",
    "mute",
    { status: 503, after: "40" },
  ])) {
    const name = typeof fault === "string" ? fault : "503";
    test(`${target}: any one request, or three on end, meet: ${name}`, async () => {
      const asked = undisturbed.lrs.requests.length;
      for (let n = 0; n < asked; n += FULL ? 1 : 3) {
        for (const length of [1, 3]) {
          const lms = openLms({ target });
          const browser = openBrowser(lms);
          let count = 0;
          lms.lrs.always = () => (count++ >= n && count <= n + length ? fault : "");
          await live(lms, browser);
          lms.lrs.always = () => "";
          await lookAgain(lms, browser);
          compare(lms, browser, expected, `${name} from request ${n}, ${length}`);
        }
      }
    });
  }

  test(`${target}: initialized comes first and terminated last, in every session and on every day`, async () => {
    const lms = openLms({ target });
    const browser = openBrowser(lms);
    browser.fatal = { step: Math.floor(steps / 2), isAfter: true };
    await live(lms, browser, (deed, page) => page.network(deed !== 2));
    await lookAgain(lms, browser);
    const verbs = lms.lrs.statements.map(verbOf);
    assert.equal(verbs[0], "initialized");
    assert.equal(verbs.at(-1), "terminated");
  });
}
