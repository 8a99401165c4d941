"""Decide whether a request is within Discord's limits."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Literal

from playground.discord.core.bucket import Level, Rate, Standing, spend

Scope = Literal["user", "shared", "global", "cloudflare"]

# What the limits are called on the command line and at the control endpoint.
MESSAGES, DELETES, WEBHOOKS = "messages", "deletes", "webhooks"
OLD_EDITS, GLOBAL = "old_edits", "global"
OLD_EDIT_CODE = 30046
OLD_EDIT_MESSAGE = "Maximum number of edits to messages older than 1 hour reached. Try again later"
OLD_AFTER_SECONDS = 3600
_MANY_BUCKETS = 10_000

# Nobody knows the real figures: these are what people observed
# (github.com/discord/discord-api-docs/issues/2761 and 5646).
DEFAULT_RATES: dict[str, Rate | None] = {
    MESSAGES: Rate(5, 5.0),
    DELETES: Rate(3, 1.0),
    WEBHOOKS: Rate(5, 2.0),
    OLD_EDITS: Rate(3, 6.0),
    GLOBAL: Rate(50, 1.0),
}


@dataclass(frozen=True, slots=True)
class TooMany:
    """Hold why a request is answered 429."""

    scope: Scope
    retry_after: float
    code: int = 0
    message: str = "You are being rate limited."


@dataclass(frozen=True, slots=True)
class Verdict:
    """Hold how a request stands with the limits, whether it is allowed or not."""

    bucket: str = ""  # the hash in X-RateLimit-Bucket; empty where Discord reports no bucket
    rate: Rate | None = None
    standing: Standing | None = None
    too_many: TooMany | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """Hold what the limits need to know of a request."""

    method: str
    bucket: str  # the name of its rate; empty if the route has none
    major: str  # the top-level id that splits the bucket
    is_global: bool = True  # whether the request counts toward the bot's 50 per second
    edits_old: bool = False  # whether it edits a message older than an hour


@dataclass(slots=True)
class Limits:
    """Remember how full every bucket is."""

    rates: dict[str, Rate | None] = field(default_factory=lambda: dict(DEFAULT_RATES))
    levels: dict[tuple[str, ...], Level] = field(default_factory=dict)

    def judge(self, claim: Claim, now: float) -> Verdict:
        """Count one request: against the global limit, its bucket, then the hidden sub-limit."""
        if claim.is_global:
            standing = self._spend((GLOBAL,), self.rates.get(GLOBAL), now)
            if standing and not standing.is_allowed:
                return Verdict(too_many=TooMany("global", standing.retry_after))
        rate = self.rates.get(claim.bucket)
        # One hash for POST and PATCH, but a counter for each: discord-api-docs #8073.
        standing = self._spend((claim.bucket, claim.method, claim.major), rate, now)
        if standing is None:
            return self._judge_sub_limit(claim, Verdict(), now)
        verdict = Verdict(bucket_hash(claim.bucket), rate, standing)
        if not standing.is_allowed:
            too_many = TooMany("user", standing.retry_after)
            return Verdict(verdict.bucket, rate, standing, too_many)
        return self._judge_sub_limit(claim, verdict, now)

    def _judge_sub_limit(self, claim: Claim, verdict: Verdict, now: float) -> Verdict:
        if not claim.edits_old:
            return verdict
        standing = self._spend((OLD_EDITS, claim.major), self.rates.get(OLD_EDITS), now)
        if standing is None or standing.is_allowed:
            return verdict
        too_many = TooMany("user", standing.retry_after, OLD_EDIT_CODE, OLD_EDIT_MESSAGE)
        return Verdict(verdict.bucket, verdict.rate, verdict.standing, too_many)

    def _spend(self, key: tuple[str, ...], rate: Rate | None, now: float) -> Standing | None:
        if rate is None:
            return None
        if len(self.levels) > _MANY_BUCKETS:
            self.levels = {
                one: level for one, level in self.levels.items() if level.resets_at > now
            }
        level, standing = spend(self.levels.get(key, Level()), rate, now)
        self.levels[key] = level
        return standing


def bucket_hash(name: str) -> str:
    """Make the opaque hash Discord calls a bucket by."""
    return hashlib.sha256(f"bucket {name}".encode()).hexdigest()[:32]
