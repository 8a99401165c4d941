"""Repositories as Drone has them now: their names, and who may see them."""

from datetime import datetime, timedelta
from threading import Lock

from server.core.drone.answers import Failure, RepoFound, ReposFound, read_repo, read_repos
from server.core.model.build import Repo, is_public
from server.services.ports import Clock, Drone

KEPT_FOR = timedelta(seconds=60)


def is_public_now(drone: Drone, slug: str) -> bool:
    """Ask Drone whether everybody may see a repository; without a proper answer nobody may."""
    return says_public(read_repo(drone.repo(slug)))


def says_public(found: RepoFound | Failure, repo_id: int = 0) -> bool:
    """Tell whether Drone says of a repository, that of an id if one is given, that it is public.

    No event tells that a repository was made private, so nothing that we know says it is not.
    """
    if not isinstance(found, RepoFound) or found.repo.id != (repo_id or found.repo.id):
        return False
    return _is_called_public(found.repo)


class RepoDirectory:
    """The repositories that the account of DRONE_TOKEN sees, asked for once a minute at most.

    A machine account has none of its own, but as an administrator it sees all. Without *drone*
    there are none.
    """

    def __init__(self, drone: Drone | None, clock: Clock) -> None:
        self._drone = drone
        self._clock = clock
        self._lock = Lock()
        self._repos: list[Repo] = []
        self._until: datetime | None = None

    def slug_of(self, repo_id: int) -> str:
        """Return the name that a repository has now, or ""."""
        return next((repo.slug for repo in self._list() if repo.id == repo_id), "")

    def is_public(self, repo: Repo) -> bool:
        """Tell whether everybody may see a repository, as Drone said within the last minute."""
        named = (repo.id, repo.slug)
        return any((one.id, one.slug) == named and _is_called_public(one) for one in self._list())

    def _list(self) -> list[Repo]:
        if self._drone is None:
            return []
        with self._lock:
            now = self._clock()
            if self._until is None or now >= self._until:
                lists = [read_repos(self._drone.own_repos()), read_repos(self._drone.all_repos())]
                self._repos = [
                    found.repo
                    for one in lists
                    if isinstance(one, ReposFound)
                    for found in one.repos
                ]
                self._until = now + KEPT_FOR
            return self._repos


def _is_called_public(repo: Repo) -> bool:
    """Tell whether Drone says it in a word; its API always has one."""
    return is_public(repo) and repo.visibility != ""
