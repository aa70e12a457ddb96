"""核销: locked, used and frozen once, after the register was looked at again (domain.md §10.3)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import alarms, audit
from intake.clearance import Block
from intake.db import invoices, read, register_rows, uses, verifications, write
from intake.errors import (
    ForbiddenError,
    NotFoundError,
    ReasonMissingError,
    UseBlockedError,
    UseStateError,
    UseTakenError,
    VoucherMissingError,
)
from intake.hints import Alike, hints
from intake.joining import file_decisions
from intake.model import Actor, Filed, Matched, RegisterStatus, Role, SourceHealth, SourceState
from intake.reversal import reversal
from intake.uses import Uses, UseState
from intake.views.carriers import carriers
from intake.views.uses import counts, list_uses
from ocr.types import FieldName, Kind
from tests.builders import matched
from tests.fakes import EmptyRegister
from tests.intake.waiting import NUMBER, VALUES, Office, seen

F = FieldName
KEY = f"D:{NUMBER}"


class Sources(EmptyRegister):
    """A register whose sources stand as the test says."""

    def __init__(self, *states: SourceState) -> None:
        self.states = states

    def sources(self) -> Sequence[SourceState]:
        return self.states


class Counter:
    """An office with filed invoices and the people who use them."""

    def __init__(self, engine: sa.Engine, folder: Path) -> None:
        self.office = Office(engine, folder)
        self.engine = engine
        self.uses = Uses(engine, self.office.clock, EmptyRegister())
        self.clerk, self.verifier = self.office.clerk, self.office.verifier
        self.supervisor = self.office.supervisor

    def filed(self, kind: Kind = Kind.DIG_NORMAL, by: Actor | None = None, **changed: str) -> int:
        said = {**VALUES, **{F(name): value for name, value in changed.items()}}
        invoice = seen(said, kind)
        key = f"T:{said[F.CODE]}:{said[F.NUMBER]}" if F.CODE in said else f"D:{said[F.NUMBER]}"
        document = self.office.document()
        with write(self.engine) as conn:
            if by is not None:
                conn.execute(
                    sa.text("UPDATE documents SET submitted_by = :by WHERE id = :id"), {"by": by.id, "id": document}
                )
            decision = Filed(invoice, key, (), Matched(matched(key).candidate))
            return file_decisions(conn, document, [decision], self.office.clock())[0].invoice_id

    def register(self, status: RegisterStatus, key: str = KEY) -> None:
        with write(self.engine) as conn:
            conn.execute(sa.delete(register_rows).where(register_rows.c.key == key))
            row: dict[str, object] = {
                "key": key,
                "number": key[2:],
                "kind": "dig_normal",
                "status": status.value,
                "source": "x",
                "raw": {},
            }
            conn.execute(sa.insert(register_rows).values(**row))

    def red(self, total: str, number: str = "26112000000048549999") -> int:
        return self.filed(number=number, total=total, net=total, tax="0.00", red_of=KEY)

    def told(self) -> list[str]:
        with read(self.engine) as conn:
            return [entry.action for entry in audit.entries(conn)]


@pytest.fixture
def counter(engine: sa.Engine, tmp_path: Path) -> Counter:
    return Counter(engine, tmp_path)


def test_an_invoice_is_locked_used_and_frozen(counter: Counter) -> None:
    number = counter.filed()
    counter.register(RegisterStatus.NORMAL)
    locked = counter.uses.lock(counter.clerk, number, " 记-2026-07 \t 12 ")
    assert (locked.state, locked.voucher, locked.amount) == (UseState.LOCKED, "记-2026-07 12", Decimal("106.00"))
    assert locked.register_status == "normal"
    assert counter.uses.use(counter.verifier, number).state is UseState.USED
    assert counter.uses.freeze(counter.supervisor, number).state is UseState.FROZEN
    with pytest.raises(UseStateError):
        counter.uses.release(counter.supervisor, number, "zu spät")
    assert counter.told() == ["use_locked", "use_made", "use_frozen"]
    assert audit.verify(counter.engine) == []


@pytest.mark.parametrize(
    ("act", "who", "error"),
    [
        (lambda c, n: c.uses.use(c.clerk, n), "clerk", ForbiddenError),
        (lambda c, n: c.uses.freeze(c.verifier, n), "verifier", ForbiddenError),
        (lambda c, n: c.uses.lock(replace(c.clerk, role=Role.AUDITOR), n, "1"), "auditor", ForbiddenError),
        (lambda c, n: c.uses.lock(c.clerk, n, "  "), "clerk", VoucherMissingError),
        (lambda c, n: c.uses.lock(c.clerk, n, "9" * 65), "clerk", VoucherMissingError),
        (lambda c, n: c.uses.use(c.verifier, n), "verifier", UseStateError),
        (lambda c, n: c.uses.freeze(c.supervisor, n), "supervisor", UseStateError),
        (lambda c, n: c.uses.release(c.clerk, n), "clerk", UseStateError),
        (lambda c, n: c.uses.lock(c.clerk, n + 99, "1"), "clerk", NotFoundError),
        (lambda c, n: c.uses.answer_alarm(c.supervisor, n, "x"), "supervisor", UseStateError),
    ],
)
def test_each_act_needs_its_role_and_its_state(
    counter: Counter, act: Callable[[Counter, int], object], who: str, error: type[Exception]
) -> None:
    del who
    with pytest.raises(error):
        act(counter, counter.filed())
    assert counter.told() == []


def test_an_own_lock_is_given_back_and_others_need_a_supervisor_with_a_reason(counter: Counter) -> None:
    number = counter.filed()
    counter.uses.lock(counter.clerk, number, "1")
    with pytest.raises(ForbiddenError):
        counter.uses.release(counter.verifier, number, "不是我的")
    counter.uses.release(counter.clerk, number)
    counter.uses.lock(counter.verifier, number, "2")
    with pytest.raises(ReasonMissingError):
        counter.uses.release(counter.supervisor, number)
    counter.uses.release(counter.supervisor, number, "凭证作废")
    counter.uses.lock(counter.clerk, number, "3")
    counter.uses.use(counter.verifier, number)
    with pytest.raises(ForbiddenError):
        counter.uses.release(counter.clerk, number)
    counter.uses.release(counter.supervisor, number, "记错")
    assert counter.uses.check(number).free


@pytest.mark.parametrize(
    ("status", "block"),
    [
        (RegisterStatus.VOID, Block.VOID),
        (RegisterStatus.RED_FULL, Block.RED_FULL),
        (RegisterStatus.LOST_CONTROL, Block.LOST_CONTROL),
        (RegisterStatus.ABNORMAL, Block.ABNORMAL),
        (RegisterStatus.IS_RED, Block.RED_LETTER),
        (RegisterStatus.RED_PART, Block.REMAINDER_UNKNOWN),
        (RegisterStatus.NORMAL, None),
        (RegisterStatus.UNKNOWN, None),
    ],
)
def test_the_register_is_looked_at_again_before_the_use(
    counter: Counter, status: RegisterStatus, block: Block | None
) -> None:
    number = counter.filed()
    counter.register(RegisterStatus.NORMAL)
    counter.uses.lock(counter.clerk, number, "1")
    counter.register(status)
    if block is None:
        assert counter.uses.use(counter.verifier, number).register_status == status.value
        return
    with pytest.raises(UseBlockedError) as refused:
        counter.uses.use(counter.verifier, number)
    assert refused.value.blocks == (block.value,)
    other = counter.filed(number="26112000000048540001")
    counter.register(status, "D:26112000000048540001")
    with pytest.raises(UseBlockedError):
        counter.uses.lock(counter.clerk, other, "1")


def test_what_waits_was_refused_or_is_contradicted_cannot_be_used(counter: Counter) -> None:
    (task,) = counter.office.wait(seen({**VALUES, F.NUMBER: "26112000000048540002"}))
    with read(counter.engine) as conn:
        waiting = conn.execute(sa.select(invoices.c.id)).scalar_one()
    assert counter.uses.check(waiting).blocks == (Block.UNDER_REVIEW,)
    counter.office.desk.refuse(counter.verifier, task, "other", "x")
    assert counter.uses.check(waiting).blocks == (Block.REFUSED,)
    number = counter.filed()
    counter.filed(total="906.00")
    assert counter.uses.check(number).blocks == (Block.CONFLICT,)
    with pytest.raises(UseBlockedError):
        counter.uses.lock(counter.clerk, number, "1")


def test_an_official_answer_of_void_blocks(counter: Counter) -> None:
    number = counter.filed()
    with write(counter.engine) as conn:
        conn.execute(
            sa.insert(verifications).values(
                invoice_id=number, at=counter.office.clock(), day=date(2026, 11, 24), site="inv-veri", outcome="void",
                answered={}, differs=[], agreed=True, note="",
            )
        )  # fmt: skip
    assert counter.uses.check(number).blocks == (Block.OFFICIAL,)


def test_red_letters_reduce_or_block_whichever_came_first(counter: Counter) -> None:
    red = counter.red("-6.00")
    number = counter.filed()
    assert counter.uses.check(red).blocks == (Block.RED_LETTER,)
    found = counter.uses.lock(counter.clerk, number, "1")
    assert found.amount == Decimal("100.00")
    counter.red("-50.00", "26112000000048549998")
    assert counter.uses.use(counter.verifier, number).amount == Decimal("50.00")
    counter.red("-50.00", "26112000000048549997")
    with read(counter.engine) as conn:
        left = reversal(conn, number)
    assert (left.remaining, left.full, len(left.reds)) == (Decimal("0.00"), True, 3)
    assert counter.uses.check(number).blocks == (Block.REVERSED,)
    shown = carriers(counter.engine, red)
    assert shown.blue is not None
    assert (shown.blue.id, shown.blue.total) == (number, Decimal("106.00"))


def test_a_source_that_does_not_answer_is_named(counter: Counter) -> None:
    number = counter.filed()
    away = [
        SourceState("erp", None, None, None, health=SourceHealth.OPEN),
        SourceState("tax", None, None, None),
        SourceState("old", None, None, None, failed=True),
        SourceState("manual", None, None, None, failed=True),
    ]
    asked = Uses(counter.engine, counter.office.clock, Sources(*away))
    assert asked.lock(counter.clerk, number, "1").unreachable == ("erp", "old")
    with read(counter.engine) as conn:
        (entry,) = audit.entries(conn)
    assert entry.detail["unreachable"] == ["erp", "old"]


def test_of_two_hundred_who_lock_at_once_one_wins(counter: Counter) -> None:
    number = counter.filed()
    start = threading.Barrier(20)

    def tries(who: int) -> list[str]:
        start.wait()
        won = []
        for attempt in range(10):
            try:
                won.append(counter.uses.lock(counter.clerk, number, f"{who}-{attempt}").voucher)
            except UseTakenError:
                continue
        return won

    with ThreadPoolExecutor(20) as pool:
        won = [voucher for found in pool.map(tries, range(20)) for voucher in found]
    assert len(won) == 1
    with read(counter.engine) as conn:
        assert list(conn.scalars(sa.select(uses.c.voucher))) == won
    assert counter.told() == ["use_locked"]


def test_many_at_once_are_told_one_by_one(counter: Counter) -> None:
    good, bad = counter.filed(), counter.filed(number="26112000000048540003")
    counter.register(RegisterStatus.VOID, "D:26112000000048540003")
    results = counter.uses.many([good, bad, good], lambda one: counter.uses.lock(counter.clerk, one, "1"))
    assert [(one.invoice_id, one.use is not None) for one in results] == [(good, True), (bad, False)]
    assert isinstance(results[1].error, UseBlockedError)


@pytest.mark.parametrize(("cause", "alarm"), [("void", "void"), ("red", "red_letter"), ("conflict", "conflict")])
def test_what_comes_to_be_bad_after_the_use_raises_an_alarm_until_it_is_dealt_with(
    counter: Counter, cause: str, alarm: str
) -> None:
    number = counter.filed()
    counter.register(RegisterStatus.NORMAL)
    counter.uses.lock(counter.clerk, number, "9")
    counter.uses.use(counter.verifier, number)
    assert alarms.refresh(counter.engine, counter.office.clock()) == 0
    if cause == "void":
        counter.register(RegisterStatus.VOID)
    elif cause == "red":
        counter.red("-106.00")
    else:
        counter.filed(total="906.00")
    assert alarms.refresh(counter.engine, counter.office.clock()) == 1
    assert alarms.refresh(counter.engine, counter.office.clock()) == 0
    assert counts(counter.engine).alarms == 1
    assert [row.alarm for row in list_uses(counter.engine, "alarm").rows] == [alarm]
    with pytest.raises(ReasonMissingError):
        counter.uses.answer_alarm(counter.supervisor, number, " ")
    counter.uses.answer_alarm(counter.supervisor, number, "已冲回")
    assert counts(counter.engine).alarms == 0
    assert counter.told()[-2:] == ["use_alarm", "use_alarm_answered"]


def test_an_alarm_that_is_no_longer_so_is_taken_back(counter: Counter) -> None:
    number = counter.filed()
    counter.uses.lock(counter.clerk, number, "9")
    counter.register(RegisterStatus.ABNORMAL)
    alarms.refresh(counter.engine, counter.office.clock())
    counter.register(RegisterStatus.NORMAL)
    assert alarms.refresh(counter.engine, counter.office.clock()) == 0
    assert counts(counter.engine).alarms == 0
    assert counter.told()[-1] == "use_alarm_over"


def test_uses_are_found_by_voucher_and_by_number(counter: Counter) -> None:
    first, second = counter.filed(), counter.filed(number="26112000000048540004")
    counter.uses.lock(counter.clerk, first, "记-12")
    assert [row.invoice_id for row in list_uses(counter.engine, "free").rows] == [second]
    for text in ("记-1", NUMBER, NUMBER[-6:]):
        assert [row.invoice_id for row in list_uses(counter.engine, "locked", text=text).rows] == [first]
    assert list_uses(counter.engine, "locked", text="%").rows == ()


def test_neighbouring_numbers_of_one_person_are_a_hint_but_not_of_tolls(counter: Counter) -> None:
    clerk, other = counter.clerk, counter.office.colleague
    code = {"code": "011002300611", "date": "2026-07-01"}
    first = counter.filed(Kind.VAT_E_NORMAL, clerk, **code, number="10556199")
    near = counter.filed(Kind.VAT_E_NORMAL, clerk, **code, number="10556204", total="7.00")
    counter.filed(Kind.VAT_E_NORMAL, clerk, **code, number="10556205", total="8.00")
    counter.filed(Kind.VAT_E_NORMAL, other, **code, number="10556198", total="9.00")
    same = counter.filed(Kind.VAT_E_NORMAL, other, **code, number="99556198")
    toll = counter.filed(Kind.VAT_E_TOLL, clerk, **code, number="20556198")
    counter.filed(Kind.VAT_E_TOLL, clerk, **code, number="20556199")
    with read(counter.engine) as conn:
        found = [(hint.alike, hint.invoice_id) for hint in hints(conn, first)]
        assert found[0] == (Alike.CONSECUTIVE, near)
        assert (Alike.SAME_SUM, same) in found
        assert len([one for one in found if one[0] is Alike.CONSECUTIVE]) == 1
        assert hints(conn, toll) == ()
