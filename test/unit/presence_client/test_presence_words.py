"""The reason why the bot is idle is one short line, true to what the server reports."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from fakes import MemorySpool, MemoryStore, delivery
from hypothesis import given
from hypothesis import strategies as st

from presence_client import words
from presence_client.health import Check, Report, read_answer
from server.core.drone.webhook_counts import WebhookCount, WebhookOutcome
from server.core.lease import Lease
from server.services.operations import health
from server.services.worker.leadership import NAME

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ANY_TEXT = st.text(max_size=300)


def bridge(
    *,
    mongo_is_away: bool = False,
    renewed_at: datetime = NOW,
    spooled: int = 0,
    spool_is_broken: bool = False,
    oldest: datetime | None = None,
    refused_for: str = "",
    **told: object,
) -> Report:
    """Return what the presence client reads when the server looks at a bridge in this state."""
    store, spool = MemoryStore(), MemorySpool()
    store.now = NOW
    if refused_for:
        store.webhooks.add({WebhookOutcome.REFUSED: WebhookCount(NOW, 1, refused_for)})
    store.leases.write(NAME, Lease("worker-1", 1, renewed_at), told, None)
    for number in range(spooled):
        spool.add(delivery(f"spooled-{number}", b"{}"))
    if oldest:
        store.inbox.add(delivery("late", b"{}", oldest))
    spool.is_broken = spool_is_broken
    store.faults.is_away = mongo_is_away
    report = read_answer(200, json.dumps(health.check(store, spool, NOW)).encode())
    assert isinstance(report, Report)
    assert report.is_degraded
    return report


AGO = NOW - timedelta(minutes=5)
STATES: list[tuple[str, Callable[[], Report], str]] = [
    ("MongoDB away", lambda: bridge(mongo_is_away=True, spooled=3), "MongoDB is away, 3 waiting"),
    ("worker away", lambda: bridge(renewed_at=AGO, waiting=2), "The worker is away, 2 waiting"),
    (
        "worker away, so everything is late",
        lambda: bridge(renewed_at=AGO, oldest=AGO, failing_seconds=20),
        "The worker is away",
    ),
    (
        "Discord silent",
        lambda: bridge(failing_seconds=20, waiting=12),
        "Discord is slow, 12 waiting",
    ),
    (
        "Discord forbids",
        lambda: bridge(stopped="banned", waiting=4),
        "Discord has stopped us for a while, 4 waiting",
    ),
    (
        "a channel closed",
        lambda: bridge(paused_channels=1, waiting=4),
        "Discord closes a channel to us, 4 waiting",
    ),
    ("spool not drained yet", lambda: bridge(spooled=7), "Catching up, 7 waiting"),
    ("spool broken", lambda: bridge(spool_is_broken=True), "The spool cannot be read"),
    (
        "webhooks refused",
        lambda: bridge(refused_for="bad_signature"),
        "Drone's webhooks are refused",
    ),
    ("clocks differ", lambda: bridge(refused_for="too_old"), "Drone's clock or ours is wrong"),
    ("backlog", lambda: bridge(oldest=AGO), "Builds are late"),
    ("Drone away", lambda: bridge(drone="no_answer", drone_seconds=20), "Drone is away"),
    ("Drone refuses", lambda: bridge(drone="token_refused"), "Drone refuses our token"),
]


@pytest.mark.parametrize(
    ("look", "said"), [pytest.param(look, said, id=name) for name, look, said in STATES]
)
def test_each_trouble_that_the_server_reports_has_words(
    look: Callable[[], Report], said: str
) -> None:
    assert words.reason(look()) == said


@pytest.mark.parametrize(
    ("checks", "said"),
    [
        ((), "Something is not well, 1 waiting"),
        ((Check("mongo", "ok"), Check("moon", "degraded")), "Trouble with moon, 1 waiting"),
        ((Check("a\n@everyone", "degraded"),), "Trouble with a @everyone, 1 waiting"),
    ],
    ids=["no check says why", "a check of a later server", "a name of two lines"],
)
def test_trouble_without_words_is_named(checks: tuple[Check, ...], said: str) -> None:
    assert words.reason(Report(is_degraded=True, checks=checks, waiting=1)) == said


def test_words_do_not_depend_on_the_sentence_of_the_server() -> None:
    check = Check("discord", "degraded", "Another sentence.", "channel_closed")

    assert words.reason(Report(True, (check,))) == "Discord closes a channel to us"


def test_an_older_server_gives_no_reason() -> None:
    check = Check("drone", "degraded", "Drone refuses the token: put a valid DRONE_TOKEN.")

    assert words.reason(Report(True, (check,))) == "Drone is away"


@given(name=ANY_TEXT, detail=ANY_TEXT, waiting=st.integers(0, 10**9))
def test_a_reason_is_one_short_line_that_ends_in_the_number(
    name: str, detail: str, waiting: int
) -> None:
    said = words.reason(Report(True, (Check(name, "degraded", detail, detail),), waiting=waiting))

    assert 0 < len(said) <= 128
    assert said.isprintable()
    assert not waiting or said.endswith(f", {waiting} waiting")


@given(ANY_TEXT)
def test_a_line_is_never_longer_than_discord_shows_it(text: str) -> None:
    line = words.one_line(text)

    assert len(line) <= 128
    assert line.isprintable()
