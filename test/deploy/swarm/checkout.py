"""Checkouts of other versions: what will be released next, and what should not have been."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent.parent
NEXT = "9.8.7"
BROKEN = "9.9.9"
FAULT = "\nraise RuntimeError('this version cannot start')\n"


def next_version(folder: Path) -> Path:
    """Copy what the images are made of, with another version number."""
    return _copy(folder / "next", NEXT)


def broken_version(folder: Path) -> Path:
    """Copy it with a fault that ends server and worker as they start."""
    copy = _copy(folder / "broken", BROKEN)
    module = copy / "server" / "edges" / "mongo" / "store.py"
    module.write_text(module.read_text("utf-8") + FAULT, "utf-8")
    return copy


def private_checkout(folder: Path) -> Path:
    """Copy it as a umask of 077 leaves it: for its owner's eyes alone."""
    copy = _copy(folder / "private", NEXT)
    for path in copy.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return copy


def _copy(copy: Path, version: str) -> Path:
    for name in ("runtime", "server", "presence_client", "requirements"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (
        *ROOT.glob("*-requirements.txt"),
        ROOT / ".dockerignore",
        ROOT / "docker-stack.yml",
    ):
        shutil.copy(path, copy)
    module = copy / "server" / "__init__.py"
    lines = module.read_text("utf-8").splitlines()
    changed = [f'__version__ = "{version}"' if "__version__" in line else line for line in lines]
    module.write_text("\n".join(changed) + "\n", "utf-8")
    return copy
