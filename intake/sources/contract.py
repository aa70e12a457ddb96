"""The answers of `docs/register-api.openapi.yaml`, checked as they come; what the contract does not name is passed over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(max_length=200)]
Id = Annotated[str, Field(max_length=32)]
Money = Annotated[Decimal, Field(max_digits=15, decimal_places=2)]

LARGEST_PAGE: Final = 1000  # rows


class ApiInvoice(BaseModel):
    """One row. Amounts are decimal strings in yuan; at least one of `net` and `total` stands there."""

    model_config = ConfigDict(frozen=True)

    invoice_number: Annotated[str, Field(pattern=r"^[0-9A-Z]{1,32}$")]
    invoice_code: Annotated[str, Field(pattern=r"^[0-9A-Z]{0,24}$")] = ""
    issue_date: date
    net: Money | None = None
    tax: Money | None = None
    total: Money | None = None
    seller_tax_id: Id = ""
    seller_name: Text = ""
    buyer_tax_id: Id = ""
    buyer_name: Text = ""
    kind: Text = ""
    status: Text = ""


class ApiPage(BaseModel):
    """One page of rows; `next_cursor` is null on the last one."""

    model_config = ConfigDict(frozen=True)

    invoices: Annotated[Sequence[ApiInvoice], Field(max_length=LARGEST_PAGE)]
    next_cursor: Annotated[str, Field(min_length=1, max_length=512)] | None


HEADINGS: Final = tuple(ApiInvoice.model_fields)


def cells(row: ApiInvoice) -> tuple[str, ...]:
    """A row in the order of `HEADINGS`, as text: a table of text loses no digits."""
    return tuple("" if value is None else str(value) for value in (getattr(row, name) for name in HEADINGS))
