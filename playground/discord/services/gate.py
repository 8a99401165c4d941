"""Let a request in or turn it away: agent, token, limits; and build the answer of a fault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from playground.discord.core import header
from playground.discord.core.bucket import Rate, Standing
from playground.discord.core.fault import LIMIT, Fault
from playground.discord.core.limit import MESSAGES, Claim, TooMany, Verdict, bucket_hash
from playground.discord.core.refusal import BLOCKED_BY_CLOUDFLARE, UNAUTHORIZED, Refusal
from playground.discord.core.snowflake import created_at, is_snowflake
from playground.discord.services.world import World

HTML = "text/html; charset=utf-8"
_PAGE = "<!DOCTYPE html>\n<html><head><title>{0}</title></head><body>error code: {0}</body></html>"
_CLOUDFLARE_LIMITED = 1015


@dataclass(frozen=True, slots=True)
class Page:
    """Hold an answer that is no JSON, as Cloudflare gives it."""

    status: int
    html: str
    headers: Mapping[str, str]


def refuse_caller(
    world: World, *, agent: str, authorization: str | None, is_bot_route: bool
) -> Refusal | None:
    """Turn away a caller that is no bot, or not the bot it says it is."""
    if not header.is_bot_agent(agent):
        return BLOCKED_BY_CLOUDFLARE
    if not is_bot_route and authorization is None:
        return None
    token = world.options.token
    if world.is_token_revoked or not header.is_token(authorization or "", token):
        return UNAUTHORIZED
    return None


def judge(
    world: World, *, method: str, bucket: str, params: Mapping[str, str], is_bot: bool, now: float
) -> Verdict:
    """Count a request against the limits."""
    major = params.get("channel_id") or params.get("interaction_token") or ""
    message_id = params.get("message_id", "")
    edits_old = (
        method == "PATCH"
        and bucket == MESSAGES
        and is_snowflake(message_id)
        and now - created_at(message_id) > world.old_after_seconds
    )
    return world.limits.judge(Claim(method, bucket, major, is_bot, edits_old), now)


def fault_verdict(world: World, fault: Fault, bucket: str, now: float) -> Verdict:
    """Build the 429 a fault orders, with the headers its scope goes with."""
    too_many = fault.too_many(now)
    if fault.do != LIMIT or too_many.scope == "global" or not bucket:
        return Verdict(too_many=too_many)
    rate = world.limits.rates.get(bucket) or Rate(5, 5.0)
    # Only the user's own bucket is seen to be empty; other limits are not in the headers.
    is_own = fault.scope == "user"
    remaining, reset_after = (0, too_many.retry_after) if is_own else (rate.limit - 1, 1.0)
    standing = Standing(False, remaining, reset_after, too_many.retry_after)
    return Verdict(bucket_hash(bucket), rate, standing, too_many)


def fault_page(fault: Fault, too_many: TooMany | None) -> Page:
    """Build the HTML a fault answers with; Cloudflare's own 429 says when to come back."""
    headers = dict(fault.headers)
    if too_many is None:
        return Page(fault.status, fault.html or _PAGE.format(fault.status), headers)
    if too_many.retry_after > 0:
        headers.setdefault("Retry-After", str(round(too_many.retry_after)))
    return Page(429, fault.html or f"error code: {_CLOUDFLARE_LIMITED}", headers)
