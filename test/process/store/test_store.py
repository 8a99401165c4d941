"""The store's contract: one suite for the double, for mongomock, and for a real server."""

import socket
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import mongomock
import pytest
from fakes import (
    CHANNEL,
    START,
    MemorySpool,
    MemoryStore,
    account,
    card,
    delivery,
    payload,
    seconds,
    state,
)
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.monitoring import CommandListener
from stack import BUSY_SECONDS

from runtime.secret import Secret
from server.config.mongo import MongoSettings
from server.core.cards.card import Card
from server.core.cards.content import family_of
from server.core.cards.move import MoveKind, Urgency
from server.core.cards.send_queue import entry_of
from server.core.delivery import Delivery, Failure
from server.core.drone.payload import read_state
from server.core.drone.webhook_counts import WebhookCount, WebhookOutcome
from server.core.interactions.audit import ActionLock, AuditEntry
from server.core.lease import Lease
from server.core.model.build import System
from server.core.model.pushed import Pushed, Put
from server.core.model.repository import KnownRepo
from server.edges.mongo.store import MongoStore, connect
from server.errors import StoreUnavailable
from server.services.operations.health import check
from server.services.ports import Store

FOR_EVER = timedelta(0)


def settings(uri: str, database: str = "", ttl: timedelta = FOR_EVER) -> MongoSettings:
    return MongoSettings(Secret(uri), database or f"test-{uuid.uuid4().hex}", ttl, ttl)


@pytest.fixture
def database_name(mongo_uri: str) -> Iterator[str]:
    """Give the name of a database of this test's own, and leave nothing of it."""
    name = f"test-{uuid.uuid4().hex}"
    yield name
    client: MongoClient[Any] = MongoClient(mongo_uri)
    client.drop_database(name)
    client.close()


@pytest.fixture
def real(mongo_uri: str, database_name: str) -> Iterator[MongoStore]:
    """Give the store as the programs connect it, on a server behind a socket."""
    store = connect(settings(mongo_uri, database_name), seconds(10))
    store.prepare()
    yield store
    store.close()


def over_mongomock() -> MongoStore:
    database: Any = mongomock.MongoClient(tz_aware=True)["test"]
    store = MongoStore(database, FOR_EVER, FOR_EVER)
    store.prepare()
    return store


@pytest.fixture(params=["in memory", "over mongomock", "on a server"])
def store(request: pytest.FixtureRequest) -> Store:
    """Give each of the stores in turn."""
    if request.param == "in memory":
        return MemoryStore()
    if request.param == "over mongomock":
        return over_mongomock()
    real: MongoStore = request.getfixturevalue("real")
    return real


def pending(store: Store) -> list[str]:
    return [one.id for batch in store.inbox.pending(100) for one in batch]


def ids(cards: Iterator[Card]) -> list[str]:
    return [card.id for card in cards]


# -- Inbox ------------------------------------------------------------------------------------


def test_a_delivery_comes_back_as_it_was_kept(store: Store) -> None:
    kept = Delivery("a", "build:created", bytes(range(256)), START)

    assert store.inbox.add(kept)

    assert list(store.inbox.pending(10)) == [[kept]]


def test_a_delivery_is_kept_once(store: Store) -> None:
    first = delivery("a", b"first")

    assert [store.inbox.add(one) for one in (first, delivery("a", b"second"))] == [True, False]

    assert list(store.inbox.pending(10)) == [[first]]


def test_a_delivery_that_was_merged_is_not_kept_again(store: Store) -> None:
    store.inbox.add(delivery("a", b""))
    store.inbox.settle(["a"], [], START)

    assert not store.inbox.add(delivery("a", b""))

    assert pending(store) == []


@pytest.mark.parametrize("store", ["in memory", "on a server"], indirect=True)
def test_of_threads_that_keep_the_same_delivery_one_is_first(store: Store) -> None:
    barrier = Barrier(8)

    def keep(_: int) -> bool:
        barrier.wait()
        return store.inbox.add(delivery("a", b""))

    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(keep, range(8)))

    assert sorted(results) == [False] * 7 + [True]


def test_deliveries_wait_in_the_order_of_their_arrival(store: Store) -> None:
    for name, late in (("b", 2), ("c", 3), ("a", 1)):
        store.inbox.add(delivery(name, b"", START + seconds(late)))

    assert pending(store) == ["a", "b", "c"]


def test_deliveries_are_read_in_lists_of_a_size(store: Store) -> None:
    for number in range(5):
        store.inbox.add(delivery(str(number), b"", START + seconds(number)))

    found = [[one.id for one in batch] for batch in store.inbox.pending(2)]

    assert found == [["0", "1"], ["2", "3"], ["4"]]


def test_lists_that_come_out_even_are_not_followed_by_an_empty_one(store: Store) -> None:
    for number in range(4):
        store.inbox.add(delivery(str(number), b"", START + seconds(number)))

    assert [len(batch) for batch in store.inbox.pending(2)] == [2, 2]


