"""Sources that hang, lie, refuse or flood: each is a fault with its own name, and the register stays as it was."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import trustme
from pydantic import SecretStr

from intake.db import connect, read, register_rows
from intake.model import SERVICE
from intake.sources import catalogue
from intake.sources.adapters import Sources
from intake.sources.errors import Fault, SourceError
from intake.sources.model import Definition, Outcome, Rows, SourceKind, Step, Watermark
from intake.sources.sync import sync
from tests.databases import Server
from tests.register_api import RegisterApi, register_api
from tests.sourcing import ADMINISTRATOR, NAME, ApiPlace, FolderPlace, SqlPlace, row, service, set_up
from web.catalog import has

SLOW_QUERY = """
WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 2000000000)
SELECT max(n) AS invoice_number FROM many
"""


@pytest.fixture
def sources(sqlite_url: str, tmp_path: Path) -> Iterator[Sources]:
    engine = connect(sqlite_url)
    yield service(engine, tmp_path)
    engine.dispose()


@pytest.fixture
def api() -> Iterator[RegisterApi]:
    with register_api() as made:
        yield made


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pauses and limits of life, shorter."""
    monkeypatch.setattr("intake.sources.http.SILENCE", 0.3)
    monkeypatch.setattr("intake.sources.catalogue.LEAST_SECONDS", 1.0)
    for name in ("FIRST_WAIT", "JITTER", "LONGEST_WAIT"):
        monkeypatch.setattr(f"intake.sources.retrying.{name}", 0.01)


def fault_of(sources: Sources) -> Fault | None:
    """The fault of one synchronisation, which leaves the register empty."""
    report = sync(sources, NAME, actor=SERVICE)
    with read(sources.engine) as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(register_rows)).scalar_one() == 0
    return report.fault


def test_every_fault_has_its_sentence_and_what_to_do() -> None:
    assert {
        fault for fault in Fault if not (has(f"source_error.{fault}") and has(f"source_error.{fault}.remedy"))
    } == set()


@pytest.mark.parametrize(
    ("mood", "fault"),
    [
        ("hangs", Fault.TIMEOUT),
        ("401", Fault.UNAUTHORISED),
        ("403", Fault.FORBIDDEN),
        ("404", Fault.NOT_FOUND),
        ("418", Fault.GARBAGE),
        ("429", Fault.TOO_MANY_REQUESTS),
        ("500", Fault.SERVER_ERROR),
        ("503", Fault.SERVER_ERROR),
        ("redirects", Fault.REDIRECTED),
        ("garbage", Fault.GARBAGE),
        ("wrong_shape", Fault.GARBAGE),
        ("circle", Fault.GARBAGE),
        ("too_much", Fault.TOO_MUCH),
    ],
)
def test_an_interface_that_misbehaves_is_named(sources: Sources, api: RegisterApi, mood: str, fault: Fault) -> None:
    place = ApiPlace(api)
    place.put([row(0)])
    set_up(sources, place)
    api.mood = mood
    assert fault_of(sources) is fault


def test_a_server_that_drips_does_not_outlast_the_time_limit(sources: Sources, api: RegisterApi) -> None:
    place = ApiPlace(api)
    place.definition = replace(place.definition, seconds=5)
    set_up(sources, place)
    api.mood = "drips"
    adapter = sources.adapter(replace(place.definition, seconds=0.5))
    with adapter.fetch(Watermark()) as delivery:
        assert isinstance(delivery, Rows)
        with pytest.raises(SourceError) as caught:
            list(delivery.rows)
    assert caught.value.fault is Fault.TIMEOUT


@pytest.mark.parametrize("minutes", [-11, 11])
def test_a_clock_that_is_off_is_named_and_nothing_is_imported(sources: Sources, api: RegisterApi, minutes: int) -> None:
    place = ApiPlace(api)
    place.put([row(0)])
    set_up(sources, place)
    api.ahead = timedelta(minutes=minutes)
    assert fault_of(sources) is Fault.CLOCK_OFF
    steps = sources.adapter(place.definition).self_test()
    assert [step.outcome for step in steps] == [*[Outcome.OK] * 3, Outcome.FAILED]
    assert steps[-1].step is Step.CLOCK


def test_a_fault_that_passes_is_asked_again_within_the_same_synchronisation(sources: Sources, api: RegisterApi) -> None:
    place = ApiPlace(api)
    place.put([row(index) for index in range(5)])
    set_up(sources, place)
    api.failures = 3
    report = sync(sources, NAME, actor=SERVICE)
    assert (report.fault, report.imports[0].new) == (None, 5)
    assert api.broken_promises == []


