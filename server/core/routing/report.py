"""The lines that `routes check`, `routes test` and `routes explain` print."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from server.core.discord.markdown import one_line
from server.core.model.status import Status
from server.core.routing.facts import EVENTS, BuildFacts
from server.core.routing.memory import NOTHING_KNOWN, BranchMemory, Ending, remember
from server.core.routing.ping import PingCode, decide_ping
from server.core.routing.reason import Verdict, sentence
from server.core.routing.router import Asked, Placement, RouteAnswer, answers, place
from server.core.routing.rule_file.problem import Problem
from server.core.routing.rules import Layout, RoutingRules, Thread
from server.core.routing.transition import Transition, transition

KEYS = ("repo", "branch", "event", "status", "author", "message", "before", "step")
STATUSES = tuple(status for status in Status if status is not Status.OTHER)
ENDED_BEFORE = {"success": False, "failure": True}


class BadQuestion(ValueError):
    """Say what is wrong with the words of a question."""


def check_lines(
    name: str, rules: RoutingRules | None, problems: Sequence[Problem], warnings: Sequence[Problem]
) -> list[str]:
    """Tell what a check of the file *name* found; *rules* are None if it is wrong."""
    lines = [f"{name}: {problem}" for problem in problems]
    lines += [f"{name}: warning: {warning}" for warning in warnings]
    if rules is None:
        return [*lines, f"{name} is wrong; what was read last stays in force."]
    counts = (
        _count(len(rules.routes), "route"),
        _count(len(rules.channels), "channel"),
        _count(len(rules.people), "person", "people"),
    )
    return [*lines, f"{name} is right: {', '.join(counts)}."]


def read_question(words: Iterable[str]) -> tuple[BuildFacts, Transition]:
    """Read `key=value …` as a build and what it changes; raise BadQuestion.

    `before` says how the build before it ended, `step` which step failed.
    """
    values: dict[str, str] = {}
    for word in words:
        key, sign, value = word.partition("=")
        if not sign or key not in KEYS:
            raise BadQuestion(f"{word!r} is not known; write key=value with {', '.join(KEYS)}.")
        if key in values:
            raise BadQuestion(f"{key} is there twice.")
        values[key] = value
    event = _one_of("event", values.get("event", "push"), EVENTS)
    status = Status(_one_of("status", values.get("status", Status.SUCCESS), STATUSES))
    before = values.get("before", "")
    step = values.get("step", "")
    facts = BuildFacts(
        repo=values.get("repo", ""),
        branch=values.get("branch", ""),
        event=event,
        author=values.get("author", ""),
        message=values.get("message", ""),
        number=2,
        status=status,
        failed_steps=frozenset({step} if step else ()),
    )
    memory = NOTHING_KNOWN
    if before:
        was_bad = ENDED_BEFORE[_one_of("before", before, tuple(ENDED_BEFORE))]
        memory = remember(memory, Ending(1, was_bad))
    return facts, transition(memory, facts)


def trial_lines(
    rules: RoutingRules, facts: BuildFacts, change: Transition, now: datetime
) -> list[str]:
    """Tell what becomes of a build: each channel, then each route that does not decide."""
    placements = place(rules, facts, change, now)
    lines = [line for one in placements for line in _placement_lines(one, facts, change, now)]
    lines = lines or ["No route takes it: it is shown nowhere."]
    others = [one for one in answers(rules, facts) if one.asked is not Asked.DECIDES]
    return lines + ([""] if others else []) + [_answer_line(one) for one in others]


def unexpected(
    rules: RoutingRules,
    facts: BuildFacts,
    change: Transition,
    now: datetime,
    expected: Sequence[str],
) -> list[str]:
    """Tell how the channels that show a build differ from *expected* names; [] if not."""
    unknown = [name for name in expected if name not in rules.channels]
    if unknown:
        return [f"There is no channel {', '.join(map(repr, unknown))} in [channels]."]
    placements = place(rules, facts, change, now)
    shown = {one.channel.id: one for one in placements if one.verdict is Verdict.SHOWN}
    wanted = {rules.channels[name].id: name for name in expected}
    return [
        *(f"It is not shown in {name}." for id_, name in wanted.items() if id_ not in shown),
        *(
            f"It is shown in {one.channel.name}, which was not expected."
            for id_, one in shown.items()
            if id_ not in wanted
        ),
    ]


def explain_lines(
    build: str,
    kept: Sequence[Placement],
    rules: RoutingRules,
    facts: BuildFacts,
    memory: BranchMemory,
    now: datetime,
) -> list[str]:
    """Tell why the stored *build* is where it is, and what the rules of today say of it."""
    lines = [one_line(f"{build}: {facts.event} of {facts.branch or '?'}, {facts.status}")]
    lines += [f"{_place(one)}: {_why(one)}" for one in kept] or ["It has no card."]
    today = trial_lines(rules, facts, transition(memory, facts), now)
    return [*lines, "", "By the rules in force it would be:", *today]


def _placement_lines(
    one: Placement, facts: BuildFacts, change: Transition, now: datetime
) -> list[str]:
    how = [f"thread by {one.thread.value}"] if one.thread is not Thread.NEVER else []
    how += ["silent"] if one.is_silent else []
    how += ["short"] if one.layout is Layout.SHORT else []
    ping = decide_ping(one, facts, change, now)
    how += [f"pings {', '.join(ping.who)} ({ping.on})"] if ping.code is PingCode.DUE else []
    tail = f" [{', '.join(how)}]" if how and one.verdict is not Verdict.SUPPRESSED else ""
    return [f"{_place(one)}: {_why(one)}{tail}"]


def _place(one: Placement) -> str:
    return f"{one.channel.name or one.channel.id} {one.verdict.value}"


def _why(one: Placement) -> str:
    return f"by {one.route!r}: {sentence(one.reason)}"


def _answer_line(answer: RouteAnswer) -> str:
    patterns = ", ".join(f"{field} = {pattern}" for field, pattern in answer.matched)
    by = repr(answer.by)
    said = {
        Asked.TAKES: f"takes it, but {by} decides in {answer.route.channel.name}",
        Asked.EXCLUDED: f"excludes it by {patterns}",
        Asked.NO_MATCH: f"does not match {patterns}",
        Asked.STOPPED: f"is not asked: {by} stops",
        Asked.NOT_NEEDED: f"is a fallback, and {by} takes it",
    }
    return f"{answer.route.name!r} {said[answer.asked]}"


def _one_of(key: str, value: str, known: Sequence[str]) -> str:
    if value not in known:
        raise BadQuestion(f"{key}={value} is not known; there are {', '.join(known)}.")
    return value


def _count(number: int, one: str, several: str = "") -> str:
    return f"{number} {one if number == 1 else several or f'{one}s'}"
