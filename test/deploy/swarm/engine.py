"""A Docker engine of the test's own: nothing of another engine on this machine is touched.

It has its own socket and folder, and its end puts the machine's network back as it was.
"""

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

PACKAGES = {"dockerd": "docker.io", "iptables": "iptables", "mmdebstrap": "mmdebstrap"}
POLICY = Path("/usr/sbin/policy-rc.d")
FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")
START_SECONDS = 30
STOP_SECONDS = 30


class Unavailable(Exception):
    """Say why there can be no engine here."""


def run(*words: str, seconds: float = 300, **options: object) -> str:
    """Run a command and return what it prints; raise with its output if it fails."""
    done = subprocess.run(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=seconds,
        check=False,
        **options,  # type: ignore[call-overload]
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}")
    return str(done.stdout)


def install() -> None:
    """Install what is missing; raise Unavailable where that cannot be done."""
    if os.geteuid() != 0:
        raise Unavailable("it needs root, to start a Docker engine of its own")
    release = Path("/etc/os-release")
    if not release.exists() or "VERSION_CODENAME=bookworm" not in release.read_text("utf-8"):
        raise Unavailable("it makes its base image from the packages of Debian 12, and this is not")
    if _runs("dockerd"):
        raise Unavailable("a Docker engine runs here already, and two would share one firewall")
    missing = [package for tool, package in PACKAGES.items() if not shutil.which(tool)]
    if missing:
        try:
            _install(missing)
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            raise Unavailable(f"{', '.join(missing)} cannot be installed: {error}") from error
    try:
        run("iptables", "-S", "FORWARD")
    except RuntimeError as error:
        raise Unavailable("this machine's firewall cannot be changed from here") from error


def _runs(name: str) -> bool:
    """Tell whether a process of this name runs; one that has ended has no command any more."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if Path(path.read_text("utf-8", "replace").split("\0")[0]).name == name:
                return True
    return False


def _install(packages: list[str]) -> None:
    """Install packages and keep what they bring from being started."""
    is_ours = not POLICY.exists()
    if is_ours:
        POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
        POLICY.chmod(0o755)
    try:
        run("apt-get", "update", "-qq")
        environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        options = ("-y", "-qq", "--no-install-recommends")
        run("apt-get", "install", *options, *packages, env=environ)
    finally:
        if is_ours:
            POLICY.unlink()


class Engine:
    """The engine; its folder holds the socket, the images and the log."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._forwarding = FORWARDING.read_text("utf-8")
        self._policy = run("iptables", "-S", "FORWARD").splitlines()[0]
        self.environ = {**os.environ, "DOCKER_HOST": f"unix://{folder}/docker.sock"}

    def docker(self, *words: str, seconds: float = 300) -> str:
        """Run a command of Docker's client and return what it prints."""
        return run("docker", *words, seconds=seconds, env=self.environ)

    def start(self) -> None:
        """Start it and wait until it answers; raise Unavailable if it does not."""
        command = ["dockerd", "--host", self.environ["DOCKER_HOST"], "--log-level", "warn"]
        command += ["--data-root", f"{self._folder}/data", "--exec-root", f"{self._folder}/run"]
        command += ["--pidfile", f"{self._folder}/docker.pid", "--mtu", "1400"]
        log = self._folder / "dockerd.log"
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                command, stdout=output, stderr=output, start_new_session=True
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise Unavailable("the engine does not start:\n" + log.read_text("utf-8")[-2000:])
            time.sleep(0.2)
        self._keep_strangers_out()

    def _answers(self) -> bool:
        command = ["docker", "version"]
        return not subprocess.run(command, env=self.environ, capture_output=True).returncode

    def _keep_strangers_out(self) -> None:
        """Let nobody outside this machine reach the ports that services publish."""
        for line in run("ip", "-o", "route", "show", "default").splitlines():
            words = line.split()
            interface = words[words.index("dev") + 1]
            rule = ("-i", interface, "-m", "conntrack", "--ctstate", "NEW", "-j", "DROP")
            run("iptables", "-I", "DOCKER-USER", *rule)

    @property
    def address(self) -> str:
        """Return the address of this machine that containers reach."""
        words = run("ip", "-o", "-4", "address", "show", "docker0").split()
        return words[words.index("inet") + 1].partition("/")[0]

    def stop(self) -> None:
        """Remove every container, end the engine, and put the machine's network back."""
        process = self._process
        if process is None:
            return
        self._empty()
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._restore_network()
        self._unmount()

    def _empty(self) -> None:
        """Remove every container, while the swarm may be doing the same."""

        def order(*words: str) -> str:
            command = ["docker", *words]
            done = subprocess.run(command, env=self.environ, capture_output=True, text=True)
            return done.stdout

        order("swarm", "leave", "--force")
        deadline = time.monotonic() + STOP_SECONDS
        while (
            containers := order("ps", "--all", "--quiet").split()
        ) and time.monotonic() < deadline:
            order("rm", "--force", *containers)
            time.sleep(0.2)
        order("network", "prune", "--force")

    def remains(self) -> list[str]:
        """Return what is left of the engine in this machine's network and processes."""
        rules = [rule for rule in run("iptables-save").splitlines() if "docker" in rule.lower()]
        links = [path.name for path in Path("/sys/class/net").glob("docker*")]
        processes = [name for name in ("dockerd", "containerd") if _runs(name)]
        return rules + links + processes

    def _restore_network(self) -> None:
        for bridge in ("docker0", "docker_gwbridge"):
            if Path(f"/sys/class/net/{bridge}").exists():
                run("ip", "link", "delete", bridge)
        rules = run("iptables-save").splitlines()
        kept = [rule for rule in rules if "docker" not in rule.lower()]
        run("iptables-restore", input="\n".join(kept) + "\n")
        run("iptables", *self._policy.split())
        FORWARDING.write_text(self._forwarding, encoding="utf-8")

    def _unmount(self) -> None:
        mounts = Path("/proc/mounts").read_text("utf-8").splitlines()
        points = [
            line.split()[1] for line in mounts if line.split()[1].startswith(str(self._folder))
        ]
        for point in sorted(points, reverse=True):
            run("umount", "--lazy", point)
