"""The corpus of one-fault packages, continued: content that runs. Each plays well but for what its name says.

The content is small and ours: a page with three buttons and a script, without the library that authoring tools take. As
in `packages_others.py` a package is a good one changed in one place; `codes` are what `inspect --play` finds of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from packages import changed, zipped
from packages_others import MANIFEST, STRUCTURE, TINCAN

from builder.inspect import Standard

BUTTONS = "<button>One</button><button>Two</button><button>Three</button>"
PAGE = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Unit</title></head>
<body><h1>Unit</h1>{BUTTONS}<script src="unit.js"></script></body></html>
"""


Fault = tuple[tuple[str, str], str]
"""What is changed in the good script, and the codes that play finds then, separated by spaces."""


@dataclass(frozen=True, slots=True)
class Played:
    """A package that runs. `codes`: what play finds, notes among them, but for P820, which it always says."""

    fault: str
    standard: Standard
    content: bytes
    codes: frozenset[str]

    @property
    def name(self) -> str:
        """Standard and fault."""
        return f"{self.standard} {self.fault}"


def played(standard: Standard, manifest: Mapping[str, str], script: str, faults: Mapping[str, Fault]) -> list[Played]:
    """Return the good package of a standard, then one for each fault."""

    def made(name: str, script: str, codes: str) -> Played:
        content = zipped({**manifest, "index.html": PAGE, "unit.js": script})
        return Played(name, standard, content, frozenset(codes.split()))

    rest = [made(name, changed(script, change), codes) for name, (change, codes) in faults.items()]
    return [made("plays well", script, ""), *rest]


# --- cmi5 ------------------------------------------------------------------------------------------------------------

UNIT = """"use strict";
const given = new URLSearchParams(location.search);
const actor = JSON.parse(given.get("actor"));
const registration = given.get("registration");
const activityId = given.get("activityId");
const begun = Date.now();
const CMI5 = "https://w3id.org/xapi/cmi5/context/";
let authorization = "", data = {}, seen = 0, told = [], isOver = false, isBusy = false;
const waiting = [];

function ask(method, resource, query, body) {
  const headers = { Authorization: authorization, "X-Experience-API-Version": "1.0.3" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const address = given.get("endpoint") + resource + "?" + new URLSearchParams(query);
  return fetch(address, { method, headers, body: body && JSON.stringify(body), keepalive: true });
}
const place = (stateId) => ({ stateId, activityId, agent: given.get("actor"), registration });
const since = () => `PT${((Date.now() - begun) / 1000).toFixed(2)}S`;

function statement(verb, result) {
  const template = structuredClone(data.contextTemplate);
  const isDefined = ["initialized", "completed", "passed", "failed", "terminated"].includes(verb);
  const category = [];
  if (isDefined) category.push({ id: CMI5 + "categories/cmi5" });
  if (isDefined && result && ("success" in result || "completion" in result))
    category.push({ id: CMI5 + "categories/moveon" });
  const context = { ...template, registration };
  context.contextActivities = { ...template.contextActivities, category };
  if (result && result.score) context.extensions[CMI5 + "extensions/masteryscore"] = data.masteryScore;
  if (category.length === 0) delete context.contextActivities.category;
  return {
    id: crypto.randomUUID(),
    timestamp: new Date().toISOString(),
    actor,
    verb: { id: "http://adlnet.gov/expapi/verbs/" + verb, display: { en: verb } },
    object: { objectType: "Activity", id: activityId },
    ...(result ? { result } : {}),
    context,
  };
}
function tell(verb, result) {
  waiting.push(statement(verb, result));
  send();
}
function send() {
  if (waiting.length === 0 || (isBusy && !isOver)) return;
  const sent = waiting.slice();
  isBusy = true;
  ask("POST", "statements", {}, sent).then((answer) => {
    isBusy = false;
    if (answer.ok) waiting.splice(0, sent.length);
    if (answer.ok) send();
  }, () => (isBusy = false));
}
let kept = Promise.resolve();
function keep() {
  kept = kept.then(() => ask("PUT", "activities/state", place("progress"), { seen, told })).catch(() => {});
}
function back() {
  send();
  keep();
}
function once(verb, result) {
  if (told.includes(verb)) return;
  told.push(verb);
  tell(verb, result);
}
function step() {
  if (isOver) return;
  seen += 1;
  if (data.launchMode === "Normal") {
    tell("progressed", { extensions: { "https://w3id.org/xapi/cmi5/result/extensions/progress": 30 } });
    if (seen >= 3) {
      once("completed", { completion: true, duration: since() });
      once("passed", { success: true, duration: since(), score: { scaled: 0.9 } });
    }
    keep();
  }
}
function end() {
  if (isOver) return;
  isOver = true;
  tell("terminated", { duration: since() });
}
async function begin() {
  const answer = await (await fetch(given.get("fetch"), { method: "POST" })).json();
  if (!answer["auth-token"]) return;
  authorization = "Basic " + answer["auth-token"];
  data = await (await ask("GET", "activities/state", place("LMS.LaunchData"))).json();
  await ask("GET", "agents/profile", { profileId: "cmi5LearnerPreferences", agent: given.get("actor") });
  const found = await ask("GET", "activities/state", place("progress"));
  if (found.ok) ({ seen, told } = await found.json());
  tell("initialized");
  for (const button of document.querySelectorAll("button")) button.addEventListener("click", step);
  addEventListener("online", back);
  addEventListener("pagehide", end);
}
begin();
"""

