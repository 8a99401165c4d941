"""No secret is seen anywhere, whatever fails: one walk through the failing paths of every process.

Each test drives real processes into trouble with secrets that nothing else looks like, then looks
for them in all that was printed, answered and stored.
"""

import base64
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, quote_plus

import pymongo
import pytest
import requests
from aws import NOTHING, Endpoint
from aws import environ_of as aws_environ_of
from bson import json_util
from programs import FLASK, PRESENCE, SERVER, WORKER
from stack import CHANNEL, ROOT, Process, eventually, spawn

from playground.discord.options import TOKEN
from playground.discord.process import StandIn
from playground.drone.builds import play
from playground.drone.delivery import Delivery
from playground.drone.signing import headers_of, sign
from playground.supervisor import answers, free_port

CREATED, ENDED = play("push")[0], play("push")[-1]
WEBHOOK, OLD_WEBHOOK = "hunter-webhook+/=1", "hunter-webhook+/=2"
PASSWORD = "hunter:p@ss/w%rd?3"
USER = "hunter:user@4"
DRONE = "hunter-drone+/=5"
BOT = "hunter-bot.token-6"
AWS_KEY = "hunter-aws+/=7"
IN_AWS = "hunter in AWS +/= 8"
OPTION = "hunterOption9"
SECRETS = (WEBHOOK, OLD_WEBHOOK, PASSWORD, USER, DRONE, BOT, AWS_KEY, IN_AWS, OPTION, TOKEN)
CREDENTIALS = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}"


def forms(secret: str) -> set[bytes]:
    """Return how a secret may look: bare, quoted for an address, escaped, and in base64."""
    texts = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1]}
    found = {text.encode() for text in texts}
    # In the middle of something longer, base64 has three ways to begin.
    for before in range(3):
        encoded = base64.b64encode(b" " * before + secret.encode())
        found.add(encoded[before + (before > 0) : -4])
        found.add(base64.urlsafe_b64encode(b" " * before + secret.encode())[before + 1 : -4])
    return found


NEEDLES = {form for secret in SECRETS for form in forms(secret)}


