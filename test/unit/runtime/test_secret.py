"""A secret is seen only by whoever asks for it by name."""

import json
from dataclasses import asdict, dataclass

import pytest

from runtime.secret import Secret

HIDDEN = "hunter2"


@dataclass(frozen=True)
class Holder:
    """Something that has a secret, as the settings do."""

    token: Secret


def test_reveal_gives_the_secret_away() -> None:
    assert Secret(HIDDEN).reveal() == HIDDEN


@pytest.mark.parametrize(
    "shown",
    [
        repr(Secret(HIDDEN)),
        str(Secret(HIDDEN)),
        f"{Secret(HIDDEN)}",
        f"{Secret(HIDDEN)!r:>20}",
        "{}".format(Secret(HIDDEN)),  # noqa: UP032 – this way of writing it as well
        "%s %r" % (Secret(HIDDEN), Secret(HIDDEN)),  # noqa: UP031 – and this one
        repr(Holder(Secret(HIDDEN))),
        repr([Secret(HIDDEN)]),
        json.dumps(asdict(Holder(Secret(HIDDEN))), default=str),
    ],
    ids=["repr", "str", "f-string", "padded", "format", "percent", "record", "list", "json"],
)
def test_nothing_else_shows_it(shown: str) -> None:
    assert HIDDEN not in shown
    assert "Secret(…)" in shown or "Secret(\\u2026)" in shown


def test_it_has_no_dictionary_to_look_into() -> None:
    with pytest.raises(TypeError):
        vars(Secret(HIDDEN))


def test_equal_secrets_are_equal() -> None:
    assert Secret(HIDDEN) == Secret(HIDDEN)
    assert hash(Secret(HIDDEN)) == hash(Secret(HIDDEN))


@pytest.mark.parametrize("other", [Secret("hunter3"), HIDDEN, None], ids=["secret", "str", "None"])
def test_a_secret_differs_from_everything_else(other: object) -> None:
    assert Secret(HIDDEN) != other
