"""Builds at Drone, found by the name that their repository has now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from server.core.drone.action_answers import Cause, NotDone, query_failure
from server.core.drone.answers import (
    BuildFound,
    Failure,
    Missing,
    RepoFound,
    read_build,
    read_repo,
)
from server.core.drone.payload import repo_of
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
    found = read_build(drone.build(slug, number))
    if known is not None and (isinstance(found, Missing) or _differs(found, known)):
        # Perhaps it has another name since, and no webhook has come that says so.
        renamed = services.directory.slug_of(known.repo.id)
        if renamed and renamed != slug:
            slug, found = renamed, read_build(drone.build(renamed, number))
    if not isinstance(found, BuildFound):
        return query_failure(found)
    is_known = known is not None and not _differs(found, known)
    if exact and not is_known:
        return NotDone(Cause.GONE, "gone")
    near = known if is_known else None
    return Located(slug, _complete(slug, found, near, services, drone), is_known)


def _complete(
    slug: str,
    found: BuildFound,
    known: BuildState | None,
    services: InteractionServices,
    drone: Drone,
) -> BuildState:
    """Complete a build by its server and its repository, which Drone's API does not name.

    They are those of the same build, of another build of the repository, or of any build.
    """
    near = known or next(iter(services.builds.newest(slug, 1)), None)
    far = near or next(iter(services.builds.newest("", 1)), None)
    if near is not None and near.repo.id == (found.repo_id or near.repo.id):
        repo = replace(near.repo, slug=slug)
    else:
        answer = read_repo(drone.repo(slug))
        repo = answer.repo if isinstance(answer, RepoFound) else repo_of({"slug": slug})
    server = services.drone_server
    system = far.system if far else System(urlsplit(server).netloc, server, version="")
    return found.state(system, repo)


def _differs(found: BuildFound | Failure, known: BuildState) -> bool:
    return isinstance(found, BuildFound) and found.build.id != known.build.id


def _is_foreign(known: BuildState, repos: Sequence[KnownRepo], server: str) -> bool:
    """Tell whether a build is surely of another server than the one that is asked.

    Only if that one has the name of its address: its API may be reached by another.
    """
    authority = urlsplit(server).netloc.lower()
    return known.system.host != authority and any(one.system.host == authority for one in repos)
