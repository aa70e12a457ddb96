"""How a row of the register stands beside a paper: which characters differ, and what slip would explain it, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flask import Flask

from intake.model import Agreement, FieldComparison, Slip
from intake.slips import Piece, pieces
from ocr.rules.confusion import confusable
from web import present
from web.language import t

_NAMED: Final = frozenset({Slip.CONFUSED, Slip.OTHER_CHARACTER, Slip.TRANSPOSED})
"""Slips of which the characters are worth naming."""


def install(app: Flask) -> None:
    """Make these functions known to the templates."""
    app.jinja_env.globals.update(differences=differences, slip_said=slip_said)


def differences(line: FieldComparison) -> tuple[Piece, ...]:
    """The two values as the page writes them, cut where they differ; empty where they do not or one is missing."""
    if line.agreement is not Agreement.DIFFERENT or not (line.seen and line.expected):
        return ()
    return pieces(present.field_value(line.name, line.seen), present.field_value(line.name, line.expected))


def slip_said(line: FieldComparison, parts: Sequence[Piece]) -> str:
    """The slip in words, with the characters it is about: ``8 ↔ 3, often confused``."""
    if line.slip is None:
        return ""
    word = t(f"slip.{line.slip.value}")
    off = [part for part in parts if not part.same]
    seen, expected = "".join(part.seen for part in off), "".join(part.expected for part in off)
    named = len(off) == 1 and (line.slip is not Slip.CONFUSED or confusable(seen, expected))
    if line.slip in _NAMED and named:
        return t("page.match.slip", seen=seen, expected=expected, slip=word)
    return word
