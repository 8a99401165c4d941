"""One session on Discord's gateway, kept for as long as the process lives.

discord.py's own `connect` does not serve here. While the gateway is away it waits up to 17 minutes
and logs a traceback each time; it dies of an AttributeError if the very first connection fails; it
reconnects without a pause to a gateway that takes connections and closes them; nothing keeps it
from spending the day's 1,000 new sessions. With `reconnect=False` it forgets its session at the
first refused connection. `connect` is public and replaced by subclasses (AutoShardedClient does);
the loop below is made of what the library's own is made of, `DiscordWebSocket.from_client`,
`poll_event` and `ReconnectWebSocket`, which its documentation does not list: the version is pinned,
and the tests drive the loop against a gateway.
"""

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket, ReconnectWebSocket
from discord.http import Route

from presence_client import rate_limits
from presence_client.ending import Ending, describe, ended_by_gateway
from presence_client.presence import Presence
from presence_client.proxy import Proxies

logger = logging.getLogger(__name__)
CONNECT_SECONDS = 30.0
# Discord keeps a session for some minutes; after that only its front door is sure to answer.
RESUME_SECONDS = 180.0
# After these, no session is left to resume.
# https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes
SESSION_LOST = (4007, 4009)


class Client(discord.Client):
    """The bot on the gateway: no intents, one session, resumed whenever possible."""

    def __init__(
        self,
        gateway_url: str,
        proxies: Proxies,
        *,
        heard: Callable[[float], None],
        joined: Callable[[], None],
    ) -> None:
        super().__init__(
            intents=discord.Intents.none(),
            max_messages=None,
            guild_ready_timeout=0.0,  # there are no guilds to wait for
            enable_debug_events=True,  # for on_socket_raw_receive
        )
        self._front_door = yarl.URL(gateway_url) if gateway_url else None
        self._proxies = proxies
        self.http.proxy = proxies.of(Route.BASE)
        self._report_heard, self._report_joined = heard, joined
        self._heard_at = 0.0
        self._joined_at: float | None = None
        self._identified_at: deque[float] = deque(maxlen=rate_limits.IDENTIFIES_PER_HOUR)

    @property
    def is_joined(self) -> bool:
        """Tell whether a session runs that takes presence updates."""
        return self._joined_at is not None

    def remember(self, presence: Presence) -> None:
        """Keep what the next new session begins with; nothing is sent."""
        self.activity = _activity(presence)
        self.status = discord.Status(presence.status.value)

    async def present(self, presence: Presence) -> None:
        """Send a presence update; what it raises means that the connection is dead."""
        await self.change_presence(
            activity=_activity(presence), status=discord.Status(presence.status.value)
        )

    async def connect(self, *, reconnect: bool = True) -> None:
        """Stay connected until cancelled; raise ConnectionClosed for a fatal close code."""
        attempt = 0
        while True:
            ending = await self._attend(self._resumable())
            now = self.loop.time()
            lived_seconds = 0.0 if self._joined_at is None else now - self._joined_at
            self._joined_at = None
            attempt = rate_limits.next_attempt(attempt, lived_seconds)
            wait = rate_limits.backoff_seconds(attempt, random.random())  # noqa: S311 - no secret
            is_new = self._resumable() is None
            if is_new:
                wait = max(wait, rate_limits.identify_wait(self._identified_at, now))
            logger.log(
                logging.INFO if ending.is_routine and attempt <= 1 else logging.WARNING,
                "Not connected to Discord's gateway; the next attempt follows.",
                extra={
                    "reason": ending.reason,
                    "attempt": attempt,
                    "wait_seconds": round(wait, 1),
                    "session": "new" if is_new else "resumed",
                },
            )
            await asyncio.sleep(wait)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Note that a new session is asked for; `connect` has waited as long as is needed."""
        self._identified_at.append(self.loop.time())

    async def on_connect(self) -> None:
        """Take part, with a new session."""
        self._join("new")

    async def on_resumed(self) -> None:
        """Take part again, with the session from before."""
        self._join("resumed")

    async def on_socket_raw_receive(self, message: str) -> None:
        """Note that the gateway is alive: it acknowledges heartbeats, if nothing else."""
        self._heard_at = self.loop.time()
        self._report_heard(self._heard_at)

    async def _attend(self, resumed: DiscordWebSocket | None) -> Ending:
        """Connect and listen until the connection ends."""
        before = self.ws
        gateway = resumed.gateway if resumed else self._front_door
        # The library knows one proxy for all; from here on it talks to the gateway alone.
        self.http.proxy = self._proxies.of(str(gateway or DiscordWebSocket.DEFAULT_GATEWAY))
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                self.ws = await DiscordWebSocket.from_client(
                    self,
                    initial=True,
                    gateway=gateway,
                    session=resumed.session_id if resumed else None,
                    sequence=resumed.sequence if resumed else None,
                    resume=resumed is not None,
                )
            while True:
                await self.ws.poll_event()
        except ReconnectWebSocket as order:
            code = None if self.ws is before else self.ws.socket.close_code
            return ended_by_gateway(code, is_resumable=order.resume)
        except (OSError, aiohttp.ClientError) as error:
            return Ending(describe(error), is_routine=False)

    def _resumable(self) -> DiscordWebSocket | None:
        """Return the last connection if its session may be continued."""
        ws = self.ws
        if not ws or not ws.session_id or ws.socket.close_code in SESSION_LOST:
            return None
        return ws if self.loop.time() - self._heard_at < RESUME_SECONDS else None

    def _join(self, session: str) -> None:
        self._joined_at = self.loop.time()
        logger.info("Connected to Discord's gateway.", extra={"session": session})
        self._report_joined()


def _activity(presence: Presence) -> discord.Activity | discord.CustomActivity | None:
    if presence.watching:
        return discord.Activity(type=discord.ActivityType.watching, name=presence.watching)
    return discord.CustomActivity(name=presence.saying) if presence.saying else None
