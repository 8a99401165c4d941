"""Speak the gateway's protocol: what comes in, what goes out, when to close.

https://docs.discord.com/developers/events/gateway
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from playground.discord.core import check
from playground.discord.core.bucket import Level, Rate, spend
from playground.discord.core.presence import Presence, read_presence
from playground.discord.core.session import CLEAN_CLOSES, FINAL_CLOSES, Session
from playground.discord.services.application import gateway_url
from playground.discord.services.world import World

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, RESUME = 0, 1, 2, 3, 6
RECONNECT, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 7, 9, 10, 11
EVENTS = Rate(120, 60.0)
PRESENCES = Rate(5, 20.0)
MAX_PAYLOAD = 4096
MAX_INTENTS = (1 << 26) - 1
GUILDS_INTENT = 1
PRIVILEGED_INTENTS = 1 << 1 | 1 << 8 | 1 << 15


@dataclass(frozen=True, slots=True)
class Close:
    """Order the connection to be closed."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Send:
    """Order a payload to be sent."""

    payload: Mapping[str, object]


Step = Send | Close


@dataclass(slots=True)
class Connection:
    """Hold what is known of one connection."""

    number: int
    level: Level = field(default_factory=Level)
    session: Session | None = None
    closed_with: int | None = None  # the code, when it was the server that closed


def hello(world: World) -> Send:
    """Greet a new connection."""
    interval = int(world.gateway.heartbeat_interval_seconds * 1000)
    return Send({"op": HELLO, "d": {"heartbeat_interval": interval}, "s": None, "t": None})


def receive(world: World, connection: Connection, text: str, now: float) -> list[Step]:
    """Take one payload of a client and tell what follows from it."""
    connection.level, standing = spend(connection.level, EVENTS, now)
    if not standing.is_allowed:
        return [Close(4008, "You are being rate limited.")]
    payload = _decode(text)
    if payload is None:
        return [Close(4002, "Error while decoding payload.")]
    op, data = payload.get("op"), payload.get("d")
    if op == HEARTBEAT:
        return [Send({"op": HEARTBEAT_ACK})] if world.gateway.acks_heartbeats else []
    if op in (IDENTIFY, RESUME) and connection.session is not None:
        return [Close(4005, "Already authenticated.")]
    if op == IDENTIFY:
        return _identify(world, connection, check.mapped(data), now)
    if op == RESUME:
        return _resume(world, connection, check.mapped(data), now)
    if connection.session is None:
        return [Close(4003, "Not authenticated.")]
    if op == PRESENCE:
        return _update_presence(world, connection.session, data, now)
    return [] if op in (4, 8, 31) else [Close(4001, "Unknown opcode.")]


def leave(world: World, connection: Connection, code: int, now: float) -> None:
    """Note that a connection ended; *code* is the client's, even if it only answers ours."""
    sessions, by_server = world.gateway.sessions, connection.closed_with
    if by_server is None:
        sessions.closes.append(code)
    if connection.session is not None:
        is_final = code in CLEAN_CLOSES if by_server is None else by_server in FINAL_CLOSES
        sessions.leave(connection.session, connection.number, is_final=is_final, now=now)
    world.tell("presence", None)


def invalidate(world: World, connection: Connection, *, is_resumable: bool) -> Send:
    """Tell a client that its session is invalid; unless resumable, it is over."""
    session = connection.session
    if session is not None and not is_resumable:
        world.gateway.sessions.end(session)
        connection.session = None
    return Send({"op": INVALID_SESSION, "d": is_resumable, "s": None, "t": None})


def _decode(text: str) -> Mapping[str, object] | None:
    if len(text.encode(errors="replace")) > MAX_PAYLOAD:
        return None
    try:
        payload = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return payload if isinstance(payload, dict) else None


