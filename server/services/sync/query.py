"""Carry a question to Drone; whatever happens comes back as an answer."""

import logging
from dataclasses import replace

from server.core.drone.query import DroneQuery, DroneResponse, QueryKind
from server.core.http_answer import Answer
from server.core.model.log_tail import MOST_LINES, last_lines, text_of
from server.services.ports import Drone

log = logging.getLogger(__name__)


def query_drone(question: DroneQuery, drone: Drone) -> DroneResponse:
    """Ask *question* of Drone."""
    try:
        return DroneResponse(question, _ask(question, drone))
    except Exception as error:  # the thread that asks must outlive whatever happens
        # Its name alone: the text may quote a header.
        reason = type(error).__name__
        log.error("A question failed.", extra={"kind": question.kind.value, "reason": reason})
        return DroneResponse(question, Answer(0, {}, {}, reason))


def _ask(question: DroneQuery, drone: Drone) -> Answer:
    match question.kind:
        case QueryKind.ACCOUNT:
            return drone.who_am_i()
        case QueryKind.REPOS:
            return drone.all_repos() if question.is_admin else drone.own_repos()
        case QueryKind.REPO:
            return drone.repo(question.slug)
        case QueryKind.BUILDS:
            return drone.builds(question.slug)
        case QueryKind.BUILD | QueryKind.MISSED:
            return drone.build(question.slug, question.number)
        case QueryKind.LOG:
            place = (question.slug, question.number, question.stage, question.step)
            return _last_lines(drone.step_log(*place))


def _last_lines(answer: Answer) -> Answer:
    """Leave of a log what can be shown: that takes time, and the worker has a lease to keep."""
    rows = answer.body.get("items")
    if not isinstance(rows, list):
        return answer
    lines = last_lines(text_of(rows), MOST_LINES)
    kept = [{"pos": place, "out": f"{line}\n"} for place, line in enumerate(lines)]
    return replace(answer, body={"items": kept})
