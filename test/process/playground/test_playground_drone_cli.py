"""Run the player's command line against a real socket."""

import base64
import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from recording_bridge import RecordingBridge, recording_bridge

from playground.drone import arguments, cli
from playground.drone.scenarios import SCENARIOS
from playground.drone.signing import sign

ROOT = Path(__file__).parent.parent.parent.parent


@pytest.fixture
def bridge(monkeypatch: pytest.MonkeyPatch) -> Iterator[RecordingBridge]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("DRONE_WEBHOOK_SECRET", raising=False)
    with recording_bridge() as bridge:
        yield bridge


def player(bridge: RecordingBridge, *options: str) -> int:
    return cli.main(["--url", bridge.url, "--pace", "0", *options])


def told(bridge: RecordingBridge) -> list[tuple[int, str]]:
    """Give the builds that were told of and their statuses."""
    builds = [json.loads(request.body)["build"] for request in bridge.requests]
    return [(build["id"], build["status"]) for build in builds]


def test_a_scenario_arrives_signed_and_in_order(bridge: RecordingBridge) -> None:
    status = player(bridge, "--scenario", "failing_push", "--secret", "s3cret", "--first-id", "7")

    assert status == 0
    assert told(bridge) == [(7, "pending"), *[(7, "running")] * 4, (7, "failure")]
    for request in bridge.requests:
        signed = sign(request.body, "s3cret", request.headers["Date"])
        assert {name: request.headers[name] for name in signed} == signed
        assert request.headers["X-Drone-Event"] == "build"
        assert request.headers["Content-Type"] == "application/json"
        assert request.headers["User-Agent"] == "Go-http-client/1.1"


def test_each_delivery_prints_a_line(
    bridge: RecordingBridge, capsys: pytest.CaptureFixture[str]
) -> None:
    player(bridge, "--scenario", "config_error", "repo_enabled", "--first-number", "3")

    first, second = capsys.readouterr().out.splitlines()
    assert first.split()[1:-2] == ["acme/shop", "#3", "build:created", "error", "->", "204"]
    assert second.split()[1:-2] == ["acme/website", "repo:enabled", "->", "204"]


def test_the_secret_comes_from_the_environment(
    bridge: RecordingBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRONE_WEBHOOK_SECRET", "new,old")

    player(bridge, "--scenario", "user_created")

    [request] = bridge.requests
    assert (
        sign(request.body, "new", request.headers["Date"])["Signature"]
        == (request.headers["Signature"])
    )


def test_repeating_makes_new_builds(bridge: RecordingBridge) -> None:
    player(bridge, "--scenario", "config_error", "--repeat", "3", "--first-id", "7")

    assert told(bridge) == [(7, "error"), (8, "error"), (9, "error")]


def test_parallel_lines_keep_the_order_of_each_build(bridge: RecordingBridge) -> None:
    player(bridge, "--scenario", "storm", "--parallel", "4")

    versions: dict[int, list[int]] = {}
    for request in bridge.requests:
        build = json.loads(request.body)["build"]
        versions.setdefault(build["id"], []).append(build["version"])
    assert len(versions) == 20
    assert all(seen == sorted(seen) for seen in versions.values())


def test_duplicates_are_sent_twice(bridge: RecordingBridge) -> None:
    player(bridge, "--scenario", "config_error", "--duplicate", "1")

    first, second = bridge.requests
    assert first.body == second.body


def test_drops_are_not_sent(bridge: RecordingBridge) -> None:
    assert player(bridge, "--scenario", "push", "--drop", "1") == 0

    assert bridge.requests == []


def test_shuffling_sends_the_same_in_another_order(bridge: RecordingBridge) -> None:
    player(bridge, "--scenario", "cron", "--shuffle", "--first-id", "7")

    assert sorted(told(bridge)) == sorted([(7, "pending"), *[(7, "running")] * 16, (7, "success")])
    assert told(bridge)[0] != (7, "pending")


def test_a_refusal_is_explained(
    bridge: RecordingBridge, capsys: pytest.CaptureFixture[str]
) -> None:
    bridge.status, bridge.answer = 401, b'{"error":"signature"}'

    assert player(bridge, "--scenario", "config_error") == 1

    printed = capsys.readouterr()
    assert '-> 401 {"error":"signature"}' in printed.out
    assert "DRONE_WEBHOOK_SECRET" in printed.err


def test_a_missing_bridge_is_explained_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--url", "http://127.0.0.1:9", "--pace", "0", "--scenario", "push"]) == 1

    printed = capsys.readouterr()
    assert printed.err.startswith("Cannot reach the bridge at http://127.0.0.1:9.\n")
    assert printed.out.count("lost no connection") == 1


def test_ctrl_c_stops_a_loop(bridge: RecordingBridge) -> None:
    command = [sys.executable, "-m", "playground.drone", "--url", bridge.url]
    process = subprocess.Popen(
        [*command, "--scenario", "push", "--loop", "--pace", "100"],
        cwd=ROOT,
        env=os.environ | {"NO_PROXY": "127.0.0.1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background lets them ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    process.stdout.readline()

    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (130, "")
    assert out.endswith("\nStopped.\n")


@pytest.mark.parametrize(
    "wrong",
    [
        ["--scenario", "nonsense"],
        ["--pace", "-1"],
        ["--drop", "1.5"],
        ["--parallel", "0"],
        ["--loop", "--repeat", "2"],
    ],
)
def test_a_wrong_option_is_refused(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        arguments.read(wrong, {})

    assert stopped.value.code == 2


def test_all_means_every_scenario() -> None:
    assert set(arguments.read(["--scenario", "all"], {}).scenario) == set(SCENARIOS)


def test_help_shows_every_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments.read(["--help"], {})

    printed = capsys.readouterr().out
    assert "examples:" in printed
    assert all(name in printed for name in SCENARIOS)


def test_the_digest_is_of_the_bytes_that_arrive(bridge: RecordingBridge) -> None:
    player(bridge, "--scenario", "hostile_texts")

    for request in bridge.requests:
        digest = base64.b64encode(hashlib.sha256(request.body).digest()).decode()
        assert request.headers["Digest"] == f"SHA-256={digest}"
