"""An interface over HTTP that keeps `docs/register-api.openapi.yaml`: pages of rows, a bearer token, a cursor.

Redirects are refused, the environment's proxies are not used, sizes and times are limited, and what is asked for is
told by its address having been checked (`intake/sources/hosts.py`).
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import certifi
import httpx
from pydantic import SecretStr, ValidationError

from intake.clock import Clock
from intake.sources import probe
from intake.sources.contract import HEADINGS, ApiPage, cells
from intake.sources.errors import Fault, SourceError
from intake.sources.hosts import Target, target
from intake.sources.model import Definition, Delivery, Rows, Step, TestStep, Watermark
from intake.sources.retrying import retrying

LARGEST_ANSWER: Final = 8 * 1024 * 1024  # bytes of one page
MOST_PAGES: Final = 20_000
AT_ONCE: Final = 1000  # rows of a page
SILENCE: Final = 30.0  # seconds without a byte
TEST_SECONDS: Final = 15.0
STATUS: Final[Mapping[int, Fault]] = {
    401: Fault.UNAUTHORISED,
    403: Fault.FORBIDDEN,
    404: Fault.NOT_FOUND,
    408: Fault.TIMEOUT,
    429: Fault.TOO_MANY_REQUESTS,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer with status 200, or what stands for another status."""

    status: int
    body: bytes
    date: datetime | None
    retry_after: float | None


class HttpSource:
    """The port on an interface. `hosts` are those that `INTAKE_SOURCE_HOSTS` names."""

    def __init__(
        self, definition: Definition, token: SecretStr | None, clock: Clock, *, hosts: Collection[str]
    ) -> None:
        """`token` is sent as a bearer token to the address of the definition and nowhere else."""
        self._definition = definition
        self._token = token
        self._clock = clock
        self._hosts = hosts

    @contextmanager
    def fetch(self, since: Watermark) -> Iterator[Delivery | None]:
        """The rows of all pages, asked for one after the other while the block runs."""
        until = time.monotonic() + self._definition.seconds
        with self._client() as client:
            yield Rows(HEADINGS, self._rows(client, since, until))

    def self_test(self) -> tuple[TestStep, ...]:
        """One small page, looked at step by step."""
        found: list[Answer] = []

        def reach() -> probe.Said:
            with self._client() as client:
                found.append(self._ask(client, {"limit": "1"}, time.monotonic() + TEST_SECONDS))
            return "interface_answers", {"status": str(found[0].status)}

        def authorise() -> probe.Said:
            if found[0].status in {401, 403}:
                raise _refusal(found[0])
            return "token_accepted", {}

        def sample() -> probe.Said:
            page = _page(found[0])
            return "sample_rows", {"n": str(len(page.invoices)), "headings": ", ".join(HEADINGS)}

        def compare_clock() -> probe.Said:
            there = found[0].date
            return None if there is None else ("clock_of_server", probe.compare_clocks(there, self._clock()))

        return probe.run(
            (
                (Step.REACHABLE, reach),
                (Step.AUTHORISED, authorise),
                (Step.SAMPLE, sample),
                (Step.CLOCK, compare_clock),
            )
        )

    def _rows(self, client: httpx.Client, since: Watermark, until: float) -> Iterator[Sequence[str]]:
        asked = {"limit": str(AT_ONCE)}
        if first := self._definition.since(since):
            asked["since"] = first.isoformat()
        if changed := self._definition.changed_since(since):
            asked["changed_since"] = changed.astimezone(UTC).isoformat(timespec="seconds")
        cursors: set[str] = set()
        for _ in range(MOST_PAGES):
            page = self._page(client, asked, until)
            yield from map(cells, page.invoices)
            if page.next_cursor is None:
                return
            if page.next_cursor in cursors:
                raise SourceError(Fault.GARBAGE, "the same cursor twice")
            cursors.add(page.next_cursor)
            asked["cursor"] = page.next_cursor
        raise SourceError(Fault.TOO_MUCH, f"{MOST_PAGES} pages")

    def _page(self, client: httpx.Client, asked: Mapping[str, str], until: float) -> ApiPage:
        def once() -> ApiPage:
            answer = self._ask(client, asked, until)
            if answer.date is not None:
                probe.compare_clocks(answer.date, self._clock())
            return _page(answer)

        return retrying(once, until)

    def _client(self) -> httpx.Client:
        # the system's store of certificates: a company's own authority is installed there
        context = ssl.create_default_context()
        context.load_verify_locations(certifi.where())  # a slim system has no store
        return httpx.Client(trust_env=False, follow_redirects=False, timeout=SILENCE, verify=context)

    def _ask(self, client: httpx.Client, asked: Mapping[str, str], until: float) -> Answer:
        if self._token is None:
            raise SourceError(Fault.NO_SECRET)
        place = f"{self._definition.place.rstrip('/')}/invoices"
        checked = target(place, self._hosts)
        request = _request(client, place, checked, asked, self._token, until)
        try:
            response = client.send(request, stream=True)
            try:
                return _take(response, until)
            finally:
                response.close()
        except httpx.TimeoutException as error:
            raise SourceError(Fault.TIMEOUT, checked.host) from error
        except httpx.DecodingError as error:
            raise SourceError(Fault.GARBAGE, "encoding") from error
        except httpx.HTTPError as error:
            fault = Fault.BAD_CERTIFICATE if _is_about_certificate(error) else Fault.UNREACHABLE
            raise SourceError(fault, checked.host) from error


