"""AWS Lambda: the real handler in a process of its own, with the events that AWS hands to it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import hosts
import pytest
from aws import Aws
from hosts import AWS, Call, Event, Host, running, sample, webhook
from stack import Bridge, environ_of, shown, titles, truth

from playground.discord.process import StandIn
from playground.drone.builds import play
from runtime.environment import NOT_IN_AWS
from runtime.settings import BRIDGE, settings_of

PUSH = play("push")
CREATED, RUNNING, ENDED = PUSH[0], PUSH[1], PUSH[-1]
HOSTILE = play("hostile_pull_request")[0]
TOKEN = "token-of-the-backups"
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}

Shape = Callable[[Call], Event]


@pytest.fixture
def bridge(mongo_uri: str, discord: StandIn, tmp_path: Path) -> Bridge:
    """Give a bridge without processes of its own: the host has them."""
    environ = environ_of(mongo_uri, discord, tmp_path) | {"MESSAGES_TOKENS": f"ops:{TOKEN}"}
    bridge = Bridge(environ, tmp_path, discord)
    bridge.make_collections()
    return bridge


@pytest.fixture
def host(bridge: Bridge, tmp_path: Path) -> Iterator[Host]:
    """Give a process that has just been started."""
    with running("aws_lambda", bridge.environ, tmp_path / "host.log") as host:
        yield host


@pytest.fixture(params=AWS.values(), ids=AWS.keys())
def shape(request: pytest.FixtureRequest) -> Shape:
    """Give each way in which AWS hands a request over."""
    return request.param  # type: ignore[no-any-return]  # the fixture's own parameter


def test_a_webhook_is_shown_before_it_is_answered(
    host: Host, discord: StandIn, shape: Shape
) -> None:
    answer = host.call(shape(webhook(ENDED)))

    assert (answer["statusCode"], answer["body"]) == (204, "")
    assert titles(discord) == truth([ENDED])


def test_a_body_arrives_as_the_bytes_that_were_signed(
    host: Host, bridge: Bridge, discord: StandIn, shape: Shape
) -> None:
    answer = host.call(shape(webhook(HOSTILE, is_base64=True)))

    assert answer["statusCode"] == 204
    assert [bytes(delivery["body"]) for delivery in bridge.deliveries()] == [HOSTILE.body]
    assert not HOSTILE.body.isascii()


def test_a_forged_webhook_is_refused_and_starts_no_work(
    host: Host, bridge: Bridge, shape: Shape
) -> None:
    answer = host.call(shape(webhook(ENDED, "another secret")))

    assert answer["statusCode"] == 401
    assert json.loads(answer["body"])["error"] == "bad_signature"
    assert bridge.deliveries() == []
    assert "holds the lease" not in host.output()


def test_its_health_is_well_between_two_passes(host: Host, shape: Shape) -> None:
    host.call(shape(webhook(ENDED)))

    answer = host.call(shape(Call("GET", "/health")))

    assert answer["statusCode"] == 200
    assert json.loads(answer["body"])["status"] == "ok"


def test_a_message_is_pushed_changed_and_removed(
    host: Host, discord: StandIn, shape: Shape
) -> None:
    seen = []
    for said in ("Backup läuft", "Backup fertig ✓"):
        body = json.dumps({"message": said}, ensure_ascii=False).encode()
        answer = host.call(shape(Call("PUT", "/messages/backup.1", AUTHORIZED, body)))
        seen.append((answer["statusCode"], shown(discord)[-1]["versions"][-1]["content"]))
    gone = host.call(shape(Call("DELETE", "/messages/backup.1", AUTHORIZED)))

    assert seen == [(202, "Backup läuft"), (202, "Backup fertig ✓")]
    assert gone["statusCode"] == 202
    assert shown(discord) == []


def test_the_schedule_shows_what_no_request_has_shown(
    host: Host, bridge: Bridge, discord: StandIn
) -> None:
    host.call(hosts.function_url(webhook(CREATED)))
    (created,) = bridge.deliveries()
    document = {**created, "_id": "by another way", "body": RUNNING.body, "pending": True}
    bridge.add_delivery(document)

    assert host.call(sample("aws_schedule")) is None

    assert titles(discord) == ["octocat/hello-world #1 · 🔄 running"]


def test_all_settings_may_come_from_one_secret_of_aws(
    bridge: Bridge, aws: Aws, discord: StandIn, tmp_path: Path
) -> None:
    movable = settings_of(BRIDGE).keys() - NOT_IN_AWS
    kept = {name: bridge.environ.pop(name) for name in tuple(bridge.environ) if name in movable}
    secret = aws.put(f"lambda/{bridge.folder.name}", kept)

    with running("aws_lambda", {**bridge.environ, **secret}, tmp_path / "host.log") as host:
        answer = host.call(hosts.function_url(webhook(ENDED)))

    assert answer["statusCode"] == 204
    assert titles(discord) == truth([ENDED])


def test_all_that_is_wrong_with_the_settings_is_told_at_once(
    bridge: Bridge, tmp_path: Path
) -> None:
    environ = {**bridge.environ, "PORT": "zero", "EDIT_INTERVAL": "never"}
    del environ["DRONE_WEBHOOK_SECRET"], environ["DISCORD_TOKEN"]
    host = Host("aws_lambda", environ, tmp_path / "host.log")
    try:
        assert host.popen.wait(60) == 1
        _, told = host.output().split("runtime.errors.SettingsError: ")
        assert [line.split()[1] for line in told.splitlines()[1:]] == [
            "DRONE_WEBHOOK_SECRET",
            "PORT",
            "DISCORD_TOKEN",
            "EDIT_INTERVAL",
        ]
    finally:
        host.end()
