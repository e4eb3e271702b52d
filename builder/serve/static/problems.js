/** What the last build found: beside the course, and over it as long as what is shown is not what was written. */

/** @import {News, Problem} from "./types.d.ts" */

import { find, make, t } from "./page.js";

/** Code of a question without id. */
const UNNAMED = "Q101";

/** @param {News} news */
export function showProblems(news) {
  const { diagnostics, trouble, behind } = news;
  find("problems").replaceChildren(...diagnostics.map(item));
  find("problems-count").textContent = `(${diagnostics.length})`;
  const errors = diagnostics.filter((one) => one.severity === "error");
  const isBehind = behind.length > 0;
  const over = find("over");
  over.hidden = !isBehind;
  // Where nothing has ever been shown, the stage says so.
  const title = news.shown ? t(behind.includes("*") ? "behind_course" : "behind_lesson") : "";
  find("over-title").textContent = trouble || title;
  find("over-list").replaceChildren(...(isBehind ? errors.map(item) : []));
  find("temporary").hidden = !diagnostics.some(({ code }) => code === UNNAMED);
  find("status").textContent = trouble || t("built", { number: news.number });
}

/** @param {Problem} problem @returns {HTMLElement} */
export function item(problem) {
  const place = `${problem.file}:${problem.line}`;
  const link = make("a", "desk-place", `${place}:${problem.column}`);
  link.setAttribute("href", problem.editor);
  const copy = make("button", "desk-button desk-copy", t("copy"));
  copy.setAttribute("type", "button");
  copy.setAttribute("aria-label", t("copy_place", { place }));
  copy.addEventListener("click", () => {
    void navigator.clipboard.writeText(place).then(() => (find("status").textContent = t("copied", { place })));
  });
  const kind = make("strong", `desk-${problem.severity}`, t(problem.severity));
  const first = make("p", "desk-line", kind, ` ${problem.code} `, link, " ", copy);
  const parts = [first, make("p", "desk-line", problem.message), make("p", "desk-hint", problem.hint)];
  if (problem.source) parts.splice(2, 0, make("pre", "desk-source", problem.source));
  return make("li", "desk-problem", ...parts);
}
