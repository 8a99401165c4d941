"""Pack what the images are made of: `pack_checkout.py CHECKOUT ARCHIVE [WORD…]`.

Prints a fingerprint of the archive and the words. The same files give the same archive, whatever
the machine, its umask and the files' times. Needs Python alone, so that it works on a Mac too.
"""

import hashlib
import os
import sys
import tarfile
from pathlib import Path

FOLDERS = ("runtime", "server", "presence_client")
FILES = (
    *(".dockerignore", "server-requirements.txt", "client-requirements.txt"),
    "requirements/aws.txt",
)
LEFT_OUT = ("__pycache__", ".DS_Store")


def main(checkout, archive, words):
    """Write *archive*; return the fingerprint."""
    with tarfile.open(archive, "w", format=tarfile.USTAR_FORMAT) as packed:
        for name in names_in(checkout):
            add(packed, checkout, name)
    seen = hashlib.sha256(archive.read_bytes())
    seen.update("\0".join(words).encode())
    return seen.hexdigest()


def names_in(checkout):
    """Return the names of all files and folders to pack, in an order of their own."""
    names = set(FILES)
    for folder in FOLDERS:
        found = [checkout / folder, *(checkout / folder).rglob("*")]
        relative = [path.relative_to(checkout) for path in found]
        names |= {
            path.as_posix()
            for path in relative
            if not set(path.parts) & set(LEFT_OUT) and path.suffix != ".pyc"
        }
    return sorted(names)


def add(packed, checkout, name):
    """Add one file or folder without what differs between machines."""
    path = checkout / name
    member = tarfile.TarInfo(name)
    if path.is_dir():
        member.type, member.mode = tarfile.DIRTYPE, 0o755
        packed.addfile(member)
        return
    member.mode = 0o755 if os.access(path, os.X_OK) else 0o644
    member.size = path.stat().st_size
    with path.open("rb") as file:
        packed.addfile(member, file)


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
