"""List the API's routes: who answers, and what the caller needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playground.drone.rest import acts, reads
from playground.drone.rest.access import Need
from playground.drone.rest.call import Answer, Call


@dataclass(frozen=True, slots=True)
class Route:
    """Hold one method and path template, and how it is treated."""

    method: str
    template: str
    need: Need
    answer: Callable[[Call], Answer]


_REPO = "/api/repos/{namespace}/{name}"
_BUILDS = f"{_REPO}/builds"
_BUILD = f"{_BUILDS}/{{number}}"

ROUTES: tuple[Route, ...] = (
    Route("GET", "/version", Need.NOTHING, reads.version),
    Route("GET", "/api/user", Need.ACCOUNT, reads.who_am_i),
    Route("GET", "/api/user/repos", Need.ACCOUNT, reads.own_repos),
    Route("GET", "/api/user/builds", Need.ACCOUNT, reads.recent_builds),
    Route("GET", "/api/user/builds/recent", Need.ACCOUNT, reads.recent_builds),
    Route("GET", "/api/repos", Need.SYSTEM_ADMIN, reads.all_repos),
    Route("GET", "/api/builds/incomplete", Need.SYSTEM_ADMIN, reads.incomplete_builds),
    Route("GET", _REPO, Need.READ, reads.repo),
    Route("GET", _BUILDS, Need.READ, reads.builds),
    Route("GET", _BUILD, Need.READ, reads.build),
    Route("GET", f"{_BUILD}/logs/{{stage}}/{{step}}", Need.READ, reads.log),
    Route("POST", _BUILD, Need.WRITE, acts.restart),
    Route("DELETE", _BUILD, Need.WRITE, acts.cancel),
    Route("POST", f"{_BUILD}/promote", Need.WRITE, acts.promote),
    Route("POST", f"{_BUILD}/rollback", Need.WRITE, acts.rollback),
    Route("POST", f"{_BUILD}/approve/{{stage}}", Need.ADMIN, acts.approve),
    Route("POST", f"{_BUILD}/decline/{{stage}}", Need.ADMIN, acts.decline),
    Route("POST", f"{_BUILD}/decline", Need.ADMIN, acts.decline_build),
)
