"""The HTTP face of pushed messages, before doubles that keep what they are given."""

import ast
import json
import logging
import re
import secrets
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from runtime.secret import Secret
from server.config.settings import read_mongo
from server.core.cards.card import Card
from server.core.delivery import Delivery
from server.core.messages.idempotency import Claim, stands
from server.core.messages.tokens import Token
from server.edges.mongo.store import connect
from server.edges.sqlite.rate_limit import Rate
from server.edges.sqlite.spool import Spool
from server.errors import StoreUnavailable
from server.services.intake.admit import Admission
from server.services.intake.receive import DurableInbox, SignaturePolicy
from server.services.messages import MessageService
from server.web.app import create_app

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OPS, WEB = "token-of-the-operators", "token-of-the-website"
ROOT = Path(__file__).parent.parent.parent.parent


@dataclass
class Place:
    """An inbox in memory, or a spool; it can be away."""

    kept: dict[str, Delivery] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    aside: dict[str, str] = field(default_factory=dict)
    is_away: bool = False

    def _here(self) -> None:
        if self.is_away:
            raise StoreUnavailable("away")

    def add(self, delivery: Delivery) -> bool:
        self._here()
        return self.kept.setdefault(delivery.id, delivery) is delivery

    def claim(self, claim: Claim) -> Claim:
        self._here()
        standing = self.claims.get(claim.id)
        if standing is None or not stands(standing, claim.at):
            standing = self.claims[claim.id] = claim
        return standing

    def find_beginning(self, prefix: str) -> Delivery | None:
        return next((one for key, one in self.kept.items() if key.startswith(prefix)), None)

    def last_of(self, prefix: str) -> str:
        self._here()
        return max((key for key in self.kept if key.startswith(prefix)), default="")

    def pending_of(self, prefix: str) -> Delivery | None:
        self._here()
        return self.find_beginning(prefix)

    def failed_of(self, prefix: str) -> tuple[Delivery, str] | None:
        self._here()
        return None

    def find(self, ids: list[str]) -> dict[str, Card]:
        self._here()
        return {}

    def put_aside(self, delivery: Delivery, reason: str, now: datetime) -> None:
        self.aside[delivery.id] = reason


