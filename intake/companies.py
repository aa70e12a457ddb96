"""Our own companies on the table `companies`: kept by the administrator, every change audited (domain.md §9.6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from intake import audit
from intake.clock import Clock
from intake.company_file import parse
from intake.db import companies, read, write
from intake.errors import CompanyRefusedError, NotFoundError
from intake.model import Actor, Company, CompanyChange
from intake.roles import Action, require
from intake.succession import flaws

ACTS: Final = {
    CompanyChange.RENAMED: "rename_company",
    CompanyChange.MERGED: "merge_company",
    CompanyChange.SPLIT: "split_company",
    CompanyChange.CLOSED: "close_company",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A company with the id of its row."""

    id: int
    company: Company


@dataclass(frozen=True, slots=True)
class Ending:
    """What ends names: the kind of `change`, the first `day` on which they hold no more, and who goes on.

    A renaming gives the `new_name`, which begins on that day under the same tax id. Papers made out to the old name are
    still taken until `accepted_to`.
    """

    change: CompanyChange
    day: date
    successor_tax_ids: tuple[str, ...] = ()
    new_name: str = ""
    accepted_to: date | None = None


class SqlCompanies:
    """The port :class:`intake.ports.Companies` on the table `companies`."""

    def __init__(self, engine: sa.Engine) -> None:
        """`engine` is one of :func:`intake.db.connect`."""
        self._engine = engine

    def all(self) -> Sequence[Company]:
        """Every company under every name it has had, in the order they were added."""
        return [entry.company for entry in entries(self._engine)]


def entries(engine: sa.Engine) -> tuple[Entry, ...]:
    """Every company under every name it has had, in the order they were added, with the ids to change them by."""
    with read(engine) as conn:
        return _entries(conn)


def load(engine: sa.Engine, path: Path, *, actor: Actor, clock: Clock) -> int:
    """Add the companies of a TOML file to those on file and change what it says otherwise; returns how many it names.

    Raises ForbiddenError, ConfigurationError when the file is wrong and CompanyRefusedError when an entry contradicts
    another; then nothing is changed.
    """
    require(actor, Action.MANAGE_COMPANIES)
    found = parse(path)
    save(engine, found, actor=actor, clock=clock)
    return len(found)


def save(engine: sa.Engine, found: Sequence[Company], *, actor: Actor, clock: Clock) -> int:
    """Add the companies or change those with the same name and tax id; none is removed. Returns how many changed.

    One audited transaction. Raises ForbiddenError, and CompanyRefusedError when an entry contradicts another.
    """

    def change(conn: sa.Connection) -> list[_Record]:
        return [record for company in found if (record := _upsert(conn, company))]

    return _changed(engine, change, actor, clock)


def edit(engine: sa.Engine, entry_id: int, company: Company, *, actor: Actor, clock: Clock) -> int:
    """Correct an entry, its name and tax id included. Raises as :func:`save`, and NotFoundError."""

    def change(conn: sa.Connection) -> list[_Record]:
        record = _update(conn, _entry(conn, entry_id), company, "change_company")
        return [record] if record else []

    return _changed(engine, change, actor, clock)


def end(engine: sa.Engine, entry_ids: Sequence[int], ending: Ending, *, actor: Actor, clock: Clock) -> int:
    """End names: renamed, merged into a successor, split among several, or closed. Returns how many entries changed.

    Raises as :func:`save`, and NotFoundError for an entry that is not on file.
    """

    def change(conn: sa.Connection) -> list[_Record]:
        records: list[_Record | None] = []
        for entry_id in sorted(set(entry_ids)):
            entry = _entry(conn, entry_id)
            if ending.change is CompanyChange.RENAMED and not ending.new_name:
                raise CompanyRefusedError("name_missing", entry.company.name)
            ended = replace(
                entry.company,
                valid_to=ending.day - timedelta(days=1),
                change=ending.change,
                successor_tax_ids=ending.successor_tax_ids,
                accepted_to=ending.accepted_to,
            )
            records.append(_update(conn, entry, ended, ACTS[ending.change]))
            if ending.change is CompanyChange.RENAMED:
                begun = replace(entry.company, name=ending.new_name, valid_from=ending.day, valid_to=None, change=None)
                records.append(_upsert(conn, replace(begun, successor_tax_ids=(), accepted_to=None)))
        return [record for record in records if record]

    return _changed(engine, change, actor, clock)


