"""The router: which channels show a build, how, and by which rule; every answer has its reason."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum, unique

from server.core.routing.facts import BuildFacts
from server.core.routing.quiet import is_quiet
from server.core.routing.reason import Reason, ReasonCode, Verdict, verdict_of
from server.core.routing.rules import (
    MATCHED,
    Channel,
    Layout,
    Ping,
    QuietEffect,
    Route,
    RoutingRules,
    Silent,
    Thread,
    comparable,
)
from server.core.routing.transition import Transition


@dataclass(frozen=True, slots=True)
class Placement:
    """What becomes of a build in one channel, by which route and why."""

    channel: Channel
    route: str
    verdict: Verdict
    reason: Reason
    is_silent: bool = False  # its messages give no notification
    thread: Thread = Thread.NEVER
    layout: Layout = Layout.FULL
    ping: Ping | None = None  # None also in quiet hours without pings


@unique
class Asked(StrEnum):
    """What became of a route that was asked about a build."""

    DECIDES = "decides"
    TAKES = "takes"  # but an earlier route decides in its channel
    EXCLUDED = "excluded"
    NO_MATCH = "no-match"
    STOPPED = "stopped"  # an earlier route ended the search
    NOT_NEEDED = "not-needed"  # a fallback, and another route took the build


@dataclass(frozen=True, slots=True)
class RouteAnswer:
    """What one route says of a build, and by which field and patterns."""

    route: Route
    asked: Asked
    matched: tuple[tuple[str, str], ...] = ()  # field and pattern; of EXCLUDED and NO_MATCH one
    by: str = ""  # the route that decides or stopped the search


def place(
    rules: RoutingRules,
    facts: BuildFacts,
    transition: Transition,
    now: datetime,
    begun: Mapping[str, Placement] | None = None,
) -> tuple[Placement, ...]:
    """Decide for each channel whether and how it shows a build; one placement a channel.

    *begun* are the placements of this build that have a message, by the id of their channel: what
    was begun in a channel is finished there, in the same thread, whatever the rules say by now.
    """
    placements: dict[str, Placement] = {}
    for route, is_fallback in _taking(rules, facts):
        if route.channel.id not in placements:
            placements[route.channel.id] = _placement(route, is_fallback, facts, transition, now)
    for channel_id, old in (begun or {}).items():
        placements[channel_id] = _continued(old, placements.get(channel_id))
    return tuple(placements.values())


def answers(rules: RoutingRules, facts: BuildFacts) -> tuple[RouteAnswer, ...]:
    """Tell of each route, in its order, what it says of a build; for people who ask why."""
    taking = [route for route, _ in _taking(rules, facts)]
    deciding: dict[str, str] = {}
    for route in taking:
        deciding.setdefault(route.channel.id, route.name)
    stopping = next((route.name for route in taking if route.stop), "")
    return tuple(_answer(route, facts, taking, deciding, stopping) for route in rules.routes)


def _answer(
    route: Route, facts: BuildFacts, taking: list[Route], deciding: Mapping[str, str], stopping: str
) -> RouteAnswer:
    values = _values(facts)
    for criterion in route.exclude:
        if pattern := criterion.first(values[criterion.name]):
            return RouteAnswer(route, Asked.EXCLUDED, ((criterion.name, pattern),))
    for criterion in route.include:
        if not criterion.matches(values[criterion.name]):
            return RouteAnswer(
                route, Asked.NO_MATCH, ((criterion.name, ", ".join(criterion.globs)),)
            )
    matched = _matched(route, values)
    if not any(route is one for one in taking):
        if route.fallback and not all(one.fallback for one in taking):
            return RouteAnswer(route, Asked.NOT_NEEDED, matched, taking[0].name)
        return RouteAnswer(route, Asked.STOPPED, matched, stopping)
    by = deciding[route.channel.id]
    asked = Asked.DECIDES if by == route.name else Asked.TAKES
    return RouteAnswer(route, asked, matched, by)


def _taking(rules: RoutingRules, facts: BuildFacts) -> Iterator[tuple[Route, bool]]:
    """Yield the routes that take a build, in order, and whether each does as a fallback."""
    values = _values(facts)
    fallbacks = []
    is_taken = False
    for route in rules.routes:
        if not _matches(route, values):
            continue
        if route.fallback:
            fallbacks.append(route)
            continue
        is_taken = True
        yield route, False
        if route.stop:
            return
    for route in () if is_taken else fallbacks:
        yield route, True
        if route.stop:
            return


def _matches(route: Route, values: Mapping[str, str]) -> bool:
    # This is the innermost loop of every delivery; all() would cost as much again.
    for criterion in route.include:
        if not criterion.matches(values[criterion.name]):
            return False
    return not any(criterion.matches(values[criterion.name]) for criterion in route.exclude)


def _values(facts: BuildFacts) -> Mapping[str, str]:
    return {name: comparable(name, getattr(facts, name)) for name in MATCHED}


def _matched(route: Route, values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((one.name, one.first(values[one.name])) for one in route.include)


def _placement(
    route: Route, is_fallback: bool, facts: BuildFacts, transition: Transition, now: datetime
) -> Placement:
    verdict, code = verdict_of(route.show, facts, transition.change)
    quiet = route.quiet if route.quiet and is_quiet(route.quiet, now) else None
    is_silent = route.silent is Silent.YES or (route.silent is Silent.PROGRESS and not facts.is_bad)
    return Placement(
        channel=route.channel,
        route=route.name,
        verdict=verdict,
        reason=Reason(code, _matched(route, _values(facts)), is_fallback),
        is_silent=is_silent or (quiet is not None and quiet.effect is QuietEffect.SILENT),
        thread=route.thread,
        layout=route.layout,
        ping=None if quiet and quiet.effect is QuietEffect.NO_PING else route.ping,
    )


def _continued(old: Placement, new: Placement | None) -> Placement:
    """Go on where a message stands: as the rules say now if they show the build at all."""
    if new is not None and new.verdict is Verdict.SHOWN:
        return replace(new, thread=old.thread)
    return replace(
        old, verdict=Verdict.SHOWN, reason=replace(old.reason, code=ReasonCode.BEGUN), ping=None
    )
