"""The stand-in's gateway greets, limits, closes and remembers presences as Discord's does."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import aiohttp
import pytest

from playground.discord.options import APPLICATION_ID, GUILD_ID, TOKEN
from playground.discord.process import StandIn, running

Socket = aiohttp.ClientWebSocketResponse
GAME = {"name": "4 builds", "type": 3}
HEARTBEAT = {"op": 1, "d": None}


@pytest.fixture(scope="module")
def process() -> Iterator[StandIn]:
    with running("--no-limits", "--presence-linger", "110") as stand_in:
        yield stand_in


@pytest.fixture
def stand_in(process: StandIn) -> StandIn:
    process.reset()
    return process


def play(
    stand_in: StandIn, act: Callable[[Socket], Awaitable[object]], query: str = "?v=10"
) -> Any:
    """Connect, take the hello, act, and leave without a proper close."""

    async def run() -> object:
        async with aiohttp.ClientSession() as session:
            socket = await session.ws_connect(stand_in.gateway + query)
            greeting = await socket.receive(5)
            if greeting.type is aiohttp.WSMsgType.TEXT:
                assert json.loads(greeting.data)["op"] == 10
            return await act(socket)

    return asyncio.run(run())


def identify(**parts: object) -> dict[str, object]:
    """Make an Identify that is right but for *parts*."""
    return {"op": 2, "d": {"token": TOKEN, "intents": 0, "properties": {}, **parts}}


def presence(name: str, status: str = "online") -> dict[str, object]:
    """Make a presence update."""
    activity = {"name": name, "type": 0}
    return {"op": 3, "d": {"since": None, "activities": [activity], "status": status, "afk": False}}


async def log_in(socket: Socket, **parts: object) -> dict[str, Any]:
    """Identify and return READY's data."""
    await socket.send_json(identify(**parts))
    ready: dict[str, Any] = await socket.receive_json(timeout=60)
    assert ready["t"] == "READY"
    data: dict[str, Any] = ready["d"]
    return data


async def beat(socket: Socket) -> None:
    """Make sure that everything sent before has been taken."""
    await socket.send_json(HEARTBEAT)
    assert (await socket.receive_json(timeout=60))["op"] == 11


async def closed_with(socket: Socket) -> int | None:
    """Wait for the server to close, and return the code."""
    while not socket.closed:
        await socket.receive(5)
    return socket.close_code


def eventually(stand_in: StandIn, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Read the gateway's state until something holds."""
    ends_at = time.monotonic() + 5
    while not holds(state := stand_in.gateway_state()):
        assert time.monotonic() < ends_at, state
    return state


def test_ready_says_who_the_bot_is(stand_in: StandIn) -> None:
    data = play(stand_in, log_in)

    assert data["user"]["id"] == APPLICATION_ID
    assert data["guilds"] == []
    assert data["resume_gateway_url"] == stand_in.gateway
    assert data["application"]["id"] == APPLICATION_ID


def test_a_guild_is_seen_with_its_intent_only(stand_in: StandIn) -> None:
    async def act(socket: Socket) -> object:
        ready = await log_in(socket, intents=1)
        return ready["guilds"], (await socket.receive_json(timeout=60))["t"]

    assert play(stand_in, act) == ([{"id": GUILD_ID, "unavailable": True}], "GUILD_CREATE")


CLOSES: list[tuple[str, str | list[dict[str, object]], int]] = [
    ("something before identify", [presence("x")], 4003),
    ("an unknown opcode", [identify(), {"op": 99}], 4001),
    ("no JSON", "{", 4002),
    ("no object", "[]", 4002),
    ("a wrong token", [identify(token="wrong")], 4004),
    ("a second identify", [identify(), identify()], 4005),
    ("a wrong shard", [identify(shard=[1, 1])], 4010),
    ("no intents", [identify(intents=None)], 4013),
    ("unknown intents", [identify(intents=1 << 30)], 4013),
    ("privileged intents", [identify(intents=1 << 15)], 4014),
    ("a malformed presence", [identify(), {"op": 3, "d": {"status": "busy"}}], 4002),
    ("a resume with a wrong token", [{"op": 6, "d": {"token": "wrong"}}], 4004),
]


@pytest.mark.parametrize(("_name", "payloads", "code"), CLOSES, ids=[row[0] for row in CLOSES])
def test_it_closes_with_the_code_for(
    stand_in: StandIn, _name: str, payloads: str | list[dict[str, object]], code: int
) -> None:
    async def act(socket: Socket) -> object:
        texts = [payloads] if isinstance(payloads, str) else [json.dumps(one) for one in payloads]
        for text in texts:
            await socket.send_str(text)
        return await closed_with(socket)

    assert play(stand_in, act) == code


def test_it_speaks_version_ten_only(stand_in: StandIn) -> None:
    assert play(stand_in, closed_with, "?v=9") == 4012


@pytest.mark.parametrize(("size", "code"), [(4096, None), (4097, 4002)])
def test_a_payload_may_have_4096_bytes(stand_in: StandIn, size: int, code: int | None) -> None:
    async def act(socket: Socket) -> object:
        text = json.dumps({"op": 1, "d": None, "x": ""})
        await socket.send_str(text[:-2] + "x" * (size - len(text)) + text[-2:])
        await socket.receive(5)
        return socket.close_code

    assert play(stand_in, act) == code


@pytest.mark.parametrize(("count", "code"), [(120, None), (121, 4008)])
def test_a_connection_may_send_120_events_a_minute(
    stand_in: StandIn, count: int, code: int | None
) -> None:
    async def act(socket: Socket) -> object:
        for _ in range(count):
            await socket.send_json(HEARTBEAT)
        for _ in range(count):
            await socket.receive(5)
        return socket.close_code

    assert play(stand_in, act) == code


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"status": "dnd", "game": GAME, "since": 0, "afk": False}, ("dnd", "Watching 4 builds")),
        ({"status": "idle", "activities": [GAME]}, ("idle", "Watching 4 builds")),
        ({"status": "online", "activities": [{"name": "x", "type": 4, "state": "all is well"}]},
         ("online", "all is well")),
        ({"status": "invisible", "game": GAME}, ("offline", "")),
        (None, ("online", "")),
    ],
    ids=["game", "activities", "custom", "invisible", "none"],
)  # fmt: skip
def test_an_identify_carries_a_presence(
    stand_in: StandIn, given: object, expected: tuple[str, str]
) -> None:
    async def act(socket: Socket) -> object:
        await log_in(socket, presence=given)
        return stand_in.gateway_state()["presence"]

    shown = play(stand_in, act)
    assert (shown["status"], shown["text"]) == expected


