from __future__ import annotations

import re
import threading

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from intake import accounts, audit
from intake.db import accounts as table
from intake.db import read, write
from intake.errors import LoginTakenError, NotFoundError, WeakPasswordError
from intake.model import Actor, Role
from tests.fakes import NOON, FakeClock

CLOCK = FakeClock()
ADMIN = Actor(None, "admin", Role.ADMINISTRATOR)
PASSWORD = "四个好记的词 four words"


def actions(engine: sa.Engine) -> list[tuple[str, str, str]]:
    with read(engine) as conn:
        return [(entry.actor, entry.action, entry.subject) for entry in audit.entries(conn)]


def test_an_account_signs_in_with_its_password_only(engine: sa.Engine) -> None:
    made, password = accounts.create(engine, "li.ming", "李明", Role.CLERK, PASSWORD, clock=CLOCK)
    assert password == PASSWORD
    assert (made.login, made.name, made.role, made.active, made.created_at) == (
        "li.ming",
        "李明",
        Role.CLERK,
        True,
        NOON,
    )
    assert accounts.authenticate(engine, "li.ming", PASSWORD) == made
    assert accounts.authenticate(engine, " LI.Ming ", PASSWORD) == made
    assert accounts.authenticate(engine, "ｌｉ.ming", PASSWORD) == made
    for login, wrong in (
        ("li.ming", PASSWORD + "x"),
        ("li.ming", ""),
        ("nobody", PASSWORD),
        ("", ""),
        ("a\ud800", "\ud800"),
    ):
        assert accounts.authenticate(engine, login.replace("\ud800", ""), wrong) is None
    assert accounts.get(engine, made.id) == made
    assert accounts.get(engine, made.id + 1) is None
    assert made.actor() == Actor(made.id, "li.ming", Role.CLERK)


def test_the_password_itself_is_nowhere_kept(engine: sa.Engine) -> None:
    accounts.create(engine, "li.ming", "李明", Role.CLERK, PASSWORD)
    with read(engine) as conn:
        kept = conn.execute(sa.select(table.c.password_hash)).scalar_one()
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept


