"""From a definition to its adapter: the one place that knows all three."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, assert_never

import sqlalchemy as sa

from intake.clock import Clock
from intake.db import read, register_imports
from intake.ports import Files
from intake.register.ledger import FAILED, INTERRUPTED
from intake.sources.credentials import Credentials
from intake.sources.folder import FolderSource
from intake.sources.http import HttpSource
from intake.sources.model import Definition, SourceKind
from intake.sources.port import RegisterSource
from intake.sources.sql import SqlSource

# An import that did not come to its end says nothing about its file: the file is taken again.
UNFINISHED: Final = (INTERRUPTED, FAILED)


@dataclass(frozen=True, slots=True)
class Sources:
    """What asking sources needs. `hosts` are those of `INTAKE_SOURCE_HOSTS`, `data` is the service's folder."""

    engine: sa.Engine
    files: Files
    credentials: Credentials
    clock: Clock
    hosts: frozenset[str]
    data: Path
    settle: float

    def adapter(self, definition: Definition) -> RegisterSource:
        """The port on a source."""
        match definition.kind:
            case SourceKind.FOLDER:
                name = definition.name
                return FolderSource(
                    definition, lambda digest: self.seen(name, digest), self.clock, settle=self.settle, own=self.data
                )
            case SourceKind.SQL:
                return SqlSource(definition, self.credentials.get(definition.name), self.clock, own=self.data)
            case SourceKind.HTTP:
                token = self.credentials.get(definition.name)
                return HttpSource(definition, token, self.clock, hosts=self.hosts)
            case _:
                assert_never(definition.kind)

    def seen(self, name: str, digest: str) -> bool:
        """Whether a file with this SHA-256 was imported from this source, or refused for what it holds."""
        table = register_imports
        taken = sa.select(table.c.id).where(
            table.c.source == name, table.c.sha256 == digest, table.c.error.not_in(UNFINISHED)
        )
        with read(self.engine) as conn:
            return conn.execute(taken.limit(1)).first() is not None
