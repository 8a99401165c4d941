"""Put the parts together, run them until a signal stops them, and end in order."""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Coroutine

from presence_client.errors import Stopped
from presence_client.gateway import Gateway
from presence_client.health import Answer
from presence_client.presence import Standing, decide
from presence_client.probe import watch
from presence_client.proxy import is_near
from presence_client.settings import Settings
from runtime.heartbeat import Heartbeat

logger = logging.getLogger(__name__)

# A supervisor restarts at once what has failed, and each start may cost one of the 1,000 new
# sessions that Discord grants a day: at this pace they are 720 at most.
PAUSE_SECONDS = 120.0
# A name server that does not answer can hold up the end of the event loop.
STOP_SECONDS = 4.5


async def run(settings: Settings, pause_seconds: float = PAUSE_SECONDS) -> int:
    """Mirror the health until SIGTERM; return the exit status, 1 if it cannot be done."""
    stop = _stop_on_signals()
    gateway = Gateway(
        settings.discord_token,
        settings.discord_api_base_url,
        settings.discord_gateway_url,
        Heartbeat(settings.heartbeat_path),
        settings.proxies,
    )
    standing = Standing()

    def report(answer: Answer) -> None:
        nonlocal standing
        standing = decide(standing, answer)
        gateway.show(standing.presence)

    logger.info("The presence client has started.")
    url, interval_seconds = settings.healthcheck_url, settings.healthcheck_interval_seconds
    failure = await _run_until(
        stop,
        gateway.stay(),
        gateway.keep_showing(),
        watch(url, interval_seconds, report, None if is_near(url) else settings.proxies.of(url)),
    )
    await gateway.leave()
    if failure is None:
        logger.info("The presence client has stopped.")
        return 0
    _log_failure(failure, pause_seconds)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(pause_seconds):
            await stop.wait()
    return 1


async def _run_until(
    stop: asyncio.Event, *parts: Coroutine[object, object, None]
) -> BaseException | None:
    """Run the parts until *stop* is set or one of them fails; return why it failed."""
    tasks = [asyncio.create_task(part) for part in parts]
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
    failed = [task for task in tasks if task.done()]
    for task in (*tasks, stopping):
        task.cancel()
    await asyncio.gather(*tasks, stopping, return_exceptions=True)
    return failed[0].exception() if failed else None


def _stop_on_signals() -> asyncio.Event:
    """Return what SIGTERM and Ctrl-C set; from then on the process lives a few seconds at most."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    def on_signal() -> None:
        stop.set()
        loop.call_later(STOP_SECONDS, os._exit, 0)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    return stop


def _log_failure(failure: BaseException, pause_seconds: float) -> None:
    if isinstance(failure, Stopped):
        extra = {"reason": failure.reason, "pause_seconds": pause_seconds}
        logger.critical(str(failure), extra=extra)
    else:
        logger.critical("The presence client has failed.", exc_info=failure)
