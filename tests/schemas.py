"""The official schemas of SCORM 1.2 and 2004, loaded offline: the oracle for manifests.

As published they do not load in libxml2. Two things are mended in memory, never in the files that packages carry:
`ims_xml.xsd` binds the reserved XML namespace and `xml.xsd` has a document type (answered by a small schema), and
`imsmd_rootv1p2p1.xsd` is ambiguous (`##any` after optional elements, read as `##other`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from lxml import etree

from builder import player

XML = b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.w3.org/XML/1998/namespace">
<xs:attribute name="lang" type="xs:language"/><xs:attribute name="base" type="xs:anyURI"/></xs:schema>"""

SCORM2004 = b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:carabin:all">
<xs:import namespace="http://www.imsglobal.org/xsd/imscp_v1p1" schemaLocation="imscp_v1p1.xsd"/>
<xs:import namespace="http://www.adlnet.org/xsd/adlcp_v1p3" schemaLocation="adlcp_v1p3.xsd"/>
<xs:import namespace="http://www.adlnet.org/xsd/adlseq_v1p3" schemaLocation="adlseq_v1p3.xsd"/>
<xs:import namespace="http://www.adlnet.org/xsd/adlnav_v1p3" schemaLocation="adlnav_v1p3.xsd"/>
<xs:import namespace="http://www.imsglobal.org/xsd/imsss" schemaLocation="imsss_v1p0.xsd"/>
</xs:schema>"""

SCORM12 = b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:carabin:all">
<xs:import namespace="http://www.imsproject.org/xsd/imscp_rootv1p1p2" schemaLocation="imscp_rootv1p1p2.xsd"/>
<xs:import namespace="http://www.adlnet.org/xsd/adlcp_rootv1p2" schemaLocation="adlcp_rootv1p2.xsd"/>
<xs:import namespace="http://www.imsglobal.org/xsd/imsmd_rootv1p2p1" schemaLocation="imsmd_rootv1p2p1.xsd"/>
</xs:schema>"""


class Offline(etree.Resolver):
    """Answers every import from memory; anything else is an error, never a download."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__()
        self.files = files

    def resolve(self, url: str, pubid: str, context: object) -> object:
        return self.resolve_string(self.files[url.rpartition("/")[2]], context, base_url=url)


@cache
def scorm12() -> etree.XMLSchema:
    """Return the three grammars of SCORM 1.2 as one schema: strict wildcards need all of them at once."""
    files = dict(player.schemas("scorm12"))
    files["ims_xml.xsd"] = XML
    metadata = files["imsmd_rootv1p2p1.xsd"]
    files["imsmd_rootv1p2p1.xsd"] = metadata.replace(b'namespace="##any"', b'namespace="##other"')
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Offline(files))
    return etree.XMLSchema(etree.fromstring(SCORM12, parser, base_url="memory:/scorm12.xsd"))


@cache
def scorm2004() -> etree.XMLSchema:
    """Return the five grammars of SCORM 2004 4th edition that packages carry, as one schema."""
    files = {**dict(player.schemas("scorm2004")), "xml.xsd": XML}
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Offline(files))
    return etree.XMLSchema(etree.fromstring(SCORM2004, parser, base_url="memory:/scorm2004.xsd"))


@cache
def whole(folder: Path) -> etree.XMLSchema:
    """Return the same and IEEE LOM 1.0, strict, from a folder of the official schemas: it has subfolders."""

    class Local(etree.Resolver):
        def resolve(self, url: str, pubid: str, context: object) -> object:
            if url.rpartition("/")[2] == "xml.xsd":
                return self.resolve_string(XML, context, base_url=url)
            assert "://" not in url.removeprefix("file://"), url
            return None

    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Local())
    lom = b'<xs:import namespace="http://ltsc.ieee.org/xsd/LOM" schemaLocation="lom.xsd"/></xs:schema>'
    driver = SCORM2004.replace(b"</xs:schema>", lom)
    return etree.XMLSchema(etree.fromstring(driver, parser, base_url=(folder / "driver.xsd").as_uri()))


def errors(schema: etree.XMLSchema, document: bytes) -> list[str]:
    """Return what a schema finds wrong with a document, one line each; a document type declaration is refused."""
    root = etree.fromstring(document, etree.XMLParser(no_network=True, resolve_entities=False))
    if root.getroottree().docinfo.internalDTD is not None:
        return ["document type declaration"]
    return [] if schema.validate(root) else [f"{entry.line}: {entry.message}" for entry in schema.error_log]