def test_an_empty_inbox_has_no_list_at_all(store: Store) -> None:
    assert list(store.inbox.pending(10)) == []


def test_what_is_settled_does_not_wait(store: Store) -> None:
    for name in "abcd":
        store.inbox.add(delivery(name, b""))

    store.inbox.settle(["a", "b"], [Failure("c", "not_json", "Traceback")], START)

    assert pending(store) == ["d"]


def test_more_is_settled_at_once_than_one_query_names(store: Store) -> None:
    names = [f"{number:03}" for number in range(120)]
    for name in names:
        store.inbox.add(delivery(name, b""))

    store.inbox.settle(names[:119], [], START)

    assert pending(store) == ["119"]


def test_what_is_settled_while_the_rest_is_read_hides_nothing(store: Store) -> None:
    names = [f"{number:03}" for number in range(250)]
    for number, name in enumerate(names):
        store.inbox.add(delivery(name, b"", START + timedelta(milliseconds=number)))

    seen = []
    for batch in store.inbox.pending(100):
        seen += [one.id for one in batch]
        store.inbox.settle(seen[-len(batch) :], [], START)

    assert (seen, pending(store)) == (names, [])


def test_how_often_a_delivery_was_begun_comes_back_with_it(store: Store) -> None:
    for name, late in (("a", 1), ("b", 2)):
        store.inbox.add(delivery(name, b"", START + seconds(late)))

    for _ in range(2):
        store.inbox.begin("b")

    ((first, second),) = store.inbox.pending(10)
    assert (first.begun, second.begun) == (0, 2)


def test_many_are_kept_at_once_and_each_once(store: Store) -> None:
    store.inbox.add(delivery("b", b"first"))
    store.inbox.add(delivery("c", b"first"))
    store.inbox.settle(["c"], [], START)

    for _ in range(2):
        store.inbox.add_all([delivery(name, b"second", START + seconds(1)) for name in "abc"])

    ((first, second),) = store.inbox.pending(10)
    assert [(one.id, one.body) for one in (first, second)] == [("b", b"first"), ("a", b"second")]


def test_none_are_kept_at_once(store: Store) -> None:
    store.inbox.add_all([])

    assert pending(store) == []


def test_settling_twice_is_harmless(store: Store) -> None:
    store.inbox.add(delivery("a", b""))

    for _ in range(2):
        store.inbox.settle(["a"], [Failure("a", "late", "")], START)

    assert pending(store) == []


def test_what_was_put_aside_is_counted(store: Store) -> None:
    for name in "abcd":
        store.inbox.add(delivery(name, b""))

    store.inbox.settle(["a"], [Failure("b", "not_json", ""), Failure("c", "no_id", "")], START)

    assert store.inbox.count_failed() == 2


def test_in_an_inbox_without_poison_nothing_is_put_aside(store: Store) -> None:
    store.inbox.add(delivery("a", b""))

    assert store.inbox.count_failed() == 0


def test_the_oldest_that_waits_is_known(store: Store) -> None:
    for name, late in (("b", 2), ("a", 1)):
        store.inbox.add(delivery(name, b"", START + seconds(late)))
    store.inbox.settle(["a"], [], START)

    assert store.inbox.oldest_pending_at() == START + seconds(2)


def test_nothing_is_the_oldest_of_an_empty_inbox(store: Store) -> None:
    assert store.inbox.oldest_pending_at() is None


def test_instants_come_back_aware_in_utc_to_the_millisecond(store: Store) -> None:
    received_at = datetime(2026, 2, 3, 4, 5, 6, 789_654, tzinfo=UTC)
    store.inbox.add(delivery("a", b"", received_at))

    ((kept,),) = store.inbox.pending(1)

    assert kept.received_at == datetime(2026, 2, 3, 4, 5, 6, 789_000, tzinfo=UTC)
    assert kept.received_at.utcoffset() == timedelta(0)


# -- Cards ------------------------------------------------------------------------------------

FULL = card(
    state(
        "failure",
        {"id": 2, "name": "later", "status": "skipped"},
        {"id": 1, "name": "build", "status": "failure", "steps": [{"id": 5, "exit_code": 2}]},
    ),
    message_id="1462000000000000000",
    message_at=START,
    shown="f" * 64,
    shown_status="running",
    shown_at=START + timedelta(microseconds=1_234_567),
    confirm_at=START + timedelta(microseconds=2_345_678),
    unsure_since=START + timedelta(microseconds=3_456_789),
    deletions=1,
    old_refusals=3,
    reply_id="1462000000000000001",
    degradation=2,
    attempts=3,
    last_error="http_503",
    retry_at=START + timedelta(microseconds=7_654_321),
    dropped="http_400_50035",
    refused="{}",
    due_at=START + timedelta(microseconds=9_999),
    urgency=Urgency.ENDING,
    move=MoveKind.REPLY,
)

CARDS = {
    "new": card(),
    "with everything": FULL,
    "of an account": card(account()),
    "with parameters": card(state(params={"a.b": "1", "$c": "", "": "2"})),
    "of a restarted promotion": card(replace(state(event="promote"), parent_event="promote")),
    "of a system that is not known": card(read_state({"build": {"id": 1}})),
}


