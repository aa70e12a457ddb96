"""Official answers as rows: kept once, never changed but by a second person's confirmation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import sqlalchemy as sa

from intake import audit
from intake.clock import Clock, day_of
from intake.codec import decode, decode_as
from intake.db import accounts, invoice_names, invoices, read, tasks, verifications, write
from intake.errors import (
    BudgetSpentError,
    EntryIncompleteError,
    NotFoundError,
    OwnEntryError,
    TaskStateError,
)
from intake.model import Actor, Agreement, FieldComparison, Finding, Invoice, OfficialOutcome, Verification
from intake.official import reminders
from intake.official.agreement import FACE, Answer, agrees, compare, differing, lacking, needs_second
from intake.official.pictures import Screenshot
from intake.official.schedule import follow_up, left, says_nothing
from intake.roles import Action, allows, require
from intake.tasks import lock_documents
from ocr.types import FieldName

VENDOR: Final = "vendor"  # the site of answers that an interface gave


@dataclass(frozen=True, slots=True)
class Recorded:
    """An answer that is kept. `agreed`: the shown face is our paper's; `second_needed`: it counts once another person
    has confirmed it.
    """

    id: int
    agreed: bool
    second_needed: bool
    comparison: tuple[FieldComparison, ...]


class SqlOfficial:
    """What official places answered (the port `intake.ports.Official`)."""

    def __init__(self, engine: sa.Engine) -> None:
        """Only reads."""
        self._engine = engine

    def of(self, key: str) -> Sequence[Verification]:
        """Every answer kept for the invoice under this key or alias, the newest first. `agreed` is asked anew of the
        invoice's values as they are now; an answer that needs a second person agrees once that person has confirmed it.
        """
        with read(self._engine) as conn:
            named = sa.select(invoice_names.c.invoice_id).where(invoice_names.c.name == key)
            return tuple(one.verification for one in answers(conn, invoices.c.id.in_(named)))


@dataclass(frozen=True, slots=True)
class Kept:
    """One answer with its evidence, as pages show it. `comparison` is with our values as they are now."""

    id: int
    verification: Verification
    comparison: tuple[FieldComparison, ...]
    by_name: str
    confirmed_by: str
    second_needed: bool
    asker: int | None
    times: int | None
    pictured: bool
    note: str


def answers(conn: sa.Connection, of: sa.ColumnElement[bool]) -> tuple[Kept, ...]:
    """The answers about the invoices that `of` names, the newest first."""
    second = accounts.alias("second")
    query = (
        sa.select(
            verifications,
            invoices.c.fields,
            accounts.c.login,
            accounts.c.name,
            second.c.name.label("second_name"),
        )
        .join(invoices, invoices.c.id == verifications.c.invoice_id)
        .outerjoin(accounts, accounts.c.id == verifications.c.by)
        .outerjoin(second, second.c.id == verifications.c.confirmed_by)
        .where(of)
        .order_by(verifications.c.at.desc(), verifications.c.id.desc())
    )
    return tuple(_kept(row) for row in conn.execute(query))


def _kept(row: Any) -> Kept:
    answer = _answer(row)
    comparison = compare(decode(Invoice, row.fields), answer)
    confirmed = not row.second_needed or row.confirmed_by is not None
    verification = Verification(
        outcome=answer.outcome,
        at=row.at,
        agreed=confirmed and agrees(answer, comparison),
        by=row.login or "",
        site=row.site,
        differs=tuple(dict.fromkeys(line.name for line in comparison if line.agreement is Agreement.DIFFERENT)),
        invoice_id=row.invoice_id,
    )
    return Kept(
        id=row.id,
        verification=verification,
        comparison=comparison,
        by_name=row.name or "",
        confirmed_by=row.second_name or "",
        second_needed=row.second_needed,
        asker=row.by,
        times=row.times_shown,
        pictured=row.picture is not None,
        note="" if row.site == VENDOR else row.note,
    )


def _answer(row: Any) -> Answer:
    said = {part: {FieldName(name): value for name, value in row.answered[part].items()} for part in ("asked", "shown")}
    return Answer(OfficialOutcome(row.outcome), said["asked"], said["shown"], row.times_shown)


def picture_of(engine: sa.Engine, verification_id: int) -> str:
    """The SHA-256 of the picture of an answer. Raises NotFoundError."""
    query = sa.select(verifications.c.picture).where(verifications.c.id == verification_id)
    with read(engine) as conn:
        found = conn.execute(query).scalar_one_or_none()
    if found is None:
        raise NotFoundError(f"picture of verification {verification_id}")
    return str(found)


def record(
    engine: sa.Engine,
    actor: Actor,
    invoice_id: int,
    answer: Answer,
    *,
    site: str,
    screenshot: Screenshot | None = None,
    note: str = "",
    threshold: Decimal,
    clock: Clock,
) -> Recorded:
    """Keep an official answer in one transaction with its reminders and its audit record.

    Raises NotFoundError, BudgetSpentError when the invoice was asked about often enough today, EntryIncompleteError
    with what a shown face lacks, ForbiddenError. An interface (`actor` without an id) brings no screenshot.
    """
    if actor.id is not None:
        require(actor, Action.ENTER)
    with write(engine) as conn:
        now = clock()
        lock_documents(conn, invoice_id)
        query = sa.select(invoices.c.fields, invoices.c.findings, invoices.c.date).where(invoices.c.id == invoice_id)
        row = conn.execute(query.with_for_update()).one_or_none()
        if row is None:
            raise NotFoundError(f"invoice {invoice_id}")
        if budget(conn, invoice_id, actor, now) <= 0:
            raise BudgetSpentError(f"invoice {invoice_id}")
        invoice = decode(Invoice, row.fields)
        missing = lacking(invoice, answer, pictured=screenshot is not None)
        if missing and actor.id is not None:
            raise EntryIncompleteError(missing)
        comparison = compare(invoice, answer)
        findings = decode_as(tuple[Finding, ...], row.findings)
        agreed = agrees(answer, comparison)
        second = actor.id is not None and agreed and needs_second(invoice, findings, threshold)
        made = conn.execute(
            sa.insert(verifications)
            .values(
                invoice_id=invoice_id,
                at=now,
                day=day_of(now),
                by=actor.id,
                site=site,
                outcome=answer.outcome.value,
                answered=_answered(answer),
                differs=[
                    {"field": line.name.value, "here": line.seen or "", "there": line.expected or ""}
                    for line in differing(comparison)
                ],
                agreed=agreed,
                times_shown=answer.times,
                screenshot=screenshot.sha256 if screenshot else None,
                picture=screenshot.picture if screenshot else None,
                second_needed=second,
                note=note,
            )
            .returning(verifications.c.id)
        ).scalar_one()
        issued = row.date or _first_day(conn, invoice_id)
        remind = reminders.postpone if says_nothing(answer.outcome) else reminders.replace
        remind(conn, invoice_id, follow_up(answer.outcome, issued, now), now)
        detail: dict[str, object] = {
            "official": answer.outcome.value,
            "site": site,
            "agreed": agreed,
            "differs": [line.name.value for line in differing(comparison)],
            "screenshot": screenshot.sha256 if screenshot else "",
        }
        audit.record(conn, actor, "asked_official", f"invoice:{invoice_id}", detail, now)
        return Recorded(int(made), agreed, second, comparison)


def confirm(engine: sa.Engine, actor: Actor, verification_id: int, *, clock: Clock) -> int:
    """Confirm another person's answer after looking at its picture; returns the invoice.

    Raises NotFoundError, OwnEntryError for who asked or keyed, TaskStateError when there is nothing to confirm.
    """
    require(actor, Action.VERIFY)
    with write(engine) as conn:
        now = clock()
        query = sa.select(verifications).where(verifications.c.id == verification_id).with_for_update()
        row = conn.execute(query).one_or_none()
        if row is None:
            raise NotFoundError(f"verification {verification_id}")
        if actor.id in {row.by, _keyed_by(conn, row.invoice_id)}:
            raise OwnEntryError(f"verification {verification_id}")
        if not row.second_needed or row.confirmed_by is not None:
            raise TaskStateError(f"verification {verification_id}")
        same = verifications.c.id == verification_id
        conn.execute(sa.update(verifications).where(same).values(confirmed_by=actor.id, confirmed_at=now))
        detail = {"official": row.outcome, "verification": verification_id}
        audit.record(conn, actor, "official_confirmed", f"invoice:{row.invoice_id}", detail, now)
        return int(row.invoice_id)


def budget(conn: sa.Connection, invoice_id: int, actor: Actor, now: datetime) -> int:
    """How often this person (or the service) may still ask about an invoice today. The last time of the day is kept for
    an approver: somebody who verifies and did not key the paper.
    """
    query = sa.select(verifications.c.outcome).where(
        verifications.c.invoice_id == invoice_id, verifications.c.day == day_of(now)
    )
    today = [OfficialOutcome(outcome) for outcome in conn.scalars(query)]
    approver = allows(actor.role, Action.VERIFY) and _keyed_by(conn, invoice_id) != actor.id
    return left(today, approver=approver)


def _keyed_by(conn: sa.Connection, invoice_id: int) -> int | None:
    return conn.execute(sa.select(tasks.c.entered_by).where(tasks.c.invoice_id == invoice_id)).scalar_one_or_none()


def _first_day(conn: sa.Connection, invoice_id: int) -> date | None:
    """The day of the first answer: what is known of an invoice whose day of issue nobody could read."""
    query = sa.select(sa.func.min(verifications.c.day)).where(verifications.c.invoice_id == invoice_id)
    first: date | None = conn.execute(query).scalar_one_or_none()
    return first


def _answered(answer: Answer) -> dict[str, dict[str, str]]:
    shown = answer.shown if answer.outcome in FACE else {}
    return {
        "asked": {name.value: value for name, value in answer.asked.items()},
        "shown": {name.value: value for name, value in shown.items()},
    }
