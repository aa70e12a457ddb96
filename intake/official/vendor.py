"""A verification interface of a vendor, asked over HTTP (domain.md §8.3); off unless an address is set.

One question is one ``POST`` of JSON with ``Authorization: Bearer <key>``; a relay in the house translates it for the
vendor. It may answer with our `outcome`, or pass on the vendor's own `code` with its name. Only an answer that was
understood says anything about the invoice: everything else is a fault of the interface.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Protocol

import httpx
import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from intake.config import Settings
from intake.errors import ConfigurationError
from intake.model import Invoice, OfficialOutcome
from intake.official.agreement import FACE, SHOWN, Answer
from intake.official.questions import as_asked, questions
from intake.official.vocabularies import Vendor, outcome_of, worth_repeating
from ocr.types import FieldName

log = structlog.get_logger()
F = FieldName

ATTEMPTS: Final = 3
PAUSES: Final = (1.0, 4.0)  # seconds before the second and the third attempt
LARGEST: Final = 1024 * 1024  # bytes of an answer
_OF_STATUS: Final = {
    401: OfficialOutcome.QUOTA,
    402: OfficialOutcome.QUOTA,
    403: OfficialOutcome.QUOTA,
    429: OfficialOutcome.QUOTA,
    408: OfficialOutcome.UPSTREAM_ERROR,
    425: OfficialOutcome.UPSTREAM_ERROR,
}


class _Party(BaseModel):
    model_config = ConfigDict(extra="ignore")
    name: str = ""
    taxid: str = ""


class _Face(BaseModel):
    model_config = ConfigDict(extra="ignore")
    code: str = ""
    number: str = ""
    date: str = ""
    buyer: _Party = _Party()
    seller: _Party = _Party()
    net: Decimal | None = None
    tax: Decimal | None = None
    total: Decimal | None = Field(None, alias="gross")
    check_code: str = ""
    is_void: bool = False
    red_amount: Decimal | None = None


class _Response(BaseModel):
    """What the interface answers."""

    model_config = ConfigDict(extra="ignore", str_max_length=4000)
    outcome: OfficialOutcome | None = None
    vendor: Vendor | None = None
    code: str | None = None
    sign: str = ""
    checked_at: datetime | None = None
    times_today: int | None = Field(None, ge=0, le=1_000_000)
    face: _Face | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What an interface said, and its answer as it came, as evidence."""

    answer: Answer
    raw: bytes


class Verifier(Protocol):
    """Somebody who can be asked about an invoice without a person."""

    def ask(self, invoice: Invoice) -> Told:
        """The answer; a fault of the interface is an outcome, never an exception."""
        ...


class HttpVerifier:
    """The interface at an address. Faults are asked again after a pause, other answers are taken as they are."""

    def __init__(self, url: str, secret: str, *, seconds: float, pause: Callable[[float], None]) -> None:
        """`seconds` bounds each attempt; `pause` waits."""
        self._url = url
        self._secret = secret
        self._seconds = seconds
        self._pause = pause

    def ask(self, invoice: Invoice) -> Told:
        """See `Verifier.ask`."""
        asked = {one.name: one.value for one in questions(invoice)}
        body = request_of(invoice)
        told = self._once(body, asked)
        for seconds in PAUSES:
            if not worth_repeating(told.answer.outcome):
                break
            self._pause(seconds)
            told = self._once(body, asked)
        if told.answer.outcome is OfficialOutcome.QUOTA:
            log.error("the verification interface refuses: quota or access", url=self._url)
        return told

    def _once(self, body: dict[str, str], asked: dict[FieldName, str]) -> Told:
        headers = {"Authorization": f"Bearer {self._secret}"} if self._secret else {}
        try:
            with (
                httpx.Client(timeout=self._seconds, follow_redirects=False) as client,
                client.stream("POST", self._url, json=body, headers=headers) as response,
            ):
                raw = b""
                for block in response.iter_bytes():
                    raw += block
                    if len(raw) > LARGEST:
                        return Told(Answer(OfficialOutcome.UPSTREAM_ERROR, asked), b"")
                status = response.status_code
        except httpx.HTTPError as error:
            log.warning("the verification interface does not answer", url=self._url, fault=type(error).__name__)
            return Told(Answer(OfficialOutcome.UPSTREAM_ERROR, asked), b"")
        return Told(understood(status, raw, asked), raw)


