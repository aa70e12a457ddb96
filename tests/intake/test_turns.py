"""Whose turn it is: the order of the queue, what is assigned, what is held."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from intake import views
from intake.db import documents, tasks, write
from intake.model import TaskState
from intake.ranking import policy_of, rank_document, rank_tasks
from ocr.types import FieldName
from tests.fakes import settings
from tests.intake.waiting import (
    Office,
    row,
    seen,
)

F = FieldName


@pytest.fixture
def office(engine: sa.Engine, tmp_path: Path) -> Office:
    return Office(engine, tmp_path)


def test_the_queue_goes_by_urgency_due_time_age_amount_and_cause(office: Office) -> None:
    now = office.clock()
    hour = timedelta(hours=1)
    paper = office.wait(*(seen({F.TOTAL: f"{index}.00"}) for index in range(1, 8)))
    ranked: list[dict[str, Any]] = [
        {"urgency": 0, "due_at": now + 3 * hour},
        {"urgency": 1, "due_at": now + 9 * hour},
        {"urgency": 0, "due_at": now + 2 * hour},
        {"urgency": -1, "due_at": now - hour},  # late
        {"urgency": 0, "due_at": None, "cause": "wrong_title"},
        {"urgency": 0, "due_at": now + 3 * hour, "opened_at": now - hour},
        {"urgency": 0, "due_at": now + 3 * hour},
    ]
    with write(office.engine) as conn:
        for task, values in zip(paper, ranked, strict=True):
            conn.execute(sa.update(tasks).where(tasks.c.id == task).values(**values))
    expected = [paper[index] for index in (3, 1, 2, 5, 6, 0, 4)]
    shown = views.queue(office.engine, [TaskState.OPEN], now=now)
    assert [one.task_id for one in shown.rows] == expected
    taken = []
    while (following := office.desk.next_task(office.clerk)) is not None:
        taken.append(following)
        office.desk.claim(office.colleague, following)
    assert taken == expected


def test_a_paper_is_ranked_when_it_is_opened_and_when_its_cause_changes(office: Office) -> None:
    (task,) = office.wait(seen({F.TOTAL: "106.00"}))
    policy = policy_of(settings(Path()))
    with write(office.engine) as conn:
        rank_document(conn, policy, row(office, tasks, task).document_id)
    ranked = row(office, tasks, task)
    assert (ranked.urgency, ranked.due_at) == (1, office.clock() + timedelta(hours=4))  # its sender waits for it
    with write(office.engine) as conn:
        conn.execute(sa.update(documents).values(interactive=False))
        conn.execute(sa.update(tasks).values(cause="register_stale"))
        rank_tasks(conn, policy, tasks.c.id == task)
    assert row(office, tasks, task).urgency == -1


def test_what_was_assigned_to_somebody_is_offered_to_nobody_else(office: Office) -> None:
    first, second = office.wait(seen({F.TOTAL: "9.00"}), seen({F.TOTAL: "5.00"}))
    with write(office.engine) as conn:
        conn.execute(sa.update(tasks).where(tasks.c.id == second).values(assigned_to=office.colleague.id))
    assert office.desk.next_task(office.colleague) == second
    assert office.desk.next_task(office.clerk) == first
    assert office.desk.next_task(office.clerk, besides=first) is None
    mine = views.queue(office.engine, [TaskState.OPEN], now=office.clock(), mine=office.colleague.id)
    assert [(one.task_id, one.assignee) for one in mine.rows] == [(second, "colleague")]
    office.desk.claim(office.clerk, first)
    held = views.queue(
        office.engine, [TaskState.OPEN, TaskState.CLAIMED], now=office.clock(), mine=office.clerk.id
    ).rows
    assert [(one.task_id, one.claimant) for one in held] == [(first, "clerk")]


def test_the_oldest_paper_comes_first_and_of_equals_the_dearest(office: Office) -> None:
    later = office.wait(seen({F.TOTAL: "9000.00"}), at=office.clock() + timedelta(minutes=1))[0]
    cheap, dear = office.wait(seen({F.TOTAL: "10.00"}), seen({F.TOTAL: "500.00"}))
    order = []
    for _ in range(3):
        following = office.desk.next_task(office.clerk)
        assert following is not None
        order.append(following)
        office.desk.claim(office.colleague, following)
    assert order == [dear, cheap, later]
    assert office.desk.next_task(office.clerk) is None
    assert office.desk.next_task(office.colleague) == dear
