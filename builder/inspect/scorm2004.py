"""SCORM 2004, 2nd to 4th edition: what its schemas leave out, and what LMSs make of it.

Numbers such as 30.6.1.1 are those of ADL's conformance requirements for the 4th edition, which its test suite names;
`SB.2.9` and its like are procedures of the SN book's chapter 4. What a procedure can never reach, no LMS that follows
it delivers; what LMSs leave out of it is told too (standards c.4, f.1, f.2).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from lxml import etree

from builder.inspect import Finding, Grammars, Package
from builder.inspect.archive import broken, note, risky
from builder.inspect.detect import MANIFEST, scorm_of
from builder.inspect.references import Files, Kind, Place, shown
from builder.inspect.xml import children, line_of, local, read_xml, space, text_of, validate

CP, CP12 = "http://www.imsglobal.org/xsd/imscp_v1p1", "http://www.imsproject.org/xsd/imscp_rootv1p1p2"
ADLCP, ADLCP12 = "http://www.adlnet.org/xsd/adlcp_v1p3", "http://www.adlnet.org/xsd/adlcp_rootv1p2"
ADLSEQ, ADLNAV = "http://www.adlnet.org/xsd/adlseq_v1p3", "http://www.adlnet.org/xsd/adlnav_v1p3"
SS = "http://www.imsglobal.org/xsd/imsss"
BASE = "{http://www.w3.org/XML/1998/namespace}base"

PREFIXES: Mapping[str, str] = {ADLCP: "adlcp", ADLSEQ: "adlseq", ADLNAV: "adlnav", SS: "imsss"}
"""Prefixes as Moodle and Totara compare them, letter by letter."""

GRAMMARS = {"2": "scorm2004_3rd", "3": "scorm2004_3rd", "4": "scorm2004_4th"}
WORDS = re.compile(r"(?:CAM )?1\.3|2004 (?:3rd|4th) Edition")
"""What Moodle and Totara take for SCORM 2004 in `schemaversion`; anything else is 1.2 to them."""

OLDER = frozenset("prerequisites maxtimeallowed timelimitaction datafromlms masteryscore".split())
ORDER: Mapping[str, tuple[str, ...]] = {
    "manifest": ("metadata", "organizations", "resources", "manifest"),
    "metadata": ("schema", "schemaversion"),
    "organization": ("title", "item", "metadata"),
    "item": ("title", "item", "metadata"),
    "resource": ("metadata", "file", "dependency"),
}
"""Children in order; elements of other namespaces follow them (30.4, 30.5.1, 30.6.3.4, 30.6.3.6.5, 30.7.3.7)."""

COLUMN = 255
LAUNCH_DATA = 4000
SCO_WORDS = ("timeLimitAction", "dataFromLMS")

BOOLEAN = frozenset(("true", "false"))
COMBINATION, OPERATOR = frozenset(("all", "any")), frozenset(("not", "noOp"))
TIMING = frozenset(("never", "once", "onEachNewAttempt"))
CONSIDERATION = frozenset(("always", "ifAttempted", "ifNotSkipped", "ifNotSuspended"))
ROLLUP_CONDITIONS = frozenset(
    "satisfied objectiveStatusKnown objectiveMeasureKnown completed activityProgressKnown attempted "
    "attemptLimitExceeded timeLimitExceeded outsideAvailableTimeRange".split()
)
RULE_CONDITIONS = ROLLUP_CONDITIONS | {"objectiveMeasureGreaterThan", "objectiveMeasureLessThan", "always"}
ACTIONS: Mapping[str, frozenset[str]] = {
    "preConditionRule": frozenset(("skip", "disabled", "hiddenFromChoice", "stopForwardTraversal")),
    "exitConditionRule": frozenset(("exit",)),
    "postConditionRule": frozenset(("exitParent", "exitAll", "retry", "retryAll", "continue", "previous")),
    "rollupRule": frozenset(("satisfied", "notSatisfied", "completed", "incomplete")),
}
NAVIGATION = frozenset("abandon continue exit previous suspendAll exitAll abandonAll".split())
TIME_ACTIONS = frozenset(("exit,message", "exit,no message", "continue,message", "continue,no message"))

CONTROLS = (
    "choice",
    "choiceExit",
    "flow",
    "forwardOnly",
    "useCurrentAttemptObjectiveInfo",
    "useCurrentAttemptProgressInfo",
)
MAPPED = "SatisfiedStatus NormalizedMeasure RawScore MinScore MaxScore CompletionStatus ProgressMeasure".split()
"""What an objective can share: the first two by `imsss:mapInfo`, the others by `adlseq:mapInfo`."""

COUNT = re.compile(r"\+?[0-9]+")
DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,300}(?:\.[0-9]{0,300})?|\.[0-9]{1,300})")
DURATION = re.compile(
    r"-?P(?=[0-9T])(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+D)?(?:T(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?)?"
)
DATE_TIME = re.compile(
    r"-?[0-9]{4,}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})?"
)

Values = frozenset[str] | re.Pattern[str] | tuple[int, int]
"""What a value must be: one of these words, a text of this form, or a number within these bounds."""

ATTRIBUTES: Mapping[tuple[str, str], Values] = {
    ("item", "isvisible"): BOOLEAN,
    **{("controlMode", name): BOOLEAN for name in CONTROLS},
    **{("deliveryControls", name): BOOLEAN for name in "tracked completionSetByContent objectiveSetByContent".split()},
    ("rollupRules", "rollupObjectiveSatisfied"): BOOLEAN,
    ("rollupRules", "rollupProgressCompletion"): BOOLEAN,
    ("rollupRules", "objectiveMeasureWeight"): (0, 1),
    ("rollupRule", "childActivitySet"): frozenset(("all", "any", "none", "atLeastCount", "atLeastPercent")),
    ("rollupRule", "minimumCount"): COUNT,
    ("rollupRule", "minimumPercent"): (0, 1),
    ("rollupConditions", "conditionCombination"): COMBINATION,
    ("rollupCondition", "operator"): OPERATOR,
    ("rollupCondition", "condition"): ROLLUP_CONDITIONS,
    ("ruleConditions", "conditionCombination"): COMBINATION,
    ("ruleCondition", "operator"): OPERATOR,
    ("ruleCondition", "condition"): RULE_CONDITIONS,
    ("ruleCondition", "measureThreshold"): (-1, 1),
    ("limitConditions", "attemptLimit"): COUNT,
    **{
        ("limitConditions", f"{name}DurationLimit"): DURATION
        for name in "attemptAbsolute attemptExperienced activityAbsolute activityExperienced".split()
    },
    ("limitConditions", "beginTimeLimit"): DATE_TIME,
    ("limitConditions", "endTimeLimit"): DATE_TIME,
    ("primaryObjective", "satisfiedByMeasure"): BOOLEAN,
    ("objective", "satisfiedByMeasure"): BOOLEAN,
    **{("mapInfo", f"{verb}{what}"): BOOLEAN for verb in ("read", "write") for what in MAPPED},
    ("randomizationControls", "randomizationTiming"): TIMING,
    ("randomizationControls", "selectionTiming"): TIMING,
    ("randomizationControls", "selectCount"): COUNT,
    ("randomizationControls", "reorderChildren"): BOOLEAN,
    **{
        ("rollupConsiderations", f"requiredFor{name}"): CONSIDERATION
        for name in "Satisfied NotSatisfied Completed Incomplete".split()
    },
    ("rollupConsiderations", "measureSatisfactionIfActive"): BOOLEAN,
    ("constrainedChoiceConsiderations", "preventActivation"): BOOLEAN,
    ("constrainedChoiceConsiderations", "constrainChoice"): BOOLEAN,
    ("completionThreshold", "completedByMeasure"): BOOLEAN,
    ("completionThreshold", "progressWeight"): (0, 1),
    ("map", "readSharedData"): BOOLEAN,
    ("map", "writeSharedData"): BOOLEAN,
}
"""Requirements 30.6.3.6.3.1 and 31.5 to 31.14; the schemas say the same."""

TEXTS: Mapping[str, Values] = {"hideLMSUI": NAVIGATION, "timeLimitAction": TIME_ACTIONS}
"""Requirements 33.1.1.1 and 30.6.3.6.9.2."""

LATER = frozenset(((ADLCP, "data"), (ADLCP, "map"), (ADLSEQ, "objectives")))
"""Elements of the 4th edition alone."""


def check(package: Package, schemas: Grammars) -> Iterator[Finding]:
    """Yield what is wrong with a package of SCORM 2004."""
    document, _ = read_xml(package, MANIFEST)
    if document is None:
        return
    _, edition, _ = scorm_of(document)
    yield from validate(document, schemas.get(GRAMMARS.get(edition, "scorm2004_4th")))
    manifest = Manifest(document.root, Files(package.entries), edition)
    for rule in (_versions, _names, _structure, _organizations, _items, _resources, _values, _sequencing):
        yield from rule(manifest)


def launches(package: Package) -> tuple[tuple[str, str], ...]:
    """Return the files that an LMS opens, with the titles of their items, in the order of the default organization."""
    document, _ = read_xml(package, MANIFEST)
    if document is None:
        return ()
    manifest = Manifest(document.root, Files(package.entries), "")
    found: dict[str, str] = {}
    for item, resource in manifest.launched:
        place = manifest.place(resource)
        if place is not None and place.kind in (Kind.FILE, Kind.CASE):
            found.setdefault(place.name, title_of(item))
    return tuple(found.items())


def settings(package: Package) -> Mapping[str, Mapping[str, str]]:
    """Return what the manifest settles for each file that an LMS opens, of the first item that opens it: `passing`
    score and `threshold` of completion where they decide, `objectives` with commas, `data` for the launch."""
    document, _ = read_xml(package, MANIFEST)
    if document is None:
        return {}
    manifest = Manifest(document.root, Files(package.entries), "")
    found: dict[str, Mapping[str, str]] = {}
    for item, resource in manifest.launched:
        place = manifest.place(resource)
        if place is not None:
            found.setdefault(place.name, {name: value for name, value in _settled(manifest, item) if value})
    return found


def _settled(manifest: Manifest, item: etree._Element) -> Iterator[tuple[str, str]]:
    held = manifest.part(item, "objectives")
    objectives = [] if held is None else [*children(held, "primaryObjective"), *children(held, "objective")]
    yield "objectives", ",".join(one.get("objectiveID", "").strip() for one in objectives if one.get("objectiveID"))
    for one in objectives[:1]:
        if local(one) == "primaryObjective" and _is_on(one, "satisfiedByMeasure"):
            yield "passing", text_of(one, "minNormalizedMeasure") or "1.0"
    for one in children(item, "completionThreshold"):
        if _is_on(one, "completedByMeasure") or (one.text or "").strip():
            yield "threshold", (one.text or "").strip() or one.get("minProgressMeasure", "1.0").strip()
    yield "data", (text_of(item, "dataFromLMS") or "")[:LAUNCH_DATA]


# --- the manifest as data --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Manifest:
    """An `imsmanifest.xml`, its files and its edition (`2`, `3`, `4`), with what several rules ask of it."""

    root: etree._Element
    files: Files
    edition: str

    @cached_property
    def elements(self) -> list[etree._Element]:
        """All elements in order; those of sub-manifests left out."""
        found, waiting = [], [self.root]
        while waiting:
            element = waiting.pop()
            found.append(element)
            waiting.extend(reversed([one for one in children(element) if local(one) != "manifest"]))
        return found

    @cached_property
    def organizations(self) -> list[etree._Element]:
        """The organizations, in order."""
        return [one for holder in children(self.root, "organizations") for one in children(holder, "organization")]

    @cached_property
    def default(self) -> etree._Element | None:
        """The organization that an LMS plays: the default, else the first."""
        wanted = next((one.get("default", "").strip() for one in children(self.root, "organizations")), "")
        named = [one for one in self.organizations if identifier(one) == wanted]
        return next(iter(named or self.organizations), None)

    @cached_property
    def items(self) -> list[etree._Element]:
        """All items, in order."""
        return [item for one in self.organizations for item in one.iterdescendants() if is_item(item)]

    @cached_property
    def resources(self) -> dict[str, etree._Element]:
        """Resources by identifier, the first of two."""
        found: dict[str, etree._Element] = {}
        for one in self.all_resources:
            found.setdefault(identifier(one), one)
        return found

    @cached_property
    def all_resources(self) -> list[etree._Element]:
        """The resources, in order."""
        return [one for holder in children(self.root, "resources") for one in children(holder, "resource")]

    @cached_property
    def launched(self) -> list[tuple[etree._Element, etree._Element]]:
        """Items of the default organization that open a resource, each with it, in order."""
        items = [] if self.default is None else [one for one in self.default.iterdescendants() if is_item(one)]
        found = ((item, self.resource(item)) for item in items)
        return [(item, resource) for item, resource in found if resource is not None]

    @cached_property
    def collection(self) -> dict[str, etree._Element]:
        """The shared sequencing of a `sequencingCollection`, by ID."""
        holders = children(self.root, "sequencingCollection")
        return {one.get("ID", "").strip(): one for holder in holders for one in children(holder, "sequencing")}

    @cached_property
    def base(self) -> str:
        """The `xml:base` above all resources, composed."""
        return self.root.get(BASE, "").strip() + "".join(
            one.get(BASE, "").strip() for one in children(self.root, "resources")[:1]
        )

    def resource(self, item: etree._Element) -> etree._Element | None:
        """Return the resource that an item names; None where there is none."""
        return self.resources.get(item.get("identifierref", "").strip())

    def place(self, resource: etree._Element) -> Place | None:
        """Return where the `href` of a resource leads; None without one."""
        href = resource.get("href", "").strip()
        return self.files.find(href, self.base + resource.get(BASE, "").strip()) if href else None

    def sequencing(self, holder: etree._Element) -> Iterator[etree._Element]:
        """Yield the sequencing of an item or organization: its own, then the shared one that it refers to.

        Source: CAM 5.1.1: what stands in both, the own one says.
        """
        for own in self.sequenced.get(holder, ()):
            yield own
            shared = self.collection.get(own.get("IDRef", "").strip())
            if shared is not None:
                yield shared

    @cached_property
    def sequenced(self) -> dict[etree._Element, list[etree._Element]]:
        """The sequencing of every item and organization that has some."""
        found: dict[etree._Element, list[etree._Element]] = {}
        for element in self.elements:
            holder = element.getparent() if local(element) == "sequencing" else None
            if holder is not None:
                found.setdefault(holder, []).append(element)
        return found

    @cached_property
    def parts(self) -> dict[etree._Element, dict[str, etree._Element]]:
        """The parts of every sequencing by name, the first of each; shared ones are asked for again and again."""
        found: dict[etree._Element, dict[str, etree._Element]] = {}
        for element in self.elements:
            if local(element) == "sequencing":
                found[element] = {local(one): one for one in reversed(children(element)) if space(one) == SS}
        return found

    @cached_property
    def objective_names(self) -> dict[etree._Element, frozenset[str]]:
        """The identifiers of the objectives of every sequencing."""
        return {
            element: frozenset(
                name_in(one.get("objectiveID", "")) for one in _descendants(element, "primaryObjective", "objective")
            )
            for element in self.parts
        }

    def part(self, holder: etree._Element, name: str) -> etree._Element | None:
        """Return a part of an activity's sequencing, such as its `controlMode`."""
        found = (self.parts[one].get(name) for one in self.sequencing(holder))
        return next((part for part in found if part is not None), None)

    def says(self, holder: etree._Element, part: str, attribute: str, default: bool) -> bool:
        """Return what a switch of an activity's sequencing says."""
        found = self.part(holder, part)
        value = (found.get(attribute) if found is not None else None) or ("true" if default else "false")
        return value.strip() in ("true", "1")


