"""The server's HTTP face: what each request is answered."""

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from playground.drone.builds import play
from playground.drone.signing import sign
from runtime.secret import Secret
from server.core.delivery import Delivery
from server.errors import StoreUnavailable
from server.services.intake.receive import DurableInbox, SignaturePolicy
from server.web.app import create_app

SECRET = "secret-of-the-tests"
SAMPLES = Path(__file__).parent.parent.parent / "samples" / "drone"
INVALID = sorted((SAMPLES / "invalid").iterdir())


class Place:
    """Where deliveries can be kept, or not."""

    def __init__(self) -> None:
        self.kept: dict[str, Delivery] = {}
        self.is_away = False

    def add(self, delivery: Delivery) -> bool:
        if self.is_away:
            raise StoreUnavailable("away")
        is_new = delivery.id not in self.kept
        self.kept.setdefault(delivery.id, delivery)
        return is_new


class Server:
    """The application before an inbox and a spool that the test looks into."""

    def __init__(self) -> None:
        self.inbox, self.spool = Place(), Place()
        self.report: dict[str, Any] = {"status": "ok", "checks": {}, "counts": {}}
        rules = SignaturePolicy((Secret(SECRET), Secret("next")), timedelta(seconds=300))
        inbox: Any = DurableInbox(self.inbox, self.spool, self.spool, lambda: 0.0)  # type: ignore[arg-type]
        self.client: FlaskClient = create_app(rules, inbox, lambda: self.report).test_client()

    def post(self, body: bytes, secret: str = SECRET, **headers: str) -> tuple[int, Any]:
        signed = sign(body, secret, datetime.now(UTC))
        response = self.client.post("/", data=body, headers={**signed, **headers})
        return response.status_code, response.get_json(silent=True)


@pytest.fixture
def server() -> Server:
    return Server()


CREATED = play("push")[0].body


def test_a_webhook_is_kept_as_it_came_and_answered_with_nothing(server: Server) -> None:
    assert server.post(CREATED) == (204, None)

    (kept,) = server.inbox.kept.values()
    assert (kept.event, kept.body) == ("build:created", CREATED)


def test_a_webhook_signed_with_the_next_secret_is_kept_too(server: Server) -> None:
    assert server.post(CREATED, secret="next") == (204, None)


def test_a_replay_is_answered_alike_but_stored_once(server: Server) -> None:
    headers = sign(CREATED, SECRET, datetime.now(UTC))

    answers = [server.client.post("/", data=CREATED, headers=headers) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [204, 204, 204]
    assert len(server.inbox.kept) == 1


def test_the_spool_keeps_what_the_inbox_cannot(server: Server) -> None:
    server.inbox.is_away = True

    assert server.post(CREATED) == (204, None)

    assert [kept.body for kept in server.spool.kept.values()] == [CREATED]


def test_only_when_nothing_can_keep_it_a_webhook_is_answered_503(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.inbox.is_away = server.spool.is_away = True

    assert server.post(CREATED) == (
        503,
        {"error": "unavailable", "detail": "Neither MongoDB nor the spool can keep it now."},
    )
    assert "A delivery is lost" in caplog.text


def test_the_unsigned_event_header_decides_nothing(server: Server) -> None:
    server.post(CREATED, **{"X-Drone-Event": "user"})

    assert [kept.event for kept in server.inbox.kept.values()] == ["build:created"]


@pytest.mark.parametrize("event", ["user:updated", "repo:updated"])
def test_a_known_event_without_anything_to_show_is_ignored_by_name(
    server: Server, caplog: pytest.LogCaptureFixture, event: str
) -> None:
    caplog.set_level(logging.INFO)
    name, action = event.split(":")

    assert server.post(json.dumps({"event": name, "action": action}).encode()) == (204, None)

    assert not server.inbox.kept
    assert [(record.message, record.__dict__["event"]) for record in caplog.records] == [
        ("Event ignored.", event)
    ]


def test_an_unknown_event_is_answered_204_with_a_warning_that_names_it(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    assert server.post(b'{"event":"cron","action":"fired"}') == (204, None)

    assert not server.inbox.kept
    (record,) = caplog.records
    assert (record.levelname, record.__dict__["event"]) == ("WARNING", "cron:fired")


@pytest.mark.parametrize("folder", INVALID, ids=lambda folder: folder.name)
def test_a_body_that_cannot_be_read_is_refused_with_its_reason(
    server: Server, folder: Path
) -> None:
    status, answer = server.post((folder / "body.json").read_bytes())

    assert (status, answer["error"]) == (400, (folder / "reason.txt").read_text().strip())
    assert answer["detail"].endswith(".")
    assert not server.inbox.kept


REFUSED: dict[str, tuple[Callable[[Server], Any], int, str]] = {
    "unsigned": (lambda server: server.client.post("/", data=CREATED), 401, "unsigned"),
    "another secret": (
        lambda server: server.client.post(
            "/", data=CREATED, headers=sign(CREATED, "guessed", datetime.now(UTC))
        ),
        401,
        "bad_signature",
    ),
    "another body": (
        lambda server: server.client.post(
            "/", data=b"{}", headers=sign(CREATED, SECRET, datetime.now(UTC))
        ),
        401,
        "bad_digest",
    ),
    "an old replay": (
        lambda server: server.client.post(
            "/",
            data=CREATED,
            headers=sign(CREATED, SECRET, datetime.now(UTC) - timedelta(seconds=400)),
        ),
        401,
        "too_old",
    ),
    "over 8 MiB": (
        lambda server: server.client.post("/", data=b"x" * (8 * 1024 * 1024 + 1)),
        413,
        "too_large",
    ),
    "an unknown page": (lambda server: server.client.get("/nothing"), 404, "not_found"),
    "a wrong method": (lambda server: server.client.get("/"), 405, "method_not_allowed"),
}


@pytest.mark.parametrize(("call", "status", "error"), REFUSED.values(), ids=REFUSED)
def test_every_error_is_json_with_a_constant_and_a_sentence(
    server: Server, call: Callable[[Server], Any], status: int, error: str
) -> None:
    response = call(server)

    assert (response.status_code, response.get_json()["error"]) == (status, error)
    assert response.get_json()["detail"].endswith(".")
    assert not server.inbox.kept


def test_a_body_of_exactly_8_mib_is_taken(server: Server) -> None:
    start = CREATED.rstrip()[:-1] + b',"padding":"'
    body = start + b"x" * (8 * 1024 * 1024 - len(start) - 2) + b'"}'

    assert server.post(body) == (204, None)


@pytest.mark.parametrize(
    ("status", "code"), [("ok", 200), ("degraded", 200), ("failing", 503)], ids=str
)
def test_health_is_answered_503_only_when_failing(server: Server, status: str, code: int) -> None:
    server.report["status"] = status

    response = server.client.get("/health")

    assert (response.status_code, response.get_json()) == (code, server.report)


def test_no_refusal_logs_the_body_or_the_signature(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    headers = sign(CREATED, "guessed", datetime.now(UTC))

    server.client.post("/", data=CREATED, headers=headers)

    everything = " ".join(str(vars(record)) for record in caplog.records)
    assert "octocat" not in everything
    assert headers["Signature"] not in everything
