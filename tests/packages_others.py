"""The corpus of one-fault packages, continued: SCORM 2004, cmi5 and Tin Can.

As in `packages.py`, a function makes a package and its docstring says why it gets its verdict. `codes` are what our own
rules find; whether the official schema sees the fault as well is said by `seen`, and checked where schemas are at hand.
What every package of a standard is told (`ALWAYS`) need not be written.
"""

from __future__ import annotations

from collections.abc import Callable

from packages import PACKAGES, Made, changed, zipped

from builder.inspect import Standard, Verdict

OTHERS: dict[str, Made] = {}
SEEN: set[str] = set()
"""Names of packages whose fault the official schema sees."""

ALWAYS: dict[Standard, tuple[str, ...]] = {"cmi5": ("P526",), "tincan": ("P615",)}

Make = Callable[[], bytes]


def package(standard: Standard, verdict: str, *codes: str, seen: bool = False) -> Callable[[Make], Make]:
    """Add what a function makes to the corpus; its docstring is the reason."""

    def add(make: Make) -> Make:
        name = make.__name__.replace("_", "-")
        assert name not in OTHERS, name
        assert make.__doc__, f"{name}: say why"
        expected = frozenset((*codes, *ALWAYS.get(standard, ())))
        OTHERS[name] = Made(name, standard, Verdict(verdict), expected, make.__doc__.strip(), make)
        if seen:
            SEEN.add(name)
        return make

    return add


# --- SCORM 2004 ------------------------------------------------------------------------------------------------------

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Course</title><script src="sco.js"></script></head>
<body><h1>Course</h1></body></html>
"""
SCRIPT = """"use strict";
function find(frame) {
  for (let climbed = 0; climbed < 500; climbed += 1) {
    try { if (frame.API_1484_11) return frame.API_1484_11; } catch { /* a foreign frame */ }
    if (frame.parent === frame) return null;
    frame = frame.parent;
  }
  return null;
}
const lms = find(window);
if (lms) {
  lms.Initialize("");
  lms.SetValue("cmi.completion_status", "incomplete");
  addEventListener("pagehide", () => lms.Terminate(""));
}
"""
MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_v1p3"
 xmlns:adlseq="http://www.adlnet.org/xsd/adlseq_v1p3" xmlns:adlnav="http://www.adlnet.org/xsd/adlnav_v1p3"
 xmlns:imsss="http://www.imsglobal.org/xsd/imsss" identifier="M" version="1.0">
<metadata><schema>ADL SCORM</schema><schemaversion>2004 4th Edition</schemaversion></metadata>
<organizations default="O">
<organization identifier="O"><title>Course</title>
<item identifier="I" identifierref="R" isvisible="true"><title>Lesson</title>
<imsss:sequencing>
<imsss:deliveryControls completionSetByContent="true" objectiveSetByContent="true"/>
</imsss:sequencing></item>
<imsss:sequencing><imsss:controlMode choice="true" flow="true"/></imsss:sequencing></organization>
</organizations>
<resources>
<resource identifier="R" type="webcontent" adlcp:scormType="sco" href="index.html">
<file href="index.html"/><file href="sco.js"/>
</resource>
</resources>
</manifest>
"""
EDITION = "2004 4th Edition"
ITEM = '<item identifier="I" identifierref="R" isvisible="true">'
ORGANIZATION = '<organization identifier="O">'
CONTROL = '<imsss:controlMode choice="true" flow="true"/>'
DELIVERY = '<imsss:deliveryControls completionSetByContent="true" objectiveSetByContent="true"/>'
RESOURCE = '<resource identifier="R" type="webcontent" adlcp:scormType="sco" href="index.html">'
LESSON = "<title>Lesson</title>"
END_OF_ITEM = "</imsss:sequencing></item>"
SECOND = (
    '<item identifier="I2" identifierref="R" isvisible="true"><title>Second</title><imsss:sequencing>'
    '<imsss:deliveryControls objectiveSetByContent="true" completionSetByContent="true"/></imsss:sequencing></item>'
)
GROUP = '<imsss:sequencing><imsss:controlMode flow="true" choice="true"/></imsss:sequencing></item>'
"""The end of an item that holds others."""

PASSING = (
    '<imsss:objectives><imsss:primaryObjective objectiveID="P" satisfiedByMeasure="true">'
    "<imsss:minNormalizedMeasure>0.8</imsss:minNormalizedMeasure></imsss:primaryObjective></imsss:objectives>"
)
RULE = (
    "<imsss:sequencingRules><imsss:{kind}><imsss:ruleConditions>"
    '<imsss:ruleCondition{condition}/></imsss:ruleConditions><imsss:ruleAction action="{action}"/>'
    "</imsss:{kind}></imsss:sequencingRules>"
)


def scorm2004(*changes: tuple[str, str], **files: str | bytes) -> bytes:
    """Return a good package of SCORM 2004, 4th edition, with its manifest changed and files added."""
    manifest = changed(MANIFEST, *changes)
    return zipped({"imsmanifest.xml": manifest, "index.html": PAGE, "sco.js": SCRIPT, **files})


def two(*changes: tuple[str, str]) -> bytes:
    """Return a good package of SCORM 2004 with two items, changed."""
    return zipped({"imsmanifest.xml": two_items(*changes), "index.html": PAGE, "sco.js": SCRIPT})


def two_items(*changes: tuple[str, str]) -> str:
    """Return the manifest of `two`."""
    return changed(changed(MANIFEST, (END_OF_ITEM, END_OF_ITEM + SECOND)), *changes)


def in_item(sequencing: str) -> tuple[str, str]:
    """Return the change that puts sequencing before the delivery controls of the first item."""
    return (DELIVERY, sequencing + DELIVERY)


def rule(kind: str, action: str, condition: str = ' condition="satisfied"') -> str:
    """Return one sequencing rule."""
    return RULE.format(kind=kind, action=action, condition=condition)


