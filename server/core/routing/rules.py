"""Routing rules as data: channels, people, and the routes that send builds to channels."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from enum import StrEnum, unique

from server.core.routing.glob import Matcher, name_matcher, text_matcher


@unique
class Show(StrEnum):
    """Which builds a route shows in its channel."""

    ALL = "all"
    BAD = "bad"  # from the moment a step of it has failed
    CHANGES = "changes"  # when it ends otherwise than the build before it
    ENDED = "ended"
    NONE = "none"  # a route that only takes builds away from the fallback


@unique
class Silent(StrEnum):
    """Which messages are sent without a notification."""

    NO = "no"
    YES = "yes"
    PROGRESS = "progress"  # all but those of a build that has failed


@unique
class QuietEffect(StrEnum):
    """What quiet hours do."""

    SILENT = "silent"
    NO_PING = "no-ping"


@unique
class Thread(StrEnum):
    """What has a thread of its own in the channel."""

    NEVER = "never"
    PULL_REQUEST = "pull_request"
    BRANCH = "branch"
    REPO = "repo"


@unique
class Layout(StrEnum):
    """How much of a build a card tells."""

    FULL = "full"
    SHORT = "short"  # one line and the buttons


@unique
class PingOn(StrEnum):
    """What people are pinged for."""

    APPROVAL = "approval"
    FIXED = "fixed"
    NEW_STEP = "new-step"
    BROKEN = "broken"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel that routes may name."""

    name: str
    id: str
    tags: Mapping[str, str] = field(default_factory=dict)  # of a forum: state → id of the tag
    board: bool = False  # one message that lists what is red now


@dataclass(frozen=True, slots=True)
class Ping:
    """Who is pinged, for what, and at most how often by this route."""

    on: frozenset[PingOn]
    who: tuple[str, ...]  # "author", "role:<id>", "user:<id>"
    every: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the day in a time zone; from the later to the earlier goes across midnight."""

    start: time
    end: time
    zone: str
    effect: QuietEffect = QuietEffect.SILENT


# The fields of a build by which a route can choose, in the order in which reasons name them.
MATCHED = ("repo", "branch", "event", "author", "message")
TEXTS = frozenset({"author", "message"})  # matched as text, the others as names


@dataclass(frozen=True, slots=True)
class Criterion:
    """The patterns of one field, of which one must match; raises BadGlob when it is made."""

    name: str  # of the field
    globs: tuple[str, ...]
    matches: Matcher = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compile the patterns once for all builds."""
        object.__setattr__(self, "matches", compiled(self.name, self.globs))

    def first(self, value: str) -> str:
        """Return the pattern that matches the `comparable` *value*, "" if none does."""
        return next((glob for glob in self.globs if compiled(self.name, (glob,))(value)), "")


def compiled(name: str, globs: tuple[str, ...]) -> Matcher:
    """Compile the patterns of the field *name* for `comparable` values; raise BadGlob."""
    return text_matcher(globs) if name in TEXTS else name_matcher(globs)


def comparable(name: str, value: str) -> str:
    """Return the value of the field *name* as its patterns are compared with it."""
    return value.casefold() if name in TEXTS else value


@dataclass(frozen=True, slots=True)
class Route:
    """One rule: the builds that it takes, the channel that shows them, and how."""

    name: str
    channel: Channel
    include: tuple[Criterion, ...] = ()  # all must match; in the order of MATCHED
    exclude: tuple[Criterion, ...] = ()  # none may match
    show: Show = Show.ALL
    ping: Ping | None = None
    remind: timedelta | None = None
    silent: Silent = Silent.NO
    quiet: Quiet | None = None
    thread: Thread = Thread.NEVER
    layout: Layout = Layout.FULL
    fallback: bool = False  # only for builds that no other route took
    stop: bool = False  # no later route is asked


@dataclass(frozen=True, slots=True)
class RoutingRules:
    """The rules of one bridge; routes are asked in their order."""

    channels: Mapping[str, Channel]
    people: Mapping[str, str]  # `login_key` of a login at the forge → id of the Discord user
    routes: tuple[Route, ...]


def login_key(login: str) -> str:
    """Return what logins at a forge are compared by: upper and lower case are alike.

    Other letters than ASCII are not folded, so that no sign can pass for another one.
    """
    return login.lower() if login.isascii() else login


DEFAULT_ROUTE = "default"


def everything_to(channel_id: str) -> RoutingRules:
    """Return the one rule that applies without a file: every build to the default channel."""
    channel = Channel(DEFAULT_ROUTE, channel_id)
    return RoutingRules({DEFAULT_ROUTE: channel}, {}, (Route(DEFAULT_ROUTE, channel),))
