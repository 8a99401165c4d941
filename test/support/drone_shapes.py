"""States of builds for tests, from compact objects shaped as Drone sends them."""

from server.core.discord.types import Embed
from server.core.drone.payload import read_state
from server.core.model.build import BuildState
from server.core.render.message import render

SERVER = "https://drone.example.com"
SHA = "7fd1a60b01f91b314f59955a4e4d4e80d8edf11d"
COMMIT = f"{SERVER}/link/octocat/hello-world/commit/{SHA}"
PICTURE = "https://avatars.githubusercontent.com/u/583231"

PUSH = {
    "id": 7,
    "version": 3,
    "number": 42,
    "status": "success",
    "event": "push",
    "trigger": "@hook",
    "message": "Greet the world\n\nIt has been waiting.",
    "after": SHA,
    "ref": "refs/heads/main",
    "source": "main",
    "target": "main",
    "author_login": "octocat",
    "author_name": "The Octocat",
    "author_avatar": PICTURE,
    "author_email": "octocat@example.com",
    "sender": "octocat",
    "created": 1700000000,
    "started": 1700000010,
    "finished": 1700000082,
}


def step(number: int, name: str, status: str = "success", **more: object) -> dict[str, object]:
    """Make one step that, if it ended, took as many seconds as its number says."""
    ended = {} if status in ("pending", "running") else {"stopped": 1700000010 + number}
    begun = {} if status == "pending" else {"started": 1700000010}
    shape: dict[str, object] = {"id": 100 + number, "number": number, "name": name}
    return shape | {"status": status, **begun, **ended, **more}


def stage(
    number: int, name: str, status: str = "success", *steps: dict[str, object], **more: object
) -> dict[str, object]:
    """Make one stage that, if it ended, took one minute and its number in seconds."""
    ended = {"started": 1700000010, "stopped": 1700000070 + number}
    times = {
        "running": {"started": 1700000010},
        "pending": {},
        "waiting_on_dependencies": {},
        "blocked": {},
    }.get(status, ended)
    own = [{**one, "id": 1000 * number + index} for index, one in enumerate(steps)]
    shape: dict[str, object] = {"id": number, "number": number, "name": name, "status": status}
    return shape | {"steps": own, **times, **more}


def build(
    *stages: dict[str, object],
    repo: dict[str, object] | None = None,
    link: str = SERVER,
    **changes: object,
) -> BuildState:
    """Read a push that passed, with *changes*."""
    return read_state(
        {
            "system": {"host": "drone.example.com", "link": link},
            "repo": {"id": 1, "slug": "octocat/hello-world", "timeout": 60} | (repo or {}),
            "build": {**PUSH, **changes, "stages": list(stages)},
        }
    )


def card(state: BuildState) -> Embed:
    """Render the one embed of a build."""
    (embed,) = render(state)["embeds"]
    return embed


def description(state: BuildState) -> str:
    """Render the text of a build's card."""
    return card(state)["description"]


def pipeline(state: BuildState) -> list[str]:
    """Render the lines that list stages and steps; none if there is no such list."""
    _, _, listed = description(state).partition("\n\n")
    return listed.split("\n") if listed else []
