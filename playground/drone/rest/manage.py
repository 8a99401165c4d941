"""Carry out what tests order: builds, repositories, accounts, logs and time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from playground.discord.services.order import BadOrder, Order
from playground.drone import wire
from playground.drone.rest import find, orders, view
from playground.drone.rest.accounts import Account, Permission
from playground.drone.rest.refusal import not_found
from playground.drone.rest.world import World
from playground.drone.rows import Build, Repo, Stage, Step, User
from playground.drone.scenarios import SCENARIOS
from playground.drone.server import Server
from playground.drone.trigger import create_build, create_build_error
from playground.drone.world import HELLO

_BUILD_KEYS = (
    *("slug", "event", "branch", "message", "columns", "stages", "blocked", "error"),
    *("age_seconds", "late"),
)


def show_time(world: World) -> dict[str, object]:
    """Show Drone's time, and how much of the simulation has passed."""
    elapsed = world.server.loop.elapsed
    return {"now": world.server.now(), "elapsed": elapsed, "speed": world.flow.speed}


def play(world: World, body: object) -> None:
    """Begin the stories named, side by side, or as if they had begun a while ago."""
    order = Order(body, ("scenarios", "again", "age_seconds"))
    names = order.texts("scenarios")
    if unknown := [name for name in names if name not in SCENARIOS]:
        raise BadOrder(f"unknown: {', '.join(unknown)}; known: {', '.join(SCENARIOS)}")
    age = int(order.seconds("age_seconds"))
    world.server.start -= age
    world.tell(names)
    if order.flag("again", default=False):
        world.stories = names
    world.leap(age / world.server.scale, is_lost=False)


def add_build(world: World, body: object) -> object:
    """Make a build of a plan, which then goes its way as simulated time passes."""
    order, server = Order(body, _BUILD_KEYS), world.server
    slug = order.text("slug", HELLO)
    repo = find.repo_named(server, slug)
    if repo is None:
        raise BadOrder(f"there is no repository {slug}")
    hook = orders.hook_of(order, server, repo)
    age = int(order.seconds("age_seconds"))
    server.start -= age
    if error := order.text("error"):
        row = create_build_error(server, slug, hook, error)
    else:
        blocked = order.flag("blocked", default=False)
        late = order.seconds("late")
        plans = orders.stage_plans(order)
        row = create_build(server, slug, hook, plans, is_blocked=blocked, late=late)
    server.start += age
    return _shown(server, repo, server.builds.find(row.id))


def edit_build(world: World, params: Mapping[str, str], body: object) -> object:
    """Write columns of a build, of its `stages` by number, and of their `steps` by number."""
    server = world.server
    repo, build = build_at(server, params)
    known = tuple(column.name for column in fields(Build))
    order = Order(body, known)
    for one in orders.listed(order, "stages"):
        _edit_stage(server, build, one)
    orders.set_columns(build, order.body, ignored=("stages",))
    server.builds.update(build)
    return _shown(server, repo, build)


def forget_build(world: World, params: Mapping[str, str]) -> None:
    """Purge a build; nothing more is heard of it."""
    _, build = build_at(world.server, params)
    _stop(world.server, build)
    world.server.builds.remove(build.id)


def set_log(world: World, params: Mapping[str, str], body: object) -> None:
    """Hand in a log."""
    world.server.logs[_step_at(world, params).id] = orders.log_lines(body)


def forget_log(world: World, params: Mapping[str, str]) -> None:
    """Take a log away."""
    world.server.logs.pop(_step_at(world, params).id, None)


def set_repo(world: World, slug: str, body: object) -> object:
    """Make or change a repository; the owner of the server administers it."""
    server = world.server
    if slug.count("/") != 1:
        raise BadOrder(f"{slug} is no slug")
    order = Order(body, tuple(column.name for column in fields(Repo)))
    namespace, _, name = slug.partition("/")
    known = server.repos.get(slug)
    if known is None:
        number = 1 + max((repo.id for repo in server.repos.values()), default=0)
        link = f"https://git.example.com/{slug}"
        known = Repo(number, str(number), 1, namespace, name, slug, link=link)
        owner = world.accounts[server.owner.login]
        owner.permissions[slug] = Permission.ADMIN
    orders.set_columns(known, order.body)
    if known.slug != slug:
        _rename(world, slug, known)
    server.repos[known.slug] = known
    return view.repo(known)


def _rename(world: World, old: str, repo: Repo) -> None:
    """Move a repository and what people may do in it; Drone learns it by a sync, and tells none."""
    world.server.repos.pop(old, None)
    repo.namespace, _, repo.name = repo.slug.partition("/")
    for account in world.accounts.values():
        if old in account.permissions:
            account.permissions[repo.slug] = account.permissions.pop(old)


def forget_repo(world: World, slug: str) -> None:
    """Remove a repository, which is the last that is heard of its builds.

    harness/drone handler/api/repos/disable.go:46-80
    """
    repo = world.server.repos.pop(slug, None)
    if repo is None:
        raise not_found()
    for build in world.server.builds.children(repo.id):
        _stop(world.server, build)
    repo.active = False
    repo.version += 1
    world.server.send("repo", "deleted", repo=repo)
    world.pass_by()


def set_account(world: World, login: str, body: object) -> object:
    """Make or change an account."""
    order = Order(body, ("token", "admin", "active", "machine", "revoked", "permissions"))
    known = world.accounts.get(login)
    if known is None:
        user = User(len(world.accounts) + 1, login)
        known = world.accounts[login] = Account(user, token="")
    user = known.user
    user.admin = order.flag("admin", default=user.admin)
    user.active = order.flag("active", default=user.active)
    user.machine = order.flag("machine", default=user.machine)
    known.token = order.text("token", known.token)
    known.is_revoked = order.flag("revoked", default=known.is_revoked)
    if order.has("permissions"):
        known.permissions = orders.permissions(order)
    return wire.as_object(user)


def build_at(server: Server, params: Mapping[str, str]) -> tuple[Repo, Build]:
    """Find the build that the path of an order names."""
    repo = find.repo_named(server, f"{params['namespace']}/{params['name']}")
    if repo is None:
        raise not_found()
    return repo, find.build_numbered(server, repo, find.number(params["number"]))


def _step_at(world: World, params: Mapping[str, str]) -> Step:
    _, build = build_at(world.server, params)
    stage = find.stage_numbered(world.server, build, find.number(params["stage"]))
    return find.step_numbered(world.server, stage, find.number(params["step"]))


def _stop(server: Server, build: Build) -> None:
    for stage in server.stages.children(build.id):
        if stage.id in server.runners:
            server.runners[stage.id].is_done = True


def _shown(server: Server, repo: Repo, build: Build) -> object:
    shown = view.build_with_stages(server, build)
    return {"slug": repo.slug, **shown} if isinstance(shown, dict) else shown


def _edit_stage(server: Server, build: Build, body: object) -> None:
    order = Order(body, tuple(column.name for column in fields(Stage)))
    row = find.stage_numbered(server, build, order.integer("number", 0))
    for one in orders.listed(order, "steps"):
        _edit_step(server, row, one)
    orders.set_columns(row, order.body, ignored=("number", "steps"))
    server.stages.update(row)


def _edit_step(server: Server, stage: Stage, body: object) -> None:
    order = Order(body, tuple(column.name for column in fields(Step)))
    row = find.step_numbered(server, stage, order.integer("number", 0))
    orders.set_columns(row, order.body, ignored=("number",))
    server.steps.update(row)
