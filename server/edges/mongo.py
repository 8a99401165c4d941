"""The store on MongoDB; only the modules `mongo*` know pymongo.

Every failure of the driver becomes StoreUnavailable. Make the client after a fork, one a process.
What a loop reads is a small set behind a partial index: a field exists only while work waits.
"""

import warnings
from datetime import UTC, datetime, timedelta

from pymongo import ASCENDING, MongoClient
from pymongo.database import Database

from server.edges.mongo_actions import MongoActions
from server.edges.mongo_builds import INDEXES, MongoBuilds
from server.edges.mongo_cards import MongoCards
from server.edges.mongo_errors import translated
from server.edges.mongo_inbox import MongoInbox
from server.edges.mongo_leases import MongoLeases
from server.edges.mongo_messages import MongoMessages
from server.edges.mongo_repos import MongoRepos
from server.edges.mongo_terms import Document
from server.edges.mongo_webhooks import MongoWebhooks
from server.settings import MongoSettings


def connect(settings: MongoSettings, timeout: timedelta) -> "MongoStore":
    """Return the store; nothing is sent yet. No operation takes longer than *timeout*.

    Raise StoreUnavailable for options that the driver refuses.
    """
    milliseconds = int(timeout.total_seconds() * 1000)
    with translated(), warnings.catch_warnings():
        # The driver quotes options that it does not understand; they may be pieces of a token.
        warnings.simplefilter("ignore")
        client: MongoClient[Document] = MongoClient(
            settings.uri.reveal(),
            tz_aware=True,
            appname="drone-discord",
            w="majority",
            journal=True,
            timeoutMS=milliseconds,
            serverSelectionTimeoutMS=milliseconds,
            connectTimeoutMS=milliseconds,
            connect=False,  # otherwise it asks the DNS here about mongodb+srv, and may fail
        )
        return MongoStore(client[settings.database], settings.delivery_ttl, settings.card_ttl)


class MongoStore:
    """The database: inbox, cards, leases and repositories. A ttl of zero keeps for ever."""

    def __init__(
        self, database: Database[Document], delivery_ttl: timedelta, card_ttl: timedelta
    ) -> None:
        self._database = database
        self._ttls = {
            "deliveries": delivery_ttl,
            "cards": card_ttl,
            "repos": card_ttl,
            "actions": card_ttl,
        }
        self.inbox = MongoInbox(database, delivery_ttl)
        self.cards = MongoCards(database, card_ttl)
        self.leases = MongoLeases(database)
        self.messages = MongoMessages(database, delivery_ttl)
        self.actions = MongoActions(database, card_ttl)
        self.builds = MongoBuilds(database)
        self.repos = MongoRepos(database, card_ttl)
        self.webhooks = MongoWebhooks(database)

    def prepare(self) -> None:
        """Make the indexes that are missing; harmless at any time and twice."""
        with translated():
            self._database.deliveries.create_index(
                [("received_at", ASCENDING)],
                name="pending",
                partialFilterExpression={"pending": True},
            )
            self._database.deliveries.create_index(
                [("failed_at", ASCENDING)], name="failed_at", sparse=True
            )
            self._database.cards.create_index(
                [("due_at", ASCENDING)],
                name="due",
                partialFilterExpression={"is_due": True},
            )
            self._database.cards.create_index(
                [("created_at", ASCENDING)],
                name="open",
                partialFilterExpression={"is_open": True},
            )
            # Sparse and by the field itself, so that it also serves to count.
            self._database.cards.create_index([("dropped", ASCENDING)], name="dropped", sparse=True)
            for name, keys in INDEXES.items():
                self._database.cards.create_index(keys, name=name)
            for name, ttl in {**self._ttls, "claims": self._ttls["deliveries"]}.items():
                if ttl:
                    self._database[name].create_index(
                        [("expire_at", ASCENDING)], name="expiry", expireAfterSeconds=0
                    )

    def drop(self) -> None:
        """Delete everything of ours in the database."""
        with translated():
            for name in (
                *("deliveries", "cards", "leases", "claims", "repos", "actions"),
                "webhooks",
            ):
                self._database.drop_collection(name)

    def ping(self) -> None:
        """Raise StoreUnavailable if the database does not answer."""
        with translated():
            self._database.command("ping")

    def clock(self) -> datetime:
        """Return the time of the database, which is one for all processes."""
        with translated():
            # https://www.mongodb.com/docs/manual/reference/command/hello/
            found: datetime = self._database.command("hello")["localTime"]
        return found.replace(tzinfo=UTC)

    def close(self) -> None:
        """Close the connections."""
        self._database.client.close()
