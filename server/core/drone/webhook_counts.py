"""Counts of webhooks by outcome, with the last of each: is Drone being refused?

Anyone can send an unsigned request and have it refused, so it proves nothing. A signed one that is
refused may well be Drone's: until the next webhook that fits, the bridge is not well.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum, unique

# A refusal that long ago is history: it was not Drone's, or Drone is quiet.
MEMORY = timedelta(days=1)

# The reasons of refusals without a signature that could be read; all others may be about Drone.
UNSIGNED = frozenset({"unsigned", "bad_header", "bad_algorithm", "bad_coverage", "bad_date"})
# What is wrong then; what is authentic and still refused cannot be read.
CAUSES = {
    "bad_signature": "their signature fits no secret: make DRONE_WEBHOOK_SECRET the same on both "
    "sides.",
    "too_old": "the clocks of Drone and of this server differ by {clock}: let NTP set both, or "
    "raise DRONE_WEBHOOK_MAX_AGE.",
    "bad_digest": "something on the way changes their body: let the proxy pass it unchanged.",
}


@unique
class WebhookOutcome(StrEnum):
    """What became of a webhook."""

    ACCEPTED = "accepted"
    REFUSED = "refused"  # with a signature, so that it may be Drone's
    UNSIGNED = "unsigned"  # anybody's


@dataclass(frozen=True, slots=True)
class WebhookCount:
    """The last webhook of one kind, and how many there were."""

    at: datetime
    count: int = 1
    reason: str = ""  # of the refusal
    clock_seconds: int = 0  # how far its Date is behind the server's clock; below 0, ahead


WebhookCounts = Mapping[WebhookOutcome, WebhookCount]


def refusal(reason: str, date: str, now: datetime) -> tuple[WebhookOutcome, WebhookCount]:
    """Return what to remember of a refused webhook with the header *date*."""
    kind = WebhookOutcome.UNSIGNED if reason in UNSIGNED else WebhookOutcome.REFUSED
    return kind, WebhookCount(now, 1, reason, _behind(date, now) if reason == "too_old" else 0)


def joined(before: WebhookCounts, news: WebhookCounts) -> dict[WebhookOutcome, WebhookCount]:
    """Add *news* to the counts before: the later webhook is kept, and both are counted."""
    found = dict(before)
    for kind, last in news.items():
        other = found.get(kind)
        if other is not None:
            later = max(other, last, key=lambda one: one.at)
            last = replace(later, count=other.count + last.count)
        found[kind] = last
    return found


def moved(counts: WebhookCounts, by: timedelta) -> dict[WebhookOutcome, WebhookCount]:
    """Return the same on another clock, which is ahead *by* so much."""
    return {kind: replace(last, at=last.at + by) for kind, last in counts.items()}


def trouble(counts: WebhookCounts, now: datetime) -> tuple[str, str]:
    """Return the reason why webhooks are refused, and a sentence; "" if they are not."""
    refused = counts.get(WebhookOutcome.REFUSED)
    if refused is None or now - refused.at > MEMORY:
        return "", ""
    accepted = counts.get(WebhookOutcome.ACCEPTED)
    if accepted is not None and accepted.at >= refused.at:
        return "", ""
    cause = CAUSES.get(refused.reason, "it is authentic and cannot be read; is Drone newer?")
    since = f"since {clock(accepted.at)}" if accepted else "so far"
    sentence = f"No webhook was accepted {since}, and the last was refused ({refused.reason}): "
    return refused.reason, sentence + cause.format(clock=span(refused.clock_seconds))


def span(seconds: int) -> str:
    """Say how far a Date is from the server's clock."""
    return f"{abs(seconds)} s (Drone's is {'behind' if seconds > 0 else 'ahead'})"


def clock(at: datetime) -> str:
    """Return an instant as people and programs read it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _behind(date: str, now: datetime) -> int:
    try:
        sent = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        return 0
    return int((now - (sent if sent.tzinfo else sent.replace(tzinfo=UTC))).total_seconds())
