"""Suggestions while a command is typed, from what the database knows."""

from collections.abc import Iterable, Mapping, Sequence

from server.core.discord.markdown import first_line
from server.core.interactions.commands import NUMBER, STAGE, STEP
from server.core.interactions.response import Choice
from server.core.model.build import BuildState, Stage, Step
from server.core.model.parent import DEPLOYS
from server.core.model.parts import in_order
from server.core.model.status import is_final
from server.core.model.timeout import timed_out
from server.core.render.appearance import build_look, part_look
from server.core.render.origin import place_name

# What most environments are called, while none is known.
USUAL_TARGETS = ("production", "staging")


def suggest(
    focused: str,
    typed: str,
    options: Mapping[str, str | int],
    states: Sequence[BuildState],
    slugs: Iterable[str] = (),
    targets: Iterable[str] = (),
) -> list[Choice]:
    """Suggest values of the option *focused*, best first.

    *states* are builds that are known, newest first: of the repository that was chosen, or of all.
    *slugs* and *targets* are what else is known.
    """
    match focused:
        case "repo":
            return _matching([(slug, slug) for slug in _slugs(states, slugs)], typed)
        case "branch":
            branches = (place_name(state.build) for state in states)
            return _matching([(name, name) for name in branches if name], typed)
        case "number":
            return _matching([(_title(state), state.build.number) for state in states], typed)
        case "target":
            known = (state.build.deploy_to for state in states if state.build.event in DEPLOYS)
            names = [*(name for name in known if name), *targets] or list(USUAL_TARGETS)
            return _matching([(name, name) for name in names], typed)
        case "stage" | "step":
            found = [one for one in states if one.build.number == options.get(NUMBER)]
            return _matching(_parts(found[0], focused, options) if found else [], typed)
        case _:
            return []


def _slugs(states: Iterable[BuildState], slugs: Iterable[str]) -> list[str]:
    return [*(state.repo.slug for state in states if state.repo.slug), *slugs]


def _title(state: BuildState) -> str:
    build = state.build
    said = first_line(build.title) or first_line(build.message)
    parts = (f"#{build.number} {build_look(state).mark}", place_name(build), said)
    return " · ".join(part for part in parts if part)


def _parts(state: BuildState, focused: str, options: Mapping[str, str | int]) -> list[Choice]:
    over = is_final(state.build.status)
    stages = in_order(state.stages)
    if focused == STEP:
        wanted = options.get(STAGE)
        chosen = [one for one in stages if wanted in (one.name, str(one.number))] or stages[:1]
        parts: list[tuple[Stage, Stage | Step]] = [
            (stage, step) for stage in chosen for step in in_order(stage.steps)
        ]
    else:
        parts = [(stage, stage) for stage in stages]
    looks = (part_look(part, over, timed_out(state, part, stage)) for stage, part in parts)
    return [
        (f"{look.mark} {part.name}", str(part.number))
        for look, (_, part) in zip(looks, parts, strict=True)
    ]


def _matching(choices: Sequence[Choice], typed: str) -> list[Choice]:
    """Keep what holds *typed*, once each: first what begins with it, or has a part that does."""
    wanted = typed.strip().casefold()
    once: dict[str | int, Choice] = {}
    for choice in choices:
        once.setdefault(choice[1], choice)
    found = [choice for choice in once.values() if wanted in _searched(choice)]
    return sorted(found, key=lambda choice: not _begins(choice, wanted))


def _searched(choice: Choice) -> str:
    return f"{choice[0]} {choice[1]}".casefold()


def _begins(choice: Choice, wanted: str) -> bool:
    value = str(choice[1]).casefold()
    return value.startswith(wanted) or value.partition("/")[2].startswith(wanted)
