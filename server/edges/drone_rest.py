"""Drone's REST API over `requests`; it sends once and returns what came, whatever came.

Retrying, waiting and reading what an answer means are decided elsewhere.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests
import urllib3

from server import PROJECT_URL, __version__
from server.core.answer import Answer
from server.core.listing import REPOS_AT_MOST
from server.edges.sessions import Authorization, Sessions
from server.secret import Secret

USER_AGENT = f"drone-discord/{__version__} (+{PROJECT_URL})"
# A small answer that unpacks to a huge one is not what we ask for.
HEADERS = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}

# Drone keeps 5 MB of a step's log, which JSON makes larger.
LARGEST_BODY = 16 * 1024 * 1024
CHUNK = 64 * 1024

Query = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long Drone is waited for, in seconds."""

    connect: float = 3.0
    read: float = 5.0  # for the next piece of an answer
    # Drone starts a build before it answers: it asks the SCM, then waits for all receivers of
    # webhooks.
    act: float = 30.0
    body: float = 20.0  # for a whole answer, however slowly it comes


class DroneRest:
    """The calls that the bridge makes; usable from many threads, each with its own connections.

    A slug that no repository can have is answered 404 without a request. An answer that says it is
    well and cannot be read has the status 0, because an empty one means that nothing was started.
    """

    def __init__(self, server: str, token: Secret, patience: Patience | None = None) -> None:
        self._base_url = f"{server}/api"
        self._patience = patience or Patience()
        self._sessions = Sessions(Authorization("Bearer", token), HEADERS)

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
        """List the lines of a step's log; stage and step are numbers, not ids."""
        return self._of_repo("GET", slug, f"/builds/{number}/logs/{stage}/{step}")

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

    def _of_repo(self, method: str, slug: str, path: str, query: Query = ()) -> Answer:
        parts = slug.split("/")
        if len(parts) != 2 or any(part in ("", ".", "..") for part in parts):
            return Answer(404, {}, {}, "bad_slug")
        name = "/".join(quote(part, safe="", errors="replace") for part in parts)
        return self._call(method, f"/repos/{name}{path}", query)

    def _call(self, method: str, path: str, query: Query = ()) -> Answer:
        patience = self._patience
        seconds = patience.read if method == "GET" else patience.act
        try:
            with self._sessions.mine().request(
                method,
                self._base_url + path,
                params=list(query),
                timeout=(patience.connect, seconds),
                allow_redirects=False,
                stream=True,
            ) as response:
                return _answer(response, time.monotonic() + patience.body)
        except (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError):
            return Answer(0, {}, {}, "timeout")
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            return Answer(0, {}, {}, type(error).__name__)


def _answer(response: requests.Response, deadline: float) -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    raw = _body(response, deadline)
    if raw is None:
        return Answer(0, headers, {}, "too_large")
    if response.status_code == 204:
        return Answer(204, headers, {})
    body = _json(raw)
    if body is None and response.status_code == 200:
        return Answer(0, headers, {}, "not_json")
    return Answer(response.status_code, headers, body or {})


def _body(response: requests.Response, deadline: float) -> bytes | None:
    """Read the body as it comes; None if there is more of it than any answer has."""
    kept: list[bytes] = []
    size = 0
    while chunk := response.raw.read1(CHUNK):
        kept.append(chunk)
        size += len(chunk)
        if size > LARGEST_BODY:
            return None
        if time.monotonic() > deadline:
            raise TimeoutError
    return b"".join(kept)


def _json(raw: bytes) -> Mapping[str, Any] | None:
    """Read an object; a list comes under `items`, and `null` is {}; None for anything else."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    if body is None:
        return {}
    if isinstance(body, list):
        return {"items": body}
    return body if isinstance(body, dict) else None
