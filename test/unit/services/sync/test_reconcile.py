"""Reading the truth again from Drone, round by round: time passes only when a test lets it."""

import json
import logging
from typing import Any

import pytest
from fakes import (
    CHANNEL,
    HOST,
    NOTHING_CAME,
    payload,
)
from polling_worker import SLUG, Bridge, begun, created

from server.core.delivery import Delivery
from server.core.drone.query import QueryKind
from server.core.http_answer import Answer
from server.core.model.status import Status
from server.services.sync.reconcile import IN_FLIGHT
from server.services.worker.leadership import NAME


@pytest.fixture
def bridge() -> Bridge:
    return begun()


def protected(**build: Any) -> dict[str, Any]:
    """Return the webhook of a new build of a protected repository."""
    body = payload("pending", trigger="@hook", **build)
    body["repo"]["protected"] = True
    del body["build"]["stages"]
    return body


# -- Silent builds ----------------------------------------------------------------------------


def test_an_ending_whose_webhook_was_lost_is_read_after_a_minute(bridge: Bridge) -> None:
    bridge.receive(payload("running"))
    bridge.drone.add(payload("failure", version=3))

    bridge.works(59)
    assert bridge.titles() == ["octocat/hello-world #7 · 🔄 running"]
    bridge.works(5)

    assert bridge.titles() == ["octocat/hello-world #7 · ❌ failed"]


def test_a_silent_build_is_polled_ever_more_slowly(bridge: Bridge) -> None:
    bridge.drone.add(payload("running"))
    bridge.receive(payload("running"))
    bridge.works(1)

    bridge.works(3600, step=0.5)

    minutes = [round(second / 60) for second in bridge.times()]
    assert minutes == [1, 3, 7, 15, 25, 35, 45, 55]


def test_news_begin_the_silence_anew(bridge: Bridge) -> None:
    bridge.drone.add(payload("running", version=2, message="New."))
    bridge.receive(payload("running"))
    bridge.works(50)
    bridge.receive(payload("running", version=2, message="New."))
    bridge.works(300)

    assert bridge.times() == [110, 230]


def test_a_webhook_that_comes_again_is_no_news(bridge: Bridge) -> None:
    bridge.drone.add(payload("running"))
    bridge.receive(payload("running"))
    bridge.works(50)
    bridge.receive(payload("running"))
    bridge.works(60)

    assert bridge.times() == [60]


def test_a_build_that_has_ended_is_polled_no_more(bridge: Bridge) -> None:
    bridge.receive(payload("running"), payload("success", version=2))

    bridge.works(300)

    assert bridge.asked() == []


def test_what_drone_says_again_is_kept_once(bridge: Bridge) -> None:
    bridge.drone.add(payload("running"))
    bridge.receive(payload("running"))
    bridge.works(1000, step=0.5)

    added = [name for name in bridge.store.inbox.merged if not name.startswith("webhook")]
    assert (len(bridge.asked()), len(added)) == (4, 1)


def test_what_was_read_is_marked_with_its_source(bridge: Bridge) -> None:
    bridge.drone.add(payload("success", version=3))
    bridge.receive(payload("running"))
    added: list[Delivery] = []
    keep = bridge.store.inbox.add
    bridge.store.inbox.add = lambda one: added.append(one) or keep(one)  # type: ignore[method-assign]
    bridge.works(65)

    (report,) = added
    body = json.loads(report.body)
    assert (report.event, body["source"], sorted(body)) == (
        "drone:build",
        "api",
        ["build", "repo", "source", "system"],
    )


def test_many_silent_builds_are_polled_within_the_limit(bridge: Bridge) -> None:
    for number in range(1, 301):
        bridge.receive(payload("running", build_id=number))
        bridge.drone.add(payload("running", build_id=number))
    bridge.works(300, step=0.1)

    ticks = [tick for tick, _ in bridge.queries]
    assert max(sum(tick <= other < tick + 1 for other in ticks) for tick in ticks) <= 5
    assert {f"build {SLUG} {number}" for number in range(1, 301)} <= set(bridge.asked())


def test_a_slow_drone_is_queried_no_more_than_it_can_answer(bridge: Bridge) -> None:
    for number in range(1, 31):
        bridge.receive(payload("running", build_id=number))
    bridge.works(5)
    bridge.holds_back = True

    bridge.works(300)

    assert len(bridge.asked()) == 0
    assert len([tick for tick, _ in bridge.queries if tick > 1006]) == IN_FLIGHT


