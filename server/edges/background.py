"""Threads for what is done after a request was answered."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Lock

# What they do is waiting for Drone and Discord.
THREADS = 8


class Background:
    """Work that goes on after its request; threads come up when they are first needed."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="background")
        self._lock = Lock()
        self._works: set[Future[None]] = set()

    def submit(self, work: Callable[[], None]) -> None:
        """Have *work* done soon; it handles its own errors. At the end it is done here and now."""
        try:
            future = self._pool.submit(work)
        except RuntimeError:  # the pool is shut down
            work()
            return
        with self._lock:
            self._works.add(future)
        future.add_done_callback(self._forget)

    def finish(
        self, seconds: float, hurry: Callable[[], None] = lambda: None, hurried: float = 0.0
    ) -> bool:
        """Wait until everything is done, at most *seconds*; tell whether it is.

        For the last *hurried* of them, *hurry* makes those shorter that are still under way.
        """
        with self._lock:
            works = set(self._works)
        is_done = not wait(works, max(0.0, seconds - hurried)).not_done
        if not is_done:
            hurry()
            is_done = not wait(works, hurried).not_done
        self._pool.shutdown(wait=False, cancel_futures=True)
        return is_done

    def _forget(self, future: Future[None]) -> None:
        with self._lock:
            self._works.discard(future)
