"""From the bytes of one delivery to what it says; everything foreign is checked here.

`decode` and `recognise` are for the receiver: they read no further than needed to accept or refuse.
`read` goes through the whole of it, and what it does not understand inside a build reads as absent.
"""

import json
from collections.abc import Mapping
from enum import StrEnum, unique
from typing import NoReturn
from urllib.parse import urlsplit

from server.core.json_reader import Json, flag, integer, rows, table, text
from server.core.model.account import AccountEvent
from server.core.model.build import (
    LATEST_SECOND,
    Build,
    BuildState,
    Repo,
    Stage,
    Step,
    System,
    join_stages,
    join_steps,
)
from server.core.model.log_tail import read_tail
from server.core.model.status import read_status
from server.core.model.user_action import UserAction, join_actions
from server.errors import Malformed

# Of one build, stages and steps together. A large one has some two thousand; what is far beyond
# would cost the worker its memory and does not fit into a document of MongoDB.
MOST_PARTS = 60_000
MOST_PARAMETERS = 50


@unique
class Verdict(StrEnum):
    """What becomes of an authentic delivery."""

    SHOWN = "shown"
    IGNORED = "ignored"  # known, and nothing to show
    UNKNOWN = "unknown"  # Drone may learn new ones


# Every pair that drone-server 2.25 sends, by what it must carry; then those that it declares and
# never sends (core/webhook.go:24-36).
SUBJECT = {
    "build:created": "build",
    "build:updated": "build",
    "user:created": "user",
    "user:deleted": "user",
    "repo:enabled": "repo",
    "repo:disabled": "repo",
    "repo:deleted": "repo",
}
IGNORED = frozenset(
    {"user:updated", "repo:updated", "repo:created", "build:deleted"} | {"ping:ping"}  # our own
)


def decode(body: bytes) -> Json:
    """Read the JSON object that *body* holds; raise Malformed for anything else."""
    try:
        payload = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise Malformed("not_utf8", f"The body is not UTF-8 at byte {error.start}.") from error
    except RecursionError as error:
        raise Malformed("too_deep", "The body is nested too deeply to be a webhook.") from error
    except ValueError as error:
        raise Malformed("not_json", f"The body is not JSON: {error}.") from error
    if not isinstance(payload, dict):
        raise Malformed("not_an_object", "The body is JSON but not an object.")
    return payload


def recognise(payload: Json) -> tuple[str, Verdict]:
    """Name the event as `build:updated` and tell what becomes of it; raise Malformed if none.

    The header `X-Drone-Event` is not signed, so the body alone decides.
    """
    event, action = _word(payload, "event"), _word(payload, "action")
    name = f"{event}:{action}"
    if name not in SUBJECT:
        return name, Verdict.IGNORED if name in IGNORED else Verdict.UNKNOWN
    subject = SUBJECT[name]
    entity = table(payload, subject)
    if entity is None:
        raise Malformed(f"no_{subject}", f"A {name} event must have an object named {subject}.")
    if integer(entity, "id") <= 0:
        raise Malformed("no_id", f"The {subject} of a {name} event must have a positive id.")
    return name, Verdict.SHOWN


def read(payload: Json) -> BuildState | AccountEvent:
    """Read what a shown delivery says; raise Malformed for one that `recognise` would not show."""
    name, verdict = recognise(payload)
    if verdict is not Verdict.SHOWN:
        raise Malformed("not_shown", f"Nothing is shown for {name}.")
    if name.startswith("build:"):
        return read_report(payload)
    return _account_event(name, payload)


def read_report(payload: Json) -> BuildState:
    """Read what Drone says of a build; raise Malformed for one of more parts than any has."""
    stages = rows(table(payload, "build") or {}, "stages")
    parts = len(stages) + sum(len(rows(stage, "steps")) for stage in stages)
    if parts > MOST_PARTS:
        limit = f"of at most {MOST_PARTS} stages and steps"
        raise Malformed("too_many_parts", f"A build has {parts}; one {limit} is read.")
    return read_state(payload)


def read_state(payload: Json) -> BuildState:
    """Read a build with its repository; also our own documents, which keep Drone's shape."""
    build = table(payload, "build") or {}
    return BuildState(
        system=system_of(table(payload, "system") or {}),
        repo=repo_of(table(payload, "repo") or {}),
        build=build_of(build),
        stages=stages_of(build),
        acts=join_actions(tuple(_act(row) for row in rows(payload, "acts") if text(row, "id"))),
        log=read_tail(table(payload, "log")),
        parent_event=text(payload, "parent_event", 50),
    )


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number in JSON")


def _word(payload: Json, key: str) -> str:
    word = payload.get(key)
    if not isinstance(word, str) or not 0 < len(word) <= 100:
        raise Malformed(f"no_{key}", f"The body must name its {key} in a short string.")
    return text(payload, key)


def _time(source: Json, key: str) -> int:
    """Read Unix seconds; whatever is no instant of a calendar is 0, unknown."""
    seconds = integer(source, key)
    return seconds if 0 < seconds <= LATEST_SECOND else 0


