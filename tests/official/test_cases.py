from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from PIL import Image

from intake.db import pages, renditions, tasks, write
from intake.errors import EntryIncompleteError, ForbiddenError, NotFoundError, TaskStateError
from intake.model import Actor, FusedField, Role
from intake.official import cases
from intake.official.bundle import LEFT_OUT, LETTER, bundle, covered
from intake.official.masking import Cover
from intake.official.walk import Addressee, CaseState
from ocr.types import Box, FieldName, FieldValue, Source
from tests.intake.waiting import seen
from tests.official.desk import CONSISTENT, PAPER, Bureau

F = FieldName


@pytest.fixture
def bureau(engine: sa.Engine, tmp_path: Path) -> Bureau:
    return Bureau(engine, tmp_path)


def opened(bureau: Bureau, invoice: int, to: Addressee = Addressee.SELLER, body: str = "情况说明\n") -> int:
    return cases.open_case(bureau.engine, bureau.clerk, invoice, to, body, clock=bureau.clock)


def test_a_case_has_an_owner_a_day_and_an_end(bureau: Bureau) -> None:
    invoice = bureau.paper()
    case = opened(bureau, invoice)
    found = cases.find_case(bureau.engine, case)
    assert (found.owner_name, found.state, found.number) == ("clerk", CaseState.OPEN, PAPER[F.NUMBER])
    cases.take_case(bureau.engine, bureau.colleague, case, clock=bureau.clock)
    cases.answer_case(bureau.engine, bureau.colleague, case, " 已重开 ", clock=bureau.clock)
    found = cases.find_case(bureau.engine, case)
    assert (found.owner_name, found.state, found.answer) == ("colleague", CaseState.ANSWERED, "已重开")
    cases.close_case(bureau.engine, bureau.clerk, case, clock=bureau.clock)
    with pytest.raises(TaskStateError):
        cases.answer_case(bureau.engine, bureau.clerk, case, "doch", clock=bureau.clock)
    assert [act for act in bureau.acts(invoice) if act.startswith("case_")] == [
        "case_opened",
        "case_taken",
        "case_answered",
        "case_closed",
    ]


def test_a_double_click_opens_one_case_and_another_addressee_another(bureau: Bureau) -> None:
    invoice = bureau.paper()
    first = opened(bureau, invoice)
    assert opened(bureau, invoice) == first
    assert opened(bureau, invoice, Addressee.TAX_BUREAU) != first
    cases.close_case(bureau.engine, bureau.clerk, first, clock=bureau.clock)
    assert opened(bureau, invoice) != first


def test_lists_show_what_is_due_first(bureau: Bureau) -> None:
    invoice = bureau.paper()
    late = opened(bureau, invoice, Addressee.TAX_BUREAU)
    soon = opened(bureau, invoice, Addressee.ERP)
    cases.answer_case(bureau.engine, bureau.clerk, late, "ok", clock=bureau.clock)
    assert [one.id for one in cases.list_cases(bureau.engine)] == [soon, late]
    assert [one.id for one in cases.list_cases(bureau.engine, CaseState.OPEN)] == [soon]


@pytest.mark.parametrize(
    ("to", "now", "expected"),
    [
        (Addressee.ERP, datetime(2026, 11, 24, 4, tzinfo=UTC), datetime(2026, 11, 25, 10, tzinfo=UTC)),
        (Addressee.ERP, datetime(2026, 11, 27, 4, tzinfo=UTC), datetime(2026, 11, 30, 10, tzinfo=UTC)),  # over Sunday
        (Addressee.TAX_BUREAU, datetime(2026, 11, 24, 4, tzinfo=UTC), datetime(2026, 12, 1, 10, tzinfo=UTC)),
        (
            Addressee.ERP,
            datetime(2026, 11, 24, 17, tzinfo=UTC),
            datetime(2026, 11, 26, 10, tzinfo=UTC),
        ),  # the 25th there
    ],
)
def test_an_answer_is_due_in_the_evening_of_a_weekday(to: Addressee, now: datetime, expected: datetime) -> None:
    assert cases.due_at(to, now) == expected


