"""What can go wrong at a source, each fault with a name that the pages put into words with what to do."""

from __future__ import annotations

from enum import StrEnum, unique
from typing import Final


@unique
class Fault(StrEnum):
    """`source_error.<fault>` and `source_error.<fault>.remedy` are its sentences."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    UNAUTHORISED = "unauthorised"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    TOO_MANY_REQUESTS = "too_many_requests"
    SERVER_ERROR = "server_error"
    BAD_CERTIFICATE = "bad_certificate"
    GARBAGE = "garbage"  # the answer is not what the contract says
    TOO_MUCH = "too_much"
    REDIRECTED = "redirected"
    HOST_NOT_ALLOWED = "host_not_allowed"
    CLOCK_OFF = "clock_off"
    NO_SECRET = "no_secret"
    DRIVER_MISSING = "driver_missing"
    NOT_A_SELECT = "not_a_select"
    QUERY_FAILED = "query_failed"
    OWN_DATABASE = "own_database"
    NO_FOLDER = "no_folder"
    NOT_UNDERSTOOD = "not_understood"  # the import refused the table
    NO_MAPPING = "no_mapping"  # the saved mapping of headings is gone
    BROKEN = "broken"  # a fault of this service; the log tells


# Worth asking again within the same synchronisation: the next try may meet another mood of the network.
TRANSIENT: Final = frozenset({Fault.UNREACHABLE, Fault.TIMEOUT, Fault.TOO_MANY_REQUESTS, Fault.SERVER_ERROR})


class SourceError(Exception):
    """A source could not be asked, or answered what cannot be used. `detail` is shown, so it never holds a secret."""

    def __init__(self, fault: Fault, detail: str = "", wait: float | None = None) -> None:
        """`wait` is how many seconds the source itself asked to be left alone."""
        super().__init__(f"{fault}: {detail}" if detail else fault.value)
        self.fault = fault
        self.detail = detail[:200]
        self.wait = wait
