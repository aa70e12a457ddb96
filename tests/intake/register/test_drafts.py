from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from intake import audit
from intake.db import invoices, read, register_changes, register_imports, register_rows, register_sellers, write
from intake.errors import ForbiddenError, ImportRefusedError, ImportStateError, LaterImportError, NotFoundError
from intake.files import LocalFiles
from intake.model import Actor, Role
from intake.register import drafts
from intake.register.drafts import Draft
from intake.register.rollback import RolledBack, roll_back
from intake.register.snapshot import CsvStream
from tests.intake.register.conftest import NOW, WHO, Import
from tests.intake.register.exports import BASIC, digital_row, number_of, paper_row, workbook

CLERK = Actor(1, "clerk", Role.CLERK)


def basic(*rows: list[object]) -> bytes:
    return workbook({"发票基础信息": [BASIC, *rows]})


def stored(engine: sa.Engine) -> list[dict[str, Any]]:
    with read(engine) as conn:
        return [dict(row) for row in conn.execute(sa.select(register_rows).order_by(register_rows.c.key)).mappings()]


class Desk:
    """Imports in two steps on one database."""

    def __init__(self, engine: sa.Engine, files: LocalFiles) -> None:
        self.engine, self.files = engine, files

    def prepare(self, data: bytes, source: str = "tax-bureau") -> Draft:
        return drafts.prepare(self.engine, self.files, data, "export", source=source, actor=WHO, clock=lambda: NOW)

    def apply(self, draft: Draft) -> Any:
        return drafts.apply(self.engine, self.files, draft.import_id, actor=WHO, clock=lambda: NOW)

    def roll_back(self, name: str) -> RolledBack:
        return roll_back(self.engine, name, actor=WHO, clock=lambda: NOW)


@pytest.fixture
def desk(engine: sa.Engine, files: LocalFiles) -> Desk:
    return Desk(engine, files)


def counts(found: Any) -> tuple[int, ...]:
    return found.new, found.changed, found.same, found.vanished, found.refused


def test_a_draft_says_what_would_change_and_changes_nothing(engine: sa.Engine, desk: Desk, imported: Import) -> None:
    imported(basic(digital_row(0), digital_row(1), digital_row(2)))
    before = stored(engine)
    draft = desk.prepare(
        basic(digital_row(0), digital_row(2, 发票状态="已作废"), digital_row(3), digital_row(4, 数电发票号码="x"))
    )
    assert counts(draft) == (1, 1, 1, 1, 1)
    assert stored(engine) == before
    assert (draft.name, draft.source, draft.oldest) == ("tax-bureau 2026-11-24 (2)", "tax-bureau", date(2026, 1, 1))
    (new,), (changed,), (vanished,) = draft.samples.new, draft.samples.changed, draft.samples.vanished
    assert new.after is not None
    assert (new.row, new.after["number"], new.before) == (4, number_of(3), None)
    assert changed.before is not None
    assert changed.after is not None
    assert (changed.differs, changed.before["status"], changed.after["status"]) == (("status",), "normal", "void")
    assert vanished.before is not None
    assert (vanished.row, vanished.before["number"], vanished.after) == (None, number_of(1), None)
    assert [(one.row, one.reason) for one in draft.refusals] == [(5, "no_key")]
    assert drafts.drafts(engine) == (draft,)


def test_an_applied_draft_is_the_import_it_promised_to_be(engine: sa.Engine, desk: Desk) -> None:
    draft = desk.prepare(basic(digital_row(0), digital_row(1)))
    report = desk.apply(draft)
    assert counts(report) == counts(draft)
    assert report.name == draft.name
    assert len(stored(engine)) == 2
    assert drafts.drafts(engine) == ()
    with pytest.raises(ImportStateError):
        desk.apply(draft)
    assert audit.verify(engine) == []


def test_a_draft_is_compared_anew_with_the_register_as_it_is_when_it_is_applied(desk: Desk, imported: Import) -> None:
    draft = desk.prepare(basic(digital_row(0)))
    imported(basic(digital_row(0)))
    assert counts(desk.apply(draft)) == (0, 0, 1, 0, 0)


