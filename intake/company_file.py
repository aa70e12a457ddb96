"""Our companies as a TOML file: names and tax ids with the days they held, and how they follow one another (domain.md §9.6).

A file looks so; all but name and tax_id may be left out::

    [[company]]
    name = "北京示例科技有限公司"
    tax_id = "911101080000000000"
    valid_from = 2019-03-01
    valid_to = 2025-06-30
    change = "merged"                              # renamed, merged, split, closed
    successor_tax_ids = ["911101080000000001"]
    accepted_to = 2025-09-30                       # papers made out to the old name are still taken
    group = "示例集团"
    head_tax_id = "911101080000000002"             # of a branch: its head office
    desk = "上海财务中心"                            # another office takes its papers
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from intake.errors import ConfigurationError
from intake.model import Company, CompanyChange
from ocr.normalise import normalise
from ocr.types import FieldName

DAYS: Final = ("valid_from", "valid_to", "accepted_to")
TEXTS: Final = {"group": 64, "head_tax_id": 32, "desk": 120}
KNOWN: Final = frozenset({"name", "tax_id", "change", "successor_tax_ids", *DAYS, *TEXTS})
SUCCESSORS: Final = 20
LARGEST: Final = 1024 * 1024  # bytes


def parse(path: Path) -> tuple[Company, ...]:
    """The companies in a TOML file. Raises ConfigurationError that names the entry and what is wrong with it."""
    try:
        return understand(path.read_bytes(), path.name)
    except OSError as error:
        raise ConfigurationError(f"{path.name}: {error}") from error


def understand(data: bytes, name: str) -> tuple[Company, ...]:
    """The companies in the bytes of a TOML file called `name`. Raises ConfigurationError as :func:`parse`."""
    try:
        content = tomllib.loads(data[:LARGEST].decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigurationError(f"{name}: {error}") from error
    entries = content.get("company")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ConfigurationError(f"{name}: no [[company]] in it")
    return tuple(_company(f"{name}, company {number}", entry) for number, entry in enumerate(entries, 1))


def write(companies: Sequence[Company]) -> str:
    """The companies as a TOML file that :func:`understand` reads back equal."""
    return "\n".join(f"[[company]]\n{''.join(_lines(company))}" for company in companies)


def _lines(company: Company) -> list[str]:
    values = {
        "name": company.name,
        "tax_id": company.tax_id,
        "valid_from": company.valid_from,
        "valid_to": company.valid_to,
        "change": company.change.value if company.change else "",
        "successor_tax_ids": list(company.successor_tax_ids),
        "accepted_to": company.accepted_to,
        "group": company.group,
        "head_tax_id": company.head_tax_id,
        "desk": company.desk,
    }
    return [
        f"{name} = {value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False)}\n"
        for name, value in values.items()
        if value
    ]


def _company(where: str, entry: dict[str, Any]) -> Company:
    strange = entry.keys() - KNOWN
    if strange:
        raise ConfigurationError(f"{where}: unknown {', '.join(sorted(strange))}")
    for required in ("name", "tax_id"):
        if not isinstance(entry.get(required), str) or not entry[required].strip():
            raise ConfigurationError(f"{where}: {required} is missing")
    for limit in DAYS:
        value = entry.get(limit)
        if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
            raise ConfigurationError(f"{where}: {limit} is not a day such as 2019-03-01")
    for field, longest in TEXTS.items():
        if not isinstance(entry.get(field, ""), str) or len(entry.get(field, "")) > longest:
            raise ConfigurationError(f"{where}: {field} is no text of at most {longest} characters")
    name, tax_id = normalise(FieldName.BUYER_NAME, entry["name"]), tax_id_of(entry["tax_id"])
    if name is None or tax_id is None:
        raise ConfigurationError(f"{where}: {'name' if name is None else 'tax_id'} cannot be one")
    company = Company(
        name,
        tax_id,
        entry.get("valid_from"),
        entry.get("valid_to"),
        entry.get("group", ""),
        _related(where, "head_tax_id", entry.get("head_tax_id")),
        _successors(where, entry.get("successor_tax_ids", [])),
        _change(where, entry.get("change")),
        entry.get("accepted_to"),
        entry.get("desk", ""),
    )
    if company.valid_from and company.valid_to and company.valid_to < company.valid_from:
        raise ConfigurationError(f"{where}: valid_to is before valid_from")
    return company


def tax_id_of(text: str) -> str | None:
    """A tax id in its one spelling; None when the text cannot be one."""
    return normalise(FieldName.BUYER_TAX_ID, text)


def _related(where: str, field: str, text: str | None) -> str:
    if not text:
        return ""
    found = tax_id_of(text)
    if found is None:
        raise ConfigurationError(f"{where}: {field} cannot be a tax id")
    return found


def _successors(where: str, given: object) -> tuple[str, ...]:
    if not isinstance(given, list) or len(given) > SUCCESSORS or not all(isinstance(one, str) for one in given):
        raise ConfigurationError(f"{where}: successor_tax_ids is no list of at most {SUCCESSORS} tax ids")
    return tuple(_related(where, "successor_tax_ids", one) for one in given if one.strip())


def _change(where: str, given: object) -> CompanyChange | None:
    if given is None or given == "":
        return None
    if given not in {change.value for change in CompanyChange}:
        raise ConfigurationError(f"{where}: change is none of {', '.join(CompanyChange)}")
    return CompanyChange(given)
