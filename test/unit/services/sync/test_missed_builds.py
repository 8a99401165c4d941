"""Builds that no webhook reported: which are asked for, when, and how often."""

from typing import Any

import pytest
from fakes import NOTHING_CAME, payload
from polling_worker import SLUG, Bridge, begun, created

from server.core.drone.poll_intervals import PollIntervals
from server.core.http_answer import Answer
from server.core.model.repository import DEPTH

TITLE = "octocat/hello-world #{} · {}"
RUNNING, PASSED, FAILED, UNKNOWN = "🔄 running", "✅ passed", "❌ failed", "❔ unknown"


@pytest.fixture
def bridge() -> Bridge:
    return begun()


def build(number: int, status: str = "success", ago: float = -20, **more: Any) -> dict[str, Any]:
    """Return the webhook of a build, created after the bridge began."""
    return payload(status, build_id=number, created=created(ago=ago), **more)


def shown(bridge: Bridge) -> list[int]:
    """Return the numbers of the builds that have a message."""
    return sorted(int(title.split("#")[1].split(" ")[0]) for title in bridge.titles())


def happened(bridge: Bridge, *numbers: int, **more: Any) -> None:
    """Let builds happen without webhooks."""
    for number in numbers:
        bridge.drone.add(build(number, **more))


# -- Holes ------------------------------------------------------------------------------------


def test_a_build_between_two_that_were_reported_is_fetched_within_seconds(
    bridge: Bridge,
) -> None:
    happened(bridge, 7, 8)
    bridge.receive(build(8))

    bridge.works(6)

    assert shown(bridge) == [7, 8]


def test_a_webhook_that_comes_out_of_order_is_waited_for(bridge: Bridge) -> None:
    bridge.works(5)
    happened(bridge, 7, 8)
    bridge.receive(build(8))
    bridge.works(1)
    bridge.receive(build(7))

    bridge.works(20)

    assert (shown(bridge), bridge.asked()) == ([7, 8], [])


def test_a_hole_is_seen_at_the_next_start_whatever_else_was_reported_first(bridge: Bridge) -> None:
    intervals = PollIntervals(repos=10_000.0, all_repos=10_000.0)
    bridge.drone.outage = NOTHING_CAME
    happened(bridge, *range(7, 80))
    bridge.receive(*(build(number) for number in range(7, 80) if number not in (20, 50)))
    bridge.works(10)
    bridge.drone.outage = None

    later = Bridge(bridge.store, bridge.drone, bridge.tick + 5, intervals=intervals)
    bridge.worker.release(bridge.now)
    later.works(10)

    assert later.asked() == [f"build {SLUG} 50", f"build {SLUG} 20"]


def test_builds_after_the_last_that_was_reported_are_found_by_the_regular_list(
    bridge: Bridge,
) -> None:
    happened(bridge, 7, 8, 9)

    bridge.works(45)

    assert shown(bridge) == [7, 8, 9]


def test_what_drone_has_not_is_polled_once(bridge: Bridge) -> None:
    happened(bridge, 9)
    bridge.receive(build(9))
    bridge.works(60)
    later = bridge.restarted(after=300)

    later.works(120)

    assert later.asked() == [f"build {SLUG} 8"]
    assert later.asked("builds ") == [f"builds {SLUG}"]


def test_many_numbers_that_drone_has_not_take_one_list(bridge: Bridge) -> None:
    happened(bridge, 10_000)
    bridge.receive(build(10_000))

    bridge.works(120)

    assert len(bridge.asked("build")) == 2


def test_of_a_long_hole_the_nearest_are_polled(bridge: Bridge) -> None:
    happened(bridge, *range(7, 400))
    bridge.receive(build(399))

    bridge.works(120)

    assert shown(bridge) == [*range(399 - DEPTH + 1, 400)]


def test_of_what_is_older_than_a_day_one_build_is_polled(bridge: Bridge) -> None:
    happened(bridge, 7, 8, 9)
    later = bridge.restarted(after=90_000)
    later.receive(build(10, ago=-90_000))

    later.works(60)

    assert (shown(later), later.asked()) == ([10], [f"build {SLUG} 9"])


def test_a_hole_from_before_the_first_start_is_not_shown() -> None:
    bridge = Bridge()
    happened(bridge, *range(1, 40), ago=600)
    happened(bridge, 40)
    bridge.receive(build(40))

    bridge.works(60)

    assert (shown(bridge), bridge.asked()) == ([40], [f"build {SLUG} 39"])


