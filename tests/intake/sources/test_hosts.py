from __future__ import annotations

import socket

import pytest

from intake.sources.errors import Fault, SourceError
from intake.sources.hosts import target

NAMED = frozenset({"erp.lan", "10.1.2.3:8443"})


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """A name server with these answers; an address is its own."""
    known = {"public.example": ["93.184.216.34"], "turned.example": ["93.184.216.34", "127.0.0.1"]}

    def look_up(host: str, port: int, **_: object) -> list[object]:
        try:
            socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host)
            found = [host]
        except OSError:
            found = known.get(host, [])
        if not found:
            raise socket.gaierror(-2, "no such name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


@pytest.mark.usefixtures("names")
def test_a_public_address_is_asked_over_tls_by_the_address_that_was_checked() -> None:
    found = target("https://Public.example/register", NAMED)
    assert (found.host, found.port, found.secure, found.address) == ("public.example", 443, True, "93.184.216.34")


@pytest.mark.parametrize(
    ("url", "port"), [("http://erp.lan/x", 80), ("https://erp.lan:9443", 9443), ("https://10.1.2.3:8443/", 8443)]
)
def test_a_host_that_was_named_may_be_asked_by_its_name(url: str, port: int) -> None:
    found = target(url, NAMED)
    assert (found.port, found.address) == (port, None)


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize(
    "url",
    [
        "http://public.example/",  # without TLS
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://10.1.2.3/",  # named with another port only
        "https://169.254.169.254/latest/meta-data",
        "https://192.168.1.1/",
        "https://100.64.0.1/",
        "https://224.0.0.1/",
        "https://0.0.0.0/",
        "https://turned.example/",  # one of its addresses leads inside
        "https://user:word@public.example/",
        "https://public.example/?a=b",
        "https://public.example/#a",
        "https://public.example:99999/",
        "ftp://erp.lan/",
        "file:///etc/passwd",
        "https:///x",
        "",
    ],
)
def test_no_other_address_is_asked(url: str) -> None:
    with pytest.raises(SourceError) as caught:
        target(url, NAMED)
    assert caught.value.fault is Fault.HOST_NOT_ALLOWED


@pytest.mark.usefixtures("names")
def test_a_name_that_nobody_knows_is_unreachable() -> None:
    with pytest.raises(SourceError) as caught:
        target("https://nowhere.example/", NAMED)
    assert caught.value.fault is Fault.UNREACHABLE
