"""Carrying out what a card needs: prepared, sent, and noted as the card is by then."""

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fakes import (
    CHANNEL,
    NOTHING_CAME,
    START,
    Call,
    FakeDiscord,
    MemoryCards,
    MemoryStore,
    account,
    card,
    limit,
    ok,
    refusal,
    seconds,
    state,
)

from server.core.cards.attempt import Attempt, snowflake_at, snowflake_time
from server.core.cards.card import CONFIRM_AFTER, OLD_AFTER, Card, nonce
from server.core.cards.lifecycle import join, plan
from server.core.cards.move import MoveKind, Urgency
from server.core.cards.recovery import CLOCK_SLACK, NONCE_TRUST, marked
from server.core.cards.send_queue import QueueEntry, entry_of
from server.core.discord.answers import STALE, read_answer
from server.core.discord.rate_limits import RequestKind, Route
from server.core.drone.payload import read_state
from server.core.http_answer import Answer
from server.core.render.message import fingerprint, render
from server.errors import StoreUnavailable
from server.services.worker.deliver import conclude, send
from server.services.worker.display import TRIES, DisplayConfig, render_card
from server.services.worker.request import KEPT_CHARACTERS, Request, prepare

DISPLAY = DisplayConfig(CHANNEL, "", seconds(2))
NOW = START + seconds(60)
UNTIL = 1000.0  # the tick until which a request may be sent
RUNNING, ENDED = state("running"), state("success", version=2)
BODY = {**render(RUNNING)}
SHOWN = fingerprint(BODY)


def planned(of: Card) -> Card:
    return plan(of, render_card(of, DISPLAY).fingerprint, START, DISPLAY.edit_interval)


def stored(store: MemoryStore, of: Card) -> tuple[Card, QueueEntry]:
    """Save a card that waits; return it with its entry in the send queue."""
    saved = store.cards.save(of, START)
    assert saved is not None
    entry = entry_of(saved)
    assert entry is not None
    return saved, entry


NEW = planned(card(RUNNING))
SEEN = card(
    RUNNING,
    message_id="146",
    message_at=START,
    shown=SHOWN,
    shown_status="running",
    shown_at=START,
)
CHANGED = planned(join(SEEN, ENDED))

# -- Prepare ----------------------------------------------------------------------------------


def test_a_create_carries_an_enforced_nonce() -> None:
    store = MemoryStore()
    saved, entry = stored(store, NEW)

    _, request = prepare(entry, store.cards, store.texts, DISPLAY, NOW, UNTIL)

    assert request == Request(
        card_id=saved.id,
        route=Route(CHANNEL, RequestKind.CREATE),
        attempt=Attempt(MoveKind.CREATE, SHOWN, "running", is_plain=False),
        message_id="",
        body={
            **marked(render(RUNNING), nonce(saved, MoveKind.CREATE)),
            "nonce": nonce(saved, MoveKind.CREATE),
            "enforce_nonce": True,
        },
        valid_until=UNTIL,
        rendered=render_card(saved, DISPLAY),
    )


def test_that_a_create_begins_is_noted_before_it_is_sent() -> None:
    store = MemoryStore()
    saved, entry = stored(store, NEW)

    noted, _ = prepare(entry, store.cards, store.texts, DISPLAY, NOW, UNTIL)

    assert noted == replace(saved, unsure_since=NOW, revision=2)
    assert store.cards.all() == [noted]


def test_a_create_of_unknown_outcome_is_repeated_as_such() -> None:
    store = MemoryStore()
    saved, entry = stored(store, replace(NEW, unsure_since=NOW - NONCE_TRUST))

    noted, request = prepare(entry, store.cards, store.texts, DISPLAY, NOW, UNTIL)

    assert noted == saved
    assert request is not None
    assert (request.attempt.repeats, request.search) == (True, None)


