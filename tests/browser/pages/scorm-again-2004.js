/**
 * A run-time that others wrote, with its sequencing, around a package: `scorm-again-2004.html?package=FOLDER/&store=NAME`.
 * It reads the manifest, delivers what the procedures deliver, and posts what each item stores (`NAME:ITEM`) and the
 * state of the activity tree (`NAME`), from which the next page goes on.
 *
 * `choose(ITEM)` is its table of contents, `leave()` its way out, `tracking(ITEM)` what rolled up there, `over` why the
 * session ended.
 */

const parameters = new URLSearchParams(location.search);
const FOLDER = parameters.get("package") ?? "";
const STORE = `/store/${parameters.get("store") ?? "scorm-again-2004"}`;
const [SS, SEQ] = ["http://www.imsglobal.org/xsd/imsss", "http://www.adlnet.org/xsd/adlseq_v1p3"];
const Scorm2004API = /** @type {any} */ (globalThis).Scorm2004API;

const text = await (await fetch(`${FOLDER}imsmanifest.xml`)).text();
const manifest = new DOMParser().parseFromString(text, "application/xml");
const organization = /** @type {Element} */ (manifest.querySelector("organization"));
/** @type {Map<string, string>} file of each item that opens one */
const files = new Map();

/** @param {Element} holder @param {string} name @param {string} [space] @returns {Element[]} children of that name */
const children = (holder, name, space = holder.namespaceURI ?? "") =>
  [...holder.children].filter((one) => one.localName === name && one.namespaceURI === space);

/** @param {Element | undefined} element @returns {Record<string, boolean | number>} its attributes, typed */
const typed = (element) =>
  Object.fromEntries(
    [...(element?.attributes ?? [])].map(({ name, value }) => [
      name,
      value === "true" || (value === "false" ? false : Number(value)),
    ]),
  );

/** @param {Element} element `primaryObjective` or `objective` */
const objective = (element) => ({
  objectiveID: element.getAttribute("objectiveID"),
  isPrimary: element.localName === "primaryObjective",
  satisfiedByMeasure: element.getAttribute("satisfiedByMeasure") === "true",
  minNormalizedMeasure: Number(children(element, "minNormalizedMeasure")[0]?.textContent ?? 1),
});

/** @param {Element} element an organization or item @returns {object} as `ActivitySettings` of scorm-again */
function activity(element) {
  const id = element.getAttribute("identifier") ?? "";
  const resource = manifest.querySelector(`resource[identifier="${element.getAttribute("identifierref")}"]`);
  if (resource) files.set(id, resource.getAttribute("href") ?? "");
  const [sequencing] = children(element, "sequencing", SS);
  const part = (/** @type {string} */ name) => (sequencing ? children(sequencing, name)[0] : undefined);
  const [primaryObjective, ...objectives] = [...(part("objectives")?.children ?? [])].map(objective);
  return {
    id,
    title: children(element, "title")[0]?.textContent ?? "",
    sequencingControls: {
      ...typed(part("controlMode")),
      ...typed(part("rollupRules")),
      ...typed(part("deliveryControls")),
    },
    ...(primaryObjective ? { primaryObjective, objectives } : {}),
    children: children(element, "item").map(activity),
  };
}

/** @type {string[]} */
const complaints = [];
/** What was posted last, by its address. @type {Map<string, any>} */
const posted = new Map();
/** What of a page that goes away a synchronous request cannot send, this page sends. */
const httpService = {
  processHttpRequest(/** @type {string} */ url, /** @type {any} */ data) {
    posted.set(url, structuredClone(data));
    void fetch(url, { method: "POST", body: JSON.stringify(data) });
    return { result: "true", errorCode: 0 };
  },
  updateSettings() {},
};
const activityTree = activity(organization);
const api = new Scorm2004API({
  lmsCommitUrl: STORE,
  dataCommitFormat: "json",
  autocommit: false,
  logLevel: 3,
  onLogMessage: (/** @type {number} */ level, /** @type {string} */ message) => {
    if (level >= 4) complaints.push(message);
  },
  objectivesGlobalToSystem: organization.getAttributeNS(SEQ, "objectivesGlobalToSystem") !== "false",
  httpService,
  sequencing: { activityTree },
});

const frame = document.createElement("iframe");
frame.title = "Content";
document.body.append(frame);
let delivered = "";

/** What is delivered now goes into the frame, with what was stored of it. */
async function deliver() {
  const { currentActivity } = api.getSequencingState();
  delivered = currentActivity.id;
  const lmsCommitUrl = `${STORE}:${delivered}`;
  api.reset({ lmsCommitUrl });
  const stored = posted.get(lmsCommitUrl) ?? (await (await fetch(lmsCommitUrl)).json());
  api.cmi.learner_id = "jmartin";
  api.cmi.learner_name = "Martin, Jeanne";
  if (stored.cmi?.exit === "suspend") {
    api.loadFromJSON(stored.cmi, "cmi");
    api.cmi.entry = "resume";
  }
  frame.src = FOLDER + files.get(delivered);
}

/** Take the content away, which ends its session. */
async function unload() {
  const gone = new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
  frame.src = "about:blank";
  await gone;
}

/** @param {string} item */
async function choose(item) {
  await unload();
  if (!api.processNavigationRequest("choice", item)) throw new Error(`${item} is not delivered`);
  await deliver();
}

/** Close the course, as a click on the LMS's own button does. */
async function leave() {
  await unload();
  if (!page.over) api.processNavigationRequest("suspendAll");
  await fetch(STORE, {
    method: "POST",
    body: JSON.stringify({ tree: api.serializeSequencingState(), over: page.over }),
  });
}

const tracking = (/** @type {string} */ id) => api.getActivityTrackingData(id);
const page = { complaints, choose, leave, tracking, over: "" };
Object.assign(globalThis, { page, API_1484_11: api });
api.setSequencingEventListeners({
  onSequencingSessionEnd: (/** @type {{reason: string}} */ { reason }) => void (page.over = reason),
});

const stored = await (await fetch(STORE)).json();
if (stored.tree) api.deserializeSequencingState(stored.tree);
const isResumed = stored.tree && api.processNavigationRequest("resumeAll");
if (!isResumed && !api.processNavigationRequest("start")) throw new Error("nothing is delivered");
await deliver();