class Server:
    """The application with two tokens."""

    def __init__(self) -> None:
        self.inbox, self.spool, self.waits = Place(), Place(), 0.0
        inbox: Any = self.inbox
        durable = DurableInbox(inbox, inbox, self.spool, lambda: 0.0)
        tokens = (Token("ops", Secret(OPS)), Token("web", Secret(WEB), ("site",)))
        channels = {"default": "", "site": "1100000000000000010"}
        service = MessageService(
            tokens=tokens,
            channels=channels,
            take=lambda token, now: self.waits,
            inbox=durable,
            deliveries=self.inbox,
            spool=self.spool,
            cards=inbox,
            guild_id="",
            random_hex=secrets.token_hex,
        )
        rules = SignaturePolicy((Secret("s3cret"),), timedelta(seconds=300))
        self.client: FlaskClient = create_app(rules, durable, dict, service).test_client()

    def send(self, method: str = "POST", path: str = "", token: str = OPS, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"} | more.pop("headers", {})
        return self.client.open(f"/messages{path}", method=method, headers=headers, **more)


@pytest.fixture
def server() -> Server:
    return Server()


def message(**fields: object) -> dict[str, Any]:
    return {"json": {"message": "hello", **fields}}


PLAIN = {"Content-Type": "text/plain"}
REFUSED: dict[str, tuple[dict[str, Any], int, str, str]] = {
    "no token": (message() | {"headers": {"Authorization": ""}}, 401, "no_token", "Bearer"),
    "another token": (message() | {"token": "guessed"}, 401, "bad_token", "Bearer"),
    "another scheme": (
        message() | {"headers": {"Authorization": f"Basic {OPS}"}},
        401,
        "bad_token",
        "Bearer",
    ),
    "a channel of others": (
        message(channel="default") | {"token": WEB},
        403,
        "not_your_channel",
        "site",
    ),
    "no such channel": (message(channel="nowhere"), 403, "not_your_channel", "default, site"),
    "nothing": ({"data": b"", "headers": PLAIN}, 400, "blank_message", "nothing"),
    "blanks": (message(message=" \n\u200b"), 400, "blank_message", "nothing"),
    "no message": ({"json": {"title": "x"}}, 400, "no_message", "message"),
    "a number": (message(message=5), 400, "wrong_type", "message"),
    "a word for silent": (message(silent="yes"), 400, "wrong_type", "silent"),
    "an unknown field": (
        message(colour="red", mesage=""),
        400,
        "unknown_field",
        "'colour', 'mesage'",
    ),
    "a long title": (message(title="x" * 257), 400, "title_too_long", "257 characters; 256"),
    "a blank title": (message(title=" "), 400, "blank_title", "leave it out"),
    "an unknown level": (message(level="fatal"), 400, "unknown_level", "debug, info, success"),
    "a long url": (
        message(url="https://a.b/" + "x" * 501),
        400,
        "url_too_long",
        "513 characters; 512",
    ),
    "a host without a dot": (message(url="http://nas/"), 400, "bad_url", "dot"),
    "no JSON": ({"data": "{", "content_type": "application/json"}, 400, "not_json", "not JSON"),
    "deep JSON": (
        {"data": "[" * 100_000, "content_type": "application/json"},
        400,
        "not_json",
        "too deeply",
    ),
    "a list": ({"json": []}, 400, "not_an_object", "object"),
    "no UTF-8": ({"data": b"\xff", "headers": PLAIN}, 400, "not_utf8", "byte 0"),
    "a picture": (
        {"data": b"x", "content_type": "image/png"},
        415,
        "unsupported_media_type",
        "text",
    ),
    "over 1 MiB": ({"data": b"x" * (1024**2 + 1), "headers": PLAIN}, 413, "too_large", "1 MiB"),
    "a long key": ({"method": "PUT", "path": "/" + "x" * 65, **message()}, 400, "bad_key", "64"),
    "a key with a space": ({"method": "DELETE", "path": "/a%20b"}, 400, "bad_key", "letters"),
    "a blank Idempotency-Key": (
        message() | {"headers": {"Idempotency-Key": ""}},
        400,
        "bad_idempotency_key",
        "255",
    ),
    "an unknown id": ({"method": "GET", "path": "/nothing"}, 404, "unknown_message", "this token"),
}


@pytest.mark.parametrize(("call", "status", "error", "hint"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_taken_is_refused_with_its_reason(
    server: Server, call: dict[str, Any], status: int, error: str, hint: str
) -> None:
    answer = server.send(**call)

    assert (answer.status_code, answer.get_json()["error"]) == (status, error)
    assert hint in answer.get_json()["detail"]
    assert not server.inbox.kept


def test_every_reason_of_a_refusal_is_explained() -> None:
    page = (ROOT / "docs" / "troubleshooting.md").read_text()
    part = page.split("\n## A message is refused\n")[1].split("\n## ")[0]
    reasons = set()
    for path in (ROOT / "server").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("PushRefused", "_refuse"):
                place = 1 if ast.unparse(node.func) == "PushRefused" else 0
                reasons |= set(re.findall(r"'(\w+)'", ast.unparse(node.args[place])))

    assert len(reasons) > 15
    assert reasons <= set(re.findall(r"`(\w+)`", part))


@pytest.mark.parametrize(
    "call",
    [
        {"json": {"message": "disk full"}},
        {"data": "disk full", "headers": PLAIN},
        {"data": "disk full", "content_type": "application/x-www-form-urlencoded"},
    ],
    ids=["JSON", "plain", "curl -d"],
)
def test_a_message_is_kept_as_it_was_meant(server: Server, call: dict[str, Any]) -> None:
    answer = server.send(**call)

    (kept,) = server.inbox.kept.values()
    body = json.loads(kept.body)
    identity = answer.get_json()["id"]
    assert (answer.status_code, answer.get_json()["channel"]) == (202, "default")
    assert (kept.event, kept.id) == ("message:put", f"message/{identity}/ops/post")
    assert (body["message"], body["token"], body["mentions"]) == ("disk full", "ops", False)
    assert server.send("GET", f"/{identity}").get_json() == {
        "id": identity,
        "channel": "default",
        "status": "waiting",
    }


def test_a_text_of_exactly_1_mib_is_taken(server: Server) -> None:
    assert server.send(data=b"x" * 1024**2, headers=PLAIN).status_code == 202


def test_a_token_with_channels_writes_to_its_first(server: Server) -> None:
    assert server.send(**message(), token=WEB).get_json()["channel"] == "site"


def test_too_many_are_told_when_to_come_back(server: Server) -> None:
    server.waits = 12.3
    answer = server.send(**message())
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "13")


def test_without_tokens_there_is_no_such_page() -> None:
    rules = SignaturePolicy((Secret("s3cret"),), timedelta(0))
    client = create_app(
        rules, DurableInbox(Place(), Place(), Place(), lambda: 0.0), dict
    ).test_client()  # type: ignore[arg-type]
    answers = [client.open("/messages", method="POST"), client.get("/messages/x")]
    assert [answer.status_code for answer in answers] == [404, 404]


def test_the_same_key_and_body_is_the_same_message(server: Server) -> None:
    key = {"Idempotency-Key": "k"}
    first = server.send(data="disk full", headers={**PLAIN, **key})
    again = server.send(json={"message": "disk full"}, headers=key)
    other = server.send(data="disk empty", headers={**PLAIN, **key})
    others = server.send(data="disk empty", headers={**PLAIN, **key}, token=WEB)

    assert first.get_json() == again.get_json()
    assert (other.status_code, other.get_json()["error"]) == (409, "key_taken")
    assert others.status_code == 202
    assert len(server.inbox.kept) == 2


def test_the_spool_decides_about_keys_while_mongodb_is_away(server: Server) -> None:
    key = {**PLAIN, "Idempotency-Key": "k"}
    first = server.send(data="disk full", headers=key).get_json()
    server.inbox.is_away = True

    assert server.send(data="disk full", headers=key).get_json() == first
    assert server.send(data="disk empty", headers=key).status_code == 409
    assert server.send("GET", "/elsewhere").status_code == 503
    assert server.send("GET", f"/{first['id']}").get_json()["status"] == "waiting"


def test_what_two_servers_took_apart_is_settled_when_the_spool_drains(server: Server) -> None:
    key = {**PLAIN, "Idempotency-Key": "k"}
    server.inbox.is_away = True
    server.send(data="disk full", headers=key)
    (spooled,) = server.spool.kept.values()
    elsewhere = Server()
    elsewhere.send(data="disk empty", headers=key)
    same = Server()
    same.send(data="disk full", headers=key)

    for other in (elsewhere, same):
        inbox: Any = other.inbox
        assert Admission(inbox, inbox, inbox, lambda: datetime.now(UTC)).add(spooled) is False

    assert (len(elsewhere.inbox.kept), len(same.inbox.kept)) == (1, 1)
    assert elsewhere.inbox.aside == {spooled.id: "idempotency_key_taken"}
    assert same.inbox.aside == {}


@pytest.mark.parametrize("place", ["inbox", "spool"])
def test_an_update_is_after_what_a_clock_ahead_has_received(server: Server, place: str) -> None:
    server.inbox.is_away = place == "spool"
    server.send("PUT", "/nas", **message())
    kept = getattr(server, place).kept
    (first,) = kept.values()
    ahead = json.loads(first.body)["order"].replace("000", "009", 1)
    kept.clear()
    prefix = first.id.rpartition("/")[0].rpartition("/")[0]
    kept[f"{prefix}/{ahead}"] = first

    for method in ("PUT", "DELETE", "PUT"):
        server.send(method, "/nas", **message())

    orders = [identity.removeprefix(f"{prefix}/") for identity in kept]
    assert len(orders) == 4
    assert orders == sorted(orders)


def test_the_log_names_the_token_and_never_shows_it(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.send(**message(message="the text"))
    server.send(**message(), token="guessed-token")
    server.send(data="{", content_type="application/json")

    everything = " ".join(str(vars(record)) for record in caplog.records)
    assert [vars(one)["token"] for one in caplog.records if "token" in vars(one)] == ["ops"]
    assert not [word for word in (OPS, "guessed-token", "the text") if word in everything]


def test_a_token_sends_so_many_in_any_minute_over_all_processes(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        waits = list(
            threads.map(
                lambda number: Rate(tmp_path / "rates", 5).take("ops", 1000.0 + number / 100),
                range(20),
            )
        )
    rate = Rate(tmp_path / "rates", 5)

    assert sum(wait == 0 for wait in waits) == 5
    assert rate.take("web", 1000.0) == 0
    assert 59 < rate.take("ops", 1000.3) <= 60
    assert rate.take("ops", 1061.0) == 0


def test_while_the_file_is_locked_a_process_counts_by_itself(tmp_path: Path) -> None:
    rate = Rate(tmp_path / "rates", 2)
    assert rate.take("ops", 1000.0) == 0

    with closing(sqlite3.connect(tmp_path / "rates", isolation_level=None)) as another:
        another.execute("BEGIN EXCLUSIVE")
        waits = [rate.take("ops", 1001.0 + number) for number in range(4)]
        assert rate.take("web", 1001.0) == 0

    assert waits == [0, 0, 58, 57]
    # Some time later the file is tried again: it knows of the first alone.
    assert [rate.take("ops", 1030.0 + number) > 0 for number in range(2)] == [False, True]


def test_a_place_for_no_file_is_no_way_around_the_limit(tmp_path: Path) -> None:
    rate = Rate(tmp_path, 1)

    assert (rate.take("ops", 1.0), rate.take("ops", 2.0)) == (0, 59)


@pytest.fixture(params=["spool", "mongo"])
def claims(request: pytest.FixtureRequest, tmp_path: Path, mongo_uri: str) -> Iterator[Any]:
    """Give a place that decides about keys."""
    if request.param == "spool":
        yield Spool(tmp_path / "spool")
        return
    values = {"MONGO_URI": mongo_uri, "MONGO_DATABASE": f"claims-{time.monotonic_ns()}"}
    with closing(connect(read_mongo(values), timedelta(seconds=5))) as store:
        yield store.claims


def claim(digest: str, at: datetime = NOW) -> Claim:
    return Claim("k", digest, f"m-{digest}", f"d-{digest}", at)


def test_of_many_that_claim_a_key_at_once_one_wins(claims: Any) -> None:
    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(lambda number: claims.claim(claim(f"{number}")), range(16)))

    assert len(found) == 1


def test_a_claim_stands_for_a_day(claims: Any) -> None:
    day = timedelta(days=1)
    later = [NOW, NOW + day - timedelta(seconds=1), NOW + day, NOW + day + day / 2]
    found = [claims.claim(claim(f"{number}", at)).digest for number, at in enumerate(later)]
    assert found == ["0", "0", "2", "2"]
