"""The nouns of deciding: frozen values and closed sums. Start reading at `intake/pipeline.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum, unique
from typing import TypeAlias

from ocr.types import Box, CodeSighting, Extraction, FieldName, FieldValue, Kind, LineItem, Member, Sheets

# --- an invoice, fused from its sightings --------------------------------------------------------


@unique
class Proof(StrEnum):
    """Independent evidence that makes a value *proven* (house rule: a confidence number alone never does)."""

    STRUCTURED = "structured"  # signed or structured data of the issuer (XML, OFD data, XBRL)
    QR_CRC = "qr_crc"  # byte-exact from a code whose CRC-16 fits (domain.md §2.4)
    TEXT_AGREES = "text_agrees"  # the digital text layer and a second, independent sighting say the same
    ARITHMETIC = "arithmetic"  # net + tax = total, with the total proven or 大写 = 小写
    WORDS = "words"  # 大写 = 小写
    CHECK_DIGIT = (
        "check_digit"  # check digit fits and the role is confirmed by position in a ruled cell of a text layer
    )
    TWO_READERS = "two_readers"  # two unlike readers read the same and a check of the value fits
    TWO_PEOPLE = "two_people"  # keyed by one person and blind by another, or decided by a third
    APPROVED = "approved"  # keyed by one person and confirmed against the picture by another
    REGISTER = "register"  # the matched register row says the same


@unique
class Doubt(StrEnum):
    """Why a value is not proven, said to the clerk."""

    ONE_READER = "one_reader"  # seen once, by a recogniser
    SOURCES_DISAGREE = "sources_disagree"
    CHECK_FAILS = "check_fails"
    MISSING = "missing"
    LOW_CONFIDENCE = "low_confidence"


@dataclass(frozen=True, slots=True)
class FusedField:
    """The chosen value with every sighting kept. `proof` is empty when the value is only probable."""

    name: FieldName
    value: str
    proof: frozenset[Proof]
    sightings: tuple[FieldValue, ...]
    doubt: Doubt | None = None

    @property
    def proven(self) -> bool:
        """Whether the service may act on the value without a person."""
        return bool(self.proof)


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice as the service believes it; `fields` holds only fields that have a value."""

    kind: Kind
    fields: Mapping[FieldName, FusedField]
    pages: tuple[int, ...] = (0,)
    region: Box | None = None
    lines: tuple[LineItem, ...] = ()
    codes: tuple[CodeSighting, ...] = ()
    sheets: Sheets | None = None  # what its pages say of their count
    pictures: tuple[str, ...] = ()  # perceptual hashes of its pages, 16 hexadecimal digits each

    def value(self, name: FieldName) -> str | None:
        """The value of a field, or None."""
        found = self.fields.get(name)
        return found.value if found else None

    def proven(self, name: FieldName) -> bool:
        """Whether a field has a value that is proven."""
        found = self.fields.get(name)
        return found is not None and found.proven

    def missing(self) -> tuple[int, ...]:
        """The numbers of its pages that are not in its files (domain.md §4.7)."""
        return self.sheets.missing if self.sheets is not None else ()


# --- checks ---------------------------------------------------------------------------------------


@unique
class Level(StrEnum):
    """How much a finding weighs: an ERROR keeps an invoice from being filed by the machine."""

    OK = "ok"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check (domain.md §3, §4). `code` is translated with `params` put in."""

    code: str
    level: Level
    fields: tuple[FieldName, ...] = ()
    params: Mapping[str, str] = field(default_factory=dict)


# --- the register -----------------------------------------------------------------------------------


@unique
class RegisterStatus(StrEnum):
    """Status of an invoice in the register (domain.md §7.2)."""

    NORMAL = "normal"
    VOID = "void"  # 已作废
    RED_FULL = "red_full"  # 已红冲-全额
    RED_PART = "red_part"  # 已红冲-部分
    IS_RED = "is_red"  # the row itself is a red-letter invoice
    LOST_CONTROL = "lost_control"  # 失控
    ABNORMAL = "abnormal"  # 异常
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One invoice of the register. Money is None where the source does not state it."""

    key: str  # domain.md §9.1
    code: str
    number: str
    date: date | None
    net: Decimal | None
    tax: Decimal | None
    total: Decimal | None
    seller_tax_id: str
    seller_name: str
    buyer_tax_id: str
    buyer_name: str
    kind: Kind
    status: RegisterStatus
    status_at: datetime | None = None
    source: str = ""
    id: int | None = None


@unique
class SourceHealth(StrEnum):
    """How a register source stands. Only OK and FAILING are asked; the others wait for a moment or for a person."""

    OK = "ok"
    FAILING = "failing"  # its last import or synchronisation did not end well
    OPEN = "open"  # it failed so often that nobody asks before `SourceState.until` (the breaker is open)
    BYPASSED = "bypassed"  # a person left it out, with a reason and until a moment
    MAINTENANCE = "maintenance"  # announced


