"""The bridge as the playbook deploys it, and what can be seen of it from this machine."""

import json
import os
import re
import subprocess
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import requests
from swarm.engine import Engine

from playground.discord.options import CHANNEL_ID, TOKEN

HERE = Path(__file__).parent
ROOT = HERE.parent.parent.parent
STACK = "bridge-under-test"
WEBHOOK_SECRET = "a secret of the test +/="
NEXT_WEBHOOK_SECRET = "its successor: 100%"
MESSAGES_TOKEN = "a-token-of-the-test"
SECRETS = {
    "drone_webhook_secret": WEBHOOK_SECRET,
    "discord_token": TOKEN,
    "messages_tokens": f"ops:{MESSAGES_TOKEN}",
    "mongo_root_password": "pass word: 100%@/?",
}
# What the playbook makes of the root's password for server and worker.
MONGO_PASSWORD = sha256(f"bridge of {SECRETS['mongo_root_password']}".encode()).hexdigest()
OTHER_DATABASE = """\
import os
import pymongo
from runtime.environment import load
from runtime.settings import BRIDGE
from server.config.settings import read_mongo
uri = read_mongo(load(os.environ, BRIDGE).values).uri.reveal()
client = pymongo.MongoClient(uri, timeoutMS=5000)
print(client["another"].deliveries.find_one())
"""
LEASE = """\
import os
from datetime import timedelta
from runtime.environment import load
from runtime.settings import BRIDGE
from server.edges.mongo.store import connect
from server.config.settings import read_mongo
store = connect(read_mongo(load(os.environ, BRIDGE).values), timedelta(seconds=3))
found = store.leases.read("worker")
print(found[0].holder if found else "")
"""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of the playbook said."""

    status: int
    output: str

    @property
    def changed(self) -> int:
        """Return how many tasks changed something."""
        return int(re.findall(r"changed=(\d+)", self.output)[-1])


class Deployment:
    """The stack on an engine; *discord* is the stand-in's address as containers reach it."""

    def __init__(self, engine: Engine, folder: Path, port: int, discord: str) -> None:
        self._engine = engine
        self._folder = folder
        self.url = f"http://127.0.0.1:{port}"
        self._choices: dict[str, object] = {
            "bridge_stack": STACK,
            "bridge_become": False,
            "bridge_directory": str(folder / "stack"),
            "bridge_channel_id": CHANNEL_ID,
            "bridge_secrets": SECRETS,
            "bridge_url": self.url,
            "bridge_overrides": [str(HERE / "stack.override.yml")],
            "bridge_wait_seconds": 300,
            "bridge_settings": {
                "DISCORD_API_BASE_URL": f"{discord}/api/v10",
                "DISCORD_GATEWAY_URL": f"{discord.replace('http', 'ws', 1)}/gateway",
                "HEALTHCHECK_INTERVAL": "1",
                # An index with a TTL makes the embedded database slow for a while once a minute.
                "DELIVERY_TTL_DAYS": "0",
                "CARD_TTL_DAYS": "0",
                # A busy machine needs some of the ten seconds to look.
                "LEASE_SECONDS": "4",
            },
            "bridge_stack_environment": {
                # The proxy has the port; the servers get any.
                "SERVER_PORT": "0",
                "PROXY_PORT": str(port),
                "UPDATE_DELAY": "1s",
                "UPDATE_MONITOR": "5s",
                "RESTART_DELAY": "1s",
                "HEALTH_INTERVAL": "2s",
            },
            "engine_advertise_addr": "127.0.0.1",
        }

    def replace_webhook_secret(self) -> None:
        """Let the next deployment bring a new secret beside the old one."""
        both = f"{NEXT_WEBHOOK_SECRET},{WEBHOOK_SECRET}"
        self._choices["bridge_secrets"] = SECRETS | {"drone_webhook_secret": both}

    def install(self) -> None:
        """Let deploy.sh make its environment."""
        self._play(("--version",))

    def deploy(self, source: Path = ROOT, *arguments: str) -> Run:
        """Run the playbook for a checkout."""
        choices = self._folder / "choices.json"
        choices.write_text(json.dumps(self._choices | {"bridge_source": str(source)}), "utf-8")
        return self._play(("--extra-vars", f"@{choices}", *arguments))

    def _play(self, arguments: tuple[str, ...]) -> Run:
        # As in CI and at home: the playbook must not depend on what this test was started with.
        kept = {name: os.environ[name] for name in os.environ if not name.startswith("ANSIBLE_")}
        done = subprocess.run(
            [str(ROOT / "deploy.sh"), *arguments],
            env={
                **kept,
                "DOCKER_HOST": self._engine.environ["DOCKER_HOST"],
                "INVENTORY": str(HERE / "inventory.yml"),
                "ANSIBLE_NOCOLOR": "1",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=900,
            check=False,
        )
        return Run(done.returncode, done.stdout)

    def is_bare(self) -> bool:
        """Tell whether there is neither a swarm nor an image of ours."""
        swarm = self._engine.docker("info", "--format", "{{.Swarm.LocalNodeState}}").strip()
        server = self._engine.docker("image", "ls", "--quiet", "drone-discord-server")
        return swarm == "inactive" and not server

    def service(self, name: str) -> dict[str, Any]:
        """Return what the swarm knows of a service."""
        found: list[dict[str, Any]] = json.loads(
            self._engine.docker("service", "inspect", f"{STACK}_{name}")
        )
        return found[0]

    def update_state(self, name: str) -> str:
        """Return what became of the last update of a service."""
        return str(self.service(name).get("UpdateStatus", {}).get("State", ""))

    def image(self, name: str) -> str:
        """Return the image that a service is to run."""
        image = self.service(name)["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"]
        return str(image)

    def containers(self, name: str) -> list[str]:
        """Return the ids of the containers of a service that run."""
        label = f"label=com.docker.swarm.service.name={STACK}_{name}"
        return self._engine.docker("ps", "--quiet", "--filter", label).split()

    def inside(self, container: str, *command: str) -> str:
        """Run a command in a container and return what it prints."""
        return self._engine.docker("exec", container, *command)

    def fails_inside(self, container: str, *command: str) -> str:
        """Run a command in a container; return what it prints if it fails, "" if it does not."""
        try:
            self.inside(container, *command)
        except RuntimeError as error:
            return str(error)
        return ""

    def lease_holder(self) -> str:
        """Return the id of the container whose worker acts."""
        server = self.containers("server")[0]
        return self.inside(server, "python", "-c", LEASE).split("-")[0].strip()

    def kill(self, container: str) -> None:
        """Kill a container as a crash does."""
        self._engine.docker("kill", container)

    def push(self, title: str) -> int:
        """Push a message through the published port; return the status."""
        headers = {"Authorization": f"Bearer {MESSAGES_TOKEN}"}
        body = {"title": title, "message": "from the test of the stack"}
        return requests.post(
            f"{self.url}/messages", json=body, headers=headers, timeout=10
        ).status_code

    def written_down(self) -> str:
        """Return everything the swarm tells of services, containers and the output of all."""
        services = self._engine.docker("service", "ls", "--quiet").split()
        containers = self._engine.docker("ps", "--all", "--quiet").split()
        parts = [self._engine.docker("inspect", *services, *containers)]
        parts += [self._engine.docker("logs", container) for container in containers]
        return "\n".join(parts)

    def troubles(self) -> str:
        """Return what may tell why something went wrong."""
        try:
            tasks = self._engine.docker("stack", "ps", "--no-trunc", STACK)
        except RuntimeError as error:
            return str(error)  # there is no stack yet
        names = ("server", "worker", "presence_client", "mongo", "proxy")
        found = [(name, one) for name in names for one in self.containers(name)]
        logs = [
            f"{name} {one}\n{self._engine.docker('logs', '--tail', '20', one)}"
            for name, one in found
        ]
        return "\n".join([tasks, *logs])

    def remove(self) -> None:
        """Remove the stack and what it kept."""
        self._engine.docker("stack", "rm", STACK)
