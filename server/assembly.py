"""The server, put together from its settings: what every way of running it shares."""

import logging
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial

from flask import Flask

from server.config.settings import ServerSettings
from server.core.drone.signature import library
from server.edges.background import Background
from server.edges.mongo.store import MongoStore
from server.edges.sqlite.rate_limit import Rate
from server.edges.sqlite.spool import Spool
from server.edges.threads import start_repeating
from server.edges.time_limit import TimeLimit
from server.errors import StoreUnavailable
from server.interactions import interaction_services
from server.services.intake.admit import Admission
from server.services.intake.drain import Drain
from server.services.intake.heartbeat import BEAT_SECONDS, ServerHeartbeat
from server.services.intake.receive import DurableInbox, SignaturePolicy
from server.services.intake.refusal_log import RefusalLog
from server.services.intake.webhook_counts import WebhookCounter
from server.services.interactions.services import InteractionServices
from server.services.messages import MessageService
from server.services.operations.health import WORKER_SILENCE, check
from server.web import interactions
from server.web.app import create_app

logger = logging.getLogger(__name__)

# A webhook waits this long for MongoDB before it goes to the spool; Drone waits with it.
REQUEST_SECONDS = 0.9
JOB_SECONDS = 1.0
# A little less than gunicorn's graceful_timeout, after which it kills.
FINISH_SECONDS = 9.0
# The last of them are for telling people that Drone was not waited for.
FAREWELL_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Server:
    """One process of the server: the application, and what it does besides answering."""

    app: Flask
    store: MongoStore
    drain: Drain
    heartbeat: ServerHeartbeat
    webhooks: WebhookCounter
    refusals: RefusalLog
    background: Background
    interactions: Callable[[], InteractionServices] | None  # None: they are not configured

    def warm_up(self) -> None:
        """Import what the first webhook and the first interaction would have to wait for."""
        library()
        if self.interactions is not None:
            self.interactions()

    def start_threads(self, is_alive: Callable[[], bool]) -> None:
        """Start a thread for each repeated job; once in each process, after the fork.

        The heartbeat goes on only while the process *is_alive*.
        """

        def beat() -> None:
            if is_alive():
                self.heartbeat.beat()

        for job in (
            (self.drain.run, JOB_SECONDS, "The spool waits."),
            (beat, BEAT_SECONDS, "The heartbeat waits."),
            (lambda: self.refusals.sum_up(_now()), JOB_SECONDS, ""),
            (self.save_webhook_counts, JOB_SECONDS, "The count of webhooks waits."),
        ):
            start_repeating(*job)

    def save_webhook_counts(self) -> None:
        """Add what this process has counted to the store; may raise StoreUnavailable."""
        self.webhooks.save(self.store, _now())

    def finish(self) -> None:
        """Stop the heartbeat and finish the work for people; once, at the end of the process."""
        with suppress(StoreUnavailable):
            self.heartbeat.leave()
        if not self.background.finish(FINISH_SECONDS, self._interrupt_drone, FAREWELL_SECONDS):
            logger.error("Work for people was left behind.")

    def _interrupt_drone(self) -> None:
        if self.interactions is not None and (drone := self.interactions().drone) is not None:
            drone.interrupt()


def build_server(
    settings: ServerSettings,
    store: MongoStore,
    silence: timedelta = WORKER_SILENCE,
    inline: bool = False,
) -> Server:
    """Put the server together; a worker that was not heard of for *silence* counts as gone.

    With *inline*, work for people is done before the request ends, not after it.
    """
    limited = store if inline else store.within(TimeLimit(REQUEST_SECONDS))
    spool = Spool(settings.spool_path)
    inbox = DurableInbox(limited.inbox, limited.claims, spool, time.monotonic)
    drain = Drain(spool, Admission(store.inbox, store.claims, store.inbox, _now))
    webhooks, refusals, background = WebhookCounter(), RefusalLog(), Background()
    services, routes = None, None
    if public_key := bytes.fromhex(settings.interactions.public_key):
        services = cache(partial(interaction_services, settings, limited, inbox.keep))
        routes = interactions.blueprint(public_key, services, _now, background.submit, inline)
    app = create_app(
        SignaturePolicy(settings.webhook_secrets, settings.webhook_max_age),
        inbox,
        lambda: check(limited, spool, _now(), silence, drain.problem, webhooks.fresh),
        _message_service(settings, limited, inbox, spool),
        routes,
        refusals,
        webhooks,
    )
    heartbeat = ServerHeartbeat(store.heartbeat, _now)
    return Server(app, store, drain, heartbeat, webhooks, refusals, background, services)


def _message_service(
    settings: ServerSettings, store: MongoStore, inbox: DurableInbox, spool: Spool
) -> MessageService:
    rates = settings.spool_path.with_name("rates.sqlite3")
    return MessageService(
        tokens=settings.messages.tokens,
        channels=settings.messages.channels,
        take=Rate(rates, settings.messages.per_minute).take,
        inbox=inbox,
        deliveries=store.inbox,
        spool=spool,
        cards=store.cards,
        guild_id=settings.messages.guild_id,
        random_hex=secrets.token_hex,
    )


def _now() -> datetime:
    return datetime.now(UTC)
