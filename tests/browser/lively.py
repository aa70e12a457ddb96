"""A desk where every page has something to show: papers that were read, and what its people did with some of them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
import waitress

from intake import accounts, demo, wiring
from intake.background import running
from intake.db import documents, invoices, read, tasks
from intake.errors import IntakeError
from intake.model import Actor, OfficialOutcome
from intake.official import cases
from intake.official.agreement import Answer
from intake.official.records import record
from intake.official.walk import Addressee
from intake.register import drafts, rollback
from intake.register.snapshot import CsvStream
from intake.sources import calendar, catalogue
from intake.sources.model import Definition, SourceKind
from intake.wiring import Intake
from ocr.types import FieldName, Kind
from tests.browser.conftest import PASSWORD, PEOPLE
from tests.fakes import settings
from web.app import create_app

F = FieldName
HALF_DONE: Final = {"queued", "working"}
QUICK: Final = ("03-", "04-", "05-", "11-", "13-", "14-", "15-", "18-")  # papers with a text layer, read in a moment
HEADINGS: Final = ("发票号码", "开票日期", "销售方名称", "金额", "税额", "价税合计", "发票状态")


@dataclass(frozen=True)
class Lively:
    """The running desk; `numbers` are ids by what they name: document, invoice, task, entered, disputed, case, import."""

    address: str
    numbers: Mapping[str, int]
    intake: Intake


@contextmanager
def lively(folder: Path, papers: Path, only: tuple[str, ...] = QUICK) -> Iterator[Lively]:
    """Serve a desk with the demo's papers whose names begin with one of `only` (all when empty)."""
    intake = wiring.build(settings(folder, workers=1, blind_rate=1.0))
    people = {}
    for login, role in PEOPLE.items():
        account, _ = accounts.create(intake.engine, login, login, role, PASSWORD)
        people[login] = Actor(account.id, login, role)
    server: Any = waitress.create_server(create_app(intake), host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run, name="web", daemon=True)
    try:
        with running(intake):
            demo.load(intake, papers, only=only, actor=people["clerk"])
            thread.start()
            _wait(intake)
            numbers = _act(intake, people, papers)
            yield Lively(f"http://127.0.0.1:{server.effective_port}", numbers, intake)
            server.close()
            server._map.clear()  # browsers keep their connections open; the loop ends without them
            thread.join(10)
    finally:
        intake.courier.close()
        intake.engine.dispose()


def _wait(intake: Intake, most: float = 900) -> None:
    """Until every paper was read."""
    end = time.monotonic() + most
    while time.monotonic() < end:
        with read(intake.engine) as conn:
            busy = conn.execute(
                sa.select(sa.func.count()).select_from(documents).where(documents.c.state.in_(HALF_DONE))
            ).scalar_one()
        if not busy:
            return
        time.sleep(0.5)
    raise TimeoutError("papers are still being read")


def _act(intake: Intake, people: Mapping[str, Actor], papers: Path) -> dict[str, int]:
    """What the people of the office did before anybody looks."""
    clerk, second, chief, admin = (people[name] for name in ("clerk", "clerk2", "chief", "admin"))
    numbers = _papers(intake, clerk, second, papers)
    numbers |= _registers(intake, chief)
    _sources(intake, admin)
    return numbers


