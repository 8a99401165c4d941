"""What Drone shows of repositories now: what they are called, and who may see them."""

from datetime import datetime, timedelta
from threading import Lock

from server.core.drone.payload import read_state
from server.core.http_answer import Answer
from server.core.json_reader import Json, rows
from server.core.model.build import Repo
from server.services.ports import Clock, Drone

KEPT_FOR = timedelta(seconds=60)


def is_public_now(drone: Drone, slug: str) -> bool:
    """Ask Drone whether everybody may see a repository; without a proper answer nobody may."""
    return says_public(drone.repo(slug))


def says_public(answer: Answer, repo_id: int = 0) -> bool:
    """Tell whether Drone says of a repository, that of an id if one is given, that it is public.

    No event tells that a repository was made private, so nothing that we know says it is not.
    """
    repo = _repo(answer.body)
    return answer.status == 200 and repo.id == (repo_id or repo.id) and _is_public(repo)


class Directory:
    """The repositories that the account of DRONE_TOKEN sees, asked for once a minute at most.

    A machine account has none of its own, but as an administrator it sees all.
    """

    def __init__(self, drone: Drone, clock: Clock) -> None:
        self._drone = drone
        self._clock = clock
        self._lock = Lock()
        self._repos: list[Repo] = []
        self._until: datetime | None = None

    def slug_of(self, repo_id: int) -> str:
        """Return what a repository is called now, or ""."""
        return next((repo.slug for repo in self._all() if repo.id == repo_id), "")

    def is_public(self, repo: Repo) -> bool:
        """Tell whether everybody may see a repository, as Drone said within the last minute."""
        named = (repo.id, repo.slug)
        return any((one.id, one.slug) == named and _is_public(one) for one in self._all())

    def _all(self) -> list[Repo]:
        with self._lock:
            now = self._clock()
            if self._until is None or now >= self._until:
                answers = (self._drone.own_repos(), self._drone.all_repos())
                self._repos = [
                    _repo(row)
                    for answer in answers
                    if answer.status == 200
                    for row in rows(answer.body, "items")
                ]
                self._until = now + KEPT_FOR
            return self._repos


def _repo(row: Json) -> Repo:
    return read_state({"repo": row}).repo


def _is_public(repo: Repo) -> bool:
    """Tell whether Drone says in so many words that everybody may see a repository."""
    return repo.id > 0 and not repo.private and repo.visibility == "public"
