"""Imports point inward: web to services to core, edges to core; a few modules put them together."""

import ast
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

# Who may import what; a layer may always import itself.
INWARD: dict[str, set[str]] = {
    "server": set(),
    "errors": set(),
    "core": {"errors"},
    "config": {"core"},
    "services": {"core", "errors"},
    "edges": {"config", "core", "errors", "server"},
    "web": {"core", "errors", "server", "services"},
    "listener": set(),
    "interactions": {"config", "core", "edges", "services", "web"},
    "assembly": {"config", "core", "edges", "errors", "interactions", "services", "web"},
    "healthcheck": {"services"},
}
# What a layer may import of `runtime`; without an entry nothing, and programs everything.
OF_RUNTIME: dict[str, set[str]] = {
    "core": {"secret"},
    "services": {"secret"},
    "edges": {"errors", "secret"},
    "config": {"errors", "log", "pasted", "proxy", "reader", "secret", "settings"},
    "healthcheck": {"environment", "errors", "heartbeat", "reader"},
}
# These are programs and put the others together, so they may import everything.
TOGETHER = {"cli", "gunicorn.conf", "hosts", "worker", "wsgi"}

# The rooms of a layer; each may import those before it, and none after it.
ROOMS: dict[str, list[str]] = {
    "core": [
        "terminal",
        "json_reader",
        "backoff",
        "delivery",
        "http_answer",
        "instant",
        "lease",
        "discord",
        "model",
        "drone",
        "render",
        "cards",
        "messages",
        "interactions",
        "documents",
    ],
    "services": ["ports", "intake", "messages", "interactions", "sync", "worker", "operations"],
    "edges": [
        "background",
        "threads",
        "time_limit",
        "http",
        "discord",
        "discord_interactions",
        "drone",
        "webhook_post",
        "mongo",
        "sqlite",
    ],
}

# What reaches the world, the clock or chance.
WORLD = {
    "asyncio",
    "concurrent",
    "glob",
    "http",
    "io",
    "logging",
    "multiprocessing",
    "os",
    "pathlib",
    "queue",
    "random",
    "secrets",
    "select",
    "shutil",
    "signal",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "sys",
    "tempfile",
    "threading",
    "time",
    "uuid",
}
LIBRARIES = {"aiohttp", "bson", "discord", "dotenv", "flask", "gunicorn", "pymongo", "requests"}

# A use case may log, and guard what threads share.
NOT_IN_SERVICES = (WORLD | LIBRARIES) - {"logging", "threading"}
# Where each library may be known.
HOMES = {
    "apig_wsgi": {"hosts"},
    "azure": {"hosts"},
    "bson": set(),
    "flask": {"web", "assembly", "cli", "hosts", "wsgi"},
    "dotenv": set(),
    "gunicorn": {"gunicorn.conf", "listener"},
    "pymongo": {"edges"},
    "requests": {"edges"},
    "sqlite3": {"edges"},
}
# A method, and a function that needs no import.
CLOCKS = {".now", ".today", ".utcnow"}
WAYS_OUT = {"open", "print", "input", "exec", "eval", "__import__"}

PROGRAMS = {"bench", "playground", "presence_client", "server", "test"}
# Both images have it beside their program.
SHARED = "runtime"
FOR_TESTS = {"hypothesis", "mongomock", "pytest", "secantusdb", "unittest"}

STARTER = "playground/run.py"
SETTINGS = {
    "server.config.settings.read_server",
    "server.config.settings.read_worker",
}


def modules(*folders: str) -> list[str]:
    """Return the paths of all modules in *folders* of the repository."""
    return sorted(
        str(path.relative_to(ROOT)) for folder in folders for path in (ROOT / folder).rglob("*.py")
    )


@cache
def tree(path: str) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), path)


def imported(path: str) -> Iterator[str]:
    """Return the full name of everything that a module imports, wherever in it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def calls(path: str) -> Iterator[str]:
    """Return what a module calls: functions by name, methods with a dot before theirs."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Attribute):
                yield f".{function.attr}"
            elif isinstance(function, ast.Name):
                yield function.id


