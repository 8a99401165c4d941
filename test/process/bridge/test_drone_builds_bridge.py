"""Whole builds as Drone 2.25 sends them, through server and worker as processes."""

import re
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

from stack import Bridge, eventually, shown

from playground.discord.process import StandIn

FOLDER = Path(__file__).parent.parent.parent / "samples" / "drone" / "builds"
# What only Drone's API tells is not to be had here.
STORIES = [folder for folder in sorted(FOLDER.iterdir()) if not (folder / "api.json").exists()]

# Title, who it was, text and colour of a card that is written out.
CARD = re.compile(
    r"^([^\[\n]\S* [^\n]*· [^\n]+)\n[^\n]*\n\n(.+?)\n\ncolor: ([0-9]+)$", re.MULTILINE | re.DOTALL
)


def test_real_builds_in_any_order_and_twice_end_as_their_cards(
    bridge: Bridge, discord: StandIn
) -> None:
    discord.set_limits(messages="50/0.1")
    bodies = [
        body for story in STORIES for body in (story / "bodies.jsonl").read_bytes().splitlines()
    ]
    sent = bodies * 2
    Random(12).shuffle(sent)
    bridge.environ["DRONE_PUBLIC_URL"] = "https://ci.greenhouse.example"
    bridge.start_worker()

    statuses = {bridge.post_body(body) for body in sent}
    eventually(bridge.is_at_rest)

    assert statuses == {204}
    assert sorted(map(seen, shown(discord))) == sorted(
        card
        for story in STORIES
        for card in CARD.findall((story / "card.txt").read_text(encoding="utf-8"))
    )


def seen(message: Mapping[str, Any]) -> tuple[str, ...]:
    (embed,) = message["versions"][-1]["embeds"]
    return (embed["title"], embed["description"], str(embed["color"]))
