"""The real pipeline on a desk of its own: a sandboxed reader, the generated register and companies, an empty archive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fixtures.register import XLSX_NAME
from intake import companies, migrations
from intake.archive import SqlArchive
from intake.companies import SqlCompanies
from intake.config import Settings
from intake.db import connect
from intake.files import LocalFiles
from intake.model import Actor, Role
from intake.ports import Tools
from intake.register.importer import import_file
from intake.register.lookup import SqlRegister
from ocr.sandbox import Sandbox

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
WHO = Actor(None, "maker", Role.ADMINISTRATOR)


def clock() -> datetime:
    """The morning on which the generated register is nine days old."""
    return NOW


@pytest.fixture(scope="session")
def tools(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tools]:
    settings = Settings.model_validate({"data": tmp_path_factory.mktemp("golden")})
    engine = connect(settings.database_url())
    migrations.upgrade(engine)
    companies.load(engine, made / "companies.toml", actor=WHO, clock=clock)
    files = LocalFiles(settings.data / "files")
    import_file(engine, files, made / XLSX_NAME, XLSX_NAME, source="tax-bureau", actor=WHO, clock=clock)
    with Sandbox(settings.limits()) as reader:
        yield Tools(reader, SqlRegister(engine), SqlArchive(engine), SqlCompanies(engine), clock, settings)
    engine.dispose()
