"""A TCP proxy that delays every byte in each direction, as a database far away does."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

CHUNK = 256 * 1024


@contextmanager
def slow_link(port: int, seconds: float) -> Iterator[int]:
    """Pass on to *port* of this machine, each way *seconds* late; give the port to connect to."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    far = _Far(port, seconds)
    server = asyncio.run_coroutine_threadsafe(
        asyncio.start_server(far.connect, "127.0.0.1"), loop
    ).result(10)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        asyncio.run_coroutine_threadsafe(far.close(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


class _Far:
    def __init__(self, port: int, seconds: float) -> None:
        self._port = port
        self._seconds = seconds
        self._tasks: set[asyncio.Task[None]] = set()

    async def connect(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            # A connection exists after one round trip; on loopback it was there at once.
            await asyncio.sleep(2 * self._seconds)
            far, forth = await asyncio.open_connection("127.0.0.1", self._port)
            await asyncio.gather(self._carry(near, forth), self._carry(far, back))
        except (OSError, asyncio.CancelledError):
            back.close()
        finally:
            self._tasks.discard(task)

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        """Pass on what *source* says, each piece late and none later for the others."""
        loop = asyncio.get_running_loop()
        while data := await source.read(CHUNK):
            loop.call_later(self._seconds, target.write, data)
        await asyncio.sleep(self._seconds)
        target.close()

    async def close(self, server: asyncio.Server) -> None:
        server.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
