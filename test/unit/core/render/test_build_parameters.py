"""What a card shows of the parameters of a build."""

import pytest
from drone_shapes import build, description

from server.core.render.message import render


def line(params: dict[str, str], event: str = "custom", **changes: object) -> str:
    """Return the line of the parameters, "" if there is none."""
    lines = description(build(event=event, params=params, **changes)).split("\n")
    return next((one for one in lines if one.startswith("Parameters")), "")


@pytest.mark.parametrize("event", ["custom", "promote", "rollback", "push", "cron"])
def test_the_parameters_of_a_build_are_shown(event: str) -> None:
    assert line({"VERSION": "1.2", "DRY_RUN": "true"}, event) == (
        "Parameters: DRY\\_RUN=true · VERSION=1.2"
    )


def test_a_build_without_parameters_has_no_such_line() -> None:
    assert line({}) == ""


def test_the_parameters_stand_below_what_started_the_build() -> None:
    lines = description(build(event="rollback", deploy_to="qa", params={"A": "1"})).split("\n")

    assert [one.partition(" ")[0] for one in lines] == [">", "Rollback", "Parameters:", "Took"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PASSWORD", "correct horse"),
        ("api_key", "correct horse"),
        ("DeployToken", "correct horse"),
        ("CLIENT_SECRET", "correct horse"),
        ("DATABASE", "postgres://app:correct horse@db.example.com/app"),
        ("DATABASE", "postgres://app:correct%20horse@db.example.com/app"),
        ("HEADER", "Bearer correcthorsebattery"),
        ("VALUE", "ghp_correcthorsebatterystaple"),
        ("VALUE", "eyJhbGciOiJIUzI1NiJ9.correcthorse"),
        ("VALUE", "-----BEGIN RSA PRIVATE KEY-----\ncorrecthorse"),
    ],
)
def test_what_may_be_a_secret_is_hidden(name: str, value: str) -> None:
    state = build(event="custom", params={name: value})

    assert line({name: value}).endswith("=•••")
    assert "correct" not in str(render(state))


def test_of_many_parameters_the_first_are_shown() -> None:
    params = {f"P{number}": str(number) for number in range(9)}

    assert line(params) == "Parameters: P0=0 · P1=1 · P2=2 · P3=3 · P4=4 · P5=5 · and 3 more"


def test_a_parameter_is_harmless_and_short() -> None:
    assert line({"**A**": "@everyone\n[x](https://a.b)" + "x" * 100}) == (
        "Parameters: \\*\\*A\\*\\*=\\@everyone \\[x\\]\\(https:\u200b//a.b…" + "x" * 39
    )


def test_the_message_of_a_custom_build_is_not_repeated() -> None:
    assert line({"message": "Try it", "A": "1"}, message="Try it") == "Parameters: A=1"


def test_an_empty_parameter_is_shown() -> None:
    assert line({"": "1", "A": ""}) == "Parameters: =1 · A="
