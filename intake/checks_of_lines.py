"""Checks of the lines of an invoice against each other and against its totals (domain.md §4.5)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from intake.model import Finding, Invoice, Level
from ocr.rules.amounts import (
    RATES,
    invoice_tax_agrees,
    line_tax_agrees,
    parse_money,
    parse_rate,
    price_agrees,
)
from ocr.types import FieldName, Kind, LineItem, Source

LINE_CODES: Final = frozenset(
    {"lines_amount", "lines_tax", "line_tax", "line_price", "rate_unknown", "tax_of_rates", "discount_alone"}
)
_ALL_LINES: Final = frozenset({Source.XML, Source.OFD_DATA, Source.XBRL})
# prices with the tax, or days of a journey in the issuer's record
_NO_NET_PRICE: Final = frozenset({Kind.VAT_ROLL, Kind.VAT_E_TOLL})


def check_lines(invoice: Invoice) -> Iterator[Finding]:
    """Each line's tax and price, discounts, and Σ lines = totals: an error only where every line is surely there."""
    if not invoice.lines:
        return
    for place, line in enumerate(invoice.lines, start=1):
        yield from _line(place, line, invoice.kind)
    yield from _discounts(invoice.lines)
    for name, code, texts in (
        (FieldName.NET, "lines_amount", [line.amount for line in invoice.lines]),
        (FieldName.TAX, "lines_tax", [line.tax for line in invoice.lines]),
    ):
        yield from _total(invoice, name, code, [parse_money(text) for text in texts])
    yield from _rates(invoice)


def _line(place: int, line: LineItem, kind: Kind) -> Iterator[Finding]:
    amount, tax, rate = parse_money(line.amount), parse_money(line.tax), parse_rate(line.rate)
    params = {"line": str(place)}
    if rate is not None and rate not in RATES:
        yield Finding("rate_unknown", Level.WARNING, (), {**params, "rate": line.rate})
    if amount is not None and tax is not None and rate is not None:
        good = line_tax_agrees(amount, rate, tax)
        yield Finding("line_tax", Level.OK if good else Level.WARNING, (FieldName.TAX,), params)
    quantity, price = parse_money(line.quantity), parse_money(line.price)
    if amount is not None and quantity is not None and price is not None and kind not in _NO_NET_PRICE:
        good = price_agrees(quantity, price, amount)
        yield Finding("line_price", Level.OK if good else Level.WARNING, (FieldName.NET,), params)


def _discounts(lines: tuple[LineItem, ...]) -> Iterator[Finding]:
    """A discount follows the line it discounts, under the same name and not above it; on a red invoice all are negative."""
    amounts = [parse_money(line.amount) for line in lines]
    if all(amount is None or amount <= 0 for amount in amounts):
        return
    for place, (line, amount) in enumerate(zip(lines, amounts, strict=True)):
        if amount is None or amount >= 0:
            continue
        before = amounts[place - 1] if place else None
        good = before is not None and lines[place - 1].name == line.name and -amount <= before
        yield Finding("discount_alone", Level.OK if good else Level.WARNING, (), {"line": str(place + 1)})


def _total(invoice: Invoice, name: FieldName, code: str, parts: list[Decimal | None]) -> Iterator[Finding]:
    stated = invoice.value(name)
    known = [part for part in parts if part is not None]
    if stated is None or not known or (name is FieldName.NET and len(known) < len(parts)):
        return
    total = sum(known, Decimal(0))
    bad = Level.ERROR if _complete(invoice, name) else Level.WARNING
    params = {"lines": f"{total:.2f}", "stated": stated}
    yield Finding(code, Level.OK if total == Decimal(stated) else bad, (name,), params)


def _complete(invoice: Invoice, name: FieldName) -> bool:
    """Whether the lines come from the issuer's data, which states all of them."""
    return any(value.source in _ALL_LINES for value in invoice.fields[name].sightings)


def _rates(invoice: Invoice) -> Iterator[Finding]:
    """The whole tax against Σ amount × rate, when every line states both and the totals of the lines agree."""
    tax, net = invoice.value(FieldName.TAX), invoice.value(FieldName.NET)
    pairs = [(parse_money(line.amount), parse_rate(line.rate)) for line in invoice.lines]
    known = [(amount, rate) for amount, rate in pairs if amount is not None and rate is not None]
    if tax is None or net is None or len(known) < len(pairs) or sum(amount for amount, _ in known) != Decimal(net):
        return
    good = invoice_tax_agrees(known, Decimal(tax))
    yield Finding("tax_of_rates", Level.OK if good else Level.WARNING, (FieldName.TAX,))
