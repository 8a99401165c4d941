"""Which proxy leads to an address, by the rules that the server's library has. Pure.

aiohttp's own reading knows neither ALL_PROXY nor the gateway's `wss`, and discord.py passes by it.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

Values = Mapping[str, str]

# In small letters too, which win. https://requests.readthedocs.io/en/latest/user/advanced/#proxies
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
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


def proxies_of(values: Values) -> dict[str, str]:
    """Return what *values* say of proxies, by the names that they use."""
    return {name: one for name, one in values.items() if name.upper() in PROXIES and one.strip()}


def read_proxies(values: Values, problems: list[str]) -> Proxies:
    """Read the proxies from *values*; add to *problems* what is wrong with them."""
    named = proxies_of(values)
    has_both = {"HTTP_PROXY", "HTTPS_PROXY"} <= {name.upper() for name in named}
    unused = ("NO_PROXY", "ALL_PROXY") if has_both else ("NO_PROXY",)
    problems += [
        f"{name} must be an address such as http://proxy.example:3128."
        for name, value in named.items()
        if name.upper() not in unused and not _is_proxy(value)
    ]
    found = {name: named.get(name.lower()) or named.get(name, "") for name in PROXIES}
    return Proxies(
        _with_scheme(found["HTTP_PROXY"] or found["ALL_PROXY"]),
        _with_scheme(found["HTTPS_PROXY"] or found["ALL_PROXY"]),
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


def _with_scheme(value: str) -> str:
    return f"http://{value}" if value and "://" not in value else value


def _is_proxy(value: str) -> bool:
    try:
        parts = urlsplit(_with_scheme(value))
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return is_address and value.isascii() and value.isprintable() and not set(" \"'") & set(value)