@pytest.mark.parametrize(("count", "shown", "dropped"), [(5, "4", 0), (6, "4", 1)])
def test_a_sixth_presence_in_twenty_seconds_is_dropped_silently(
    stand_in: StandIn, count: int, shown: str, dropped: int
) -> None:
    async def act(socket: Socket) -> object:
        await log_in(socket)
        for n in range(count):
            await socket.send_json(presence(str(n)))
        await beat(socket)
        return stand_in.gateway_state()

    state = play(stand_in, act)
    assert state["presence"]["text"] == f"Playing {shown}"
    assert (state["presence_updates"], state["presence_dropped"]) == (count, dropped)


@pytest.mark.parametrize("code", [1000, 1001])
def test_a_clean_close_is_seen_at_once(stand_in: StandIn, code: int) -> None:
    async def act(socket: Socket) -> None:
        await log_in(socket)
        await socket.close(code=code)

    play(stand_in, act)

    state = eventually(stand_in, lambda state: state["closes"] == [code])
    assert state["presence"]["status"] == "offline"
    assert state["sessions"] == []


def test_any_other_close_leaves_the_bot_online_for_a_while(stand_in: StandIn) -> None:
    async def act(socket: Socket) -> None:
        await log_in(socket)
        await socket.close(code=4000)

    play(stand_in, act)

    state = eventually(stand_in, lambda state: state["closes"] == [4000])
    assert state["presence"]["status"] == "online"
    stand_in.advance(111)
    assert stand_in.gateway_state()["presence"]["status"] == "offline"


async def resume(stand_in: StandIn, session_id: str, sequence: int) -> dict[str, Any] | int | None:
    """Resume on a new connection; return the answer, or the code it was closed with."""
    async with aiohttp.ClientSession() as session:
        socket = await session.ws_connect(stand_in.gateway)
        await socket.receive(5)
        data = {"token": TOKEN, "session_id": session_id, "seq": sequence}
        await socket.send_json({"op": 6, "d": data})
        message = await socket.receive(5)
        if message.type is not aiohttp.WSMsgType.TEXT:
            return socket.close_code
        answer: dict[str, Any] = json.loads(message.data)
        return answer


def test_a_session_is_resumed_without_a_new_identify(stand_in: StandIn) -> None:
    async def act(socket: Socket) -> object:
        ready = await log_in(socket)
        await socket.close(code=4000)
        return await resume(stand_in, ready["session_id"], 1)

    answer = play(stand_in, act)

    assert answer["t"] == "RESUMED"
    state = stand_in.gateway_state()
    assert (state["identifies"], state["resumes"]) == (1, 1)


