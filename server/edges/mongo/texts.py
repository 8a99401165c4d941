"""The whole texts of pushed messages on MongoDB, in the deliveries that brought them."""

from pymongo.database import Database

from server.core.messages.envelope import whole_text
from server.edges.mongo.documents import Document
from server.edges.mongo.errors import translated


class MongoTexts:
    """Texts of messages that are too long for a card."""

    def __init__(self, database: Database[Document]) -> None:
        self._deliveries = database.deliveries

    def whole_text(self, delivery_id: str) -> str:
        """Read the text of a message from its delivery, "" if that has expired."""
        with translated():
            document = self._deliveries.find_one({"_id": delivery_id}, {"body": 1})
        return whole_text(bytes(document["body"])) if document else ""
