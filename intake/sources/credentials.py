"""The secret of each source (a database's URL, a token): one file a source, readable by the owner only.

Secrets are in no row, log, page or audit entry; who has the data folder has them, as with `secret_key`.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from pydantic import SecretStr


class Credentials:
    """The folder `sources/` of the data folder; it is made with the first secret."""

    def __init__(self, folder: Path) -> None:
        """`folder` may not exist yet."""
        self._folder = folder

    def put(self, name: str, secret: SecretStr) -> None:
        """Keep the secret of a source in place of the one before; durable when this returns."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = self._place(name)
        draft = place.with_suffix(f".{os.getpid()}.new")
        draft.unlink(missing_ok=True)
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123 - a mode from the first moment
            file.write(secret.get_secret_value())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(place)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def get(self, name: str) -> SecretStr | None:
        """The secret of a source; None when none is set."""
        try:
            return SecretStr(self._place(name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None

    def forget(self, name: str) -> None:
        """Remove the secret of a source."""
        self._place(name).unlink(missing_ok=True)

    def _place(self, name: str) -> Path:
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.secret"
