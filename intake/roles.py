"""Who may do what: one table, asked at every door."""

from __future__ import annotations

from enum import StrEnum, unique
from typing import Final

from intake.errors import ForbiddenError
from intake.model import Actor, Role


@unique
class Action(StrEnum):
    """Everything a person or the service can do."""

    SUBMIT = "submit"
    SEE_DOCUMENTS = "see_documents"
    ENTER = "enter"  # claim a task, save a draft, key the fields
    VERIFY = "verify"  # key blind, confirm or return another person's entry
    INSPECT = "inspect"  # compare what the machine filed with the picture, as a sample (ISO 2859-1)
    RESUME_SAMPLING = "resume_sampling"  # after a suspension: what led to it is mended
    RELEASE_TASKS = "release_tasks"  # give back what a colleague holds
    ADJUDICATE = "adjudicate"  # decide between two entries that differ
    ASSIGN = "assign"  # give papers that wait to a clerk
    REFUSE = "refuse"  # decide that a paper must not be filed
    REOPEN = "reopen"  # take a rejected file up again
    LOCK_INVOICE = "lock_invoice"  # for a voucher, and release an own lock
    USE_INVOICE = "use_invoice"  # 核销
    CLOSE_USES = "close_uses"  # freeze after archiving, release what others locked or used, deal with alarms
    SEE_PERSONS = "see_persons"  # personal data in full on what is printed; the reason is kept (domain.md §10.4)
    SEE_REGISTER = "see_register"
    IMPORT_REGISTER = "import_register"
    RUN_SOURCES = "run_sources"  # synchronise, leave out, announce maintenance
    MANAGE_SOURCES = "manage_sources"  # set up where register rows come from, with its secret
    SEE_STATUS = "see_status"
    MANAGE_ACCOUNTS = "manage_accounts"
    MANAGE_COMPANIES = "manage_companies"
    SEE_AUDIT = "see_audit"
    WORK = "work"  # claim and publish jobs


_SEE: Final = frozenset({Action.SEE_DOCUMENTS, Action.SEE_REGISTER, Action.SEE_STATUS})
_CLERK: Final = _SEE | {Action.SUBMIT, Action.ENTER, Action.LOCK_INVOICE}
_VERIFIER: Final = _CLERK | {Action.VERIFY, Action.INSPECT, Action.REFUSE, Action.USE_INVOICE}
_SUPERVISOR: Final = _VERIFIER | {
    Action.ADJUDICATE,
    Action.ASSIGN,
    Action.RESUME_SAMPLING,
    Action.RELEASE_TASKS,
    Action.CLOSE_USES,
    Action.SEE_PERSONS,
    Action.REOPEN,
    Action.IMPORT_REGISTER,
    Action.RUN_SOURCES,
    Action.SEE_AUDIT,
}

ALLOWED: Final[dict[Role, frozenset[Action]]] = {
    Role.CLERK: _CLERK,
    Role.VERIFIER: _VERIFIER,
    Role.SUPERVISOR: _SUPERVISOR,
    Role.ADMINISTRATOR: _SUPERVISOR | {Action.MANAGE_ACCOUNTS, Action.MANAGE_COMPANIES, Action.MANAGE_SOURCES},
    Role.AUDITOR: _SEE | {Action.SEE_AUDIT},
    Role.SERVICE: frozenset(
        {
            Action.SUBMIT,
            Action.WORK,
            Action.IMPORT_REGISTER,
            Action.RUN_SOURCES,
            Action.MANAGE_COMPANIES,
            Action.SEE_STATUS,
        }
    ),
}


def allows(role: Role, action: Action) -> bool:
    """Whether a role may do an action."""
    return action in ALLOWED[role]


def require(actor: Actor, action: Action) -> None:
    """Raise :class:`ForbiddenError` when the actor may not do the action."""
    if not allows(actor.role, action):
        raise ForbiddenError(f"{actor.role} may not {action}")
