"""What can go wrong at a door. The docstring is the English sentence a person reads, with what to do after
the dash; the Chinese sentence is in `web/translations`. `code` is what the API and the tests name.
HTTP statuses stand in one table in `web/errors.py`.
"""

from __future__ import annotations


class IntakeError(Exception):
    """Something went wrong – try again, and tell the administrator if it stays."""

    code = "error"

    def __init__(self, detail: str = "") -> None:
        """`detail` is for the log and never holds a secret."""
        super().__init__(detail or type(self).__doc__ or self.code)
        self.detail = detail


class ForbiddenError(IntakeError):
    """Your account may not do this – ask a colleague whose role allows it."""

    code = "forbidden"


class NotFoundError(IntakeError):
    """There is no such record – it may have been opened from an old link."""

    code = "not_found"


class TooLargeUploadError(IntakeError):
    """The file is larger than accepted – save it smaller or scan at 300 dpi."""

    code = "too_large"


class EmptyUploadError(IntakeError):
    """The file is empty – scan or export it again."""

    code = "empty"


class TooManyUploadsError(IntakeError):
    """Too many files are on their way at once – wait until some have arrived."""

    code = "too_many_uploads"


class OffsetWrongError(IntakeError):
    """The piece does not follow on what has arrived – ask how far the upload is and go on from there."""

    code = "upload_offset"


class UploadBusyError(IntakeError):
    """Another piece of this file is still being written – try again in a moment."""

    code = "upload_busy"


class ChecksumWrongError(IntakeError):
    """The piece was damaged on its way – send it again."""

    code = "upload_damaged"


class TaskTakenError(IntakeError):
    """A colleague is working on this paper – take the next one."""

    code = "task_taken"


class TaskStateError(IntakeError):
    """This paper is no longer in that step – reload the page."""

    code = "task_state"


class OwnEntryError(IntakeError):
    """You keyed this paper yourself – another person must verify it."""

    code = "own_entry"


class CannotReplaceError(IntakeError):
    """This picture can no longer be replaced – it is filed, being read or keyed, or its invoice has other pictures; hand the new one in by itself."""

    code = "cannot_replace"


class EntryIncompleteError(IntakeError):
    """Required fields are missing or wrong – fill in the marked fields, or mark what nobody can read as illegible."""

    code = "entry_incomplete"

    def __init__(self, fields: tuple[str, ...], detail: str = "") -> None:
        """`fields` are the names of the fields that are missing or wrong."""
        super().__init__(detail or ", ".join(fields))
        self.fields = fields


class KeyConflictError(IntakeError):
    """Another invoice with this code and number is already on file with other values – open it and compare."""

    code = "key_conflict"

    def __init__(self, detail: str = "", differs: tuple[tuple[str, str, str], ...] = ()) -> None:
        """`detail` links the other record; `differs`: field, what a valid row of the register says, what was keyed."""
        super().__init__(detail)
        self.differs = differs


class UseBlockedError(IntakeError):
    """This invoice cannot be used now – the reason and what to do stand beside it."""

    code = "use_blocked"

    def __init__(self, blocks: tuple[str, ...], detail: str = "") -> None:
        """`blocks` are the values of `intake.clearance.Block`."""
        super().__init__(detail or ", ".join(blocks))
        self.blocks = blocks


class UseTakenError(IntakeError):
    """This invoice is already locked or used for a voucher – search its number under Uses to see which."""

    code = "use_taken"


class UseStateError(IntakeError):
    """This use is no longer in that step – reload the page."""

    code = "use_state"


class VoucherMissingError(IntakeError):
    """Enter the number of the voucher, at most 64 characters – an invoice is locked for one voucher."""

    code = "voucher_missing"


class ReasonMissingError(IntakeError):
    """Say why – a decision that is undone or taken for others needs a reason in the record."""

    code = "reason_missing"


class ConflictUsedError(IntakeError):
    """The first invoice is already locked or used for a voucher – release it first, then decide."""

    code = "conflict_used"


class ImportRefusedError(IntakeError):
    """This table cannot be imported – check that it is the tax bureau's export or a CSV with number, date and amount."""

    code = "import_refused"


class ImportStateError(IntakeError):
    """This import is no longer in that step: it has been applied, discarded or rolled back – reload the list of imports."""

    code = "import_state"


class LaterImportError(IntakeError):
    """A later import has changed rows of this one – roll that one back first; its name is given."""

    code = "later_import"


class MappingError(IntakeError):
    """No row can be understood by this mapping – give it a name and choose at least the number and a date or an amount, each its own heading."""

    code = "mapping"


class ClaimLostError(IntakeError):
    """Another worker has taken this document over – nothing was written."""

    code = "claim_lost"


class DataFolderLockedError(IntakeError):
    """Another process already works on this data folder – stop it first, or use another folder."""

    code = "data_folder_locked"


class ConfigurationError(IntakeError):
    """A setting is missing or wrong – the message names it; see docs/operations.md."""

    code = "configuration"


class LoginTakenError(IntakeError):
    """There is already an account with this login – choose another."""

    code = "login_taken"


class WeakPasswordError(IntakeError):
    """The password must have 10 to 256 characters – choose a longer one, such as four words."""

    code = "weak_password"


class CompanyRefusedError(IntakeError):
    """This entry contradicts the list of our companies – the message names what; correct it and save again."""

    code = "company_refused"

    def __init__(self, flaw: str, name: str = "", other: str = "") -> None:
        """`flaw` is one of :class:`intake.succession.Flaw`, ``already_on_file`` or ``name_missing``."""
        super().__init__(f"{flaw}: {name} {other}".rstrip())
        self.flaw, self.name, self.other = flaw, name, other


class BudgetSpentError(IntakeError):
    """This invoice has been asked about often enough today – ask again tomorrow; the last time of the day is kept for the person who approves."""

    code = "budget_spent"


class VendorOffError(IntakeError):
    """No verification interface is set up – ask on the official site, or have the administrator set INTAKE_VENDOR_URL."""

    code = "vendor_off"


class SourceWrongError(IntakeError):
    """The source is not set up as it must be – look at the marked field."""

    code = "source_wrong"

    def __init__(self, field: str) -> None:
        """`field` is the name of what is wrong: `source_wrong.<field>` says how it must be."""
        super().__init__(field)
        self.field = field


class SourceBusyError(IntakeError):
    """This source is being synchronised already – wait for its end."""

    code = "source_busy"


class SourceWaitsError(IntakeError):
    """This source is switched off, left out or under maintenance – end that first."""

    code = "source_waits"


class BypassWrongError(IntakeError):
    """A source is left out with a reason and for at most 14 days – write why, and for how long."""

    code = "bypass_wrong"


class WindowWrongError(IntakeError):
    """A maintenance needs a beginning before its end, its end still to come, at most 14 days apart – correct the times."""

    code = "window_wrong"