def _papers(intake: Intake, clerk: Actor, second: Actor, papers: Path) -> dict[str, int]:
    """Entries that wait for a second and a third person, a letter to a seller, an official answer, a use."""
    truth = {}
    for one in json.loads((papers / "truth.json").read_text("utf-8")):
        if one["file"].startswith("pdf-text/"):
            truth[one["file"].removeprefix("pdf-text/").removesuffix(".pdf")] = one
    query = (
        sa.select(tasks.c.id, tasks.c.invoice_id, tasks.c.document_id, documents.c.name)
        .join(documents, documents.c.id == tasks.c.document_id)
        .where(tasks.c.state == "open")
        .order_by(tasks.c.id)
    )
    with read(intake.engine) as conn:
        waiting = conn.execute(query).all()
        filed = conn.execute(sa.select(invoices.c.id).where(invoices.c.state == "filed").order_by(invoices.c.id)).all()
    found: dict[str, int] = {}
    for task, invoice, document, name in waiting:
        said = truth.get(name[3:].rsplit(".", 1)[0].removesuffix("-scan"))
        wanted = next((key for key in ("disputed", "entered") if key not in found), None)
        if (
            said is not None
            and wanted is not None
            and "wrong-title" not in name
            and _entered(intake, clerk, task, said)
        ):
            found[wanted] = task
            if wanted == "disputed":
                blind = {name: said[name.value] for name in (F.NUMBER, F.DATE, F.SELLER_TAX_ID) if said.get(name.value)}
                if said.get("code"):
                    blind[F.CODE] = said["code"]
                intake.desk.verify(second, task, {**blind, F.TOTAL: "1.00"})
            continue
        if "task" not in found:
            found |= {"task": task, "invoice": invoice, "document": document}
            found["case"] = cases.open_case(
                intake.engine, clerk, invoice, Addressee.SELLER, "请核对抬头后重开。", clock=intake.clock
            )
            answer = Answer(OfficialOutcome.NOT_FOUND, {}, {})
            limit = intake.settings.second_person_from
            record(intake.engine, clerk, invoice, answer, site="tax_bureau", threshold=limit, clock=intake.clock)
    for (invoice,) in filed[:2]:
        intake.uses.lock(clerk, invoice, "记-2026-11-087")
    return found


def _entered(intake: Intake, clerk: Actor, task: int, said: Mapping[str, str]) -> bool:
    """Whether a paper could be keyed from what is printed on it."""
    words = {**said, "net": said.get("amount", "")}
    values = {name: str(words[name.value]) for name in FieldName if words.get(name.value)}
    try:
        intake.desk.enter(clerk, task, Kind(said["kind"]), values, {}, insisted=True)
    except (IntakeError, ValueError):
        return False
    return True


def _registers(intake: Intake, chief: Actor) -> dict[str, int]:
    """An import that was rolled back, and a draft that waits."""
    rows = [
        [f"2611200000009{n:07d}", "2026-11-20", "北京半山文具有限公司", "100.00", "6.00", "106.00", "正常"]
        for n in range(3)
    ]

    def draft(name: str, rows: list[list[str]]) -> int:
        made = drafts.prepare(
            intake.engine, intake.files, CsvStream(HEADINGS, rows), name, source="ERP", actor=chief, clock=intake.clock
        )
        return made.import_id

    first = draft("ERP-11.csv", rows)
    applied = drafts.apply(intake.engine, intake.files, first, actor=chief, clock=intake.clock)
    rollback.roll_back(intake.engine, str(applied.name), actor=chief, clock=intake.clock)
    second = draft("ERP-11-改.csv", [[*row[:3], "200.00", "12.00", "212.00", "正常"] for row in rows])
    return {"rolled_back": first, "import": second}


def _sources(intake: Intake, admin: Actor) -> None:
    """A watched folder, left out for two hours, and an announced maintenance."""
    folder = intake.settings.data / "exports"
    folder.mkdir()
    wanted = Definition("税务局导出", SourceKind.FOLDER, str(folder))
    catalogue.save(
        intake.engine,
        intake.sources.credentials,
        wanted,
        None,
        new=True,
        actor=admin,
        clock=intake.clock,
    )
    now = intake.clock()
    calendar.bypass(
        intake.engine, wanted.name, now + timedelta(hours=2), "文件服务器迁移", actor=admin, clock=intake.clock
    )
    night = now + timedelta(hours=6)
    calendar.announce(
        intake.engine,
        calendar.TAX_BUREAU,
        night,
        night + timedelta(hours=4),
        "每月例行维护",
        actor=admin,
        clock=intake.clock,
    )