def identifier(element: etree._Element) -> str:
    """Return an element's identifier, trimmed as an XML ID is; empty without one."""
    return element.get("identifier", "").strip()


def is_item(element: etree._Element) -> bool:
    """Tell whether an element is an item."""
    return isinstance(element.tag, str) and local(element) == "item"


def title_of(element: etree._Element) -> str:
    """Return the title of an item or organization, else its identifier."""
    return shown(text_of(element, "title") or identifier(element))


def type_of(resource: etree._Element) -> str | None:
    """Return what `adlcp:scormType` says, in whichever spelling; None without it."""
    names = [f"{{{name}}}{word}" for name in (ADLCP, ADLCP12) for word in ("scormType", "scormtype")]
    return next((str(value) for value in map(resource.get, names) if value is not None), None)


def is_sco(resource: etree._Element | None) -> bool:
    """Tell whether a resource is a SCO."""
    return resource is not None and type_of(resource) == "sco"


def name_in(uri: str) -> str:
    """Return the name that an objective's identifier stands for: escapes undone, spaces as in a token."""
    return " ".join(unquote(uri).split())


def number(text: str) -> float | None:
    """Return a decimal number; None for anything else."""
    return float(text) if DECIMAL.fullmatch(text.strip()) else None


def count_of(text: str) -> int | None:
    """Return a whole number from 0 on, at most a thousand million; None for anything else."""
    digits = text.strip().removeprefix("+")
    if not COUNT.fullmatch(text.strip()):
        return None
    return int(digits) if len(digits) < 10 else 10**9


