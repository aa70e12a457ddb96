"""Whether the paper was read and typed rightly: nodes 4 and 5 (domain.md §9.3, §9.4).

What can only be a misreading is told from what no misreading explains: a check that fails on proven values, an amount
that contradicts the register's under a proven number, a code that contradicts an exact face. Those are for node 12.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from intake.diagnosis.case import BAD, NEVER_IN_REGISTER, Case, answered, expected, failed, proposed
from intake.model import (
    Cause,
    Diagnosis,
    Evidence,
    Finding,
    Invoice,
    Level,
    MatchLevel,
    NextStep,
    OfficialOutcome,
    Proof,
    Role,
)
from ocr.types import CrcState, FieldName, Kind, Source

F = FieldName
_SIGNS_OF_MISREADING: Final = frozenset(
    {"tax_id_check", "tax_id_shape", "region_of_seller", "number_region_unknown", "code_region"}
)
"""Warnings that mean a misreading where a value that they name is not proven."""
IMPOSSIBLE: Final = frozenset({"number_year", "code_year", "number_region_unknown", "code_region", "code_kind"})
"""What no genuine invoice has (§9.4, node 12); on proven values no misreading either."""
_HELD_AGAINST: Final = frozenset({Level.WARNING, Level.ERROR})
_DATA: Final = frozenset({Source.XML, Source.OFD_DATA, Source.XBRL})
_LAYERS: Final = frozenset({Source.PDF_TEXT, Source.OFD_TEXT})
_TRUST: Final = frozenset({Proof.TWO_PEOPLE, Proof.STRUCTURED})


def transcription_error(case: Case) -> Diagnosis | None:
    """Node 4: a check fails, the row under the key says something else, a row is a slip away, a picture on file bears
    another number, an official place knows no such values, or the number was not read at all.
    """
    found = (*_misread(case), *_row(case), *map(proposed, case.near()), *_unproven(case))
    if not found:
        return None
    return Diagnosis(Cause.TRANSCRIPTION_ERROR, found, NextStep.CORRECT_FROM_IMAGE, Role.CLERK)


def qr_ocr_conflict(case: Case) -> Diagnosis | None:
    """Node 5: an intact code says something else than the face as it was read. An exact face is no misreading (node 12)."""
    conflicts = conflicts_with_code(case)
    if not conflicts or (altered_face(case) and not case.confirmed()):
        return None
    evidence = tuple(map(says, conflicts))
    seen = (value for one in conflicts for value in case.invoice.fields[one.fields[0]].sightings)
    digital = any(value.source in _DATA | _LAYERS for value in seen)
    return Diagnosis(
        Cause.QR_OCR_CONFLICT, evidence, NextStep.USE_QR_VALUES, Role.SUPERVISOR if digital else Role.CLERK
    )


def matched_unproven(case: Case) -> Diagnosis | None:
    """A row agrees in everything, but so does its neighbour: a person confirms the number."""
    same = case.same_key()
    if same is None:
        return None
    return Diagnosis(Cause.TRANSCRIPTION_ERROR, (proposed(same),), NextStep.CORRECT_FROM_IMAGE, Role.CLERK)


def conflicts_with_code(case: Case) -> tuple[Finding, ...]:
    """Where the face differs from a code whose CRC fits."""
    intact = any(code.crc is CrcState.OK for code in case.invoice.codes)
    return tuple(one for one in case.findings if intact and one.code == "qr_face" and one.level is Level.ERROR)


def altered_face(case: Case) -> tuple[Finding, ...]:
    """Those of them in which the face was seen exactly, so that the paper itself differs from its code."""
    return tuple(one for one in conflicts_with_code(case) if _exact(case.invoice, one.fields[0], one.params["face"]))


def impossible(case: Case) -> tuple[Finding, ...]:
    """Failed checks of node 12 whose values are all proven; 大写 ≠ 小写 where both were seen exactly."""
    return tuple(one for one in case.findings if one.level in _HELD_AGAINST and _no_misreading(case.invoice, one))


def says(conflict: Finding) -> Evidence:
    """What the code says and what the face was read as."""
    return Evidence("qr_says", {"field": conflict.fields[0], **conflict.params})


def _misread(case: Case) -> Iterator[Evidence]:
    certain = () if case.confirmed() else impossible(case)
    yield from failed(one for one in case.findings if one not in certain and _means_misreading(case.invoice, one))


def _means_misreading(invoice: Invoice, finding: Finding) -> bool:
    if finding.level is Level.ERROR:
        return finding.code != "qr_face"
    doubtful = any(not invoice.proven(name) for name in finding.fields)
    return finding.level is Level.WARNING and finding.code in _SIGNS_OF_MISREADING and doubtful


def _no_misreading(invoice: Invoice, finding: Finding) -> bool:
    if finding.code == "words":
        return all(_exact(invoice, name, invoice.value(name)) for name in finding.fields)
    return finding.code in IMPOSSIBLE and all(invoice.proven(name) for name in finding.fields)


def _exact(invoice: Invoice, name: FieldName, value: str | None) -> bool:
    """Whether a value of the face was seen beyond misreading: in data, by two people, or in a text layer that a second,
    unlike sighting bears out.
    """
    seen = invoice.fields.get(name)
    if seen is None or value is None:
        return False
    sources = {one.source for one in seen.sightings if one.value == value and one.source is not Source.QR}
    if seen.value == value and seen.proof & _TRUST:
        return True
    return bool(sources & _DATA) or (bool(sources & _LAYERS) and len(sources) > 1)


def _row(case: Case) -> tuple[Evidence, ...]:
    """What the row under the very key says otherwise."""
    same = case.same_key()
    if (
        same is None
        or same.level is MatchLevel.M0
        or same.row.status in BAD
        or (case.contradicted() and not case.confirmed())
    ):
        return ()
    return expected(same)


def _unproven(case: Case) -> Iterator[Evidence]:
    """Nobody knows these values, and they were only read: the picture is looked at before anything is said of the paper."""
    if not case.named():
        if case.kind is not Kind.UNKNOWN and case.kind not in NEVER_IN_REGISTER:
            yield Evidence("no_key")
        return
    if case.key_proven() and case.invoice.proven(F.DATE):
        return
    answer = case.answer()
    if answer is not None and answer.outcome is OfficialOutcome.INCONSISTENT:
        yield answered(answer)
        yield Evidence("only_read")
    if not case.key_proven():
        for other in case.around.alike:
            yield Evidence("looks_like", {"key": other.key}, f"invoice:{other.invoice_id}")
