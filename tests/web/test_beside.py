"""What a page says of a row beside a paper: the differing characters are marked and named."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa

from intake.db import register_rows, write
from intake.model import Agreement, FieldComparison, Judgement, Slip
from ocr.types import FieldName
from tests.web.site import VALUES, Site
from web.beside import differences, slip_said

F = FieldName


def line(name: FieldName, seen: str | None, expected: str | None, slip: Slip | None) -> FieldComparison:
    return FieldComparison(name, seen, expected, Agreement.DIFFERENT, 30, Judgement.REGISTER, slip)


@pytest.mark.parametrize(
    ("name", "seen", "expected", "slip", "said"),
    [
        (F.NUMBER, "83089647", "83039647", Slip.CONFUSED, "8 ↔ 3，易混字符"),
        (F.NUMBER, "83089647", "83098647", Slip.TRANSPOSED, "89 ↔ 98，相邻两位颠倒"),
        (F.NUMBER, "83089647", "8308964", Slip.ADDED, "多一位"),
        (F.CODE, "033002000211", "033002000212", Slip.OTHER_CHARACTER, "1 ↔ 2，一位不同"),
        (F.TOTAL, "5260.00", "526.00", Slip.TIMES_TEN, "差十倍"),
        (F.TOTAL, "526.00", "527.00", None, ""),
        (F.SELLER_TAX_ID, "91330106W", "91330106VV", Slip.CONFUSED, "W ↔ VV，易混字符"),
    ],
)
def test_a_slip_is_named_with_its_characters(
    site: Site, name: FieldName, seen: str, expected: str, slip: Slip | None, said: str
) -> None:
    compared = line(name, seen, expected, slip)
    with site.app.test_request_context("/"):
        parts = differences(compared)
        assert "".join(part.seen for part in parts).replace(",", "").endswith(seen)
        assert slip_said(compared, parts) == said


@pytest.mark.parametrize("agreement", [Agreement.SAME, Agreement.MISSING_HERE, Agreement.MISSING_THERE])
def test_only_what_differs_is_cut(site: Site, agreement: Agreement) -> None:
    with site.app.test_request_context("/"):
        assert differences(FieldComparison(F.NUMBER, "1", "2", agreement)) == ()
        assert differences(FieldComparison(F.NUMBER, None, "2", Agreement.DIFFERENT)) == ()


def test_the_page_marks_each_differing_character_of_a_near_row(site: Site) -> None:
    with write(site.intake.engine) as conn:
        conn.execute(
            sa.insert(register_rows).values(
                key="D:26112000000048542168", code="", number="26112000000048542168", date=date(2026, 7, 24), net=Decimal("100.00"),
                tax=Decimal("6.00"), total=Decimal("106.00"), seller_tax_id=VALUES[F.SELLER_TAX_ID], kind="dig_normal",
                status="normal", source="tax-bureau", raw={},
            )
        )  # fmt: skip
    document = site.paper()
    page = site.client("clerk").get(f"/documents/{document}").text
    assert '2611200000004854216<mark class="differs">3</mark>' in page
    assert '2611200000004854216<mark class="differs">8</mark>' in page
    assert "3 ↔ 8，易混字符" in page
    assert "号码只差一处" in page
