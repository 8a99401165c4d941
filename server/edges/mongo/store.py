"""The store on MongoDB; only the modules `mongo*` know pymongo.

Every failure of the driver becomes StoreUnavailable. Make the client after a fork, one a process.
What a loop reads is a small set behind a partial index: a field exists only while work waits.
"""

import warnings
from copy import copy
from datetime import UTC, datetime, timedelta

from pymongo import ASCENDING, MongoClient
from pymongo.database import Database

from server.config.mongo import MongoSettings
from server.edges.mongo.audit import MongoActions
from server.edges.mongo.builds import INDEXES, MongoBuilds
from server.edges.mongo.cards import MongoCards
from server.edges.mongo.claims import MongoMessages
from server.edges.mongo.documents import Document
from server.edges.mongo.errors import refused_options, translated
from server.edges.mongo.heartbeat import MongoHeartbeat
from server.edges.mongo.inbox import MongoInbox
from server.edges.mongo.leases import MongoLeases
from server.edges.mongo.repositories import MongoRepos
from server.edges.mongo.texts import MongoTexts
from server.edges.mongo.webhook_counts import MongoWebhooks
from server.edges.time_limit import TimeLimit, limited

# To connect takes up to six round trips: TCP, TLS, hello and a password. The driver's own threads
# have this long for each, whatever an operation has.
CONNECT_TIMEOUT = timedelta(seconds=10)
# A server that refuses connections is away; the driver looks for it twice in a second.
SELECTION_MILLISECONDS = 3000
# So many connections are opened by those threads, before an operation has to open one itself.
READY_CONNECTIONS = 2


def connect(settings: MongoSettings, timeout: timedelta) -> "MongoStore":
    """Return the store; nothing is sent yet. No operation takes longer than *timeout*.

    Raise SettingsError for options that the driver refuses.
    """
    milliseconds = int(timeout.total_seconds() * 1000)
    with refused_options(settings.uri), warnings.catch_warnings():
        # The driver quotes options that it does not understand; they may be pieces of a token.
        warnings.simplefilter("ignore")
        client: MongoClient[Document] = MongoClient(
            settings.uri.reveal(),
            tz_aware=True,
            appname="drone-discord",
            w="majority",
            journal=True,
            timeoutMS=milliseconds,
            serverSelectionTimeoutMS=min(milliseconds, SELECTION_MILLISECONDS),
            connectTimeoutMS=int(CONNECT_TIMEOUT.total_seconds() * 1000),
            minPoolSize=READY_CONNECTIONS,
            connect=False,  # otherwise it asks the DNS here about mongodb+srv, and may fail
        )
        return MongoStore(client[settings.database], settings.delivery_ttl, settings.card_ttl)


def check_options(settings: MongoSettings) -> None:
    """Raise SettingsError for options that the driver refuses; nothing is sent."""
    connect(settings, timedelta(seconds=1)).close()


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
        self.texts = MongoTexts(database)
        self.cards = MongoCards(database, card_ttl)
        self.leases = MongoLeases(database)
        self.heartbeat = MongoHeartbeat(database)
        self.messages = MongoMessages(database, delivery_ttl)
        self.actions = MongoActions(database, card_ttl)
        self.repos = MongoRepos(database, card_ttl)
        self.builds = MongoBuilds(database, self.repos)
        self.webhooks = MongoWebhooks(database)
        self._limit: TimeLimit | None = None

    def within(self, limit: TimeLimit) -> "MongoStore":
        """Return the same store for requests, which wait for it no longer than the *limit*."""
        store = copy(self)
        store.inbox = limited(self.inbox, limit)
        store.cards = limited(self.cards, limit)
        store.leases = limited(self.leases, limit)
        store.messages = limited(self.messages, limit)
        store.actions = limited(self.actions, limit)
        store.builds = limited(self.builds, limit)
        store.repos = limited(self.repos, limit)
        store.webhooks = limited(self.webhooks, limit)
        store._limit = limit
        return store

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
            # What is one thing in several channels, what a message belongs to, and which card may
            # have one that nobody noted.
            for name in ("family", "message_id", "reply_id", "unsure_since"):
                self._database.cards.create_index([(name, ASCENDING)], name=name, sparse=True)
            for name, keys in INDEXES.items():
                self._database.cards.create_index(keys, name=name)
            self._database.repos.create_index([("repo.slug", ASCENDING)], name="slug")
            for name, ttl in {**self._ttls, "claims": self._ttls["deliveries"]}.items():
                if ttl:
                    self._database[name].create_index(
                        [("expire_at", ASCENDING)], name="expiry", expireAfterSeconds=0
                    )

        self.cards.name_families()

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
        return self._limit.call(self._clock) if self._limit else self._clock()

    def _clock(self) -> datetime:
        with translated():
            # https://www.mongodb.com/docs/manual/reference/command/hello/
            found: datetime = self._database.command("hello")["localTime"]
        return found.replace(tzinfo=UTC)

    def close(self) -> None:
        """Close the connections."""
        self._database.client.close()