# -- Builds that wait for a person ------------------------------------------------------------

BLOCKED = {"id": 1, "status": "blocked", "version": 1}


def test_a_blocked_build_is_seen_after_some_seconds(bridge: Bridge) -> None:
    bridge.receive(protected())
    bridge.drone.add(payload("pending", [BLOCKED]))

    bridge.works(8)

    assert bridge.titles() == ["octocat/hello-world #7 · ✋ needs approval"]


def test_an_approval_is_seen_without_a_webhook(bridge: Bridge) -> None:
    bridge.receive(protected())
    bridge.drone.add(payload("pending", [BLOCKED]))
    bridge.works(8)
    bridge.drone.add(payload("pending", [{**BLOCKED, "status": "pending", "version": 2}]))

    bridge.works(70)

    assert bridge.titles() == ["octocat/hello-world #7 · 🕒 queued"]


def test_a_refusal_is_seen_without_a_webhook(bridge: Bridge) -> None:
    bridge.receive(protected())
    bridge.drone.add(payload("pending", [BLOCKED]))
    bridge.works(8)
    bridge.drone.add(payload("declined", [{**BLOCKED, "status": "declined", "version": 2}]))

    bridge.works(70)

    assert bridge.titles() == ["octocat/hello-world #7 · 🚫 declined"]


def test_a_new_build_does_not_wait_behind_many_silent_ones(bridge: Bridge) -> None:
    for number in range(100, 400):
        bridge.receive(payload("running", build_id=number))
    bridge.works(61)
    bridge.receive(protected())
    bridge.drone.add(payload("pending", [BLOCKED]))

    bridge.works(6)

    assert "octocat/hello-world #7 · ✋ needs approval" in bridge.titles()


NOT_BLOCKED = {
    "of a repository that is not protected": (False, "@hook"),
    "that a person began": (True, "octocat"),
    "of a schedule": (True, "@cron"),
}


@pytest.mark.parametrize(("is_protected", "trigger"), NOT_BLOCKED.values(), ids=NOT_BLOCKED)
def test_not_polled_at_once_is_a_build(bridge: Bridge, is_protected: bool, trigger: str) -> None:
    body = protected()
    body["repo"]["protected"] = is_protected
    body["build"]["trigger"] = trigger
    bridge.receive(body)

    bridge.works(59)

    assert bridge.asked() == []


# -- Builds that no webhook reported ------------------------------------------------------------


def test_the_first_start_shows_nothing_of_what_was_before(bridge: Bridge) -> None:
    for number in range(1, 40):
        bridge.drone.add(payload("success", build_id=number, created=created(ago=600)))
    bridge.drone.add(payload("running", build_id=99, created=created()))
    bridge.receive(payload("running", build_id=99, created=created()))

    bridge.works(120)

    assert bridge.titles() == ["octocat/hello-world #99 · 🔄 running"]


def test_an_unreported_build_appears_after_a_restart(bridge: Bridge) -> None:
    bridge.receive(payload("success"))
    bridge.works(10)
    bridge.drone.add(payload("failure", build_id=8, created=created(ago=-20)))
    bridge.drone.add(payload("running", build_id=9, created=created(ago=-30)))

    later = bridge.restarted(after=60)
    later.works(30)

    assert sorted(later.titles()) == [
        "octocat/hello-world #7 · ✅ passed",
        "octocat/hello-world #8 · ❌ failed",
        "octocat/hello-world #9 · 🔄 running",
    ]


def test_of_an_unreported_repository_builds_appear(bridge: Bridge) -> None:
    bridge.receive(payload("success"))
    bridge.works(10)
    other = payload("success", build_id=8, created=created(ago=-20))
    other["repo"] |= {"id": 2, "slug": "octocat/other"}
    bridge.drone.add(other)

    later = bridge.restarted()
    later.works(30)

    assert "octocat/other #8 · ✅ passed" in later.titles()


def test_another_channel_begins_without_what_was_shown_in_the_first(bridge: Bridge) -> None:
    bridge.receive(payload("success", created=created(ago=-1)))
    bridge.drone.add(payload("success", created=created(ago=-1)))
    bridge.works(60)
    bridge.worker.release(bridge.now)

    other = Bridge(bridge.store, bridge.drone, bridge.tick, channel_id="100000000000000009")
    other.works(60)

    assert other.titles() == []


