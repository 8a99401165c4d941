"""Can this machine run MongoDB's image? `check_processor.py IMAGE [CPUINFO]`

Exits with 1 and a sentence if not. MongoDB needs AVX from version 5 on, on x86-64:
https://www.mongodb.com/docs/manual/administration/production-notes/#x86_64
"""

import re
import sys
from pathlib import Path

FIRST_WITH_AVX = 5
ADVICE = (
    "This processor has no AVX, which {image} needs: it would end at once, with signal 4. "
    "Set bridge_mongo_image to mongo:4.4, the last version without it, for a volume that is "
    "empty; or give the virtual machine its host's processor; or name another MongoDB in mongo_uri."
)


def main(image, cpuinfo):
    """Return what is wrong; "" if nothing is known to be."""
    version = re.search(r"(?:^|/)mongo(?:db-[a-z-]+)?:(\d+)", image)
    if version is None or int(version[1]) < FIRST_WITH_AVX:
        return ""
    flags = re.findall(r"^flags\s*:(.*)$", cpuinfo, flags=re.MULTILINE)
    # Other kinds of processor have no such line, and other needs.
    if not flags or all("avx" in line.split() for line in flags):
        return ""
    return ADVICE.format(image=image)


if __name__ == "__main__":
    place = Path(sys.argv[2] if len(sys.argv) > 2 else "/proc/cpuinfo")
    problem = main(sys.argv[1], place.read_text(encoding="utf-8"))
    if problem:
        print(problem)
    sys.exit(bool(problem))
