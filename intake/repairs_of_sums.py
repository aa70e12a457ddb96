"""Amounts that do not agree, and the one slip that makes them agree (domain.md §4.4, §4.5, §9.3). Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ocr.rules.amounts import LINE_TAX_TOLERANCE, RATES, sums_agree
from ocr.rules.confusion import confusable, one_edit
from ocr.types import FieldName, Kind

NET, TAX, TOTAL, WORDS = FieldName.NET, FieldName.TAX, FieldName.TOTAL, FieldName.TOTAL_IN_WORDS
_SHIFTS: Final = frozenset(map(Decimal, ("10", "100", "0.1", "0.01")))
"""A digit lost or doubled at the end, a decimal point lost."""


@dataclass(frozen=True, slots=True)
class SumRepair:
    """An amount proposed, as text with two decimals; see :class:`intake.repairs.Repair`."""

    name: FieldName
    proposed: str
    reason: str
    params: Mapping[str, str]
    weight: int


def repair_sums(
    kind: Kind, texts: Mapping[FieldName, str | None], open_fields: Collection[FieldName]
) -> Iterator[SumRepair]:
    """The total that the words say, and the one amount that by a single slip makes net + tax = total.

    An air itinerary has other parts, so its sum is left alone.
    """
    net, tax, total, words = (Decimal(text) if (text := texts[name]) else None for name in (NET, TAX, TOTAL, WORDS))
    if words is not None and words != total and TOTAL in open_fields:
        whole = net is not None and sums_agree(net, tax, words)
        slip = total is not None and slipped(total, words)
        yield SumRepair(TOTAL, f"{words:.2f}", "words", {"words": f"{words:.2f}"}, 1 + whole + slip)
    if kind is Kind.AIR_E:
        return
    if net is None or tax is None or total is None:
        yield from _missing(net, tax, total, open_fields)
    elif not sums_agree(net, tax, total):
        found = list(_one_slip(net, tax, total, open_fields))
        for name, value in found:
            sure = len(found) == 1 or (name is not TOTAL and words == total) or (name is TOTAL and words == value)
            yield SumRepair(
                name, f"{value:.2f}", "sum", _params({NET: net, TAX: tax, TOTAL: total} | {name: value}), 1 + sure
            )


def _one_slip(
    net: Decimal, tax: Decimal, total: Decimal, open_fields: Collection[FieldName]
) -> Iterator[tuple[FieldName, Decimal]]:
    """Each amount that, changed by one slip, makes all three agree at a known rate."""
    for name, seen, value in ((NET, net, total - tax), (TAX, tax, total - net), (TOTAL, total, net + tax)):
        amounts = {NET: net, TAX: tax} | {name: value}
        if name in open_fields and slipped(seen, value) and at_known_rate(amounts[NET], amounts[TAX]):
            yield name, value


def _missing(
    net: Decimal | None, tax: Decimal | None, total: Decimal | None, open_fields: Collection[FieldName]
) -> Iterator[SumRepair]:
    """The third amount where two were read and lie at a known rate."""
    if total is None and net is not None and tax is not None:
        name, amounts = TOTAL, {NET: net, TAX: tax, TOTAL: net + tax}
    elif tax is None and net is not None and total is not None and net != total:
        name, amounts = TAX, {NET: net, TAX: total - net, TOTAL: total}
    elif net is None and tax is not None and total is not None:
        name, amounts = NET, {NET: total - tax, TAX: tax, TOTAL: total}
    else:
        return
    if name in open_fields and at_known_rate(amounts[NET], amounts[TAX]):
        yield SumRepair(name, f"{amounts[name]:.2f}", "sum_missing", _params(amounts), 2)


def _params(amounts: Mapping[FieldName, Decimal]) -> dict[str, str]:
    return {name.value: f"{amount:.2f}" for name, amount in amounts.items()}


def at_known_rate(net: Decimal, tax: Decimal) -> bool:
    """Whether a tax is that of its net at a known rate above nothing, within the tolerance of a line (§4.5 rule 3)."""
    return any(rate and abs(tax - net * rate) <= LINE_TAX_TOLERANCE for rate in RATES)


def slipped(seen: Decimal, meant: Decimal) -> bool:
    """Whether one amount is another one misread: a confused digit, one lost or doubled, two exchanged, a point lost."""
    if seen == meant or seen * meant <= 0:
        return False
    if seen / meant in _SHIFTS:
        return True
    one, two = (f"{abs(amount):.2f}".replace(".", "") for amount in (seen, meant))
    if len(one) != len(two):
        return one_edit(one, two)
    pairs = [(here, there) for here, there in zip(one, two, strict=True) if here != there]
    exchanged = len(pairs) == 2 and pairs[0] == pairs[1][::-1] and one_edit(one, two)
    return exchanged or (len(pairs) == 1 and confusable(*pairs[0]))
