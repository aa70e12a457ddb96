"""What goes with a letter to support: the letter, the paper's picture with people's data covered, official pages."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa
from PIL import Image, ImageDraw

from intake.codec import decode, decode_as
from intake.db import invoices, pages, read, renditions, verifications
from intake.errors import NotFoundError
from intake.model import Invoice
from intake.official.cases import find_case
from intake.official.masking import Cover, covers
from intake.ports import Files

LETTER: Final = "说明.txt"
LEFT_OUT: Final = "（无法遮盖个人信息，未附）"
MOST_PAGES: Final = 10
_QUALITY: Final = 88
_BOM: Final = "\ufeff"  # by which the editor of an old Windows knows that the text is UTF-8


def bundle(engine: sa.Engine, files: Files, case_id: int) -> bytes:
    """A ZIP of a case: the letter, pages of the first file that brought the invoice (at most ten, names and numbers of
    people covered with black), and the official pages that were kept. Raises NotFoundError.
    """
    case = find_case(engine, case_id)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(LETTER, _BOM + case.body.replace("\n", "\r\n"))
        if case.invoice_id is not None:
            for name, data in _pictures(engine, files, case.invoice_id):
                archive.writestr(name, data)
    return out.getvalue()


def _pictures(engine: sa.Engine, files: Files, invoice_id: int) -> Iterable[tuple[str, bytes]]:
    with read(engine) as conn:
        fields = conn.execute(sa.select(invoices.c.fields).where(invoices.c.id == invoice_id)).scalar_one_or_none()
        if fields is None:
            raise NotFoundError(f"invoice {invoice_id}")
        first = conn.execute(
            sa.select(renditions.c.document_id, renditions.c.pages)
            .where(renditions.c.invoice_id == invoice_id)
            .order_by(renditions.c.id)
            .limit(1)
        ).one_or_none()
        shown = decode_as(tuple[int, ...], first.pages) if first else ()
        drawn = conn.execute(
            sa.select(pages.c.page, pages.c.preview)
            .where(pages.c.document_id == (first.document_id if first else 0), pages.c.page.in_(shown[:MOST_PAGES]))
            .order_by(pages.c.page)
        ).all()
        asked = conn.execute(
            sa.select(verifications.c.id, verifications.c.picture)
            .where(verifications.c.invoice_id == invoice_id, verifications.c.picture.is_not(None))
            .order_by(verifications.c.id)
        ).all()
    hidden = covers(decode(Invoice, fields))
    for row in drawn:
        if row.preview is None:
            continue
        try:
            yield f"票面-{row.page + 1}.jpg", covered(files.get(row.preview), hidden, row.page)
        except OSError:  # a picture that cannot be opened cannot be covered: it stays in the house, and that is said
            yield f"票面-{row.page + 1}{LEFT_OUT}.txt", b""
    for row in asked:
        yield f"查验-{row.id}.jpg", files.get(row.picture)


def covered(picture: bytes, hidden: Iterable[Cover], page: int) -> bytes:
    """A page's picture (our own JPEG) with places covered; the same bytes when there is nothing to cover."""
    boxes = [one.box for one in hidden if one.page == page]
    if not boxes:
        return picture
    with Image.open(io.BytesIO(picture), formats=("JPEG",)) as image:
        plain = image.convert("RGB")
    draw = ImageDraw.Draw(plain)
    for box in boxes:
        margin = 0.1 * (box.y1 - box.y0) * plain.height
        draw.rectangle(
            (
                box.x0 * plain.width - margin,
                box.y0 * plain.height - margin,
                box.x1 * plain.width + margin,
                box.y1 * plain.height + margin,
            ),
            fill="black",
        )
    out = io.BytesIO()
    plain.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
