"""The stand-in limits like Discord, and goes wrong when it is ordered to."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from playground.discord.core.limit import OLD_EDIT_MESSAGE
from playground.discord.options import CHANNEL_ID, SECOND_CHANNEL_ID, TOKEN
from playground.discord.process import StandIn, running

HEADERS = {
    "Authorization": f"Bot {TOKEN}",
    "User-Agent": "DiscordBot (https://example.org/drone-discord, 0.1)",
}
CREATE = "/channels/{channel_id}/messages"
EDIT = "/channels/{channel_id}/messages/{message_id}"


@pytest.fixture(scope="module")
def process() -> Iterator[StandIn]:
    with running() as stand_in:
        yield stand_in


@pytest.fixture
def stand_in(process: StandIn) -> StandIn:
    process.reset()
    return process


def ask(
    stand_in: StandIn, method: str, path: str, body: object = None, timeout: float = 10
) -> requests.Response:
    """Ask the API as the bot."""
    url = stand_in.api + path
    return requests.request(method, url, json=body, headers=HEADERS, timeout=timeout)


def create(stand_in: StandIn, channel_id: str = CHANNEL_ID, **payload: Any) -> requests.Response:
    """Create a message."""
    body = {"content": "x", **payload}
    return ask(stand_in, "POST", f"/channels/{channel_id}/messages", body)


def edit(stand_in: StandIn, message_id: str, content: str = "y") -> requests.Response:
    """Edit a message."""
    path = f"/channels/{CHANNEL_ID}/messages/{message_id}"
    return ask(stand_in, "PATCH", path, {"content": content})


def limit_headers(response: requests.Response) -> dict[str, str]:
    """Pick the headers that speak of limits."""
    names = ("retry-after", "x-ratelimit")
    return {k: v for k, v in response.headers.items() if k.lower().startswith(names)}


def test_every_answer_says_how_its_bucket_stands(stand_in: StandIn) -> None:
    response = create(stand_in)

    headers = limit_headers(response)
    assert headers["X-RateLimit-Limit"] == "5"
    assert headers["X-RateLimit-Remaining"] == "4"
    assert headers["X-RateLimit-Reset-After"] == "5.000"
    assert abs(float(headers["X-RateLimit-Reset"]) - time.time() - 5) < 1
    assert len(headers["X-RateLimit-Bucket"]) == 32
    assert len(headers) == 5


def test_a_sixth_create_in_the_window_is_limited(stand_in: StandIn) -> None:
    answers = [create(stand_in) for _ in range(6)]

    assert [one.status_code for one in answers] == [200] * 5 + [429]
    body = answers[-1].json()
    assert body == {
        "message": "You are being rate limited.",
        "retry_after": body["retry_after"],
        "global": False,
    }
    assert 0 < body["retry_after"] <= 5
    assert answers[-1].headers["X-RateLimit-Scope"] == "user"
    assert answers[-1].headers["X-RateLimit-Remaining"] == "0"
    assert answers[-1].headers["Retry-After"] == "5"
    assert answers[-1].headers["Via"] == "1.1 google"


def test_the_window_is_over_when_the_clock_says_so(stand_in: StandIn) -> None:
    for _ in range(5):
        create(stand_in)

    stand_in.advance(5)

    assert create(stand_in).status_code == 200


def test_an_edit_has_the_hash_of_a_create_with_a_counter_of_its_own(stand_in: StandIn) -> None:
    created = create(stand_in)

    edited = edit(stand_in, created.json()["id"])

    assert edited.headers["X-RateLimit-Bucket"] == created.headers["X-RateLimit-Bucket"]
    assert edited.headers["X-RateLimit-Remaining"] == "4"


def test_a_refused_body_costs_a_request_as_well(stand_in: StandIn) -> None:
    create(stand_in, content="x" * 2001)

    assert create(stand_in).headers["X-RateLimit-Remaining"] == "3"


@pytest.mark.parametrize(("age", "status"), [(3590, 200), (3610, 429)], ids=["young", "old"])
def test_a_fourth_edit_of_old_messages_is_limited(
    stand_in: StandIn, age: float, status: int
) -> None:
    stand_in.set_clock(-age)
    message_id = create(stand_in).json()["id"]
    stand_in.set_clock(0)

    answers = [edit(stand_in, message_id) for _ in range(4)]

    assert [one.status_code for one in answers] == [200, 200, 200, status]
    if status == 429:
        body = answers[-1].json()
        assert body["code"] == 30046
        assert body["global"] is False
        assert 0 < body["retry_after"] <= 6
        assert answers[-1].headers["X-RateLimit-Remaining"] == "1"
        assert answers[-1].headers["X-RateLimit-Scope"] == "user"


def test_the_global_limit_has_no_bucket_headers(stand_in: StandIn) -> None:
    stand_in.set_limits(**{"global": "2/1"})

    answers = [ask(stand_in, "GET", "/users/@me") for _ in range(3)]

    assert answers[-1].status_code == 429
    assert answers[-1].json()["global"] is True
    assert limit_headers(answers[-1]) == {
        "Retry-After": "1",
        "X-RateLimit-Scope": "global",
        "X-RateLimit-Global": "true",
    }


def test_limits_can_be_changed_and_switched_off(stand_in: StandIn) -> None:
    stand_in.set_limits(messages="1/5 sliding")
    assert [create(stand_in).status_code for _ in range(2)] == [200, 429]

    stand_in.set_limits(messages="off")
    answer = create(stand_in)

    assert answer.status_code == 200
    assert limit_headers(answer) == {}


def test_invalid_requests_are_counted_but_for_shared_limits(stand_in: StandIn) -> None:
    stand_in.add_fault("answer", status=403, code=50013)
    stand_in.add_fault("answer", status=401)
    stand_in.add_fault("limit", scope="user")
    stand_in.add_fault("limit", scope="shared")
    stand_in.add_fault("answer", status=404)

    for _ in range(5):
        create(stand_in)

    counts = stand_in.counts()
    assert counts["invalid_requests"] == counts["invalid_requests_in_ten_minutes"] == 3
    assert counts["too_many_requests"] == {"user": 1, "shared": 1}
    assert counts["injected_too_many_requests"] == 2
    assert stand_in.refusals() == []


def test_a_fault_hits_the_next_request_only(stand_in: StandIn) -> None:
    stand_in.add_fault("answer", status=503)

    assert [create(stand_in).status_code for _ in range(2)] == [503, 200]
    assert len(stand_in.messages()) == 1


def test_a_fault_hits_whom_it_is_meant_for(stand_in: StandIn) -> None:
    stand_in.add_fault("answer", status=500, method="POST", channel_id=SECOND_CHANNEL_ID, times=0)
    stand_in.add_fault("answer", status=502, route=EDIT, times=0)

    created = create(stand_in)

    assert created.status_code == 200
    assert edit(stand_in, created.json()["id"]).status_code == 502
    assert create(stand_in, SECOND_CHANNEL_ID).status_code == 500


def test_a_fault_can_leave_some_alone_first(stand_in: StandIn) -> None:
    stand_in.add_fault("answer", status=500, skip=1, times=2)

    assert [create(stand_in).status_code for _ in range(4)] == [200, 500, 500, 200]


def test_a_fault_lasts_until_it_is_cleared(stand_in: StandIn) -> None:
    stand_in.add_fault("answer", status=500, times=0)
    assert [create(stand_in).status_code for _ in range(3)] == [500, 500, 500]

    stand_in.clear_faults()

    assert create(stand_in).status_code == 200


def test_a_timed_fault_clears_itself(stand_in: StandIn) -> None:
    stand_in.add_fault("limit", scope="global", for_seconds=60)
    first = create(stand_in).json()["retry_after"]
    stand_in.advance(50)
    second = create(stand_in).json()["retry_after"]
    stand_in.advance(10)

    assert 59 < first <= 60
    assert 9 < second <= 10
    assert create(stand_in).status_code == 200


def test_an_error_after_the_commit_leaves_the_message(stand_in: StandIn) -> None:
    stand_in.add_fault("answer", when="after", status=502)

    lost = create(stand_in, nonce="n", enforce_nonce=True)
    again = create(stand_in, nonce="n", enforce_nonce=True)

    assert (lost.status_code, again.status_code) == (502, 200)
    assert [one["id"] for one in stand_in.messages()] == [again.json()["id"]]


@pytest.mark.parametrize(("when", "count"), [("before", 0), ("after", 1)])
def test_a_connection_is_reset_around_the_commit(stand_in: StandIn, when: str, count: int) -> None:
    stand_in.add_fault("reset", when=when)

    with pytest.raises(requests.ConnectionError):
        create(stand_in)

    assert len(stand_in.messages()) == count
    (entry,) = stand_in.requests()
    assert (entry["status"], entry["fault"]) == (0, f"reset {when}")


def test_a_slow_answer_comes_after_the_callers_patience(stand_in: StandIn) -> None:
    stand_in.add_fault("slow", when="after", seconds=0.5)

    with pytest.raises(requests.ReadTimeout):
        ask(stand_in, "POST", f"/channels/{CHANNEL_ID}/messages", {"content": "x"}, timeout=0.1)

    assert len(stand_in.messages()) == 1


def test_an_html_page_is_no_json(stand_in: StandIn) -> None:
    stand_in.add_fault("page", status=520)

    response = create(stand_in)

    assert response.status_code == 520
    assert response.headers["Content-Type"].startswith("text/html")
    assert "Via" not in response.headers


def test_cloudflares_limit_has_no_via(stand_in: StandIn) -> None:
    stand_in.add_fault("limit", scope="cloudflare", retry_after=3600)

    response = create(stand_in)

    assert response.status_code == 429
    assert response.text == "error code: 1015"
    assert response.headers["Retry-After"] == "3600"
    assert response.headers["Content-Type"].startswith("text/html")
    assert "Via" not in response.headers


def test_cloudflares_limit_may_say_nothing_about_its_end(stand_in: StandIn) -> None:
    stand_in.add_fault("limit", scope="cloudflare", retry_after=0)

    assert "Retry-After" not in create(stand_in).headers


@pytest.mark.parametrize(
    ("scope", "message", "code", "remaining"),
    [
        ("user", "You are being rate limited.", None, "0"),
        ("shared", "The resource is being rate limited.", None, "4"),
        ("sublimit", OLD_EDIT_MESSAGE, 30046, "4"),
    ],
)  # fmt: skip
def test_a_limit_of_any_scope_can_be_ordered(
    stand_in: StandIn, scope: str, message: str, code: int | None, remaining: str
) -> None:
    stand_in.add_fault("limit", scope=scope, retry_after=12.5)

    response = create(stand_in)

    body = response.json()
    assert (body["message"], body["retry_after"], body["global"]) == (message, 12.5, False)
    assert body.get("code") == code
    assert response.headers["Retry-After"] == "13"
    assert response.headers["X-RateLimit-Remaining"] == remaining
    assert response.headers["X-RateLimit-Scope"] == ("shared" if scope == "shared" else "user")


def test_an_edit_can_be_undone_behind_the_bridges_back(stand_in: StandIn) -> None:
    message_id = create(stand_in, content="first").json()["id"]
    stand_in.add_fault("revert")

    answered = edit(stand_in, message_id, "second").json()

    shown = ask(stand_in, "GET", f"/channels/{CHANNEL_ID}/messages/{message_id}").json()
    assert answered["content"] == "second"
    assert shown["content"] == "first"
    (message,) = stand_in.messages()
    assert [one["cause"] for one in message["versions"]] == ["create", "edit", "revert"]


def test_a_reset_puts_everything_back(stand_in: StandIn) -> None:
    create(stand_in)
    stand_in.add_fault("answer", times=0)
    stand_in.set_limits(messages="1/5")
    stand_in.revoke_token()
    stand_in.remove_channel(CHANNEL_ID)
    stand_in.advance(3600)

    stand_in.reset()

    assert stand_in.messages() == []
    assert stand_in.requests() == []
    assert stand_in.counts()["requests"] == 0
    assert create(stand_in).headers["X-RateLimit-Limit"] == "5"
    assert stand_in.order("GET", "clock")["offset_seconds"] == 0
