"""A corpus of packages with one fault each, of our own making, minimal, for the four standards.

`PACKAGES` holds them by name; a function decorated with `package` makes one and says what it is: its standard, its
verdict, the codes that must be found, no more and no less, and in its docstring why. What is right but looks odd is
there too, with verdict `good`.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO

from builder.inspect import Standard, Verdict

Files = Mapping[str, str | bytes]


@dataclass(frozen=True, slots=True)
class Made:
    """A package of the corpus. `codes`: all that `carabin inspect` finds, notes included; `reason`: one sentence."""

    name: str
    standard: Standard
    verdict: Verdict
    codes: frozenset[str]
    reason: str
    make: Callable[[], bytes]


PACKAGES: dict[str, Made] = {}


def package(standard: Standard, verdict: str, *codes: str) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    """Add what a function makes to the corpus; its docstring is the reason."""

    def add(make: Callable[[], bytes]) -> Callable[[], bytes]:
        name = make.__name__.replace("_", "-")
        assert name not in PACKAGES, name
        assert make.__doc__, f"{name}: say why"
        PACKAGES[name] = Made(name, standard, Verdict(verdict), frozenset(codes), make.__doc__.strip(), make)
        return make

    return add


def zipped(files: Files, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip of these files, in this order, with a fixed date."""
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = method
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return stream.getvalue()


# --- SCORM 1.2 -------------------------------------------------------------------------------------------------------

PAGE12 = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Course</title><script src="sco.js"></script></head>
<body><h1>Course</h1></body></html>
"""
SCRIPT12 = """"use strict";
function find(frame) {
  for (let climbed = 0; climbed < 500; climbed += 1) {
    try { if (frame.API) return frame.API; } catch { /* a foreign frame */ }
    if (frame.parent === frame) return null;
    frame = frame.parent;
  }
  return null;
}
const lms = find(window);
if (lms) {
  lms.LMSInitialize("");
  lms.LMSSetValue("cmi.core.lesson_status", "incomplete");
  addEventListener("pagehide", () => lms.LMSFinish(""));
}
"""
MANIFEST12 = """<?xml version="1.0" encoding="UTF-8"?>
<manifest xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2"
 xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2" identifier="M" version="1.0">
<metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>
<organizations default="O">
<organization identifier="O"><title>Course</title>
<item identifier="I" identifierref="R" isvisible="true"><title>Lesson</title></item>
</organization>
</organizations>
<resources>
<resource identifier="R" type="webcontent" adlcp:scormtype="sco" href="index.html">
<file href="index.html"/><file href="sco.js"/>
</resource>
</resources>
</manifest>
"""


def manifest12(*changes: tuple[str, str]) -> str:
    """Return a good manifest of SCORM 1.2 with something replaced; each text must be there, once."""
    return changed(MANIFEST12, *changes)


def changed(text: str, *changes: tuple[str, str]) -> str:
    """Return a text with something replaced; each text must be there, once."""
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def scorm12(*changes: tuple[str, str], **files: str | bytes) -> bytes:
    """Return a good package of SCORM 1.2 with its manifest changed, `page` or `script` replaced."""
    return zipped(files12(*changes, **files))


def files12(
    *changes: tuple[str, str], page: str | bytes = PAGE12, script: str | bytes = SCRIPT12
) -> dict[str, str | bytes]:
    """Return the files of `scorm12`."""
    return {"imsmanifest.xml": manifest12(*changes), "index.html": page, "sco.js": script}


def script12(*lines: str) -> bytes:
    """Return a good package with lines added to its script."""
    return scorm12(script=SCRIPT12 + "\n".join(lines) + "\n")


def body12(html: str, *more: tuple[str, str]) -> bytes:
    """Return a good package with HTML added to its page, and files that are listed."""
    listed = "".join(f'<file href="{name}"/>' for name, _ in more)
    page = PAGE12.replace("<h1>", html + "<h1>")
    files = files12(('<file href="sco.js"/>', f'<file href="sco.js"/>{listed}'), page=page)
    return zipped({**files, **dict(more)})


ITEM = '<item identifier="I" identifierref="R" isvisible="true"><title>Lesson</title></item>'
RESOURCE = '<resource identifier="R" type="webcontent" adlcp:scormtype="sco" href="index.html">'


@package("scorm12", "good")
def scorm12_good() -> bytes:
    """Nothing is wrong with it."""
    return scorm12()


@package("scorm12", "good")
def scorm12_good_with_byte_order_mark() -> bytes:
    """A mark before the declaration is legal, and Moodle reads it."""
    return zipped(files12() | {"imsmanifest.xml": b"\xef\xbb\xbf" + MANIFEST12.encode()})


@package("scorm12", "good")
def scorm12_good_in_utf_16() -> bytes:
    """Every parser of XML reads UTF-16, and Moodle does."""
    return zipped(files12() | {"imsmanifest.xml": MANIFEST12.replace("UTF-8", "UTF-16").encode("utf-16")})


@package("scorm12", "good")
def scorm12_good_names_are_encoded() -> bytes:
    """An address with `%20` leads to a name with a space; query and fragment are no part of the name."""
    files = files12(
        (RESOURCE, RESOURCE.replace("index.html", "my%20page.html?a=1#top")), ('<file href="index.html"/>', "")
    )
    return zipped({name.replace("index.html", "my page.html"): content for name, content in files.items()})


@package("scorm12", "good")
def scorm12_good_base_of_a_resource() -> bytes:
    """`xml:base` of a resource stands before its addresses."""
    files = files12((RESOURCE, RESOURCE.replace(" href", ' xml:base="a/b/" href')))
    return zipped({name if name.startswith("ims") else f"a/b/{name}": content for name, content in files.items()})


@package("scorm12", "broken", "P301")
def scorm12_launch_file_is_missing() -> bytes:
    """Moodle says nothing, and the learner gets a page 404."""
    return scorm12((RESOURCE, RESOURCE.replace("index.html", "start.html")))


@package("scorm12", "broken", "P302")
def scorm12_launch_has_no_address() -> bytes:
    """A SCO without `href` cannot be opened."""
    return scorm12((RESOURCE, RESOURCE.replace(' href="index.html"', "")))


@package("scorm12", "broken", "P303", "P305", "P310")
def scorm12_reference_to_no_resource() -> bytes:
    """Moodle warns and makes an activity that cannot be played."""
    return scorm12(('identifierref="R"', 'identifierref="S"'), (' adlcp:scormtype="sco"', ""))


@package("scorm12", "risky", "P304")
def scorm12_no_organization() -> bytes:
    """A resource package is for other tools; Moodle makes a course of it, others do not."""
    inner = MANIFEST12[MANIFEST12.index("<organizations") : MANIFEST12.index("<resources>")]
    return scorm12((inner, "<organizations/>"))


@package("scorm12", "broken", "P305")
def scorm12_nothing_to_launch() -> bytes:
    """Neither an item nor a resource: there is nothing to open."""
    resource = MANIFEST12[MANIFEST12.index("<resource ") : MANIFEST12.index("</resources>")]
    return zipped({"imsmanifest.xml": manifest12((ITEM, ""), (resource, ""))})


@package("scorm12", "risky", "P306")
def scorm12_default_names_nothing() -> bytes:
    """The schema of XML leaves it to others whether `default` names an organization."""
    return scorm12(('default="O"', 'default="P"'))


@package("scorm12", "broken", "P307")
def scorm12_no_scormtype() -> bytes:
    """Moodle takes it for an asset, which is completed as soon as it is opened."""
    return scorm12((' adlcp:scormtype="sco"', ""))


@package("scorm12", "broken", "P308")
def scorm12_other_prefix() -> bytes:
    """Correct as namespaces go, and an asset for Moodle and Totara, which compare the prefix."""
    return scorm12(("xmlns:adlcp", "xmlns:adl"), ("adlcp:scormtype", "adl:scormtype"))


@package("scorm12", "risky", "P208", "P309")
def scorm12_scormtype_is_unknown() -> bytes:
    """There are `sco` and `asset`."""
    return scorm12(('scormtype="sco"', 'scormtype="SCO"'))


@package("scorm12", "risky", "P310")
def scorm12_dependency_without_scormtype() -> bytes:
    """ADL's profile asks for the attribute on every resource, launched or not."""
    return scorm12(
        ('<file href="sco.js"/>', '<dependency identifierref="S"/>'),
        ("</resources>", '<resource identifier="S" type="webcontent"><file href="sco.js"/></resource></resources>'),
    )


@package("scorm12", "risky", "P311")
def scorm12_item_has_no_title() -> bytes:
    """ADL's profile asks for the title of each item."""
    return scorm12(("<title>Lesson</title>", ""))


@package("scorm12", "risky", "P208", "P312")
def scorm12_long_title() -> bytes:
    """A title has at most 200 characters."""
    return scorm12(("<title>Lesson</title>", f"<title>{'x' * 201}</title>"))


@package("scorm12", "broken", "P208", "P312")
def scorm12_title_beyond_the_column() -> bytes:
    """Moodle's column holds 255 characters: it answers that it cannot write to its database."""
    return scorm12(("<title>Lesson</title>", f"<title>{'x' * 256}</title>"))


