"""Read what the control endpoints are ordered to make; unknown keys are refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import TypeVar

from playground.discord.services.order import BadOrder, Order
from playground.drone import hooks
from playground.drone.pipeline import StagePlan, StepPlan, usual_pipeline
from playground.drone.rest.accounts import Permission
from playground.drone.rows import Build, Line, Repo, Stage, Step
from playground.drone.server import Server

RowT = TypeVar("RowT", Build, Stage, Step, Repo)

_STEP_KEYS = (
    *("name", "seconds", "exit_code", "error", "ignored", "when", "image", "detached"),
    *("after", "log"),
)
_STAGE_KEYS = (
    *("name", "steps", "depends_on", "on_success", "on_failure", "refusal", "queue_seconds"),
)
_FIXED = ("id", "repo_id", "build_id", "step_id", "number", "version", "stages", "steps", "build")
_NAMES = tuple(permission.name.lower() for permission in Permission)


def stage_plans(order: Order) -> Sequence[StagePlan]:
    """Read the pipelines of a build; without any it has the usual one."""
    if not order.has("stages"):
        return usual_pipeline()
    return [_stage_plan(Order(one, _STAGE_KEYS)) for one in listed(order, "stages")]


def hook_of(order: Order, server: Server, repo: Repo) -> Build:
    """Read what the SCM or a person asks for; `columns` replaces anything else of it."""
    event = order.choice(
        "event",
        ("push", "pull_request", "tag", "cron", "custom", "promote", "rollback"),
        "push",
    )
    hook = _hook(event, server, repo)
    if event == "push":
        branch = order.text("branch", repo.default_branch)
        hook = hooks.push(replace(repo), server.random, branch=branch)
    hook.message = order.text("message", hook.message)
    set_columns(hook, order.mapping("columns"))
    return hook


def set_columns(row: RowT, columns: Mapping[str, object], *, ignored: Sequence[str] = ()) -> None:
    """Write *columns* into a row; ids, numbers and versions are not for orders to choose."""
    known = {column.name for column in fields(row)} - {*_FIXED}
    for name, value in columns.items():
        if name in ignored:
            continue
        if name not in known:
            raise BadOrder(f"unknown: {name}; known: {', '.join(sorted(known))}")
        setattr(row, name, value)


def log_lines(body: object) -> list[Line] | None:
    """Read a log: a list of lines as the API shows them, or null."""
    if body is None:
        return None
    if not isinstance(body, list):
        raise BadOrder("a log is a list of lines, or null")
    orders = [Order(line, ("pos", "out", "time")) for line in body]
    return [
        Line(order.integer("pos", place), order.text("out"), order.integer("time", 0))
        for place, order in enumerate(orders)
    ]


def permissions(order: Order) -> dict[str, Permission]:
    """Read permissions by slug: none, read, write or admin."""
    granted = order.mapping("permissions")
    for word in granted.values():
        if word not in _NAMES:
            raise BadOrder(f"{word} is no permission: {', '.join(_NAMES)}")
    return {slug: Permission[str(word).upper()] for slug, word in granted.items()}


def listed(order: Order, name: str) -> list[object]:
    """Read a list of anything."""
    found = order.body.get(name) or []
    if not isinstance(found, list):
        raise BadOrder(f"{name} must be a list")
    return found


def _stage_plan(order: Order) -> StagePlan:
    return StagePlan(
        name=order.text("name", "default"),
        steps=[_step_plan(Order(one, _STEP_KEYS)) for one in listed(order, "steps")],
        depends_on=order.texts("depends_on"),
        on_success=order.flag("on_success", default=True),
        on_failure=order.flag("on_failure", default=False),
        refusal=order.text("refusal"),
        queue_seconds=order.seconds("queue_seconds", 2.0),
    )


def _step_plan(order: Order) -> StepPlan:
    plan = StepPlan(order.text("name", "step"))
    return replace(
        plan,
        seconds=order.seconds("seconds", plan.seconds),
        exit_code=order.integer("exit_code", 0),
        error=order.text("error"),
        is_ignored=order.flag("ignored", default=False),
        when=order.choice("when", ("success", "failure", "always"), plan.when),
        image=order.text("image", plan.image),
        is_detached=order.flag("detached", default=False),
        after=order.texts("after") if order.has("after") else None,
        log=order.text("log"),
    )


def _hook(event: str, server: Server, repo: Repo) -> Build:
    row, random = replace(repo), server.random
    if event == "pull_request":
        return hooks.pull_request(row, random)
    if event == "tag":
        return hooks.tag(row, random)
    if event == "cron":
        return hooks.cron(row, random)
    if event == "custom":
        return hooks.custom(row, random)
    earlier = hooks.push(row, random)
    if event == "promote":
        return hooks.promote(earlier)
    return hooks.rollback(earlier) if event == "rollback" else earlier
