"""The log: one event a line, with its facts; never a password, a token or the content of a paper."""

from __future__ import annotations

import logging
import sys

import structlog

SECRET = ("password", "token", "secret", "cookie", "csrf", "authorization")


def _without_secrets(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Replace the value of every key that names a secret."""
    for key in event:
        if any(word in key.lower() for word in SECRET):
            event[key] = "***"
    return event


def configure(*, as_json: bool) -> None:
    """Write to standard error, as JSON lines or for a person's eye."""
    shape: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            exception_formatter=structlog.dev.plain_traceback,  # the pretty one prints variables, passwords too
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_secrets,
            structlog.processors.format_exc_info if as_json else structlog.processors.StackInfoRenderer(),
            shape,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