@package("scorm12", "broken", "P313")
def scorm12_identifier_beyond_the_column() -> bytes:
    """Moodle's column holds 255 characters."""
    return scorm12(('<item identifier="I"', f'<item identifier="{"I" * 256}"'))


@package("scorm12", "broken", "P208", "P314", "P335")
def scorm12_same_identifier_twice() -> bytes:
    """In Moodle the second item takes the place of the first, and nobody is told."""
    other = ITEM.replace('ref="R"', 'ref="S"')
    sco = RESOURCE.replace('"R"', '"S"') + "</resource>"
    return scorm12((ITEM, ITEM + other), ("</resources>", f"{sco}</resources>"))


@package("scorm12", "risky", "P315")
def scorm12_item_is_empty() -> bytes:
    """An item without resource must hold other items."""
    return scorm12((ITEM, ITEM + '<item identifier="J" isvisible="true"><title>Empty</title></item>'))


@package("scorm12", "risky", "P316")
def scorm12_only_assets() -> bytes:
    """Nothing of it speaks to the LMS: opened is completed, and there is no score."""
    return scorm12(('scormtype="sco"', 'scormtype="asset"'))


@package("scorm12", "risky", "P317")
def scorm12_mastery_score_is_no_number() -> bytes:
    """A mastery score is a number from 0 to 100; the schema takes any text."""
    return scorm12(("</title></item>", "</title><adlcp:masteryscore>80%</adlcp:masteryscore></item>"))


@package("scorm12", "good", "P318")
def scorm12_good_mastery_score() -> bytes:
    """Legal; but LMSs judge by it, unfinished visits too, and an administrator should know."""
    return scorm12(("</title></item>", "</title><adlcp:masteryscore>80</adlcp:masteryscore></item>"))


@package("scorm12", "risky", "P319")
def scorm12_listed_file_is_missing() -> bytes:
    """The manifest promises a file that is not there."""
    return scorm12(('<file href="sco.js"/>', '<file href="sco.js"/><file href="image.png"/>'))


@package("scorm12", "good", "P320")
def scorm12_good_with_an_unlisted_file() -> bytes:
    """ADL's suite follows the list of files; no LMS in wide use does."""
    return scorm12(('<file href="sco.js"/>', ""))


@package("scorm12", "broken", "P321")
def scorm12_launches_from_elsewhere() -> bytes:
    """A page of another host cannot reach the LMS's API."""
    return scorm12((RESOURCE, RESOURCE.replace("index.html", "https://example.org/course.html")))


@package("scorm12", "broken", "P322")
def scorm12_launch_address_is_absolute() -> bytes:
    """A leading slash leads to the root of the LMS's host."""
    return scorm12((RESOURCE, RESOURCE.replace("index.html", "/index.html")))


@package("scorm12", "risky", "P323")
def scorm12_launch_address_with_backslash() -> bytes:
    """Moodle mends it, others ask the server for a file of that name."""
    files = files12((RESOURCE, RESOURCE.replace("index.html", "a\\index.html")), ('<file href="index.html"/>', ""))
    files["a/index.html"] = changed(str(files.pop("index.html")), ("sco.js", "../sco.js"))
    return zipped(files)


@package("scorm12", "broken", "P324")
def scorm12_launch_in_other_capitals() -> bytes:
    """It works where it was made, and not on a server with Linux."""
    return scorm12((RESOURCE, RESOURCE.replace("index.html", "Index.html")))


@package("scorm12", "broken", "P325")
def scorm12_launch_leaves_the_package() -> bytes:
    """`../` from the root of a package leads nowhere."""
    return scorm12((RESOURCE, RESOURCE.replace("index.html", "../index.html")))


@package("scorm12", "risky", "P326")
def scorm12_base_of_all_resources() -> bytes:
    """Moodle honours `xml:base` on a resource only."""
    files = files12(("<resources>", '<resources xml:base="a/">'))
    return zipped({name if name.startswith("ims") else f"a/{name}": content for name, content in files.items()})


@package("scorm12", "risky", "P327")
def scorm12_two_queries() -> bytes:
    """LMSs disagree how a query of the address and parameters of the item come together."""
    return scorm12(
        (RESOURCE, RESOURCE.replace("index.html", "index.html?a=1")),
        ('identifierref="R"', 'identifierref="R" parameters="?b=2"'),
    )


@package("scorm12", "risky", "P328")
def scorm12_prerequisite_on_nothing() -> bytes:
    """What does not exist is never completed."""
    script = '<adlcp:prerequisites type="aicc_script">J</adlcp:prerequisites>'
    return scorm12(("</title></item>", f"</title>{script}</item>"))


