"""A real browser before the stand-in's page, while the bridge tells it of builds."""

import re
import signal
import sys
import time
from collections.abc import Iterator

import pytest
from browser import DESK, PHONE, SIZES, Visit, browsing, faults_of_layout, resize
from playwright.sync_api import Locator, Page, expect
from stack import Bridge, environ_of, eventually, spawn

from playground.discord.options import APPLICATION_ID
from playground.discord.process import StandIn
from playground.drone.builds import Scenario, play
from playground.drone.delivery import Delivery
from playground.drone.scenarios.hostile import TEXTS, hostile_build
from playground.drone.server import Server

pytestmark = pytest.mark.xdist_group("page")

RUNNING = "rgb(221, 178, 49)"
SUCCESS = "rgb(66, 199, 104)"
FAILURE = "rgb(187, 48, 48)"

# What the page makes of a card on its own; anything else was put there by somebody's text.
OWN_ELEMENTS = {"A", "ARTICLE", "BLOCKQUOTE", "DIV", "SPAN", "STRONG", "TIME"}
LETTER_BY_LETTER = ("mentions", "markdown", "masked links", "html", "escapes")


@pytest.fixture(scope="module")
def bridge(
    mongo_uri: str, stand_in: StandIn, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bridge]:
    """Give a bridge that runs, and fail the module if the stand-in refused anything."""
    stand_in.reset()
    stand_in.set_limits(messages="off")
    folder = tmp_path_factory.mktemp("page")
    bridge = Bridge(environ_of(mongo_uri, stand_in, folder), folder, stand_in)
    bridge.start_server()
    bridge.start_worker()
    yield bridge
    bridge.stop()
    assert stand_in.refusals() == []


@pytest.fixture(scope="module")
def visit() -> Iterator[Visit]:
    """Give a browser."""
    with browsing() as visit:
        yield visit


@pytest.fixture(scope="module")
def tab(visit: Visit, bridge: Bridge) -> Page:
    """Give the channel's page, with a mark that a reload would wipe away."""
    page = visit.open(bridge.discord.address)
    page.evaluate("window.isTheSame = true")
    return page


@pytest.fixture
def page(tab: Page, visit: Visit, bridge: Bridge) -> Iterator[Page]:
    """Give the page, and fail the test if it was reloaded, complained or asked elsewhere."""
    resize(tab, DESK)
    yield tab
    assert tab.evaluate("window.isTheSame") is True
    assert visit.complaints == []
    assert visit.asked_elsewhere(bridge.discord.address) == []


@pytest.fixture(scope="module")
def hostile(bridge: Bridge) -> dict[str, int]:
    """Give the numbers of finished builds whose texts mean no good, by the name of the text."""
    numbers = {name: number for number, name in enumerate(TEXTS, 100)}
    for name, number in numbers.items():
        bridge.post(deliveries_of(hostile_story(TEXTS[name]), number)[-1])
    eventually(bridge.is_at_rest)
    return numbers


def hostile_story(text: str) -> Scenario:
    """Make a story of one build with *text* everywhere."""

    def story(server: Server) -> None:
        hostile_build(server, text)

    return story


def deliveries_of(scenario: str | Scenario, number: int) -> list[Delivery]:
    """Play one build that began a moment ago."""
    begun_at = int(time.time()) - 20
    return play(scenario, start=begun_at, first_id=1000 * number, first_number=number)


def message_of(page: Page, number: int) -> Locator:
    """Find the message of a build by its number."""
    title = page.locator(".embed-title", has_text=re.compile(rf" #{number} "))
    return page.locator("li.message").filter(has=title)


def scroll_to_top(page: Page) -> None:
    """Go to the oldest message, and wait until the page has noticed."""
    page.locator("#scroller").evaluate("(one) => { one.scrollTop = 0; }")
    expect(page.locator("#present")).to_be_visible()


def is_running(delivery: Delivery) -> bool:
    return delivery.status == "running"


def test_a_build_is_followed_from_running_to_its_ending(bridge: Bridge, page: Page) -> None:
    deliveries = deliveries_of("push", 1)
    running = next(index for index, one in enumerate(deliveries) if is_running(one))
    message = message_of(page, 1)

    for delivery in deliveries[: running + 1]:
        bridge.post(delivery)
    expect(message.locator(".embed-title")).to_have_text("octocat/hello-world #1 · 🔄 running")
    expect(message.locator(".embed")).to_have_css("border-left-color", RUNNING)

    for delivery in deliveries[running + 1 :]:
        bridge.post(delivery)
    expect(message.locator(".embed-title")).to_have_text("octocat/hello-world #1 · ✅ passed")
    expect(message.locator(".embed")).to_have_css("border-left-color", SUCCESS)
    expect(message).to_have_count(1)


def test_a_message_says_that_it_was_edited_once_it_was(bridge: Bridge, page: Page) -> None:
    deliveries = deliveries_of("failing_push", 2)
    message = message_of(page, 2)

    bridge.post(deliveries[0])
    expect(message.locator(".embed-title")).to_contain_text("queued")
    expect(message.locator(".edited")).to_have_count(0)

    bridge.post(deliveries[-1])
    expect(message.locator(".embed")).to_have_css("border-left-color", FAILURE)
    expect(message.locator(".edited")).to_have_text("(edited)")


