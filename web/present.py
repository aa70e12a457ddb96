"""How values are shown: pure formatting, no database and no Flask."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from intake.clock import BEIJING, day_of
from ocr.types import MONEY, Box, FieldName

DASH: Final = "–"
KIB: Final = 1024

ICONS: Final = {
    # a glyph stands beside every coloured word, so that colour is never the only sign
    "queued": "◷",
    "working": "◴",
    "filed": "✓",
    "needs_review": "!",
    "attached": "⊕",
    "rejected": "✕",
    "unpacked": "▤",
    "refused": "✕",
    "replaced": "↻",
    "open": "○",
    "claimed": "◐",
    "entered": "◑",
    "disputed": "≠",
    "verified": "✓",
    "closed": "–",
    "ok": "✓",
    "info": "i",
    "warning": "!",
    "error": "✕",
    "same": "=",
    "different": "≠",
    "missing_here": "∅",
    "missing_there": "∅",
    "answered": "✓",
    "not_needed": "–",
    "ready": "○",
    "waiting": "◷",
    "done": "✓",
    "todo": "→",
    "late": "‼",
    "now": "‼",
    "soon": "↑",
    "normal": "·",
    "can_wait": "↓",
}

# what letters and inspections go through, in this order
TOLD: Final = (
    FieldName.CODE,
    FieldName.NUMBER,
    FieldName.DATE,
    FieldName.TOTAL,
    FieldName.NET,
    FieldName.TAX,
    FieldName.SELLER_NAME,
    FieldName.SELLER_TAX_ID,
    FieldName.BUYER_NAME,
    FieldName.BUYER_TAX_ID,
)

FIELD_ORDER: Final = (
    FieldName.CODE,
    FieldName.NUMBER,
    FieldName.DATE,
    FieldName.CHECK_CODE,
    FieldName.MACHINE_NUMBER,
    FieldName.SERIAL,
    FieldName.BUYER_NAME,
    FieldName.BUYER_TAX_ID,
    FieldName.SELLER_NAME,
    FieldName.SELLER_TAX_ID,
    FieldName.TRAVELLER,
    FieldName.ROUTE,
    FieldName.VEHICLE,
    FieldName.REAL_SELLER_NAME,
    FieldName.REAL_SELLER_TAX_ID,
    FieldName.PRINTED_CODE,
    FieldName.PRINTED_NUMBER,
    FieldName.COPY,
    FieldName.FARE,
    FieldName.FUEL,
    FieldName.FUND,
    FieldName.OTHER_FEES,
    FieldName.NET,
    FieldName.TAX,
    FieldName.TOTAL,
    FieldName.TOTAL_IN_WORDS,
    FieldName.MARK,
    FieldName.RED_OF,
    FieldName.DRAWER,
    FieldName.REMARK,
)


def icon(state: str) -> str:
    """The glyph of a state or level."""
    return ICONS.get(state, "·")


def money(value: Decimal | str | None) -> str:
    """``1,234.50``; a dash for nothing, the text itself when it is no number."""
    if value is None or value == "":
        return DASH
    try:
        return f"{Decimal(value):,.2f}"
    except InvalidOperation:
        return str(value)


def day(value: date | None) -> str:
    """``2026-11-24``."""
    return value.isoformat() if value else DASH


def moment(value: datetime | None) -> str:
    """``2026-11-24 16:05`` by the clock of China."""
    return value.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M") if value else DASH


def clock(value: datetime | None) -> str:
    """``16:05:09`` by the clock of China."""
    return value.astimezone(BEIJING).strftime("%H:%M:%S") if value else DASH


def days_since(value: date, now: datetime) -> int:
    """Whole days in China from a day to a moment; never negative."""
    return max(0, (day_of(now) - value).days)


def until(value: datetime, now: datetime) -> tuple[str, int]:
    """How long to wait, in words: a key of ``until.…`` with its number of minutes, hours or days, rounded up."""
    seconds = (value - now).total_seconds()
    if seconds <= 0:
        return "until.now", 0
    for key, unit, least in (("until.minutes", 60, 3600), ("until.hours", 3600, 86400)):
        if seconds <= least:
            return key, math.ceil(seconds / unit)
    return "until.days", math.ceil(seconds / 86400)


def size(value: int) -> str:
    """``1.4 MB``."""
    if value < KIB:
        return f"{value} B"
    if value < KIB * KIB:
        return f"{value / KIB:.0f} KB"
    return f"{value / KIB / KIB:.1f} MB"


def millis(seconds: float) -> str:
    """``24 ms``, ``1.4 s``."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def digits(value: str | None) -> str:
    """A long number in groups of four, as people read it; what is shorter than nine stays whole."""
    if not value:
        return DASH
    if not value.isdigit() or len(value) <= 8:
        return value
    return " ".join(value[i : i + 4] for i in range(0, len(value), 4))


def field_value(name: FieldName, value: str | None) -> str:
    """A field's value as its page shows it."""
    if value is None or value == "":
        return DASH
    return money(value) if name in MONEY else as_written(name, value)


def as_written(name: FieldName, value: str) -> str:
    """A value as people write it: the key of a blue invoice (``D:…``, ``T:…:…``) as code and number."""
    return " ".join(value.split(":")[1:]) if name is FieldName.RED_OF and ":" in value else value


def ordered(names: Iterable[FieldName]) -> list[FieldName]:
    """Fields in the order of the paper: numbers, people, money, the rest."""
    place = {name: index for index, name in enumerate(FIELD_ORDER)}
    return sorted(names, key=lambda name: place[name])


def box(value: Box | None) -> str:
    """A box as the four numbers of a ``data-box`` attribute: x, y, width, height in thousandths of the page."""
    if value is None:
        return ""
    return " ".join(
        f"{part * 1000:.1f}"
        for part in (value.x0, value.y0, max(0.0, value.x1 - value.x0), max(0.0, value.y1 - value.y0))
    )
