"""Carry the gateway over websockets, and break it when ordered to."""

from __future__ import annotations

import asyncio
import json

from aiohttp import WSCloseCode, WSMsgType, web

from playground.discord.clock import Clock
from playground.discord.services import gateway
from playground.discord.services.gateway import Close, Connection, Send, Step
from playground.discord.services.order import BadOrder, Order
from playground.discord.services.world import World
from playground.discord.web.reply import as_json
from playground.discord.web.reset import reset_connection

_ORDERS = ("close", "drop", "reconnect", "invalidate")
_SETTINGS = ("accepts", "acks_heartbeats", "identify_close", "heartbeat_interval_seconds")
# discord.py notes when it asked only after asking: an acknowledgement that is there before, as it
# can be on one machine, looks to it like a lag of one interval, and it warns of that.
_ACK_SECONDS = 0.02


class Gateway:
    """Serve the gateway for one world."""

    def __init__(self, world: World, clock: Clock) -> None:
        """Listen for what the world has to tell."""
        self.world, self.clock = world, clock
        self.live: dict[int, tuple[Connection, web.WebSocketResponse, web.Request]] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.count = 0
        world.listeners.append(self._hear)

    def routes(self) -> list[web.RouteDef]:
        """List the gateway's addresses and its control endpoints."""
        return [
            web.get("/gateway", self.connect),
            web.get("/gateway/", self.connect),
            web.get("/control/gateway", self.show),
            web.post("/control/gateway", self.order),
            web.patch("/control/gateway", self.change),
        ]

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Carry one connection from hello to its end."""
        if not self.world.gateway.accepts:
            return web.Response(status=503, text="no gateway available")
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.count += 1
        connection = Connection(self.count)
        self.live[connection.number] = connection, socket, request
        self.world.gateway.sessions.tally["connections"] += 1
        try:
            if request.query.get("v", "10") != "10":
                await _take(connection, socket, [Close(4012, "Invalid API version.")])
            else:
                await _take(connection, socket, [gateway.hello(self.world)])
                await self._listen(connection, socket)
        finally:
            del self.live[connection.number]
            gateway.leave(self.world, connection, socket.close_code or 1006, self.clock.now())
            self._tell_when_it_lingered()
        return socket

    async def _listen(self, connection: Connection, socket: web.WebSocketResponse) -> None:
        while not socket.closed:
            patience = self.world.gateway.heartbeat_interval_seconds * 2
            try:
                message = await socket.receive(patience)
            except TimeoutError:
                await _take(connection, socket, [Close(4009, "Session timed out.")])
                return
            if message.type is WSMsgType.TEXT:
                now = self.clock.now()
                await _take(
                    connection, socket, gateway.receive(self.world, connection, message.data, now)
                )
            elif message.type is WSMsgType.BINARY:
                await _take(connection, socket, [Close(4002, "Error while decoding payload.")])
            else:
                return

    async def close_all(self, code: int, reason: str) -> None:
        """Close every connection."""
        order: list[Step] = [Close(code, reason)]
        live = list(self.live.values())
        await asyncio.gather(*(_take(one, socket, order) for one, socket, _ in live))

    async def stop(self, app: web.Application) -> None:
        """Close every connection since the server goes away."""
        await self.close_all(WSCloseCode.GOING_AWAY, "")

    async def show(self, request: web.Request) -> web.Response:
        """Show counts, the presence others see, sessions and settings."""
        state, now = self.world.gateway, self.clock.now()
        sessions = state.sessions
        return as_json(
            {
                **sessions.tally,
                "connected": len(self.live),
                "presence": sessions.presence(now).to_json(),
                "closes": list(sessions.closes),
                "identified_at": list(sessions.identified_at),
                "sessions": [
                    {"id": one.id, "intents": one.intents, "is_connected": bool(one.connection)}
                    for one in sessions.known.values()
                    if not one.is_over(now)
                ],
                **{name: getattr(state, name) for name in _SETTINGS},
            }
        )

    async def change(self, request: web.Request) -> web.Response:
        """Change how the gateway behaves from now on."""
        order, state = Order(await request.json(), _SETTINGS), self.world.gateway
        state.accepts = order.flag("accepts", default=state.accepts)
        state.acks_heartbeats = order.flag("acks_heartbeats", default=state.acks_heartbeats)
        state.identify_close = order.integer("identify_close", state.identify_close)
        interval = order.seconds("heartbeat_interval_seconds", state.heartbeat_interval_seconds)
        state.heartbeat_interval_seconds = interval
        return await self.show(request)

    async def order(self, request: web.Request) -> web.Response:
        """Do something to every connection there is."""
        order = Order(await request.json(), ("do", "code", "reason", "resumable"))
        do = order.choice("do", _ORDERS, "")
        code = order.integer("code", 4000)
        if not (code in (1000, 1001, 1011) or 3000 <= code <= 4999):
            raise BadOrder(f"{code} is no code to close with")
        resumable = order.flag("resumable", default=False)
        for connection, socket, asked in list(self.live.values()):
            if do == "drop":
                reset_connection(asked)
            elif do == "close":
                await _take(connection, socket, [Close(code, order.text("reason"))])
            elif do == "reconnect":
                await _take(connection, socket, [Send({"op": gateway.RECONNECT, "d": None})])
            else:
                step = gateway.invalidate(self.world, connection, is_resumable=resumable)
                await _take(connection, socket, [step])
        self.world.tell("presence", None)
        return web.Response(status=204)

    def _hear(self, kind: str, about: object) -> None:
        if kind == "token" and self.world.is_token_revoked:
            self._run(4004, "Authentication failed.")
        elif kind == "reset":
            self._run(4000, "Reset.")
        elif kind == "clock":
            self.world.tell("presence", None)

    def _run(self, code: int, reason: str) -> None:
        if self.live:
            task = asyncio.get_running_loop().create_task(self.close_all(code, reason))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    def _tell_when_it_lingered(self) -> None:
        wait = self.world.gateway.sessions.linger_seconds + 0.01
        asyncio.get_running_loop().call_later(wait, self.world.tell, "presence", None)


async def _take(connection: Connection, socket: web.WebSocketResponse, steps: list[Step]) -> None:
    for step in steps:
        if isinstance(step, Send) and step.payload["op"] == gateway.HEARTBEAT_ACK:
            await asyncio.sleep(_ACK_SECONDS)
        if socket.closed:
            return
        if isinstance(step, Send):
            await socket.send_str(json.dumps(step.payload))
        else:
            connection.closed_with = step.code
            await socket.close(code=step.code, message=step.reason.encode())
