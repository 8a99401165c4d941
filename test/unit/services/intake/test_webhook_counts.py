"""Counting webhooks: cheap in the request, shared through the store, true for every process."""

from datetime import UTC, datetime, timedelta

import pytest
from fakes import START, MemoryStore, seconds
from stack import SECRET, Bridge, eventually

from playground.drone.builds import play
from playground.drone.signing import headers_of, sign
from server.core.drone.payload import Verdict
from server.core.drone.webhook_counts import WebhookCount, WebhookOutcome, joined, refusal
from server.errors import NotAuthentic, StoreUnavailable
from server.services.intake.webhook_counts import EVERY, WebhookCounter

DATE = "Tue, 03 Feb 2026 03:05:06 GMT"  # an hour before START
BODY = b'{"event": "build", "action": "created"}'

REFUSALS = {
    "a wrong secret": (
        "bad_signature",
        DATE,
        (WebhookOutcome.REFUSED, WebhookCount(START, 1, "bad_signature")),
    ),
    "a clock behind": (
        "too_old",
        DATE,
        (WebhookOutcome.REFUSED, WebhookCount(START, 1, "too_old", 3600)),
    ),
    "a clock ahead": (
        "too_old",
        "Tue, 03 Feb 2026 04:05:16 GMT",
        (WebhookOutcome.REFUSED, WebhookCount(START, 1, "too_old", -10)),
    ),
    "a date of no known zone": (
        "too_old",
        "Tue, 03 Feb 2026 03:05:06 -0000",
        (WebhookOutcome.REFUSED, WebhookCount(START, 1, "too_old", 3600)),
    ),
    "a date that is none": (
        "too_old",
        "now",
        (WebhookOutcome.REFUSED, WebhookCount(START, 1, "too_old", 0)),
    ),
    "a changed body": (
        "bad_digest",
        DATE,
        (WebhookOutcome.REFUSED, WebhookCount(START, 1, "bad_digest")),
    ),
    "a body that cannot be read": (
        "no_id",
        DATE,
        (WebhookOutcome.REFUSED, WebhookCount(START, 1, "no_id")),
    ),
    "no signature": ("unsigned", "", (WebhookOutcome.UNSIGNED, WebhookCount(START, 1, "unsigned"))),
    "a signature that is none": (
        "bad_header",
        DATE,
        (WebhookOutcome.UNSIGNED, WebhookCount(START, 1, "bad_header")),
    ),
}


@pytest.mark.parametrize(("reason", "date", "found"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_remembered_with(
    reason: str, date: str, found: tuple[WebhookOutcome, WebhookCount]
) -> None:
    assert refusal(reason, date, START) == found


def test_the_order_of_two_does_not_matter() -> None:
    early = {WebhookOutcome.REFUSED: WebhookCount(START, 2, "too_old", 9)}
    late = {WebhookOutcome.REFUSED: WebhookCount(START + seconds(1), 3, "bad_signature")}

    both = {WebhookOutcome.REFUSED: WebhookCount(START + seconds(1), 5, "bad_signature")}
    assert joined(early, late) == joined(late, early) == both


def test_a_refusal_is_counted_and_raised_again() -> None:
    counter = WebhookCounter()

    with pytest.raises(NotAuthentic), counter.watching(DATE, START):
        raise NotAuthentic("too_old", "It is old.")

    assert counter.fresh == {WebhookOutcome.REFUSED: WebhookCount(START, 1, "too_old", 3600)}


@pytest.mark.parametrize("verdict", [Verdict.IGNORED, Verdict.UNKNOWN])
def test_what_is_never_shown_does_not_count_as_heard(verdict: Verdict) -> None:
    counter = WebhookCounter()

    counter.accepted(verdict, START)

    assert counter.fresh == {}


def test_the_store_is_told_on_its_own_clock() -> None:
    counter, store = WebhookCounter(), MemoryStore()
    store.now = START + seconds(3600)
    counter.accepted(Verdict.SHOWN, START - seconds(2))

    counter.save(store, START)

    assert counter.fresh == {}
    assert store.webhooks.read() == {WebhookOutcome.ACCEPTED: WebhookCount(START + seconds(3598))}


def test_a_flood_is_one_write_in_a_while() -> None:
    counter, store = WebhookCounter(), MemoryStore()
    for number in range(100):
        now = START + seconds(number / 100)
        counter.refused("unsigned", "", now)
        counter.save(store, now)

    counter.save(store, START + EVERY)

    assert store.faults.calls.count("webhooks.add") == 2
    assert store.webhooks.read()[WebhookOutcome.UNSIGNED].count == 100


def test_while_the_store_is_away_nothing_is_forgotten() -> None:
    counter, store = WebhookCounter(), MemoryStore()
    store.faults.is_away = True
    counter.refused("bad_signature", DATE, START)

    with pytest.raises(StoreUnavailable):
        counter.save(store, START)
    counter.refused("bad_signature", DATE, START + seconds(1))
    store.faults.is_away = False
    store.now = START + EVERY
    counter.save(store, START + EVERY)

    assert store.webhooks.read() == {
        WebhookOutcome.REFUSED: WebhookCount(START + seconds(1), 2, "bad_signature"),
    }


def test_a_clock_that_was_put_back_does_not_silence_it() -> None:
    counter, store = WebhookCounter(), MemoryStore()
    counter.refused("unsigned", "", START)
    counter.save(store, START)
    earlier = START - timedelta(hours=1)
    counter.refused("unsigned", "", earlier)

    counter.save(store, earlier)

    assert store.webhooks.read()[WebhookOutcome.UNSIGNED].count == 2


# -- The processes ----------------------------------------------------------------------------


def test_every_process_tells_that_webhooks_are_refused_until_one_is_accepted(
    bridge: Bridge,
) -> None:
    now = datetime.now(UTC)
    wrong = sign(BODY, "another secret", now)
    old = sign(BODY, SECRET, now - timedelta(hours=1))
    build = play("push")[0]

    def reasons() -> set[str]:
        # Enough to reach each of the two processes.
        checks = [bridge.health()["checks"]["webhooks"] for _ in range(20)]
        return {check.get("reason", "") for check in checks}

    assert bridge.post_body(BODY, {}) == 401
    assert reasons() == {""}
    assert bridge.post_body(BODY, wrong) == 401
    eventually(lambda: reasons() == {"bad_signature"})
    assert bridge.post_body(BODY, old) == 401
    eventually(lambda: reasons() == {"too_old"})
    detail = bridge.health()["checks"]["webhooks"]["detail"]
    assert "Drone's is behind" in detail
    assert bridge.post_body(build.body, headers_of(build, SECRET, datetime.now(UTC))) == 204
    eventually(lambda: reasons() == {""})
    counts = bridge.health()["counts"]

    assert (counts["refused"], counts["unsigned"]) == (2, 1)
