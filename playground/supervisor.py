"""Start several processes, stop them all together, and leave none behind.

It supervises what a laptop runs; in production the container engine does.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

PYTHON = sys.executable
BIN = Path(sys.executable).parent
STOP_SECONDS = 12.0
READY_SECONDS = 30.0
_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # the last: the terminal is closed

# A supervisor that is killed cannot stop the others; on Linux the kernel does it then.
# https://man7.org/linux/man-pages/man2/pr_set_pdeathsig.2const.html
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


class NotReady(Exception):
    """Say that a process did not come up; the message tells which and what to do."""


@dataclass(frozen=True, slots=True)
class Child:
    """A process and its name for people."""

    name: str
    process: subprocess.Popen[bytes]
    is_essential: bool  # without it the others are of no use


class Supervisor:
    """The processes of one run; use it as a context, its end stops them all."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._children: list[Child] = []
        self._stopping = False

    def __enter__(self) -> "Supervisor":
        for number in _ENDINGS:
            signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def is_stopping(self) -> bool:
        """Tell whether Ctrl-C, SIGTERM or the end of the terminal came."""
        return self._stopping

    def start(
        self,
        name: str,
        command: Sequence[str],
        environ: Mapping[str, str],
        is_ready: Callable[[], bool] | None = None,
        quiet: bool = False,
        is_essential: bool = True,
    ) -> None:
        """Start a process and wait until it is ready; raise NotReady if it does not become so."""
        if self._stopping:
            return
        # A session of its own: Ctrl-C in the terminal must reach this process alone, so that the
        # others are stopped in order.
        output = subprocess.DEVNULL if quiet else None
        process = subprocess.Popen(
            command,
            cwd=self._root,
            env=environ,
            stdout=output,
            start_new_session=True,
            preexec_fn=_end_with_supervisor,
        )
        self._children.append(Child(name, process, is_essential))
        if is_ready is not None:
            self._await(name, process, is_ready)

    def _await(
        self, name: str, process: subprocess.Popen[bytes], is_ready: Callable[[], bool]
    ) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not self._stopping:
            if process.poll() is not None:
                raise NotReady(f"{name} ended with status {process.returncode}; see above why.")
            if is_ready():
                return
            if time.monotonic() > deadline:
                raise NotReady(f"{name} is not ready after {READY_SECONDS:.0f} s; see above why.")
            time.sleep(0.05)

    def run(self, name: str, command: Sequence[str], environ: Mapping[str, str]) -> None:
        """Run a command to its end; raise NotReady if it fails."""
        if self._stopping:
            return
        done = subprocess.run(
            command,
            cwd=self._root,
            env=environ,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_end_with_supervisor,
            check=False,
        )
        if done.returncode:
            raise NotReady(f"{name} ended with status {done.returncode}; see above why.")

    def wait(self) -> str:
        """Wait for Ctrl-C, SIGTERM or the end of a process; return the name of what ended."""
        while not self._stopping:
            for child in self._children:
                if child.is_essential and child.process.poll() is not None:
                    return f"{child.name} (status {child.process.returncode})"
            time.sleep(0.2)
        return ""

    def stop(self) -> None:
        """Stop every process, the last started first."""
        for child in reversed(self._children):
            self._stop(child)
        self._children.clear()

    @staticmethod
    def _stop(child: Child) -> None:
        if child.process.poll() is not None:
            return
        child.process.terminate()
        try:
            child.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True


def _end_with_supervisor() -> None:
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def free_port(wanted: int = 0) -> int:
    """Return *wanted* if nothing uses it, else a port that is free now."""
    for port in (wanted, 0):
        # On macOS one can bind to 127.0.0.1 although another program serves all addresses.
        if port and answers(port):
            continue
        with socket.socket() as probe:
            # As servers do, so that a port in TIME_WAIT counts as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            return found
    raise NotReady("No port is free.")


def answers(port: int) -> bool:
    """Tell whether something listens on *port* of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0