KEEP_PROGRESS = (
    '  kept = kept.then(() => ask("PUT", "activities/state", place("progress"), { seen, told })).catch(() => {});\n'
)
PASS = 'once("passed", { success: true, duration: since(), score: { scaled: 0.9 } });'
DONE = 'once("completed", { completion: true, duration: since() });'
NAKED = 'await fetch(given.get("endpoint") + "agents?agent=" + encodeURIComponent(given.get("actor")));'
CMI5_FAULTS: Mapping[str, Fault] = {
    "fetches by reading": (('{ method: "POST" })).json()', "{})).json()"), "P827"),
    "fetches twice": (
        (
            '  authorization = "Basic',
            '  await fetch(given.get("fetch"), { method: "POST" });\n  authorization = "Basic',
        ),
        "P828",
    ),
    "uses another scheme": (("  const found =", f"  {NAKED}\n  const found ="), "P829"),
    "reads no launch data": (
        (
            'data = await (await ask("GET", "activities/state", place("LMS.LaunchData"))).json();',
            "data = { launchMode: 'Review', contextTemplate: { contextActivities: {}, extensions: {} } };",
        ),
        "P830 P845 P846 P857",
    ),
    "writes launch data": (
        (
            '  tell("initialized");',
            '  await ask("PUT", "activities/state", place("LMS.LaunchData"), {});\n  tell("initialized");',
        ),
        "P831",
    ),
    "reads no preferences": (
        (
            'await ask("GET", "agents/profile", { profileId: "cmi5LearnerPreferences", agent: given.get("actor") });',
            "",
        ),
        "P832",
    ),
    "names another learner": (("    actor,\n", '    actor: { mbox: "mailto:someone@carabin.dev" },\n'), "P833"),
    "names no registration": (("...template, registration }", "...template }"), "P834"),
    "names the publisher's id": (
        (
            'object: { objectType: "Activity", id: activityId }',
            'object: { objectType: "Activity", id: data.contextTemplate.contextActivities.grouping[0].id }',
        ),
        "P835",
    ),
    "makes no ids": (("    id: crypto.randomUUID(),\n", ""), "P836"),
    "tells local time": (("toISOString(),", 'toISOString().replace("Z", "+02:00"),'), "P837"),
    "is not initialized": (('  tell("initialized");', ""), "P838"),
    "completes each time": ((DONE, DONE.replace("once", "tell")), "P839"),
    "passes below mastery": ((PASS, PASS.replace("0.9", "0.2")), "P840"),
    "passes without success": ((PASS, PASS.replace("success: true, ", "")), "P841"),
    "tells no duration": (('tell("terminated", { duration: since() });', 'tell("terminated");'), "P842"),
    "scores out of nothing": ((PASS, PASS.replace("scaled: 0.9", "scaled: 0.9, raw: 9")), "P843"),
    "forgets its category": (
        ("if (isDefined) category.push", 'if (isDefined && verb !== "completed") category.push'),
        "P844",
    ),
    "drops the template": (
        ("{ ...template.contextActivities, category }", "{ category }"),
        "P845",
    ),
    "drops the session": (
        ("  context.contextActivities =", "  context.extensions = {};\n  context.contextActivities ="),
        "P846",
    ),
    "passes in review": (
        (
            "  seen += 1;",
            '  seen += 1;\n  if (data.launchMode === "Review") tell("failed", { success: false, duration: since() });',
        ),
        "P847",
    ),
    "talks on": (
        (
            '  tell("terminated", { duration: since() });',
            '  tell("terminated", { duration: since() });\n  tell("experienced");',
        ),
        "P848",
    ),
    "leaves in silence": (('  addEventListener("pagehide", end);\n', ""), "P849"),
    "ends and stays": (("    keep();\n", "    keep();\n    if (seen === 3) end();\n"), "P850"),
    "waives itself": (("  seen += 1;", '  seen += 1;\n  if (seen === 2) tell("launched");'), "P851"),
    "hides the mastery score": (
        (
            '  if (result && result.score) context.extensions[CMI5 + "extensions/masteryscore"] = data.masteryScore;\n',
            "",
        ),
        "P852",
    ),
    "goes thirty and a half": (('extensions/progress": 30', 'extensions/progress": 30.5'), "P853"),
    "says what no LRS takes": (("display: { en: verb }", 'display: "verb"'), "P854"),
    "keeps nothing": ((KEEP_PROGRESS, ""), "P857 P839"),
    "sets one preference": (
        (
            '  tell("initialized");',
            '  await ask("POST", "agents/profile", { profileId: "cmi5LearnerPreferences", agent: given.get("actor") },'
            ' { audioPreference: "on" });\n  tell("initialized");',
        ),
        "P858",
    ),
    "never looks back": (
        ('  const found = await ask("GET", "activities/state", place("progress"));', "  const found = {};"),
        "P859 P839",
    ),
    "is done when opened": (('  tell("initialized");', '  tell("initialized");\n  ' + DONE + "\n  keep();"), "P805"),
    "throws": (('  tell("initialized");', '  tell("initialized");\n  setTimeout(() => missing());'), "P802"),
    "asks elsewhere": (
        ('  tell("initialized");', '  tell("initialized");\n  new Image().src = "https://cdn.example/a";'),
        "P808",
    ),
    "opens a window": (('  tell("initialized");', '  tell("initialized");\n  open("about:blank");'), "P812"),
    "gives up": ((", () => (isBusy = false));", ", () => { isBusy = false; waiting.length = 0; });"), "P811"),
}


