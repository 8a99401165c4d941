"""Merging: the order, repetition and loss of reports cannot matter, and endings stay."""

from functools import reduce
from typing import Any

import pytest
from build_states import STATES
from fakes import payload, state
from hypothesis import given, settings
from hypothesis import strategies as st

from server.core.drone.payload import read_state
from server.core.model.build import BuildState, effective_status, is_public, merge, newest
from server.core.model.status import Status, is_final

EXAMPLES = settings(max_examples=150)


@EXAMPLES
@given(STATES, STATES)
def test_the_order_of_two_reports_does_not_matter(left: BuildState, right: BuildState) -> None:
    assert merge(left, right) == merge(right, left)


@EXAMPLES
@given(STATES, STATES, STATES)
def test_the_grouping_of_reports_does_not_matter(
    one: BuildState, two: BuildState, three: BuildState
) -> None:
    assert merge(merge(one, two), three) == merge(one, merge(two, three))


@EXAMPLES
@given(STATES)
def test_a_report_merged_with_itself_is_itself(report: BuildState) -> None:
    assert merge(report, report) == report


@EXAMPLES
@given(STATES, STATES)
def test_a_report_that_comes_again_changes_nothing(known: BuildState, report: BuildState) -> None:
    merged = merge(known, report)

    assert merge(merged, report) == merged


@EXAMPLES
@given(st.lists(STATES, min_size=1, max_size=4), st.data())
def test_any_shuffled_and_repeated_history_ends_alike(
    history: list[BuildState], data: st.DataObject
) -> None:
    again = data.draw(st.lists(st.sampled_from(history), max_size=4))
    shuffled = data.draw(st.permutations(history + again))

    assert reduce(merge, shuffled) == reduce(merge, history)


@EXAMPLES
@given(STATES, STATES)
def test_no_report_takes_an_ending_back(ended: BuildState, report: BuildState) -> None:
    merged = merge(ended, report)

    if is_final(ended.build.status):
        assert is_final(merged.build.status)
    final = {stage.id for stage in ended.stages if is_final(stage.status)}
    assert final <= {stage.id for stage in merged.stages if is_final(stage.status)}


@EXAMPLES
@given(STATES, STATES)
def test_no_stage_or_step_is_forgotten(left: BuildState, right: BuildState) -> None:
    def ids(of: BuildState) -> set[tuple[int, int]]:
        return {(stage.id, step.id) for stage in of.stages for step in stage.steps} | {
            (stage.id, 0) for stage in of.stages
        }

    assert ids(merge(left, right)) == ids(left) | ids(right)


@EXAMPLES
@given(STATES, STATES)
def test_a_log_once_known_stays(left: BuildState, right: BuildState) -> None:
    assert (merge(left, right).log is None) == (left.log is None and right.log is None)


# -- What happens -----------------------------------------------------------------------------


def either_way(left: BuildState, right: BuildState) -> BuildState:
    """Merge in both orders, which must agree."""
    merged = merge(left, right)
    assert merge(right, left) == merged
    return merged


def test_a_late_created_report_does_not_reopen_a_finished_build() -> None:
    created = state("pending", version=1)
    finished = state("success", {"id": 1, "status": "success", "version": 4}, version=3)

    assert either_way(finished, created) == finished


def test_a_late_report_without_versions_does_not_reopen_a_finished_build() -> None:
    finished = state("failure", {"id": 1, "status": "failure"}, version=0)
    late = state("running", {"id": 1, "status": "running"}, version=0)

    assert either_way(finished, late) == finished


def test_an_ending_with_an_old_version_beats_a_newer_running_report() -> None:
    """Drone sends the ending of a cancel with the version of a row that it read before."""
    killed = state("killed", version=2, finished=1_700_000_000)
    running = state("running", version=5)

    assert either_way(killed, running).build == killed.build


def test_the_two_endings_of_a_cancel_give_one_result() -> None:
    by_the_server = state(
        "killed",
        {"id": 1, "status": "killed", "version": 3, "steps": [{"id": 1, "status": "killed"}]},
        version=3,
    )
    by_the_runner = state(
        "failure",
        {
            "id": 1,
            "status": "failure",
            "version": 2,
            "steps": [{"id": 1, "status": "failure", "version": 9, "exit_code": 137}],
        },
        version=2,
    )

    merged = either_way(by_the_server, by_the_runner)

    assert merged.build.status is Status.KILLED
    assert merged.stages[0].status is Status.KILLED
    assert merged.stages[0].steps[0].exit_code == 137


