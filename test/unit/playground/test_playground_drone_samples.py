"""Check that the samples are what the player makes, and cover what Drone can say."""

import json
from pathlib import Path
from typing import Any

import pytest

from playground.drone.samples import headers, samples

FOLDER = Path(__file__).parent.parent.parent / "samples" / "drone"
VALID = FOLDER / "valid"
INVALID = FOLDER / "invalid"
REASONS = {
    *("not_utf8", "not_json", "not_an_object", "too_deep"),
    *("no_event", "no_action", "no_build", "no_repo", "no_user", "no_id"),
}


def folders(parent: Path) -> list[str]:
    return sorted(folder.name for folder in parent.iterdir())


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def builds() -> list[dict[str, Any]]:
    payloads = (json.loads((VALID / name / "body.json").read_bytes()) for name in folders(VALID))
    return [payload["build"] for payload in payloads if "build" in payload]


def test_the_valid_samples_are_exactly_what_the_player_makes() -> None:
    made = {
        name: {"body.json": delivery.body, "headers.json": headers(delivery)}
        for name, delivery in samples()
    }

    assert {name: content(VALID / name) for name in folders(VALID)} == made


@pytest.mark.parametrize("name", folders(VALID))
def test_a_sample_is_named_after_its_event(name: str) -> None:
    body = json.loads((VALID / name / "body.json").read_bytes())
    unsigned = json.loads((VALID / name / "headers.json").read_bytes())

    assert name.split("__")[:2] == [body["event"], body["action"]]
    assert unsigned == {"X-Drone-Event": body["event"], "Content-Type": "application/json"}


def test_every_event_has_a_sample() -> None:
    assert {"__".join(name.split("__")[:2]) for name in folders(VALID)} == {
        *("build__created", "build__updated", "user__created", "user__deleted"),
        *("repo__enabled", "repo__disabled", "repo__deleted"),
    }


def test_every_status_has_a_sample() -> None:
    of_builds = {build["status"] for build in builds()}
    of_stages = {stage["status"] for build in builds() for stage in build.get("stages", ())}

    everywhere = {
        *("pending", "running", "success", "failure", "error", "killed", "skipped", "declined"),
    }
    assert of_builds == everywhere
    assert of_stages == everywhere | {"blocked", "waiting_on_dependencies"}


def test_every_kind_of_build_has_a_sample() -> None:
    assert {build["event"] for build in builds()} == {
        *("push", "pull_request", "tag", "promote", "rollback", "cron", "custom"),
    }
    assert any(build["event"] == "push" and build.get("parent") for build in builds())


def test_every_reason_to_refuse_has_a_sample() -> None:
    found = {(INVALID / name / "reason.txt").read_text() for name in folders(INVALID)}

    assert found == {f"{reason}\n" for reason in REASONS}


@pytest.mark.parametrize("name", folders(INVALID))
def test_a_refused_sample_has_a_body_and_unsigned_headers(name: str) -> None:
    files = content(INVALID / name)

    assert set(files) == {"body.json", "headers.json", "reason.txt"}
    assert list(json.loads(files["headers.json"])) == ["X-Drone-Event", "Content-Type"]
