"""The audit log: each record carries the SHA-256 of the one before it, so that any edit, deletion or exchange shows.

The end of the chain stands in `audit_head`; its row is also the lock that makes writers take turns, so
:func:`record` is called last in a transaction. A chain that was rewritten as a whole, head included, is caught by
comparing with an anchor kept elsewhere (`head` gives it, `verify` takes it). ``python -m intake.audit FILE``
checks an exported log without the service and its database.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

import sqlalchemy as sa

from intake.db import audit_head, audit_log, read, write
from intake.model import Actor

START: Final = "0" * 64
_FIELDS: Final = ("id", "at", "actor", "action", "subject", "detail", "previous", "hash")


@dataclass(frozen=True, slots=True)
class Entry:
    """One record. `detail` holds only text, whole numbers, booleans, null, lists and objects of these."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: how many records there are and the hash of the last."""

    entries: int
    hash: str


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the chain does not hold. `entry_id` is None when the end is missing.

    `problem` is ``edited``, ``gap`` (a record is missing, added or in another place) or ``head``.
    """

    entry_id: int | None
    problem: str


def record(
    conn: sa.Connection, actor: Actor, action: str, subject: str, detail: Mapping[str, object], now: datetime
) -> int:
    """Append a record in the caller's writing transaction; returns its id.

    `subject` is ``document:7``, ``invoice:12``, ``task:3`` or ``account:1``. Raises TypeError or ValueError
    for a detail that JSON cannot hold exactly (use text for money and days).
    """
    query = sa.select(audit_head.c.entries, audit_head.c.hash).where(audit_head.c.id == 1).with_for_update()
    entries, previous = conn.execute(query).one()
    kept = _exact(detail)
    digest = _hash(previous, now, (actor.login, action, subject), kept)
    inserted = conn.execute(
        sa.insert(audit_log)
        .values(at=now, actor=actor.login, action=action, subject=subject, detail=kept, previous=previous, hash=digest)
        .returning(audit_log.c.id)
    ).scalar_one()
    conn.execute(sa.update(audit_head).where(audit_head.c.id == 1).values(entries=entries + 1, hash=digest))
    return int(inserted)


def record_alone(
    engine: sa.Engine, actor: Actor, action: str, subject: str, detail: Mapping[str, object], now: datetime
) -> int:
    """Append a record of something that changes nothing else, such as a look at what is masked; returns its id."""
    with write(engine) as conn:
        return record(conn, actor, action, subject, detail, now)


def head(engine: sa.Engine) -> Head:
    """The end of the chain now: print it or keep it elsewhere as an anchor."""
    with read(engine) as conn:
        return _head(conn)


def entries(conn: sa.Connection) -> Iterator[Entry]:
    """All records, oldest first."""
    columns = [audit_log.c[name] for name in _FIELDS]
    for row in conn.execute(sa.select(*columns).order_by(audit_log.c.id).execution_options(yield_per=1000)):
        yield Entry(**row._mapping)  # noqa: SLF001 - the documented way to a row's names


def verify(engine: sa.Engine, anchor: Head | None = None) -> list[Break]:
    """Every place where the log was changed behind the service's back; empty when it is whole."""
    with read(engine) as conn:
        if conn.dialect.name == "postgresql":  # one snapshot for the records and the head
            conn.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        return check(entries(conn), _head(conn), anchor)


def check(log: Iterable[Entry], end: Head | None = None, anchor: Head | None = None) -> list[Break]:
    """Verify records given oldest first. `end` must be their end; `anchor` must have been their end once."""
    breaks: list[Break] = []
    previous, counted, anchored = START, 0, anchor is None or anchor == Head(0, START)
    for entry in log:
        if entry.previous != previous:
            breaks.append(Break(entry.id, "gap"))
        if entry.hash != _hash(entry.previous, entry.at, (entry.actor, entry.action, entry.subject), entry.detail):
            breaks.append(Break(entry.id, "edited"))
        previous, counted = entry.hash, counted + 1
        anchored = anchored or anchor == Head(counted, previous)
    if (end is not None and end != Head(counted, previous)) or not anchored:
        breaks.append(Break(None, "head"))
    return breaks


def export(engine: sa.Engine, out: IO[str]) -> Head:
    """Write the log as JSON lines, which :func:`load` reads; returns its end."""
    counted, last = 0, START
    with read(engine) as conn:
        for entry in entries(conn):
            line = {name: getattr(entry, name) for name in _FIELDS} | {"at": _moment(entry.at)}
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
            counted, last = counted + 1, entry.hash
    return Head(counted, last)


def load(lines: Iterable[str]) -> Iterator[Entry]:
    """The records of an exported log. Raises ValueError or TypeError for a line that is none."""
    for line in lines:
        fields = json.loads(line)
        yield Entry(**fields | {"at": datetime.fromisoformat(fields["at"])})


def _head(conn: sa.Connection) -> Head:
    counted, last = conn.execute(sa.select(audit_head.c.entries, audit_head.c.hash).where(audit_head.c.id == 1)).one()
    return Head(counted, last)


def _exact(detail: Mapping[str, object]) -> dict[str, Any]:
    """The detail as JSON gives it back, so that what is hashed is what is read later."""
    for value in _leaves(detail):
        if isinstance(value, float):
            raise TypeError(f"{value!r} is not exact in JSON")
    kept: dict[str, Any] = json.loads(json.dumps(dict(detail)))
    return kept


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(inner)
    else:
        yield value


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _hash(previous: str, at: datetime, texts: tuple[str, str, str], detail: Mapping[str, object]) -> str:
    canonical = json.dumps([previous, _moment(at), *texts, detail], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _main(arguments: list[str]) -> int:
    """Check the exported logs named on the command line; the exit code is 1 when one is broken."""
    broken = False
    for name in arguments:
        with Path(name).open(encoding="utf-8") as lines:
            breaks = check(load(lines))
        broken = broken or bool(breaks)
        for found in breaks:
            sys.stdout.write(f"{name}: record {found.entry_id}: {found.problem}\n")
        sys.stdout.write(f"{name}: {'broken' if breaks else 'whole'}\n")
    return int(broken)


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
