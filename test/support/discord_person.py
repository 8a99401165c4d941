"""A person at Discord's stand-in: presses and commands that reach a running bridge, signed."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import requests
from discord_signing import MANAGE_GUILD, command, signed
from stack import eventually

from playground.discord.options import CHANNEL_ID
from playground.discord.process import StandIn

LOADING = 128  # of a message that was promised and not given


@dataclass
class Answered:
    """What the bridge answered, and where the person sees the rest of it."""

    discord: StandIn
    token: str
    status: int
    body: Any
    seconds: float

    def message(self) -> Any:
        """Return the message that the person sees in the end."""
        return eventually(self._message)

    def text(self) -> str:
        """Return what the person reads in the end."""
        return str(self.message()["content"])

    def _message(self) -> Any:
        named = self.discord.order("GET", f"interactions/{self.token}")["original_id"]
        found = [one for one in self.discord.messages() if one["id"] == named]
        now = found[0]["versions"][-1] if found else {"flags": LOADING}
        return None if now["flags"] & LOADING else now


@dataclass
class Person:
    """Somebody in the channel; *permissions* are Discord's bits."""

    discord: StandIn
    url: str  # of the bridge
    permissions: int = MANAGE_GUILD
    channel_id: str = CHANNEL_ID

    def command(self, name: str, **options: Any) -> Answered:
        """Run `/drone NAME`."""
        return self.send(type=2, data=command(name, **options))

    def press(self, message: Any, label: str) -> Answered:
        """Press the button of a message that the channel shows."""
        rows = message["versions"][-1]["components"]
        (button,) = [one for row in rows for one in row["components"] if one["label"] == label]
        data = {"custom_id": button["custom_id"], "component_type": 2}
        return self.send(type=3, message_id=message["id"], data=data)

    def send(self, **order: Any) -> Answered:
        """Let the stand-in make an interaction, post it, and give Discord the answer."""
        made = self.discord.order("POST", "interactions", self.order(**order))
        return self.deliver(made)

    def order(self, **order: Any) -> dict[str, Any]:
        """Return the order for an interaction of this person's."""
        permissions = str(self.permissions)
        return {**order, "member_permissions": permissions, "channel_id": self.channel_id}

    def deliver(self, made: Any) -> Answered:
        """Post an interaction as Discord does, and hand its answer to the stand-in."""
        body = json.dumps(made).encode()
        answer = requests.post(
            f"{self.url}/interactions",
            data=body,
            headers=signed(body, datetime.now(UTC)),
            timeout=60,
        )
        given = answer.json() if answer.content else None
        if answer.status_code == 200:
            self.discord_takes(made, given)
        seconds = answer.elapsed.total_seconds()
        return Answered(self.discord, made["token"], answer.status_code, given, seconds)

    def discord_takes(self, made: Any, callback: Any) -> None:
        """Let the stand-in take the answer that came over HTTP."""
        path = f"{self.discord.api}/interactions/{made['id']}/{made['token']}/callback"
        headers = {"User-Agent": "DiscordBot (https://example.org, 1)"}
        taken = requests.post(path, json=callback, headers=headers, timeout=60)
        assert taken.status_code == 204, taken.text
