"""`make run`: the bridge on this machine with your settings, until Ctrl-C.

Without MONGO_URI and MONGO_HOST it brings a database of its own, which lives in data/.
"""

import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from playground.embedded import start_bridge, start_database, start_presence
from playground.supervisor import NotReady, Supervisor, free_port
from runtime.environment import load
from runtime.errors import SettingsError
from runtime.settings import BRIDGE
from server.config.settings import read_server, read_worker

ROOT = Path(__file__).parent.parent


def main() -> int:
    """Run until Ctrl-C; return the exit status."""
    try:
        environ = {"DOTENV_PATH": str(ROOT / ".env"), **os.environ}
        environ |= _webhook_secret(environ)
        values = load(environ, BRIDGE).values
        problems = _problems(values)
        if problems:
            raise SettingsError(problems)
    except SettingsError as error:
        sys.stderr.write(f"{error}\nPut them into .env; .env.example shows each one.\n")
        return 1
    environ["PYTHONUNBUFFERED"] = "1"
    wanted = int(values.get("PORT") or 5000)
    environ["PORT"] = str(free_port(wanted))
    if "HEALTHCHECK_URL" not in values:
        environ["HEALTHCHECK_URL"] = f"http://127.0.0.1:{environ['PORT']}/health"
    with Supervisor(ROOT) as supervisor:
        try:
            if not (values.get("MONGO_URI") or values.get("MONGO_HOST")):
                folder = ROOT / "data" / "database"
                environ["MONGO_URI"] = start_database(supervisor, environ, folder)
            start_bridge(supervisor, environ)
            start_presence(supervisor, environ)
        except NotReady as error:
            sys.stderr.write(f"{error}\n")
            return 1
        if not supervisor.is_stopping:
            _tell(environ, wanted)
        ended = supervisor.wait()
        if ended:
            sys.stderr.write(f"{ended} has ended by itself; stopping the others.\n")
        return 1 if ended else 0


def _webhook_secret(environ: dict[str, str]) -> dict[str, str]:
    """Return where the webhook secret is, made once if you have not chosen one."""
    if load(environ, BRIDGE).values.get("DRONE_WEBHOOK_SECRET"):
        return {}
    path = ROOT / "data" / "webhook-secret"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32) + "\n", encoding="utf-8")
    return {"DRONE_WEBHOOK_SECRET_FILE": str(path)}


def _problems(values: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the settings, before anything is started."""
    found: list[str] = []
    for read in (read_server, read_worker):
        try:
            read(values)
        except SettingsError as error:
            found.extend(error.problems)
    return list(dict.fromkeys(found))


def _tell(environ: Mapping[str, str], wanted: int) -> None:
    port = int(environ["PORT"])
    taken = f" (port {wanted} is taken)" if port != wanted else ""
    made = environ.get("DRONE_WEBHOOK_SECRET_FILE")
    secret = f"the content of {made}" if made else "the one you chose"
    sys.stdout.write(
        f"The bridge runs{taken}. Point Drone at it:\n"
        f"  DRONE_WEBHOOK_ENDPOINT=http://<this machine>:{port}/\n"
        f"  DRONE_WEBHOOK_SECRET=<{secret}>\n"
        f"Health: http://localhost:{port}/health · Ctrl-C stops everything.\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