@unique
class Direction(StrEnum):
    """Whose invoices a source lists; only those that we received stand in a purchase register (domain.md §7.1)."""

    RECEIVED = "received"  # 取得发票
    ISSUED = "issued"  # 开具发票
    BOTH = "both"
    UNKNOWN = "unknown"


@unique
class System(StrEnum):
    """Which system of the tax bureau issued an invoice; exports hold one or both (domain.md §7.2)."""

    DIGITAL = "digital"  # 数电, rail and air: 20 digits
    TAX_CONTROL = "tax_control"  # 税控: code and number


@dataclass(frozen=True, slots=True)
class SourceState:
    """What a register source holds and how it goes.

    `newest_issue` and `oldest_issue` are days of issue, `imported_at` and `until` aware moments. `first_day` is the
    day from which the source is kept, where somebody said so. `direction`, `systems`, `buyers` (tax ids) and `spans` (first
    and last day of issue of each import) say what its imports held; empty: not known. `until`: when a breaker, a bypass
    or a maintenance ends.
    """

    name: str
    newest_issue: date | None
    oldest_issue: date | None
    imported_at: datetime | None
    rows: int = 0
    failed: bool = False
    health: SourceHealth = SourceHealth.OK
    first_day: date | None = None
    direction: Direction = Direction.UNKNOWN
    last_error: str = ""  # a code that `error.<code>` puts into words
    systems: frozenset[System] = frozenset()
    buyers: frozenset[str] = frozenset()
    spans: tuple[tuple[date, date], ...] = ()
    until: datetime | None = None
    last_import: int | None = None


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row of an imported file that could not become a row of the register (domain.md §7.5)."""

    import_id: int
    source: str
    row: int  # its number in the file, the heading being 1
    reason: str  # a code that `error.<code>` or `refused.<code>` puts into words
    at: datetime
    sample: str = ""


# --- official verification --------------------------------------------------------------------------


@unique
class OfficialOutcome(StrEnum):
    """What an official place answered (domain.md §8.2, §8.3). A fault of the service asked is never NOT_FOUND."""

    CONSISTENT = "consistent"
    INCONSISTENT = "inconsistent"
    NOT_FOUND = "not_found"
    VOID = "void"
    RED_FULL = "red_full"
    RED_PART = "red_part"
    TODAY_NOT_AVAILABLE = "today_not_available"
    LIMIT_EXCEEDED = "limit_exceeded"
    TOO_OLD = "too_old"
    UNSUPPORTED = "unsupported"
    BAD_REQUEST = "bad_request"
    UPSTREAM_ERROR = "upstream_error"
    QUOTA = "quota"


@dataclass(frozen=True, slots=True)
class Verification:
    """One official answer. `agreed`: the values shown there are ours; `by` is a login, empty for a vendor's answer."""

    outcome: OfficialOutcome
    at: datetime
    agreed: bool
    by: str
    site: str
    differs: tuple[FieldName, ...] = ()
    invoice_id: int | None = None


@dataclass(frozen=True, slots=True)
class Likeness:
    """A picture on file that looks like this paper's but bears another key (domain.md §9.5.2).

    `distance` is the number of differing bits of 64; `date` and `total` are those of the invoice on file.
    """

    key: str
    invoice_id: int
    document_id: int
    distance: int
    date: date | None = None
    total: Decimal | None = None


@unique
class CompanyChange(StrEnum):
    """How a company's name came to its last day (domain.md §9.6)."""

    RENAMED = "renamed"
    MERGED = "merged"
    SPLIT = "split"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Company:
    """One of our companies, under one name, for a span of days (None: open).

    `change` says what ended the name on `valid_to`, `successor_tax_ids` who goes on (several after a split, none after
    a renaming that kept the tax id). Papers made out to the old name are still taken until `accepted_to`. A branch
    (分公司) names its head office by `head_tax_id`. `desk` names the office that keeps this company's register and
    takes its papers; empty: this one.
    """

    name: str
    tax_id: str
    valid_from: date | None = None
    valid_to: date | None = None
    group: str = ""
    head_tax_id: str = ""
    successor_tax_ids: tuple[str, ...] = ()
    change: CompanyChange | None = None
    accepted_to: date | None = None
    desk: str = ""


# --- matching ---------------------------------------------------------------------------------------


@unique
class MatchLevel(IntEnum):
    """Match levels of domain.md §9.2; smaller is stronger."""

    M0 = 0
    M1 = 1
    M2 = 2
    M3 = 3
    M4 = 4


@unique
class Agreement(StrEnum):
    """How a seen value stands to the register's."""

    SAME = "same"
    DIFFERENT = "different"
    MISSING_HERE = "missing_here"
    MISSING_THERE = "missing_there"


