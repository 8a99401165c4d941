"""The proxy that leads to an address, by the rules that the server's library has. Pure.

aiohttp's own reading knows neither ALL_PROXY nor the gateway's `wss`, and discord.py passes by it.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from runtime.proxy import PROXIES, proxies_of, with_scheme

_SCHEMES = {"ws": "http", "wss": "https"}


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxies on the way out; "" is none. Their addresses may hold passwords."""

    http: str = field(default="", repr=False)
    https: str = field(default="", repr=False)
    exceptions: str = ""  # hosts, domains and networks, separated by commas

    def of(self, url: str) -> str | None:
        """Return the proxy that leads to *url*; None is the direct way."""
        parts = urlsplit(url)
        if _is_excepted(parts, self.exceptions):
            return None
        found = self.https if _SCHEMES.get(parts.scheme, parts.scheme) == "https" else self.http
        return found or None


def read_proxies(values: Mapping[str, str]) -> Proxies:
    """Read the proxies; `runtime.proxy.proxy_problems` says what is wrong with them."""
    named = proxies_of(values)
    found = {name: named.get(name.lower()) or named.get(name, "") for name in PROXIES}
    return Proxies(
        with_scheme(found["HTTP_PROXY"] or found["ALL_PROXY"]),
        with_scheme(found["HTTPS_PROXY"] or found["ALL_PROXY"]),
        found["NO_PROXY"],
    )


def is_near(url: str) -> bool:
    """Tell whether *url* is this machine's, or of a container beside: never behind a proxy."""
    host = urlsplit(url).hostname or ""
    address = _address(host)
    return address.is_loopback if address else "." not in host


def _is_excepted(parts: SplitResult, exceptions: str) -> bool:
    host = (parts.hostname or "").lower()
    entries = [one.strip().lower() for one in exceptions.split(",") if one.strip()]
    if address := _address(host):
        return "*" in entries or any(_is_in(address, one.strip("[]")) for one in entries)
    names = (host, f"{host}:{parts.port}")
    domains = [one.removeprefix("*").removeprefix(".") for one in entries]
    return any(one in ("", *names) or name.endswith(f".{one}") for one in domains for name in names)


Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _address(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_in(address: Address, network: str) -> bool:
    try:
        return address in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
