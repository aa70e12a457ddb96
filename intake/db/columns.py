"""Columns of both databases: money is integer fen (`Fen`), moments are UTC (`Moment`), and the names of constraints."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

HUNDRED: Final = Decimal(100)


class Fen(TypeDecorator[Decimal]):
    """Decimal yuan in Python, integer fen in the database: exact on both engines."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: sa.Dialect) -> int | None:
        """Yuan to fen. Raises ValueError for fractions of a fen."""
        del dialect
        if value is None:
            return None
        fen = value * HUNDRED
        if fen != fen.to_integral_value():
            message = f"{value} has fractions of a fen"
            raise ValueError(message)
        return int(fen)

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> Decimal | None:
        """Fen to yuan with two decimals."""
        del dialect
        return None if value is None else (Decimal(value) / HUNDRED).quantize(Decimal("0.01"))


class Moment(TypeDecorator[datetime]):
    """Aware UTC datetime in Python, timezone-less UTC in the database."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuses naive datetimes."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            message = "a moment needs a time zone"
            raise ValueError(message)
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Adds UTC."""
        del dialect
        return None if value is None else value.replace(tzinfo=UTC)


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite gives rowids to INTEGER only
Json = sa.JSON(none_as_null=True)
