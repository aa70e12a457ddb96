"""Accounts: who they are, what they may be, and their passwords (argon2id)."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.exc import IntegrityError

from intake import audit
from intake.clock import Clock, system_clock
from intake.db import accounts, read, write
from intake.errors import LoginTakenError, NotFoundError, WeakPasswordError
from intake.model import SERVICE, Actor, Role

SHORTEST: Final = 10  # characters of a password
LONGEST: Final = 256
FIRST: Final = (
    ("clerk", "录入员", Role.CLERK),
    ("clerk2", "复核员", Role.VERIFIER),
    ("admin", "管理员", Role.ADMINISTRATOR),
)

_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's floor for argon2id
_NOBODY: Final = _HASHER.hash(secrets.token_urlsafe())  # verified for unknown logins, so that they take as long
_CONSONANTS: Final = "bdfghjkmnprstvwz"  # no l, no q: nothing that is misread
_VOWELS: Final = "aeiou"


@dataclass(frozen=True, slots=True)
class Account:
    """An account without its password. A session is good only while its `session_version` is this one."""

    id: int
    login: str
    name: str
    role: Role
    active: bool
    session_version: int
    created_at: datetime

    def actor(self) -> Actor:
        """Who acts when this person acts."""
        return Actor(self.id, self.login, self.role)


def create(
    engine: sa.Engine,
    login: str,
    name: str,
    role: Role,
    password: str | None = None,
    *,
    actor: Actor = SERVICE,
    clock: Clock = system_clock,
) -> tuple[Account, str]:
    """Make an account; without a password one is made up. Raises LoginTakenError and WeakPasswordError."""
    chosen = readable_password() if password is None else password
    row = {
        "login": _login(login),
        "name": name.strip()[:64],
        "role": role.value,
        "password_hash": _hash(chosen),
        "created_at": clock(),
    }
    try:
        with write(engine) as conn:
            account = _account(conn.execute(sa.insert(accounts).values(row).returning(accounts)).one())
            detail = {"login": account.login, "role": role.value}
            audit.record(conn, actor, "account_created", f"account:{account.id}", detail, clock())
    except IntegrityError:
        raise LoginTakenError(login) from None
    return account, chosen


def authenticate(engine: sa.Engine, login: str, password: str) -> Account | None:
    """The active account with this login and password; None takes as long whether the login is known or not."""
    with read(engine) as conn:
        row = conn.execute(sa.select(accounts).where(accounts.c.login == _login(login))).one_or_none()
    known = row is not None and row.active
    right = _is_right(row.password_hash if row is not None else _NOBODY, password)
    if row is None or not known or not right:
        return None
    if _HASHER.check_needs_rehash(row.password_hash):
        with write(engine) as conn:
            same = (accounts.c.id == row.id) & (accounts.c.password_hash == row.password_hash)
            conn.execute(sa.update(accounts).where(same).values(password_hash=_HASHER.hash(password)))
    return _account(row)


def note_sign_in(engine: sa.Engine, login: str, act: str, *, address: str, clock: Clock = system_clock) -> None:
    """Put ``signed_in``, ``sign_in_failed`` or ``signed_out`` into the audit log.

    An unknown login is not kept: people type passwords there.
    """
    with write(engine) as conn:
        row = conn.execute(sa.select(accounts).where(accounts.c.login == _login(login))).one_or_none()
        known = row is not None and act != "sign_in_failed"
        actor = _account(row).actor() if row is not None and known else SERVICE
        audit.record(conn, actor, act, f"account:{row.id if row is not None else 0}", {"address": address}, clock())


def get(engine: sa.Engine, account_id: int) -> Account | None:
    """The account with this id, active or not."""
    with read(engine) as conn:
        row = conn.execute(sa.select(accounts).where(accounts.c.id == account_id)).one_or_none()
    return None if row is None else _account(row)


def list_accounts(engine: sa.Engine) -> list[Account]:
    """All accounts by login."""
    with read(engine) as conn:
        return [_account(row) for row in conn.execute(sa.select(accounts).order_by(accounts.c.login))]


def set_password(
    engine: sa.Engine,
    account_id: int,
    password: str | None = None,
    *,
    actor: Actor = SERVICE,
    clock: Clock = system_clock,
) -> str:
    """Change a password (without one, one is made up) and end the person's sessions; returns the password.

    Raises NotFoundError and WeakPasswordError.
    """
    chosen = readable_password() if password is None else password
    changed = {"password_hash": _hash(chosen), "session_version": accounts.c.session_version + 1}
    _change(engine, account_id, changed, ("password_changed", {}), actor=actor, clock=clock)
    return chosen


def set_role(
    engine: sa.Engine, account_id: int, role: Role, *, actor: Actor = SERVICE, clock: Clock = system_clock
) -> None:
    """Change what an account may be; it counts at the person's next request. Raises NotFoundError."""
    _change(engine, account_id, {"role": role.value}, ("role_changed", {"role": role.value}), actor=actor, clock=clock)


def set_active(
    engine: sa.Engine, account_id: int, *, active: bool, actor: Actor = SERVICE, clock: Clock = system_clock
) -> None:
    """Close an account, which ends its sessions, or open it again. Raises NotFoundError."""
    changed = {"active": active, "session_version": accounts.c.session_version + 1}
    _change(
        engine, account_id, changed, ("account_opened" if active else "account_closed", {}), actor=actor, clock=clock
    )


def ensure_first(engine: sa.Engine, clock: Clock = system_clock) -> list[tuple[str, str]]:
    """On a table without accounts, make the clerk, the verifying clerk and the administrator.

    Returns (login, password) of the accounts made by this call, which are shown once; else an empty list.
    """
    with read(engine) as conn:
        if conn.execute(sa.select(accounts.c.id).limit(1)).first() is not None:
            return []
    made = []
    for login, name, role in FIRST:
        try:
            made.append((login, create(engine, login, name, role, clock=clock)[1]))
        except LoginTakenError:  # another process has started at the same moment
            continue
    return made


def readable_password() -> str:
    """Four groups of four letters that can be read out: 2^50 of them."""
    syllables = [secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS) for _ in range(8)]
    return "-".join(syllables[place] + syllables[place + 1] for place in range(0, 8, 2))


def _change(
    engine: sa.Engine,
    account_id: int,
    values: Mapping[str, object],
    audited: tuple[str, Mapping[str, object]],
    *,
    actor: Actor,
    clock: Clock,
) -> None:
    with write(engine) as conn:
        changed = conn.execute(sa.update(accounts).where(accounts.c.id == account_id).values(dict(values)))
        if changed.rowcount != 1:
            raise NotFoundError(f"account {account_id}")
        action, detail = audited
        audit.record(conn, actor, action, f"account:{account_id}", detail, clock())


def _hash(password: str) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPasswordError(f"{len(password)} characters")
    return _HASHER.hash(password)


def _is_right(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password[: LONGEST + 1])
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


def _login(login: str) -> str:
    """One spelling a login: people type capitals, blanks and full-width letters."""
    return unicodedata.normalize("NFKC", login).strip().casefold()[:64]


def _account(row: sa.Row[Any]) -> Account:
    return Account(row.id, row.login, row.name, Role(row.role), row.active, row.session_version, row.created_at)
