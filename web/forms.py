"""What comes in by address and form, made into values; what does not parse counts as not given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final, TypeVar

from intake.model import Cause, Channel, DocumentState, RegisterStatus
from intake.views.filters import DocumentFilter, Order, Sort
from intake.views.register import RegisterFilter
from ocr.types import FieldName, Kind

Choice = TypeVar("Choice", bound=StrEnum)
LONGEST: Final = 200  # characters of a search text
LONGEST_VALUE: Final = 2000  # characters of a keyed field
VALUE: Final = "value."
ILLEGIBLE: Final = "illegible."
REASON: Final = "reason."


def text(given: Mapping[str, str], name: str, longest: int = LONGEST) -> str:
    """A text without blanks at its ends and without control characters."""
    return "".join(char for char in given.get(name, "") if char.isprintable()).strip()[:longest]


def whole(given: Mapping[str, str], name: str) -> int | None:
    """A whole number that fits the database's ids."""
    value = given.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 15 else None


def a_day(given: Mapping[str, str], name: str) -> date | None:
    """A day as ``YYYY-MM-DD``."""
    try:
        return date.fromisoformat(given.get(name, ""))
    except ValueError:
        return None


def money(given: Mapping[str, str], name: str) -> Decimal | None:
    """An amount in yuan with at most two decimals; commas and ¥ are allowed."""
    value = given.get(name, "").translate(str.maketrans("", "", ",,¥¥ "))
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return None
    if not amount.is_finite() or abs(amount) >= Decimal(10) ** 13:
        return None
    return amount.quantize(Decimal("0.01"))


def choice(given: Mapping[str, str], name: str, options: type[Choice]) -> Choice | None:
    """One of an enumeration."""
    value = given.get(name, "")
    return options(value) if value in {option.value for option in options} else None


def document_filter(given: Mapping[str, str]) -> DocumentFilter:
    """The filter of the list of documents, from its address."""
    state = choice(given, "state", DocumentState)
    return DocumentFilter(
        states=frozenset({state}) if state else frozenset(),
        text=text(given, "q"),
        number="".join(text(given, "number").split()),
        code="".join(text(given, "code").split()),
        seller=text(given, "seller"),
        buyer=text(given, "buyer"),
        party=text(given, "party"),
        kind=choice(given, "kind", Kind),
        cause=choice(given, "cause", Cause),
        region=text(given, "region", 4),
        clerk=whole(given, "clerk"),
        channel=choice(given, "channel", Channel),
        date_from=a_day(given, "from"),
        date_to=a_day(given, "to"),
        received_from=a_day(given, "received_from"),
        received_to=a_day(given, "received_to"),
        total_from=money(given, "min"),
        total_to=money(given, "max"),
        submitter=whole(given, "who"),
        parent=whole(given, "parent"),
    )


def order(given: Mapping[str, str]) -> Order:
    """How the list of documents is sorted: ``sort=total``, the other way round with ``way=up`` (or ``way=down``)."""
    sort = choice(given, "sort", Sort) or Sort.RECEIVED
    return Order(sort, given.get("way", "up" if sort is Sort.SELLER else "down") != "up")


def register_filter(given: Mapping[str, str]) -> RegisterFilter:
    """The filter of the register, from its address."""
    return RegisterFilter(
        text=text(given, "q"),
        date_from=a_day(given, "from"),
        date_to=a_day(given, "to"),
        status=choice(given, "status", RegisterStatus),
        source=text(given, "source"),
        row=whole(given, "row"),
    )


def keyed(given: Mapping[str, str]) -> dict[FieldName, str]:
    """The fields of a keying form: ``value.number=…``; names that are no fields are left out."""
    return _fields(given, VALUE)


def illegible(given: Mapping[str, str]) -> dict[FieldName, str]:
    """The fields marked as illegible, each with the reason given (may be empty)."""
    ticked = _fields(given, ILLEGIBLE)
    reasons = _fields(given, REASON)
    return {name: reasons.get(name, "") for name in ticked}


def _fields(given: Mapping[str, str], prefix: str) -> dict[FieldName, str]:
    names = {prefix + name.value: name for name in FieldName}
    return {names[key]: text(given, key, LONGEST_VALUE) for key in given if key in names}
