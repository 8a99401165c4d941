"""The card of one build: what a person wants to know, in the order they want to know it."""

from datetime import UTC, datetime

from server.core.discord import limits
from server.core.discord.markdown import escape, first_line
from server.core.discord.types import ActionRow, Embed, in_rows, link_buttons
from server.core.discord.urls import Pages, short
from server.core.model.build import BuildState, effective_status
from server.core.model.status import UNFINISHED, Status
from server.core.render.actions import action_lines, controls
from server.core.render.appearance import color
from server.core.render.duration import between, is_instant, ticking
from server.core.render.headline import headline, title
from server.core.render.origin import author, of_pull_request, of_tag, origin
from server.core.render.parameters import parameters
from server.core.render.pipeline import pipeline
from server.core.render.step_log import log_end

COMMIT_MESSAGE = 200
LONG_WAIT_SECONDS = 5  # a free runner takes a build sooner than that
GAP = "\n\n"


def embed(state: BuildState, pages: Pages, has_controls: bool) -> Embed:
    """Show a build; with *has_controls* there are buttons below it to act on it."""
    build = state.build
    shown = Embed(
        author=author(build),
        title=title(state),
        description=_description(state, pages, bool(has_controls and controls(state))),
        color=color(effective_status(state)),
    )
    if page := pages.build(build.number):
        shown["url"] = page
    if is_instant(build.created):
        shown["timestamp"] = datetime.fromtimestamp(build.created, UTC).isoformat()
    return shown


def buttons(state: BuildState, pages: Pages, has_controls: bool) -> list[ActionRow]:
    """Link the build in Drone and what it is of at the SCM, and offer what can be done to it."""
    build = state.build
    page = short(pages.ref(build.ref, build.after))
    links = link_buttons(
        ("Build", short(pages.build(build.number))),
        ("Commit", "" if of_tag(build) else short(pages.commit(build.after, build.ref))),
        ("Pull request", page if of_pull_request(build) else ""),
        ("Tag", page if of_tag(build) else ""),
    )
    return in_rows(links, controls(state) if has_controls else [])


def _description(state: BuildState, pages: Pages, has_buttons: bool) -> str:
    build = state.build
    message = escape(first_line(build.title) or first_line(build.message), COMMIT_MESSAGE)
    top = headline(state, has_buttons)
    rest = [f"> {message}"] if message else []
    rest += [origin(state, pages), parameters(build), _time(state)]
    taken = sum(len(line) + 1 for line in (*top, *rest))
    acts = action_lines(state, pages, limits.EMBED_DESCRIPTION - taken)
    head = "\n".join(line for line in (*top, *acts, *rest) if line)
    room = limits.EMBED_DESCRIPTION - len(head) - len(GAP)
    stages = pipeline(state, room)
    # It has the room that the others leave.
    log = log_end(state, pages, room - len(stages) - len(GAP))
    return GAP.join(part for part in (head, log, stages) if part)


def _time(state: BuildState) -> str:
    """Write since when it waits or runs, or how long it took; and how long it had to wait."""
    build = state.build
    if build.status is Status.RUNNING:
        since = ticking(build.started)
        time = since and f"Started {since}"
    elif build.status in UNFINISHED:
        since = ticking(build.created)
        return since and f"Created {since}"
    elif _never_began(state):
        # Of an error the title says as much.
        time = "Never started" if build.status is not Status.ERROR or _waited(state) else ""
    else:
        took = between(build.started, build.finished)
        time = took and f"Took {took}"
    return " · ".join(part for part in (time, time and _waited(state)) if part)


def _never_began(state: BuildState) -> bool:
    """Tell whether a build ended without a step; Drone writes one instant twice then."""
    build = state.build
    ended_early = build.status in (Status.KILLED, Status.SKIPPED, Status.ERROR)
    one_instant = 0 < build.started == build.finished
    return ended_early and one_instant and not any(stage.steps for stage in state.stages)


def _waited(state: BuildState) -> str:
    """Write how long a build waited before it began, for a runner or first for approval."""
    build = state.build
    word = "waited" if state.repo.protected else "queued"
    waited = between(build.created, build.started)
    is_long = build.started - build.created >= LONG_WAIT_SECONDS
    return f"{word} {waited}" if is_long and waited else ""
