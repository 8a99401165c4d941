"""The buttons on the stand-in's page: pressed in a browser, carried to the bridge, and answered."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from browser import DESK, Visit, browsing, resize
from discord_signing import acting
from playwright.sync_api import Page, expect
from stack import SECRET, Bridge, environ_of, eventually

from playground.discord.options import TOKEN
from playground.discord.process import StandIn
from playground.drone.rest.process import DroneStandIn
from playground.supervisor import free_port

pytestmark = pytest.mark.xdist_group("page")

SLUG = "octocat/hello-world"


@pytest.fixture
def bridge(
    mongo_uri: str, discord: StandIn, drone: DroneStandIn, tmp_path: Path
) -> Iterator[Bridge]:
    """Give a bridge with interactions whose card of a running build is shown."""
    environ = {
        **environ_of(mongo_uri, discord, tmp_path),
        **acting(drone),
        "EDIT_INTERVAL": "0",
    }
    bridge = Bridge(environ, tmp_path, discord)
    bridge.start_server()
    bridge.start_worker()
    drone.send_to(bridge.url, SECRET)
    drone.add_build(slug=SLUG)
    drone.leap(5)
    yield bridge
    drone.lose_webhooks()
    bridge.stop()


@pytest.fixture(scope="module")
def visit() -> Iterator[Visit]:
    """Give a browser."""
    with browsing() as visit:
        yield visit


@pytest.fixture
def page(visit: Visit, bridge: Bridge) -> Page:
    """Give the page with the card of a running build on it."""
    page = visit.open(bridge.discord.address)
    resize(page, DESK)
    expect(page.get_by_role("button", name="Cancel")).to_be_visible(timeout=60_000)
    return page


def point_at(discord: StandIn, url: str) -> None:
    """Set the endpoint as on the application's page General Information."""
    requests.patch(
        f"{discord.api}/applications/@me",
        json={"interactions_endpoint_url": url},
        headers={"Authorization": f"Bot {TOKEN}", "User-Agent": "DiscordBot (https://x.org, 1)"},
        timeout=60,
    ).raise_for_status()


def test_a_press_cancels_the_build(page: Page, bridge: Bridge) -> None:
    point_at(bridge.discord, f"{bridge.url}/interactions")

    page.get_by_role("button", name="Cancel").click()

    answer = page.locator(".message").filter(has_text="Only you can see this")
    expect(answer).to_contain_text("🛑 Cancelled", timeout=60_000)
    expect(page.locator(".embed").first).to_contain_text("Cancelled by", timeout=60_000)
    expect(page.get_by_role("button", name="Restart")).to_be_visible(timeout=60_000)


FAILURES = {
    "no endpoint": "",
    "nobody there": f"http://127.0.0.1:{free_port()}/interactions",
    "another path": "/nowhere",
}


@pytest.mark.parametrize("url", FAILURES.values(), ids=FAILURES)
def test_a_press_that_nobody_answers_is_told(page: Page, bridge: Bridge, url: str) -> None:
    if url:
        point_at(bridge.discord, f"{bridge.url}{url}" if url.startswith("/") else url)
    eventually(bridge.is_at_rest)  # an edit of the card would take what it says away

    page.get_by_role("button", name="Cancel").click()

    expect(page.get_by_text("This interaction failed")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("button", name="Cancel")).to_be_enabled()


@pytest.mark.parametrize(
    "order",
    [{}, {"message_id": "1"}, {"message_id": "1", "custom_id": "x", "more": 1}],
    ids=["empty", "unknown message", "unknown key"],
)
def test_a_press_of_nothing_is_refused(discord: StandIn, order: dict[str, object]) -> None:
    answer = requests.post(f"{discord.address}/control/press", json=order, timeout=60)

    assert answer.status_code == 400
