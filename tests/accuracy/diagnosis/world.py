"""An invented register with its sources, our companies, and the papers that lie on the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

from fixtures.invent import Inventor
from fixtures.papers import Party
from intake.fuse import fuse
from intake.model import Cause, Company, Invoice, MatchLevel, RegisterStatus, SourceState, Verification
from ocr.rules.codes import region_of_tax_id
from ocr.rules.keys import key_of
from ocr.rules.payload import encode, meaning, parse
from ocr.types import CodeSighting, FieldName, FieldValue, Kind, Receipt, Source

F = FieldName
NOW: Final = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)  # noon in Beijing
TODAY: Final = date(2026, 11, 24)
FIRST: Final = date(2022, 3, 1)
BUREAU: Final = SourceState(
    "tax-bureau", TODAY - timedelta(days=1), date(2022, 1, 1), NOW - timedelta(hours=1), rows=1000
)
_SETTLED: Final = TODAY - timedelta(days=40)  # older than everything that is only a matter of days
_TYPES: Final = {Kind.DIG_SPECIAL: "31", Kind.DIG_NORMAL: "32", Kind.VAT_SPECIAL_PAPER: "01", Kind.VAT_E_NORMAL: "10"}
DIGITAL: Final = (Kind.DIG_SPECIAL, Kind.DIG_NORMAL)
OLD: Final = (Kind.VAT_SPECIAL_PAPER, Kind.VAT_E_NORMAL)
_NET: Final = frozenset({Kind.VAT_SPECIAL_PAPER, Kind.VAT_E_NORMAL})  # whose code states the net amount


@dataclass(frozen=True, slots=True)
class Truth:
    """An invoice as it was issued."""

    kind: Kind
    code: str
    number: str
    date: date
    net: Decimal
    tax: Decimal
    seller: Party
    buyer_name: str
    buyer_tax_id: str
    check_code: str
    status: RegisterStatus = RegisterStatus.NORMAL

    @property
    def total(self) -> Decimal:
        """Net and tax."""
        return self.net + self.tax

    @property
    def key(self) -> str:
        """Its key."""
        key = key_of(self.kind, self.code, self.number)
        assert key is not None
        return key

    def values(self) -> dict[FieldName, str]:
        """What its paper prints."""
        printed = {
            F.CODE: self.code, F.NUMBER: self.number, F.DATE: self.date.isoformat(), F.NET: f"{self.net:.2f}",
            F.TAX: f"{self.tax:.2f}", F.TOTAL: f"{self.total:.2f}", F.SELLER_NAME: self.seller.name,
            F.SELLER_TAX_ID: self.seller.tax_id, F.BUYER_NAME: self.buyer_name, F.BUYER_TAX_ID: self.buyer_tax_id,
        }  # fmt: skip
        return {name: value for name, value in printed.items() if value}


@dataclass(frozen=True, slots=True)
class Case:
    """A paper with its label: the cause that the evidence decides (None: no person is needed, or it joins its first
    record), the best level of a match, and the key of the row that is meant.
    """

    family: str
    invoice: Invoice
    cause: Cause | None
    level: MatchLevel | None = None
    row: str = ""
    sources: tuple[SourceState, ...] = (BUREAU,)
    official: tuple[Verification, ...] = ()
    also: frozenset[Cause] = frozenset()


@dataclass
class World:
    """What is invented so far: rows of the register, invoices on file, numbers of refused rows."""

    inventor: Inventor
    us: Company
    sister: Company
    strangers: tuple[Party, ...]
    register: dict[str, Truth] = field(default_factory=dict)
    on_file: list[Truth] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, seed: object) -> World:
        """A world with its companies; the same seed makes the same one."""
        inventor = Inventor(seed)
        first, second = inventor.company("1100"), inventor.company("3100")
        us = Company(first.name, first.tax_id, date(2019, 1, 1))
        sister = Company(second.name, second.tax_id, desk="second")
        return cls(inventor, us, sister, tuple(inventor.company() for _ in range(40)))

    def companies(self) -> Sequence[Company]:
        """Ours, and a sister whose papers another office takes."""
        return self.us, self.sister

    def issue(self, kinds: Sequence[Kind] = DIGITAL + OLD, day: date | None = None, *, here: bool = False) -> Truth:
        """A new invoice to us; `here`: the register has it. Its day, if none is given, is long past."""
        make = self.inventor
        kind, seller = make.pick(kinds), make.pick(self.strangers)
        region = region_of_tax_id(seller.tax_id) or "1100"
        day = day or make.day(FIRST, _SETTLED)
        code, number = "", make.number_20(region, day.year)
        if kind in OLD:
            special = kind is Kind.VAT_SPECIAL_PAPER
            code = make.code_10(region, day.year, "1") if special else make.code_12(region, day.year, "11")
            number = make.number_8()
        net = make.money(20, 90_000)
        tax = (net * Decimal("0.06")).quantize(Decimal("0.01"))
        truth = Truth(kind, code, number, day, net, tax, seller, self.us.name, self.us.tax_id, make.check_code())
        return self.enter(truth) if here else truth

    def enter(self, truth: Truth) -> Truth:
        """The register has it."""
        self.register[truth.key] = truth
        return truth

    def near_day(self) -> date:
        """One of the first twelve days of a month that is not its own number."""
        while True:
            day = self.inventor.day(FIRST, _SETTLED)
            if day.day <= 12 and day.day != day.month and date(day.year, day.day, day.month) <= TODAY:
                return day


def seen(
    truth: Truth,
    changed: Mapping[FieldName, str | None] | None = None,
    *,
    source: Source = Source.OCR,
    code: Truth | None = None,
    besides: Source | None = None,
    **more: object,
) -> Invoice:
    """The paper as it is read: its values but for those `changed` (None: not read); `code` is the invoice that its
    intact code names, `besides` a second source of the same readings.
    """
    values = {**truth.values(), **(changed or {})}
    sources = [source, *([besides] if besides else [])]
    read = [FieldValue(name, value, 0.97, one) for name, value in values.items() if value for one in sources]
    marks = () if code is None else (_mark(code),)
    invoice = fuse(Receipt(truth.kind, values=tuple(read), codes=marks))
    return replace(invoice, **more)  # type: ignore[arg-type]  # fields of an invoice


def _mark(truth: Truth) -> CodeSighting:
    amount = truth.net if truth.kind in _NET else truth.total
    check = truth.check_code if truth.kind is Kind.VAT_E_NORMAL else ""
    text = encode(_TYPES[truth.kind], truth.code, truth.number, f"{amount:.2f}", f"{truth.date:%Y%m%d}", check)
    payload = parse(text)
    assert payload is not None
    return CodeSighting(text, meaning(text), payload.crc, 0, None, "zxing")
