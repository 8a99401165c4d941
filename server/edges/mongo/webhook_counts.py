"""What was heard of Drone, on MongoDB."""

from pymongo.database import Database

from server.core.drone.webhook_counts import WebhookCount, WebhookCounts, WebhookOutcome
from server.edges.mongo.documents import Document
from server.edges.mongo.errors import translated


class MongoWebhooks:
    """One document for each kind; every process of the server adds to it."""

    def __init__(self, database: Database[Document]) -> None:
        self._webhooks = database.webhooks

    def read(self) -> dict[WebhookOutcome, WebhookCount]:
        """Return the last webhook of each kind."""
        with translated():
            documents = list(self._webhooks.find({"_id": {"$in": list(WebhookOutcome)}}))
        return {
            WebhookOutcome(one["_id"]): WebhookCount(
                one["at"], one["count"], one["reason"], one["clock_seconds"]
            )
            for one in documents
        }

    def add(self, news: WebhookCounts) -> None:
        """Add what was heard; its instants are of the store's clock."""
        with translated():
            for kind, last in news.items():
                change = {
                    "$max": {"at": last.at},
                    "$inc": {"count": last.count},
                    "$set": {"reason": last.reason, "clock_seconds": last.clock_seconds},
                }
                self._webhooks.update_one({"_id": kind.value}, change, upsert=True)
