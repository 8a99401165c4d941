"""The server, put together from its settings: what every way of running it shares."""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache, partial

from flask import Blueprint, Flask

from server.app import create_app
from server.config.settings import ServerSettings
from server.core.drone.signature import library
from server.edges.background import Background
from server.edges.mongo.store import MongoStore
from server.edges.sqlite.rate_limit import Rate
from server.edges.sqlite.spool import Spool
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

# A webhook waits this long for MongoDB before it goes to the spool; Drone waits with it.
REQUEST_SECONDS = 0.9
DRAIN_SECONDS = 1.0
# A little less than gunicorn's graceful_timeout, after which it kills.
FINISH_SECONDS = 9.0
# Of them, what it takes to tell people that Drone was not waited for.
FAREWELL_SECONDS = 4.0


def serve(
    settings: ServerSettings,
    store: MongoStore,
    silence: timedelta = WORKER_SILENCE,
    inline: bool = False,
) -> Flask:
    """Put the server together before *store*; a worker silent for *silence* counts as gone.

    With *inline*, what a person ordered is done before the request ends, not after it.
    """
    spool = Spool(settings.spool_path)
    drain = Drain(
        spool, Admission(store.inbox, store.claims, store.inbox, lambda: datetime.now(UTC))
    )
    background_store = store
    heartbeat = ServerHeartbeat(store.heartbeat, lambda: datetime.now(UTC))
    if not inline:
        store = store.within(TimeLimit(REQUEST_SECONDS))
    rules = SignaturePolicy(settings.webhook_secrets, settings.webhook_max_age)
    keeper = DurableInbox(store.inbox, store.claims, spool, time.monotonic)
    desk = MessageService(
        settings.messages.tokens,
        settings.messages.channels,
        Rate(settings.spool_path.with_name("rates.sqlite3"), settings.messages.per_minute).take,
        keeper,
        store.inbox,
        spool,
        store.cards,
        settings.messages.guild_id,
        secrets.token_hex,
    )
    background, refusals = Background(), RefusalLog()
    services = cache(partial(interaction_services, settings, store, keeper.keep))
    routes = _interaction_routes(settings, services, background, inline)
    tally = WebhookCounter()
    app = create_app(
        rules,
        keeper,
        lambda: check(store, spool, datetime.now(UTC), silence, drain.problem, tally.fresh),
        desk,
        routes,
        refusals.note,
        tally,
    )
    app.extensions["drain"] = drain.run
    app.extensions["heartbeat"] = heartbeat
    app.extensions["refusals"] = refusals
    app.extensions["tally"] = lambda: tally.tell(background_store, datetime.now(UTC))
    app.extensions["background"] = background
    app.extensions["interactions"] = services if routes else None
    return app


def _interaction_routes(
    settings: ServerSettings,
    services: Callable[[], InteractionServices],
    background: Background,
    inline: bool,
) -> Blueprint | None:
    """Return the route of interactions; None if they are not configured."""
    public_key = bytes.fromhex(settings.interactions.public_key)
    if not public_key:
        return None
    return interactions.blueprint(
        public_key, services, lambda: datetime.now(UTC), background.submit, inline
    )


def warm_up(app: Flask) -> None:
    """Import what the first webhook and the first interaction would have to wait for."""
    library()
    if services := _interactions(app):
        services()


def finish_background(app: Flask) -> None:
    """Finish what was promised to people; once in each process, at its end."""
    background: Background = app.extensions["background"]
    services = _interactions(app)

    def hurry() -> None:
        if services is not None and (drone := services().drone) is not None:
            drone.interrupt()

    if not background.finish(FINISH_SECONDS, hurry, FAREWELL_SECONDS):
        logging.getLogger(__name__).error("Work for people was left behind.")


def _interactions(app: Flask) -> Callable[[], InteractionServices] | None:
    services: Callable[[], InteractionServices] | None = app.extensions["interactions"]
    return services


def start_threads(app: Flask, is_alive: Callable[[], bool]) -> None:
    """Start what a process does beside answering; once in each process, after the fork.

    One thread brings the spool into MongoDB; another notes that a server is there, while it is.
    """
    heartbeat: ServerHeartbeat = app.extensions["heartbeat"]
    refusals: RefusalLog = app.extensions["refusals"]

    def for_ever() -> bool:
        return True

    def sum_up() -> None:
        refusals.sum_up(datetime.now(UTC))

    for name, args in (
        ("drain", (app.extensions["drain"], DRAIN_SECONDS, for_ever, "The spool waits.")),
        ("heartbeat", (heartbeat.beat, BEAT_SECONDS, is_alive, "The server's heartbeat waits.")),
        ("refusals", (sum_up, DRAIN_SECONDS, for_ever, "")),
        ("tally", (app.extensions["tally"], DRAIN_SECONDS, for_ever, "The tally waits.")),
    ):
        threading.Thread(target=_repeat, args=args, name=name, daemon=True).start()


def leave(app: Flask) -> None:
    """Note that this process takes no more webhooks; once, at its end."""
    heartbeat: ServerHeartbeat = app.extensions["heartbeat"]
    with suppress(StoreUnavailable):
        heartbeat.leave()


def _repeat(
    work: Callable[[], object], seconds: float, goes_on: Callable[[], bool], waiting: str
) -> None:
    logger = logging.getLogger(__name__)
    waits = False
    while goes_on():
        try:
            work()
            waits = False
        except StoreUnavailable as error:
            if not waits:  # once, until it goes on
                logger.warning(waiting, extra={"error": str(error)})
            waits = True
        except Exception:  # the thread must outlive whatever happens
            logger.exception("A thread of the server has failed.")
        time.sleep(seconds)
