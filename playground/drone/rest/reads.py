"""Answer the calls that only read."""

from __future__ import annotations

from collections.abc import Iterable

from playground.drone import wire
from playground.drone.rest import find, view
from playground.drone.rest.call import Answer, Call
from playground.drone.rest.refusal import no_row
from playground.drone.rows import Build, Line, Repo

PAGE = 25
LARGEST_PAGE = 100
RECENT = 25
INCOMPLETE = 50
SOURCE = "https://github.com/harness/drone.git"
COMMIT = "3e7ecf161e8a5a5b6b4bd9a4b9a4a2c0f1b6d0a1"


def version(call: Call) -> Answer:
    """Tell what runs here; anybody may know."""
    system = call.world.server.system
    return Answer(200, {"source": SOURCE, "version": system.version, "commit": COMMIT})


def who_am_i(call: Call) -> Answer:
    """Return the caller's own account."""
    return Answer(200, wire.as_object(call.caller.user))


def own_repos(call: Call) -> Answer:
    """List the repositories the SCM lets the caller see: none at all for a machine."""
    latest = call.query.get("latest") == "true"
    shown = []
    for repo in _own(call):
        builds = find.builds_of(call.world.server, repo)[:1] if latest else []
        shown.append(view.repo(repo, build=builds[0] if builds else None))
    return Answer(200, shown)


def recent_builds(call: Call) -> Answer:
    """List the newest builds of the caller's repositories, each inside its repository."""
    return Answer(200, _within_repos(_newest(call, _own(call))[:RECENT]))


def all_repos(call: Call) -> Answer:
    """List every repository, inactive ones too; no page is too large."""
    page, size = _whole(call, "page"), _whole(call, "per_page")
    size = size if size > 0 else PAGE
    start = max(0, page - 1) * size
    rows = sorted(call.world.server.repos.values(), key=lambda repo: repo.slug)
    return Answer(200, [view.repo(row) for row in rows[start : start + size]])


def incomplete_builds(call: Call) -> Answer:
    """List builds with a stage that is queued or runs; those that only wait are missing."""
    server = call.world.server
    open_builds = [
        (repo, build)
        for repo, build in _newest(call, server.repos.values())
        if any(stage.status in ("pending", "running") for stage in server.stages.children(build.id))
    ]
    return Answer(200, _within_repos(open_builds[:INCOMPLETE]))


def repo(call: Call) -> Answer:
    """Return a repository, with what the caller may do in it."""
    return Answer(200, view.repo(call.about, account=call.account))


def builds(call: Call) -> Answer:
    """List builds, newest first and without stages; a page of no good size has 25."""
    page, size = _whole(call, "page"), _whole(call, "per_page")
    size = size if 1 <= size <= LARGEST_PAGE else PAGE
    start = max(0, page - 1) * size
    rows = find.builds_of(call.world.server, call.about)
    for kind, name in (("heads", "branch"), ("tags", "tag")):
        if wanted := call.query.get(name):
            rows = [build for build in rows if build.ref == f"refs/{kind}/{wanted}"]
    return Answer(200, [view.bare_build(build) for build in rows[start : start + size]])


def build(call: Call) -> Answer:
    """Return a build with its stages and steps."""
    row = find.build_numbered(call.world.server, call.about, find.number(call.params["number"]))
    return Answer(200, view.build_with_stages(call.world.server, row))


def log(call: Call) -> Answer:
    """Return a step's log, which may be `null`; before it is handed in, there is none."""
    server = call.world.server
    wanted = [find.number(call.params[name]) for name in ("number", "stage", "step")]
    row = find.build_numbered(server, call.about, wanted[0])
    step = find.step_numbered(server, find.stage_numbered(server, row, wanted[1]), wanted[2])
    if step.id not in server.logs:
        raise no_row()
    lines = server.logs[step.id]
    return Answer(200, None if lines is None else [_line(line) for line in lines])


def _line(line: Line) -> dict[str, object]:
    return {"pos": line.pos, "out": line.out, "time": line.time}


def _own(call: Call) -> list[Repo]:
    repos = call.world.server.repos.values()
    return [repo for repo in repos if call.caller.permission(repo.slug)]


def _newest(call: Call, repos: Iterable[Repo]) -> list[tuple[Repo, Build]]:
    pairs = [(repo, build) for repo in repos for build in find.builds_of(call.world.server, repo)]
    return sorted(pairs, key=lambda pair: -pair[1].id)


def _within_repos(pairs: Iterable[tuple[Repo, Build]]) -> list[object]:
    return [view.repo(repo, build=build) for repo, build in pairs]


def _whole(call: Call, name: str) -> int:
    """Read a number as Go's Atoi does with its error thrown away."""
    text = call.query.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