def test_a_build_older_than_a_day_does_not_appear(bridge: Bridge) -> None:
    bridge.receive(payload("success"))
    bridge.works(10)
    bridge.drone.add(payload("failure", build_id=8, created=created(ago=-20)))

    later = bridge.restarted(after=86_500)
    later.works(30)

    assert later.titles() == ["octocat/hello-world #7 · ✅ passed"]


def test_an_unreported_build_appears_within_some_minutes_without_a_restart(
    bridge: Bridge,
) -> None:
    bridge.receive(payload("success"))
    bridge.works(10)
    bridge.drone.add(payload("failure", build_id=8, created=created(ago=-20)))

    bridge.works(620, step=0.5)

    assert "octocat/hello-world #8 · ❌ failed" in bridge.titles()


def test_after_a_gap_of_our_own_unreported_builds_appear(bridge: Bridge) -> None:
    bridge.receive(payload("success"), payload("running", build_id=6))
    bridge.works(10)
    bridge.drone.add(payload("failure", build_id=8, created=created(ago=-20)))
    bridge.drone.add(payload("failure", build_id=6, version=2))
    bridge.store.faults.is_away = True
    bridge.works(121, step=1)
    bridge.store.faults.is_away = False

    bridge.works(10)

    assert sorted(bridge.titles()) == [
        "octocat/hello-world #6 · ❌ failed",
        "octocat/hello-world #7 · ✅ passed",
        "octocat/hello-world #8 · ❌ failed",
    ]


def test_a_build_of_which_the_webhook_comes_after_all_has_one_message(bridge: Bridge) -> None:
    bridge.receive(payload("success"))
    bridge.works(10)
    body = payload("running", build_id=8, created=created(ago=-20))
    bridge.drone.add(body)
    later = bridge.restarted()
    later.works(20)
    later.receive(payload("success", build_id=8, version=9, created=created(ago=-20)))

    later.works(20)

    assert later.titles() == [
        "octocat/hello-world #7 · ✅ passed",
        "octocat/hello-world #8 · ✅ passed",
    ]


def test_before_any_webhook_has_named_the_server_no_list_is_polled() -> None:
    bridge = Bridge()
    bridge.drone.add(payload("running", created=created(ago=-5)))

    bridge.works(60)

    assert bridge.drone.asked == ["account"]
    assert bridge.titles() == []
    assert bridge.store.faults.calls.count("repos.since") == 1


def test_the_first_webhook_makes_us_look_for_what_came_before_it(bridge: Bridge) -> None:
    bridge.works(30)
    bridge.drone.add(payload("failure", build_id=8, created=created(ago=-20)))
    bridge.drone.add(payload("running", build_id=9, created=created(ago=-25)))
    bridge.receive(payload("running", build_id=9, created=created(ago=-25)))

    bridge.works(10)

    assert sorted(bridge.titles()) == [
        "octocat/hello-world #8 · ❌ failed",
        "octocat/hello-world #9 · 🔄 running",
    ]


def test_the_start_asks_for_every_open_build_at_once() -> None:
    first = Bridge()
    first.receive(payload("running"), payload("running", build_id=8))
    first.works(5)
    first.drone.add(payload("success", version=2))
    first.drone.add(payload("failure", build_id=8, version=2))

    later = first.restarted(after=5)
    later.works(10)

    assert sorted(later.titles()) == [
        "octocat/hello-world #7 · ✅ passed",
        "octocat/hello-world #8 · ❌ failed",
    ]


# -- Builds that Drone does not know ----------------------------------------------------------


def test_a_build_that_was_removed_is_closed_as_unknown(bridge: Bridge) -> None:
    bridge.drone.add(payload("running"))
    bridge.receive(payload("running"))
    bridge.works(5)
    del bridge.drone.rows[SLUG][7]

    bridge.works(70)

    assert bridge.titles() == ["octocat/hello-world #7 · ❔ unknown"]
    (shown,) = bridge.discord.messages.values()
    said = shown["embeds"][0]["description"].split("\n")[0]
    assert said == "❔ Drone does not know this build any more"


def test_an_unknown_build_is_polled_no_more(bridge: Bridge) -> None:
    bridge.drone.add(payload("running", build_id=8))
    bridge.receive(payload("running"))
    bridge.works(70)
    asked = len(bridge.asked("build"))

    bridge.works(500)

    assert len(bridge.asked("build")) == asked