def layer_of(path: str) -> str:
    """Return the layer of a module of the server: its folder, or its own name."""
    parts = Path(path).relative_to("server").with_suffix("").parts
    return "server" if parts == ("__init__",) else parts[0]


def layer_named(name: str) -> str:
    """Return the layer of an imported name such as `server.core.cards.card.Card`."""
    parts = name.split(".")
    place = ROOT / "server" / (parts[1] if len(parts) > 1 else "")
    is_module = place.is_dir() or place.with_suffix(".py").exists()
    return parts[1] if len(parts) > 1 and is_module else "server"


def room_of(path: str) -> str:
    """Return the room of a module within its layer; nothing for the layer's own docstring."""
    room = Path(path).relative_to("server").with_suffix("").parts[1]
    return "" if room == "__init__" else room


def packages(path: str) -> set[str]:
    return {name.split(".")[0] for name in imported(path)}


def offences(paths: list[str], find: Callable[[str], set[str]]) -> dict[str, set[str]]:
    """Return what *find* objects to, by module."""
    return {path: found for path in paths if (found := find(path))}


def test_every_layer_is_named_here() -> None:
    assert {layer_of(path) for path in modules("server")} == {*INWARD, *TOGETHER}


def test_the_server_imports_only_inward() -> None:
    def outward(path: str) -> set[str]:
        layer = layer_of(path)
        names = {name for name in imported(path) if name.split(".")[0] == "server"}
        if layer in TOGETHER:
            return set()
        return {name for name in names if layer_named(name) not in INWARD[layer] | {layer}}

    assert offences(modules("server"), outward) == {}


@pytest.mark.parametrize("layer", ROOMS)
def test_every_room_is_named_here(layer: str) -> None:
    assert {room_of(path) for path in modules(f"server/{layer}")} == {"", *ROOMS[layer]}


@pytest.mark.parametrize("layer", ROOMS)
def test_a_room_imports_only_those_before_it(layer: str) -> None:
    order = ROOMS[layer]

    def later(path: str) -> set[str]:
        names = {name for name in imported(path) if name.startswith(f"server.{layer}.")}
        after = order[order.index(room_of(path)) + 1 :] if room_of(path) else order
        return {name for name in names if name.split(".")[2] in after}

    assert offences(modules(f"server/{layer}"), later) == {}


def test_the_core_does_not_reach_the_world() -> None:
    def reached(path: str) -> set[str]:
        return packages(path) & (WORLD | LIBRARIES) | set(calls(path)) & (CLOCKS | WAYS_OUT)

    assert offences(modules("server/core"), reached) == {}


def test_a_use_case_reaches_the_world_only_through_what_it_is_given() -> None:
    def reached(path: str) -> set[str]:
        return packages(path) & NOT_IN_SERVICES | set(calls(path)) & (CLOCKS | WAYS_OUT)

    assert offences(modules("server/services"), reached) == {}


def test_a_library_is_known_only_where_it_is_at_home() -> None:
    def strangers(path: str) -> set[str]:
        known = packages(path) & set(HOMES)
        return {name for name in known if layer_of(path) not in HOMES[name]}

    assert offences(modules("server"), strangers) == {}


def test_no_program_imports_what_is_not_in_its_image() -> None:
    def foreign(path: str) -> set[str]:
        return packages(path) & (PROGRAMS | FOR_TESTS) - {Path(path).parts[0]}

    assert offences(modules("server", "presence_client", SHARED), foreign) == {}


def test_the_layers_take_of_the_runtime_what_they_need() -> None:
    def taken(path: str) -> set[str]:
        layer = layer_of(path)
        names = {name.split(".")[1] for name in imported(path) if name.split(".")[0] == SHARED}
        return set() if layer in TOGETHER else names - OF_RUNTIME.get(layer, set())

    assert offences(modules("server"), taken) == {}


def test_the_playground_knows_the_server_only_from_outside() -> None:
    def inside(path: str) -> set[str]:
        names = {name for name in imported(path) if name.split(".")[0] == "server"}
        # What starts the programs reads their settings, to complain before it starts them.
        return {name for name in names if path != STARTER or name not in SETTINGS}

    assert offences(modules("playground"), inside) == {}
