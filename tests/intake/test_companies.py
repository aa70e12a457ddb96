from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import audit
from intake.companies import SqlCompanies, load, parse
from intake.db import audit_log, read
from intake.errors import ConfigurationError, ForbiddenError
from intake.model import SERVICE, Actor, Company, Role
from tests.fakes import FakeClock

FILE = """
[[company]]
name = "北京示例科技有限公司"
tax_id = "91110108MAEY9WLP8G"
valid_from = 2023-07-01
group = "示例"

[[company]]
name = "北京示例软件有限公司"
tax_id = "91110108maey9wlp8g"
valid_to = 2023-06-30
"""


def write(folder: Path, text: str) -> Path:
    place = folder / "companies.toml"
    place.write_text(text, encoding="utf-8")
    return place


def test_companies_are_kept_under_every_name(engine: sa.Engine, tmp_path: Path) -> None:
    assert load(engine, write(tmp_path, FILE), actor=SERVICE, clock=FakeClock()) == 2
    assert SqlCompanies(engine).all() == [
        Company("北京示例科技有限公司", "91110108MAEY9WLP8G", date(2023, 7, 1), None, "示例"),
        Company("北京示例软件有限公司", "91110108MAEY9WLP8G", None, date(2023, 6, 30), ""),
    ]


def test_a_second_load_changes_what_the_file_says_otherwise_and_removes_nothing(
    engine: sa.Engine, tmp_path: Path
) -> None:
    load(engine, write(tmp_path, FILE), actor=SERVICE, clock=FakeClock())
    changed = FILE.replace("2023-06-30", "2023-12-31")
    load(engine, write(tmp_path, changed), actor=SERVICE, clock=FakeClock())
    load(
        engine,
        write(
            tmp_path, changed.split("[[company]]\n", 2)[0] + "[[company]]\nname='新公司'\ntax_id='91110108MAEY9WLP8G'"
        ),
        actor=SERVICE,
        clock=FakeClock(),
    )
    assert [company.valid_to for company in SqlCompanies(engine).all()] == [None, date(2023, 12, 31), None]
    with read(engine) as conn:
        records = conn.execute(sa.select(audit_log.c.action, audit_log.c.detail).order_by(audit_log.c.id)).all()
    assert [record.action for record in records] == ["add_company", "add_company", "change_company", "add_company"]
    assert records[2].detail["old"]["valid_to"] == "2023-06-30"
    assert records[2].detail["new"]["valid_to"] == "2023-12-31"
    assert audit.verify(engine) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no [[company]]"),
        ("company = 3", "no [[company]]"),
        ("[[company", "companies.toml"),
        ("[[company]]\nname = 'x'", "company 1: tax_id is missing"),
        ("[[company]]\nname = ''\ntax_id = '91110108MAEY9WLP8G'", "name is missing"),
        ("[[company]]\nname = '甲公司'\ntax_id = '12'", "tax_id cannot be one"),
        ("[[company]]\nname = '甲公司'\ntax_id = '91110108MAEY9WLP8G'\nvalid_from = 'x'", "valid_from is not a day"),
        ("[[company]]\nname = '甲公司'\ntax_id = '91110108MAEY9WLP8G'\nstreet = 'x'", "unknown street"),
        (
            "[[company]]\nname = '甲公司'\ntax_id = '91110108MAEY9WLP8G'\nvalid_from = 2024-01-01\nvalid_to = 2023-01-01",
            "valid_to is before",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(engine: sa.Engine, tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(engine, write(tmp_path, text), actor=SERVICE, clock=FakeClock())
    assert said in caught.value.detail
    assert SqlCompanies(engine).all() == []


def test_a_missing_file_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        parse(tmp_path / "nowhere.toml")


def test_a_supervisor_may_not_change_the_companies(engine: sa.Engine, tmp_path: Path) -> None:
    supervisor = Actor(1, "s", Role.SUPERVISOR)
    with pytest.raises(ForbiddenError):
        load(engine, write(tmp_path, FILE), actor=supervisor, clock=FakeClock())
