"""A webhook of our own, signed as Drone signs, that nothing is shown for: does the secret fit?

Signed after harness/drone plugin/webhook/webhook.go:81-106.
"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import urlsplit

from server.core.http_answer import Answer
from server.core.json_reader import text

BODY = b'{"event": "ping", "action": "ping"}'

# The end of the address where Discord sends interactions; Drone's is what stands before it.
_INTERACTIONS = "/interactions"


def headers(secret: str, now: datetime) -> Mapping[str, str]:
    """Return the headers that prove `BODY`."""
    date = format_datetime(now.astimezone(UTC), usegmt=True)
    digest = "SHA-256=" + b64encode(hashlib.sha256(BODY).digest()).decode()
    signed = f"date: {date}\ndigest: {digest}".encode()
    value = b64encode(hmac.digest(secret.encode(), signed, "sha256")).decode()
    return {
        "Content-Type": "application/json",
        "X-Drone-Event": "ping",
        "Date": date,
        "Digest": digest,
        "Signature": f'keyId="hmac-key",algorithm="hmac-sha256",signature="{value}"'
        ',headers="date digest"',
    }


def refusal_of(answer: Answer) -> tuple[str, str]:
    """Read why our server refuses the ping: its constant and its sentence, "" if it is not ours."""
    return text(answer.body, "error"), text(answer.body, "detail")


def is_address(url: str) -> bool:
    """Tell whether *url* can be posted to."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def beside_interactions(url: object) -> str:
    """Return where webhooks go if interactions go to *url*; "" if that is not known."""
    if not isinstance(url, str) or not is_address(url):
        return ""
    place = url.rstrip("/")
    return place.removesuffix(_INTERACTIONS) + "/" if place.endswith(_INTERACTIONS) else ""


def place_of(url: str) -> str:
    """Return *url* without what may be secret in it: user, password, query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "?"
    place = parts.netloc.rpartition("@")[2]
    return (f"{parts.scheme}://{place}" if place else "") + (parts.path or "/")
