"""What deploys says the same as the code: settings, secrets, knobs and images."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from stack import SECRET, Bridge

from playground.drone.signing import sign
from playground.supervisor import free_port
from runtime.settings import SETTINGS

ROOT = Path(__file__).parent.parent.parent
BRIDGE = ROOT / "ansible" / "roles" / "bridge"
REQUIREMENTS = ("server-requirements.txt", "client-requirements.txt", "requirements/aws.txt")
# What the image itself decides, and what stands for the database of the stack.
IN_IMAGE = {"PORT", "SPOOL_PATH", "HEARTBEAT_PATH"}
# The service of the stack that is each program.
SERVICE = {"server": "server", "worker": "worker", "presence": "presence_client"}
SECRETS = [name for name, setting in SETTINGS.items() if setting.is_secret]
# The name of a secret in the swarm, where it is another than that of its setting.
RENAMED = {"MONGO_INITDB_ROOT_PASSWORD": "mongo_password"}


def read(path: Path) -> Any:
    """Read a file of YAML."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


STACK = read(ROOT / "docker-stack.yml")
SERVICES = STACK["services"]
KNOBS = read(BRIDGE / "vars" / "main.yml")


def settings_by_service() -> list[tuple[str, str]]:
    """Return each setting with each service that uses it."""
    return [(name, SERVICE[user]) for name, one in SETTINGS.items() for user in one.users]


def test_every_setting_reaches_every_service_that_uses_it() -> None:
    lost = [
        (name, service)
        for name, service in settings_by_service()
        if not {name, f"{name}_FILE"} & SERVICES[service]["environment"].keys()
        and name not in IN_IMAGE
    ]

    assert lost == []


def test_every_secret_that_not_every_bridge_needs_can_come_from_a_file_as_well() -> None:
    for name in KNOBS["bridge_optional_secrets"]:
        for service in KNOBS["bridge_optional_secrets"][name]:
            handed = SERVICES[service]["environment"]
            assert {name.upper(), f"{name.upper()}_FILE"} <= handed.keys()


def test_compose_takes_every_service_as_the_stack_has_it() -> None:
    services = read(ROOT / "compose.yaml")["services"]

    assert {name: one["extends"] for name, one in services.items()} == {
        name: {"file": "docker-stack.yml", "service": name} for name in SERVICES
    }
    assert [name for name, one in services.items() if "environment" in one] == []


@pytest.mark.parametrize("path", [ROOT / "docker-stack.yml", ROOT / "compose.yaml"], ids=str)
def test_no_value_of_a_secret_is_in_a_file_of_the_stack(path: Path) -> None:
    services = read(path)["services"].values()
    handed = [pair for one in services for pair in one.get("environment", {}).items()]
    names = {name for name, value in handed if value is not None}

    # The user of the stack's database is no secret.
    assert names & set(SECRETS) == {"MONGO_INITDB_ROOT_USERNAME"} & names


HANDED_ON = {
    "MONGO_HOST": "mongo.example.com",
    "MONGO_PORT": "27018",
    "MONGO_INITDB_ROOT_USERNAME": "bridge",
    "STOP_DELAY": "7",
    "HEALTHCHECK_URL": "https://bridge.example.com/health",
}


