from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from intake import audit
from intake.audit import Entry, Head
from intake.db import audit_head, audit_log, connect, read, write
from intake.model import SERVICE, Actor, Role
from tests.fakes import NOON

CLERK = Actor(7, "李明", Role.CLERK)


def fill(engine: sa.Engine, number: int = 5) -> None:
    for index in range(number):
        with write(engine) as conn:
            moment = NOON + timedelta(microseconds=index)
            audit.record(
                conn, CLERK, "filed", f"invoice:{index}", {"总额": "12.30", "n": index, "list": [1, None]}, moment
            )


def test_a_log_nobody_touched_is_whole(engine: sa.Engine) -> None:
    assert audit.verify(engine) == []
    fill(engine)
    assert audit.verify(engine) == []
    with read(engine) as conn:
        log = list(audit.entries(conn))
    assert [entry.subject for entry in log] == [f"invoice:{index}" for index in range(5)]
    assert log[0].previous == audit.START
    assert log[0].detail == {"总额": "12.30", "n": 0, "list": [1, None]}
    assert audit.head(engine) == Head(5, log[-1].hash)


@pytest.mark.parametrize(
    ("change", "where", "problem"),
    [
        (sa.update(audit_log).values(action="refused"), 3, "edited"),
        (sa.update(audit_log).values(actor="王芳"), 1, "edited"),
        (sa.update(audit_log).values(at=NOON + timedelta(seconds=9)), 5, "edited"),
        (sa.update(audit_log).values(detail={"总额": "99.30"}), 2, "edited"),
        (sa.update(audit_log).values(hash="f" * 64), 4, "edited"),
        (sa.update(audit_log).values(previous="f" * 64), 4, "gap"),
        (sa.delete(audit_log), 1, "gap"),
        (sa.delete(audit_log), 3, "gap"),
        (sa.delete(audit_log), 5, "head"),
        (sa.update(audit_log).values(id=99), 2, "gap"),
    ],
)
def test_any_change_is_found(engine: sa.Engine, change: sa.Update | sa.Delete, where: int, problem: str) -> None:
    fill(engine)
    with write(engine) as conn:
        conn.execute(change.where(audit_log.c.subject == f"invoice:{where - 1}"))
    assert problem in {found.problem for found in audit.verify(engine)}


def test_a_chain_rewritten_with_its_head_is_caught_by_an_anchor(engine: sa.Engine) -> None:
    fill(engine)
    anchor = audit.head(engine)
    fill(engine, 2)
    assert audit.verify(engine, anchor) == []
    with write(engine) as conn:
        conn.execute(sa.delete(audit_log))
        conn.execute(sa.update(audit_head).values(entries=0, hash=audit.START))
    with write(engine) as conn:
        audit.record(conn, CLERK, "refused", "invoice:0", {}, NOON)
    fill(engine, 6)
    assert audit.verify(engine) == []
    assert [found.problem for found in audit.verify(engine, anchor)] == ["head"]


def test_writers_take_turns(engine: sa.Engine) -> None:
    threads = [threading.Thread(target=fill, args=(engine, 10)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert audit.head(engine).entries == 80
    assert audit.verify(engine) == []


def test_what_is_rolled_back_leaves_no_gap(engine: sa.Engine) -> None:
    fill(engine, 2)
    with engine.connect().execution_options(writes=True) as conn:
        audit.record(conn, SERVICE, "received", "document:1", {}, NOON)
        conn.rollback()
    fill(engine, 1)
    assert audit.head(engine).entries == 3
    assert audit.verify(engine) == []


@pytest.mark.parametrize("detail", [{"total": 12.5}, {"deep": [{"x": 1.0}]}, {"object": object()}])
def test_a_detail_json_cannot_hold_exactly_is_refused(engine: sa.Engine, detail: dict[str, object]) -> None:
    with pytest.raises(TypeError), write(engine) as conn:
        audit.record(conn, SERVICE, "received", "document:1", detail, NOON)
    assert audit.head(engine).entries == 0


def exported(engine: sa.Engine) -> tuple[list[str], Head]:
    out = io.StringIO()
    end = audit.export(engine, out)
    return out.getvalue().splitlines(), end


def test_an_exported_log_is_checked_without_the_database(engine: sa.Engine, tmp_path: Path) -> None:
    fill(engine)
    lines, end = exported(engine)
    assert end == audit.head(engine)
    assert audit.check(audit.load(lines), end) == []

    whole, broken = tmp_path / "whole.jsonl", tmp_path / "broken.jsonl"
    whole.write_text("\n".join(lines), encoding="utf-8")
    broken.write_text("\n".join(lines).replace("12.30", "12.31", 1), encoding="utf-8")
    command = [sys.executable, "-m", "intake.audit"]
    fine = subprocess.run([*command, whole], check=False, capture_output=True, text=True)
    assert (fine.returncode, fine.stdout) == (0, f"{whole}: whole\n")
    bad = subprocess.run([*command, whole, broken], check=False, capture_output=True, text=True)
    assert bad.returncode == 1
    assert f"{broken}: record 1: edited" in bad.stdout


@pytest.fixture(scope="module")
def chain(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Entry], Head]:
    place = tmp_path_factory.mktemp("chain") / "intake.sqlite3"
    place.write_bytes(sqlite_template.read_bytes())
    engine = connect(f"sqlite:///{place}")
    fill(engine, 12)
    lines, end = exported(engine)
    engine.dispose()
    return list(audit.load(lines)), end


def edit(log: list[Entry], data: st.DataObject) -> list[Entry]:
    place = data.draw(st.integers(0, len(log) - 1))
    name = data.draw(st.sampled_from(["actor", "action", "subject", "hash", "previous"]))
    new = data.draw(st.text(max_size=64).filter(lambda text: text != getattr(log[place], name)))
    changes: dict[str, Any] = {name: new}
    return [*log[:place], replace(log[place], **changes), *log[place + 1 :]]


def delete(log: list[Entry], data: st.DataObject) -> list[Entry]:
    gone = data.draw(st.sets(st.integers(0, len(log) - 1), min_size=1))
    return [entry for place, entry in enumerate(log) if place not in gone]


def reorder(log: list[Entry], data: st.DataObject) -> list[Entry]:
    return data.draw(st.permutations(log).filter(lambda order: order != log))


def repeat(log: list[Entry], data: st.DataObject) -> list[Entry]:
    place = data.draw(st.integers(0, len(log) - 1))
    return [*log[: place + 1], *log[place:]]


@pytest.mark.parametrize("tamper", [edit, delete, reorder, repeat])
@given(data=st.data())
def test_no_edit_deletion_reordering_or_repetition_goes_unnoticed(
    chain: tuple[list[Entry], Head], tamper: Callable[[list[Entry], st.DataObject], list[Entry]], data: st.DataObject
) -> None:
    log, end = chain
    assert audit.check(tamper(log, data), end)


def test_the_canonical_form_does_not_depend_on_the_order_of_keys(engine: sa.Engine) -> None:
    with write(engine) as conn:
        audit.record(conn, SERVICE, "received", "document:1", {"b": 1, "a": {"d": 2, "c": 3}}, NOON)
    lines, end = exported(engine)
    shuffled = json.loads(lines[0]) | {"detail": {"a": {"c": 3, "d": 2}, "b": 1}}
    assert audit.check(audit.load([json.dumps(shuffled)]), end) == []