def _request(
    client: httpx.Client, place: str, checked: Target, asked: Mapping[str, str], token: SecretStr, until: float
) -> httpx.Request:
    """To the very address that was checked, under the name that was asked for."""
    remaining = max(min(SILENCE, until - time.monotonic()), 0.1)
    url = httpx.URL(place, params=asked)
    headers = {
        "Authorization": f"Bearer {token.get_secret_value()}",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "fapiao-intake",
        "Host": url.netloc.decode("ascii"),
    }
    extensions: dict[str, object] = {"timeout": httpx.Timeout(remaining).as_dict()}
    if checked.address is not None:
        url = url.copy_with(host=checked.address)
        extensions["sni_hostname"] = checked.host
    return client.build_request("GET", url, headers=headers, extensions=extensions)


def _take(response: httpx.Response, until: float) -> Answer:
    """The body up to its limits; a server that sends a byte now and then does not outlast `until`."""
    status = response.status_code
    if 300 <= status < 400:
        raise SourceError(Fault.REDIRECTED, str(status))
    body = bytearray()
    if status == 200:
        for block in response.iter_bytes():
            body += block
            if len(body) > LARGEST_ANSWER:
                raise SourceError(Fault.TOO_MUCH, f"{LARGEST_ANSWER} bytes")
            if time.monotonic() > until:
                raise SourceError(Fault.TIMEOUT)
    return Answer(status, bytes(body), _date(response.headers.get("Date")), _wait(response.headers.get("Retry-After")))


def _page(answer: Answer) -> ApiPage:
    if answer.status != 200:
        raise _refusal(answer)
    try:
        return ApiPage.model_validate_json(answer.body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise SourceError(Fault.GARBAGE, f"{place}: {first['type']}" if place else str(first["type"])) from error


def _refusal(answer: Answer) -> SourceError:
    fault = STATUS.get(answer.status, Fault.SERVER_ERROR if answer.status >= 500 else Fault.GARBAGE)
    return SourceError(fault, f"HTTP {answer.status}", answer.retry_after)


def _is_about_certificate(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError) or "CERTIFICATE" in str(cause):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _date(header: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(header) if header else None
    except ValueError:
        return None
    return found.astimezone(UTC) if found is not None and found.tzinfo else None


def _wait(header: str | None) -> float | None:
    return float(header) if header and header.isdigit() and len(header) < 6 else None