@package("scorm12", "risky", "P330")
def scorm12_time_in_the_form_of_2004() -> bytes:
    """SCORM 1.2 writes `00:30:00`."""
    return scorm12(("</title></item>", "</title><adlcp:maxtimeallowed>PT30M</adlcp:maxtimeallowed></item>"))


@package("scorm12", "risky", "P333")
def scorm12_dependency_on_nothing() -> bytes:
    """A dependency names a resource of the manifest."""
    return scorm12(('<file href="sco.js"/>', '<file href="sco.js"/><dependency identifierref="S"/>'))


@package("scorm12", "good", "P334")
def scorm12_good_without_control_documents() -> bytes:
    """ADL's suite validates against the schemas in the package; LMSs in wide use do not read them."""
    location = 'xsi:schemaLocation="http://www.imsproject.org/xsd/imscp_rootv1p1p2 imscp_rootv1p1p2.xsd"'
    instance = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    return scorm12((' version="1.0">', f' version="1.0" {instance} {location}>'))


@package("scorm12", "good", "P335")
def scorm12_good_two_scos() -> bytes:
    """Legal; 360Learning takes one, and in Moodle one finished SCO may complete the activity."""
    other = ITEM.replace('"I"', '"J"').replace('"R"', '"S"')
    sco = RESOURCE.replace('"R"', '"S"') + "</resource>"
    return scorm12((ITEM, ITEM + other), ("</resources>", f"{sco}</resources>"))


@package("scorm12", "risky", "P336")
def scorm12_everything_is_hidden() -> bytes:
    """A table of contents without an entry."""
    return scorm12(('isvisible="true"', 'isvisible="false"'))


@package("scorm12", "risky", "P337")
def scorm12_nested_item_without_isvisible() -> bytes:
    """Open edX shows nested items only where `isvisible="true"` is written out."""
    inner = ITEM.replace(' isvisible="true"', "")
    outer = f'<item identifier="J" isvisible="true"><title>Module</title>{inner}</item>'
    return scorm12((ITEM, outer))


@package("scorm12", "risky", "P338")
def scorm12_launch_is_not_the_first_resource() -> bytes:
    """Open edX launches the first resource with an address."""
    first = '<resource identifier="S" type="webcontent" adlcp:scormtype="asset" href="sco.js"/>'
    return scorm12(("<resources>", f"<resources>{first}"))


@package("scorm12", "risky", "P339")
def scorm12_manifest_in_a_manifest() -> bytes:
    """Legal, and supported by almost nobody."""
    inner = '<manifest identifier="N"><organizations/><resources/></manifest>'
    return scorm12(("</resources>", f"</resources>{inner}"))


@package("scorm12", "risky", "P208", "P341")
def scorm12_namespace_is_another() -> bytes:
    """The host of the namespace is `imsproject.org`; with `imsglobal.org` it is another one."""
    return scorm12(("www.imsproject.org", "www.imsglobal.org"))


@package("scorm12", "broken", "P342")
def scorm12_elements_with_a_prefix() -> bytes:
    """Moodle looks for `item`, not for `ims:item`."""
    text = MANIFEST12.replace("xmlns=", "xmlns:ims=")
    for (
        name
    ) in "manifest metadata schemaversion schema organizations organization title item resources resource file".split():
        for before in ("<", "</"):
            for after in (" ", ">", "/", "\n"):
                text = text.replace(f"{before}{name}{after}", f"{before}ims:{name}{after}")
    return zipped(files12() | {"imsmanifest.xml": text})


@package("scorm12", "risky", "P343")
def scorm12_type_is_not_webcontent() -> bytes:
    """SCORM knows one type of resource."""
    return scorm12(('type="webcontent"', 'type="text/html"'))


@package("scorm12", "risky", "P347")
def scorm12_metadata_file_is_missing() -> bytes:
    """`adlcp:location` names a file of the package."""
    return scorm12(("</schemaversion>", "</schemaversion><adlcp:location>metadata.xml</adlcp:location>"))


@package("scorm12", "good", "P348")
def scorm12_good_identifier_of_chance() -> bytes:
    """Good as it stands; the next export may wipe what was recorded under this one."""
    return scorm12(('<item identifier="I"', '<item identifier="item-52438d09-df78-480f-8b9f-a8a9bb52663e"'))


@package("scorm12", "risky", "P208")
def scorm12_elements_out_of_order() -> bytes:
    """In an item, nested items come before what ADL added."""
    data = "<adlcp:datafromlms>x</adlcp:datafromlms>"
    inner = ITEM.replace('"I"', '"J"')
    return scorm12(("<title>Lesson</title>", f"<title>Lesson</title>{data}{inner}"))


