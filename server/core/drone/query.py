"""A query to Drone's API, and the response to it."""

from dataclasses import dataclass, field
from enum import StrEnum, unique

from server.core.drone.answers import Result


@unique
class QueryKind(StrEnum):
    """What can be queried."""

    ACCOUNT = "account"  # whose token it is; queried alone while something is wrong
    BUILD = "build"
    REPO = "repo"  # whether a repository answers, of which a build is missing
    REPOS = "repos"  # the repositories that the account may see
    BUILDS = "builds"  # the newest builds of a repository
    MISSED = "missed"  # a build that no webhook reported; only its number is known
    LOG = "log"


@dataclass(frozen=True, slots=True)
class DroneQuery:
    """One query; *subject* is our name of what it is about: a card, or a repository."""

    kind: QueryKind
    subject: str = ""
    slug: str = field(default="", compare=False)  # may change while it waits
    number: int = 0  # of the build
    stage: int = 0
    step: int = 0
    is_admin: bool = field(default=False, compare=False)  # the account sees every repository


@dataclass(frozen=True, slots=True)
class DroneResponse:
    """What came back of a query."""

    query: DroneQuery
    result: Result


ACCOUNT = DroneQuery(QueryKind.ACCOUNT)
REPOS = DroneQuery(QueryKind.REPOS)