def test_a_wrong_token_fails_the_step_of_the_right_and_is_said_nowhere(
    sources: Sources, api: RegisterApi, capfd: pytest.CaptureFixture[str]
) -> None:
    place = ApiPlace(api)
    place.secret = SecretStr("a-wrong-and-secret-token")
    set_up(sources, place)
    steps = sources.adapter(place.definition).self_test()
    assert [step.outcome for step in steps[:2]] == [Outcome.OK, Outcome.FAILED]
    assert steps[1].code == Fault.UNAUTHORISED
    assert fault_of(sources) is Fault.UNAUTHORISED
    told = capfd.readouterr()
    assert "a-wrong-and-secret-token" not in told.out + told.err + repr(steps)


@pytest.mark.parametrize(
    ("place", "fault"),
    [
        ("http://127.0.0.2:9/register", Fault.HOST_NOT_ALLOWED),
        ("https://127.0.0.2/register", Fault.HOST_NOT_ALLOWED),
        ("https://127.0.0.1:9/register", Fault.UNREACHABLE),  # named, but nobody listens
    ],
)
def test_an_address_inside_that_nobody_named_is_not_asked(sources: Sources, place: str, fault: Fault) -> None:
    made = Definition(NAME, SourceKind.HTTP, place)
    catalogue.save(
        sources.engine,
        sources.credentials,
        made,
        SecretStr("t"),
        new=True,
        actor=ADMINISTRATOR,
        clock=sources.clock,
    )
    assert fault_of(sources) is fault


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("DELETE FROM purchased", Fault.NOT_A_SELECT),
        ("SELECT 1; DELETE FROM purchased", Fault.NOT_A_SELECT),
        ("-- SELECT\nDROP TABLE purchased", Fault.NOT_A_SELECT),
        ("SELECT * FROM purchased WHERE a = :since AND b = :password", Fault.NOT_A_SELECT),
        ("SELECT * FROM nowhere", Fault.QUERY_FAILED),
        ("SELECT nothing FROM purchased", Fault.QUERY_FAILED),
        ("SELECT 1 AS one, 2 AS two", Fault.NOT_UNDERSTOOD),
        (SLOW_QUERY, Fault.TIMEOUT),
    ],
)
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_a_query_that_must_not_or_cannot_run_is_named(
    sources: Sources,
    tmp_path: Path,
    kind: str,
    query: str,
    fault: Fault,
    request: pytest.FixtureRequest,
) -> None:
    if kind == "postgresql":
        server: Server = request.getfixturevalue("postgres")
        with server.database(migrated=False) as url:
            _run_query(sources, url, query, fault)
    else:
        _run_query(sources, f"sqlite:///{tmp_path / 'erp.sqlite3'}", query, fault)


def _run_query(sources: Sources, url: str, query: str, fault: Fault) -> None:
    place = SqlPlace(sa.create_engine(url, poolclass=sa.NullPool), query=query)
    place.definition = replace(place.definition, seconds=1)
    place.put([row(0)])
    set_up(sources, place)
    assert fault_of(sources) is fault
    with place.engine.connect() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM purchased").scalar_one() == 1


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("SELECT nextval('counted') AS invoice_number", Fault.NOT_A_SELECT),
        ("WITH gone AS (DELETE FROM purchased RETURNING *) SELECT * FROM gone", Fault.QUERY_FAILED),
    ],
)
def test_a_select_that_writes_is_stopped_by_the_session(
    sources: Sources, postgres: Server, query: str, fault: Fault
) -> None:
    with postgres.database(migrated=False) as url:
        with sa.create_engine(url, poolclass=sa.NullPool).begin() as conn:
            conn.exec_driver_sql("CREATE SEQUENCE counted")
        _run_query(sources, url, query, fault)


@pytest.mark.postgres
def test_an_unknown_user_is_refused_and_the_password_is_said_nowhere(sources: Sources, postgres: Server) -> None:
    with postgres.database(migrated=False) as url:
        place = SqlPlace(sa.create_engine(url, poolclass=sa.NullPool))
        place.secret = SecretStr(url.replace("postgres@", "stranger:pa55word@"))
        set_up(sources, place)
        assert fault_of(sources) is Fault.UNAUTHORISED
        steps = sources.adapter(place.definition).self_test()
        assert [step.outcome for step in steps[:2]] == [Outcome.OK, Outcome.FAILED]
        assert "pa55word" not in repr(steps)


