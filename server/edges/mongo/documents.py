"""Documents: what all collections share."""

from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING
from pymongo.collection import Collection

Document = dict[str, Any]

# Longer lists of ids make some servers of this protocol slow out of proportion.
IDS_AT_ONCE = 25
# Beyond this it is only "many".
COUNT_UP_TO = 1000


def expiry(now: datetime, ttl: timedelta) -> Document:
    """Return the field by which a document expires; a *ttl* of zero keeps it for ever."""
    return {"expire_at": now + ttl} if ttl else {}


def create_expiry(collection: Collection[Document], ttl: timedelta) -> None:
    """Create the index by which documents expire, unless a *ttl* of zero keeps them for ever."""
    if ttl:
        collection.create_index([("expire_at", ASCENDING)], name="expiry", expireAfterSeconds=0)
