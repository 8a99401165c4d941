"""The proxies on the way out, as every program names them in its environment. Pure."""

from collections.abc import Mapping
from urllib.parse import urlsplit

# In small letters too, which win. https://requests.readthedocs.io/en/latest/user/advanced/#proxies
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


def proxies_of(values: Mapping[str, str]) -> dict[str, str]:
    """Return what *values* say of proxies, by the names that they use."""
    return {name: one for name, one in values.items() if name.upper() in PROXIES and one.strip()}


def proxy_problems(values: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the proxies; their addresses may hold passwords."""
    named = proxies_of(values)
    has_both = {"HTTP_PROXY", "HTTPS_PROXY"} <= {name.upper() for name in named}
    unused = ("NO_PROXY", "ALL_PROXY") if has_both else ("NO_PROXY",)
    return [
        f"{name} must be an address such as http://proxy.example:3128."
        for name, value in named.items()
        if name.upper() not in unused and not _is_proxy(value)
    ]


def with_scheme(value: str) -> str:
    """Return the address of a proxy with its scheme, which people may leave out."""
    return f"http://{value}" if value and "://" not in value else value


def _is_proxy(value: str) -> bool:
    try:
        parts = urlsplit(with_scheme(value))
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return is_address and value.isascii() and value.isprintable() and not set(" \"'") & set(value)
