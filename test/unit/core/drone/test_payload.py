"""From the bytes of a delivery to what it says."""

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import payload
from hypothesis import given
from hypothesis import strategies as st

from server.core.drone.payload import (
    IGNORED,
    MOST_PARAMETERS,
    SUBJECT,
    Verdict,
    decode,
    read,
    read_state,
    recognise,
)
from server.core.model.account import AccountEvent
from server.core.model.build import Build, BuildState, Repo, Stage, Step, System
from server.core.model.status import Status
from server.errors import Malformed

SAMPLES = Path(__file__).parent.parent.parent.parent / "samples" / "drone"
VALID = sorted((SAMPLES / "valid").iterdir())
INVALID = sorted((SAMPLES / "invalid").iterdir())


@pytest.mark.parametrize("folder", VALID, ids=lambda folder: folder.name)
def test_every_valid_sample_is_read(folder: Path) -> None:
    body = decode((folder / "body.json").read_bytes())

    name, verdict = recognise(body)

    assert name.replace(":", "__") == "__".join(folder.name.split("__")[:2])
    assert verdict is Verdict.SHOWN
    assert isinstance(read(body), BuildState if name.startswith("build:") else AccountEvent)


@pytest.mark.parametrize("folder", INVALID, ids=lambda folder: folder.name)
def test_every_invalid_sample_is_refused_with_its_reason(folder: Path) -> None:
    with pytest.raises(Malformed) as caught:
        recognise(decode((folder / "body.json").read_bytes()))

    assert caught.value.reason == (folder / "reason.txt").read_text().strip()
    assert caught.value.detail.endswith(".")


# -- Decode -----------------------------------------------------------------------------------

UNREADABLE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "not_json"),
    "no JSON": (b"event=build", "not_json"),
    "two values": (b"{}{}", "not_json"),
    "a list": (b"[]", "not_an_object"),
    "null": (b"null", "not_an_object"),
    "another encoding": ('{"event":"é"}'.encode("latin-1"), "not_utf8"),
    "half a character": (b'{"event":"\xc3', "not_utf8"),
    "a mark of byte order": (b"\xef\xbb\xbf{}", "not_json"),
    "NaN": (b'{"build":NaN}', "not_json"),
    "infinity": (b'{"build":-Infinity}', "not_json"),
    "a number of 5,000 digits": (b'{"id":' + b"9" * 5000 + b"}", "not_json"),
    "10,000 lists": (b'{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}", "too_deep"),
    "100,000 objects": (b'{"a":' * 100_000, "too_deep"),
}


