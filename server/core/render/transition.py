"""The first line of a card whose branch broke, still fails or is fixed; and how long it takes."""

from server.core.discord.markdown import strong
from server.core.render.duration import is_instant, show
from server.core.routing.facts import BuildFacts
from server.core.routing.memory import RedRun
from server.core.routing.transition import Change, Transition

STEP = 80
SPANS = (("d", 86_400), ("h", 3_600), ("min", 60))


def first_line(transition: Transition, facts: BuildFacts) -> str:
    """Say what changed, such as `Fixed: was failing since #39`; "" if there is nothing to say."""
    run = transition.run
    match transition.change:
        case Change.BROKEN:
            return _broke(transition)
        case Change.NEW_STEP if run:
            return f"Also broke: {_steps(transition.new_steps)} · {since(run, facts.finished)}"
        case Change.STILL_FAILING if run:
            return f"Still {since(run, facts.finished)}"
        case Change.FIXED if run:
            return f"Fixed: was failing since #{run.number}"
    return ""


def since(run: RedRun, until: int) -> str:
    """Say since when a branch has been red, `failing since #39 · 3 builds · 2 h`."""
    builds = f"{run.builds} build{'' if run.builds == 1 else 's'}"
    known = is_instant(run.at) and is_instant(until)
    parts = [f"failing since #{run.number}", builds, _span(until - run.at) if known else ""]
    return " · ".join(part for part in parts if part)


def usual_time(usual_seconds: int, expected_end: int) -> str:
    """Say how long a running build will take; "" if too little is known."""
    if usual_seconds <= 0:
        return ""
    end = f" · done <t:{expected_end}:R>" if is_instant(expected_end) else ""
    return f"usually takes {show(usual_seconds)}{end}"


def _broke(transition: Transition) -> str:
    passed = f"passed in #{transition.passed_in}" if transition.passed_in else ""
    if not transition.new_steps:
        return f"Broke: #{transition.passed_in} passed" if passed else "Broke"
    return " ".join(part for part in (f"Broke: {_steps(transition.new_steps)}", passed) if part)


def _steps(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return strong(names[0], STEP, "unnamed") + more


def _span(seconds: int) -> str:
    """Write a span in its largest unit; one of less than a minute is left out."""
    return next((f"{seconds // size} {unit}" for unit, size in SPANS if seconds >= size), "")
