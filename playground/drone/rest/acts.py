"""Carry out the calls that change something, on the simulated world."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from playground.drone import approval, hooks
from playground.drone.canceler import cancel as cancel_build
from playground.drone.pipeline import StagePlan, deployment
from playground.drone.rest import find, view
from playground.drone.rest.call import Answer, Call
from playground.drone.rest.refusal import Refused
from playground.drone.rows import Build, Stage
from playground.drone.trigger import create_build

RowT = TypeVar("RowT", Build, Stage)

# Drone begins nothing for a push or a pull request with one of these (trigger/skip.go).
SKIPS = ("[ci skip]", "[skip ci]", "***no_ci***")
TARGET, TOKEN = "target", "access_token"


def restart(call: Call) -> Answer:
    """Begin a build once more, in the name of the caller; a blocked one then runs unblocked."""
    earlier = _build(call)
    if earlier.status == "declined":
        raise Refused(400, "cannot start a declined build")
    hook = hooks.restart(earlier, person=call.caller.user.login)
    params = {**_params(call, ("debug",)), **(earlier.params or {})}
    hook = replace(hook, params=params or None, debug=call.query.get("debug") == "true")
    return _begin(call, earlier, hook, _plans(call, earlier))


def promote(call: Call) -> Answer:
    """Begin a build that promotes another, however that one ended."""
    earlier, to = _build(call), call.query.get(TARGET, "")
    hook = hooks.promote(earlier, to=to, person=call.caller.user.login)
    return _deploy(call, earlier, hook)


def rollback(call: Call) -> Answer:
    """Begin a build that goes back to another."""
    earlier, to = _build(call), call.query.get(TARGET, "")
    hook = hooks.rollback(earlier, to=to, person=call.caller.user.login)
    return _deploy(call, earlier, hook)


def cancel(call: Call) -> Answer:
    """End a build; one that has ended is answered as well, and nothing is sent."""
    server, build = call.world.server, _build(call)
    loop = server.loop
    task = loop.start(cancel_build(server, build.id))
    while not task.is_done and loop.step():
        pass
    return Answer(200, view.build_with_stages(server, server.builds.find(build.id)))


def approve(call: Call) -> Answer:
    """Let a blocked stage go on; nothing is sent."""
    build, stage = _blocked_stage(call, 'Cannot approve a Pipeline with Status "{}"')
    approval.approve(call.world.server, build, stage.name)
    return Answer(204)


def decline(call: Call) -> Answer:
    """End a blocked stage, and its build with it; nothing is sent."""
    build, stage = _blocked_stage(call, 'Cannot decline build with status "{}"')
    approval.decline(call.world.server, build, stage.name)
    return Answer(204)


def decline_build(call: Call) -> Answer:
    """End a build whose stages are all blocked; nothing is sent."""
    build = _build(call)
    for stage in call.world.server.stages.children(build.id):
        if stage.status != "blocked":
            raise Refused(400, f'Cannot decline build with status "{stage.status}"')
    approval.decline(call.world.server, build)
    return Answer(204)


def _build(call: Call) -> Build:
    return find.build_numbered(call.world.server, call.about, find.number(call.params["number"]))


def _blocked_stage(call: Call, refusal: str) -> tuple[Build, Stage]:
    server, repo = call.world.server, call.about
    build = _named(call, "number", "build", lambda one: find.build_numbered(server, repo, one))
    stage = _named(call, "stage", "stage", lambda one: find.stage_numbered(server, build, one))
    if stage.status != "blocked":
        raise Refused(400, refusal.format(stage.status))
    return build, stage


def _named(call: Call, param: str, word: str, look: Callable[[int], RowT]) -> RowT:
    """Find a row as the handlers of approvals do, which have words of their own."""
    try:
        wanted = find.number(call.params[param])
    except Refused as refused:
        raise Refused(400, f"Invalid {word} number") from refused
    try:
        return look(wanted)
    except Refused as refused:
        raise Refused(404, f"{word.capitalize()} not found") from refused


def _params(call: Call, known: Sequence[str] = ()) -> dict[str, str]:
    return {name: value for name, value in call.query.items() if name not in (TOKEN, *known)}


def _deploy(call: Call, earlier: Build, hook: Build) -> Answer:
    if not hook.deploy_to:
        raise Refused(400, "Missing target environment")
    # Unlike a restart, what the caller says wins.
    params = {**(earlier.params or {}), **_params(call, (TARGET,))}
    return _begin(call, earlier, replace(hook, params=params or None), deployment())


def _plans(call: Call, earlier: Build) -> Sequence[StagePlan]:
    stages = call.world.server.stages.children(earlier.id)
    return [call.world.server.plans[stage.id] for stage in stages]


def _begin(call: Call, earlier: Build, hook: Build, plans: Sequence[StagePlan]) -> Answer:
    """Begin a build; `null` says that there is nothing to begin."""
    is_skipped = earlier.event in ("push", "pull_request") and any(
        word in text.lower() for word in SKIPS for text in (hook.message, hook.title)
    )
    if is_skipped or not plans:
        return Answer(200, None)
    server = call.world.server
    row = create_build(server, call.about.slug, hook, plans)
    return Answer(200, view.bare_build(server.builds.find(row.id)))