@pytest.mark.parametrize("kept", CARDS.values(), ids=CARDS)
def test_a_card_that_is_read_equals_the_card_that_was_saved(store: Store, kept: Card) -> None:
    saved = store.cards.save(kept, START)

    assert store.cards.find([kept.id]) == {kept.id: saved}


@pytest.mark.parametrize("kept", CARDS.values(), ids=CARDS)
def test_saving_changes_the_revision_and_what_is_below_a_millisecond(
    store: Store, kept: Card
) -> None:
    saved = store.cards.save(kept, START)

    assert saved is not None
    assert abs((saved.retry_at or START) - (kept.retry_at or START)) < timedelta(milliseconds=1)
    instants = dict.fromkeys(("shown_at", "confirm_at", "unsure_since", "retry_at", "due_at"))
    assert replace(saved, revision=0, **instants) == replace(kept, **instants)
    assert saved.revision == 1


HOSTILE = {
    "NUL": "a\0b",
    "a lone surrogate": "\ud83d",
    "a key of MongoDB": "$where",
    "a path": "a.b.c",
    "nothing": "",
    "beyond the basic plane": "👩🏽\u200d🚀",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_text_of_strangers_is_storable_wherever_it_stands(store: Store, text: str) -> None:
    stages = [{"id": 1, "name": text, "error": text, "steps": [{"id": 1, "name": text}]}]
    body = payload(text, stages, title=text, message=text, ref=text, author_name=text)
    body["repo"]["slug"] = body["system"]["host"] = text
    body["build"]["params"] = {text: text}
    kept = card(read_state(body))

    saved = store.cards.save(kept, START)

    assert store.cards.find([kept.id]) == {kept.id: saved}


def test_numbers_at_the_edge_of_64_bits_are_storable(store: Store) -> None:
    kept = card(state(build_id=2**63 - 1, parent=-(2**63), version=2**63))

    store.cards.save(kept, START)

    assert store.cards.find([kept.id])[kept.id].content == kept.content


def test_a_card_that_is_not_there_is_not_found(store: Store) -> None:
    store.cards.save(card(), START)

    assert store.cards.find(["another"]) == {}


def test_more_cards_are_found_at_once_than_one_query_names(store: Store) -> None:
    saved = [store.cards.save(card(state(build_id=number)), START) for number in range(1, 121)]

    found = store.cards.find([one.id for one in saved if one])

    assert found == {one.id: one for one in saved if one}


def test_the_cards_of_a_thing_are_found_in_every_channel(store: Store) -> None:
    seven = [card(state(build_id=7), channel_id=name, created_at=START) for name in ("1", "2")]
    others = [card(state(build_id=70)), card(account())]
    for number, one in enumerate([*seven, *others]):
        store.cards.save(replace(one, created_at=START + seconds(number)), START)

    found = store.cards.find_families([family_of(seven[0].id), family_of(others[1].id)])

    assert [one.id for one in found] == [seven[0].id, seven[1].id, others[1].id]
    assert store.cards.find_families([family_of(card(state(build_id=8)).id)]) == []


def test_messages_belong_to_the_cards_that_noted_them(store: Store) -> None:
    store.cards.save(card(state(build_id=7), message_id="146", reply_id="147"), START)
    store.cards.save(card(state(build_id=8), message_id="150"), START)

    assert store.cards.owned(["145", "146", "147"]) == {"146", "147"}


def test_cards_that_may_have_a_message_are_found_by_channel(store: Store) -> None:
    cards = [
        card(state(build_id=7), unsure_since=START),
        card(state(build_id=8), unsure_since=START, channel_id="2"),
        card(state(build_id=9)),
    ]
    for one in cards:
        store.cards.save(one, START)

    assert [one.id for one in store.cards.unsure(CHANNEL)] == [cards[0].id]


def test_of_two_who_make_the_same_card_one_wins(store: Store) -> None:
    results = [store.cards.save(card(), START) for _ in range(2)]

    assert [result is not None for result in results] == [True, False]


def test_of_two_who_change_the_same_card_one_wins(store: Store) -> None:
    read = store.cards.save(card(), START)
    assert read is not None

    first = store.cards.save(replace(read, last_error="first"), START)
    second = store.cards.save(replace(read, last_error="second"), START)

    assert (first, second) == (replace(read, revision=2, last_error="first"), None)
    assert store.cards.find([read.id]) == {read.id: first}


@pytest.mark.parametrize("store", ["in memory", "on a server"], indirect=True)
def test_of_threads_that_change_the_same_card_one_wins(store: Store) -> None:
    read = store.cards.save(card(), START)
    assert read is not None
    barrier = Barrier(8)

    def change(number: int) -> Card | None:
        barrier.wait()
        return store.cards.save(replace(read, attempts=number), START)

    with ThreadPoolExecutor(8) as threads:
        winners = [card for card in threads.map(change, range(8)) if card]

    assert list(store.cards.find([read.id]).values()) == winners


def test_a_card_that_vanished_is_not_changed(store: Store) -> None:
    assert store.cards.save(card(revision=3), START) is None


def test_due_cards_are_read_in_their_order(store: Store) -> None:
    for number, late in ((1, 3), (2, 1), (3, 2)):
        store.cards.save(card(state(build_id=number), due_at=START + seconds(late)), START)

    numbers = [one.card_id.split("/")[2] for one in store.cards.due()]

    assert numbers == ["2", "3", "1"]


def test_a_card_at_rest_leaves_the_due_ones(store: Store) -> None:
    saved = store.cards.save(card(due_at=START), START)
    assert saved is not None
    assert list(store.cards.due()) == [entry_of(saved)]

    store.cards.save(replace(saved, due_at=None), START)

    assert list(store.cards.due()) == []


def test_a_pushed_card_waits_with_its_sender_in_the_order_of_pushing(store: Store) -> None:
    pushed = Pushed("abc", "ops", "nas", "default", "", Put("7", "Hello"), cleared="6")
    waiting = Card("message/abc", "1", pushed, START, due_at=START, urgency=Urgency.PUSHED)

    saved = store.cards.save(replace(waiting, message_at=START, move=MoveKind.EDIT), START)

    assert saved is not None
    assert list(store.cards.due()) == [entry_of(saved)]


def test_a_card_leaves_the_open_ones_when_its_build_ends(store: Store) -> None:
    saved = store.cards.save(card(), START)
    assert saved is not None
    assert ids(store.cards.open()) == [saved.id]

    store.cards.save(replace(saved, content=state("success")), START)

    assert ids(store.cards.open()) == []


def test_a_card_of_an_account_was_never_open(store: Store) -> None:
    store.cards.save(card(account()), START)

    assert ids(store.cards.open()) == []


@pytest.mark.parametrize(
    ("host", "slug", "number", "event"),
    [
        pytest.param("drone.example.com", "octocat/hello-world", 5, "promote", id="known"),
        pytest.param("drone.example.com", "octocat/hello-world", 6, "", id="another number"),
        pytest.param("drone.example.com", "octocat/other", 5, "", id="another repository"),
        pytest.param("ci.example.com", "octocat/hello-world", 5, "", id="another server"),
    ],
)
def test_what_a_build_was_made_by_is_read(
    store: Store, host: str, slug: str, number: int, event: str
) -> None:
    store.cards.save(card(state("success", number=5, event="promote")), START)

    assert store.cards.event_of(host, slug, number) == event


def test_dropped_cards_are_read_and_counted_oldest_first(store: Store) -> None:
    for number, late in ((1, 3), (2, 1), (3, 2)):
        kept = card(state(build_id=number), created_at=START + seconds(late), dropped="http_405")
        store.cards.save(kept, START)
    store.cards.save(card(), START)

    numbers = [one.id.split("/")[2] for one in store.cards.dropped()]

    assert (numbers, store.cards.count_dropped()) == (["2", "3", "1"], 3)


def test_a_card_that_is_tried_again_leaves_the_dropped_ones(store: Store) -> None:
    saved = store.cards.save(card(dropped="http_405"), START)
    assert saved is not None

    store.cards.save(replace(saved, dropped=""), START)

    assert (ids(store.cards.dropped()), store.cards.count_dropped()) == ([], 0)


# -- Leases -----------------------------------------------------------------------------------

LEASE = Lease("me", 1, START)


def test_a_lease_that_nobody_wrote_is_none(store: Store) -> None:
    assert store.leases.read("worker") is None


def test_a_lease_comes_back_with_its_holders_report(store: Store) -> None:
    report = {"waiting": 3, "stopped": "", "running": 0}

    assert store.leases.write("worker", LEASE, report, over=None)

    assert store.leases.read("worker") == (LEASE, report)


def test_of_two_who_take_a_free_lease_one_gets_it(store: Store) -> None:
    assert store.leases.write("worker", LEASE, {}, over=None)
    assert not store.leases.write("worker", replace(LEASE, holder="you"), {}, over=None)

    assert store.leases.read("worker") == (LEASE, {})


def test_a_lease_moves_on_from_what_was_read(store: Store) -> None:
    store.leases.write("worker", LEASE, {"waiting": 1}, over=None)
    later = Lease("me", 2, START + seconds(2))

    assert store.leases.write("worker", later, {"waiting": 2}, over=LEASE)

    found = store.leases.read("worker")
    assert found
    assert (replace(found[0], renewed_at=later.renewed_at), found[1]) == (later, {"waiting": 2})


def test_a_renewed_lease_has_the_time_of_the_database(real: MongoStore) -> None:
    real.leases.write("worker", LEASE, {}, over=None)
    before = real.clock()

    real.leases.write("worker", Lease("me", 2, START), {}, over=LEASE)

    found = real.leases.read("worker")
    assert found
    assert before <= found[0].renewed_at <= real.clock()


def test_a_worker_whose_clock_is_an_hour_behind_is_seen_at_work(real: MongoStore) -> None:
    held = Lease("me", 1, real.clock() - seconds(3600))
    real.leases.write("worker", held, {}, over=None)

    real.leases.write("worker", replace(held, beat=2), {}, over=held)

    found = check(real, MemorySpool(), datetime.now(UTC))
    assert found["checks"]["worker"] == {"status": "ok"}


# -- Webhooks ---------------------------------------------------------------------------------

EARLY, LATE = START, START + seconds(9)


def test_nothing_is_heard_of_webhooks_at_first(store: Store) -> None:
    assert store.webhooks.read() == {}


def test_what_several_processes_heard_is_joined(store: Store) -> None:
    store.webhooks.add({WebhookOutcome.ACCEPTED: WebhookCount(LATE, 2)})

    store.webhooks.add(
        {
            WebhookOutcome.ACCEPTED: WebhookCount(EARLY, 3),
            WebhookOutcome.REFUSED: WebhookCount(LATE, 1, "too_old", -90),
        }
    )

    assert store.webhooks.read() == {
        WebhookOutcome.ACCEPTED: WebhookCount(LATE, 5),
        WebhookOutcome.REFUSED: WebhookCount(LATE, 1, "too_old", -90),
    }


@pytest.mark.parametrize(
    "over",
    [replace(LEASE, beat=0), replace(LEASE, holder="you"), replace(LEASE, beat=2)],
    ids=["an older beat", "another holder", "a later beat"],
)
def test_a_lease_that_moved_meanwhile_is_not_written(store: Store, over: Lease) -> None:
    store.leases.write("worker", LEASE, {}, over=None)

    assert not store.leases.write("worker", Lease("you", 2, START), {}, over=over)

    assert store.leases.read("worker") == (LEASE, {})


def test_a_lease_that_vanished_is_not_written_over(store: Store) -> None:
    assert not store.leases.write("worker", LEASE, {}, over=LEASE)


def test_a_store_answers_and_may_be_prepared_again(store: Store) -> None:
    store.prepare()
    store.prepare()

    store.ping()


# -- What only the real thing has -------------------------------------------------------------


@pytest.fixture
def client(mongo_uri: str) -> Iterator[MongoClient[Any]]:
    client: MongoClient[Any] = MongoClient(mongo_uri, tz_aware=True)
    yield client
    client.close()


@pytest.fixture
def expiring(mongo_uri: str, database_name: str) -> Iterator[MongoStore]:
    """Give a store that forgets deliveries after a day and cards after three."""
    kept = MongoSettings(Secret(mongo_uri), database_name, seconds(86_400), seconds(3 * 86_400))
    store = connect(kept, seconds(10))
    yield store
    store.close()


def indexes(client: MongoClient[Any], name: str) -> dict[str, list[str]]:
    database = client[name]
    return {
        collection: sorted(database[collection].index_information())
        for collection in ("deliveries", "cards")
    }


def test_making_the_indexes_twice_changes_nothing(
    client: MongoClient[Any], real: MongoStore, database_name: str
) -> None:
    before = indexes(client, database_name)

    real.prepare()

    assert indexes(client, database_name) == before


def test_without_a_ttl_nothing_has_an_index_that_expires(
    client: MongoClient[Any], real: MongoStore, database_name: str
) -> None:
    assert indexes(client, database_name) == {
        "deliveries": ["_id_", "failed_at", "pending"],
        "cards": [
            *("_id_", "dropped", "due", "family", "message_id", "newest_first"),
            *("numbers", "open", "reply_id", "repositories", "unsure_since"),
        ],
    }


def test_with_a_ttl_what_has_passed_its_instant_expires(
    client: MongoClient[Any], expiring: MongoStore, database_name: str
) -> None:
    expiring.prepare()

    assert {
        name: client[database_name][name].index_information()["expiry"]["expireAfterSeconds"]
        for name in ("deliveries", "cards")
    } == {"deliveries": 0, "cards": 0}


def test_deliveries_expire_a_ttl_after_they_are_settled(
    client: MongoClient[Any], expiring: MongoStore, database_name: str
) -> None:
    for name in ("merged", "failed", "waiting"):
        expiring.inbox.add(delivery(name, b"{}"))

    expiring.inbox.settle(["merged"], [Failure("failed", "no_id", "Traceback …")], START)

    common = {"event": "build:updated", "body": b"{}", "received_at": START}
    tomorrow = START + timedelta(days=1)
    assert list(client[database_name]["deliveries"].find().sort("_id")) == [
        {
            **common,
            "_id": "failed",
            "failed_at": START,
            "reason": "no_id",
            "trace": "Traceback …",
            "expire_at": tomorrow,
        },
        {**common, "_id": "merged", "merged_at": START, "expire_at": tomorrow},
        {**common, "_id": "waiting", "pending": True},
    ]


def test_every_save_prolongs_the_life_of_a_card(
    client: MongoClient[Any], expiring: MongoStore, database_name: str
) -> None:
    saved = expiring.cards.save(card(), START)
    assert saved is not None

    expiring.cards.save(saved, START + timedelta(days=2))

    (document,) = client[database_name]["cards"].find({}, {"expire_at": 1})
    assert document == {"_id": saved.id, "expire_at": START + timedelta(days=5)}


def test_open_cards_of_earlier_versions_are_found_in_their_channel(
    client: MongoClient[Any], real: MongoStore, database_name: str
) -> None:
    kept = real.cards.save(card(), START)
    assert kept is not None
    client[database_name]["cards"].update_one({}, {"$unset": {"family": ""}})

    real.prepare()

    assert real.cards.find_families([family_of(kept.id)]) == [kept]


def test_a_card_that_its_channel_refuses_does_not_live_on_by_being_tried(
    client: MongoClient[Any], expiring: MongoStore, database_name: str
) -> None:
    saved = expiring.cards.save(card(refused_since=START), START)
    assert saved is not None

    expiring.cards.save(saved, START + timedelta(days=2))

    (document,) = client[database_name]["cards"].find({}, {"expire_at": 1})
    assert document == {"_id": saved.id, "expire_at": START + timedelta(days=3)}


def test_without_a_ttl_nothing_says_when_it_expires(
    client: MongoClient[Any], real: MongoStore, database_name: str
) -> None:
    real.inbox.add(delivery("a", b""))
    real.inbox.settle(["a"], [], START)
    real.cards.save(card(), START)

    database = client[database_name]
    assert "expire_at" not in {*database.deliveries.find_one(), *database.cards.find_one()}


def test_a_card_is_kept_in_the_shape_of_drone(
    client: MongoClient[Any], real: MongoStore, database_name: str
) -> None:
    real.cards.save(card(state("running", {"id": 3, "name": "build"}), due_at=START), START)

    document = client[database_name]["cards"].find_one()
    assert document is not None
    content = document.pop("content")
    assert document == {
        "_id": f"build/drone.example.com/7/{CHANNEL}",
        "family": "build/drone.example.com/7",
        "channel_id": CHANNEL,
        "created_at": START,
        "revision": 1,
        "due_at": START,
        "urgency": 2,
        "move": "nothing",
        "is_due": True,
        "is_open": True,
    }
    assert read_state(content) == state("running", {"id": 3, "name": "build"})
    assert content["build"]["stages"][0]["name"] == "build"


def test_dropping_leaves_nothing_of_ours(
    client: MongoClient[Any], real: MongoStore, database_name: str
) -> None:
    real.inbox.add(delivery("a", b""))
    real.cards.save(card(), START)
    real.leases.write("worker", LEASE, {}, over=None)

    real.drop()

    assert client[database_name].list_collection_names() == []


# -- Every query of the loop ------------------------------------------------------------------


class Overheard(CommandListener):
    """Note the filters of every command that reads or changes documents."""

    def __init__(self) -> None:
        self.found: list[dict[str, Any]] = []

    def started(self, event: Any) -> None:
        """Note what a command asks for."""
        command = event.command
        if event.command_name == "find":
            kept = ("find", "filter", "sort", "limit")
            self.found.append({key: command[key] for key in kept if key in command})
        if event.command_name == "aggregate":  # how the driver counts
            match = command["pipeline"][0]["$match"]
            self.found.append({"find": command["aggregate"], "filter": match})
        if event.command_name == "update":
            self.found += [
                {"find": command["update"], "filter": update["q"]} for update in command["updates"]
            ]

    def succeeded(self, event: Any) -> None:
        """Need nothing of it."""

    def failed(self, event: Any) -> None:
        """Need nothing of it."""


FILLERS = 60

OPERATIONS: dict[str, tuple[Callable[[MongoStore], object], int]] = {
    # What the loop does, and how many documents it is about.
    "pending": (lambda store: list(store.inbox.pending(100)), 2),
    "oldest pending": (lambda store: store.inbox.oldest_pending_at(), 2),
    "count failed": (lambda store: store.inbox.count_failed(), 1),
    "settle": (lambda store: store.inbox.settle(["p0"], [Failure("p1", "", "")], START), 1),
    "begin": (lambda store: store.inbox.begin("p0"), 1),
    "find": (lambda store: store.cards.find([card().id, "x"]), 1),
    "find families": (lambda store: store.cards.find_families([family_of(card().id)]), 1),
    "owned": (lambda store: store.cards.owned(["146"]), 1),
    "unsure": (lambda store: store.cards.unsure(CHANNEL), 1),
    "save": (lambda store: store.cards.save(card(revision=1), START), 1),
    "due": (lambda store: list(store.cards.due()), 1),
    "open": (lambda store: list(store.cards.open()), 2),
    "dropped": (lambda store: list(store.cards.dropped()), 1),
    "count dropped": (lambda store: store.cards.count_dropped(), 1),
    # The embedded database reads all that fit and counts then.
    "newest builds": (lambda store: store.builds.newest("", 3), FILLERS + 2),
    "newest builds of one": (
        lambda store: store.builds.newest("octocat/hello-world", 3),
        FILLERS + 2,
    ),
    "find a build": (lambda store: store.builds.find("octocat/hello-world", 1001), 1),
    "read a lease": (lambda store: store.leases.read("worker"), 1),
    "read webhooks": (lambda store: store.webhooks.read(), 3),
    "add webhooks": (
        lambda store: store.webhooks.add({WebhookOutcome.ACCEPTED: WebhookCount(START)}),
        1,
    ),
    "write a lease": (lambda store: store.leases.write("worker", LEASE, {}, over=LEASE), 1),
}


@pytest.fixture
def overheard(mongo_uri: str, database_name: str) -> Iterator[tuple[Database[Any], Overheard]]:
    """Give a database, and every query that reaches it."""
    ear = Overheard()
    client: MongoClient[Any] = MongoClient(mongo_uri, tz_aware=True, event_listeners=[ear])
    yield client[database_name], ear
    client.close()


@pytest.mark.parametrize(("operation", "about"), OPERATIONS.values(), ids=OPERATIONS)
def test_no_query_looks_at_more_documents_than_it_is_about(
    overheard: tuple[Database[Any], Overheard],
    operation: Callable[[MongoStore], object],
    about: int,
) -> None:
    database, ear = overheard
    store = MongoStore(database, FOR_EVER, FOR_EVER)
    store.prepare()
    for number in range(FILLERS):
        store.inbox.add(delivery(f"done-{number}", b""))
        store.cards.save(card(state("success", build_id=1000 + number)), START)
        store.leases.write(f"other-{number}", LEASE, {}, over=None)
    store.inbox.settle([f"done-{number}" for number in range(FILLERS)], [], START)
    store.inbox.add(delivery("failed", b""))
    store.inbox.settle([], [Failure("failed", "no_id", "")], START)
    store.cards.save(card(state(build_id=1), dropped="http_405"), START)
    for name in ("p0", "p1"):
        store.inbox.add(delivery(name, b""))
    store.cards.save(
        card(due_at=START, unsure_since=START, message_id="146", reply_id="146"), START
    )
    store.leases.write("worker", LEASE, {}, over=None)
    ear.found.clear()

    operation(store)

    queries = list(ear.found)
    assert queries
    for query in queries:
        if "_id" in query["filter"]:
            continue  # found by its name, whatever else is compared; not every server explains so
        plan = database.command("explain", query, verbosity="executionStats")
        assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])
        assert plan["executionStats"]["totalDocsExamined"] <= about


