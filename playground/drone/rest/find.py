"""Find the rows that a path names, or raise Refused as Drone's handlers do."""

from __future__ import annotations

import re
from typing import TypeVar

from playground.drone.rest.refusal import bad_number, no_row
from playground.drone.rows import Build, Repo, Stage, Step
from playground.drone.server import Server

RowT = TypeVar("RowT", Build, Stage, Step)

_WHOLE = re.compile(r"[+-]?[0-9]+")


def number(text: str) -> int:
    """Read a number as Go's ParseInt does."""
    if not (text.isascii() and _WHOLE.fullmatch(text)) or abs(int(text)) >= 2**63:
        raise bad_number(text)
    return int(text)


def repo_named(server: Server, slug: str) -> Repo | None:
    """Find a repository by its slug, in the case that the SCM gave it."""
    return server.repos.get(slug)


def builds_of(server: Server, repo: Repo) -> list[Build]:
    """List the builds of a repository, newest first."""
    return sorted(server.builds.children(repo.id), key=lambda build: -build.number)


def build_numbered(server: Server, repo: Repo, wanted: int) -> Build:
    """Find a build by its number in its repository."""
    found = (build for build in server.builds.children(repo.id) if build.number == wanted)
    return _there(next(found, None))


def stage_numbered(server: Server, build: Build, wanted: int) -> Stage:
    """Find a stage by its number in its build."""
    found = (stage for stage in server.stages.children(build.id) if stage.number == wanted)
    return _there(next(found, None))


def step_numbered(server: Server, stage: Stage, wanted: int) -> Step:
    """Find a step by its number in its stage."""
    found = (step for step in server.steps.children(stage.id) if step.number == wanted)
    return _there(next(found, None))


def _there(row: RowT | None) -> RowT:
    if row is None:
        raise no_row()
    return row
