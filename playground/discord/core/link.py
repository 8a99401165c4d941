"""Check urls as Discord does: scheme, form, and a host that has a dot.

github.com/discord/discord-api-docs/issues/5837
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from playground.discord.core import check
from playground.discord.core.violation import Path, Violation

WEB = ("http", "https")
MEDIA = ("http", "https", "attachment")
BUTTON = ("http", "https", "discord")
MAX_URL = 2048
MAX_BUTTON_URL = 512

_SPACE_OR_CONTROL = re.compile(r"[\s\x00-\x1f\x7f]")
_LABEL = re.compile(r"[\w-]{1,63}", re.UNICODE)


def link(
    value: object,
    path: Path,
    schemes: tuple[str, ...] = WEB,
    *,
    most: int = MAX_URL,
    needed: bool = False,
) -> Iterator[Violation]:
    """Check one url; null counts as absent, while an empty text is a url without a scheme."""
    if value is None:
        if needed:
            yield check.required(path)
        return
    yield from check.text(value, path, most=most)
    if not isinstance(value, str):
        return
    scheme = value.strip().partition(":")[0].lower() if ":" in value else ""
    if scheme not in schemes:
        message = f'Scheme "{scheme}" is not supported. Scheme must be one of {schemes}.'
        yield Violation(path, "URL_TYPE_INVALID_SCHEME", message)
    elif not _is_well_formed(value.strip(), scheme):
        yield Violation(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")


def _is_well_formed(url: str, scheme: str) -> bool:
    if _SPACE_OR_CONTROL.search(url) or not url[len(scheme) :].startswith("://"):
        return False
    rest = url[len(scheme) + 3 :]
    if scheme not in WEB:
        return bool(rest)
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        parts.port  # noqa: B018 - reading it is what raises on a port that is no number
    except ValueError:
        return False
    return is_acceptable_host(host)


def is_acceptable_host(host: str) -> bool:
    """Tell whether Discord takes *host*: an address, or at least two labels."""
    # A host without a dot is refused: Gitea #14379, Grafana #65270, bugsink #280.
    try:
        ipaddress.ip_address(host)
    except ValueError:
        labels = host.removesuffix(".").split(".")
        return len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels)
    return True
