"""Azure Functions: the functions as they are registered, called with Azure's own requests."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hosts import AZURE, Call, Event, Host, azure, running, webhook
from stack import Bridge, Database, environ_of, shown, titles, truth

from playground.discord.process import StandIn
from playground.drone.builds import play

PUSH = play("push")
CREATED, RUNNING, ENDED = PUSH[0], PUSH[1], PUSH[-1]
HOSTILE = play("hostile_pull_request")[0]
TOKEN = "token-of-the-backups"

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
    with running("azure_functions", bridge.environ, tmp_path / "host.log") as host:
        yield host


@pytest.fixture(params=AZURE.values(), ids=AZURE.keys())
def shape(request: pytest.FixtureRequest) -> Shape:
    """Give each way in which Azure hands a request over."""
    return request.param  # type: ignore[no-any-return]  # the fixture's own parameter


def test_a_webhook_is_shown_before_it_is_answered(
    host: Host, discord: StandIn, shape: Shape
) -> None:
    answer = host.call(shape(webhook(ENDED)))

    assert (answer["statusCode"], answer["body"]) == (204, "")
    assert titles(discord) == truth([ENDED])


def test_a_body_arrives_as_the_bytes_that_were_signed(host: Host, bridge: Bridge) -> None:
    answer = host.call(azure(webhook(HOSTILE)))

    assert answer["statusCode"] == 204
    assert [bytes(delivery["body"]) for delivery in bridge.deliveries()] == [HOSTILE.body]


def test_a_forged_webhook_is_refused(host: Host, bridge: Bridge, shape: Shape) -> None:
    answer = host.call(shape(webhook(ENDED, "another secret")))

    assert answer["statusCode"] == 401
    assert json.loads(answer["body"])["error"] == "bad_signature"
    assert bridge.deliveries() == []


def test_a_message_is_pushed_and_removed(host: Host, discord: StandIn, shape: Shape) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    body = json.dumps({"message": "Backup läuft"}, ensure_ascii=False).encode()

    put = host.call(shape(Call("PUT", "/messages/backup.1", headers, body)))
    (message,) = shown(discord)
    gone = host.call(shape(Call("DELETE", "/messages/backup.1", headers)))

    assert (put["statusCode"], gone["statusCode"]) == (202, 202)
    assert message["versions"][-1]["content"] == "Backup läuft"
    assert shown(discord) == []


def test_the_timer_shows_what_no_request_has_shown(
    host: Host, bridge: Bridge, discord: StandIn
) -> None:
    host.call(azure(webhook(CREATED)))
    (created,) = bridge.deliveries()
    document = {**created, "_id": "by another way", "body": RUNNING.body, "pending": True}
    bridge.add_delivery(document)

    host.call({})

    assert titles(discord) == ["octocat/hello-world #1 · 🔄 running"]


def test_its_log_goes_to_azure_alone_with_all_that_belongs_to_it(host: Host) -> None:
    host.call(azure(webhook(ENDED)))

    (kept,) = [line for line in host.output().splitlines() if "Delivery kept." in line]
    assert kept.startswith("collected: ")
    assert 'event="build:updated" place="inbox"' in kept


def test_an_answer_above_499_comes_as_it_is(
    mongo_uri: str, discord: StandIn, tmp_path: Path, database: Database
) -> None:
    (tmp_path / "spool.sqlite3").mkdir()
    environ = environ_of(mongo_uri, discord, tmp_path) | {"MONGO_URI": database.uri}
    database.end()
    with running("azure_functions", environ, tmp_path / "host.log") as host:
        answer = host.call(azure(Call("GET", "/health")))

    assert answer["statusCode"] == 503
    assert json.loads(answer["body"])["status"] == "failing"
    assert answer["headers"]["Content-Type"] == "application/json"
