"""Drive the sandbox's page in Debian's Chromium."""

import shutil

from playwright.async_api import Browser, Page, Playwright, expect

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


async def launch(playwright: Playwright) -> Browser:
    """Start the browser, with nothing in it that calls home."""
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


async def type_line(page: Page, line: str) -> None:
    """Type a line into the composer, send it, and wait for the answer."""
    before = await page.locator(".message.app, .message.error").count()
    await page.locator("#input").fill(line)
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator(".message.app, .message.error")).to_have_count(before + 1)