def verifier_of(settings: Settings, pause: Callable[[float], None]) -> Verifier | None:
    """The configured interface, or None. Raises ConfigurationError when the file of its key cannot be read."""
    if not settings.vendor_url:
        return None
    secret = settings.vendor_secret.get_secret_value()
    if settings.vendor_secret_file is not None:
        try:
            secret = settings.vendor_secret_file.read_text("utf-8").strip()
        except OSError as error:
            raise ConfigurationError(f"INTAKE_VENDOR_SECRET_FILE: {error.strerror}") from error
    return HttpVerifier(settings.vendor_url, secret, seconds=settings.vendor_seconds, pause=pause)


def request_of(invoice: Invoice) -> dict[str, str]:
    """The normalised question: ``kind, code, number, issue_date, net, gross, check6``, what is not known left out."""
    number = invoice.value(F.PRINTED_NUMBER) or invoice.value(F.NUMBER)
    said = {
        "kind": invoice.kind.value,
        "code": invoice.value(F.CODE),
        "number": number if invoice.value(F.CODE) else invoice.value(F.NUMBER),
        "issue_date": invoice.value(F.DATE),
        "net": invoice.value(F.NET),
        "gross": invoice.value(F.TOTAL),
        "check6": as_asked(invoice.kind, F.CHECK_CODE, invoice.value(F.CHECK_CODE) or ""),
    }
    return {name: value for name, value in said.items() if value}


def understood(status: int, raw: bytes, asked: dict[FieldName, str]) -> Answer:
    """What an HTTP answer says; anything that is no answer of the documented form is a fault of the interface."""
    if status >= 300:
        fault = OfficialOutcome.UPSTREAM_ERROR if status >= 500 or status < 400 else OfficialOutcome.BAD_REQUEST
        return Answer(_OF_STATUS.get(status, fault), asked)
    try:
        said = _Response.model_validate(json.loads(raw))
    except (ValueError, ValidationError, RecursionError):
        return Answer(OfficialOutcome.UPSTREAM_ERROR, asked)
    outcome = said.outcome
    if outcome is None and said.vendor is not None and said.code is not None:
        outcome = outcome_of(said.vendor, said.code, said.sign)
    if outcome is None:
        return Answer(OfficialOutcome.UPSTREAM_ERROR, asked)
    face = said.face
    if outcome is OfficialOutcome.CONSISTENT and face is not None and face.is_void:
        outcome = OfficialOutcome.VOID
    if outcome in FACE and (face is None or face.total is None):
        return Answer(OfficialOutcome.UPSTREAM_ERROR, asked)  # "consistent" without a face proves nothing
    return Answer(outcome, asked, _shown(face) if face is not None else {}, said.times_today)


def _shown(face: _Face) -> dict[FieldName, str]:
    values = {
        F.CODE: face.code,
        F.NUMBER: face.number,
        F.DATE: face.date,
        F.SELLER_NAME: face.seller.name,
        F.SELLER_TAX_ID: face.seller.taxid,
        F.BUYER_NAME: face.buyer.name,
        F.BUYER_TAX_ID: face.buyer.taxid,
        F.NET: _money(face.net),
        F.TAX: _money(face.tax),
        F.TOTAL: _money(face.total),
    }
    return {name: value for name, value in values.items() if value or name in SHOWN}


def _money(value: Decimal | None) -> str:
    return "" if value is None or not value.is_finite() else f"{value:.2f}"
