"""What is known of a repository, and when it is worth a write."""

from dataclasses import replace
from typing import Any

import pytest
from fakes import HOST, START, payload, seconds

from server.core.drone.payload import read_state
from server.core.model.build import BuildState, System
from server.core.model.repository import (
    DEPTH,
    TARGETS,
    KnownRepo,
    polled_system,
    repo_id,
    settled,
    with_listing,
    with_report,
)

LATER = START + seconds(60)


def report(repo: dict[str, Any] | None = None, **build: Any) -> BuildState:
    body = payload(**build)
    body["repo"] |= repo or {}
    return read_state(body)


def known(*reports: BuildState) -> KnownRepo:
    """Return what is known after reports."""
    found: KnownRepo | None = None
    for one in reports or (report(),):
        found = with_report(found, one, START) or found
    assert found is not None
    return found


def test_the_first_report_is_remembered() -> None:
    first = report(build_id=7)

    assert with_report(None, first, START) == KnownRepo(
        first.system, first.repo, 7, START, settled=((7, 7),)
    )


NO_NEWS = {
    "the same report": report(),
    "progress": report(status="success", version=9),
    "another version of the repository": report({"version": 9}),
    "an older report with another name": report({"version": 0, "slug": "old/name"}),
    "a target of a build that deploys nothing": report(deploy_to="production"),
}


@pytest.mark.parametrize("one", NO_NEWS.values(), ids=NO_NEWS)
def test_no_news_is(one: BuildState) -> None:
    assert with_report(known(), one, LATER) is None


NEWS: dict[str, tuple[BuildState, dict[str, Any]]] = {
    "a newer build": (report(build_id=8), {"last_number": 8, "settled": ((7, 8),)}),
    "an older build": (report(build_id=3), {"settled": ((3, 3), (7, 7))}),
    "a new name": (
        report({"version": 2, "slug": "new/name"}),
        {"repo": report({"version": 2, "slug": "new/name"}).repo},
    ),
    "a repository that is private now": (
        report({"version": 2, "private": True}),
        {"repo": report({"version": 2, "private": True}).repo},
    ),
    "a target": (report(event="promote", deploy_to="staging"), {"targets": ("staging",)}),
    "a target of a rollback": (report(event="rollback", deploy_to="a"), {"targets": ("a",)}),
}


@pytest.mark.parametrize(("one", "changes"), NEWS.values(), ids=NEWS)
def test_news_is(one: BuildState, changes: dict[str, Any]) -> None:
    assert with_report(known(), one, LATER) == replace(known(), heard_at=LATER, **changes)


def test_of_many_targets_the_newest_are_remembered() -> None:
    reports = [report(event="promote", deploy_to=f"t{number}") for number in range(TARGETS + 3)]

    targets = known(*reports).targets

    assert targets == tuple(f"t{number}" for number in range(TARGETS + 2, 2, -1))


def test_that_it_can_be_read_is_not_forgotten() -> None:
    readable = replace(known(), is_readable=True)

    news = with_report(readable, report(build_id=8), LATER)

    assert news is not None
    assert news.is_readable


def test_what_is_far_below_the_newest_build_is_missed_no_more() -> None:
    found = known(report(build_id=10), report(build_id=10 + DEPTH), report(build_id=20 + DEPTH))

    assert found.settled == ((1, 20), (10 + DEPTH,) * 2, (20 + DEPTH,) * 2)


def test_the_newest_of_what_was_missed_comes_first() -> None:
    found = known(report(build_id=3), report(build_id=5), report(build_id=7))

    assert [found.missed, settled(found, 6, 6).missed, settled(found, 1, 7).missed] == [6, 4, 0]


def test_a_list_names_newer_builds_and_a_new_name() -> None:
    new = report({"version": 2, "slug": "new/name"}).repo
    hidden = replace(known(), hidden_at=START, is_deleted=True)

    news = with_listing(hidden, known().system, new, 9, LATER)

    assert news == replace(known(), repo=new, last_number=9, is_readable=True, heard_at=LATER)


def test_a_list_that_says_nothing_new_is_no_news() -> None:
    one = replace(known(), is_readable=True)

    assert with_listing(one, one.system, one.repo, 7, LATER) is None


def test_what_was_hidden_is_there_when_a_webhook_of_it_comes() -> None:
    news = with_report(replace(known(), hidden_at=START), report(), LATER)

    assert news == replace(known(), heard_at=LATER)


def test_two_servers_may_use_the_same_ids() -> None:
    one = report()
    other = System("other.example.com", "", "")

    assert (repo_id(one.system, one.repo), repo_id(other, one.repo)) == (
        f"{HOST}/1",
        "other.example.com/1",
    )


def at(host: str, late: float) -> KnownRepo:
    return replace(known(), system=System(host, "", ""), heard_at=START + seconds(late))


POLLED: dict[str, tuple[list[KnownRepo], str | None]] = {
    "nothing": ([], None),
    "the only one": ([at("a", 0)], "a"),
    "the one that reported last": ([at("a", 0), at("b", 2), at("c", 1)], "b"),
    "the one that has the address": ([at("drone:8080", 0), at("b", 2)], "drone:8080"),
}


@pytest.mark.parametrize(("repos", "host"), POLLED.values(), ids=POLLED)
def test_the_server_that_is_polled_is(repos: list[KnownRepo], host: str | None) -> None:
    system = polled_system(repos, "drone:8080")

    assert (system and system.host) == host