def test_the_highest_version_of_each_stage_counts_for_itself() -> None:
    left = state(
        "running",
        {"id": 1, "version": 2, "status": "success"},
        {"id": 2, "version": 1, "status": "pending"},
    )
    right = state(
        "running",
        {"id": 1, "version": 1, "status": "running"},
        {"id": 2, "version": 2, "status": "running"},
    )

    statuses = [(stage.id, stage.status) for stage in either_way(left, right).stages]

    assert statuses == [(1, Status.SUCCESS), (2, Status.RUNNING)]


def test_a_step_that_only_an_older_report_knows_is_kept() -> None:
    older = state("running", {"id": 1, "version": 1, "steps": [{"id": 2, "status": "success"}]})
    newer = state("running", {"id": 1, "version": 2, "steps": [{"id": 1, "status": "running"}]})

    (stage,) = either_way(older, newer).stages

    assert [(step.id, step.status) for step in stage.steps] == [
        (1, Status.RUNNING),
        (2, Status.SUCCESS),
    ]


def test_of_equal_versions_the_one_further_on_is_kept() -> None:
    pending, running = state("pending", version=2), state("running", version=2)

    assert either_way(pending, running).build.status is Status.RUNNING


def test_of_equal_versions_a_status_that_drone_may_invent_beats_no_ending() -> None:
    invented, ended = state("cancelled", version=9), state("success", version=1)

    assert either_way(invented, ended).build.status is Status.SUCCESS


def test_two_different_reports_of_one_version_give_one_result() -> None:
    one, two = (
        state("success", version=2, message="one"),
        state("success", version=2, message="two"),
    )

    assert either_way(one, two).build in (one.build, two.build)


def test_a_failure_that_is_ignored_stays_ignored() -> None:
    failed = {"id": 1, "status": "failure", "errignore": True, "version": 3}
    begun = {"id": 1, "status": "running", "errignore": True, "version": 2}
    left = state("running", {"id": 1, "status": "running", "steps": [begun]})
    right = state("success", {"id": 1, "status": "success", "version": 2, "steps": [failed]})

    (stage,) = either_way(left, right).stages

    assert (stage.status, stage.steps[0].errignore) == (Status.SUCCESS, True)


@pytest.mark.parametrize("word", ["skipped", "declined", "killed", "error"])
def test_every_ending_outlasts_the_report_of_its_creation(word: str) -> None:
    ended = state(word, version=2)

    assert either_way(state("pending", version=1), ended).build == ended.build


def test_an_approved_stage_is_not_blocked_again() -> None:
    blocked = state("pending", {"id": 1, "status": "blocked", "version": 1}, version=1)
    approved = state("pending", {"id": 1, "status": "pending", "version": 2}, version=1)

    assert effective_status(either_way(blocked, approved)) is Status.PENDING


def test_a_renamed_repository_shows_its_newest_name() -> None:
    before, after = payload(), payload()
    before["repo"] |= {"version": 1, "slug": "zoe/hello"}
    after["repo"] |= {"version": 2, "slug": "adam/hello"}

    merged = either_way(read_state(before), read_state(after))

    assert merged.repo.slug == "adam/hello"


def test_of_two_addresses_of_one_drone_one_is_kept() -> None:
    old, new = payload(), payload()
    old["system"]["link"] = "http://drone.example.com"

    merged = either_way(read_state(old), read_state(new))

    assert merged.system.link == "https://drone.example.com"


def test_newest_is_one_of_the_two() -> None:
    left, right = state("running", version=1).build, state("running", version=2).build

    assert newest(left, right) is newest(right, left) is right


# -- What people did --------------------------------------------------------------------------


def acted(*acts: tuple[int, str, str]) -> BuildState:
    """Return a build with acts: when, whose interaction, what."""
    rows = [{"at": at, "id": name, "what": what, "name": "Ada"} for at, name, what in acts]
    return read_state({**payload(), "acts": rows})