# --- any manifest ----------------------------------------------------------------------------------------------------


@package("scorm12", "broken", "P201")
def manifest_is_too_large() -> bytes:
    """Hundreds of thousands of elements are an attack, or a mistake."""
    return zipped(files12() | {"imsmanifest.xml": MANIFEST12 + "<a/>" * 200_001})


@package("scorm12", "broken", "P202")
def manifest_is_not_well_formed() -> bytes:
    """Moodle shows "XML error: Mismatched tag", and nothing is created."""
    return zipped(files12() | {"imsmanifest.xml": MANIFEST12.replace("</title></item>", "</item>")})


@package("scorm12", "broken", "P203")
def manifest_declares_entities() -> bytes:
    """What a document type can declare is an attack on parsers, and validators stop."""
    bomb = '<!DOCTYPE manifest [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    return zipped(files12() | {"imsmanifest.xml": changed(MANIFEST12, ("\n<manifest", f"\n{bomb}\n<manifest"))})


@package("scorm12", "risky", "P203")
def manifest_has_a_document_type() -> bytes:
    """It says nothing, yet parsers with their guard up refuse it."""
    return zipped(
        files12() | {"imsmanifest.xml": changed(MANIFEST12, ("\n<manifest", "\n<!DOCTYPE manifest>\n<manifest"))}
    )


@package("scorm12", "broken", "P204")
def manifest_is_not_what_it_declares() -> bytes:
    """It says UTF-8 and is Windows-1252."""
    return zipped(files12() | {"imsmanifest.xml": MANIFEST12.replace("Lesson", "Leçon").encode("cp1252")})


@package("scorm12", "risky", "P207")
def manifest_with_character_references() -> bytes:
    """Moodle makes `&amp;#233;` of `&#233;`."""
    return scorm12(("<title>Lesson</title>", "<title>Le&#231;on</title>"))


@package("", "broken", "P210")
def manifest_is_something_else() -> bytes:
    """A file of that name with another root."""
    return zipped({"imsmanifest.xml": "<course/>", "index.html": PAGE12})


@package("scorm12", "risky", "P212")
def manifest_says_1_2_and_declares_2004() -> bytes:
    """Version and namespaces disagree: LMSs choose differently."""
    return scorm12((' identifier="M"', ' xmlns:x="http://www.imsglobal.org/xsd/imscp_v1p1" identifier="M"'))


@package("scorm12", "risky", "P213")
def manifest_has_no_version() -> bytes:
    """Moodle takes it for SCORM 1.2, Open edX for 2004."""
    return scorm12(("<schemaversion>1.2</schemaversion>", ""))


@package("scorm12", "good", "P214", "P615")
def manifest_beside_a_manifest() -> bytes:
    """Which one an LMS takes is its own affair."""
    return scorm12_with_tincan()


def scorm12_with_tincan() -> bytes:
    """Return a package of SCORM 1.2 that holds a `tincan.xml` too."""
    tincan = """<?xml version="1.0" encoding="UTF-8"?>
<tincan xmlns="http://projecttincan.com/tincan.xsd"><activities>
<activity id="https://example.org/course" type="http://adlnet.gov/expapi/activities/course">
<name lang="en">Course</name><description lang="en">A course.</description><launch lang="en">index.html</launch>
</activity></activities></tincan>
"""
    return zipped({**files12(), "tincan.xml": tincan})


@package("", "broken", "P215")
def manifest_of_a_common_cartridge() -> bytes:
    """The same file name, another standard: Moodle and Canvas import cartridges elsewhere."""
    text = '<manifest xmlns="http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1" identifier="M"/>'
    return zipped({"imsmanifest.xml": text})


@package("", "broken", "P216")
def manifest_in_a_folder() -> bytes:
    """The folder was packed, not what is in it."""
    return zipped({f"course/{name}": content for name, content in files12().items()})


@package("", "broken", "P217")
def manifest_in_capitals() -> bytes:
    """The name is `imsmanifest.xml`, in small letters."""
    return zipped({name.replace("imsm", "IMSM"): content for name, content in files12().items()})


@package("", "broken", "P218")
def manifest_in_a_zip_in_the_zip() -> bytes:
    """A mail program or a file server packed it once more."""
    return zipped({"course.zip": scorm12()})


@package("", "broken", "P219")
def manifest_is_nowhere_in_a_site() -> bytes:
    """A folder of pages plays, and no LMS learns of it."""
    return zipped({"index.html": PAGE12, "sco.js": SCRIPT12})


@package("", "broken", "P219")
def manifest_is_that_of_h5p() -> bytes:
    """H5P has an activity of its own."""
    return zipped({"h5p.json": "{}", "content/content.json": "{}"})


