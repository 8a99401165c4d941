"""Find a build at Drone, whatever its repository is called by now."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlsplit

from server.core.drone.actions import NotDone, not_read
from server.core.drone.payload import read_state
from server.core.http_answer import Answer
from server.core.json_reader import Json, integer
from server.core.model.build import BuildState
from server.core.model.repository import KnownRepo
from server.core.model.repository_name import current_slug
from server.services.interactions.directory import Directory
from server.services.ports import Builds, Drone

ANOTHER_DRONE = "This build is of another Drone server than the one of DRONE_SERVER."
GONE = (
    "Drone does not have this build any more: its repository was made anew, and the number is now "
    "that of another build. Use /drone for that one."
)


@dataclass(frozen=True, slots=True)
class DroneAccess:
    """Drone, and what it takes to know its builds again."""

    drone: Drone
    server: str  # Drone's address; its host stands for its name while no webhook has told it
    builds: Builds
    repos: Callable[[], Sequence[KnownRepo]]  # may raise StoreUnavailable
    directory: Directory


@dataclass(frozen=True, slots=True)
class Located:
    """A build as Drone has it now, under the name that its repository has now."""

    slug: str
    state: BuildState
    is_known: bool  # it is the build that the database knows


def locate(
    slug: str, number: int, known: BuildState | None, access: DroneAccess, *, exact: bool = False
) -> Located | NotDone:
    """Ask Drone for a build; *known* is what the database knows of it.

    With *exact* it must be that one; otherwise the number counts, whatever was known by it.
    """
    heard = access.repos()
    if known is not None and _is_foreign(known, heard, access.server):
        return NotDone("another_drone", ANOTHER_DRONE)
    slug = current_slug(heard, known) if known else slug
    answer = access.drone.build(slug, number)
    if known is not None and (answer.status == 404 or _differs(answer, known)):
        # Perhaps it has another name since, which no webhook has told.
        renamed = access.directory.slug_of(known.repo.id)
        if renamed and renamed != slug:
            slug, answer = renamed, access.drone.build(renamed, number)
    if answer.status != 200:
        return not_read(answer)
    is_known = known is not None and not _differs(answer, known)
    if exact and not is_known:
        return NotDone("gone", GONE)
    near = known if is_known else None
    return Located(slug, read_whole(slug, answer.body, near, access), is_known)


def read_whole(slug: str, body: Json, known: BuildState | None, access: DroneAccess) -> BuildState:
    """Read a build of Drone's API, which names neither its server nor its repository."""
    near = known or next(iter(access.builds.newest(slug, 1)), None)
    far = near or next(iter(access.builds.newest("", 1)), None)
    if near is not None and near.repo.id == (integer(body, "repo_id") or near.repo.id):
        repo: Json = asdict(replace(near.repo, slug=slug))
    else:
        repo = access.drone.repo(slug).body or {"slug": slug}
    address = urlsplit(access.server)
    system = asdict(far.system) if far else {"host": address.netloc, "link": access.server}
    return read_state({"system": system, "repo": repo, "build": body})


def _differs(answer: Answer, known: BuildState) -> bool:
    return answer.status == 200 and integer(answer.body, "id") != known.build.id


def _is_foreign(known: BuildState, heard: Sequence[KnownRepo], server: str) -> bool:
    """Tell whether a build is surely of another server than the one that is asked.

    Only if that one has the name of its address: its API may be reached by another.
    """
    authority = urlsplit(server).netloc.lower()
    return known.system.host != authority and any(one.system.host == authority for one in heard)
