"""Whole builds as Drone 2.25 sends them, with an exec runner and Gogs, and the cards they end as.

Each folder of samples/drone/builds is one story: bodies.jsonl holds the bodies in the order in
which Drone sends them, one a line; api.json, where there is one, what Drone's API says of the build
afterwards; card.txt the card as people see it.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from fakes import CHANNEL, START, MemoryStore, seconds

from server.core.delivery import Delivery
from server.core.drone.answers import BuildFound, read_build
from server.core.drone.payload import decode, read
from server.core.drone.synthetic import synthesize_build
from server.core.http_answer import Answer
from server.core.model.build import BuildState
from server.core.render.message import Message
from server.services.worker.display import DisplayConfig, render_card
from server.services.worker.merge import merge_batch

FOLDER = Path(__file__).parent.parent.parent.parent / "samples" / "drone" / "builds"
STORIES = sorted(folder.name for folder in FOLDER.iterdir())
DISPLAY = DisplayConfig(CHANNEL, "https://ci.greenhouse.example", seconds(2), has_controls=True)


def reports(name: str) -> list[Delivery]:
    """Return every delivery of a story, in order."""
    bodies = (FOLDER / name / "bodies.jsonl").read_bytes().splitlines()
    found = [Delivery(hashlib.sha256(body).hexdigest(), "build", body, START) for body in bodies]
    answer = FOLDER / name / "api.json"
    if answer.exists():
        known = read(decode(bodies[-1]))
        assert isinstance(known, BuildState)
        result = read_build(Answer(200, {}, decode(answer.read_bytes())))
        assert isinstance(result, BuildFound)
        found.append(synthesize_build(result.state(known.system, known.repo), START))
    return found


def shown(deliveries: Iterable[Delivery], batch: int) -> str:
    """Merge *deliveries*, so many at a time, and return every card as text."""
    store, rest = MemoryStore(), list(deliveries)
    while rest:
        now, rest = rest[:batch], rest[batch:]
        merged = merge_batch(now, store, DISPLAY, START)
        assert merged.failures == []
    cards = sorted(store.cards.all(), key=lambda card: card.id)
    return "\n".join(text(render_card(card, DISPLAY).message) for card in cards)


def text(message: Message) -> str:
    """Write everything that a message holds, one thing a line."""
    (embed,) = message["embeds"]
    assert set(message) == {"embeds", "components", "allowed_mentions"}
    author: dict[str, Any] = dict(embed.pop("author", {}))
    head = [embed.pop("title"), " ".join(filter(None, (author.pop("name", ""), *author.values())))]
    body = embed.pop("description")
    rest = [f"{key}: {value}" for key, value in sorted(embed.items())]
    rows = [
        " · ".join(f"[{one['label']}] {one.get('url') or one['custom_id']}" for one in components)
        for components in (row["components"] for row in message["components"])
    ]
    return "\n".join([*head, "", body, "", *rest, *rows]) + "\n"


def expected(name: str) -> str:
    return (FOLDER / name / "card.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", STORIES)
def test_a_build_ends_as_its_card(name: str) -> None:
    assert shown(reports(name), batch=1) == expected(name)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", STORIES)
def test_a_build_ends_as_its_card_in_any_order(name: str, seed: int) -> None:
    shuffled = reports(name)
    Random(f"{name} {seed}").shuffle(shuffled)

    assert shown(shuffled, batch=3) == expected(name)


@pytest.mark.parametrize("name", STORIES)
def test_a_build_that_is_told_twice_ends_as_its_card(name: str) -> None:
    doubled = reports(name) * 2
    Random(name).shuffle(doubled)

    assert shown(doubled, batch=5) == expected(name)
