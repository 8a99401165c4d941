"""The bridge's processes as a laptop runs them, with a database of their own if none is named.

The embedded database speaks MongoDB's protocol on a local port; it is for trying and testing, not
for production data.
"""

from collections.abc import Mapping
from pathlib import Path

from playground.supervisor import BIN, PYTHON, Supervisor, answers, free_port


def start_database(supervisor: Supervisor, environ: Mapping[str, str], folder: Path) -> str:
    """Start the embedded database over *folder*, make the indexes and return its address."""
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
    options = "directConnection=true&w=majority&journal=true&retryWrites=false"
    uri = f"mongodb://127.0.0.1:{port}/?{options}"
    # Before anybody writes: it may hang for good when a collection comes into being by an index and
    # by a first document at the same moment.
    supervisor.run(
        "flask init-db",
        [str(BIN / "flask"), "--app", "server.wsgi", "init-db"],
        {**environ, "MONGO_URI": uri},
    )
    return uri


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


def start_presence(supervisor: Supervisor, environ: Mapping[str, str]) -> None:
    """Start the presence client; the bridge works without it."""
    command = [PYTHON, "-m", "presence_client"]
    supervisor.start("presence client", command, environ, is_essential=False)