@pytest.mark.parametrize(
    ("code", "late", "sequence", "expected"),
    [(1000, 0, 1, 9), (4000, 111, 1, 9), (4000, 0, 5, 4007)],
    ids=["after a clean close", "too late", "beyond what was sent"],
)
def test_a_session_cannot_be_resumed(
    stand_in: StandIn, code: int, late: float, sequence: int, expected: int
) -> None:
    async def act(socket: Socket) -> object:
        ready = await log_in(socket)
        await socket.close(code=code)
        stand_in.advance(late)
        return await resume(stand_in, ready["session_id"], sequence)

    answer = play(stand_in, act)

    assert (answer["op"] if isinstance(answer, dict) else answer) == expected


@pytest.mark.parametrize(
    ("order", "answer"),
    [
        ({"do": "reconnect"}, {"op": 7, "d": None}),
        ({"do": "invalidate"}, {"op": 9, "d": False, "s": None, "t": None}),
        ({"do": "invalidate", "resumable": True}, {"op": 9, "d": True, "s": None, "t": None}),
    ],
    ids=["reconnect", "invalid session", "resumable session"],
)
def test_a_client_can_be_sent_away(
    stand_in: StandIn, order: dict[str, Any], answer: dict[str, object]
) -> None:
    async def act(socket: Socket) -> object:
        await log_in(socket)
        stand_in.break_gateway(**order)
        return await socket.receive_json(timeout=60)

    assert play(stand_in, act) == answer


def test_a_session_the_server_closed_can_be_resumed(stand_in: StandIn) -> None:
    async def act(socket: Socket) -> object:
        ready = await log_in(socket)
        stand_in.break_gateway("close", code=4000)
        return await closed_with(socket), await resume(stand_in, ready["session_id"], 1)

    code, answer = play(stand_in, act)

    assert (code, answer["t"]) == (4000, "RESUMED")


def test_a_connection_can_be_dropped(stand_in: StandIn) -> None:
    async def act(socket: Socket) -> object:
        await log_in(socket)
        stand_in.break_gateway("drop")
        return await closed_with(socket)

    assert play(stand_in, act) == 1006


def test_heartbeats_can_go_unanswered(stand_in: StandIn) -> None:
    stand_in.set_gateway(acks_heartbeats=False)

    async def act(socket: Socket) -> object:
        await socket.send_json(HEARTBEAT)
        await socket.send_json(identify())
        return (await socket.receive_json(timeout=60))["t"]

    assert play(stand_in, act) == "READY"


def test_who_does_not_beat_is_closed(stand_in: StandIn) -> None:
    stand_in.set_gateway(heartbeat_interval_seconds=0.05)

    assert play(stand_in, closed_with) == 4009


def test_every_identify_can_be_closed(stand_in: StandIn) -> None:
    stand_in.set_gateway(identify_close=4011)

    async def act(socket: Socket) -> object:
        await socket.send_json(identify())
        return await closed_with(socket)

    assert play(stand_in, act) == 4011


def test_the_gateway_can_be_closed_altogether(stand_in: StandIn) -> None:
    stand_in.set_gateway(accepts=False)

    with pytest.raises(aiohttp.WSServerHandshakeError, match="503"):
        play(stand_in, log_in)


def test_a_revoked_token_closes_every_connection(stand_in: StandIn) -> None:
    async def act(socket: Socket) -> object:
        await log_in(socket)
        stand_in.revoke_token()
        return await closed_with(socket)

    assert play(stand_in, act) == 4004
    assert stand_in.gateway_state()["presence"]["status"] == "offline"


DISCORD_PY = """
import asyncio, sys, urllib.request, json
import discord, yarl

address = sys.argv[1]
discord.http.Route.BASE = f"{address}/api/v10"
gateway = yarl.URL(f"{address.replace('http', 'ws', 1)}/gateway")
discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = gateway

def shown():
    with urllib.request.urlopen(f"{address}/control/gateway") as answer:
        presence = json.load(answer)["presence"]
        print(presence["status"], presence["text"], sep="|", flush=True)

class Client(discord.Client):
    async def on_connect(self):
        shown()
        watching = discord.Activity(type=discord.ActivityType.watching, name="3 builds")
        await self.change_presence(status=discord.Status.idle, activity=watching)
        await asyncio.sleep(0.1)
        shown()
        await self.change_presence(status=discord.Status.invisible)
        asyncio.get_running_loop().create_task(self.close())

client = Client(
    intents=discord.Intents.none(), status=discord.Status.dnd, activity=discord.Game("starting")
)
asyncio.run(client.start("playground-token"))
shown()
"""


def test_discord_py_connects_sets_its_presence_then_leaves(stand_in: StandIn) -> None:
    pytest.importorskip("discord")

    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", DISCORD_PY, stand_in.address],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.stdout.splitlines() == [
        "dnd|Playing starting",
        "idle|Watching 3 builds",
        "offline|",
    ]
    assert eventually(stand_in, lambda state: state["connected"] == 0)["identifies"] == 1
