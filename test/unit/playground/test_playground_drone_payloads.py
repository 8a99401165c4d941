"""Check which keys each of Drone's senders sends, and in which order."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from playground.drone.builds import play
from playground.drone.scenarios import SCENARIOS

REPO = [
    *("id", "uid", "user_id", "namespace", "name", "slug", "scm", "git_http_url", "git_ssh_url"),
    *("link", "default_branch", "private", "visibility", "active", "config_path", "trusted"),
    *("protected", "ignore_forks", "ignore_pull_requests", "auto_cancel_pull_requests"),
    *("auto_cancel_pushes", "auto_cancel_running", "timeout", "counter", "synced", "created"),
    *("updated", "version"),
]
BUILD = [
    *("id", "repo_id", "trigger", "number", "parent", "status", "error", "event", "action", "link"),
    *("timestamp", "title", "message", "before", "after", "ref", "source_repo", "source"),
    *("target", "author_login", "author_name", "author_email", "author_avatar", "sender"),
    *("params", "cron", "deploy_to", "deploy_id", "debug", "started", "finished", "created"),
    *("updated", "version", "stages"),
]
OPTIONAL_OF_BUILD = {
    *("parent", "error", "title", "params", "cron", "deploy_to", "deploy_id", "debug", "stages"),
}
STAGE = [
    *("id", "repo_id", "build_id", "number", "name", "kind", "type", "status", "error"),
    *("errignore", "exit_code", "machine", "os", "arch", "variant", "kernel", "limit", "throttle"),
    *("started", "stopped", "created", "updated", "version", "on_success", "on_failure"),
    *("depends_on", "labels", "steps"),
]
OPTIONAL_OF_STAGE = {
    *("kind", "type", "error", "machine", "variant", "kernel", "limit", "throttle"),
    *("depends_on", "labels", "steps"),
}
STEP = [
    *("id", "step_id", "number", "name", "status", "error", "errignore", "exit_code", "started"),
    *("stopped", "version", "depends_on", "image", "detached", "schema"),
]
OPTIONAL_OF_STEP = {
    *("error", "errignore", "started", "stopped", "depends_on", "image", "detached", "schema"),
}
USER = [
    *("id", "login", "email", "machine", "admin", "active", "avatar", "syncing", "synced"),
    *("created", "updated", "last_login"),
]
EVERYTHING = [name for name in SCENARIOS if name not in {"monorepo", "storm"}]


def payloads(*scenarios: str) -> list[dict[str, Any]]:
    return [json.loads(delivery.body) for delivery in play(*scenarios)]


def assert_ordered(row: Mapping[str, Any], order: list[str], optional: set[str]) -> None:
    assert list(row) == [key for key in order if key in row]
    assert set(order) - set(row) <= optional
    assert all(row[key] for key in optional & set(row))


def test_every_build_has_its_keys_in_order() -> None:
    for payload in payloads(*EVERYTHING):
        if "build" not in payload:
            continue
        assert_ordered(payload["build"], BUILD, OPTIONAL_OF_BUILD)
        for stage in payload["build"].get("stages", ()):
            assert_ordered(stage, STAGE, OPTIONAL_OF_STAGE)
            for step in stage.get("steps", ()):
                assert_ordered(step, STEP, OPTIONAL_OF_STEP)


@pytest.mark.parametrize(
    ("scenario", "number", "top", "has_build_in_repo"),
    [
        pytest.param("push", 0, "user repo build", False, id="created"),
        pytest.param("config_error", 0, "user repo build", False, id="config error"),
        pytest.param("push", 1, "repo build", True, id="a step began"),
        pytest.param("push", 2, "repo build", True, id="a step ended"),
        pytest.param("push", -1, "repo build", True, id="the build ended"),
        pytest.param("cancel_by_person", -1, "repo build", False, id="cancelled by a person"),
        pytest.param("auto_cancel", 2, "repo build", False, id="cancelled by a newer build"),
        pytest.param("repo_enabled", 0, "user repo", False, id="repo enabled"),
        pytest.param("repo_disabled", 0, "repo", False, id="repo disabled"),
        pytest.param("repo_deleted", 0, "repo", False, id="repo deleted"),
    ],
)
def test_a_sender_sends_its_parts(
    scenario: str, number: int, top: str, has_build_in_repo: bool
) -> None:
    payload = payloads(scenario)[number]

    assert list(payload) == ["event", "action", *top.split(), "system"]
    assert list(payload["system"]) == ["proto", "host", "link", "version"]
    inner = ["build"] if has_build_in_repo else []
    assert list(payload["repo"]) == [*REPO, *inner, "archived"]
    assert payload["repo"].get("build", payload.get("build")) == payload.get("build")


@pytest.mark.parametrize(
    ("scenario", "action", "email"),
    [
        ("user_created", "created", "hubot@example.com"),
        ("user_first_login", "created", ""),
        ("user_deleted", "deleted", "hubot@example.com"),
    ],
)
def test_an_account_comes_alone(scenario: str, action: str, email: str) -> None:
    [payload] = payloads(scenario)

    assert list(payload) == ["event", "action", "user", "system"]
    assert (payload["event"], payload["action"]) == ("user", action)
    assert list(payload["user"]) == USER
    assert payload["user"]["email"] == email


def test_a_created_build_has_no_stages() -> None:
    for payload in payloads(*EVERYTHING):
        if payload["action"] == "created" and payload["event"] == "build":
            assert "stages" not in payload["build"]
            assert payload["build"]["version"] == 1


def test_the_person_in_created_is_the_owner_of_the_repository() -> None:
    payload = payloads("pull_request")[0]

    assert payload["user"]["id"] == payload["repo"]["user_id"] == 1


def test_a_config_error_tells_nothing_of_its_trigger() -> None:
    build = payloads("config_error")[0]["build"]

    assert build["trigger"] == ""
    assert build["started"] == build["finished"] == build["created"]
    assert build["error"].startswith("yaml: line 7")


def test_waiting_and_blocked_stages_have_no_steps() -> None:
    stages = [
        stage
        for payload in payloads("pull_request", "half_declined", "auto_cancel")
        for stage in payload.get("build", {}).get("stages", ())
    ]

    idle = {"waiting_on_dependencies", "blocked", "declined", "skipped", "pending"}
    assert {stage["status"] for stage in stages} > idle
    assert not any("steps" in stage for stage in stages if stage["status"] in idle)


def test_a_stage_depends_on_what_it_waits_for() -> None:
    stages = payloads("pull_request")[1]["build"]["stages"]

    assert [stage.get("depends_on") for stage in stages] == [
        None,
        None,
        ["test amd64", "test arm64"],
    ]


def test_the_counter_of_the_repository_is_the_number_of_its_newest_build() -> None:
    first, second = (
        payload for payload in payloads("config_error", "config_error") if "build" in payload
    )

    assert (first["repo"]["counter"], second["repo"]["counter"]) == (1, 2)
    assert second["repo"]["version"] == first["repo"]["version"] + 1


def test_a_long_message_is_cut_to_2000_characters() -> None:
    longest = max(len(payload["build"]["message"]) for payload in payloads("hostile_texts"))

    assert longest == 2000


def test_an_error_of_a_step_is_cut_to_500_bytes() -> None:
    errors = [
        step.get("error", "")
        for payload in payloads("hostile_texts")
        for stage in payload["build"].get("stages", ())
        for step in stage.get("steps", ())
    ]

    assert max(len(error.encode()) for error in errors) == 500


def test_the_error_of_a_configuration_is_not_cut() -> None:
    assert len(payloads("hostile_config_error")[0]["build"]["error"]) > 30_000