# -- A server that does not answer ------------------------------------------------------------

CALLS: dict[str, Callable[[MongoStore], object]] = {
    "prepare": lambda store: store.prepare(),
    "drop": lambda store: store.drop(),
    "ping": lambda store: store.ping(),
    "actions.begin": lambda store: store.actions.begin(AuditEntry("1", "2", "", "", "", 0, START)),
    "actions.finish": lambda store: store.actions.finish("1", "done", START),
    "actions.find": lambda store: store.actions.find("1"),
    "actions.hold": lambda store: store.actions.hold(ActionLock("a", "1", "", START), START),
    "actions.keep": lambda store: store.actions.keep(ActionLock("a", "1", "", START)),
    "actions.release": lambda store: store.actions.release(ActionLock("a", "1", "", START)),
    "builds.newest": lambda store: store.builds.newest("", 1),
    "builds.find": lambda store: store.builds.find("a/b", 1),
    "inbox.add": lambda store: store.inbox.add(delivery("a", b"")),
    "inbox.pending": lambda store: list(store.inbox.pending(1)),
    "inbox.settle": lambda store: store.inbox.settle(["a"], [], START),
    "inbox.oldest_pending_at": lambda store: store.inbox.oldest_pending_at(),
    "inbox.count_failed": lambda store: store.inbox.count_failed(),
    "cards.find": lambda store: store.cards.find(["a"]),
    "cards.save": lambda store: store.cards.save(card(), START),
    "cards.due": lambda store: list(store.cards.due()),
    "cards.open": lambda store: list(store.cards.open()),
    "cards.dropped": lambda store: list(store.cards.dropped()),
    "cards.count_dropped": lambda store: store.cards.count_dropped(),
    "clock": lambda store: store.clock(),
    "webhooks.read": lambda store: store.webhooks.read(),
    "webhooks.add": lambda store: store.webhooks.add(
        {WebhookOutcome.ACCEPTED: WebhookCount(START)}
    ),
    "leases.read": lambda store: store.leases.read("worker"),
    "leases.write": lambda store: store.leases.write("worker", LEASE, {}, over=None),
}

