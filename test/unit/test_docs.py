"""The pages for people say what the code does: names, defaults, reasons, commands and links."""

import ast
import importlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from dotenv import dotenv_values
from flask import Flask
from pages import section, text
from stack import ROOT

import server
from runtime.settings import ALL, BRIDGE, SETTINGS
from server import cli
from server.core.discord.permissions import NAMES, needed
from server.core.drone.payload import SUBJECT, decode, read
from server.core.model.build import BuildState
from server.core.model.log_tail import LogTail
from server.core.render.message import render
from server.services.operations.health import COUNTS, REFUSALS

SECRETS = {name for name, setting in SETTINGS.items() if setting.is_secret}
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
ARCHITECTURE = text("docs/architecture.md")
DECISIONS = sorted((ROOT / "docs" / "adr").iterdir())


def rows(part: str) -> list[list[str]]:
    """Return the cells of every row of the tables in *part*, without their headings."""
    lines = [line for line in part.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    headings = [place - 1 for place, line in enumerate(lines) if set(line) <= set("|- ")]
    return [
        row
        for place, row in enumerate(cells)
        if place not in headings and place - 1 not in headings
    ]


def code(part: str) -> list[str]:
    """Return what is set as code within lines."""
    return re.findall(r"`([^`\n]+)`", part)


def relative(page: Path) -> str:
    return str(page.relative_to(ROOT))


# Settings


def plain_text(cell: str) -> str:
    """Return a cell of a table with links as their labels."""
    return re.sub(r"\[([^\[\]]*)\]\([^()]*\)", r"\1", cell).replace(r"\|", "|")


def test_the_settings_page_lists_every_setting_as_the_table_has_it() -> None:
    names = {BRIDGE: "both", ALL: "all"}

    assert [
        [plain_text(cell) for cell in row]
        for row in rows(section(text("docs/settings.md"), "## All settings"))
    ] == [
        [
            f"`{name}`",
            names.get(one.users, ", ".join(one.users)),
            "**required**" if one.is_required else f"`{one.default}`" if one.default else "–",
            one.meaning,
        ]
        for name, one in SETTINGS.items()
    ]


def test_the_settings_page_names_every_secret_that_may_come_from_a_file() -> None:
    page = section(text("docs/settings.md"), "## Where secrets come from")
    part = page.split("Secrets may come from files")[1]

    assert set(code(part)) - {"NAME", "NAME_FILE"} == SECRETS


def test_the_example_lists_every_setting_with_its_default() -> None:
    found = re.findall(r"^#?([A-Z_]+)=(.*)$", text(".env.example"), flags=re.MULTILINE)
    listed = dict(found)

    assert len(found) == len(listed)
    assert listed.keys() == SETTINGS.keys()
    for name, setting in SETTINGS.items():
        if setting.default is not None:
            assert listed[name] == setting.default, name


def test_the_example_sets_nothing_but_what_must_be_filled_in() -> None:
    assert dotenv_values(ROOT / ".env.example") == {"DISCORD_TOKEN": "", "DISCORD_CHANNEL_ID": ""}


def test_the_example_marks_every_secret_that_may_come_from_a_file() -> None:
    hinted = text(".env.example").split("\n\n")
    marked = "\n".join(part for part in hinted if "(_FILE" in part)

    names = set(re.findall(r"^#?([A-Z_]+)=", marked, flags=re.MULTILINE))
    assert names >= SECRETS


# The message


LOG = LogTail(
    stage=1,
    step=3,
    lines=(
        '>  assert parse("29 February 2028") == date(2028, 2, 29)',
        "tests/test_parser.py:47: AssertionError",
        "1 failed, 317 passed in 4.31s",
    ),
)


def shown(name: str) -> list[str]:
    """Return what a phone shows of a recorded build whose log is known, line by line."""
    body = (ROOT / "test" / "samples" / "drone" / "valid" / name / "body.json").read_bytes()
    state = read(decode(body))
    assert isinstance(state, BuildState)
    message = render(replace(state, log=LOG))
    (embed,) = message["embeds"]
    description = re.sub("```\n(.*?)\n```", in_a_frame, embed["description"], flags=re.DOTALL)
    lines = [embed["author"]["name"], embed["title"], *description.split("\n")]
    buttons = [button["label"] for row in message["components"] for button in row["components"]]
    return [
        *(f" ▌ {plain(line)}".rstrip() for line in lines),
        "  " + "  ".join(f"[ {label} ]" for label in buttons),
    ]


def in_a_frame(block: re.Match[str]) -> str:
    """Return a code block as it looks."""
    return "\n".join(f"│ {line}" for line in block[1].split("\n"))


def plain(markdown: str) -> str:
    """Return a line as it looks, without bold and with links as their labels."""
    line = re.sub(r"\[([^\[\]]*)\]\([^()]*\)", r"\1", markdown).replace("**", "")
    line = re.sub(r"^> ", "┃ ", line).replace("\u2003", "  ")
    return re.sub(r"\\(.)", r"\1", line)


def test_the_page_of_cards_shows_the_message_as_it_is_rendered() -> None:
    picture = text("docs/cards.md").split("```\n")[1].splitlines()

    assert picture[1:] == shown("build__updated__pull_request_failure")


# The bot


def test_the_readme_asks_for_the_permissions_that_the_bridge_knows() -> None:
    part = section(text("README.md"), "## Make the bot")

    assert f"&permissions={sum(NAMES)}`" in part
    sentence = next(line for line in part.splitlines() if line.startswith(str(sum(NAMES))))
    assert [name for name in NAMES.values() if name not in sentence] == []
    assert f"({needed(is_thread=False, with_files=False)})" in part


# Commands


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    found = re.findall(
        r"(?:^|`)make ([a-z-]+)", page.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    targets = re.findall(r"^([a-z-]+):", text("Makefile"), flags=re.MULTILINE)

    assert [name for name in found if name not in targets] == []


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_flask_command_that_a_page_names_exists(page: Path) -> None:
    app = Flask("server")
    cli.register(app)
    words = re.findall(r"flask --app server\.wsgi ([a-z-]+)(?: (--[a-z]+))?", page.read_text())

    for name, option in words:
        options = {one for parameter in app.cli.commands[name].params for one in parameter.opts}
        assert option in {"", *options}


def test_the_page_of_drone_names_every_script_that_posts() -> None:
    scripts = {path.stem for path in (ROOT / "test").glob("*.sh")} - {"sign_and_post"}

    assert {name for name in code(text("docs/drone.md")) if name in scripts} == scripts


# Reasons and words


def calls(*names: str) -> Iterator[ast.Call]:
    """Find the calls of some names in the code of server and runtime."""
    for path in [*(ROOT / "server").rglob("*.py"), *(ROOT / "runtime").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in names:
                yield node


def constants(found: Iterator[ast.Call], place: int = 0) -> set[str]:
    """Return the arguments at *place* that are written out, with what `no_{…}` stands for."""
    words = set()
    for call in found:
        argument = call.args[place] if len(call.args) > place else None
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            words.add(argument.value)
        elif isinstance(argument, ast.JoinedStr):
            words.add(ast.unparse(argument)[2:-1])
    return words


def test_every_refusal_is_explained() -> None:
    reasons = constants(calls("NotAuthentic", "Malformed"))
    patterns = {"no_{subject}": set(SUBJECT.values()), "no_{key}": {"event", "action"}}
    for pattern, words in patterns.items():
        reasons.remove(pattern)
        reasons |= {f"no_{word}" for word in words}
    page = text("docs/troubleshooting.md")
    drones = section(page, "## Drone is refused")
    discords = section(page, "## Discord's interactions are refused")
    explained = {word for reason, *_ in rows(drones) for word in code(reason)}
    explained |= {word for _, reason, *_ in rows(discords) for word in code(reason)}

    assert explained >= reasons
    assert not [reason for reason in reasons if not reason.isidentifier()]


def test_no_refusal_is_explained_that_does_not_exist() -> None:
    part = section(text("docs/troubleshooting.md"), "## Drone is refused")
    refusals, malformed = (
        section(part, "### 401, it does not prove that it is Drone's"),
        section(part, "### 400, it is Drone's and cannot be read"),
    )
    known = constants(calls("NotAuthentic", "Malformed"))
    known |= {f"no_{word}" for word in {*SUBJECT.values(), "event", "action"}}

    assert {word for row in rows(refusals) + rows(malformed) for word in code(row[0])} <= known


def test_every_other_error_is_explained() -> None:
    part = section(text("docs/troubleshooting.md"), "### Others")

    assert set(code(part)) >= constants(calls("_answer"), place=1)


def test_every_reason_to_try_again_is_explained() -> None:
    reasons = constants(calls("TryAgain")) | {"shared_limit", "rate_limit", "timeout"}
    part = section(text("docs/troubleshooting.md"), "## Discord refuses")

    patterns = {reason for reason in reasons if "{" in reason}
    silent = {"no_message_in_answer"}  # never seen, and nothing to do about it
    assert reasons - patterns - silent - set(code(part)) == set()


def test_every_move_has_its_reason_in_the_states() -> None:
    page = text("docs/states.md")

    assert [word for word in constants(calls("Move"), place=1) if word not in page] == []


def test_every_outcome_has_its_arrow_in_the_states() -> None:
    outcomes = [
        node.name
        for node in ast.parse(text("server/core/discord/answers.py")).body
        if isinstance(node, ast.ClassDef) and node.name not in ("Scope", "Answer")
    ]

    part = section(text("docs/states.md"), "## A card")
    assert outcomes
    assert [name for name in outcomes if f": {name}" not in part and f"or {name}" not in part] == []


def test_the_operator_reads_sentences_that_the_logs_have() -> None:
    sentences = constants(calls("debug", "info", "warning", "error", "exception"))
    choices = text("server/services/intake/receive.py") + text("server/assembly.py")
    part = section(text("docs/operations.md"), "## Logs")

    listed = [sentence for row in rows(part) for sentence in code(row[0])]
    assert listed
    unknown = [one for one in listed if one not in sentences and f'"{one}"' not in choices]
    assert unknown == []


def test_the_operator_reads_every_check_of_the_health() -> None:
    source = text("server/services/operations/health.py")
    checks = set(re.findall(r'checks\["(\w+)"\] =', source))
    part = section(text("docs/operations.md"), "## Health")

    listed = {code(row[0])[0] for row in rows(part)}
    assert listed == checks | {"spooled", *COUNTS, *REFUSALS}


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_file_of_the_code_that_a_page_names_exists(page: Path) -> None:
    named = re.findall(
        r"(?<![\w./])(?:runtime|server|presence_client|playground|test|ansible)/[\w./]*\w",
        page.read_text(encoding="utf-8"),
    )

    yours = {"ansible/inventory/hosts.yml"}
    assert [name for name in sorted({*named} - yours) if not (ROOT / name).exists()] == []


def test_the_architecture_names_every_room() -> None:
    layers = [ROOT / "server" / name for name in ("core", "services")]
    rooms = {f"{one.name}/" for layer in layers for one in layer.iterdir() if one.is_dir()}
    tops = {f"server/{one.name}/" for one in (ROOT / "server").iterdir() if one.is_dir()}
    words = set(section(ARCHITECTURE, "## Rooms").split())

    assert (rooms | tops) - words - {"__pycache__/", "server/__pycache__/"} == set()


# Numbers


# What a page says of a constant, in the words around the number.
NUMBERS = [
    ("docs/adr/0001-inbox-before-merge.md", "within {} seconds", "REQUEST_SECONDS"),
    ("docs/adr/0002-the-worker-is-a-process-of-its-own.md", "of {} seconds.", "WORKER_SILENCE"),
    ("docs/adr/0006-the-send-queue-is-in-memory.md", "every {} seconds after", "REREAD_SECONDS"),
    ("docs/adr/0006-the-send-queue-is-in-memory.md", "at most {} seconds.", "REREAD_SECONDS"),
    ("docs/adr/0007-buckets-per-kind-and-channel.md", "at most {} requests", "PER_SECOND"),
    ("docs/adr/0007-buckets-per-kind-and-channel.md", "than {} minutes", "OLD_AFTER"),
    ("docs/adr/0007-buckets-per-kind-and-channel.md", "by {} sec", "OLD_EDIT_SPACING_SECONDS"),
    ("docs/adr/0008-the-end-of-a-log-is-part-of-the-build.md", "lines of {} characters", "LINE"),
    ("docs/adr/0015-threads-get-whole-requests.md", "A head has {} s", "HEAD_SECONDS"),
    ("docs/adr/0015-threads-get-whole-requests.md", "a body {} s", "BODY_SECONDS"),
    ("docs/adr/0015-threads-get-whole-requests.md", "an answer {} s", "SEND_SECONDS"),
    ("docs/adr/0015-threads-get-whole-requests.md", "over {} of one address", "PER_ADDRESS"),
    ("docs/adr/0018-a-time-limit-around-the-store.md", "waits {} s;", "REQUEST_SECONDS"),
    ("docs/adr/0018-a-time-limit-around-the-store.md", "has {} s for each", "CONNECT_TIMEOUT"),
    ("docs/messages.md", "up to {} letters", "KEY_LENGTH"),
    ("docs/operations.md", "A client has {} s", "HEAD_SECONDS"),
    ("docs/operations.md", "and {} s for its body", "BODY_SECONDS"),
    ("docs/operations.md", "up to {} connections of one address", "PER_ADDRESS"),
    ("docs/operations.md", "renewed the lease for {} s", "WORKER_SILENCE"),
    ("docs/operations.md", "(serverless.md) {} s)", "SILENCE"),
    ("docs/operations.md", "more than {} s to be merged", "BACKLOG_AGE"),
    ("docs/operations.md", "not answered for {} s", "REPORTED_AFTER_SECONDS"),
    ("docs/operations.md", "older than {} hours", "LONGEST_RUN"),
    ("docs/operations.md", "heartbeat every {} seconds", "BEAT_SECONDS"),
    ("docs/operations.md", "more than {} below the newest", "DEPTH"),
    ("docs/serverless.md", "({} s of work", "ANSWER_SECONDS"),
    ("docs/serverless.md", "so after {} s.", "SILENCE"),
    ("docs/settings.md", "up to {}; 0 shows none", "MOST_LINES"),
    ("docs/states.md", "within {} s,", "REQUEST_SECONDS"),
    ("docs/states.md", "older than {} minutes is edited", "OLD_AFTER"),
    ("docs/states.md", "after {} attempts", "YOUNG_ATTEMPTS"),
    ("docs/states.md", "once more, {} s later", "CONFIRM_AFTER"),
    ("docs/troubleshooting.md", "answer the server in {} s", "REQUEST_SECONDS"),
    ("docs/troubleshooting.md", "the head took over {} s", "HEAD_SECONDS"),
    ("docs/troubleshooting.md", "the body over {} s", "BODY_SECONDS"),
    ("docs/troubleshooting.md", "more than {} stages and steps", "MOST_PARTS"),
    ("docs/troubleshooting.md", "refused {} requests", "INVALID_LIMIT"),
    ("docs/troubleshooting.md", "at most {} builds of one", "DEPTH"),
    ("docs/troubleshooting.md", "After {} hours", "LONGEST_RUN"),
]


def constant(name: str) -> float:
    """Return the value of the one constant of that name in the server, a span in seconds."""
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "server").rglob("*.py")
        if re.search(rf"^{name} = ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    ]
    assert len(modules) == 1, (name, modules)
    value = getattr(importlib.import_module(modules[0]), name)
    return float(value.total_seconds() if isinstance(value, timedelta) else value)


@pytest.mark.parametrize(("page", "words", "name"), NUMBERS)
def test_a_number_on_a_page_is_the_one_in_the_code(page: str, words: str, name: str) -> None:
    unit = 60 if "minutes" in words else 3600 if "hours" in words else 1
    said = words.format(f"{constant(name) / unit:,.10g}")

    assert said in " ".join(text(page).split())


# Pages


def anchors(page: Path) -> set[str]:
    """Return what GitHub makes of the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_link_within_the_checkout_leads_somewhere(page: Path) -> None:
    source = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\(([^()\s]+)\)", source)

    for target in links:
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        found = page.parent / unquote(name) if name else page
        assert found.exists(), target
        assert not anchor or anchor in anchors(found), target


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_block_of_code_is_closed(page: Path) -> None:
    fences = re.findall(r"^```", page.read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert len(fences) % 2 == 0


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_every_decision_has_its_four_parts(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()

    assert re.fullmatch(rf"# {page.name[:4]} [A-Z].*[a-z]|# {page.name[:4]} httpsig.*", lines[0])
    assert lines[2] == "Status: accepted"
    assert [line for line in lines if line.startswith("## ")] == [
        "## Context",
        "## Decision",
        "## Consequences",
    ]


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(page.name[:4]) for page in DECISIONS]

    assert numbers == list(range(1, len(numbers) + 1))


def test_the_code_refers_to_decisions_that_exist() -> None:
    numbers = {page.name[:4] for page in DECISIONS}
    source = "".join(path.read_text() for path in (ROOT / "server").rglob("*.py"))

    assert set(re.findall(r"docs/adr/(\d{4})", source)) <= numbers


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads(text("pyproject.toml"))["project"]["version"]
    newest = re.findall(r"^## \[(\d[^\]]*)\]", text("CHANGELOG.md"), flags=re.MULTILINE)[0]

    assert (project, newest) == (server.__version__, server.__version__)
