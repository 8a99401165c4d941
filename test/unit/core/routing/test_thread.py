"""Which thread a card goes into, what it is called, and the tags of a post."""

from dataclasses import replace

import pytest

from server.core.model.status import Status
from server.core.routing.facts import BuildFacts
from server.core.routing.rules import Thread
from server.core.routing.thread import (
    applied_tags,
    post_name,
    state_tag,
    thread_key,
    thread_name,
)

PUSH = BuildFacts(repo="acme/shop", branch="main", event="push", number=41)
REQUEST = replace(PUSH, event="pull_request", pull_request="7")
DEPLOYMENT = replace(PUSH, event="promote", environment="production")


@pytest.mark.parametrize(
    ("thread", "facts", "name"),
    [
        (Thread.NEVER, PUSH, ""),
        (Thread.REPO, PUSH, "acme/shop"),
        (Thread.REPO, REQUEST, "acme/shop"),
        (Thread.BRANCH, PUSH, "acme/shop main"),
        (Thread.BRANCH, REQUEST, "acme/shop #7"),
        (Thread.BRANCH, DEPLOYMENT, "acme/shop → production"),
        (Thread.PULL_REQUEST, REQUEST, "acme/shop #7"),
        (Thread.PULL_REQUEST, PUSH, ""),
        (Thread.BRANCH, replace(PUSH, repo="", branch=""), "unknown repository"),
        (Thread.BRANCH, replace(PUSH, branch="a\u202e\n b"), "acme/shop a b"),
    ],
)
def test_builds_of_one_thing_share_a_thread(thread: Thread, facts: BuildFacts, name: str) -> None:
    assert thread_name(thread, facts) == name


@pytest.mark.parametrize("facts", [PUSH, REQUEST, DEPLOYMENT])
@pytest.mark.parametrize("thread", Thread)
def test_a_long_name_fits_and_its_key_tells_threads_apart(
    thread: Thread, facts: BuildFacts
) -> None:
    long = replace(facts, repo="r" * 200, branch="b" * 200, environment="e" * 200)

    name, key = thread_name(thread, long), thread_key(thread, long)

    assert len(name) <= 100
    assert bool(name) is bool(key)
    assert key in (
        "",
        "r" * 200,
        *(f"{'r' * 200} {end}" for end in ("b" * 200, "#7", f"→ {'e' * 200}")),
    )


def test_a_post_of_one_build_is_called_after_it() -> None:
    assert post_name(PUSH) == "acme/shop build 41"


@pytest.mark.parametrize(
    ("facts", "tag"),
    [
        (BuildFacts(status=Status.RUNNING), "running"),
        (BuildFacts(status=Status.OTHER), "running"),
        (BuildFacts(status=Status.RUNNING, failed_steps=frozenset("a")), "failed"),
        (BuildFacts(status=Status.ERROR), "failed"),
        (BuildFacts(status=Status.KILLED, is_timed_out=True), "failed"),
        (BuildFacts(status=Status.SUCCESS), "passed"),
        (BuildFacts(status=Status.KILLED), "cancelled"),
        (BuildFacts(status=Status.DECLINED), "cancelled"),
        (BuildFacts(status=Status.PENDING), "waiting"),
        (BuildFacts(status=Status.BLOCKED), "waiting"),
    ],
)
def test_a_post_has_the_tag_of_its_state(facts: BuildFacts, tag: str) -> None:
    assert state_tag(facts) == tag


@pytest.mark.parametrize(
    ("present", "state", "expected"),
    [
        ([], "failed", ("F",)),
        (["R"], "failed", ("F",)),
        (["F"], "passed", ()),
        (["mine", "R", "theirs"], "failed", ("F", "mine", "theirs")),
        (["a", "b", "c", "d", "e"], "failed", ("F", "a", "b", "c", "d")),
    ],
)
def test_tags_of_people_stay_as_far_as_there_is_room(
    present: list[str], state: str, expected: tuple[str, ...]
) -> None:
    assert applied_tags(present, {"failed": "F", "running": "R"}, state) == expected
