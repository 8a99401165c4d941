"""The store on MongoDB; only the modules in this folder know pymongo.

Every failure of the driver becomes StoreUnavailable. Make the client after a fork, one a process.
What a loop reads is a small set behind a partial index: a field exists only while work waits.
"""

import warnings
from datetime import UTC, datetime, timedelta

from pymongo import MongoClient
from pymongo.database import Database

from server.config.mongo import MongoSettings
from server.edges.mongo.audit import MongoActions
from server.edges.mongo.builds import MongoBuilds
from server.edges.mongo.cards import MongoCards
from server.edges.mongo.claims import MongoClaims
from server.edges.mongo.documents import Document
from server.edges.mongo.errors import refused_options, translated
from server.edges.mongo.inbox import MongoInbox
from server.edges.mongo.leases import MongoHeartbeat, MongoLeases
from server.edges.mongo.repositories import MongoRepos
from server.edges.mongo.texts import MongoTexts
from server.edges.mongo.webhook_counts import MongoWebhooks
from server.edges.time_limit import NoLimit, TimeLimit

# To connect takes up to six round trips: TCP, TLS, hello and a password. The driver's own threads
# have this long for each, whatever an operation has.
CONNECT_TIMEOUT = timedelta(seconds=10)
# A server that refuses connections is away; the driver looks for it twice in a second.
SELECTION_MILLISECONDS = 3000
# Those threads open this many connections, before an operation has to open one itself.
READY_CONNECTIONS = 2
COLLECTIONS = ("deliveries", "cards", "leases", "claims", "repos", "actions", "webhooks")


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
    """The database, with one object for each kind of document. A ttl of zero keeps for ever.

    With a *limit* no caller waits longer for an answer.
    """

    def __init__(
        self,
        database: Database[Document],
        delivery_ttl: timedelta,
        card_ttl: timedelta,
        limit: TimeLimit | None = None,
    ) -> None:
        self._database = database
        self._ttls = (delivery_ttl, card_ttl)
        self._limit = limit or NoLimit()
        repos = MongoRepos(database, card_ttl)
        self.inbox = self._limit.wrap(MongoInbox(database, delivery_ttl))
        self.texts = self._limit.wrap(MongoTexts(database))
        self.claims = self._limit.wrap(MongoClaims(database, delivery_ttl))
        self.cards = self._limit.wrap(MongoCards(database, card_ttl))
        self.builds = self._limit.wrap(MongoBuilds(database, repos))
        self.repos = self._limit.wrap(repos)
        self.actions = self._limit.wrap(MongoActions(database, card_ttl))
        self.leases = self._limit.wrap(MongoLeases(database))
        self.heartbeat = self._limit.wrap(MongoHeartbeat(database))
        self.webhooks = self._limit.wrap(MongoWebhooks(database))

    def within(self, limit: TimeLimit) -> "MongoStore":
        """Return the same store for requests, which wait for it no longer than the *limit*."""
        return MongoStore(self._database, *self._ttls, limit)

    def prepare(self) -> None:
        """Create the indexes that are missing; harmless at any time and twice."""
        for collection in (self.inbox, self.claims, self.cards, self.repos, self.actions):
            collection.prepare()

    def drop(self) -> None:
        """Delete everything of ours in the database."""
        with translated():
            for name in COLLECTIONS:
                self._database.drop_collection(name)

    def ping(self) -> None:
        """Raise StoreUnavailable if the database does not answer."""
        with translated():
            self._database.command("ping")

    def clock(self) -> datetime:
        """Return the time of the database, which is one for all processes."""
        return self._limit.call(self._clock)

    def _clock(self) -> datetime:
        with translated():
            # https://www.mongodb.com/docs/manual/reference/command/hello/
            found: datetime = self._database.command("hello")["localTime"]
        return found.replace(tzinfo=UTC)

    def close(self) -> None:
        """Close the connections."""
        self._database.client.close()
