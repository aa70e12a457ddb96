"""The command `serve`: the pages on waitress, with workers and the watched folder in the same process."""

from __future__ import annotations

import signal
import threading
from typing import Any

import click
import waitress

from intake.background import running
from intake.cli import first_accounts, main
from intake.console import wired
from intake.wiring import Intake
from web.app import create_app

__all__ = ["main"]  # the console script: every command of `intake.cli`, and `serve`


@main.command()
def serve() -> None:
    """Serve the pages, read what comes in and watch the folder, until stopped."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with wired() as intake, running(intake):
        first_accounts(intake)
        server = _server(intake)
        thread = threading.Thread(target=server.run, name="web", daemon=True)
        thread.start()
        click.echo(f"serving http://{intake.settings.host}:{intake.settings.port}")
        stop.wait()
        server.close()  # no new connections; what is being answered goes out
        thread.join(5)


def _server(intake: Intake) -> Any:
    """The web server, its port taken. Raises ClickException when the port cannot be had."""
    settings = intake.settings
    try:
        return waitress.create_server(
            create_app(intake),
            host=settings.host,
            port=settings.port,
            threads=settings.threads,
            max_request_body_size=settings.max_upload + 2 * 1024 * 1024,
            channel_timeout=300,
            clear_untrusted_proxy_headers=not settings.behind_proxy,  # else ProxyFix would see none of them
            ident=None,
        )
    except OSError as error:
        message = (
            f"http://{settings.host}:{settings.port} cannot be served ({error.strerror}) – set another INTAKE_PORT."
        )
        raise click.ClickException(message) from error
