"""A place for the files of imports, and imports into it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import pytest
import sqlalchemy as sa

from intake.files import LocalFiles
from intake.model import Actor, Role
from intake.register.importer import ImportReport, import_file

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
WHO = Actor(None, "supervisor", Role.SUPERVISOR)

Import: TypeAlias = Callable[..., ImportReport]


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path / "files")


@pytest.fixture
def imported(engine: sa.Engine, files: LocalFiles) -> Import:
    def run(data: bytes, source: str = "tax-bureau") -> ImportReport:
        return import_file(engine, files, data, "export", source=source, actor=WHO, clock=lambda: NOW)

    return run