@dataclass(frozen=True, slots=True)
class _Record:
    """What to write into the audit log."""

    act: str
    subject: str
    detail: dict[str, object]


def _changed(engine: sa.Engine, change: Callable[[sa.Connection], list[_Record]], actor: Actor, clock: Clock) -> int:
    """Make a change that leaves no flaw that was not there before, and audit it."""
    require(actor, Action.MANAGE_COMPANIES)
    with write(engine) as conn:
        before = set(flaws([entry.company for entry in _entries(conn)]))
        records = change(conn)
        fresh = [one for one in flaws([entry.company for entry in _entries(conn)]) if one not in before]
        if fresh:
            raise CompanyRefusedError(fresh[0].flaw, fresh[0].company.name, fresh[0].other)
        now = clock()
        for record in records:
            audit.record(conn, actor, record.act, record.subject, record.detail, now)
    return len(records)


def _entries(conn: sa.Connection) -> tuple[Entry, ...]:
    rows = conn.execute(sa.select(companies).order_by(companies.c.id))
    return tuple(Entry(row.id, _company(row)) for row in rows)


def _entry(conn: sa.Connection, entry_id: int) -> Entry:
    query = sa.select(companies).where(companies.c.id == entry_id).with_for_update()
    row = conn.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(f"company {entry_id}")
    return Entry(entry_id, _company(row))


def _company(row: sa.Row[Any]) -> Company:
    return Company(
        row.name,
        row.tax_id,
        row.valid_from,
        row.valid_to,
        row.group,
        row.head_tax_id,
        tuple(row.successor_tax_ids.split()),
        CompanyChange(row.change) if row.change else None,
        row.accepted_to,
        row.desk,
    )


def _columns(company: Company) -> dict[str, Any]:
    return {
        "name": company.name,
        "tax_id": company.tax_id,
        "valid_from": company.valid_from,
        "valid_to": company.valid_to,
        "group": company.group,
        "head_tax_id": company.head_tax_id,
        "successor_tax_ids": " ".join(company.successor_tax_ids),
        "change": company.change.value if company.change else "",
        "accepted_to": company.accepted_to,
        "desk": company.desk,
    }


def _upsert(conn: sa.Connection, company: Company) -> _Record | None:
    """Add it or change the one with its name and tax id; None when nothing changed."""
    same = sa.select(companies).where(companies.c.name == company.name, companies.c.tax_id == company.tax_id)
    row = conn.execute(same.with_for_update()).one_or_none()
    if row is not None:
        return _update(conn, Entry(row.id, _company(row)), company, "change_company")
    columns = _columns(company)
    row_id = conn.execute(sa.insert(companies).values(columns).returning(companies.c.id)).scalar_one()
    return _Record(
        "add_company", f"company:{row_id}", _plain({name: value for name, value in columns.items() if value})
    )


def _update(conn: sa.Connection, entry: Entry, company: Company, act: str) -> _Record | None:
    old, new = _columns(entry.company), _columns(company)
    changed = {name for name in old if old[name] != new[name]}
    if not changed:
        return None
    if changed & {"name", "tax_id"}:
        twin = sa.select(companies.c.id).where(companies.c.name == company.name, companies.c.tax_id == company.tax_id)
        if conn.execute(twin).first():
            raise CompanyRefusedError("already_on_file", company.name)
    conn.execute(sa.update(companies).where(companies.c.id == entry.id).values({name: new[name] for name in changed}))
    before, after = ({name: values[name] for name in sorted(changed)} for values in (old, new))
    detail: dict[str, object] = {"name": entry.company.name, "old": _plain(before), "new": _plain(after)}
    return _Record(act, f"company:{entry.id}", detail)


def _plain(values: Mapping[str, Any]) -> dict[str, object]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
