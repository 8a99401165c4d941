"""Proving interactions: only Discord's own, only fresh ones, whatever is done to them."""

from datetime import timedelta

import pytest
from discord_signing import ANOTHER_KEY, KEY, PUBLIC_KEY, signed
from fakes import START
from hypothesis import given
from hypothesis import strategies as st

from server.core.interactions.signature import verify_interaction
from server.errors import NotAuthentic

BODY = b'{"type":1,"id":"1"}'
HEADERS = signed(BODY, START)
PUBLIC = bytes.fromhex(PUBLIC_KEY)


def reason_of(body: bytes, signature: str, timestamp: str, late: float = 0) -> str:
    """Return why a request is refused, or "" if it is Discord's."""
    try:
        verify_interaction(body, signature, timestamp, PUBLIC, START + timedelta(seconds=late))
    except NotAuthentic as refusal:
        return refusal.reason
    return ""


def verdict(body: bytes = BODY, late: float = 0, **headers: str) -> str:
    """Judge Discord's request with some of it changed."""
    changed = {**HEADERS, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return reason_of(body, changed["X-Signature-Ed25519"], changed["X-Signature-Timestamp"], late)


def test_a_request_of_discords_is_authentic() -> None:
    assert verdict() == ""


@given(st.binary(max_size=300))
def test_any_body_that_is_signed_is_authentic(body: bytes) -> None:
    headers = signed(body, START)

    given_headers = (headers["X-Signature-Ed25519"], headers["X-Signature-Timestamp"])
    assert reason_of(body, *given_headers) == ""


@given(st.data())
def test_any_flipped_bit_is_refused(data: st.DataObject) -> None:
    signature = bytes.fromhex(HEADERS["X-Signature-Ed25519"])
    timestamp = HEADERS["X-Signature-Timestamp"].encode()
    whole = bytearray(signature + timestamp + BODY)
    place = data.draw(st.integers(0, len(whole) * 8 - 1))
    whole[place // 8] ^= 1 << place % 8

    changed = bytes(whole)
    shown = changed[64 : 64 + len(timestamp)].decode("latin-1")
    body = changed[64 + len(timestamp) :]
    assert reason_of(body, changed[:64].hex(), shown) != ""


ANOTHERS = signed(BODY, START, ANOTHER_KEY)
REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "no signature": ({"X_Signature_Ed25519": ""}, "no_interaction_signature"),
    "no timestamp": ({"X_Signature_Timestamp": ""}, "no_interaction_signature"),
    "not hexadecimal": ({"X_Signature_Ed25519": "g" * 128}, "bad_interaction_signature"),
    "too short": ({"X_Signature_Ed25519": "0" * 126}, "bad_interaction_signature"),
    "too long": ({"X_Signature_Ed25519": "0" * 130}, "bad_interaction_signature"),
    "digits of another script": (
        {"X_Signature_Timestamp": "١٧٧٠"},
        "bad_interaction_timestamp",
    ),
    "a timestamp with a sign": ({"X_Signature_Timestamp": "-1"}, "bad_interaction_timestamp"),
    "a timestamp beyond all time": (
        {"X_Signature_Timestamp": "9" * 400},
        "bad_interaction_timestamp",
    ),
    "zeros": ({"X_Signature_Ed25519": "0" * 128}, "bad_interaction_signature"),
    "another key": (
        {"X_Signature_Ed25519": ANOTHERS["X-Signature-Ed25519"]},
        "bad_interaction_signature",
    ),
}


@pytest.mark.parametrize(("headers", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_request_is_refused_with(headers: dict[str, str], reason: str) -> None:
    assert verdict(**headers) == reason


@pytest.mark.parametrize(
    ("late", "reason"),
    [(300, ""), (301, "old_interaction"), (-300, ""), (-301, "old_interaction")],
    ids=["five minutes old", "older", "five minutes ahead", "further ahead"],
)
def test_a_request_that_is(late: float, reason: str) -> None:
    assert verdict(late=late) == reason


def test_the_answer_to_a_forged_request_does_not_say_its_age() -> None:
    assert verdict(late=1000, X_Signature_Ed25519="0" * 128) == "bad_interaction_signature"


def test_the_stand_ins_key_is_the_one_of_the_tests() -> None:
    from playground.discord.services.application import VERIFY_KEY

    assert KEY.verify_key.encode().hex() == VERIFY_KEY
