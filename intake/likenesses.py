"""Pictures that look like another's, found by bands of their perceptual hashes (domain.md §9.5.2).

A hash of 64 bits is kept in four bands of 16: two that differ in at most three bits share a band, so an index finds them.
That two papers look alike proves nothing by itself – forms are alike by nature – and is asked only with what else they say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import sqlalchemy as sa

from intake.db import invoices, likenesses, renditions
from intake.model import Likeness
from ocr.types import PageInfo

NEAR: Final = 3  # differing bits of 64; docs/adr/0013 says how often that is wrong
BANDS: Final = 4
WIDTH: Final = 16
MOST_SEEN: Final = 4000  # pictures of one band that are compared, the latest first
MOST: Final = 3
BLANK: Final = "0" * 16


def keep(conn: sa.Connection, document_id: int, pages: Iterable[PageInfo]) -> None:
    """Write down what the pictures of a document look like; an empty page looks like nothing."""
    for page in pages:
        if page.likeness and page.likeness != BLANK:
            values = {"document_id": document_id, "page": page.index, "hash": page.likeness}
            bands = {f"band{place}": band for place, band in enumerate(_bands(page.likeness))}
            conn.execute(sa.insert(likenesses).values(**values, **bands))


def alike(conn: sa.Connection, pictures: Sequence[str], key: str | None) -> list[Likeness]:
    """Invoices under other keys whose pictures differ from one of these in at most three bits; at most three."""
    found: dict[int, Likeness] = {}
    for picture in pictures:
        if picture != BLANK:
            for one in _near(conn, picture, key):
                known = found.get(one.invoice_id)
                if known is None or one.distance < known.distance:
                    found[one.invoice_id] = one
    return sorted(found.values(), key=lambda one: (one.distance, one.invoice_id))[:MOST]


def _near(conn: sa.Connection, picture: str, key: str | None) -> Iterable[Likeness]:
    shares = sa.or_(*(likenesses.c[f"band{place}"] == band for place, band in enumerate(_bands(picture))))
    query = (
        sa.select(
            likenesses.c.hash,
            likenesses.c.page,
            likenesses.c.document_id,
            renditions.c.pages,
            invoices.c.id,
            invoices.c.key,
            invoices.c.date,
            invoices.c.total,
        )
        .select_from(
            likenesses.join(renditions, renditions.c.document_id == likenesses.c.document_id).join(
                invoices, invoices.c.id == renditions.c.invoice_id
            )
        )
        .where(shares, renditions.c.region.is_(None), invoices.c.key.is_not(None))
        .order_by(likenesses.c.document_id.desc())
        .limit(MOST_SEEN)
    )
    if key is not None:
        query = query.where(invoices.c.key != key)
    for row in conn.execute(query):
        distance = (int(row.hash, 16) ^ int(picture, 16)).bit_count()
        if distance <= NEAR and row.page in row.pages:
            yield Likeness(row.key, row.id, row.document_id, distance, row.date, row.total)


def _bands(picture: str) -> list[int]:
    whole = int(picture, 16)
    return [whole >> (WIDTH * place) & (2**WIDTH - 1) for place in range(BANDS)]
