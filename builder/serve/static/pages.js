/** A page beside the desk: it is fetched anew when the course has been looked at again. */

const status = /** @type {HTMLElement} */ (document.getElementById("status"));
const { updated = "", copied = "" } = document.body.dataset;
let isBusy = false;

/** @param {string} text */
export function say(text) {
  status.textContent = text;
}

/** Copy, and say so. @param {string} text */
export async function copy(text) {
  await navigator.clipboard.writeText(text);
  say(copied.replace("{text}", () => text));
}

/** What is open and what has the focus stay so: found again by id, or by where a link leads. */
async function renew() {
  const text = await (await fetch(location.href)).text();
  const made = new DOMParser().parseFromString(text, "text/html");
  const [main, next] = [document.querySelector("main"), made.querySelector("main")];
  if (!main || !next) return;
  document.body.dataset.number = made.body.dataset.number ?? "";
  if (main.innerHTML === next.innerHTML) return;
  const open = [...main.querySelectorAll("details[open]")].map(({ id }) => id);
  const focused = main.contains(document.activeElement) ? document.activeElement : null;
  const href = focused?.getAttribute("href");
  const parent = focused?.closest("[id]")?.id;
  main.replaceChildren(...next.childNodes);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  const links = [...main.querySelectorAll("a")].filter((link) => link.getAttribute("href") === href);
  const again = links[0] ?? (parent ? document.getElementById(parent)?.querySelector("summary, a") : null);
  if (focused && again instanceof HTMLElement) again.focus({ preventScroll: true });
  say(updated);
}

/** @param {number} number of the build that was looked at */
async function hear(number) {
  if (isBusy || number <= Number(document.body.dataset.number)) return;
  // Zones that are drawn are not thrown away: there, the picture alone is new.
  const picture = document.getElementById("picture");
  if (picture instanceof HTMLImageElement) {
    document.body.dataset.number = String(number);
    picture.src = `${picture.src.replace(/\?.*/, "")}?${number}`;
    return;
  }
  isBusy = true;
  await renew().finally(() => (isBusy = false));
  if (latest > number) await hear(latest);
}

let latest = 0;
new EventSource("/events").addEventListener("advice", ({ data }) => {
  latest = JSON.parse(data).number;
  void hear(latest);
});
