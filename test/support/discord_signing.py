"""Interactions as Discord would send them, signed with a key of the tests' own."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from nacl.signing import SigningKey

from playground.drone.rest.accounts import ADMIN_TOKEN
from playground.drone.rest.process import DroneStandIn

# The stand-in's application has this key: 32 zero bytes, so that anybody may sign with it.
KEY = SigningKey(bytes(32))
PUBLIC_KEY = KEY.verify_key.encode().hex()
ANOTHER_KEY = SigningKey(bytes(range(32)))

APPLICATION = "1100000000000000001"
GUILD = "1100000000000000100"
PERSON = "300000000000000001"
ROLE = "400000000000000001"
MANAGE_GUILD = 1 << 5


def acting(drone: DroneStandIn) -> dict[str, str]:
    """Return the settings that switch interactions on, and let them act on *drone*."""
    return {
        "DISCORD_PUBLIC_KEY": PUBLIC_KEY,
        "DISCORD_APPLICATION_ID": APPLICATION,
        "DISCORD_GUILD_ID": GUILD,
        "DRONE_SERVER": drone.address,
        "DRONE_TOKEN": ADMIN_TOKEN,
    }


def signed(body: bytes, now: datetime, key: SigningKey = KEY) -> dict[str, str]:
    """Return the headers that prove *body*."""
    timestamp = str(int(now.timestamp()))
    signature = key.sign(timestamp.encode() + body).signature.hex()
    return {
        "X-Signature-Ed25519": signature,
        "X-Signature-Timestamp": timestamp,
        "Content-Type": "application/json",
    }


def interaction(kind: int, channel: str, number: int = 1, **parts: Any) -> dict[str, Any]:
    """Return an interaction of somebody who may only look, but for *parts*."""
    return {
        "version": 1,
        "type": kind,
        "id": f"50000000000000{number:04}",
        "token": f"token-of-{number}",
        "application_id": APPLICATION,
        "guild_id": GUILD,
        "channel_id": channel,
        "member": member(),
        "data": {},
        **parts,
    }


def member(permissions: int = 0, roles: tuple[str, ...] = (), name: str = "Ada") -> dict[str, Any]:
    """Return a member of the server."""
    return {
        "user": {"id": PERSON, "username": "ada", "global_name": name},
        "nick": None,
        "roles": list(roles),
        "permissions": str(permissions),
    }


def command(name: str, focused: str = "", **options: Any) -> dict[str, Any]:
    """Return the data of `/drone NAME`."""
    rows = [
        {
            "name": key,
            "type": 4 if isinstance(value, int) else 3,
            "value": value,
            **({"focused": True} if key == focused else {}),
        }
        for key, value in options.items()
    ]
    inner = {"name": name, "type": 1, "options": rows}
    return {"id": "6", "name": "drone", "type": 1, "options": [inner]}


def encoded(payload: Mapping[str, Any]) -> bytes:
    """Write an interaction as Discord does."""
    return json.dumps(payload, separators=(",", ":")).encode()
