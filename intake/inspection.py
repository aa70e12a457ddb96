"""Sampling of what the machine files (ISO 2859-1, docs/adr/0016): lots are closed and drawn, people compare, lots are decided.

What the machine filed on a day in China is a lot. Whoever has keyed or handed in an invoice does not inspect it. A lot that is
not accepted is inspected whole. The rules and tables stand in `intake/sampling.py`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum, unique
from typing import Any, Final

import sqlalchemy as sa

from intake import audit, ranking, taking_back
from intake.clock import BEIJING, Clock, day_of
from intake.config import Settings
from intake.db import documents, inspected, invoices, lots, read, renditions, tasks, write
from intake.errors import NotFoundError, OwnEntryError, TaskStateError
from intake.filing import MACHINE
from intake.found_wrong import RIGHT, WRONG
from intake.model import SERVICE, Actor, Cause, Diagnosis, Evidence, InvoiceState, NextStep, Role
from intake.roles import Action, require
from intake.sampling import Judged, Mode, Plan, draw, plan_of, standing, verdict
from ocr.types import FieldName

SAMPLE, ALL = "sample", "all"
BACK: Final = timedelta(
    days=7
)  # how far back the first lot may lie: what was filed before sampling began is left alone
DAY: Final = timedelta(days=1)


@unique
class LotState(StrEnum):
    """Where a lot stands. A rejected one is inspected whole; it stays rejected."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an inspection did: the state of the lot after it."""

    state: LotState
    just_decided: bool


def midnight(day: date) -> datetime:
    """The first moment of a day in China."""
    return datetime.combine(day, time(), BEIJING).astimezone(UTC)


def filed_between(first: datetime, end: datetime) -> sa.ColumnElement[bool]:
    """What the machine filed in a time and is still on file by its hand."""
    return sa.and_(
        invoices.c.filed_by == MACHINE,
        invoices.c.filed_at >= first,
        invoices.c.filed_at < end,
        invoices.c.state == InvoiceState.FILED.value,
    )


def history(conn: sa.Connection) -> list[Judged]:
    """The decided lots, the earliest first."""
    decided = sa.select(lots).where(lots.c.state != LotState.OPEN.value).order_by(lots.c.day)
    return [
        Judged(
            Mode(row.mode),
            row.size,
            row.found,
            row.state == LotState.ACCEPTED.value,
            resumed=row.resumed_at is not None,
        )
        for row in conn.execute(decided)
    ]


def close_days(engine: sa.Engine, aql: str, now: datetime) -> int:
    """Close the lots of all days that are over, and draw their samples; returns how many lots were made."""
    today, made = day_of(now), 0
    for day in _days(engine, today):
        made += _close(engine, day, aql, now)
    withdraw(engine, now)
    return made


def _days(engine: sa.Engine, today: date) -> list[date]:
    with read(engine) as conn:
        last: date | None = conn.execute(sa.select(sa.func.max(lots.c.day))).scalar_one()
    first = today - BACK if last is None else last + DAY
    return [first + DAY * number for number in range((today - first).days)]


def _close(engine: sa.Engine, day: date, aql: str, now: datetime) -> bool:
    with write(engine) as conn:
        filed = filed_between(midnight(day), midnight(day + DAY))
        members = list(conn.scalars(sa.select(invoices.c.id).where(filed).order_by(invoices.c.id)))
        if not members or conn.execute(sa.select(lots.c.id).where(lots.c.day == day)).first():
            return False
        mode = standing(history(conn), aql).mode
        plan, seed = plan_of(len(members), aql, mode), secrets.token_hex(16)
        values = {
            "day": day,
            "opened_at": now,
            "size": len(members),
            "aql": aql,
            "mode": mode.value,
            "letter": plan.letter,
            "sample": plan.size,
            "accept": plan.accept,
            "reject": plan.reject,
            "seed": seed,
        }
        made = sa.insert(lots).values(**values, state=LotState.OPEN.value).returning(lots.c.id)
        lot = conn.execute(made).scalar_one()
        drawn = frozenset(draw(members, plan.size, seed))
        rows = [{"lot_id": lot, "invoice_id": one, "why": SAMPLE if one in drawn else ""} for one in members]
        conn.execute(sa.insert(inspected), rows)
        told = {name: value for name, value in values.items() if name not in {"day", "opened_at"}}
        detail = {**told, "day": day.isoformat(), "drawn": sorted(drawn)}
        audit.record(conn, SERVICE, "lot_drawn", f"lot:{lot}", detail, now)
    return True


