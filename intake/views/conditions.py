"""A filter of the list of documents said in SQL over `listing`; free text finds its candidates by grams.

What a text filter must hold is decided by the text itself; grams (`intake/migrations/listing.py`) only say where to look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from string import ascii_lowercase, ascii_uppercase
from typing import Any, Final

import sqlalchemy as sa

from intake.clock import BEIJING
from intake.db import invoices, listing_words
from intake.db.listing import NO_TOTAL, listing
from intake.views.filters import DocumentFilter

MOST: Final = 2000  # rows that are counted and sorted one by one; more are left to the database
_FOLD: Final = str.maketrans(ascii_uppercase, ascii_lowercase)
_LAST: Final = chr(0x10FFFF)
_SELLER: Final = (invoices.c.seller_name, invoices.c.seller_tax_id)
_BUYER: Final = (invoices.c.buyer_name, invoices.c.buyer_tax_id)


@dataclass(frozen=True, slots=True)
class Term:
    """Text to be found in one of the invoice's columns, or with none given anywhere in the row's text."""

    word: str  # folded
    columns: tuple[sa.Column[Any], ...] = ()


def folded(text: str) -> str:
    """Text as it is compared: ASCII letters without case."""
    return text.translate(_FOLD)


def terms_of(wanted: DocumentFilter) -> tuple[Term, ...]:
    """The texts that are looked for; digits that were typed in groups are one number."""
    joined = "".join(wanted.text.split())
    words = [joined] if joined.isascii() and joined.isdigit() else wanted.text.split()
    given = ((wanted.seller, _SELLER), (wanted.buyer, _BUYER), (wanted.party, (*_SELLER, *_BUYER)))
    return (
        *(Term(folded(word)) for word in words),
        *(Term(folded(text), columns) for text, columns in given if text),
    )


def candidates(conn: sa.Connection, terms: Sequence[Term]) -> list[int] | None:
    """The ids of `listing` whose text holds every term, or None when they are more than :data:`MOST`."""
    sqlite = conn.dialect.name == "sqlite"
    asked = " AND ".join(one for term in terms for one in _grams(term.word, sqlite=sqlite))
    query = sa.select(listing_words.c.id).limit(MOST + 1)
    if sqlite:
        grams = sa.table("listing_grams", sa.column("rowid"))
        query = query.select_from(grams.join(listing_words, listing_words.c.id == grams.c.rowid))
        query = query.where(sa.text("listing_grams MATCH :grams").bindparams(grams=asked))
    else:
        found = sa.text("listing_grams(listing_words.text) @@ CAST(:grams AS tsquery)")
        query = query.where(found.bindparams(grams=asked.replace(" AND ", " & ")))
    query = query.where(*(_holds(term, listing_words, sqlite=sqlite) for term in terms))
    ids = list(conn.scalars(query))
    return ids if len(ids) <= MOST else None


def of_document(wanted: DocumentFilter, row: sa.FromClause) -> list[sa.ColumnElement[bool]]:
    """What the document itself must hold, its state left aside."""
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.submitter is not None:
        conditions.append(row.c.submitted_by == wanted.submitter)
    if wanted.parent is not None:
        conditions.append(row.c.parent_id == wanted.parent)
    if wanted.channel is not None:
        conditions.append(row.c.channel == wanted.channel.value)
    if wanted.received_from:
        conditions.append(row.c.received_at >= _midnight(wanted.received_from))
    if wanted.received_to:
        conditions.append(row.c.received_at < _midnight(wanted.received_to + timedelta(days=1)))
    return conditions


def of_invoice(wanted: DocumentFilter, row: sa.FromClause) -> list[sa.ColumnElement[bool]]:
    """What one invoice of it must hold, texts left aside."""
    conditions: list[sa.ColumnElement[bool]] = []
    for column, beginning in ((row.c.number, wanted.number), (row.c.code, wanted.code)):
        if beginning:
            conditions += [column >= beginning, column < beginning + _LAST]
    for column, value in ((row.c.kind, wanted.kind), (row.c.cause, wanted.cause)):
        if value is not None:
            conditions.append(column == value.value)
    if wanted.region:
        conditions.append(row.c.region == wanted.region)
    if wanted.clerk is not None:
        conditions.append(row.c.clerk == wanted.clerk)
    return [*conditions, *_ranges(wanted, row)]


def _ranges(wanted: DocumentFilter, row: sa.FromClause) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.date_from:
        conditions.append(row.c.day >= _number(wanted.date_from))
    if wanted.date_to:
        conditions += [row.c.day <= _number(wanted.date_to), row.c.day > 0]
    if wanted.total_from is not None:
        conditions.append(row.c.total >= _fen(wanted.total_from))
    if wanted.total_to is not None:
        conditions += [row.c.total <= _fen(wanted.total_to), row.c.total > NO_TOTAL]
    return conditions


def of_text(terms: Sequence[Term], row: sa.FromClause, *, sqlite: bool) -> list[sa.ColumnElement[bool]]:
    """The texts of a row, asked one row after the other."""
    anywhere = [term for term in terms if not term.columns]
    conditions: list[sa.ColumnElement[bool]] = [
        sa.exists().where(invoices.c.id == row.c.invoice_id, _within(term, sqlite=sqlite))
        for term in terms
        if term.columns
    ]
    if anywhere:
        held = (_contains(listing_words.c.text, term.word, sqlite=sqlite) for term in anywhere)
        conditions.append(sa.exists().where(listing_words.c.id == row.c.id, *held))
    return conditions


def _holds(term: Term, words: sa.FromClause, *, sqlite: bool) -> sa.ColumnElement[bool]:
    if not term.columns:
        return _contains(words.c.text, term.word, sqlite=sqlite)
    of_it = sa.and_(listing.c.id == words.c.id, invoices.c.id == listing.c.invoice_id)
    return sa.exists().where(of_it, _within(term, sqlite=sqlite))


def _within(term: Term, *, sqlite: bool) -> sa.ColumnElement[bool]:
    return sa.or_(*(_contains(_lower(column, sqlite=sqlite), term.word, sqlite=sqlite) for column in term.columns))


def _lower(column: sa.ColumnElement[str], *, sqlite: bool) -> sa.ColumnElement[str]:
    return sa.func.lower(column if sqlite else sa.collate(column, "C"))


def _contains(text: sa.ColumnElement[str], word: str, *, sqlite: bool) -> sa.ColumnElement[bool]:
    return (sa.func.instr(text, word) if sqlite else sa.func.strpos(text, word)) > 0


def _grams(word: str, *, sqlite: bool) -> list[str]:
    """The grams that a text with this word has; the last one may go on, and is asked by its beginning."""
    asked = []
    for place, char in enumerate(word):
        length = 4 if char.isascii() else 2
        gram = _hex(word[place : place + length])
        if place + length <= len(word):
            asked.append(f'"{gram}"' if sqlite else f"'{gram}'")
        elif not asked or not word[place - 1].isascii():
            asked.append(f'"{gram}"*' if sqlite else f"'{gram}':*")
    return asked


def _hex(gram: str) -> str:
    return gram.encode().hex()


def _number(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day


def _fen(yuan: Decimal) -> int:
    return int(yuan * 100)


def _midnight(day: date) -> datetime:
    """The first moment of a day in China."""
    return datetime.combine(day, time(), BEIJING).astimezone(UTC)