def seen(of: BuildState) -> list[tuple[int, str, str]]:
    return [(act.at, act.id, act.what) for act in of.acts]


def test_the_acts_of_all_reports_are_kept_oldest_first() -> None:
    merged = either_way(acted((2, "b", "restart")), acted((1, "a", "cancel"), (3, "c", "cancel")))

    assert seen(merged) == [(1, "a", "cancel"), (2, "b", "restart"), (3, "c", "cancel")]


def test_an_act_that_comes_twice_is_one() -> None:
    assert seen(either_way(acted((1, "a", "cancel")), acted((1, "a", "cancel")))) == [
        (1, "a", "cancel")
    ]


def test_of_many_acts_the_latest_are_kept() -> None:
    early = acted(*((n, f"{n:02}", "cancel") for n in range(1, 9)))
    late = acted(*((n, f"{n:02}", "cancel") for n in range(9, 15)))

    assert [act.at for act in either_way(early, late).acts] == list(range(5, 15))


def test_an_act_without_an_interaction_is_none() -> None:
    assert seen(acted((1, "", "cancel"))) == []


def test_a_report_of_drones_takes_no_act_away() -> None:
    merged = either_way(acted((1, "a", "cancel")), state("killed", version=9))

    assert seen(merged) == [(1, "a", "cancel")]


# -- What people should see -------------------------------------------------------------------

BLOCKED = {"id": 1, "status": "blocked"}
EFFECTIVE: dict[str, tuple[str, list[dict[str, Any]], Status]] = {
    "pending": ("pending", [{"id": 1, "status": "pending"}], Status.PENDING),
    "pending without stages": ("pending", [], Status.PENDING),
    "pending with a blocked stage": ("pending", [{"id": 2}, BLOCKED], Status.BLOCKED),
    "running with nothing but a blocked stage": ("running", [BLOCKED], Status.BLOCKED),
    "running with a blocked stage after others": (
        "running",
        [BLOCKED, {"id": 2, "status": "success"}, {"id": 3, "status": "waiting_on_dependencies"}],
        Status.BLOCKED,
    ),
    "running beside a blocked stage": (
        "running",
        [BLOCKED, {"id": 2, "status": "running"}],
        Status.RUNNING,
    ),
    "queued beside a blocked stage": (
        "running",
        [BLOCKED, {"id": 2, "status": "pending"}],
        Status.RUNNING,
    ),
    "ended with a blocked stage": ("killed", [BLOCKED], Status.KILLED),
    "declined with a blocked stage": ("declined", [BLOCKED], Status.DECLINED),
    "of a word of its own": ("cancelled", [], Status.OTHER),
}


@pytest.mark.parametrize(("word", "stages", "seen"), EFFECTIVE.values(), ids=EFFECTIVE)
def test_a_build_is_seen_as(word: str, stages: list[dict[str, Any]], seen: Status) -> None:
    assert effective_status(state(word, *stages)) is seen


# -- Who may see it ---------------------------------------------------------------------------

REPOS: dict[str, tuple[dict[str, Any], bool]] = {
    "public": ({"visibility": "public"}, True),
    "public, of a Drone that says no more": ({"visibility": ""}, True),
    "private": ({"private": True, "visibility": "private"}, False),
    "private, whatever its visibility": ({"private": True, "visibility": "public"}, False),
    "private by its visibility alone": ({"visibility": "private"}, False),
    "internal": ({"visibility": "internal"}, False),
    "of an unknown visibility": ({"visibility": "secret"}, False),
    "of a visibility in capitals": ({"visibility": "PUBLIC"}, False),
    "unknown": ({"id": 0, "visibility": "public"}, False),
    "of an impossible id": ({"id": -1, "visibility": "public"}, False),
}


@pytest.mark.parametrize(("fields", "expected"), REPOS.values(), ids=REPOS)
def test_a_repository_is_public_in_no_doubt_alone(fields: dict[str, Any], expected: bool) -> None:
    repo = read_state({"repo": {"id": 1, "slug": "octocat/hello-world", **fields}}).repo

    assert is_public(repo) is expected


def test_a_build_without_a_repository_is_not_public() -> None:
    assert not is_public(read_state({}).repo)
