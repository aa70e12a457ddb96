"""Why a file cannot be read. The class docstring is the English sentence a person reads; what to do stands
after the dash. The Chinese sentence is in `web/translations`. `code` is what the database and the API keep.
"""

from __future__ import annotations


class UnreadableError(Exception):
    """The file cannot be read – open it on your computer, and if it looks right send it again."""

    code = "unreadable"

    def __init__(self, detail: str = "") -> None:
        """`detail` is for the log and the administrator, never for the clerk's sentence."""
        super().__init__(detail or type(self).__doc__ or self.code)
        self.detail = detail


class EmptyFileError(UnreadableError):
    """The file is empty – scan or export it again."""

    code = "empty"


class TruncatedError(UnreadableError):
    """The file is cut off or damaged – copy or download it again and send the complete file."""

    code = "truncated"


class EncryptedError(UnreadableError):
    """The file is protected by a password – remove the password and send it again."""

    code = "encrypted"


class NoPagesError(UnreadableError):
    """The file has no pages – export it again."""

    code = "no_pages"


class TooManyPagesError(UnreadableError):
    """The file has more pages than are accepted – split it and send the parts."""

    code = "too_many_pages"


class TooLargeError(UnreadableError):
    """The file or picture is larger than accepted – save it smaller or scan at 300 dpi."""

    code = "too_large"


class BombError(UnreadableError):
    """The archive unpacks to far more than is accepted – send the invoices as single files."""

    code = "bomb"


class UnknownFormatError(UnreadableError):
    """This kind of file is not accepted – send PDF, OFD, XML, a picture (JPEG, PNG, TIFF, WebP, BMP, HEIC) or a ZIP of these."""

    code = "unknown_format"


class HostileError(UnreadableError):
    """The file holds constructs that are refused for safety – ask the sender for a plain PDF, OFD or XML."""

    code = "hostile"


class TimeoutReadingError(UnreadableError):
    """Reading took too long and was stopped – send the pages one by one, or key the invoice in."""

    code = "timeout"


class CrashedError(UnreadableError):
    """The reader broke down on this file – it is kept; key the invoice in or send another copy."""

    code = "crashed"


REASONS: dict[str, type[UnreadableError]] = {
    kind.code: kind
    for kind in (
        UnreadableError,
        EmptyFileError,
        TruncatedError,
        EncryptedError,
        NoPagesError,
        TooManyPagesError,
        TooLargeError,
        BombError,
        UnknownFormatError,
        HostileError,
        TimeoutReadingError,
        CrashedError,
    )
}
