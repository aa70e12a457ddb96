"""The wired service behind the pages."""

from __future__ import annotations

from flask import current_app

from intake.wiring import Intake


def intake() -> Intake:
    """The service that this application was made over."""
    found: Intake = current_app.extensions["intake"]
    return found