# --- the archive -----------------------------------------------------------------------------------------------------


def patched(content: bytes, name: str, at: int, value: bytes, local_at: int | None = None) -> bytes:
    """Return a zip with bytes replaced in the record of a file in the central directory (and in its local header)."""
    whole = bytearray(content)
    place = whole.index(b"PK\x01\x02")
    while (
        struct.unpack_from("<H", whole, place + 28)[0] != len(name) or whole[place + 46 :][: len(name)] != name.encode()
    ):
        place = whole.index(b"PK\x01\x02", place + 4)
    whole[place + at : place + at + len(value)] = value
    if local_at is not None:
        start = struct.unpack_from("<L", whole, place + 42)[0]
        whole[start + local_at : start + local_at + len(value)] = value
    return bytes(whole)


def with_file(name: str, content: str | bytes = b"x", listed: bool = True) -> bytes:
    """Return a good package with one more file."""
    return zipped(
        {**files12(('<file href="sco.js"/>', f'<file href="sco.js"/>{listing(name) if listed else ""}')), name: content}
    )


def listing(name: str) -> str:
    """Return the entry of a file in the manifest."""
    return f'<file href="{name}"/>'


def entry(name: str, **attributes: int) -> zipfile.ZipInfo:
    """Return the entry of a zip with some of its attributes set."""
    made = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    made.create_system = 3
    for key, value in attributes.items():
        setattr(made, key, value)
    return made


def with_entry(made: zipfile.ZipInfo, content: bytes = b"x") -> bytes:
    """Return a good package with one more entry, not listed in its manifest."""
    stream = BytesIO(scorm12())
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(made, content)
    return stream.getvalue()


@package("", "broken", "P101")
def archive_is_a_rar() -> bytes:
    """LMSs unpack zips."""
    return b"Rar!\x1a\x07\x01\x00" + bytes(100)


@package("", "broken", "P101")
def archive_is_empty() -> bytes:
    """A file of no bytes."""
    return b""


@package("", "broken", "P102")
def archive_is_cut_off() -> bytes:
    """The download stopped: the directory at the end is missing."""
    return scorm12()[:-200]


@package("", "broken", "P103")
def archive_claims_too_many_files() -> bytes:
    """More files than any course has; the directory is not even read."""
    whole = bytearray(scorm12())
    place = whole.index(b"PK\x05\x06")
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 10**7, 10**7, 46 * 10**7, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, place, 1)
    return bytes(whole[:place] + end64 + locator + whole[place:])


@package("scorm12", "broken", "P104", "P320")
def archive_is_a_bomb() -> bytes:
    """A small file that unpacks to a disk full of zeros."""
    return with_entry(entry("zeros.bin", compress_type=zipfile.ZIP_DEFLATED), bytes(40 << 20))


@package("scorm12", "broken", "P105", "P126")
def archive_entries_share_bytes() -> bytes:
    """Two entries with one content: the densest of bombs are made so."""
    content = with_file("sco2.js", SCRIPT12)
    return patched(content, "sco2.js", 42, struct.pack("<L", start_of(content, "sco.js")))