@package("scorm2004", "good")
def scorm2004_good() -> bytes:
    """Nothing is wrong with it."""
    return scorm2004()


@package("scorm2004", "good")
def scorm2004_good_third_edition() -> bytes:
    """The 3rd edition, in its words."""
    return scorm2004((EDITION, "2004 3rd Edition"))


@package("scorm2004", "good")
def scorm2004_good_second_edition() -> bytes:
    """The 2nd edition calls itself CAM 1.3."""
    return scorm2004((EDITION, "CAM 1.3"))


@package("scorm2004", "good", "P445")
def scorm2004_good_passing_score() -> bytes:
    """A passing score that the objective is satisfied by: right, and Moodle leaves the verdict to the content."""
    return scorm2004((DELIVERY, PASSING + DELIVERY))


@package("scorm2004", "good")
def scorm2004_good_completion_by_measure() -> bytes:
    """The 4th edition's way of a progress threshold."""
    threshold = '<adlcp:completionThreshold completedByMeasure="true" minProgressMeasure="0.75"/>'
    return scorm2004((LESSON, LESSON + threshold))


@package("scorm2004", "good")
def scorm2004_good_threshold_of_the_third_edition() -> bytes:
    """The 3rd edition's way of a progress threshold: a bare number."""
    threshold = "<adlcp:completionThreshold>0.75</adlcp:completionThreshold>"
    return scorm2004((EDITION, "2004 3rd Edition"), (LESSON, LESSON + threshold))


@package("scorm2004", "good")
def scorm2004_good_two_items_in_line() -> bytes:
    """Two items that follow each other; no rules, which some LMSs leave out."""
    return two((CONTROL, '<imsss:controlMode choice="false" flow="true"/>'))


@package("scorm2004", "good")
def scorm2004_good_shared_sequencing() -> bytes:
    """Delivery controls that stand in the collection count as the item's own."""
    shared = f'</resources><imsss:sequencingCollection><imsss:sequencing ID="S">{DELIVERY}</imsss:sequencing>'
    return scorm2004(
        (f"<imsss:sequencing>\n{DELIVERY}\n{END_OF_ITEM}", '<imsss:sequencing IDRef="S"/></item>'),
        ("</resources>", shared + "</imsss:sequencingCollection>"),
    )


@package("scorm2004", "good")
def scorm2004_good_hidden_buttons_and_launch_data() -> bytes:
    """What an LMS hides, what it hands over, and when it ends, each in the standard's words."""
    more = (
        "<adlcp:timeLimitAction>continue,no message</adlcp:timeLimitAction><adlcp:dataFromLMS>a=1</adlcp:dataFromLMS>"
    )
    hidden = (
        "<adlnav:presentation><adlnav:navigationInterface><adlnav:hideLMSUI>continue</adlnav:hideLMSUI>"
        "<adlnav:hideLMSUI>suspendAll</adlnav:hideLMSUI></adlnav:navigationInterface></adlnav:presentation></item>"
    )
    return scorm2004((LESSON, LESSON + more), (END_OF_ITEM, "</imsss:sequencing>" + hidden))


@package("scorm2004", "good")
def scorm2004_good_metadata_in_a_file() -> bytes:
    """`adlcp:location` leads to a file that is there."""
    return scorm2004(
        ("</schemaversion>", "</schemaversion><adlcp:location>about.xml</adlcp:location>"),
        **{"about.xml": "<lom xmlns='http://ltsc.ieee.org/xsd/LOM'/>"},
    )


@package("scorm2004", "good", "P451")
def scorm2004_good_no_flow() -> bytes:
    """By default there is no flow: legal, and Next does nothing."""
    return two((f"<imsss:sequencing>{CONTROL}</imsss:sequencing>", ""))


@package("scorm2004", "good", "P452")
def scorm2004_good_control_mode_on_a_leaf() -> bytes:
    """It has no effect, and SCORM Cloud warns of it."""
    return scorm2004(in_item('<imsss:controlMode flow="true"/>'))


@package("scorm2004", "good", "P443")
def scorm2004_good_silent_completion() -> bytes:
    """A SCO that is silent is completed by the LMS: legal, and often not meant."""
    return scorm2004((f"<imsss:sequencing>\n{DELIVERY}\n{END_OF_ITEM}", "</item>"))


@package("scorm2004", "broken", "P401")
def scorm2004_edition_in_other_words() -> bytes:
    """Moodle takes any other wording for SCORM 1.2, whose API the content does not look for."""
    return scorm2004((EDITION, "SCORM 2004 4th Edition"))


@package("scorm2004", "broken", "P211")
def scorm2004_edition_missing() -> bytes:
    """Without a version, Moodle takes it for SCORM 1.2."""
    return scorm2004((f"<schemaversion>{EDITION}</schemaversion>", ""))


@package("scorm2004", "risky", "P402")
def scorm2004_schema_in_other_words() -> bytes:
    """30.5.2.1: the schema is ADL SCORM."""
    return scorm2004(("ADL SCORM", "SCORM"))


@package("scorm2004", "risky", "P403")
def scorm2004_namespace_of_1_2() -> bytes:
    """The words of ADL have a namespace of their own in 2004."""
    return scorm2004(("http://www.adlnet.org/xsd/adlcp_v1p3", "http://www.adlnet.org/xsd/adlcp_rootv1p2"))


@package("scorm2004", "risky", "P404")
def scorm2004_mastery_score_of_1_2() -> bytes:
    """SCORM 2004 knows no `masteryscore`: nobody is judged by it."""
    return scorm2004((LESSON, LESSON + "<adlcp:masteryscore>80</adlcp:masteryscore>"))


@package("scorm2004", "risky", "P405", seen=True)
def scorm2004_fourth_edition_in_the_third() -> bytes:
    """The attributes of `completionThreshold` came with the 4th edition."""
    threshold = '<adlcp:completionThreshold completedByMeasure="true" minProgressMeasure="0.75"/>'
    return scorm2004((EDITION, "2004 3rd Edition"), (LESSON, LESSON + threshold))