@unique
class Slip(StrEnum):
    """How the seen value may have come from the expected one (domain.md §9.3), the likeliest explanation."""

    CONFUSED = "confused"  # one character that is often taken for the other
    TRANSPOSED = "transposed"  # two neighbours exchanged
    DROPPED = "dropped"  # a character is missing
    DOUBLED = "doubled"  # a character is there twice
    ADDED = "added"  # a character too many
    OTHER_CHARACTER = "other_character"  # one character, no pair that is often confused
    NEIGHBOUR = "neighbour"  # 连号: the number of the next invoice
    EXCHANGED = "exchanged"  # code and number in each other's place
    JOINED = "joined"  # code and number in one field
    NO_CODE = "no_code"  # the code was not read
    GROSS_FOR_NET = "gross_for_net"
    NET_FOR_GROSS = "net_for_gross"
    TIMES_TEN = "times_ten"
    TIMES_HUNDRED = "times_hundred"  # or the decimal point dropped
    DAY_AND_MONTH = "day_and_month"
    DAY_OF_RECEIPT = "day_of_receipt"  # today's date, or that of receipt
    CHECK_CODE = "check_code"  # 校验码 instead of the number


@unique
class Judgement(StrEnum):
    """Which side to believe where a value was compared: a code whose CRC fits, then the register, then a reading."""

    AGREES = "agrees"
    TAIL_AGREES = "tail_agrees"  # the last characters, all that one side keeps
    PAPER = "paper"  # the paper's value is proven: look at the row
    REGISTER = "register"  # the paper's was only read or typed: look at the picture
    OPEN = "open"  # both are exact: the two contradict each other
    ONE_SIDED = "one_sided"  # only one side states it


