"""Whether the buyer on a paper is one of our companies on the day of issue (domain.md §9.6)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
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


def title_of_person(invoice: Invoice) -> bool:
    """Whether the paper is made out to a person: 个人 or a short name without a tax id. That is no wrong title."""
    name = invoice.value(FieldName.BUYER_NAME) or ""
    plain = name.removesuffix("（个人）")
    person = bool(_PERSON.fullmatch(name)) and (plain == "个人" or not _ORGANISATION.search(plain))
    return person and invoice.value(FieldName.BUYER_TAX_ID) is None


def wrong_title(invoice: Invoice, companies: Sequence[Company], day: date | None) -> tuple[Evidence, ...]:
    """Why the buyer is none of our companies; empty when it is, or when nothing can be said.

    Missing 有限, 分公司 or a part in brackets makes another title, and the difference is shown. A name that only a
    recogniser read and that is nearly ours is not held against the paper.
    """
    if not companies or title_of_person(invoice):
        return ()
    tax_id = invoice.value(FieldName.BUYER_TAX_ID)
    seen = (_buyer(invoice),)
    if tax_id is None:
        return _wrong_name(invoice, [one for one in companies if _valid(one, day)], seen)
    ours = [one for one in companies if one.tax_id == tax_id]
    valid = [one for one in ours if _valid(one, day)]
    if valid:
        return _wrong_name(invoice, valid, seen) if _exact_name(invoice) else ()
    if ours:
        return (*seen, *(_not_valid(one) for one in sorted(ours, key=_order)))
    nearest = _nearest(invoice.value(FieldName.BUYER_NAME) or "", companies)
    if nearest is None:
        return (*seen, Evidence("no_company_like_it"))
    return (
        *seen,
        Evidence("tax_id_differs", {"seen": tax_id, "expected": nearest.tax_id}),
        *_name_note(invoice, nearest),
    )


def _wrong_name(invoice: Invoice, companies: Sequence[Company], seen: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    name = invoice.value(FieldName.BUYER_NAME)
    if name is None or any(_name(one) == name for one in companies):
        return ()
    nearest = _nearest(name, companies) if companies else None
    if nearest is None:
        return (*seen, Evidence("no_company_like_it"))
    return (*seen, *_name_note(invoice, nearest)) if _exact_name(invoice) else ()


def _name_note(invoice: Invoice, company: Company) -> tuple[Evidence, ...]:
    seen, expected = invoice.value(FieldName.BUYER_NAME), _name(company)
    if seen is None or seen == expected:
        return ()
    params = {"seen": seen, "expected": expected}
    if re.sub("（.*?）", "", seen) == re.sub("（.*?）", "", expected):
        return (Evidence("brackets_differ", params),)
    return (Evidence("title_differs", {**params, "difference": _difference(seen, expected)}),)


def _difference(seen: str, expected: str) -> str:
    """What the paper lacks (−) and what it has besides (+)."""
    parts = []
    for kind, a0, a1, b0, b1 in SequenceMatcher(None, expected, seen, autojunk=False).get_opcodes():
        if kind != "equal":
            parts += [f"−{expected[a0:a1]}"] * (a1 > a0) + [f"+{seen[b0:b1]}"] * (b1 > b0)
    return " ".join(parts)


def _nearest(name: str, companies: Sequence[Company]) -> Company | None:
    """The company whose name is most alike, if it is alike at all."""
    scored = [(-_likeness(_name(one), name), _order(one), one) for one in companies]
    best = min(scored, key=lambda found: found[:2])
    return best[2] if -best[0] >= ALIKE else None


def _likeness(one: str, other: str) -> float:
    """From 0 to 1; a name with an addition (a branch) is alike however long the addition is."""
    ratio = SequenceMatcher(None, one, other, autojunk=False).ratio()
    return max(ratio, ALIKE) if one in other else ratio


def _exact_name(invoice: Invoice) -> bool:
    """Whether the name comes from data or a text layer, or is proven, so that a difference is the paper's."""
    field = invoice.fields.get(FieldName.BUYER_NAME)
    return field is not None and (
        field.proven or any(v.value == field.value and v.source not in _READERS for v in field.sightings)
    )


def _valid(company: Company, day: date | None) -> bool:
    if day is None:
        return True
    return (company.valid_from or day) <= day <= (company.valid_to or day)


def _not_valid(company: Company) -> Evidence:
    first, last = company.valid_from, company.valid_to
    dates = {"from": first.isoformat() if first else "…", "to": last.isoformat() if last else "…"}
    return Evidence("company_not_valid_then", {"name": _name(company), **dates})


def _buyer(invoice: Invoice) -> Evidence:
    name, tax_id = invoice.value(FieldName.BUYER_NAME), invoice.value(FieldName.BUYER_TAX_ID)
    return Evidence("buyer_is", {"name": name or "—", "tax_id": tax_id or "—"})


def _name(company: Company) -> str:
    return normalise(FieldName.BUYER_NAME, company.name) or company.name


def _order(company: Company) -> tuple[str, str, str]:
    return company.tax_id, company.name, str(company.valid_from)
