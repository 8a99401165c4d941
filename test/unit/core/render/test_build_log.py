"""The end of a log on a card: what is seen, and what gives way to it or not."""

from dataclasses import replace

import pytest
from drone_shapes import SERVER, build, card, description, stage, step

from playground.discord.rules import violations
from server.core.discord import limits
from server.core.model.build import BuildState
from server.core.model.log_tail import LogTail
from server.core.render.message import degraded, render

FAILED = stage(
    1, "test amd64", "failure", step(1, "clone"), step(2, "unit tests", "failure", exit_code=1)
)
OTHER = stage(2, "deploy", "skipped")
LINES = ("E   AssertionError: assert 41 == 42", "1 failed, 311 passed in 4.81s")


def logged(
    *stages: dict[str, object], lines: tuple[str, ...] = LINES, at: tuple[int, int] = (1, 2)
) -> BuildState:
    """Return a build that failed, with the end of a log."""
    state = build(*(stages or (FAILED, OTHER)), status="failure")
    return replace(state, log=LogTail(*at, lines))


def test_the_log_stands_above_the_list_of_steps() -> None:
    assert description(logged()) == (
        "❌ **unit tests** failed in **test amd64** · exit code 1\n"
        "> Greet the world\n"
        f"Push to **main** · [7fd1a60]({SERVER}/link/octocat/hello-world/commit/"
        "7fd1a60b01f91b314f59955a4e4d4e80d8edf11d?ref=refs/heads/main)\n"
        "Took 1m 12s · queued 10s\n"
        "\n"
        f"[Log]({SERVER}/octocat/hello-world/42/1/2) of **unit tests** in **test amd64**\n"
        "```\n"
        "E   AssertionError: assert 41 == 42\n"
        "1 failed, 311 passed in 4.81s\n"
        "```\n"
        "\n"
        "❌ **test amd64** · 1m 1s\n"
        "\u2003✅ clone · 1s\n"
        "\u2003❌ unit tests · 2s · exit code 1\n"
        "⏭️ **deploy** · skipped · 1m 2s"
    )


def section(state: BuildState) -> str:
    """Return what the card shows of a log."""
    parts = description(state).split("\n\n")
    return next((part for part in parts if part.startswith(("[Log]", "Log of"))), "")


def test_a_pipeline_that_nobody_named_is_not_named_here_either() -> None:
    one = stage(1, "default", "failure", step(2, "test", "failure"))

    assert section(logged(one, lines=("boom",))) == (
        f"[Log]({SERVER}/octocat/hello-world/42/1/2) of **test**\n```\nboom\n```"
    )


def test_without_an_address_of_drone_there_is_no_link() -> None:
    state = logged(lines=("boom",))
    state = replace(state, system=replace(state.system, link=""))

    assert section(state) == "Log of **unit tests** in **test amd64**\n```\nboom\n```"


@pytest.mark.parametrize(
    "state",
    [
        pytest.param(logged(lines=()), id="a step that printed nothing"),
        pytest.param(logged(at=(1, 1)), id="the log of another step"),
        pytest.param(logged(at=(2, 2)), id="the log of another stage"),
        pytest.param(replace(logged(), log=None), id="no log"),
        pytest.param(
            replace(build(FAILED, status="running"), log=LogTail(1, 2, LINES)), id="still running"
        ),
        pytest.param(
            replace(build(FAILED, status="killed"), log=LogTail(1, 2, LINES)), id="cancelled"
        ),
    ],
)
def test_nothing_is_said_where_there_is_no_log_to_show(state: BuildState) -> None:
    assert section(state) == ""


def test_a_log_cannot_leave_its_block() -> None:
    lines = ("```", "@everyone **bold**", "`a` ``b`` ```` c", "[x](https://evil.example)")

    shown = section(logged(lines=lines))

    assert shown.partition("\n")[2] == (
        "```\n"
        "`\u200b`\u200b`\n"
        "@everyone **bold**\n"
        "`a` `\u200b`b`\u200b` `\u200b`\u200b`\u200b` c\n"
        "[x](https://evil.example)\n"
        "```"
    )


def large(stages: int, steps: int) -> list[dict[str, object]]:
    """Return much to list, all of it of interest, with long names."""
    return [
        stage(
            number,
            f"{number} {'stage ' * 8}",
            "failure",
            *(step(place, f"{place} {'step ' * 9}", "failure") for place in range(1, steps + 1)),
        )
        for number in range(1, stages + 1)
    ]


def test_where_there_is_much_to_list_the_log_gets_shorter_first() -> None:
    stages = large(12, 12)
    lines = tuple(f"{number} {'x' * 90}" for number in range(40))
    bare = description(build(*stages, status="failure"))

    full = description(logged(*stages, lines=lines, at=(1, 1)))

    assert len(full) <= limits.EMBED_DESCRIPTION
    assert bare.split("\n\n") == [part for part in full.split("\n\n") if "[Log]" not in part]
    shown = section(logged(*stages, lines=lines, at=(1, 1))).split("\n")[2:-1]
    assert 0 < len(shown) < 40
    assert shown == list(lines[-len(shown) :])


def test_forty_lines_fit_a_usual_build() -> None:
    lines = tuple(f"{number} {'x' * 60}" for number in range(40))

    assert section(logged(lines=lines)).count("\n") == 42


@pytest.mark.parametrize("level", range(4))
def test_discord_takes_it_at_every_level(level: int) -> None:
    lines = tuple("``" * 48 for _ in range(40))
    message = render(logged(lines=lines), SERVER)

    assert violations({**degraded(message, level)}) == []


def test_as_plain_text_the_log_is_closed() -> None:
    message = degraded(render(logged(lines=tuple("x" * 90 for _ in range(40)))), 3)

    assert message["content"].count("```") == 2
    assert len(message["content"]) <= limits.CONTENT


def test_the_colour_stays_that_of_the_failure() -> None:
    assert card(logged())["color"] == 0xBB3030
