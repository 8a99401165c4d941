"""Write and read the headers of Discord's API.

https://docs.discord.com/developers/topics/rate-limits#header-format
"""

from __future__ import annotations

import math
import re

from playground.discord.core.limit import TooMany, Verdict

# The comma is asked for, but discord.py leaves it out and is let in.
_USER_AGENT = re.compile(r"DiscordBot \(\S+?,? \S+\)")
VIA = "1.1 google"


def is_bot_agent(user_agent: str) -> bool:
    """Tell whether a User-Agent is `DiscordBot (url, version)`; more may follow."""
    return bool(_USER_AGENT.match(user_agent))


def is_token(authorization: str, token: str) -> bool:
    """Tell whether an Authorization header carries the bot's token."""
    return authorization == f"Bot {token}"


def milliseconds_up(seconds: float) -> float:
    """Round up to a millisecond, so that who waits as told is never too early."""
    return math.ceil(seconds * 1000) / 1000


def limit_headers(verdict: Verdict, now: float) -> dict[str, str]:
    """Write the X-RateLimit headers of any answer, and Retry-After on a 429."""
    headers = _bucket_headers(verdict, now)
    if verdict.too_many is not None:
        headers["Retry-After"] = str(math.ceil(verdict.too_many.retry_after))
        headers["X-RateLimit-Scope"] = verdict.too_many.scope
        if verdict.too_many.scope == "global":
            headers["X-RateLimit-Global"] = "true"
    return headers


def too_many_body(too_many: TooMany) -> dict[str, object]:
    """Write the JSON body of a 429; the code is there only when it says more."""
    body: dict[str, object] = {
        "message": too_many.message,
        "retry_after": milliseconds_up(too_many.retry_after),
        "global": too_many.scope == "global",
    }
    return {**body, "code": too_many.code} if too_many.code else body


def _bucket_headers(verdict: Verdict, now: float) -> dict[str, str]:
    if verdict.rate is None or verdict.standing is None:
        return {}
    reset_after = milliseconds_up(verdict.standing.reset_after)
    return {
        "X-RateLimit-Limit": str(verdict.rate.limit),
        "X-RateLimit-Remaining": str(verdict.standing.remaining),
        "X-RateLimit-Reset": f"{milliseconds_up(now + reset_after):.3f}",
        "X-RateLimit-Reset-After": f"{reset_after:.3f}",
        "X-RateLimit-Bucket": verdict.bucket,
    }
