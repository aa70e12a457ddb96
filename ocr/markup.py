"""XML of strangers: decoded as Chinese producers write it, parsed without entities, network or document type,
mended where a known producer writes it malformed, and looked up by local names only (domain.md §6.1, §6.2).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from lxml import etree

from ocr.errors import HostileError, TruncatedError

Element = etree._Element  # noqa: SLF001  # lxml has no public name for the class of an element
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]*\?>")
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_PROLOG = re.compile(r"\A(?:\s+|<!--.*?-->|<\?.*?\?>)*", re.DOTALL)
_FORBIDDEN = ("<!doctype", "<!entity")
_CHINESE = {"gb2312": "gb18030", "gbk": "gb18030", "cp936": "gb18030", "x-gbk": "gb18030", "hz": "gb18030"}
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_TAG = re.compile(r"<(/?)([^\s<>/=\"'?!]*)([^<>]*)>")
_XMLNS = re.compile(r"""\s+xmlns(?::[^\s=]*)?\s*=\s*(?:"[^"]*"|'[^']*')""")
_PREFIX = re.compile(r"""(\s)[^\s<>/="':]+:(?=[^\s<>/="':]+\s*=)""")
_STRAY_AMPERSAND = re.compile(r"&(?!(?:#\d{1,7}|#x[0-9A-Fa-f]{1,6}|amp|lt|gt|quot|apos);)")


def decode(data: bytes) -> str:
    """The text: by byte order mark, by declaration (GB2312 and GBK read as GB18030), else UTF-8, else GB18030."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    if data.startswith(codecs.BOM_UTF8):
        return data.decode("utf-8-sig", errors="replace")
    declared = _ENCODING.match(data)
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    for encoding in (_CHINESE.get(name, name), "utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except (LookupError, UnicodeError):
            continue
    return data.decode("utf-8", errors="replace")


def parse(data: bytes) -> Element:
    """The root element. Raises HostileError for a document type or entities, TruncatedError when it cannot be
    read even after mending.
    """
    text = _DECLARATION.sub("", decode(data).lstrip("\ufeff"), count=1)
    if _PROLOG.sub("", text, count=1)[:16].lower().startswith(_FORBIDDEN):
        raise HostileError("XML with a document type")
    try:
        return _parse(text)
    except etree.XMLSyntaxError as first:
        try:
            return _parse(_mended(text))
        except etree.XMLSyntaxError:
            raise TruncatedError(f"XML: {first}") from first


def _parse(text: str) -> Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
    return etree.fromstring(text.encode("utf-8", errors="replace"), parser)


def _mended(text: str) -> str:
    """Without prefixes and namespaces (`<:eInvoice xmlns:="">`, undeclared `ofd:`), control characters and bare
    ampersands.
    """

    def strip(tag: re.Match[str]) -> str:
        attributes = _PREFIX.sub(r"\1", _XMLNS.sub("", tag[3]))
        return f"<{tag[1]}{tag[2].rpartition(':')[2]}{attributes}>"

    return _STRAY_AMPERSAND.sub("&amp;", _TAG.sub(strip, _NOT_XML.sub("", text)))


def local(element: Element) -> str:
    """The name without namespace."""
    return str(element.tag).rpartition("}")[2]


def key(name: str) -> str:
    """A name as it is looked up: producers differ in case, dashes and underscores."""
    return name.replace("-", "").replace("_", "").casefold()


def children(element: Element | None, name: str = "") -> Iterator[Element]:
    """Child elements, all or those with a name in any case."""
    for child in element if element is not None else ():
        if not name or key(local(child)) == key(name):
            yield child


def child(element: Element | None, *names: str) -> Element | None:
    """The element at the end of a path of names, each the first of its name; None when there is none."""
    for name in names:
        element = next(children(element, name), None)
    return element


def content(element: Element | None) -> str:
    """The text directly inside, stripped; empty when there is none."""
    return (element.text or "").strip() if element is not None else ""
