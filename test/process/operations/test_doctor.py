"""What the doctor says, line by line, from made-up answers and from Discord's stand-in."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from click.testing import CliRunner, Result
from stack import SECRET, Bridge

from playground.discord.options import APPLICATION_ID, CHANNEL_ID, GUILD_ID, TOKEN
from playground.discord.process import StandIn
from playground.discord.services.application import VERIFY_KEY
from playground.drone.rest.accounts import ADMIN_TOKEN, USER_TOKEN
from playground.drone.rest.process import DroneStandIn
from playground.supervisor import free_port
from runtime.secret import Secret
from runtime.settings import BRIDGE, settings_of
from server.cli import doctor
from server.core.drone.ping import beside_interactions, is_address, place_of
from server.core.drone.webhook_counts import WebhookCount, WebhookCounts, WebhookOutcome
from server.core.http_answer import Answer
from server.errors import StoreUnavailable
from server.services.operations.doctor import check_drone, check_secrets, check_store, tell_origins
from server.services.operations.doctor_discord import Ids, check_discord
from server.services.operations.finding import Finding

BOT = {"id": "7", "username": "drone"}
# Everyone may view (1024), send (2048), embed links (16384) and read the history (65536).
GUILD = {"id": "1", "owner_id": "9", "roles": [{"id": "1", "permissions": "84992"}]}
MEMBER = {"user": BOT, "roles": []}
CHANNEL = {"id": "5", "guild_id": "1", "type": 0, "name": "builds", "permission_overwrites": []}

HEALTHY: Mapping[str, Answer] = {
    "/users/@me": Answer(200, {}, BOT),
    "/channels/5": Answer(200, {}, CHANNEL),
    "/guilds/1": Answer(200, {}, GUILD),
    "/guilds/1/members/7": Answer(200, {}, MEMBER),
}


def lines_of(answers: Mapping[str, Answer], ids: Ids | None = None) -> list[str]:
    """Return what the doctor says of Discord when it gets these *answers*."""
    return [str(finding) for finding in check_discord(answers.__getitem__, ids or Ids("5"))]


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
            id="several permissions denied",
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
            "unknown  Channel: #builds is seen; its permissions could not be read.",
            id="hidden server",
        ),
        pytest.param(
            refused("/guilds/1/members/7", 404, 10007),
            "unknown  Channel: #builds is seen; its permissions could not be read.",
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
            Answer(200, {}, {"status": "up"}),
            "PROBLEM  Drone: no proper answer (HTTP 200). Check DRONE_SERVER.",
            id="another service answers",
        ),
        pytest.param(
            Answer(200, {}, {"login": "a\n\x1b[31mb", "admin": True}),
            "ok       Drone: the token belongs to a [31mb, an administrator.",
            id="name that would change the terminal",
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


NOW = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
ACCEPTED = WebhookCount(NOW - timedelta(seconds=60))
PLACE = "database bridge at mongo:27017"


@pytest.mark.parametrize(
    ("heard", "line"),
    [
        pytest.param({}, "unknown  Webhooks: none was accepted yet.", id="nothing"),
        pytest.param(
            {WebhookOutcome.ACCEPTED: ACCEPTED},
            "ok       Webhooks: the last was accepted at 2026-02-03T04:04:06Z.",
            id="one",
        ),
        pytest.param(
            {
                WebhookOutcome.ACCEPTED: ACCEPTED,
                WebhookOutcome.UNSIGNED: WebhookCount(NOW, 1, "unsigned"),
            },
            "ok       Webhooks: the last was accepted at 2026-02-03T04:04:06Z,"
            " one was refused (unsigned) at 2026-02-03T04:05:06Z.",
            id="one, and a stranger's",
        ),
        pytest.param(
            {
                WebhookOutcome.ACCEPTED: ACCEPTED,
                WebhookOutcome.REFUSED: WebhookCount(NOW, 1, "bad_signature"),
            },
            "PROBLEM  Webhooks: No webhook was accepted since 2026-02-03T04:04:06Z, and the last"
            " was refused (bad_signature): their signature fits no secret: make"
            " DRONE_WEBHOOK_SECRET the same on both sides.",
            id="a refused one after it",
        ),
    ],
)
def test_a_database_that_can_be_read_tells_of_webhooks(heard: WebhookCounts, line: str) -> None:
    findings = check_store(lambda: (heard, NOW), PLACE)

    assert [str(one) for one in findings] == [f"ok       MongoDB: {PLACE} answers.", line]


def test_a_database_that_cannot_be_read_is_named_with_the_reason() -> None:
    def read() -> tuple[WebhookCounts, datetime]:
        raise StoreUnavailable("OperationFailure: Authentication failed.")

    assert [str(one) for one in check_store(read, PLACE)] == [
        "PROBLEM  MongoDB: database bridge at mongo:27017 cannot be used"
        " (OperationFailure: Authentication failed.). Check MONGO_URI or MONGO_HOST."
    ]


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
    nothing = dict.fromkeys(
        [*settings_of(BRIDGE), *(f"{name}_FILE" for name in settings_of(BRIDGE))]
    )
    good = {
        "DRONE_WEBHOOK_SECRET": "secret-of-the-tests",
        "DISCORD_TOKEN": TOKEN,
        "DISCORD_CHANNEL_ID": CHANNEL_ID,
        "DISCORD_API_BASE_URL": stand_in.api,
        "MONGO_URI": mongo_uri,
        "MONGO_DATABASE": "test-doctor",
        "DOTENV_PATH": "/nowhere/.env",
    }

    def run_doctor(*arguments: str, **values: str | None) -> Result:
        return CliRunner().invoke(doctor, arguments, env={**nothing, **good, **values})

    return run_doctor


NOT_TRIED = "unknown  Secret: no webhook was tried. Say --url with the address that Drone posts to."


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
        "unknown  Webhooks: none was accepted yet.\n"
        f"{NOT_TRIED}\n"
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


def test_attach_files_is_not_needed_while_nobody_may_push(run: Run, stand_in: StandIn) -> None:
    stand_in.set_channel(CHANNEL_ID, deny=["ATTACH_FILES"])

    assert run().exit_code == 0


TOKENS = "ops:a-token-of-the-tests"


def test_attach_files_is_needed_for_pushed_messages(run: Run, stand_in: StandIn) -> None:
    stand_in.set_channel(CHANNEL_ID, deny=["ATTACH_FILES"])

    result = run(MESSAGES_TOKENS=TOKENS)

    assert result.output.splitlines()[-1] == (
        "PROBLEM  Channel: in #builds the bot lacks Attach Files. Grant it in Discord."
        " Without Attach Files long messages are cut."
    )
    assert result.exit_code == 1


def test_read_message_history_is_needed_against_a_second_message(
    run: Run, stand_in: StandIn
) -> None:
    stand_in.set_channel(CHANNEL_ID, deny=["READ_MESSAGE_HISTORY"])

    result = run()

    assert result.output.splitlines()[-1] == (
        "PROBLEM  Channel: in #builds the bot lacks Read Message History. Grant it in Discord."
        " Without Read Message History a message whose answer is lost may appear twice."
    )
    assert result.exit_code == 1


THREAD_ID = "1100000000000000077"


@pytest.mark.parametrize(
    ("denied", "line"),
    [
        pytest.param(
            ["SEND_MESSAGES"],
            "ok       Channel: the bot can see #release and write to it.",
            id="what a thread does not need",
        ),
        pytest.param(
            ["SEND_MESSAGES_IN_THREADS"],
            "PROBLEM  Channel: in #release the bot lacks Send Messages in Threads."
            " Grant it in Discord.",
            id="what a thread needs",
        ),
    ],
)
def test_a_thread_is_judged_by_its_parent(
    run: Run, stand_in: StandIn, denied: list[str], line: str
) -> None:
    stand_in.set_channel(CHANNEL_ID, deny=denied)
    stand_in.set_channel(THREAD_ID, name="release", type=11, parent_id=CHANNEL_ID)

    assert run(DISCORD_CHANNEL_ID=THREAD_ID).output.splitlines()[-1] == line


LOCKED = {"type": 11, "parent_id": "6", "thread_metadata": {"locked": True, "archived": True}}


@pytest.mark.parametrize(
    ("answers", "line"),
    [
        pytest.param(
            channel(**LOCKED),
            "PROBLEM  Channel: the thread #builds is locked. Unlock it.",
            id="locked",
        ),
        pytest.param(
            channel(type=12, parent_id="6") | {"/channels/6": Answer(403, {}, {})},
            "unknown  Channel: #builds is seen; its permissions could not be read.",
            id="of a channel that is hidden",
        ),
    ],
)
def test_a_thread_may_be(answers: Mapping[str, Answer], line: str) -> None:
    assert lines_of(answers) == [IS_BOT, line]


UNKNOWN_ID = "1100000000000000099"


@pytest.mark.parametrize(
    ("values", "line"),
    [
        pytest.param(
            {"MESSAGES_TOKENS": TOKENS, "MESSAGES_CHANNELS": f"alerts:{UNKNOWN_ID}"},
            f"PROBLEM  Channel alerts: {UNKNOWN_ID} cannot be read (HTTP 404, code 10003)."
            " Check MESSAGES_CHANNELS; is the bot in that server?",
            id="a channel of messages",
        ),
        pytest.param(
            {"DISCORD_GUILD_ID": UNKNOWN_ID},
            f"PROBLEM  Guild: DISCORD_GUILD_ID is {UNKNOWN_ID}, but #builds is in {GUILD_ID}."
            " Make them fit: put that id there.",
            id="a guild that is not the channel's",
        ),
        pytest.param(
            {"DISCORD_OPERATOR_ROLE_IDS": f"{int(APPLICATION_ID) + 1},{UNKNOWN_ID}"},
            f"PROBLEM  Roles: DISCORD_OPERATOR_ROLE_IDS names {UNKNOWN_ID}, which no member can"
            " have. In Discord, right-click the role and copy its id.",
            id="an operator's role",
        ),
        pytest.param(
            {"DISCORD_OPERATOR_ROLE_IDS": GUILD_ID},
            f"PROBLEM  Roles: DISCORD_OPERATOR_ROLE_IDS names {GUILD_ID}, which no member can"
            " have. In Discord, right-click the role and copy its id.",
            id="everyone's role, which no member carries",
        ),
    ],
)
def test_an_id_that_does_not_fit_is_found(run: Run, values: dict[str, str], line: str) -> None:
    result = run(**values)

    assert result.output.splitlines()[-1] == line
    assert result.exit_code == 1


def test_ids_that_fit_are_told(run: Run, stand_in: StandIn) -> None:
    stand_in.set_channel(UNKNOWN_ID, name="alerts")
    role = str(int(APPLICATION_ID) + 1)

    result = run(
        MESSAGES_TOKENS=TOKENS,
        MESSAGES_CHANNELS=f"alerts:{UNKNOWN_ID}",
        DISCORD_GUILD_ID=GUILD_ID,
        DISCORD_OPERATOR_ROLE_IDS=role,
    )

    assert result.output.splitlines()[-4:] == [
        "ok       Channel: the bot can see #builds and write to it.",
        "ok       Channel alerts: the bot can see #alerts and write to it.",
        "ok       Guild: every channel that can be read is in DISCORD_GUILD_ID.",
        "ok       Roles: every role in DISCORD_OPERATOR_ROLE_IDS is known.",
    ]
    assert result.exit_code == 0


def test_roles_that_cannot_be_read_are_unknown() -> None:
    ids = Ids("5", role_ids=frozenset({"7"}))

    lines = lines_of(refused("/guilds/1", 403, 50001), ids)

    assert lines[-1] == "unknown  Roles: the server's roles could not be read."


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
        "unknown  Webhooks",
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


# -- The webhook secret -----------------------------------------------------------------------

SECRETS_HERE = (Secret("one"), Secret("two"))
URL = "https://user:hunter2@bridge.example.com/drone?key=hunter2"


def ping_lines(answer: Answer, secrets: tuple[Secret, ...] = SECRETS_HERE[:1]) -> list[str]:
    return [str(one) for one in check_secrets(lambda _url, _headers: answer, URL, secrets, NOW)]


PINGS: dict[str, tuple[Answer, str]] = {
    "accepted": (Answer(204, {}, {}), "ok       Secret: {} is accepted."),
    "refused": (
        Answer(401, {}, {"error": "bad_digest", "detail": "The body\n is\x1b another."}),
        "PROBLEM  Secret: {} is refused (bad_digest): The body is another. A proxy in front of it"
        " changes the body.",
    ),
    "refused for the clock": (
        Answer(401, {}, {"error": "too_old", "detail": "It is old."}),
        "PROBLEM  Secret: {} is refused (too_old): It is old.",
    ),
    "refused by something else": (
        Answer(401, {}, {}),
        "PROBLEM  Secret: {} is answered 401, not 204. Is it the address of the server, and does"
        " the proxy pass POST to it?",
    ),
    "answered by a page": (
        Answer(200, {}, {}),
        "PROBLEM  Secret: {} is answered 200, not 204. Is it the address of the server, and does"
        " the proxy pass POST to it?",
    ),
    "redirected": (
        Answer(301, {"location": "https://a:b@example.com/x?y"}, {}),
        "PROBLEM  Secret: {} is redirected to https://example.com/x. Give Drone the final address:"
        " it does not repeat a webhook after a redirect.",
    ),
    "redirected to nowhere": (
        Answer(307, {"location": "http://["}, {}),
        "PROBLEM  Secret: {} is redirected to ?. Give Drone the final address: it does not repeat"
        " a webhook after a redirect.",
    ),
    "not answered": (
        Answer(0, {}, {}, "SSLError"),
        "PROBLEM  Secret: {} has no answer (SSLError). Can Drone reach it? Is its certificate"
        " valid?",
    ),
}


@pytest.mark.parametrize(("answer", "line"), PINGS.values(), ids=PINGS)
def test_a_ping_may_be(answer: Answer, line: str) -> None:
    said = line.format("a signed ping to https://bridge.example.com/drone")

    assert ping_lines(answer) == [said]


def test_each_secret_is_tried() -> None:
    place = "a signed ping to https://bridge.example.com/drone"

    assert ping_lines(Answer(204, {}, {}), SECRETS_HERE) == [
        f"ok       Secret: secret 1 of 2, {place} is accepted.",
        f"ok       Secret: secret 2 of 2, {place} is accepted.",
    ]


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        ("https://bridge.example.com/interactions", "https://bridge.example.com/"),
        ("https://bridge.example.com/drone/interactions/", "https://bridge.example.com/drone/"),
        ("https://bridge.example.com/other", ""),
        ("ftp://bridge.example.com/interactions", ""),
        ("http://[/interactions", ""),
        (None, ""),
    ],
)
def test_webhooks_go_beside_interactions(endpoint: object, url: str) -> None:
    assert beside_interactions(endpoint) == url


@pytest.mark.parametrize("url", ["", "bridge", "https://", "ftp://a.b/", "http://a:99999/", "x:y"])
def test_an_address_that_cannot_be_posted_to_is_none(url: str) -> None:
    assert not is_address(url)


def test_a_relative_place_is_itself() -> None:
    assert place_of("/login?next=1") == "/login"


def test_the_secret_is_proved_by_the_server_itself(run: Run, bridge: Bridge) -> None:
    right = run("--url", bridge.url, DRONE_WEBHOOK_SECRET=SECRET)
    wrong = run("--url", bridge.url, DRONE_WEBHOOK_SECRET="hunter2")

    assert f"ok       Secret: a signed ping to {bridge.url}/ is accepted.\n" in right.output
    assert right.exit_code == 0
    assert (
        f"PROBLEM  Secret: a signed ping to {bridge.url}/ is refused (bad_signature): The signature"
        " fits no secret: make DRONE_WEBHOOK_SECRET the same on both sides; here, a comma that"
        r" belongs to it is written \,. The server there runs"
        " with another secret than this doctor reads: restart it, or run the doctor where it"
        " runs.\n"
    ) in wrong.output
    assert "hunter2" not in wrong.output
    assert wrong.exit_code == 1
    assert bridge.deliveries() == []


def test_the_address_is_taken_from_discord_if_it_sends_interactions_there(
    run: Run, bridge: Bridge, stand_in: StandIn
) -> None:
    requests.patch(
        f"{stand_in.api}/applications/@me",
        json={"interactions_endpoint_url": f"{bridge.url}/interactions"},
        headers={"Authorization": f"Bot {TOKEN}", "User-Agent": "DiscordBot (https://a.b, 1)"},
        timeout=60,
    ).raise_for_status()

    result = run(
        DRONE_WEBHOOK_SECRET=SECRET,
        DISCORD_PUBLIC_KEY=VERIFY_KEY,
        DISCORD_APPLICATION_ID=APPLICATION_ID,
    )

    assert f"ok       Secret: a signed ping to {bridge.url}/ is accepted.\n" in result.output
    assert result.exit_code == 0


def test_what_is_no_address_is_refused_at_once(run: Run) -> None:
    result = run("--url", "bridge.example.com")

    assert result.exit_code == 2
    assert "--url must look like https://bridge.example.com/." in result.output
