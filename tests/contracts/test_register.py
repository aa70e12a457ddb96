"""The port Register: the one over SQL answers as a plain scan over rows in memory does."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from intake.db import register_imports, register_refusals, register_rows, write
from intake.model import RefusedRow, RegisterRow, RegisterStatus, SourceState
from intake.ports import Register
from intake.register.lookup import SqlRegister
from ocr.rules.keys import alias_of, one_edit
from ocr.types import Kind

SELLER = "91110108MAEY9WLP8G"
WHOLE = "26112000000048542163"


def row(number: str, code: str = "", total: str = "106.00", day: date = date(2026, 7, 24)) -> RegisterRow:
    return RegisterRow(
        key=f"T:{code}:{number}" if code else f"D:{number}",
        code=code,
        number=number,
        date=day,
        net=Decimal("100.00"),
        tax=Decimal("6.00"),
        total=Decimal(total),
        seller_tax_id=SELLER,
        seller_name="北京示例文具有限公司",
        buyer_tax_id="",
        buyer_name="",
        kind=Kind.VAT_SPECIAL_PAPER if code else Kind.DIG_NORMAL,
        status=RegisterStatus.NORMAL,
        source="tax-bureau",
    )


ROWS = (
    row(WHOLE),
    row("26112000000048542168"),  # 3 ↔ 8
    row("26112000000048542613", total="5.00"),  # a transposition
    row("26112000000048542269"),  # two away
    row("26112000000048542164", day=date(2026, 7, 28)),  # the next of the seller
    row("00985283", "1100153130"),
    row("00985284", "1100153130"),
    row("00985283", "1100153180"),  # another batch
    row("00985283", "3100153130"),
    row("10556199", "011002300611"),
    replace(row("26112000000048549999"), code="011002300104", kind=Kind.DIG_PAPER_NORMAL),
)
PRINTED = {"D:26112000000048549999": "12345678"}  # what stands on the form of a 数电纸质 invoice


def second_key(one: RegisterRow) -> str | None:
    return alias_of(one.kind, one.code, one.number, printed=PRINTED.get(one.key))


class MemoryRegister:
    """Rows in memory, scanned."""

    def __init__(self, rows: Sequence[RegisterRow]) -> None:
        self.rows = rows

    def by_key(self, key: str) -> RegisterRow | None:
        return next((one for one in self.rows if key in {one.key, second_key(one)}), None)

    def near(self, code: str, number: str) -> Sequence[RegisterRow]:
        return [one for one in self.rows if one_edit(f"{code}:{number}", f"{one.code}:{one.number}")]

    def by_number(self, number: str) -> Sequence[RegisterRow]:
        return [one for one in self.rows if one.number == number]

    def by_value(self, seller_tax_id: str, total: Decimal, day: date, span: int) -> Sequence[RegisterRow]:
        return [
            one
            for one in self.rows
            if one.seller_tax_id == seller_tax_id
            and total in {one.total, one.net}
            and one.date is not None
            and abs(one.date - day) <= timedelta(days=span)
        ]

    def refused(self, number: str) -> Sequence[RefusedRow]:
        del number
        return ()

    def sources(self) -> Sequence[SourceState]:
        return ()


def in_memory(_engine: sa.Engine) -> Register:
    return MemoryRegister(ROWS)


def over_sql(engine: sa.Engine) -> Register:
    return store(engine, ROWS)


def store(engine: sa.Engine, rows: Sequence[RegisterRow]) -> Register:
    with write(engine) as conn:
        for one in rows:
            conn.execute(
                sa.insert(register_rows).values(
                    key=one.key,
                    alias=second_key(one),
                    code=one.code,
                    number=one.number,
                    date=one.date,
                    net=one.net,
                    tax=one.tax,
                    total=one.total,
                    seller_tax_id=one.seller_tax_id,
                    seller_name=one.seller_name,
                    kind=one.kind.value,
                    status=one.status.value,
                    source=one.source,
                    raw={},
                )
            )
    return SqlRegister(engine)


@pytest.fixture(params=[in_memory, over_sql])
def register(request: pytest.FixtureRequest, engine: sa.Engine) -> Register:
    made: Callable[[sa.Engine], Register] = request.param
    return made(engine)


def keys(rows: Sequence[RegisterRow]) -> set[str]:
    return {one.key for one in rows}


def test_a_row_is_found_by_key_and_by_its_second_key(register: Register) -> None:
    found = register.by_key(f"D:{WHOLE}")
    assert found is not None
    assert (found.number, found.total, found.date, found.status) == (
        WHOLE, Decimal("106.00"), date(2026, 7, 24), RegisterStatus.NORMAL,
    )  # fmt: skip
    printed = register.by_key("T:011002300104:12345678")
    assert printed is not None
    assert printed.number == "26112000000048549999"
    assert register.by_key("D:1") is None


def test_near_rows_are_one_slip_away_and_never_the_row_itself(register: Register) -> None:
    assert keys(register.near("", WHOLE)) == {
        "D:26112000000048542168",
        "D:26112000000048542613",
        "D:26112000000048542164",
    }
    assert keys(register.near("1100153130", "00985283")) == {
        "T:1100153130:00985284",
        "T:1100153180:00985283",
        "T:3100153130:00985283",
    }


@pytest.mark.parametrize("number", [WHOLE[:5] + WHOLE[6:], WHOLE[:6] + WHOLE[5:], WHOLE[:19], WHOLE[1:], WHOLE + "3"])
def test_a_lost_or_doubled_digit_is_near(register: Register, number: str) -> None:
    assert f"D:{WHOLE}" in keys(register.near("", number))


def test_nothing_is_near_to_nothing(register: Register) -> None:
    assert list(register.near("", "")) == []
    assert list(register.near("", "INV-7")) == []


def test_rows_are_found_by_number_whatever_the_code(register: Register) -> None:
    assert len(register.by_number("00985283")) == 3
    assert register.by_number("985283") == []


def test_rows_are_found_by_seller_amount_and_day(register: Register) -> None:
    near_the_day = register.by_value(SELLER, Decimal("106.00"), date(2026, 7, 25), 3)
    assert "D:26112000000048542164" in keys(near_the_day)
    assert "D:26112000000048542613" not in keys(near_the_day)
    assert "D:26112000000048542164" not in keys(register.by_value(SELLER, Decimal("106.00"), date(2026, 7, 24), 3))
    assert len(register.by_value(SELLER, Decimal("100.00"), date(2026, 7, 24), 3)) == 10  # by net
    assert register.by_value("", Decimal("106.00"), date(2026, 7, 24), 3) == []


def test_at_most_twenty_rows_come_back(engine: sa.Engine) -> None:
    register = over_sql(engine)
    with write(engine) as conn:
        many = [
            {"key": f"T:{1100153000 + index}:77777777", "code": str(1100153000 + index), "number": "77777777", "kind": "unknown", "status": "normal",
             "source": "s", "raw": {}, "seller_tax_id": "x", "total": Decimal(1), "date": date(2026, 1, 1)}
            for index in range(30)
        ]  # fmt: skip
        conn.execute(sa.insert(register_rows), many)
    assert len(register.by_number("77777777")) == 20
    assert len(register.by_value("x", Decimal(1), date(2026, 1, 1), 0)) == 20
    assert len(register.near("1100153005", "77777777")) <= 20


def test_a_register_that_was_never_filled_has_no_sources(engine: sa.Engine) -> None:
    assert SqlRegister(engine).sources() == []
    assert SqlRegister(engine).by_key("D:1") is None


def test_moments_come_back_with_their_zone(engine: sa.Engine) -> None:
    over_sql(engine)
    moment = datetime.fromisoformat("2026-11-24T09:00:00+08:00")
    with write(engine) as conn:
        conn.execute(sa.update(register_rows).values(status_at=moment))
    found = SqlRegister(engine).by_key(f"D:{WHOLE}")
    assert found is not None
    assert found.status_at == moment


def test_a_refused_row_is_found_by_its_number_and_by_what_excel_left_of_it(engine: sa.Engine) -> None:
    register = SqlRegister(engine)
    moment = datetime.fromisoformat("2026-07-24T09:00:00+08:00")
    with write(engine) as conn:
        for state in ("applied", "rolled_back", "draft"):
            brought = {"source": state, "file_name": "a.csv", "sha256": "0" * 64, "started_at": moment, "state": state}
            number = conn.execute(
                sa.insert(register_imports).values(brought).returning(register_imports.c.id)
            ).scalar_one()
            lines = [
                {"import_id": number, "row": 2, "reason": "other_buyer", "sample": "x", "digits": WHOLE},
                {"import_id": number, "row": 3, "reason": "excel_lost_digits", "sample": "y", "digits": WHOLE[:15]},
                {"import_id": number, "row": 4, "reason": "no_key", "sample": "z", "digits": "00985283"},
            ]
            conn.execute(sa.insert(register_refusals), lines)
    assert [(one.row, one.reason, one.source) for one in register.refused(WHOLE)] == [
        (3, "excel_lost_digits", "applied"),
        (2, "other_buyer", "applied"),
    ]
    assert register.refused(WHOLE)[0].at == moment
    assert [one.row for one in register.refused("00985283")] == [4]
    assert register.refused("00985284") == register.refused("") == []


def test_the_sources_are_those_of_who_knows_more_of_them(engine: sa.Engine) -> None:
    told = SourceState("erp", None, None, None)
    assert SqlRegister(engine, lambda: (told,)).sources() == (told,)


@pytest.mark.parametrize("seed", range(3))
def test_near_rows_are_those_that_a_scan_of_all_rows_finds(engine: sa.Engine, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a repeatable choice
    numbers = {WHOLE[:14] + f"{chance.randrange(10**6):06d}" for _ in range(150)}
    codes = {("".join(chance.choices("0123", k=12)), f"{chance.randrange(300):08d}") for _ in range(150)}
    rows = [row(one) for one in sorted(numbers)] + [row(one, code) for code, one in sorted(codes) if int(one)]
    register = store(engine, rows)
    plain = MemoryRegister(rows)
    for one in chance.sample(rows, 40):
        place = chance.randrange(len(one.number))
        slipped = one.number[:place] + str(chance.randrange(10)) + one.number[place + 1 :]
        expected = keys(plain.near(one.code, slipped)) - {f"T:{one.code}:{slipped}", f"D:{slipped}"}
        assert keys(register.near(one.code, slipped)) == expected
