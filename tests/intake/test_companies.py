from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import audit
from intake.companies import Ending, SqlCompanies, edit, end, entries, load, save
from intake.company_file import parse, understand, write
from intake.db import audit_log, read
from intake.errors import CompanyRefusedError, ConfigurationError, ForbiddenError, NotFoundError
from intake.model import SERVICE, Actor, Company, CompanyChange, Role
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


ONE = "[[company]]\nname = '甲公司'\ntax_id = '91110108MAEY9WLP8G'\n"
MAIN = Company("北京示例科技有限公司", "91110108MAEY9WLP8G", date(2020, 1, 1), group="示例")
SMALL = Company("天津示例贸易有限公司", "91120101MA0000000X", group="示例")
PART = Company("河北示例实业有限公司", "91130101MA00000003", group="示例")
ADMIN = Actor(None, "admin", Role.ADMINISTRATOR)


def file_of(folder: Path, text: str) -> Path:
    place = folder / "companies.toml"
    place.write_text(text, encoding="utf-8")
    return place


def test_companies_are_kept_under_every_name(engine: sa.Engine, tmp_path: Path) -> None:
    assert load(engine, file_of(tmp_path, FILE), actor=SERVICE, clock=FakeClock()) == 2
    assert SqlCompanies(engine).all() == [
        Company("北京示例科技有限公司", "91110108MAEY9WLP8G", date(2023, 7, 1), None, "示例"),
        Company("北京示例软件有限公司", "91110108MAEY9WLP8G", None, date(2023, 6, 30), ""),
    ]


