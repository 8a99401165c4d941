"""Cloud Run: the image's own gunicorn with the way in for processors that sleep, and the job."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from stack import ROOT, Bridge, environ_of, eventually, shown, titles, truth

from playground.discord.process import StandIn
from playground.drone.builds import play
from playground.supervisor import BIN, answers

PUSH = play("push")
CREATED, RUNNING, ENDED = PUSH[0], PUSH[1], PUSH[-1]


@pytest.fixture
def bridge(mongo_uri: str, discord: StandIn, tmp_path: Path) -> Iterator[Bridge]:
    """Give a bridge whose only process is Cloud Run's container."""
    bridge = Bridge(environ_of(mongo_uri, discord, tmp_path), tmp_path, discord)
    bridge.make_collections()
    command = ["--config", "server/gunicorn.conf.py", "server.hosts.cloud_run:app"]
    process = bridge.start([str(BIN / "gunicorn"), *command], "container.log")
    try:
        eventually(lambda: answers(int(bridge.environ["PORT"])) or process.popen.poll() is not None)
        assert process.popen.poll() is None, process.output()
        yield bridge
    finally:
        bridge.stop()


def tick(environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the job once."""
    return subprocess.run(
        [sys.executable, "-m", "server.hosts.tick"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_webhook_is_shown_before_it_is_answered(bridge: Bridge, discord: StandIn) -> None:
    assert bridge.post(ENDED) == 204

    assert titles(discord) == truth([ENDED])


def test_a_forged_webhook_is_refused(bridge: Bridge, discord: StandIn) -> None:
    assert bridge.post_body(ENDED.body, {"Digest": "", "Date": "", "Signature": ""}) == 401

    assert shown(discord) == []


def test_it_listens_on_the_port_that_the_host_names(bridge: Bridge) -> None:
    answer = requests.get(f"http://127.0.0.1:{bridge.environ['PORT']}/health", timeout=60)

    assert answer.json()["checks"]["mongo"] == {"status": "ok"}


def test_the_job_shows_what_no_request_has_shown(bridge: Bridge, discord: StandIn) -> None:
    bridge.post(CREATED)
    (created,) = bridge.deliveries()
    document = {**created, "_id": "by another way", "body": RUNNING.body, "pending": True}
    bridge.add_delivery(document)

    assert tick(bridge.environ).returncode == 0

    assert titles(discord) == ["octocat/hello-world #1 · 🔄 running"]


def test_the_job_tells_all_that_is_wrong_with_the_settings(tmp_path: Path) -> None:
    done = tick({"DOTENV_PATH": str(tmp_path / "no.env"), "PORT": "zero"})

    assert done.returncode == 1
    names = ("DRONE_WEBHOOK_SECRET", "PORT", "DISCORD_CHANNEL_ID", "DISCORD_TOKEN")
    assert [done.stderr.count(name) for name in names] == [1, 1, 1, 1]
    assert "Traceback" not in done.stderr