def test_a_create_that_was_begun_before_nonces_reach_looks_for_its_message() -> None:
    begun_at = NOW - NONCE_TRUST - seconds(0.001)
    store = MemoryStore()
    saved, entry = stored(store, replace(NEW, unsure_since=begun_at))

    noted, request = prepare(entry, store.cards, store.texts, DISPLAY, NOW, UNTIL)

    assert noted == saved
    assert request is not None
    assert request.search is not None
    assert request.attempt.repeats
    assert snowflake_time(request.search.after) == begun_at - CLOCK_SLACK


def test_an_ending_is_confirmed_with_the_same_body_and_as_such() -> None:
    store = MemoryStore()
    shown = replace(SEEN, content=ENDED, shown=fingerprint({**render(ENDED)}), confirm_at=NOW)
    _, entry = stored(store, planned(shown))

    _, request = prepare(entry, store.cards, store.texts, DISPLAY, NOW, UNTIL)

    assert request is not None
    assert request.attempt == Attempt(
        MoveKind.EDIT, shown.shown, "success", confirms=True, is_plain=False
    )
    assert request.body == {**render(ENDED)}


AGED = replace(SEEN, message_at=NOW - OLD_AFTER - seconds(1))


def test_a_reply_refers_to_the_message_with_a_nonce_of_its_own() -> None:
    store = MemoryStore()
    saved, entry = stored(store, planned(join(replace(AGED, old_refusals=3), ENDED)))

    found, request = prepare(entry, store.cards, store.texts, DISPLAY, NOW, UNTIL)

    body = {**render(ENDED)}
    assert found == replace(saved, unsure_since=NOW, revision=2)
    assert request == Request(
        card_id=saved.id,
        route=Route(CHANNEL, RequestKind.CREATE),
        attempt=Attempt(MoveKind.REPLY, fingerprint(body), "success", is_plain=False),
        message_id="146",
        body={
            **marked(render(ENDED), nonce(saved, MoveKind.REPLY)),
            "nonce": nonce(saved, MoveKind.REPLY),
            "enforce_nonce": True,
            "message_reference": {"message_id": "146", "fail_if_not_exists": False},
        },
        valid_until=UNTIL,
        rendered=render_card(saved, DISPLAY),
    )


def test_progress_of_an_old_message_is_laid_to_rest() -> None:
    store = MemoryStore()
    progress = join(replace(AGED, due_at=START), state("running", version=2, message="More"))
    saved, entry = stored(store, progress)

    found, request = prepare(entry, store.cards, store.texts, DISPLAY, NOW, UNTIL)

    assert (found, request) == (replace(saved, due_at=None, revision=2), None)


def test_an_edit_is_sent_without_a_nonce_and_without_a_note() -> None:
    store = MemoryStore()
    saved, entry = stored(store, CHANGED)

    found, request = prepare(entry, store.cards, store.texts, DISPLAY, NOW, UNTIL)

    body = {**render(ENDED)}
    assert found == saved
    assert request == Request(
        card_id=saved.id,
        route=Route(CHANNEL, RequestKind.EDIT),
        attempt=Attempt(MoveKind.EDIT, fingerprint(body), "success", is_plain=False),
        message_id="146",
        body=body,
        valid_until=UNTIL,
        rendered=render_card(saved, DISPLAY),
    )


def test_an_edit_of_an_old_message_has_a_route_of_its_own() -> None:
    store = MemoryStore()
    _, entry = stored(store, CHANGED)

    _, request = prepare(entry, store.cards, store.texts, DISPLAY, START + seconds(4000), UNTIL)

    assert request is not None
    assert request.route == Route(CHANNEL, RequestKind.EDIT_OLD)


def test_a_body_that_was_refused_is_made_simpler() -> None:
    store = MemoryStore()
    _, entry = stored(store, planned(card(RUNNING, degradation=3)))

    _, request = prepare(entry, store.cards, store.texts, DISPLAY, NOW, UNTIL)

    assert request is not None
    assert request.body["embeds"] == []
    assert "octocat/hello-world" in request.body["content"]


