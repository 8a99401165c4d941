"""The server's heartbeat on MongoDB: one document, however many processes write it."""

from datetime import datetime

from pymongo.database import Database

from server.edges.mongo.documents import Document
from server.edges.mongo.errors import translated

ID = "server"


class MongoHeartbeat:
    """When any server was there last, and how often one came back; may raise StoreUnavailable."""

    def __init__(self, database: Database[Document]) -> None:
        self._leases = database.leases

    def beat(self, now: datetime) -> datetime | None:
        """Note that a server is there; return when one was before, None if it has left."""
        with translated():
            before = self._leases.find_one_and_update(
                {"_id": ID}, {"$max": {"beaten_at": now}}, upsert=True
            )
        return before["beaten_at"] if before and "beaten_at" in before else None

    def leave(self) -> None:
        """Note that a server goes."""
        with translated():
            self._leases.update_one({"_id": ID}, {"$unset": {"beaten_at": 1}})

    def note_return(self) -> None:
        """Note that a server is back after none was there."""
        with translated():
            self._leases.update_one({"_id": ID}, {"$inc": {"returns": 1}}, upsert=True)

    def returns(self) -> int:
        """Return how often a server came back."""
        with translated():
            found = self._leases.find_one({"_id": ID}, {"returns": 1})
        return found.get("returns", 0) if found else 0
