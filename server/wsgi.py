"""The server's way in: `gunicorn --config server/gunicorn.conf.py server.wsgi:app`.

The commands of `flask --app server.wsgi` hang on the same application.
"""

import logging
import os
import secrets
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

from flask import Flask

from server import cli, inherited, log
from server.app import create_app
from server.edges.environment import load
from server.edges.mongo import connect
from server.edges.rate import Rate
from server.edges.spool import Spool
from server.errors import SettingsError, StoreUnavailable
from server.services.admit import Admission
from server.services.drain import drain
from server.services.health import check
from server.services.push import Desk, Records
from server.services.receive import Keeper, Rules
from server.settings import ServerSettings, read_server

# A webhook waits this long for MongoDB before it goes to the spool; Drone waits with it.
# The driver looks for its server in steps of half a second; a little less costs one such step.
STORE_TIMEOUT = timedelta(milliseconds=450)
DRAIN_SECONDS = 1.0


def make() -> Flask:
    """Read the settings and return the application; a command line needs no settings yet."""
    if _is_command_line():
        app = Flask("server", static_folder=None)
        cli.register(app)
        return app
    try:
        settings = inherited.settings or read_server(load(os.environ).values)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
    log.set_up(settings.log)
    return serve(settings)


def serve(settings: ServerSettings) -> Flask:
    """Put the server together; the store connects when it is first used, after the fork."""
    store = connect(settings.mongo, STORE_TIMEOUT)
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
    app = create_app(rules, keeper, lambda: check(store, spool, datetime.now(UTC)), desk)
    app.extensions["drain"] = (
        spool,
        Admission(store.inbox, store.messages, lambda: datetime.now(UTC)),
    )
    return app


def start_draining(app: Flask) -> None:
    """Start the thread that brings the spool into MongoDB; once in each process, after the fork."""
    spool, inbox = app.extensions["drain"]
    threading.Thread(target=_drain_for_ever, args=(spool, inbox), name="drain", daemon=True).start()


def _drain_for_ever(spool: Spool, inbox: Admission) -> None:
    logger = logging.getLogger(__name__)
    while True:
        time.sleep(DRAIN_SECONDS)
        try:
            drain(spool, inbox)
        except StoreUnavailable as error:
            logger.debug("The spool waits.", extra={"error": str(error)})
        except Exception:  # the thread must outlive whatever happens
            logger.exception("The spool could not be drained.")


def _is_command_line() -> bool:
    return os.environ.get("FLASK_RUN_FROM_CLI") == "true"


app = make()
