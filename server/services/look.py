"""Let people look at builds and logs: what the database knows at once, the rest by asking Drone."""

from dataclasses import dataclass

from server.core.acting import not_done
from server.core.build import BuildState
from server.core.build_list import SHOWN, listed, on_branch
from server.core.callback import embedded, text
from server.core.embed import Message
from server.core.log_answer import log_message
from server.core.log_choice import choose
from server.core.message import render
from server.core.operator import is_public
from server.services.act import Workshop, read_whole
from server.services.ports import Builds

# Among so many of the newest builds those of a branch are looked for.
SEARCHED = 100

PRIVATE = "Logs of private repositories are not shown here: LOG_TAIL_PRIVATE allows them."


HIDDEN = "Private repositories are shown in the channel of their cards only."
NO_STEP = "This build has no such step, or none yet."
NO_LOG = "Drone has no log of this step yet; it gets one when the step has ended."


Made = tuple[Message, str]  # what the person is told, and what came of it in a word


@dataclass(frozen=True, slots=True)
class Library:
    """Where people can look."""

    builds: Builds
    public_url: str
    shows_private_logs: bool = False


@dataclass(frozen=True, slots=True)
class LogWish:
    """Whose log somebody wants; *stage* and *step* are names, numbers or ""."""

    slug: str
    number: int
    stage: str
    step: str


def list_builds(library: Library, slug: str, branch: str, sees_private: bool) -> Message:
    """List the latest builds; may raise StoreUnavailable."""
    is_whole = sees_private and not branch
    kept = [
        state
        for state in library.builds.newest(slug, SHOWN if is_whole else SEARCHED)
        if (sees_private or is_public(state.repo)) and (not branch or on_branch(state, branch))
    ]
    return embedded(listed(kept, library.public_url, slug, branch))


def shown_at_once(library: Library, slug: str, number: int, sees_private: bool) -> Message | None:
    """Show a build that the database knows; may raise StoreUnavailable."""
    state = library.builds.find(slug, number)
    return _shown(state, library.public_url, sees_private) if state is not None else None


def show_build(workshop: Workshop, slug: str, number: int, sees_private: bool) -> Made:
    """Ask Drone for a build."""
    answer = workshop.drone.build(slug, number)
    if answer.status != 200:
        missed = not_done(answer)
        return text(missed.sentence), missed.reason
    state = read_whole(slug, answer.body, None, workshop)
    return _shown(state, workshop.public_url, sees_private), "answered"


def _shown(state: BuildState, public_url: str, sees_private: bool) -> Message:
    if sees_private or is_public(state.repo):
        return render(state, public_url)
    return text(HIDDEN)


def show_log(library: Library, workshop: Workshop, wish: LogWish, sees_private: bool) -> Made:
    """Ask Drone for the end of a step's log."""
    answer = workshop.drone.build(wish.slug, wish.number)
    if answer.status != 200:
        missed = not_done(answer)
        return text(missed.sentence), missed.reason
    state = read_whole(wish.slug, answer.body, None, workshop)
    if not is_public(state.repo) and not (sees_private and library.shows_private_logs):
        return text(PRIVATE if sees_private else HIDDEN), "private"
    found = choose(state, wish.stage, wish.step)
    if found is None:
        return text(NO_STEP), "no_step"
    stage, step = found
    lines = workshop.drone.step_log(wish.slug, wish.number, stage.number, step.number)
    if lines.status != 200:
        missed = not_done(lines)
        return text(NO_LOG if lines.status == 404 else missed.sentence), missed.reason
    # A step that printed nothing may have `null` for a log.
    printed = lines.body.get("items")
    rows = printed if isinstance(printed, list) else []
    return log_message(state, stage, step, rows, library.public_url), "answered"
