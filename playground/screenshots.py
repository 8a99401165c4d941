"""Take the pictures of the README: `python -m playground.screenshots docs/images`.

Needs a Chromium; starts and ends everything else itself, and plays three builds to it.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from playground.demo import ROOT, Demo, start
from playground.drone.world import HELLO, SHOP
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
        _take(page, folder / "channel.png", WIDTH, 1600)
        _take(page, folder / "channel-phone.png", PHONE_WIDTH, 844)
        _restart(page)
        _take(page, folder / "acting.png", WIDTH, 1750)
        _show_requests(page, demo)
        _take(page, folder / "requests.png", WIDTH, 900)
        browser.close()
    return 0


def _show_builds(page: Page, demo: Demo) -> None:
    """Play one build that passes, one that fails and one that still runs."""
    page.goto(demo.page)
    demo.drone.set_speed(0)
    for scenario, slug, number, age_seconds, words in (
        ("push", HELLO, 41, 90, "passed"),
        ("pull_request", SHOP, 128, 60, "1 failed, 317 passed"),
        ("push", HELLO, 42, 45, "build image · started"),
    ):
        demo.drone.set_repo(slug, counter=number - 1)
        demo.drone.play(scenario, age_seconds=age_seconds)
        expect(page.locator(".embed-title").last).to_contain_text(f"#{number} · ")
        expect(page.locator(".embed").last).to_contain_text(words)
    expect(page.locator(".activity")).to_have_text("Watching 1 build")


def _restart(page: Page) -> None:
    """Restart the build that failed, and wait until both cards tell of it."""
    page.get_by_role("button", name="Restart").last.click()
    answer = page.locator(".message").filter(has_text="Only you can see this")
    expect(answer).to_contain_text("Restarted")
    expect(page.locator(".embed").filter(has_text="Restarted by")).to_be_visible()
    expect(page.locator(".embed").last).to_contain_text("Started by")


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
