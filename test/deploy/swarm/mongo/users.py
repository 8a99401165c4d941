"""The users of the stack's database, made by what the official image's shell would be told."""

from pathlib import Path
from typing import Any

import pymongo

SECRETS = Path("/run/secrets")
DATABASE = Path("/tmp/database")  # noqa: S108 – where the stack puts it


def make_bridge_user() -> None:
    """Do what MAKE_USER in docker-stack.yml says, which this image cannot read."""
    client: pymongo.MongoClient[Any] = pymongo.MongoClient(
        "127.0.0.1",
        27017,
        username="root",
        password=read("mongo_root_password"),
        timeoutMS=3000,
        directConnection=True,
    )
    admin = client.admin
    role = {"role": "readWrite", "db": DATABASE.read_text("utf-8")}
    found = admin.command("usersInfo", "bridge")["users"]
    command = "updateUser" if found else "createUser"
    admin.command(command, "bridge", pwd=read("mongo_password"), roles=[role])


def read(name: str) -> str:
    """Read a secret."""
    return (SECRETS / name).read_text("utf-8").rstrip("\r\n")
