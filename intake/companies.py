"""Our own companies: names and tax ids with the days they held (domain.md §9.6), kept in TOML by the administrator.

A file looks so, days are TOML dates and may be left out::

    [[company]]
    name = "北京示例科技有限公司"
    tax_id = "911101080000000000"
    valid_from = 2019-03-01
    group = "示例集团"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from intake import audit
from intake.clock import Clock
from intake.db import companies, read, write
from intake.errors import ConfigurationError
from intake.model import Actor, Company
from intake.roles import Action, require
from ocr.normalise import normalise
from ocr.types import FieldName

KNOWN = frozenset({"name", "tax_id", "valid_from", "valid_to", "group"})


class SqlCompanies:
    """The port :class:`intake.ports.Companies` on the table `companies`."""

    def __init__(self, engine: sa.Engine) -> None:
        """`engine` is one of :func:`intake.db.connect`."""
        self._engine = engine

    def all(self) -> Sequence[Company]:
        """Every company under every name it has had, in the order they were added."""
        with read(self._engine) as conn:
            rows = conn.execute(sa.select(companies).order_by(companies.c.id)).all()
        return [Company(row.name, row.tax_id, row.valid_from, row.valid_to, row.group) for row in rows]


def load(engine: sa.Engine, path: Path, *, actor: Actor, clock: Clock) -> int:
    """Add the companies of a TOML file to those on file and change what it says otherwise; returns how many it names.

    Raises ForbiddenError, and ConfigurationError when the file is wrong; then nothing is changed.
    """
    require(actor, Action.MANAGE_COMPANIES)
    found = parse(path)
    save(engine, found, actor=actor, clock=clock)
    return len(found)


def parse(path: Path) -> tuple[Company, ...]:
    """The companies in a TOML file. Raises ConfigurationError that names the entry and what is wrong with it."""
    try:
        with path.open("rb") as file:
            content = tomllib.load(file)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path.name}: {error}") from error
    entries = content.get("company")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ConfigurationError(f"{path.name}: no [[company]] in it")
    return tuple(_company(f"{path.name}, company {number}", entry) for number, entry in enumerate(entries, 1))


def _company(where: str, entry: dict[str, Any]) -> Company:
    strange = entry.keys() - KNOWN
    if strange:
        raise ConfigurationError(f"{where}: unknown {', '.join(sorted(strange))}")
    for required in ("name", "tax_id"):
        if not isinstance(entry.get(required), str) or not entry[required].strip():
            raise ConfigurationError(f"{where}: {required} is missing")
    for limit in ("valid_from", "valid_to"):
        value = entry.get(limit)
        if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
            raise ConfigurationError(f"{where}: {limit} is not a day such as 2019-03-01")
    name = normalise(FieldName.BUYER_NAME, entry["name"])
    tax_id = normalise(FieldName.BUYER_TAX_ID, entry["tax_id"])
    if name is None or tax_id is None:
        raise ConfigurationError(f"{where}: {'name' if name is None else 'tax_id'} cannot be one")
    company = Company(name, tax_id, entry.get("valid_from"), entry.get("valid_to"), str(entry.get("group", "")))
    if company.valid_from and company.valid_to and company.valid_to < company.valid_from:
        raise ConfigurationError(f"{where}: valid_to is before valid_from")
    return company


def save(engine: sa.Engine, found: Sequence[Company], *, actor: Actor, clock: Clock) -> None:
    """Add the companies or change those with the same name and tax id; none is removed. One audited transaction.

    Raises ForbiddenError.
    """
    require(actor, Action.MANAGE_COMPANIES)
    with write(engine) as conn:
        records = [record for company in found if (record := _upsert(conn, company))]
        now = clock()
        for action, subject, detail in records:
            audit.record(conn, actor, action, subject, detail, now)


def _upsert(conn: sa.Connection, company: Company) -> tuple[str, str, dict[str, object]] | None:
    """What to write into the audit log; None when nothing changed."""
    span = {"valid_from": company.valid_from, "valid_to": company.valid_to, "group": company.group}
    found = sa.select(companies).where(companies.c.name == company.name, companies.c.tax_id == company.tax_id)
    before = conn.execute(found.with_for_update()).mappings().first()
    if before is None:
        added = sa.insert(companies).values(name=company.name, tax_id=company.tax_id, **span)
        row_id = conn.execute(added.returning(companies.c.id)).scalar_one()
        return "add_company", f"company:{row_id}", {"name": company.name, "tax_id": company.tax_id, **_plain(span)}
    earlier = {name: before[name] for name in span}
    if earlier == span:
        return None
    conn.execute(sa.update(companies).where(companies.c.id == before["id"]).values(**span))
    return "change_company", f"company:{before['id']}", {"old": _plain(earlier), "new": _plain(span)}


def _plain(span: Mapping[str, Any]) -> dict[str, object]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in span.items()}
