"""Play what happens to accounts and repositories."""

from dataclasses import replace

from playground.drone.rows import Repo, User
from playground.drone.server import Server
from playground.drone.world import SITE


def user_created(server: Server) -> None:
    """Let an administrator create an account."""
    server.send("user", "created", user=_newcomer(server, is_syncing=False))


def user_first_login(server: Server) -> None:
    """Let a person log in for the first time: no e-mail address yet, still syncing."""
    user = _newcomer(server, is_syncing=True)
    server.send("user", "created", user=replace(user, email="", last_login=server.now()))


def user_deleted(server: Server) -> None:
    """Let an administrator delete an account."""
    server.send("user", "deleted", user=_newcomer(server, is_syncing=False))


def _newcomer(server: Server, *, is_syncing: bool) -> User:
    now = server.now()
    return User(
        id=server.next_id("user"),
        login="hubot",
        email="hubot@example.com",
        avatar="https://avatars.example.com/hubot.png",
        syncing=is_syncing,
        created=now,
        updated=now,
    )


def repo_enabled(server: Server) -> None:
    """Activate a repository; who did it is told."""
    repo = _changed(server, is_active=True)
    server.send("repo", "enabled", user=server.owner, repo=repo)


def repo_disabled(server: Server) -> None:
    """Deactivate a repository; who did it is not told."""
    server.send("repo", "disabled", repo=_changed(server, is_active=False))


def repo_deleted(server: Server) -> None:
    """Remove a repository from Drone."""
    server.send("repo", "deleted", repo=_changed(server, is_active=False))


def _changed(server: Server, *, is_active: bool) -> Repo:
    repo = server.repos[SITE]
    repo.active = is_active
    repo.version += 1
    return replace(repo)


STORIES = (
    user_created,
    user_first_login,
    user_deleted,
    repo_enabled,
    repo_disabled,
    repo_deleted,
)
