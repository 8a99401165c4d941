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
from server.core.discord.rate_limits import PER_SECOND, RequestKind
from server.core.http_answer import Answer
from server.core.instant import Instant
from server.core.model.build import BuildState
from server.services.worker.batches import BEGINNINGS
from server.services.worker.deliver import send
from server.services.worker.dispatch import Dispatcher, Result
from server.services.worker.display import DisplayConfig, render_card
from server.services.worker.leadership import NAME, Leadership
from server.services.worker.request import Request
from server.services.worker.round import REREAD_SECONDS, Worker

SPAN = 6.0
DISPLAY = DisplayConfig(CHANNEL, "", seconds(2))
NUMBERS = count()


class Rig:
    """A worker with its store and its Discord; requests wait in `out` until they are answered."""

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
        self.skew = 0.0  # how far the clock on the wall was set
        self.out: list[Request] = []
        self.sent: list[Request] = []
        self.prepared = 0
        self.dispatcher = Dispatcher(self.store, DISPLAY, lambda: 0.0, self._submit)
        self.worker = Worker(
            self.store,
            Leadership(self.store.leases, name, SPAN),
            DISPLAY,
            self.dispatcher,
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
        """Send what waits to Discord, or give it an answer of the test's own."""
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
        """Return the last report of the worker."""
        found = self.store.leases.read(NAME)
        assert found is not None
        return dict(found[1])


@pytest.fixture
def rig() -> Rig:
    return Rig()


def due(build_id: int, channel: str = CHANNEL, status: str = "running", **fields: Any) -> Card:
    """Return a card that waits, of a build that is new unless *fields* tell otherwise."""
    of = card(state(status, build_id=build_id), channel_id=channel, **fields)
    return plan(of, render_card(of, DISPLAY).fingerprint, START, DISPLAY.edit_interval)


def shown(build_id: int, **fields: Any) -> Card:
    """Return a card whose message shows something else than it should."""
    seen = {"message_id": str(build_id), "message_at": START - seconds(60), "shown": "old"}
    return due(build_id, **{**seen, "shown_at": START - seconds(60), **fields})


def put(rig: Rig, *cards: Card) -> None:
    for one in cards:
        assert rig.store.cards.save(one, START)
        if one.message_id:
            rig.discord.messages[one.message_id] = {}


# -- From a delivery to a message -------------------------------------------------------------


def test_a_build_becomes_one_message_that_ends_with_the_truth(rig: Rig) -> None:
    for number, status in enumerate(["pending", "running", "success"]):
        rig.hears(payload(status, version=number))
        rig.works(5)

    assert rig.discord.shown() == ["octocat/hello-world #7 · ✅ passed"]
    assert rig.discord.kinds() == ["create", "edit", "edit"]
    # Its message is younger than a minute, so that the ending is sent once more.
    assert (rig.card().move, rig.card().due_at) == (MoveKind.EDIT, rig.card().confirm_at)


def test_an_ending_that_discord_takes_back_is_shown_again(rig: Rig) -> None:
    rig.hears(payload("running"))
    rig.works(2)
    taken_back = dict(rig.discord.messages)
    rig.hears(payload("success", version=2))
    rig.works(2)
    rig.discord.messages.update(taken_back)

    rig.works(20)

    assert rig.discord.kinds() == ["create", "edit", "edit"]
    assert rig.discord.shown() == ["octocat/hello-world #7 · ✅ passed"]
    assert rig.card().due_at is None


def test_what_arrives_together_is_shown_at_once_in_its_newest_state(rig: Rig) -> None:
    rig.hears(payload("success", version=3), payload("pending", version=1))

    rig.works(5)

    assert rig.discord.kinds() == ["create"]
    assert rig.discord.shown() == ["octocat/hello-world #7 · ✅ passed"]


def test_an_account_becomes_one_message(rig: Rig) -> None:
    repo = {"id": 3, "version": 1, "slug": "octocat/hello-world"}
    rig.hears({"event": "repo", "action": "enabled", "repo": repo})

    rig.works(5)

    assert rig.discord.shown() == ["octocat/hello-world · 🔌 enabled"]


def test_nothing_to_do_does_nothing(rig: Rig) -> None:
    rig.works(30)

    assert (rig.sent, rig.store.cards.all()) == ([], [])


def test_a_round_asks_to_be_called_again_while_deliveries_wait(rig: Rig) -> None:
    rig.hears(payload())

    assert [rig.round(), rig.round()] == [True, False]


def test_what_arrived_during_the_flight_is_shown_next(rig: Rig) -> None:
    rig.hears(payload("running"))
    rig.round()
    rig.hears(payload("success", version=2))
    rig.round()
    assert len(rig.out) == 1

    rig.works(5)

    assert rig.discord.kinds() == ["create", "edit"]
    assert rig.discord.shown() == ["octocat/hello-world #7 · ✅ passed"]


def test_progress_is_shown_at_most_once_in_its_pause(rig: Rig) -> None:
    rig.hears(payload("pending"))
    rig.works(3)
    for number in range(20):
        rig.hears(payload("running", version=2 + number, message=f"Message {number}"))
        rig.works(0.5)
    rig.works(5)

    edits = [call.kind for call in rig.discord.calls].count("edit")
    assert edits <= 6
    assert rig.card().due_at is None


# -- What goes first --------------------------------------------------------------------------


def test_endings_go_before_new_cards_before_progress(rig: Rig) -> None:
    put(rig, shown(1), due(2), shown(3, status="success"), due(4, status="failure"), shown(5))

    rig.works(30)

    endings, new, progress = rig.ids()[:2], rig.ids()[2:3], rig.ids()[3:]
    assert (sorted(endings), new, sorted(progress)) == (["3", "4"], ["2"], ["1", "5"])


def test_an_ending_that_arrives_overtakes_what_waits(rig: Rig) -> None:
    put(rig, *(due(number) for number in range(1, 6)))
    rig.round()
    rig.hears(payload("success", build_id=99))
    rig.round()

    rig.works(10)

    assert rig.ids()[1] == "99"


def test_an_ending_is_not_held_back_by_its_own_progress(rig: Rig) -> None:
    rig.hears(payload("pending"))
    rig.works(3)
    rig.hears(payload("running", version=2))
    rig.round()
    rig.round(*rig.answered())
    rig.hears(payload("success", version=3))

    rig.round()

    assert [request.attempt.kind for request in rig.out] == ["edit"]
    assert rig.out[0].body["embeds"][0]["title"].endswith("passed")


def test_in_one_channel_one_request_is_in_flight(rig: Rig) -> None:
    put(rig, *(due(number) for number in range(1, 6)))

    for _ in range(5):
        rig.round()
        rig.passes(0.1)

    assert (len(rig.out), rig.dispatcher.in_flight) == (1, 1)


def test_when_it_is_answered_the_next_goes_out_in_the_same_round(rig: Rig) -> None:
    put(rig, due(1), due(2))
    rig.round()

    rig.round(*rig.answered())

    assert (rig.ids(), len(rig.out)) == (["1", "2"], 1)


def test_channels_do_not_wait_for_each_other(rig: Rig) -> None:
    put(rig, *(due(number, channel=f"{number % 3}") for number in range(9)))

    rig.rounds(3)

    assert sorted(one.route.channel_id for one in rig.out) == ["0", "1", "2"]


def test_across_channels_the_most_urgent_goes_first(rig: Rig) -> None:
    put(
        rig,
        shown(1, channel="1"),
        due(2, channel="2"),
        shown(3, channel="3", status="success"),
    )

    rig.rounds(3)

    assert rig.ids() == ["3", "2", "1"]


# -- Limits -----------------------------------------------------------------------------------

EMPTY = {"x-ratelimit-remaining": "0", "x-ratelimit-reset-after": "5"}


def test_an_empty_bucket_is_left_alone_until_it_is_full_again(rig: Rig) -> None:
    put(rig, due(1), due(2))
    rig.round()
    rig.round(*rig.answered(ok("1", **EMPTY)))

    rig.passes(4.9)
    rig.round()
    assert rig.out == []

    rig.passes(0.1)
    rig.round()
    assert rig.ids() == ["1", "2"]


def test_an_empty_bucket_of_creates_lets_edits_through(rig: Rig) -> None:
    put(rig, due(1), due(2), shown(3))
    rig.round()

    rig.round(*rig.answered(ok("1", **EMPTY)))

    assert [one.route.kind for one in rig.out] == [RequestKind.EDIT]


def test_an_empty_bucket_of_one_channel_does_not_hold_another_up(rig: Rig) -> None:
    put(rig, due(1, channel="1"), due(2, channel="1"))
    rig.round()
    put(rig, due(3, channel="2"))
    rig.passes(REREAD_SECONDS)

    rig.round(*rig.answered(ok("1", **EMPTY)))

    assert rig.ids() == ["1", "3"]


def test_a_limit_is_waited_for_as_long_as_it_says(rig: Rig) -> None:
    put(rig, due(1))
    rig.round()
    rig.round(*rig.answered(limit(3.0)))

    rig.passes(2.9)
    rig.round()
    assert rig.out == []

    rig.passes(0.1)
    rig.round()
    rig.round(*rig.answered())
    assert (rig.ids(), rig.card(1).attempts, rig.card(1).due_at) == (["1", "1"], 0, None)


def test_a_limit_does_not_cost_the_card_its_place(rig: Rig) -> None:
    put(rig, due(1), due(2))
    rig.round()
    rig.passes(1)
    rig.round(*rig.answered(limit(3.0)))

    rig.passes(3)
    rig.round()

    assert rig.ids() == ["1", "1"]


def test_a_global_limit_stops_every_channel(rig: Rig) -> None:
    put(rig, due(1, channel="1"))
    rig.round()
    put(rig, due(2, channel="2"))
    rig.passes(REREAD_SECONDS)
    rig.round(*rig.answered(limit(3.0, **{"global": True})))
    assert rig.out == []

    rig.passes(3)
    rig.round()
    assert rig.ids()[1:] == ["1"]  # alone it finds out whether the stop is over
    rig.round(*rig.answered())

    assert rig.ids()[1:] == ["1", "2"]


def test_a_second_has_no_more_requests_than_discord_allows(rig: Rig) -> None:
    put(rig, *(due(number, channel=str(number)) for number in range(1, 101)))

    counts = []
    for _ in range(3):
        before = len(rig.sent)
        rig.works(1, step=0.01)
        counts.append(len(rig.sent) - before)

    assert counts == [PER_SECOND + 2, PER_SECOND, 100 - 2 * PER_SECOND - 2]


def test_a_refusal_of_one_card_holds_no_other_up(rig: Rig) -> None:
    put(rig, due(1), due(2))
    rig.discord.bars = lambda call: refusal(403, 50013) if "#1 " in call.text else None

    rig.works(5)

    # Once as it is, once as plain text; then the next one.
    assert rig.ids() == ["1", "1", "2"]
    assert rig.discord.shown() == ["octocat/hello-world #2 · 🔄 running"]


def test_a_channel_that_refuses_two_cards_waits_while_others_go_on(rig: Rig) -> None:
    put(rig, *(due(number, channel="1") for number in (1, 2, 3)), due(4, channel="2"))
    rig.discord.bars = lambda call: refusal(403, 50013) if call.channel_id == "1" else None

    rig.works(60)

    assert [name for name in rig.ids() if name != "4"] == ["1", "1", "2"]
    assert rig.report()["paused_channels"] == 1
    rig.discord.bars = None
    rig.works(900)
    assert len(rig.discord.shown()) == 4
    assert all("embeds" in message for message in rig.discord.messages.values())


def test_a_channel_that_stays_closed_is_tried_four_times_an_hour(rig: Rig) -> None:
    put(rig, *(due(number, channel="1") for number in range(1, 6)))
    rig.discord.outage = refusal(403, 50013)

    rig.works(3600, step=1)

    # Each time also as plain text, which may be taken where embeds are not.
    assert len(rig.sent) <= 10
    assert not any(one.dropped for one in rig.store.cards.all())


def test_creates_that_are_refused_let_edits_through(rig: Rig) -> None:
    put(rig, *(due(number) for number in (1, 2, 3)))
    rig.discord.bars = lambda call: refusal(403, 50013) if call.kind == "create" else None
    rig.works(5)
    put(rig, shown(4, status="success"), shown(5))

    rig.works(10)

    assert rig.ids() == ["1", "1", "2", "4", "5"]


def test_where_embeds_are_refused_plain_text_is_shown(rig: Rig) -> None:
    rig.discord.bars = lambda call: refusal(403, 50013) if call.body.get("embeds") else None
    rig.hears(payload("running"))
    rig.works(5)
    rig.hears(payload("success", version=2))

    rig.works(20)

    (message,) = rig.discord.messages.values()
    assert (message["embeds"], "✅ passed" in message["content"]) == ([], True)
    assert rig.card().due_at is None


def archived(call: Call) -> Answer | None:
    """Answer as in an archived thread, where messages are posted and not changed."""
    return refusal(400, 50083) if call.kind in ("edit", "delete") else None


def test_in_an_archived_thread_a_new_card_goes_before_an_edit_that_it_makes_possible(
    rig: Rig,
) -> None:
    put(rig, shown(41, status="success"))
    rig.discord.bars = archived
    rig.works(2)
    put(rig, due(42))
    rig.works(2, step=1)
    rig.discord.bars = None  # the new message has opened it

    rig.works(4)

    assert rig.ids() == ["41", "42", "41"]
    assert rig.discord.kinds() == ["edit", "open", "create", "edit"]


def test_an_archived_thread_is_opened_for_an_edit(rig: Rig) -> None:
    put(rig, shown(41, status="success"))
    rig.discord.bars = archived
    rig.discord.openings.append(ok("1"))

    rig.works(3)

    assert rig.discord.kinds() == ["edit", "open", "edit"]
    assert rig.discord.messages["41"]["embeds"][0]["title"] == "octocat/hello-world #41 · ✅ passed"


def test_an_ending_in_a_thread_that_is_not_opened_is_shown_by_a_reply(rig: Rig) -> None:
    put(rig, shown(41, status="success"))
    rig.discord.bars = archived

    rig.works(60)

    reply = rig.discord.messages[rig.card(41).reply_id]
    assert reply["message_reference"]["message_id"] == "41"
    assert reply["embeds"][0]["title"] == "octocat/hello-world #41 · ✅ passed"


def test_what_waits_for_a_channel_that_is_gone_is_given_up_in_minutes(rig: Rig) -> None:
    put(rig, *(shown(number, channel="1") for number in (1, 2, 3)), due(4, channel="1"))
    rig.discord.bars = lambda call: refusal(404, 10003) if call.channel_id == "1" else None

    rig.works(60)
    assert rig.report()["paused_channels"] == 1
    rig.works(540)

    assert [one.dropped for one in rig.store.cards.all()] == ["http_404_10003"] * 4
    assert len(rig.sent) <= 30
    assert rig.report()["paused_channels"] == 0


def test_what_was_begun_in_a_channel_is_finished_there(rig: Rig) -> None:
    put(rig, shown(7, channel="old"))
    rig.discord.channels["7"] = "old"

    rig.hears(payload("success", version=2), payload("running", build_id=8))
    rig.works(20)

    assert [(one.card_id.split("/")[2], one.route.channel_id) for one in rig.sent[:2]] == [
        ("7", "old"),
        ("8", CHANNEL),
    ]
    assert rig.discord.messages["7"]["embeds"][0]["title"] == "octocat/hello-world #7 · ✅ passed"
    assert len(rig.store.cards.all()) == 2


def test_what_was_given_up_in_another_channel_begins_anew_with_what_is_known(rig: Rig) -> None:
    known = state("running", {"id": 1, "version": 1, "number": 1, "name": "default"})
    put(rig, replace(shown(7, channel="old"), content=known, dropped="http_404_10003"))

    rig.hears(payload("success", version=2))
    rig.works(5)

    (new,) = [one for one in rig.store.cards.all() if one.channel_id == CHANNEL]
    shown_now = rig.discord.messages[new.message_id]["embeds"][0]["title"]
    assert shown_now == "octocat/hello-world #7 · ✅ passed"
    assert isinstance(new.content, BuildState)
    assert [stage.name for stage in new.content.stages] == ["default"]


def test_nine_faulty_answers_cost_forty_builds_few_seconds(rig: Rig) -> None:
    def converges(faults: list[Answer]) -> float:
        rig = Rig()
        rig.hears(*(payload("running", build_id=number) for number in range(1, 41)))
        rig.works(2, step=0.1)
        rig.hears(*(payload("success", build_id=number, version=2) for number in range(1, 41)))
        rig.discord.script.extend(faults)
        began = rig.tick
        while sum("passed" in title for title in rig.discord.shown()) < 40:
            assert rig.tick < began + 600
            rig.works(0.1, step=0.1)
        return rig.tick - began

    broken = [refusal(503), NOTHING_CAME, Answer(502, {"content-type": "text/html"}, {})] * 3

    assert converges(broken) - converges([]) <= 10


def test_a_single_card_is_tried_again_every_five_seconds_of_an_outage(rig: Rig) -> None:
    put(rig, due(1))
    rig.discord.outage = refusal(503)

    instants = []
    while rig.tick < 1300:
        before = len(rig.sent)
        rig.works(0.1, step=0.1)
        instants += [rig.tick] * (len(rig.sent) > before)

    assert max(later - earlier for earlier, later in pairwise(instants)) <= 5.5
    assert len(instants) <= 80


def test_a_card_that_discord_never_answers_holds_no_other_up(rig: Rig) -> None:
    put(rig, due(1, status="success"))
    rig.discord.bars = lambda call: refusal(500) if "#1 " in call.text else None
    rig.works(600, step=1)
    put(rig, due(2))

    rig.works(10, step=1)

    assert rig.discord.shown() == ["octocat/hello-world #2 · 🔄 running"]


def test_accounts_appear_in_the_order_of_their_events(rig: Rig) -> None:
    for number in (9, 3, 5):
        repo = {"id": number, "version": 1, "slug": f"octocat/r{number}"}
        rig.hears({"event": "repo", "action": "enabled", "repo": repo})
        rig.passes(0.06)

    rig.works(10)

    assert [title.split(" · ")[0] for title in rig.discord.shown()] == [
        "octocat/r9",
        "octocat/r3",
        "octocat/r5",
    ]


def test_confirmations_go_when_the_news_has_gone(rig: Rig) -> None:
    rig.hears(*(payload("running", build_id=number) for number in range(1, 8)))
    rig.works(10)
    rig.hears(*(payload("success", build_id=number, version=2) for number in (1, 2)))
    rig.works(11)
    rig.hears(*(payload("failure", build_id=number, version=2) for number in range(3, 8)))
    before = len(rig.sent)

    rig.works(30)

    assert rig.ids()[before : before + 5] == ["3", "4", "5", "6", "7"]
    assert "2" in rig.ids()[before + 5 :]


def test_a_token_that_stays_refused_is_tried_every_five_minutes(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    put(rig, *(due(number) for number in range(1, 4)))
    rig.discord.outage = refusal(401)

    rig.works(3600, step=1)

    assert len(rig.sent) == 12
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == [
        "All sending stops for a while."
    ]
    rig.discord.outage = None
    rig.works(310, step=1)
    assert len(rig.discord.shown()) == 3


def test_a_refused_token_stops_everything_and_drops_nothing(rig: Rig) -> None:
    put(rig, *(due(number, channel=str(number)) for number in range(1, 4)))
    rig.round()

    rig.round(*rig.answered(refusal(401)))
    rig.passes(299)
    rig.round()

    assert rig.out == []
    assert rig.report()["stopped"] == "token_refused"
    rig.passes(1)
    rig.works(10)
    assert len(rig.discord.shown()) == 3


def test_edits_of_old_messages_are_spaced(rig: Rig) -> None:
    old = {"message_at": START - seconds(4000)}
    put(rig, *(shown(number, **old) for number in range(1, 5)))

    sent = []
    for _ in range(20):
        rig.round(*rig.answered(ok("1")))
        sent.append(len(rig.sent))
        rig.passes(0.5)

    # One at once, then one in two and a half seconds; their state has changed, as a card whose
    # status was never noted shows.
    assert [sent.count(count) for count in (1, 2, 3)] == [5, 5, 5]


def test_progress_of_an_old_message_is_not_shown_but_a_new_state_is(rig: Rig) -> None:
    rig.hears(payload("pending"))
    rig.works(5)
    rig.passes(OLD_AFTER.total_seconds())

    rig.hears(payload("pending", version=2, message="More"))
    rig.works(60, step=1)
    assert rig.discord.kinds() == ["create"]

    rig.hears(payload("running", version=3))
    rig.works(60, step=1)
    assert rig.discord.kinds() == ["create", "edit"]
    assert rig.discord.shown() == ["octocat/hello-world #7 · 🔄 running"]


def test_an_ending_of_an_old_message_that_stays_refused_is_told_by_a_reply(rig: Rig) -> None:
    rig.hears(payload("running"))
    rig.works(5)
    rig.passes(OLD_AFTER.total_seconds())
    refused = refusal(429, message="Slow down.", retry_after=3.0, code=30046)
    rig.discord.script.extend([refused] * 3)
    rig.hears(payload("success", version=2))

    rig.works(60)

    assert rig.discord.kinds() == ["create", "edit", "edit", "edit", "create", "edit"]
    reply = rig.discord.calls[4].body
    assert reply["message_reference"]["message_id"] == rig.card().message_id
    assert rig.discord.shown() == ["octocat/hello-world #7 · ✅ passed"] * 2
    assert rig.card().due_at is None


# -- Failures ---------------------------------------------------------------------------------


def test_a_lost_answer_makes_no_second_message(rig: Rig) -> None:
    rig.discord.lost.append(NOTHING_CAME)
    rig.hears(payload("running"))

    rig.works(10)

    assert rig.discord.kinds() == ["create", "create", "edit"]
    assert rig.discord.shown() == ["octocat/hello-world #7 · 🔄 running"]


def test_a_lost_answer_does_not_leave_an_old_state_shown(rig: Rig) -> None:
    rig.discord.lost.append(NOTHING_CAME)
    rig.hears(payload("running"))
    rig.round()
    results = rig.answered()
    rig.hears(payload("success", version=2))

    rig.round(*results)
    rig.works(10)

    assert rig.discord.shown() == ["octocat/hello-world #7 · ✅ passed"]


def test_after_an_outage_each_build_has_one_message_in_its_newest_state(rig: Rig) -> None:
    rig.discord.script.extend([refusal(503)] * 12)
    for number in range(1, 4):
        rig.hears(payload("running", build_id=number))
    rig.works(10)
    for number in range(1, 4):
        rig.hears(payload("success", build_id=number, version=2))

    rig.works(300)

    assert sorted(rig.discord.shown()) == [
        f"octocat/hello-world #{number} · ✅ passed" for number in range(1, 4)
    ]


def test_an_outage_of_an_hour_is_probed_often_at_first_and_then_once_a_minute(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    put(rig, *(due(number, channel=str(number)) for number in range(1, 6)))
    rig.discord.outage = NOTHING_CAME

    rig.works(3600, step=1)

    assert 100 <= len(rig.sent) <= 160
    assert rig.report()["failing_seconds"] >= 3500
    assert caplog.messages.count("All sending stops for a while.") == 1


def test_during_an_outage_one_request_is_in_flight(rig: Rig) -> None:
    put(rig, *(due(number, channel=str(number)) for number in range(1, 6)))
    rig.discord.outage = refusal(503)
    rig.works(10)
    rig.round(*rig.answered())

    most = 0
    for _ in range(600):
        rig.passes(0.5)
        rig.round()
        most = max(most, len(rig.out))
        if rig.tick % 8 < 0.5:
            rig.round(*rig.answered())

    assert most == 1


def test_after_an_outage_endings_go_first_and_each_build_has_one_message(rig: Rig) -> None:
    rig.discord.outage = refusal(503)
    for number in range(1, 7):
        rig.hears(payload("running", build_id=number))
    rig.works(60)
    for number in (2, 5):
        rig.hears(payload("success", build_id=number, version=2))
    rig.works(60)
    rig.discord.outage = None
    before = len(rig.discord.calls)

    rig.works(180)

    # Before it creates anew what may have been created, it looks for it.
    titles = [call.title for call in rig.discord.calls[before:] if call.kind != "search"]
    assert [title.split(" · ")[1] for title in titles[:2]] == ["✅ passed"] * 2
    assert sorted(rig.discord.shown()) == [
        f"octocat/hello-world #{number} · {'✅ passed' if number in (2, 5) else '🔄 running'}"
        for number in range(1, 7)
    ]


def test_a_refused_body_is_sent_simpler_and_not_again(rig: Rig) -> None:
    rig.discord.script.append(refusal(400, 50035))
    rig.hears(payload("success", error="boom"))

    rig.works(10)

    first, second = (call.body for call in rig.discord.calls)
    assert first != second
    assert (rig.card().degradation, rig.card().due_at) == (1, None)


def test_a_deleted_message_comes_back_once_for_the_ending(rig: Rig) -> None:
    rig.hears(payload("running"))
    rig.works(5)
    rig.discord.delete(rig.card().message_id)

    rig.hears(payload("running", version=2, message="More"))
    rig.works(5)
    rig.hears(payload("running", version=3, message="And more"))
    rig.works(5)
    assert rig.discord.shown() == []

    rig.hears(payload("success", version=4))
    rig.works(5)
    assert rig.discord.shown() == ["octocat/hello-world #7 · ✅ passed"]


def test_a_card_that_expired_is_forgotten(rig: Rig) -> None:
    put(rig, due(1), due(2))
    rig.round()
    rig.store.cards.expire(rig.sent[0].card_id)

    rig.round(*rig.answered())
    rig.works(5)

    assert (rig.ids(), rig.dispatcher.in_flight) == (["1", "2"], 0)


def test_poison_does_not_stop_the_rest(rig: Rig) -> None:
    rig.store.inbox.add(delivery("poison", b"{"))
    rig.hears(payload("success"))

    rig.works(5)

    assert (list(rig.store.inbox.failures), len(rig.discord.shown())) == (["poison"], 1)


def test_poison_is_counted_for_health(rig: Rig) -> None:
    rig.store.inbox.add(delivery("poison", b"{"))
    put(rig, replace(due(1), degradation="none"))

    rig.works(REREAD_SECONDS * 2)

    assert (rig.report()["failed"], rig.report()["dropped"]) == (1, 1)


def test_a_dropped_card_that_a_person_retries_is_shown_in_time(rig: Rig) -> None:
    put(rig, due(1, dropped="http_400_50035", degradation=3))
    rig.works(10)
    assert (rig.ids(), rig.report()["dropped"]) == ([], 1)

    rig.store.cards.save(retried(rig.card(1), rig.now.at), rig.now.at)
    rig.works(REREAD_SECONDS * 2)

    assert rig.discord.shown() == ["octocat/hello-world #1 · 🔄 running"]
    assert (rig.card(1).due_at, rig.report()["dropped"]) == (None, 0)


@pytest.mark.parametrize("skew", [-86_400, 86_400], ids=["back", "forward"])
def test_a_clock_that_is_set_holds_nothing_up(rig: Rig, skew: float) -> None:
    rig.hears(payload("pending"))
    rig.works(5)
    rig.discord.script.append(NOTHING_CAME)
    rig.hears(payload("running", version=2))
    rig.works(1)

    rig.skew = skew
    rig.works(10)
    shown_then = rig.discord.shown()
    rig.hears(payload("success", version=3))
    rig.works(10)

    assert shown_then == ["octocat/hello-world #7 · 🔄 running"]
    assert rig.discord.shown() == ["octocat/hello-world #7 · ✅ passed"]


def test_a_card_that_cannot_be_rendered_does_not_stop_the_rest(rig: Rig) -> None:
    put(rig, replace(due(1), degradation="none"), due(2))

    rig.works(5)

    assert (rig.ids(), rig.card(1).dropped) == (["2"], "render_TypeError")


# -- The store is away ------------------------------------------------------------------------


def test_a_result_that_cannot_be_noted_is_noted_later(rig: Rig) -> None:
    rig.hears(payload("success"))
    rig.round()
    results = rig.answered()
    rig.store.faults.is_away = True
    rig.round(*results)
    assert (rig.dispatcher.in_flight, rig.round()) == (1, False)

    rig.store.faults.is_away = False
    rig.works(5)

    assert rig.discord.kinds() == ["create"]
    assert (rig.card().due_at, rig.dispatcher.in_flight) == (None, 0)


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
    rig: Rig, operation: str, how: str
) -> None:
    """Each operation fails in each round of a build's life, before it or after it."""
    failing: set[str] = getattr(rig.store.faults, how)
    for number, status in enumerate(["pending", "running", "success"]):
        rig.hears(payload(status, version=number))
        for _ in range(3):
            failing.add(operation)
            rig.works(4, step=1)
            failing.clear()
            rig.works(3, step=1)

    rig.works(120)

    assert rig.discord.shown() == ["octocat/hello-world #7 · ✅ passed"]
    assert rig.card().due_at is None
    assert list(rig.store.inbox.pending(10)) == []


def test_a_store_that_goes_and_comes_is_spoken_of_once(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    rig.round()
    caplog.clear()

    rig.store.faults.is_away = True
    rig.works(5)
    rig.store.faults.is_away = False
    rig.works(5)

    assert [(record.levelname, record.message) for record in caplog.records] == [
        ("ERROR", "MongoDB is away; the worker waits for it."),
        ("INFO", "MongoDB is back."),
    ]


def test_a_crash_between_the_card_and_the_inbox_doubles_nothing(rig: Rig) -> None:
    rig.hears(payload("success"))
    rig.store.faults.refused.add("inbox.settle")
    rig.round()
    rig.store.faults.refused.clear()

    successor = Rig(rig.store, rig.discord, "two")
    successor.works(20)

    assert rig.discord.shown() == ["octocat/hello-world #7 · ✅ passed"]
    assert rig.discord.kinds().count("create") == 1


# -- The lease --------------------------------------------------------------------------------


def test_who_does_not_hold_the_lease_does_nothing(rig: Rig) -> None:
    rig.round()
    standby = Rig(rig.store, rig.discord, "two")
    standby.hears(payload())

    assert not standby.round()

    assert (standby.sent, standby.prepared, rig.store.cards.all()) == ([], 0, [])


def test_a_lost_lease_stops_what_was_not_begun(rig: Rig) -> None:
    put(rig, due(1), due(2))
    rig.round()
    standby = Rig(rig.store, rig.discord, "two")
    standby.round()
    standby.passes(SPAN)
    standby.round()

    rig.passes(SPAN)
    rig.round(*rig.answered())

    assert rig.ids() == ["1"]


def test_a_worker_killed_in_flight_is_followed_without_a_double(rig: Rig) -> None:
    rig.hears(payload("running"))
    rig.round()
    rig.answered()  # Discord took it; that was not noted

    standby = Rig(rig.store, rig.discord, "two")
    standby.hears(payload("success", version=2))
    standby.works(20)

    assert rig.discord.shown() == ["octocat/hello-world #7 · ✅ passed"]
    # By the nonce; then the truth, and once more because the message is young.
    assert rig.discord.kinds() == ["create", "create", "edit", "edit"]


def test_a_worker_killed_in_flight_is_followed_an_hour_later_without_a_double(rig: Rig) -> None:
    rig.hears(payload("pending"))
    rig.round()
    rig.answered()  # Discord took it; that was not noted
    rig.discord.forget_nonces()

    standby = Rig(rig.store, rig.discord, "two", rig.tick + 3600)
    standby.hears(payload("running", version=2))
    standby.works(20)

    assert rig.discord.kinds() == ["create", "search", "edit"]
    assert rig.discord.shown() == ["octocat/hello-world #7 · 🔄 running"]


def test_what_was_prepared_before_a_pause_is_not_sent_after_it(rig: Rig) -> None:
    """Paused between the two, its process wakes when another worker has shown something newer."""
    rig.hears(payload("running"))
    rig.round()
    standby = Rig(rig.store, rig.discord, "two")
    standby.hears(payload("success", version=2))
    standby.works(20)
    before = len(rig.discord.calls)

    rig.passes(20)
    rig.round(*rig.answered())

    assert len(rig.discord.calls) == before
    standby.works(40)
    assert rig.discord.shown() == ["octocat/hello-world #7 · ✅ passed"]


def test_two_workers_for_a_moment_end_with_one_message_that_is_true(rig: Rig) -> None:
    """The first one is paused with its request in flight, and comes back."""
    rig.hears(payload("running"))
    rig.round()
    late = rig.answered()
    standby = Rig(rig.store, rig.discord, "two")
    standby.hears(payload("success", version=2))
    standby.works(20)

    rig.passes(20)
    rig.round(*late)
    standby.works(40)

    assert rig.discord.shown() == ["octocat/hello-world #7 · ✅ passed"]
    assert rig.card().due_at is None


def test_a_late_answer_to_an_old_edit_does_not_undo_a_newer_one(rig: Rig) -> None:
    rig.hears(payload("pending"))
    rig.works(3)
    rig.hears(payload("running", version=2))
    rig.round()
    (old,) = rig.out
    standby = Rig(rig.store, rig.discord, "two", rig.tick)
    standby.hears(payload("success", version=3))
    standby.works(20)

    rig.passes(20)
    rig.round(Result(old, send(old, rig.discord, lambda: 0.0)))
    standby.works(60)

    assert rig.discord.shown() == ["octocat/hello-world #7 · ✅ passed"]


def test_a_worker_that_takes_the_lease_reads_what_waits(rig: Rig) -> None:
    put(rig, due(1))

    rig.round()

    assert (rig.prepared, rig.ids()) == (1, ["1"])


def test_a_worker_that_takes_the_lease_again_reads_what_waits_again(rig: Rig) -> None:
    rig.round()
    other = Rig(rig.store, rig.discord, "two")
    other.round()
    other.passes(SPAN)
    other.round()
    rig.passes(SPAN)
    rig.round()
    put(rig, due(1))
    other.worker.release(other.now)

    rig.passes(SPAN / 4)
    rig.round()

    assert (rig.prepared, rig.ids()) == (2, ["1"])


def test_what_another_process_made_due_is_found_in_time(rig: Rig) -> None:
    rig.round()
    put(rig, due(1))

    rig.passes(REREAD_SECONDS)
    rig.round()

    assert rig.ids() == ["1"]


def test_reading_the_send_queue_again_sends_nothing_twice(rig: Rig) -> None:
    put(rig, due(1))
    rig.round()

    for _ in range(3):
        rig.passes(REREAD_SECONDS)
        rig.round()

    assert rig.ids() == ["1"]


# -- Stopping ---------------------------------------------------------------------------------


def test_while_stopping_nothing_new_is_begun(rig: Rig) -> None:
    put(rig, due(1))
    rig.hears(payload("running", build_id=2))

    assert not rig.round(stopping=True)

    assert (rig.sent, len(rig.store.inbox.merged)) == ([], 0)


def test_while_stopping_what_is_in_flight_is_noted(rig: Rig) -> None:
    put(rig, due(1), due(2))
    rig.round()

    rig.round(*rig.answered(), stopping=True)

    assert (rig.ids(), rig.dispatcher.in_flight, rig.card(1).due_at) == (["1"], 0, None)


def test_at_the_end_the_lease_is_given_back(rig: Rig) -> None:
    rig.round()

    rig.worker.release(rig.now)

    standby = Rig(rig.store, rig.discord, "two")
    put(standby, due(1))
    standby.round()
    assert standby.ids() == ["1"]


def test_at_the_end_a_store_that_is_away_is_no_error(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.round()
    rig.store.faults.is_away = True

    rig.worker.release(rig.now)

    assert [record.message for record in caplog.records] == ["The lease lapses by itself."]


# -- The report -------------------------------------------------------------------------------


def test_the_report_rides_on_the_lease(rig: Rig) -> None:
    put(rig, due(1), due(2), shown(3), shown(4, status="success"))
    put(rig, card(account(), message_id="5", shown="x"))
    rig.round()

    rig.passes(SPAN / 4)
    rig.round()

    assert rig.report() == {
        "waiting": 4,
        "running": 3,
        "stopped": "",
        "failing_seconds": 0,
        "paused_channels": 0,
        "failed": 0,
        "dropped": 0,
    }


def test_the_report_follows_what_is_merged(rig: Rig) -> None:
    rig.hears(payload("running", build_id=1), payload("running", build_id=2))
    rig.works(20)
    running = rig.report()["running"]

    rig.hears(payload("success", build_id=1, version=2))
    rig.works(20)

    assert (running, rig.report()["running"], rig.report()["waiting"]) == (2, 1, 0)


def test_a_discord_that_fails_is_reported(rig: Rig) -> None:
    rig.discord.script.extend([refusal(503)] * 20)
    rig.hears(payload("running"))

    rig.works(40)

    assert rig.report()["failing_seconds"] >= 15


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
    rig = Rig()
    rig.discord.script.extend(answer for answer in troubles if answer)
    rig.discord.lost.extend(lost)
    newest: dict[int, int] = {}
    for number, (build_id, progress) in enumerate(heard):
        rig.hears(payload(STATUSES[progress], build_id=build_id, version=progress))
        newest[build_id] = max(newest.get(build_id, 0), progress)
        if number < len(store_fails) and store_fails[number]:
            rig.store.faults.unanswered.add(store_fails[number])
        rig.works(kill_after / 10, step=0.25)

    late = rig.answered() if comes_back == "before it noted" else []
    survivor = Rig(rig.store, rig.discord, "two", rig.tick)
    survivor.settles()
    if comes_back:
        rig.tick = survivor.tick
        rig.round(*late, *rig.answered())
        survivor.passes(REREAD_SECONDS)
        survivor.settles()

    assert sorted(rig.discord.shown()) == sorted(
        f"octocat/hello-world #{build_id} · {TITLES[progress]}"
        for build_id, progress in newest.items()
    )


# What a pass waits for


def test_nothing_is_next_when_nothing_waits(rig: Rig) -> None:
    rig.round()

    assert rig.dispatcher.next_at(rig.now, Urgency) == math.inf


def test_what_is_due_may_go_now(rig: Rig) -> None:
    rig.store.cards.save(due(7), START)
    rig.store.cards.save(due(8), START)
    rig.round()

    assert rig.ids() == ["7"]
    assert rig.dispatcher.next_at(rig.now, Urgency) == rig.tick


def test_what_is_due_later_is_next_then_for_its_kind(rig: Rig) -> None:
    rig.hears(payload("pending"))
    rig.round()
    rig.round(*rig.answered())
    rig.hears(payload("running", version=2))
    rig.round()

    assert rig.dispatcher.next_at(rig.now, {Urgency.PROGRESS}) == rig.tick + 2
    assert rig.dispatcher.next_at(rig.now, {Urgency.ENDING, Urgency.NEW}) == math.inf


def test_what_discord_does_not_take_yet_is_next_when_it_does(rig: Rig) -> None:
    rig.store.cards.save(due(7), START)
    rig.store.cards.save(due(8), START)
    rig.round()
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset-after": "3.5"}
    rig.round(Result(rig.out.pop(), replace(ok("1"), headers=headers)))

    assert rig.dispatcher.next_at(rig.now, {Urgency.NEW}) == rig.tick + 3.5


def test_only_who_holds_the_lease_acts(rig: Rig) -> None:
    other = Rig(rig.store, name="two")

    rig.round()
    other.round()

    assert (rig.worker.acts(rig.now), other.worker.acts(other.now)) == (True, False)


def test_a_worker_in_a_hurry_takes_a_lease_that_was_given_back_a_moment_ago(rig: Rig) -> None:
    other = Rig(rig.store, name="two")
    rig.round()
    other.round()
    rig.worker.release(rig.now)

    other.worker.hurry()
    other.round()

    assert other.worker.acts(other.now)


def test_a_delivery_that_no_worker_finished_holds_up_none_behind_it() -> None:
    rig = Rig()
    rig.hears(payload(build_id=1), payload(build_id=2))
    (first, _) = next(rig.store.inbox.pending(2))
    for _ in range(BEGINNINGS):
        rig.store.inbox.begin(first.id)
    dead = Rig(rig.store, name="dead")
    dead.worker.round([], dead.now, stopping=True)
    rig.passes(SPAN)

    rig.settles()

    assert {name: one.reason for name, one in rig.store.inbox.failures.items()} == {
        first.id: "never_finished"
    }
    assert [call.title for call in rig.discord.calls if call.kind == "create"] == [
        "octocat/hello-world #2 · 🔄 running"
    ]
