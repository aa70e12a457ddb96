"""A table that was handed in: kept under its SHA-256, named by a signed ticket, recognised by its headings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from intake.errors import NotFoundError
from intake.register import mappings
from intake.register.mappings import ColumnMapping
from intake.register.table import TableError
from intake.wiring import Intake
from web.service import intake

UNKNOWN: Final = "no_header"
SHA256: Final = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was handed in and is kept under its SHA-256, its name, and the source it belongs to."""

    sha256: str
    name: str
    source: str

    def ticket(self) -> str:
        """Signed, for forms and addresses: it outlives a restart and cannot name another file."""
        return _signer().dumps([self.sha256, self.name, self.source])

    @property
    def place(self) -> Path:
        """Where its bytes lie."""
        return intake().files.path(self.sha256)


def read_ticket(ticket: str) -> Upload:
    """The upload of a ticket. Raises NotFoundError for one that is not ours or whose file is gone."""
    try:
        upload = Upload(*_signer().loads(ticket))
    except (BadData, TypeError) as error:
        raise NotFoundError("ticket") from error
    if not SHA256.fullmatch(upload.sha256) or not upload.place.exists():
        raise NotFoundError("uploaded file")
    return upload


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="register-upload")


def recognise(service: Intake, place: Path) -> tuple[bool, ColumnMapping | None]:
    """Whether a file is understood, and by which saved mapping where no built-in layout fits.

    Of several the one that names the most headings. What is no table at all counts as understood: reading it names
    the reason and keeps it in the list of imports.
    """
    try:
        mappings.preview(place, None, 1)
    except TableError as error:
        if error.reason != UNKNOWN:
            return True, None
    else:
        return True, None
    saved = sorted(mappings.all_mappings(service.engine), key=lambda one: -len(one.columns))
    fitting = next((one for one in saved if _fits(place, one)), None)
    return fitting is not None, fitting


def promising(place: Path) -> bool:
    """Whether an unknown file has columns at all, so that the wizard can help."""
    glance = mappings.glance(place)
    return len([name for name in glance.headings if name]) > 1 and bool(glance.rows)


def _fits(place: Path, mapping: ColumnMapping) -> bool:
    try:
        mappings.preview(place, mapping, 1)
    except TableError:
        return False
    return True