def system_of(row: Json) -> System:
    """Read the object of a Drone server."""
    link = text(row, "link")
    try:
        authority = urlsplit(link).netloc
    except ValueError:
        authority = ""
    return System(host=text(row, "host") or authority, link=link, version=text(row, "version", 50))


def repo_of(row: Json) -> Repo:
    """Read the object of a repository."""
    return Repo(
        id=integer(row, "id"),
        version=integer(row, "version"),
        slug=text(row, "slug", 500),
        link=text(row, "link"),
        default_branch=text(row, "default_branch", 500),
        timeout=integer(row, "timeout"),
        private=flag(row, "private"),
        visibility=text(row, "visibility", 50),
        protected=flag(row, "protected"),
    )


def build_of(row: Json) -> Build:
    """Read the object of a build, without its stages."""
    return Build(
        id=integer(row, "id"),
        version=integer(row, "version"),
        number=integer(row, "number"),
        status=read_status(text(row, "status", 50)),
        error=text(row, "error", 4000),
        event=text(row, "event", 50),
        parent=integer(row, "parent"),
        trigger=text(row, "trigger", 250),
        link=text(row, "link"),
        title=text(row, "title"),
        message=text(row, "message"),
        after=text(row, "after", 100),
        ref=text(row, "ref", 500),
        source_repo=text(row, "source_repo", 500),
        source=text(row, "source", 500),
        target=text(row, "target", 500),
        author_login=text(row, "author_login", 250),
        author_name=text(row, "author_name", 250),
        author_avatar=text(row, "author_avatar"),
        sender=text(row, "sender", 250),
        params=_params(row.get("params")),
        cron=text(row, "cron", 250),
        deploy_to=text(row, "deploy_to", 500),
        debug=flag(row, "debug"),
        started=_time(row, "started"),
        finished=_time(row, "finished"),
        created=_time(row, "created"),
    )


def _params(given: object) -> tuple[tuple[str, str], ...]:
    """Read an object, as Drone sends it, or a list of pairs, as it is stored.

    It is stored so because of what the names of fields may not be in MongoDB.
    """
    pairs = list(given.items()) if isinstance(given, dict) else given
    found: dict[str, str] = {}
    for pair in pairs if isinstance(pairs, list | tuple) else ():
        if isinstance(pair, list | tuple) and len(pair) == 2:
            row = dict(zip(("name", "value"), pair, strict=True))
            found[text(row, "name", 100)] = text(row, "value", 500)
    return tuple(sorted(found.items())[:MOST_PARAMETERS])


def stages_of(build: Json) -> tuple[Stage, ...]:
    """Read the stages in the object of a build."""
    return join_stages(
        tuple(_stage(row) for row in rows(build, "stages") if integer(row, "id") > 0)
    )


def _stage(row: Json) -> Stage:
    steps = tuple(_step(step) for step in rows(row, "steps") if integer(step, "id") > 0)
    return Stage(
        id=integer(row, "id"),
        version=integer(row, "version"),
        number=integer(row, "number"),
        name=text(row, "name", 250),
        status=read_status(text(row, "status", 50)),
        error=text(row, "error", 500),
        errignore=flag(row, "errignore"),
        exit_code=integer(row, "exit_code"),
        started=_time(row, "started"),
        stopped=_time(row, "stopped"),
        steps=join_steps(steps),
    )


def _step(row: Json) -> Step:
    return Step(
        id=integer(row, "id"),
        version=integer(row, "version"),
        number=integer(row, "number"),
        name=text(row, "name", 250),
        status=read_status(text(row, "status", 50)),
        error=text(row, "error", 500),
        errignore=flag(row, "errignore"),
        exit_code=integer(row, "exit_code"),
        started=_time(row, "started"),
        stopped=_time(row, "stopped"),
    )


def _act(row: Json) -> UserAction:
    return UserAction(
        at=_time(row, "at"),
        id=text(row, "id", 30),
        what=text(row, "what", 20),
        user_id=text(row, "user_id", 30),
        name=text(row, "name", 100),
        target=text(row, "target", 500),
        number=integer(row, "number"),
    )


def _account_event(name: str, payload: Json) -> AccountEvent:
    user: Mapping[str, object] = table(payload, "user") or {}
    repo: Mapping[str, object] = table(payload, "repo") or {}
    about_user = name.startswith("user:")
    subject = user if about_user else repo
    return AccountEvent(
        event=name,
        system=system_of(table(payload, "system") or {}),
        subject_id=integer(subject, "id"),
        version=0 if about_user else integer(subject, "version"),
        name=text(subject, "login" if about_user else "slug", 500),
        actor="" if about_user else text(user, "login", 250),
        link="" if about_user else text(subject, "link"),
        avatar=text(user, "avatar") if about_user else "",
        is_admin=about_user and flag(user, "admin"),
        is_machine=about_user and flag(user, "machine"),
    )