def withdraw(engine: sa.Engine, now: datetime) -> int:
    """Drawn invoices that came off file before anybody looked count as wrong: something else has spoken against them."""
    gone = sa.or_(invoices.c.state != InvoiceState.FILED.value, invoices.c.filed_by != MACHINE)
    query = (
        sa.select(inspected.c.lot_id, inspected.c.invoice_id)
        .join(invoices, invoices.c.id == inspected.c.invoice_id)
        .where(inspected.c.why.in_((SAMPLE, ALL)), inspected.c.result == "", gone)
        .order_by(inspected.c.lot_id, inspected.c.invoice_id)
    )
    with read(engine) as conn:
        found = conn.execute(query).all()
    for lot_id, invoice_id in found:
        with write(engine) as conn:
            row = _hold(conn, lot_id, invoice_id)
            if row.result == "":
                _write(conn, lot_id, invoice_id, {"result": WRONG, "at": now, "note": "taken_back", "fields": []})
                _decide(conn, lot_id, SERVICE, now)
    return len(found)


def not_own(actor: Actor) -> sa.ColumnElement[bool]:
    """Of invoices: nothing that this person keyed, verified, decided or handed in."""
    person = actor.id
    hands = sa.or_(tasks.c.entered_by == person, tasks.c.verified_by == person, tasks.c.adjudicated_by == person)
    keyed = sa.exists().where(tasks.c.invoice_id == inspected.c.invoice_id, hands)
    brought = sa.exists().where(
        renditions.c.invoice_id == inspected.c.invoice_id,
        documents.c.id == renditions.c.document_id,
        documents.c.submitted_by == person,
    )
    return sa.and_(~keyed, ~brought)


class Inspection:
    """What people do with lots."""

    def __init__(self, engine: sa.Engine, clock: Clock, settings: Settings) -> None:
        """`settings` say when a paper that was found wrong is due."""
        self._engine = engine
        self._clock = clock
        self._ranks = ranking.policy_of(settings)

    def next(self, actor: Actor, *, besides: int | None = None) -> tuple[int, int] | None:
        """The lot and the invoice that this person should look at next; `besides` is left out."""
        require(actor, Action.INSPECT)
        waits = (inspected.c.why.in_((SAMPLE, ALL)), inspected.c.result == "", inspected.c.invoice_id != (besides or 0))
        query = sa.select(inspected.c.lot_id, inspected.c.invoice_id).where(*waits, not_own(actor))
        with read(self._engine) as conn:
            row = conn.execute(query.order_by(inspected.c.lot_id, inspected.c.invoice_id).limit(1)).first()
        return None if row is None else (row.lot_id, row.invoice_id)

    def inspect(
        self, actor: Actor, lot_id: int, invoice_id: int, wrong: Sequence[FieldName] | None, note: str = ""
    ) -> Verdict:
        """Say that an invoice is right (`wrong` None), or wrong in these fields (empty: in something else).

        A wrong one is taken off file and waits for people. Raises ForbiddenError, OwnEntryError, NotFoundError, and
        TaskStateError when somebody has looked at it meanwhile or it is no longer on file.
        """
        require(actor, Action.INSPECT)
        with write(self._engine) as conn:
            now = self._clock()
            row = _hold(conn, lot_id, invoice_id)
            mine = sa.select(inspected.c.invoice_id).where(
                inspected.c.lot_id == lot_id, inspected.c.invoice_id == invoice_id, not_own(actor)
            )
            if conn.execute(mine).first() is None:
                raise OwnEntryError(f"invoice {invoice_id}")
            files = taking_back.lock(conn, invoice_id)
            state = conn.execute(sa.select(invoices.c.state).where(invoices.c.id == invoice_id)).scalar_one()
            if row.why == "" or row.result or state != InvoiceState.FILED.value:
                raise TaskStateError(f"invoice {invoice_id} of lot {lot_id} waits for no inspection")
            names = [] if wrong is None else [one.value for one in wrong]
            said = {
                "result": RIGHT if wrong is None else WRONG,
                "fields": names,
                "by": actor.id,
                "at": now,
                "note": note,
            }
            _write(conn, lot_id, invoice_id, said)
            if wrong is not None:
                taking_back.take_back(conn, invoice_id, files, _diagnosis(names), now)
                ranking.rank_tasks(conn, self._ranks, tasks.c.invoice_id == invoice_id)
            return _decide(conn, lot_id, actor, now, about={"invoice": invoice_id, "fields": names, "note": note})

    def resume(self, actor: Actor) -> None:
        """Say that what led to the suspension is mended: lots are sampled again, under tightened inspection.

        Raises ForbiddenError, and TaskStateError when sampling is not suspended.
        """
        require(actor, Action.RESUME_SAMPLING)
        with write(self._engine) as conn:
            now = self._clock()
            last = sa.select(lots.c.id, lots.c.aql).where(lots.c.state != LotState.OPEN.value)
            row = conn.execute(last.order_by(lots.c.day.desc()).limit(1).with_for_update()).first()
            if row is None or standing(history(conn), row.aql).mode is not Mode.DISCONTINUED:
                raise TaskStateError("sampling is not suspended")
            conn.execute(sa.update(lots).where(lots.c.id == row.id).values(resumed_by=actor.id, resumed_at=now))
            audit.record(conn, actor, "sampling_resumed", f"lot:{row.id}", {}, now)


