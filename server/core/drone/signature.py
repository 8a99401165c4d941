"""Is this delivery Drone's? Its headers are proved first, then the digest of the body.

Drone signs `date` and `digest` only (harness/drone plugin/webhook/webhook.go:25-34). So the headers
prove themselves before the body has come, and the body is authentic only because its own digest is
compared here. `httpsig` does the HMAC; everything it would accept beyond Drone's scheme is refused
before it sees it.
"""

import hashlib
import hmac
import re
import warnings
from base64 import b64encode
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

from server.errors import NotAuthentic

# The parameters of 99designs/httpsignatures-go signature.go:95-108, in any order.
PARAMETER = re.compile(r'\s*([A-Za-z]+)="([^"\\]*)"\s*')
# Base64 of the 32 bytes that SHA-256 gives.
BASE64_SHA256 = re.compile(r"[A-Za-z0-9+/]{43}=")
DIGEST = re.compile(rf"(?i:SHA-256)={BASE64_SHA256.pattern}")


def verify_headers(
    date: str,
    digest: str,
    signature: str,
    secrets: Iterable[bytes],
    now: datetime,
    max_age: timedelta,
) -> str:
    """Return the fingerprint of a delivery with authentic headers; raise NotAuthentic if not.

    *secrets* are all live ones, while one is being replaced. *max_age* bounds the difference of
    clocks either way; zero switches that check off. The fingerprint is the same for a replay.
    """
    if not (date and digest and signature):
        raise NotAuthentic("unsigned", "The headers Date, Digest and Signature must all be there.")
    encoded = _signed_value(signature)
    if not DIGEST.fullmatch(digest):
        raise _bad_digest()
    _check_age(date, now, max_age)
    headers = {
        "date": date,
        "digest": digest,
        # Only what was understood above goes on, so that the library has nothing to interpret.
        "signature": f'algorithm="hmac-sha256",signature="{encoded[0]}",headers="{encoded[1]}"',
    }
    try:
        if not any([_matches(headers, secret) for secret in secrets]):
            raise NotAuthentic(
                "bad_signature",
                "The signature fits no secret: make DRONE_WEBHOOK_SECRET the same on both sides; "
                r"here, a comma that belongs to it is written \,.",
            )
    except UnicodeEncodeError as error:
        raise NotAuthentic("bad_header", "The signed headers must be ASCII.") from error
    return hashlib.sha256(f"{date}\n{digest}".encode()).hexdigest()


def verify_body(body: bytes, digest: str) -> None:
    """Raise NotAuthentic unless *digest*, which `verify_headers` has proved, is that of *body*."""
    computed = b64encode(hashlib.sha256(body).digest()).decode()
    if not hmac.compare_digest(computed, digest.partition("=")[2]):
        raise _bad_digest()


def _bad_digest() -> NotAuthentic:
    return NotAuthentic("bad_digest", "The body is not the one that the Digest header names.")


@cache
def library() -> Any:
    """Return the library's verifier. Its import takes longer than all of ours together."""
    with warnings.catch_warnings():
        # It imports pkg_resources, which warns that it will go; the pinned setuptools still has it.
        warnings.simplefilter("ignore")
        from httpsig.verify import HeaderVerifier
    return HeaderVerifier


def _matches(headers: dict[str, str], secret: bytes) -> bool:
    """Compare in constant time; an empty secret never matches."""
    if not secret:
        return False
    verifier = library()(
        headers, secret, required_headers=["date", "digest"], sign_header="signature"
    )
    return bool(verifier.verify())


def _signed_value(signature: str) -> tuple[str, str]:
    """Return the base64 value and the list of signed headers of a `Signature` header."""
    parameters: dict[str, str] = {}
    for part in signature.split(","):
        match = PARAMETER.fullmatch(part)
        if match is None or match[1] in parameters:
            raise NotAuthentic("bad_header", "The Signature header cannot be read.")
        parameters[match[1]] = match[2]
    if parameters.get("algorithm") != "hmac-sha256":
        raise NotAuthentic("bad_algorithm", "The signature's algorithm must be hmac-sha256.")
    signed = parameters.get("headers", "")
    if signed not in ("date digest", "digest date"):
        raise NotAuthentic("bad_coverage", "The signature must cover date and digest.")
    value = parameters.get("signature", "")
    if not BASE64_SHA256.fullmatch(value):
        raise NotAuthentic("bad_header", "The signature must be base64 of an HMAC-SHA256.")
    return value, signed


def _check_age(date: str, now: datetime, max_age: timedelta) -> None:
    if not max_age:
        return
    try:
        sent = parsedate_to_datetime(date)
        if sent.tzinfo is None:  # "-0000" means UTC of an unknown zone
            sent = sent.replace(tzinfo=UTC)
        difference = now - sent
    except (ValueError, OverflowError) as error:
        raise NotAuthentic("bad_date", "The Date header is no HTTP date.") from error
    if abs(difference) > max_age:
        seconds = int(abs(difference).total_seconds())
        way = "behind" if difference > timedelta(0) else "ahead of"
        raise NotAuthentic(
            "too_old",
            f"The Date header is {seconds} s {way} this clock: check both clocks (NTP), "
            "or raise DRONE_WEBHOOK_MAX_AGE.",
        )