@pytest.mark.postgres
def test_an_account_without_the_right_to_read_is_named(sources: Sources, postgres: Server) -> None:
    with postgres.database(migrated=False) as url:
        place = SqlPlace(sa.create_engine(url, poolclass=sa.NullPool))
        with place.engine.begin() as conn:
            conn.exec_driver_sql("CREATE ROLE reader_of_nothing LOGIN")
        try:
            place.secret = SecretStr(url.replace("postgres@", "reader_of_nothing@"))
            set_up(sources, place)
            assert fault_of(sources) is Fault.FORBIDDEN
        finally:
            with place.engine.begin() as conn:
                conn.exec_driver_sql("DROP ROLE reader_of_nothing")


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("nosuch+driver://user:word@host/x", Fault.DRIVER_MISSING),
        ("postgresql://user:word@127.0.0.1:9/x", Fault.UNREACHABLE),
        ("sqlite:////nowhere/erp.db", Fault.UNREACHABLE),
        ("sqlite:///relative.db", Fault.UNREACHABLE),
        ("sqlite://", Fault.UNREACHABLE),
        ("OWN", Fault.OWN_DATABASE),
    ],
)
def test_a_database_that_is_not_there_is_named(sources: Sources, tmp_path: Path, url: str, fault: Fault) -> None:
    own = sources.data / "intake.sqlite3"
    own.parent.mkdir(exist_ok=True)
    own.touch()
    made = Definition(NAME, SourceKind.SQL, "", query="SELECT 1 AS invoice_number")
    secret = SecretStr(f"sqlite:///{own}" if url == "OWN" else url)
    catalogue.save(
        sources.engine, sources.credentials, made, secret, new=True, actor=ADMINISTRATOR, clock=sources.clock
    )
    assert fault_of(sources) is fault
    assert tmp_path.exists()


def test_a_file_that_is_no_database_is_named(sources: Sources, tmp_path: Path) -> None:
    place = SqlPlace(sa.create_engine(f"sqlite:///{tmp_path / 'erp.sqlite3'}", poolclass=sa.NullPool))
    set_up(sources, place)
    (tmp_path / "erp.sqlite3").write_bytes(b"no database at all" * 100)
    assert fault_of(sources) is Fault.GARBAGE


def test_a_folder_that_may_not_be_read_or_is_none_is_named(sources: Sources, tmp_path: Path) -> None:
    place = FolderPlace(tmp_path / "exports")
    place.put([row(0)])
    place.definition = replace(place.definition, place=str(place.folder / "导出1.csv"))
    set_up(sources, place)
    assert fault_of(sources) is Fault.NO_FOLDER


def test_files_still_being_written_links_and_hidden_ones_are_left_alone(sources: Sources, tmp_path: Path) -> None:
    place = FolderPlace(tmp_path / "exports")
    set_up(sources, place)
    elsewhere = tmp_path / "secret.csv"
    elsewhere.write_text("a", encoding="utf-8")
    (place.folder / "link.csv").symlink_to(elsewhere)
    for name in (".hidden.csv", "~$open.xlsx", "notes.docx"):
        (place.folder / name).write_text("a", encoding="utf-8")
    fresh = place.export("fresh.csv", [row(0)])
    now = sources.clock().timestamp()
    os.utime(fresh, (now, now))
    assert sync(sources, NAME, actor=SERVICE).imports == ()


def test_a_certificate_that_nobody_vouches_for_is_named(sources: Sources, tmp_path: Path) -> None:
    with register_api(certified(tmp_path, "127.0.0.1")) as api:
        set_up(sources, ApiPlace(api))
        assert fault_of(sources) is Fault.BAD_CERTIFICATE


def test_a_public_name_is_asked_at_the_address_that_was_checked_under_its_own_certificate(
    sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = certified(tmp_path, "erp.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    with register_api(context, "erp.example") as api:
        asked: list[str] = []

        def look_up(host: str, port: int, *_: object, **__: object) -> list[object]:
            asked.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

        monkeypatch.setattr("intake.sources.hosts.socket.getaddrinfo", look_up)
        monkeypatch.setattr("intake.sources.hosts._is_public", lambda _: True)
        place = ApiPlace(api)
        place.put([row(0)])
        set_up(sources, place)
        report = sync(sources, NAME, actor=SERVICE)
        assert (report.fault, report.detail) == (None, "")
        assert set(asked) == {"erp.example", "127.0.0.1"}
        assert api.broken_promises == []


def certified(folder: Path, name: str) -> ssl.SSLContext:
    """A server's side of TLS under a name, by an authority whose certificate lies in the folder."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context
