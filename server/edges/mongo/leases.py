"""Leases on MongoDB."""

from collections.abc import Mapping
from typing import Any

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from server.core.lease import Lease
from server.edges.mongo.documents import Document
from server.edges.mongo.errors import translated


class MongoLeases:
    """Leases, one document each, with what the holder tells of itself."""

    def __init__(self, database: Database[Document]) -> None:
        self._leases = database.leases

    def read(self, name: str) -> tuple[Lease, Mapping[str, Any]] | None:
        """Return the lease and what its holder last told of itself."""
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