@package("scorm2004", "broken", "P406")
def scorm2004_other_prefix() -> bytes:
    """A prefix is free in XML; Moodle reads `adlcp:` alone, and takes the SCO for an asset."""
    return scorm2004(("xmlns:adlcp=", "xmlns:adl="), ("adlcp:scormType", "adl:scormType"))


@package("scorm2004", "risky", "P406")
def scorm2004_other_prefix_of_sequencing() -> bytes:
    """Moodle reads `imsss:` alone: sequencing is lost."""
    text = MANIFEST.replace("imsss:", "ss:").replace("xmlns:imsss", "xmlns:ss")
    return zipped({"imsmanifest.xml": text, "index.html": PAGE, "sco.js": SCRIPT})


@package("scorm2004", "broken", "P407")
def scorm2004_prefixed_elements() -> bytes:
    """Moodle finds no `item` where it is written `cp:item`."""
    text = MANIFEST.replace("xmlns=", "xmlns:cp=")
    for (
        name
    ) in "manifest metadata schema schemaversion organizations organization item title resources resource file".split():
        for mark in (" ", ">", "/"):
            text = text.replace(f"<{name}{mark}", f"<cp:{name}{mark}").replace(f"</{name}{mark}", f"</cp:{name}{mark}")
    return zipped({"imsmanifest.xml": text, "index.html": PAGE, "sco.js": SCRIPT})


@package("scorm2004", "risky", "P408", seen=True)
def scorm2004_sequencing_before_title() -> bytes:
    """Extensions stand last in an item."""
    return scorm2004(
        (
            f"{LESSON}\n<imsss:sequencing>\n{DELIVERY}\n{END_OF_ITEM}",
            f"<imsss:sequencing>{DELIVERY}</imsss:sequencing>{LESSON}</item>",
        )
    )


@package("scorm2004", "risky", "P409")
def scorm2004_sub_manifest() -> bytes:
    """Legal, and supported by few."""
    inner = '<manifest identifier="M2"><organizations/><resources/></manifest></manifest>'
    return scorm2004(("</manifest>", inner))


@package("scorm2004", "risky", "P410")
def scorm2004_no_organization() -> bytes:
    """A stock of resources, and no course."""
    start, end = MANIFEST.index("<organizations"), MANIFEST.index("<resources>")
    return scorm2004((MANIFEST[start:end], "<organizations/>\n"))


@package("scorm2004", "risky", "P411")
def scorm2004_no_default() -> bytes:
    """30.6.1: the default is said even of one."""
    return scorm2004((' default="O"', ""))


@package("scorm2004", "risky", "P412")
def scorm2004_dangling_default() -> bytes:
    """No schema sees that there is no such organization: libxml2 does not check IDREF."""
    return scorm2004(('default="O"', 'default="O9"'))


@package("scorm2004", "broken", "P413", seen=True)
def scorm2004_two_items_with_one_identifier() -> bytes:
    """Moodle keeps the second only."""
    return two(('identifier="I2"', 'identifier="I"'))


@package("scorm2004", "risky", "P414", seen=True)
def scorm2004_identifier_begins_with_a_digit() -> bytes:
    """An XML ID begins with a letter."""
    return scorm2004(('identifier="I"', 'identifier="1"'))


@package("scorm2004", "broken", "P415")
def scorm2004_dangling_item() -> bytes:
    """There is no such resource; Moodle creates the activity, and nobody can play it."""
    return two(('<item identifier="I2" identifierref="R"', '<item identifier="I2" identifierref="R9"'))


@package("scorm2004", "risky", "P416")
def scorm2004_item_with_resource_and_items() -> bytes:
    """Only leaves are delivered."""
    mode = GROUP.replace("</imsss:sequencing>", f"{DELIVERY}</imsss:sequencing>")
    return scorm2004((f"<imsss:sequencing>\n{DELIVERY}\n{END_OF_ITEM}", SECOND + mode))


@package("scorm2004", "risky", "P417")
def scorm2004_empty_item() -> bytes:
    """A line of the menu that opens nothing."""
    return scorm2004((END_OF_ITEM, END_OF_ITEM + '<item identifier="I2" isvisible="true"><title>Second</title></item>'))


@package("scorm2004", "risky", "P418")
def scorm2004_untitled() -> bytes:
    """30.6.3.6.6: an item has a title."""
    return scorm2004((LESSON, ""))


@package("scorm2004", "broken", "P419")
def scorm2004_long_title() -> bytes:
    """Moodle stops with a database error, and creates nothing."""
    return scorm2004((LESSON, f"<title>{'Lesson ' * 40}</title>"))


@package("scorm2004", "broken", "P420")
def scorm2004_no_scorm_type() -> bytes:
    """Moodle takes it for an asset, and marks it as completed when it is opened."""
    return scorm2004((' adlcp:scormType="sco"', ""))


@package("scorm2004", "risky", "P421")
def scorm2004_scorm_type_in_lower_case() -> bytes:
    """The wildcard of the 4th edition's schema is lax: it lets the spelling of 1.2 pass."""
    return scorm2004(("scormType", "scormtype"))


@package("scorm2004", "risky", "P421", seen=True)
def scorm2004_scorm_type_in_lower_case_third_edition() -> bytes:
    """The 3rd edition's schema refuses the spelling of 1.2."""
    return scorm2004(("scormType", "scormtype"), (EDITION, "2004 3rd Edition"))


@package("scorm2004", "risky", "P422", seen=True)
def scorm2004_scorm_type_in_capitals() -> bytes:
    """The word is `sco`."""
    return scorm2004(('"sco"', '"SCO"'))


@package("scorm2004", "broken", "P423")
def scorm2004_resource_without_address() -> bytes:
    """There is nothing to open, and Moodle does not say so."""
    return scorm2004((' href="index.html">', ">"))


