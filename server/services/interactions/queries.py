"""Queries of builds and logs: from the database at once, the rest by asking Drone.

Who may not read of private repositories sees those that Drone calls public at that moment.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from server.core.discord.types import Message
from server.core.drone.action_answers import NotDone, query_failure
from server.core.drone.answers import Away, LogFound, Missing, read_log, read_repo
from server.core.interactions.response import CommandResult, text_result
from server.core.model.build import BuildState, Stage, Step, merge
from server.core.model.failure import choose_step, missing_steps_error
from server.core.model.repository_name import current_slug
from server.core.render.build_list import SHOWN, build_list, is_listed
from server.core.render.message import render
from server.core.render.replies import embed_message, not_read_sentence
from server.core.render.step_log import error_message, log_message, no_log
from server.services.interactions.directory import is_public_now, says_public
from server.services.interactions.locate import Located, locate
from server.services.interactions.services import InteractionServices
from server.services.ports import Drone

# The newest builds among which those of a branch are looked for.
SEARCHED = 100

PRIVATE = (
    "Only logs of repositories that Drone calls public are shown: LOG_TAIL_PRIVATE allows others."
)
HIDDEN = "Only repositories that Drone calls public are shown outside the channel of their cards."
NO_STEP = "This build has no such step, or none yet."


@dataclass(frozen=True, slots=True)
class LogRequest:
    """The log that a member wants; *stage* and *step* are names, numbers or ""."""

    slug: str
    number: int
    stage: str
    step: str


def list_builds(slug: str, branch: str, services: InteractionServices) -> Message:
    """List the latest builds; may raise StoreUnavailable."""
    return _listed(_latest(slug, branch, services), slug, branch, services)


def list_public_builds(
    slug: str, branch: str, services: InteractionServices, drone: Drone
) -> CommandResult:
    """List the latest builds of repositories that Drone calls public."""
    kept: list[BuildState] = []
    for state in _public(_latest(slug, branch, services), services, drone):
        kept.append(state)
        if len(kept) == SHOWN:
            break
    return CommandResult(_listed(kept, slug, branch, services), "answered")


def known_build(slug: str, number: int, services: InteractionServices) -> Message | None:
    """Show a build that the database knows; may raise StoreUnavailable."""
    state = services.builds.find(slug, number)
    return render(state, services.public_url) if state is not None else None


def show_build(
    slug: str, number: int, reads_private: bool, services: InteractionServices, drone: Drone
) -> CommandResult:
    """Ask Drone for a build."""
    known = services.builds.find(slug, number)
    found = locate(slug, number, known, services, drone)
    if not reads_private and not _is_public(found, drone):
        return text_result(HIDDEN, "private")
    if isinstance(found, NotDone):
        return text_result(not_read_sentence(found), found.reason)
    state = merge(known, found.state) if known and found.is_known else found.state
    return CommandResult(render(state, services.public_url), "answered")


def show_log(
    request: LogRequest, reads_private: bool, services: InteractionServices, drone: Drone
) -> CommandResult:
    """Ask Drone for the end of a step's log."""
    known = services.builds.find(request.slug, request.number)
    found = locate(request.slug, request.number, known, services, drone)
    if not reads_private and not _is_public(found, drone):
        return text_result(HIDDEN, "private")
    if isinstance(found, NotDone):
        return text_result(not_read_sentence(found), found.reason)
    if reads_private and not services.shows_private_logs and not _is_public(found, drone):
        return text_result(PRIVATE, "private")
    chosen = choose_step(found.state, request.stage, request.step)
    if chosen is None:
        return _no_step(found.state, request.stage, services.public_url)
    return _read_log(found, *chosen, services.public_url, drone)


def _is_public(found: Located | NotDone, drone: Drone) -> bool:
    """Tell whether everybody may see a build; of one that there is not nobody may know that."""
    return isinstance(found, Located) and is_public_now(drone, found.slug)


def _no_step(state: BuildState, stage: str, public_url: str) -> CommandResult:
    error = missing_steps_error(state, stage)
    if not error:
        return text_result(NO_STEP, "no_step")
    return CommandResult(error_message(state, error, public_url), "answered")


def _read_log(
    found: Located, stage: Stage, step: Step, public_url: str, drone: Drone
) -> CommandResult:
    state = found.state
    log = read_log(drone.step_log(found.slug, state.build.number, stage.number, step.number))
    if isinstance(log, Missing):
        if step.error:
            return CommandResult(error_message(state, step.error, public_url), "answered")
        return text_result(no_log(step), "http_404")
    if not isinstance(log, LogFound):
        failure = query_failure(log)
        return text_result(not_read_sentence(failure), failure.reason)
    return CommandResult(log_message(state, stage, step, log.text, public_url), "answered")


def _latest(slug: str, branch: str, services: InteractionServices) -> list[BuildState]:
    states = services.builds.newest(slug, SEARCHED)
    return [state for state in states if is_listed(state, branch)]


def _listed(
    states: list[BuildState], slug: str, branch: str, services: InteractionServices
) -> Message:
    return embed_message(build_list(states, services.public_url, slug, branch))


def _public(
    states: Iterable[BuildState], services: InteractionServices, drone: Drone
) -> Iterator[BuildState]:
    """Leave out the builds of repositories that are not public; each is asked for once."""
    repos = services.repos.list()
    answers: dict[tuple[str, int], bool] = {}
    for state in states:
        key = (current_slug(repos, state), state.repo.id)
        if key not in answers:
            answer = read_repo(drone.repo(key[0]))
            if isinstance(answer, Away):
                return  # nor would it answer about the next one
            answers[key] = says_public(answer, state.repo.id)
        if answers[key]:
            yield state
