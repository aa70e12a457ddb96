"""How many people an entry needs, by its risk (domain.md §10.2). Pure.

An entry whose code and register row agree with it stands by itself; one that a code or its small amount makes safe is
confirmed against the picture by a second person; all others are keyed a second time without sight of the first values.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum, unique
from typing import Final

from intake.model import Cause, Doubt, Finding, Invoice, Level, Proof
from intake.review import critical
from ocr.types import FieldName, Kind


@unique
class Control(StrEnum):
    """What must follow on a first entry."""

    NONE = "none"  # it goes on file
    APPROVAL = "approval"  # a second person confirms it against the picture
    BLIND = "blind"  # a second person keys the critical fields without sight of it; differences go to a third


@unique
class Ground(StrEnum):
    """Why that control is asked for; kept in `tasks.blind` from the first entry on."""

    REGISTER = "register"  # (a) code and register row agree with the entry
    CODE = "code"  # (b) the code agrees, the register does not know the invoice or a person must judge the cause
    SMALL = "small"  # (c) no code, a total below the threshold
    LARGE = "large"  # (d) no code and a total from the threshold on
    CHECK_FAILED = "check_failed"  # (d) a check of the keyed values fails
    DOUBTFUL_KEY = "doubtful_key"  # (d) the evidence of number, date, amount or seller contradicts itself or the entry
    ILLEGIBLE = "illegible"  # (d) a field could not be read
    SAMPLED = "sampled"  # (d) drawn by lot


@dataclass(frozen=True, slots=True)
class Policy:
    """`threshold`: yuan from which an entry without a code is keyed twice. `rate` (0 to 1): the share of the entries for
    which approval would do that are keyed twice all the same.
    """

    threshold: Decimal
    rate: float


@dataclass(frozen=True, slots=True)
class FirstEntry:
    """An entry in the spelling of :mod:`ocr.normalise` beside what was read; `in_register`: an imported row agrees."""

    seen: Invoice
    kind: Kind
    values: Mapping[FieldName, str]
    illegible: Collection[FieldName]
    findings: tuple[Finding, ...]
    cause: Cause
    in_register: bool


_CONTROL: Final[Mapping[Ground, Control]] = {
    Ground.REGISTER: Control.NONE,
    Ground.CODE: Control.APPROVAL,
    Ground.SMALL: Control.APPROVAL,
}
_KEY: Final = (FieldName.CODE, FieldName.NUMBER, FieldName.SERIAL)
_EXACT: Final = frozenset({Proof.QR_CRC, Proof.STRUCTURED})
_CONTRADICTORY: Final = frozenset({Doubt.SOURCES_DISAGREE, Doubt.CHECK_FAILS})
_DOUBTFUL: Final = frozenset({Cause.QR_OCR_CONFLICT, Cause.SUSPECTED_FORGERY_OR_ALTERATION})
# What neither code nor register settles: whether the paper is ours, whether it still counts, whether it is there already.
_JUDGED: Final = frozenset(
    {
        Cause.NOT_AN_INVOICE,
        Cause.DUPLICATE,
        Cause.WRONG_TITLE,
        Cause.OTHER_ENTITY_REGISTER,
        Cause.VOID_OR_RED,
        Cause.PAGES_MISSING,
    }
)


def control_of(ground: str) -> Control:
    """What a ground asks for; an entry of which nobody has said a ground (empty) is keyed twice."""
    return _CONTROL.get(Ground(ground), Control.BLIND) if ground else Control.BLIND


def assess(entry: FirstEntry, policy: Policy, draw: float) -> Ground:
    """The ground of the control that follows on an entry; `draw` is drawn evenly from 0 up to 1."""
    doubt = _doubt(entry)
    if doubt is not None:
        return doubt
    coded = is_coded(entry.seen, entry.values)
    if coded and entry.in_register and entry.cause not in _JUDGED:
        return Ground.REGISTER
    if not coded and abs(Decimal(entry.values.get(FieldName.TOTAL, "Infinity"))) >= policy.threshold:
        return Ground.LARGE
    if draw < policy.rate:
        return Ground.SAMPLED
    return Ground.CODE if coded else Ground.SMALL


def _doubt(entry: FirstEntry) -> Ground | None:
    """What of the entry itself asks for a second keying."""
    if entry.illegible:
        return Ground.ILLEGIBLE
    if any(one.level is Level.ERROR for one in entry.findings):
        return Ground.CHECK_FAILED
    if entry.cause in _DOUBTFUL or _contradicted(entry):
        return Ground.DOUBTFUL_KEY
    return None


def is_coded(seen: Invoice, values: Mapping[FieldName, str]) -> bool:
    """Whether a code whose CRC fits, or the issuer's own data, says each part of the key as it was keyed."""
    keyed = [name for name in _KEY if name in values]
    return bool(keyed) and all(
        name in seen.fields and seen.fields[name].value == values[name] and seen.fields[name].proof & _EXACT
        for name in keyed
    )


def _contradicted(entry: FirstEntry) -> bool:
    """Whether a critical field was keyed against a proven value, or the readings of the key contradict each other."""
    for name in critical(entry.kind):
        read = entry.seen.fields.get(name)
        if read is None:
            continue
        if read.proven and read.value != entry.values.get(name):
            return True
        if name in _KEY and read.doubt in _CONTRADICTORY:
            return True
    return False
