"""What a matched register row adds to an invoice, and what must hold before the machine may file it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from intake.model import Company, FusedField, Invoice, Proof, RegisterRow
from intake.naming import exact_name
from intake.ports import Register
from intake.succession import accepted, valid
from intake.titles import Sister, Wrong, check_title
from ocr.normalise import normalise
from ocr.types import FieldName, FieldValue, Source


def stated(row: RegisterRow) -> Mapping[FieldName, str]:
    """What the row states, in the one spelling of :mod:`ocr.normalise`; unknown values are left out."""
    values = {
        FieldName.CODE: row.code,
        FieldName.NUMBER: row.number,
        FieldName.DATE: row.date.isoformat() if row.date else "",
        FieldName.NET: "" if row.net is None else f"{row.net:.2f}",
        FieldName.TAX: "" if row.tax is None else f"{row.tax:.2f}",
        FieldName.TOTAL: "" if row.total is None else f"{row.total:.2f}",
        FieldName.SELLER_NAME: normalise(FieldName.SELLER_NAME, row.seller_name) or "",
        FieldName.SELLER_TAX_ID: row.seller_tax_id,
        FieldName.BUYER_NAME: normalise(FieldName.BUYER_NAME, row.buyer_name) or "",
        FieldName.BUYER_TAX_ID: row.buyer_tax_id,
    }
    return {name: value for name, value in values.items() if value}


NAMES: Final = frozenset({FieldName.SELLER_NAME, FieldName.BUYER_NAME})


def confirm(invoice: Invoice, row: RegisterRow) -> Invoice:
    """The invoice with the row's word added: equal values gain the proof REGISTER, missing ones are taken over.

    A name that a recogniser misread gives way to the register's, since the match has compared the tax id;
    any other value that differs stays as it is and unproven by the register. Every sighting is kept.
    """
    fields = dict(invoice.fields)
    for name, value in stated(row).items():
        sighting = FieldValue(name, value, 1.0, Source.REGISTER)
        seen = fields.get(name)
        if seen is None or (name in NAMES and not seen.proven and seen.value != value):
            earlier = seen.sightings if seen else ()
            fields[name] = FusedField(name, value, frozenset({Proof.REGISTER}), (*earlier, sighting))
        elif seen.value == value:
            fields[name] = replace(
                seen, proof=seen.proof | {Proof.REGISTER}, sightings=(*seen.sightings, sighting), doubt=None
            )
    return replace(invoice, fields=fields)


def has_twin(row: RegisterRow, register: Register) -> bool:
    """Whether another row differs from this one in a near key only: same day, same amounts, same seller."""
    return any(
        other.key != row.key
        and other.date == row.date
        and (other.net, other.total) == (row.net, row.total)
        and other.seller_tax_id == row.seller_tax_id
        for other in register.near(row.code, row.number)
    )


def is_ours(invoice: Invoice, row: RegisterRow, companies: Sequence[Company]) -> bool:
    """Whether the buyer is one of our companies on the day of issue, and its papers are taken here (domain.md §9.6).

    The paper's own tax id decides; where it was not read, the register's. A name that was surely read must be that
    company's. Without any company on file there is nothing to compare with, and the register, which is kept by our tax
    id, has the word.
    """
    if not companies:
        return True
    day = row.date or date.fromisoformat(invoice.value(FieldName.DATE) or "0001-01-01")
    said = invoice.value(FieldName.BUYER_TAX_ID)
    told = said is not None or exact_name(invoice)  # a name that was badly read says nothing against the register
    if told and isinstance(check_title(invoice, companies, day), Wrong | Sister):
        return False
    tax_id = said or row.buyer_tax_id
    return any(one.tax_id == tax_id and not one.desk and (valid(one, day) or accepted(one, day)) for one in companies)
