"""Invoices ⇄ rows: the columns people search by beside the whole value as JSON, every sighting kept."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from intake.codec import encode
from intake.db import invoices
from intake.fuse import WITH_CODE
from intake.model import Diagnosis, Finding, Invoice, MatchOutcome
from ocr.rules.keys import alias_of
from ocr.rules.regions import region_of
from ocr.types import FieldName

LARGEST: Final = Decimal(10) ** 15  # no invoice comes near; more would not fit the database's integer of fen
_FEN: Final = Decimal("0.01")
_TEXTS: Final = (
    FieldName.CODE,
    FieldName.NUMBER,
    FieldName.CHECK_CODE,
    FieldName.SELLER_NAME,
    FieldName.SELLER_TAX_ID,
    FieldName.BUYER_NAME,
    FieldName.BUYER_TAX_ID,
)


def invoice_columns(invoice: Invoice) -> dict[str, Any]:
    """The columns of `invoices` that follow from the value alone: kind, alias, the searchable fields, the JSON."""
    texts = {name.value: column_text(name.value, invoice.value(name)) for name in _TEXTS}
    return texts | {
        "region": region_of(texts["code"], texts["number"], _seller(invoice)),
        "kind": invoice.kind.value,
        "alias": alias(invoice),
        "blue_key": column_text("blue_key", invoice.value(FieldName.RED_OF)) or None,
        "date": day(invoice.value(FieldName.DATE)),
        "net": money(invoice.value(FieldName.NET)),
        "tax": money(invoice.value(FieldName.TAX)),
        "total": money(invoice.value(FieldName.TOTAL)),
        "fields": encode(invoice),
    }


def _seller(invoice: Invoice) -> str:
    """The tax id of who sold: where a tax office issued for it (代开), the one named in the remark (domain.md §4.2)."""
    return invoice.value(FieldName.REAL_SELLER_TAX_ID) or invoice.value(FieldName.SELLER_TAX_ID) or ""


def alias(invoice: Invoice) -> str | None:
    """The second key (domain.md §9.1); of a 数电纸质 invoice the code with the eight digits printed on its form."""
    printed = invoice.value(FieldName.PRINTED_NUMBER) if invoice.kind in WITH_CODE else None
    return alias_of(invoice.kind, invoice.value(FieldName.CODE), invoice.value(FieldName.NUMBER), printed=printed)


def decision_columns(findings: tuple[Finding, ...], match: MatchOutcome, diagnosis: Diagnosis | None) -> dict[str, Any]:
    """The columns that hold what was decided."""
    return {
        "findings": encode(findings, tuple[Finding, ...]),
        "match": encode(match, MatchOutcome),
        "diagnosis": encode(diagnosis, Diagnosis | None),
    }


def day(value: str | None) -> date | None:
    """A day for a column; None when the text is none."""
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        return None


def money(value: str | None) -> Decimal | None:
    """Yuan for a column; None when the text is no amount in whole fen that the database can hold."""
    try:
        amount = Decimal(value) if value else None
        if amount is None or not amount.is_finite() or abs(amount) >= LARGEST or amount != amount.quantize(_FEN):
            return None
    except InvalidOperation:
        return None
    return amount


def column_text(column: str, value: str | None) -> str:
    """Text that both databases take: without NUL and lone surrogates, cut to the column's length."""
    kind = invoices.c[column].type
    length: int | None = getattr(kind, "length", None)
    clean = (value or "").replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    return clean[:length]
