"""The images that a registry would bring, made here from Debian's packages and PyPI.

The base has the tag of the official image of Python, and stands in for it: Debian's Python 3.11 on
a small Debian 12. What has the tag of MongoDB's official image is no MongoDB: it is the embedded
database of the tests behind the same environment, port and health check.
"""

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from swarm.engine import Engine, Unavailable

HERE = Path(__file__).parent
ROOT = HERE.parent.parent.parent
BASE = "python:3.11-slim-bookworm"
MONGO = "mongo:8.0"
PROXY = "drone-discord-test-proxy:latest"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
# What the embedded database needs, and its health check.
DATABASE_PACKAGES = (
    *("dnspython", "future", "numpy", "pymongo", "python-dateutil"),
    *("s2sphere", "secantusdb", "shapely", "six"),
)


def make_base(engine: Engine) -> None:
    """Make the base from the packages that this machine's apt is set up for.

    Raise Unavailable if that cannot be done, for want of a network most often.
    """
    hooks = (
        'for name in python python3; do ln -sf /usr/bin/python3.11 "$1/usr/local/bin/$name"; done',
        'ln -sf /usr/bin/pip3 "$1/usr/local/bin/pip"',
        'rm -f "$1/usr/lib/python3.11/EXTERNALLY-MANAGED"',
        # A machine behind a proxy may trust more than Debian does.
        f'cp {CERTIFICATES} "$1{CERTIFICATES}"',
        f'printf "[global]\\ncert = {CERTIFICATES}\\n" > "$1/etc/pip.conf"',
    )
    without = ("man", "doc", "locale")
    command = [
        *("mmdebstrap", "--variant=minbase", "--mode=root", "--quiet"),
        "--include=ca-certificates,netbase,python3,python3-pip,python3-venv,tzdata",
        *(f"--dpkgopt=path-exclude=/usr/share/{folder}/*" for folder in without),
        *(f"--customize-hook={hook}" for hook in hooks),
        *("bookworm", "-", _mirror()),
    ]
    changes = (
        "ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin",
        "ENV LANG=C.UTF-8",
    )
    options = [word for change in (*changes, 'CMD ["python3"]') for word in ("--change", change)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as packages:
        imported = subprocess.run(
            ["docker", "import", *options, "-", BASE],
            env=engine.environ,
            stdin=packages.stdout,
            stdout=subprocess.DEVNULL,
            check=False,
            timeout=900,
        )
    if packages.returncode or imported.returncode:
        raise Unavailable("a base image cannot be made; see above why")


def _mirror() -> str:
    """Return where apt takes Debian's packages from."""
    places = ("/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list")
    return next(place for place in places if Path(place).exists())


def make_mongo(engine: Engine) -> None:
    """Make the stand-in for MongoDB, with the versions that the tests use."""
    with TemporaryDirectory(prefix="drone-discord-") as name:
        folder = Path(name)
        shutil.copytree(HERE / "mongo", folder, dirs_exist_ok=True)
        (folder / "requirements.txt").write_text(_pinned(DATABASE_PACKAGES), encoding="utf-8")
        engine.docker("build", "--quiet", "--tag", MONGO, name)


def _pinned(names: tuple[str, ...]) -> str:
    """Return the lines of requirements/playground.txt that pin some packages."""
    lines: list[str] = []
    is_wanted = False
    for line in (ROOT / "requirements" / "playground.txt").read_text("utf-8").split("\n"):
        if not line.startswith((" ", "#")):
            is_wanted = line.split("==")[0] in names
        if is_wanted and not line.startswith("#"):
            lines.append(line)
    return "\n".join(lines)


def make_proxy(engine: Engine) -> None:
    """Make the proxy that stands before the servers."""
    engine.docker("build", "--quiet", "--tag", PROXY, str(HERE / "proxy"))


def build_by_hand(engine: Engine, checkout: Path) -> list[str]:
    """Build both images as their files tell; return what the images' user imports in them."""
    found = []
    for folder, module in (("server", "server.worker"), ("presence_client", "presence_client")):
        tag = f"drone-discord-by-hand-{folder}"
        file = str(checkout / folder / "Dockerfile")
        engine.docker("build", "--quiet", "--file", file, "--tag", tag, str(checkout))
        look = f"import {module}, os; print(os.getuid(), {module}.__name__)"
        found.append(engine.docker("run", "--rm", tag, "python", "-c", look).strip())
    return found


def sizes(engine: Engine) -> list[str]:
    """Return the name and size of every image of ours."""
    found = engine.docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}} {{.Size}}")
    return [line for line in found.splitlines() if line.startswith(("drone-discord", "python"))]