@dataclass
class Scene:
    """The processes of one test, and all that comes out of them."""

    environ: dict[str, str]
    folder: Path
    processes: list[Process] = field(default_factory=list)
    seen: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.environ['PORT']}"

    def start(self, command: tuple[str, ...], **environ: str) -> Process:
        """Start a program."""
        log = self.folder / f"{len(self.processes)}.log"
        process = spawn([*command], {**self.environ, **environ}, log)
        self.processes.append(process)
        return process

    def start_server(self, **environ: str) -> Process:
        """Start the server and wait until it answers."""
        process = self.start(SERVER, **environ)
        port = int(self.environ["PORT"])
        eventually(lambda: answers(port) or process.popen.poll() is not None)
        return process

    def fail(self, command: tuple[str, ...], **environ: str) -> str:
        """Run a program that has to fail; return what it said."""
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **self.environ, **environ},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.seen.append((done.stdout + done.stderr).encode())
        assert done.returncode == 1, done
        return done.stdout + done.stderr

    def ask(self, method: str, path: str, **how: object) -> int:
        """Send a request and keep all of the answer; return its status."""
        answer = requests.request(method, self.url + path, timeout=60, **how)  # type: ignore[arg-type]
        self.seen += [answer.content, str(answer.headers).encode()]
        return answer.status_code

    def post(self, delivery: Delivery, secret: str = WEBHOOK) -> int:
        """Send what Drone would send."""
        headers = headers_of(delivery, secret, datetime.now(UTC))
        return self.ask("POST", "/", data=delivery.body, headers=headers)

    def post_body(self, body: bytes, **changes: str) -> int:
        """Send a body that is signed, but for some headers."""
        headers = {**sign(body, WEBHOOK, datetime.now(UTC)), **changes}
        return self.ask("POST", "/", data=body, headers=headers)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End everything."""
        for process in self.processes:
            process.end(number)

    def look(self) -> list[bytes]:
        """Return the secrets that are found in anything that came out."""
        printed = [process.output().encode() for process in self.processes]
        spools = [path.read_bytes() for path in self.folder.glob("spool*")]
        everything = b"\n".join([*printed, *self.seen, *spools, self._documents()])
        assert everything.strip()
        return sorted(needle for needle in NEEDLES if needle in everything)

    def _documents(self) -> bytes:
        """Return every document of the database, bodies of deliveries as they came."""
        uri = self.environ["MONGO_URI"]
        if "@" in uri:
            return b""
        client: pymongo.MongoClient[dict[str, object]] = pymongo.MongoClient(uri)
        database = client[self.environ["MONGO_DATABASE"]]
        parts = []
        for name in ("deliveries", "cards", "leases"):
            for document in database[name].find():
                parts += [value for value in document.values() if isinstance(value, bytes)]
                parts.append(json_util.dumps(document).encode())
        client.close()
        return b"\n".join(parts)


@pytest.fixture
def scene(mongo_uri: str, stand_in: StandIn, tmp_path: Path) -> Iterator[Scene]:
    """Give the settings of a bridge whose secrets can be told from everything else."""
    stand_in.reset()
    environ = {
        **NOTHING,
        "DRONE_WEBHOOK_SECRET": f"{WEBHOOK},{OLD_WEBHOOK}",
        "DISCORD_TOKEN": TOKEN,
        "DISCORD_CHANNEL_ID": CHANNEL,
        "DISCORD_API_BASE_URL": stand_in.api,
        "DISCORD_GATEWAY_URL": stand_in.gateway,
        "DRONE_SERVER": f"http://127.0.0.1:{free_port()}",
        "DRONE_TOKEN": DRONE,
        "MONGO_URI": mongo_uri,
        "MONGO_DATABASE": f"test-secrecy-{time.monotonic_ns()}",
        "SPOOL_PATH": str(tmp_path / "spool.sqlite3"),
        "HEARTBEAT_PATH": str(tmp_path / "heartbeat"),
        "HEALTHCHECK_URL": f"http://user:{quote(PASSWORD, safe='')}@127.0.0.1:9/health",
        "HEALTHCHECK_INTERVAL": "0.2",
        "DOTENV_PATH": "/nowhere/.env",
        "DELIVERY_TTL_DAYS": "0",
        "CARD_TTL_DAYS": "0",
        "LEASE_SECONDS": "1",
        "LOG_LEVEL": "debug",
        "PORT": str(free_port()),
        "WEB_CONCURRENCY": "1",
    }
    scene = Scene(environ, tmp_path)
    yield scene
    scene.stop(signal.SIGKILL)


def prints(process: Process, *sentences: str) -> None:
    """Wait until a process has printed all of these."""
    for sentence in sentences:
        eventually(lambda sentence=sentence: sentence in process.output())


def test_the_search_would_find_a_secret(scene: Scene) -> None:
    for secret in SECRETS:
        encoded = base64.b64encode(f"Basic user:{secret}".encode())
        for seen in (secret.encode(), quote(secret, safe="").encode(), encoded):
            scene.seen = [b"before " + seen + b" after"]
            assert scene.look(), seen


# Settings

EVERY = (SERVER, WORKER, PRESENCE, (*FLASK, "doctor"))
BAD_SETTINGS = {
    "several": {
        "DRONE_WEBHOOK_SECRET": " , ",
        "DISCORD_TOKEN": f"Bot {BOT}",
        "DRONE_TOKEN": f"Bearer {DRONE}",
        "MONGO_URI": f"mongodb://{USER}:{PASSWORD}@127.0.0.1",
        "PORT": WEBHOOK,
        "LOG_LEVEL": BOT,
        "DISCORD_CHANNEL_ID": BOT,
        "DISCORD_API_BASE_URL": f"ftp://{BOT}",
        "HEALTHCHECK_URL": f"http://{PASSWORD}:x:y",
        "DISCORD_GATEWAY_URL": BOT,
    },
    "a secret in a path's place": {
        "DRONE_WEBHOOK_SECRET": "",
        "DRONE_WEBHOOK_SECRET_FILE": WEBHOOK,
        "DISCORD_TOKEN": "",
        "DISCORD_TOKEN_FILE": BOT,
        "DRONE_TOKEN": "",
        "DRONE_TOKEN_FILE": DRONE,
    },
    "a secret in AWS's place": {"AWS_SECRET_ID": IN_AWS, "AWS_SECRET_ACCESS_KEY": AWS_KEY},
    "a key in AWS's place": {"AWS_SECRET_ID": AWS_KEY, "AWS_REGION": AWS_KEY},
    "options of the database": {
        "MONGO_URI": f"mongodb://{CREDENTIALS}@127.0.0.1:9/?authMechanismProperties={DRONE}:x"
        f"&tlsCertificateKeyFilePassword={DRONE}&tls={DRONE}&maxPoolSize={DRONE}",
        "DISCORD_TOKEN": f"{BOT} ",
        "PORT": "none",
        "LOG_LEVEL": "loud",
    },
}


@pytest.mark.parametrize("changes", BAD_SETTINGS.values(), ids=BAD_SETTINGS)
def test_bad_settings_show_no_secret(scene: Scene, changes: Mapping[str, str]) -> None:
    for command in EVERY:
        scene.fail(command, **changes)

    assert scene.look() == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (f'{{"DISCORD_TOKEN": "{BOT}", "PORT": "{IN_AWS}", "LOG_LEVEL": "{IN_AWS}"}}', 200),
        (f'{{"DISCORD_TOKEN": "{BOT}", "LOG_LEVEL": 7, "x": "{IN_AWS}"}}', 200),
        (f"{IN_AWS} {BOT}", 200),
        (f'{{"__type": "{IN_AWS}", "message": "{IN_AWS} {AWS_KEY}"}}', 400),
    ],
    ids=["bad values", "a number", "no JSON", "a refusal"],
)
def test_a_bad_secret_in_aws_is_not_shown(
    scene: Scene, endpoint: Endpoint, body: str, status: int
) -> None:
    scene.environ |= {**aws_environ_of(endpoint.url, "any"), "AWS_SECRET_ACCESS_KEY": AWS_KEY}
    for name in ("DISCORD_TOKEN", "PORT", "LOG_LEVEL"):
        scene.environ[name] = ""
    if status == 200:
        endpoint.hold_text(body)
    else:
        endpoint.say(body.encode(), status)

    for command in (WORKER, PRESENCE):
        scene.fail(command)

    assert scene.look() == []


# The server


def test_the_server_shows_no_secret(scene: Scene) -> None:
    server = scene.start_server()
    now = datetime.now(UTC)
    old = now - timedelta(hours=1)

    assert scene.post(CREATED, "forged") == 401
    assert scene.post(CREATED, OLD_WEBHOOK) == 204
    assert scene.ask("POST", "/", data=b"{}") == 401
    assert scene.post_body(b"{}", Digest="SHA-256=AAAA") == 401
    assert scene.post_body(b"{}", Signature=f'keyId="{DRONE}",signature="AAAA"'[:9]) == 401
    assert scene.ask("POST", "/", data=b"{}", headers=sign(b"{}", WEBHOOK, old)) == 401
    assert {scene.post_body(body) for body in (b"{", b"[]", b"{}", b"\xff")} == {400}
    assert scene.ask("POST", "/", data=b"x" * (8 * 1024 * 1024 + 1)) == 413
    assert scene.ask("GET", "/health") == 200
    assert scene.ask("GET", "/nowhere") == 404
    assert scene.ask("DELETE", "/") == 405
    server.end(signal.SIGTERM)

    assert scene.look() == []


@pytest.mark.parametrize("spool", ["usable", "unusable"])
def test_a_server_without_its_database_shows_no_secret(scene: Scene, spool: str) -> None:
    uri = f"mongodb://{CREDENTIALS}@127.0.0.1:{free_port()}/?authSource=admin"
    if spool == "unusable":
        scene.environ["SPOOL_PATH"] = "/dev/null/spool.sqlite3"
    server = scene.start_server(MONGO_URI=uri)
    scene.environ["MONGO_URI"] = uri

    assert scene.post(CREATED) == (204 if spool == "usable" else 503)
    assert scene.ask("GET", "/health") in (200, 503)
    server.send(signal.SIGHUP)
    prints(server, "Handling signal: hup")
    server.end(signal.SIGTERM)

    assert scene.look() == []


# The worker and the command line


def test_programs_without_their_database_show_no_secret(scene: Scene) -> None:
    uri = f"mongodb://{CREDENTIALS}@127.0.0.1:{free_port()}/?authSource=admin"
    scene.environ["MONGO_URI"] = uri
    worker = scene.start(WORKER)

    for words in (["doctor"], ["init-db", "--drop", "--yes=drone-discord"]):
        scene.fail((*FLASK, *words))
    prints(worker, "MongoDB")
    worker.end(signal.SIGTERM)

    assert scene.look() == []


def test_a_refused_password_is_not_shown(scene: Scene, mongo_uri: str) -> None:
    uri = mongo_uri.replace("mongodb://", f"mongodb://{CREDENTIALS}@")
    scene.environ["MONGO_URI"] = f"{uri}&authSource=admin"
    server, worker = scene.start_server(), scene.start(WORKER)

    assert scene.post(CREATED) == 204
    assert scene.ask("GET", "/health") == 200
    for words in (["doctor"], ["init-db"], ["cards", "--dropped"]):
        scene.fail((*FLASK, *words))
    prints(worker, "MongoDB")
    prints(server, "deliveries go to the spool")
    scene.stop()

    assert scene.look() == []


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ({"do": "answer", "status": 401}, "All sending stops"),
        ({"do": "answer", "status": 403}, "Card not shown yet."),
        ({"do": "answer", "status": 500}, "Card not shown yet."),
        ({"do": "page", "status": 502}, "Card not shown yet."),
        ({"do": "reset"}, "Card not shown yet."),
    ],
    ids=["401", "403", "500", "a page", "a reset"],
)
def test_a_discord_that_fails_is_told_no_secret_on(
    scene: Scene, stand_in: StandIn, fault: dict[str, object], sentence: str
) -> None:
    stand_in.add_fault(**fault, times=0)  # type: ignore[arg-type]
    scene.start_server()
    worker = scene.start(WORKER)

    assert scene.post(CREATED) == 204
    prints(worker, sentence)
    scene.fail((*FLASK, "doctor"))
    assert scene.ask("GET", "/health") in (200, 503)
    scene.stop()

    assert scene.look() == []


def test_options_that_the_driver_does_not_understand_are_not_shown(scene: Scene) -> None:
    options = f"compressors={OPTION}&authMechanismProperties={OPTION}:x&readPreference={OPTION}"
    scene.environ["MONGO_URI"] = f"mongodb://{CREDENTIALS}@127.0.0.1:{free_port()}/?{options}"

    worker = scene.start(WORKER)

    prints(worker, "MongoDB is away")
    worker.end(signal.SIGTERM)
    assert scene.look() == []


def test_a_delivery_that_cannot_be_merged_shows_no_secret(scene: Scene) -> None:
    scene.start_server()
    worker = scene.start(WORKER)
    assert scene.post(CREATED) == 204
    client: pymongo.MongoClient[dict[str, object]] = pymongo.MongoClient(scene.environ["MONGO_URI"])
    inbox = client[scene.environ["MONGO_DATABASE"]].deliveries
    document = {"_id": "poison", "event": "build:created", "body": b"{", "pending": True}
    inbox.insert_one({**document, "received_at": datetime.now(UTC)})
    client.close()

    prints(worker, "A delivery cannot be merged", "Card shown.")
    scene.stop()

    assert scene.look() == []


@pytest.mark.parametrize("status", [401, 500])
def test_a_drone_that_refuses_is_told_no_secret_on(
    scene: Scene, endpoint: Endpoint, status: int
) -> None:
    endpoint.say(b'{"message": "Unauthorized"}', status)
    scene.environ["DRONE_SERVER"] = endpoint.url

    assert "PROBLEM  Drone: " in scene.fail((*FLASK, "doctor"))

    assert scene.look() == []


# The presence client


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"DISCORD_TOKEN": BOT}, "refuses the bot's token"),
        ({"DISCORD_API_BASE_URL": "http://127.0.0.1:9"}, "Discord's API cannot be reached"),
        ({"DISCORD_GATEWAY_URL": "ws://127.0.0.1:9"}, "Not connected to Discord's gateway"),
        ({}, "The health endpoint gives no good answer."),
    ],
    ids=["401", "no API", "no gateway", "no health"],
)
def test_the_presence_client_shows_no_secret(
    scene: Scene, changes: Mapping[str, str], sentence: str
) -> None:
    presence = scene.start(PRESENCE, **changes)

    prints(presence, sentence)
    presence.end(signal.SIGTERM)

    assert scene.look() == []
