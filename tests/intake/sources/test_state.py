from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from intake.db import register_imports, register_sources, write
from intake.model import SourceHealth
from intake.sources.adapters import Sources
from intake.sources.calendar import TAX_BUREAU, announce
from intake.sources.state import looks, notices, states
from tests.fakes import NOON
from tests.sourcing import ADMINISTRATOR, NAME, FolderPlace, set_up

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def imported(sources: Sources, name: str, **changed: Any) -> None:
    values = {
        "source": name,
        "file_name": "x.csv",
        "sha256": "0" * 64,
        "started_at": NOON - HOUR,
        "finished_at": NOON - HOUR,
        "new_rows": 5,
        "newest_issue": date(2026, 11, 22),
        "oldest_issue": date(2026, 11, 1),
        "state": "applied",
        **changed,
    }
    with write(sources.engine) as conn:
        conn.execute(sa.insert(register_imports).values(**values))


def row_says(sources: Sources, **values: Any) -> None:
    with write(sources.engine) as conn:
        conn.execute(sa.update(register_sources).values(**values))


@pytest.fixture
def place(sources: Sources, tmp_path: Path) -> FolderPlace:
    made = FolderPlace(tmp_path / "exports")
    set_up(sources, made)
    return made


def test_a_name_under_which_people_import_is_a_source_too(sources: Sources) -> None:
    imported(sources, "tax-bureau")
    imported(sources, "tax-bureau", newest_issue=date(2026, 11, 20), oldest_issue=date(2026, 10, 2), new_rows=2)
    imported(sources, "tax-bureau", newest_issue=date(2026, 12, 31), state="rolled_back")
    (found,) = states(sources.engine, NOON)
    assert (found.name, found.newest_issue, found.oldest_issue) == ("tax-bureau", date(2026, 11, 22), date(2026, 10, 2))
    assert (found.rows, found.health, found.failed) == (7, SourceHealth.OK, False)
    assert notices(sources.engine, NOON) == ()


def test_a_failed_import_by_hand_is_told_until_the_next_one(sources: Sources) -> None:
    imported(sources, "tax-bureau")
    imported(sources, "tax-bureau", state="failed", error="no_header", newest_issue=None, oldest_issue=None, new_rows=0)
    (found,) = states(sources.engine, NOON)
    assert (found.health, found.last_error, found.newest_issue) == (
        SourceHealth.FAILING,
        "no_header",
        date(2026, 11, 22),
    )
    assert [notice.code for notice in notices(sources.engine, NOON)] == ["failing"]


@pytest.mark.parametrize("draft", ["draft", "discarded"])
def test_a_draft_that_changed_nothing_hides_no_failure(sources: Sources, draft: str) -> None:
    imported(sources, "tax-bureau")
    imported(sources, "tax-bureau", state="failed", error="no_header", newest_issue=None, oldest_issue=None, new_rows=0)
    imported(sources, "tax-bureau", state=draft)
    (found,) = states(sources.engine, NOON)
    assert (found.health, found.last_error) == (SourceHealth.FAILING, "no_header")
    imported(sources, "tax-bureau")
    assert states(sources.engine, NOON)[0].health is SourceHealth.OK


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    ("row", "health", "codes"),
    [
        ({"synced_at": NOON - HOUR}, SourceHealth.OK, []),
        ({"synced_at": NOON - 2 * HOUR}, SourceHealth.OK, []),
        ({"synced_at": NOON - 3 * HOUR}, SourceHealth.OK, ["behind"]),
        ({"synced_at": NOON - 3 * HOUR, "enabled": False}, SourceHealth.OK, []),
        ({"synced_at": NOON, "error": "timeout", "failures": 1, "tried_at": NOON}, SourceHealth.FAILING, ["failing"]),
        ({"error": "timeout", "failures": 5, "open_until": NOON + HOUR}, SourceHealth.OPEN, ["open"]),
        ({"error": "timeout", "failures": 5, "open_until": NOON}, SourceHealth.FAILING, ["failing"]),
        ({"bypass_until": NOON + HOUR, "bypass_reason": "x"}, SourceHealth.BYPASSED, ["bypassed"]),
        ({"bypass_until": NOON, "synced_at": NOON}, SourceHealth.OK, []),
        (
            {"bypass_until": NOON + HOUR, "open_until": NOON + 2 * HOUR, "error": "timeout"},
            SourceHealth.BYPASSED,
            ["bypassed"],
        ),
    ],
)
def test_the_health_of_a_source_is_what_its_row_says_now(
    sources: Sources, row: dict[str, Any], health: SourceHealth, codes: list[str]
) -> None:
    row_says(sources, **row)
    (found,) = states(sources.engine, NOON)
    assert found.health is health
    until = {SourceHealth.OPEN: row.get("open_until"), SourceHealth.BYPASSED: row.get("bypass_until")}
    assert found.until == until.get(health)
    assert [notice.code for notice in notices(sources.engine, NOON)] == codes


@pytest.mark.usefixtures("place")
def test_maintenance_is_told_before_and_while_it_goes_on(sources: Sources) -> None:
    row_says(sources, synced_at=NOON, error="timeout", bypass_until=NOON + 9 * DAY)
    for what in (NAME, TAX_BUREAU):
        announce(sources.engine, what, NOON + DAY, NOON + 2 * DAY, "升级", actor=ADMINISTRATOR, clock=sources.clock)
    assert {notice.code for notice in notices(sources.engine, NOON)} == {"bureau_soon", "maintenance_soon", "bypassed"}
    assert {notice.code for notice in notices(sources.engine, NOON + DAY)} == {"bureau_now", "maintenance"}
    (found,) = states(sources.engine, NOON + DAY)
    assert (found.health, found.until) == (SourceHealth.MAINTENANCE, NOON + 2 * DAY)


@pytest.mark.usefixtures("place")
def test_a_source_that_was_asked_with_success_is_up_to_date_though_nothing_came(sources: Sources) -> None:
    imported(sources, NAME, finished_at=NOON - 9 * DAY)
    row_says(sources, synced_at=NOON - HOUR, tried_at=NOON - HOUR)
    (look,) = looks(sources.engine, NOON, 5)
    assert (look.state.imported_at, look.behind, look.next_at) == (NOON - HOUR, None, NOON)


def test_an_import_by_hand_is_behind_after_three_days(sources: Sources) -> None:
    imported(sources, "tax-bureau", finished_at=NOON - 3 * DAY)
    assert notices(sources.engine, NOON) == ()
    assert [notice.code for notice in notices(sources.engine, NOON + HOUR)] == ["behind_by_hand"]


def test_the_line_of_lag_counts_days_in_china_of_the_last_imports_oldest_first(sources: Sources) -> None:
    for days, newest in ((3, 18), (2, 22), (1, 20)):
        imported(sources, "tax-bureau", finished_at=NOON - days * DAY, newest_issue=date(2026, 11, newest))
    (look,) = looks(sources.engine, NOON, 2)
    assert look.lags == (0, 3)
    assert looks(sources.engine, NOON)[0].lags == ()