@dataclass(frozen=True, slots=True)
class FieldComparison:
    """One line of the match explanation: what was seen, what the register expects, how much that weighs
    (0–40 points of a candidate's score), whom to believe, and the slip that would explain a difference.
    """

    name: FieldName
    seen: str | None
    expected: str | None
    agreement: Agreement
    weight: int = 0
    judgement: Judgement = Judgement.ONE_SIDED
    slip: Slip | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A register row that may be the invoice, with its level and each field compared.

    `score` (0–100) orders candidates of one level; `slip` is how the seen key came from the row's, None where the keys
    are equal or unlike.
    """

    row: RegisterRow
    level: MatchLevel
    comparison: tuple[FieldComparison, ...]
    score: int = 0
    slip: Slip | None = None


@dataclass(frozen=True, slots=True)
class Matched:
    """M0: the key and every other value agree and the status is normal."""

    candidate: Candidate


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """M1–M4: at most five candidates, best first. Never automatic."""

    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Unmatched:
    """The register has nothing like it."""


MatchOutcome: TypeAlias = Matched | Ambiguous | Unmatched

# --- diagnosis ----------------------------------------------------------------------------------------


@unique
class Cause(StrEnum):
    """Why an invoice is not (simply) in the register: domain.md §9.4."""

    NOT_AN_INVOICE = "not_an_invoice"
    TYPE_NEVER_IN_REGISTER = "type_never_in_register"
    DUPLICATE = "duplicate"
    TRANSCRIPTION_ERROR = "transcription_error"
    QR_OCR_CONFLICT = "qr_ocr_conflict"
    REGISTER_STALE = "register_stale"
    SELLER_NOT_UPLOADED = "seller_not_uploaded"
    NOT_DELIVERED_TO_US = "not_delivered_to_us"
    WRONG_TITLE = "wrong_title"
    OTHER_ENTITY_REGISTER = "other_entity_register"
    VOID_OR_RED = "void_or_red"
    SUSPECTED_FORGERY_OR_ALTERATION = "suspected_forgery_or_alteration"
    OUT_OF_QUERY_WINDOW = "out_of_query_window"
    WRONG_REGION_OR_SYSTEM = "wrong_region_or_system"
    SYSTEM_FAULT = "system_fault"
    PAGES_MISSING = "pages_missing"
    UNKNOWN = "unknown"


@unique
class NextStep(StrEnum):
    """What to do now; each is a button or a sentence on the diagnosis card."""

    REJECT_OR_ATTACH = "reject_or_attach"
    KEY_AND_VERIFY = "key_and_verify"
    OPEN_FIRST_RECORD = "open_first_record"
    CORRECT_FROM_IMAGE = "correct_from_image"
    USE_QR_VALUES = "use_qr_values"
    IMPORT_REGISTER = "import_register"
    RETURN_TO_SELLER = "return_to_seller"
    ASK_FOR_REPLACEMENT = "ask_for_replacement"
    KEEP_PAPER_EVIDENCE = "keep_paper_evidence"
    VERIFY_THEN_KEY = "verify_then_key"
    SCAN_MISSING_PAGES = "scan_missing_pages"
    WAIT_OR_ASK_SELLER = "wait_or_ask_seller"
    VERIFY_THEN_APPROVE = "verify_then_approve"
    ROUTE_TO_ENTITY = "route_to_entity"
    FREEZE_AND_ESCALATE = "freeze_and_escalate"
    EXPORT_AGAIN = "export_again"
    REPLAY_IMPORT = "replay_import"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that was looked at; `code` is translated with `params`. `link` names what it points to: ``invoice:12``,
    ``document:7``, ``register:99``, ``import:3``, ``source:<name>`` or ``companies:``.
    """

    code: str
    params: Mapping[str, str] = field(default_factory=dict)
    link: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """Another cause that holds as well, with its evidence."""

    cause: Cause
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A cause with its evidence, the next step, whose it is, and when the service looks again by itself.

    `also` holds the causes further down the tree that hold too.
    """

    cause: Cause
    evidence: tuple[Evidence, ...]
    next_step: NextStep
    owner: Role
    look_again_at: datetime | None = None
    also: tuple[Reason, ...] = ()


# --- verdicts -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KnownInvoice:
    """An invoice already in our archive under the same key; `waiting` is what was read of it while pages are missing."""

    invoice_id: int
    key: str
    state: InvoiceState
    date: date | None
    net: Decimal | None
    total: Decimal | None
    first_document_id: int
    first_received_at: datetime
    waiting: Invoice | None = None


@dataclass(frozen=True, slots=True)
class Filed:
    """Everything required is proven and the register agrees: no person is needed."""

    invoice: Invoice
    key: str
    findings: tuple[Finding, ...]
    match: Matched


@dataclass(frozen=True, slots=True)
class NeedsReview:
    """A person must look; the diagnosis says why and what to do. `key` is None when none can be formed."""

    invoice: Invoice
    key: str | None
    findings: tuple[Finding, ...]
    match: MatchOutcome
    diagnosis: Diagnosis


@dataclass(frozen=True, slots=True)
class Attached:
    """Another rendition of an invoice already known, or an attachment (清单, 行程单) that cites it.

    `whole` is what becomes of an invoice that waited for these pages.
    """

    invoice: Invoice
    key: str
    findings: tuple[Finding, ...]
    known: KnownInvoice
    whole: Filed | NeedsReview | None = None


Decision: TypeAlias = Filed | NeedsReview | Attached


@dataclass(frozen=True, slots=True)
class Decided:
    """The file was read; one decision an invoice found in it."""

    extraction: Extraction
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """The file cannot be read or holds no invoice; `reason` is a code of `ocr.errors.REASONS`, or ``not_an_invoice``."""

    reason: str
    detail: str = ""
    extraction: Extraction | None = None


@dataclass(frozen=True, slots=True)
class Unpacked:
    """An archive: each member is received as a document of its own."""

    members: tuple[Member, ...]


Verdict: TypeAlias = Decided | Rejected | Unpacked

# --- states and people --------------------------------------------------------------------------------


@unique
class DocumentState(StrEnum):
    """Where a received file stands. Every file ends in one of the last six."""

    QUEUED = "queued"
    WORKING = "working"
    FILED = "filed"
    NEEDS_REVIEW = "needs_review"
    ATTACHED = "attached"
    REJECTED = "rejected"
    UNPACKED = "unpacked"
    REPLACED = "replaced"  # by another picture of the same paper


@unique
class InvoiceState(StrEnum):
    """Where an invoice stands."""

    NEEDS_REVIEW = "needs_review"
    FILED = "filed"
    REFUSED = "refused"  # a person decided that it must not be filed; its key stays reserved
    REPLACED = "replaced"  # read from a picture that another one replaced; the other has the key


@unique
class TaskState(StrEnum):
    """A review task: open → claimed → entered → verified (filed), or disputed → adjudicated; or closed."""

    OPEN = "open"
    CLAIMED = "claimed"
    ENTERED = "entered"
    DISPUTED = "disputed"
    VERIFIED = "verified"
    CLOSED = "closed"  # no entry was needed: refused, attached or matched later


@unique
class Role(StrEnum):
    """What an account may be; rights stand in `intake/roles.py`."""

    CLERK = "clerk"
    VERIFIER = "verifier"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    SERVICE = "service"


Cut: TypeAlias = tuple[float, ...]
"""Where the sender saw the paper on the upright picture: x and y of four corners as fractions, upper left first, clockwise."""


@unique
class Channel(StrEnum):
    """How a file came in."""

    WEB = "web"
    PHONE = "phone"
    WATCH = "watch"
    COMMAND = "command"
    ARCHIVE = "archive"  # a member of a received ZIP


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account with its role, or the service itself (`id` None)."""

    id: int | None
    login: str
    role: Role


SERVICE = Actor(None, "service", Role.SERVICE)