@package("scorm2004", "broken", "P424")
def scorm2004_launch_file_missing() -> bytes:
    """The learner meets an error page."""
    return scorm2004(
        (' href="index.html">', ' href="start.html">'), ('<file href="index.html"/>', '<file href="start.html"/>')
    )


@package("scorm2004", "broken", "P425")
def scorm2004_launch_file_in_other_capitals() -> bytes:
    """Most servers tell capitals apart."""
    return scorm2004(
        (' href="index.html">', ' href="Index.html">'), ('<file href="index.html"/>', '<file href="Index.html"/>')
    )


@package("scorm2004", "risky", "P426")
def scorm2004_listed_file_missing() -> bytes:
    """What is listed comes along."""
    return scorm2004(('<file href="sco.js"/>', '<file href="sco.js"/><file href="style.css"/>'))


@package("scorm2004", "risky", "P427")
def scorm2004_launch_file_not_listed() -> bytes:
    """30.7.3.9.1.1: a resource lists its launch file too."""
    return scorm2004(('<file href="index.html"/>', ""))


@package("scorm2004", "risky", "P428")
def scorm2004_path_with_backslash() -> bytes:
    """30.7.3.9.2.2: slashes lean forward."""
    files = {
        "imsmanifest.xml": changed(MANIFEST, ('"sco.js"', '"js\\sco.js"')),
        "index.html": PAGE.replace("sco.js", "js/sco.js"),
    }
    return zipped({**files, "js/sco.js": SCRIPT})


@package("scorm2004", "risky", "P429")
def scorm2004_base_of_all_resources() -> bytes:
    """Moodle reads the base of a resource only."""
    text = changed(MANIFEST, ("<resources>", '<resources xml:base="a/">'))
    return zipped({"imsmanifest.xml": text, "a/index.html": PAGE, "a/sco.js": SCRIPT})


@package("scorm2004", "good")
def scorm2004_good_base_of_a_resource() -> bytes:
    """The base of a resource stands before its addresses, in Moodle too."""
    text = changed(MANIFEST, (RESOURCE, RESOURCE.replace(" href", ' xml:base="a/" href')))
    return zipped({"imsmanifest.xml": text, "a/index.html": PAGE, "a/sco.js": SCRIPT})


@package("scorm2004", "risky", "P430")
def scorm2004_dangling_dependency() -> bytes:
    """No schema follows dependencies."""
    return scorm2004(('<file href="sco.js"/>', '<file href="sco.js"/><dependency identifierref="R9"/>'))


@package("scorm2004", "risky", "P431")
def scorm2004_metadata_file_missing() -> bytes:
    """The metadata is not where it is said to be."""
    return scorm2004(("</schemaversion>", "</schemaversion><adlcp:location>about.xml</adlcp:location>"))


@package("scorm2004", "risky", "P432")
def scorm2004_persist_state() -> bytes:
    """Removed in 2006; the lax wildcard of the 4th edition lets it pass."""
    return scorm2004((RESOURCE, RESOURCE.replace(" href", ' adlcp:persistState="true" href')))


@package("scorm2004", "risky", "P433")
def scorm2004_other_resource_first() -> bytes:
    """Open edX opens the first resource, whatever the organization says."""
    other = '<resource identifier="A" type="webcontent" adlcp:scormType="asset" href="sco.js">'
    other += '<file href="sco.js"/></resource>'
    return scorm2004((RESOURCE, other + RESOURCE))


@package("scorm2004", "risky", "P434")
def scorm2004_nested_item_not_shown() -> bytes:
    """Open edX shows nested items only where they say that they are visible."""
    inner = SECOND.replace(' isvisible="true"', "")
    item = f'<item identifier="G" isvisible="true"><title>Group</title>{inner}{GROUP}'
    return scorm2004((END_OF_ITEM, END_OF_ITEM + item))


@package("scorm2004", "risky", "P435")
def scorm2004_two_queries() -> bytes:
    """LMSs join them differently."""
    return scorm2004(
        (ITEM, ITEM.replace(">", ' parameters="?b=2">')), (' href="index.html">', ' href="index.html?a=1">')
    )


@package("scorm2004", "risky", "P436")
def scorm2004_launch_data_for_an_asset() -> bytes:
    """An asset cannot read it."""
    return scorm2004(('"sco"', '"asset"'), (LESSON, LESSON + "<adlcp:dataFromLMS>a=1</adlcp:dataFromLMS>"))


@package("scorm2004", "risky", "P437")
def scorm2004_long_launch_data() -> bytes:
    """4000 characters are what every LMS must take."""
    return scorm2004((LESSON, LESSON + f"<adlcp:dataFromLMS>{'a' * 4001}</adlcp:dataFromLMS>"))


@package("scorm2004", "risky", "P438", seen=True)
def scorm2004_unknown_button() -> bytes:
    """`next` is `continue` in the standard's words."""
    hidden = (
        "<adlnav:presentation><adlnav:navigationInterface><adlnav:hideLMSUI>next</adlnav:hideLMSUI>"
        "</adlnav:navigationInterface></adlnav:presentation></item>"
    )
    return scorm2004((END_OF_ITEM, "</imsss:sequencing>" + hidden))


@package("scorm2004", "risky", "P438", seen=True)
def scorm2004_unknown_time_limit_action() -> bytes:
    """Four words are known, and none of them has a space after the comma."""
    return scorm2004((LESSON, LESSON + "<adlcp:timeLimitAction>exit, message</adlcp:timeLimitAction>"))


@package("scorm2004", "risky", "P438")
def scorm2004_switch_written_as_1() -> bytes:
    """XML Schema takes 1 for true; ADL asks for `true`, and Moodle compares with it."""
    return scorm2004((CONTROL, CONTROL.replace('flow="true"', 'flow="1"')))


