"""How fast the lists answer when the desk is large: ``python -m tests.bench.desk --rows 1000000``.

The documents are made by the databases themselves, SQLite in a file below `build/bench/` and PostgreSQL on a server of
its own, and are removed in the end. Views are asked as the pages ask them, whole pages through Flask's test client.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Final

import sqlalchemy as sa
from flask.testing import FlaskClient
from pydantic import SecretStr

from intake import accounts, migrations, views
from intake.config import Settings
from intake.model import Cause, Channel, DocumentState
from intake.views.filters import DocumentFilter, Order, Page, Sort
from intake.wiring import build
from ocr.types import Kind
from tests.bench import tables
from tests.bench.desk_rows import fill
from tests.bench.register import Figure, opened_postgresql, opened_sqlite, used_by
from web.app import create_app

ASKED: Final = 20
LISTS: Final = 300  # milliseconds
PAPER: Final = 150


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    options = parser.parse_args()
    figures: list[Figure] = []
    for database, opened in {"sqlite": opened_sqlite, "postgresql": opened_postgresql}.items():
        if options.only in {None, database}:
            with opened() as engine:
                migrations.upgrade(engine)
                begun = time.perf_counter()
                fill(engine, options.rows)
                print(f"{database}: filled in {time.perf_counter() - begun:.0f} s", flush=True)
                figures += measure(engine, options.rows)
                engine.dispose()
            tables.save(f"desk-{options.rows}", figures)
    tables.show(f"Desk of {options.rows:,} documents", figures)


def measure(engine: sa.Engine, rows: int) -> list[Figure]:
    """p50 and p95 of each question, by the clock and in CPU time of this process and the database's."""
    chance = random.Random(1)  # noqa: S311 - a repeatable choice of questions
    used = used_by(engine)

    def answers(what: str, most: int, ask: Callable[[], object]) -> Figure:
        ask()
        times, spent = [], []
        for _ in range(ASKED):
            before, begun = used(), time.perf_counter()
            ask()
            times.append((time.perf_counter() - begun) * 1000)
            spent.append((used() - before) * 1000)
        shown = {
            f"{name}{part}_ms": round(sorted(one)[place], 1)
            for name, one in (("", times), ("cpu_", spent))
            for part, place in (("p50", ASKED // 2), ("p95", ASKED * 95 // 100 - 1))
        }
        kept = shown["p95_ms"] <= most
        print(engine.dialect.name, what, shown, flush=True)
        return {
            "database": engine.dialect.name,
            "what": what,
            **shown,
            "most_ms": most,
            "kept": "yes" if kept else "NO",
        }

    figures = [
        answers(what, LISTS, partial(_listed, engine, wanted, order)) for what, wanted, order in questions(rows, chance)
    ]
    figures.append(answers("counts of all", LISTS, lambda: views.count_states(engine)))
    figures.append(answers("a page far down", LISTS, lambda: _third(engine, Order(Sort.TOTAL))))
    client = signed_in(engine)
    for what, most, address in (
        ("page: list", LISTS, lambda: "/documents"),
        ("page: list, searched", LISTS, lambda: f"/documents?q=示例第{chance.randrange(50_000)}商"),
        ("page: document", PAPER, lambda: f"/documents/{1 + chance.randrange(rows)}"),
        ("page: home", LISTS, lambda: "/"),
        ("page: queue", LISTS, lambda: "/review"),
    ):
        figures.append(answers(what, most, partial(_opened, client, address)))
    return figures


def _listed(engine: sa.Engine, wanted: Callable[[], DocumentFilter], order: Order) -> object:
    return views.list_documents(engine, wanted(), order)


def _opened(client: FlaskClient, address: Callable[[], str]) -> None:
    _got(client, address())


def questions(rows: int, chance: random.Random) -> Sequence[tuple[str, Callable[[], DocumentFilter], Order]]:
    """What is looked for: rare and common, one thing and several, in each order."""

    def day() -> date:
        return date(2023, 1, 1) + timedelta(days=chance.randrange(1400))

    def number() -> str:
        return f"24{chance.randrange(rows) * 997:018d}"

    def among(low: int, width: int) -> dict[str, Any]:
        return {"total_from": Decimal(low), "total_to": Decimal(low + width)}

    def span(names: str, days: int) -> DocumentFilter:
        begun = day()
        given: dict[str, Any] = {f"{names}_from": begun, f"{names}_to": begun + timedelta(days=days)}
        return DocumentFilter(**given)

    newest, state = Order(), DocumentState
    return [
        ("newest", DocumentFilter, newest),
        *((f"all by {one}", DocumentFilter, Order(one)) for one in (Sort.DATE, Sort.TOTAL, Sort.SELLER)),
        ("state, common", lambda: DocumentFilter(states=frozenset({state.FILED})), newest),
        ("state, rare", lambda: DocumentFilter(states=frozenset({state.QUEUED})), newest),
        ("state by amount", lambda: DocumentFilter(states=frozenset({state.NEEDS_REVIEW})), Order(Sort.TOTAL)),
        ("number", lambda: DocumentFilter(number=number()), newest),
        ("number, beginning", lambda: DocumentFilter(number=number()[:16]), newest),
        ("code", lambda: DocumentFilter(code=f"011002000{chance.randrange(100, 1000)}"), newest),
        ("one day", lambda: span("date", 0), newest),
        ("a year", lambda: DocumentFilter(date_from=date(2024, 1, 1), date_to=date(2024, 12, 31)), newest),
        ("a year by amount", lambda: DocumentFilter(date_from=date(2024, 1, 1), date_to=date(2024, 12, 31)), Order(Sort.TOTAL)),
        ("amounts, narrow", lambda: DocumentFilter(**among(chance.randrange(9000), 1)), newest),
        ("amounts, wide", lambda: DocumentFilter(**among(chance.randrange(1000), 7000)), Order(Sort.SELLER)),
        ("cause", lambda: DocumentFilter(cause=Cause.WRONG_TITLE), newest),
        ("cause, region, kind", lambda: DocumentFilter(cause=Cause.QR_OCR_CONFLICT, region="31", kind=Kind.DIG_NORMAL), newest),
        ("clerk", lambda: DocumentFilter(clerk=1 + chance.randrange(40)), newest),
        ("handed in by", lambda: DocumentFilter(submitter=1 + chance.randrange(40)), Order(Sort.DATE)),
        ("source, region, amounts", lambda: DocumentFilter(channel=Channel.PHONE, region="44", **among(3000, 500)), newest),
        ("kind, common", lambda: DocumentFilter(kind=Kind.DIG_NORMAL), Order(Sort.DATE)),
        ("received in a month", lambda: span("received", 30), newest),
        ("seller", lambda: DocumentFilter(seller=f"示例第{chance.randrange(50_000)}商"), newest),
        ("seller, two characters", lambda: DocumentFilter(seller="示例"), newest),
        ("buyer, a fifth of all", lambda: DocumentFilter(buyer="木石"), Order(Sort.TOTAL)),
        ("buyer and a day", lambda: replace(span("date", 0), buyer="木石"), newest),
        ("text: number's end", lambda: DocumentFilter(text=number()[-8:]), newest),
        ("text: seller", lambda: DocumentFilter(text=f"第{chance.randrange(50_000)}商贸"), newest),
        ("text: in all", lambda: DocumentFilter(text="有限公司"), newest),
        ("text: in none", lambda: DocumentFilter(text="东湖图书"), newest),
        ("text: file name", lambda: DocumentFilter(text=f"scan-{chance.randrange(rows)}"), newest),
        ("text: words", lambda: DocumentFilter(text=f"木石 {chance.randrange(rows)}.pdf"), newest),
        ("text: one character", lambda: DocumentFilter(text="湖"), newest),
    ]  # fmt: skip


def _third(engine: sa.Engine, order: Order) -> Page:
    page = views.list_documents(engine, DocumentFilter(), order, before=None)
    for _ in range(2):
        page = views.list_documents(engine, DocumentFilter(), order, before=page.older)
    return page


def signed_in(engine: sa.Engine) -> FlaskClient:
    """A supervisor's browser on the desk over this database."""
    place = tables.FOLDER / "desk-data"
    place.mkdir(parents=True, exist_ok=True)
    url = engine.url.render_as_string(hide_password=False)
    service = build(Settings(data=place, database=url, secret_key=SecretStr("x" * 32)))
    client = create_app(service).test_client()
    account = accounts.list_accounts(engine)[0]
    with client.session_transaction() as session:
        session["_user_id"] = f"{account.id}:{account.session_version}"
        session["since"] = int(service.clock().timestamp())
        session.permanent = True
    return client


def _got(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    if answer.status_code != 200:
        message = f"{address}: {answer.status_code}"
        raise RuntimeError(message)


if __name__ == "__main__":
    main()
