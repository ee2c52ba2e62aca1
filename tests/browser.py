"""Open pages in Debian's Chromium, and do what people do there."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    Playwright,
    expect,
)

# The shell has no window to draw, and needs a third of the CPU.
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")
CHROMIUM = next(filter(None, map(shutil.which, PROGRAMS)), None)
# For the tests that need it; they share its loop.
in_browser = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(
        not CHROMIUM and "CI" not in os.environ,
        reason="needs a browser: on Debian, apt install chromium-headless-shell",
    ),
]
PATIENCE = 10_000  # milliseconds; everything here answers within two seconds


async def launch(playwright: Playwright) -> Browser:
    """Start the browser without features that contact its vendor."""
    expect.set_options(timeout=PATIENCE)
    return await playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=[
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    )


async def new_context(
    browser: Browser, *, width: int = 1280, height: int = 800, dark: bool = False, scale: float = 1
) -> BrowserContext:
    """Open a browser context for one person, without animations."""
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        device_scale_factor=scale,
    )
    context.set_default_timeout(PATIENCE)
    return context


@asynccontextmanager
async def silent_page(browser: Browser, url: str) -> AsyncIterator[Page]:
    """Open a page in a wide window, and fail if it or its tabs log anything to the console."""
    context = await new_context(browser)
    complaints: list[str] = []
    context.on("console", lambda message: complaints.append(message.text))
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    page = await context.new_page()
    await page.goto(url)
    yield page
    await context.close()
    assert complaints == []


async def type_line(page: Page, line: str) -> None:
    """Type a line into the composer, send it, and wait for the answer."""
    before = await page.locator(".message.app, .message.error").count()
    await say(page, line)
    await expect(page.locator(".message.app, .message.error")).to_have_count(before + 1)


async def say(page: Page, line: str) -> None:
    """Type a line into the composer and send it."""
    await page.locator("#input").fill(line)
    await page.get_by_role("button", name="Send").click()


async def follow(link: Locator) -> Page:
    """Click a link, and return the tab that it opens."""
    async with link.page.expect_popup() as opened:
        await link.click()
    return await opened.value


async def enter(card: Locator, name: str) -> Page:
    """Join a card's meeting with a name in a new tab, then return to the card."""
    tab = await follow(card.get_by_role("link", name="Join").first)
    room = tab.frame_locator("iframe")
    await room.get_by_role("textbox", name="Your name").fill(name)
    await room.get_by_role("button", name="Join").click()
    await expect(room.get_by_role("button", name="Leave")).to_be_visible()
    await (
        card.page.bring_to_front()
    )  # background tabs are drawn once a second, and clicks wait for that
    return tab


async def speak(tab: Page, line: str) -> None:
    """Say something in the meeting that a tab is in."""
    await tab.bring_to_front()
    room = tab.frame_locator("iframe")
    await room.get_by_role("textbox", name="Say something").fill(line)
    await room.get_by_role("button", name="Say it").click()
    await expect(room.get_by_role("status")).to_contain_text(line)


async def leave(tab: Page) -> None:
    """Leave the meeting that a tab is in."""
    await tab.bring_to_front()
    room = tab.frame_locator("iframe")
    await room.get_by_role("button", name="Leave").click()
    await expect(room.get_by_role("link", name="Rejoin")).to_be_visible()
