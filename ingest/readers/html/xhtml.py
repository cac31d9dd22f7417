"""XHTML -> the same page as HTML, where CDATA, prefixes, own entities and `<p/>` mean another thing."""

from __future__ import annotations

import re
from html.entities import html5

from lxml import etree
from lxml.html import tostring

#: The declaration of a text that was decoded before.
DECLARATION = re.compile(r"\A\s*<\?xml\b[^>]*\?>")
#: With definitions, of which HTML would show a part.
DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]*\[.*?\]\s*>", re.DOTALL)
#: CDATA, and entities of HTML, which books use without the DTD that defines them.
ENTITY = re.compile(r"<!\[CDATA\[.*?\]\]>|&(\w+;)", re.DOTALL)
#: What XML knows itself.
OWN = ("amp;", "lt;", "gt;", "quot;", "apos;")
#: `epub:type`, and what it is called here, where names have no prefixes.
TYPE, EPUB_TYPE = "{http://www.idpf.org/2007/ops}type", "epub-type"


def as_html(page: str) -> str:
    """Return an XHTML page as HTML; one that is no well-formed XML comes back as it is.

    Entities that it declares itself are filled in, within libxml2's limits; nothing is read from elsewhere.
    """
    try:
        root = etree.fromstring(_filled(DECLARATION.sub("", page)).encode(), _parser())
    except etree.XMLSyntaxError:
        return DOCTYPE.sub("", page, count=1)
    for element in root.iter(etree.Element):
        element.tag = etree.QName(element).localname
        for name in [name for name in element.attrib if name.startswith("{")]:
            value = element.attrib.pop(name)
            element.attrib[EPUB_TYPE if name == TYPE else etree.QName(name).localname] = value
    etree.cleanup_namespaces(root)
    return str(tostring(root, encoding="unicode"))


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities="internal", no_network=True, load_dtd=False, remove_comments=True)


def _filled(page: str) -> str:
    declared = set(re.findall(r"<!ENTITY\s+([\w.-]+)", page))

    def fill(match: re.Match[str]) -> str:
        name = match[1]
        known = name and name not in OWN and name[:-1] not in declared
        return html5.get(name, match[0]) if known else match[0]

    return ENTITY.sub(fill, page)
