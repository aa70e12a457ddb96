"""The service as a command finds it: built from the settings, its errors one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from intake.config import Settings
from intake.errors import IntakeError
from intake.log import configure
from intake.wiring import Intake, build


@contextmanager
def wired() -> Iterator[Intake]:
    """The service on the configured data folder; errors become one sentence and exit code 1."""
    settings = Settings()
    configure(as_json=settings.log_json)
    try:
        intake = build(settings)
        try:
            yield intake
        finally:
            intake.courier.close()
            intake.engine.dispose()
    except IntakeError as error:
        raise click.ClickException(f"{type(error).__doc__} ({error.detail})" if error.detail else str(error)) from error
