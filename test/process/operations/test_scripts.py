"""Run the curl scripts as people do, in real shells against a real socket."""

import base64
import hashlib
import hmac
import json
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from recording_bridge import RecordingBridge, Request, recording_bridge

from playground.drone import wire
from playground.drone.arguments import first_secret

HERE = Path(__file__).parent.parent.parent
PAIRS = {
    "user_created": ("user", "created"),
    "user_deleted": ("user", "deleted"),
    "repo_enabled": ("repo", "enabled"),
    "repo_disabled": ("repo", "disabled"),
    "repo_deleted": ("repo", "deleted"),
    "build_created": ("build", "created"),
    "build_updated": ("build", "updated"),
    "build_killed": ("build", "updated"),
    "build_failure": ("build", "updated"),
    "build_success": ("build", "updated"),
    "build_error": ("build", "updated"),
}
SHELLS = [
    pytest.param(
        shell, marks=pytest.mark.skipif(not shutil.which(shell), reason=f"{shell} is missing")
    )
    for shell in ("bash", "zsh")
]


@pytest.fixture
def bridge() -> Iterator[RecordingBridge]:
    with recording_bridge() as bridge:
        yield bridge


def run(
    command: list[str], bridge_url: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        command,
        env=inherited | {"BRIDGE_URL": bridge_url, "no_proxy": "127.0.0.1"} | environment,
        cwd=HERE.parent,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def assert_is_authentic(request: Request, secret: str) -> None:
    """Check a request as the bridge must, in words of our own."""
    digest = "SHA-256=" + base64.b64encode(hashlib.sha256(request.body).digest()).decode()
    assert request.headers["Digest"] == digest
    signed = f"date: {request.headers['Date']}\ndigest: {digest}".encode()
    signature = base64.b64encode(hmac.digest(os.fsencode(secret), signed, "sha256")).decode()
    assert request.headers["Signature"] == (
        f'keyId="hmac-key",algorithm="hmac-sha256",signature="{signature}",headers="date digest"'
    )
    age = datetime.now(UTC) - parsedate_to_datetime(request.headers["Date"])
    assert abs(age.total_seconds()) < 60


@pytest.mark.parametrize("name", PAIRS)
def test_a_script_posts_its_event_signed_with_the_default_secret(
    name: str, bridge: RecordingBridge
) -> None:
    done = run(["bash", f"test/{name}.sh"], bridge.url)

    assert (done.returncode, done.stdout, done.stderr) == (0, "HTTP 204\n", "")
    [request] = bridge.requests
    assert_is_authentic(request, "webhook-secret")
    body = json.loads(request.body)
    assert (body["event"], body["action"]) == PAIRS[name]
    assert request.path == "/"
    assert request.headers["X-Drone-Event"] == body["event"]
    assert request.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("name", PAIRS)
def test_a_body_is_written_as_go_writes_json(name: str, bridge: RecordingBridge) -> None:
    run(["bash", f"test/{name}.sh"], bridge.url)

    body = bridge.requests[0].body
    assert wire.encode(json.loads(body)) == body


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    "secret",
    [
        pytest.param("bea26a2221fd8090ea38720fc445eca6", id="hexadecimal"),
        pytest.param('it\'s "quoted" $HOME `id` $(id) \\n %s !', id="signs of the shell"),
        pytest.param("* ? [a-z] ~", id="globs"),
        pytest.param("-hmac", id="looks like an option"),
        pytest.param("  spaces  ", id="spaces around"),
        pytest.param("two\nlines", id="a line break"),
        pytest.param("geheimniß 🔑", id="beyond ascii"),
        pytest.param("x" * 64, id="as long as a block"),
        pytest.param("x" * 65, id="longer than a block"),
        pytest.param("\udcff\udc80", id="bytes that are no text"),
    ],
)
def test_any_secret_signs_rightly(secret: str, shell: str, bridge: RecordingBridge) -> None:
    run([shell, "test/user_created.sh"], bridge.url, DRONE_WEBHOOK_SECRET=secret)

    assert_is_authentic(bridge.requests[0], secret)


@pytest.mark.parametrize(
    ("listed", "first"),
    [("new,old", "new"), (r"n\,ew,old", "n,ew"), (r"n\,e\,w", "n,e,w"), (r"n\ew&,old", r"n\ew&")],
)
def test_of_several_secrets_the_first_signs(
    listed: str, first: str, bridge: RecordingBridge
) -> None:
    run(["bash", "test/user_created.sh"], bridge.url, DRONE_WEBHOOK_SECRET=listed)

    assert_is_authentic(bridge.requests[0], first)
    assert first_secret(listed) == first