def test_an_ending_that_arrives_later_overrules_the_unknown(bridge: Bridge) -> None:
    bridge.drone.add(payload("running", build_id=8))
    bridge.receive(payload("running"))
    bridge.works(70)
    bridge.receive(payload("success", version=1))

    bridge.works(10)

    assert bridge.titles() == ["octocat/hello-world #7 · ✅ passed"]


def test_a_number_that_another_build_has_now_is_no_news_of_the_old_one(bridge: Bridge) -> None:
    bridge.drone.add(payload("success", version=9), id=70)
    bridge.receive(payload("running"))

    bridge.works(70)

    assert bridge.state().build.status is Status.UNKNOWN


def test_another_repository_of_that_name_is_not_the_one_of_the_build(bridge: Bridge) -> None:
    other = payload("success")
    other["repo"] |= {"id": 2}
    other["build"] |= {"id": 70}
    bridge.drone.add(other)
    bridge.receive(payload("running"))

    bridge.works(7200, step=1)

    assert bridge.state().build.status is Status.RUNNING


def test_a_repository_that_is_gone_closes_its_builds_in_the_end(bridge: Bridge) -> None:
    bridge.drone.add(payload("running"))
    bridge.receive(payload("running"))
    bridge.works(70)
    bridge.drone.repos.clear()

    bridge.works(1300, step=0.5)
    assert bridge.state().build.status is Status.RUNNING
    bridge.works(1300, step=0.5)

    assert bridge.state().build.status is Status.UNKNOWN


def test_what_our_token_was_never_allowed_to_see_stays_open(
    bridge: Bridge, caplog: pytest.LogCaptureFixture
) -> None:
    bridge.receive(payload("running"))

    bridge.works(7200, step=1)

    assert bridge.state().build.status is Status.RUNNING
    said = "Drone does not show a repository to the token."
    assert [one.message for one in caplog.records].count(said) == 1


def test_news_begin_the_count_of_misses_anew(bridge: Bridge) -> None:
    bridge.drone.add(payload("running"))
    bridge.receive(payload("running"))
    bridge.works(70)
    hidden, bridge.drone.repos = bridge.drone.repos, {}
    for version in range(2, 8):
        bridge.works(1000, step=1)
        bridge.receive(payload("running", version=version))

    assert (hidden != {}, bridge.state().build.status) == (True, Status.RUNNING)


def test_a_renamed_repository_is_polled_by_its_new_name(bridge: Bridge) -> None:
    renamed = payload("success", build_id=8)
    renamed["repo"] |= {"slug": "octocat/renamed", "version": 5}
    bridge.receive(payload("running"))
    bridge.works(5)
    bridge.receive(renamed)
    bridge.drone.add({**payload("success", version=3), "repo": renamed["repo"]})

    bridge.works(70)

    assert "build octocat/renamed 7" in bridge.drone.asked
    assert bridge.state_of(7).build.status is Status.SUCCESS


def test_builds_of_another_server_are_not_polled() -> None:
    bridge = Bridge(authority=HOST)
    other = payload("running", build_id=8)
    other["system"] = {"host": "other.example.com", "link": "https://other.example.com"}
    bridge.receive(payload("running"), other)

    bridge.works(70)

    assert {one.subject for _, one in bridge.queries if one.kind is QueryKind.BUILD} == {
        f"build/{HOST}/7/{CHANNEL}"
    }


def test_an_address_of_its_own_does_not_keep_the_api_from_being_queried() -> None:
    bridge = Bridge(authority="drone:8080")
    bridge.drone.add(payload("success", version=3))
    bridge.receive(payload("running"))

    bridge.works(70)

    assert bridge.titles() == ["octocat/hello-world #7 · ✅ passed"]


def test_another_drone_than_that_of_the_webhooks_neither_shows_nor_closes_anything() -> None:
    bridge = Bridge(authority="staging.example.com")
    for number in range(1, 5):
        body = payload("success", build_id=number, created=created(ago=-1))
        body["repo"] |= {"slug": f"staging/{number}", "id": number}
        bridge.drone.add(body)
    bridge.receive(payload("running", created=created(ago=-1)))

    bridge.works(7200, step=1)

    assert bridge.titles() == ["octocat/hello-world #7 · 🔄 running"]


