"""Settings in AWS Secrets Manager: every program finds them there, or says in one line why not."""

import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import requests
from aws import Aws, Endpoint
from aws import environ_of as aws_environ_of
from programs import FLASK, HEALTHCHECK, PRESENCE, SERVER, WORKER, execute
from stack import SECRET, Bridge, environ_of, eventually, shown, spawn, titles, truth

from playground.discord.options import TOKEN
from playground.discord.process import StandIn
from playground.drone.builds import play
from playground.supervisor import free_port

PUSH = play("push")
PROGRAMS = {
    "server": SERVER,
    "worker": WORKER,
    "doctor": (*FLASK, "doctor"),
    "init-db": (*FLASK, "init-db"),
    "presence": PRESENCE,
}
LIMIT_SECONDS = 60
IN_AWS = ("DRONE_WEBHOOK_SECRET", "DISCORD_TOKEN", "MONGO_URI")


def unusable(reason: str) -> list[str]:
    """Return all that a program says when the secret cannot be used."""
    return [
        "The settings need attention:",
        f"  - AWS_SECRET_ID names a secret that cannot be used: {reason}.",
    ]


def said(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Return what a program that failed said, and see that it did nothing else."""
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr.removeprefix("Error: ").splitlines()


# Found


@pytest.fixture
def apart(mongo_uri: str, discord: StandIn, aws: Aws, tmp_path: Path) -> Iterator[Bridge]:
    """Give a bridge, not started, whose secrets are in AWS alone."""
    near = environ_of(mongo_uri, discord, tmp_path)
    secret = {name.lower().replace("_", "-"): near.pop(name) for name in IN_AWS}
    near |= aws.put(f"bridge/{time.monotonic_ns()}", secret)
    bridge = Bridge(near, tmp_path, discord)
    yield bridge
    bridge.stop()


def test_server_and_worker_find_their_secrets_in_aws(
    apart: Bridge, mongo_uri: str, discord: StandIn
) -> None:
    apart.start_server()
    apart.start_worker()

    for delivery in (PUSH[0], PUSH[-1]):
        assert apart.post(delivery) == 204
    eventually(lambda: shown(discord) and titles(discord) == truth(PUSH))


def test_the_doctor_finds_the_secrets_in_aws(apart: Bridge, tmp_path: Path) -> None:
    token = tmp_path / "drone-token"
    token.write_text("hunter2\n")
    dotenv = tmp_path / "some.env"
    dotenv.write_text("CARD_TTL_DAYS=0\nPORT=80\n")
    apart.environ |= {"DRONE_TOKEN_FILE": str(token), "DOTENV_PATH": str(dotenv)}
    apart.environ |= {"DRONE_SERVER": f"http://127.0.0.1:{free_port()}"}
    for name in ("CARD_TTL_DAYS", "DELIVERY_TTL_DAYS"):
        apart.environ.pop(name)

    lines = execute((*FLASK, "doctor"), **apart.environ).stdout.splitlines()

    assert lines[:11] == [
        "from     .env: CARD_TTL_DAYS",
        "from     AWS secret: DRONE_WEBHOOK_SECRET, DISCORD_TOKEN, MONGO_URI",
        "from     environment: DISCORD_CHANNEL_ID, DISCORD_API_BASE_URL, MONGO_DATABASE,"
        " SPOOL_PATH, DRONE_SERVER, LEASE_SECONDS, PORT, AWS_SECRET_ID",
        f"from     file {token}: DRONE_TOKEN",
        "from     default: DRONE_WEBHOOK_MAX_AGE, MONGO_HOST, MONGO_PORT, DELIVERY_TTL_DAYS,"
        " MESSAGES_PER_MINUTE, EDIT_INTERVAL, LOG_TAIL_LINES, LOG_TAIL_PRIVATE, STOP_DELAY,"
        " LOG_LEVEL, LOG_FORMAT",
        "ok       Settings: complete.",
        lines[6],
        "unknown  Webhooks: none was accepted yet.",
        lines[8],
        "ok       Discord: the bot is Drone.",
        "ok       Channel: the bot can see #builds and write to it.",
    ]
    assert lines[6].startswith("ok       MongoDB: ")


def test_the_presence_client_finds_its_token_in_aws(
    aws: Aws, stand_in: StandIn, tmp_path: Path
) -> None:
    stand_in.reset()
    values = {"discord-token": TOKEN, "Discord-Gateway-URL": stand_in.gateway, "port": 5000}
    near = {
        **aws.put("presence", values),
        "DISCORD_API_BASE_URL": stand_in.api,
        "HEALTHCHECK_URL": f"http://127.0.0.1:{free_port()}/health",
        "HEARTBEAT_PATH": str(tmp_path / "heartbeat"),
        "DOTENV_PATH": "/nowhere/.env",
    }
    process = spawn([*PRESENCE], near, tmp_path / "presence.log")
    try:
        eventually(lambda: stand_in.gateway_state()["identifies"] == 1)
    finally:
        status = process.end()

    assert status == 0


def test_the_environment_wins_over_the_secret(aws: Aws) -> None:
    near = aws.put("loser", {"LOG_LEVEL": "loud", "PORT": "none", "MONGO_PORT": "none"})

    done = execute(WORKER, **{**near, "LOG_LEVEL": "info", "PORT": ""})

    assert [line.partition(" is ")[0].partition(" must ")[0] for line in said(done)[1:]] == [
        "  - DISCORD_CHANNEL_ID",
        "  - DISCORD_TOKEN",
        "  - MONGO_PORT",
    ]


def test_a_dotenv_may_tell_where_the_secret_is(aws: Aws, tmp_path: Path) -> None:
    near = aws.put("by-dotenv", {"LOG_LEVEL": "loud"})
    dotenv = tmp_path / "some.env"
    dotenv.write_text("".join(f"{name}={value}\n" for name, value in near.items()))

    done = execute(WORKER, DOTENV_PATH=str(dotenv))

    assert "  - LOG_LEVEL must be one of " in done.stderr


def test_a_secret_can_be_named_by_its_arn(endpoint: Endpoint) -> None:
    endpoint.hold({"LOG_LEVEL": "loud"})
    arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:drone-discord/prod-a1B2c3"

    done = execute(WORKER, **aws_environ_of(endpoint.url, arn))

    assert "  - LOG_LEVEL must be one of " in done.stderr


# Asked for no more than necessary


def boto3_that(folder: Path, code: str) -> dict[str, str]:
    """Put a module in boto3's place."""
    (folder / "boto3.py").write_text(code)
    return {"PYTHONPATH": str(folder)}


def test_boto3_is_not_imported_without_a_secret(tmp_path: Path) -> None:
    near = boto3_that(tmp_path, "raise SystemExit('boto3 was imported')")

    for command in (WORKER, PRESENCE):
        assert "DISCORD_TOKEN is missing" in execute(command, **near).stderr


@pytest.mark.parametrize("command", [WORKER, PRESENCE], ids=["worker", "presence"])
def test_a_missing_boto3_is_told_of_with_what_to_install(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    near = boto3_that(tmp_path, "raise ModuleNotFoundError(name='boto3')")

    done = execute(command, **{**near, **aws_environ_of("http://127.0.0.1:9", "any")})

    assert said(done) == unusable(
        "boto3 is missing: pip install --require-hashes -r requirements/aws.txt"
    )


def test_the_health_check_of_the_presence_client_does_not_ask_aws(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    near = {**aws_environ_of(endpoint.url, "any"), "HEARTBEAT_PATH": str(tmp_path / "none")}

    done = execute(HEALTHCHECK, **near)

    assert (done.returncode, done.stderr, endpoint.questions) == (1, "", 0)


@pytest.fixture
def reloaded(
    mongo_uri: str, discord: StandIn, endpoint: Endpoint, tmp_path: Path
) -> Iterator[Bridge]:
    """Give a server that runs with a secret that the test may change."""
    near = environ_of(mongo_uri, discord, tmp_path)
    near |= {**aws_environ_of(endpoint.url, "any"), "LOG_LEVEL": "debug", "WEB_CONCURRENCY": "2"}
    endpoint.hold({"DRONE_WEBHOOK_SECRET": near.pop("DRONE_WEBHOOK_SECRET")})
    bridge = Bridge(near, tmp_path, discord)
    bridge.start_server()
    yield bridge
    bridge.stop()


def booted(bridge: Bridge) -> int:
    """Return how many processes of the server have started."""
    return bridge.processes[0].output().count("Booting worker with pid")


def test_the_processes_of_a_server_ask_aws_once_for_all(
    reloaded: Bridge, endpoint: Endpoint
) -> None:
    assert reloaded.post(PUSH[0]) == 204

    assert endpoint.questions == 1


def status_of(bridge: Bridge) -> int:
    """Post a webhook; 0 if the process that took it ended before it answered."""
    try:
        return bridge.post(PUSH[0])
    except requests.RequestException:
        return 0


def test_a_reload_takes_a_new_secret(reloaded: Bridge, endpoint: Endpoint) -> None:
    endpoint.hold({"DRONE_WEBHOOK_SECRET": "another-secret"})

    reloaded.processes[0].send(signal.SIGHUP)

    eventually(lambda: status_of(reloaded) == 401)
    output = reloaded.processes[0].output()
    assert SECRET not in output
    assert "another-secret" not in output


def test_a_reload_that_cannot_reach_aws_changes_nothing(
    reloaded: Bridge, endpoint: Endpoint
) -> None:
    endpoint.say(b"<html>Bad gateway", 502)

    reloaded.processes[0].send(signal.SIGHUP)

    eventually(lambda: "The settings stay as they were." in reloaded.processes[0].output())
    eventually(lambda: booted(reloaded) == 4)
    assert reloaded.post(PUSH[0]) == 204


# Not found


def test_wrong_regions_have_no_such_secret(aws: Aws) -> None:
    near = {**aws.put("elsewhere", {}), "AWS_REGION": "us-east-1"}

    assert said(execute(WORKER, **near)) == unusable(
        "ResourceNotFoundException, there is no such secret in that region (region us-east-1)"
    )


def test_a_denied_secret_is_told_of(aws: Aws) -> None:
    near = aws.put("denied", {})

    with aws.denying():
        lines = said(execute(WORKER, **near))

    assert lines == unusable("403, access is denied (region eu-central-1)")


def answer_of(code: str) -> bytes:
    """Return the body of a refusal, with a message that quotes what it should not."""
    return b'{"__type": "%s", "message": "hunter2"}' % code.encode()


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        pytest.param(
            400,
            answer_of("AccessDeniedException"),
            "AccessDeniedException, it needs secretsmanager:GetSecretValue (region eu-central-1)",
            id="denied",
        ),
        pytest.param(
            400,
            answer_of("hunter2 hunter2"),
            "ClientError (region eu-central-1)",
            id="a code that is none",
        ),
        pytest.param(
            200, b"<html>hunter2", "what answers is not Secrets Manager", id="somebody else's page"
        ),
        pytest.param(
            200,
            b'["hunter2"]',
            "AttributeError, what answers is not Secrets Manager (region eu-central-1)",
            id="a list",
        ),
    ],
)
def test_a_refusal_is_told_of_by_its_code_alone(
    endpoint: Endpoint, status: int, body: bytes, reason: str
) -> None:
    endpoint.say(body, status)

    assert said(execute(WORKER, **aws_environ_of(endpoint.url, "any"))) == unusable(reason)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param(
            {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""},
            "NoCredentialsError, there are no AWS credentials (region eu-central-1)",
            id="no credentials",
        ),
        pytest.param({"AWS_REGION": ""}, "NoRegionError, set AWS_REGION", id="no region"),
        pytest.param(
            {"AWS_PROFILE": "hunter2"},
            "ProfileNotFound, look at AWS_PROFILE (region eu-central-1)",
            id="profile",
        ),
        pytest.param(
            {"AWS_ENDPOINT_URL": "hunter2"},
            "ValueError, look at AWS_ENDPOINT_URL (region eu-central-1)",
            id="no address",
        ),
        pytest.param({"AWS_SECRET_ID": '{"hunter2"}'}, "it is neither a name nor an ARN", id="id"),
    ],
)
def test_what_boto3_lacks_is_told_of(changes: Mapping[str, str], reason: str) -> None:
    near = aws_environ_of("http://127.0.0.1:9", "any")

    assert said(execute(WORKER, **{**near, **changes})) == unusable(reason)