def test_the_secret_shows_in_no_list_of_processes(bridge: RecordingBridge, tmp_path: Path) -> None:
    log = tmp_path / "arguments"
    for tool in ("openssl", "curl", "od", "wc", "seq", "date"):
        wrapper = tmp_path / tool
        wrapper.write_text(
            f'#!/bin/sh\necho "{tool} $*" >> "{log}"\nexec "{shutil.which(tool)}" "$@"\n'
        )
        wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"

    run(["bash", "test/user_created.sh"], bridge.url, DRONE_WEBHOOK_SECRET="hush", PATH=path)

    assert_is_authentic(bridge.requests[0], "hush")
    assert "openssl dgst" in log.read_text()
    assert "hush" not in log.read_text()


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("name", PAIRS)
def test_a_sourced_script_works_in_the_shells_people_use(
    name: str, shell: str, bridge: RecordingBridge
) -> None:
    done = run([shell, "-c", f"source test/{name}.sh; echo alive"], bridge.url)

    assert done.stdout == "HTTP 204\nalive\n"
    assert_is_authentic(bridge.requests[0], "webhook-secret")


@pytest.mark.parametrize("shell", SHELLS)
def test_a_sourced_script_that_fails_leaves_the_shell_alive(shell: str) -> None:
    command = "source test/build_created.sh; echo alive after $?"
    done = run([shell, "-c", command], "http://127.0.0.1:9")

    assert done.stdout == "alive after 1\n"


@pytest.mark.parametrize("shell", SHELLS)
def test_sourcing_changes_nothing_in_the_shell(
    shell: str, bridge: RecordingBridge, tmp_path: Path
) -> None:
    names = {"bash": "compgen -A variable; declare -F", "zsh": "print -l ${(k)parameters}"}[shell]
    functions = {"bash": "shopt", "zsh": "print -l ${(k)functions}; setopt"}[shell]
    dump = f"{{ {names}; {functions}; echo $-; pwd; }} | sort"
    before, after = tmp_path / "before", tmp_path / "after"
    command = (
        f"{dump} > {before}; {dump} > {before}; source test/build_created.sh; {dump} > {after}"
    )

    run([shell, "-c", command], bridge.url)

    assert len(bridge.requests) == 1
    assert after.read_text() == before.read_text()


@pytest.mark.parametrize("shell", SHELLS)
def test_strict_shells_with_odd_separators_can_source(shell: str, bridge: RecordingBridge) -> None:
    done = run([shell, "-c", "set -eu; IFS=0,; source test/build_created.sh; echo $-"], bridge.url)

    assert done.returncode == 0
    assert_is_authentic(bridge.requests[0], "webhook-secret")


def test_a_refusal_is_printed_with_the_reason(bridge: RecordingBridge) -> None:
    bridge.status = 401
    bridge.answer = b'{"error":"signature","detail":"The signature is wrong."}'

    done = run(["bash", "test/build_created.sh"], bridge.url)

    assert done.returncode == 1
    assert done.stdout == f"HTTP 401\n{bridge.answer.decode()}\n"


def test_a_missing_bridge_is_explained() -> None:
    done = run(["bash", "test/build_created.sh"], "http://127.0.0.1:9")

    assert done.returncode == 1
    assert done.stderr.endswith(
        "No answer from http://127.0.0.1:9: is the bridge running? BRIDGE_URL says where it is.\n"
    )


def test_a_slash_after_the_address_does_no_harm(bridge: RecordingBridge) -> None:
    run(["bash", "test/user_created.sh"], bridge.url + "/")

    assert bridge.requests[0].path == "/"


def story(bridge: RecordingBridge) -> list[tuple[int, int, str, int, str]]:
    """Give id, number, status, version and stages of each build that was told."""
    builds = [json.loads(request.body)["build"] for request in bridge.requests]
    return [
        (
            build["id"],
            build["number"],
            build["status"],
            build["version"],
            " ".join(
                f"{step['name']}:{step['status']}:v{step['version']}"
                for stage in build.get("stages", ())
                for step in stage["steps"]
            ),
        )
        for build in builds
    ]


@pytest.mark.parametrize(
    ("ending", "status", "steps"),
    [
        ("success", "success", "clone:success:v4 test:success:v4"),
        ("failure", "failure", "clone:success:v4 test:failure:v4"),
        ("error", "error", "clone:success:v4 test:error:v4"),
        ("killed", "killed", "clone:success:v3 test:killed:v3"),
    ],
)
def test_the_scripts_of_builds_tell_one_story(
    ending: str, status: str, steps: str, bridge: RecordingBridge
) -> None:
    for name in ("build_created", "build_updated", f"build_{ending}"):
        run(["bash", f"test/{name}.sh"], bridge.url)

    assert story(bridge) == [
        (42, 42, "pending", 1, ""),
        (42, 42, "running", 2, "clone:success:v3 test:running:v2"),
        (42, 42, status, 3, steps),
    ]


def test_another_number_makes_another_build(bridge: RecordingBridge) -> None:
    run(["bash", "test/build_success.sh"], bridge.url, BUILD_NUMBER="43")

    body = json.loads(bridge.requests[0].body)
    assert story(bridge)[0][:2] == (43, 43)
    stage = body["build"]["stages"][0]
    assert (stage["id"], stage["build_id"]) == (43, 43)
    assert [(step["id"], step["step_id"]) for step in stage["steps"]] == [(431, 43), (432, 43)]
    assert body["repo"]["build"] == body["build"]
