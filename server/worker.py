"""The worker: `python -m server.worker`. Merges what arrived, delivers it to Discord, and repeats.

One works, any number stand by. SIGTERM ends it within 10 seconds: the requests in flight are
finished and noted, the lease is given back.
"""

import logging
import os
import random
import signal
import socket
import sys
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import FrameType
from urllib.parse import urlsplit

from runtime import log
from runtime.environment import load
from runtime.errors import SettingsError
from runtime.heartbeat import Heartbeat
from runtime.settings import BRIDGE
from server.config.settings import WorkerSettings, read_worker
from server.core.drone.poll_intervals import INTERVALS, PollIntervals
from server.core.drone.query import DroneQuery, DroneResponse
from server.core.instant import Instant
from server.edges.discord import DiscordRest
from server.edges.drone import DroneRest
from server.edges.mongo.store import MongoStore, check_options, connect
from server.edges.threads import Threads
from server.errors import StoreUnavailable
from server.healthcheck import PATIENCE_SECONDS
from server.services.sync.query import query_drone
from server.services.sync.reconcile import IN_FLIGHT, Reconcile
from server.services.sync.step_logs import LogPolicy
from server.services.worker.deliver import send
from server.services.worker.dispatch import Dispatcher, Result
from server.services.worker.display import DisplayConfig
from server.services.worker.leadership import Leadership
from server.services.worker.request import Request
from server.services.worker.round import Worker

logger = logging.getLogger(__name__)

# A batch has up to 16 MiB, and the way to the database may be slow.
STORE_TIMEOUT = timedelta(seconds=15)
# Half of this passes, on average, between a delivery's arrival and its merging.
POLL_SECONDS = 0.03
# The global limit is 50 in a second, an answer takes a few tenths.
SENDERS = 16
STOP_SECONDS = 6.5
# A database that hangs must not keep the process: what is not noted is found by the next worker.
LAST_SECONDS = 8.0


class WorkerProcess:
    """A worker with the threads that send for it."""

    def __init__(
        self,
        settings: WorkerSettings,
        store: MongoStore,
        prepare_store: Callable[[], None],
        reconcile: Reconcile | None = None,
    ) -> None:
        discord = DiscordRest(settings.discord_api_base_url, settings.discord_token)
        self._senders: Threads[Request, Result] = Threads(
            "sender", SENDERS, lambda one: Result(one, send(one, discord, time.monotonic))
        )
        self._leadership = Leadership(store.leases, _my_name(), settings.lease.total_seconds())
        self._round_at = time.monotonic()
        display = DisplayConfig(
            settings.discord_channel_id,
            settings.drone_public_url,
            settings.edit_interval,
            settings.has_controls,
        )
        self.dispatcher = Dispatcher(store, display, random.random, self._senders.submit)
        self.worker = Worker(
            store,
            self._leadership,
            display,
            self.dispatcher,
            prepare_store,
            ThreadPoolExecutor(1, "settler").submit,
            reconcile,
        )

    def round(self, seconds: float, stopping: bool = False) -> bool:
        """Do all that can be done, after at most *seconds* of waiting for an answer of Discord's.

        Return whether there is more to do at once.
        """
        results = self._senders.collect(seconds)
        instant = now()
        self._round_at = instant.tick
        return self.worker.round(results, instant, stopping)

    def keep_lease(self, stop: threading.Event) -> None:
        """Renew the lease beside the rounds until *stop*, unless one of them hangs."""
        while not stop.wait(self._leadership.look_seconds):
            instant = now()
            if instant.tick - self._round_at < PATIENCE_SECONDS:
                with suppress(StoreUnavailable):  # the round meets the same
                    self._leadership.renew(instant.at, instant.tick)

    def finish(self, seconds: float) -> None:
        """Note what is in flight, for at most *seconds*, and give the lease back."""
        deadline = time.monotonic() + seconds
        worker, dispatcher = self.worker, self.dispatcher
        while dispatcher.in_flight and not worker.store_is_away and time.monotonic() < deadline:
            self.round(POLL_SECONDS, stopping=True)
        if not worker.store_is_away:
            worker.release(now())


def run(
    settings: WorkerSettings, stop: threading.Event, intervals: PollIntervals = INTERVALS
) -> None:
    """Work until *stop* is set, then finish what is in flight."""
    store = connect(settings.mongo, STORE_TIMEOUT)
    process = WorkerProcess(settings, store, store.prepare, _reconcile(settings, store, intervals))
    heartbeat = Heartbeat(settings.heartbeat_path)
    threading.Thread(target=process.keep_lease, args=(stop,), name="lease", daemon=True).start()
    logger.info("The worker has started.")
    more = False
    while not stop.is_set():
        more = process.round(0 if more else POLL_SECONDS)
        heartbeat.beat(time.monotonic())
    logger.info("Stopping: what is in flight is finished first.")
    # The connections end with the process: closing them waits for a database that may hang.
    process.finish(STOP_SECONDS)
    logger.info("The worker has stopped.")


def main(intervals: PollIntervals = INTERVALS) -> None:
    """Read the settings, work, and stop on SIGTERM or Ctrl-C."""
    try:
        settings = read_worker(load(os.environ, BRIDGE).values)
        check_options(settings.mongo)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
    log.set_up(settings.log)
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        last = threading.Timer(LAST_SECONDS, _end_at_once)
        last.daemon = True
        last.start()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    run(settings, stop, intervals)


def _end_at_once() -> None:
    logger.warning("The worker ends although MongoDB holds it up; the lease lapses by itself.")
    logging.shutdown()
    os._exit(0)


def _reconcile(
    settings: WorkerSettings, store: MongoStore, intervals: PollIntervals
) -> Reconcile | None:
    """Return what polls Drone; None without its address and a token."""
    if settings.drone is None:
        return None
    drone = DroneRest(settings.drone.server, settings.drone.token)
    pollers: Threads[DroneQuery, DroneResponse] = Threads(
        "poller", IN_FLIGHT, lambda one: query_drone(one, drone)
    )
    return Reconcile(
        store,
        urlsplit(settings.drone.server).netloc.lower(),
        settings.discord_channel_id,
        pollers.submit,
        pollers.collect,
        random.random,
        LogPolicy(settings.log_tail_lines, settings.log_tail_private),
        intervals,
    )


def now() -> Instant:
    """Return the present instant."""
    return Instant(datetime.now(UTC), time.monotonic())


def _my_name() -> str:
    """Return a name that no other process has, not even a later one on this host."""
    return f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"


if __name__ == "__main__":
    main()
