"""Is this interaction Discord's? Its headers, then the signature over the raw body, then its age.

Discord sends forged ones on purpose, when the endpoint is saved and ever after, and takes the
endpoint away from whoever lets one in:
https://docs.discord.com/developers/interactions/overview#validating-security-request-headers
"""

import re
from datetime import datetime, timedelta

from nacl.bindings import crypto_sign_open
from nacl.exceptions import BadSignatureError

from server.errors import NotAuthentic

# Discord names no limit. A signed request that somebody got hold of is of no use after this.
MAX_AGE = timedelta(minutes=5)

_SIGNATURE = re.compile(r"[0-9a-fA-F]{128}")
_SECONDS = re.compile(r"[0-9]{1,12}")


def check_headers(signature: str, timestamp: str) -> None:
    """Raise NotAuthentic, with the reason, unless the two headers can be Discord's.

    They are given as they came; "" is absent.
    """
    if not (signature and timestamp):
        raise NotAuthentic(
            "no_interaction_signature",
            "The headers X-Signature-Ed25519 and X-Signature-Timestamp must both be there.",
        )
    if not _SIGNATURE.fullmatch(signature):
        raise NotAuthentic(
            "bad_interaction_signature", "X-Signature-Ed25519 must be 128 hexadecimal digits."
        )
    if not _SECONDS.fullmatch(timestamp):
        raise NotAuthentic(
            "bad_interaction_timestamp", "X-Signature-Timestamp must be Unix seconds."
        )


def verify_interaction(
    body: bytes, signature: str, timestamp: str, public_key: bytes, now: datetime
) -> None:
    """Raise NotAuthentic, with the reason, unless *public_key* signed *timestamp* and *body*."""
    check_headers(signature, timestamp)
    try:
        crypto_sign_open(bytes.fromhex(signature) + timestamp.encode() + body, public_key)
    except BadSignatureError:
        raise NotAuthentic(
            "bad_interaction_signature",
            "The signature does not fit: DISCORD_PUBLIC_KEY must be your application's.",
        ) from None
    # After the signature, so that nobody but Discord learns anything of our clock.
    if abs(now.timestamp() - int(timestamp)) > MAX_AGE.total_seconds():
        raise NotAuthentic(
            "old_interaction",
            f"X-Signature-Timestamp is more than {MAX_AGE.seconds} s from this server's clock.",
        )
