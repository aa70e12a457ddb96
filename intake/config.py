"""Settings: environment variables `INTAKE_…` over the defaults below, read once at start.

Each setting is documented in `docs/operations.md`; a test fails when one is not.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from ocr.types import Limits


class Settings(BaseSettings):
    """What an administrator can set. Sizes are bytes, times are seconds unless named otherwise."""

    model_config = SettingsConfigDict(env_prefix="INTAKE_", frozen=True)

    data: Path = Field(Path("data"), description="Folder of the database, the files and the queue")
    database: str = Field("", description="SQLAlchemy URL; empty means SQLite in the data folder")
    host: str = Field("127.0.0.1", description="Address the web server listens on")
    port: int = Field(8080, description="Port the web server listens on")
    threads: int = Field(48, description="Threads of the web server")
    workers: int = Field(0, description="Reading workers in this process; 0 means one a core, at most four")
    secret_key: SecretStr = Field(
        SecretStr(""), description="Signs sessions; empty means one is made and kept in the data folder"
    )
    secure_cookies: bool = Field(default=False, description="Send cookies over HTTPS only; set it behind a TLS proxy")
    behind_proxy: int = Field(0, description="How many reverse proxies stand in front and set X-Forwarded-*")
    watch: Path | None = Field(None, description="Folder to watch; empty means `inbox` in the data folder")
    settle: float = Field(3.0, description="A watched file is taken when it has been still for this long")
    lease: float = Field(180.0, description="How long a worker holds a document before another may take it")
    sweep: float = Field(60.0, description="How often lost work is looked for")
    attempts: int = Field(3, description="How often a document may break its reader before it goes to a person")
    task_lease: float = Field(900.0, description="How long a clerk holds a review task without acting")
    session_hours: float = Field(12.0, description="Hours until a signed-in person must sign in again")
    title_check: bool = Field(
        default=False, description="Read the face of every scan, even where its code and the register decide"
    )
    stale_days: int = Field(5 * 365, description="Age in days after which the tax bureau no longer answers")
    second_person_from: Decimal = Field(
        Decimal(10000), description="Yuan from which one person's official check or entry is not enough without a code"
    )
    blind_rate: float = Field(
        0.05, ge=0, le=1, description="Share of the entries fit for approval that are keyed a second time all the same"
    )
    due_hours: float = Field(9.0, gt=0, description="Working hours within which a waiting paper should be dealt with")
    due_hours_soon: float = Field(4.0, gt=0, description="The same for a paper that is waited for, large or pressing")
    aql: Literal[
        "0.010",
        "0.015",
        "0.025",
        "0.040",
        "0.065",
        "0.10",
        "0.15",
        "0.25",
        "0.40",
        "0.65",
        "1.0",
        "1.5",
        "2.5",
        "4.0",
        "6.5",
    ] = Field("0.65", description="Per cent of wrong invoices among those the machine files that is tolerable (AQL)")
    stall_minutes: int = Field(
        15, ge=1, description="Minutes without a reading, while files wait for it, after which an alarm is raised"
    )
    close_days: int = Field(
        3, ge=0, description="Days before the end of a month in which its deductible invoices press"
    )
    vendor_url: str = Field("", description="Address of a verification interface; empty means that none is asked")
    vendor_secret: SecretStr = Field(SecretStr(""), description="Key of the verification interface")
    vendor_secret_file: Path | None = Field(None, description="File that holds the key instead")
    vendor_seconds: float = Field(15.0, description="Longest wait for an answer of the verification interface")
    source_hosts: str = Field(
        "", description="Hosts, or host:port, that register sources may ask though they lie inside; commas between"
    )
    max_upload: int = Field(50 * 1024 * 1024, description="Largest file accepted")
    upload_hours: float = Field(24.0, gt=0, description="Hours after which an upload nobody goes on with is removed")
    max_pages: int = Field(200, description="Most pages of one file")
    max_pixels: int = Field(60_000_000, description="Most pixels of one picture")
    read_seconds: float = Field(120.0, description="Longest time one file may take to read")
    read_memory: int = Field(4 * 1024**3, description="Most address space of the reading process")
    promised_rate: float = Field(0.0002, description="Rate of wrong values among proven ones that is promised")
    log_json: bool = Field(default=False, description="Write the log as JSON lines")

    def limits(self) -> Limits:
        """The reader's limits."""
        return Limits(
            max_bytes=self.max_upload,
            max_pages=self.max_pages,
            max_pixels=self.max_pixels,
            seconds=self.read_seconds,
            memory_bytes=self.read_memory,
        )

    def database_url(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database or f"sqlite:///{(self.data / 'intake.sqlite3').absolute()}"

    def named_hosts(self) -> frozenset[str]:
        """The hosts of `source_hosts`."""
        return frozenset(host for part in self.source_hosts.split(",") if (host := part.strip().lower()))

    def watch_folder(self) -> Path:
        """The watched folder in force."""
        return self.watch or self.data / "inbox"
