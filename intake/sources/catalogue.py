"""The sources as their rows hold them: set up, changed, removed by an administrator, each time audited.

Secrets go to :class:`Credentials`; the audit log says that one was set, never which.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy.engine import URL, make_url

from intake import audit
from intake.clock import Clock
from intake.db import maintenance, read, register_sources, write
from intake.errors import NotFoundError, SourceWrongError
from intake.model import Actor
from intake.roles import Action, require
from intake.sources.breaker import Breaker
from intake.sources.credentials import Credentials
from intake.sources.model import Definition, SourceKind, Watermark

NAME: Final = re.compile(r"^[^\s/\\?#%&<>\"'][^/\\?#%&<>\"']{0,63}$")
RESERVED: Final = frozenset({"manual", "new", "maintenance"})
SHORTEST: Final = timedelta(minutes=1)
LONGEST: Final = timedelta(days=31)
LEAST_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Source:
    """A source with all that its row remembers. `error` is a `Fault`; `claim` is set while it is being synchronised."""

    definition: Definition
    watermark: Watermark
    breaker: Breaker
    tried_at: datetime | None
    synced_at: datetime | None
    error: str
    error_detail: str
    bypass_until: datetime | None
    bypass_reason: str
    bypass_by: int | None
    claim: str | None
    lease_until: datetime | None
    version: int

    @property
    def name(self) -> str:
        """Under which its rows stand in the register."""
        return self.definition.name

    def bypassed(self, now: datetime) -> bool:
        """Whether a person left it out for now; the bypass ends by itself."""
        return self.bypass_until is not None and now < self.bypass_until

    def running(self, now: datetime) -> bool:
        """Whether somebody synchronises it now."""
        return self.claim is not None and self.lease_until is not None and now < self.lease_until


def all_sources(engine: sa.Engine) -> tuple[Source, ...]:
    """Every source by name."""
    with read(engine) as conn:
        return tuple(source(row) for row in conn.execute(sa.select(register_sources).order_by(register_sources.c.name)))


def find(engine: sa.Engine, name: str) -> Source:
    """One source. Raises NotFoundError."""
    with read(engine) as conn:
        row = conn.execute(sa.select(register_sources).where(register_sources.c.name == name)).one_or_none()
    if row is None:
        raise NotFoundError(f"source {name}")
    return source(row)


def save(
    engine: sa.Engine,
    credentials: Credentials,
    wanted: Definition,
    secret: SecretStr | None,
    *,
    new: bool,
    actor: Actor,
    clock: Clock,
) -> None:
    """Set a source up, or change it; no `secret` keeps the one it has.

    A secret is kept for the place it was given for: where a database or host changes, it must be given again, so that
    nobody can have it sent elsewhere. Raises SourceWrongError, NotFoundError and ForbiddenError.
    """
    require(actor, Action.MANAGE_SOURCES)
    wanted = replace(wanted, place=_place(wanted, secret))
    _check(wanted)
    now = clock()
    with write(engine) as conn:
        row = conn.execute(
            sa.select(register_sources).where(register_sources.c.name == wanted.name).with_for_update()
        ).one_or_none()
        if new and row is not None:
            raise SourceWrongError("name_taken")
        if not new and row is None:
            raise NotFoundError(f"source {wanted.name}")
        before = source(row).definition if row else None
        if before is not None and wanted.kind is SourceKind.SQL and secret is None:
            wanted = replace(wanted, place=before.place)
        moved = before is not None and _host(before) != _host(wanted)
        if wanted.kind is not SourceKind.FOLDER and secret is None and (new or moved):
            raise SourceWrongError("secret")
        _write(conn, wanted, before)
        detail = {"new": _plain(wanted), "secret_given": secret is not None}
        if before is not None:
            detail["old"] = _plain(before)
        audit.record(conn, actor, "add_source" if new else "change_source", f"source:{wanted.name}", detail, now)
        if secret is not None:
            credentials.put(wanted.name, secret)


def remove(engine: sa.Engine, credentials: Credentials, name: str, *, actor: Actor, clock: Clock) -> None:
    """Forget a source and its secret; what it brought stays in the register. Raises NotFoundError, ForbiddenError."""
    require(actor, Action.MANAGE_SOURCES)
    with write(engine) as conn:
        gone = conn.execute(sa.delete(register_sources).where(register_sources.c.name == name))
        if gone.rowcount != 1:
            raise NotFoundError(f"source {name}")
        conn.execute(sa.delete(maintenance).where(maintenance.c.what == name))
        audit.record(conn, actor, "remove_source", f"source:{name}", {}, clock())
    credentials.forget(name)


def source(row: sa.Row[Any]) -> Source:
    """The value of a row of `register_sources`."""
    mark = row.watermark or {}
    config = row.config
    return Source(
        definition=Definition(
            name=row.name,
            kind=SourceKind(row.kind),
            place=config["place"],
            query=config["query"],
            mapping=row.mapping,
            every=timedelta(seconds=row.every_seconds),
            overlap_days=config["overlap_days"],
            first_day=date.fromisoformat(config["first_day"]) if config["first_day"] else None,
            seconds=float(config["seconds"]),
            enabled=row.enabled,
        ),
        watermark=Watermark(
            date.fromisoformat(mark["newest_issue"]) if mark.get("newest_issue") else None,
            datetime.fromisoformat(mark["asked_at"]) if mark.get("asked_at") else None,
        ),
        breaker=Breaker(row.failures, row.open_until),
        tried_at=row.tried_at,
        synced_at=row.synced_at,
        error=row.error,
        error_detail=row.error_detail,
        bypass_until=row.bypass_until,
        bypass_reason=row.bypass_reason,
        bypass_by=row.bypass_by,
        claim=row.claim,
        lease_until=row.lease_until,
        version=row.version,
    )


def mark_columns(mark: Watermark) -> dict[str, str | None]:
    """A watermark as its column holds it."""
    return {
        "newest_issue": mark.newest_issue.isoformat() if mark.newest_issue else None,
        "asked_at": mark.asked_at.isoformat() if mark.asked_at else None,
    }


def _write(conn: sa.Connection, wanted: Definition, before: Definition | None) -> None:
    plain = _plain(wanted)
    columns: dict[str, Any] = {
        "kind": wanted.kind.value,
        "config": {name: plain[name] for name in ("place", "query", "overlap_days", "first_day", "seconds")},
        "mapping": wanted.mapping,
        "every_seconds": round(wanted.every.total_seconds()),
        "enabled": wanted.enabled,
    }
    if before is None:
        conn.execute(sa.insert(register_sources).values(name=wanted.name, **columns))
        return
    if (before.place, before.query, before.first_day) != (wanted.place, wanted.query, wanted.first_day):
        columns["watermark"] = sa.null()  # another place has its own beginning
    columns |= {"failures": 0, "open_until": None, "error": "", "error_detail": ""}  # it deserves a new try
    conn.execute(sa.update(register_sources).where(register_sources.c.name == wanted.name).values(**columns))


def _check(wanted: Definition) -> None:
    if not NAME.match(wanted.name) or wanted.name in RESERVED:
        raise SourceWrongError("name")
    if not wanted.place or len(wanted.place) > 500:
        raise SourceWrongError("place")
    if wanted.kind is SourceKind.FOLDER and not Path(wanted.place).is_absolute():
        raise SourceWrongError("folder")
    if wanted.kind is SourceKind.SQL and not wanted.query:
        raise SourceWrongError("query")
    if not SHORTEST <= wanted.every <= LONGEST:
        raise SourceWrongError("every")
    if not 0 <= wanted.overlap_days <= 3660:
        raise SourceWrongError("overlap_days")
    if not LEAST_SECONDS <= wanted.seconds <= 3600:
        raise SourceWrongError("seconds")


def _place(wanted: Definition, secret: SecretStr | None) -> str:
    """Of a database only what may be shown; of an interface an address without anything beside host and path."""
    if wanted.kind is SourceKind.SQL:
        if secret is None:
            return wanted.place or "-"
        try:
            url = make_url(secret.get_secret_value())
        except sa.exc.ArgumentError as error:
            raise SourceWrongError("database") from error
        return URL.create(url.drivername, host=url.host, port=url.port, database=url.database).render_as_string()
    if wanted.kind is SourceKind.HTTP:
        try:
            parts = urlsplit(wanted.place)
            named = bool(parts.hostname) and parts.username is None and (parts.port or 1) > 0
        except ValueError as error:
            raise SourceWrongError("address") from error
        if parts.scheme not in {"https", "http"} or not named or parts.query or parts.fragment:
            raise SourceWrongError("address")
    return wanted.place


def _host(definition: Definition) -> str:
    return urlsplit(definition.place).netloc if definition.kind is SourceKind.HTTP else ""


def _plain(definition: Definition) -> dict[str, Any]:
    return {
        "kind": definition.kind.value,
        "place": definition.place,
        "query": definition.query,
        "mapping": definition.mapping,
        "every_seconds": round(definition.every.total_seconds()),
        "overlap_days": definition.overlap_days,
        "first_day": definition.first_day.isoformat() if definition.first_day else None,
        "seconds": round(definition.seconds),
        "enabled": definition.enabled,
    }
