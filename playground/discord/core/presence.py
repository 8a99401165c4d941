"""Read presences from the gateway and say them as Discord's member list does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from playground.discord.core import check

STATUSES = ("online", "idle", "dnd", "invisible", "offline")
CUSTOM = 4
# Custom activities show their state alone; the others begin with a word of Discord's.
_WORDS = {0: "Playing ", 1: "Streaming ", 2: "Listening to ", 3: "Watching ", 5: "Competing in "}


@dataclass(frozen=True, slots=True)
class Activity:
    """Hold what a bot can set of an activity."""

    name: str
    type: int = 0
    state: str = ""
    url: str = ""

    def sentence(self) -> str:
        """Say it as the member list does."""
        return self.state if self.type == CUSTOM else _WORDS.get(self.type, "") + self.name


@dataclass(frozen=True, slots=True)
class Presence:
    """Hold a status and activities."""

    status: str = "offline"
    activities: tuple[Activity, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Show the presence at the control endpoint and on the page."""
        return {
            "status": self.status,
            "text": self.activities[0].sentence() if self.activities else "",
            "activities": [
                {"name": one.name, "type": one.type, "state": one.state, "url": one.url}
                for one in self.activities
            ],
        }


OFFLINE = Presence()


def read_presence(data: object) -> Presence | None:
    """Read a presence, with `activities` or the legacy `game`; None if it is malformed."""
    if not isinstance(data, dict):
        return None
    status = data.get("status", "online")
    found = data.get("activities")
    if found is None:
        found = [data["game"]] if data.get("game") else []
    if status not in STATUSES or not isinstance(found, list):
        return None
    activities = [_read_activity(check.mapped(one)) for one in found]
    return Presence(str(status), tuple(one for one in activities if one is not None))


def visible(presence: Presence) -> Presence:
    """Return what others see: the invisible are offline."""
    return OFFLINE if presence.status in ("invisible", "offline") else presence


def _read_activity(data: Mapping[str, object]) -> Activity | None:
    name, kind = data.get("name"), data.get("type", 0)
    if not isinstance(name, str) or not isinstance(kind, int):
        return None
    return Activity(name, kind, str(data.get("state") or ""), str(data.get("url") or ""))
