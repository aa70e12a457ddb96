"""Which fault a database's error is; drivers say it by SQLSTATE, by number, or in words only."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from intake.sources.errors import Fault, SourceError

# beginnings of SQLSTATE (PostgreSQL and whoever keeps the standard)
STATES: Final = (
    ("28", Fault.UNAUTHORISED),
    ("42501", Fault.FORBIDDEN),
    ("57014", Fault.TIMEOUT),
    ("25006", Fault.NOT_A_SELECT),  # a write in a read-only transaction
    ("08", Fault.UNREACHABLE),
    ("57P", Fault.UNREACHABLE),  # shutting down, starting up
    ("53", Fault.SERVER_ERROR),  # no memory, too many connections
)
# words of a refused connection, which often come without a state
WORDS: Final = (
    ("password authentication failed", Fault.UNAUTHORISED),
    ("no password supplied", Fault.UNAUTHORISED),
    ("no pg_hba.conf entry", Fault.UNAUTHORISED),
    ("does not exist", Fault.UNAUTHORISED),  # a role or a database, while connecting
    ("access denied", Fault.UNAUTHORISED),  # MySQL
    ("login failed", Fault.UNAUTHORISED),  # SQL Server
    ("ora-01017", Fault.UNAUTHORISED),
    ("too many connections", Fault.SERVER_ERROR),
    ("too many clients", Fault.SERVER_ERROR),
    ("timeout", Fault.TIMEOUT),
    ("timed out", Fault.TIMEOUT),
    ("interrupted", Fault.TIMEOUT),  # SQLite, by its progress handler
    ("readonly database", Fault.NOT_A_SELECT),
    ("not a database", Fault.GARBAGE),
    ("unable to open", Fault.UNREACHABLE),
    ("locked", Fault.SERVER_ERROR),
)


def name(error: sa.exc.SQLAlchemyError, hidden: str | None) -> SourceError:
    """The fault, with the database's own first line less the password, should it stand in it."""
    origin = getattr(error, "orig", None) or error
    line = (str(origin).strip().splitlines() or [""])[0]
    if hidden:
        line = line.replace(hidden, "…")
    state = str(getattr(origin, "sqlstate", "") or "")
    for beginning, fault in STATES:
        if state.startswith(beginning):
            return SourceError(fault, line)
    if not state and isinstance(error, sa.exc.DBAPIError):
        connecting = error.statement is None
        for words, fault in WORDS:
            if words in str(origin).lower() and (connecting or fault is not Fault.UNAUTHORISED):
                return SourceError(fault, line)
        if connecting:
            return SourceError(Fault.UNREACHABLE, line)
    return SourceError(Fault.QUERY_FAILED, line)