def start_of(content: bytes, name: str) -> int:
    """Return where the local header of a file starts."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return archive.getinfo(name).header_offset


@package("scorm12", "broken", "P106")
def archive_climbs_out() -> bytes:
    """A careless importer writes it beside the package."""
    return with_entry(entry("../../evil.txt"))


@package("scorm12", "broken", "P107")
def archive_has_an_absolute_path() -> bytes:
    """A careless importer writes it at the root of its disk."""
    return with_entry(entry("/etc/evil.txt"))


@package("scorm12", "broken", "P107")
def archive_has_a_drive() -> bytes:
    """A careless importer with Windows writes it to that drive."""
    return with_entry(entry("C:/evil.txt"))


@package("scorm12", "risky", "P108", "P320")
def archive_has_backslashes() -> bytes:
    """On Linux a file of that very name appears, and no folder."""
    content = with_entry(entry("a/b.txt"))
    return content.replace(b"a/b.txt", b"a\\b.txt")


@package("scorm12", "broken", "P109")
def archive_has_a_link() -> bytes:
    """A link reads whatever it points to on the server."""
    return with_entry(entry("passwd", external_attr=0o120777 << 16), b"../../../etc/passwd")


@package("scorm12", "broken", "P110", "P320")
def archive_is_encrypted() -> bytes:
    """No importer asks for a password."""
    return patched(with_entry(entry("x.txt")), "x.txt", 8, b"\x01\x00", 6)


@package("", "broken", "P111")
def archive_is_one_of_several() -> bytes:
    """A part of an archive in several volumes."""
    whole = bytearray(scorm12())
    place = whole.index(b"PK\x05\x06")
    whole[place + 4 : place + 6] = b"\x01\x00"
    return bytes(whole)


@package("scorm12", "broken", "P112", "P320")
def archive_is_packed_with_lzma() -> bytes:
    """360Learning takes what is stored or deflated."""
    return with_entry(entry("x.txt", compress_type=zipfile.ZIP_LZMA))


@package("scorm12", "broken", "P113", "P320")
def archive_has_a_damaged_file() -> bytes:
    """The check sum says that a byte has changed."""
    return patched(with_entry(entry("x.txt")), "x.txt", 16, b"\x00\x00\x00\x00")


@package("scorm12", "risky", "P114", "P320")
def archive_with_names_that_differ_in_capitals() -> bytes:
    """On Windows one file takes the place of the other."""
    return with_entry(entry("INDEX.html"), b"")


@package("scorm12", "risky", "P115")
def archive_has_a_file_twice() -> bytes:
    """Which of the two is served is left to the importer."""
    content = with_file("sca.js", SCRIPT12, listed=False)
    return content.replace(b"sca.js", b"sco.js")


@package("scorm12", "risky", "P116", "P320")
def archive_names_in_an_old_code_page() -> bytes:
    """Nothing says how the name is to be read."""
    return with_entry(entry("xxx.txt")).replace(b"xxx.txt", b"\x82t\x82.txt")


@package("scorm12", "risky", "P117", "P320")
def archive_names_are_decomposed() -> bytes:
    """An e and an accent: links with é do not find it."""
    return with_entry(entry("e\u0301te\u0301.txt"))


@package("scorm12", "risky", "P118", "P320")
def archive_names_are_not_what_they_say() -> bytes:
    """The flag says UTF-8, the bytes are not."""
    return with_entry(entry("été.txt")).replace("été".encode(), b"\xe9tab\xe9")


@package("scorm12", "risky", "P119", "P320")
def archive_names_that_windows_refuses() -> bytes:
    """`aux` is a device there."""
    return with_entry(entry("media/aux.png"))


@package("scorm12", "risky", "P120", "P320")
def archive_names_are_too_long() -> bytes:
    """Moodle's column holds 255."""
    return with_entry(entry("media/" + "x" * 251))


@package("scorm12", "risky", "P121")
def archive_is_too_deep() -> bytes:
    """More folders than any course has."""
    return with_entry(entry("a/" * 40 + "x"))


@package("scorm12", "risky", "P122")
def archive_is_zip64() -> bytes:
    """Some importers do not know it, and four files do not need it."""
    whole = bytearray(scorm12())
    place = whole.index(b"PK\x05\x06")
    here, count, length, offset = struct.unpack_from("<2H2L", whole, place + 8)
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, here, count, length, offset)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, place, 1)
    return bytes(whole[:place] + end64 + locator + whole[place:])


@package("scorm12", "good", "P124")
def archive_good_with_what_a_system_left() -> bytes:
    """Files that macOS adds; they do no harm."""
    return with_entry(entry("__MACOSX/._index.html"))


@package("scorm12", "good")
def archive_good_with_names_from_here() -> bytes:
    """`./` before a name means nothing; some packers write it."""
    return zipped({f"./{name}": content for name, content in files12().items()})


@package("scorm12", "risky", "P119", "P320")
def archive_names_that_end_in_a_dot() -> bytes:
    """Windows takes the dot off."""
    return with_entry(entry("media./x.png"))


@package("scorm12", "risky", "P125")
def archive_begins_with_something_else() -> bytes:
    """A program that unpacks itself, or worse; some importers look at the first bytes."""
    return b"MZ" + bytes(62) + scorm12()


@package("scorm12", "risky", "P126")
def archive_names_a_file_twice_differently() -> bytes:
    """Directory and file disagree about a name: two programs see two packages."""
    content = bytearray(scorm12())
    start = start_of(bytes(content), "sco.js")
    content[start + 30 : start + 36] = b"abc.js"
    return bytes(content)


@package("scorm12", "broken", "P128", "P320")
def archive_has_a_file_that_is_a_folder() -> bytes:
    """`a` and `a/b` cannot both be unpacked."""
    stream = BytesIO(with_entry(entry("a")))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr(entry("a/b"), b"x")
    return stream.getvalue()


@package("", "broken", "P130")
def archive_holds_nothing() -> bytes:
    """A zip without a file."""
    return zipped({})


