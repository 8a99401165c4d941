"""Laws of rendering: whatever a build is called, its card is taken by Discord and tells no lie."""

import json
import re
from dataclasses import replace

import pytest
from drone_shapes import build, card
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.discord.rules import violations
from server.core.discord.markdown import ACTIVE, INLINE
from server.core.model.account import AccountEvent
from server.core.model.build import Build, BuildState, Repo, Stage, Step, System
from server.core.model.log_tail import LogTail
from server.core.model.status import Status
from server.core.model.user_action import ActionKind, UserAction
from server.core.render.message import degraded, fingerprint, render

SERVER = "https://drone.example.com"
PIECES = (
    "*", "**", "_", "~~", "||", "`", "```", "\\", "# ", "-# ", "> ", ">>> ", "- ", "1. ", "[x](",
    "https://evil.example", ")", "<@1>", "<@&2>", "@everyone", "<t:1:R>", "<:e:3>", "\n", "\r\n",
    "\u2028", "\u202e", "\u2066", "\u200b", "\u200d", "\ufe0f", "\u0301", "\0", "👩🏽\u200d🚀",
    "🇩🇪", "é", "main", "feature/x", " ",
)  # fmt: skip
TEXT = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=12).map("".join)
LONG = st.builds(lambda text, times: (text * times)[:2000], TEXT, st.sampled_from([1, 1, 1, 500]))
NUMBER = st.integers(0, 50) | st.integers(-(2**63), 2**63 - 1)
TIME = st.integers(0, 2) | st.integers(1_700_000_000, 1_700_009_999) | NUMBER
STATUS = st.sampled_from(Status)
EVENT = st.sampled_from(
    ["push", "pull_request", "tag", "promote", "rollback", "cron", "custom", ""]
)
REF = st.builds(
    "{}{}".format, st.sampled_from(["refs/heads/", "refs/tags/", "refs/pull/5/", ""]), LONG
)
SLUG = st.sampled_from(["octocat/hello-world", "~user/my_repo"]) | LONG
SHA = st.sampled_from(["7fd1a60b01f91b314f59955a4e4d4e80d8edf11d", "0" * 40]) | LONG
ADDRESS = st.sampled_from([SERVER, "http://drone", "http://10.0.0.5:8080/x/", ""]) | LONG
AVATAR = st.sampled_from(["https://avatars.example.com/1?v=4"]) | LONG
TRIGGER = st.sampled_from(["@hook", "@cron", "hubot"]) | LONG

SYSTEMS = st.builds(System, host=LONG, link=ADDRESS, version=TEXT)
REPOS = st.builds(
    Repo,
    id=NUMBER,
    version=NUMBER,
    slug=SLUG,
    link=ADDRESS,
    default_branch=TEXT,
    timeout=NUMBER,
    private=st.booleans(),
    visibility=TEXT,
    protected=st.booleans(),
)
PART = {
    "id": NUMBER,
    "version": NUMBER,
    "number": NUMBER,
    "name": LONG,
    "status": STATUS,
    "error": LONG,
    "errignore": st.booleans(),
    "exit_code": NUMBER,
    "started": TIME,
    "stopped": TIME,
}


def repeated(times: int) -> st.SearchStrategy[int]:
    return st.sampled_from([1, 1, 2, times])


STEPS = st.builds(
    lambda steps, times: tuple(steps) * times,
    st.lists(st.builds(Step, **PART), max_size=3),
    repeated(20),
)
STAGES = st.builds(
    lambda stages, times: tuple(stages) * times,
    st.lists(st.builds(Stage, **PART, steps=STEPS), max_size=3),
    repeated(20),
)
BUILDS = st.builds(
    Build,
    id=NUMBER,
    version=NUMBER,
    number=NUMBER,
    status=STATUS,
    error=LONG,
    event=EVENT | TEXT,
    parent=NUMBER,
    trigger=TRIGGER,
    link=ADDRESS,
    title=LONG,
    message=LONG,
    after=SHA,
    ref=REF,
    source_repo=SLUG | TEXT,
    source=REF,
    target=REF,
    author_login=TRIGGER,
    author_name=LONG,
    author_avatar=AVATAR,
    sender=TRIGGER,
    params=st.lists(st.tuples(LONG, LONG), max_size=8).map(tuple),
    cron=LONG,
    deploy_to=LONG,
    debug=st.booleans(),
    started=TIME,
    finished=TIME,
    created=TIME,
)
ACTS = st.builds(
    UserAction,
    at=TIME,
    id=st.sampled_from(["1", "2"]),
    what=st.sampled_from(ActionKind) | TEXT,
    user_id=TEXT,
    name=LONG,
    target=LONG,
    number=NUMBER,
)
TAILS = st.builds(
    LogTail, st.integers(0, 2) | NUMBER, st.integers(0, 2) | NUMBER, st.lists(LONG).map(tuple)
)
REPORTED = st.builds(
    BuildState,
    system=SYSTEMS,
    repo=REPOS,
    build=BUILDS,
    stages=STAGES,
    acts=st.lists(ACTS, max_size=5).map(tuple),
    log=st.none() | TAILS,
    parent_event=EVENT | TEXT,
)


def with_a_log(state: BuildState, stage: Stage, step: Step, lines: list[str]) -> BuildState:
    """Let *state* end badly by a step whose log is known."""
    failed = replace(step, status=Status.FAILURE, errignore=False)
    broken = replace(stage, status=Status.FAILURE, errignore=False, steps=(failed,))
    return replace(
        state,
        build=replace(state.build, status=Status.FAILURE),
        stages=(broken, *(replace(one, errignore=True) for one in state.stages)),
        log=LogTail(stage.number, step.number, tuple(lines)),
    )


