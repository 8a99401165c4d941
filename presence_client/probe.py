"""Ask the health endpoint, again and again, on a session of its own beside the gateway's."""

import asyncio
import logging
from collections.abc import Callable

import aiohttp

from presence_client.health import DEGRADED, OK, Answer, Bad, read_answer

logger = logging.getLogger(__name__)


async def watch(
    url: str, interval_seconds: float, report: Callable[[Answer], None], proxy: str | None = None
) -> None:
    """Ask every *interval_seconds* and report each answer, until cancelled."""
    # A new connection each time: the answer is about the server that runs now, wherever it is.
    connector = aiohttp.TCPConnector(force_close=True, use_dns_cache=False)
    loop = asyncio.get_running_loop()
    before: Answer | None = None
    async with aiohttp.ClientSession(connector=connector, proxy=proxy) as session:
        while True:
            asked_at = loop.time()
            answer = await ask(session, url, timeout_seconds=interval_seconds / 2)
            _log_change(before, answer)
            report(answer)
            next_at = asked_at + question_wait(interval_seconds, before, answer)
            before = answer
            await asyncio.sleep(max(0.0, next_at - loop.time()))


def question_wait(interval_seconds: float, before: Answer | None, answer: Answer) -> float:
    """Return the seconds from one question to the next.

    The first bad answer is doubted at half the interval, so that even a server that takes
    connections and answers nothing is found out within two intervals.
    """
    is_first_bad = isinstance(answer, Bad) and not isinstance(before, Bad)
    return interval_seconds / 2 if is_first_bad else interval_seconds


async def ask(session: aiohttp.ClientSession, url: str, timeout_seconds: float) -> Answer:
    """Return what the endpoint answers within *timeout_seconds*."""
    try:
        async with asyncio.timeout(timeout_seconds), session.get(url) as response:
            return read_answer(response.status, await response.read())
    except TimeoutError:
        return Bad("timed_out")
    except aiohttp.ClientConnectorError:
        return Bad("refused")
    except (OSError, aiohttp.ClientError):
        return Bad("broken_off")


def _log_change(before: Answer | None, answer: Answer) -> None:
    """Log an answer of another kind than the one before."""
    kind = _kind(answer)
    if before is not None and kind == _kind(before):
        return
    if isinstance(answer, Bad):
        logger.warning("The health endpoint gives no good answer.", extra={"reason": kind})
    else:
        logger.info("The health endpoint answers.", extra={"status": kind})


def _kind(answer: Answer) -> str:
    if isinstance(answer, Bad):
        return answer.reason
    return DEGRADED if answer.is_degraded else OK
