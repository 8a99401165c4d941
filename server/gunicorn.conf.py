"""gunicorn's configuration: our own worker, with threads that mostly wait for MongoDB."""

import logging
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

from gunicorn.glogging import Logger

from runtime import log
from runtime.environment import load
from runtime.errors import SettingsError
from runtime.settings import BRIDGE
from server.config import preloaded
from server.config.settings import ServerSettings, read_server
from server.edges.mongo.store import check_options
from server.listener.addresses import addresses

if TYPE_CHECKING:
    from server.assembly import Server


def _read() -> ServerSettings:
    """Read the settings; a reload that finds bad ones keeps what there was."""
    try:
        settings = read_server(load(os.environ, BRIDGE).values)
        check_options(settings.mongo)
        return settings
    except SettingsError as error:
        if preloaded.settings is None:
            sys.stderr.write(f"{error}\n")
            sys.exit(1)
        logger = logging.getLogger("server.gunicorn")
        logger.error("The settings stay as they were.", extra={"problems": error.problems})
        return preloaded.settings


_settings = preloaded.settings = _read()
log.set_up(_settings.log)


class OurLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Let gunicorn's own records go where all others go."""

    def setup(self, cfg: Any) -> None:
        """Leave every record to the handlers of the root logger."""
        super().setup(cfg)
        self.error_log.handlers[:] = []
        self.error_log.propagate = True


bind = addresses(_settings.port)
worker_class = "server.listener.worker.Worker"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 8
# Of one process, while they wait for their client; fewer if it may not open so many files.
worker_connections = 2000
# Each worker loads the application itself, after the fork, with its own connections.
preload_app = False
# Longer than any proxy keeps an idle connection: the side that closes first loses what the other is
# sending. Google's keep theirs for 600 s, Cloudflare's for 400, Caddy's for 120, Traefik's for 90.
# https://cloud.google.com/load-balancing/docs/https#timeouts_and_retries
keepalive = 620
# No address of ours depends on the scheme, so no proxy has to be trusted about it.
secure_scheme_headers: dict[str, str] = {}
forwarded_allow_ips = ""
graceful_timeout = 10
timeout = 30
# The heartbeat file must not wait for a slow disk.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 – a memory disk
logger_class = OurLogger
control_socket_disable = True


def when_ready(arbiter: Any) -> None:
    """Let SIGTERM wait, so that a balancer stops sending before the port is closed."""

    def linger(number: int, _frame: Any) -> None:
        # A second one ends it as usual, and starts no other timer.
        signal.signal(signal.SIGTERM, arbiter.signal)
        seconds = preloaded.settings.stop_delay.total_seconds() if preloaded.settings else 0.0
        timer = threading.Timer(seconds, arbiter.signal, (number, None))
        timer.daemon = True
        timer.start()

    signal.signal(signal.SIGTERM, linger)


def post_worker_init(worker: Any) -> None:
    """Start what a process of the server does besides answering."""
    if server := _server_of(worker):
        worker.on_refused = server.refusals.note
        server.warm_up()
        server.start_threads(lambda: bool(worker.alive))


def worker_exit(_arbiter: Any, worker: Any) -> None:
    """Finish what a process has promised to people."""
    if server := _server_of(worker):
        server.finish()


def _server_of(worker: Any) -> "Server | None":
    """Return the `server` beside the application; an application of another kind has none."""
    module, _, _ = worker.app.app_uri.partition(":")
    server: Server | None = getattr(sys.modules.get(module), "server", None)
    return server
