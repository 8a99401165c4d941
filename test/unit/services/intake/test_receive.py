"""Taking a webhook in: proved, kept in the inbox or else in the spool, and nothing else."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from fakes import START, MemorySpool, MemoryStore, delivery, payload, seconds

from playground.drone.signing import sign
from runtime.secret import Secret
from server.core.delivery import Delivery
from server.core.drone.payload import Verdict
from server.errors import Malformed, NotAuthentic, StoreUnavailable
from server.services.intake.receive import (
    REST_SECONDS,
    DurableInbox,
    SignaturePolicy,
    SignedHeaders,
    receive,
)

RULES = SignaturePolicy((Secret("old"), Secret("new")), timedelta(seconds=300))


@dataclass
class Door:
    """A keeper before an inbox and a spool, at a time that the test sets."""

    store: MemoryStore = field(default_factory=MemoryStore)
    spool: MemorySpool = field(default_factory=MemorySpool)
    tick: float = 1000.0

    def __post_init__(self) -> None:
        self.keeper = DurableInbox(self.store.inbox, self.spool, lambda: self.tick)

    def keep(self, name: str) -> None:
        self.keeper.keep(delivery(name, b"{}"))

    def asked(self) -> int:
        """Return how often the inbox was asked."""
        return self.store.faults.calls.count("inbox.add")

    @property
    def inbox(self) -> list[str]:
        """Return what came into the inbox, once it can be read again."""
        self.store.faults.is_away = False
        return [one.id for batch in self.store.inbox.pending(10) for one in batch]


# -- The keeper -------------------------------------------------------------------------------


def test_a_delivery_goes_to_the_inbox() -> None:
    door = Door()

    door.keep("a")

    assert (door.inbox, list(door.spool.kept)) == (["a"], [])


def test_while_the_inbox_is_away_a_delivery_goes_to_the_spool() -> None:
    door = Door()
    door.store.faults.is_away = True

    door.keep("a")

    assert (list(door.spool.kept), door.inbox) == (["a"], [])


def test_an_inbox_that_failed_is_left_alone_for_a_while() -> None:
    door = Door()
    door.store.faults.is_away = True
    door.keep("a")

    door.tick += REST_SECONDS - 0.001
    door.keep("b")

    assert (door.asked(), list(door.spool.kept)) == (1, ["a", "b"])


def test_after_its_rest_the_inbox_is_asked_again() -> None:
    door = Door()
    door.store.faults.is_away = True
    door.keep("a")

    door.tick += REST_SECONDS
    door.store.faults.is_away = False
    door.keep("b")

    assert (door.inbox, list(door.spool.kept)) == (["b"], ["a"])


def test_an_inbox_that_fails_again_rests_again() -> None:
    door = Door()
    door.store.faults.is_away = True

    for name in "abcd":
        door.keep(name)
        door.tick += REST_SECONDS / 2

    assert (door.asked(), list(door.spool.kept)) == (2, list("abcd"))


class Slow:
    """An inbox that fails, and meanwhile lets another delivery come."""

    def __init__(self) -> None:
        self.meanwhile: Callable[[], None] = lambda: None
        self.asked: list[str] = []

    def add(self, delivery: Delivery) -> bool:
        self.asked.append(delivery.id)
        self.meanwhile()
        raise StoreUnavailable("no answer")


def test_after_the_rest_one_delivery_tries_the_inbox_and_no_other_waits_for_it() -> None:
    door, slow = Door(), Slow()
    door.keeper = DurableInbox(slow, door.spool, lambda: door.tick)  # type: ignore[arg-type]
    door.keep("a")
    door.tick += REST_SECONDS
    slow.meanwhile = lambda: door.keep("c")

    door.keep("b")

    assert (slow.asked, list(door.spool.kept)) == (["a", "b"], ["a", "c", "b"])


def test_an_inbox_that_was_reached_again_is_open_to_all() -> None:
    door = Door()
    door.store.faults.is_away = True
    door.keep("a")
    door.tick += REST_SECONDS
    door.store.faults.is_away = False

    for name in "bcd":
        door.keep(name)

    assert (sorted(door.inbox), list(door.spool.kept)) == (["b", "c", "d"], ["a"])


def test_a_delivery_whose_answer_was_lost_is_kept_in_both_places() -> None:
    """Draining it later changes nothing, because the inbox keeps each delivery once."""
    door = Door()
    door.store.faults.unanswered.add("inbox.add")

    door.keep("a")

    assert (door.inbox, list(door.spool.kept)) == (["a"], ["a"])


def test_when_nothing_can_keep_a_delivery_its_sender_is_told() -> None:
    door = Door()
    door.store.faults.is_away = door.spool.is_broken = True

    with pytest.raises(StoreUnavailable, match="the disk is full"):
        door.keep("a")


def test_a_resting_inbox_is_not_asked_even_when_the_spool_fails() -> None:
    door = Door()
    door.store.faults.is_away = True
    door.keep("a")
    door.spool.is_broken = True

    with pytest.raises(StoreUnavailable):
        door.keep("b")

    assert door.asked() == 1


WORDS: dict[str, tuple[list[str], bool, list[tuple[str, str]]]] = {
    "a new delivery": (["a"], False, [("Delivery kept.", "inbox")]),
    "a replay": (
        ["a", "a"],
        False,
        [("Delivery kept.", "inbox"), ("Delivery was here before.", "inbox")],
    ),
    "a delivery in the spool": (["a"], True, [("Delivery kept.", "spool")]),
    "a replay in the spool": (
        ["a", "a"],
        True,
        [("Delivery kept.", "spool"), ("Delivery was here before.", "spool")],
    ),
}


@pytest.mark.parametrize(("names", "is_away", "said"), WORDS.values(), ids=WORDS)
def test_the_log_says_of(
    caplog: pytest.LogCaptureFixture, names: list[str], is_away: bool, said: list[tuple[str, str]]
) -> None:
    caplog.set_level(logging.INFO)
    door = Door()
    door.store.faults.is_away = is_away

    for name in names:
        door.keep(name)

    kept = [record for record in caplog.records if hasattr(record, "place")]
    assert [(record.message, record.__dict__["place"]) for record in kept] == said


def test_an_inbox_that_goes_away_is_warned_of_once_in_a_while(
    caplog: pytest.LogCaptureFixture,
) -> None:
    door = Door()
    door.store.faults.is_away = True

    for name in "abc":
        door.keep(name)

    assert [record.message for record in caplog.records] == [
        "MongoDB is away, deliveries go to the spool."
    ]


# -- The webhook ------------------------------------------------------------------------------


def post(door: Door, body: Any, secret: str = "old", late: float = 0) -> Verdict:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = sign(raw, secret, START)
    signed = SignedHeaders(headers["Date"], headers["Digest"], headers["Signature"])
    return receive(lambda: raw, signed, RULES, door.keeper, START + seconds(late))


@pytest.mark.parametrize("secret", ["old", "new"])
def test_a_webhook_is_kept_as_it_came(secret: str) -> None:
    door = Door()
    body = json.dumps(payload()).encode()

    assert post(door, body, secret, late=5) is Verdict.SHOWN

    ((kept,),) = door.store.inbox.pending(10)
    assert kept == Delivery(kept.id, "build:updated", body, START + seconds(5))
    assert len(kept.id) == 64


def test_a_replay_changes_nothing() -> None:
    door = Door()

    verdicts = [post(door, payload(), late=late) for late in (0, 10, 299)]

    ((kept,),) = door.store.inbox.pending(10)
    assert verdicts == [Verdict.SHOWN] * 3
    assert kept.received_at == START


UNSHOWN = {
    "ignored": ({"event": "repo", "action": "updated"}, Verdict.IGNORED),
    "unknown": ({"event": "cron", "action": "fired"}, Verdict.UNKNOWN),
}


@pytest.mark.parametrize(("body", "verdict"), UNSHOWN.values(), ids=UNSHOWN)
def test_what_is_not_for_showing_is_not_kept(body: dict[str, str], verdict: Verdict) -> None:
    door = Door()

    assert post(door, body) is verdict

    assert door.inbox == []


def test_a_forged_webhook_is_not_kept() -> None:
    door = Door()

    with pytest.raises(NotAuthentic):
        post(door, payload(), secret="guessed")

    assert door.inbox == []


def test_a_malformed_webhook_is_not_kept() -> None:
    door = Door()

    with pytest.raises(Malformed):
        post(door, b"[]")

    assert door.inbox == []


def test_a_forged_webhook_is_refused_before_it_is_read() -> None:
    headers = sign(b"", "guessed", START)
    signed = SignedHeaders(headers["Date"], headers["Digest"], headers["Signature"])

    def read() -> bytes:
        raise AssertionError("it was read")

    with pytest.raises(NotAuthentic):
        receive(read, signed, RULES, Door().keeper, START)
