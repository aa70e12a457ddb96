"""Contact with support: a case is a letter with an owner, a day by which an answer is due, and the answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

import sqlalchemy as sa

from intake import audit
from intake.clock import BEIJING, Clock, day_of
from intake.db import accounts, cases, invoices, read, write
from intake.errors import EntryIncompleteError, NotFoundError, TaskStateError
from intake.model import Actor
from intake.official.walk import Addressee, CaseRef, CaseState
from intake.roles import Action, require

LONGEST: Final = 20_000  # characters of a letter
_WORKDAYS: Final = {Addressee.ERP: 1, Addressee.SISTER: 2, Addressee.SELLER: 3, Addressee.TAX_BUREAU: 5}
_EVENING: Final = time(18)
_SATURDAY: Final = 5
PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Case:
    """A case as its page shows it."""

    id: int
    invoice_id: int | None
    number: str
    seller_name: str
    to: Addressee
    state: CaseState
    body: str
    answer: str
    owner: int | None
    owner_name: str
    opened_at: datetime
    due_at: datetime
    closed_at: datetime | None


def due_at(to: Addressee, now: datetime) -> datetime:
    """By when an answer is expected: 18:00 (Beijing) after one to five weekdays, in UTC as `now` is."""
    day, left = day_of(now), _WORKDAYS[to]
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < _SATURDAY
    return datetime.combine(day, _EVENING, BEIJING).astimezone(now.tzinfo)


def open_case(engine: sa.Engine, actor: Actor, invoice_id: int, to: Addressee, body: str, *, clock: Clock) -> int:
    """Open a case about an invoice; the person who opens it owns it. One that is open to the same addressee is returned
    instead, so that a double click writes once. Raises NotFoundError, EntryIncompleteError without a letter.
    """
    require(actor, Action.ENTER)
    if not body.strip():
        raise EntryIncompleteError(("body",))
    with write(engine) as conn:
        now = clock()
        there = sa.select(invoices.c.id).where(invoices.c.id == invoice_id).with_for_update()
        if conn.execute(there).first() is None:
            raise NotFoundError(f"invoice {invoice_id}")
        same = sa.select(cases.c.id).where(
            cases.c.invoice_id == invoice_id, cases.c.to == to.value, cases.c.state == CaseState.OPEN.value
        )
        found = conn.execute(same.limit(1)).scalar_one_or_none()
        if found is not None:
            return int(found)
        due = due_at(to, now)
        values = {"invoice_id": invoice_id, "to": to.value, "state": CaseState.OPEN.value, "body": body[:LONGEST]}
        made = conn.execute(
            sa.insert(cases).values(**values, owner=actor.id, opened_at=now, due_at=due).returning(cases.c.id)
        ).scalar_one()
        detail = {"case": made, "to": to.value, "due": due.isoformat()}
        audit.record(conn, actor, "case_opened", f"invoice:{invoice_id}", detail, now)
        return int(made)


def answer_case(engine: sa.Engine, actor: Actor, case_id: int, answer: str, *, clock: Clock) -> None:
    """Write down what was answered. Raises NotFoundError, TaskStateError when the case is closed,
    EntryIncompleteError without an answer.
    """
    if not answer.strip():
        raise EntryIncompleteError(("answer",))
    values = {"answer": answer.strip()[:LONGEST], "state": CaseState.ANSWERED.value}
    _change(engine, actor, case_id, values, "case_answered", clock)


def close_case(engine: sa.Engine, actor: Actor, case_id: int, *, clock: Clock) -> None:
    """Close a case, answered or not. Raises as `answer_case`."""
    _change(engine, actor, case_id, {"state": CaseState.CLOSED.value, "closed_at": clock()}, "case_closed", clock)


def take_case(engine: sa.Engine, actor: Actor, case_id: int, *, clock: Clock) -> None:
    """Become the owner of a case. Raises as `answer_case`."""
    _change(engine, actor, case_id, {"owner": actor.id}, "case_taken", clock)


def _change(engine: sa.Engine, actor: Actor, case_id: int, values: dict[str, Any], act: str, clock: Clock) -> None:
    require(actor, Action.ENTER)
    with write(engine) as conn:
        now = clock()
        row = conn.execute(sa.select(cases).where(cases.c.id == case_id).with_for_update()).one_or_none()
        if row is None:
            raise NotFoundError(f"case {case_id}")
        if row.state == CaseState.CLOSED.value:
            raise TaskStateError(f"case {case_id}")
        conn.execute(sa.update(cases).where(cases.c.id == case_id).values(**values))
        audit.record(conn, actor, act, f"invoice:{row.invoice_id}", {"case": case_id, "to": row.to}, now)


def find_case(engine: sa.Engine, case_id: int) -> Case:
    """One case. Raises NotFoundError."""
    with read(engine) as conn:
        row = conn.execute(_rows().where(cases.c.id == case_id)).one_or_none()
    if row is None:
        raise NotFoundError(f"case {case_id}")
    return _case(row)


def list_cases(engine: sa.Engine, state: CaseState | None = None) -> tuple[Case, ...]:
    """Cases, those due first; with a state only those in it. At most 100."""
    query = _rows().order_by(cases.c.due_at, cases.c.id).limit(PAGE)
    if state is not None:
        query = query.where(cases.c.state == state.value)
    with read(engine) as conn:
        return tuple(_case(row) for row in conn.execute(query))


def latest_case(conn: sa.Connection, invoice_id: int) -> CaseRef | None:
    """The newest case about an invoice, an open one before others."""
    query = (
        sa.select(cases.c.id, cases.c.to, cases.c.state, cases.c.due_at)
        .where(cases.c.invoice_id == invoice_id)
        .order_by((cases.c.state == CaseState.OPEN.value).desc(), cases.c.id.desc())
        .limit(1)
    )
    row = conn.execute(query).one_or_none()
    return None if row is None else CaseRef(row.id, Addressee(row.to), CaseState(row.state), row.due_at)


def _rows() -> sa.Select[Any]:
    return sa.select(
        *cases.c, invoices.c.number, invoices.c.seller_name, accounts.c.name.label("owner_name")
    ).select_from(
        cases.outerjoin(invoices, invoices.c.id == cases.c.invoice_id).outerjoin(
            accounts, accounts.c.id == cases.c.owner
        )
    )


def _case(row: Any) -> Case:
    return Case(
        id=row.id,
        invoice_id=row.invoice_id,
        number=row.number or "",
        seller_name=row.seller_name or "",
        to=Addressee(row.to),
        state=CaseState(row.state),
        body=row.body,
        answer=row.answer,
        owner=row.owner,
        owner_name=row.owner_name or "",
        opened_at=row.opened_at,
        due_at=row.due_at,
        closed_at=row.closed_at,
    )