def test_a_second_load_changes_what_the_file_says_otherwise_and_removes_nothing(
    engine: sa.Engine, tmp_path: Path
) -> None:
    load(engine, file_of(tmp_path, FILE), actor=SERVICE, clock=FakeClock())
    changed = FILE.replace("2023-06-30", "2023-12-31")
    load(engine, file_of(tmp_path, changed), actor=SERVICE, clock=FakeClock())
    load(
        engine,
        file_of(
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
        (ONE + "group = 3", "group is no text"),
        (ONE + "desk = '" + "长" * 121 + "'", "desk is no text of at most 120"),
        (ONE + "head_tax_id = '12'", "head_tax_id cannot be a tax id"),
        (ONE + "successor_tax_ids = '12'", "no list of at most 20"),
        (ONE + "successor_tax_ids = ['12']", "successor_tax_ids cannot be a tax id"),
        (ONE + "change = 'sold'", "change is none of"),
        (
            "[[company]]\nname = '甲公司'\ntax_id = '91110108MAEY9WLP8G'\nvalid_from = 2024-01-01\nvalid_to = 2023-01-01",
            "valid_to is before",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(engine: sa.Engine, tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(engine, file_of(tmp_path, text), actor=SERVICE, clock=FakeClock())
    assert said in caught.value.detail
    assert SqlCompanies(engine).all() == []


def test_a_missing_file_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        parse(tmp_path / "nowhere.toml")


def test_a_supervisor_may_not_change_the_companies(engine: sa.Engine, tmp_path: Path) -> None:
    supervisor = Actor(1, "s", Role.SUPERVISOR)
    with pytest.raises(ForbiddenError):
        load(engine, file_of(tmp_path, FILE), actor=supervisor, clock=FakeClock())


def audited(engine: sa.Engine) -> list[str]:
    with read(engine) as conn:
        return list(conn.scalars(sa.select(audit_log.c.action).order_by(audit_log.c.id)))


def stocked(engine: sa.Engine) -> dict[str, int]:
    save(engine, [MAIN, SMALL, PART], actor=ADMIN, clock=FakeClock())
    return {entry.company.name: entry.id for entry in entries(engine)}


def test_a_renaming_ends_the_old_name_and_begins_the_new_one(engine: sa.Engine) -> None:
    ids = stocked(engine)
    ending = Ending(CompanyChange.RENAMED, date(2026, 7, 1), (), "北京新名科技有限公司", date(2026, 9, 30))
    assert end(engine, [ids[MAIN.name]], ending, actor=ADMIN, clock=FakeClock()) == 2
    old, *_, new = SqlCompanies(engine).all()
    assert (old.valid_to, old.change, old.accepted_to) == (
        date(2026, 6, 30),
        CompanyChange.RENAMED,
        date(2026, 9, 30),
    )
    assert new == Company("北京新名科技有限公司", MAIN.tax_id, date(2026, 7, 1), group="示例")
    assert audited(engine)[3:] == ["rename_company", "add_company"]
    assert audit.verify(engine) == []


def test_two_companies_are_merged_into_a_third_in_one_transaction(engine: sa.Engine) -> None:
    ids = stocked(engine)
    ending = Ending(CompanyChange.MERGED, date(2026, 1, 1), (MAIN.tax_id,))
    both = [ids[SMALL.name], ids[PART.name]]
    assert end(engine, both, ending, actor=ADMIN, clock=FakeClock()) == 2
    merged = [company for company in SqlCompanies(engine).all() if company.change is CompanyChange.MERGED]
    assert {(one.name, one.valid_to, one.successor_tax_ids) for one in merged} == {
        (SMALL.name, date(2025, 12, 31), (MAIN.tax_id,)),
        (PART.name, date(2025, 12, 31), (MAIN.tax_id,)),
    }
    assert audited(engine)[3:] == ["merge_company", "merge_company"]
    assert end(engine, both, ending, actor=ADMIN, clock=FakeClock()) == 0
    assert len(audited(engine)) == 5


@pytest.mark.parametrize(
    ("ending", "flaw"),
    [
        (Ending(CompanyChange.MERGED, date(2026, 1, 1)), "no_successor"),
        (Ending(CompanyChange.MERGED, date(2026, 1, 1), ("91990101MA00000009",)), "successor_unknown"),
        (Ending(CompanyChange.MERGED, date(2026, 1, 1), (MAIN.tax_id,)), "successor_itself"),
        (Ending(CompanyChange.CLOSED, date(2019, 1, 1)), "ends_before_start"),
        (Ending(CompanyChange.CLOSED, date(2026, 1, 1), accepted_to=date(2025, 1, 1)), "accepted_before_end"),
        (Ending(CompanyChange.RENAMED, date(2026, 1, 1)), "name_missing"),
    ],
)
def test_a_change_that_cannot_be_so_changes_nothing(engine: sa.Engine, ending: Ending, flaw: str) -> None:
    ids = stocked(engine)
    with pytest.raises(CompanyRefusedError) as caught:
        end(engine, [ids[MAIN.name], ids[SMALL.name]], ending, actor=ADMIN, clock=FakeClock())
    assert caught.value.flaw == flaw
    assert SqlCompanies(engine).all() == [MAIN, SMALL, PART]
    assert audited(engine) == ["add_company"] * 3


def test_an_entry_is_corrected_but_never_made_the_twin_of_another(engine: sa.Engine) -> None:
    ids = stocked(engine)
    corrected = Company("天津示例贸易有限公司", SMALL.tax_id, head_tax_id=MAIN.tax_id, desk="天津办公室")
    assert edit(engine, ids[SMALL.name], corrected, actor=ADMIN, clock=FakeClock()) == 1
    assert corrected in SqlCompanies(engine).all()
    assert edit(engine, ids[SMALL.name], corrected, actor=ADMIN, clock=FakeClock()) == 0
    with pytest.raises(CompanyRefusedError) as caught:
        edit(engine, ids[SMALL.name], MAIN, actor=ADMIN, clock=FakeClock())
    assert caught.value.flaw == "already_on_file"
    with pytest.raises(NotFoundError):
        edit(engine, 999, MAIN, actor=ADMIN, clock=FakeClock())
    with pytest.raises(ForbiddenError):
        edit(engine, ids[SMALL.name], MAIN, actor=Actor(1, "s", Role.SUPERVISOR), clock=FakeClock())


def test_the_file_written_is_the_file_read() -> None:
    every = (
        MAIN,
        Company(
            '名字"带引号（北京）',
            PART.tax_id,
            None,
            date(2026, 6, 30),
            "组\\",
            MAIN.tax_id,
            (MAIN.tax_id, SMALL.tax_id),
            CompanyChange.SPLIT,
            date(2026, 9, 30),
            "上海财务中心",
        ),
    )
    assert understand(write(every).encode(), "companies.toml") == every
