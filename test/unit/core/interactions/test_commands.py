"""The commands as Discord is given them, and what people type into them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.discord.core.command import commands
from server.core.interactions.command_diff import difference
from server.core.interactions.commands import DRONE, TREE
from server.core.interactions.options import InvalidOption, number_of, params_of, slug_of, target_of
from server.core.model.user_action import ActionKind
from server.services.interactions.dispatch import COMMANDS

READING = ["builds", "build", "log"]


def test_discord_takes_the_tree() -> None:
    assert list(commands(json.loads(json.dumps(TREE)))) == []


def test_every_act_has_its_command() -> None:
    assert [one["name"] for one in DRONE["options"]] == [
        *READING,
        "restart",
        "cancel",
        "promote",
        "rollback",
        "approve",
        "decline",
    ]
    assert {one["name"] for one in DRONE["options"]} - set(READING) == set(COMMANDS)
    assert set(ActionKind) - COMMANDS == {ActionKind.START}


def test_discord_shows_the_commands_to_everybody_in_a_server_alone() -> None:
    assert DRONE["default_member_permissions"] is None
    assert DRONE["contexts"] == [0]


# -- The difference ---------------------------------------------------------------------------


def as_discord_gives_it(command: Any) -> dict[str, Any]:
    """Return a command with what Discord adds, and without what it leaves out."""
    kept = {key: value for key, value in command.items() if value not in (False, None)}
    kept["options"] = [as_discord_gives_it(one) for one in command.get("options", [])]
    if not kept["options"]:
        del kept["options"]
    return {"id": "1", "version": "2", "nsfw": False, "name_localizations": None, **kept}


def test_what_discord_gives_back_is_equal() -> None:
    known = [as_discord_gives_it(one) for one in TREE]

    assert difference(known, TREE, is_global=True) == []


def test_for_one_server_the_contexts_do_not_count() -> None:
    known = [{**as_discord_gives_it(DRONE), "contexts": None}]

    assert difference(known, TREE, is_global=False) == []
    assert difference(known, TREE, is_global=True) == ["~ /drone: contexts null → [0]"]


def test_the_first_registration_adds_every_line() -> None:
    lines = difference([], TREE, is_global=True)

    assert lines[0] == '+ /drone: "Look at builds and act on them"'
    assert '+ /drone promote target: "Environment, as production"' in lines
    assert {line[0] for line in lines} == {"+"}


CHANGES: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]], list[str]]] = {
    "a description": (
        [{"name": "a", "description": "x"}],
        [{"name": "a", "description": "y"}],
        ['~ /a: description "x" → "y"'],
    ),
    "one that goes": ([{"name": "old", "description": "x"}], [], ["- /old"]),
    "one of people's": ([{"type": 2, "name": "Old"}], [], ["- @Old"]),
    "one of messages'": ([{"type": 3, "name": "Old"}], [], ["- #Old"]),
    "an option that becomes required": (
        [{"name": "a", "options": [{"type": 3, "name": "o", "description": "d"}]}],
        [
            {
                "name": "a",
                "options": [{"type": 3, "name": "o", "description": "d", "required": True}],
            }
        ],
        ["~ /a o: required false → true"],
    ),
    "options in another order": (
        [{"name": "a", "options": [{"name": "x"}, {"name": "y"}]}],
        [{"name": "a", "options": [{"name": "y"}, {"name": "x"}]}],
        ['~ /a: order ["x", "y"] → ["y", "x"]'],
    ),
}


@pytest.mark.parametrize(("known", "wanted", "lines"), CHANGES.values(), ids=CHANGES)
def test_the_difference_shows(known: Any, wanted: Any, lines: list[str]) -> None:
    assert difference(known, wanted, is_global=False) == lines


# -- What people type -------------------------------------------------------------------------

PARAMS: dict[str, tuple[str, dict[str, str]]] = {
    "nothing": ("", {}),
    "one": ("A=1", {"A": "1"}),
    "two": ("A=1  B=2", {"A": "1", "B": "2"}),
    "a value with a space": ("A='two words' B=\"three more words\"", {
        "A": "two words",
        "B": "three more words",
    }),
    "a value with =": ("A=b=c", {"A": "b=c"}),
    "an empty value": ("A=", {"A": ""}),
    "other signs in a key": ("a.b-c_d=1", {"a.b-c_d": "1"}),
    "an emoji": ("A=🎉", {"A": "🎉"}),
}  # fmt: skip


@pytest.mark.parametrize(("typed", "params"), PARAMS.values(), ids=PARAMS)
def test_params_are_read_of(typed: str, params: dict[str, str]) -> None:
    assert params_of({"params": typed}) == params


WRONG_PARAMS = {
    "a word alone": ("A=1 s3cret", "Write params as KEY=value; word 2 has no =."),
    "an open quotation mark": ("A='1", "The params have a quotation mark that is not closed."),
    "a key that begins with a digit": (
        "1A=1",
        "The key of param 1 must be letters, digits, and _ . - after a letter.",
    ),
    "no key": ("=1", "The key of param 1 must be letters, digits, and _ . - after a letter."),
    "a key twice": ("A=1 A=2", "A is there twice."),
    "the token of somebody": (
        "access_token=x",
        "access_token is no param: Drone reads it as something else.",
    ),
    "the target": ("target=x", "target is no param: Drone reads it as something else."),
    "too many": (" ".join(f"K{n}=1" for n in range(51)), "At most 50 params can be given."),
}


@pytest.mark.parametrize(("typed", "said"), WRONG_PARAMS.values(), ids=WRONG_PARAMS)
def test_params_are_refused_for(typed: str, said: str) -> None:
    with pytest.raises(InvalidOption) as mistake:
        params_of({"params": typed})
    assert str(mistake.value) == said


@given(st.text())
def test_any_params_are_read_or_refused(typed: str) -> None:
    try:
        params = params_of({"params": typed})
    except InvalidOption:
        return
    assert not {"access_token", "target"} & params.keys()


SLUGS = {
    "octocat/hello-world": True,
    "~ada/my.repo_1": True,
    "GRÜN/größe": True,
    "octocat": False,
    "a/b/c": False,
    "../x": False,
    "a/..": False,
    "a/b?x=1": False,
    "a/b#x": False,
    "a/%2e%2e": False,
    "a /b": False,
    "a/\u202eb": False,
    "": False,
    "a/" + "b" * 251: False,
}


@pytest.mark.parametrize(("typed", "is_slug"), SLUGS.items(), ids=lambda value: repr(value)[:30])
def test_a_repository_is(typed: str, is_slug: bool) -> None:
    try:
        read = slug_of({"repo": typed})
    except InvalidOption:
        read = ""
    assert read == (typed if is_slug else "")


@pytest.mark.parametrize(
    "typed",
    [{}, {"number": "42"}, {"number": 0}, {"number": -1}, {"number": 2**31}],
    ids=["absent", "in words", "zero", "negative", "too large"],
)
def test_a_number_is_refused_that_is(typed: dict[str, str | int]) -> None:
    with pytest.raises(InvalidOption):
        number_of(typed)


def test_a_number_is_read() -> None:
    assert number_of({"number": 42}) == 42


@pytest.mark.parametrize("typed", ["", " ", "x" * 201, "a\nb"])
def test_no_environment_has_the_name(typed: str) -> None:
    with pytest.raises(InvalidOption):
        target_of({"target": typed})


def test_an_environment_is_read_without_the_space_around_it() -> None:
    assert target_of({"target": " production "}) == "production"
