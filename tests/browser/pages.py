"""Every page of the desk with an address that shows something; a new page fails (test_access.py) until it is listed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PAGES: Final[Mapping[str, str]] = {
    # endpoint: address; {names} are those of `lively.Lively.numbers`
    "auth.sign_in": "/sign-in",
    "auth.password": "/password",
    "upload.home": "/",
    "upload.mine": "/mine",
    "documents.listing": "/documents",
    "documents.show": "/documents/{document}",
    "review.queue": "/review",
    "review.paper": "/review/{task}",
    "second.verify": "/review/{entered}/verify",
    "deciding.decide": "/review/{disputed}/decide",
    "uses.listing": "/uses?tab=locked",
    "conflicts.listing": "/conflicts",
    "register.search": "/register",
    "gaps.show": "/gaps",
    "regions.show": "/regions",
    "imports.listing": "/register/imports",
    "imports.show": "/register/imports/{import}",
    "mappings.listing": "/register/mappings",
    "admin.status": "/status",
    "admin.accounts_page": "/admin/accounts",
    "admin.audit_page": "/admin/audit",
    "companies.listing": "/admin/companies",
    "companies.new": "/admin/companies/new",
    "companies.show": "/admin/companies/1",
    "companies.ending": "/admin/companies/change/merged",
    "sources.overview": "/sources",
    "sources.new": "/sources/new?kind=folder",
    "sources.show": "/sources/税务局导出",
    "sources.edit": "/sources/税务局导出/edit",
    "official.due": "/official",
    "official.show": "/official/{invoice}",
    "cases.listing": "/cases",
    "cases.prepare": "/cases/about/{invoice}?to=seller",
    "cases.show": "/cases/{case}",
    "printing.show": "/documents/{document}/print",
    "phone.shell": "/phone/",
    "oversee.show": "/oversight",
    "oversee.papers": "/oversight/papers",
    "sampling.listing": "/sampling",
    "helping.index": "/help",
    "helping.show": "/help/cause.duplicate",
}

# What is answered to GET and is no page of its own: files, parts of pages, redirects, answers to programs.
NO_PAGES: Final = frozenset(
    {
        "static",
        "api.health",
        "api.show",
        "uses.api_show",
        "upload.cards",
        "documents.wait",
        "documents.of_invoice",
        "documents.picture",
        "documents.original",
        "gaps.download",
        "many.download",
        "tus.standing",
        "phone.me",
        "phone.manifest",
        "phone.worker",
        "sampling.show",  # once a lot is drawn: tests of sampling
        "sampling.following",
        "sampling.compare",
        "imports.watch",  # goes on to the import as soon as it was read
        "imports.progress",
        "imports.undo",  # only for an import in force
        "mappings.new",  # asks for an uploaded table: tests/web/test_mappings.py
        "companies.export",
        "sources.progress",
        "official.picture",
        "cases.text",
        "cases.packed",
    }
)
LISTS: Final = ("documents.listing", "review.queue", "register.search", "uses.listing", "admin.audit_page")


def address(endpoint: str, numbers: Mapping[str, int]) -> str:
    """The address of a page on a lively desk."""
    return PAGES[endpoint].format(**numbers)


def person_for(endpoint: str) -> str:
    """Who sees most of a page: an entry is verified and decided by those who did not key it."""
    if endpoint == "auth.sign_in":
        return "visitor"
    return "chief" if endpoint.startswith(("second.", "deciding.")) else "admin"
