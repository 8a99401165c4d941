"""Ask the database how it carries out every query that a loop of the bridge makes.

The queries are not repeated here: the store itself makes them, and what goes over the wire is
recorded and explained.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pymongo
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from server.core.cards.content import family_of
from server.core.lease import Lease
from server.edges.mongo.store import MongoStore
from server.services.worker.leadership import NAME

# Documents that a plan may look at beyond those that it returns.
SLACK = 1


@dataclass(frozen=True, slots=True)
class Plan:
    """How one query is carried out."""

    query: str
    stages: tuple[str, ...]
    examined: int
    returned: int

    @property
    def is_good(self) -> bool:
        """Tell whether an index is used, and little is looked at that is not returned."""
        uses_index = bool({"IXSCAN", "IDHACK", "EXPRESS_IXSCAN"}.intersection(self.stages))
        return uses_index and "COLLSCAN" not in self.stages and not self.waste > SLACK

    @property
    def waste(self) -> int:
        """Return how many documents were looked at for nothing."""
        return self.examined - self.returned


class _Recorder(CommandListener):
    def __init__(self) -> None:
        self.commands: list[dict[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.commands.append(dict(event.command))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Need nothing of it."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Need nothing of it."""


def explain_all(mongo_uri: str, name: str) -> list[Plan]:
    """Make every query of a loop once, on the database *name*, and explain each."""
    recorder = _Recorder()
    client: Any = pymongo.MongoClient(mongo_uri, tz_aware=True, event_listeners=[recorder])
    try:
        database = client[name]
        store = MongoStore(database, timedelta(days=1), timedelta(days=1))
        recorder.commands.clear()
        _make_every_query(store)
        return [_explain(database, command) for command in _finds(recorder.commands)]
    finally:
        client.close()


def _make_every_query(store: MongoStore) -> None:
    """Do what server and worker do in their loops."""
    now = datetime.now(UTC)
    batch = next(store.inbox.pending(50))
    store.inbox.oldest_pending_at()
    store.inbox.count_failed()
    store.inbox.settle([delivery.id for delivery in batch[:10]], [], now)
    due = next(iter(store.cards.due()))
    (card,) = store.cards.find([due.card_id]).values()
    store.cards.find_families([family_of(due.card_id)])
    store.cards.unsure(due.channel_id)
    store.cards.save(card, now)
    store.cards.count_dropped()
    list(store.cards.open())
    lease = Lease("bench", 1, now)
    store.leases.write(NAME, lease, {}, over=None)
    store.leases.read(NAME)
    store.leases.write(NAME, Lease("bench", 2, now), {}, over=lease)


def _finds(commands: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what each command looks for, as a find.

    Not every server explains updates; those of ours begin at an `_id`, so that part is explained.
    What they say beside it is a guard, to be checked on that one document.
    """
    found: list[dict[str, Any]] = []
    for command in commands:
        if "find" in command:
            wanted = ("find", "filter", "sort", "limit", "projection")
            found.append({key: command[key] for key in wanted if key in command})
        elif "aggregate" in command:
            match = command["pipeline"][0]["$match"]
            found.append({"find": command["aggregate"], "filter": match})
        elif "update" in command:
            wanted_ids = (_only_id(update["q"]) for update in command["updates"])
            found += [{"find": command["update"], "filter": wanted} for wanted in wanted_ids]
    return found


def _only_id(wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {"_id": wanted["_id"]} if "_id" in wanted else dict(wanted)


def _explain(database: Any, command: Mapping[str, Any]) -> Plan:
    answer = database.command("explain", dict(command), verbosity="executionStats")
    stats = answer["executionStats"]
    sort = f" sorted by {', '.join(command['sort'])}" if command.get("sort") else ""
    return Plan(
        f"{command['find']} by {' and '.join(command['filter'])}{sort}",
        tuple(_stages(answer["queryPlanner"]["winningPlan"])),
        stats["totalDocsExamined"],
        stats["nReturned"],
    )


def _stages(plan: Mapping[str, Any]) -> list[str]:
    inner = plan.get("inputStage") or plan.get("queryPlan")
    return [str(plan.get("stage", "")), *(_stages(inner) if inner else [])]