# --- versions, namespaces, prefixes ----------------------------------------------------------------------------------


def _versions(manifest: Manifest) -> Iterator[Finding]:
    """`schema`, `schemaversion` (30.5.2.1, 30.5.3.1) and what belongs to another version."""
    for metadata in children(manifest.root, "metadata")[:1]:
        version, schema = text_of(metadata, "schemaversion"), text_of(metadata, "schema")
        if version and manifest.edition and not WORDS.fullmatch(version) and version != "1.2":
            yield broken("P401", MANIFEST, line_of(metadata), version=shown(version))
        if schema != "ADL SCORM":
            yield risky("P402", MANIFEST, line_of(metadata), value=shown(schema))
    if space(manifest.root) not in (CP, CP12):  # that of 1.2 is told with the version
        yield risky("P448", MANIFEST, line_of(manifest.root), namespace=shown(space(manifest.root)))
    used = {space(element) for element in manifest.elements}
    used |= {etree.QName(str(name)).namespace or "" for one in manifest.elements for name in one.attrib}
    if ADLCP12 in used:
        yield risky("P403", MANIFEST, line_of(manifest.root), namespace=ADLCP12)
    for element in manifest.elements:
        name = local(element)
        if space(element) in (ADLCP, ADLCP12) and name in OLDER:
            yield risky("P404", MANIFEST, line_of(element), element=name)
        if manifest.edition in ("2", "3") and _is_later(element):
            yield risky("P405", MANIFEST, line_of(element), element=name)
        if any(etree.QName(str(one)).localname in ("persistState", "isPersistState") for one in element.attrib):
            yield risky("P432", MANIFEST, line_of(element))


