"""What deploys says the same as the code: settings, secrets, knobs and images."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from stack import SECRET, Bridge

from playground.supervisor import free_port
from presence_client.settings import DEFAULTS as PRESENCE_DEFAULTS
from server.edges.environment import SECRETS
from server.setting_reader import DEFAULTS as SERVER_DEFAULTS

ROOT = Path(__file__).parent.parent
BRIDGE = ROOT / "ansible" / "roles" / "bridge"
# What the image itself decides, and what stands for the database of the stack.
IN_IMAGE = {"PORT", "SPOOL_PATH", "HEARTBEAT_PATH"}
DATABASE = {"MONGO_URI", "MONGO_PORT"}
# The name of a secret in the swarm, where it is another than that of its setting.
RENAMED = {"MONGO_INITDB_ROOT_PASSWORD": "mongo_root_password"}


def read(path: Path) -> Any:
    """Read a file of YAML."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


STACK = read(ROOT / "docker-stack.yml")
SERVICES = STACK["services"]
KNOBS = read(BRIDGE / "vars" / "main.yml")


def test_the_stack_hands_on_every_setting_of_server_and_worker() -> None:
    wanted = SERVER_DEFAULTS.keys() - set(SECRETS) - IN_IMAGE - DATABASE
    handed = set(SERVICES["server"]["environment"]) | set(SERVICES["worker"]["environment"])

    assert wanted - handed == set()


def test_the_stack_hands_on_every_setting_of_the_presence_client() -> None:
    wanted = PRESENCE_DEFAULTS.keys() - set(SECRETS) - IN_IMAGE

    assert wanted - set(SERVICES["presence_client"]["environment"]) == set()


@pytest.mark.parametrize("path", [ROOT / "docker-stack.yml", ROOT / "compose.yaml"], ids=str)
def test_no_secret_is_in_an_environment(path: Path) -> None:
    services = read(path)["services"].values()
    names = {name for service in services for name in service.get("environment", {})}

    # The user of the stack's database is no secret.
    assert names & set(SECRETS) == {"MONGO_INITDB_ROOT_USERNAME"} & names


def test_every_secret_that_a_service_reads_is_given_to_it() -> None:
    for service in SERVICES.values():
        environment = service["environment"]
        files = {value for name, value in environment.items() if name.endswith("_FILE")}
        assert files == {f"/run/secrets/{name}" for name in service["secrets"]}


def test_the_playbook_knows_every_secret() -> None:
    known = set(KNOBS["bridge_required_secrets"]) | set(KNOBS["bridge_optional_secrets"])
    wanted = {RENAMED.get(name, name.lower()) for name in SECRETS}

    assert known == wanted - {"mongo_initdb_root_username"}


def test_the_stack_has_every_secret_that_the_playbook_requires() -> None:
    assert set(STACK["secrets"]) == set(KNOBS["bridge_required_secrets"])


def test_every_knob_of_the_playbook_is_explained() -> None:
    page = (ROOT / "ansible" / "group_vars" / "all.yml").read_text(encoding="utf-8")
    explained = set(re.findall(r"^(?:# )?((?:bridge|engine)_\w+):", page, flags=re.MULTILINE))
    knobs = set(read(BRIDGE / "defaults" / "main.yml"))
    knobs |= set(read(ROOT / "ansible" / "roles" / "engine" / "defaults" / "main.yml"))

    assert explained == knobs | {"bridge_become"}


def test_nothing_but_mongodb_and_its_users_is_in_its_network() -> None:
    inside = {name for name, one in SERVICES.items() if "database" in one["networks"]}

    assert inside == {"mongo", "server", "worker"}
    assert STACK["networks"]["database"] == {"internal": True}
    assert "ports" not in SERVICES["mongo"]


@pytest.mark.parametrize("name", ["server", "presence_client"])
def test_an_image_is_of_one_folder_alone(name: str) -> None:
    lines = (ROOT / name / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = [line.split()[1:] for line in lines if line.startswith("COPY")]

    requirements = {"server": "server", "presence_client": "client"}[name] + "-requirements.txt"
    assert copied == [
        [requirements, "aws-requirements.txt", "./"],
        ["--from=dependencies", "/opt/venv", "/opt/venv"],
        [name, name],
    ]
    assert "USER 10001" in lines


def post_webhook(url: str, secret: str) -> tuple[int, str]:
    """Post the playbook's webhook; return the status and what it says."""
    script = BRIDGE / "files" / "post_webhook.py"
    done = subprocess.run(
        [sys.executable, str(script), url],
        env={"DRONE_WEBHOOK_SECRET": secret},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout


def test_the_playbooks_webhook_is_accepted_with_the_first_secret(bridge: Bridge) -> None:
    assert post_webhook(bridge.url, f"{SECRET},an-old-one") == (0, "accepted with 204\n")
    assert bridge.deliveries() == []


def test_the_playbook_is_told_why_its_webhook_is_refused(bridge: Bridge) -> None:
    status, output = post_webhook(bridge.url, "another")

    assert (status, output.startswith("refused with 401: {")) == (1, True)


def test_the_playbook_is_told_that_nobody_answers() -> None:
    status, output = post_webhook(f"http://127.0.0.1:{free_port()}", SECRET)

    assert (status, output.startswith("no answer from http://127.0.0.1:")) == (1, True)


def test_deploying_without_an_inventory_tells_where_to_get_one() -> None:
    done = subprocess.run(
        [str(ROOT / "deploy.sh")],
        env={"PATH": os.environ["PATH"], "INVENTORY": "nowhere.yml"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    sentence = (
        "There is no nowhere.yml: copy one of ansible/inventory/*.example.yml to it and name "
    )
    assert (done.returncode, done.stderr) == (1, sentence + "your host there.\n")
