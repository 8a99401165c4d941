"""`POST /interactions` over HTTP: nothing is done before it is proved, whatever is sent."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from discord_signing import ANOTHER_KEY, PUBLIC_KEY, command, encoded, interaction, signed
from fakes import CHANNEL
from flask.testing import FlaskClient
from interaction_bridge import MANAGER, SLUG, Bridge, build, said

from server.core.http_answer import Answer
from server.services.intake.receive import SignaturePolicy
from server.web.app import create_app
from server.web.interactions import MAX_BODY_BYTES, blueprint

Work = Callable[[], None]


@dataclass
class Site:
    """The application before the doubles; work waits until the test has it done."""

    inline: bool = False
    bridge: Bridge = field(default_factory=Bridge)
    works: list[Work] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.bridge.now = datetime.now(UTC)
        routes = blueprint(
            bytes.fromhex(PUBLIC_KEY),
            self.bridge.services,
            lambda: self.bridge.now,
            self.works.append,
            self.inline,
        )
        inbox: Any = None  # no webhook comes
        app = create_app(SignaturePolicy((), timedelta(0)), inbox, dict, interactions=routes)
        self.client: FlaskClient = app.test_client()

    def post(self, body: bytes, headers: Mapping[str, str] | None = None) -> Any:
        """Post a body, signed unless headers say otherwise."""
        proof = signed(body, self.bridge.now) if headers is None else headers
        return self.client.post("/interactions", data=body, headers=dict(proof))

    def cancel(self) -> Any:
        """Let a manager cancel a running build."""
        self.bridge.has("running")
        self.bridge.drone.acts.append(said(200, **build("killed", version=3)))
        data = command("cancel", repo=SLUG, number=7)
        return self.post(encoded(interaction(2, CHANNEL, data=data, member=MANAGER)))


@pytest.fixture
def site() -> Site:
    return Site()


PING = b'{"type":1}'


def test_a_ping_is_answered(site: Site) -> None:
    response = site.post(PING)

    assert (response.status_code, response.get_json()) == (200, {"type": 1})
    assert response.headers["Content-Type"] == "application/json"


def test_a_ping_is_answered_while_the_database_is_away(site: Site) -> None:
    site.bridge.store.faults.is_away = True

    assert site.post(PING).get_json() == {"type": 1}


def test_a_ping_is_answered_as_often_as_it_comes(site: Site) -> None:
    assert [site.post(PING).status_code for _ in range(3)] == [200] * 3


FORGED: dict[str, Callable[[bytes, datetime], dict[str, str]]] = {
    "unsigned": lambda body, now: {},
    "signed by another": lambda body, now: signed(body, now, ANOTHER_KEY),
    "signed over another body": lambda body, now: signed(body + b" ", now),
    "of yesterday": lambda body, now: signed(body, now - timedelta(days=1)),
    "of tomorrow": lambda body, now: signed(body, now + timedelta(days=1)),
    "signed in words": lambda body, now: {
        **signed(body, now),
        "X-Signature-Ed25519": "forged",
    },
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_nothing_is_done_for_a_request(site: Site, forge: Any) -> None:
    data = command("cancel", repo=SLUG, number=7)
    body = encoded(interaction(2, CHANNEL, data=data, member=MANAGER))

    response = site.post(body, forge(body, site.bridge.now))

    assert response.status_code == 401
    assert (site.works, site.bridge.store.faults.calls) == ([], [])


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"[]", b"null"], ids=["nothing", "half", "binary", "list", "null"]
)
def test_forged_nonsense_is_forged_first(site: Site, body: bytes) -> None:
    assert site.post(body, {}).status_code == 401
    assert site.post(body).status_code == 400


UNREADABLE: dict[str, dict[str, Any]] = {
    "a modal": interaction(5, CHANNEL),
    "a type of the future": interaction(99, CHANNEL),
    "no type": {},
}


@pytest.mark.parametrize("payload", UNREADABLE.values(), ids=UNREADABLE)
def test_it_is_malformed(site: Site, payload: Any) -> None:
    response = site.post(encoded(payload))

    assert (response.status_code, response.get_json()["error"]) == (400, "unknown_interaction")


def test_a_body_that_is_too_large_is_not_read(site: Site) -> None:
    response = site.post(b"x" * (MAX_BODY_BYTES + 1))

    assert (response.status_code, response.get_json()) == (
        413,
        {"error": "too_large", "detail": "The body is over 1 MiB."},
    )


def test_other_methods_are_refused(site: Site) -> None:
    assert site.client.get("/interactions").status_code == 405


def test_an_interaction_that_comes_again_is_not_answered_again(site: Site) -> None:
    data = command("builds")
    body = encoded(interaction(2, CHANNEL, data=data))

    assert [site.post(body).status_code for _ in range(2)] == [200, 409]


def test_the_work_is_done_after_the_answer(site: Site) -> None:
    response = site.cancel()

    assert response.get_json() == {"type": 5, "data": {"flags": 64}}
    response.close()
    assert (len(site.works), site.bridge.drone.calls) == (1, [])
    site.works[0]()
    assert site.bridge.drone.calls == [("cancel", SLUG, 7)]
    assert len(site.bridge.responder.edits) == 1


def test_suggestions_are_answered_without_a_note(site: Site) -> None:
    site.bridge.knows("success")
    data = command("build", "repo", repo="octo")

    response = site.post(encoded(interaction(4, CHANNEL, data=data)))

    assert response.get_json() == {
        "type": 8,
        "data": {"choices": [{"name": SLUG, "value": SLUG}]},
    }
    assert "actions.begin" not in site.bridge.store.faults.calls


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ({"guild_id": "9"}, "This bridge belongs to another server."),
        ({"guild_id": None, "member": None}, "This works in a server's channel only"),
    ],
    ids=["another server", "a direct message"],
)
def test_nobody_is_answered_in(site: Site, place: dict[str, Any], sentence: str) -> None:
    site.bridge.knows("success")
    data = command("builds")
    body = {**interaction(2, CHANNEL, data=data, member=MANAGER), **place}

    response = site.post(encoded(body))

    assert response.get_json()["data"]["content"].startswith(sentence)
    assert site.bridge.store.faults.calls.count("actions.begin") == 0


def test_nothing_is_suggested_in_another_server(site: Site) -> None:
    site.bridge.knows("success")
    data = command("build", "repo", repo="")

    response = site.post(encoded(interaction(4, CHANNEL, data=data, guild_id="9")))

    assert response.get_json()["data"]["choices"] == []


# -- On hosts that stand still after the answer ------------------------------------------------


def test_inline_the_work_is_done_before_the_request_ends() -> None:
    site = Site(inline=True)

    response = site.cancel()

    assert (response.status_code, response.data) == (202, b"")
    assert site.bridge.responder.callbacks == [{"type": 5, "data": {"flags": 64}}]
    assert len(site.bridge.responder.edits) == 1
    assert (site.works, site.bridge.drone.calls) == ([], [("cancel", SLUG, 7)])


def test_inline_nothing_is_done_that_discord_does_not_wait_for() -> None:
    site = Site(inline=True)
    site.bridge.responder.script.append(Answer(404, {}, {"code": 10062}))

    response = site.cancel()

    assert (response.status_code, site.bridge.drone.calls) == (202, [])
    action = site.bridge.store.actions.find("500000000000000001")
    assert action is not None
    assert action.result == "not_acknowledged"


def test_inline_what_is_known_is_answered_as_everywhere() -> None:
    site = Site(inline=True)

    assert site.post(PING).get_json() == {"type": 1}
    looked = site.post(encoded(interaction(2, CHANNEL, data=command("builds"))))
    assert looked.get_json()["type"] == 4


def test_no_token_of_an_interaction_is_logged(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    site.bridge.responder.script.extend([Answer(400, {}, {"code": 50035})] * 2)

    site.cancel().close()
    site.works[0]()

    assert "An answer did not reach its person." in caplog.messages
    records = json.dumps([vars(record) for record in caplog.records], default=repr)
    assert "token-of-1" not in records
