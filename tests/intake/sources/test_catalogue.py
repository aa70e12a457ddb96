from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from intake import audit
from intake.db import read, register_sources
from intake.errors import ForbiddenError, NotFoundError, SourceWrongError
from intake.model import Actor, Role
from intake.sources import catalogue
from intake.sources.adapters import Sources
from intake.sources.model import Definition, SourceKind
from tests.sourcing import ADMINISTRATOR, QUERY

SECRET = "s3cret-word"
URL = SecretStr(f"postgresql://reader:{SECRET}@erp.example:5433/invoices?sslmode=require")
SQL = Definition("erp", SourceKind.SQL, "", query=QUERY)
HTTP = Definition("pool", SourceKind.HTTP, "https://pool.example/register")
FOLDER = Definition("exports", SourceKind.FOLDER, "/srv/exports")


def save(sources: Sources, wanted: Definition, secret: SecretStr | None = None, *, new: bool = True) -> None:
    catalogue.save(
        sources.engine, sources.credentials, wanted, secret, new=new, actor=ADMINISTRATOR, clock=sources.clock
    )


def test_a_source_is_kept_as_it_was_set_up(sources: Sources) -> None:
    wanted = replace(FOLDER, every=timedelta(minutes=5), overlap_days=3, mapping="我的表头", enabled=False)
    save(sources, wanted)
    assert catalogue.find(sources.engine, "exports").definition == wanted
    assert [found.name for found in catalogue.all_sources(sources.engine)] == ["exports"]


def test_a_secret_is_in_no_row_and_no_record(sources: Sources) -> None:
    save(sources, SQL, URL)
    save(sources, HTTP, SecretStr(SECRET))
    save(sources, replace(SQL, overlap_days=9), SecretStr(URL.get_secret_value().replace("reader", "other")), new=False)
    with read(sources.engine) as conn:
        rows = repr(conn.execute(sa.select(register_sources)).all())
        records = repr(list(audit.entries(conn)))
    for told in (rows, records):
        assert SECRET not in told
        assert "reader" not in told
    assert catalogue.find(sources.engine, "erp").definition.place == "postgresql://erp.example:5433/invoices"


def test_a_changed_source_keeps_its_secret_unless_another_is_given(sources: Sources) -> None:
    save(sources, SQL, URL)
    save(sources, replace(SQL, overlap_days=30), new=False)
    found = catalogue.find(sources.engine, "erp").definition
    assert (found.overlap_days, found.place) == (30, "postgresql://erp.example:5433/invoices")
    kept = sources.credentials.get("erp")
    assert kept is not None
    assert kept.get_secret_value() == URL.get_secret_value()


def test_a_token_is_not_sent_to_another_host_than_it_was_given_for(sources: Sources) -> None:
    save(sources, HTTP, SecretStr(SECRET))
    with pytest.raises(SourceWrongError) as caught:
        save(sources, replace(HTTP, place="https://other.example/register"), new=False)
    assert caught.value.field == "secret"
    save(sources, replace(HTTP, place="https://pool.example/v2"), new=False)
    save(sources, replace(HTTP, place="https://other.example/register"), SecretStr("new"), new=False)


def test_another_place_begins_at_its_beginning(sources: Sources) -> None:
    save(sources, FOLDER)
    mark = {"newest_issue": "2026-11-01", "asked_at": None}
    with sources.engine.begin() as conn:
        conn.execute(sa.update(register_sources).values(watermark=mark, failures=7, error="timeout"))
    save(sources, replace(FOLDER, overlap_days=2), new=False)
    found = catalogue.find(sources.engine, "exports")
    assert (str(found.watermark.newest_issue), found.breaker.failures, found.error) == ("2026-11-01", 0, "")
    save(sources, replace(FOLDER, place="/srv/other"), new=False)
    assert catalogue.find(sources.engine, "exports").watermark.newest_issue is None


@pytest.mark.parametrize(
    ("wanted", "secret", "field"),
    [
        (replace(FOLDER, name=""), None, "name"),
        (replace(FOLDER, name="a/b"), None, "name"),
        (replace(FOLDER, name="manual"), None, "name"),
        (replace(FOLDER, name="x" * 65), None, "name"),
        (replace(FOLDER, place=""), None, "place"),
        (replace(FOLDER, place="exports"), None, "folder"),
        (replace(FOLDER, every=timedelta(seconds=30)), None, "every"),
        (replace(FOLDER, every=timedelta(days=32)), None, "every"),
        (replace(FOLDER, overlap_days=-1), None, "overlap_days"),
        (replace(FOLDER, seconds=1), None, "seconds"),
        (SQL, None, "secret"),
        (SQL, SecretStr("no url"), "database"),
        (replace(SQL, query=""), URL, "query"),
        (HTTP, None, "secret"),
        (replace(HTTP, place="pool.example"), SecretStr("t"), "address"),
        (replace(HTTP, place="https://u:p@pool.example"), SecretStr("t"), "address"),
        (replace(HTTP, place="https://pool.example/?x=1"), SecretStr("t"), "address"),
        (replace(HTTP, place="https://pool.example:x/"), SecretStr("t"), "address"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(
    small: Sources, wanted: Definition, secret: SecretStr | None, field: str
) -> None:
    with pytest.raises(SourceWrongError) as caught:
        save(small, wanted, secret)
    assert caught.value.field == field
    assert catalogue.all_sources(small.engine) == ()


def test_a_name_is_given_once_and_unknown_ones_are_not_found(small: Sources) -> None:
    save(small, FOLDER)
    with pytest.raises(SourceWrongError):
        save(small, FOLDER)
    with pytest.raises(NotFoundError):
        save(small, replace(FOLDER, name="other"), new=False)
    with pytest.raises(NotFoundError):
        catalogue.find(small.engine, "other")


def test_a_removed_source_leaves_no_secret(small: Sources) -> None:
    save(small, SQL, URL)
    catalogue.remove(small.engine, small.credentials, "erp", actor=ADMINISTRATOR, clock=small.clock)
    assert catalogue.all_sources(small.engine) == ()
    assert small.credentials.get("erp") is None
    with pytest.raises(NotFoundError):
        catalogue.remove(small.engine, small.credentials, "erp", actor=ADMINISTRATOR, clock=small.clock)


def test_only_an_administrator_sets_sources_up(small: Sources) -> None:
    chief = Actor(None, "chief", Role.SUPERVISOR)
    with pytest.raises(ForbiddenError):
        catalogue.save(small.engine, small.credentials, FOLDER, None, new=True, actor=chief, clock=small.clock)
    with pytest.raises(ForbiddenError):
        catalogue.remove(small.engine, small.credentials, "x", actor=chief, clock=small.clock)
