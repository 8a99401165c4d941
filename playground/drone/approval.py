"""Approve or decline blocked builds (handler/api/repos/stages); Drone sends nothing for either."""

from collections.abc import Iterator

from playground.drone.rows import Build, Stage
from playground.drone.runner import schedule
from playground.drone.server import Server


def approve(server: Server, build: Build, *names: str) -> None:
    """Let the blocked stages of *build*, or those of *names*, go on."""
    for stage in _blocked(server, build, names):
        stage.status = "waiting_on_dependencies" if stage.depends_on else "pending"
        server.stages.update(stage)
        if stage.status == "pending":
            schedule(server, stage)


def decline(server: Server, build: Build, *names: str) -> None:
    """End *build* for good; neither it nor its declined stages ever get a time of finishing."""
    for stage in _blocked(server, build, names):
        stage.status = "declined"
        server.stages.update(stage)
    row = server.builds.find(build.id)
    row.status = "declined"
    server.builds.update(row)


def _blocked(server: Server, build: Build, names: tuple[str, ...]) -> Iterator[Stage]:
    for stage in server.stages.children(build.id):
        if stage.status == "blocked" and (not names or stage.name in names):
            yield stage
