"""What a package is made for, by the files at its root and what they say; what it looks like where they say nothing.

`detect` reports what concerns any manifest (P2xx): where it lies, whether it is XML, which standard it names. The
modules of the standards report the rest.

Source: standards a.1, a.4, c.1, d.1, f.1; moodle.md, "Import".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from builder.inspect import Finding, Package, Standard
from builder.inspect.archive import broken, note, risky
from builder.inspect.xml import Document, children, line_of, local, read_xml, space, text_of

MANIFEST, CMI5, TINCAN = "imsmanifest.xml", "cmi5.xml", "tincan.xml"
STANDARDS: tuple[tuple[str, Standard], ...] = ((MANIFEST, "scorm12"), (CMI5, "cmi5"), (TINCAN, "tincan"))

SCORM12_SPACE = "http://www.imsproject.org/xsd/imscp_rootv1p1p2"
SCORM2004_SPACE = "http://www.imsglobal.org/xsd/imscp_v1p1"
EDITIONS = (
    (re.compile(r"2004 2nd|^(?:CAM )?1\.3$"), "2"),
    (re.compile(r"2004 3rd"), "3"),
    (re.compile(r"2004 4th"), "4"),
)
"""What `schemaversion` says of each edition of SCORM 2004; anything else that is not 1.2 is taken for the 4th."""


@dataclass(frozen=True, slots=True)
class Detected:
    """What a package is made for. `manifests`: the file of each standard found, first that of `standard`; `edition` of
    SCORM 2004: `2`, `3` or `4`, else empty. `findings`: P2xx."""

    standard: Standard
    manifests: tuple[tuple[Standard, str], ...]
    edition: str
    findings: tuple[Finding, ...]


def detect(package: Package) -> Detected:
    """Tell what a package is made for, and what is wrong with its manifests as files and as XML."""
    found: list[Finding] = []
    manifests: list[tuple[Standard, str]] = []
    edition = ""
    for name, standard in STANDARDS:
        if name not in package.entries:
            continue
        document, problems = read_xml(package, name)
        found += problems
        if document is None:
            manifests.append((standard, name))
            continue
        if name == MANIFEST:
            actual, edition, said = scorm_of(document)
            found += said
            if actual:
                manifests.append((actual, name))
        else:
            manifests.append((standard, name))
    if not manifests and not found:
        found += _lost(package)
    elif len(manifests) > 1:
        found.append(note("P214", manifests[1][1], manifest=manifests[0][1]))
    return Detected(manifests[0][0] if manifests else "", tuple(manifests), edition, tuple(found))


def scorm_of(document: Document) -> tuple[Standard, str, list[Finding]]:
    """Return the standard and edition that an `imsmanifest.xml` is written for; no standard for other packages of IMS.

    Version and namespace ought to agree. Where they do not, the version wins, as in Moodle.
    """
    root, name = document.root, document.name
    if local(root) != "manifest":
        return "", "", [broken("P210", name, line_of(root), element=local(root))]
    metadata = next(iter(children(root, "metadata")), None)
    version = (text_of(metadata, "schemaversion") if metadata is not None else None) or ""
    kind = (text_of(metadata, "schema") if metadata is not None else None) or ""
    if other := other_profile(document, kind):
        return "", "", [broken("P215", name, kind=other)]
    is_2004 = SCORM2004_SPACE in {space(root), *root.nsmap.values()} or "adlcp_v1p3" in document.text
    edition = next((number for pattern, number in EDITIONS if pattern.search(version)), "")
    line = line_of(root)
    if version == "1.2":
        return "scorm12", "", [risky("P212", name, line, version=version)] if is_2004 else []
    if edition:
        is_12 = space(root) == SCORM12_SPACE
        return "scorm2004", edition, [risky("P212", name, line, version=version)] if is_12 else []
    if is_2004:
        return "scorm2004", "4", [broken("P211", name, line, version=version or "-")]
    return "scorm12", "", [risky("P213", name, line, version=version or "-")]


def other_profile(document: Document, kind: str) -> str:
    """Return what another manifest of IMS is for; empty for SCORM's."""
    spaces = " ".join(str(value) for value in document.root.nsmap.values())
    if "imsccv1p" in spaces or "Common Cartridge" in kind:
        return "IMS Common Cartridge"
    if re.search(r"imsqti|/qti/", spaces) or kind.startswith("QTI"):
        return "IMS QTI"
    return ""


# --- no manifest where it should be ----------------------------------------------------------------------------------


def _lost(package: Package) -> Iterator[Finding]:
    """Say why no manifest is found: it lies deeper, is spelt otherwise, is packed once more; or what this is."""
    names = sorted(package.entries, key=lambda name: (name.count("/"), name))
    known = {name for name, _ in STANDARDS}
    if not names:
        return
    for name in names:
        folder, _, last = name.rpartition("/")
        if last.lower() not in known or "__macosx" in folder.lower():
            continue
        if not folder:
            yield broken("P217", name, right=last.lower())
        else:
            yield broken("P216", name, folder=folder)
        return
    inner = next((name for name in names if name.lower().endswith((".zip", ".mbz"))), None)
    if inner is not None and len(names) <= 10:
        yield broken("P218", inner)
        return
    yield broken("P219", looks=looks_like(package, names))


def looks_like(package: Package, names: list[str]) -> str:
    """Return what a package without manifest is, as far as its files tell: a key of the words `inspect_kind_…`."""
    lower = {name.lower() for name in names}
    if "h5p.json" in lower:
        return "h5p" if is_json(package.read("h5p.json")) else "unknown"
    if any(name.endswith((".crs", ".au", ".cst")) for name in lower):
        return "aicc"
    if "moodle_backup.xml" in lower:
        return "moodle"
    if "[content_types].xml" in lower:
        return "office"
    if "mimetype" in lower and "meta-inf/container.xml" in lower:
        return "epub"
    if "course.yml" in lower:
        return "source"
    if any(re.fullmatch(r"(?:.*/)?(?:index|story|presentation)\w*\.html?", name) for name in lower):
        return "web"
    return "unknown"


def is_json(content: bytes | None) -> bool:
    """Tell whether a file is JSON."""
    try:
        json.loads(content or b"")
    except (ValueError, RecursionError):
        return False
    return True