def test_a_build_that_was_found_is_not_polled_again(bridge: Bridge) -> None:
    happened(bridge, 7, 8)
    bridge.receive(build(8))
    bridge.works(60)

    later = bridge.restarted(after=300)
    later.works(60)

    assert later.asked() == [f"build {SLUG} 7"]


def test_a_lost_build_makes_us_ask_for_the_endings_that_may_be_lost_as_well(
    bridge: Bridge,
) -> None:
    bridge.receive(build(7, "running"))
    bridge.works(400, step=0.5)
    happened(bridge, 7, 8)

    bridge.works(45)

    assert sorted(bridge.titles()) == [TITLE.format(7, PASSED), TITLE.format(8, PASSED)]


# -- Which repositories there are ----------------------------------------------------------------


def test_an_admin_lists_all_repositories(bridge: Bridge) -> None:
    bridge.drone.is_admin, bridge.drone.is_person = True, False
    later = bridge.restarted()
    other = build(1)
    other["repo"] |= {"id": 2, "slug": "octocat/other"}
    later.receive(build(7))
    later.drone.add(build(7))
    later.drone.add(other)

    later.works(45)

    assert "octocat/other #1 · ✅ passed" in later.titles()
    assert "own repos" not in later.drone.asked


def test_a_machine_that_lists_nothing_asks_the_repositories_that_it_knows() -> None:
    bridge = Bridge()
    bridge.drone.is_person = False
    bridge.drone.add(build(7))
    bridge.receive(build(7))
    bridge.works(10)
    happened(bridge, 8)

    later = bridge.restarted()
    later.works(10)

    assert shown(later) == [7, 8]


def test_a_repository_that_the_token_may_not_see_is_polled_seldom() -> None:
    bridge = Bridge()
    bridge.drone.is_person = False
    for number in range(7, 47, 2):
        bridge.receive(build(number))
        bridge.works(30, step=0.5)

    assert len(bridge.asked("build")) <= 4


def test_a_number_that_cannot_be_read_now_is_polled_once_it_can() -> None:
    bridge = Bridge()
    bridge.receive(build(7), build(9))
    bridge.works(30)
    happened(bridge, 7, 8, 9)

    bridge.works(45)

    assert shown(bridge) == [7, 8, 9]


def test_a_list_shows_a_new_name_without_any_webhook(bridge: Bridge) -> None:
    bridge.receive(build(7, "running"))
    bridge.drone.add(build(7, "running"))
    bridge.works(10)
    renamed = build(7, version=5)
    renamed["repo"] |= {"slug": "octocat/renamed", "version": 9}
    del bridge.drone.repos[SLUG]
    bridge.drone.add(renamed)

    bridge.works(45)

    assert bridge.state().build.status == "success"
    assert [one.repo.slug for one in bridge.store.repos.list()] == ["octocat/renamed"]


def test_numbers_of_a_repository_that_was_made_again_are_its_own(bridge: Bridge) -> None:
    bridge.receive(build(7))
    bridge.works(10)
    again = [payload("success", build_id=100 + number, created=created(-60)) for number in (1, 2)]
    for body in again:
        body["repo"] |= {"id": 2}
        body["build"] |= {"number": body["build"]["id"] - 100, "repo_id": 2}
        bridge.drone.add(body)
    bridge.receive(again[1])

    bridge.works(20)

    assert shown(bridge) == [1, 2, 7]


def test_the_look_is_repeated_when_the_server_is_back(bridge: Bridge) -> None:
    bridge.receive(build(7, "running"))
    bridge.works(41)
    happened(bridge, 7, 8)
    bridge.store.heartbeat.note_return()

    bridge.works(5)

    assert sorted(bridge.titles()) == [TITLE.format(7, PASSED), TITLE.format(8, PASSED)]


def test_returns_one_after_another_make_us_look_every_ten_seconds_at_most(
    bridge: Bridge,
) -> None:
    bridge.receive(build(7, "running"))
    bridge.drone.add(build(7, "running"))
    bridge.works(20)
    asked = len(bridge.asked())
    for _ in range(25):
        bridge.store.heartbeat.note_return()
        bridge.works(1)

    assert len(bridge.asked()) - asked == 3


# -- Repositories that are gone ------------------------------------------------------------------


def deletion(version: int = 9) -> dict[str, Any]:
    """Return the webhook of the repository's deletion."""
    body = payload()
    del body["build"]
    return {**body, "event": "repo", "action": "deleted"}


