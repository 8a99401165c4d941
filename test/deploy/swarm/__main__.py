"""`make stack-test`: deploy the bridge with the playbook to a swarm of one node, and live with it.

It starts a Docker engine of its own and makes the images that a registry would bring, MongoDB's
among them a stand-in (see `images`). Where it cannot have an engine it says why and ends with 0.
"""

import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import urlsplit

from stack import eventually, titles, truth
from swarm import images
from swarm.checkout import NEXT, broken_version, next_version, private_checkout
from swarm.deployment import (
    MESSAGES_TOKEN,
    MONGO_PASSWORD,
    NEXT_WEBHOOK_SECRET,
    OTHER_DATABASE,
    ROOT,
    SECRETS,
    WEBHOOK_SECRET,
    Deployment,
    Run,
)
from swarm.engine import Engine, Unavailable, install
from swarm.load import Load
from swarm.relay import relayed

from playground.discord.process import StandIn, running
from playground.supervisor import free_port

SHOWN_SECONDS = 60.0
TAKEOVER_SECONDS = 10.0


class Story:
    """What was found to be true, told as it goes."""

    def __init__(self) -> None:
        self._began_at = time.monotonic()
        self.passed = 0

    @contextmanager
    def finds_that(self, sentence: str) -> Iterator[None]:
        """Tell the sentence and how long it took, unless it fails."""
        began_at = time.monotonic()
        yield
        self.passed += 1
        self._tell(f"ok    {sentence}", time.monotonic() - began_at)

    def prepares(self, what: str, do: Callable[[], object]) -> None:
        """Do what the story needs, and tell how long it took."""
        began_at = time.monotonic()
        do()
        self._tell(f"      {what}", time.monotonic() - began_at)

    def _tell(self, line: str, seconds: float) -> None:
        say(f"{time.monotonic() - self._began_at:5.0f} s  {line} ({seconds:.0f} s)")


