"""Take the pictures of the README: `python -m playground.screenshots docs/images`.

Needs a Chromium; starts and ends everything else itself, and plays three builds to it.
"""

import shutil
import sys
import time
from pathlib import Path

import requests
from playwright.sync_api import Page, expect, sync_playwright

from playground.demo import ROOT, SECRET, Demo, start
from playground.drone.builds import play
from playground.drone.delivery import Delivery
from playground.drone.post import post
from playground.supervisor import NotReady, Supervisor

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_MILLISECONDS = 30_000
WIDTH = 1280
PHONE_WIDTH = 390


def find_browser() -> str | None:
    """Return the path of a Chromium, if there is one."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def main() -> int:
    """Take the pictures; return the exit status."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images")
    program = find_browser()
    if program is None:
        sys.stderr.write("There is no browser: apt-get install chromium\n")
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    with Supervisor(ROOT) as supervisor, sync_playwright() as playwright:
        try:
            demo = start(supervisor)
        except NotReady as error:
            sys.stderr.write(f"{error}\n")
            return 1
        expect.set_options(timeout=PATIENCE_MILLISECONDS)
        browser = playwright.chromium.launch(executable_path=program)
        page = browser.new_page(locale="en-US", reduced_motion="reduce", color_scheme="dark")
        _show_builds(page, demo)
        _take(page, folder / "channel.png", WIDTH, 1290)
        _take(page, folder / "channel-phone.png", PHONE_WIDTH, 844)
        _show_requests(page, demo)
        _take(page, folder / "requests.png", WIDTH, 900)
        browser.close()
    return 0


def _show_builds(page: Page, demo: Demo) -> None:
    """Play one build that passes, one that fails and one that still runs."""
    page.goto(demo.page)
    for scenario, number, seed, share, words in (
        ("push", 41, 4, 1.0, "passed"),
        ("pull_request", 128, 5, 1.0, "failed"),
        ("push", 42, 2, 0.75, "build image · started"),
    ):
        with requests.Session() as session:
            for delivery in _deliveries(scenario, number, seed, share):
                post(session, demo.server, delivery, SECRET)
        expect(page.locator(".embed-title").last).to_contain_text(f"#{number} · ")
        expect(page.locator(".embed").last).to_contain_text(words)
    expect(page.locator(".activity")).to_have_text("Watching 1 build")


def _deliveries(scenario: str, number: int, seed: int, share: float) -> list[Delivery]:
    """Play the first *share* of a build, the last of it some seconds ago."""
    times = [one.at for one in play(scenario, seed=seed)]
    kept = round(len(times) * share)
    begun_at = int(time.time() - times[kept - 1]) - 3
    played = play(scenario, seed=seed, start=begun_at, first_id=1000 * number, first_number=number)
    return played[:kept]


def _show_requests(page: Page, demo: Demo) -> None:
    """Open one of the newest requests."""
    page.goto(f"{demo.page}/requests")
    page.locator("#requests summary").nth(2).click()
    expect(page.locator("#requests pre")).to_be_visible()


def _take(page: Page, path: Path, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.screenshot(path=path, animations="disabled")


if __name__ == "__main__":
    sys.exit(main())