# --- Tin Can ---------------------------------------------------------------------------------------------------------

CONTENT = """"use strict";
const given = new URLSearchParams(location.search);
const actor = JSON.parse(given.get("actor"));
const registration = given.get("registration");
const activityId = given.get("activity_id");
let seen = 0;
const waiting = [];

function ask(method, resource, query, body) {
  const headers = { Authorization: given.get("auth"), "X-Experience-API-Version": "1.0.3" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const address = given.get("endpoint") + resource + "?" + new URLSearchParams(query);
  return fetch(address, { method, headers, body: body && JSON.stringify(body), keepalive: true });
}
const place = () => ({ stateId: "bookmark", activityId, agent: given.get("actor"), registration });

function tell(verb, id, result) {
  waiting.push({
    id: crypto.randomUUID(),
    timestamp: new Date().toISOString(),
    actor,
    verb: { id: "http://adlnet.gov/expapi/verbs/" + verb, display: { "en-US": verb } },
    object: { id },
    ...(result && { result }),
    context: { registration },
  });
  send();
}
function send() {
  for (const one of [...waiting]) {
    ask("PUT", "statements", { statementId: one.id }, one).then((answer) => {
      if (answer.ok) waiting.splice(waiting.indexOf(one), 1);
    }, () => {});
  }
}
let kept = Promise.resolve();
function keep() {
  kept = kept.then(() => ask("PUT", "activities/state", place(), { seen })).catch(() => {});
}
function back() {
  send();
  keep();
}
function step() {
  seen += 1;
  tell("experienced", activityId + "/page/" + seen);
  keep();
  if (seen === 3) tell("completed", activityId, { completion: true, score: { scaled: 1 } });
}
async function begin() {
  const found = await ask("GET", "activities/state", place());
  if (found.ok) ({ seen } = await found.json());
  tell("attempted", activityId);
  for (const button of document.querySelectorAll("button")) button.addEventListener("click", step);
  addEventListener("online", back);
}
begin();
"""
LAST = 'tell("completed", activityId, { completion: true, score: { scaled: 1 } });'
KEEP = '  kept = kept.then(() => ask("PUT", "activities/state", place(), { seen })).catch(() => {});\n'
TINCAN_FAULTS: Mapping[str, Fault] = {
    "says nothing": (("\nbegin();\n", "\n"), "P855"),
    "sends other credentials": (('given.get("auth")', '"Basic bWU6bWU="'), "P829"),
    "names another learner": (("    actor,\n", '    actor: { mbox: "mailto:someone@carabin.dev" },\n'), "P833"),
    "names no registration": (("    context: { registration },\n", ""), "P834"),
    "completes another activity": ((LAST, LAST.replace("activityId", 'activityId + "/quiz"')), "P856"),
    "never completes": (("  if (seen === 3) " + LAST + "\n", ""), "P856"),
    "says what no LRS takes": (("{ scaled: 1 }", "{ scaled: 100 }"), "P854"),
    "keeps nothing": ((KEEP, ""), "P857"),
    "never looks back": (
        ('  const found = await ask("GET", "activities/state", place());', "  const found = {};"),
        "P859",
    ),
    "gives up": (
        (
            "if (answer.ok) waiting.splice(waiting.indexOf(one), 1);\n    }, () => {});",
            "waiting.shift();\n    }, () => waiting.shift());",
        ),
        "P811",
    ),
    "is done when opened": (('  tell("attempted", activityId);', "  " + LAST), "P805"),
    "throws": (("begin();\n", "begin();\nsetTimeout(() => missing());\n"), "P802"),
}


