"""What every answer of Discord's means."""

import pytest
from fakes import limit, ok, refusal

from server.core.discord.answers import (
    ARCHIVED,
    STALE,
    Barred,
    BodyRefused,
    Delivered,
    GiveUp,
    Gone,
    Outcome,
    Scope,
    TryAgain,
    error_code,
    read_answer,
)
from server.core.http_answer import Answer

HTML = {"content-type": "text/html"}
VIA = {"via": "1.1 google"}

LATER = {0, 408, 500, 501, 502, 503, 504, 520, 521, 522, 523, 524, 599}
NEVER_OURS = {100, 301, 302, 304, 307, 308}
REFUSED = {400, 413}
BARRED = {403, 404, 402, 405, 406, 409, 410, 411, 414, 415, 422, 451}


def unsure(reason: str) -> TryAgain:
    """Return what an answer means after which nobody knows what Discord did."""
    return TryAgain(reason, is_unsure=True)


@pytest.mark.parametrize("status", sorted(LATER))
def test_a_server_that_fails_is_asked_again(status: int) -> None:
    assert read_answer(Answer(status, {}, {})) == unsure(f"http_{status}")


@pytest.mark.parametrize("status", sorted(NEVER_OURS))
def test_an_answer_that_cannot_be_discords_is_not_believed(status: int) -> None:
    assert read_answer(Answer(status, {}, {})) == unsure(f"http_{status}")


@pytest.mark.parametrize("status", sorted(REFUSED))
def test_a_body_is_refused_with(status: int) -> None:
    assert read_answer(refusal(status)) == BodyRefused(f"http_{status}", is_too_large=status == 413)


@pytest.mark.parametrize("status", sorted(BARRED))
def test_another_request_may_be_taken_after(status: int) -> None:
    assert read_answer(Answer(status, HTML, {})) == plainer(f"http_{status}")


@pytest.mark.parametrize("status", sorted(BARRED - {403, 404}))
def test_nothing_makes_it_work_after_a_code_that_is_not_known_with(status: int) -> None:
    assert read_answer(refusal(status, 99999)) == GiveUp(f"http_{status}_99999")


def channel(reason: str, is_gone: bool = False) -> Barred:
    """Return what a refusal means that no body would have been spared."""
    return Barred(reason, is_gone=is_gone)


def plainer(reason: str) -> Barred:
    """Return what a refusal means that a plainer body may be spared."""
    return Barred(reason, by_body=True)


STOP = TryAgain("token_refused", Scope.EVERYTHING, 300.0)

CODES: dict[str, tuple[Answer, Outcome]] = {
    "no token": (refusal(401), STOP),
    "a bad token": (refusal(401, 0, message="401: Unauthorized"), STOP),
    "a token of nobody": (refusal(401, 40001), STOP),
    "an invalid token": (refusal(401, 50014), STOP),
    "an unknown channel": (refusal(404, 10003), channel("http_404_10003", is_gone=True)),
    "an unknown server": (refusal(404, 10004), channel("http_404_10004", is_gone=True)),
    "a message that is gone": (refusal(404, 10008), Gone("http_404_10008")),
    "the message of another bot": (refusal(403, 50005), Gone("http_403_50005")),
    "slow mode": (refusal(400, 20016), TryAgain("http_400_20016")),
    "edits in an announcement channel": (refusal(400, 20022), TryAgain("http_400_20022")),
    "writes to a channel, refused": (refusal(400, 20028), TryAgain("http_400_20028")),
    "writes to a server, refused": (refusal(403, 20029), TryAgain("http_403_20029")),
    "a limited resource": (refusal(403, 40062), TryAgain("http_403_40062")),
    "an overloaded resource": (refusal(400, 130000), TryAgain("http_400_130000")),
    "a body that is too large": (
        refusal(413, 40005),
        BodyRefused("http_413_40005", is_too_large=True),
    ),
    "a file that is too large": (
        refusal(400, 40005),
        BodyRefused("http_400_40005", is_too_large=True),
    ),
    "too many threads": (refusal(400, 160006), channel("http_400_160006")),
    "a webhook, which we have not": (refusal(404, 10015), plainer("http_404_10015")),
    "a path that is not known": (refusal(404), plainer("http_404")),
    "a proxy that takes no edits": (Answer(405, HTML, {}), plainer("http_405")),
    "a forum": (refusal(400, 40058), channel("http_400_40058")),
    "a user agent that is blocked": (refusal(403, 40333), plainer("http_403_40333")),
    "no access": (refusal(403, 50001), channel("http_403_50001")),
    "an empty message": (refusal(400, 50006), BodyRefused("http_400_50006")),
    "no text channel": (refusal(400, 50008), channel("http_400_50008")),
    "no permission": (refusal(403, 50013), plainer("http_403_50013")),
    "another kind of channel": (refusal(400, 50024), channel("http_400_50024")),
    "an invalid body": (refusal(400, 50035), BodyRefused("http_400_50035")),
    "an archived thread": (refusal(400, 50083), TryAgain(ARCHIVED, Scope.KIND, 15.0)),
    "invalid JSON": (refusal(400, 50109), BodyRefused("http_400_50109")),
    "a reply without the history": (refusal(403, 160002), GiveUp("http_403_160002")),
    "a locked thread": (refusal(400, 160005), channel("http_400_160005")),
    "AutoMod": (refusal(403, 200000), BodyRefused("http_403_200000")),
    "AutoMod, with another status": (refusal(400, 200000), BodyRefused("http_400_200000")),
    "a harmful link": (refusal(403, 240000), BodyRefused("http_403_240000")),
    "an error of the server with a code": (refusal(500, 50035), unsure("http_500")),
    "a page of Cloudflare": (Answer(403, HTML, {}), plainer("http_403")),
    "a page of Cloudflare for an error": (Answer(520, HTML, {}), unsure("http_520")),
    "a timeout": (Answer(0, {}, {}, "timeout"), unsure("timeout")),
    "a reset": (Answer(0, {}, {}, "ConnectionError"), unsure("ConnectionError")),
    "a request that was never sent": (Answer(0, {}, {}, STALE), TryAgain(STALE, seconds=0.0)),
}


