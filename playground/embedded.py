"""The bridge's processes as a laptop runs them, with a database of their own if none is named.

The embedded database speaks MongoDB's protocol on a local port; it is for trying and testing, not
for production data.
"""

from collections.abc import Mapping
from pathlib import Path

from playground.supervisor import BIN, PYTHON, Supervisor, answers, free_port


def start_database(supervisor: Supervisor, environ: Mapping[str, str], folder: Path) -> str:
    """Start the embedded database over *folder* and return its address."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    supervisor.start(
        "database",
        [
            str(BIN / "secantusd-py"),
            *("--host", "127.0.0.1", "--port", str(port), "--log-level", "WARNING"),
            *("--storage-path", str(folder), "--sync-on-commit"),
        ],
        environ,
        lambda: answers(port),
    )
    # Its retryable writes become slower with each one it remembers.
    return (
        f"mongodb://127.0.0.1:{port}/"
        "?directConnection=true&w=majority&journal=true&retryWrites=false"
    )


def start_bridge(supervisor: Supervisor, environ: Mapping[str, str]) -> None:
    """Start server and worker with *environ*, which names the PORT."""
    port = int(environ["PORT"])
    supervisor.start(
        "server",
        [str(BIN / "gunicorn"), "--config", "server/gunicorn.conf.py", "server.wsgi:app"],
        environ,
        lambda: answers(port),
    )
    supervisor.start("worker", [PYTHON, "-m", "server.worker"], environ)
