"""How a buyer's name on a paper compares with the names of our companies, character by character (domain.md §9.6). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

from intake.model import Company, Evidence, Invoice
from ocr.normalise import normalise
from ocr.types import FieldName, Source

ALIKE: Final = 0.8
"""Names that agree this far may be one name, misread."""
_READERS: Final = frozenset({Source.OCR, Source.OCR_SECOND})
_PERSON: Final = re.compile(r"个人|[\u4e00-\u9fff·*]{2,4}(?:（个人）)?")
_ORGANISATION: Final = re.compile("公司|厂|店|部|院|校|所|局|社|中心|银行|集团|会|队|站|场|馆")
_BRANCH: Final = re.compile("(?:分公司|分店|分部|分行|分所|分厂|分校|分社|营业部|办事处|项目部)$")
_BRACKETS: Final = re.compile(r"[（(\[［【〔〈《<].*?[)）\]］】〕〉》>]")
_BRACKET: Final = re.compile(r"[（()）]")
_LIMITED: Final = re.compile("有限责任公司|有限公司|公司")


def title_of_person(invoice: Invoice) -> bool:
    """Whether the paper is made out to a person: 个人 or a short name without a tax id. That is no wrong title."""
    name = invoice.value(FieldName.BUYER_NAME) or ""
    plain = name.removesuffix("（个人）")
    person = bool(_PERSON.fullmatch(name)) and (plain == "个人" or not _ORGANISATION.search(plain))
    return person and invoice.value(FieldName.BUYER_TAX_ID) is None


def name_of(company: Company) -> str:
    """A company's name in the one spelling in which papers are read."""
    return normalise(FieldName.BUYER_NAME, company.name) or company.name


def exact_name(invoice: Invoice) -> bool:
    """Whether the name comes from data or a text layer, or is proven, so that a difference is the paper's."""
    field = invoice.fields.get(FieldName.BUYER_NAME)
    return field is not None and (
        field.proven or any(v.value == field.value and v.source not in _READERS for v in field.sightings)
    )


def compare(seen: str, company: Company) -> tuple[Evidence, ...]:
    """What differs between a name as seen and a company's; empty when nothing does or nothing was seen."""
    expected = name_of(company)
    if not seen or seen == expected:
        return ()
    params = {"seen": seen, "expected": expected, "difference": difference(seen, expected)}
    if _BRACKETS.sub("", seen) == _BRACKETS.sub("", expected):
        return (Evidence("brackets_differ", params),)
    if _LIMITED.sub("", seen) == _LIMITED.sub("", expected):
        return (Evidence("form_differs", params),)
    return (Evidence("title_differs", params),)


def difference(seen: str, expected: str) -> str:
    """The whole name with its differences marked: ``示例［−有限］公司［+分公司］`` lacks 有限 and has 分公司 besides."""
    parts = []
    for kind, a0, a1, b0, b1 in SequenceMatcher(None, expected, seen, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(expected[a0:a1])
        else:
            parts += [f"［−{expected[a0:a1]}］"] * (a1 > a0) + [f"［+{seen[b0:b1]}］"] * (b1 > b0)
    return "".join(parts)


def branch_of(name: str, companies: Sequence[Company]) -> Company | None:
    """The company of which the name is a branch by its words: its own name, then a place and 分公司 or the like."""
    heads = [one for one in companies if name.startswith(name_of(one)) and _BRANCH.search(name[len(name_of(one)) :])]
    return max(heads, key=lambda one: len(one.name), default=None)


def nearest(name: str, companies: Sequence[Company]) -> Company | None:
    """The company whose name is most alike, if it is alike at all."""
    scored = [(-likeness(name_of(one), name), one.tax_id, one.name, str(one.valid_from), one) for one in companies]
    best = min(scored, key=lambda found: found[:4], default=None)
    return best[4] if best and -best[0] >= ALIKE else None


def likeness(one: str, other: str) -> float:
    """From 0 to 1; a name with an addition is alike however long that is, and one whose parts changed places."""
    ratio = SequenceMatcher(None, one, other, autojunk=False).ratio()
    moved = sorted(_BRACKET.sub("", one)) == sorted(_BRACKET.sub("", other))
    return max(ratio, ALIKE) if one in other or moved else ratio
