"""Discord's objects from answers: what is wrong or missing reads as absent, never as an error."""

from typing import Any

import pytest

from server.core.discord.objects import (
    UNKNOWN_TYPE,
    Application,
    Channel,
    User,
    failure_of,
    read_application,
    read_channel,
    read_form_errors,
    read_list,
    read_retry_after,
    read_role_ids,
    read_user,
)
from server.core.http_answer import Answer


def ok(**body: Any) -> Answer:
    return Answer(200, {}, body)


def test_an_object_is_read_field_by_field() -> None:
    assert read_user(ok(id="7", username="bridge")) == User("7", "bridge")
    assert read_application(
        ok(id="7", verify_key="ab", interactions_endpoint_url="https://example.com/")
    ) == Application("7", "ab", "https://example.com/")
    assert read_channel(
        ok(name="v1", type=11, guild_id="1", parent_id="6", thread_metadata={"locked": True})
    ) == Channel("v1", 11, "1", "6", is_locked=True)
    assert read_role_ids(ok(roles=[{"id": "1"}, {"id": "8"}])) == {"1", "8"}
    assert read_list(ok(items=[{"id": "1"}, "no object"])) == [{"id": "1"}]


def test_a_field_of_another_type_reads_as_absent() -> None:
    wrong = {"id": 7, "username": ["x"], "verify_key": None, "interactions_endpoint_url": {}}

    assert read_user(ok(**wrong)) == User("", "")
    assert read_application(ok(**wrong)) == Application("", "", "")
    assert read_channel(
        ok(name=1, type="0", guild_id=None, parent_id=[], thread_metadata="locked")
    ) == Channel("", UNKNOWN_TYPE, "", "", is_locked=False)
    assert (read_role_ids(ok(roles="all")), read_list(ok())) == (None, [])


@pytest.mark.parametrize("read", [read_user, read_application, read_channel, read_role_ids])
@pytest.mark.parametrize("status", [0, 204, 302, 403, 404, 500])
def test_what_is_not_answered_200_is_no_object(read: Any, status: int) -> None:
    assert read(Answer(status, {}, {"id": "7", "roles": []})) is None


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Answer(0, {}, {}, "timeout"), "timeout"),
        (Answer(403, {}, {"code": 50001}), "HTTP 403, code 50001"),
        (Answer(502, {}, {}), "HTTP 502, code 0"),
    ],
)
def test_a_failure_is_named_by_what_came(answer: Answer, sentence: str) -> None:
    assert failure_of(answer) == sentence


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ({"retry_after": 1.5}, 1.5),
        ({"retry_after": 2}, 2.0),
        ({"retry_after": "2"}, None),
        ({}, None),
    ],
)
def test_the_wait_is_a_number_of_seconds(body: dict[str, Any], seconds: float | None) -> None:
    assert read_retry_after(Answer(429, {}, body)) == seconds


def test_the_errors_of_a_form_are_those_of_its_fields() -> None:
    errors = {"name": {"_errors": [{"code": "BASE_TYPE_REQUIRED"}]}}

    assert read_form_errors(Answer(400, {}, {"errors": errors})) == errors
    assert read_form_errors(Answer(400, {}, {"errors": "none"})) == {}