def test_behind_an_address_of_its_own_unreported_repositories_appear_once_it_is_proved() -> None:
    bridge = Bridge(authority="drone:8080")
    bridge.drone.add(payload("success"))
    bridge.receive(payload("success"))
    bridge.works(10)
    other = payload("success", build_id=8, created=created(ago=-20))
    other["repo"] |= {"id": 2, "slug": "octocat/other"}
    bridge.drone.add(other)

    bridge.works(610, step=0.5)

    assert "octocat/other #8 · ✅ passed" in bridge.titles()


# -- Two workers and none to do ---------------------------------------------------------------


def test_a_worker_that_stands_by_asks_nothing(bridge: Bridge) -> None:
    standby = Bridge(bridge.store, bridge.drone, bridge.tick)
    bridge.receive(payload("running"))
    for _ in range(100):
        bridge.works(1)
        standby.works(1)

    assert (bridge.queries != [], standby.queries) == (True, [])


def test_a_worker_with_nothing_to_do_only_lists_the_repositories_now_and_then(
    bridge: Bridge,
) -> None:
    bridge.drone.add(payload("success"))
    bridge.receive(payload("success"))
    bridge.works(30)
    asked, called = len(bridge.drone.asked), bridge.store.faults.calls.count("repos.note")

    bridge.works(500, step=0.5)

    assert set(bridge.drone.asked[asked:]) == {"own repos"}
    assert len(bridge.drone.asked) - asked < 20
    calls = bridge.store.faults.calls
    assert (calls.count("repos.note"), calls.count("repos.list")) == (called, 1)
    assert calls.count("repos.since") == 1


# -- When Drone is not well -------------------------------------------------------------------

WORSE = {
    "no answer": NOTHING_CAME,
    "a fault": Answer(500, {}, {"message": "database is locked"}),
    "a bad gateway": Answer(502, {}, {}),
    "a page of something else": Answer(200, {}, {}),
    "a redirect": Answer(302, {}, {}),
    "too many requests": Answer(429, {}, {}),
}


@pytest.mark.parametrize("outage", WORSE.values(), ids=WORSE)
def test_while_drone_is_away_the_rest_works_and_health_shows_it(
    bridge: Bridge, outage: Answer
) -> None:
    bridge.drone.outage = outage
    bridge.receive(payload("running"))
    bridge.works(120)
    bridge.receive(payload("success", version=2))

    bridge.works(10)

    trouble, failing = bridge.drone_report()
    assert (trouble, failing > 30) == ("no_answer", True)
    assert bridge.titles() == ["octocat/hello-world #7 · ✅ passed"]


def test_while_drone_is_away_it_is_queried_ever_more_slowly(bridge: Bridge) -> None:
    bridge.drone.outage = NOTHING_CAME
    for number in range(200):
        bridge.receive(payload("running", build_id=number + 1))

    bridge.works(3600, step=0.5)

    assert len(bridge.drone.asked) < 120


def test_an_outage_of_some_seconds_is_not_shown_by_health(bridge: Bridge) -> None:
    bridge.receive(payload("running"))
    bridge.works(59)
    bridge.drone.outage = NOTHING_CAME
    bridge.works(400, step=0.5)
    assert bridge.drone_report()[0] == "no_answer"
    bridge.drone.outage = None
    bridge.works(70)
    assert bridge.drone_report() == ("ok", 0)
    bridge.drone.outage = NOTHING_CAME
    for number in range(10, 20):
        bridge.receive(protected(build_id=number))
    bridge.works(12)

    assert bridge.drone_report()[0] == "ok"
    assert bridge.drone_report()[1] > 0


