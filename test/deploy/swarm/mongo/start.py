#!/usr/local/bin/python
"""Make the root user once, as MongoDB's official image does, then serve with authentication."""

import os
import subprocess
import time
from pathlib import Path

import pymongo
from pymongo.errors import PyMongoError

DATA = Path("/data/db")
COMMAND = ["secantusd-py", "--port", "27017", "--storage-path", str(DATA), "--sync-on-commit"]
COMMAND += ["--standalone", "--log-level", "WARNING"]


def main() -> None:
    """Prepare the folder and become the server."""
    marker = DATA / "has-root-user"
    if not marker.exists():
        DATA.mkdir(parents=True, exist_ok=True)
        make_root_user()
        marker.touch()
    os.execvp(COMMAND[0], [*COMMAND, "--host", "0.0.0.0", "--auth"])  # noqa: S104, S606


def make_root_user() -> None:
    """Make the user while only this container can connect."""
    name = os.environ["MONGO_INITDB_ROOT_USERNAME"]
    password = Path(os.environ["MONGO_INITDB_ROOT_PASSWORD_FILE"]).read_text("utf-8")
    with subprocess.Popen([*COMMAND, "--host", "127.0.0.1"]) as server:
        client = pymongo.MongoClient("127.0.0.1", 27017, directConnection=True)
        roles = [{"role": "root", "db": "admin"}]
        while True:
            try:
                client.admin.command("createUser", name, pwd=password.rstrip("\n"), roles=roles)
                break
            except PyMongoError:
                time.sleep(0.2)
        client.close()
        server.terminate()


if __name__ == "__main__":
    main()