def test_a_secret_of_bytes_is_told_of(aws: Aws) -> None:
    assert said(execute(WORKER, **aws.put_binary("bytes"))) == unusable("it is binary, not text")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("hunter2", "it is not JSON", id="no JSON"),
        pytest.param('["hunter2"]', "it is no JSON object", id="no object"),
        pytest.param('{"port": 5000}', "PORT must be text in quotes", id="a number"),
    ],
)
def test_garbage_in_a_secret_is_told_of(aws: Aws, text: str, reason: str) -> None:
    near = aws.put(f"garbage/{time.monotonic_ns()}", text)

    assert said(execute((*FLASK, "doctor"), **near)) == unusable(reason)


@pytest.mark.parametrize("command", PROGRAMS.values(), ids=PROGRAMS)
def test_an_aws_that_is_not_there_ends_every_program(command: tuple[str, ...]) -> None:
    near = aws_environ_of(f"http://127.0.0.1:{free_port()}", "any")

    assert said(execute(command, **near)) == unusable(
        "EndpointConnectionError, AWS cannot be reached (region eu-central-1)"
    )


def test_an_aws_that_hangs_ends_every_program_in_time(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.hang()
    near = {**aws_environ_of(endpoint.url, "any"), "DOTENV_PATH": "/nowhere/.env"}

    started = [
        spawn([*command], near, tmp_path / f"{name}.log") for name, command in PROGRAMS.items()
    ]
    statuses = [process.popen.wait(LIMIT_SECONDS) for process in started]

    assert statuses == [1] * len(started)
    for process in started:
        lines = process.output().removeprefix("Error: ").splitlines()
        assert lines == unusable("ReadTimeoutError, AWS does not answer (region eu-central-1)")
