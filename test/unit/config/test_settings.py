"""What the programs read from their environment, and what they say about what is wrong in it."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from pymongo.uri_parser import parse_uri

from runtime.errors import SettingsError
from runtime.log import LogSettings
from runtime.secret import Secret
from runtime.settings import BRIDGE, settings_of
from server.config.mongo import MongoSettings
from server.config.settings import (
    DroneSettings,
    ServerSettings,
    WorkerSettings,
    read_drone,
    read_mongo,
    read_server,
    read_worker,
)

SERVER = {"DRONE_WEBHOOK_SECRET": "s3cret"}
WORKER = {"DISCORD_TOKEN": "t0ken", "DISCORD_CHANNEL_ID": "1100000000000000010"}
DRONE = {"DRONE_SERVER": "https://drone.example.com", "DRONE_TOKEN": "t0ken"}

DEFAULT_MONGO = MongoSettings(
    uri=Secret("mongodb://localhost:27017"),
    database="drone-discord",
    delivery_ttl=timedelta(days=14),
    card_ttl=timedelta(days=90),
)
DEFAULT_LOG = LogSettings(level="INFO", as_json=False)

HOST_ALONE = (
    "MONGO_HOST must be a name or an address alone: the port goes into MONGO_PORT, everything else"
    " into MONGO_URI."
)

Read = Callable[[Mapping[str, str]], object]


def problems_of(read: Read, values: Mapping[str, str]) -> list[str]:
    """Return what is wrong with *values*, [] if nothing is."""
    try:
        read(values)
    except SettingsError as error:
        return list(error.problems)
    return []


def test_the_server_needs_a_webhook_secret_alone() -> None:
    assert read_server(SERVER) == ServerSettings(
        port=5000,
        webhook_secrets=(Secret("s3cret"),),
        webhook_max_age=timedelta(minutes=5),
        spool_path=Path("data/spool.sqlite3"),
        mongo=DEFAULT_MONGO,
        log=DEFAULT_LOG,
    )


def test_the_worker_needs_a_token_and_a_channel_alone() -> None:
    assert read_worker(WORKER) == WorkerSettings(
        discord_token=Secret("t0ken"),
        discord_channel_id="1100000000000000010",
        discord_api_base_url="https://discord.com/api/v10",
        drone_public_url="",
        edit_interval=timedelta(seconds=2),
        lease=timedelta(seconds=6),
        log_tail_lines=10,
        log_tail_private=False,
        mongo=DEFAULT_MONGO,
        log=DEFAULT_LOG,
    )


def test_the_server_takes_every_one_of_its_settings() -> None:
    assert read_server(
        {
            "DRONE_WEBHOOK_SECRET": "new,old",
            "DRONE_WEBHOOK_MAX_AGE": "60",
            "SPOOL_PATH": "/var/lib/bridge/spool",
            "MONGO_URI": "mongodb://mongo.example.com/?replicaSet=rs0",
            "MONGO_DATABASE": "bridge",
            "DELIVERY_TTL_DAYS": "1",
            "CARD_TTL_DAYS": "0",
            "PORT": "8080",
            "STOP_DELAY": "3",
            "LOG_LEVEL": "Debug",
            "LOG_FORMAT": "JSON",
        }
    ) == ServerSettings(
        port=8080,
        webhook_secrets=(Secret("new"), Secret("old")),
        webhook_max_age=timedelta(seconds=60),
        spool_path=Path("/var/lib/bridge/spool"),
        mongo=MongoSettings(
            uri=Secret("mongodb://mongo.example.com/?replicaSet=rs0"),
            database="bridge",
            delivery_ttl=timedelta(days=1),
            card_ttl=timedelta(0),
        ),
        log=LogSettings(level="DEBUG", as_json=True),
        stop_delay=timedelta(seconds=3),
    )


def test_the_worker_takes_every_one_of_its_settings() -> None:
    values = {
        **WORKER,
        "DISCORD_API_BASE_URL": "http://127.0.0.1:8000/api/v10/",
        "DRONE_PUBLIC_URL": "https://drone.example.com/",
        "EDIT_INTERVAL": "0",
        "LEASE_SECONDS": "2",
        "HEARTBEAT_PATH": "/run/worker/heartbeat",
        "LOG_TAIL_LINES": "0",
        "LOG_TAIL_PRIVATE": "Yes",
        "DRONE_SERVER": "https://drone.example.com/",
        "DRONE_TOKEN": "t0ken-of-drone",
        "MONGO_DATABASE": "bridge",
        "LOG_LEVEL": "warning",
    }

    settings = read_worker(values)

    assert settings == WorkerSettings(
        discord_token=Secret("t0ken"),
        discord_channel_id="1100000000000000010",
        discord_api_base_url="http://127.0.0.1:8000/api/v10",
        drone_public_url="https://drone.example.com",
        edit_interval=timedelta(0),
        lease=timedelta(seconds=2),
        log_tail_lines=0,
        log_tail_private=True,
        mongo=MongoSettings(
            uri=Secret("mongodb://localhost:27017"),
            database="bridge",
            delivery_ttl=timedelta(days=14),
            card_ttl=timedelta(days=90),
        ),
        log=LogSettings(level="WARNING", as_json=False),
        heartbeat_path=Path("/run/worker/heartbeat"),
        drone=DroneSettings("https://drone.example.com", Secret("t0ken-of-drone")),
    )


def test_drone_is_not_configured_by_default() -> None:
    assert read_drone({}) is None


def test_drone_is_configured_by_its_address_with_a_token() -> None:
    assert read_drone(DRONE) == DroneSettings("https://drone.example.com", Secret("t0ken"))


def test_ids_stay_text_with_every_digit() -> None:
    settings = read_worker({**WORKER, "DISCORD_CHANNEL_ID": "99999999999999999999"})

    assert settings.discord_channel_id == "99999999999999999999"


def test_space_around_a_value_does_not_matter() -> None:
    settings = read_server({"DRONE_WEBHOOK_SECRET": " one , two ,, ", "PORT": " 80 "})

    assert settings.webhook_secrets == (Secret("one"), Secret("two"))
    assert settings.port == 80


@pytest.mark.parametrize(
    "name", [name for name, one in settings_of(BRIDGE).items() if one.default is not None]
)
def test_an_empty_setting_is_an_absent_one(name: str) -> None:
    values = {**SERVER, **WORKER}

    assert read_server({**values, name: " "}) == read_server(values)
    assert read_worker({**values, name: ""}) == read_worker(values)


def test_the_servers_problems_come_all_in_one_message() -> None:
    values = {
        "DRONE_WEBHOOK_MAX_AGE": "soon",
        "PORT": "0",
        "MONGO_PORT": "x",
        "MONGO_INITDB_ROOT_USERNAME": "admin",
        "LOG_LEVEL": "loud",
        "LOG_FORMAT": "xml",
    }

    with pytest.raises(SettingsError) as caught:
        read_server(values)

    assert str(caught.value) == (
        "The settings need attention:\n"
        "  - DRONE_WEBHOOK_SECRET is missing: make one with `openssl rand -hex 32` and give Drone"
        " the same.\n"
        "  - PORT must be a whole number from 1 to 65535.\n"
        "  - DRONE_WEBHOOK_MAX_AGE must be a whole number from 0 to 86400.\n"
        "  - MONGO_INITDB_ROOT_USERNAME and MONGO_INITDB_ROOT_PASSWORD go together.\n"
        "  - MONGO_PORT must be a whole number from 1 to 65535.\n"
        "  - LOG_LEVEL must be one of info, debug, warning, error, critical.\n"
        "  - LOG_FORMAT must be one of text, json."
    )


def test_the_workers_problems_come_all_in_one_message() -> None:
    values = {
        "DISCORD_API_BASE_URL": "discord.com",
        "DRONE_PUBLIC_URL": "drone",
        "EDIT_INTERVAL": "-1",
        "LEASE_SECONDS": "0",
        "LOG_TAIL_LINES": "41",
        "LOG_TAIL_PRIVATE": "true",
        "CARD_TTL_DAYS": "3651",
        "MONGO_URI": "localhost",
    }

    with pytest.raises(SettingsError) as caught:
        read_worker(values)

    assert str(caught.value) == (
        "The settings need attention:\n"
        "  - DISCORD_CHANNEL_ID is missing: in Discord, switch on Developer Mode, then right-click"
        " the channel and copy its id.\n"
        "  - DISCORD_TOKEN is missing: copy it from your application's page Bot at"
        " discord.com/developers.\n"
        "  - DISCORD_API_BASE_URL must be an address such as https://host.example.\n"
        "  - DRONE_PUBLIC_URL must be an address such as https://host.example.\n"
        "  - EDIT_INTERVAL must be a whole number from 0 to 60.\n"
        "  - LEASE_SECONDS must be a whole number from 1 to 60.\n"
        "  - LOG_TAIL_LINES must be a whole number from 0 to 40.\n"
        "  - LOG_TAIL_PRIVATE must be one of no, yes.\n"
        "  - MONGO_URI must look like mongodb://user:password@host:27017/?option=value, with the"
        " signs @ : / ? % in user and password percent-encoded.\n"
        "  - CARD_TTL_DAYS must be a whole number from 0 to 3650."
    )


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        pytest.param(
            {"DRONE_WEBHOOK_SECRET": " , ,"},
            "DRONE_WEBHOOK_SECRET holds only commas, which separate secrets: put a secret between"
            r" them, and write a comma that belongs to one as \, (with a backslash).",
            id="secrets that are only commas",
        ),
        pytest.param(
            {**SERVER, "MONGO_INITDB_ROOT_PASSWORD": "hunter2"},
            "MONGO_INITDB_ROOT_USERNAME and MONGO_INITDB_ROOT_PASSWORD go together.",
            id="a password without its user",
        ),
        pytest.param(
            {**SERVER, "MONGO_HOST": "mongo:27018"},
            HOST_ALONE,
            id="a host with a port",
        ),
        pytest.param(
            {**SERVER, "MONGO_HOST": "mongodb://mongo"},
            HOST_ALONE,
            id="a host with a scheme",
        ),
        pytest.param(
            {**SERVER, "MONGO_HOST": "mongo/bridge"},
            HOST_ALONE,
            id="a host with a database",
        ),
        *(
            pytest.param(
                {**SERVER, "MONGO_DATABASE": name},
                'MONGO_DATABASE must be at most 63 characters, without spaces and / \\ . " $.',
                id=f"a database named {name[:5]}",
            )
            for name in ("a.b", "a b", "a/b", "a\\b", 'a"b', "$a", "long" * 16)
        ),
    ],
)
def test_a_bad_setting_of_the_server_is_named(values: Mapping[str, str], problem: str) -> None:
    assert problems_of(read_server, values) == [problem]


@pytest.mark.parametrize("name", ["DELIVERY_TTL_DAYS", "CARD_TTL_DAYS"])
@pytest.mark.parametrize(
    "value",
    [
        "-1",
        "+1",
        "1.5",
        "1e3",
        "0x10",
        "3651",
        "٣",
        "1_0",
        "seven",
        "0" * 12 + "99999",
        pytest.param("9" * 5000, id="many"),
    ],
)
def test_a_number_is_written_in_digits_within_its_bounds(name: str, value: str) -> None:
    assert problems_of(read_mongo, {name: value}) == [
        f"{name} must be a whole number from 0 to 3650."
    ]


@pytest.mark.parametrize(
    "channel_id",
    [
        "#builds",
        "builds",
        "123",
        "1" * 16,
        "1" * 21,
        "11000000000000000x0",
        "١" * 18,
        "-" + "1" * 18,
    ],
)
def test_a_channel_is_an_id(channel_id: str) -> None:
    assert problems_of(read_worker, {**WORKER, "DISCORD_CHANNEL_ID": channel_id}) == [
        "DISCORD_CHANNEL_ID must be an id of 17 to 20 digits."
    ]


@pytest.mark.parametrize(
    ("read", "values", "name"),
    [(read_worker, WORKER, "DISCORD_TOKEN"), (read_drone, DRONE, "DRONE_TOKEN")],
    ids=["DISCORD_TOKEN", "DRONE_TOKEN"],
)
@pytest.mark.parametrize("token", ["Bot hunter2", "hunter2…", '"hunter2', "hunter2’"])
def test_a_token_is_one_word(read: Read, values: Mapping[str, str], name: str, token: str) -> None:
    """What is in a header comes back in the error of a library that cannot send it."""
    assert problems_of(read, {**values, name: token}) == [
        f"{name} must be the bare token: one word, with nothing before or after it."
    ]


@pytest.mark.parametrize(
    "address",
    [
        "drone.example.com",
        "ftp://drone.example.com",
        "https://",
        "https://[::1",
        "https://drone.example.com:port",
        "https://drone.example.com:99999",
        "https://drone.example.com:0",
        "https://drone..example.com",
        "https://drone.example.com/a b",
        f"https://{'a' * 64}.example.com",
    ],
)
def test_an_address_is_one_that_can_be_reached(address: str) -> None:
    assert problems_of(read_drone, {**DRONE, "DRONE_SERVER": address}) == [
        "DRONE_SERVER must be an address such as https://host.example."
    ]


@pytest.mark.parametrize(
    "address",
    [
        "http://drone",
        "http://drone_server:8000",
        "http://10.0.0.7",
        "http://[::1]:80",
        "https://a.b/c",
    ],
)
def test_an_address_needs_neither_a_dot_nor_a_name(address: str) -> None:
    assert problems_of(read_drone, {**DRONE, "DRONE_SERVER": address}) == []


@pytest.mark.parametrize("missing", sorted(DRONE))
def test_drones_address_goes_together_with_its_token(missing: str) -> None:
    values = {name: value for name, value in DRONE.items() if name != missing}

    assert problems_of(read_drone, values) == [
        "DRONE_SERVER and DRONE_TOKEN go together: set both or neither."
    ]


def test_the_databases_user_and_password_are_quoted_in_its_address() -> None:
    user, password = "ad:min@home", "p@ss/w:rd?#[%]&ü "
    values = {
        "MONGO_HOST": "mongo.example.com",
        "MONGO_PORT": "27018",
        "MONGO_INITDB_ROOT_USERNAME": user,
        "MONGO_INITDB_ROOT_PASSWORD": password.strip(),
    }

    uri = read_mongo(values).uri.reveal()

    assert uri == (
        "mongodb://ad%3Amin%40home:p%40ss%2Fw%3Ard%3F%23%5B%25%5D%26%C3%BC"
        "@mongo.example.com:27018/?authSource=admin"
    )
    parsed = parse_uri(uri)
    assert (parsed["username"], parsed["password"]) == (user, password.strip())


@pytest.mark.parametrize(
    "host", ["mongo", "10.0.0.7", "[2001:db8::1]", "one.example.com:27017,two.example.com"]
)
def test_a_host_can_be_any_that_the_driver_takes(host: str) -> None:
    assert read_mongo({"MONGO_HOST": host}).uri == Secret(f"mongodb://{host}:27017")


@pytest.mark.parametrize(
    ("host", "node"),
    [
        ("::1", ("::1", 27018)),
        ("[::1]", ("::1", 27018)),
        ("2001:db8::1", ("2001:db8::1", 27018)),
        ("fe80::1%eth0", ("fe80::1%eth0", 27018)),
    ],
)
def test_a_host_can_be_an_address_of_ipv6(host: str, node: tuple[str, int]) -> None:
    uri = read_mongo({"MONGO_HOST": host, "MONGO_PORT": "27018"}).uri.reveal()

    assert parse_uri(uri)["nodelist"] == [node]


@pytest.mark.parametrize("host", ["mongo:27018", "[::1]:27018", "mongo.example.com:1"])
def test_a_port_beside_the_host_is_told_where_it_goes(host: str) -> None:
    assert problems_of(read_mongo, {"MONGO_HOST": host}) == [HOST_ALONE]


def test_an_address_that_is_none_is_told_once() -> None:
    (problem,) = problems_of(read_mongo, {"MONGO_URI": "mongodb://user:hunt/er2@mongo/bridge"})

    assert problem.startswith("MONGO_URI must look like mongodb://user:password@host")


USER = "mongodb://user:word@mongo"


@pytest.mark.parametrize(
    ("values", "database"),
    [
        ({"MONGO_URI": "mongodb://mongo/ci_bridge"}, "ci_bridge"),
        ({"MONGO_URI": f"{USER}/ci_bridge?authSource=admin"}, "ci_bridge"),
        ({"MONGO_URI": "mongodb://[::1]:27017,two:27018/ci-bridge"}, "ci-bridge"),
        ({"MONGO_URI": "mongodb+srv://mongo.example.com/ci%5Fbridge"}, "ci_bridge"),
        ({"MONGO_URI": "mongodb://mongo/bridge", "MONGO_DATABASE": "bridge"}, "bridge"),
        ({"MONGO_URI": "mongodb://mongo/bridge", "MONGO_DATABASE": " "}, "bridge"),
        ({"MONGO_URI": "mongodb://mongo/", "MONGO_DATABASE": "bridge"}, "bridge"),
        ({"MONGO_URI": "mongodb://mongo/?w=1"}, "drone-discord"),
        ({"MONGO_URI": "mongodb://mongo"}, "drone-discord"),
        # Only where the user is kept.
        ({"MONGO_URI": f"{USER}/admin"}, "drone-discord"),
        ({"MONGO_URI": f"{USER}/admin", "MONGO_DATABASE": "bridge"}, "bridge"),
    ],
)
def test_the_address_can_name_the_database(values: Mapping[str, str], database: str) -> None:
    assert read_mongo(values).database == database


@pytest.mark.parametrize("chosen", ["other", "drone-discord"])
def test_two_names_of_the_database_are_one_too_many(chosen: str) -> None:
    values = {"MONGO_URI": f"{USER}/ci_bridge", "MONGO_DATABASE": chosen}

    assert problems_of(read_mongo, values) == [
        "MONGO_DATABASE and the database in MONGO_URI differ: keep one of them. Where the user is"
        " kept goes into the address as ?authSource=."
    ]


@pytest.mark.parametrize("path", ["a.b", "a/b", "a%20b", "%24a", "long" * 16])
def test_a_bad_name_in_the_address_is_told(path: str) -> None:
    assert problems_of(read_mongo, {"MONGO_URI": f"mongodb://mongo/{path}"}) == [
        'The database in MONGO_URI must be at most 63 characters, without spaces and / \\ . " $.'
    ]


@pytest.mark.parametrize(
    ("listed", "secrets"),
    [
        (r"a\,b", ["a,b"]),
        (r"a\,b,c", ["a,b", "c"]),
        (r"new, a\,b\, ", ["new", "a,b,"]),
        (r"a\b", [r"a\b"]),
        ("new,old", ["new", "old"]),
        ("new,\n  old\n", ["new", "old"]),
    ],
)
def test_a_comma_after_a_backslash_belongs_to_the_secret(listed: str, secrets: list[str]) -> None:
    settings = read_server({"DRONE_WEBHOOK_SECRET": listed})

    assert [one.reveal() for one in settings.webhook_secrets] == secrets


NAMES = [*SERVER, *WORKER, *DRONE, "MONGO_INITDB_ROOT_PASSWORD", "PORT", "LOG_LEVEL"]
GOOD = {
    **SERVER,
    **WORKER,
    **DRONE,
    "MONGO_INITDB_ROOT_USERNAME": "root",
    "MONGO_INITDB_ROOT_PASSWORD": "word",
    "PORT": "80",
    "LOG_LEVEL": "info",
}


def all_problems_of(values: Mapping[str, str]) -> list[str]:
    """Return what server and worker say about *values*."""
    found = [one for read in (read_server, read_worker) for one in problems_of(read, values)]
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("quotes", ['""', "''", "“”", "``"])
def test_quotes_around_a_value_are_to_be_removed(name: str, quotes: str) -> None:
    values = {**GOOD, name: f"{quotes[0]}{GOOD[name]}{quotes[1]}"}

    assert all_problems_of(values) == [
        f"{name} stands in quotes that would be part of it: remove them."
    ]


def test_quotes_around_one_of_several_secrets_are_to_be_removed() -> None:
    assert problems_of(read_server, {"DRONE_WEBHOOK_SECRET": "new,'old'"}) == [
        "DRONE_WEBHOOK_SECRET has quotes around one of its secrets: remove them."
    ]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("around", ["\ufeff{}", "{}\r\n", "\u00a0{}\u200b", "\u2060 {}\u00a0"])
def test_what_nobody_sees_around_a_value_does_not_matter(name: str, around: str) -> None:
    assert read_server({**GOOD, name: around.format(GOOD[name])}) == read_server(GOOD)
    assert read_worker({**GOOD, name: around.format(GOOD[name])}) == read_worker(GOOD)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("sign", "kind"),
    [
        ("\ufeff", "zero width no-break space (U+FEFF)"),
        ("\u200b", "zero width space (U+200B)"),
        ("\u00a0", "no-break space (U+00A0)"),
        ("\u00ad", "soft hyphen (U+00AD)"),
        ("\u202e", "right-to-left override (U+202E)"),
        ("\x1b", "control character (U+001B)"),
        ("\n", "a line break"),
        ("\t", "a tab"),
        ("\udcff", "a byte that is not UTF-8"),
        ("\u3164", "hangul filler (U+3164)"),
    ],
    ids=ascii,
)
def test_an_invisible_character_within_a_value_is_named(name: str, sign: str, kind: str) -> None:
    value = f"{GOOD[name][:1]}{sign}{GOOD[name][1:]}"

    assert all_problems_of({**GOOD, name: value}) == [
        f"{name} holds an invisible character, {kind}: write it anew."
    ]


@pytest.mark.parametrize("name", ["HTTP_PROXY", "https_proxy", "ALL_PROXY"])
@pytest.mark.parametrize(
    "value", ["socks5://proxy:1080", "http://", '"http://proxy:3128"', "http://a:b@p:port", "a b"]
)
def test_a_proxy_that_cannot_be_used_is_told_without_its_password(name: str, value: str) -> None:
    problem = f"{name} must be an address such as http://proxy.example:3128."

    assert problems_of(read_server, {**SERVER, name: value}) == [problem]
    assert problems_of(read_worker, {**WORKER, name: value}) == [problem]


def test_a_proxy_for_everything_is_not_looked_at_beside_those_for_both_schemes() -> None:
    one = "http://proxy:3128"
    values = {**WORKER, "all_proxy": "socks5://p:1", "HTTP_PROXY": one, "https_proxy": one}

    assert problems_of(read_worker, values) == []


@pytest.mark.parametrize("value", ["http://proxy:3128", "http://u:p%40@proxy:3128/", "proxy:3128"])
def test_a_proxy_can_be_written_as_everywhere(value: str) -> None:
    assert problems_of(read_worker, {**WORKER, "HTTPS_PROXY": value, "NO_PROXY": "*"}) == []


def test_the_address_of_the_database_wins_over_its_parts() -> None:
    values = {
        "MONGO_URI": "mongodb://elsewhere",
        "MONGO_HOST": "mongo",
        "MONGO_PORT": "not looked at",
    }

    assert read_mongo(values).uri == Secret("mongodb://elsewhere")


@pytest.mark.parametrize(
    "uri",
    [
        "mongodb://localhost",
        "mongodb://localhost:27017/",
        "mongodb://user:p%40ss@localhost/bridge?authSource=admin",
        "mongodb://user@localhost",
        "mongodb://a.example.com:27017,b.example.com:27018/?replicaSet=rs0&tls=true",
        "mongodb://[::1]:27017",
        "mongodb://%2Ftmp%2Fmongodb-27017.sock",
        "mongodb+srv://user:pass@cluster.example.com/?retryWrites=true",
        "mongodb://user:pa#ss@localhost",
    ],
)
def test_an_address_of_mongodb_is_taken_as_it_stands(uri: str) -> None:
    assert read_mongo({"MONGO_URI": uri}).uri == Secret(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "localhost:27017",
        "http://localhost",
        "mongodb://",
        "mongodb://user:hunter@2@localhost",
        "mongodb://user:hunter/2@localhost",
        "mongodb://user:hunter?2@localhost",
        "mongodb://user:hunter:2@localhost",
        "mongodb://user:hunter%2@localhost",
        "mongodb://user:hunter 2@localhost",
        "mongodb://localhost:port",
        "mongodb://localhost:99999",
        "mongodb://[::1",
    ],
)
def test_an_address_of_mongodb_that_the_driver_would_quote_in_an_error_is_refused(uri: str) -> None:
    found = problems_of(read_mongo, {"MONGO_URI": uri})

    assert [problem.partition(" must ")[0] for problem in found] == ["MONGO_URI"]
    assert "hunter" not in found[0]


SECRETS = {
    "DRONE_WEBHOOK_SECRET": "hunter1,hunter2",
    "DISCORD_TOKEN": "hunter3",
    "DRONE_TOKEN": "hunter4",
    "MONGO_INITDB_ROOT_USERNAME": "hunter5",
    "MONGO_INITDB_ROOT_PASSWORD": "hunter6",
}


@pytest.mark.parametrize("read", [read_server, read_worker, read_mongo, read_drone])
def test_settings_show_no_secret(read: Read) -> None:
    settings = read({**WORKER, **DRONE, **SECRETS})

    assert "hunter" not in f"{settings} {settings!r}"
    assert "Secret(…)" in str(settings)


@pytest.mark.parametrize("read", [read_server, read_worker, read_mongo, read_drone])
def test_problems_show_no_secret(read: Read) -> None:
    broken = {name: f"{value} hunter7\n@" for name, value in SECRETS.items()}
    bad = {"PORT": "x", "MONGO_PORT": "x", "DISCORD_CHANNEL_ID": "x", "DRONE_SERVER": "x"}

    found = problems_of(read, {**broken, **bad})

    assert found
    assert "hunter" not in "".join(found)


def test_a_problem_names_its_setting_first() -> None:
    values = dict.fromkeys(settings_of(BRIDGE), "…")

    found = problems_of(read_server, values) + problems_of(read_worker, values)

    assert {re.split(r"\W", problem)[0] for problem in found} <= set(settings_of(BRIDGE))