def test_the_time_since_the_start_ticks_without_an_edit(bridge: Bridge, page: Page) -> None:
    bridge.post(next(filter(is_running, deliveries_of("push", 3))))
    since = message_of(page, 3).locator("time.timestamp").first
    expect(since).to_have_text(re.compile("seconds ago"))
    eventually(bridge.is_at_rest)
    said = since.inner_text()
    asked = bridge.discord.counts()["requests"]

    expect(since).not_to_have_text(said)

    assert re.fullmatch(r"\d+ seconds ago", since.inner_text())
    assert bridge.discord.counts()["requests"] == asked


@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_text_becomes_no_element(page: Page, hostile: dict[str, int], name: str) -> None:
    embed = message_of(page, hostile[name]).locator(".embed")

    expect(embed.locator(".embed-title")).to_contain_text("failed")
    tags = embed.evaluate(
        "(embed) => [embed, ...embed.querySelectorAll('*')].map((x) => x.tagName)"
    )
    links = embed.locator("a").evaluate_all("(links) => links.map((one) => one.href)")

    assert set(tags) <= OWN_ELEMENTS
    assert [url for url in links if not url.startswith("https://drone.example.com/")] == []
    assert embed.locator(".mention, .emoji, .spoiler").count() == 0


@pytest.mark.parametrize("name", LETTER_BY_LETTER)
def test_a_hostile_commit_message_is_shown_letter_by_letter(
    page: Page, hostile: dict[str, int], name: str
) -> None:
    quote = message_of(page, hostile[name]).locator("blockquote")

    # What cannot be seen may be added, so that an address does not become a link.
    shown = (quote.text_content() or "").replace("\u200b", "")

    assert shown == TEXTS[name].splitlines()[0]


@SIZES
def test_nothing_overlaps_or_is_cut(
    bridge: Bridge, page: Page, hostile: dict[str, int], size: tuple[int, int]
) -> None:
    bridge.post(deliveries_of("monorepo", 200)[-1])
    bridge.post(deliveries_of("pull_request", 201)[-1])
    expect(message_of(page, 201)).to_be_visible()

    resize(page, size)

    assert page.locator("li.message").count() >= len(hostile)
    assert faults_of_layout(page, "#scroller") == []


@SIZES
def test_the_frame_fits_the_window(page: Page, size: tuple[int, int]) -> None:
    resize(page, size)

    assert faults_of_layout(page, "header.top, #composer") == []


def test_on_a_phone_channels_and_members_are_drawers(page: Page) -> None:
    resize(page, PHONE)
    expect(page.locator("#members")).not_to_be_visible()

    page.locator("#people").click()
    expect(page.locator("#members")).to_be_visible()
    assert faults_of_layout(page, "#members") == []

    page.locator("#shade").click(position={"x": 10, "y": 400})
    page.locator("#menu").click()
    assert faults_of_layout(page, ".guilds, .sidebar") == []

    page.locator("#shade").click(position={"x": 380, "y": 400})
    expect(page.locator("#shade")).not_to_be_visible()


def test_a_reader_at_the_end_stays_there_when_the_window_shrinks(
    page: Page, hostile: dict[str, int]
) -> None:
    scroll_to_top(page)
    page.locator("#present").click()
    expect(page.locator("#present")).to_be_hidden()

    resize(page, PHONE)

    expect(page.locator("li.message .row").last).to_be_in_viewport(ratio=1)
    assert len(hostile) > 10


def test_a_reader_of_older_messages_is_left_there_until_asked(
    bridge: Bridge, page: Page, hostile: dict[str, int]
) -> None:
    first = page.locator("li.message .embed").first
    scroll_to_top(page)
    bridge.post(deliveries_of("tag", 300)[-1])
    expect(message_of(page, 300)).to_have_count(1)
    expect(first).to_be_in_viewport()

    page.locator("#present").click()

    expect(message_of(page, 300).locator(".row")).to_be_in_viewport(ratio=1)
    assert len(hostile) > 10


def test_the_bot_is_in_the_member_list_for_as_long_as_its_client_runs(
    bridge: Bridge, page: Page
) -> None:
    bot = page.locator(f"#members .member[data-id='{APPLICATION_ID}']")
    expect(bot).to_have_attribute("data-status", "offline")
    eventually(lambda: bridge.health()["status"] == "ok")
    environ = {
        **bridge.environ,
        "DISCORD_GATEWAY_URL": bridge.discord.gateway,
        "HEALTHCHECK_URL": f"{bridge.url}/health",
        "HEARTBEAT_PATH": str(bridge.folder / "heartbeat"),
    }

    client = spawn([sys.executable, "-m", "presence_client"], environ, bridge.folder / "bot.log")
    bridge.processes.append(client)
    expect(bot).to_have_attribute("data-status", "online")
    expect(bot.locator(".activity")).to_have_text(re.compile(r"^Watching (for|\d+) builds?$"))

    client.end(signal.SIGTERM)
    expect(bot).to_have_attribute("data-status", "offline")