@package("scorm2004", "risky", "P438", seen=True)
def scorm2004_duration_in_minutes() -> bytes:
    """A duration begins with P."""
    return scorm2004(in_item('<imsss:limitConditions attemptAbsoluteDurationLimit="30"/>'))


@package("scorm2004", "broken", "P439", "P445", seen=True)
def scorm2004_passing_score_of_80() -> bytes:
    """A scaled score is 1 at most: nobody passes."""
    return scorm2004((DELIVERY, PASSING.replace("0.8", "80") + DELIVERY))


@package("scorm2004", "broken", "P439")
def scorm2004_progress_of_75() -> bytes:
    """Progress is 1 at most; the 4th edition's schema lets any text pass."""
    return scorm2004((LESSON, LESSON + "<adlcp:completionThreshold>75</adlcp:completionThreshold>"))


@package("scorm2004", "risky", "P440")
def scorm2004_passing_score_without_effect() -> bytes:
    """The objective is not satisfied by measure."""
    return scorm2004((DELIVERY, PASSING.replace(' satisfiedByMeasure="true"', "") + DELIVERY))


@package("scorm2004", "risky", "P441")
def scorm2004_threshold_without_effect() -> bytes:
    """Completion is not by measure."""
    return scorm2004((LESSON, LESSON + '<adlcp:completionThreshold minProgressMeasure="0.75"/>'))


@package("scorm2004", "risky", "P442")
def scorm2004_two_thresholds() -> bytes:
    """A number and attributes at once are not allowed."""
    threshold = '<adlcp:completionThreshold completedByMeasure="true">0.75</adlcp:completionThreshold>'
    return scorm2004((LESSON, LESSON + threshold))


@package("scorm2004", "broken", "P444")
def scorm2004_sco_of_another_site() -> bytes:
    """A page of another site cannot reach the API."""
    return scorm2004((' href="index.html">', ' href="https://example.org/course/">'))


@package("scorm2004", "broken", "P417", "P446")
def scorm2004_nothing_to_launch() -> bytes:
    """The one item refers to nothing."""
    return scorm2004((' identifierref="R"', ""))


@package("scorm2004", "broken", "P410", "P446")
def scorm2004_nothing_at_all() -> bytes:
    """Neither an item nor a resource to open."""
    start, end = MANIFEST.index("<organizations"), MANIFEST.index("<resources>")
    return scorm2004((MANIFEST[start:end], "<organizations/>\n"), (' href="index.html">', ">"))


@package("scorm2004", "risky", "P448", seen=True)
def scorm2004_no_namespace() -> bytes:
    """Who reads namespaces finds no organization; Moodle looks at names alone."""
    return scorm2004((' xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"', ""))


@package("scorm2004", "broken", "P450")
def scorm2004_no_way_in() -> bytes:
    """Neither choice nor flow: nothing is ever delivered."""
    return two((CONTROL, '<imsss:controlMode choice="false" flow="false"/>'))


@package("scorm2004", "broken", "P450")
def scorm2004_no_way_in_by_default() -> bytes:
    """Flow is false by default: without choice nothing is left."""
    return two((CONTROL, '<imsss:controlMode choice="false"/>'))


@package("scorm2004", "risky", "P453", "P465")
def scorm2004_back_where_only_forward() -> bytes:
    """Forward only, and a rule that goes back: it fails each time. Rules hold in few LMSs."""
    return two(
        (CONTROL, '<imsss:controlMode flow="true" forwardOnly="true"/>'), in_item(rule("postConditionRule", "previous"))
    )


@package("scorm2004", "broken", "P454")
def scorm2004_no_attempt() -> bytes:
    """The limit is reached before the first attempt."""
    return scorm2004(in_item('<imsss:limitConditions attemptLimit="0"/>'))


@package("scorm2004", "risky", "P455", seen=True)
def scorm2004_no_primary_objective() -> bytes:
    """31.10.1: exactly one objective is rolled up."""
    return scorm2004(in_item('<imsss:objectives><imsss:objective objectiveID="A"/></imsss:objectives>'))


@package("scorm2004", "risky", "P445", "P456")
def scorm2004_two_objectives_with_one_name() -> bytes:
    """31.10.1.2.3: the schema does not compare them."""
    more = '</imsss:primaryObjective><imsss:objective objectiveID="P"/>'
    return scorm2004(in_item(PASSING.replace("</imsss:primaryObjective>", more)))


@package("scorm2004", "risky", "P457", "P465")
def scorm2004_mapped_objective_without_name() -> bytes:
    """31.10.1.2.2: what is mapped has an identifier. Maps hold in few LMSs."""
    mapped = '<imsss:mapInfo targetObjectiveID="G" writeSatisfiedStatus="true"/>'
    return two(
        in_item(f"<imsss:objectives><imsss:primaryObjective>{mapped}</imsss:primaryObjective></imsss:objectives>")
    )


@package("scorm2004", "risky", "P458", "P465")
def scorm2004_two_maps_that_read() -> bytes:
    """Maps read by default: two of one objective collide. Maps hold in few LMSs."""
    maps = '<imsss:mapInfo targetObjectiveID="G" readNormalizedMeasure="false"/><imsss:mapInfo targetObjectiveID="H"/>'
    return two(
        in_item(
            f'<imsss:objectives><imsss:primaryObjective objectiveID="P">{maps}</imsss:primaryObjective>'
            "</imsss:objectives>"
        )
    )


@package("scorm2004", "risky", "P459", "P465")
def scorm2004_rule_about_an_unknown_objective() -> bytes:
    """The condition is never known. Rules hold in few LMSs."""
    return two(in_item(rule("preConditionRule", "disabled", ' referencedObjective="A" condition="satisfied"')))


