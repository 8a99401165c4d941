"""Pings and reminders: whether people are pinged now, for what, and when a reminder is due.

What happens once is decided here from what was done before; whoever sends keeps that.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum, unique

from server.core.model.status import Status
from server.core.routing.facts import BuildFacts
from server.core.routing.memory import RedRun
from server.core.routing.reason import Verdict
from server.core.routing.router import Placement
from server.core.routing.rules import PingOn
from server.core.routing.transition import Transition


@unique
class PingCode(StrEnum):
    """Why a ping is sent or not."""

    DUE = "due"
    NOT_WANTED = "not_wanted"  # the route has none now, or shows nothing to reply to
    NOTHING_HAPPENED = "nothing_happened"  # that the route pings for
    SENT = "sent"  # for this build already
    SUPERSEDED = "superseded"  # the ending of a later build is known
    TOO_SOON = "too_soon"  # after the last ping of the route


@dataclass(frozen=True, slots=True)
class PingDecision:
    """Whether people are pinged now; *on* is what happened, also when it is held back."""

    code: PingCode
    on: PingOn | None = None
    who: tuple[str, ...] = ()  # "author", "role:<id>", "user:<id>"; empty unless due


def decide_ping(
    placement: Placement,
    facts: BuildFacts,
    transition: Transition,
    now: datetime,
    sent: frozenset[PingOn] = frozenset(),
    last_at: datetime | None = None,
) -> PingDecision:
    """Decide on a ping below a build's card.

    *sent* is what this card has pinged for; of how a build went it pings once. *last_at* is when
    the route last pinged in this channel.
    """
    ping = placement.ping
    if ping is None or placement.verdict is not Verdict.SHOWN:
        return PingDecision(PingCode.NOT_WANTED)
    on = next((one for one in PingOn if one in ping.on and _happened(one, facts, transition)), None)
    if on is None:
        return PingDecision(PingCode.NOTHING_HAPPENED)
    same = {PingOn.APPROVAL} if on is PingOn.APPROVAL else {*PingOn} - {PingOn.APPROVAL}
    if sent & same:
        return PingDecision(PingCode.SENT, on)
    if transition.is_superseded and on is not PingOn.APPROVAL:
        return PingDecision(PingCode.SUPERSEDED, on)
    if last_at is not None and timedelta(0) <= now - last_at < ping.every:
        return PingDecision(PingCode.TOO_SOON, on)
    return PingDecision(PingCode.DUE, on, ping.who)


def reminder_due_at(
    remind: timedelta | None, run: RedRun | None, last_at: datetime | None, is_gone: bool = False
) -> datetime | None:
    """Return when a branch that is still red is next reminded of; None if never.

    *run* is the red run of the branch, None once it is fixed; *is_gone* says that the branch is.
    """
    if remind is None or run is None or run.at <= 0 or is_gone:
        return None
    since = datetime.fromtimestamp(run.at, UTC)
    # A reminder of an earlier red run does not count.
    return (since if last_at is None or last_at < since else last_at) + remind


def _happened(on: PingOn, facts: BuildFacts, transition: Transition) -> bool:
    if on is PingOn.APPROVAL:
        return facts.status is Status.BLOCKED
    if on is PingOn.BAD:
        return facts.is_bad
    return transition.change.value == on.value
