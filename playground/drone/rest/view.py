"""Show rows as the API does; a list never has stages, one build always has."""

from __future__ import annotations

from dataclasses import replace

from playground.drone import wire
from playground.drone.rest.accounts import Account, Permission
from playground.drone.rows import Build, Repo
from playground.drone.server import Server


def build_with_stages(server: Server, build: Build) -> object:
    """Show a build with its stages and steps."""
    return wire.as_object(replace(build, stages=server.stages_of(build.id)))


def bare_build(build: Build) -> object:
    """Show a build as lists and new builds are shown."""
    return wire.as_object(replace(build, stages=()))


def repo(row: Repo, *, build: Build | None = None, account: Account | None = None) -> object:
    """Show a repository, with one of its builds or with what *account* may do in it.

    What the SCM never told is left out: a machine has no permissions, and nor has a guest.
    """
    shown = wire.as_object(row)
    if not isinstance(shown, dict):
        raise TypeError(shown)
    archived = shown.pop("archived")
    if build is not None:
        shown["build"] = bare_build(build)
    granted = account.permission(row.slug) if account else None
    if granted is not None:
        shown["permissions"] = {
            "read": granted >= Permission.READ,
            "write": granted >= Permission.WRITE,
            "admin": granted >= Permission.ADMIN,
        }
    return {**shown, "archived": archived}