def _is_later(element: etree._Element) -> bool:
    has_threshold = local(element) == "completionThreshold" and bool(element.attrib)
    return has_threshold or (space(element), local(element)) in LATER


def _names(manifest: Manifest) -> Iterator[Finding]:
    """Prefixes, which some LMSs compare as text; identifiers (30.1.2, 30.6.3.6.1.2, 30.7.3.1.2)."""
    if manifest.root.prefix:
        yield broken("P407", MANIFEST, line_of(manifest.root), prefix=shown(manifest.root.prefix))
    for name, (element, prefix) in _prefixes(manifest).items():
        expected = PREFIXES[name]
        if prefix != expected:
            report = broken if name == ADLCP else risky
            yield report("P406", MANIFEST, line_of(element), prefix=shown(prefix), expected=expected)
    found = [one for one in manifest.elements if one.get("identifier") is not None]
    seen: dict[str, etree._Element] = {}
    for element in found:
        name = identifier(element)
        if not re.fullmatch(r"[^\W\d][\w.\-\u00b7]*", name):
            yield risky("P414", MANIFEST, line_of(element), value=shown(name))
        elif name in seen:
            both = is_item(element) and is_item(seen[name])
            yield (broken if both else risky)("P413", MANIFEST, line_of(element), value=shown(name))
        seen.setdefault(name, element)