def test_what_was_missed_is_read_once_drone_is_back(
    bridge: Bridge, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    bridge.drone.outage = NOTHING_CAME
    bridge.receive(payload("running"))
    bridge.works(300)
    bridge.drone.add(payload("failure", version=3))
    bridge.drone.outage = None

    bridge.works(310)

    assert bridge.titles() == ["octocat/hello-world #7 · ❌ failed"]
    assert bridge.drone_report() == ("ok", 0)
    logged = [one.message for one in caplog.records if one.name == "server.services.sync.reconcile"]
    assert logged == [
        "Drone does not answer; what webhooks miss is read later.",
        "Drone answers again.",
    ]


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_logged_once_and_probed_slowly(
    bridge: Bridge, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    bridge.drone.outage = Answer(status, {}, {"message": "Unauthorized"})
    bridge.receive(payload("running"))

    bridge.works(600, step=0.5)

    assert bridge.drone_report()[0] == "token_refused"
    assert {*bridge.drone.asked} == {"account"}
    assert len(bridge.drone.asked) < 25
    said = "Drone refuses the token; what webhooks miss is not read."
    assert [one.message for one in caplog.records].count(said) == 1
    assert bridge.titles() == ["octocat/hello-world #7 · 🔄 running"]


def test_one_build_that_drone_stumbles_over_is_no_outage(bridge: Bridge) -> None:
    bridge.receive(payload("running"))
    bridge.drone.add(payload("running"))
    bridge.works(10)
    bridge.drone.script.append(Answer(500, {}, {}))

    bridge.works(120)

    assert bridge.drone_report() == ("ok", 0)


def test_a_store_that_goes_away_while_an_answer_is_noted_loses_nothing(bridge: Bridge) -> None:
    bridge.receive(payload("running"))
    bridge.drone.add(payload("failure", version=3))
    bridge.works(59)
    bridge.store.faults.refused.add("inbox.add")
    bridge.works(20)
    bridge.store.faults.refused.clear()

    bridge.works(10)

    assert bridge.titles() == ["octocat/hello-world #7 · ❌ failed"]


def test_an_answer_too_large_to_keep_is_left_out(
    bridge: Bridge, caplog: pytest.LogCaptureFixture
) -> None:
    steps = [{"id": number, "error": "x" * 500} for number in range(1, 15_001)]
    bridge.receive(payload("running"))
    bridge.drone.add(payload("running", [{"id": 1, "steps": steps}], version=2))

    bridge.works(70)

    assert "Drone's answer is too large to keep." in [one.message for one in caplog.records]
    assert bridge.titles() == ["octocat/hello-world #7 · 🔄 running"]
    assert bridge.state().stages == ()


def test_of_an_answer_with_a_long_text_the_rest_is_kept(bridge: Bridge) -> None:
    bridge.receive(payload("running"))
    bridge.drone.add(payload("failure", version=2, message="x" * 9_000_000))

    bridge.works(70)

    assert bridge.titles() == ["octocat/hello-world #7 · ❌ failed"]


def test_a_repository_is_written_when_something_new_is_known_of_it(bridge: Bridge) -> None:
    bridge.drone.add(payload("running"))
    bridge.receive(payload("running"))
    bridge.works(10)
    written = bridge.store.faults.calls.count("repos.note")
    for version in range(1, 20):
        body = payload("running", version=version, message=str(version))
        body["repo"]["version"] = version
        bridge.receive(body)
        bridge.works(0.5)

    assert bridge.store.faults.calls.count("repos.note") == written


# -- The end of a log -------------------------------------------------------------------------

STEP = {"id": 11, "number": 2, "name": "test", "status": "failure", "exit_code": 1, "version": 3}
FAILED = {"id": 1, "number": 1, "name": "default", "status": "failure", "steps": [STEP]}
LOG = f"log {SLUG} 7 1 2"


def failed(**repo: Any) -> dict[str, Any]:
    body = payload("failure", [FAILED], version=3)
    body["repo"] |= repo
    return body


def lines(*texts: str) -> Answer:
    rows = [{"pos": place, "out": f"{one}\n"} for place, one in enumerate(texts)]
    return Answer(200, {}, {"items": rows})


def description(bridge: Bridge) -> str:
    (message,) = bridge.discord.messages.values()
    return str(message["embeds"][0]["description"])


def test_the_end_of_the_failed_steps_log_is_on_the_card(bridge: Bridge) -> None:
    bridge.drone.logs[LOG] = lines("one", "two", "three", "4 failed")
    bridge.receive(failed())

    bridge.works(20)

    assert "two\nthree\n4 failed\n" in description(bridge)
    assert bridge.asked("log ") == [LOG]


def test_the_ending_is_shown_before_its_log(bridge: Bridge) -> None:
    bridge.holds_back = True
    bridge.receive(failed())

    bridge.works(5)

    assert bridge.titles() == ["octocat/hello-world #7 · ❌ failed"]


def test_a_log_that_comes_late_is_polled_again(bridge: Bridge) -> None:
    bridge.receive(failed())
    bridge.works(12)
    bridge.drone.logs[LOG] = lines("late")

    bridge.works(20)

    assert "late" in description(bridge)


def test_a_log_that_never_comes_is_given_up_within_a_minute(bridge: Bridge) -> None:
    bridge.receive(failed())

    bridge.works(600)

    first, *later = [tick for tick, one in bridge.queries if one.kind == "log"]
    assert (first < 1002, [round(tick - first) for tick in later]) == (True, [5, 15, 35])


def test_a_step_that_printed_nothing_is_queried_once(bridge: Bridge) -> None:
    bridge.drone.logs[LOG] = Answer(200, {}, {})
    bridge.receive(failed())

    bridge.works(600)

    assert bridge.asked("log ") == [LOG]


def test_of_a_private_repository_no_log_is_read_unless_allowed(bridge: Bridge) -> None:
    bridge.receive(failed(private=True))

    bridge.works(60)

    assert bridge.asked("log ") == []


def test_the_log_of_a_failure_that_was_read_itself_is_there_as_well(bridge: Bridge) -> None:
    bridge.drone.logs[LOG] = lines("found it")
    bridge.drone.add(failed())
    bridge.receive(payload("running"))

    bridge.works(80)

    assert "found it" in description(bridge)


def test_a_log_is_read_after_an_outage(bridge: Bridge) -> None:
    bridge.receive(payload("running"))
    bridge.works(5)
    bridge.drone.outage = NOTHING_CAME
    bridge.receive(
        *(payload("failure", [FAILED], version=3, build_id=one) for one in range(20, 24))
    )
    bridge.works(20)
    bridge.receive(failed())
    bridge.works(300)
    bridge.drone.logs[LOG] = lines("after all")
    bridge.drone.outage = None

    bridge.works(120)

    assert "after all" in str(bridge.discord.messages)


def test_a_report_without_a_repository_is_nothing_to_remember() -> None:
    bridge = Bridge()
    body = payload("running")
    del body["repo"]
    bridge.receive(body)

    bridge.works(70)

    assert list(bridge.store.repos.list()) == []


def test_a_lease_that_is_back_within_a_moment_requests_no_backfill(bridge: Bridge) -> None:
    bridge.receive(payload("success"))
    bridge.works(30)
    seen = len(bridge.asked("builds "))
    bridge.store.leases.lose(NAME)

    bridge.works(30)

    assert bridge.drone.asked.count("account") == 2
    assert len(bridge.asked("builds ")) == seen


DEEP: dict[str, Any] = {"id": 7, "status": "running"}
for _ in range(100_000):
    DEEP = {"id": 7, "status": "running", "deeper": DEEP}
ODD: dict[str, dict[str, Any]] = {
    "of odd types": {"id": 7, "status": [], "stages": [None, 1, {"id": "x"}], "number": "seven"},
    "with half a character": {"id": 7, "status": "running", "message": "\ud800\0"},
    "with a number that is none": {"id": 7, "status": "running", "created": float("nan")},
    "with a number beyond all bounds": {"id": 7, "status": "running", "created": 10**40},
    "nested without end": DEEP,
}


@pytest.mark.parametrize("row", ODD.values(), ids=ODD)
def test_nothing_else_is_stopped_by_an_answer(bridge: Bridge, row: dict[str, Any]) -> None:
    bridge.receive(payload("running"), payload("running", build_id=8))
    bridge.drone.add(payload("success", build_id=8, version=2))
    bridge.drone.repos[SLUG] = payload()["repo"]
    bridge.drone.rows[SLUG][7] = row | {"number": 7}

    bridge.works(90)

    assert "octocat/hello-world #8 · ✅ passed" in bridge.titles()
    assert "octocat/hello-world #7 · 🔄 running" in bridge.titles()


def test_what_made_us_look_around_is_not_forgotten_when_the_store_is_away(bridge: Bridge) -> None:
    bridge.receive(payload("success"))
    bridge.works(601, step=0.5)
    bridge.drone.add(payload("failure", build_id=8, created=created(ago=-20)))
    bridge.store.faults.refused.add("repos.since")
    bridge.receive(payload("success", build_id=9), late=300)
    bridge.works(5)
    bridge.store.faults.refused.clear()

    bridge.works(10)

    assert "octocat/hello-world #8 · ❌ failed" in bridge.titles()
