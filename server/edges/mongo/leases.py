"""Leases on MongoDB, and the server's heartbeat, which is in the same collection."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from server.core.lease import Lease
from server.edges.mongo.documents import Document
from server.edges.mongo.errors import translated

HEARTBEAT = "server"


class MongoLeases:
    """Leases, one document each, with the report of the holder."""

    def __init__(self, database: Database[Document]) -> None:
        self._leases = database.leases

    def read(self, name: str) -> tuple[Lease, Mapping[str, Any]] | None:
        """Return the lease and the last report of its holder."""
        with translated():
            document = self._leases.find_one({"_id": name})
        if document is None:
            return None
        lease = Lease(document["holder"], document["beat"], document["renewed_at"])
        return lease, document["report"]

    def write(self, name: str, lease: Lease, report: Mapping[str, Any], over: Lease | None) -> bool:
        """Write a lease over the one that was read (None: there was none); False if it moved."""
        values: Document = {
            "holder": lease.holder,
            "beat": lease.beat,
            "report": dict(report),
        }
        with translated():
            if over is None:
                try:
                    self._leases.insert_one({"_id": name, "renewed_at": lease.renewed_at, **values})
                except DuplicateKeyError:
                    return False
                return True
            where = {"_id": name, "holder": over.holder, "beat": over.beat}
            # By the database's clock, so that no other clock has to agree with the holder's.
            change = {"$set": values, "$currentDate": {"renewed_at": True}}
            return self._leases.update_one(where, change).matched_count == 1


class MongoHeartbeat:
    """The heartbeat: one document, however many processes of the server write it."""

    def __init__(self, database: Database[Document]) -> None:
        self._leases = database.leases

    def beat(self, now: datetime) -> datetime | None:
        """Note that a server is there; return when one was before, None if it has left."""
        with translated():
            before = self._leases.find_one_and_update(
                {"_id": HEARTBEAT}, {"$max": {"beaten_at": now}}, upsert=True
            )
        return before["beaten_at"] if before and "beaten_at" in before else None

    def leave(self) -> None:
        """Note that a server goes."""
        with translated():
            self._leases.update_one({"_id": HEARTBEAT}, {"$unset": {"beaten_at": 1}})

    def note_return(self) -> None:
        """Note that a server is back after none was there."""
        with translated():
            self._leases.update_one({"_id": HEARTBEAT}, {"$inc": {"returns": 1}}, upsert=True)

    def returns(self) -> int:
        """Return how often a server came back."""
        with translated():
            found = self._leases.find_one({"_id": HEARTBEAT}, {"returns": 1})
        return found.get("returns", 0) if found else 0
