"""Pictures of official pages, as evidence: uploaded by people, so hostile until the sandbox has drawn them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from intake.ports import Files, Reader
from ocr.errors import TooLargeError, UnknownFormatError
from ocr.sniff import PICTURES, Format, sniff

LONG_SIDE: Final = 2400  # pixels: small print of a full screen stays legible
LARGEST: Final = 20 * 1024 * 1024
_ACCEPTED: Final = PICTURES | {Format.PDF}  # the page printed as a PDF is as good


@dataclass(frozen=True, slots=True)
class Screenshot:
    """A picture that is kept: the SHA-256 of its bytes as they came, and of the JPEG drawn from them for showing."""

    sha256: str
    picture: str


def keep(files: Files, reader: Reader, data: bytes) -> Screenshot:
    """Draw an uploaded picture in the sandbox and keep both, durable. What it is, is told by its bytes.

    Raises a subclass of `ocr.errors.UnreadableError` for what is no picture or PDF, is too large or cannot be drawn;
    then nothing is kept.
    """
    if len(data) > LARGEST:
        raise TooLargeError(f"{len(data)} bytes")
    form = sniff(data)
    if form not in _ACCEPTED:
        raise UnknownFormatError(form.value)
    drawn = reader.render(data, 0, 0, LONG_SIDE)
    return Screenshot(files.put(data), files.put(drawn))
