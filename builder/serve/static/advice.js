/** What `carabin check` advises beyond what a build finds: it comes a moment after the lesson is on the screen. */

/** @import {Problem} from "./types.d.ts" */

import { events, find } from "./page.js";
import { item } from "./problems.js";

events.addEventListener("advice", ({ data }) => {
  /** @type {{diagnostics: Problem[]}} */
  const { diagnostics } = JSON.parse(data);
  find("advice").hidden = !diagnostics.length;
  find("advice-count").textContent = `(${diagnostics.length})`;
  find("advice-list").replaceChildren(...diagnostics.map(item));
});
