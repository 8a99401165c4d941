"""Errors as answers: the status is that of the error's family, and the log says what happened."""

import logging
from typing import Any

import pytest
from flask import Flask

from server.errors import AnsweredBefore, Malformed, NotAuthentic, Refused, StoreUnavailable
from server.web import errors


class TokenExpired(NotAuthentic):
    """A refusal that has no status of its own."""


class HeaderMissing(Malformed):
    """Another."""


class PressedTwice(AnsweredBefore):
    """Another."""


class DatabaseAsleep(StoreUnavailable):
    """A store that does not answer, in a way of its own."""


def client_of(error: Exception, refused: list[str]) -> Any:
    app = Flask(__name__)
    errors.register(app, lambda reason, at: refused.append(reason))

    @app.route("/", methods=["GET", "POST", "PUT", "DELETE"])
    def fail() -> str:
        raise error

    return app.test_client()


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (Refused, 400),
        (NotAuthentic, 401),
        (TokenExpired, 401),
        (Malformed, 400),
        (HeaderMissing, 400),
        (AnsweredBefore, 409),
        (PressedTwice, 409),
    ],
)
def test_a_refusal_has_the_status_of_its_family(kind: type[Refused], status: int) -> None:
    refused: list[str] = []

    answer = client_of(kind("why", "Because."), refused).post("/")

    assert (answer.status_code, answer.get_json()) == (
        status,
        {"error": "why", "detail": "Because."},
    )
    assert refused == ["why"]


@pytest.mark.parametrize("kind", [StoreUnavailable, DatabaseAsleep])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_read_that_fails_loses_nothing(
    kind: type[StoreUnavailable], method: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client_of(kind("away"), []).open("/", method=method)

    assert answer.status_code == 503
    assert [(one.levelno, one.message) for one in caplog.records] == [
        (logging.WARNING, "MongoDB could not be read for a request.")
    ]
    if method == "GET":
        assert answer.get_json() == {
            "error": "unavailable",
            "detail": "MongoDB cannot be read now; try again in a minute.",
        }


@pytest.mark.parametrize("kind", [StoreUnavailable, DatabaseAsleep])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_write_that_fails_is_a_lost_delivery(
    kind: type[StoreUnavailable], method: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client_of(kind("away"), []).open("/", method=method)

    assert (answer.status_code, answer.get_json()) == (
        503,
        {"error": "unavailable", "detail": "Neither MongoDB nor the spool can keep it now."},
    )
    assert [(one.levelno, one.message) for one in caplog.records] == [
        (logging.ERROR, "A delivery is lost: neither MongoDB nor the spool took it.")
    ]