def say(text: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Tell the story; return the exit status."""
    # Whatever ends it, the engine is ended and the network is put back.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    folder = Path(mkdtemp(prefix="drone-discord-stack-", dir="/var/tmp"))
    story = Story()
    failed = 0
    try:
        with ExitStack() as cleaning:
            cleaning.callback(shutil.rmtree, folder, ignore_errors=True)
            install()
            engine = Engine(folder)
            cleaning.callback(engine.stop)
            story.prepares("a Docker engine runs", engine.start)
            tell(story, engine, folder)
        with story.finds_that("nothing is left"):
            assert engine.remains() == []
            assert not folder.exists()
    except Unavailable as reason:
        say(f"The test of the stack is skipped: {reason}.")
        return 0
    except Exception:
        traceback.print_exc()
        failed = 1
    say(f"stack-test: {story.passed} passed, {failed} failed")
    return failed


def tell(story: Story, engine: Engine, folder: Path) -> None:
    """Go through the life of a deployment."""
    with running("--no-limits") as discord, relayed(discord.address, engine.address) as address:
        bridge = Deployment(engine, folder, free_port(), address)
        prepare(story, engine, bridge)
        try:
            first_deployment(story, bridge, discord, address)
            for line in images.sizes(engine):
                say(f"             {line}")
            second_run(story, bridge)
            private_build(story, engine, private_checkout(folder))
            new_version(story, bridge, discord, next_version(folder))
            broken_one(story, bridge, discord, broken_version(folder))
            death_of_the_worker(story, bridge, discord)
            no_secret_is_seen(story, bridge)
        except Exception:
            say(bridge.troubles())
            raise
        finally:
            bridge.remove()


def prepare(story: Story, engine: Engine, bridge: Deployment) -> None:
    """Make the images that a registry would bring, and Ansible's environment."""
    with ThreadPoolExecutor() as threads:
        environment = threads.submit(bridge.install)
        story.prepares(
            "a base image is made from Debian's packages", lambda: images.make_base(engine)
        )
        story.prepares("a proxy is made", lambda: images.make_proxy(engine))
        story.prepares(
            "a stand-in for MongoDB is made, which is no MongoDB", lambda: images.make_mongo(engine)
        )
        environment.result()


def first_deployment(story: Story, bridge: Deployment, discord: StandIn, address: str) -> None:
    """From an engine without a swarm to builds in a channel; *address* leads outside."""
    with story.finds_that("a dry run of the playbook on a bare host changes nothing"):
        succeeded(bridge.deploy(ROOT, "--check", "--diff"))
        assert bridge.is_bare()
    with story.finds_that("the playbook takes the host from bare to running"):
        succeeded(bridge.deploy())
    with story.finds_that("builds played through the published port are shown"):
        plays(bridge, discord, WEBHOOK_SECRET, first_number=1)
    with story.finds_that("a message pushed with a token is shown"):
        assert bridge.push("a message") == 202
        eventually(lambda: "a message" in titles(discord))
    with story.finds_that("the bot's presence tells that all is well"):
        eventually(lambda: discord.gateway_state()["presence"]["status"] == "online")
    with story.finds_that("MongoDB is reached by those alone who use it"):
        (presence,) = bridge.containers("presence_client")
        place = (urlsplit(address).hostname, urlsplit(address).port)
        outside = f"import socket; socket.create_connection({place!r}, 3)"
        look = "import socket; socket.create_connection(('mongo', 27017), 3)"
        assert "gaierror" in bridge.fails_inside(presence, "python", "-c", look)
        (mongo,) = bridge.containers("mongo")
        said = bridge.fails_inside(mongo, "python", "-c", outside)
        assert "unreachable" in said, said
    with story.finds_that("server and worker may use their own database alone"):
        for name in ("server", "worker"):
            for container in bridge.containers(name):
                said = bridge.fails_inside(container, "python", "-c", OTHER_DATABASE)
                assert "not authorized on another" in said, said
                assert "No such file" in bridge.fails_inside(
                    container, "cat", "/run/secrets/mongo_root_password"
                )
    with story.finds_that("MongoDB runs as its own user, without a capability"):
        (mongo,) = bridge.containers("mongo")
        assert bridge.inside(mongo, "id", "-u").strip() == "999"
        assert "CapEff:\t0000000000000000" in bridge.inside(mongo, "cat", "/proc/1/status")
    with story.finds_that("nothing is written to the root file system"):
        for name in ("server", "worker", "presence_client"):
            for container in bridge.containers(name):
                assert "Read-only" in bridge.fails_inside(container, "touch", "/app/x")


def second_run(story: Story, bridge: Deployment) -> None:
    """Nothing is to be done."""
    with story.finds_that("a second run of the playbook changes nothing"):
        run = bridge.deploy()
        succeeded(run)
        assert run.changed == 0, run.output


def private_build(story: Story, engine: Engine, checkout: Path) -> None:
    """Build without the playbook, which would pack the checkout for everybody to read."""
    with story.finds_that("images of a checkout that its owner alone can read are imported"):
        found = images.build_by_hand(engine, checkout)
        assert found == ["10001 server.worker", "10001 presence_client"], found


def new_version(story: Story, bridge: Deployment, discord: StandIn, source: Path) -> None:
    """Roll while builds arrive; Drone is given the new secret afterwards."""
    bridge.replace_webhook_secret()
    with story.finds_that("a new version with a new webhook secret takes over under load"):
        with load(bridge, WEBHOOK_SECRET, first_number=1000) as sent:
            succeeded(bridge.deploy(source))
        for name in ("server", "worker", "presence_client"):
            assert f":{NEXT}-" in bridge.image(name), bridge.image(name)
            assert bridge.update_state(name) == "completed", bridge.service(name)
    with story.finds_that(f"none of {len(sent.answers)} webhooks was lost meanwhile"):
        told_the_truth(discord, sent)


def broken_one(story: Story, bridge: Deployment, discord: StandIn, source: Path) -> None:
    """A version that cannot start must not stay."""
    with story.finds_that("a broken version goes back by itself, and the playbook says so"):
        with load(bridge, NEXT_WEBHOOK_SECRET, first_number=50_000) as sent:
            run = bridge.deploy(source)
        assert run.status != 0, run.output
        assert "went back to the old version" in run.output, run.output
        eventually(lambda: bridge.update_state("server") == "rollback_completed", 60)
        eventually(lambda: bridge.update_state("worker") == "rollback_completed", 60)
        assert f":{NEXT}-" in bridge.image("server")
    with story.finds_that(f"the old version kept all of {len(sent.answers)} webhooks meanwhile"):
        told_the_truth(discord, sent)


def death_of_the_worker(story: Story, bridge: Deployment, discord: StandIn) -> None:
    """The standby takes over."""
    with story.finds_that("the standby takes over when the active worker is killed"):
        active = bridge.lease_holder()
        assert active in bridge.containers("worker")
        bridge.kill(active)
        killed_at = time.monotonic()
        eventually(lambda: bridge.lease_holder() != active)
        seconds = time.monotonic() - killed_at
        assert seconds < TAKEOVER_SECONDS, seconds
    with story.finds_that("builds are shown by the new one"):
        plays(bridge, discord, NEXT_WEBHOOK_SECRET, first_number=90_000)
        eventually(lambda: len(bridge.containers("worker")) == 2)


def no_secret_is_seen(story: Story, bridge: Deployment) -> None:
    """Neither the swarm nor any container tells a secret."""
    with story.finds_that("no secret is in an environment, a description or a log"):
        written = bridge.written_down()
        secrets = {**SECRETS, "webhook, new": NEXT_WEBHOOK_SECRET, "token": MESSAGES_TOKEN}
        secrets |= {"mongo_password": MONGO_PASSWORD}
        assert [name for name, secret in secrets.items() if secret in written] == []


@contextmanager
def load(bridge: Deployment, secret: str, first_number: int) -> Iterator[Load]:
    """Play builds meanwhile."""
    with Load(bridge.url, secret, first_number).running() as sent:
        yield sent


def plays(bridge: Deployment, discord: StandIn, secret: str, first_number: int) -> None:
    """Play a few builds and find them."""
    sent = Load(bridge.url, secret, first_number)
    sent.play_round(first_number)
    told_the_truth(discord, sent)


def told_the_truth(discord: StandIn, sent: Load) -> None:
    """Assert that everything was accepted and is shown as it ended, each build once."""
    assert sent.refused == [], sent.refused[:3]
    expected = truth(sent.deliveries)
    builds = {title.split(" · ")[0] for title in expected}

    def found() -> list[str]:
        return [title for title in titles(discord) if title.split(" · ")[0] in builds]

    try:
        eventually(lambda: found() == expected, SHOWN_SECONDS)
    except AssertionError:
        assert found() == expected


def succeeded(run: Run) -> None:
    """Assert that a run of the playbook succeeded."""
    assert run.status == 0, run.output


if __name__ == "__main__":
    sys.exit(main())