@pytest.mark.parametrize(("answer", "outcome"), CODES.values(), ids=CODES)
def test_an_answer_means(answer: Answer, outcome: Outcome) -> None:
    assert read_answer(answer) == outcome


def kind(reason: str, seconds: float) -> TryAgain:
    return TryAgain(reason, Scope.KIND, seconds)


def everything(reason: str, seconds: float) -> TryAgain:
    return TryAgain(reason, Scope.EVERYTHING, seconds)


def scoped(scope: str, retry_after: object) -> Answer:
    return Answer(429, {**VIA, "x-ratelimit-scope": scope}, {"retry_after": retry_after})


LIMITS: dict[str, tuple[Answer, Outcome]] = {
    "of a bucket": (limit(1.25), kind("rate_limit", 1.25)),
    "of a bucket, by its header": (scoped("user", 0.5), kind("rate_limit", 0.5)),
    "shared with others": (scoped("shared", 1336.57), kind("shared_limit", 1336.57)),
    "of edits of old messages": (limit(3.5, code=30046), kind("old_message_edits", 3.5)),
    "of writes to a channel": (limit(8, code=20028), kind("rate_limit", 8.0)),
    "of everything": (limit(2, **{"global": True}), everything("global_limit", 2.0)),
    "of everything, by its header": (scoped("global", 2), everything("global_limit", 2.0)),
    "with the wait in the header alone": (
        Answer(429, {**VIA, "retry-after": "7"}, {"message": "Slow down."}),
        kind("rate_limit", 7.0),
    ),
    "that says the wait finer in its body": (
        Answer(429, {**VIA, "retry-after": "2"}, {"retry_after": 1.3}),
        kind("rate_limit", 1.3),
    ),
    "without a wait": (Answer(429, VIA, {"message": "Slow down."}), kind("rate_limit", 5.0)),
    "with a wait that is no number": (scoped("user", "soon"), kind("rate_limit", 5.0)),
    "with a wait below zero": (scoped("user", -1), kind("rate_limit", 5.0)),
    "with a wait of a list": (scoped("user", [1]), kind("rate_limit", 5.0)),
    "with a wait of 400 digits": (scoped("user", 10**400), kind("rate_limit", 5.0)),
    "with a wait without end": (scoped("user", "inf"), kind("rate_limit", 5.0)),
    "with a wait that is not a number": (scoped("user", "nan"), kind("rate_limit", 5.0)),
    "of Cloudflare": (
        Answer(429, {**HTML, "retry-after": "3600"}, {}),
        everything("cloudflare", 3600.0),
    ),
    "of Cloudflare without a wait": (Answer(429, HTML, {}), everything("cloudflare", 600.0)),
    "of Cloudflare through a proxy": (
        Answer(429, {**VIA, **HTML, "retry-after": "60"}, {}),
        everything("cloudflare", 60.0),
    ),
    "in JSON that did not come from Discord": (
        Answer(429, {}, {"retry_after": 1}),
        everything("cloudflare", 600.0),
    ),
}


@pytest.mark.parametrize(("answer", "outcome"), LIMITS.values(), ids=LIMITS)
def test_a_limit_means(answer: Answer, outcome: Outcome) -> None:
    assert read_answer(answer) == outcome


@pytest.mark.parametrize("status", [200, 201])
def test_a_message_in_the_answer_is_delivered(status: int) -> None:
    assert read_answer(Answer(status, {}, {"id": "1462"})) == Delivered("1462")


UNLIKELY: dict[str, Answer] = {
    "nothing": Answer(200, {}, {}),
    "204": Answer(204, {}, {}),
    "an id that is a number": Answer(200, {}, {"id": 1462}),
    "an empty id": ok(""),
    "an id that is none": ok("latest"),
    "an id of digits from elsewhere": ok("١٢٣"),
    "an id of 21 digits": ok("1" * 21),
    "a list": Answer(200, {}, {"items": []}),
}


@pytest.mark.parametrize("answer", UNLIKELY.values(), ids=UNLIKELY)
def test_a_success_without_a_message_is_not_believed(answer: Answer) -> None:
    assert read_answer(answer) == unsure("no_message_in_answer")


ERROR_CODES = {"a number": (50035, 50035), "absent": (None, 0), "text": ("50035", 0)}


@pytest.mark.parametrize(("code", "read"), ERROR_CODES.values(), ids=ERROR_CODES)
def test_the_code_of_an_error_is(code: object, read: int) -> None:
    assert error_code(Answer(400, {}, {"code": code})) == read
