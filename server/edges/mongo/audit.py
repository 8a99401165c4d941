"""The audit log on MongoDB: who did what from Discord, and the locks on actions under way."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from server.core.interactions.audit import ActionLock, AuditEntry
from server.edges.mongo.documents import Document, create_expiry, expiry
from server.edges.mongo.errors import translated
from server.errors import StoreUnavailable

# How often a lock is read again that changes between reading and writing.
TRIES = 5


class MongoActions:
    """Audit entries, one document each; the locks are among the claims."""

    def __init__(self, database: Database[Document], ttl: timedelta) -> None:
        self._actions = database.actions
        self._claims = database.claims
        self._ttl = ttl

    def prepare(self) -> None:
        """Create the index that is missing."""
        with translated():
            create_expiry(self._actions, self._ttl)

    def begin(self, action: AuditEntry) -> bool:
        """Note an interaction; False if it was noted before, by whatever process."""
        document = {
            "_id": action.id,
            "who": {"id": action.user_id, "name": action.name},
            "what": action.what,
            "build": {"slug": action.slug, "number": action.number},
            "target": action.target,
            "at": action.at,
            "result": action.result,
            **expiry(action.at, self._ttl),
        }
        with translated():
            try:
                self._actions.insert_one(document)
            except DuplicateKeyError:
                return False
        return True

    def finish(self, action_id: str, result: str, now: datetime) -> None:
        """Note what came of it."""
        with translated():
            change = {"$set": {"result": result, "done_at": now}}
            self._actions.update_one({"_id": action_id}, change)

    def find(self, action_id: str) -> AuditEntry | None:
        """Read what was noted of an interaction."""
        with translated():
            document = self._actions.find_one({"_id": action_id})
        return _action(document) if document else None

    def hold(self, hold: ActionLock, now: datetime) -> ActionLock | None:
        """Hold an act on a build; return who holds it already, None if it is ours now."""
        name = _name(hold)
        with translated():
            for _ in range(TRIES):
                try:
                    self._claims.insert_one({"_id": name, **_values(hold)})
                except DuplicateKeyError:
                    found = self._claims.find_one({"_id": name})
                    if found is None:
                        continue
                    if found["until"] > now:
                        return _hold(hold.key, found)
                    where = {"_id": name, "by": found["by"]}
                    if not self._claims.update_one(where, {"$set": _values(hold)}).matched_count:
                        continue
                return None
        raise StoreUnavailable(f"a hold changed {TRIES} times while it was read")

    def keep(self, hold: ActionLock) -> None:
        """Change a hold of ours."""
        with translated():
            where = {"_id": _name(hold), "by": hold.by}
            self._claims.update_one(where, {"$set": _values(hold)})

    def release(self, hold: ActionLock) -> None:
        """Give a hold of ours back."""
        with translated():
            self._claims.delete_one({"_id": _name(hold), "by": hold.by})


def _name(hold: ActionLock) -> str:
    return f"act/{hold.key}"


def _values(hold: ActionLock) -> dict[str, Any]:
    return {
        "by": hold.by,
        "name": hold.name,
        "until": hold.until,
        "number": hold.number,
        "expire_at": hold.until,
    }


def _hold(key: str, document: Mapping[str, Any]) -> ActionLock:
    return ActionLock(key, document["by"], document["name"], document["until"], document["number"])


def _action(document: Mapping[str, Any]) -> AuditEntry:
    return AuditEntry(
        id=document["_id"],
        user_id=document["who"]["id"],
        name=document["who"]["name"],
        what=document["what"],
        slug=document["build"]["slug"],
        number=document["build"]["number"],
        at=document["at"],
        target=document["target"],
        result=document["result"],
    )