LOGGED = st.builds(
    with_a_log, REPORTED, st.builds(Stage, **PART), st.builds(Step, **PART), st.lists(LONG)
)
STATES = REPORTED | LOGGED
ACCOUNTS = st.builds(
    AccountEvent,
    event=st.sampled_from(
        ["user:created", "user:deleted", "repo:enabled", "repo:disabled", "repo:deleted", "x"]
    ),
    system=SYSTEMS,
    subject_id=NUMBER,
    version=NUMBER,
    name=SLUG,
    actor=LONG,
    link=ADDRESS,
    avatar=AVATAR,
    is_admin=st.booleans(),
    is_machine=st.booleans(),
)
CONTENTS = STATES | ACCOUNTS
EXAMPLES = settings(
    max_examples=50,
    deadline=None,  # the first example pays for the others
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

OURS = re.compile(
    r"```\n.*?\n```"  # a code block
    r"|\\[^0-9A-Za-z\s]"  # an escape
    r"|\[(?:[0-9a-f]{7}|\#[0-9]+|Log)\]\(https?://[^\s()]+\)"  # a link, with a label of our own
    r"|<t:[0-9]+:R>"
    r"|(?m:^> (?=\S))"  # the quoted commit message
    r"|\*\*"
    r"|(?m:^\u2003?\+(?=[0-9]+ more))"
    r"|\#(?=[0-9])",  # the number of a build or a pull request
    re.DOTALL,
)
FENCE = re.compile("```.*?```", re.DOTALL)
ESCAPE = re.compile(r"\\[^0-9A-Za-z\s]")


@EXAMPLES
@given(CONTENTS, st.sampled_from(["", SERVER]), st.booleans())
def test_discord_takes_every_card_at_every_level(
    content: BuildState | AccountEvent, public_url: str, edit: bool
) -> None:
    message = render(content, public_url, has_controls=True)

    for level in range(4):
        assert violations(degraded(message, level), edit=edit) == []


@EXAMPLES
@given(CONTENTS)
def test_no_text_of_strangers_is_read_as_markdown(content: BuildState | AccountEvent) -> None:
    (embed,) = render(content)["embeds"]

    rest = OURS.sub("", embed["description"])
    assert not set(rest) & ACTIVE
    assert "://" not in rest
    for line in ESCAPE.sub("", FENCE.sub("", embed["description"])).split("\n"):
        assert line.count("**") % 2 == 0

    title = ESCAPE.sub("", embed["title"])
    assert not set(title) & INLINE
    assert "://" not in title


@EXAMPLES
@given(CONTENTS)
def test_nothing_invisible_turns_or_breaks_a_line(content: BuildState | AccountEvent) -> None:
    (embed,) = render(content)["embeds"]

    for text in (embed["title"], embed.get("author", {"name": ""})["name"]):
        assert len(text.splitlines()) <= 1
    shown = embed["title"] + embed["description"] + embed.get("author", {"name": ""})["name"]
    assert not re.search("[\0-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]", shown)


@EXAMPLES
@given(CONTENTS)
def test_rendering_is_a_function_of_the_state(content: BuildState | AccountEvent) -> None:
    message = render(content)
    same = render(replace(content))

    assert same == message
    assert fingerprint(same) == fingerprint(message)
    assert json.loads(json.dumps(message)) == message


@EXAMPLES
@given(CONTENTS)
def test_no_one_is_ever_pinged(content: BuildState | AccountEvent) -> None:
    message = render(content)

    for level in range(4):
        assert degraded(message, level)["allowed_mentions"] == {"parse": []}


@EXAMPLES
@given(STATES)
def test_links_lead_to_drone_only(state: BuildState) -> None:
    message = render(state, SERVER)

    buttons = [button for row in message["components"] for button in row["components"]]
    linked = re.findall(
        r"\]\(([^\s()]*)\)", OURS.sub(only_links, message["embeds"][0]["description"])
    )
    for url in [*linked, *(button["url"] for button in buttons)]:
        assert url.startswith(f"{SERVER}/")


def only_links(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith("[") else ""


@pytest.mark.parametrize("text", ["*", "😀", "👩🏽\u200d🚀", "`", "x", "\ufdfa", "1. "])
@pytest.mark.parametrize(
    ("event", "status"), [("pull_request", "failure"), ("promote", "running"), ("cron", "blocked")]
)
def test_the_longest_names_fit(text: str, event: str, status: str) -> None:
    long = (text * 2000)[:2000]
    part = {"name": long, "status": status, "error": long, "exit_code": 255, "started": 1700000000}
    steps = [{"id": number, "number": number, **part} for number in range(1, 40)]
    stages = [{"id": number, "number": number, **part, "steps": steps} for number in range(1, 40)]
    texts = dict.fromkeys(
        ["error", "title", "message", "source", "target", "author_name", "cron", "deploy_to"], long
    )
    state = build(
        *stages,
        repo={"slug": f"{long}/{long}"},
        event=event,
        status=status,
        parent=2**62,
        number=2**62,
        ref=f"refs/pull/{5**20}/{long}",
        **texts,
    )

    assert violations({**render(state)}) == []
    assert card(state)["description"].count("\n") < 60
