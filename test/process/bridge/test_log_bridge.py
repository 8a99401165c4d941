"""From a build that fails in Drone to the end of its log in the channel, through real processes."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from stack import SECRET, Bridge, eventually, shown, titles

from playground.discord.process import StandIn
from playground.drone.rest.accounts import ADMIN_TOKEN
from playground.drone.rest.process import DroneStandIn
from runtime.secret import Secret
from server.config.settings import read_mongo
from server.core.documents import read_card
from server.core.drone.answers import LogFound, read_log
from server.core.drone.synthetic import synthesize_log
from server.core.model.build import BuildState
from server.core.model.failure import failing_step, wants_log
from server.edges.drone import DroneRest
from server.edges.mongo.store import connect

HOSTILE = "```\n@everyone \x1b[31mred\x1b[0m\n10%\r99%\r100%\ntoken ******\n"


def described(discord: StandIn) -> str:
    """Return the text of the only card, without its links."""
    (message,) = shown(discord)
    embeds: list[dict[str, Any]] = message["versions"][-1]["embeds"]
    return str(embeds[0]["description"])


def test_the_end_of_a_log_comes_to_the_card_of_its_build(
    bridge: Bridge, discord: StandIn, drone: DroneStandIn
) -> None:
    drone.send_to(bridge.url, SECRET)
    steps = [{"name": "unit", "exit_code": 1, "log": HOSTILE}]
    drone.add_build(stages=[{"name": "test", "steps": steps}])
    bridge.start_worker()
    drone.leap()
    eventually(lambda: [one["answer"] for one in drone.webhooks()] == [204] * 4)
    eventually(bridge.is_at_rest)
    before = described(discord)

    state = read_card(bridge.card()).content
    assert isinstance(state, BuildState)
    assert wants_log(state, 10, False)
    pass_on(bridge, drone, state)
    eventually(lambda: "[Log]" in described(discord))

    head, pipeline = before.split("\n\n")
    assert described(discord).split("\n\n") == [
        head,
        "[Log](https://drone.example.com/octocat/hello-world/1/1/1) of **unit** in **test**\n"
        "```\n"
        "`\u200b`\u200b`\n"
        "@everyone red\n"
        "100%\n"
        "token ******\n"
        "```",
        pipeline,
    ]
    content = read_card(bridge.card()).content
    assert isinstance(content, BuildState)
    assert not wants_log(content, 10, False)


def test_a_build_that_timed_out_says_so_and_shows_the_end_of_its_log(
    bridge: Bridge, discord: StandIn, drone: DroneStandIn
) -> None:
    drone.set_repo("octocat/hello-world", timeout=1)
    drone.send_to(bridge.url, SECRET)
    endless = {"name": "measure", "seconds": 900, "log": "reading 61\nreading 62\n"}
    drone.add_build(stages=[{"name": "default", "steps": [endless]}])
    bridge.start_worker(DRONE_SERVER=drone.address, DRONE_TOKEN=ADMIN_TOKEN)

    drone.leap()
    eventually(lambda: "[Log]" in described(discord) if shown(discord) else False)

    assert titles(discord) == ["octocat/hello-world #1 · ⏰ timed out after 1m"]
    lines = described(discord).split("\n")
    assert lines[0] == "⏰ **measure** timed out"
    assert lines[-7:] == [
        "[Log](https://drone.example.com/octocat/hello-world/1/1/1) of **measure**",
        "```",
        "reading 61",
        "reading 62",
        "```",
        "",
        "⏰ measure · timed out · 1m",
    ]


def pass_on(bridge: Bridge, drone: DroneStandIn, state: BuildState) -> None:
    """Fetch the log that is wanted, and put it where a worker finds it."""
    found = failing_step(state)
    assert found is not None
    stage, step = found
    rest = DroneRest(drone.address, Secret(ADMIN_TOKEN))
    place = (stage.number, step.number)
    found_log = read_log(rest.step_log(state.repo.slug, state.build.number, *place))
    assert isinstance(found_log, LogFound)
    report = synthesize_log(state, *place, found_log.text, 10, datetime.now(UTC))
    with closing(connect(read_mongo(bridge.environ), timedelta(seconds=5))) as store:
        assert store.inbox.add(report)
