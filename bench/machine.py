"""What the figures were made on, and what a process there uses."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def heading(database: str) -> str:
    """Describe the machine and the day in a few lines."""
    gibibytes = _entry(Path("/proc/meminfo"), "MemTotal").split()[0]
    return "\n".join(
        [
            f"machine:  {_entry(Path('/proc/cpuinfo'), 'model name')}, {os.cpu_count()} cores, "
            f"{int(gibibytes) / 2**20:.0f} GiB of memory",
            f"python:   {platform.python_version()}, pymongo {version('pymongo')}, "
            f"gunicorn {version('gunicorn')}, Flask {version('flask')}",
            f"database: {database}",
            f"date:     {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        ]
    )


def load_average() -> float:
    """Return how many processes wanted a core in the last minute."""
    return os.getloadavg()[0]


def family(pid: int) -> list[int]:
    """Return a process and its children, if they live."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [pid, *(int(child) for child in children.split())]


def resident_mb(pid: int) -> float:
    """Return what a process holds in memory, in MB."""
    return int(_entry(Path(f"/proc/{pid}/status"), "VmRSS").split()[0]) * 1024 / 1e6


def peak_mb(pid: int) -> float:
    """Return the most that a process has held in memory, in MB."""
    return int(_entry(Path(f"/proc/{pid}/status"), "VmHWM").split()[0]) * 1024 / 1e6


def cpu_seconds(pid: int) -> float:
    """Return the time that a process and its children have used a core; 0 for none."""
    used = 0
    for member in family(pid):
        fields = Path(f"/proc/{member}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        used += int(fields[11]) + int(fields[12])
    return used / TICKS


def _entry(path: Path, name: str) -> str:
    for line in path.read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "0 unknown"