def test_a_deleted_repository_closes_its_builds_at_once(bridge: Bridge) -> None:
    bridge.receive(build(7, "running"), build(8, "pending"), deletion())

    bridge.works(5)

    gone = f"{SLUG} · 🗑️ deleted"
    assert sorted(bridge.titles()) == [*(TITLE.format(one, UNKNOWN) for one in (7, 8)), gone]


def test_a_build_that_is_reported_after_the_deletion_is_closed_as_well(bridge: Bridge) -> None:
    bridge.receive(deletion())
    bridge.works(2)
    bridge.receive(build(7, "running"))

    bridge.works(5)

    assert TITLE.format(7, UNKNOWN) in bridge.titles()


def test_a_deletion_is_remembered_over_a_restart(bridge: Bridge) -> None:
    bridge.receive(deletion())
    bridge.works(2)
    later = bridge.restarted()
    later.receive(build(7, "running"))

    later.works(5)

    assert TITLE.format(7, UNKNOWN) in later.titles()


def test_what_an_admin_does_not_find_among_all_repositories_is_gone(bridge: Bridge) -> None:
    bridge.drone.is_admin = True
    bridge = bridge.restarted()
    bridge.drone.add(build(7, "running"))
    other = build(1)
    other["repo"] |= {"id": 2, "slug": "octocat/other"}
    bridge.drone.add(other)
    bridge.receive(build(7, "running"))
    bridge.works(30)
    del bridge.drone.repos[SLUG]

    bridge.works(40)

    assert TITLE.format(7, UNKNOWN) in bridge.titles()


def test_a_name_that_another_repository_has_now_keeps_no_build_open(bridge: Bridge) -> None:
    bridge.drone.is_admin = True
    bridge = bridge.restarted()
    bridge.drone.add(build(7, "running"))
    bridge.receive(build(7, "running"))
    bridge.works(30)
    bridge.drone.repos[SLUG] = {**bridge.drone.repos[SLUG], "id": 2}
    bridge.drone.rows[SLUG] = {}

    bridge.works(40)

    assert bridge.titles() == [TITLE.format(7, UNKNOWN)]


def test_for_how_long_a_repository_is_hidden_is_remembered_over_a_restart(bridge: Bridge) -> None:
    bridge.drone.add(build(7, "running"))
    bridge.receive(build(7, "running"))
    bridge.works(70)
    bridge.drone.repos.clear()
    bridge.works(1330, step=0.5)
    assert bridge.titles() == [TITLE.format(7, RUNNING)]

    later = bridge.restarted()
    later.works(10)

    assert later.titles() == [TITLE.format(7, UNKNOWN)]


# -- Stages whose end no webhook says -------------------------------------------------------------

DONE = {"id": 11, "number": 1, "name": "one", "status": "success", "version": 3}
FIRST = {"id": 1, "number": 1, "name": "a", "status": "running", "version": 3, "steps": [DONE]}
QUEUED = {"id": 2, "number": 2, "name": "b", "status": "pending", "version": 1}


def test_a_stage_without_a_running_step_is_polled_within_seconds(bridge: Bridge) -> None:
    bridge.drone.add(build(7, "running", stages=[{**FIRST, "status": "success", "version": 4}]))
    bridge.receive(payload("running", [FIRST, QUEUED], created=created(-20)))

    bridge.works(5)

    assert bridge.state().stages[0].status == "success"


# -- Drone away ------------------------------------------------------------------------------------


def test_an_open_build_is_polled_as_soon_as_drone_is_back(bridge: Bridge) -> None:
    bridge.receive(build(7, "running"))
    bridge.drone.add(build(7, "running"))
    bridge.works(400, step=0.5)
    bridge.drone.outage = Answer(502, {}, {})
    bridge.works(140)
    bridge.drone.add(build(7, "failure", version=3))
    bridge.drone.outage = None

    bridge.works(12)

    assert bridge.titles() == [TITLE.format(7, FAILED)]


def test_an_outage_is_shown_by_health_within_a_minute_and_its_end_at_once(bridge: Bridge) -> None:
    bridge.receive(build(7, "running"))
    bridge.drone.add(build(7, "running"))
    bridge.works(400, step=0.5)
    bridge.drone.outage = NOTHING_CAME
    bridge.works(60)
    assert bridge.drone_report()[0] == "no_answer"
    bridge.drone.outage = None

    bridge.works(10)

    assert bridge.drone_report() == ("ok", 0)