def test_what_is_empty_unknown_or_forbidden_opens_nothing(bureau: Bureau) -> None:
    invoice = bureau.paper()
    with pytest.raises(EntryIncompleteError):
        opened(bureau, invoice, body=" \n")
    with pytest.raises(NotFoundError):
        opened(bureau, 999)
    with pytest.raises(NotFoundError):
        cases.find_case(bureau.engine, 999)
    with pytest.raises(NotFoundError):
        cases.close_case(bureau.engine, bureau.clerk, 999, clock=bureau.clock)
    with pytest.raises(EntryIncompleteError):
        cases.answer_case(bureau.engine, bureau.clerk, opened(bureau, invoice), "", clock=bureau.clock)
    auditor = Actor(bureau.clerk.id, "auditor", Role.AUDITOR)
    with pytest.raises(ForbiddenError):
        cases.open_case(bureau.engine, auditor, invoice, Addressee.SELLER, "x", clock=bureau.clock)


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "white").save(out, "JPEG")
    return out.getvalue()


def test_a_bundle_holds_letter_paper_and_official_page(bureau: Bureau) -> None:
    invoice = bureau.paper()
    bureau.say(invoice, CONSISTENT)
    with write(bureau.engine) as conn:
        document = conn.execute(
            sa.select(renditions.c.document_id).where(renditions.c.invoice_id == invoice)
        ).scalar_one()
        conn.execute(
            sa.insert(pages).values(
                document_id=document, page=0, width=400, height=300, preview=bureau.files.put(jpeg())
            )
        )
    case = opened(bureau, invoice, body="一、\n二、\n")
    with zipfile.ZipFile(io.BytesIO(bundle(bureau.engine, bureau.files, case))) as archive:
        assert archive.namelist()[:2] == [LETTER, "票面-1.jpg"]
        assert archive.namelist()[2].startswith("查验-")
        assert archive.read(LETTER).decode("utf-8-sig") == "一、\r\n二、\r\n"
        assert archive.read("票面-1.jpg") == jpeg()


def test_the_places_of_people_are_black_and_nothing_else() -> None:
    hidden = [Cover(0, Box(0.25, 0.5, 0.5, 0.75)), Cover(1, Box(0, 0, 1, 1))]
    with Image.open(io.BytesIO(covered(jpeg(), hidden, 0))) as image:
        assert max(image.getpixel((150, 190))) < 20  # type: ignore[arg-type]  # an RGB picture gives a tuple
        assert min(image.getpixel((20, 20))) > 235  # type: ignore[arg-type]
    assert covered(jpeg(), hidden, 2) == jpeg()


def test_a_picture_that_cannot_be_covered_stays_in_the_house_and_that_is_said(bureau: Bureau) -> None:
    seen_at = FieldValue(F.TRAVELLER, "张示例", 0.9, Source.OCR, 0, Box(0.1, 0.1, 0.2, 0.2), "张示例")
    plain = seen(PAPER)
    fields = {**plain.fields, F.TRAVELLER: FusedField(F.TRAVELLER, "张示例", frozenset(), (seen_at,))}
    (task,) = bureau.wait(replace(plain, fields=fields))
    invoice = bureau.one(tasks, tasks.c.id == task).invoice_id
    broken = bureau.files.put(b"\xff\xd8\xff\xe0 cut off")
    with write(bureau.engine) as conn:
        document = conn.execute(
            sa.select(renditions.c.document_id).where(renditions.c.invoice_id == invoice)
        ).scalar_one()
        conn.execute(sa.insert(pages).values(document_id=document, page=0, width=1, height=1, preview=broken))
    with zipfile.ZipFile(io.BytesIO(bundle(bureau.engine, bureau.files, opened(bureau, invoice)))) as archive:
        assert archive.namelist() == [LETTER, f"票面-1{LEFT_OUT}.txt"]
