"""What can be asked of Drone, and what its answers mean for asking on.

    answer ──▶ FOUND     it says what was asked
               MISSING   there is no such thing, or our token may not see it: Drone says 404 to both
               REFUSED   the token is not taken
               AWAY      no proper answer; nobody knows

Facts: harness/drone handler/api/acl/repo.go:58-66, handler/api/acl/check.go:54-146.
"""

from dataclasses import dataclass, field
from enum import StrEnum, unique

from server.core.http_answer import Answer
from server.core.json_reader import integer, text


@unique
class QueryKind(StrEnum):
    """The questions that there are."""

    ACCOUNT = "account"  # whose token it is; asked alone while something is wrong
    BUILD = "build"
    REPO = "repo"  # whether a repository answers, of which a build is missing
    REPOS = "repos"  # the repositories that the account may see
    BUILDS = "builds"  # the newest builds of a repository
    MISSED = "missed"  # a build that nobody told us of; only its number is known
    LOG = "log"


@dataclass(frozen=True, slots=True)
class DroneQuery:
    """One question; *subject* is our name of what it is about: a card, or a repository."""

    kind: QueryKind
    subject: str = ""
    slug: str = field(default="", compare=False)  # may change while it waits
    number: int = 0  # of the build
    stage: int = 0
    step: int = 0
    is_admin: bool = field(default=False, compare=False)  # the account sees every repository


@dataclass(frozen=True, slots=True)
class DroneResponse:
    """A question that came back."""

    question: DroneQuery
    answer: Answer


ACCOUNT = DroneQuery(QueryKind.ACCOUNT)
REPOS = DroneQuery(QueryKind.REPOS)


@unique
class Meaning(StrEnum):
    """What an answer means for asking on."""

    FOUND = "found"
    MISSING = "missing"
    REFUSED = "token_refused"
    AWAY = "no_answer"


def read_meaning(reply: DroneResponse) -> Meaning:
    """Tell what an answer means; what is no answer of Drone's to this question is none at all."""
    kind, answer = reply.question.kind, reply.answer
    if answer.status in (401, 403):
        return Meaning.REFUSED
    if answer.status == 404 and kind is not QueryKind.ACCOUNT:
        return Meaning.MISSING
    return Meaning.FOUND if answer.status == 200 and _is_proper(kind, answer) else Meaning.AWAY


def _is_proper(kind: QueryKind, answer: Answer) -> bool:
    """Tell whether the body is Drone's; a page in front of it answers 200 to everything."""
    if kind is QueryKind.LOG:
        return True  # of a step that printed nothing Drone may keep `null`
    if kind in (QueryKind.REPOS, QueryKind.BUILDS):
        return isinstance(answer.body.get("items"), list)
    if kind is QueryKind.ACCOUNT:
        return bool(text(answer.body, "login"))
    return integer(answer.body, "id") > 0
