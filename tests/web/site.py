"""The pages over a wired service in a temporary folder: people of every role, papers, and a reader of prepared readings."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from intake import accounts, wiring
from intake.accounts import Account
from intake.model import Role
from ocr.types import Box, Carrier, Extraction, FieldName, FieldValue, Kind, PageInfo, Receipt, Source
from tests.fakes import FakeClock, FakeReader, settings
from web.app import create_app

F = FieldName
PASSWORD = "correct-horse-battery"
NUMBER = "26112000000048542163"
VALUES: Mapping[FieldName, str] = {
    F.NUMBER: NUMBER,
    F.DATE: "2026-07-24",
    F.NET: "100.00",
    F.TAX: "6.00",
    F.TOTAL: "106.00",
    F.BUYER_NAME: "北京示例科技有限公司",
    F.SELLER_NAME: "北京示例文具有限公司",
    F.SELLER_TAX_ID: "91110108MAEY9WLP8G",
}
CRITICAL = (F.NUMBER, F.DATE, F.TOTAL, F.SELLER_TAX_ID)
TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')


def reading(values: Mapping[FieldName, str] = VALUES, kind: Kind = Kind.DIG_NORMAL) -> Extraction:
    """A paper of one page as a recogniser reads it."""
    box = Box(0.1, 0.2, 0.3, 0.25)
    seen = tuple(FieldValue(name, value, 0.9, Source.OCR, 0, box, value) for name, value in values.items())
    return Extraction(Carrier.PDF, "application/pdf", (PageInfo(0, 1240, 1754),), (Receipt(kind, values=seen),))


class Browser(FlaskClient):
    """A client that takes each answer to its end, so that files sent are closed."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        return super().open(*args, **{"buffered": True, **options})


class Site:
    """The application with its people; nothing runs beside it, :meth:`work` reads what waits."""

    def __init__(self, folder: Path, **changes: object) -> None:
        self.clock = FakeClock()
        self.intake = wiring.build(settings(folder, secret_key="s" * 40, **changes), self.clock)
        self.app = create_app(self.intake)
        self.app.test_client_class = Browser
        self.readings: dict[bytes, Extraction] = {}
        self.reader = FakeReader(self.readings)
        self.people: dict[str, Account] = {}
        for role in Role:
            if role is not Role.SERVICE:
                self.person(role.value, role)
        self.person("colleague", Role.CLERK)

    def person(self, login: str, role: Role) -> Account:
        """Somebody who may sign in with :data:`PASSWORD`; hashed once, since argon2 is slow on purpose."""
        account, _ = accounts.create(self.intake.engine, login, login, role, PASSWORD, clock=self.clock)
        self.people[login] = account
        return account

    def close(self) -> None:
        self.intake.courier.close()
        self.intake.engine.dispose()

    def visitor(self) -> FlaskClient:
        """A browser without a session."""
        return self.app.test_client()

    def client(self, login: str) -> FlaskClient:
        """A browser of somebody who has signed in just now."""
        client = self.visitor()
        account = self.people[login]
        with client.session_transaction() as session:
            session["_user_id"] = f"{account.id}:{account.session_version}"
            session["since"] = int(self.clock().timestamp())
            session.permanent = True
        return client

    def hand_in(self, client: FlaskClient, data: bytes, name: str = "scan.pdf", **fields: str) -> int:
        """Upload a file as the upload script does; returns its document's id."""
        answer = post(client, "/upload", {"file": (io.BytesIO(data), name), **fields}, headers={"X-Intake-Upload": "1"})
        assert answer.status_code == 201, answer.text
        found = re.search(r'data-document="(\d+)"', answer.text)
        assert found
        return int(found[1])

    def work(self) -> None:
        """Read everything that waits."""
        worker = self.intake.worker(self.reader)
        while worker.work_once():
            pass

    def paper(self, values: Mapping[FieldName, str] = VALUES, login: str = "clerk", data: bytes = b"paper") -> int:
        """A paper that was handed in and read; returns its document's id."""
        self.readings[data] = reading(values)
        number = self.hand_in(self.client(login), data)
        self.work()
        return number


def token(client: FlaskClient) -> str:
    """A CSRF token of the browser's session."""
    found = TOKEN.search(client.get("/sign-in", follow_redirects=True).text)
    assert found
    return found[1]


def post(client: FlaskClient, path: str, data: Mapping[str, Any] | None = None, **options: Any) -> TestResponse:
    """Send a form of the pages, with its token."""
    return client.post(path, data={"csrf_token": token(client), **(data or {})}, **options)


def form(values: Mapping[FieldName, str]) -> dict[str, str]:
    """Keyed values as the form sends them."""
    return {f"value.{name.value}": value for name, value in values.items()}
