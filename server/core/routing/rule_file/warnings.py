"""What is suspicious about a file of rules that is not wrong: warnings, each with its place."""

import tomllib
from collections.abc import Iterator

from server.core.routing.facts import EVENTS
from server.core.routing.rule_file.file import decoded
from server.core.routing.rule_file.overlap import covers, may_share
from server.core.routing.rule_file.position import Path
from server.core.routing.rule_file.problem import Problem
from server.core.routing.rule_file.reader import Reader, shown, suggestion
from server.core.routing.rules import PingOn, Route, RoutingRules, Show

# What a route can never ping for, because it does not show such a build.
NEVER_SHOWN = {
    Show.BAD: {PingOn.FIXED, PingOn.APPROVAL},
    Show.CHANGES: {PingOn.APPROVAL},
    Show.ENDED: {PingOn.APPROVAL},
    Show.NONE: {*PingOn},
}


def warnings(raw: bytes, rules: RoutingRules) -> tuple[Problem, ...]:
    """Return what is suspicious about *rules*, which were read from *raw*."""
    text = decoded(raw)
    reader = Reader(text)
    found = (
        *_unused(rules, tomllib.loads(text)),
        *_unreachable(rules.routes),
        *_without_effect(rules.routes),
    )
    return tuple(sorted(reader.problem(path, sentence) for path, sentence in found))


Found = Iterator[tuple[Path, str]]


def _unused(rules: RoutingRules, tables: dict[str, object]) -> Found:
    named = {route.channel.name for route in rules.routes}
    by_id: dict[str, str] = {}
    for name, channel in rules.channels.items():
        if name not in named and not channel.board:
            yield ("channels", name), f"no route sends anything to {shown(name)}."
        if channel.id in by_id:
            other = shown(by_id[channel.id])
            yield ("channels", name), f"{shown(name)} and {other} are the same channel of Discord."
        by_id.setdefault(channel.id, name)
    pings_authors = any(route.ping and "author" in route.ping.who for route in rules.routes)
    if rules.people and not pings_authors:
        yield ("people",), 'nobody in [people] is ever pinged: no route pings the "author".'


def _unreachable(routes: tuple[Route, ...]) -> Found:
    for index, route in enumerate(routes):
        earlier = [one for one in routes[:index] if one.fallback == route.fallback]
        if sentence := _never_asked(route, routes, earlier) or _overlap(route, earlier):
            yield ("route", index), sentence


def _never_asked(route: Route, routes: tuple[Route, ...], earlier: list[Route]) -> str:
    name = shown(route.name)
    taking = next((one for one in routes if not one.fallback and covers(one, route)), None)
    if route.fallback and taking:
        return f"the fallback {name} never applies: {shown(taking.name)} takes all that it matches."
    for one in earlier:
        if not covers(one, route):
            continue
        if one.stop:
            return f"{name} is never asked: {shown(one.name)} takes all that it matches, and stops."
        if one.channel.id == route.channel.id:
            return (
                f"{name} never decides: {shown(one.name)} takes all that it matches, and is first."
            )
    return ""


def _overlap(route: Route, earlier: list[Route]) -> str:
    """Tell of an earlier route of the channel that takes some of the builds; one is enough."""
    for one in earlier:
        is_rival = one.channel.id == route.channel.id and _how(one) != _how(route)
        if is_rival and not covers(route, one) and may_share(one, route):
            both = f"{shown(one.name)} and {shown(route.name)}"
            return f"some builds may match both {both}; then the first decides in this channel."
    return ""


def _how(route: Route) -> tuple[object, ...]:
    return (route.show, route.ping, route.remind, route.silent, route.quiet, route.thread)


def _without_effect(routes: tuple[Route, ...]) -> Found:
    for index, route in enumerate(routes):
        if route.ping and route.ping.on <= NEVER_SHOWN.get(route.show, set()):
            sentence = f"{shown(route.name)} never pings: it shows no such build."
            yield ("route", index, "ping"), sentence
        if route.remind and route.show is Show.NONE:
            yield ("route", index, "remind"), f"{shown(route.name)} has no card to remind below."
        for criterion in route.include:
            if criterion.name == "event" and not any(map(criterion.matches, EVENTS)):
                hint = suggestion(criterion.globs[0], EVENTS)
                sentence = f"Drone has no event {shown(criterion.globs[0])}{hint}"
                yield ("route", index, "event"), sentence
