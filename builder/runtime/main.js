/** The entry: called once by the core's piece, after drivers and question types have registered themselves. */

/** @import {CourseData, Pieces} from "./types.d.ts" */

import { openNotice } from "./notice.js";
import { openSession } from "./session.js";
import { openShell } from "./shell.js";
import { openWords } from "./words.js";

/** @param {Pieces} pieces */
export async function start(pieces) {
  // A lesson's page opened by itself is for reading: only the document that the manifest names talks to an LMS.
  if (document.documentElement.dataset.carabin !== "launch") return;
  /** @type {CourseData} */
  const course = JSON.parse(document.getElementById("course-data")?.textContent ?? "");
  const words = openWords(course.strings, course.course.language);
  if (location.protocol === "file:" && course.target !== "web") {
    // `fetch` fails from disk: the pages stay what they are, readable one by one.
    openNotice(document)([words.t("from_disk")]);
    return;
  }
  const shell = openShell(window, course, pieces.questions, words);
  const session = await openSession(window, course, pieces.drivers, shell.refresh, Date.now, pieces.recorders);

  window.addEventListener("storage", (event) => session.overhear(event.key, event.newValue));
  window.addEventListener("online", () => session.hide());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") session.hide();
  });
  // A page that may come back from the back/forward cache keeps its session; `unload` never fires in some LMSs.
  window.addEventListener("pagehide", (event) => {
    if (event.persisted && !session.endsWithPage) session.hide();
    else session.save(true);
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && session.isClosed) shell.leave();
  });
  pieces.live?.desk?.open(window, course, session, shell);
  shell.start(session);
}
