"""The papers behind the numbers of the supervisor's view: each list comes from the condition its number was counted with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa

from intake.acts import Act
from intake.db import accounts, acts, documents, invoices, read, renditions, tasks
from intake.inspection import filed_between, midnight
from intake.model import Cause, TaskState
from intake.views.oversight import ACTS, DAY, UNTIL, Age, Done, waits
from ocr.types import Kind

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list behind a number is narrowed to: papers that wait (`state`, `cause`, `age`, `late`, `holder`), or those
    of which something was `done` on the days from `first` to `last` by the account `by`, or of whose entries `about` something was said.
    """

    state: TaskState | None = None
    cause: Cause | None = None
    age: Age | None = None
    late: bool = False
    done: Done | None = None
    said: Act | None = None
    first: date | None = None
    last: date | None = None
    by: int | None = None
    about: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A paper of such a list, without what was read of it: who keys blind may look here too."""

    task_id: int | None
    state: TaskState | None
    cause: Cause | None
    document_id: int
    receipt: str
    file_name: str
    kind: Kind | None
    opened_at: datetime | None
    due_at: datetime | None
    at: datetime | None
    act: str
    actor: str | None


def lines(engine: sa.Engine, wanted: Wanted, now: datetime, page: int = 1) -> tuple[tuple[Line, ...], int]:
    """One page of the papers behind a number, and how many they are."""
    query, count = _question(wanted, now)
    query = query.offset((page - 1) * PAGE).limit(PAGE)
    with read(engine) as conn:
        number = conn.execute(count).scalar_one()
        return tuple(_line(row) for row in conn.execute(query)), number


def _question(wanted: Wanted, now: datetime) -> tuple[sa.Select[Any], sa.Select[Any]]:
    who = accounts.alias("who")
    nothing: sa.ColumnElement[Any] = sa.null()
    if wanted.done is None and wanted.said is None:
        fits = _waiting(wanted, now)
        base = _paper(tasks.c.id, nothing.label("at"), nothing.label("act"), who.c.name.label("actor")).select_from(
            tasks.join(invoices, invoices.c.id == tasks.c.invoice_id)
            .join(documents, documents.c.id == tasks.c.document_id)
            .outerjoin(who, sa.and_(who.c.id == tasks.c.claimed_by, tasks.c.claimed_until > now))
        )
        order = (tasks.c.due_at.is_(None), tasks.c.due_at, tasks.c.opened_at, tasks.c.id)
        return base.where(*fits).order_by(*order), sa.select(sa.func.count()).select_from(tasks).where(*fits)
    first, last = wanted.first or now.date(), wanted.last or now.date()
    span = (midnight(first), midnight(last + DAY))
    if wanted.done is Done.MACHINE:
        fits = [filed_between(*span)]
        brought = sa.select(sa.func.min(renditions.c.document_id)).where(renditions.c.invoice_id == invoices.c.id)
        base = _paper(
            tasks.c.id, invoices.c.filed_at.label("at"), nothing.label("act"), nothing.label("actor")
        ).select_from(
            invoices.join(documents, documents.c.id == brought.scalar_subquery()).outerjoin(
                tasks, tasks.c.invoice_id == invoices.c.id
            )
        )
        counted = sa.select(sa.func.count()).select_from(invoices).where(*fits)
        return base.where(*fits).order_by(invoices.c.filed_at.desc(), invoices.c.id.desc()), counted
    which = (wanted.said,) if wanted.said else ACTS.get(wanted.done or Done.KEYED, (Act.KEYED,))
    fits = [acts.c.at >= span[0], acts.c.at < span[1], acts.c.act.in_([act.value for act in which])]
    fits += [acts.c.by == wanted.by] if wanted.by is not None else []
    fits += [acts.c.about == wanted.about] if wanted.about is not None else []
    base = _paper(tasks.c.id, acts.c.at, acts.c.act, who.c.name.label("actor")).select_from(
        acts.join(tasks, tasks.c.id == acts.c.task_id)
        .join(invoices, invoices.c.id == tasks.c.invoice_id)
        .join(documents, documents.c.id == tasks.c.document_id)
        .outerjoin(who, who.c.id == acts.c.by)
    )
    counted = sa.select(sa.func.count()).select_from(acts).where(*fits)
    return base.where(*fits).order_by(acts.c.at.desc(), acts.c.id.desc()), counted


def _paper(*further: sa.ColumnElement[Any]) -> sa.Select[Any]:
    return sa.select(
        documents.c.id.label("document_id"),
        documents.c.receipt,
        documents.c.name,
        invoices.c.kind,
        tasks.c.state,
        tasks.c.cause,
        tasks.c.opened_at,
        tasks.c.due_at,
        *further,
    )


def _line(row: Any) -> Line:
    return Line(
        task_id=row.id,
        state=TaskState(row.state) if row.state else None,
        cause=Cause(row.cause) if row.cause else None,
        document_id=row.document_id,
        receipt=row.receipt,
        file_name=row.name,
        kind=Kind(row.kind) if row.kind else None,
        opened_at=row.opened_at,
        due_at=row.due_at,
        at=row.at,
        act=row.act or "",
        actor=row.actor,
    )


def _waiting(wanted: Wanted, now: datetime) -> list[sa.ColumnElement[bool]]:
    fits = [waits() if wanted.state is None else tasks.c.state == wanted.state.value]
    if wanted.cause is not None:
        fits.append(tasks.c.cause == wanted.cause.value)
    if wanted.age is not None:
        bounds = dict(UNTIL)
        ages = list(Age)
        at = ages.index(wanted.age)
        if wanted.age in bounds:
            fits.append(tasks.c.opened_at > now - DAY * bounds[wanted.age])
        if at:
            fits.append(tasks.c.opened_at <= now - DAY * bounds[ages[at - 1]])
    if wanted.late:
        fits.append(tasks.c.due_at <= now)
    return fits