TIMEOUT = seconds(0.1)


@pytest.fixture(scope="module")
def silent() -> Iterator[MongoStore]:
    """Give a store before a socket that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        store = connect(settings(f"mongodb://127.0.0.1:{listening.getsockname()[1]}/"), TIMEOUT)
        yield store
        store.close()


@pytest.fixture(scope="module")
def closed() -> Iterator[MongoStore]:
    """Give a store before a port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = bound.getsockname()[1]
    store = connect(settings(f"mongodb://user:hidden-password@127.0.0.1:{port}/"), TIMEOUT)
    yield store
    store.close()


@pytest.mark.parametrize("place", ["silent", "closed"])
def test_a_server_that_does_not_answer_is_unavailable_in_time(
    request: pytest.FixtureRequest, place: str
) -> None:
    store: MongoStore = request.getfixturevalue(place)

    def outcome(call: Callable[[MongoStore], object]) -> str:
        begun = time.monotonic()
        with pytest.raises(StoreUnavailable) as caught:
            call(store)
        assert "hidden-password" not in str(caught.value)
        return "in time" if time.monotonic() - begun < BUSY_SECONDS else "too late"

    with ThreadPoolExecutor(len(CALLS)) as threads:
        outcomes = dict(zip(CALLS, threads.map(outcome, CALLS.values()), strict=True))

    assert outcomes == dict.fromkeys(CALLS, "in time")