def test_an_unknown_login_is_hashed_too(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts.create(engine, "li.ming", "李明", Role.CLERK, PASSWORD)
    checked: list[str] = []
    really = PasswordHasher.verify

    def verify(self: PasswordHasher, hash: str, password: str) -> bool:  # noqa: A002 - the library's name
        checked.append(hash.split("$")[3])
        return really(self, hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    accounts.authenticate(engine, "li.ming", "wrong password")
    accounts.authenticate(engine, "nobody", "wrong password")
    assert len(checked) == 2
    assert checked[0] == checked[1]  # the same cost


def test_a_taken_login_is_refused(engine: sa.Engine) -> None:
    accounts.create(engine, "li.ming", "李明", Role.CLERK)
    with pytest.raises(LoginTakenError):
        accounts.create(engine, "Li.Ming", "李铭", Role.CLERK)
    assert len(accounts.list_accounts(engine)) == 1


@pytest.mark.parametrize("password", ["", "short", "x" * 9, "x" * 257])
def test_a_weak_password_is_refused(engine: sa.Engine, password: str) -> None:
    with pytest.raises(WeakPasswordError):
        accounts.create(engine, "li.ming", "李明", Role.CLERK, password)
    made, _ = accounts.create(engine, "li.ming", "李明", Role.CLERK, PASSWORD)
    with pytest.raises(WeakPasswordError):
        accounts.set_password(engine, made.id, password)
    assert accounts.authenticate(engine, "li.ming", PASSWORD) is not None


def test_a_new_password_ends_the_sessions_and_is_audited(engine: sa.Engine) -> None:
    made, old = accounts.create(engine, "li.ming", "李明", Role.CLERK, actor=ADMIN, clock=CLOCK)
    new = accounts.set_password(engine, made.id, actor=ADMIN, clock=CLOCK)
    assert new != old
    assert accounts.authenticate(engine, "li.ming", old) is None
    found = accounts.authenticate(engine, "li.ming", new)
    assert found is not None
    assert found.session_version == made.session_version + 1
    assert actions(engine) == [
        ("admin", "account_created", f"account:{made.id}"),
        ("admin", "password_changed", f"account:{made.id}"),
    ]
    with read(engine) as conn:
        text = str([entry.detail for entry in audit.entries(conn)])
    assert old not in text
    assert new not in text
    assert audit.verify(engine) == []


def test_a_new_role_counts_and_is_audited(engine: sa.Engine) -> None:
    made, _ = accounts.create(engine, "li.ming", "李明", Role.CLERK)
    accounts.set_role(engine, made.id, Role.SUPERVISOR, actor=ADMIN)
    found = accounts.get(engine, made.id)
    assert found is not None
    assert found.role is Role.SUPERVISOR
    with read(engine) as conn:
        last = list(audit.entries(conn))[-1]
    assert (last.actor, last.action, last.detail) == ("admin", "role_changed", {"role": "supervisor"})


def test_a_closed_account_cannot_sign_in_until_it_is_opened(engine: sa.Engine) -> None:
    made, password = accounts.create(engine, "li.ming", "李明", Role.CLERK)
    accounts.set_active(engine, made.id, active=False)
    assert accounts.authenticate(engine, "li.ming", password) is None
    closed = accounts.get(engine, made.id)
    assert closed is not None
    assert closed.session_version > made.session_version
    accounts.set_active(engine, made.id, active=True)
    assert accounts.authenticate(engine, "li.ming", password) is not None
    assert [action for _, action, _ in actions(engine)][1:] == ["account_closed", "account_opened"]


def test_what_is_not_there_cannot_be_changed(engine: sa.Engine) -> None:
    with pytest.raises(NotFoundError):
        accounts.set_password(engine, 99)
    with pytest.raises(NotFoundError):
        accounts.set_role(engine, 99, Role.CLERK)
    assert actions(engine) == []


def test_a_hash_of_an_older_cost_is_renewed_at_sign_in(engine: sa.Engine) -> None:
    made, _ = accounts.create(engine, "li.ming", "李明", Role.CLERK, PASSWORD)
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with write(engine) as conn:
        conn.execute(sa.update(table).values(password_hash=old))
    assert accounts.authenticate(engine, "li.ming", PASSWORD) == made
    with read(engine) as conn:
        assert conn.execute(sa.select(table.c.password_hash)).scalar_one() != old
    assert accounts.authenticate(engine, "li.ming", PASSWORD) == made


def test_a_damaged_hash_lets_nobody_in(engine: sa.Engine) -> None:
    accounts.create(engine, "li.ming", "李明", Role.CLERK, PASSWORD)
    with write(engine) as conn:
        conn.execute(sa.update(table).values(password_hash="damaged"))
    assert accounts.authenticate(engine, "li.ming", PASSWORD) is None


def test_the_first_start_makes_three_accounts_once(engine: sa.Engine) -> None:
    made = accounts.ensure_first(engine, CLOCK)
    assert [login for login, _ in made] == ["clerk", "clerk2", "admin"]
    roles = [found.role for login, password in made if (found := accounts.authenticate(engine, login, password))]
    assert roles == [Role.CLERK, Role.VERIFIER, Role.ADMINISTRATOR]
    assert accounts.ensure_first(engine, CLOCK) == []
    assert [account.login for account in accounts.list_accounts(engine)] == ["admin", "clerk", "clerk2"]


def test_two_first_starts_at_once_make_each_account_once(engine: sa.Engine) -> None:
    made: list[tuple[str, str]] = []
    threads = [threading.Thread(target=lambda: made.extend(accounts.ensure_first(engine, CLOCK))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(login for login, _ in made) == ["admin", "clerk", "clerk2"]
    assert all(accounts.authenticate(engine, login, password) for login, password in made)


def test_made_up_passwords_can_be_read_out() -> None:
    made = {accounts.readable_password() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"(?:[b-z][aeiou]){2}(?:-(?:[b-z][aeiou]){2}){3}", password) for password in made)