def _prefixes(manifest: Manifest) -> dict[str, tuple[etree._Element, str | None]]:
    """Return where each of our namespaces is first used, and with which prefix."""
    found: dict[str, tuple[etree._Element, str | None]] = {}
    for element in manifest.elements:
        if space(element) in PREFIXES:
            found.setdefault(space(element), (element, element.prefix))
        for attribute in element.attrib:
            name = etree.QName(str(attribute)).namespace or ""
            if name in PREFIXES and name not in found:
                prefix = next((key for key, value in element.nsmap.items() if key and value == name), None)
                found[name] = (element, prefix)
    return found


def _structure(manifest: Manifest) -> Iterator[Finding]:
    """Order of children, sub-manifests, metadata in files."""
    for element in manifest.elements:
        if local(element) in ORDER and space(element) in (CP, CP12):
            yield from _order(element)
        if local(element) == "location" and space(element) in (ADLCP, ADLCP12):
            place = manifest.files.find(shown(element.text, 2000), manifest.root.get(BASE, ""))
            if place.kind not in (Kind.FILE, Kind.REMOTE):
                yield risky("P431", MANIFEST, line_of(element), href=shown(element.text))
    for inner in children(manifest.root, "manifest")[:1]:
        yield risky("P409", MANIFEST, line_of(inner))


def _order(element: etree._Element) -> Iterator[Finding]:
    known = ORDER[local(element)]
    highest, before = -1, ""
    for child in children(element):
        is_known = space(child) in (CP, CP12) and local(child) in known
        rank = known.index(local(child)) if is_known else len(known)
        if rank < highest:
            yield risky("P408", MANIFEST, line_of(child), element=local(child), after=before, parent=local(element))
            return
        if rank > highest:
            highest, before = rank, local(child)


# --- organizations and items -----------------------------------------------------------------------------------------


def _organizations(manifest: Manifest) -> Iterator[Finding]:
    """At least one organization, and a default that names one of them (30.6.1.1, 30.6.3)."""
    holder = next(iter(children(manifest.root, "organizations")), None)
    if holder is None or not manifest.organizations:
        yield risky("P410", MANIFEST, line_of(manifest.root if holder is None else holder))
    opens = manifest.items or [one for one in manifest.all_resources if one.get("href")]
    if not opens or (manifest.items and all(one.get("identifierref") is None for one in manifest.items)):
        yield broken("P446", MANIFEST, line_of(manifest.root if holder is None else holder))
    if holder is None or not manifest.organizations:
        return
    default = holder.get("default")
    if default is None:
        yield risky("P411", MANIFEST, line_of(holder))
    elif default.strip() not in {identifier(one) for one in manifest.organizations}:
        yield risky("P412", MANIFEST, line_of(holder), value=shown(default))
    for organization in manifest.organizations:
        if not children(organization, "item"):
            yield risky("P410", MANIFEST, line_of(organization))
        if not text_of(organization, "title"):
            yield risky("P418", MANIFEST, line_of(organization), element="organization", item=title_of(organization))


def _items(manifest: Manifest) -> Iterator[Finding]:
    """References, titles, what only a SCO may have, and how items look in a menu (30.6.3.6)."""
    for item in manifest.items:
        line, name = line_of(item), title_of(item)
        reference, inner = item.get("identifierref"), children(item, "item")
        resource = manifest.resource(item)
        if reference is not None and resource is None:
            yield broken("P415", MANIFEST, line, item=name, value=shown(reference))
        if reference is not None and inner:
            yield risky("P416", MANIFEST, line, item=name)
        if reference is None and not inner:
            yield risky("P417", MANIFEST, line, item=name)
        if not text_of(item, "title"):
            yield risky("P418", MANIFEST, line, element="item", item=name)
        for what, value in (("title", text_of(item, "title") or ""), ("identifier", identifier(item))):
            if len(value) > COLUMN:
                yield broken("P419", MANIFEST, line, what=what, count=len(value))
        parent = item.getparent()
        if parent is not None and is_item(parent) and item.get("isvisible") is None:
            yield risky("P434", MANIFEST, line, item=name)
        if (
            resource is not None
            and "?" in resource.get("href", "")
            and item.get("parameters", "#")[:1] not in ("#", "")
        ):
            yield risky("P435", MANIFEST, line, item=name)
        yield from _words_of(item, name, resource)
        if is_sco(resource) and manifest.part(item, "deliveryControls") is None:
            yield note("P443", MANIFEST, line, item=name)


def _words_of(item: etree._Element, name: str, resource: etree._Element | None) -> Iterator[Finding]:
    """What stands on an item: for SCOs alone (30.6.3.6.9.1.1, 30.6.3.6.10.2), for resources alone (33.2)."""
    for element in children(item, *SCO_WORDS, "presentation"):
        wants_sco = local(element) in SCO_WORDS
        if resource is None or (wants_sco and not is_sco(resource)):
            yield risky("P436", MANIFEST, line_of(element), element=local(element), item=name)
        size = len(element.text or "")
        if local(element) == "dataFromLMS" and size > LAUNCH_DATA:
            yield risky("P437", MANIFEST, line_of(element), item=name, count=size)


# --- resources and files ---------------------------------------------------------------------------------------------


