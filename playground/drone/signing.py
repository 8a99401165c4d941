"""Sign bodies as Drone does; must not read a clock, so that tests can repeat it."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from email.utils import format_datetime

from playground.drone.delivery import Delivery


def sign(body: bytes, secret: str, date: datetime | str) -> dict[str, str]:
    """Give the headers Digest, Date and Signature for *body*, named as Go names them.

    *date* is an aware datetime, or the value of the Date header itself.
    """
    if isinstance(date, datetime):
        date = format_datetime(date.astimezone(UTC), usegmt=True)
    digest = "SHA-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode()
    signed = f"date: {date}\ndigest: {digest}".encode()
    key = secret.encode(errors="surrogateescape")
    signature = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    return {
        "Digest": digest,
        "Date": date,
        "Signature": f'keyId="hmac-key",algorithm="hmac-sha256",signature="{signature}"'
        ',headers="date digest"',
    }


def headers_of(
    delivery: Delivery, secret: str, date: datetime | str | None = None
) -> dict[str, str]:
    """Give all headers that Drone itself sets, in its order; by default of the time of sending."""
    if date is None:
        date = datetime.fromtimestamp(delivery.sent_at, UTC)
    return {
        "X-Drone-Event": delivery.event,
        "Content-Type": "application/json",
        **sign(delivery.body, secret, date),
    }