def _identify(
    world: World, connection: Connection, data: Mapping[str, object], now: float
) -> list[Step]:
    if refusal := _refuse_identify(world, data):
        return [refusal]
    wanted = data.get("presence")
    presence = Presence("online") if wanted is None else read_presence(wanted)
    if presence is None:
        return [Close(4002, "Error while decoding payload.")]
    intents = data["intents"]
    session = Session(
        id=f"session-{world.mint.mint(now)}",
        intents=intents if isinstance(intents, int) else 0,
        presence=presence,
        updated_at=now,
        connection=connection.number,
    )
    connection.session = session
    world.gateway.sessions.start(session, now)
    world.tell("presence", None)
    steps: list[Step] = [_dispatch(session, "READY", _ready(world, session))]
    if session.intents & GUILDS_INTENT:
        steps.append(_dispatch(session, "GUILD_CREATE", _guild(world)))
    return steps


def _refuse_identify(world: World, data: Mapping[str, object]) -> Close | None:
    forced, intents = world.gateway.identify_close, data.get("intents")
    if forced:
        return Close(forced, "Closed on demand.")
    if not _is_token(world, data.get("token")):
        return Close(4004, "Authentication failed.")
    if data.get("shard") not in (None, [0, 1]):
        return Close(4010, "Invalid shard.")
    if isinstance(intents, bool) or not isinstance(intents, int) or not 0 <= intents <= MAX_INTENTS:
        return Close(4013, "Invalid intent(s).")
    if intents & PRIVILEGED_INTENTS:
        return Close(4014, "Disallowed intent(s).")
    return None


def _is_token(world: World, token: object) -> bool:
    if world.is_token_revoked or not isinstance(token, str):
        return False
    return token.removeprefix("Bot ") == world.options.token


def _resume(
    world: World, connection: Connection, data: Mapping[str, object], now: float
) -> list[Step]:
    if not _is_token(world, data.get("token")):
        return [Close(4004, "Authentication failed.")]
    session_id, sequence = str(data.get("session_id")), data.get("seq")
    session = world.gateway.sessions.resume(session_id, connection.number, now)
    if session is None:
        return [Send({"op": INVALID_SESSION, "d": False, "s": None, "t": None})]
    if not isinstance(sequence, int) or sequence > session.sequence:
        return [Close(4007, "Invalid seq.")]
    connection.session = session
    world.tell("presence", None)
    return [_dispatch(session, "RESUMED", {})]


def _update_presence(world: World, session: Session, data: object, now: float) -> list[Step]:
    presence = read_presence(data)
    if presence is None:
        return [Close(4002, "Error while decoding payload.")]
    sessions = world.gateway.sessions
    sessions.tally["presence_updates"] += 1
    session.presence_level, standing = spend(session.presence_level, PRESENCES, now)
    if not standing.is_allowed:
        # Nobody is told: over the limit, an update just does not happen.
        sessions.tally["presence_dropped"] += 1
        return []
    session.presence, session.updated_at = presence, now
    world.tell("presence", None)
    return []


def _dispatch(session: Session, name: str, data: Mapping[str, object]) -> Send:
    session.sequence += 1
    return Send({"op": DISPATCH, "t": name, "s": session.sequence, "d": data})


def _ready(world: World, session: Session) -> dict[str, object]:
    # Without the guilds intent Discord names no guild.
    sees_guilds = session.intents & GUILDS_INTENT
    return {
        "v": 10,
        "user": {**world.guild.users[world.guild.bot_id], "verified": True, "mfa_enabled": False},
        "guilds": [{"id": world.guild.id, "unavailable": True}] if sees_guilds else [],
        "private_channels": [],
        "session_id": session.id,
        "resume_gateway_url": gateway_url(world),
        "session_type": "normal",
        "application": {"id": world.options.application_id, "flags": 0},
    }


def _guild(world: World) -> dict[str, object]:
    guild = world.guild
    return {
        **guild.to_json(),
        "joined_at": "2025-01-01T00:00:00+00:00",
        "large": False,
        "unavailable": False,
        "member_count": len(guild.members),
        "members": [guild.members[guild.bot_id].to_json()],
        "channels": [guild.channel_json(one) for one in guild.channels.values()],
        "threads": [],
        "presences": [],
        "voice_states": [],
    }