def _hold(conn: sa.Connection, lot_id: int, invoice_id: int) -> Any:
    """Lock a lot; what is known of one of its invoices. Raises NotFoundError."""
    conn.execute(sa.select(lots.c.id).where(lots.c.id == lot_id).with_for_update()).all()
    one = sa.select(inspected.c.why, inspected.c.result)
    row: Any = conn.execute(one.where(inspected.c.lot_id == lot_id, inspected.c.invoice_id == invoice_id)).first()
    if row is None:
        raise NotFoundError(f"invoice {invoice_id} of lot {lot_id}")
    return row


def _write(conn: sa.Connection, lot_id: int, invoice_id: int, values: Mapping[str, object]) -> None:
    one = sa.and_(inspected.c.lot_id == lot_id, inspected.c.invoice_id == invoice_id)
    conn.execute(sa.update(inspected).where(one).values(**values))


def _decide(
    conn: sa.Connection, lot_id: int, actor: Actor, now: datetime, about: dict[str, object] | None = None
) -> Verdict:
    """Accept or reject the lot if its sample says so; the audit log is told last."""
    lot = conn.execute(sa.select(lots).where(lots.c.id == lot_id)).one()
    of_sample = sa.and_(inspected.c.lot_id == lot_id, inspected.c.why == SAMPLE, inspected.c.result != "")
    counted = sa.select(sa.func.count(), sa.func.count().filter(inspected.c.result == WRONG)).where(of_sample)
    seen, wrong = conn.execute(counted).one()
    said = verdict(Plan(lot.letter, lot.sample, lot.accept, lot.reject), seen, wrong)
    values: dict[str, object] = {}
    if lot.state == LotState.OPEN.value:
        values["found"] = wrong
    if lot.state == LotState.OPEN.value and said is not None:
        values |= {"state": (LotState.ACCEPTED if said else LotState.REJECTED).value, "decided_at": now}
    if values:
        conn.execute(sa.update(lots).where(lots.c.id == lot_id).values(**values))
    state = LotState(str(values.get("state", lot.state)))
    decided = "state" in values
    if decided and state is LotState.REJECTED:
        rest = sa.and_(inspected.c.lot_id == lot_id, inspected.c.why == "")
        conn.execute(sa.update(inspected).where(rest).values(why=ALL))
    if about is not None:
        audit.record(conn, actor, "inspected", f"lot:{lot_id}", about, now)
    if decided:
        detail = {"seen": seen, "found": wrong, "accept": lot.accept, "reject": lot.reject}
        audit.record(conn, actor, f"lot_{state.value}", f"lot:{lot_id}", detail, now)
    return Verdict(state, decided)


def _diagnosis(fields: Sequence[str]) -> Diagnosis:
    evidence = [Evidence("inspection_wrong", {"field": name}) for name in fields]
    told = tuple(evidence) or (Evidence("inspection_wrong_other", {}),)
    return Diagnosis(Cause.TRANSCRIPTION_ERROR, told, NextStep.CORRECT_FROM_IMAGE, Role.CLERK)
