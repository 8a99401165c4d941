"""A headless Chromium for the tests that look at the pages; nothing here knows what they show."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import BrowserContext, Dialog, Page, expect, sync_playwright

from playground.screenshots import find_browser

MISSING = "these tests need a browser: apt-get install chromium"
PATIENCE_MILLISECONDS = 60_000

DESK = (1280, 900)
PHONE = (390, 844)
SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["1280", "390"])

# Each visible element that sticks out of the window, hides a part of itself, or covers the one
# before it.
_FAULTS = """
(parts) => parts.flatMap((part) => [part, ...part.querySelectorAll("*")]).flatMap((one) => {
  const [style, box] = [getComputedStyle(one), one.getBoundingClientRect()];
  const before = one.previousElementSibling?.getBoundingClientRect();
  if (style.visibility === "hidden" || !box.width || !box.height) return [];
  const isOut = box.left < 0 || box.right > innerWidth + 0.5;
  const isCut = style.overflowX !== "visible" && one.scrollWidth > one.clientWidth + 1;
  const isBlock = style.display !== "inline" && !/absolute|fixed/.test(style.position);
  const isOver = isBlock && before?.width && before.height &&
    box.top < before.bottom - 1 && box.bottom > before.top + 1 &&
    box.left < before.right - 1 && box.right > before.left + 1;
  const name = `${one.tagName}.${one.className}: ${one.textContent.slice(0, 40)}`;
  const faults = { "sticks out": isOut, "is cut": isCut, "covers what is before it": isOver };
  return Object.keys(faults).filter((key) => faults[key]).map((key) => `${name} ${key}`);
})
"""


@dataclass
class Visit:
    """A browser that looks at pages, with everything it asked for and complained of."""

    context: BrowserContext
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, url: str, size: tuple[int, int] = DESK) -> Page:
        """Open a page in a tab of its own."""
        page = self.context.new_page()
        resize(page, size)
        page.goto(url)
        return page

    def asked_elsewhere(self, address: str) -> list[str]:
        """Return the requests that went to another server than *address*."""
        return [url for url in self.asked if not url.startswith(f"{address}/")]

    def note_dialog(self, dialog: Dialog) -> None:
        """Complain of an alert, and close it."""
        self.complaints.append(f"{dialog.type}: {dialog.message}")
        dialog.dismiss()


@contextmanager
def browsing() -> Iterator[Visit]:
    """Start a browser; skip the test without one, or fail it in CI."""
    program = find_browser()
    if program is None and os.environ.get("CI"):
        pytest.fail(MISSING)
    if program is None:
        pytest.skip(MISSING)
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        context = browser.new_context(
            locale="en-US", timezone_id="UTC", reduced_motion="reduce", color_scheme="dark"
        )
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        visit = Visit(context)
        context.on("request", lambda request: visit.asked.append(request.url))
        context.on("weberror", lambda error: visit.complaints.append(str(error.error)))
        context.on("console", lambda message: visit.complaints.append(message.text))
        context.on("dialog", visit.note_dialog)
        yield visit
        browser.close()


def resize(page: Page, size: tuple[int, int]) -> None:
    """Give a page another size."""
    page.set_viewport_size({"width": size[0], "height": size[1]})


def faults_of_layout(page: Page, parts: str) -> list[str]:
    """Return what is cut, overlaps or sticks out among what the selector *parts* finds."""
    found: list[str] = page.locator(parts).evaluate_all(_FAULTS)
    width: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return found + ([f"the page is {width} px too wide"] if width > 0 else [])
