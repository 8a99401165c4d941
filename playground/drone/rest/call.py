"""Hold one call of the API after it was let in, and its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from playground.drone.rest.accounts import Account
from playground.drone.rest.refusal import not_found, unauthorized
from playground.drone.rest.world import World
from playground.drone.rows import Repo

NOTHING = object()
"""The body of an answer without one; `None` is the JSON `null`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold a status and what goes with it as JSON."""

    status: int
    body: object = NOTHING


@dataclass(frozen=True, slots=True)
class Call:
    """Hold what a call is about; *params* come from the path, *query* from behind it."""

    world: World
    account: Account | None
    repo: Repo | None
    params: Mapping[str, str]
    query: Mapping[str, str]

    @property
    def about(self) -> Repo:
        """Return the repository; the routes make sure that there is one."""
        if self.repo is None:
            raise not_found()
        return self.repo

    @property
    def caller(self) -> Account:
        """Return who calls; the routes make sure that it is no guest."""
        if self.account is None:
            raise unauthorized()
        return self.account
