"""A real browser before the view of what the bridge asked of Discord."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests
from browser import DESK, SIZES, Visit, browsing, faults_of_layout, resize
from playwright.sync_api import Locator, Page, expect

from playground.discord.options import CHANNEL_ID, TOKEN
from playground.discord.process import StandIn

pytestmark = pytest.mark.xdist_group("page requests")

HEADERS = {
    "Authorization": f"Bot {TOKEN}",
    "User-Agent": "DiscordBot (https://example.org/drone-discord, 0.1)",
}
PATH = f"/channels/{CHANNEL_ID}/messages"
BODY = {"embeds": [{"title": "octocat/hello-world #1", "color": 0x42C768}]}


@pytest.fixture(scope="module")
def visit() -> Iterator[Visit]:
    """Give a browser."""
    with browsing() as visit:
        yield visit


@pytest.fixture(scope="module")
def tab(visit: Visit, stand_in: StandIn) -> Page:
    """Give the view, with a mark that a reload would wipe away."""
    page = visit.open(f"{stand_in.address}/requests")
    page.evaluate("window.isTheSame = true")
    return page


@pytest.fixture
def page(tab: Page, visit: Visit, stand_in: StandIn) -> Iterator[Page]:
    """Give the view with nothing in it; fail if it is reloaded, complains or asks elsewhere."""
    stand_in.reset()
    resize(tab, DESK)
    expect(tab.locator("#nothing")).to_have_text("Nothing was asked yet.")
    yield tab
    assert tab.evaluate("window.isTheSame") is True
    assert visit.complaints == []
    assert visit.asked_elsewhere(stand_in.address) == []


def ask(stand_in: StandIn, body: object = BODY, token: str = TOKEN) -> int:
    """Create a message as the bridge does; return the status."""
    headers = HEADERS | {"Authorization": f"Bot {token}"}
    response = requests.post(f"{stand_in.api}{PATH}", json=body, headers=headers, timeout=60)
    return response.status_code


def rows(page: Page) -> Locator:
    return page.locator("#requests details")


def test_a_request_appears_with_its_time_route_status_and_bucket(
    page: Page, stand_in: StandIn
) -> None:
    ask(stand_in)
    expect(rows(page)).to_have_count(1)
    entry = stand_in.requests()[0]

    cells = rows(page).locator("summary > span").all_text_contents()

    milliseconds = int(entry["at"] * 1000)
    at = datetime.fromtimestamp(milliseconds // 1000, UTC)
    assert cells[:5] == [
        f"{at:%H:%M:%S}.{milliseconds % 1000:03}",
        f"POST{PATH}",
        "200",
        entry["bucket"][:8],
        "4/5",
    ]


def test_an_opened_request_shows_its_body(page: Page, stand_in: StandIn) -> None:
    ask(stand_in)

    rows(page).locator("summary").click()

    body = rows(page).locator("pre")
    expect(body).to_be_visible()
    assert json.loads(body.inner_text()) == BODY


def test_a_refused_request_shows_what_was_wrong(page: Page, stand_in: StandIn) -> None:
    ask(stand_in, {"embeds": [{"title": "x" * 257}]})

    expect(rows(page).locator(".status")).to_contain_text("400")
    rows(page).locator("summary").click()

    answer = json.loads(rows(page).locator("pre").nth(1).inner_text())
    assert (answer["code"], list(answer["errors"]["embeds"]["0"])) == (50035, ["title"])


def test_the_newest_request_is_on_top(page: Page, stand_in: StandIn) -> None:
    for count in (1, 2, 3):
        ask(stand_in)
        expect(rows(page)).to_have_count(count)

    numbers = rows(page).evaluate_all("(rows) => rows.map((one) => Number(one.dataset.number))")
    assert numbers == [3, 2, 1]


def test_one_can_look_at_only_what_went_wrong(page: Page, stand_in: StandIn) -> None:
    ask(stand_in)
    ask(stand_in, token="revoked")
    expect(rows(page)).to_have_count(2)

    page.locator("#problems").check()
    expect(rows(page)).to_have_count(1)
    expect(rows(page).locator(".status")).to_contain_text("401")

    page.locator("#problems").uncheck()
    expect(rows(page)).to_have_count(2)


def test_a_hostile_body_is_shown_as_text(page: Page, stand_in: StandIn) -> None:
    text = "<img src=x onerror=alert(1)><script>alert(1)</script>"
    ask(stand_in, {"content": text})

    rows(page).locator("summary").click()

    expect(rows(page).locator("pre")).to_contain_text(text)
    assert page.locator("#requests img, #requests script").count() == 0


@SIZES
def test_nothing_overlaps_or_is_cut(page: Page, stand_in: StandIn, size: tuple[int, int]) -> None:
    stand_in.set_limits(messages="2/5")
    ask(stand_in, {"content": "w" * 2000})
    message_id = stand_in.messages()[0]["id"]
    url = f"{stand_in.api}{PATH}/{message_id}"
    requests.patch(url, json={"content": "edited"}, headers=HEADERS, timeout=60)
    assert [ask(stand_in), ask(stand_in)] == [200, 429]
    expect(rows(page)).to_have_count(4)

    resize(page, size)
    rows(page).last.locator("summary").click()
    expect(rows(page).locator("pre")).to_be_visible()

    assert faults_of_layout(page, "header, main") == []
