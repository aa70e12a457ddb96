"""Checks that follow from the form of a paper: which copy it is, who issued it for whom, what a red letter must say
(domain.md §4.2, §4.6, §5.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from intake.model import Finding, Invoice, Level
from ocr.rules.taxid import TaxIdKind, check_ok, classify
from ocr.types import FieldName

F = FieldName
SELLERS_COPY: Final = "记账联"
_SUMS: Final = (F.NET, F.TAX, F.TOTAL)
FORM_CODES: Final = frozenset(
    {
        "pages_missing",
        "sellers_copy",
        "real_seller_missing",
        "real_seller_check",
        "red_signs",
        "red_unlinked",
        "printed_differs",
    }
)


def check_form(invoice: Invoice) -> Iterator[Finding]:
    """Every check of this module that applies."""
    yield from _pages(invoice)
    yield from _copy(invoice)
    yield from _printed(invoice)
    yield from _real_seller(invoice)
    yield from _red(invoice)


def _pages(invoice: Invoice) -> Iterator[Finding]:
    """共3页 第1页: every page that the paper counts is here (§4.7)."""
    if invoice.sheets is not None and invoice.sheets.count > 1:
        missing = ", ".join(map(str, invoice.missing()))
        level = Level.ERROR if missing else Level.OK
        yield Finding("pages_missing", level, (), {"missing": missing, "count": str(invoice.sheets.count)})


def _copy(invoice: Invoice) -> Iterator[Finding]:
    """记账联 stays with the seller: nobody is reimbursed for it."""
    copy = invoice.value(F.COPY)
    if copy is not None:
        level = Level.WARNING if copy == SELLERS_COPY else Level.OK
        yield Finding("sellers_copy", level, (F.COPY,), {"copy": copy})


def _printed(invoice: Invoice) -> Iterator[Finding]:
    """Code and number stand on the form twice, printed beforehand and by the machine: a mis-fed form has two (§5.2).

    Where the form's own is proven, the other was misread or is wrong, which a person may see but need not decide.
    """
    for name, twin in ((F.CODE, F.PRINTED_CODE), (F.NUMBER, F.PRINTED_NUMBER)):
        form, machine = invoice.value(name), invoice.value(twin)
        if form is not None and machine is not None:
            bad = Level.WARNING if invoice.proven(name) else Level.ERROR
            level = Level.OK if form == machine else bad
            yield Finding("printed_differs", level, (name, twin), {"form": form, "machine": machine})


def _real_seller(invoice: Invoice) -> Iterator[Finding]:
    """Where a tax office issued (代开), the remark names for whom."""
    if classify(invoice.value(F.SELLER_TAX_ID) or "") is not TaxIdKind.AGENT:
        return
    tax_id = invoice.value(F.REAL_SELLER_TAX_ID)
    if tax_id is None:
        yield Finding("real_seller_missing", Level.WARNING, (F.SELLER_TAX_ID,))
    elif (fits := check_ok(tax_id)) is not None:
        yield Finding("real_seller_check", Level.OK if fits else Level.WARNING, (F.REAL_SELLER_TAX_ID,))


def _red(invoice: Invoice) -> Iterator[Finding]:
    """Every sum of a red letter is negative, and it names the invoice that it reverses or its slip."""
    sums = {name: Decimal(value) for name in _SUMS if (value := invoice.value(name)) is not None}
    if not any(value < 0 for value in sums.values()):
        return
    agree = all(value <= 0 for value in sums.values())
    yield Finding("red_signs", Level.OK if agree else Level.ERROR, tuple(sums))
    if invoice.value(F.RED_OF) is None and invoice.value(F.REMARK) is None:
        yield Finding("red_unlinked", Level.INFO, (F.RED_OF,))
