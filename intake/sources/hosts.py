"""Which addresses an interface may have: an open door to the inside of the network is none of this service's.

HTTPS to a public address is allowed. Anything else (plain HTTP, an address inside, this machine itself) must be named
by who runs the server, in `INTAKE_SOURCE_HOSTS`. Other hosts are looked up once and connected to by the address that
was checked, so that a name cannot lead elsewhere a moment later.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from intake.sources.errors import Fault, SourceError


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect: `address` is None where the name itself may be asked."""

    host: str
    port: int
    secure: bool
    address: str | None


def target(url: str, named: Collection[str]) -> Target:
    """Check an address. Raises SourceError (host_not_allowed, unreachable)."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise SourceError(Fault.HOST_NOT_ALLOWED, "not an address") from error
    secure = parts.scheme == "https"
    if parts.scheme not in {"https", "http"} or not host or parts.username is not None or parts.query or parts.fragment:
        raise SourceError(Fault.HOST_NOT_ALLOWED, "not an address")
    port = port or (443 if secure else 80)
    if host in named or f"{host}:{port}" in named:
        return Target(host, port, secure, None)
    if not secure:
        raise SourceError(Fault.HOST_NOT_ALLOWED, f"http://{host}")
    return Target(host, port, secure, _public_address(host, port))


def _public_address(host: str, port: int) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise SourceError(Fault.UNREACHABLE, f"{host}: no such name") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(_is_public(address) for address in addresses):
        raise SourceError(Fault.HOST_NOT_ALLOWED, host)
    return addresses[0]


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_global and not address.is_multicast
