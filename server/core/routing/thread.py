"""Threads and forum posts: which one a card goes into, what it is called, and its tags."""

from collections.abc import Mapping, Sequence

from server.core.discord.markdown import plain
from server.core.model.status import UNFINISHED, Status
from server.core.routing.facts import DEPLOYMENTS, BuildFacts
from server.core.routing.rules import Thread

# https://docs.discord.com/developers/resources/channel#start-thread-in-forum-or-media-channel
LONGEST_NAME = 100  # characters, one at least
POST_TAGS = 5

# The states for which a forum may have a tag.
TAGS = ("running", "waiting", "passed", "failed", "cancelled")


def thread_key(thread: Thread, facts: BuildFacts) -> str:
    """Tell threads of a channel apart, however long the names are; "" for the channel itself.

    A pull request and an environment are told apart from the branch that they are of.
    """
    if thread is Thread.NEVER or (thread is Thread.PULL_REQUEST and not facts.pull_request):
        return ""
    return facts.repo if thread is Thread.REPO else f"{facts.repo} {_within(facts)}"


def thread_name(thread: Thread, facts: BuildFacts) -> str:
    """Name the thread of a build; "" if it has none and stands in the channel itself."""
    if not thread_key(thread, facts):
        return ""
    return _joined(facts.repo, "" if thread is Thread.REPO else _within(facts))


def post_name(facts: BuildFacts) -> str:
    """Name the post of one build in a forum, where nothing stands outside a post."""
    return _joined(facts.repo, f"build {facts.number}")


def state_tag(facts: BuildFacts) -> str:
    """Name the state of a build as a forum's tags do."""
    if facts.is_bad:
        return "failed"
    if facts.status is Status.SUCCESS:
        return "passed"
    if facts.is_ended:
        return "cancelled"
    waits = facts.status in UNFINISHED and facts.status is not Status.RUNNING
    return "waiting" if waits else "running"


def applied_tags(present: Sequence[str], tags: Mapping[str, str], state: str) -> tuple[str, ...]:
    """Return the tags of a post: that of its state and those of people; the last ones give way."""
    ours = set(tags.values())
    wanted = [tags[state]] if state in tags else []
    return tuple(wanted + [tag for tag in present if tag not in ours])[:POST_TAGS]


def _within(facts: BuildFacts) -> str:
    if facts.pull_request:
        return f"#{facts.pull_request}"
    return f"→ {facts.environment}" if facts.event in DEPLOYMENTS else facts.branch


def _joined(repo: str, what: str) -> str:
    """Write both, with the whole of *what* if at all possible."""
    what = plain(what, LONGEST_NAME // 2)
    name = plain(repo, LONGEST_NAME - len(what) - 1, "unknown repository")
    return f"{name} {what}" if what else name