def test_connecting_sends_nothing_yet() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        uri = f"mongodb://127.0.0.1:{listening.getsockname()[1]}/?connect=false"

        store = connect(settings(uri), TIMEOUT)
        store.close()

        with pytest.raises(BlockingIOError):
            listening.accept()


# -- Repositories -----------------------------------------------------------------------------


def known(repo_id: int = 1, late: float = 0, **changes: Any) -> KnownRepo:
    body = payload()
    body["repo"] |= {"id": repo_id, "slug": f"octocat/n\u00e4me-{repo_id}", "private": True}
    of = read_state(body)
    return replace(
        KnownRepo(of.system, of.repo, 7, START + seconds(late), ("production", "a b"), True),
        **changes,
    )


def test_no_repository_is_known_at_first(store: Store) -> None:
    assert list(store.repos.list()) == []


def test_repositories_come_back_as_they_were_noted_the_latest_first(store: Store) -> None:
    kept = [known(number, late) for number, late in ((1, 5), (2, 9), (3, 1))]
    for one in kept:
        store.repos.note(one)

    assert list(store.repos.list()) == [kept[1], kept[0], kept[2]]


def test_a_repository_is_noted_over_what_was_known_of_it(store: Store) -> None:
    store.repos.note(known())
    store.repos.note(known(last_number=8, late=1, targets=(), is_readable=False))

    assert list(store.repos.list()) == [known(last_number=8, late=1, targets=(), is_readable=False)]


