"""`make demo`: the whole bridge on this machine, with Discord and Drone played, until Ctrl-C.

It needs no account and no settings, listens on this machine only, and touches nothing but data/demo
in this checkout.
"""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import requests

from playground.discord.options import APPLICATION_ID, CHANNEL_ID, GUILD_ID, TOKEN
from playground.discord.services.application import VERIFY_KEY
from playground.drone.rest.accounts import ADMIN_TOKEN
from playground.drone.rest.process import DroneStandIn
from playground.embedded import start_bridge, start_database, start_presence
from playground.supervisor import PYTHON, NotReady, Supervisor, answers, free_port

ROOT = Path(__file__).parent.parent
PAGE_PORT = 8008
SERVER_PORT = 5000
DRONE_PORT = 8009
SPEED = ("--speed", "2.5")  # an ordinary step takes four seconds
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


@dataclass(frozen=True, slots=True)
class Demo:
    """Where a demo is found."""

    page: str  # the address of the page that shows the channel
    server: str  # the address of the bridge's server
    drone: DroneStandIn


def main() -> int:
    """Run until Ctrl-C; return the exit status."""
    with Supervisor(ROOT) as supervisor:
        try:
            demo = start(supervisor)
            if not supervisor.is_stopping:
                demo.drone.play(*SCENARIOS, again=True)
        except NotReady as error:
            sys.stderr.write(f"{error}\n")
            return 1
        if not supervisor.is_stopping:
            _tell(demo)
        ended = supervisor.wait()
        if ended:
            sys.stderr.write(f"{ended} has ended by itself; stopping the others.\n")
        return 1 if ended else 0


def start(supervisor: Supervisor) -> Demo:
    """Start everything on ports that are free, with an empty folder; nothing is built yet."""
    page_port = free_port(PAGE_PORT)
    folder = ROOT / "data" / "demo" / str(page_port)  # so that two demos never share one
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "temporary").mkdir(parents=True)
    environ = _environ(folder, page_port)
    supervisor.start(
        "Discord's stand-in",
        [PYTHON, "-m", "playground.discord", "--port", str(page_port)],
        environ,
        lambda: answers(page_port),
        quiet=True,
    )
    drone_port = free_port(DRONE_PORT)
    supervisor.start(
        "Drone's stand-in",
        [PYTHON, "-m", "playground.drone.rest", "--port", str(drone_port), *SPEED],
        environ,
        lambda: answers(drone_port),
        quiet=True,
    )
    drone = DroneStandIn(f"http://127.0.0.1:{drone_port}")
    environ |= {"DRONE_SERVER": drone.address, "DRONE_TOKEN": ADMIN_TOKEN}
    environ["MONGO_URI"] = start_database(supervisor, environ, folder / "database")
    # Chosen only now: the longer a port is not used, the likelier another program takes it.
    server_port = free_port(SERVER_PORT)
    server = f"http://127.0.0.1:{server_port}"
    environ["PORT"] = str(server_port)
    environ["GUNICORN_CMD_ARGS"] = f"--bind 127.0.0.1:{server_port} --log-level warning"
    environ["HEALTHCHECK_URL"] = f"{server}/health"
    start_bridge(supervisor, environ)
    start_presence(supervisor, environ)
    if not supervisor.is_stopping:
        drone.send_to(server, SECRET)
        _point_discord_at(server, environ)
    return Demo(f"http://127.0.0.1:{page_port}", server, drone)


def _environ(folder: Path, page_port: int) -> dict[str, str]:
    """Return the settings; nothing of yours is read."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONUNBUFFERED": "1",
        "TMPDIR": str(folder / "temporary"),
        "DOTENV_PATH": str(folder / "none.env"),
        "LOG_LEVEL": "warning",
        "WEB_CONCURRENCY": "1",
        "DRONE_WEBHOOK_SECRET": SECRET,
        "DISCORD_TOKEN": TOKEN,
        "DISCORD_CHANNEL_ID": CHANNEL_ID,
        "DISCORD_PUBLIC_KEY": VERIFY_KEY,
        "DISCORD_APPLICATION_ID": APPLICATION_ID,
        "DISCORD_GUILD_ID": GUILD_ID,
        "DISCORD_API_BASE_URL": f"http://127.0.0.1:{page_port}/api/v10",
        "DISCORD_GATEWAY_URL": f"ws://127.0.0.1:{page_port}/gateway",
        "HEALTHCHECK_INTERVAL": "3",
        "SPOOL_PATH": str(folder / "spool.sqlite3"),
        "DELIVERY_TTL_DAYS": "0",
        "CARD_TTL_DAYS": "0",
    }


def _point_discord_at(server: str, environ: Mapping[str, str]) -> None:
    """Tell Discord's stand-in where interactions go, so that the page's buttons work."""
    requests.patch(
        f"{environ['DISCORD_API_BASE_URL']}/applications/@me",
        json={"interactions_endpoint_url": f"{server}/interactions"},
        headers={"Authorization": f"Bot {TOKEN}", "User-Agent": "DiscordBot (playground, 0)"},
        timeout=10,
    ).raise_for_status()


def _tell(demo: Demo) -> None:
    sys.stdout.write(
        f"Demo ready: {demo.page}\n"
        f"  what the bridge asks of Discord: {demo.page}/requests\n"
        f"  health: {demo.server}/health\n"
        f"  your own: BRIDGE_URL={demo.server} bash test/build_created.sh\n"
        "Ctrl-C stops everything.\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