@pytest.mark.parametrize(("body", "reason"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_body_is_refused_because(body: bytes, reason: str) -> None:
    with pytest.raises(Malformed) as caught:
        decode(body)

    assert caught.value.reason == reason


def test_a_body_is_decoded() -> None:
    assert decode(b' {"event": "build", "id": 1e400} \n') == {"event": "build", "id": float("inf")}


@given(st.binary())
def test_no_bytes_break_the_door(body: bytes) -> None:
    with suppress(Malformed):
        assert recognise(decode(body))[1] is not Verdict.SHOWN


# -- Recognise --------------------------------------------------------------------------------

VERDICTS: dict[str, Verdict] = {
    "build:created": Verdict.SHOWN,
    "build:updated": Verdict.SHOWN,
    "user:created": Verdict.SHOWN,
    "user:deleted": Verdict.SHOWN,
    "repo:enabled": Verdict.SHOWN,
    "repo:disabled": Verdict.SHOWN,
    "repo:deleted": Verdict.SHOWN,
    "user:updated": Verdict.IGNORED,
    "repo:updated": Verdict.IGNORED,
    "repo:created": Verdict.IGNORED,
    "build:deleted": Verdict.IGNORED,
    "ping:ping": Verdict.IGNORED,
    "build:completed": Verdict.UNKNOWN,
    "cron:fired": Verdict.UNKNOWN,
    "BUILD:CREATED": Verdict.UNKNOWN,
}


def body_of(name: str) -> dict[str, Any]:
    event, action = name.split(":")
    subject = {"id": 1}
    return {"event": event, "action": action, "build": subject, "user": subject, "repo": subject}


def test_the_table_names_every_event_that_drone_knows() -> None:
    assert {*SUBJECT, *IGNORED} <= set(VERDICTS)


@pytest.mark.parametrize(("name", "verdict"), VERDICTS.items(), ids=VERDICTS)
def test_an_event_is(name: str, verdict: Verdict) -> None:
    assert recognise(body_of(name)) == (name, verdict)


MISSHAPEN: dict[str, tuple[dict[str, object], str]] = {
    "no event": ({"action": "created"}, "no_event"),
    "no action": ({"event": "build"}, "no_action"),
    "an empty event": ({"event": "", "action": "created"}, "no_event"),
    "an event of 101 characters": ({"event": "x" * 101, "action": "created"}, "no_event"),
    "an action that is a list": ({"event": "build", "action": ["created"]}, "no_action"),
    "a build event without a build": ({"event": "build", "action": "created"}, "no_build"),
    "a user that is a list": ({"event": "user", "action": "created", "user": []}, "no_user"),
    "a repository without an id": ({"event": "repo", "action": "enabled", "repo": {}}, "no_id"),
    "an id of zero": ({"event": "build", "action": "created", "build": {"id": 0}}, "no_id"),
    "an id below zero": ({"event": "build", "action": "created", "build": {"id": -1}}, "no_id"),
    "an id that is text": ({"event": "build", "action": "created", "build": {"id": "1"}}, "no_id"),
    "an id of 65 bits": ({"event": "build", "action": "created", "build": {"id": 2**64}}, "no_id"),
}


@pytest.mark.parametrize(("body", "reason"), MISSHAPEN.values(), ids=MISSHAPEN)
def test_an_event_is_refused_for(body: dict[str, object], reason: str) -> None:
    with pytest.raises(Malformed) as caught:
        recognise(body)

    assert caught.value.reason == reason


def test_the_name_of_an_unknown_event_can_be_logged() -> None:
    assert recognise({"event": "a\0", "action": "\ud83d"}) == ("a\ufffd:\ufffd", Verdict.UNKNOWN)


# -- Read -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["user:updated", "cron:fired"])
def test_what_is_not_shown_is_not_read(name: str) -> None:
    with pytest.raises(Malformed) as caught:
        read(body_of(name))

    assert caught.value.reason == "not_shown"


def test_a_build_is_read_whole() -> None:
    body = {
        "event": "build",
        "action": "updated",
        "system": {
            "host": "drone.example.com",
            "link": "https://drone.example.com",
            "version": "2",
        },
        "repo": {
            "id": 3,
            "version": 4,
            "slug": "octocat/hello",
            "link": "https://github.com/octocat/hello",
            "default_branch": "main",
            "timeout": 60,
            "private": True,
            "visibility": "private",
            "protected": True,
        },
        "build": {
            "id": 5,
            "version": 6,
            "number": 42,
            "status": "failure",
            "error": "",
            "event": "promote",
            "parent": 41,
            "trigger": "octocat",
            "link": "https://github.com/octocat/hello/commit/1",
            "title": "Title",
            "message": "Message",
            "after": "7fd1a60",
            "ref": "refs/heads/main",
            "source_repo": "mona/hello",
            "source": "main",
            "target": "main",
            "author_login": "octocat",
            "author_name": "Mona",
            "author_email": "mona@example.com",
            "author_avatar": "https://example.com/a.png",
            "sender": "hubot",
            "cron": "nightly",
            "deploy_to": "production",
            "debug": True,
            "started": 20,
            "finished": 30,
            "created": 10,
            "params": {"B": "2", "A": "1"},
            "stages": [
                {
                    "id": 7,
                    "version": 8,
                    "number": 1,
                    "name": "default",
                    "status": "failure",
                    "error": "boom",
                    "errignore": True,
                    "exit_code": 1,
                    "started": 21,
                    "stopped": 29,
                    "steps": [
                        {
                            "id": 9,
                            "version": 10,
                            "number": 2,
                            "name": "test",
                            "status": "failure",
                            "error": "bang",
                            "errignore": True,
                            "exit_code": 2,
                            "started": 22,
                            "stopped": 28,
                        }
                    ],
                }
            ],
        },
    }

    assert read(body) == BuildState(
        system=System("drone.example.com", "https://drone.example.com", "2"),
        repo=Repo(
            id=3,
            version=4,
            slug="octocat/hello",
            link="https://github.com/octocat/hello",
            default_branch="main",
            timeout=60,
            private=True,
            visibility="private",
            protected=True,
        ),
        build=Build(
            id=5,
            version=6,
            number=42,
            status=Status.FAILURE,
            error="",
            event="promote",
            parent=41,
            trigger="octocat",
            link="https://github.com/octocat/hello/commit/1",
            title="Title",
            message="Message",
            after="7fd1a60",
            ref="refs/heads/main",
            source_repo="mona/hello",
            source="main",
            target="main",
            author_login="octocat",
            author_name="Mona",
            author_avatar="https://example.com/a.png",
            sender="hubot",
            params=(("A", "1"), ("B", "2")),
            cron="nightly",
            deploy_to="production",
            debug=True,
            started=20,
            finished=30,
            created=10,
        ),
        stages=(
            Stage(
                id=7,
                version=8,
                number=1,
                name="default",
                status=Status.FAILURE,
                error="boom",
                errignore=True,
                exit_code=1,
                started=21,
                stopped=29,
                steps=(
                    Step(
                        id=9,
                        version=10,
                        number=2,
                        name="test",
                        status=Status.FAILURE,
                        error="bang",
                        errignore=True,
                        exit_code=2,
                        started=22,
                        stopped=28,
                    ),
                ),
            ),
        ),
    )


NOTHING = BuildState(
    system=System("", "", ""),
    repo=Repo(
        id=0,
        version=0,
        slug="",
        link="",
        default_branch="",
        timeout=0,
        private=False,
        visibility="",
        protected=False,
    ),
    build=Build(
        id=0,
        version=0,
        number=0,
        status=Status.OTHER,
        error="",
        event="",
        parent=0,
        trigger="",
        link="",
        title="",
        message="",
        after="",
        ref="",
        source_repo="",
        source="",
        target="",
        author_login="",
        author_name="",
        author_avatar="",
        sender="",
        params=(),
        cron="",
        deploy_to="",
        debug=False,
        started=0,
        finished=0,
        created=0,
    ),
)


NUMBERS = ("id", "version", "number", "parent", "started", "finished", "created")
WORDS = tuple(
    name
    for name in Build.__dataclass_fields__
    if name not in (*NUMBERS, "status", "params", "debug")
)
EVERYWHERE: dict[str, tuple[object, dict[str, Any]]] = {
    "null": (None, {}),
    "a list": ([], {}),
    "an object": ({}, {}),
    "a fraction": (1.5, {}),
    "a number": (5, dict.fromkeys(NUMBERS, 5)),
    "text": ("text", dict.fromkeys(WORDS, "text")),
    "a boolean": (True, {"debug": True}),
}


@pytest.mark.parametrize(("value", "read_as"), EVERYWHERE.values(), ids=EVERYWHERE)
def test_what_is_of_a_wrong_type_reads_as_absent(value: object, read_as: dict[str, Any]) -> None:
    body = {"build": dict.fromkeys(Build.__dataclass_fields__, value)}

    assert read_state(body) == replace(NOTHING, build=replace(NOTHING.build, **read_as))


def test_a_wrong_shape_of_everything_reads_as_nothing() -> None:
    assert read_state({"system": 1, "repo": [], "build": "x"}) == NOTHING


def test_stages_and_steps_without_an_id_are_left_out() -> None:
    stages = [
        {"id": 0, "name": "no id"},
        {"name": "none at all"},
        {"id": 1, "name": "kept", "steps": [{"id": -1}, {"id": 2, "name": "kept"}, None]},
        "no stage",
    ]

    (stage,) = read_state(payload(stages=stages)).stages

    assert (stage.name, [step.name for step in stage.steps]) == ("kept", ["kept"])


def test_the_newest_of_a_stage_that_is_listed_twice_is_kept() -> None:
    stages = [{"id": 1, "version": version, "name": str(version)} for version in (1, 3, 2)]

    (stage,) = read_state(payload(stages=stages)).stages

    assert stage.name == "3"


TIMES: dict[str, tuple[object, int]] = {
    "a second of today": (1_700_000_000, 1_700_000_000),
    "the last second of all": (253_402_300_799, 253_402_300_799),
    "after the end of time": (253_402_300_800, 0),
    "milliseconds": (1_700_000_000_000, 0),
    "before 1970": (-1, 0),
    "unknown": (0, 0),
    "text": ("2026-01-01", 0),
}


@pytest.mark.parametrize(("value", "read_as"), TIMES.values(), ids=TIMES)
def test_a_time_is_read_as(value: object, read_as: int) -> None:
    assert read_state(payload(started=value)).build.started == read_as


HOSTS: dict[str, tuple[dict[str, object], str]] = {
    "as it says": ({"host": "drone", "link": "https://elsewhere"}, "drone"),
    "of its link": ({"link": "https://drone.example.com:8080/x"}, "drone.example.com:8080"),
    "unknown without both": ({}, ""),
    "unknown if the link is none": ({"link": "drone.example.com"}, ""),
    "unknown if the link is broken": ({"link": "http://[::1"}, ""),
}


@pytest.mark.parametrize(("system", "host"), HOSTS.values(), ids=HOSTS)
def test_the_host_of_a_system_is(system: dict[str, object], host: str) -> None:
    assert read_state({"system": system}).system.host == host


PARAMETERS: dict[str, tuple[object, tuple[tuple[str, str], ...]]] = {
    "an object, as Drone sends it": ({"B": "2", "A": "1"}, (("A", "1"), ("B", "2"))),
    "pairs, as they are stored": ([["B", "2"], ["A", "1"]], (("A", "1"), ("B", "2"))),
    "pairs, as they are held": ((("A", "1"),), (("A", "1"),)),
    "of a wrong type": ({"A": 1, "B": None}, (("A", ""), ("B", ""))),
    "no pairs": ([["A"], "AB", 5, None], ()),
    "too long": ({"n" * 900: "v" * 900}, (("n" * 100, "v" * 500),)),
}


@pytest.mark.parametrize(("value", "read_as"), PARAMETERS.values(), ids=PARAMETERS)
def test_parameters_are_read_as(value: object, read_as: tuple[tuple[str, str], ...]) -> None:
    assert read_state(payload(params=value)).build.params == read_as


def test_of_very_many_parameters_the_first_are_read() -> None:
    params = {f"{number:04}": "" for number in range(2000)}

    assert [name for name, _ in read_state(payload(params=params)).build.params] == [
        f"{number:04}" for number in range(MOST_PARAMETERS)
    ]


def of_parts(stages: int, steps: int) -> dict[str, Any]:
    """Make a build of *stages* stages with *steps* steps each."""
    return payload(
        stages=[
            {"id": one, "steps": [{"id": one * steps + step} for step in range(steps)]}
            for one in range(1, stages + 1)
        ]
    )


@pytest.mark.parametrize(("stages", "steps"), [(1, 60_000), (60_001, 0), (300, 200), (1, 530_000)])
def test_a_build_of_more_parts_than_any_has_is_refused(stages: int, steps: int) -> None:
    parts = stages * (1 + steps)

    with pytest.raises(Malformed) as caught:
        read(of_parts(stages, steps))

    assert (caught.value.reason, str(caught.value)) == (
        "too_many_parts",
        f"A build has {parts}; one of at most 60000 stages and steps is read.",
    )


@pytest.mark.parametrize(("stages", "steps"), [(1, 59_999), (200, 100)])
def test_the_largest_builds_are_read_whole(stages: int, steps: int) -> None:
    found = read(of_parts(stages, steps))

    assert isinstance(found, BuildState)
    assert (len(found.stages), {len(stage.steps) for stage in found.stages}) == (stages, {steps})


def test_long_text_is_cut_before_it_is_kept() -> None:
    stages = [{"id": 1, "name": "n" * 9000, "steps": [{"id": 1, "error": "e" * 9000}]}]

    found = read_state(payload(stages=stages, error="e" * 9000, message="m" * 9000))

    (stage,) = found.stages
    lengths = (len(found.build.error), len(found.build.message), len(stage.name))
    assert (*lengths, len(stage.steps[0].error)) == (4000, 2000, 250, 500)


USER = {
    "id": 9,
    "login": "hubot",
    "email": "hubot@example.com",
    "avatar": "https://example.com/h.png",
    "admin": True,
    "machine": True,
}
REPO = {"id": 3, "version": 4, "slug": "octocat/hello", "link": "https://github.com/octocat/hello"}
SYSTEM = {"host": "drone", "link": "http://drone"}

ACCOUNTS: dict[str, tuple[dict[str, object], AccountEvent]] = {
    "a user": (
        {"event": "user", "action": "created", "system": SYSTEM, "user": USER},
        AccountEvent(
            event="user:created",
            system=System("drone", "http://drone", ""),
            subject_id=9,
            version=0,
            name="hubot",
            actor="",
            link="",
            avatar="https://example.com/h.png",
            is_admin=True,
            is_machine=True,
        ),
    ),
    "a repository with who enabled it": (
        {"event": "repo", "action": "enabled", "system": SYSTEM, "user": USER, "repo": REPO},
        AccountEvent(
            event="repo:enabled",
            system=System("drone", "http://drone", ""),
            subject_id=3,
            version=4,
            name="octocat/hello",
            actor="hubot",
            link="https://github.com/octocat/hello",
            avatar="",
            is_admin=False,
            is_machine=False,
        ),
    ),
    "a repository that nobody is said to have deleted": (
        {"event": "repo", "action": "deleted", "repo": {"id": 3}},
        AccountEvent(
            event="repo:deleted",
            system=System("", "", ""),
            subject_id=3,
            version=0,
            name="",
            actor="",
            link="",
            avatar="",
            is_admin=False,
            is_machine=False,
        ),
    ),
}


@pytest.mark.parametrize(("body", "account"), ACCOUNTS.values(), ids=ACCOUNTS)
def test_an_account_event_is_read_whole(body: dict[str, object], account: AccountEvent) -> None:
    assert read(json.loads(json.dumps(body))) == account
