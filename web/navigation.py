"""Where one can go: five places every day and, under one menu, everything else by subject; each role sees its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from intake.model import Role
from intake.roles import Action, allows


@dataclass(frozen=True, slots=True)
class Link:
    """A place of the header. `word` is a key of the translations, `parts` are the blueprints or endpoints it stands for;
    without an `action` every signed-in person may go there.
    """

    endpoint: str
    action: Action | None
    word: str
    parts: frozenset[str]


def _link(endpoint: str, action: Action | None, word: str, *parts: str) -> Link:
    return Link(endpoint, action, word, frozenset(parts or (endpoint,)))


MAIN: Final = (
    _link("upload.home", Action.SUBMIT, "nav.upload", "upload"),
    _link("documents.listing", Action.SEE_DOCUMENTS, "nav.documents", "documents"),
    _link("review.queue", Action.ENTER, "nav.review", "review", "second", "deciding", "official", "conflicts"),
    _link("uses.listing", Action.SEE_DOCUMENTS, "nav.uses", "uses"),
    _link("register.search", Action.SEE_REGISTER, "nav.register", "register", "gaps", "regions", "imports", "mappings"),
)
GROUPS: Final = (
    (
        "nav.group.work",
        (
            _link("official.due", Action.ENTER, "page.due.title"),
            _link("cases.listing", Action.SEE_DOCUMENTS, "page.cases.title", "cases"),
            _link("conflicts.listing", Action.ADJUDICATE, "nav.conflicts"),
        ),
    ),
    (
        "nav.group.register",
        (
            _link("gaps.show", Action.SEE_REGISTER, "gaps.title", "gaps"),
            _link("regions.show", Action.SEE_REGISTER, "nav.regions", "regions"),
            _link("imports.listing", Action.SEE_REGISTER, "page.imports.title", "imports", "mappings"),
            _link("sources.overview", Action.RUN_SOURCES, "nav.sources", "sources"),
            _link("companies.listing", Action.SEE_REGISTER, "nav.companies", "companies"),
        ),
    ),
    (
        "nav.group.manage",
        (
            _link("oversee.show", Action.SEE_STATUS, "nav.oversight", "oversee"),
            _link("sampling.listing", Action.SEE_STATUS, "nav.sampling", "sampling"),
            _link("admin.status", Action.SEE_STATUS, "nav.status"),
            _link("admin.audit_page", Action.SEE_AUDIT, "nav.audit"),
            _link("admin.accounts_page", Action.MANAGE_ACCOUNTS, "nav.accounts"),
        ),
    ),
)


def places(role: Role) -> tuple[Link, ...]:
    """The places of every day that a role may go to."""
    return _open(MAIN, role)


def more(role: Role) -> tuple[tuple[str, tuple[Link, ...]], ...]:
    """The other places by subject; a subject of which the role sees nothing is left out."""
    return tuple((word, found) for word, links in GROUPS if (found := _open(links, role)))


def _open(links: tuple[Link, ...], role: Role) -> tuple[Link, ...]:
    return tuple(link for link in links if link.action is None or allows(role, link.action))


def is_here(link: Link, blueprint: str | None, endpoint: str | None) -> bool:
    """Whether the page of a request belongs to the place."""
    return not link.parts.isdisjoint({blueprint, endpoint})
