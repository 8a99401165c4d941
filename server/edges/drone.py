"""Drone's REST API; it sends once and returns what came, whatever came.

`server.core.drone.answers` reads what comes; retrying and waiting are decided elsewhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from runtime.secret import Secret
from server import PROJECT_URL, __version__
from server.core.drone.answers import REPOS_AT_MOST
from server.core.drone.log_rows import LogRows
from server.core.http_answer import Answer
from server.edges.http import Authorization, Body, HttpClient, Limits

USER_AGENT = f"drone-discord/{__version__} (+{PROJECT_URL})"

# As much as a webhook about the same build may have.
LARGEST_BODY = 8 * 1024 * 1024
# Drone keeps 5 MB of a step's log (drone/runner-go livelog/livelog.go:20); each byte may be six in
# JSON. It is read as it comes, and its end is kept.
LARGEST_LOG = 48 * 1024 * 1024

Query = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long Drone is waited for, in seconds."""

    connect: float = 3.0
    read: float = 5.0  # for the next piece of an answer
    total: float = 20.0  # for a whole answer
    log: float = 30.0  # for a whole log
    # Drone starts a build before it answers: it asks the SCM for the configuration, for 45 s if the
    # SCM has none, then waits for all receivers of webhooks, 60 s for each.
    act: float = 150.0


# While a person types: Discord waits for 3 seconds.
HASTE = Patience(connect=0.5, read=1.0, total=1.0)


class DroneRest:
    """The calls that the bridge makes; usable from many threads, each with its own connections.

    A slug that no repository can have is answered 404 without a request. An answer that says it is
    well and cannot be read has the status 0, because an empty one means that nothing was started.
    """

    def __init__(self, server: str, token: Secret, patience: Patience | None = None) -> None:
        self._client = HttpClient(f"{server}/api", Authorization("Bearer", token), USER_AGENT)
        given = patience or Patience()
        self._reading = Limits(given.connect, given.read, given.total, LARGEST_BODY)
        self._acting = Limits(given.connect, given.act, given.act, LARGEST_BODY)
        self._of_log = Limits(given.connect, given.read, given.log, LARGEST_LOG)

    def interrupt(self) -> None:
        """Wait for Drone no longer, now and ever: the process ends."""
        self._client.interrupt()

    def who_am_i(self) -> Answer:
        """Return the account that the token belongs to."""
        return self._call("GET", "/user")

    def own_repos(self) -> Answer:
        """List the repositories that the SCM lets the account see: none for a machine."""
        return self._call("GET", "/user/repos")

    def all_repos(self) -> Answer:
        """List every repository; for system admins alone."""
        # Drone takes pages of any size, and gives them no order (harness/drone
        # handler/api/repos/all.go, store/repos/repos.go): so it is one page.
        return self._call("GET", "/repos", [("page", "1"), ("per_page", str(REPOS_AT_MOST))])

    def builds(self, slug: str) -> Answer:
        """List the newest builds of a repository, newest first, without their stages."""
        return self._of_repo("GET", slug, "/builds")

    def build(self, slug: str, number: int) -> Answer:
        """Return a build with its stages and steps, without its repository."""
        return self._of_repo("GET", slug, f"/builds/{number}")

    def repo(self, slug: str) -> Answer:
        """Return a repository, with what the account may do in it."""
        return self._of_repo("GET", slug, "")

    def step_log(self, slug: str, number: int, stage: int, step: int) -> Answer:
        """List the last lines of a step's log; stage and step are numbers, not ids."""
        path = _path(slug, f"/builds/{number}/logs/{stage}/{step}")
        if path is None:
            return BAD_SLUG
        return _well(self._client.stream("GET", path, self._of_log, _last_rows))

    def restart(self, slug: str, number: int, params: Mapping[str, str]) -> Answer:
        """Start a build once more; return the new one."""
        return self._of_repo("POST", slug, f"/builds/{number}", list(params.items()))

    def cancel(self, slug: str, number: int) -> Answer:
        """Stop a build; return it."""
        return self._of_repo("DELETE", slug, f"/builds/{number}")

    def promote(self, slug: str, number: int, target: str, params: Mapping[str, str]) -> Answer:
        """Start a build that promotes another to *target*; return the new one."""
        return self._deploy(slug, number, "promote", target, params)

    def rollback(self, slug: str, number: int, target: str, params: Mapping[str, str]) -> Answer:
        """Start a build that rolls *target* back to another; return the new one."""
        return self._deploy(slug, number, "rollback", target, params)

    def approve(self, slug: str, number: int, stage: int) -> Answer:
        """Let a blocked stage go on."""
        return self._of_repo("POST", slug, f"/builds/{number}/approve/{stage}")

    def decline(self, slug: str, number: int, stage: int) -> Answer:
        """End a blocked stage, and its build with it."""
        return self._of_repo("POST", slug, f"/builds/{number}/decline/{stage}")

    def _deploy(
        self, slug: str, number: int, verb: str, target: str, params: Mapping[str, str]
    ) -> Answer:
        # Of two values Drone takes the first.
        query = [("target", target), *params.items()]
        return self._of_repo("POST", slug, f"/builds/{number}/{verb}", query)

    def _of_repo(self, method: str, slug: str, rest: str, query: Query = ()) -> Answer:
        path = _path(slug, rest)
        return BAD_SLUG if path is None else self._call(method, path, query)

    def _call(self, method: str, path: str, query: Query = ()) -> Answer:
        limits = self._reading if method == "GET" else self._acting
        return _well(self._client.call(method, path, limits, params=list(query)))


BAD_SLUG = Answer(404, {}, {}, "bad_slug")


def _path(slug: str, rest: str) -> str | None:
    """Return the address of something in a repository; None for a slug that none can have."""
    parts = slug.split("/")
    if len(parts) != 2 or any(part in ("", ".", "..") for part in parts):
        return None
    return f"/repos/{'/'.join(quote(part, safe='', errors='replace') for part in parts)}{rest}"


def _well(answer: Answer) -> Answer:
    """Take an answer that says it is well and cannot be read for none."""
    return replace(answer, status=0) if answer.status == 200 and answer.error else answer


def _last_rows(pieces: Iterable[bytes]) -> Body | None:
    rows = LogRows()
    try:
        for piece in pieces:
            rows.feed(piece)
        found = rows.end()
    except ValueError:
        return None
    return {} if found is None else {"items": found}