def test_what_is_sent_is_the_card_as_it_is_now() -> None:
    store = MemoryStore()
    saved, entry = stored(store, NEW)
    store.cards.save(join(saved, ENDED), NOW)

    _, request = prepare(entry, store.cards, store.texts, DISPLAY, NOW, UNTIL)

    assert request is not None
    assert request.attempt.fingerprint == fingerprint({**render(ENDED)})


def test_a_card_that_expired_is_nothing_to_send() -> None:
    store = MemoryStore()
    saved, entry = stored(store, NEW)
    store.cards.expire(saved.id)

    assert prepare(entry, store.cards, store.texts, DISPLAY, NOW, UNTIL) == (None, None)


def test_a_card_that_is_shown_already_is_laid_to_rest() -> None:
    store = MemoryStore()
    saved, entry = stored(store, replace(SEEN, due_at=START))

    found, request = prepare(entry, store.cards, store.texts, DISPLAY, NOW, UNTIL)

    assert (found, request) == (replace(saved, due_at=None, revision=2), None)


def test_a_card_that_may_not_go_yet_waits_until_it_may() -> None:
    store = MemoryStore()
    early = replace(join(SEEN, state("pending", version=2)), shown_at=NOW, due_at=START)
    saved, entry = stored(store, early)

    found, request = prepare(entry, store.cards, store.texts, DISPLAY, NOW, UNTIL)

    later = replace(saved, due_at=NOW + seconds(2), move=MoveKind.EDIT, revision=2)
    assert (found, request) == (later, None)


class OvertakenCards(MemoryCards):
    """Cards that another worker changes just before each write."""

    overtakes = 0

    def save(self, card: Card, now: Any) -> Card | None:
        if self.overtakes:
            self.overtakes -= 1
            found = self.find([card.id])[card.id]
            super().save(replace(found, attempts=found.attempts + 1), now)
        return super().save(card, now)


@pytest.mark.parametrize(
    "of", [NEW, replace(SEEN, due_at=START)], ids=["a create", "nothing to send"]
)
def test_a_card_that_is_overtaken_keeps_its_place_and_is_read_afresh(of: Card) -> None:
    store = MemoryStore()
    store.cards = OvertakenCards(store.faults)
    saved, entry = stored(store, of)
    store.cards.overtakes = 1

    found, request = prepare(entry, store.cards, store.texts, DISPLAY, NOW, UNTIL)

    assert (found, request) == (saved, None)


def damaged(of: Card) -> Card:
    """Return a card that cannot be rendered, as a document that was changed by hand."""
    return replace(of, degradation="none")  # type: ignore[arg-type]


