"""The bridge's programs as people start them, and one run of any to its end."""

import os
import subprocess
import sys
from collections.abc import Sequence

from stack import ROOT

from playground.supervisor import BIN

FLASK = (str(BIN / "flask"), "--app", "server.wsgi")
SERVER = (str(BIN / "gunicorn"), "--config", "server/gunicorn.conf.py", "server.wsgi:app")
WORKER = (sys.executable, "-m", "server.worker")
PRESENCE = (sys.executable, "-m", "presence_client")
HEALTHCHECK = (sys.executable, "-m", "presence_client.healthcheck")


def execute(
    command: Sequence[str], given: str = "", **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run a program from the checkout to its end, with these settings alone."""
    return subprocess.run(
        command,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DOTENV_PATH": "/nowhere/.env", **environ},
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
