"""Send a query to Drone; whatever happens comes back as a response."""

import logging

from server.core.drone.answers import (
    Away,
    LogFound,
    Result,
    read_account,
    read_build,
    read_builds,
    read_log,
    read_repo,
    read_repos,
)
from server.core.drone.query import DroneQuery, DroneResponse, QueryKind
from server.core.model.log_tail import MOST_LINES, last_lines
from server.services.ports import Drone

log = logging.getLogger(__name__)


def query_drone(query: DroneQuery, drone: Drone) -> DroneResponse:
    """Send *query* to Drone."""
    try:
        return DroneResponse(query, _send(query, drone))
    except Exception as error:  # the thread that sends must outlive whatever happens
        # Its name alone: the text may quote a header.
        reason = type(error).__name__
        log.error("A query failed.", extra={"kind": query.kind.value, "reason": reason})
        return DroneResponse(query, Away(0, reason))


def _send(query: DroneQuery, drone: Drone) -> Result:
    match query.kind:
        case QueryKind.ACCOUNT:
            return read_account(drone.who_am_i())
        case QueryKind.REPOS:
            return read_repos(drone.all_repos() if query.is_admin else drone.own_repos())
        case QueryKind.REPO:
            return read_repo(drone.repo(query.slug))
        case QueryKind.BUILDS:
            return read_builds(drone.builds(query.slug))
        case QueryKind.BUILD | QueryKind.MISSED:
            return read_build(drone.build(query.slug, query.number))
        case QueryKind.LOG:
            place = (query.slug, query.number, query.stage, query.step)
            return _last_lines(read_log(drone.step_log(*place)))


def _last_lines(result: Result) -> Result:
    """Leave of a log what can be shown: that takes time, and the worker has a lease to keep."""
    if not isinstance(result, LogFound):
        return result
    return LogFound("\n".join(last_lines(result.text, MOST_LINES)))
