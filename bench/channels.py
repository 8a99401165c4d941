"""Channels: cards in 200 channels, so that only Discord's limit on everything bounds them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from stack import Bridge, eventually

from bench.rig import Rig, lead, rig, say
from bench.row import Row
from bench.webhooks import play_builds
from playground.discord.process import StandIn
from server.core.cards.card import Card
from server.core.cards.content import card_id
from server.core.cards.lifecycle import plan
from server.core.documents import card_document
from server.core.drone.payload import decode, read

PER_SECOND = 45
GLOBAL_LIMIT = 50
FIRST_CHANNEL = 1_200_000_000_000_000_000
AT_ONCE = 500


def run(is_quick: bool) -> list[Row]:
    """Let a worker find new cards in many channels."""
    channels, cards = (100, 400) if is_quick else (200, 1000)
    ids = [str(FIRST_CHANNEL + number) for number in range(channels)]
    with rig() as ground, ground.bridge() as bridge:
        for channel_id in ids:
            ground.discord.set_channel(channel_id, name=f"channel-{channel_id[-3:]}")
        bridge.command("init-db")
        _fill(ground, list(_due(ids, cards)))
        say(f"{cards} cards wait in {channels} channels")
        return _rows(ground.discord, bridge, channels, cards)


def _due(channel_ids: list[str], count: int) -> Iterator[dict[str, Any]]:
    """Make cards of builds that have just begun, in one channel after the other."""
    now = datetime.now(UTC)
    for number, delivery in enumerate(play_builds(count, 4, seconds_between=100.0)[::4]):
        content = read(decode(delivery.body))
        channel_id = channel_ids[number % len(channel_ids)]
        card = Card(card_id(content, channel_id), channel_id, content, now, revision=1)
        yield card_document(plan(card, "not shown yet", now, timedelta(seconds=2)))


def _fill(ground: Rig, documents: list[dict[str, Any]]) -> None:
    with ground.database() as database:
        for start in range(0, len(documents), AT_ONCE):
            database.cards.insert_many(documents[start : start + AT_ONCE])


def _rows(discord: StandIn, bridge: Bridge, channels: int, cards: int) -> list[Row]:
    lead(bridge)
    eventually(lambda: discord.counts()["created"] >= cards, 60 + cards / PER_SECOND, every=0.5)
    instants = sorted(request["at"] for request in discord.requests(method="POST"))
    rate = (len(instants) - 1) / (instants[-1] - instants[0])
    refused = sum(discord.counts()["too_many_requests"].values())
    name = f"{channels} channels"
    return [
        Row(
            f"{name}: requests/s against the limit on everything",
            f"{rate:.1f}/s",
            f"≥ {PER_SECOND}/s",
            rate >= PER_SECOND,
            f"{cards} creates; Discord allows {GLOBAL_LIMIT} in a second.",
        ),
        Row(f"{name}: answers 429", str(refused), "0", refused == 0),
    ]
