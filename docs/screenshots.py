"""Take the README's pictures, of the real pages: `make screenshots`."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright, expect

from bot.sandbox.run import Options, Sandbox, open_sandbox
from bot.sandbox.videosdk.rooms import timestamp
from tests.browser import enter, launch, leave, new_context, type_line

HERE = Path(__file__).parent
LASTED = 18 * 60  # seconds; the meeting of the story began so long ago
SAID = {
    "Maya Ortega": "The launch is on Friday, and the tests are green.",
    "Jonas Becker": "I'll write the announcement by Wednesday.",
}
MARGIN = 8  # pixels below what is cut off


async def main() -> None:
    """Take them all, each story in a sandbox of its own."""
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        for take in (take_sandbox, take_story, take_notes):
            async with open_sandbox(0, Options(version="v2", sign_in="off")) as sandbox:
                await take(browser, sandbox)
        await browser.close()


async def take_sandbox(browser: Browser, sandbox: Sandbox) -> None:
    """Type a command into the page, let two people in, and take a picture of all of it."""
    page = await open_page(browser, sandbox, width=1160, height=600, scale=1.5)
    await type_line(page, "/meet Weekly sync us001")
    for name in ("Maya Ortega", "Jonas Becker"):
        await enter(page.locator(".call"), name)
    await expect(page.locator(".call")).to_contain_text("Live · 2 people")
    await page.mouse.move(0, 0)
    await page.screenshot(path=HERE / "sandbox.png")


async def take_story(browser: Browser, sandbox: Sandbox) -> None:
    """Follow one meeting from its card to its end, on a phone."""
    await sandbox.slack.command("/meet standup")
    began = time.time() - LASTED
    set_back_slack(sandbox, began)
    page = await open_page(browser, sandbox, width=390, height=720, scale=2)
    card = page.locator(".call")
    await take_card(page, "story-1-card")

    maya, jonas = await enter(card, "Maya Ortega"), await enter(card, "Jonas Becker")
    set_back_session(sandbox, began)
    await expect(maya.frame_locator("iframe").locator("#people")).to_contain_text("Jonas")
    await maya.set_viewport_size({"width": 390, "height": 480})
    await maya.screenshot(path=HERE / "story-2-join.png")
    await expect(card).to_contain_text("Live · 2 people")
    await take_card(page, "story-3-live")

    await leave(maya)
    await leave(jonas)
    await expect(card).to_contain_text("lasted 18 minutes")
    await take_card(page, "story-4-ended")


async def take_notes(browser: Browser, sandbox: Sandbox) -> None:
    """Turn on notes, let two people talk, and take a picture of what became of it."""
    await sandbox.slack.command("/meet standup")
    page = await open_page(browser, sandbox, width=760, height=900, scale=1.5)
    await enter(page.locator(".call"), "Maya Ortega")
    jonas = await enter(page.locator(".call"), "Jonas Becker")
    [room] = sandbox.videosdk.meetings
    began = time.time() - LASTED
    set_back_session(sandbox, began)
    await page.get_by_role("button", name="Take notes").click()
    reply = page.locator(".message.reply")
    await expect(reply).to_contain_text("Taking notes")
    for person in sandbox.videosdk._sessions.present(room):  # noqa: SLF001 - as above
        sandbox.videosdk.say(room, person["participantId"], SAID[person["name"]])
    await leave(jonas)
    sandbox.videosdk.end(room)
    await page.bring_to_front()
    await expect(reply).to_contain_text("Action items")
    await page.mouse.move(0, 0)
    await reply.screenshot(path=HERE / "notes.png")


async def open_page(
    browser: Browser, sandbox: Sandbox, *, width: int, height: int, scale: float
) -> Page:
    """Open the sandbox's page, sharp enough for a fine screen."""
    context = await new_context(browser, width=width, height=height, scale=scale)
    page = await context.new_page()
    await page.goto(sandbox.slack.url)
    return page


async def take_card(page: Page, name: str) -> None:
    """Take a picture of the card, down to the meeting's ID."""
    await page.mouse.move(0, 0)
    whole = await page.locator(".message.app").bounding_box()
    last = await page.locator(".message.app .block-section").bounding_box()
    assert whole  # noqa: S101 - both are on the page
    assert last  # noqa: S101
    height = last["y"] + last["height"] + MARGIN - whole["y"]
    await page.screenshot(path=HERE / f"{name}.png", clip={**whole, "height": height})


def set_back_slack(sandbox: Sandbox, began: float) -> None:
    """Let what is in the channel have begun then."""
    workspace = sandbox.slack.workspace
    for message in workspace.messages.values():
        workspace.messages[message.id] = replace(message, at=began)
    for call in workspace.calls.by_id.values():
        workspace.calls.by_id[call.id] = replace(call, date_start=int(began))


def set_back_session(sandbox: Sandbox, began: float) -> None:
    """Let the session that runs have begun then."""
    for session in sandbox.videosdk._sessions.records:  # noqa: SLF001 - no API lets time go by
        session["start"] = timestamp(began)
        for person in session["participants"]:
            person["timelog"][0]["start"] = session["start"]


if __name__ == "__main__":
    asyncio.run(main())
