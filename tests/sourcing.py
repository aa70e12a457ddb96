"""Places that hold invented register rows, one for each kind of source, and the service's own side of it."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from pydantic import SecretStr

from intake.clock import Clock, system_clock
from intake.files import LocalFiles
from intake.model import Actor, Role
from intake.sources import catalogue
from intake.sources.adapters import Sources
from intake.sources.credentials import Credentials
from intake.sources.model import Definition, SourceKind
from tests.fakes import FakeClock
from tests.register_api import TOKEN, RegisterApi

NAME = "erp"
ADMINISTRATOR = Actor(None, "admin", Role.ADMINISTRATOR)
SELLER = "91110108000000001A"
BUYER = "91110105000000002B"
QUERY = "SELECT * FROM purchased WHERE issue_date >= :since ORDER BY invoice_number"
COLUMNS = (
    "invoice_code",
    "invoice_number",
    "issue_date",
    "net",
    "tax",
    "total",
    "seller_tax_id",
    "seller_name",
    "buyer_tax_id",
    "buyer_name",
    "kind",
    "status",
)


def row(index: int, day: str = "2026-11-20", **changed: str) -> dict[str, str]:
    """An invented invoice as a row of the register."""
    return {
        "invoice_code": "",
        "invoice_number": f"2611200000{48542163 + index:010d}",
        "issue_date": day,
        "net": f"{100 + index}.00",
        "tax": "6.00",
        "total": f"{106 + index}.00",
        "seller_tax_id": SELLER,
        "seller_name": "北京示例文具有限公司",
        "buyer_tax_id": BUYER,
        "buyer_name": "北京示例科技有限公司",
        "kind": "数电发票（普通发票）",
        "status": "正常",
        **changed,
    }


class Place(Protocol):
    """Somewhere that rows are put, and read by an adapter."""

    definition: Definition
    secret: SecretStr | None

    def put(self, rows: Iterable[Mapping[str, str]]) -> None:
        """The place holds these rows too."""
        ...

    def take_away(self) -> None:
        """The place is gone."""
        ...


@dataclass
class FolderPlace:
    """Each call of `put` writes one export, old enough to be taken."""

    folder: Path
    clock: Clock = system_clock
    secret: SecretStr | None = None
    written: int = 0

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.definition = Definition(NAME, SourceKind.FOLDER, str(self.folder))

    def put(self, rows: Iterable[Mapping[str, str]]) -> None:
        self.written += 1
        self.export(f"导出{self.written}.csv", rows)

    def export(self, name: str, rows: Iterable[Mapping[str, str]]) -> Path:
        place = self.folder / name
        with place.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
        age(place, self.written, self.clock)
        return place

    def take_away(self) -> None:
        for place in self.folder.iterdir():
            place.unlink()
        self.folder.rmdir()


def age(place: Path, newer: int = 0, clock: Clock = system_clock) -> None:
    """Make a file look as if it had been still for a while by this clock."""
    stamp = (clock() - timedelta(hours=1)).timestamp() + newer
    os.utime(place, (stamp, stamp))


@dataclass
class SqlPlace:
    """A view of an ERP in a database of its own."""

    engine: sa.Engine
    query: str = QUERY

    def __post_init__(self) -> None:
        url = self.engine.url
        self.secret: SecretStr | None = SecretStr(url.render_as_string(hide_password=False))
        self.definition = Definition(NAME, SourceKind.SQL, "-", query=self.query)
        kinds = {"issue_date": "DATE", "net": "NUMERIC(15,2)", "tax": "NUMERIC(15,2)", "total": "NUMERIC(15,2)"}
        columns = ", ".join(f"{name} {kinds.get(name, 'VARCHAR(200)')}" for name in COLUMNS)
        with self.engine.begin() as conn:
            conn.exec_driver_sql(f"CREATE TABLE purchased ({columns})")

    def put(self, rows: Iterable[Mapping[str, str]]) -> None:
        values = ", ".join(f":{name}" for name in COLUMNS)
        with self.engine.begin() as conn:
            for each in rows:
                conn.execute(sa.text(f"INSERT INTO purchased VALUES ({values})"), dict(each))  # noqa: S608 - own names

    def take_away(self) -> None:
        if self.engine.dialect.name == "sqlite":
            self.engine.dispose()
            Path(str(self.engine.url.database)).unlink()
        else:
            gone = self.engine.url.set(query={"host": "/nowhere"})
            self.secret = SecretStr(gone.render_as_string(hide_password=False))


@dataclass
class ApiPlace:
    """The interface of the document."""

    api: RegisterApi

    def __post_init__(self) -> None:
        self.secret: SecretStr | None = SecretStr(TOKEN)
        self.definition = Definition(NAME, SourceKind.HTTP, self.api.address)

    def put(self, rows: Iterable[Mapping[str, str]]) -> None:
        self.api.rows += [dict(each) for each in rows]

    def take_away(self) -> None:
        self.definition = Definition(NAME, SourceKind.HTTP, "http://127.0.0.1:9/register")


def service(engine: sa.Engine, folder: Path, clock: FakeClock | None = None) -> Sources:
    """The service's side, with this machine named as a host that may be asked."""
    data = folder / "data"
    return Sources(
        engine=engine,
        files=LocalFiles(data / "files"),
        credentials=Credentials(data / "sources"),
        clock=clock or FakeClock(system_clock()),
        hosts=frozenset({"127.0.0.1"}),
        data=data,
        settle=3.0,
    )


def set_up(sources: Sources, place: Place) -> None:
    """Enter the source as an administrator does."""
    catalogue.save(
        sources.engine,
        sources.credentials,
        place.definition,
        place.secret,
        new=not any(found.name == NAME for found in catalogue.all_sources(sources.engine)),
        actor=ADMINISTRATOR,
        clock=sources.clock,
    )
