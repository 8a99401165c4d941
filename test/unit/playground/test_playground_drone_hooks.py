"""Check what tells the eight kinds of build apart."""

import json
from typing import Any

import pytest

from playground.drone.builds import play


def build_of(scenario: str, number: int = 0) -> dict[str, Any]:
    build: dict[str, Any] = json.loads(play(scenario)[number].body)["build"]
    return build


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        (
            "push",
            {"event": "push", "action": "", "trigger": "@hook", "ref": "refs/heads/main"}
            | {"source": "main", "target": "main", "source_repo": ""},
        ),
        (
            "tag",
            {"event": "tag", "action": "create", "trigger": "@hook", "ref": "refs/tags/v1.4.0"}
            | {"source": "", "target": "", "source_repo": ""},
        ),
        (
            "pull_request",
            {"event": "pull_request", "action": "opened", "trigger": "@hook"}
            | {"ref": "refs/pull/12/head", "source": "parse-dates", "target": "main"}
            | {"source_repo": "acme/shop", "title": "Teach the parser about dates"},
        ),
        (
            "promotion",
            {"event": "promote", "trigger": "grace", "ref": "refs/heads/main", "parent": 1}
            | {"deploy_to": "production", "params": {"REASON": "release & announce"}},
        ),
        (
            "rollback",
            {"event": "rollback", "trigger": "grace", "ref": "refs/heads/main", "parent": 1}
            | {"deploy_to": "production"},
        ),
        (
            "cron",
            {"event": "cron", "trigger": "@cron", "action": "", "ref": "refs/heads/main"}
            | {"source": "", "target": "main", "before": "", "cron": "nightly"},
        ),
        (
            "custom",
            {"event": "custom", "trigger": "ada", "ref": "refs/heads/main"}
            | {"source": "main", "target": "main"}
            | {"params": {"LOAD_TEST": "yes", "USERS": "200"}},
        ),
    ],
)
def test_a_kind_of_build_is_told_by_its_fields(scenario: str, expected: dict[str, Any]) -> None:
    build = build_of(scenario)

    assert {key: build.get(key) for key in expected} == expected


@pytest.mark.parametrize(
    ("scenario", "absent"),
    [
        ("push", {"title", "parent", "cron", "deploy_to", "params", "debug"}),
        ("tag", {"title", "parent", "cron", "deploy_to", "params"}),
        ("cron", {"title", "parent", "deploy_to", "params"}),
        ("rollback", {"title", "cron", "params", "deploy_id"}),
    ],
)
def test_what_a_kind_of_build_has_not_is_absent(scenario: str, absent: set[str]) -> None:
    assert not absent & set(build_of(scenario))


def test_a_restart_is_the_old_build_with_another_number() -> None:
    old, new = build_of("restart"), build_of("restart", 6)

    own = {"id", "number", "parent", "trigger", "created", "updated"}
    assert {key: value for key, value in new.items() if key not in own} == {
        key: value for key, value in old.items() if key not in own
    }
    assert new["parent"] == old["number"]
    assert (old["trigger"], new["trigger"]) == ("@hook", "ada")


def test_timestamp_is_never_set() -> None:
    assert {json.loads(one.body)["build"]["timestamp"] for one in play("push", "tag")} == {0}
