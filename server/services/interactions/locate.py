"""Builds at Drone, found by the name that their repository has now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from server.core.drone.action_answers import Cause, NotDone, read_failure
from server.core.drone.payload import read_state
from server.core.http_answer import Answer
from server.core.json_reader import Json, integer
from server.core.model.build import BuildState, System
from server.core.model.repository import KnownRepo
from server.core.model.repository_name import current_slug
from server.services.interactions.services import InteractionServices
from server.services.ports import Drone


@dataclass(frozen=True, slots=True)
class Located:
    """A build as Drone has it now, under the name that its repository has now."""

    slug: str
    state: BuildState
    is_known: bool  # it is the build that the database knows


def locate(
    slug: str,
    number: int,
    known: BuildState | None,
    services: InteractionServices,
    drone: Drone,
    *,
    exact: bool = False,
) -> Located | NotDone:
    """Ask Drone for a build; *known* is what the database knows of it.

    With *exact* it must be that one; otherwise the number counts, whatever was known by it.
    """
    repos = services.repos.list()
    if known is not None and _is_foreign(known, repos, services.drone_server):
        return NotDone(Cause.ANOTHER_DRONE, "another_drone")
    slug = current_slug(repos, known) if known else slug
    answer = drone.build(slug, number)
    if known is not None and (answer.status == 404 or _differs(answer, known)):
        # Perhaps it has another name since, and no webhook has come that says so.
        renamed = services.directory.slug_of(known.repo.id)
        if renamed and renamed != slug:
            slug, answer = renamed, drone.build(renamed, number)
    if answer.status != 200:
        return read_failure(answer)
    is_known = known is not None and not _differs(answer, known)
    if exact and not is_known:
        return NotDone(Cause.GONE, "gone")
    near = known if is_known else None
    return Located(slug, _read_build(slug, answer.body, near, services, drone), is_known)


def _read_build(
    slug: str, body: Json, known: BuildState | None, services: InteractionServices, drone: Drone
) -> BuildState:
    """Read a build of Drone's API, which names neither its server nor its repository.

    They are those of the same build, of another build of the repository, or of any build.
    """
    near = known or next(iter(services.builds.newest(slug, 1)), None)
    far = near or next(iter(services.builds.newest("", 1)), None)
    state = read_state({"build": body})
    if near is not None and near.repo.id == (integer(body, "repo_id") or near.repo.id):
        repo = replace(near.repo, slug=slug)
    else:
        repo = read_state({"repo": drone.repo(slug).body or {"slug": slug}}).repo
    server = services.drone_server
    system = far.system if far else System(urlsplit(server).netloc, server, version="")
    return replace(state, system=system, repo=repo)


def _differs(answer: Answer, known: BuildState) -> bool:
    return answer.status == 200 and integer(answer.body, "id") != known.build.id


def _is_foreign(known: BuildState, repos: Sequence[KnownRepo], server: str) -> bool:
    """Tell whether a build is surely of another server than the one that is asked.

    Only if that one has the name of its address: its API may be reached by another.
    """
    authority = urlsplit(server).netloc.lower()
    return known.system.host != authority and any(one.system.host == authority for one in repos)
