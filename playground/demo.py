"""`make demo`: the whole bridge on this machine, with Discord and Drone played, until Ctrl-C.

It needs no account and no settings, and touches nothing but data/demo in this checkout.
"""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from playground.discord.options import CHANNEL_ID, TOKEN
from playground.embedded import start_bridge, start_database
from playground.supervisor import PYTHON, NotReady, Supervisor, answers, free_port

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "data" / "demo"
PAGE_PORT = 8008
SECRET = "webhook-secret"  # what the curl scripts in test/ sign with

# Short stories that between them show every colour; each is told again and again.
SCENARIOS = (
    "push",
    "pull_request",
    "promotion_approved",
    "failing_push",
    "cancel_by_person",
    "cron",
    "config_error",
    "tag",
)


def main() -> int:
    """Run until Ctrl-C; return the exit status."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    environ = _environ()
    with Supervisor(ROOT) as supervisor:
        try:
            page = _start(supervisor, environ)
        except NotReady as error:
            sys.stderr.write(f"{error}\n")
            return 1
        if not supervisor.is_stopping:
            sys.stdout.write(
                f"Demo ready: {page}\n"
                f"  what the bridge asks of Discord: {page}/requests\n"
                f"  health: http://localhost:{environ['PORT']}/health\n"
                f"  your own: BRIDGE_URL=http://localhost:{environ['PORT']} "
                "bash test/build_created.sh\n"
                "Ctrl-C stops everything.\n"
            )
            sys.stdout.flush()
        ended = supervisor.wait()
        if ended:
            sys.stderr.write(f"{ended} has ended by itself; stopping the others.\n")
        return 1 if ended else 0


def _start(supervisor: Supervisor, environ: dict[str, str]) -> str:
    """Start everything in order and return the address of the page."""
    port = free_port(PAGE_PORT)
    page = f"http://127.0.0.1:{port}"
    supervisor.start(
        "Discord's stand-in",
        [PYTHON, "-m", "playground.discord", "--port", str(port)],
        environ,
        lambda: answers(port),
    )
    environ["DISCORD_API_BASE_URL"] = f"{page}/api/v10"
    environ["DISCORD_GATEWAY_URL"] = f"ws://127.0.0.1:{port}/gateway"
    environ["MONGO_URI"] = start_database(supervisor, environ, FOLDER / "database")
    start_bridge(supervisor, environ)
    _start_presence(supervisor, environ)
    _start_player(supervisor, environ)
    return page


def _start_presence(supervisor: Supervisor, environ: Mapping[str, str]) -> None:
    supervisor.start("presence client", [PYTHON, "-m", "presence_client"], environ)


def _start_player(supervisor: Supervisor, environ: Mapping[str, str]) -> None:
    command = [PYTHON, "-m", "playground.drone", "--url", f"http://127.0.0.1:{environ['PORT']}/"]
    command += ["--loop", "--pace", "4", "--parallel", "2", "--first-id", "1"]
    # Its lines would drown what people want to read here.
    supervisor.start("Drone player", [*command, "--scenario", *SCENARIOS], environ, quiet=True)


def _environ() -> dict[str, str]:
    """Return settings for the demo alone; nothing of yours is read."""
    port = free_port(5000)
    return {
        "PATH": os.environ["PATH"],
        "PYTHONUNBUFFERED": "1",
        "DOTENV_PATH": str(FOLDER / "none.env"),
        "PORT": str(port),
        "LOG_LEVEL": "warning",
        "WEB_CONCURRENCY": "1",
        "DRONE_WEBHOOK_SECRET": SECRET,
        "DISCORD_TOKEN": TOKEN,
        "DISCORD_CHANNEL_ID": CHANNEL_ID,
        "HEALTHCHECK_URL": f"http://127.0.0.1:{port}/health",
        "HEALTHCHECK_INTERVAL": "3",
        "SPOOL_PATH": str(FOLDER / "spool.sqlite3"),
        "DELIVERY_TTL_DAYS": "0",
        "CARD_TTL_DAYS": "0",
    }


if __name__ == "__main__":
    sys.exit(main())
