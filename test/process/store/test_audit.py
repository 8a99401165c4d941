"""The store's contract for interactions: who did what, who does it now, and builds by number."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import mongomock
import pytest
from fakes import CHANNEL, START, MemoryStore, account, card, payload, seconds
from pymongo import MongoClient

from runtime.secret import Secret
from server.config.mongo import MongoSettings
from server.core.cards.card import Card
from server.core.drone.payload import read_state
from server.core.interactions.audit import ActionLock, AuditEntry
from server.core.model.repository import KnownRepo
from server.edges.mongo.store import MongoStore, connect

FOR_EVER = timedelta(0)
ACTION = AuditEntry("500000000000000001", "3", "Ada $x.y", "restart", "acme/shop", 42, START)
HOLD = ActionLock("restart/drone/7/", "500000000000000001", "Ada", START + seconds(60))


@pytest.fixture
def real(mongo_uri: str) -> Iterator[MongoStore]:
    """Give the store as the programs connect it, on a server behind a socket."""
    name = f"test-{uuid.uuid4().hex}"
    store = connect(MongoSettings(Secret(mongo_uri), name, FOR_EVER, FOR_EVER), seconds(10))
    store.prepare()
    yield store
    store.close()
    client: MongoClient[Any] = MongoClient(mongo_uri)
    client.drop_database(name)
    client.close()


Store = MemoryStore | MongoStore


@pytest.fixture(params=["in memory", "over mongomock", "on a server"])
def store(request: pytest.FixtureRequest) -> Store:
    """Give each of the stores in turn."""
    if request.param == "in memory":
        return MemoryStore()
    if request.param == "over mongomock":
        database: Any = mongomock.MongoClient(tz_aware=True)["test"]
        store = MongoStore(database, FOR_EVER, FOR_EVER)
        store.prepare()
        return store
    real: MongoStore = request.getfixturevalue("real")
    return real


SAFE_FOR_THREADS = pytest.mark.parametrize("store", ["in memory", "on a server"], indirect=True)

# -- Actions ----------------------------------------------------------------------------------


def test_an_interaction_is_noted_as_it_is(store: Store) -> None:
    assert store.actions.begin(ACTION)

    assert store.actions.find(ACTION.id) == ACTION


def test_an_interaction_is_noted_once(store: Store) -> None:
    store.actions.begin(ACTION)

    assert not store.actions.begin(replace(ACTION, name="Mallory"))

    assert store.actions.find(ACTION.id) == ACTION


@SAFE_FOR_THREADS
def test_of_threads_that_note_the_same_interaction_one_is_first(store: Store) -> None:
    barrier = Barrier(8)

    def begin(_: int) -> bool:
        barrier.wait()
        return store.actions.begin(ACTION)

    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(begin, range(8)))

    assert sorted(results) == [False] * 7 + [True]


def test_what_came_of_it_is_noted(store: Store) -> None:
    store.actions.begin(ACTION)

    store.actions.finish(ACTION.id, "done_43", START + seconds(2))

    assert store.actions.find(ACTION.id) == replace(ACTION, result="done_43")


def test_an_interaction_that_has_expired_has_no_result(store: Store) -> None:
    store.actions.finish(ACTION.id, "done", START)

    assert store.actions.find(ACTION.id) is None


# -- Holds ------------------------------------------------------------------------------------

ANOTHER = replace(HOLD, by="500000000000000002", name="Bob", until=START + seconds(90))


def test_the_first_to_hold_an_act_has_it(store: Store) -> None:
    assert store.actions.hold(HOLD, START) is None


def test_the_second_is_told_who_holds_it(store: Store) -> None:
    store.actions.hold(HOLD, START)

    assert store.actions.hold(ANOTHER, START + seconds(59)) == HOLD


def test_the_second_is_told_what_came_of_it(store: Store) -> None:
    store.actions.hold(HOLD, START)
    store.actions.keep(replace(HOLD, number=43))

    assert store.actions.hold(ANOTHER, START + seconds(1)) == replace(HOLD, number=43)


def test_a_hold_lapses(store: Store) -> None:
    store.actions.hold(HOLD, START)

    assert store.actions.hold(ANOTHER, HOLD.until) is None

    assert store.actions.hold(HOLD, HOLD.until) == ANOTHER


def test_a_hold_that_is_given_back_is_free(store: Store) -> None:
    store.actions.hold(HOLD, START)
    store.actions.release(HOLD)

    assert store.actions.hold(ANOTHER, START) is None


def test_nobody_gives_back_or_changes_what_another_holds(store: Store) -> None:
    store.actions.hold(HOLD, START)

    store.actions.release(ANOTHER)
    store.actions.keep(replace(ANOTHER, number=9))

    assert store.actions.hold(ANOTHER, START) == HOLD


def test_another_act_is_held_by_itself(store: Store) -> None:
    store.actions.hold(HOLD, START)

    assert store.actions.hold(replace(ANOTHER, key="cancel/drone/7/"), START) is None


@SAFE_FOR_THREADS
@pytest.mark.parametrize("is_lapsed", [False, True], ids=["free", "lapsed"])
def test_of_threads_that_want_to_hold_an_act_one_has_it(store: Store, is_lapsed: bool) -> None:
    now = START
    if is_lapsed:
        store.actions.hold(replace(HOLD, by="0"), START)
        now = HOLD.until
    barrier = Barrier(8)

    def hold(number: int) -> bool:
        barrier.wait()
        mine = replace(HOLD, by=str(number + 1), until=now + seconds(60))
        return store.actions.hold(mine, now) is None

    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(hold, range(8)))

    assert sorted(results) == [False] * 7 + [True]


# -- Builds -----------------------------------------------------------------------------------


def keep(store: Store, number: int, slug: str = "acme/shop", at: int = 0, repo_id: int = 1) -> Card:
    """Keep the card of a build that was made *at* so many seconds."""
    stages = [{"id": 1, "name": "ci", "status": "success", "steps": [{"id": 5, "name": "test"}]}]
    body = payload("success", stages, build_id=number + 100 * repo_id)
    body["build"] |= {"number": number, "created": 1_700_000_000 + (at or number)}
    body["repo"] |= {"slug": slug, "id": repo_id}
    made = card(read_state(body), created_at=START + seconds(at or number))
    saved = store.cards.save(made, START)
    assert saved is not None
    return saved


def numbers(store: Store, slug: str, count: int = 10) -> list[tuple[str, int]]:
    found = store.builds.newest(slug, count)
    return [(state.repo.slug, state.build.number) for state in found]


def test_the_builds_of_a_repository_are_listed_by_number(store: Store) -> None:
    for number in (1, 3, 2):
        keep(store, number, at=10 - number)
    keep(store, 7, "acme/other", repo_id=2)

    assert numbers(store, "acme/shop") == [("acme/shop", n) for n in (3, 2, 1)]


def test_the_builds_of_all_repositories_are_listed_by_age(store: Store) -> None:
    keep(store, 9, at=1)
    keep(store, 1, "acme/other", at=2, repo_id=2)
    store.cards.save(card(account(), created_at=START + seconds(3)), START)

    assert numbers(store, "") == [("acme/other", 1), ("acme/shop", 9)]


def test_of_builds_of_one_second_the_later_is_listed_first(store: Store) -> None:
    for number, slug, repo_id in ((3, "acme/shop", 1), (1, "acme/other", 2), (2, "acme/shop", 1)):
        keep(store, number, slug, at=5, repo_id=repo_id)

    assert numbers(store, "") == [("acme/other", 1), ("acme/shop", 3), ("acme/shop", 2)]
    assert numbers(store, "", 1) == [("acme/other", 1)]


def know(store: Store, slug: str, repo_id: int = 1, at: int = 0) -> None:
    """Know what a repository is called since *at* so many seconds."""
    body = payload()
    body["repo"] |= {"slug": slug, "id": repo_id}
    state = read_state(body)
    store.repos.note(KnownRepo(state.system, state.repo, 9, START + seconds(at)))


@pytest.mark.parametrize("slug", ["acme/new", "acme/old"])
def test_a_repository_is_found_by_the_name_it_has_or_had(store: Store, slug: str) -> None:
    old = keep(store, 1, "acme/old")
    keep(store, 2, "acme/new")
    keep(store, 3, "acme/other", repo_id=2)
    know(store, "acme/new")
    know(store, "acme/other", 2)

    assert numbers(store, slug) == [("acme/new", 2), ("acme/old", 1)]
    assert store.builds.find(slug, 1) == old.content


def test_a_repository_that_was_renamed_is_not_the_one_that_has_its_name_now(store: Store) -> None:
    keep(store, 1, "acme/shop")
    keep(store, 2, "acme/shop", repo_id=2)
    know(store, "acme/moved")
    know(store, "acme/shop", 2)

    assert numbers(store, "acme/moved") == [("acme/shop", 1)]
    assert numbers(store, "acme/shop") == [("acme/shop", 2)]
    assert store.builds.find("acme/shop", 1) is None


def test_of_a_repository_that_was_made_anew_the_builds_before_are_not_listed(store: Store) -> None:
    keep(store, 1)
    keep(store, 2)
    fresh = keep(store, 1, at=50, repo_id=2)
    know(store, "acme/shop", 1)
    know(store, "acme/shop", 2, at=50)

    assert numbers(store, "acme/shop") == [("acme/shop", 1)]
    assert store.builds.find("acme/shop", 1) == fresh.content
    assert store.builds.find("acme/shop", 2) is None


def test_no_more_builds_are_read_than_asked_for(store: Store) -> None:
    for number in range(1, 5):
        keep(store, number)

    assert numbers(store, "", 2) == [("acme/shop", 4), ("acme/shop", 3)]


def test_listed_builds_have_stages_and_no_steps(store: Store) -> None:
    keep(store, 1)

    (state,) = store.builds.newest("acme/shop", 10)

    assert [(stage.name, stage.steps) for stage in state.stages] == [("ci", ())]


def test_a_build_is_found_with_everything(store: Store) -> None:
    kept = keep(store, 1)

    assert store.builds.find("acme/shop", 1) == kept.content


def test_of_two_cards_the_younger_is_found(store: Store) -> None:
    keep(store, 1, at=1)
    body = payload("running", build_id=999, number=1)
    body["repo"]["slug"] = "acme/shop"
    younger = card(read_state(body), created_at=START + seconds(50))
    store.cards.save(younger, START)

    assert store.builds.find("acme/shop", 1) == younger.content


@pytest.mark.parametrize(("slug", "number"), [("acme/shop", 2), ("acme/none", 1)])
def test_a_build_that_nobody_heard_of_is_not_found(store: Store, slug: str, number: int) -> None:
    keep(store, 1)

    assert store.builds.find(slug, number) is None


def test_a_card_that_cannot_be_read_is_left_out(real: MongoStore) -> None:
    keep(real, 1)
    real._database.cards.insert_one(
        {
            "_id": "odd",
            "channel_id": CHANNEL,
            "created_at": START + seconds(9),
            "content": {"repo": {"slug": "acme/shop"}, "build": {"number": 2, "created": 9}},
        }
    )

    assert numbers(real, "acme/shop") == [("acme/shop", 1)]
    assert real.builds.find("acme/shop", 2) is None


def test_everything_of_interactions_is_dropped_with_the_rest(real: MongoStore) -> None:
    real.actions.begin(ACTION)
    real.actions.hold(HOLD, START)

    real.drop()

    assert real.actions.begin(ACTION)
    assert real.actions.hold(ANOTHER, START) is None