def _resources(manifest: Manifest) -> Iterator[Finding]:
    """Types, launch files, listed files, dependencies (30.7)."""
    for element in (manifest.root, *children(manifest.root, "resources")):
        if element.get(BASE, "").strip():
            yield risky("P429", MANIFEST, line_of(element), value=shown(element.get(BASE)))
    used: dict[str, etree._Element] = {}
    for item in manifest.items:
        used.setdefault(item.get("identifierref", "").strip(), item)
    for resource in manifest.all_resources:
        yield from _type(resource, identifier(resource) in used)
        yield from _files(manifest, resource, used.get(identifier(resource)))
        for one in children(resource, "dependency"):
            if one.get("identifierref", "").strip() not in manifest.resources:
                yield risky("P430", MANIFEST, line_of(one), value=shown(one.get("identifierref")))
    first = next((one for one in manifest.all_resources if one.get("href")), None)
    launched = next((resource for _, resource in manifest.launched if resource.get("href")), None)
    if first is not None and launched is not None and first is not launched:
        names = {"resource": shown(identifier(first)), "expected": shown(identifier(launched))}
        yield risky("P433", MANIFEST, line_of(first), **names)


def _type(resource: etree._Element, is_launched: bool) -> Iterator[Finding]:
    """`adlcp:scormType` (30.7.3.4, 30.7.3.4.1)."""
    line, name, value = line_of(resource), shown(identifier(resource)), type_of(resource)
    if value is None:
        yield (broken if is_launched else risky)("P420", MANIFEST, line, resource=name)
    elif value not in ("sco", "asset"):
        yield risky("P422", MANIFEST, line, resource=name, value=shown(value))
    elif resource.get(f"{{{ADLCP}}}scormtype") is not None:
        yield risky("P421", MANIFEST, line, resource=name)


def _files(manifest: Manifest, resource: etree._Element, item: etree._Element | None) -> Iterator[Finding]:
    """The launch file and the listed ones (30.7.3.3, 30.7.3.5, 30.7.3.9)."""
    line, href, base = line_of(resource), resource.get("href", "").strip(), resource.get(BASE, "").strip()
    if base and (base.startswith("/") or "\\" in base or not base.endswith("/")):
        yield risky("P428", MANIFEST, line, value=shown(base))
    listed: set[str] = set()
    for file in children(resource, "file"):
        name = file.get("href", "").strip()
        place = manifest.files.find(name, manifest.base + base)
        listed.add(place.name)
        if name.startswith("/") or "\\" in name:
            yield risky("P428", MANIFEST, line_of(file), value=shown(name))
        if place.kind not in (Kind.FILE, Kind.REMOTE) and not _is_same(name, href):
            yield risky("P426", MANIFEST, line_of(file), href=shown(name))
    launch = manifest.place(resource)
    if launch is None:
        if item is not None:
            yield broken("P423", MANIFEST, line, resource=shown(identifier(resource)), item=title_of(item))
        return
    if href.startswith("/") or "\\" in href:
        yield risky("P428", MANIFEST, line, value=shown(href))
    if launch.kind is Kind.REMOTE:
        if item is not None and is_sco(resource):
            yield broken("P444", MANIFEST, line, href=shown(href), item=title_of(item))
    elif launch.kind is Kind.CASE:
        yield broken("P425", MANIFEST, line, href=shown(href), name=shown(launch.name))
    elif launch.kind is not Kind.FILE:
        yield (broken if item is not None else risky)("P424", MANIFEST, line, href=shown(href))
    elif launch.name not in listed:
        yield risky("P427", MANIFEST, line, href=shown(href))


def _is_same(one: str, other: str) -> bool:
    """Tell whether a listed file is the launch file, whose absence is told once."""
    return one == re.split(r"[?#]", other, maxsplit=1)[0]


# --- values ----------------------------------------------------------------------------------------------------------


def _values(manifest: Manifest) -> Iterator[Finding]:
    """Vocabularies, forms and bounds; thresholds that nobody reaches or that nothing reads."""
    for element in manifest.elements:
        name, line = local(element), line_of(element)
        for attribute, value in element.attrib.items():
            wanted = ATTRIBUTES.get((name, str(attribute)))
            if wanted is not None and not fits(str(value), wanted):
                what = {"attribute": str(attribute), "element": name, "value": shown(str(value))}
                yield risky("P438", MANIFEST, line, **what)
        action = _actions(element) if name in ("ruleAction", "rollupAction") else None
        if action is not None and not fits(element.get("action", ""), action):
            what = {"attribute": "action", "element": name, "value": shown(element.get("action"))}
            yield risky("P438", MANIFEST, line, **what)
        words = TEXTS.get(name)
        if words is not None and not fits(element.text or "", words):
            yield risky("P438", MANIFEST, line, attribute="text", element=name, value=shown(element.text))
        if name == "minNormalizedMeasure":
            yield from _measure(element, element.text or "", -1)
            parent = element.getparent()
            if parent is not None and not _is_on(parent, "satisfiedByMeasure"):
                yield risky("P440", MANIFEST, line, value=shown(element.text))
            elif parent is not None and local(parent) == "primaryObjective":
                yield note("P445", MANIFEST, line, value=shown(element.text))
        elif name == "completionThreshold":
            yield from _threshold(manifest, element)


