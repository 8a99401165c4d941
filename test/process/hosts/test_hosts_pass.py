"""One pass of the worker before each answer: frozen, killed, two at once, without a database.

The processes are AWS's, but nothing here is AWS's own: every host runs the same passes.
"""

import json
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hosts import Call, Host, function_url, running, sample, webhook
from stack import BUSY_SECONDS, Bridge, Database, environ_of, eventually, shown, titles, truth

from playground.discord.process import StandIn
from playground.drone.builds import play
from playground.drone.delivery import Delivery
from playground.drone.scenarios.many import storm_of

PUSH, FAILING = play("push"), play("failing_push", first_id=2000, first_number=2)
CREATED, RUNNING, ENDED = PUSH[0], PUSH[1], PUSH[-1]
SCHEDULE = sample("aws_schedule")


class Hosts:
    """Processes of one host, all before the same bridge."""

    def __init__(self, bridge: Bridge, stack: ExitStack) -> None:
        self.bridge = bridge
        self._stack = stack
        self._count = 0

    def start(self) -> Host:
        """Start one more process, with a disk of its own."""
        self._count += 1
        folder = self.bridge.folder / str(self._count)
        folder.mkdir()
        environ = {**self.bridge.environ, "SPOOL_PATH": str(folder / "spool.sqlite3")}
        return self._stack.enter_context(running("aws_lambda", environ, folder / "host.log"))


@pytest.fixture
def hosts(mongo_uri: str, discord: StandIn, tmp_path: Path) -> Iterator[Hosts]:
    """Give a bridge whose processes are for the test to start."""
    environ = environ_of(mongo_uri, discord, tmp_path) | {"LEASE_SECONDS": "1"}
    bridge = Bridge(environ, tmp_path, discord)
    bridge.make_collections()
    with ExitStack() as stack:
        yield Hosts(bridge, stack)


def send(host: Host, *deliveries: Delivery) -> list[int]:
    """Send webhooks one after the other; return how they were answered."""
    return [host.call(function_url(webhook(delivery)))["statusCode"] for delivery in deliveries]


def test_a_build_is_told_to_its_end_by_a_process_that_is_frozen_in_between(
    hosts: Hosts, discord: StandIn
) -> None:
    host = hosts.start()

    answers = send(host, *PUSH)

    assert answers == [204] * len(PUSH)
    assert titles(discord) == truth(PUSH)


def test_an_ending_is_waited_for_until_discord_takes_the_edit(
    hosts: Hosts, discord: StandIn
) -> None:
    host = hosts.start()

    assert send(host, CREATED, ENDED) == [204, 204]

    assert titles(discord) == truth([ENDED])


def test_progress_that_comes_too_soon_is_left_to_the_schedule(
    hosts: Hosts, discord: StandIn
) -> None:
    host = hosts.start()
    send(host, CREATED, RUNNING)
    before = titles(discord)

    host.call(SCHEDULE)

    assert before == ["octocat/hello-world #1 · 🕒 queued"]
    assert titles(discord) == ["octocat/hello-world #1 · 🔄 running"]


def test_the_schedule_confirms_an_ending(hosts: Hosts, discord: StandIn) -> None:
    host = hosts.start()
    send(host, CREATED, ENDED)
    awaited = hosts.bridge.card()["confirm_at"]
    now = datetime.now(UTC)
    hosts.bridge.change_card({"confirm_at": now, "due_at": now})

    host.call(SCHEDULE)

    assert awaited > now
    assert hosts.bridge.card().get("confirm_at") is None
    (message,) = shown(discord)
    assert len(message["versions"]) == 3


def test_every_build_has_one_message_when_two_processes_are_called_at_once(
    hosts: Hosts, discord: StandIn
) -> None:
    discord.set_limits(messages="1000/1")
    one, two = hosts.start(), hosts.start()
    deliveries = play(storm_of(6))

    for first, second in zip(deliveries[::2], deliveries[1::2], strict=False):
        one.send(function_url(webhook(first)))
        two.send(function_url(webhook(second)))
        assert {one.answer()["statusCode"], two.answer()["statusCode"]} == {204}
    if len(deliveries) % 2:
        send(one, deliveries[-1])
    eventually(lambda: hosts.bridge.is_at_rest() or one.call(SCHEDULE))

    assert titles(discord) == truth(deliveries)


