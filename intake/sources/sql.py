"""Any database that SQLAlchemy reaches: a view of the company's ERP, read by one SELECT.

The query may name `:since` (a day: the newest 开票日期 known, less the overlap) and `:changed_since` (a moment by the
clock of China without a zone: when the source was last asked). Nothing is ever written: the statement must be a SELECT,
the transaction is read only where the database knows that, and it is always rolled back.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy.engine import URL, make_url

from intake.clock import BEIJING, Clock
from intake.sources import probe, sqlfaults
from intake.sources.errors import Fault, SourceError
from intake.sources.model import Definition, Delivery, Rows, Step, TestStep, Watermark
from intake.sources.retrying import retrying

FROM_THE_BEGINNING: Final = date(1900, 1, 1)
AT_ONCE: Final = 1000  # rows taken from the server at once
CONNECT_SECONDS: Final = 10
TEST_SECONDS: Final = 15.0
SAMPLE: Final = 5  # rows
TICKS: Final = 20_000  # of SQLite's machine between two looks at the clock
COMMENT: Final = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
BINDS: Final = frozenset({"since", "changed_since"})


class SqlSource:
    """The port on a database. `url` holds the password and is therefore no part of the definition."""

    def __init__(self, definition: Definition, url: SecretStr | None, clock: Clock, *, own: Path) -> None:
        """`own` is the service's data folder, whose database is none of the sources."""
        self._definition = definition
        self._secret = url
        self._clock = clock
        self._own = own

    @contextmanager
    def fetch(self, since: Watermark) -> Iterator[Delivery | None]:
        """The rows of the query, in pieces, while the block runs."""
        statement = self.statement(since)
        until = time.monotonic() + self._definition.seconds
        engine = self.engine(self._definition.seconds)
        try:
            with retrying(lambda: self.connect(engine), until) as connection:
                headings, rows = self._execute(connection, statement, until)
                yield Rows(headings, rows)
        finally:
            engine.dispose()

    def self_test(self) -> tuple[TestStep, ...]:
        """Connect, ask for a sample, compare the server's clock."""
        test = _SelfTest(self, self._clock)
        try:
            return probe.run(
                (
                    (Step.REACHABLE, test.reach),
                    (Step.AUTHORISED, test.authorise),
                    (Step.SAMPLE, test.sample),
                    (Step.CLOCK, test.compare_clock),
                )
            )
        finally:
            test.close()

    def statement(self, since: Watermark) -> sa.TextClause:
        """The query with its days and moments bound. Raises SourceError (not_a_select)."""
        plain = COMMENT.sub(" ", self._definition.query).strip().rstrip(";").rstrip()
        if not re.match(r"(select|with)\b", plain, re.IGNORECASE) or ";" in plain:
            raise SourceError(Fault.NOT_A_SELECT)
        statement = sa.text(plain)
        asked = statement.compile().params.keys()
        if not asked <= BINDS:
            raise SourceError(Fault.NOT_A_SELECT, ", ".join(sorted(f":{name}" for name in asked - BINDS)))
        values: dict[str, sa.BindParameter[Any]] = {
            "since": sa.bindparam("since", self._definition.since(since) or FROM_THE_BEGINNING, sa.Date),
            "changed_since": sa.bindparam(
                "changed_since", _wall_clock(self._definition.changed_since(since)), sa.DateTime
            ),
        }
        return statement.bindparams(*(values[name] for name in asked))

    def _url(self) -> URL:
        if self._secret is None:
            raise SourceError(Fault.NO_SECRET)
        try:
            return make_url(self._secret.get_secret_value())
        except sa.exc.ArgumentError as error:
            raise SourceError(Fault.DRIVER_MISSING, "not a database URL") from error

    def _execute(
        self, connection: sa.Connection, statement: sa.TextClause, until: float
    ) -> tuple[tuple[str, ...], Iterator[tuple[Any, ...]]]:
        try:
            result = connection.execution_options(stream_results=True, yield_per=AT_ONCE).execute(statement)
        except sa.exc.SQLAlchemyError as error:
            raise self.fault(error) from error
        return tuple(result.keys()), self._rows(result, until)

    def _rows(self, result: sa.CursorResult[Any], until: float) -> Iterator[tuple[Any, ...]]:
        try:
            for row in result:
                if time.monotonic() > until:
                    raise SourceError(Fault.TIMEOUT)
                yield tuple(row)
        except sa.exc.SQLAlchemyError as error:
            raise self.fault(error) from error

    def engine(self, seconds: float) -> sa.Engine:
        """For one use, limited to so many seconds a statement. Raises SourceError."""
        url = self._url()
        options: dict[str, Any] = {}
        match url.get_backend_name():
            case "sqlite":
                url = self._sqlite(url)
            case "postgresql":
                url = url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url
                options = {
                    "connect_timeout": CONNECT_SECONDS,
                    "options": f"-c default_transaction_read_only=on -c statement_timeout={round(seconds * 1000)}",
                }
            case _:
                pass  # docs/operations.md asks for an account that may only read, with a time limit of its own
        try:
            engine = sa.create_engine(url, connect_args=options, poolclass=sa.NullPool)
        except (sa.exc.NoSuchModuleError, ImportError) as error:
            raise SourceError(Fault.DRIVER_MISSING, url.drivername) from error
        if engine.dialect.name == "sqlite":
            _limit_sqlite(engine, seconds)
        return engine

    def _sqlite(self, url: URL) -> URL:
        place = Path(url.database or "")
        if not url.database or not place.is_absolute():
            raise SourceError(Fault.UNREACHABLE, "sqlite:////absolute/path")
        if place.resolve().is_relative_to(self._own.resolve()):
            raise SourceError(Fault.OWN_DATABASE)
        if not place.is_file():
            raise SourceError(Fault.UNREACHABLE, place.name)
        return url.set(database=place.as_uri(), query={"mode": "ro", "uri": "true"})

    def connect(self, engine: sa.Engine) -> sa.Connection:
        """A connection. Raises SourceError."""
        try:
            return engine.connect()
        except sa.exc.SQLAlchemyError as error:
            raise self.fault(error) from error
        except ImportError as error:
            raise SourceError(Fault.DRIVER_MISSING, engine.url.drivername) from error

    def fault(self, error: sa.exc.SQLAlchemyError) -> SourceError:
        """The error's name, without the password."""
        return sqlfaults.name(error, hidden=self._url().password)


