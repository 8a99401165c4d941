"""What the doctor says, line by line, from made-up answers and from Discord's stand-in."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from click.testing import CliRunner, Result

from playground.discord.options import APPLICATION_ID, CHANNEL_ID, GUILD_ID, TOKEN
from playground.discord.process import StandIn
from playground.drone.rest.accounts import ADMIN_TOKEN, USER_TOKEN
from playground.drone.rest.process import DroneStandIn
from playground.supervisor import free_port
from server.cli import doctor
from server.core.answer import Answer
from server.edges.environment import SECRETS
from server.errors import StoreUnavailable
from server.services.doctor import Finding, check_discord, check_drone, check_store, tell_origins
from server.setting_reader import DEFAULTS

BOT = {"id": "7", "username": "drone"}
# Everyone may view (1024), send (2048) and embed links (16384).
GUILD = {"id": "1", "owner_id": "9", "roles": [{"id": "1", "permissions": "19456"}]}
MEMBER = {"user": BOT, "roles": []}
CHANNEL = {"id": "5", "guild_id": "1", "type": 0, "name": "builds", "permission_overwrites": []}

HEALTHY: Mapping[str, Answer] = {
    "/users/@me": Answer(200, {}, BOT),
    "/channels/5": Answer(200, {}, CHANNEL),
    "/guilds/1": Answer(200, {}, GUILD),
    "/guilds/1/members/7": Answer(200, {}, MEMBER),
}


def lines_of(answers: Mapping[str, Answer]) -> list[str]:
    """Return what the doctor says of Discord when it gets these *answers*."""
    return [str(finding) for finding in check_discord(answers.__getitem__, "5")]


def channel(**values: Any) -> dict[str, Answer]:
    """Return healthy answers but for the channel."""
    return {**HEALTHY, "/channels/5": Answer(200, {}, {**CHANNEL, **values})}


def refused(path: str, status: int, code: int = 0, error: str = "") -> dict[str, Answer]:
    """Return healthy answers but for one path."""
    return {**HEALTHY, path: Answer(status, {}, {"code": code} if code else {}, error)}


IS_BOT = "ok       Discord: the bot is drone."


@pytest.mark.parametrize(
    ("answers", "line"),
    [
        pytest.param(
            HEALTHY,
            "ok       Channel: the bot can see #builds and write to it.",
            id="healthy",
        ),
        pytest.param(
            channel(permission_overwrites=[{"id": "1", "type": 0, "allow": "0", "deny": "2048"}]),
            "PROBLEM  Channel: in #builds the bot lacks Send Messages. Grant it in Discord.",
            id="one permission denied",
        ),
        pytest.param(
            channel(permission_overwrites=[{"id": "7", "type": 1, "allow": "0", "deny": "19456"}]),
            "PROBLEM  Channel: in #builds the bot lacks View Channel, Send Messages, Embed Links."
            " Grant it in Discord.",
            id="every permission denied",
        ),
        pytest.param(
            channel(type=2),
            "PROBLEM  Channel: #builds is no text channel. Choose another.",
            id="voice channel",
        ),
        pytest.param(
            channel(type=15),
            "PROBLEM  Channel: #builds is no text channel. Choose another.",
            id="forum",
        ),
        pytest.param(
            channel(type=5),
            "ok       Channel: the bot can see #builds and write to it.",
            id="announcement channel",
        ),
        pytest.param(
            refused("/channels/5", 404, 10003),
            "PROBLEM  Channel: 5 cannot be read (HTTP 404, code 10003)."
            " Check DISCORD_CHANNEL_ID; is the bot in that server?",
            id="unknown channel",
        ),
        pytest.param(
            refused("/channels/5", 403, 50001),
            "PROBLEM  Channel: 5 cannot be read (HTTP 403, code 50001)."
            " Invite the bot to the server and let it view the channel.",
            id="hidden channel",
        ),
        pytest.param(
            refused("/channels/5", 502),
            "PROBLEM  Channel: 5 cannot be read (HTTP 502, code 0). Try again in a minute.",
            id="bad gateway",
        ),
        pytest.param(
            refused("/channels/5", 0, error="timeout"),
            "PROBLEM  Channel: 5 cannot be read (timeout). Try again in a minute.",
            id="timeout",
        ),
        pytest.param(
            refused("/guilds/1", 403, 50001),
            "ok       Channel: #builds is seen; its permissions could not be read.",
            id="hidden server",
        ),
        pytest.param(
            refused("/guilds/1/members/7", 404, 10007),
            "ok       Channel: #builds is seen; its permissions could not be read.",
            id="hidden member",
        ),
    ],
)
def test_the_channel_has_a_line_of_its_own(answers: Mapping[str, Answer], line: str) -> None:
    assert lines_of(answers) == [IS_BOT, line]


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        pytest.param(
            Answer(401, {}, {"code": 0}),
            "PROBLEM  Discord: the token is refused. Reset it on your application's page Bot at"
            " discord.com/developers, then put the new one into DISCORD_TOKEN.",
            id="wrong token",
        ),
        pytest.param(
            Answer(0, {}, {}, "ConnectionError"),
            "PROBLEM  Discord: no proper answer (ConnectionError)."
            " Check the network and DISCORD_API_BASE_URL.",
            id="unreachable",
        ),
        pytest.param(
            Answer(503, {}, {}),
            "PROBLEM  Discord: no proper answer (HTTP 503)."
            " Check the network and DISCORD_API_BASE_URL.",
            id="down",
        ),
    ],
)
def test_without_discord_the_channel_is_not_asked_for(answer: Answer, line: str) -> None:
    assert lines_of({"/users/@me": answer}) == [line]


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        pytest.param(
            Answer(200, {}, {"login": "octocat", "admin": True}),
            "ok       Drone: the token belongs to octocat, an administrator.",
            id="administrator",
        ),
        pytest.param(
            Answer(200, {}, {"login": "ada", "admin": False}),
            "ok       Drone: the token belongs to ada, who is no administrator of Drone."
            " Of private repositories it sees that account's own alone.",
            id="ordinary person",
        ),
        pytest.param(
            Answer(403, {}, {"message": "Forbidden"}),
            "PROBLEM  Drone: the token's account is switched off. Activate it.",
            id="inactive account",
        ),
        pytest.param(
            Answer(0, {}, {}, "not_json"),
            "PROBLEM  Drone: no proper answer (not_json). Check DRONE_SERVER.",
            id="something else answers",
        ),
        pytest.param(
            Answer(401, {}, {"message": "Unauthorized"}),
            "PROBLEM  Drone: the token is refused. Copy it from <drone>/account.",
            id="wrong token",
        ),
        pytest.param(
            Answer(302, {}, {}),
            "PROBLEM  Drone: no proper answer (HTTP 302). Check DRONE_SERVER.",
            id="redirect",
        ),
        pytest.param(
            Answer(0, {}, {}, "timeout"),
            "PROBLEM  Drone: no proper answer (timeout). Check DRONE_SERVER.",
            id="unreachable",
        ),
    ],
)
def test_drone_has_one_line(answer: Answer, line: str) -> None:
    assert str(check_drone(answer)) == line


def test_a_database_that_can_be_read_is_well() -> None:
    finding = check_store(lambda: None, "database bridge at mongo:27017")

    assert str(finding) == "ok       MongoDB: database bridge at mongo:27017 answers."


def test_a_database_that_cannot_be_read_is_named_with_the_reason() -> None:
    def read() -> None:
        raise StoreUnavailable("OperationFailure: Authentication failed.")

    assert str(check_store(read, "database bridge at mongo:27017")) == (
        "PROBLEM  MongoDB: database bridge at mongo:27017 cannot be used"
        " (OperationFailure: Authentication failed.). Check MONGO_URI or MONGO_HOST."
    )


def test_each_origin_has_one_line_with_the_defaults_last() -> None:
    defaults = {"PORT": "5000", "DISCORD_TOKEN": None, "DRONE_TOKEN": None, "MONGO_HOST": "local"}
    origins = {"DRONE_TOKEN": "file /run/secrets/drone", "DISCORD_TOKEN": "AWS secret", "HOME": "x"}

    assert list(tell_origins(defaults, origins)) == [
        "from     AWS secret: DISCORD_TOKEN",
        "from     file /run/secrets/drone: DRONE_TOKEN",
        "from     default: PORT, MONGO_HOST",
    ]


def test_a_finding_without_advice_ends_with_its_detail() -> None:
    assert str(Finding("Settings", True, "complete.")) == "ok       Settings: complete."


Run = Callable[..., Result]


@pytest.fixture
def run(mongo_uri: str, stand_in: StandIn) -> Run:
    """Run the doctor with good settings but for those given."""
    stand_in.reset()
    nothing = dict.fromkeys([*DEFAULTS, *(f"{name}_FILE" for name in SECRETS)])
    good = {
        "DRONE_WEBHOOK_SECRET": "secret-of-the-tests",
        "DISCORD_TOKEN": TOKEN,
        "DISCORD_CHANNEL_ID": CHANNEL_ID,
        "DISCORD_API_BASE_URL": stand_in.api,
        "MONGO_URI": mongo_uri,
        "MONGO_DATABASE": "test-doctor",
        "DOTENV_PATH": "/nowhere/.env",
    }

    def run_doctor(**values: str | None) -> Result:
        return CliRunner().invoke(doctor, env={**nothing, **good, **values})

    return run_doctor


def test_a_bridge_that_is_set_up_has_nothing_but_good_news(run: Run, mongo_uri: str) -> None:
    place = mongo_uri.removeprefix("mongodb://").partition("/")[0].rpartition("@")[2]

    result = run()

    assert result.output == (
        "from     environment: DRONE_WEBHOOK_SECRET, DISCORD_TOKEN, DISCORD_CHANNEL_ID,"
        " DISCORD_API_BASE_URL, MONGO_URI, MONGO_DATABASE\n"
        "from     default: DRONE_WEBHOOK_MAX_AGE, MONGO_HOST, MONGO_PORT, DELIVERY_TTL_DAYS,"
        " CARD_TTL_DAYS, SPOOL_PATH, MESSAGES_PER_MINUTE, EDIT_INTERVAL, LEASE_SECONDS,"
        " LOG_TAIL_LINES, LOG_TAIL_PRIVATE, PORT, STOP_DELAY, LOG_LEVEL, LOG_FORMAT\n"
        "ok       Settings: complete.\n"
        f"ok       MongoDB: database test-doctor at {place} answers.\n"
        "ok       Discord: the bot is Drone.\n"
        "ok       Channel: the bot can see #builds and write to it.\n"
    )
    assert result.exit_code == 0


def test_an_unknown_channel_is_found(run: Run) -> None:
    result = run(DISCORD_CHANNEL_ID="1100000000000000099")

    assert result.output.endswith(
        "PROBLEM  Channel: 1100000000000000099 cannot be read (HTTP 404, code 10003)."
        " Check DISCORD_CHANNEL_ID; is the bot in that server?\n"
    )
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("denied", "problem"),
    [
        (
            "VIEW_CHANNEL",
            f"{CHANNEL_ID} cannot be read (HTTP 403, code 50001)."
            " Invite the bot to the server and let it view the channel.",
        ),
        ("SEND_MESSAGES", "in #builds the bot lacks Send Messages. Grant it in Discord."),
        ("EMBED_LINKS", "in #builds the bot lacks Embed Links. Grant it in Discord."),
    ],
)
def test_a_denied_permission_is_found(
    run: Run, stand_in: StandIn, denied: str, problem: str
) -> None:
    stand_in.set_channel(CHANNEL_ID, deny=[denied])

    result = run()

    assert result.output.splitlines()[-1] == f"PROBLEM  Channel: {problem}"
    assert result.exit_code == 1


def test_a_permission_that_is_not_needed_may_be_denied(run: Run, stand_in: StandIn) -> None:
    stand_in.set_channel(CHANNEL_ID, deny=["ATTACH_FILES", "READ_MESSAGE_HISTORY"])

    assert run().exit_code == 0


EVERYONE, ROLE, BOT_ID = GUILD_ID, str(int(APPLICATION_ID) + 1), APPLICATION_ID


@pytest.mark.parametrize("name", ["VIEW_CHANNEL", "SEND_MESSAGES", "EMBED_LINKS"])
@pytest.mark.parametrize(
    ("denied", "allowed"),
    [
        ([], []),
        ([EVERYONE], []),
        ([ROLE], []),
        ([BOT_ID], []),
        ([EVERYONE], [ROLE]),
        ([ROLE], [EVERYONE]),
        ([EVERYONE, ROLE], [BOT_ID]),
        ([BOT_ID], [EVERYONE, ROLE]),
    ],
)
def test_the_doctor_judges_a_channel_as_discord_does(
    run: Run, stand_in: StandIn, name: str, denied: list[str], allowed: list[str]
) -> None:
    bit = {"VIEW_CHANNEL": 1 << 10, "SEND_MESSAGES": 1 << 11, "EMBED_LINKS": 1 << 14}[name]
    overwrites = [
        {
            "id": identity,
            "type": int(identity == BOT_ID),
            "allow": str(bit if identity in allowed else 0),
            "deny": str(bit if identity in denied else 0),
        }
        for identity in (EVERYONE, ROLE, BOT_ID)
    ]

    stand_in.set_channel(CHANNEL_ID, overwrites=overwrites)

    channels = {one["id"]: one for one in stand_in.order("GET", "channels")}
    is_allowed = name in channels[CHANNEL_ID]["bot_permissions"]
    assert run().exit_code == (0 if is_allowed else 1)


def test_a_wrong_token_is_found_without_being_shown(run: Run) -> None:
    result = run(DISCORD_TOKEN="hunter2")

    assert result.output.splitlines()[-1].startswith("PROBLEM  Discord: the token is refused.")
    assert "hunter2" not in result.output
    assert result.exit_code == 1


def test_a_discord_that_is_not_there_is_found(run: Run) -> None:
    result = run(DISCORD_API_BASE_URL=f"http://127.0.0.1:{free_port()}/api/v10")

    assert result.output.splitlines()[-1] == (
        "PROBLEM  Discord: no proper answer (ConnectionError)."
        " Check the network and DISCORD_API_BASE_URL."
    )
    assert result.exit_code == 1


def test_a_database_that_is_not_there_is_found_without_its_password(run: Run) -> None:
    port = free_port()

    result = run(MONGO_URI=f"mongodb://admin:hunter2@127.0.0.1:{port}")

    assert result.output.splitlines()[3].startswith(
        f"PROBLEM  MongoDB: database test-doctor at 127.0.0.1:{port} cannot be used ("
    )
    assert "hunter2" not in result.output
    assert result.exit_code == 1


def test_a_drone_that_is_not_there_is_found(run: Run) -> None:
    result = run(DRONE_SERVER=f"http://127.0.0.1:{free_port()}", DRONE_TOKEN="hunter2")

    assert result.output.splitlines()[-1] == (
        "PROBLEM  Drone: no proper answer (ConnectionError). Check DRONE_SERVER."
    )
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("token", "line"),
    [
        pytest.param(
            ADMIN_TOKEN,
            "ok       Drone: the token belongs to octocat, an administrator.",
            id="administrator",
        ),
        pytest.param(
            USER_TOKEN,
            "ok       Drone: the token belongs to ada, who is no administrator of Drone."
            " Of private repositories it sees that account's own alone.",
            id="ordinary person",
        ),
        pytest.param(
            "hunter2",
            "PROBLEM  Drone: the token is refused. Copy it from <drone>/account.",
            id="wrong token",
        ),
    ],
)
def test_drone_tells_whose_token_it_is(
    run: Run, drone: DroneStandIn, token: str, line: str
) -> None:
    result = run(DRONE_SERVER=drone.address, DRONE_TOKEN=token)

    assert result.output.splitlines()[-1] == line
    assert token not in result.output


def test_what_can_be_checked_is_checked_while_settings_are_missing(run: Run) -> None:
    result = run(DRONE_WEBHOOK_SECRET=None, DISCORD_TOKEN=None)

    assert [line.partition(": ")[0] for line in result.output.splitlines()] == [
        "from     environment",
        "from     default",
        "PROBLEM  Settings",
        "PROBLEM  Settings",
        "ok       MongoDB",
    ]
    assert result.exit_code == 1


def test_a_bad_setting_that_several_programs_read_is_named_once(run: Run) -> None:
    result = run(LOG_LEVEL="loud")

    settings = [line for line in result.output.splitlines() if "Settings" in line]
    assert settings == [
        "PROBLEM  Settings: LOG_LEVEL must be one of info, debug, warning, error, critical."
    ]


def test_the_doctor_writes_nothing_to_the_channel(run: Run, stand_in: StandIn) -> None:
    run()

    assert stand_in.messages() == []
    assert {one["method"] for one in stand_in.requests()} == {"GET"}
