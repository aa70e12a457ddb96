"""The one place that chooses implementations."""

from __future__ import annotations

import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from tempfile import NamedTemporaryFile

import sqlalchemy as sa
from pydantic import SecretStr

from intake import migrations
from intake.archive import SqlArchive
from intake.clock import Clock, system_clock
from intake.companies import SqlCompanies
from intake.config import Settings
from intake.couriers.embedded import EmbeddedCourier
from intake.db import connect
from intake.desk import Desk
from intake.files import LocalFiles
from intake.inspection import Inspection
from intake.official.asking import OfficialDesk
from intake.official.records import SqlOfficial
from intake.official.vendor import verifier_of
from intake.pipeline import process
from intake.ports import Reader, Tools
from intake.register.lookup import SqlRegister
from intake.register.rematch import rematch
from intake.sources import state
from intake.sources.adapters import Sources
from intake.sources.credentials import Credentials
from intake.submit import Submit
from intake.uploads import Uploads
from intake.uses import Uses
from intake.worker import Worker
from ocr.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class Intake:
    """The service, wired: what the web pages and the commands work with."""

    settings: Settings
    clock: Clock
    engine: sa.Engine
    files: LocalFiles
    courier: EmbeddedCourier
    register: SqlRegister
    companies: SqlCompanies
    sources: Sources
    submit: Submit
    uploads: Uploads
    desk: Desk
    uses: Uses
    inspection: Inspection

    def reader(self) -> Sandbox:
        """A reader of its own process; whoever asks for it closes it."""
        return Sandbox(self.settings.limits())

    def tools(self, reader: Reader) -> Tools:
        """What the pipeline needs."""
        return Tools(
            reader,
            self.register,
            SqlArchive(self.engine),
            self.companies,
            self.clock,
            self.settings,
            SqlOfficial(self.engine),
        )

    def rematch(self) -> int:
        """Match everything that waits with the register as it is now; no file is read anew. Returns how many were filed."""
        reader = self.reader()  # never started: what was read is on record
        try:
            return rematch(self.engine, self.tools(reader), self.clock())
        finally:
            reader.close()

    def official(self) -> OfficialDesk:
        """Official verification. Raises ConfigurationError when the key of a configured interface cannot be read."""
        verifier = verifier_of(self.settings, time.sleep)
        return OfficialDesk(
            self.engine, self.files, self.clock, self.settings, verifier, reader=self.reader, tools=self.tools
        )

    def worker(self, reader: Reader) -> Worker:
        """A worker that reads with `reader`."""
        return Worker(self.engine, self.files, self.courier, self.tools(reader), process)


def build(settings: Settings, clock: Clock = system_clock) -> Intake:
    """Wire the service on its data folder, which is made when missing; the schema is brought up to date."""
    settings.data.mkdir(parents=True, exist_ok=True)
    settings = settings.model_copy(update={"secret_key": _secret_key(settings)})
    verifier_of(settings, time.sleep)  # a wrong setting is told at the start
    engine = connect(settings.database_url())
    migrations.upgrade(engine)
    files = LocalFiles(settings.data / "files")
    courier = EmbeddedCourier(settings.data)
    submit = Submit(engine, files, courier, clock, settings)
    register = SqlRegister(engine, lambda: state.states(engine, clock()))
    return Intake(
        settings=settings,
        clock=clock,
        engine=engine,
        files=files,
        courier=courier,
        register=register,
        companies=SqlCompanies(engine),
        sources=Sources(
            engine=engine,
            files=files,
            credentials=Credentials(settings.data / "sources"),
            clock=clock,
            hosts=settings.named_hosts(),
            data=settings.data,
            settle=settings.settle,
        ),
        submit=submit,
        uploads=Uploads(engine, settings.data / "uploads", submit, clock, settings),
        desk=Desk(engine, clock, settings),
        inspection=Inspection(engine, clock, settings),
        uses=Uses(engine, clock, register),
    )


def _secret_key(settings: Settings) -> SecretStr:
    """The configured key, or one made at the first start and kept, readable by the owner only."""
    if settings.secret_key.get_secret_value():
        return settings.secret_key
    place = settings.data / "secret_key"
    if not place.exists():
        # linked into place whole, so that two processes starting together end with one key
        with NamedTemporaryFile("w", dir=settings.data, encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            with suppress(FileExistsError):
                place.hardlink_to(file.name)
    return SecretStr(place.read_text(encoding="ascii").strip())