class _SelfTest:
    """One test of a database: its connection is kept from step to step."""

    def __init__(self, source: SqlSource, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._engine: sa.Engine | None = None
        self._connection: sa.Connection | None = None
        self._refused: SourceError | None = None

    def reach(self) -> probe.Said:
        """Connecting shows both that it is there and whether it lets us in; a refusal is an answer too."""
        self._engine = self._source.engine(TEST_SECONDS)
        try:
            self._connection = self._source.connect(self._engine)
        except SourceError as error:
            if error.fault not in {Fault.UNAUTHORISED, Fault.FORBIDDEN}:
                raise
            self._refused = error
        return "database_answers", {}

    def authorise(self) -> probe.Said:
        if self._refused is not None:
            raise self._refused
        return "signed_in", {}

    def sample(self) -> probe.Said:
        try:
            result = self._open().execution_options(stream_results=True).execute(self._source.statement(Watermark()))
            headings, first = tuple(result.keys()), result.fetchmany(SAMPLE)
            result.close()
        except sa.exc.SQLAlchemyError as error:
            raise self._source.fault(error) from error
        return "sample_rows", {"n": str(len(first)), "headings": ", ".join(headings)[:200]}

    def compare_clock(self) -> probe.Said:
        """Where the server says its zone; SQLite has no clock of its own."""
        connection = self._open()
        if connection.dialect.name == "sqlite":
            return None
        try:
            there: Any = connection.execute(sa.select(sa.func.current_timestamp())).scalar_one()
        except sa.exc.SQLAlchemyError as error:
            raise self._source.fault(error) from error
        if not isinstance(there, datetime) or there.tzinfo is None:
            return None
        return "clock_of_server", probe.compare_clocks(there.astimezone(UTC), self._clock())

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        if self._engine is not None:
            self._engine.dispose()

    def _open(self) -> sa.Connection:
        if self._connection is None:
            raise SourceError(Fault.UNREACHABLE)
        return self._connection


def _limit_sqlite(engine: sa.Engine, seconds: float) -> None:
    """Interrupt what computes longer than allowed; SQLite has no time limit of its own."""

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        until = time.monotonic() + seconds
        connection.set_progress_handler(lambda: int(time.monotonic() > until), TICKS)


def _wall_clock(moment: datetime | None) -> datetime:
    moment = moment or datetime(1900, 1, 1, tzinfo=UTC)
    return moment.astimezone(BEIJING).replace(tzinfo=None)
