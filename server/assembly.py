"""The server, put together from its settings: what every way of running it shares."""

import logging
import secrets
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from flask import Flask

from server.app import create_app
from server.core.signature import library
from server.edges.background import Background
from server.edges.mongo import MongoStore
from server.edges.rate import Rate
from server.edges.spool import Spool
from server.errors import StoreUnavailable
from server.interactions import open_door
from server.services.admit import Admission
from server.services.drain import drain
from server.services.health import WORKER_SILENCE, check
from server.services.push import Desk, Records
from server.services.receive import Keeper, Rules
from server.services.tally import Tally
from server.settings import ServerSettings
from server.web.interactions import Door

DRAIN_SECONDS = 1.0
# A little less than gunicorn's graceful_timeout, after which it kills.
FINISH_SECONDS = 9.0


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
    rules = Rules(settings.webhook_secrets, settings.webhook_max_age)
    keeper = Keeper(store.inbox, spool, time.monotonic)
    desk = Desk(
        settings.messages.tokens,
        settings.messages.channels,
        keeper,
        Rate(settings.spool_path.with_name("rates.sqlite3"), settings.messages.per_minute).take,
        Records(store.messages, store.cards, spool),
        settings.messages.guild_id,
        secrets.token_hex,
    )
    background = Background()
    door = open_door(settings, store, keeper, background.submit, inline)
    tally = Tally()
    app = create_app(
        rules,
        keeper,
        lambda: check(store, spool, datetime.now(UTC), silence, tally.fresh),
        desk,
        door,
        tally,
    )
    inbox = Admission(store.inbox, store.messages, lambda: datetime.now(UTC))
    app.extensions["drain"] = lambda: drain(spool, inbox)
    app.extensions["tally"] = lambda: tally.tell(store, datetime.now(UTC))
    app.extensions["background"] = background
    app.extensions["door"] = door
    return app


def warm_up(app: Flask) -> None:
    """Import what the first webhook and the first interaction would have to wait for."""
    library()
    door: Door | None = app.extensions["door"]
    if door is not None:
        door.reception()


def finish_background(app: Flask) -> None:
    """Finish what was promised to people; once in each process, at its end."""
    background: Background = app.extensions["background"]
    if not background.finish(FINISH_SECONDS):
        logging.getLogger(__name__).error("Work for people was left behind.")


def start_draining(app: Flask) -> None:
    """Start the thread that brings the spool into MongoDB; once in each process, after the fork."""
    threading.Thread(target=_drain_for_ever, args=(app,), name="drain", daemon=True).start()
    threading.Thread(target=_tell_for_ever, args=(app,), name="tally", daemon=True).start()


def _drain_for_ever(app: Flask) -> None:
    logger = logging.getLogger(__name__)
    while True:
        time.sleep(DRAIN_SECONDS)
        try:
            app.extensions["drain"]()
        except StoreUnavailable as error:
            logger.debug("The spool waits.", extra={"error": str(error)})
        except Exception:  # the thread must outlive whatever happens
            logger.exception("The spool could not be drained.")


def _tell_for_ever(app: Flask) -> None:
    """Bring what webhooks were refused into MongoDB, whichever process is asked for it later."""
    while True:
        time.sleep(DRAIN_SECONDS)
        with suppress(StoreUnavailable):  # it is told when MongoDB is back
            app.extensions["tally"]()
