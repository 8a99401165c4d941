"""What the page about pushing messages says works as it stands there."""

import os
import subprocess
import sys
from pathlib import Path

from pages import section, text
from push import OPS, Push
from stack import eventually, shown

from playground.discord.process import StandIn

SECTION = section(text("docs/messages.md"), "## Examples")


def blocks(language: str) -> list[str]:
    """Return the blocks of a language as they stand on the page."""
    return [part.split("\n```")[0] for part in SECTION.split(f"```{language}\n")[1:]]


def run(command: list[str], bridge_url: str, folder: Path) -> str:
    environ = {"PATH": os.environ["PATH"], "TOKEN": OPS, "BRIDGE_URL": bridge_url}
    done = subprocess.run(
        command, env=environ, cwd=folder, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_example_of_the_page_arrives(
    push: Push,
    discord: StandIn,
    tmp_path: Path,
) -> None:
    shells, pythons = blocks("sh"), blocks("python")
    assert (len(shells), len(pythons)) == (2, 2)

    answers = [run(["sh", "-c", block], push.bridge.url, tmp_path) for block in shells]
    answers += [run([sys.executable, "-c", block], push.bridge.url, tmp_path) for block in pythons]
    push.bridge.start_worker()
    eventually(push.bridge.is_at_rest)

    assert '"channel":"default"' in answers[0]
    versions = [message["versions"][-1] for message in shown(discord)]
    found = {one["content"] or one["embeds"][0]["description"] for one in versions}
    assert found >= {"disk full", "Greetings! I'm Space Ghost.", "running…", "a & b"}
    assert any("Filesystem" in one for one in found)
    assert len(found) == 5