def test_rows_that_vanished_are_kept(engine: sa.Engine, desk: Desk, imported: Import) -> None:
    imported(basic(digital_row(0), digital_row(1), digital_row(2)))
    report = desk.apply(desk.prepare(basic(digital_row(0), digital_row(2))))
    assert report.vanished == 1
    assert len(stored(engine)) == 3


@pytest.mark.parametrize(
    ("second", "source"),
    [
        ([digital_row(0), digital_row(1)], "tax-bureau"),  # outside the days of the file
        ([digital_row(1), digital_row(3)], "erp"),  # of another source
        (
            [digital_row(1, 购方识别号="91110105000000009X"), digital_row(3, 购方识别号="91110105000000009X")],
            "tax-bureau",
        ),
    ],
)
def test_only_rows_of_the_source_and_the_buyers_within_the_days_vanish(
    desk: Desk, imported: Import, second: list[list[object]], source: str
) -> None:
    imported(basic(digital_row(2)))
    assert desk.prepare(basic(*second), source).vanished == 0


def test_a_list_of_deductible_invoices_lets_none_vanish(desk: Desk, imported: Import) -> None:
    imported(basic(digital_row(0), digital_row(1), digital_row(2)))
    rows: list[list[object]] = [["是否勾选*", *BASIC], ["是", *digital_row(0)], ["是", *digital_row(2)]]
    assert desk.prepare(workbook({"发票": rows})).vanished == 0


def test_a_discarded_draft_is_no_draft_any_more(engine: sa.Engine, desk: Desk) -> None:
    draft = desk.prepare(basic(digital_row(0)))
    drafts.discard(engine, draft.import_id, actor=WHO, clock=lambda: NOW)
    with pytest.raises(ImportStateError, match="discarded"):
        desk.apply(draft)
    with pytest.raises(ImportStateError):
        drafts.discard(engine, draft.import_id, actor=WHO, clock=lambda: NOW)
    assert stored(engine) == []
    assert desk.prepare(basic(digital_row(0))).name == draft.name


def test_a_roll_back_leaves_the_register_as_it_was(engine: sa.Engine, desk: Desk, imported: Import) -> None:
    imported(basic(digital_row(0), paper_row(1)))
    before = stored(engine)
    whole = paper_row(1, 数电发票号码=number_of(9), 发票票种="数电纸质发票（增值税专用发票）", 销方名称="")
    report = desk.apply(desk.prepare(basic(digital_row(0, 发票状态="已作废"), whole, digital_row(7, 销方名称="新"))))
    assert (report.new, report.changed) == (1, 2)
    with read(engine) as conn:
        assert "新" in conn.scalars(sa.select(register_sellers.c.name)).all()
    done = desk.roll_back(report.name)
    assert (done.removed, done.restored, done.unsupported) == (1, 2, ())
    assert stored(engine) == before
    with read(engine) as conn:
        assert conn.scalars(sa.select(register_sellers.c.name)).all() == ["北京示例文具有限公司"]
        assert conn.execute(sa.select(sa.func.count()).select_from(register_changes)).scalar_one() == 0
    with pytest.raises(ImportStateError, match="rolled_back"):
        desk.roll_back(report.name)
    assert audit.verify(engine) == []


def test_a_row_of_two_people_is_theirs_again_after_the_roll_back(engine: sa.Engine, desk: Desk) -> None:
    keyed = {
        "key": f"D:{number_of(0)}",
        "number": number_of(0),
        "kind": "dig_normal",
        "status": "unknown",
        "source": "manual",
        "raw": {"entered_by": 1},
    }
    with write(engine) as conn:
        conn.execute(sa.insert(register_rows).values(keyed))
    before = stored(engine)
    report = desk.apply(desk.prepare(basic(digital_row(0))))
    assert stored(engine)[0]["source"] == "tax-bureau"
    desk.roll_back(report.name)
    assert stored(engine) == before


def test_what_a_later_import_has_changed_is_rolled_back_first(engine: sa.Engine, desk: Desk) -> None:
    first = desk.apply(desk.prepare(basic(digital_row(0), digital_row(1))))
    after_first = stored(engine)
    second = desk.apply(desk.prepare(basic(digital_row(0, 发票状态="已作废"))))
    with pytest.raises(LaterImportError, match=r"tax-bureau 2026-11-24 \(2\)"):
        desk.roll_back(first.name)
    desk.roll_back(second.name)
    assert stored(engine) == after_first
    desk.roll_back(first.name)
    assert stored(engine) == []