def _actions(element: etree._Element) -> frozenset[str] | None:
    parent = element.getparent()
    return None if parent is None else ACTIONS.get(local(parent))


def fits(value: str, wanted: Values) -> bool:
    """Tell whether a value is what it must be."""
    text = value.strip()
    if isinstance(wanted, frozenset):
        return text in wanted
    if isinstance(wanted, tuple):
        found = number(text)
        return found is not None and wanted[0] <= found <= wanted[1]
    return bool(wanted.fullmatch(text))


def _measure(element: etree._Element, text: str, least: int) -> Iterator[Finding]:
    """A score or progress within its bounds (31.10.1.3.1, 30.6.3.6.13.2): above 1, nobody reaches it."""
    found = number(text)
    if found is not None and found > 1:
        yield broken("P439", MANIFEST, line_of(element), element=local(element), value=shown(text))
    elif found is None or found < least:
        yield risky("P438", MANIFEST, line_of(element), attribute="text", element=local(element), value=shown(text))


def _threshold(manifest: Manifest, element: etree._Element) -> Iterator[Finding]:
    """`adlcp:completionThreshold`: a number up to the 3rd edition, attributes in the 4th (30.6.3.6.13)."""
    text, least = (element.text or "").strip(), element.get("minProgressMeasure")
    if text:
        yield from _measure(element, text, 0)
        if element.attrib and manifest.edition == "4":
            yield risky("P442", MANIFEST, line_of(element))
    if least is not None:
        yield from _measure(element, least, 0)
        if not _is_on(element, "completedByMeasure"):
            yield risky("P441", MANIFEST, line_of(element), value=shown(least))


# --- sequencing ------------------------------------------------------------------------------------------------------


def _sequencing(manifest: Manifest) -> Iterator[Finding]:
    """What no sequencing procedure can deliver or satisfy, and what several LMSs do not carry out."""
    told: set[etree._Element] = set()
    for organization in manifest.organizations:
        activities = [organization, *(one for one in organization.iterdescendants() if is_item(one))]
        parts: list[etree._Element] = []
        for activity in activities:
            yield from _controls(manifest, activity)
            yield from _limits(manifest, activity)
            yield from _rollup(manifest, activity)
            fresh = [one for one in manifest.sequencing(activity) if one not in told]
            told.update(fresh)
            parts += fresh
            for part in fresh:
                yield from _objectives(part, title_of(activity))
                yield from _rules(manifest, activity, part)
            yield from _collected(manifest, activity)
        yield from _globals(organization, parts)
        if len(activities) > 2:
            yield from _uneven(parts)


def _controls(manifest: Manifest, activity: etree._Element) -> Iterator[Finding]:
    """Control modes (31.5): a cluster needs choice or flow (SB.2.2, SB.2.9); a leaf has no use for them."""
    count, line = len(children(activity, "item")), line_of(activity)
    chooses = manifest.says(activity, "controlMode", "choice", default=True)
    flows = manifest.says(activity, "controlMode", "flow", default=False)
    if not count:
        mode = manifest.part(activity, "controlMode")
        if is_item(activity) and mode is not None:
            yield note("P452", MANIFEST, line_of(mode), item=title_of(activity))
    elif not chooses and not flows:
        yield broken("P450", MANIFEST, line, item=title_of(activity), count=count)
    elif not flows and count > 1:
        yield note("P451", MANIFEST, line, item=title_of(activity), count=count)


def _limits(manifest: Manifest, activity: etree._Element) -> Iterator[Finding]:
    """An attempt limit of 0 is exceeded before the first attempt (UP.1)."""
    limits = manifest.part(activity, "limitConditions")
    if limits is not None and count_of(limits.get("attemptLimit", "")) == 0:
        yield broken("P454", MANIFEST, line_of(limits), item=title_of(activity))


def _objectives(part: etree._Element, name: str) -> Iterator[Finding]:
    """One primary objective, identifiers, maps (31.10)."""
    holder = next((one for one in children(part, "objectives") if space(one) == SS), None)
    if holder is None:
        return
    line, found = line_of(holder), children(holder, "primaryObjective", "objective")
    if len([one for one in found if local(one) == "primaryObjective"]) != 1:
        yield risky("P455", MANIFEST, line, item=name)
    counted = Counter(one.get("objectiveID", "").strip() for one in found)
    for value in (value for value, count in counted.items() if value and count > 1):
        yield risky("P456", MANIFEST, line, item=name, value=shown(value))
    writers: Counter[tuple[str, str]] = Counter()
    for one in found:
        maps = children(one, "mapInfo")
        if not one.get("objectiveID", "").strip() and (maps or local(one) == "objective"):
            yield risky("P457", MANIFEST, line_of(one), item=name)
        for what in MAPPED[:2]:
            if sum(_is_on(each, f"read{what}", "true") for each in maps) > 1:
                yield risky("P458", MANIFEST, line_of(one), item=name, attribute=f"read{what}")
            targets = {each.get("targetObjectiveID", "").strip() for each in maps if _is_on(each, f"write{what}")}
            writers.update((target, f"write{what}") for target in targets)
    for attribute in sorted({attribute for (_, attribute), count in writers.items() if count > 1}):
        yield risky("P458", MANIFEST, line, item=name, attribute=attribute)