@package("scorm2004", "risky", "P460", "P465")
def scorm2004_gate_that_never_opens() -> bytes:
    """What the gate waits for is read, and nothing writes it. Rules hold in few LMSs."""
    gate = rule("preConditionRule", "disabled", ' referencedObjective="P" operator="not" condition="satisfied"')
    mapped = (
        '<imsss:objectives><imsss:primaryObjective objectiveID="P"><imsss:mapInfo targetObjectiveID="G"/>'
        "</imsss:primaryObjective></imsss:objectives>"
    )
    return two(
        (ORGANIZATION, ORGANIZATION.replace(">", ' adlseq:objectivesGlobalToSystem="false">')), in_item(gate + mapped)
    )


@package("scorm2004", "risky", "P461", "P465")
def scorm2004_rollup_of_more_items_than_there_are() -> bytes:
    """Five of two never comes. Rollup rules hold in few LMSs."""
    rollup = (
        '<imsss:rollupRules><imsss:rollupRule childActivitySet="atLeastCount" minimumCount="5"><imsss:rollupConditions>'
        '<imsss:rollupCondition condition="completed"/></imsss:rollupConditions>'
        '<imsss:rollupAction action="completed"/></imsss:rollupRule></imsss:rollupRules>'
    )
    return two((CONTROL, CONTROL + rollup))


@package("scorm2004", "risky", "P462")
def scorm2004_nothing_completes_the_course() -> bytes:
    """The one item is left out of rollup: the course's completion stays unknown."""
    return scorm2004(in_item('<imsss:rollupRules rollupProgressCompletion="false"/>'))


@package("scorm2004", "risky", "P445", "P466")
def scorm2004_passing_score_of_nothing() -> bytes:
    """The course is passed by its score, to which no item adds: the score stays unknown."""
    return two(
        (CONTROL, CONTROL + PASSING),
        in_item('<imsss:rollupRules objectiveMeasureWeight="0"/>'),
        (
            "<imsss:deliveryControls objectiveSet",
            '<imsss:rollupRules objectiveMeasureWeight="0"/><imsss:deliveryControls objectiveSet',
        ),
    )


@package("scorm2004", "risky", "P463")
def scorm2004_organization_that_exits_its_parent() -> bytes:
    """31.6.3.2.1.1.1: it has none."""
    return scorm2004((CONTROL, CONTROL + rule("postConditionRule", "exitParent")))


@package("scorm2004", "risky", "P464")
def scorm2004_dangling_shared_sequencing() -> bytes:
    """libxml2 does not check IDREF."""
    return scorm2004(
        (f"<imsss:sequencing>\n{DELIVERY}", f'<imsss:sequencing IDRef="S9">\n{DELIVERY}'),
    )


@package("scorm2004", "risky", "P465")
def scorm2004_gate_that_moodle_does_not_keep() -> bytes:
    """Right by the standard; Moodle, Totara and Open edX do not carry it out."""
    return two(in_item(rule("preConditionRule", "skip")))


# --- cmi5 ------------------------------------------------------------------------------------------------------------

AU_PAGE = (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Unit</title></head><body></body></html>\n'
)
TEXTS = (
    '<title><langstring lang="en">{0}</langstring></title>'
    '<description><langstring lang="en">About {0}</langstring></description>'
)
COURSE = f'<course id="https://carabin.dev/c">{TEXTS.format("Course")}</course>'
UNIT = (
    f'<au id="https://carabin.dev/c/1" moveOn="Completed" masteryScore="0.8" launchMethod="AnyWindow">'
    f"{TEXTS.format('Unit')}<url>index.html</url></au>"
)
STRUCTURE = f"""<?xml version="1.0" encoding="UTF-8"?>
<courseStructure xmlns="https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd">
{COURSE}
{UNIT}
</courseStructure>
"""
URL = "<url>index.html</url>"


def cmi5(*changes: tuple[str, str], **files: str) -> bytes:
    """Return a good cmi5 package with its course structure changed and files added."""
    return zipped({"cmi5.xml": changed(STRUCTURE, *changes), "index.html": AU_PAGE, **files})


def objectives(*names: str) -> str:
    """Return definitions of objectives."""
    each = (f'<objective id="https://carabin.dev/o/{name}">{TEXTS.format(name)}</objective>' for name in names)
    return f"<objectives>{''.join(each)}</objectives>"


@package("cmi5", "good")
def cmi5_good() -> bytes:
    """Nothing is wrong with it; Moodle has no cmi5, which is not its fault."""
    return cmi5()


@package("cmi5", "good")
def cmi5_good_blocks_and_objectives() -> bytes:
    """Blocks in blocks, and references to objectives that are there."""
    reference = '<objectives><objective idref="https://carabin.dev/o/a"/></objectives>'
    text = TEXTS.format("Block")
    inner = f'<block id="https://carabin.dev/b/2">{text}{UNIT}</block>'
    block = f'<block id="https://carabin.dev/b/1">{text}{reference}{inner}</block>'
    return cmi5((f"{COURSE}\n{UNIT}", f"{COURSE}{objectives('a', 'b')}{block}"))


@package("cmi5", "good")
def cmi5_good_unit_elsewhere() -> bytes:
    """What is not packed is named by a whole address, with a query of its own."""
    return cmi5((URL, "<url>\n  https://carabin.dev/unit/?lesson=1\n</url>"))


@package("cmi5", "good")
def cmi5_good_extension_with_its_schema() -> bytes:
    """Elements of others come with their schema."""
    extra = '</au>\n<x:note xmlns:x="https://carabin.dev/x.xsd">…</x:note>'
    return cmi5(("</au>", extra), **{"x.xsd": '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>'})


@package("cmi5", "good", "P519")
def cmi5_good_satisfied_at_once() -> bytes:
    """Without `moveOn` nothing is asked of the learner: legal, and rarely meant."""
    return cmi5((' moveOn="Completed"', ""))


@package("cmi5", "good", "P508")
def cmi5_good_placeholder() -> bytes:
    """An id at example.com is legal, and nobody's."""
    return cmi5(("https://carabin.dev/c/1", "https://example.com/c/1"))


