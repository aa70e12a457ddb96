"""What was read of a paper held against what is on it: field by field, as `truth.json` states it. Pure.

A row of truth names the fields of :data:`FIELDS` and ``kind``; a field it does not name, or None, is not on the paper.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final, TypeAlias

from intake.calibration import Judged
from intake.model import FusedField, Invoice
from ocr.types import MONEY, FieldName, Kind

Row: TypeAlias = Mapping[str, object]

FIELDS: Final = {
    FieldName.CODE: "code",
    FieldName.NUMBER: "number",
    FieldName.DATE: "date",
    FieldName.CHECK_CODE: "check_code",
    FieldName.BUYER_NAME: "buyer_name",
    FieldName.BUYER_TAX_ID: "buyer_tax_id",
    FieldName.SELLER_NAME: "seller_name",
    FieldName.SELLER_TAX_ID: "seller_tax_id",
    FieldName.NET: "amount",
    FieldName.TAX: "tax",
    FieldName.TOTAL: "total",
}
"""The fields that are judged, with their names in a file of truth."""
NOTHING: Final = "–"
"""In place of a kind where there is no invoice, or none was found."""
UNSAID: Final = "?"
"""In place of a kind that the truth does not state."""
_NO_INVOICE: Final = frozenset({Kind.OTHER, Kind.LIST_PAGE, Kind.RIDE_LIST, Kind.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Value:
    """One field of one paper: was it right, proven, how confident was its reader; None where nothing was read."""

    field: str
    right: bool
    proven: bool
    confidence: float | None
    got: str | None = None
    wanted: str | None = None

    def judged(self) -> Judged | None:
        """For the statistics; None where nothing was read."""
        return None if self.confidence is None else Judged(self.confidence, self.right, self.proven)


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper: its kind in truth and as read (:data:`NOTHING` where there is none, :data:`UNSAID`), its fields."""

    kind: str
    read_as: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """One file: the group it is scored in (digital, scan, photo …), its grade of damage, its papers.

    `rejected` is the reason when nothing could be read, `seconds` the wall time of reading.
    """

    name: str
    group: str
    grade: int | None
    papers: tuple[Paper, ...]
    rejected: str = ""
    seconds: float = 0.0


def judge(rows: Sequence[Row], invoices: Sequence[Invoice]) -> tuple[Paper, ...]:
    """Each paper of the truth beside what was read of it, then what was read and is on no paper.

    They are paired by number, then in their order; fields named in a row's ``unreadable_fields`` are left out.
    """
    left = [invoice for invoice in invoices if invoice.kind not in _NO_INVOICE]
    by_number: list[Invoice | None] = []
    for row in rows:
        wanted = spelled(FieldName.NUMBER, row.get("number"))
        hit = next(
            (one for one in left if wanted and spelled(FieldName.NUMBER, one.value(FieldName.NUMBER)) == wanted), None
        )
        if hit is not None:
            left.remove(hit)
        by_number.append(hit)
    papers = [_paper(row, hit if hit or not left else left.pop(0)) for row, hit in zip(rows, by_number, strict=True)]
    # a paper that is none: what is called proven of it is an escape, unless it is a piece of a paper that bears it
    papers += [Paper(NOTHING, extra.kind.value, tuple(_proven_of_nothing(extra, rows))) for extra in left]
    return tuple(papers)


def _paper(row: Row, invoice: Invoice | None) -> Paper:
    unreadable = row.get("unreadable_fields")
    skipped = unreadable if isinstance(unreadable, list) else []
    values = [
        value
        for name, key in FIELDS.items()
        if key not in skipped and (value := _value(name, row.get(key), invoice.fields.get(name) if invoice else None))
    ]
    kind = row.get("kind")
    return Paper(str(kind) if kind else UNSAID, invoice.kind.value if invoice else NOTHING, tuple(values))


def _value(name: FieldName, expected: object, field: FusedField | None) -> Value | None:
    """None where the paper has nothing and nothing was read."""
    wanted, got = spelled(name, expected), spelled(name, field.value if field else None)
    if wanted is None and got is None:
        return None
    proven = field is not None and field.proven
    return Value(FIELDS[name], wanted == got, proven, confidence_of(field) if field else None, got, wanted)


def _proven_of_nothing(invoice: Invoice, rows: Sequence[Row]) -> list[Value]:
    borne = {name: {spelled(name, row.get(key)) for row in rows} for name, key in FIELDS.items()}
    return [
        Value(
            FIELDS[name],
            right=spelled(name, field.value) in borne[name],
            proven=True,
            confidence=confidence_of(field),
            got=field.value,
        )
        for name, field in invoice.fields.items()
        if name in FIELDS and field.proven
    ]


def confidence_of(field: FusedField) -> float:
    """The largest confidence with which the chosen value was seen; 0 for a computed one."""
    return max((seen.confidence for seen in field.sightings if seen.value == field.value), default=0.0)


def spelled(name: FieldName, value: object) -> str | None:
    """One spelling: NFKC, no blanks, upper case, money with two decimals; None for nothing."""
    text = "" if value is None else re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(value))).upper()
    if name in MONEY:
        try:
            return f"{Decimal(text.replace(',', '').lstrip('¥')):.2f}"
        except InvalidOperation:
            return text or None
    return text or None
