"""The connection to Discord: log in, stay, show what is wanted within the limits, and leave."""

import asyncio
import contextlib
import logging
import random

import aiohttp
import discord
from discord.http import Route

from presence_client import rate_limits
from presence_client.client import Client
from presence_client.ending import describe
from presence_client.errors import closed_for_good, token_refused
from presence_client.presence import INVISIBLE, Presence
from presence_client.proxy import Proxies
from runtime.heartbeat import Heartbeat
from runtime.secret import Secret

logger = logging.getLogger(__name__)

# Both together, and a margin, are below the 5 s that a stop may take.
HIDE_SECONDS = 1.5
CLOSE_SECONDS = 2.0

# What a login raises when it may succeed later. The last three: the library takes whatever answers
# with 200 for Discord, a proxy's page for instance.
_PASSING = (OSError, aiohttp.ClientError, discord.HTTPException, TypeError, KeyError, ValueError)
# What sending raises on a connection that is about to be found dead.
_UNSENT = (OSError, aiohttp.ClientError, RuntimeError, discord.ConnectionClosed)


class Gateway:
    """Show a presence at Discord for as long as the process lives."""

    def __init__(
        self,
        token: Secret,
        api_base_url: str,
        gateway_url: str,
        heartbeat: Heartbeat,
        proxies: Proxies,
    ) -> None:
        self._token = token
        self._gateway_url = gateway_url
        self._heartbeat = heartbeat
        self._proxies = proxies
        self._wanted = INVISIBLE
        self._sent = rate_limits.Sent()
        self._changed = asyncio.Event()
        self._client: Client | None = None
        # The library has no other way to point it elsewhere.
        Route.BASE = api_base_url

    def show(self, presence: Presence) -> None:
        """Want *presence*, from now on and in every session to come."""
        if presence == self._wanted:
            return
        level = logging.DEBUG if presence.status == self._wanted.status else logging.INFO
        logger.log(
            level,
            "The presence changes.",
            extra={"status": presence.status, "text": presence.watching or presence.saying},
        )
        self._wanted = presence
        if self._client:
            self._client.remember(presence)
        self._changed.set()

    async def stay(self) -> None:
        """Be connected until cancelled; raise Stopped if Discord will not have us."""
        self._heartbeat.end()
        client = await self._log_in()
        try:
            await client.connect()
        except discord.ConnectionClosed as error:
            raise closed_for_good(error.code) from error

    async def keep_showing(self) -> None:
        """Send what is wanted whenever it is due, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            self._changed.clear()
            client, wait = self._client, None
            if client and client.is_joined:
                wait = rate_limits.update_wait(self._sent, self._wanted, loop.time())
                if wait == 0.0:
                    await self._send(client)
                    continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._changed.wait()

    async def leave(self) -> None:
        """Become invisible, then close; `stay` must have been cancelled before.

        While a task still listens, the library would close with 4000, after which Discord shows
        the bot for minutes as it was; now it closes with 1000.
        """
        if client := self._client:
            with contextlib.suppress(*_UNSENT):
                async with asyncio.timeout(HIDE_SECONDS):
                    if client.is_joined:
                        await client.present(INVISIBLE)
            with contextlib.suppress(*_UNSENT):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await client.close()
            # Again, for a gateway that did not answer the close.
            await client.http.close()
        self._heartbeat.end()

    async def _log_in(self) -> Client:
        attempt = 0
        while True:
            # A client that failed to log in cannot try again: its HTTP session would be lost.
            client = Client(
                self._gateway_url,
                self._proxies,
                heard=self._heartbeat.beat,
                joined=self._forget_what_is_shown,
            )
            client.remember(self._wanted)
            self._client = client
            try:
                await client.login(self._token.reveal())
            except discord.LoginFailure as error:
                raise token_refused() from error
            except _PASSING as error:
                attempt += 1
                wait = rate_limits.backoff_seconds(attempt, random.random())  # noqa: S311 - no secret
                logger.warning(
                    "Discord's API cannot be reached; the next attempt follows.",
                    extra={
                        "reason": describe(error),
                        "attempt": attempt,
                        "wait_seconds": round(wait, 1),
                    },
                )
                await client.close()
                await asyncio.sleep(wait)
            else:
                return client

    async def _send(self, client: Client) -> None:
        wanted = self._wanted
        # Noted first: a new session that begins meanwhile must find it and forget it.
        self._sent = rate_limits.Sent(wanted, asyncio.get_running_loop().time())
        try:
            await client.present(wanted)
        except _UNSENT as error:
            logger.debug("A presence update was lost.", extra={"reason": describe(error)})
            self._forget_what_is_shown()
        else:
            logger.debug("The presence is sent.", extra={"status": wanted.status})

    def _forget_what_is_shown(self) -> None:
        self._sent = rate_limits.Sent(None, self._sent.at)
        self._changed.set()