@package("", "broken", "P216")
def cmi5_in_a_folder() -> bytes:
    """14.1: the course structure lies at the root."""
    return zipped({"course/cmi5.xml": STRUCTURE, "course/index.html": AU_PAGE})


@package("cmi5", "broken", "P501")
def cmi5_other_namespace() -> bytes:
    """An LMS knows the elements of cmi5's namespace alone."""
    return cmi5(("/cmi5/v1/CourseStructure.xsd", "/cmi5/v2/CourseStructure.xsd"))


@package("cmi5", "broken", "P502", seen=True)
def cmi5_no_course() -> bytes:
    """The course itself is not described."""
    return cmi5((COURSE, ""))


@package("cmi5", "broken", "P502", seen=True)
def cmi5_empty_block() -> bytes:
    """A block holds a unit at least."""
    return cmi5((UNIT, f'{UNIT}<block id="https://carabin.dev/b">{TEXTS.format("Block")}</block>'))


@package("cmi5", "broken", "P503", seen=True)
def cmi5_unknown_element() -> bytes:
    """cmi5 has no `score`."""
    return cmi5((URL, f"{URL}<score>1</score>"))


@package("cmi5", "broken", "P504", seen=True)
def cmi5_url_before_title() -> bytes:
    """13.2: the order is fixed."""
    text = TEXTS.format("Unit")
    return cmi5((text + URL, URL + text))


@package("cmi5", "broken", "P505")
def cmi5_id_without_scheme() -> bytes:
    """3.0: IRIs are fully qualified; the schema's anyURI takes anything."""
    return cmi5(("https://carabin.dev/c/1", "carabin.dev/c/1"))


@package("cmi5", "broken", "P505", seen=True)
def cmi5_no_id() -> bytes:
    """A unit without id cannot be recorded."""
    return cmi5((' id="https://carabin.dev/c/1"', ""))


@package("cmi5", "broken", "P506")
def cmi5_two_units_with_one_id() -> bytes:
    """13.1.4: ids of units are unique."""
    return cmi5((UNIT, UNIT + UNIT))


@package("cmi5", "risky", "P507")
def cmi5_course_and_unit_share_an_id() -> bytes:
    """Records of the two cannot be told apart."""
    return cmi5(("https://carabin.dev/c/1", "https://carabin.dev/c"))


@package("cmi5", "broken", "P509", seen=True)
def cmi5_no_description() -> bytes:
    """The classic omission."""
    return cmi5(('<description><langstring lang="en">About Unit</langstring></description>', ""))


@package("cmi5", "risky", "P510")
def cmi5_empty_title() -> bytes:
    """There, and without a word."""
    return cmi5((">Unit<", "><"))


@package("cmi5", "risky", "P511", seen=True)
def cmi5_language_with_a_space() -> bytes:
    """`en US` is no language tag."""
    return cmi5(('<langstring lang="en">Unit', '<langstring lang="en US">Unit'))


@package("cmi5", "risky", "P512")
def cmi5_dangling_objective() -> bytes:
    """No schema follows the reference."""
    reference = '<objectives><objective idref="https://carabin.dev/o/b"/></objectives>'
    return cmi5((URL, reference + URL), (COURSE, COURSE + objectives("a")))


@package("cmi5", "broken", "P513", seen=True)
def cmi5_no_url() -> bytes:
    """There is nothing to launch."""
    return cmi5((URL, ""))


@package("cmi5", "broken", "P514")
def cmi5_space_in_a_url() -> bytes:
    """13.1.4: the schema's anyURI takes a space."""
    return cmi5((URL, "<url>https://carabin.dev/my unit.html</url>"))


@package("cmi5", "broken", "P515")
def cmi5_reserved_parameter() -> bytes:
    """8.1: `endpoint` is the LMS's."""
    return cmi5((URL, "<url>index.html?endpoint=a</url>"))


@package("cmi5", "broken", "P517")
def cmi5_file_missing() -> bytes:
    """14.1: what is not in the zip has a whole address."""
    return cmi5((URL, "<url>unit/index.html</url>"))


@package("cmi5", "broken", "P518")
def cmi5_file_in_other_capitals() -> bytes:
    """Most servers tell capitals apart."""
    return cmi5((URL, "<url>Index.html</url>"))


@package("cmi5", "broken", "P520", seen=True)
def cmi5_unknown_move_on() -> bytes:
    """The word is `Completed`."""
    return cmi5((UNIT, UNIT.replace('moveOn="Completed"', 'moveOn="Complete"')))


@package("cmi5", "broken", "P521", seen=True)
def cmi5_mastery_score_of_80() -> bytes:
    """A mastery score is 1 at most."""
    return cmi5(('"0.8"', '"80"'))


@package("cmi5", "risky", "P522")
def cmi5_mastery_score_of_five_decimals() -> bytes:
    """Four are kept; the schema takes any number of them."""
    return cmi5(('"0.8"', '"0.66667"'))


@package("cmi5", "risky", "P523")
def cmi5_activity_type_without_scheme() -> bytes:
    """An LRS refuses it; the schema takes any text."""
    return cmi5((' launchMethod="AnyWindow"', ' launchMethod="AnyWindow" activityType="lesson"'))


@package("cmi5", "risky", "P524")
def cmi5_extension_without_schema() -> bytes:
    """13.1.5: whoever adds elements gives their schema."""
    return cmi5(("</au>", '</au>\n<x:note xmlns:x="https://carabin.dev/x.xsd">…</x:note>'))


# --- Tin Can ---------------------------------------------------------------------------------------------------------

