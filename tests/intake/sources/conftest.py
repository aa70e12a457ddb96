from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake.db import connect
from intake.sources.adapters import Sources
from tests.fakes import FakeClock
from tests.register_api import RegisterApi, register_api
from tests.sourcing import service


@pytest.fixture
def sources(engine: sa.Engine, tmp_path: Path) -> Sources:
    """The service's side on both kinds of database; its clock stands at noon."""
    return service(engine, tmp_path, FakeClock())


@pytest.fixture
def small(sqlite_url: str, tmp_path: Path) -> Iterator[Sources]:
    """The service's side on SQLite, for what does not ask its own database much; its clock goes right."""
    engine = connect(sqlite_url)
    yield service(engine, tmp_path)
    engine.dispose()


@pytest.fixture
def api() -> Iterator[RegisterApi]:
    with register_api() as made:
        yield made


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between tries are what they are in life, only shorter."""
    for name in ("FIRST_WAIT", "JITTER", "LONGEST_WAIT"):
        monkeypatch.setattr(f"intake.sources.retrying.{name}", 0.01)
