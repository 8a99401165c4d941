"""Let people look at builds and logs: what the database knows at once, the rest by asking Drone.

Whoever does not see private repositories sees those that Drone calls public at that moment.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from server.core.discord.types import Message
from server.core.drone.actions import NotDone, is_silence, not_read
from server.core.model.build import BuildState, merge
from server.core.model.repository_name import current_slug
from server.core.model.step_choice import choose, lacking
from server.core.render.build_list import SHOWN, is_listed, listed
from server.core.render.message import render
from server.core.render.replies import embed_message, text_message
from server.core.render.step_log import error_message, log_message, no_log
from server.services.interactions.actions import Workshop
from server.services.interactions.directory import is_public_now, says_public
from server.services.interactions.locate import Located, locate
from server.services.ports import Builds

# Among so many of the newest builds those of a branch are looked for.
SEARCHED = 100

PRIVATE = (
    "Only logs of repositories that Drone calls public are shown: LOG_TAIL_PRIVATE allows others."
)
HIDDEN = "Only repositories that Drone calls public are shown outside the channel of their cards."
NO_STEP = "This build has no such step, or none yet."

Made = tuple[Message, str]  # what the person is told, and what came of it in a word


@dataclass(frozen=True, slots=True)
class Library:
    """Where people can look."""

    builds: Builds
    public_url: str
    shows_private_logs: bool = False


@dataclass(frozen=True, slots=True)
class LogRequest:
    """Whose log somebody wants; *stage* and *step* are names, numbers or ""."""

    slug: str
    number: int
    stage: str
    step: str


def list_builds(library: Library, slug: str, branch: str) -> Message:
    """List the latest builds; may raise StoreUnavailable."""
    return embed_message(listed(_latest(library, slug, branch), library.public_url, slug, branch))


def list_public_builds(library: Library, workshop: Workshop, slug: str, branch: str) -> Made:
    """List the latest builds of repositories that Drone calls public."""
    kept: list[BuildState] = []
    for state in _public(_latest(library, slug, branch), workshop):
        kept.append(state)
        if len(kept) == SHOWN:
            break
    return embed_message(listed(kept, library.public_url, slug, branch)), "answered"


def shown_at_once(library: Library, slug: str, number: int) -> Message | None:
    """Show a build that the database knows; may raise StoreUnavailable."""
    state = library.builds.find(slug, number)
    return render(state, library.public_url) if state is not None else None


def show_build(
    library: Library, workshop: Workshop, slug: str, number: int, sees_private: bool
) -> Made:
    """Ask Drone for a build."""
    known = library.builds.find(slug, number)
    found = locate(slug, number, known, workshop.access)
    if not sees_private and not _is_open(found, workshop):
        return text_message(HIDDEN), "private"
    if isinstance(found, NotDone):
        return text_message(found.sentence), found.reason
    state = merge(known, found.state) if known and found.is_known else found.state
    return render(state, workshop.public_url), "answered"


def show_log(library: Library, workshop: Workshop, wish: LogRequest, sees_private: bool) -> Made:
    """Ask Drone for the end of a step's log."""
    known = library.builds.find(wish.slug, wish.number)
    found = locate(wish.slug, wish.number, known, workshop.access)
    if not sees_private and not _is_open(found, workshop):
        return text_message(HIDDEN), "private"
    if isinstance(found, NotDone):
        return text_message(found.sentence), found.reason
    if sees_private and not library.shows_private_logs and not _is_open(found, workshop):
        return text_message(PRIVATE), "private"
    return _log(found, wish, library.public_url, workshop)


def _is_open(found: Located | NotDone, workshop: Workshop) -> bool:
    """Tell whether everybody may see a build; of one that there is not nobody may know that."""
    return isinstance(found, Located) and is_public_now(workshop.access.drone, found.slug)


def _log(found: Located, wish: LogRequest, public_url: str, workshop: Workshop) -> Made:
    state = found.state
    chosen = choose(state, wish.stage, wish.step)
    if chosen is None:
        said = lacking(state, wish.stage)
        shown = error_message(state, said, public_url) if said else text_message(NO_STEP)
        return shown, "answered" if said else "no_step"
    stage, step = chosen
    lines = workshop.access.drone.step_log(found.slug, wish.number, stage.number, step.number)
    if lines.status == 404:
        if step.error:
            return error_message(state, step.error, public_url), "answered"
        return text_message(no_log(step)), "http_404"
    if lines.status != 200:
        missed = not_read(lines)
        return text_message(missed.sentence), missed.reason
    # A step that printed nothing may have `null` for a log.
    printed = lines.body.get("items")
    rows = printed if isinstance(printed, list) else []
    return log_message(state, stage, step, rows, public_url), "answered"


def _latest(library: Library, slug: str, branch: str) -> list[BuildState]:
    states = library.builds.newest(slug, SEARCHED)
    return [state for state in states if is_listed(state, branch)]


def _public(states: Iterable[BuildState], workshop: Workshop) -> Iterator[BuildState]:
    """Leave out the builds of repositories that are not public; each is asked about once."""
    heard = workshop.access.repos()
    said: dict[tuple[str, int], bool] = {}
    for state in states:
        key = (current_slug(heard, state), state.repo.id)
        if key not in said:
            answer = workshop.access.drone.repo(key[0])
            if is_silence(answer):
                return  # nor would it answer about the next one
            said[key] = says_public(answer, state.repo.id)
        if said[key]:
            yield state
