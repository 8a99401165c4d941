"""The worker's rounds, driven by hand: time passes only when a test lets it."""

import logging
import math
from dataclasses import replace
from itertools import count, pairwise
from typing import Any

import pytest
from fakes import (
    CHANNEL,
    NOTHING_CAME,
    START,
    Call,
    FakeDiscord,
    MemoryStore,
    account,
    at_once,
    card,
    delivery,
    limit,
    ok,
    payload,
    refusal,
    seconds,
    state,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from server.core.cards.card import OLD_AFTER, Card
from server.core.cards.lifecycle import plan, retried
from server.core.cards.move import MoveKind, Urgency
from server.core.discord.answers import Answer
from server.core.discord.rate_limits import PER_SECOND, RequestKind
from server.core.model.build import BuildState
from server.services.worker.batches import BEGINNINGS
from server.services.worker.deliver import Request, send
from server.services.worker.display import DisplayConfig, render_card
from server.services.worker.leadership import NAME, Leadership
from server.services.worker.round import REREAD_SECONDS, Instant, Result, Worker

SPAN = 6.0
DISPLAY = DisplayConfig(CHANNEL, "", seconds(2))
NUMBERS = count()


class Desk:
    """A worker with its store and its Discord; requests lie on the desk until they are answered."""

    def __init__(
        self,
        store: MemoryStore | None = None,
        discord: FakeDiscord | None = None,
        name: str = "one",
        tick: float = 1000.0,
    ) -> None:
        self.store = store or MemoryStore()
        self.discord = discord or FakeDiscord()
        self.tick = tick
        self.skew = 0.0  # what somebody did to the clock on the wall
        self.out: list[Request] = []
        self.sent: list[Request] = []
        self.prepared = 0
        self.worker = Worker(
            self.store,
            Leadership(self.store.leases, name, SPAN),
            DISPLAY,
            lambda: 0.0,
            self._submit,
            self._prepare,
            at_once,
        )

    def _submit(self, request: Request) -> None:
        self.out.append(request)
        self.sent.append(request)

    def _prepare(self) -> None:
        self.store.prepare()
        self.prepared += 1

    @property
    def now(self) -> Instant:
        return Instant(START + seconds(self.tick - 1000.0 + self.skew), self.tick)

    def hears(self, *bodies: dict[str, Any]) -> None:
        """Let deliveries arrive."""
        for body in bodies:
            self.store.inbox.add(delivery(str(next(NUMBERS)), body, self.now.at))

    def round(self, *results: Result, stopping: bool = False) -> bool:
        return self.worker.round(list(results), self.now, stopping)

    def rounds(self, count: int) -> None:
        """Work for so many rounds, as long after one another as requests are."""
        for _ in range(count):
            self.round()
            self.passes(1 / PER_SECOND)

    def passes(self, span: float) -> None:
        """Let time pass."""
        self.tick += span
        self.discord.now = self.now.at

    def answered(self, answer: Answer | None = None) -> list[Result]:
        """Take what is on the desk to Discord, or give it an answer of the test's own."""
        out, self.out = self.out, []
        return [Result(one, answer or send(one, self.discord, lambda: self.tick)) for one in out]

    def works(self, span: float = 60.0, step: float = 0.5) -> None:
        """Let time pass in steps, each with a round; what goes out is answered by the next."""
        for _ in range(int(span / step)):
            results = self.answered()
            while self.round(*results):
                results = []
            self.passes(step)

    def settles(self) -> None:
        """Work until nothing waits; fail if that takes an hour."""
        for _ in range(3600):
            self.works(1, step=1)
            if not (self.out or any(self.store.cards.due()) or any(self.store.inbox.pending(1))):
                return
        raise AssertionError("something waits for ever")

    def ids(self) -> list[str]:
        """Return the numbers of the builds that were sent for, in order."""
        return [one.card_id.split("/")[2] for one in self.sent]

    def card(self, build_id: int = 7) -> Card:
        (found,) = [one for one in self.store.cards.all() if one.id.split("/")[2] == str(build_id)]
        return found

    def report(self) -> dict[str, Any]:
        """Return what the worker last told of itself."""
        found = self.store.leases.read(NAME)
        assert found is not None
        return dict(found[1])


@pytest.fixture
def desk() -> Desk:
    return Desk()


def due(build_id: int, channel: str = CHANNEL, status: str = "running", **fields: Any) -> Card:
    """Return a card that waits, of a build that is new unless *fields* tell otherwise."""
    of = card(state(status, build_id=build_id), channel_id=channel, **fields)
    return plan(of, render_card(of, DISPLAY).fingerprint, START, DISPLAY.edit_interval)


def shown(build_id: int, **fields: Any) -> Card:
    """Return a card whose message shows something else than it should."""
    seen = {"message_id": str(build_id), "message_at": START - seconds(60), "shown": "old"}
    return due(build_id, **{**seen, "shown_at": START - seconds(60), **fields})


def put(desk: Desk, *cards: Card) -> None:
    for one in cards:
        assert desk.store.cards.save(one, START)
        if one.message_id:
            desk.discord.messages[one.message_id] = {}


# -- From a delivery to a message -------------------------------------------------------------


def test_a_build_becomes_one_message_that_ends_with_the_truth(desk: Desk) -> None:
    for number, status in enumerate(["pending", "running", "success"]):
        desk.hears(payload(status, version=number))
        desk.works(5)

    assert desk.discord.shown() == ["octocat/hello-world #7 · ✅ passed"]
    assert desk.discord.kinds() == ["create", "edit", "edit"]
    # Its message is younger than a minute, so that the ending is sent once more.
    assert (desk.card().move, desk.card().due_at) == (MoveKind.EDIT, desk.card().confirm_at)


def test_an_ending_that_discord_takes_back_is_shown_again(desk: Desk) -> None:
    desk.hears(payload("running"))
    desk.works(2)
    taken_back = dict(desk.discord.messages)
    desk.hears(payload("success", version=2))
    desk.works(2)
    desk.discord.messages.update(taken_back)

    desk.works(20)

    assert desk.discord.kinds() == ["create", "edit", "edit"]
    assert desk.discord.shown() == ["octocat/hello-world #7 · ✅ passed"]
    assert desk.card().due_at is None


def test_what_arrives_together_is_shown_at_once_in_its_newest_state(desk: Desk) -> None:
    desk.hears(payload("success", version=3), payload("pending", version=1))

    desk.works(5)

    assert desk.discord.kinds() == ["create"]
    assert desk.discord.shown() == ["octocat/hello-world #7 · ✅ passed"]


def test_an_account_becomes_one_message(desk: Desk) -> None:
    repo = {"id": 3, "version": 1, "slug": "octocat/hello-world"}
    desk.hears({"event": "repo", "action": "enabled", "repo": repo})

    desk.works(5)

    assert desk.discord.shown() == ["octocat/hello-world · 🔌 enabled"]


def test_nothing_to_do_does_nothing(desk: Desk) -> None:
    desk.works(30)

    assert (desk.sent, desk.store.cards.all()) == ([], [])


def test_a_round_asks_to_be_called_again_while_deliveries_wait(desk: Desk) -> None:
    desk.hears(payload())

    assert [desk.round(), desk.round()] == [True, False]


def test_what_arrived_during_the_flight_is_shown_next(desk: Desk) -> None:
    desk.hears(payload("running"))
    desk.round()
    desk.hears(payload("success", version=2))
    desk.round()
    assert len(desk.out) == 1

    desk.works(5)

    assert desk.discord.kinds() == ["create", "edit"]
    assert desk.discord.shown() == ["octocat/hello-world #7 · ✅ passed"]


def test_progress_is_shown_at_most_once_in_its_pause(desk: Desk) -> None:
    desk.hears(payload("pending"))
    desk.works(3)
    for number in range(20):
        desk.hears(payload("running", version=2 + number, message=f"Message {number}"))
        desk.works(0.5)
    desk.works(5)

    edits = [call.kind for call in desk.discord.calls].count("edit")
    assert edits <= 6
    assert desk.card().due_at is None


# -- What goes first --------------------------------------------------------------------------


def test_endings_go_before_new_cards_before_progress(desk: Desk) -> None:
    put(desk, shown(1), due(2), shown(3, status="success"), due(4, status="failure"), shown(5))

    desk.works(30)

    endings, new, progress = desk.ids()[:2], desk.ids()[2:3], desk.ids()[3:]
    assert (sorted(endings), new, sorted(progress)) == (["3", "4"], ["2"], ["1", "5"])


def test_an_ending_that_arrives_overtakes_what_waits(desk: Desk) -> None:
    put(desk, *(due(number) for number in range(1, 6)))
    desk.round()
    desk.hears(payload("success", build_id=99))
    desk.round()

    desk.works(10)

    assert desk.ids()[1] == "99"


def test_an_ending_is_not_held_back_by_its_own_progress(desk: Desk) -> None:
    desk.hears(payload("pending"))
    desk.works(3)
    desk.hears(payload("running", version=2))
    desk.round()
    desk.round(*desk.answered())
    desk.hears(payload("success", version=3))

    desk.round()

    assert [request.attempt.kind for request in desk.out] == ["edit"]
    assert desk.out[0].body["embeds"][0]["title"].endswith("passed")


def test_in_one_channel_one_request_is_in_flight(desk: Desk) -> None:
    put(desk, *(due(number) for number in range(1, 6)))

    for _ in range(5):
        desk.round()
        desk.passes(0.1)

    assert (len(desk.out), desk.worker.in_flight) == (1, 1)


def test_when_it_is_answered_the_next_goes_out_in_the_same_round(desk: Desk) -> None:
    put(desk, due(1), due(2))
    desk.round()

    desk.round(*desk.answered())

    assert (desk.ids(), len(desk.out)) == (["1", "2"], 1)


def test_channels_do_not_wait_for_each_other(desk: Desk) -> None:
    put(desk, *(due(number, channel=f"{number % 3}") for number in range(9)))

    desk.rounds(3)

    assert sorted(one.route.channel_id for one in desk.out) == ["0", "1", "2"]


def test_across_channels_the_most_urgent_goes_first(desk: Desk) -> None:
    put(
        desk,
        shown(1, channel="1"),
        due(2, channel="2"),
        shown(3, channel="3", status="success"),
    )

    desk.rounds(3)

    assert desk.ids() == ["3", "2", "1"]


# -- Limits -----------------------------------------------------------------------------------

EMPTY = {"x-ratelimit-remaining": "0", "x-ratelimit-reset-after": "5"}


def test_an_empty_bucket_is_left_alone_until_it_is_full_again(desk: Desk) -> None:
    put(desk, due(1), due(2))
    desk.round()
    desk.round(*desk.answered(ok("1", **EMPTY)))

    desk.passes(4.9)
    desk.round()
    assert desk.out == []

    desk.passes(0.1)
    desk.round()
    assert desk.ids() == ["1", "2"]


def test_an_empty_bucket_of_creates_lets_edits_through(desk: Desk) -> None:
    put(desk, due(1), due(2), shown(3))
    desk.round()

    desk.round(*desk.answered(ok("1", **EMPTY)))

    assert [one.route.kind for one in desk.out] == [RequestKind.EDIT]


def test_an_empty_bucket_of_one_channel_does_not_hold_another_up(desk: Desk) -> None:
    put(desk, due(1, channel="1"), due(2, channel="1"))
    desk.round()
    put(desk, due(3, channel="2"))
    desk.passes(REREAD_SECONDS)

    desk.round(*desk.answered(ok("1", **EMPTY)))

    assert desk.ids() == ["1", "3"]


def test_a_limit_is_waited_for_as_long_as_it_says(desk: Desk) -> None:
    put(desk, due(1))
    desk.round()
    desk.round(*desk.answered(limit(3.0)))

    desk.passes(2.9)
    desk.round()
    assert desk.out == []

    desk.passes(0.1)
    desk.round()
    desk.round(*desk.answered())
    assert (desk.ids(), desk.card(1).attempts, desk.card(1).due_at) == (["1", "1"], 0, None)


def test_a_limit_does_not_cost_the_card_its_place(desk: Desk) -> None:
    put(desk, due(1), due(2))
    desk.round()
    desk.passes(1)
    desk.round(*desk.answered(limit(3.0)))

    desk.passes(3)
    desk.round()

    assert desk.ids() == ["1", "1"]


def test_a_global_limit_stops_every_channel(desk: Desk) -> None:
    put(desk, due(1, channel="1"))
    desk.round()
    put(desk, due(2, channel="2"))
    desk.passes(REREAD_SECONDS)
    desk.round(*desk.answered(limit(3.0, **{"global": True})))
    assert desk.out == []

    desk.passes(3)
    desk.round()
    assert desk.ids()[1:] == ["1"]  # alone it finds out whether the stop is over
    desk.round(*desk.answered())

    assert desk.ids()[1:] == ["1", "2"]


def test_a_second_has_no_more_requests_than_discord_allows(desk: Desk) -> None:
    put(desk, *(due(number, channel=str(number)) for number in range(1, 101)))

    counts = []
    for _ in range(3):
        before = len(desk.sent)
        desk.works(1, step=0.01)
        counts.append(len(desk.sent) - before)

    assert counts == [PER_SECOND + 2, PER_SECOND, 100 - 2 * PER_SECOND - 2]


def test_a_refusal_of_one_card_holds_no_other_up(desk: Desk) -> None:
    put(desk, due(1), due(2))
    desk.discord.bars = lambda call: refusal(403, 50013) if "#1 " in call.text else None

    desk.works(5)

    # Once as it is, once as plain text; then the next one.
    assert desk.ids() == ["1", "1", "2"]
    assert desk.discord.shown() == ["octocat/hello-world #2 · 🔄 running"]


def test_a_channel_that_refuses_two_cards_waits_while_others_go_on(desk: Desk) -> None:
    put(desk, *(due(number, channel="1") for number in (1, 2, 3)), due(4, channel="2"))
    desk.discord.bars = lambda call: refusal(403, 50013) if call.channel_id == "1" else None

    desk.works(60)

    assert [name for name in desk.ids() if name != "4"] == ["1", "1", "2"]
    assert desk.report()["paused_channels"] == 1
    desk.discord.bars = None
    desk.works(900)
    assert len(desk.discord.shown()) == 4
    assert all("embeds" in message for message in desk.discord.messages.values())


def test_a_channel_that_stays_closed_is_tried_four_times_an_hour(desk: Desk) -> None:
    put(desk, *(due(number, channel="1") for number in range(1, 6)))
    desk.discord.outage = refusal(403, 50013)

    desk.works(3600, step=1)

    # Each time also as plain text, which may be taken where embeds are not.
    assert len(desk.sent) <= 10
    assert not any(one.dropped for one in desk.store.cards.all())


def test_creates_that_are_refused_let_edits_through(desk: Desk) -> None:
    put(desk, *(due(number) for number in (1, 2, 3)))
    desk.discord.bars = lambda call: refusal(403, 50013) if call.kind == "create" else None
    desk.works(5)
    put(desk, shown(4, status="success"), shown(5))

    desk.works(10)

    assert desk.ids() == ["1", "1", "2", "4", "5"]


def test_where_embeds_are_refused_plain_text_is_shown(desk: Desk) -> None:
    desk.discord.bars = lambda call: refusal(403, 50013) if call.body.get("embeds") else None
    desk.hears(payload("running"))
    desk.works(5)
    desk.hears(payload("success", version=2))

    desk.works(20)

    (message,) = desk.discord.messages.values()
    assert (message["embeds"], "✅ passed" in message["content"]) == ([], True)
    assert desk.card().due_at is None


def archived(call: Call) -> Answer | None:
    """Answer as in an archived thread, where messages are posted and not changed."""
    return refusal(400, 50083) if call.kind in ("edit", "delete") else None


def test_in_an_archived_thread_a_new_card_goes_before_an_edit_that_it_makes_possible(
    desk: Desk,
) -> None:
    put(desk, shown(41, status="success"))
    desk.discord.bars = archived
    desk.works(2)
    put(desk, due(42))
    desk.works(2, step=1)
    desk.discord.bars = None  # the new message has opened it

    desk.works(4)

    assert desk.ids() == ["41", "42", "41"]
    assert desk.discord.kinds() == ["edit", "open", "create", "edit"]


def test_an_archived_thread_is_opened_for_an_edit(desk: Desk) -> None:
    put(desk, shown(41, status="success"))
    desk.discord.bars = archived
    desk.discord.openings.append(ok("1"))

    desk.works(3)

    assert desk.discord.kinds() == ["edit", "open", "edit"]
    assert (
        desk.discord.messages["41"]["embeds"][0]["title"] == "octocat/hello-world #41 · ✅ passed"
    )


def test_an_ending_in_a_thread_that_nobody_opens_is_told_by_a_reply(desk: Desk) -> None:
    put(desk, shown(41, status="success"))
    desk.discord.bars = archived

    desk.works(60)

    reply = desk.discord.messages[desk.card(41).reply_id]
    assert reply["message_reference"]["message_id"] == "41"
    assert reply["embeds"][0]["title"] == "octocat/hello-world #41 · ✅ passed"


def test_what_waits_for_a_channel_that_is_gone_is_given_up_in_minutes(desk: Desk) -> None:
    put(desk, *(shown(number, channel="1") for number in (1, 2, 3)), due(4, channel="1"))
    desk.discord.bars = lambda call: refusal(404, 10003) if call.channel_id == "1" else None

    desk.works(60)
    assert desk.report()["paused_channels"] == 1
    desk.works(540)

    assert [one.dropped for one in desk.store.cards.all()] == ["http_404_10003"] * 4
    assert len(desk.sent) <= 30
    assert desk.report()["paused_channels"] == 0


def test_what_was_begun_in_a_channel_is_finished_there(desk: Desk) -> None:
    put(desk, shown(7, channel="old"))
    desk.discord.channels["7"] = "old"

    desk.hears(payload("success", version=2), payload("running", build_id=8))
    desk.works(20)

    assert [(one.card_id.split("/")[2], one.route.channel_id) for one in desk.sent[:2]] == [
        ("7", "old"),
        ("8", CHANNEL),
    ]
    assert desk.discord.messages["7"]["embeds"][0]["title"] == "octocat/hello-world #7 · ✅ passed"
    assert len(desk.store.cards.all()) == 2


def test_what_was_given_up_in_another_channel_begins_anew_with_what_is_known(desk: Desk) -> None:
    known = state("running", {"id": 1, "version": 1, "number": 1, "name": "default"})
    put(desk, replace(shown(7, channel="old"), content=known, dropped="http_404_10003"))

    desk.hears(payload("success", version=2))
    desk.works(5)

    (new,) = [one for one in desk.store.cards.all() if one.channel_id == CHANNEL]
    shown_now = desk.discord.messages[new.message_id]["embeds"][0]["title"]
    assert shown_now == "octocat/hello-world #7 · ✅ passed"
    assert isinstance(new.content, BuildState)
    assert [stage.name for stage in new.content.stages] == ["default"]


def test_nine_faulty_answers_cost_forty_builds_few_seconds(desk: Desk) -> None:
    def converges(faults: list[Answer]) -> float:
        desk = Desk()
        desk.hears(*(payload("running", build_id=number) for number in range(1, 41)))
        desk.works(2, step=0.1)
        desk.hears(*(payload("success", build_id=number, version=2) for number in range(1, 41)))
        desk.discord.script.extend(faults)
        began = desk.tick
        while sum("passed" in title for title in desk.discord.shown()) < 40:
            assert desk.tick < began + 600
            desk.works(0.1, step=0.1)
        return desk.tick - began

    broken = [refusal(503), NOTHING_CAME, Answer(502, {"content-type": "text/html"}, {})] * 3

    assert converges(broken) - converges([]) <= 10


def test_a_single_card_is_tried_again_every_five_seconds_of_an_outage(desk: Desk) -> None:
    put(desk, due(1))
    desk.discord.outage = refusal(503)

    instants = []
    while desk.tick < 1300:
        before = len(desk.sent)
        desk.works(0.1, step=0.1)
        instants += [desk.tick] * (len(desk.sent) > before)

    assert max(later - earlier for earlier, later in pairwise(instants)) <= 5.5
    assert len(instants) <= 80


def test_a_card_that_discord_never_answers_holds_no_other_up(desk: Desk) -> None:
    put(desk, due(1, status="success"))
    desk.discord.bars = lambda call: refusal(500) if "#1 " in call.text else None
    desk.works(600, step=1)
    put(desk, due(2))

    desk.works(10, step=1)

    assert desk.discord.shown() == ["octocat/hello-world #2 · 🔄 running"]


def test_accounts_appear_in_the_order_of_their_events(desk: Desk) -> None:
    for number in (9, 3, 5):
        repo = {"id": number, "version": 1, "slug": f"octocat/r{number}"}
        desk.hears({"event": "repo", "action": "enabled", "repo": repo})
        desk.passes(0.06)

    desk.works(10)

    assert [title.split(" · ")[0] for title in desk.discord.shown()] == [
        "octocat/r9",
        "octocat/r3",
        "octocat/r5",
    ]


def test_confirmations_go_when_the_news_has_gone(desk: Desk) -> None:
    desk.hears(*(payload("running", build_id=number) for number in range(1, 8)))
    desk.works(10)
    desk.hears(*(payload("success", build_id=number, version=2) for number in (1, 2)))
    desk.works(11)
    desk.hears(*(payload("failure", build_id=number, version=2) for number in range(3, 8)))
    before = len(desk.sent)

    desk.works(30)

    assert desk.ids()[before : before + 5] == ["3", "4", "5", "6", "7"]
    assert "2" in desk.ids()[before + 5 :]


def test_a_token_that_stays_refused_is_tried_every_five_minutes(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    put(desk, *(due(number) for number in range(1, 4)))
    desk.discord.outage = refusal(401)

    desk.works(3600, step=1)

    assert len(desk.sent) == 12
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == [
        "All sending stops for a while."
    ]
    desk.discord.outage = None
    desk.works(310, step=1)
    assert len(desk.discord.shown()) == 3


def test_a_refused_token_stops_everything_and_drops_nothing(desk: Desk) -> None:
    put(desk, *(due(number, channel=str(number)) for number in range(1, 4)))
    desk.round()

    desk.round(*desk.answered(refusal(401)))
    desk.passes(299)
    desk.round()

    assert desk.out == []
    assert desk.report()["stopped"] == "token_refused"
    desk.passes(1)
    desk.works(10)
    assert len(desk.discord.shown()) == 3


def test_edits_of_old_messages_are_spaced(desk: Desk) -> None:
    old = {"message_at": START - seconds(4000)}
    put(desk, *(shown(number, **old) for number in range(1, 5)))

    sent = []
    for _ in range(20):
        desk.round(*desk.answered(ok("1")))
        sent.append(len(desk.sent))
        desk.passes(0.5)

    # One at once, then one in two and a half seconds; their state has changed, as a card whose
    # status was never noted shows.
    assert [sent.count(count) for count in (1, 2, 3)] == [5, 5, 5]


def test_progress_of_an_old_message_is_not_shown_but_a_new_state_is(desk: Desk) -> None:
    desk.hears(payload("pending"))
    desk.works(5)
    desk.passes(OLD_AFTER.total_seconds())

    desk.hears(payload("pending", version=2, message="More"))
    desk.works(60, step=1)
    assert desk.discord.kinds() == ["create"]

    desk.hears(payload("running", version=3))
    desk.works(60, step=1)
    assert desk.discord.kinds() == ["create", "edit"]
    assert desk.discord.shown() == ["octocat/hello-world #7 · 🔄 running"]


def test_an_ending_of_an_old_message_that_stays_refused_is_told_by_a_reply(desk: Desk) -> None:
    desk.hears(payload("running"))
    desk.works(5)
    desk.passes(OLD_AFTER.total_seconds())
    refused = refusal(429, message="Slow down.", retry_after=3.0, code=30046)
    desk.discord.script.extend([refused] * 3)
    desk.hears(payload("success", version=2))

    desk.works(60)

    assert desk.discord.kinds() == ["create", "edit", "edit", "edit", "create", "edit"]
    reply = desk.discord.calls[4].body
    assert reply["message_reference"]["message_id"] == desk.card().message_id
    assert desk.discord.shown() == ["octocat/hello-world #7 · ✅ passed"] * 2
    assert desk.card().due_at is None


# -- Failures ---------------------------------------------------------------------------------


def test_a_lost_answer_makes_no_second_message(desk: Desk) -> None:
    desk.discord.lost.append(NOTHING_CAME)
    desk.hears(payload("running"))

    desk.works(10)

    assert desk.discord.kinds() == ["create", "create", "edit"]
    assert desk.discord.shown() == ["octocat/hello-world #7 · 🔄 running"]


def test_a_lost_answer_does_not_leave_an_old_state_shown(desk: Desk) -> None:
    desk.discord.lost.append(NOTHING_CAME)
    desk.hears(payload("running"))
    desk.round()
    results = desk.answered()
    desk.hears(payload("success", version=2))

    desk.round(*results)
    desk.works(10)

    assert desk.discord.shown() == ["octocat/hello-world #7 · ✅ passed"]


def test_after_an_outage_each_build_has_one_message_in_its_newest_state(desk: Desk) -> None:
    desk.discord.script.extend([refusal(503)] * 12)
    for number in range(1, 4):
        desk.hears(payload("running", build_id=number))
    desk.works(10)
    for number in range(1, 4):
        desk.hears(payload("success", build_id=number, version=2))

    desk.works(300)

    assert sorted(desk.discord.shown()) == [
        f"octocat/hello-world #{number} · ✅ passed" for number in range(1, 4)
    ]


def test_an_outage_of_an_hour_is_probed_often_at_first_and_then_once_a_minute(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    put(desk, *(due(number, channel=str(number)) for number in range(1, 6)))
    desk.discord.outage = NOTHING_CAME

    desk.works(3600, step=1)

    assert 100 <= len(desk.sent) <= 160
    assert desk.report()["failing_seconds"] >= 3500
    assert caplog.messages.count("All sending stops for a while.") == 1


def test_during_an_outage_one_request_is_in_flight(desk: Desk) -> None:
    put(desk, *(due(number, channel=str(number)) for number in range(1, 6)))
    desk.discord.outage = refusal(503)
    desk.works(10)
    desk.round(*desk.answered())

    most = 0
    for _ in range(600):
        desk.passes(0.5)
        desk.round()
        most = max(most, len(desk.out))
        if desk.tick % 8 < 0.5:
            desk.round(*desk.answered())

    assert most == 1


def test_after_an_outage_endings_go_first_and_each_build_has_one_message(desk: Desk) -> None:
    desk.discord.outage = refusal(503)
    for number in range(1, 7):
        desk.hears(payload("running", build_id=number))
    desk.works(60)
    for number in (2, 5):
        desk.hears(payload("success", build_id=number, version=2))
    desk.works(60)
    desk.discord.outage = None
    before = len(desk.discord.calls)

    desk.works(180)

    # Before it creates anew what may have been created, it looks for it.
    titles = [call.title for call in desk.discord.calls[before:] if call.kind != "search"]
    assert [title.split(" · ")[1] for title in titles[:2]] == ["✅ passed"] * 2
    assert sorted(desk.discord.shown()) == [
        f"octocat/hello-world #{number} · {'✅ passed' if number in (2, 5) else '🔄 running'}"
        for number in range(1, 7)
    ]


def test_a_refused_body_is_sent_simpler_and_not_again(desk: Desk) -> None:
    desk.discord.script.append(refusal(400, 50035))
    desk.hears(payload("success", error="boom"))

    desk.works(10)

    first, second = (call.body for call in desk.discord.calls)
    assert first != second
    assert (desk.card().degradation, desk.card().due_at) == (1, None)


def test_a_deleted_message_comes_back_once_for_the_ending(desk: Desk) -> None:
    desk.hears(payload("running"))
    desk.works(5)
    desk.discord.delete(desk.card().message_id)

    desk.hears(payload("running", version=2, message="More"))
    desk.works(5)
    desk.hears(payload("running", version=3, message="And more"))
    desk.works(5)
    assert desk.discord.shown() == []

    desk.hears(payload("success", version=4))
    desk.works(5)
    assert desk.discord.shown() == ["octocat/hello-world #7 · ✅ passed"]


def test_a_card_that_expired_is_forgotten(desk: Desk) -> None:
    put(desk, due(1), due(2))
    desk.round()
    desk.store.cards.expire(desk.sent[0].card_id)

    desk.round(*desk.answered())
    desk.works(5)

    assert (desk.ids(), desk.worker.in_flight) == (["1", "2"], 0)


def test_poison_does_not_stop_the_rest(desk: Desk) -> None:
    desk.store.inbox.add(delivery("poison", b"{"))
    desk.hears(payload("success"))

    desk.works(5)

    assert (list(desk.store.inbox.failures), len(desk.discord.shown())) == (["poison"], 1)


def test_poison_is_counted_for_health(desk: Desk) -> None:
    desk.store.inbox.add(delivery("poison", b"{"))
    put(desk, replace(due(1), degradation="none"))

    desk.works(REREAD_SECONDS * 2)

    assert (desk.report()["failed"], desk.report()["dropped"]) == (1, 1)


def test_a_dropped_card_that_somebody_retries_is_shown_in_time(desk: Desk) -> None:
    put(desk, due(1, dropped="http_400_50035", degradation=3))
    desk.works(10)
    assert (desk.ids(), desk.report()["dropped"]) == ([], 1)

    desk.store.cards.save(retried(desk.card(1), desk.now.at), desk.now.at)
    desk.works(REREAD_SECONDS * 2)

    assert desk.discord.shown() == ["octocat/hello-world #1 · 🔄 running"]
    assert (desk.card(1).due_at, desk.report()["dropped"]) == (None, 0)


@pytest.mark.parametrize("skew", [-86_400, 86_400], ids=["back", "forward"])
def test_a_clock_that_is_set_holds_nothing_up(desk: Desk, skew: float) -> None:
    desk.hears(payload("pending"))
    desk.works(5)
    desk.discord.script.append(NOTHING_CAME)
    desk.hears(payload("running", version=2))
    desk.works(1)

    desk.skew = skew
    desk.works(10)
    shown_then = desk.discord.shown()
    desk.hears(payload("success", version=3))
    desk.works(10)

    assert shown_then == ["octocat/hello-world #7 · 🔄 running"]
    assert desk.discord.shown() == ["octocat/hello-world #7 · ✅ passed"]


def test_a_card_that_cannot_be_rendered_does_not_stop_the_rest(desk: Desk) -> None:
    put(desk, replace(due(1), degradation="none"), due(2))

    desk.works(5)

    assert (desk.ids(), desk.card(1).dropped) == (["2"], "render_TypeError")


# -- The store is away ------------------------------------------------------------------------


def test_a_result_that_cannot_be_noted_is_noted_later(desk: Desk) -> None:
    desk.hears(payload("success"))
    desk.round()
    results = desk.answered()
    desk.store.faults.is_away = True
    desk.round(*results)
    assert (desk.worker.in_flight, desk.round()) == (1, False)

    desk.store.faults.is_away = False
    desk.works(5)

    assert desk.discord.kinds() == ["create"]
    assert (desk.card().due_at, desk.worker.in_flight) == (None, 0)


@pytest.mark.parametrize(
    "operation",
    [
        "leases.read",
        "leases.write",
        "inbox.pending",
        "inbox.settle",
        "cards.find",
        "cards.save",
        "cards.due",
        "cards.open",
        "cards.count_dropped",
        "inbox.count_failed",
        "prepare",
    ],
)
@pytest.mark.parametrize("how", ["refused", "unanswered"])
def test_nothing_is_lost_or_doubled_while_the_store_fails(
    desk: Desk, operation: str, how: str
) -> None:
    """Each operation fails in each round of a build's life, before it or after it."""
    failing: set[str] = getattr(desk.store.faults, how)
    for number, status in enumerate(["pending", "running", "success"]):
        desk.hears(payload(status, version=number))
        for _ in range(3):
            failing.add(operation)
            desk.works(4, step=1)
            failing.clear()
            desk.works(3, step=1)

    desk.works(120)

    assert desk.discord.shown() == ["octocat/hello-world #7 · ✅ passed"]
    assert desk.card().due_at is None
    assert list(desk.store.inbox.pending(10)) == []


def test_a_store_that_goes_and_comes_is_spoken_of_once(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    desk.round()
    caplog.clear()

    desk.store.faults.is_away = True
    desk.works(5)
    desk.store.faults.is_away = False
    desk.works(5)

    assert [(record.levelname, record.message) for record in caplog.records] == [
        ("ERROR", "MongoDB is away; the worker waits for it."),
        ("INFO", "MongoDB is back."),
    ]


def test_a_crash_between_the_card_and_the_inbox_doubles_nothing(desk: Desk) -> None:
    desk.hears(payload("success"))
    desk.store.faults.refused.add("inbox.settle")
    desk.round()
    desk.store.faults.refused.clear()

    successor = Desk(desk.store, desk.discord, "two")
    successor.works(20)

    assert desk.discord.shown() == ["octocat/hello-world #7 · ✅ passed"]
    assert desk.discord.kinds().count("create") == 1


# -- The lease --------------------------------------------------------------------------------


def test_who_does_not_hold_the_lease_does_nothing(desk: Desk) -> None:
    desk.round()
    standby = Desk(desk.store, desk.discord, "two")
    standby.hears(payload())

    assert not standby.round()

    assert (standby.sent, standby.prepared, desk.store.cards.all()) == ([], 0, [])


def test_a_lost_lease_stops_what_was_not_begun(desk: Desk) -> None:
    put(desk, due(1), due(2))
    desk.round()
    standby = Desk(desk.store, desk.discord, "two")
    standby.round()
    standby.passes(SPAN)
    standby.round()

    desk.passes(SPAN)
    desk.round(*desk.answered())

    assert desk.ids() == ["1"]


def test_a_worker_killed_in_flight_is_followed_without_a_double(desk: Desk) -> None:
    desk.hears(payload("running"))
    desk.round()
    desk.answered()  # Discord took it; nobody noted that

    standby = Desk(desk.store, desk.discord, "two")
    standby.hears(payload("success", version=2))
    standby.works(20)

    assert desk.discord.shown() == ["octocat/hello-world #7 · ✅ passed"]
    # By the nonce; then the truth, and once more because the message is young.
    assert desk.discord.kinds() == ["create", "create", "edit", "edit"]


def test_a_worker_killed_in_flight_is_followed_an_hour_later_without_a_double(desk: Desk) -> None:
    desk.hears(payload("pending"))
    desk.round()
    desk.answered()  # Discord took it; nobody noted that
    desk.discord.forget_nonces()

    standby = Desk(desk.store, desk.discord, "two", desk.tick + 3600)
    standby.hears(payload("running", version=2))
    standby.works(20)

    assert desk.discord.kinds() == ["create", "search", "edit"]
    assert desk.discord.shown() == ["octocat/hello-world #7 · 🔄 running"]


def test_what_was_prepared_before_a_pause_is_not_sent_after_it(desk: Desk) -> None:
    """Paused between the two, its process wakes when another worker has shown something newer."""
    desk.hears(payload("running"))
    desk.round()
    standby = Desk(desk.store, desk.discord, "two")
    standby.hears(payload("success", version=2))
    standby.works(20)
    before = len(desk.discord.calls)

    desk.passes(20)
    desk.round(*desk.answered())

    assert len(desk.discord.calls) == before
    standby.works(40)
    assert desk.discord.shown() == ["octocat/hello-world #7 · ✅ passed"]


def test_two_workers_for_a_moment_end_with_one_message_that_is_true(desk: Desk) -> None:
    """The first one is paused with its request in flight, and comes back."""
    desk.hears(payload("running"))
    desk.round()
    late = desk.answered()
    standby = Desk(desk.store, desk.discord, "two")
    standby.hears(payload("success", version=2))
    standby.works(20)

    desk.passes(20)
    desk.round(*late)
    standby.works(40)

    assert desk.discord.shown() == ["octocat/hello-world #7 · ✅ passed"]
    assert desk.card().due_at is None


def test_a_late_answer_to_an_old_edit_does_not_undo_a_newer_one(desk: Desk) -> None:
    desk.hears(payload("pending"))
    desk.works(3)
    desk.hears(payload("running", version=2))
    desk.round()
    (old,) = desk.out
    standby = Desk(desk.store, desk.discord, "two", desk.tick)
    standby.hears(payload("success", version=3))
    standby.works(20)

    desk.passes(20)
    desk.round(Result(old, send(old, desk.discord, lambda: 0.0)))
    standby.works(60)

    assert desk.discord.shown() == ["octocat/hello-world #7 · ✅ passed"]


def test_whoever_takes_the_lease_reads_what_waits(desk: Desk) -> None:
    put(desk, due(1))

    desk.round()

    assert (desk.prepared, desk.ids()) == (1, ["1"])


def test_whoever_takes_the_lease_again_reads_what_waits_again(desk: Desk) -> None:
    desk.round()
    other = Desk(desk.store, desk.discord, "two")
    other.round()
    other.passes(SPAN)
    other.round()
    desk.passes(SPAN)
    desk.round()
    put(desk, due(1))
    other.worker.release(other.now)

    desk.passes(SPAN / 4)
    desk.round()

    assert (desk.prepared, desk.ids()) == (2, ["1"])


def test_what_somebody_else_made_due_is_found_in_time(desk: Desk) -> None:
    desk.round()
    put(desk, due(1))

    desk.passes(REREAD_SECONDS)
    desk.round()

    assert desk.ids() == ["1"]


def test_reading_the_agenda_again_sends_nothing_twice(desk: Desk) -> None:
    put(desk, due(1))
    desk.round()

    for _ in range(3):
        desk.passes(REREAD_SECONDS)
        desk.round()

    assert desk.ids() == ["1"]


# -- Stopping ---------------------------------------------------------------------------------


def test_while_stopping_nothing_new_is_begun(desk: Desk) -> None:
    put(desk, due(1))
    desk.hears(payload("running", build_id=2))

    assert not desk.round(stopping=True)

    assert (desk.sent, len(desk.store.inbox.merged)) == ([], 0)


def test_while_stopping_what_is_in_flight_is_noted(desk: Desk) -> None:
    put(desk, due(1), due(2))
    desk.round()

    desk.round(*desk.answered(), stopping=True)

    assert (desk.ids(), desk.worker.in_flight, desk.card(1).due_at) == (["1"], 0, None)


def test_at_the_end_the_lease_is_given_back(desk: Desk) -> None:
    desk.round()

    desk.worker.release(desk.now)

    standby = Desk(desk.store, desk.discord, "two")
    put(standby, due(1))
    standby.round()
    assert standby.ids() == ["1"]


def test_at_the_end_a_store_that_is_away_is_no_error(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.round()
    desk.store.faults.is_away = True

    desk.worker.release(desk.now)

    assert [record.message for record in caplog.records] == ["The lease lapses by itself."]


# -- The report -------------------------------------------------------------------------------


def test_the_report_rides_on_the_lease(desk: Desk) -> None:
    put(desk, due(1), due(2), shown(3), shown(4, status="success"))
    put(desk, card(account(), message_id="5", shown="x"))
    desk.round()

    desk.passes(SPAN / 4)
    desk.round()

    assert desk.report() == {
        "waiting": 4,
        "running": 3,
        "stopped": "",
        "failing_seconds": 0,
        "paused_channels": 0,
        "failed": 0,
        "dropped": 0,
    }


def test_the_report_follows_what_is_merged(desk: Desk) -> None:
    desk.hears(payload("running", build_id=1), payload("running", build_id=2))
    desk.works(20)
    running = desk.report()["running"]

    desk.hears(payload("success", build_id=1, version=2))
    desk.works(20)

    assert (running, desk.report()["running"], desk.report()["waiting"]) == (2, 1, 0)


def test_a_discord_that_fails_is_reported(desk: Desk) -> None:
    desk.discord.script.extend([refusal(503)] * 20)
    desk.hears(payload("running"))

    desk.works(40)

    assert desk.report()["failing_seconds"] >= 15


# -- Everything at once -----------------------------------------------------------------------

STATUSES = ["pending", "running", "success"]
TITLES = ["🕒 queued", "🔄 running", "✅ passed"]
EVENTS = st.tuples(st.integers(1, 4), st.integers(0, 2))
TROUBLE = st.sampled_from(
    [
        None,
        None,
        NOTHING_CAME,
        refusal(500),
        limit(1.0),
        limit(1.0, **{"global": True}),
        refusal(429, message="Slow down.", retry_after=1.0, code=30046),
    ]
)


@settings(max_examples=150)
@given(
    heard=st.lists(EVENTS, min_size=1, max_size=12),
    troubles=st.lists(TROUBLE, max_size=10),
    lost=st.lists(st.sampled_from([NOTHING_CAME, refusal(502)]), max_size=4),
    store_fails=st.lists(st.sampled_from(["cards.save", "inbox.settle", "cards.find", ""])),
    kill_after=st.integers(0, 30),
    comes_back=st.sampled_from(["", "before it sent", "before it noted"]),
)
def test_whatever_fails_every_build_ends_as_one_message_that_tells_the_truth(
    heard: list[tuple[int, int]],
    troubles: list[Answer | None],
    lost: list[Answer],
    store_fails: list[str],
    kill_after: int,
    comes_back: str,
) -> None:
    desk = Desk()
    desk.discord.script.extend(answer for answer in troubles if answer)
    desk.discord.lost.extend(lost)
    newest: dict[int, int] = {}
    for number, (build_id, progress) in enumerate(heard):
        desk.hears(payload(STATUSES[progress], build_id=build_id, version=progress))
        newest[build_id] = max(newest.get(build_id, 0), progress)
        if number < len(store_fails) and store_fails[number]:
            desk.store.faults.unanswered.add(store_fails[number])
        desk.works(kill_after / 10, step=0.25)

    late = desk.answered() if comes_back == "before it noted" else []
    survivor = Desk(desk.store, desk.discord, "two", desk.tick)
    survivor.settles()
    if comes_back:
        desk.tick = survivor.tick
        desk.round(*late, *desk.answered())
        survivor.passes(REREAD_SECONDS)
        survivor.settles()

    assert sorted(desk.discord.shown()) == sorted(
        f"octocat/hello-world #{build_id} · {TITLES[progress]}"
        for build_id, progress in newest.items()
    )


# What a pass waits for


def test_nothing_is_next_when_nothing_waits(desk: Desk) -> None:
    desk.round()

    assert desk.worker.next_at(desk.now, Urgency) == math.inf


def test_what_is_due_may_go_now(desk: Desk) -> None:
    desk.store.cards.save(due(7), START)
    desk.store.cards.save(due(8), START)
    desk.round()

    assert desk.ids() == ["7"]
    assert desk.worker.next_at(desk.now, Urgency) == desk.tick


def test_what_is_due_later_is_next_then_for_whoever_waits_for_its_kind(desk: Desk) -> None:
    desk.hears(payload("pending"))
    desk.round()
    desk.round(*desk.answered())
    desk.hears(payload("running", version=2))
    desk.round()

    assert desk.worker.next_at(desk.now, {Urgency.PROGRESS}) == desk.tick + 2
    assert desk.worker.next_at(desk.now, {Urgency.ENDING, Urgency.NEW}) == math.inf


def test_what_discord_does_not_take_yet_is_next_when_it_does(desk: Desk) -> None:
    desk.store.cards.save(due(7), START)
    desk.store.cards.save(due(8), START)
    desk.round()
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset-after": "3.5"}
    desk.round(Result(desk.out.pop(), replace(ok("1"), headers=headers)))

    assert desk.worker.next_at(desk.now, {Urgency.NEW}) == desk.tick + 3.5


def test_only_who_holds_the_lease_acts(desk: Desk) -> None:
    other = Desk(desk.store, name="two")

    desk.round()
    other.round()

    assert (desk.worker.acts(desk.now), other.worker.acts(other.now)) == (True, False)


def test_a_worker_in_a_hurry_takes_a_lease_that_was_given_back_a_moment_ago(desk: Desk) -> None:
    other = Desk(desk.store, name="two")
    desk.round()
    other.round()
    desk.worker.release(desk.now)

    other.worker.hurry()
    other.round()

    assert other.worker.acts(other.now)


def test_a_delivery_that_no_worker_finished_holds_up_none_behind_it() -> None:
    desk = Desk()
    desk.hears(payload(build_id=1), payload(build_id=2))
    (first, _) = next(desk.store.inbox.pending(2))
    for _ in range(BEGINNINGS):
        desk.store.inbox.begin(first.id)
    dead = Desk(desk.store, name="dead")
    dead.worker.round([], dead.now, stopping=True)
    desk.passes(SPAN)

    desk.settles()

    assert {name: one.reason for name, one in desk.store.inbox.failures.items()} == {
        first.id: "never_finished"
    }
    assert [call.title for call in desk.discord.calls if call.kind == "create"] == [
        "octocat/hello-world #2 · 🔄 running"
    ]