def _is_on(element: etree._Element, attribute: str, default: str = "false") -> bool:
    return element.get(attribute, default).strip() in ("true", "1")


def _rules(manifest: Manifest, activity: etree._Element, part: etree._Element) -> Iterator[Finding]:
    """Objectives that conditions name (31.6.3.1.2.1.3); actions with nowhere to go (31.6.3.2.1.1, SB.2.1)."""
    for condition in _descendants(part, "ruleCondition"):
        reference = condition.get("referencedObjective")
        if reference is not None and not any(
            name_in(reference) in manifest.objective_names[one] for one in manifest.sequencing(activity)
        ):
            yield risky("P459", MANIFEST, line_of(condition), item=title_of(activity), value=shown(reference))
    parent = activity.getparent() if is_item(activity) else None
    is_forward = parent is not None and manifest.says(parent, "controlMode", "forwardOnly", default=False)
    for action in _descendants(part, "ruleAction"):
        name = action.get("action", "").strip()
        if not is_item(activity) and name in ("exitParent", "previous"):
            yield risky("P463", MANIFEST, line_of(action), action=name)
        elif is_forward and name == "previous":
            yield risky("P453", MANIFEST, line_of(action), item=title_of(activity))


def _collected(manifest: Manifest, activity: etree._Element) -> Iterator[Finding]:
    """A reference to shared sequencing (31.4.3)."""
    for own in manifest.sequenced.get(activity, ()):
        reference = own.get("IDRef")
        if reference is not None and reference.strip() not in manifest.collection:
            yield risky("P464", MANIFEST, line_of(own), value=shown(reference))


def _descendants(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    return (one for one in element.iterdescendants() if isinstance(one.tag, str) and local(one) in names)


def _rollup(manifest: Manifest, activity: etree._Element) -> Iterator[Finding]:
    """Rollup that nothing can satisfy (RB.1.1, RB.1.3, RB.1.4, RB.1.4.2)."""
    inner = children(activity, "item")
    own = next(iter(manifest.sequenced.get(activity, ())), None)
    rules = manifest.parts[own].get("rollupRules") if own is not None and inner else None
    for rule in [] if rules is None else children(rules, "rollupRule"):
        wanted = count_of(rule.get("minimumCount", "0"))
        if rule.get("childActivitySet", "").strip() == "atLeastCount" and wanted is not None and wanted > len(inner):
            yield risky("P461", MANIFEST, line_of(rule), item=title_of(activity), count=wanted, children=len(inner))
    is_by_measure = any(_is_on(one, "completedByMeasure") for one in children(activity, "completionThreshold"))
    if is_item(activity) or not inner:
        return
    if not is_by_measure and not any(_contributes(manifest, one) for one in inner):
        yield risky("P462", MANIFEST, line_of(activity), item=title_of(activity))
    objectives = manifest.part(activity, "objectives")
    primary = children(objectives, "primaryObjective") if objectives is not None else []
    if any(_is_on(one, "satisfiedByMeasure") for one in primary) and not any(_weighs(manifest, one) for one in inner):
        yield risky("P466", MANIFEST, line_of(primary[0]), item=title_of(activity))


def _contributes(manifest: Manifest, item: etree._Element) -> bool:
    is_tracked = manifest.says(item, "deliveryControls", "tracked", default=True)
    return is_tracked and manifest.says(item, "rollupRules", "rollupProgressCompletion", default=True)


def _weighs(manifest: Manifest, item: etree._Element) -> bool:
    rules = manifest.part(item, "rollupRules")
    weight = number(rules.get("objectiveMeasureWeight", "1") if rules is not None else "1")
    return weight != 0 and manifest.says(item, "deliveryControls", "tracked", default=True)


def _globals(organization: etree._Element, parts: Iterable[etree._Element]) -> Iterator[Finding]:
    """Global objectives that are read and that nothing writes; those that outlive the course may come from another."""
    if organization.get(f"{{{ADLSEQ}}}objectivesGlobalToSystem", "true").strip() not in ("false", "0"):
        return
    maps = [one for part in parts for one in _descendants(part, "mapInfo")]
    written = {
        one.get("targetObjectiveID", "").strip()
        for one in maps
        if any(_is_on(one, str(name)) for name in one.attrib if str(name).startswith("write"))
    }
    read = {one.get("targetObjectiveID", "").strip(): one for one in reversed(maps)}
    for value in sorted(read.keys() - written):
        yield risky("P460", MANIFEST, line_of(read[value]), value=shown(value))


def _uneven(parts: Iterable[etree._Element]) -> Iterator[Finding]:
    """Rules, limits, maps or random choice, which several LMSs leave out."""
    names = ("preConditionRule", "exitConditionRule", "postConditionRule", "rollupRule", "mapInfo", "limitConditions")
    for part in parts:
        found = next(_descendants(part, *names, "randomizationControls", "constrainedChoiceConsiderations"), None)
        if found is not None:
            yield risky("P465", MANIFEST, line_of(found), element=local(found))
            return
