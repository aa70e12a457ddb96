"""What the log says, and what it never says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from uuid import uuid4

import pytest
import structlog

from intake.log import configure


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    yield
    structlog.reset_defaults()


@pytest.mark.parametrize("as_json", [True, False])
def test_no_secret_reaches_the_log_not_even_from_a_traceback(capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    configure(as_json=as_json)
    log = structlog.get_logger()

    def sign_in(password: str) -> None:
        raise ValueError(f"a password of {len(password)} characters")

    secret = str(uuid4())  # made here, since a traceback shows source lines
    try:
        sign_in(secret)
    except ValueError:
        log.exception("refused", login="clerk", new_password=secret, csrf_token=secret)
    said = capsys.readouterr().err
    assert secret not in said
    assert "clerk" in said
    assert "a password of 36 characters" in said


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure(as_json=True)
    structlog.get_logger().info("published", document=7)
    event = json.loads(capsys.readouterr().err)
    assert (event["event"], event["document"], event["level"]) == ("published", 7, "info")