@pytest.mark.skipif(not shutil.which("docker"), reason="there is no client of Docker")
def test_what_is_set_for_the_command_reaches_the_services() -> None:
    """By Docker's own reading of the file, which needs no engine."""
    pairs = settings_by_service()
    fixed = {name for name, service in pairs if f"{name}_FILE" in stack_environment(service, True)}
    environ = {name: HANDED_ON.get(name, "1") for name, _ in pairs if name not in IN_IMAGE | fixed}

    done = subprocess.run(
        ["docker", "stack", "config", "--compose-file", "docker-stack.yml"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DOCKER_HOST": "unix:///nonexistent", **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    services = yaml.safe_load(done.stdout)["services"]
    reached = {
        (name, service): services[service]["environment"].get(name)
        for name, service in pairs
        if name in environ
    }
    assert reached == {(name, service): environ[name] for name, service in reached}


def stack_environment(service: str, with_value: bool) -> set[str]:
    """Return the names in a service's environment that have a value in the file, or have none."""
    handed = SERVICES[service]["environment"]
    return {name for name, value in handed.items() if (value is not None) == with_value}


def test_every_secret_that_a_service_reads_is_given_to_it() -> None:
    for service in SERVICES.values():
        environment = service["environment"]
        files = {value for name, value in environment.items() if name.endswith("_FILE") and value}
        read = set(re.findall(r'secret\("(\w+)"\)', environment.get("MAKE_USER") or ""))
        assert files | {f"/run/secrets/{name}" for name in read} == {
            f"/run/secrets/{name}" for name in service["secrets"]
        }


def test_the_playbook_knows_every_secret() -> None:
    known = set(KNOBS["bridge_required_secrets"]) | set(KNOBS["bridge_optional_secrets"])
    wanted = {RENAMED.get(name, name.lower()) for name in SECRETS}

    # The database's own, which neither server nor worker gets.
    assert known - {"mongo_root_password"} == wanted - {"mongo_initdb_root_username"}


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
def test_an_image_is_of_its_program_and_the_runtime_alone(name: str) -> None:
    lines = (ROOT / name / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = [line.split()[1:] for line in lines if line.startswith("COPY")]

    requirements = {"server": "server", "presence_client": "client"}[name] + "-requirements.txt"
    assert copied == [
        [requirements, "./"],
        ["requirements/aws.txt", "requirements/"],
        ["--from=dependencies", "/opt/venv", "/opt/venv"],
        ["runtime", "runtime"],
        [name, name],
    ]
    assert "USER 10001" in lines
    # A checkout may have been made with a umask that hides it from that user.
    made_readable = lines.index(f"RUN chmod -R u=rwX,go=rX runtime {name} \\")
    assert lines.index(f"COPY {name} {name}") < made_readable < lines.index("USER 10001")


def test_no_container_has_a_capability() -> None:
    replica_set = read(ROOT / "docker-stack.replica-set.yml")["services"]
    members = [replica_set["mongo2"], replica_set["mongo3"]]

    assert [one["cap_drop"] for one in [*SERVICES.values(), *members]] == [["ALL"]] * 6
    assert {one["user"] for one in [SERVICES["mongo"], *members]} == {"999:999"}


USER = "bridge"


def test_neither_server_nor_worker_is_mongodbs_root() -> None:
    for name in ("server", "worker"):
        assert SERVICES[name]["environment"]["MONGO_INITDB_ROOT_USERNAME"] == USER
        assert "mongo_root_password" not in SERVICES[name]["secrets"]


# -- What is packed for the images --------------------------------------------------------------

PACK = BRIDGE / "files" / "pack_checkout.py"
PACKED = ("runtime", "server", "presence_client", ".dockerignore", *REQUIREMENTS)


def checkout(folder: Path) -> Path:
    """Copy what the images are made of."""
    for name in PACKED:
        place = ROOT / name
        if place.is_dir():
            shutil.copytree(place, folder / name)
        else:
            (folder / name).parent.mkdir(exist_ok=True)
            shutil.copy(place, folder / name)
    return folder


def packed(folder: Path, archive: Path, *words: str) -> str:
    """Pack a checkout as the playbook does, without any tool of the system; return what it says."""
    done = subprocess.run(
        [sys.executable, str(PACK), str(folder), str(archive), *words],
        env={"PATH": "/nowhere"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.strip()


def test_a_checkout_is_packed_alike_on_every_machine(tmp_path: Path) -> None:
    one, other = checkout(tmp_path / "one"), checkout(tmp_path / "other")
    for number, path in enumerate(sorted(other.rglob("*"), reverse=True)):
        path.chmod(0o700 if path.is_dir() else 0o600)
        os.utime(path, (number, number))
    (other / "server" / "__pycache__").mkdir(exist_ok=True)
    (other / "server" / "__pycache__" / "x.cpython-311.pyc").write_bytes(b"x")
    (other / "server" / ".DS_Store").write_bytes(b"x")

    prints = {packed(one, tmp_path / "one.tar"), packed(other, tmp_path / "other.tar")}

    assert len(prints) == 1
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "other.tar").read_bytes()
    assert re.fullmatch(r"[0-9a-f]{64}", prints.pop())


def test_everybody_may_read_what_is_packed(tmp_path: Path) -> None:
    folder = checkout(tmp_path / "checkout")
    for path in folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)

    packed(folder, tmp_path / "source.tar")

    with tarfile.open(tmp_path / "source.tar") as found:
        modes = {(member.isdir(), member.mode) for member in found}
        names = set(found.getnames())
    assert modes == {(True, 0o755), (False, 0o644)}
    assert {*PACKED, "runtime/secret.py", "presence_client/Dockerfile"} <= names


def test_whatever_goes_into_an_image_changes_its_name(tmp_path: Path) -> None:
    folder, archive = checkout(tmp_path / "checkout"), tmp_path / "source.tar"
    before = packed(folder, archive)

    words = packed(folder, archive, "requirements/aws.txt")
    (folder / "server" / "new.py").write_text("")
    file = packed(folder, archive)

    assert len({before, words, file}) == 3


# -- The processor ------------------------------------------------------------------------------

WITH_AVX = "processor : 0\nflags\t\t: fpu sse4_2 avx avx2\n\nprocessor : 1\nflags : fpu avx\n"
WITHOUT_AVX = "processor\t: 0\nflags\t\t: fpu sse4_2 avx512_not\n"
ARM = "processor\t: 0\nFeatures\t: fp asimd\n"


@pytest.mark.parametrize(
    ("image", "cpuinfo", "status"),
    [
        pytest.param("mongo:8.0", WITH_AVX, 0, id="new, with AVX"),
        pytest.param("mongo:8.0", WITHOUT_AVX, 1, id="new, without"),
        pytest.param("mongo:5", WITHOUT_AVX, 1, id="the first that needs it"),
        pytest.param("registry.example.com:5000/library/mongo:7.0.5", WITHOUT_AVX, 1, id="copied"),
        pytest.param(
            "mongodb/mongodb-community-server:8.0-ubi8", WITHOUT_AVX, 1, id="the vendor's"
        ),
        pytest.param("mongo:4.4", WITHOUT_AVX, 0, id="the last that does not"),
        pytest.param("registry.example.com:5000/something", WITHOUT_AVX, 0, id="unknown"),
        pytest.param("mongo:8.0", ARM, 0, id="another kind of processor"),
    ],
)
def test_a_processor_that_mongodb_cannot_use_is_found(
    tmp_path: Path, image: str, cpuinfo: str, status: int
) -> None:
    (tmp_path / "cpuinfo").write_text(cpuinfo, encoding="utf-8")
    script = BRIDGE / "files" / "check_processor.py"

    done = subprocess.run(
        [sys.executable, str(script), image, str(tmp_path / "cpuinfo")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == status
    assert ("mongo:4.4" in done.stdout) == bool(status)


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


def test_a_secret_with_a_comma_in_a_file_of_windows_is_what_people_see(
    bridge: Bridge, tmp_path: Path
) -> None:
    listed = r"with\,comma,an-old-one"
    path = tmp_path / "secret"
    path.write_bytes(b"\xef\xbb\xbf" + listed.encode() + b"\r\n")
    bridge.processes.pop().end(signal.SIGKILL)
    del bridge.environ["DRONE_WEBHOOK_SECRET"]
    bridge.environ["DRONE_WEBHOOK_SECRET_FILE"] = str(path)
    bridge.start_server()

    signed = sign(b'{"event": "repo", "action": "updated"}', "with,comma", datetime.now(UTC))

    assert bridge.post_body(b'{"event": "repo", "action": "updated"}', signed) == 204
    assert post_webhook(bridge.url, listed) == (0, "accepted with 204\n")


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


@pytest.mark.parametrize(
    ("known", "chosen"),
    [
        ("C\nC.UTF-8\nPOSIX\n", "C.UTF-8"),
        ("C\nC.utf8\nen_US.utf8\n", "C.utf8"),
        ("af_ZA.UTF-8\nen_US.ISO8859-1\nen_US.UTF-8\nC\nPOSIX\n", "en_US.UTF-8"),  # a Mac's
        ("C\nPOSIX\n", "C.UTF-8"),
    ],
)
def test_ansible_gets_a_locale_that_the_system_has(tmp_path: Path, known: str, chosen: str) -> None:
    shutil.copy(ROOT / "deploy.sh", tmp_path)
    (tmp_path / "hosts.yml").touch()
    (tmp_path / "ansible").mkdir()
    (tmp_path / "ansible" / "requirements.txt").touch()
    environment = tmp_path / ".venv-deploy"
    (environment / "bin").mkdir(parents=True)
    (environment / "installed").touch()
    os.utime(tmp_path / "ansible" / "requirements.txt", (0, 0))
    tools = {
        environment / "bin" / "ansible-playbook": 'printf %s "$LC_ALL"',
        tmp_path / "locale": f"printf %s '{known}'",
    }
    for path, line in tools.items():
        path.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
        path.chmod(0o755)

    done = subprocess.run(
        ["bash", str(tmp_path / "deploy.sh")],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "INVENTORY": "hosts.yml"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, chosen)


def test_an_inventory_of_ones_own_stays_out_of_git(tmp_path: Path) -> None:
    shutil.copy(ROOT / ".gitignore", tmp_path)
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], timeout=60, check=True)
    names = ["hosts.yml", "hosts.ini", "production.yml", "lan.example.yml", "ec2.example.yml"]
    paths = [f"ansible/inventory/{name}" for name in names]

    done = subprocess.run(
        ["git", "check-ignore", *paths],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.stdout.split() == paths[:3]