def test_a_roll_back_names_the_filed_invoices_that_lose_their_row(engine: sa.Engine, desk: Desk) -> None:
    report = desk.apply(desk.prepare(basic(digital_row(0), digital_row(1))))
    filed = {"kind": "dig_normal", "fields": {}, "findings": [], "match": {}, "created_at": NOW}
    with write(engine) as conn:
        for index, state in enumerate(("filed", "refused")):
            key = f"D:{number_of(index)}"
            conn.execute(sa.insert(invoices).values(**filed, state=state, key=key, register_key=key))
    assert desk.roll_back(report.name).unsupported == (1,)


def test_an_import_that_was_rolled_back_is_replayed_from_its_file(
    engine: sa.Engine, desk: Desk, files: LocalFiles
) -> None:
    report = desk.apply(desk.prepare(basic(digital_row(0), digital_row(1))))
    desk.roll_back(report.name)
    again = drafts.replay(engine, files, report.import_id, actor=WHO, clock=lambda: NOW)
    assert (again.new, again.file_name, again.name) == (2, "export", "tax-bureau 2026-11-24 (2)")
    assert desk.apply(again).new == 2


def test_a_file_that_is_gone_is_said_to_be(engine: sa.Engine, desk: Desk, files: LocalFiles) -> None:
    draft = desk.prepare(basic(digital_row(0)))
    with read(engine) as conn:
        sha256 = conn.execute(sa.select(register_imports.c.sha256)).scalar_one()
    files.path(sha256).unlink()
    with pytest.raises(NotFoundError, match=sha256):
        desk.apply(draft)
    assert drafts.find(engine, draft.import_id) == draft


def test_rows_of_another_system_are_kept_as_the_csv_they_are_replayed_from(
    engine: sa.Engine, files: LocalFiles
) -> None:
    rows: Iterator[list[Any]] = (digital_row(index) for index in range(1200))
    draft = drafts.prepare(
        engine,
        files,
        CsvStream(BASIC, rows),
        "erp",
        source="erp",
        actor=WHO,
        clock=lambda: NOW,
    )
    assert draft.new == 1200
    assert drafts.replay(engine, files, draft.import_id, actor=WHO, clock=lambda: NOW).new == 1200


def test_the_day_of_a_name_is_the_day_in_beijing(engine: sa.Engine, files: LocalFiles) -> None:
    late = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
    draft = drafts.prepare(engine, files, basic(digital_row(0)), "x", source="erp", actor=WHO, clock=lambda: late)
    assert draft.name == "erp 2026-11-25"


def test_a_file_that_is_no_table_leaves_no_draft_and_no_name(engine: sa.Engine, desk: Desk) -> None:
    with pytest.raises(ImportRefusedError, match="no_header"):
        desk.prepare(b"nothing of use")
    assert drafts.drafts(engine) == ()
    assert desk.prepare(basic(digital_row(0))).name == "tax-bureau 2026-11-24"


def test_only_who_may_import_may_do_any_of_it(engine: sa.Engine, files: LocalFiles) -> None:
    def clock() -> datetime:
        return NOW

    for act in (
        lambda: drafts.prepare(engine, files, b"", "x", source="s", actor=CLERK, clock=clock),
        lambda: drafts.apply(engine, files, 1, actor=CLERK, clock=clock),
        lambda: drafts.discard(engine, 1, actor=CLERK, clock=clock),
        lambda: drafts.replay(engine, files, 1, actor=CLERK, clock=clock),
        lambda: roll_back(engine, "x", actor=CLERK, clock=clock),
    ):
        with pytest.raises(ForbiddenError):
            act()


def test_what_is_not_there_is_not_found(engine: sa.Engine, desk: Desk, files: LocalFiles) -> None:
    for act in (
        lambda: drafts.find(engine, 9),
        lambda: drafts.apply(engine, files, 9, actor=WHO, clock=lambda: NOW),
        lambda: drafts.discard(engine, 9, actor=WHO, clock=lambda: NOW),
        lambda: drafts.replay(engine, files, 9, actor=WHO, clock=lambda: NOW),
        lambda: desk.roll_back("nothing"),
    ):
        with pytest.raises(NotFoundError):
            act()
