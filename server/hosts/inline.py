"""The bridge in one process that works only while it is asked: the same server, the same worker.

A host that freezes after the answer leaves no time for anything else. So whatever was kept is
worked on before it is answered, for a bounded time and under the worker's lease. What is left then
is for the next request, or for the schedule that every such host needs.
"""

import logging
import os
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Response, request

from runtime import log
from runtime.environment import load
from runtime.errors import SettingsError
from runtime.settings import BRIDGE
from server.assembly import Server, build_server
from server.config.settings import ServerSettings, WorkerSettings, read_server, read_worker
from server.core.cards.move import Urgency
from server.edges.mongo.store import MongoStore, connect
from server.errors import StoreUnavailable

if TYPE_CHECKING:
    from server.worker import WorkerProcess

logger = logging.getLogger(__name__)

# A process has just been started, its first connection needs a while, and the spool is no safe
# place here: MongoDB is waited for longer than elsewhere.
STORE_TIMEOUT = timedelta(seconds=3)
# The sender of a request waits for both: for the work, then for what is in flight.
ANSWER_SECONDS = 6.0
FINISH_SECONDS = 2.0
# The schedule has the time to see a dead holder's lease lapse, and to confirm an ending.
TICK_SECONDS = 20.0
# The schedule comes once a minute; whatever is twice as long has lost it.
SILENCE = timedelta(seconds=150)

# An answer of Discord's ends it; otherwise the pass looks so often for what else has arrived.
LOOK_SECONDS = 0.2
# What people wait for, so that an answer waits for it as well.
AWAITED: tuple[Urgency, ...] = (Urgency.ENDING, Urgency.NEW, Urgency.PUSHED)
# The answers that say that something was kept.
KEPT = (202, 204)


@dataclass(frozen=True, slots=True)
class Bridge:
    """The server, and the worker's pass for the schedule."""

    server: Server
    tick: Callable[[], None]


def make(environ: MutableMapping[str, str] = os.environ) -> Bridge:
    """Read the settings and put the bridge together; raise SettingsError with every problem."""
    settings, worker = _read(load(environ, BRIDGE).values)
    log.set_up(settings.log)
    store = connect(settings.mongo, STORE_TIMEOUT)
    server = build_server(settings, store, SILENCE, inline=True)
    passes = Pass(worker, store, server.drain.run)

    @server.app.after_request
    def work(response: Response) -> Response:
        if request.method != "GET" and response.status_code in KEPT:
            passes.run(ANSWER_SECONDS)
        if request.method != "GET":
            with suppress(StoreUnavailable):
                server.save_webhook_counts()
        return response

    return Bridge(server, lambda: passes.run(TICK_SECONDS, is_patient=True))


class Pass:
    """The worker's work in a process that sleeps in between; one pass at a time."""

    def __init__(
        self, settings: WorkerSettings, store: MongoStore, drain: Callable[[], int]
    ) -> None:
        self._settings = settings
        self._store = store
        self._drain = drain
        self._lock = threading.Lock()

    def run(self, seconds: float, is_patient: bool = False) -> None:
        """Work until nothing is due, or until *seconds* have passed. Raise nothing.

        Only a patient pass waits for another's lease, and for the time of progress to come:
        the others hold up a build, and what they leave is soon shown by another.
        """
        try:
            self._repeat(time.monotonic() + seconds, is_patient)
        except StoreUnavailable as error:
            logger.warning("MongoDB is away; a later pass works.", extra={"error": str(error)})
        except Exception:  # what was kept must be answered for
            logger.exception("The pass has failed; a later one works.")

    def _repeat(self, until: float, is_patient: bool) -> None:
        while time.monotonic() < until and self._lock.acquire(blocking=False):
            try:
                self._drain()
                has_led = self._work(until, is_patient)
            finally:
                self._lock.release()
            # A request that met our lease or our lock went away and left its delivery to us. It
            # was stored before we gave either back, so this look finds it.
            if not has_led or self._store.inbox.oldest_pending_at() is None:
                return

    def _work(self, until: float, is_patient: bool) -> bool:
        """Work once; return whether the lease was ours at any time."""
        from server.worker import now

        process, more, has_led = self._process, True, False
        urgencies = tuple(Urgency) if is_patient else AWAITED
        process.worker.hurry()
        while (instant := now()).tick < until:
            more = process.round(0 if more else LOOK_SECONDS)
            if process.worker.store_is_away:
                break
            if process.worker.acts(instant):
                has_led = True
                is_done = not more and not process.dispatcher.in_flight
                if is_done and process.dispatcher.next_at(instant, urgencies) > until:
                    break
            elif has_led or not is_patient:
                break
        process.finish(FINISH_SECONDS)
        return has_led

    @cached_property
    def _process(self) -> "WorkerProcess":
        # Most of what the worker needs is not needed for an answer, and takes long to import.
        from server.worker import WorkerProcess

        return WorkerProcess(self._settings, self._store, cache(self._store.prepare))


def _read(values: Mapping[str, str]) -> tuple[ServerSettings, WorkerSettings]:
    """Read the settings of both programs, and collect what is wrong with either."""
    # Such hosts can write to the temporary folder alone.
    spool_path = str(Path(tempfile.gettempdir()) / "spool.sqlite3")
    values = {**values, "SPOOL_PATH": values.get("SPOOL_PATH") or spool_path}
    problems: list[str] = []
    try:
        server = read_server(values)
    except SettingsError as error:
        problems += error.problems
    try:
        worker = read_worker(values)
    except SettingsError as error:
        problems += [problem for problem in error.problems if problem not in problems]
    if problems:
        raise SettingsError(problems)
    return server, worker
