"""Discord's endpoints for interactions over HTTP, before the stand-in; the token stays secret."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from discord_signing import APPLICATION, GUILD
from fakes import CHANNEL

from playground.discord.process import StandIn
from playground.supervisor import free_port
from runtime.secret import Secret
from server.core.http_answer import Answer
from server.core.interactions.request import Origin
from server.core.interactions.response import deferred_response, message_response
from server.core.render.replies import text_message
from server.edges.discord_interactions import InteractionRest


def origin(discord: StandIn) -> Origin:
    """Return an interaction that Discord waits to have answered."""
    made = discord.order("POST", "interactions", {})
    return Origin(made["id"], APPLICATION, GUILD, CHANNEL, None, Secret(made["token"]))


def test_a_promise_is_made_then_kept(discord: StandIn) -> None:
    rest, asked = InteractionRest(discord.api), origin(discord)

    promised = rest.callback(asked, deferred_response())
    kept = rest.edit_original(asked, text_message("done"))

    assert (promised.status, kept.status) == (204, 200)
    (message,) = discord.messages()
    assert message["versions"][-1]["content"] == "done"
    assert message["versions"][-1]["flags"] == 64


def test_an_answer_can_be_given_at_once(discord: StandIn) -> None:
    rest, asked = InteractionRest(discord.api), origin(discord)

    assert rest.callback(asked, message_response(text_message("hello"))).status == 204


def test_an_edit_that_overtakes_the_answer_finds_nothing(discord: StandIn) -> None:
    rest, asked = InteractionRest(discord.api), origin(discord)

    assert rest.edit_original(asked, text_message("done")).status == 404


Call = Callable[[InteractionRest, Origin], Answer]
CALLS: dict[str, Call] = {
    "a first answer": lambda rest, asked: rest.callback(asked, deferred_response()),
    "an edit": lambda rest, asked: rest.edit_original(asked, text_message("done")),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("fault", ["refused connection", "reset"])
def test_a_failure_does_not_tell_the_token(
    discord: StandIn, caplog: pytest.LogCaptureFixture, call: Call, fault: str
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("urllib3").setLevel(logging.WARNING)  # as `log.set_up` does
    asked = origin(discord)
    address = discord.api
    if fault == "reset":
        discord.add_fault("reset")
    else:
        address = f"http://127.0.0.1:{free_port()}/api/v10"

    answer = call(InteractionRest(address), asked)

    assert answer.status == 0
    assert asked.token.reveal() not in repr(answer) + caplog.text


def test_an_id_cannot_leave_its_place(discord: StandIn) -> None:
    asked = replace(origin(discord), application_id="../../channels/1/messages")

    answer: Any = InteractionRest(discord.api).edit_original(asked, text_message("done"))

    assert answer.status == 404
    assert discord.requests(method="PATCH")[-1]["path"].startswith("/api/v10/webhooks/..%2F..")
