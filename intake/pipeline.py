"""From bytes to a verdict: start reading here.

`process` changes nothing; the worker publishes what it returns, and ``intake read`` prints it.
The way is: unpack an archive · read in the sandbox · fuse each receipt · check · look it up among
what is on file · match it with the register · file it, or say why a person must look (`intake/diagnosis`).
The reading goes from what is cheap to what is dear and ends as soon as the invoice is decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from intake.checks import check
from intake.clock import day_of
from intake.confirm import confirm, has_twin, is_ours
from intake.diagnosis.case import Circumstances
from intake.diagnosis.tree import diagnose
from intake.enriching import pooled
from intake.fuse import fuse, joined
from intake.match import match
from intake.model import (
    Attached,
    Cause,
    Decided,
    Decision,
    Evidence,
    Filed,
    Finding,
    Invoice,
    InvoiceState,
    KnownInvoice,
    Level,
    Likeness,
    Matched,
    NeedsReview,
    Rejected,
    Unpacked,
    Verdict,
)
from intake.ports import Archive, Tools
from ocr.errors import UnreadableError
from ocr.rules.keys import key_of
from ocr.types import Extraction, FieldName, Kind, Receipt

NOT_AN_INVOICE = "not_an_invoice"
BELONGS = "may_belong"
ATTACHMENTS = frozenset({Kind.RIDE_LIST, Kind.LIST_PAGE})
UNREAD = frozenset({"page_skipped", "page_unreadable", "no_engine"})  # problems of `ocr.read` and loading
LEGIBLE = 40  # characters on a page below which nobody can say what the paper is


@dataclass(frozen=True, slots=True)
class Without:
    """The archive without an invoice, which would be found as its own duplicate."""

    archive: Archive
    invoice_id: int

    def by_key(self, key: str) -> KnownInvoice | None:
        """Another invoice under this key."""
        return self._other(self.archive.by_key(key))

    def paid(self, total: Decimal, day: date | None) -> Sequence[KnownInvoice]:
        """Other invoices that a slip may have paid."""
        return [found for found in self.archive.paid(total, day) if self._other(found)]

    def citing(self, *, code: str | None, number: str | None, total: Decimal | None) -> KnownInvoice | None:
        """Another invoice that an attachment cites."""
        return self._other(self.archive.citing(code=code, number=number, total=total))

    def alike(self, pictures: Sequence[str], key: str | None) -> Sequence[Likeness]:
        """Other invoices that look like this one."""
        return [found for found in self.archive.alike(pictures, key) if found.invoice_id != self.invoice_id]

    def _other(self, found: KnownInvoice | None) -> KnownInvoice | None:
        return None if found is not None and found.invoice_id == self.invoice_id else found


def process(data: bytes, name: str, tools: Tools) -> Verdict:
    """The verdict on one file. Bad files become `Rejected`; nothing is raised for what the bytes hold."""
    try:
        members = tools.reader.members(data)
        if members:
            return Unpacked(members)
        extraction = tools.reader.read(data, name, lambda glance: settled(glance, tools))
    except UnreadableError as error:
        return Rejected(error.code, error.detail)
    return judge(extraction, tools)


def judge(extraction: Extraction, tools: Tools) -> Decided | Rejected:
    """The verdict on what was read, by what is on file and in the register now; asked again when that has changed."""
    papers = [receipt for receipt in extraction.receipts if receipt.kind is not Kind.OTHER]
    unread = _unread(extraction)
    if not papers and not unread:
        if extraction.receipts or _legible(extraction):
            return _no_invoice(extraction, tools)
        unread = tuple(page.index for page in extraction.pages) or (0,)
    if unread:
        # Nobody can say what is on these pages: it may be an invoice, so a person looks.
        papers.append(Receipt(Kind.UNKNOWN, unread))
    return Decided(extraction, tuple(decide(_seen(receipt, extraction), tools) for receipt in papers))


def _seen(receipt: Receipt, extraction: Extraction) -> Invoice:
    """The invoice of a receipt with the likeness of its pages; one of several papers on a picture has none of its own."""
    invoice = fuse(receipt)
    if receipt.region is not None:
        return invoice
    looks = {page.index: page.likeness for page in extraction.pages if page.likeness}
    return replace(invoice, pictures=tuple(looks[page] for page in receipt.pages if page in looks))


def _no_invoice(extraction: Extraction, tools: Tools) -> Decided | Rejected:
    """A file of other papers: refused by name, unless a slip may belong to an invoice on file, which a person says."""
    offers: list[Decision] = []
    for receipt in extraction.receipts:
        decision = decide(fuse(receipt), tools)
        if isinstance(decision, NeedsReview) and any(one.code == BELONGS for one in decision.diagnosis.evidence):
            named = (Evidence("other_is", {"what": receipt.what}),) if receipt.what else ()
            diagnosis = replace(decision.diagnosis, evidence=named + decision.diagnosis.evidence)
            offers.append(replace(decision, diagnosis=diagnosis))
    if offers:
        return Decided(extraction, tuple(offers))
    what = next((receipt.what for receipt in extraction.receipts if receipt.what), None)
    reason = NOT_AN_INVOICE if what is None else what.value
    return Rejected(reason, "no title, code or number of an invoice was found", extraction)


def settled(glance: Extraction, tools: Tools) -> bool:
    """Whether the codes of a page decide what becomes of it, so that its text need not be recognised: their CRC fits,
    and the register's row agrees in number, date, amount and seller, or the invoice is on file already.

    A policy may ask for the face of every paper (`Settings.title_check`).
    """
    if tools.settings.title_check or not glance.receipts:
        return False
    decisions = (decide(fuse(receipt), tools) for receipt in glance.receipts)
    return all(
        isinstance(decision, Filed) or (isinstance(decision, Attached) and decision.known.state is InvoiceState.FILED)
        for decision in decisions
    )


def decide(invoice: Invoice, tools: Tools) -> Decision:
    """What becomes of one invoice, by what is on file and in the register now."""
    key = key_of(
        invoice.kind,
        invoice.value(FieldName.CODE),
        invoice.value(FieldName.NUMBER),
        serial=invoice.value(FieldName.SERIAL),
    )
    now = tools.clock()
    findings = check(invoice, today=day_of(now))
    known = _known(invoice, key, tools)
    if known is not None and (invoice.kind in ATTACHMENTS or _same_invoice(invoice, known)):
        return Attached(invoice, known.key, findings, known, _whole(invoice, known, tools))
    outcome = match(invoice, tools.register, day_of(now))
    if (
        known is None
        and key is not None
        and isinstance(outcome, Matched)
        and _fileable(invoice, findings, outcome, tools)
    ):
        return Filed(confirm(invoice, outcome.candidate.row), key, findings, outcome)
    number = invoice.value(FieldName.NUMBER)
    around = Circumstances(
        now=now,
        stale_days=tools.settings.stale_days,
        known=known,
        companies=tools.companies.all(),
        sources=tools.register.sources(),
        official=() if key is None else tools.official.of(key),
        refused=() if number is None else tools.register.refused(number),
        alike=_alike(invoice, key, tools),
    )
    diagnosis = diagnose(invoice, findings, outcome, around)
    if diagnosis.cause is Cause.NOT_AN_INVOICE:
        diagnosis = replace(diagnosis, evidence=diagnosis.evidence + _offers(invoice, tools))
    # A key that is already on file stays with the first invoice; the conflict is shown, not merged.
    return NeedsReview(invoice, None if known is not None else key, findings, outcome, diagnosis)


def _alike(invoice: Invoice, key: str | None, tools: Tools) -> tuple[Likeness, ...]:
    """Pictures on file that look like this one and tell the same day and amount. Papers of one form look alike by nature
    (docs/adr/0013): without both, likeness says nothing.
    """
    day, total = invoice.value(FieldName.DATE), _money(invoice, FieldName.TOTAL)
    if not invoice.pictures or not day or total is None:
        return ()
    found = tools.archive.alike(invoice.pictures, key)
    return tuple(one for one in found if (one.date, one.total) == (date.fromisoformat(day), total))


def _offers(invoice: Invoice, tools: Tools) -> tuple[Evidence, ...]:
    """Invoices on file to which a slip, a list or a folio may belong, by amount and day; never decided here."""
    total, day = _money(invoice, FieldName.TOTAL), invoice.value(FieldName.DATE)
    if total is None or not total:
        return ()
    found = tools.archive.paid(total, date.fromisoformat(day) if day else None)
    return tuple(
        Evidence(
            BELONGS,
            {"key": known.key, "date": known.date.isoformat() if known.date else "—", "total": f"{total:.2f}"},
            f"invoice:{known.invoice_id}",
        )
        for known in found
    )


def _whole(invoice: Invoice, known: KnownInvoice, tools: Tools) -> Filed | NeedsReview | None:
    """What becomes of an invoice that waits, with the pages or the better carrier that came now; None when they bring it
    nothing new.
    """
    first = known.waiting
    if first is None:
        return None
    more = _with_pages(first, invoice) if first.missing() else pooled(first, invoice)
    if more is None:
        return None
    decision = decide(more, replace(tools, archive=Without(tools.archive, known.invoice_id)))
    return None if isinstance(decision, Attached) else decision


def _with_pages(first: Invoice, invoice: Invoice) -> Invoice | None:
    """The pages of both together, when they are of one paper and those that came were missing."""
    if first.sheets is None or invoice.sheets is None or first.sheets.count != invoice.sheets.count:
        return None
    return joined(first, invoice) if set(first.missing()) & set(invoice.sheets.here) else None


def _fileable(invoice: Invoice, findings: tuple[Finding, ...], outcome: Matched, tools: Tools) -> bool:
    """Whether no person is needed: no check fails, the title is ours, and the key cannot be a neighbour's.

    M0 has compared key, date, amount and seller with the register, an independent source. Only a row that
    differs in one digit of the key and in nothing else (consecutive invoices of one seller) could be meant
    by a misread number, so without a proven key such a twin sends the invoice to a person.
    """
    if any(finding.level is Level.ERROR for finding in findings):
        return False
    row = outcome.candidate.row
    if not is_ours(invoice, row, tools.companies.all()):
        return False
    if invoice.proven(FieldName.NUMBER) and (not invoice.value(FieldName.CODE) or invoice.proven(FieldName.CODE)):
        return True
    return not has_twin(row, tools.register)


def _known(invoice: Invoice, key: str | None, tools: Tools) -> KnownInvoice | None:
    if invoice.kind in ATTACHMENTS:
        return tools.archive.citing(
            code=invoice.value(FieldName.CODE),
            number=invoice.value(FieldName.NUMBER),
            total=_money(invoice, FieldName.TOTAL),
        )
    return None if key is None else tools.archive.by_key(key)


def _same_invoice(invoice: Invoice, known: KnownInvoice) -> bool:
    """Whether another rendition of a known invoice lies here: the key is equal, so date and an amount must be too.

    What this rendition does not say (a toll note without tax, an unread amount) is no contradiction, but at
    least one of date and amount must have been compared and agree.
    """
    day = invoice.value(FieldName.DATE)
    pairs: list[tuple[object, object]] = [
        (date.fromisoformat(day) if day else None, known.date),
        (_money(invoice, FieldName.TOTAL), known.total),
        (_money(invoice, FieldName.NET), known.net),
    ]
    compared = [here == there for here, there in pairs if here is not None and there is not None]
    return bool(compared) and all(compared)


def _money(invoice: Invoice, name: FieldName) -> Decimal | None:
    value = invoice.value(name)
    return Decimal(value) if value else None


def _unread(extraction: Extraction) -> tuple[int, ...]:
    """Pages that were skipped or could not be read and that no paper covers."""
    named = {problem.page or 0 for problem in extraction.problems if problem.code in UNREAD}
    covered = {page for receipt in extraction.receipts for page in receipt.pages}
    last = max((page.index for page in extraction.pages), default=0)
    return tuple(sorted({min(page, last) for page in named} - covered))


def _legible(extraction: Extraction) -> bool:
    """Whether the file was read well enough to say that it is no invoice."""
    return any(sum(len(word.text) for word in words) >= LEGIBLE for words in extraction.words)
