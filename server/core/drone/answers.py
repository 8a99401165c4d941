"""The answers of Drone's REST API as typed results; nothing else looks into a body of Drone's.

    answer ──▶ BuildFound, …   Drone says what it was asked for
               Missing         there is no such thing, or our token may not see it: 404 says both
               Refused         the token is not taken, or its account may not do that
               Rejected        Drone says that it cannot do it
               Away            no proper answer of Drone's; what it did is not known

Facts: harness/drone handler/api/acl/repo.go:58-66, handler/api/acl/check.go:54-146.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from server.core.drone.payload import build_of, repo_of, stages_of
from server.core.http_answer import Answer
from server.core.json_reader import Json, flag, integer, rows, text
from server.core.model.build import Build, BuildState, Repo, Stage, System
from server.core.model.log_tail import text_of

# A list of fewer repositories, a kilobyte each, is sure to be whole.
REPOS_AT_MOST = 5000
# The longest reason of Drone's that is read.
REASON_CHARS = 500
# A proxy gives these while Drone does not answer it.
NO_DRONE = frozenset({502, 503, 504})


@dataclass(frozen=True, slots=True)
class AccountFound:
    """The account that the token belongs to."""

    login: str
    is_admin: bool


@dataclass(frozen=True, slots=True)
class RepoFound:
    """A repository as Drone has it now; *counter* is the number of its newest build."""

    repo: Repo
    counter: int


@dataclass(frozen=True, slots=True)
class ReposFound:
    """A list of repositories, as Drone gives it."""

    repos: tuple[RepoFound, ...]

    @property
    def is_whole(self) -> bool:
        """Tell whether the list is sure to have every repository that was asked for."""
        return 0 < len(self.repos) < REPOS_AT_MOST


@dataclass(frozen=True, slots=True)
class BuildFound:
    """A build as Drone has it now, which names neither its server nor its repository's slug."""

    repo_id: int
    build: Build
    stages: tuple[Stage, ...]  # () in a list of builds

    def state(self, system: System, repo: Repo) -> BuildState:
        """Return the build with the server and the repository that it is known to be of."""
        return BuildState(system, repo, self.build, self.stages)


@dataclass(frozen=True, slots=True)
class BuildsFound:
    """The newest builds of a repository."""

    builds: tuple[BuildFound, ...]


@dataclass(frozen=True, slots=True)
class LogFound:
    """The end of a step's log as its text; "" of a step that printed nothing."""

    text: str


@dataclass(frozen=True, slots=True)
class ActionDone:
    """Drone has acted; *build* is the one that it made or changed, if it answers with one."""

    build: BuildFound | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """There is no such thing, or the account of our token may not see it."""

    status: int = 404
    error: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The token is not taken (401), or its account may not do that (403)."""

    status: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """Drone says that it cannot do it, and why; it did nothing."""

    status: int
    message: str  # as Drone wrote it; foreign
    error: str = ""


@dataclass(frozen=True, slots=True)
class Away:
    """No proper answer of Drone's: whether it did what it was asked for is not known."""

    status: int  # 0 without any answer
    error: str = ""  # of the request, as `timeout`

    @property
    def reason(self) -> str:
        """Return a word for logs."""
        return self.error or f"http_{self.status}"


Failed = Refused | Rejected | Away  # nothing was learned of what was asked for
Failure = Missing | Failed
Found = AccountFound | RepoFound | ReposFound | BuildFound | BuildsFound | LogFound
Result = Found | Failure

_Found = TypeVar("_Found")


def read_account(answer: Answer) -> AccountFound | Failure:
    """Read the account; there always is one, so 404 is an answer of something else."""
    found = _read(answer, _account)
    return Away(found.status, found.error) if isinstance(found, Missing) else found


def read_repo(answer: Answer) -> RepoFound | Failure:
    """Read a repository."""
    return _read(answer, _repo)


def read_repos(answer: Answer) -> ReposFound | Failure:
    """Read a list of repositories."""
    return _read(answer, _repos)


def read_build(answer: Answer) -> BuildFound | Failure:
    """Read a build with its stages and steps."""
    return _read(answer, _build)


def read_builds(answer: Answer) -> BuildsFound | Failure:
    """Read a list of builds."""
    return _read(answer, _builds)


def read_log(answer: Answer) -> LogFound | Failure:
    """Read a step's log; of a step that printed nothing Drone may keep `null`."""
    return _read(answer, _log)


def read_action(answer: Answer) -> ActionDone | Failure:
    """Read what came of an action on a build (harness/drone handler/api/repos/builds)."""
    if not 200 <= answer.status < 300:
        return _failure(answer)
    is_build = answer.status == 200 and integer(answer.body, "number") > 0
    return ActionDone(_build_found(answer.body) if is_build else None)


def _read(answer: Answer, read: Callable[[Json], _Found | None]) -> _Found | Failure:
    """Read a body with *read*; what it takes for none of Drone's, as the page of a proxy, is none.

    A page in front of Drone answers 200 to everything.
    """
    if answer.status != 200:
        return _failure(answer)
    found = read(answer.body)
    return Away(answer.status, answer.error) if found is None else found


def _failure(answer: Answer) -> Failure:
    if answer.status == 404:
        return Missing(error=answer.error)
    if answer.status in (401, 403):
        return Refused(answer.status, answer.error)
    if answer.status == 0 or answer.status == 200 or answer.status in NO_DRONE:
        return Away(answer.status, answer.error)
    return Rejected(answer.status, text(answer.body, "message", REASON_CHARS), answer.error)


def _account(body: Json) -> AccountFound | None:
    login = text(body, "login", 250)
    return AccountFound(login, flag(body, "admin")) if login else None


def _repo(body: Json) -> RepoFound | None:
    return _repo_found(body) if integer(body, "id") > 0 else None


def _repo_found(body: Json) -> RepoFound:
    return RepoFound(repo_of(body), integer(body, "counter"))


def _repos(body: Json) -> ReposFound | None:
    if not isinstance(body.get("items"), list):
        return None
    return ReposFound(tuple(_repo_found(row) for row in rows(body, "items")))


def _build(body: Json) -> BuildFound | None:
    return _build_found(body) if integer(body, "id") > 0 else None


def _build_found(body: Json) -> BuildFound:
    return BuildFound(integer(body, "repo_id"), build_of(body), stages_of(body))


def _builds(body: Json) -> BuildsFound | None:
    if not isinstance(body.get("items"), list):
        return None
    return BuildsFound(tuple(_build_found(row) for row in rows(body, "items")))


def _log(body: Json) -> LogFound:
    found = body.get("items")
    return LogFound(text_of(found) if isinstance(found, list) else "")
