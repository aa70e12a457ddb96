"""Personal data masked in what leaves the house (domain.md §10.4): texts, and which places of a picture to cover."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from intake.model import Invoice
from ocr.rules.taxid import id_ok
from ocr.types import Box, FieldName, Kind

_IDENTITY: Final = re.compile(r"(?<![0-9A-Za-z])[1-8]\d{16}[\dXx](?:\d{2})?(?![0-9A-Za-z])", re.ASCII)
_PHONE: Final = re.compile(r"(?<![\d.])1[3-9]\d{9}(?![\d.])", re.ASCII)
_LANDLINE: Final = re.compile(r"(?<!\d)0\d{2,3}-\d{7,8}(?!\d)", re.ASCII)
_ACCOUNT: Final = re.compile(r"(账号|帐号|银行卡号?|卡号)([:：]?\s*)(\d[\d ]{7,24}\d)")
_PERSONAL: Final = (FieldName.TRAVELLER,)
_PERSON: Final = re.compile(r"[\u4e00-\u9fff·]{2,4}")
_OF_PEOPLE: Final = frozenset({Kind.VEHICLE, Kind.USED_VEHICLE, Kind.DIG_VEHICLE, Kind.DIG_USED_VEHICLE})
_FIRM: Final = re.compile("公司|厂|店|部|院|校|所|局|社|中心|银行|集团|会|队|站|场|馆|行|处|室|坊|城")


@dataclass(frozen=True, slots=True)
class Cover:
    """A place of a picture that is covered before it leaves the house."""

    page: int
    box: Box


def masked(text: str, people: Iterable[str] = ()) -> str:
    """A text with identity numbers as ``110***********002X``, mobile numbers as ``138****0000``, telephone and account
    numbers by their last four, and each of these people's names by its first character.
    """
    said = _IDENTITY.sub(lambda found: _identity(found[0]), text)
    said = _PHONE.sub(lambda found: f"{found[0][:3]}****{found[0][-4:]}", said)
    said = _LANDLINE.sub(lambda found: f"****{found[0][-4:]}", said)
    said = _ACCOUNT.sub(lambda found: f"{found[1]}{found[2]}****{''.join(found[3].split())[-4:]}", said)
    for name in sorted(filter(None, people), key=len, reverse=True):
        said = said.replace(name, name[0] + "*" * (len(name) - 1))
    return said


def people_of(invoice: Invoice) -> tuple[str, ...]:
    """The names of people that a paper bears: its traveller, a buyer or seller who is no firm."""
    named = [
        part
        for name in _PERSONAL
        for part in re.split(r"[\s*\d]+", invoice.value(name) or "")
        if _PERSON.fullmatch(part)
    ]
    for name in (FieldName.BUYER_NAME, FieldName.SELLER_NAME):
        value = (invoice.value(name) or "").removesuffix("（个人）")
        if _PERSON.fullmatch(value) and value != "个人" and not _FIRM.search(value):
            named.append(value)
    return tuple(dict.fromkeys(named))


def covers(invoice: Invoice) -> tuple[Cover, ...]:
    """The places where a paper shows a traveller, a person's name or a person's number."""
    people = people_of(invoice)
    return tuple(
        Cover(seen.page, seen.box)
        for name, field in invoice.fields.items()
        for seen in field.sightings
        if seen.box is not None
        and (name in _PERSONAL or seen.value.removesuffix("（个人）") in people or _of_person(seen.value))
    )


def shows_people(invoice: Invoice) -> bool:
    """Whether a paper is of a kind that bears people's data which may stand in no field that is read (§10.4)."""
    return bool(covers(invoice)) or invoice.kind in _OF_PEOPLE


def _of_person(value: str) -> bool:
    return bool(_IDENTITY.fullmatch(value)) and id_ok(value[:18].upper())


def _identity(number: str) -> str:
    """A number of a person masked; one that only looks like it (a 统一社会信用代码 of digits) stays."""
    return f"{number[:3]}***********{number[14:]}" if _of_person(number) else number