def test_what_arrives_while_a_pass_works_is_shown_by_that_pass(
    hosts: Hosts, discord: StandIn
) -> None:
    one, two = hosts.start(), hosts.start()
    discord.add_fault("slow", method="POST", seconds=2)

    one.send(function_url(webhook(ENDED)))
    eventually(lambda: "holds the lease" in one.output())
    assert send(two, FAILING[-1]) == [204]
    assert "holds the lease" not in two.output()
    one.answer()

    assert titles(discord) == truth([ENDED, FAILING[-1]])


def test_a_request_leaves_the_work_to_whoever_holds_the_lease(
    hosts: Hosts, discord: StandIn
) -> None:
    host = hosts.start()
    hosts.bridge.give_lease("other")

    assert send(host, ENDED) == [204]
    assert shown(discord) == []
    host.call(SCHEDULE)

    assert titles(discord) == truth([ENDED])


def test_a_process_killed_in_its_pass_holds_nobody_up_for_long(
    hosts: Hosts, discord: StandIn
) -> None:
    dying, next_one = hosts.start(), hosts.start()
    discord.add_fault("slow", method="POST", when="after", seconds=3)
    dying.send(function_url(webhook(ENDED)))
    eventually(lambda: shown(discord))

    dying.popen.send_signal(signal.SIGKILL)
    next_one.send(SCHEDULE)
    eventually(lambda: hosts.bridge.card().get("message_id"))

    assert titles(discord) == truth([ENDED])
    assert hosts.bridge.card()["message_id"] == shown(discord)[0]["id"]


def test_a_process_frozen_in_its_pass_does_no_harm_when_it_wakes(
    hosts: Hosts, discord: StandIn
) -> None:
    frozen, other = hosts.start(), hosts.start()
    discord.add_fault("slow", method="POST", when="after", seconds=3)
    frozen.send(function_url(webhook(RUNNING)))
    eventually(lambda: shown(discord))
    frozen.popen.send_signal(signal.SIGSTOP)
    other.call(SCHEDULE)
    send(other, ENDED)

    frozen.popen.send_signal(signal.SIGCONT)
    assert frozen.answer()["statusCode"] == 204
    eventually(lambda: hosts.bridge.is_at_rest() or other.call(SCHEDULE))

    assert titles(discord) == truth(PUSH)


def test_a_slow_discord_holds_an_answer_up_for_some_seconds_only(
    hosts: Hosts, discord: StandIn
) -> None:
    host = hosts.start()
    discord.add_fault("slow", times=None, when="after", seconds=40)
    sent_at = time.monotonic()

    assert send(host, ENDED) == [204]
    assert time.monotonic() - sent_at < BUSY_SECONDS
    discord.clear_faults()
    eventually(lambda: hosts.bridge.is_at_rest() or host.call(SCHEDULE), 90)

    assert titles(discord) == truth([ENDED])


def test_while_mongodb_is_away_a_process_keeps_webhooks_on_its_own_disk(
    hosts: Hosts, discord: StandIn, database: Database
) -> None:
    hosts.bridge.environ["MONGO_URI"] = database.uri
    hosts.bridge.make_collections()
    host = hosts.start()
    send(host, CREATED)
    database.end()

    assert send(host, ENDED) == [204]
    away = host.call(function_url(Call("GET", "/health")))
    database.start()
    assert send(host, FAILING[-1]) == [204]

    assert json.loads(away["body"])["counts"] == {"spooled": 1}
    assert titles(discord) == truth([ENDED, FAILING[-1]])


def test_a_webhook_that_nothing_can_keep_is_answered_503(
    hosts: Hosts, discord: StandIn, database: Database
) -> None:
    hosts.bridge.environ["MONGO_URI"] = database.uri
    host = hosts.start()
    database.end()
    (hosts.bridge.folder / "1" / "spool.sqlite3").mkdir()

    answer = host.call(function_url(webhook(ENDED)))

    assert answer["statusCode"] == 503
    assert json.loads(answer["body"])["error"] == "unavailable"
    assert shown(discord) == []


def test_a_process_tells_what_another_has_refused_before_it_was_frozen(hosts: Hosts) -> None:
    first, second = hosts.start(), hosts.start()

    refused = first.call(function_url(webhook(CREATED, "another secret")))
    health = second.call(function_url(Call("GET", "/health")))

    assert refused["statusCode"] == 401
    assert json.loads(health["body"])["checks"]["webhooks"]["reason"] == "bad_signature"