@package("scorm12", "risky", "P131", "P127", "P320")
def archive_unpacks_to_too_much() -> bytes:
    """More than importers without Zip64 can take; nothing of it is unpacked here."""
    content = with_entry(entry("film.bin", compress_type=zipfile.ZIP_DEFLATED), zlib.compress(bytes(range(256)) * 4096))
    large = struct.pack("<2L", 45_000_000, 4_200_000_000)
    return patched(content, "film.bin", 20, large)


# --- pages and scripts -----------------------------------------------------------------------------------------------


@package("scorm12", "risky", "P701")
def page_links_to_nothing() -> bytes:
    """The picture is not in the package."""
    return body12('<img src="missing.png" alt="">')


@package("scorm12", "risky", "P702")
def page_links_in_other_capitals() -> bytes:
    """It works on Windows, where it was made."""
    return body12('<img src="Picture.png" alt="">', ("picture.png", "x"))


@package("scorm12", "risky", "P703")
def page_loads_from_elsewhere() -> bytes:
    """A library from another host: behind a firewall the page lacks it."""
    return body12('<script src="https://cdn.example.org/lib.js"></script>')


@package("scorm12", "risky", "P704")
def page_loads_without_tls() -> bytes:
    """Browsers block it on an LMS with https."""
    return body12('<script src="http://cdn.example.org/lib.js"></script>')


@package("scorm12", "risky", "P705")
def page_links_to_the_root() -> bytes:
    """The root of the host is the LMS's."""
    return body12('<img src="/picture.png" alt="">')


@package("scorm12", "broken", "P706")
def page_loads_an_mjs() -> bytes:
    """Moodle serves it as text, and browsers refuse it as a module."""
    return body12('<script type="module" src="main.mjs"></script>', ("main.mjs", "export {};"))


@package("scorm12", "risky", "P707")
def script_waits_for_unload() -> bytes:
    """Chrome no longer fires it where a page's policy says so, as under Moodle 4.5."""
    return scorm12(script=changed(SCRIPT12, ('"pagehide"', '"unload"')))


@package("scorm12", "risky", "P708")
def page_opens_a_window() -> bytes:
    """360Learning and blockers of pop-ups do not allow it."""
    return body12('<script>window.open("course.html");</script>')


@package("scorm12", "good", "P708")
def script_good_that_could_open_a_window() -> bytes:
    """Drivers of many tools can, and do not."""
    return script12('function later() { window.open("course.html"); }')


@package("scorm12", "risky", "P709")
def script_stops_at_a_foreign_frame() -> bytes:
    """Reading a property of another host's frame throws, and the search ends there."""
    return scorm12(
        script=changed(
            SCRIPT12,
            (
                "try { if (frame.API) return frame.API; } catch { /* a foreign frame */ }",
                "if (frame.API) return frame.API;",
            ),
        )
    )


@package("scorm12", "good", "P710")
def script_good_that_writes() -> bytes:
    """Called after loading it wipes the page; while loading it does no harm."""
    return script12('document.write("<p>Hello</p>");')


@package("scorm12", "broken", "P711")
def script_never_begins() -> bytes:
    """Nothing of the package calls the LMS."""
    return scorm12(script="document.title = 'Course';")


@package("scorm12", "risky", "P712")
def script_never_ends() -> bytes:
    """Without LMSFinish many LMSs count no time, and Brightspace no grade."""
    return scorm12(script=changed(SCRIPT12, ("LMSFinish", "LMSCommit")))


@package("scorm12", "risky", "P713")
def script_never_says_how_far() -> bytes:
    """A status that was never set becomes completed when the visit ends."""
    return scorm12(script=changed(SCRIPT12, ("cmi.core.lesson_status", "cmi.core.lesson_location")))


@package("scorm12", "broken", "P714")
def page_is_flash() -> bytes:
    """No browser plays it since 2021."""
    return body12('<embed src="course.swf">', ("course.swf", "x"))


@package("scorm12", "broken", "P715")
def script_speaks_the_other_standard() -> bytes:
    """The manifest says 1.2, the script looks for the API of 2004."""
    return scorm12(script="let api = window.parent.API_1484_11; try { api.Initialize(''); } catch {}")


@package("scorm12", "good", "P716")
def page_good_but_too_large_to_read() -> bytes:
    """More tags than are read here."""
    return scorm12(page=PAGE12 + "<b>" * 200_001)


@package("scorm12", "risky", "P717")
def page_is_a_document() -> bytes:
    """A document as SCO cannot say anything to the LMS."""
    files = files12((RESOURCE, RESOURCE.replace("index.html", "course.pdf")), ('<file href="index.html"/>', ""))
    files["course.pdf"] = files.pop("index.html")
    return zipped(files)
