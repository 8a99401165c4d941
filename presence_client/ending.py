"""Why a connection to Discord ended or did not come about, for the log."""

from dataclasses import dataclass

import aiohttp
import discord


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a connection; a routine one is Discord's wish and nobody's fault."""

    reason: str
    is_routine: bool


def ended_by_gateway(code: int | None, *, is_resumable: bool) -> Ending:
    """Return the ending that the gateway asked for, with its close code if it gave one."""
    if not is_resumable:
        return Ending("session_invalid", is_routine=True)
    return Ending(f"closed_{code}" if code else "closed", is_routine=True)


def describe(error: Exception) -> str:
    """Say what went wrong in one line, without what a server wrote."""
    if isinstance(error, discord.HTTPException | aiohttp.ClientResponseError):
        return f"HTTP {error.status}"
    if isinstance(error, TimeoutError):
        return "timed out"
    return getattr(error, "strerror", None) or type(error).__name__
