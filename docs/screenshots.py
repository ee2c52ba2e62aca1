"""Take the README's picture of the sandbox: `make screenshots`."""

import asyncio
from pathlib import Path

from playwright.async_api import async_playwright

from bot.sandbox.run import open_sandbox
from tests.browser import launch, type_line

HERE = Path(__file__).parent


async def main() -> None:
    """Type two commands into the page and take its picture."""
    async with open_sandbox(0) as sandbox, async_playwright() as playwright:
        browser = await launch(playwright)
        page = await browser.new_page(
            viewport={"width": 1280, "height": 800},
            device_scale_factor=2,
            reduced_motion="reduce",
        )
        await page.goto(sandbox.slack.url)
        await type_line(page, "/meet Weekly sync us001")
        [meeting_id] = sandbox.videosdk.meetings
        sandbox.videosdk.join(meeting_id, "Maya")
        sandbox.videosdk.join(meeting_id, "Jonas")
        await type_line(page, f"/meet-check {meeting_id}")
        await page.screenshot(path=HERE / "sandbox.png")
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