def test_a_card_that_cannot_be_rendered_is_dropped_with_its_reason(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = MemoryStore()
    saved, entry = stored(store, damaged(NEW))

    found, request = prepare(entry, store.cards, store.texts, DISPLAY, NOW, UNTIL)

    assert request is None
    assert found is not None
    assert found == replace(
        saved,
        dropped="render_TypeError",
        last_error=found.last_error,
        due_at=None,
        revision=2,
    )
    assert found.last_error.startswith("Traceback (most recent call last):")
    assert "in degraded" in found.last_error
    assert store.cards.count_dropped() == 1
    assert [(record.message, record.exc_info is not None) for record in caplog.records] == [
        ("A card cannot be rendered; it is dropped.", True)
    ]


def test_a_card_that_cannot_be_rendered_and_is_overtaken_keeps_its_place() -> None:
    store = MemoryStore()
    store.cards = OvertakenCards(store.faults)
    saved, entry = stored(store, damaged(NEW))
    store.cards.overtakes = 1

    assert prepare(entry, store.cards, store.texts, DISPLAY, NOW, UNTIL) == (saved, None)


# -- Send -------------------------------------------------------------------------------------


def request_of(store: MemoryStore, of: Card) -> Request:
    """Save a card and prepare its request."""
    _, entry = stored(store, of)
    _, request = prepare(entry, store.cards, store.texts, DISPLAY, NOW, UNTIL)
    assert request is not None
    return request


@pytest.mark.parametrize(
    ("of", "kind"), [(NEW, "create"), (CHANGED, "edit")], ids=["create", "edit"]
)
def test_a_request_is_sent_as(of: Card, kind: str) -> None:
    store, discord = MemoryStore(), FakeDiscord()
    request = request_of(store, of)
    discord.script.append(ok("146"))

    assert send(request, discord, lambda: UNTIL) == ok("146")

    (call,) = discord.calls
    assert (call.kind, call.channel_id, call.message_id, call.body) == (
        kind,
        CHANNEL,
        of.message_id,
        request.body,
    )


def test_a_request_that_comes_too_late_is_not_sent() -> None:
    """Another worker may be acting by now, and know something newer."""
    discord = FakeDiscord()
    request = request_of(MemoryStore(), NEW)

    assert send(request, discord, lambda: UNTIL + 0.001) == Answer(0, {}, {}, STALE)

    assert discord.calls == []


class BrokenDiscord(FakeDiscord):
    """A client that raises what no client should, with the token in its text."""

    def create_message(self, channel_id: str, body: Mapping[str, Any]) -> Answer:
        """Fail."""
        raise UnicodeError("Bot the-token")

    def edit_message(self, channel_id: str, message_id: str, body: Mapping[str, Any]) -> Answer:
        """Fail."""
        raise RecursionError("Bot the-token")


@pytest.mark.parametrize(
    ("of", "reason"),
    [(NEW, "UnicodeError"), (CHANGED, "RecursionError")],
    ids=["create", "edit"],
)
def test_whatever_a_client_raises_comes_back_as_an_answer(
    caplog: pytest.LogCaptureFixture, of: Card, reason: str
) -> None:
    request = request_of(MemoryStore(), of)

    assert send(request, BrokenDiscord(), lambda: 0.0) == Answer(0, {}, {}, reason)

    assert [vars(record)["reason"] for record in caplog.records] == [reason]
    assert "the-token" not in caplog.text


# -- A message that was not noted --------------------------------------------------------------

LOST = replace(NEW, unsure_since=START - timedelta(hours=1))


def lost_message(discord: FakeDiscord, of: Card = LOST) -> str:
    """Let Discord take a create whose worker died before it noted the id, an hour ago."""
    assert of.unsure_since is not None
    discord.now = of.unsure_since
    request = request_of(MemoryStore(), replace(of, unsure_since=None))
    message_id = str(discord.create_message(CHANNEL, request.body).body["id"])
    discord.forget_nonces()
    discord.calls.clear()
    discord.now = NOW
    return message_id


def sent(discord: FakeDiscord, of: Card = LOST) -> Answer:
    """Send what a card needs that was begun an hour ago."""
    return send(request_of(MemoryStore(), of), discord, lambda: 0.0)


def test_a_message_that_was_not_noted_is_found() -> None:
    discord = FakeDiscord()
    message_id = lost_message(discord)

    assert sent(discord) == Answer(200, {}, {"id": message_id})

    after = snowflake_at(LOST.unsure_since - CLOCK_SLACK)
    assert discord.calls == [Call("search", CHANNEL, after, {})]


def test_a_reply_that_was_not_noted_is_found() -> None:
    lost = replace(
        join(replace(AGED, old_refusals=3), ENDED), unsure_since=NOW - timedelta(minutes=5)
    )
    discord = FakeDiscord()
    message_id = lost_message(discord, planned(lost))

    answer = sent(discord, planned(lost))

    assert (answer.body, discord.kinds()) == ({"id": message_id}, ["search"])


def test_a_message_that_shows_an_older_state_is_found_as_well() -> None:
    discord = FakeDiscord()
    message_id = lost_message(discord, replace(LOST, content=state("pending", version=0)))

    assert sent(discord).body == {"id": message_id}


def test_where_no_message_was_lost_one_is_created() -> None:
    discord = FakeDiscord()
    other = card(state("running", build_id=8))
    lost_message(discord, replace(planned(other), unsure_since=LOST.unsure_since))

    answer = sent(discord)

    assert (answer.status, discord.kinds()) == (200, ["search", "create"])
    assert len(discord.messages) == 2


def test_a_message_in_another_channel_is_not_taken() -> None:
    discord = FakeDiscord()
    discord.channels[lost_message(discord)] = "1"

    sent(discord)

    assert discord.kinds() == ["search", "create"]


SEARCHES: dict[str, Answer] = {
    "it may not read the history": refusal(403, 50013),
    "the channel is unknown": refusal(404, 10003),
    "the answer is no list": Answer(200, {}, {}),
    "the answer is another list": Answer(200, {}, {"items": "none"}),
}


@pytest.mark.parametrize("listed", SEARCHES.values(), ids=SEARCHES)
def test_a_message_is_created_if_it_cannot_be_looked_for_because(listed: Answer) -> None:
    discord = FakeDiscord()
    discord.searches.append(listed)

    assert sent(discord).status == 200

    assert discord.kinds() == ["search", "create"]


def test_a_message_is_created_if_the_bots_user_cannot_be_read() -> None:
    discord = FakeDiscord()
    discord.identities.append(refusal(403))

    assert sent(discord).status == 200

    assert discord.kinds() == ["search", "create"]


FAILING: dict[str, Answer] = {
    "no answer": NOTHING_CAME,
    "a refused token": refusal(401),
    "a limit": limit(3.0),
    "a server that fails": refusal(503),
}


@pytest.mark.parametrize("answer", FAILING.values(), ids=FAILING)
@pytest.mark.parametrize("of", ["searches", "identities"])
def test_nothing_is_created_while_looking_meets(of: str, answer: Answer) -> None:
    discord = FakeDiscord()
    getattr(discord, of).append(answer)

    assert sent(discord) == answer

    assert discord.messages == {}


LOOKING: dict[str, tuple[Answer | None, bool, tuple[str, str]]] = {
    "what it found": (None, True, ("INFO", "A message of ours was found and is used.")),
    "that it found nothing": (
        None,
        False,
        ("INFO", "No lost message of ours was found; it is created anew."),
    ),
    "that it may not look": (
        refusal(403, 50013),
        True,
        ("WARNING", "The channel cannot be searched for a lost message."),
    ),
}


@pytest.mark.parametrize(("listed", "is_there", "line"), LOOKING.values(), ids=LOOKING)
def test_a_search_for_a_message_logs(
    caplog: pytest.LogCaptureFixture,
    listed: Answer | None,
    is_there: bool,
    line: tuple[str, str],
) -> None:
    caplog.set_level(logging.INFO)
    discord = FakeDiscord()
    if is_there:
        lost_message(discord)
    if listed:
        discord.searches.append(listed)

    sent(discord)

    (record,) = caplog.records
    said = vars(record)
    assert (record.levelname, record.message) == line
    assert (said["card"], said["status"]) == (LOST.id, listed.status if listed else 200)


def test_a_recovered_message_is_edited_to_the_truth() -> None:
    """It is an hour old and may show anything; an hour ago the build may have been queued."""
    store, discord = MemoryStore(), FakeDiscord()
    message_id = lost_message(discord)
    request = request_of(store, LOST)

    found = finish(store, request, send(request, discord, lambda: 0.0))

    assert found is not None
    assert (found.message_id, found.message_at) == (message_id, LOST.unsure_since)
    assert (found.shown, found.unsure_since) == ("", None)
    assert (found.move, found.due_at) == (MoveKind.EDIT, NOW + seconds(2))


# -- Conclude ---------------------------------------------------------------------------------


def finish(store: MemoryStore, request: Request, answer: Answer) -> Card | None:
    return conclude(request, answer, read_answer(answer), store.cards, DISPLAY, NOW, 0.0)


def test_a_message_that_was_made_is_noted_and_the_card_rests() -> None:
    store = MemoryStore()

    found = finish(store, request_of(store, NEW), ok("146"))

    assert found == replace(
        NEW,
        revision=3,
        message_id="146",
        message_at=NOW,
        shown=SHOWN,
        shown_status="running",
        shown_at=NOW,
        due_at=None,
        urgency=Urgency.PROGRESS,
        move=MoveKind.NOTHING,
    )
    assert store.cards.all() == [found]


def test_what_was_rendered_for_a_request_is_not_rendered_again_for_its_answer() -> None:
    store = MemoryStore()
    request = request_of(store, NEW)
    rendered = replace(request.rendered, fingerprint="kept")
    attempt = replace(request.attempt, fingerprint="kept")

    found = finish(store, replace(request, rendered=rendered, attempt=attempt), ok("146"))

    assert found is not None
    assert (found.shown, found.due_at) == ("kept", None)


def test_what_was_merged_during_the_flight_is_shown_next() -> None:
    store = MemoryStore()
    request = request_of(store, NEW)
    (flying,) = store.cards.all()
    store.cards.save(join(flying, ENDED), NOW)

    found = finish(store, request, ok("146"))

    assert found is not None
    assert (found.content, found.shown) == (ENDED, SHOWN)
    assert (found.due_at, found.urgency) == (NOW + seconds(1), Urgency.ENDING)


def test_a_repeated_create_is_followed_by_an_edit() -> None:
    """Discord may have answered with an older message of the same nonce."""
    store = MemoryStore()

    found = finish(store, request_of(store, replace(NEW, unsure_since=START)), ok("146"))

    assert found is not None
    assert (found.message_id, found.shown, found.unsure_since) == ("146", "", None)
    assert found.due_at is not None


def test_a_failure_is_noted_with_its_next_try() -> None:
    store = MemoryStore()

    found = finish(store, request_of(store, NEW), NOTHING_CAME)

    assert found is not None
    assert (found.attempts, found.last_error, found.unsure_since) == (1, "timeout", NOW)
    assert found.due_at == found.retry_at == NOW + seconds(0.5)


def test_a_card_that_expired_during_the_flight_is_let_go() -> None:
    store = MemoryStore()
    request = request_of(store, NEW)
    store.cards.expire(request.card_id)

    assert finish(store, request, ok("146")) is None
    assert store.cards.all() == []


@pytest.mark.parametrize("times", [1, TRIES - 1])
def test_a_card_that_is_overtaken_is_noted_all_the_same(times: int) -> None:
    store = MemoryStore()
    store.cards = OvertakenCards(store.faults)
    request = request_of(store, CHANGED)
    store.cards.overtakes = times

    found = finish(store, request, ok("146"))

    assert found is not None
    # The message is a minute old, so that its ending is not confirmed.
    assert (found.shown, found.due_at) == (request.attempt.fingerprint, None)


def test_a_card_that_never_stands_still_is_noted_later() -> None:
    store = MemoryStore()
    store.cards = OvertakenCards(store.faults)
    request = request_of(store, CHANGED)
    store.cards.overtakes = TRIES

    with pytest.raises(StoreUnavailable, match="changed 5 times"):
        finish(store, request, ok("146"))


def test_a_card_that_cannot_be_rendered_any_more_is_dropped_with_what_came_of_it() -> None:
    store = MemoryStore()
    request = request_of(store, NEW)
    (flying,) = store.cards.all()
    store.cards.save(damaged(flying), NOW)

    found = finish(store, request, ok("146"))

    assert found is not None
    assert (found.message_id, found.dropped, found.due_at) == ("146", "render_TypeError", None)


def test_an_answer_whose_note_was_lost_is_noted_once() -> None:
    """A person's deletion that counted twice would keep the ending from being posted."""
    store = MemoryStore()
    request = request_of(store, CHANGED)
    store.faults.unanswered.add("cards.save")
    with pytest.raises(StoreUnavailable):
        finish(store, request, refusal(404, 10008))

    found = finish(store, request, refusal(404, 10008))

    assert found is not None
    assert (found.deletions, found.attempts, found.message_id) == (1, 1, "")
    assert found.due_at == NOW


def test_a_request_that_was_not_sent_waits_for_nothing() -> None:
    store = MemoryStore()
    request = request_of(store, NEW)

    found = finish(store, request, Answer(0, {}, {}, STALE))

    assert found is not None
    assert (found.unsure_since, found.due_at, found.move) == (None, NOW, MoveKind.CREATE)


def test_a_young_ending_is_confirmed_a_little_later() -> None:
    store = MemoryStore()
    request = request_of(store, planned(join(replace(SEEN, message_at=NOW - seconds(5)), ENDED)))

    found = finish(store, request, ok("146"))

    assert found is not None
    assert (found.shown, found.due_at) == (request.attempt.fingerprint, NOW + CONFIRM_AFTER)


# -- What Discord refuses ---------------------------------------------------------------------


def test_what_was_refused_is_kept_with_the_answer() -> None:
    store = MemoryStore()
    request = request_of(store, NEW)

    found = finish(store, request, refusal(400, 50035, errors={"embeds": "…"}))

    assert found is not None
    assert json.loads(found.refused) == {
        "sent": request.body,
        "answer": {"code": 50035, "message": "No.", "errors": {"embeds": "…"}},
    }
    assert "…" in found.refused


def test_of_what_was_refused_no_more_is_kept_than_a_person_reads() -> None:
    store = MemoryStore()

    found = finish(store, request_of(store, NEW), refusal(400, 50035, errors="x" * 10_000))

    assert found is not None
    assert len(found.refused) == KEPT_CHARACTERS == 8000


def refused_until_dropped(content: Any) -> tuple[list[int], list[Mapping[str, Any]], Card]:
    """Refuse a card until it is given up; return the levels and bodies that were sent."""
    store = MemoryStore()
    found, entry = stored(store, planned(card(content)))
    levels, bodies = [], []
    while found.due_at is not None:
        entry = entry_of(found)
        assert entry is not None
        _, request = prepare(entry, store.cards, store.texts, DISPLAY, NOW, UNTIL)
        assert request is not None
        levels.append(found.degradation)
        bodies.append(request.body)
        concluded = finish(store, request, refusal(400, 50035))
        assert concluded is not None
        found = concluded
    return levels, bodies, found


FAILED_BUILD = state("failure", {"id": 1, "name": "tests", "status": "failure"})
# Nothing that is shown has fields, so that giving them up changes nothing.
LEVELS: dict[str, tuple[Any, list[int]]] = {
    "a build": (RUNNING, [0, 1, 3]),
    "a build that failed": (FAILED_BUILD, [0, 1, 3]),
    "an account": (account(), [0, 1, 3]),
    "what has no links": (read_state({"build": {"id": 1, "status": "running"}}), [0, 3]),
}


@pytest.mark.parametrize(("content", "levels"), LEVELS.values(), ids=LEVELS)
def test_a_body_becomes_simpler_and_is_never_sent_twice(content: Any, levels: list[int]) -> None:
    sent_at, bodies, found = refused_until_dropped(content)

    assert sent_at == levels
    assert all(one != other for i, one in enumerate(bodies) for other in bodies[:i])
    assert (found.dropped, found.degradation) == ("http_400_50035", 3)


def test_what_is_as_simple_as_the_refused_body_is_dropped_at_once() -> None:
    """Plain text was on its way while another worker made the card as simple."""
    store = MemoryStore()
    request = request_of(store, planned(card(RUNNING, degradation=3)))
    overtaken(store, degradation=2)

    found = finish(store, request, refusal(400, 50035))

    assert found is not None
    assert (found.dropped, found.degradation, found.due_at) == ("http_400_50035", 3, None)


# -- Two workers for a moment -----------------------------------------------------------------


def overtaken(store: MemoryStore, **changes: Any) -> Card:
    """Change the only card as another worker does."""
    (found,) = store.cards.all()
    saved = store.cards.save(replace(found, **changes), NOW)
    assert saved is not None
    return saved


def test_who_made_the_message_second_lets_an_edit_tell_the_truth() -> None:
    store = MemoryStore()
    request = request_of(store, NEW)
    other = overtaken(
        store,
        message_id="146",
        message_at=START,
        shown="newer",
        shown_status="running",
        shown_at=START,
        unsure_since=None,
    )

    found = finish(store, request, ok("146"))

    assert found == replace(
        other,
        revision=4,
        shown="",
        shown_status="",
        due_at=NOW,
        urgency=Urgency.PROGRESS,
        move=MoveKind.EDIT,
    )


@pytest.mark.parametrize(
    "answer",
    [ok("146"), refusal(404, 10008), refusal(400, 50035), refusal(405)],
    ids=["taken", "gone", "refused", "hopeless"],
)
def test_an_answer_about_another_message_changes_nothing_of_this_one(answer: Answer) -> None:
    store = MemoryStore()
    request = request_of(store, CHANGED)
    other = overtaken(store, message_id="147", deletions=1)

    found = finish(store, request, answer)

    assert found is not None
    # But what it shows is not known any more.
    rest = {name: getattr(other, name) for name in ("shown", "shown_status", "due_at")}
    assert replace(found, **rest) == replace(other, revision=other.revision + 1)


# -- What the log says ------------------------------------------------------------------------

LINES: dict[str, tuple[Card, Answer, tuple[str, str, str, int]]] = {
    "a create": (NEW, ok("146"), ("INFO", "Card shown.", "", 0)),
    "an edit after two failures": (
        replace(CHANGED, attempts=2, last_error="timeout"),
        ok("146"),
        ("INFO", "Card shown.", "", 0),
    ),
    "a limit": (NEW, limit(1.0), ("INFO", "Card waits.", "rate_limit", 0)),
    "a request that is not taken": (
        NEW,
        refusal(403, 50013),
        ("WARNING", "Card not shown yet.", "http_403_50013", 0),
    ),
    "a timeout": (NEW, NOTHING_CAME, ("WARNING", "Card not shown yet.", "timeout", 1)),
    "a second failure": (
        replace(CHANGED, attempts=1),
        refusal(503),
        ("WARNING", "Card not shown yet.", "http_503", 2),
    ),
    "a refused body": (
        NEW,
        refusal(400, 50035),
        ("WARNING", "Card not shown yet.", "http_400_50035", 1),
    ),
    "a deleted message": (
        CHANGED,
        refusal(404, 10008),
        ("WARNING", "Card not shown yet.", "http_404_10008", 1),
    ),
    "a card that is given up": (
        NEW,
        refusal(405, 99999),
        ("ERROR", "Card dropped.", "http_405_99999", 1),
    ),
}


@pytest.mark.parametrize(("of", "answer", "line"), LINES.values(), ids=LINES)
def test_the_log_says_of(
    caplog: pytest.LogCaptureFixture, of: Card, answer: Answer, line: tuple[str, str, str, int]
) -> None:
    caplog.set_level(logging.INFO)
    store = MemoryStore()

    finish(store, request_of(store, of), answer)

    (record,) = caplog.records
    said = vars(record)
    assert (said["levelname"], said["message"], said["reason"], said["attempts"]) == line
    assert (said["card"], said["status"]) == (of.id, answer.status)
