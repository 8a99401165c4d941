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

# No delivery here has an Idempotency-Key.
NO_CLAIMS: Any = None
RULES = SignaturePolicy((Secret("old"), Secret("new")), timedelta(seconds=300))


@dataclass
class Intake:
    """A durable inbox before an inbox and a spool, at a time that the test sets."""

    store: MemoryStore = field(default_factory=MemoryStore)
    spool: MemorySpool = field(default_factory=MemorySpool)
    tick: float = 1000.0

    def __post_init__(self) -> None:
        self.durable = DurableInbox(self.store.inbox, NO_CLAIMS, self.spool, lambda: self.tick)

    def keep(self, name: str) -> None:
        self.durable.keep(delivery(name, b"{}"))

    def asked(self) -> int:
        """Return how often the inbox was asked."""
        return self.store.faults.calls.count("inbox.add")

    @property
    def inbox(self) -> list[str]:
        """Return what came into the inbox, once it can be read again."""
        self.store.faults.is_away = False
        return [one.id for batch in self.store.inbox.pending(10) for one in batch]


# -- The durable inbox -----------------------------------------------------------------------


def test_a_delivery_goes_to_the_inbox() -> None:
    intake = Intake()

    intake.keep("a")

    assert (intake.inbox, list(intake.spool.kept)) == (["a"], [])


def test_while_the_inbox_is_away_a_delivery_goes_to_the_spool() -> None:
    intake = Intake()
    intake.store.faults.is_away = True

    intake.keep("a")

    assert (list(intake.spool.kept), intake.inbox) == (["a"], [])


def test_an_inbox_that_failed_is_left_alone_for_a_while() -> None:
    intake = Intake()
    intake.store.faults.is_away = True
    intake.keep("a")

    intake.tick += REST_SECONDS - 0.001
    intake.keep("b")

    assert (intake.asked(), list(intake.spool.kept)) == (1, ["a", "b"])


def test_after_its_rest_the_inbox_is_asked_again() -> None:
    intake = Intake()
    intake.store.faults.is_away = True
    intake.keep("a")

    intake.tick += REST_SECONDS
    intake.store.faults.is_away = False
    intake.keep("b")

    assert (intake.inbox, list(intake.spool.kept)) == (["b"], ["a"])


def test_an_inbox_that_fails_again_rests_again() -> None:
    intake = Intake()
    intake.store.faults.is_away = True

    for name in "abcd":
        intake.keep(name)
        intake.tick += REST_SECONDS / 2

    assert (intake.asked(), list(intake.spool.kept)) == (2, list("abcd"))


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
    intake, slow = Intake(), Slow()
    intake.durable = DurableInbox(slow, NO_CLAIMS, intake.spool, lambda: intake.tick)  # type: ignore[arg-type]
    intake.keep("a")
    intake.tick += REST_SECONDS
    slow.meanwhile = lambda: intake.keep("c")

    intake.keep("b")

    assert (slow.asked, list(intake.spool.kept)) == (["a", "b"], ["a", "c", "b"])


def test_an_inbox_that_was_reached_again_is_open_to_all() -> None:
    intake = Intake()
    intake.store.faults.is_away = True
    intake.keep("a")
    intake.tick += REST_SECONDS
    intake.store.faults.is_away = False

    for name in "bcd":
        intake.keep(name)

    assert (sorted(intake.inbox), list(intake.spool.kept)) == (["b", "c", "d"], ["a"])


def test_a_delivery_whose_answer_was_lost_is_kept_in_both_places() -> None:
    """Draining it later changes nothing, because the inbox keeps each delivery once."""
    intake = Intake()
    intake.store.faults.unanswered.add("inbox.add")

    intake.keep("a")

    assert (intake.inbox, list(intake.spool.kept)) == (["a"], ["a"])


def test_when_nothing_can_keep_a_delivery_its_sender_is_told() -> None:
    intake = Intake()
    intake.store.faults.is_away = intake.spool.is_broken = True

    with pytest.raises(StoreUnavailable, match="the disk is full"):
        intake.keep("a")


def test_a_resting_inbox_is_not_asked_even_when_the_spool_fails() -> None:
    intake = Intake()
    intake.store.faults.is_away = True
    intake.keep("a")
    intake.spool.is_broken = True

    with pytest.raises(StoreUnavailable):
        intake.keep("b")

    assert intake.asked() == 1


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
    intake = Intake()
    intake.store.faults.is_away = is_away

    for name in names:
        intake.keep(name)

    kept = [record for record in caplog.records if hasattr(record, "place")]
    assert [(record.message, record.__dict__["place"]) for record in kept] == said


def test_an_inbox_that_goes_away_is_warned_of_once_in_a_while(
    caplog: pytest.LogCaptureFixture,
) -> None:
    intake = Intake()
    intake.store.faults.is_away = True

    for name in "abc":
        intake.keep(name)

    assert [record.message for record in caplog.records] == [
        "MongoDB is away, deliveries go to the spool."
    ]


# -- The webhook ------------------------------------------------------------------------------


def post(intake: Intake, body: Any, secret: str = "old", late: float = 0) -> Verdict:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = sign(raw, secret, START)
    signed = SignedHeaders(headers["Date"], headers["Digest"], headers["Signature"])
    return receive(lambda: raw, signed, RULES, intake.durable, START + seconds(late))


@pytest.mark.parametrize("secret", ["old", "new"])
def test_a_webhook_is_kept_as_it_came(secret: str) -> None:
    intake = Intake()
    body = json.dumps(payload()).encode()

    assert post(intake, body, secret, late=5) is Verdict.SHOWN

    ((kept,),) = intake.store.inbox.pending(10)
    assert kept == Delivery(kept.id, "build:updated", body, START + seconds(5))
    assert len(kept.id) == 64


def test_a_replay_changes_nothing() -> None:
    intake = Intake()

    verdicts = [post(intake, payload(), late=late) for late in (0, 10, 299)]

    ((kept,),) = intake.store.inbox.pending(10)
    assert verdicts == [Verdict.SHOWN] * 3
    assert kept.received_at == START


UNSHOWN = {
    "ignored": ({"event": "repo", "action": "updated"}, Verdict.IGNORED),
    "unknown": ({"event": "cron", "action": "fired"}, Verdict.UNKNOWN),
}


@pytest.mark.parametrize(("body", "verdict"), UNSHOWN.values(), ids=UNSHOWN)
def test_what_is_not_for_showing_is_not_kept(body: dict[str, str], verdict: Verdict) -> None:
    intake = Intake()

    assert post(intake, body) is verdict

    assert intake.inbox == []


def test_a_forged_webhook_is_not_kept() -> None:
    intake = Intake()

    with pytest.raises(NotAuthentic):
        post(intake, payload(), secret="guessed")

    assert intake.inbox == []


def test_a_malformed_webhook_is_not_kept() -> None:
    intake = Intake()

    with pytest.raises(Malformed):
        post(intake, b"[]")

    assert intake.inbox == []


def test_a_forged_webhook_is_refused_before_it_is_read() -> None:
    headers = sign(b"", "guessed", START)
    signed = SignedHeaders(headers["Date"], headers["Digest"], headers["Signature"])

    def read() -> bytes:
        raise AssertionError("it was read")

    with pytest.raises(NotAuthentic):
        receive(read, signed, RULES, Intake().durable, START)
