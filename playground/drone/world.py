"""Invent the Drone server that is played: its people and repositories."""

from dataclasses import replace
from random import Random

from playground.drone.rows import Repo, System, User
from playground.drone.server import Server

DAY = 86_400
HELLO = "octocat/hello-world"
SHOP = "acme/shop"
SITE = "acme/website"
MONOREPO = "example/monorepo"
IMPATIENT = "octocat/impatient"


def new_server(
    seed: int = 1,
    start: int = 1_767_225_600,
    *,
    scale: float = 1.0,
    first_id: int = 1000,
    first_number: int = 1,
    link: str = "https://drone.example.com",
) -> Server:
    """Make a Drone server with invented people and repositories, all decided by the arguments.

    *start* is in Unix seconds; *link* is the server's public address.
    """
    proto, _, host = link.rstrip("/").rpartition("://")
    random = Random(seed)
    server = Server(random=random, start=start, scale=scale, first_id=first_id)
    server.system = System(proto or "https", host, link.rstrip("/"))
    server.owner = _owner(start)
    for number, slug in enumerate((HELLO, SHOP, SITE, MONOREPO, IMPATIENT)):
        repo = _repo(40 + number, slug, start, first_number - 1)
        server.repos[slug] = repo
    server.repos[SHOP].protected = True
    server.repos[SITE] = replace(
        server.repos[SITE], auto_cancel_pushes=True, auto_cancel_running=True
    )
    server.repos[IMPATIENT].timeout = 1
    server.repos[MONOREPO] = replace(server.repos[MONOREPO], private=True, visibility="private")
    return server


def _owner(start: int) -> User:
    return User(
        id=1,
        login="octocat",
        email="octocat@example.com",
        admin=True,
        avatar="https://avatars.example.com/octocat.png",
        synced=start - DAY,
        created=start - 400 * DAY,
        updated=start - 30 * DAY,
        last_login=start - DAY,
    )


def _repo(repo_id: int, slug: str, start: int, counter: int) -> Repo:
    namespace, name = slug.split("/")
    return Repo(
        id=repo_id,
        uid=str(367_000_000 + repo_id),
        user_id=1,
        namespace=namespace,
        name=name,
        slug=slug,
        git_http_url=f"https://git.example.com/{slug}.git",
        git_ssh_url=f"git@git.example.com:{slug}.git",
        link=f"https://git.example.com/{slug}",
        counter=counter,
        synced=start - DAY,
        created=start - 300 * DAY,
        updated=start - 20 * DAY,
        version=counter + 3,
    )