ACTIVITY = (
    '<activity id="https://carabin.dev/a" type="http://adlnet.gov/expapi/activities/course">'
    '<name lang="en">Course</name>'
    '<description lang="en">About it</description><launch lang="en">index.html</launch></activity>'
)
PART = (
    '<activity id="https://carabin.dev/a/1" type="http://adlnet.gov/expapi/activities/lesson">'
    '<name lang="en">Part</name>'
    '<description lang="en">About it</description></activity>'
)
LAUNCH = '<launch lang="en">index.html</launch>'
TINCAN = f"""<?xml version="1.0" encoding="UTF-8"?>
<tincan xmlns="http://projecttincan.com/tincan.xsd">
<activities>
{ACTIVITY}
</activities>
</tincan>
"""


def tincan(*changes: tuple[str, str], **files: str) -> bytes:
    """Return a good Tin Can package with its `tincan.xml` changed and files added."""
    return zipped({"tincan.xml": changed(TINCAN, *changes), "index.html": AU_PAGE, **files})


@package("tincan", "good")
def tincan_good() -> bytes:
    """Nothing is wrong with it; Moodle has no LRS, which is not its fault."""
    return tincan()


@package("tincan", "good")
def tincan_good_parts() -> bytes:
    """Activities that are only described may follow the one that is launched."""
    return tincan((ACTIVITY, ACTIVITY + PART))


@package("tincan", "good")
def tincan_good_in_two_languages() -> bytes:
    """A launch file for each language, and a name without one."""
    return tincan(
        (LAUNCH, LAUNCH + '<launch lang="fr">fr.html?page=1</launch>'),
        ('<name lang="en">', "<name>"),
        **{"fr.html": AU_PAGE},
    )


@package("tincan", "good")
def tincan_good_elsewhere() -> bytes:
    """The activity may lie at another address."""
    return tincan((LAUNCH, '<launch lang="en">https://carabin.dev/a/</launch>'))


@package("tincan", "good", "P609")
def tincan_good_launch_second() -> bytes:
    """Custom puts the main activity first; no rule does."""
    return tincan((ACTIVITY, PART + ACTIVITY))


@package("tincan", "broken", "P601")
def tincan_other_root() -> bytes:
    """There is no `tincan` in it."""
    text = TINCAN.replace("<tincan ", "<package ").replace("</tincan>", "</package>")
    return zipped({"tincan.xml": text, "index.html": AU_PAGE})


@package("tincan", "risky", "P602", seen=True)
def tincan_other_namespace() -> bytes:
    """Who reads namespaces finds nothing."""
    return tincan((' xmlns="http://projecttincan.com/tincan.xsd"', ' xmlns="http://tincanapi.com/tincan.xsd"'))


@package("tincan", "risky", "P603")
def tincan_twice() -> bytes:
    """A package contains exactly one."""
    return tincan(**{"old/tincan.xml": TINCAN})


@package("tincan", "broken", "P604", seen=True)
def tincan_no_activity() -> bytes:
    """There is nothing to launch."""
    return tincan((ACTIVITY, ""))


@package("tincan", "broken", "P605", seen=True)
def tincan_id_without_scheme() -> bytes:
    """An LRS answers 400 to every statement about it."""
    return tincan(("https://carabin.dev/a", "carabin.dev/a"))


@package("tincan", "risky", "P606", seen=True)
def tincan_two_activities_with_one_id() -> bytes:
    """They are one activity to an LRS."""
    return tincan((ACTIVITY, ACTIVITY + PART.replace("/a/1", "/a")))


@package("tincan", "broken", "P607")
def tincan_no_launch() -> bytes:
    """Activities are described, and none is launched."""
    return tincan((LAUNCH, ""))


@package("tincan", "broken", "P607", seen=True)
def tincan_empty_launch() -> bytes:
    """An empty address opens nothing."""
    return tincan((LAUNCH, '<launch lang="en"></launch>'))


@package("tincan", "risky", "P608")
def tincan_two_launches() -> bytes:
    """Only one activity may be launched."""
    return tincan((ACTIVITY, ACTIVITY + PART.replace("</activity>", LAUNCH + "</activity>")))


@package("tincan", "risky", "P610")
def tincan_no_name() -> bytes:
    """Reports show an address in its place."""
    return tincan(('<name lang="en">Course</name>', ""))


@package("tincan", "risky", "P611")
def tincan_type_without_scheme() -> bytes:
    """An LRS refuses a type that is no IRI."""
    return tincan(("http://adlnet.gov/expapi/activities/course", "course"))


@package("tincan", "risky", "P612", seen=True)
def tincan_language_in_words() -> bytes:
    """`English (US)` is no language tag."""
    return tincan(('<name lang="en">', '<name lang="English (US)">'))


@package("tincan", "risky", "P613")
def tincan_space_in_a_url() -> bytes:
    """LMSs encode it differently."""
    return tincan((LAUNCH, '<launch lang="en">my page.html</launch>'), **{"my page.html": AU_PAGE})


@package("tincan", "risky", "P614")
def tincan_reserved_parameter() -> bytes:
    """The content would read its own endpoint in place of the LMS's."""
    return tincan((LAUNCH, '<launch lang="en">index.html?endpoint=a</launch>'))


@package("tincan", "risky", "P619")
def tincan_two_launches_in_one_language() -> bytes:
    """The LMS cannot tell them apart."""
    return tincan((LAUNCH, LAUNCH + '<launch lang="EN">more.html</launch>'), **{"more.html": AU_PAGE})


@package("tincan", "broken", "P617")
def tincan_file_missing() -> bytes:
    """The learner meets an error page."""
    return tincan((LAUNCH, '<launch lang="en">start.html</launch>'))


@package("tincan", "broken", "P617")
def tincan_file_outside() -> bytes:
    """What is packed lies under the folder of `tincan.xml`."""
    return tincan((LAUNCH, '<launch lang="en">../index.html</launch>'))


@package("tincan", "broken", "P618")
def tincan_file_in_other_capitals() -> bytes:
    """Most servers tell capitals apart."""
    return tincan((LAUNCH, '<launch lang="en">Index.html</launch>'))


CORPUS: dict[str, Made] = {**PACKAGES, **OTHERS}
"""All packages of both files."""