def test_all_that_is_known_of_a_repository_comes_back(store: Store) -> None:
    one = known(settled=((1, 3), (5, 7)), hidden_at=START + seconds(3), is_deleted=True)
    store.repos.note(one)

    assert list(store.repos.list()) == [one]


def test_two_servers_may_have_repositories_of_the_same_id(store: Store) -> None:
    other = replace(known(), system=System("other.example.com", "", ""), heard_at=START)
    for one in (known(late=1), other):
        store.repos.note(one)

    assert list(store.repos.list()) == [known(late=1), other]


def test_since_when_builds_are_shown_is_noted_once(store: Store) -> None:
    noted = [store.repos.since(CHANNEL, START + seconds(late)) for late in (0, 5)]

    assert (noted, list(store.repos.list())) == ([START, START], [])


def test_since_when_builds_are_shown_is_noted_for_each_channel(store: Store) -> None:
    noted = [store.repos.since(name, START + seconds(int(name))) for name in ("1", "2", "1")]

    assert noted == [START + seconds(late) for late in (1, 2, 1)]


@pytest.mark.parametrize("store", ["in memory", "on a server"], indirect=True)
def test_of_workers_that_begin_at_once_all_look_back_to_the_same_instant(store: Store) -> None:
    barrier = Barrier(8)

    def begin(late: int) -> datetime:
        barrier.wait()
        return store.repos.since(CHANNEL, START + seconds(late))

    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(begin, range(8)))

    assert len(found) == 1


@pytest.mark.parametrize("store", ["in memory", "on a server"], indirect=True)
def test_a_repository_noted_by_many_at_once_is_there_once(store: Store) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: store.repos.note(known()), range(16)))

    assert list(store.repos.list()) == [known()]


# -- The server's heartbeat -------------------------------------------------------------------


def test_a_beat_tells_when_any_server_was_there_before(store: Store) -> None:
    heartbeat = store.heartbeat

    assert [heartbeat.beat(START + seconds(late)) for late in (0, 2, 1, 3)] == [
        None,
        START,
        START + seconds(2),
        START + seconds(2),
    ]


def test_after_a_server_has_left_there_was_none(store: Store) -> None:
    store.heartbeat.leave()
    store.heartbeat.beat(START)
    store.heartbeat.leave()

    assert store.heartbeat.beat(START + seconds(1)) is None


def test_returns_are_counted(store: Store) -> None:
    before = store.heartbeat.returns()
    store.heartbeat.note_return()
    store.heartbeat.beat(START)
    store.heartbeat.note_return()

    assert (before, store.heartbeat.returns()) == (0, 2)