# --- SCORM 2004 ------------------------------------------------------------------------------------------------------

SCO = """"use strict";
const lms = parent.API_1484_11;
let isOver = false, seen = 0;
const set = (element, value) => lms.SetValue("cmi." + element, value);
function keep() {
  set("suspend_data", "seen " + seen);
}
function step() {
  if (isOver || lms.GetValue("cmi.mode") !== "normal") return;
  seen += 1;
  keep();
  if (seen >= 3) {
    set("score.scaled", "0.8");
    set("score.raw", "80");
    set("score.min", "0");
    set("score.max", "100");
    set("success_status", "passed");
    set("completion_status", "completed");
  }
  lms.Commit("");
}
function end() {
  if (isOver) return;
  isOver = true;
  set("session_time", "PT1S");
  set("exit", seen >= 3 ? "normal" : "suspend");
  lms.Terminate("");
}
lms.Initialize("");
seen = Number(lms.GetValue("cmi.suspend_data").split(" ")[1] || 0);
if (lms.GetValue("cmi.mode") === "normal" && lms.GetValue("cmi.completion_status") === "unknown") {
  set("completion_status", "incomplete");
  keep();
}
for (const button of document.querySelectorAll("button")) button.addEventListener("click", step);
addEventListener("pagehide", end);
"""
SCORM2004_FAULTS: Mapping[str, Fault] = {
    "never begins": (('lms.Initialize("");\n', 'throw "";\n'), "P801"),
    "never ends": (('  lms.Terminate("");\n', '  lms.Commit("");\n'), "P803"),
    "sets no completion": (('  set("completion_status", "incomplete");', "  ;"), "P821"),
    "is done when opened": (('"incomplete"', '"completed"'), "P805"),
    "scores twice": (('set("score.raw", "80")', 'set("score.raw", "50")'), "P822"),
    "scores without scaled": (('    set("score.scaled", "0.8");\n', ""), "P822"),
    "does not suspend": (('seen >= 3 ? "normal" : "suspend"', '"normal"'), "P824"),
    "logs out": (('"normal" : "suspend"', '"logout" : "suspend"'), "P825"),
    "asks for what 1.2 has": (
        ('lms.Initialize("");\n', 'lms.Initialize("");\nlms.GetValue("cmi.core.lesson_mode");\n'),
        "P826",
    ),
    "tells time as 1.2 does": (('"PT1S"', '"00:00:01"'), "P806"),
    "writes in review": (
        (
            'lms.Initialize("");\n',
            'lms.Initialize("");\nif (lms.GetValue("cmi.mode") !== "normal") set("score.scaled", "1");\n',
        ),
        "P809",
    ),
    "keeps nothing": (('  set("suspend_data", "seen " + seen);\n', ""), "P810"),
    "throws": (('lms.Initialize("");\n', 'lms.Initialize("");\nsetTimeout(() => missing());\n'), "P802"),
}

PLAYED = (
    *played("cmi5", {"cmi5.xml": STRUCTURE}, UNIT, CMI5_FAULTS),
    *played("tincan", {"tincan.xml": TINCAN}, CONTENT, TINCAN_FAULTS),
    *played("scorm2004", {"imsmanifest.xml": MANIFEST}, SCO, SCORM2004_FAULTS),
)
