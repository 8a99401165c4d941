"""Claims on MongoDB: which message an Idempotency-Key stands for."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from server.core.messages.idempotency import LIFE, Claim, stands
from server.edges.mongo.documents import Document, create_expiry
from server.edges.mongo.errors import translated
from server.errors import StoreUnavailable

# How often a claim is read again that changes between reading and writing.
TRIES = 5


class MongoClaims:
    """Claims, one document each. The locks on actions are in the same collection."""

    def __init__(self, database: Database[Document], ttl: timedelta) -> None:
        self._claims = database.claims
        self._ttl = ttl

    def prepare(self) -> None:
        """Create the index that is missing."""
        with translated():
            create_expiry(self._claims, self._ttl)

    def claim(self, claim: Claim) -> Claim:
        """Claim a key; return the claim that stands, another's perhaps. One of many wins."""
        values = {
            "digest": claim.digest,
            "message_id": claim.message_id,
            "delivery_id": claim.delivery_id,
            "at": claim.at,
            "expire_at": claim.at + LIFE,
        }
        with translated():
            for _ in range(TRIES):
                try:
                    self._claims.insert_one({"_id": claim.id, **values})
                except DuplicateKeyError:
                    found = self._claims.find_one({"_id": claim.id})
                    if found is None:
                        continue
                    if stands(standing := _claim(found), claim.at):
                        return standing
                    where = {"_id": claim.id, "at": found["at"]}
                    if not self._claims.update_one(where, {"$set": values}).matched_count:
                        continue
                return claim
        raise StoreUnavailable(f"a claim changed {TRIES} times while it was read")


def _claim(document: Mapping[str, Any]) -> Claim:
    return Claim(
        document["_id"],
        document["digest"],
        document["message_id"],
        document["delivery_id"],
        document["at"],
    )
