"""Notes in a real browser: two people talk, and the summary appears below their card."""

import pytest
from playwright.async_api import Browser, Page, expect

from bot.sandbox.run import Sandbox
from tests.browser import enter, in_browser, leave, new_context, speak, type_line

pytestmark = in_browser


@pytest.mark.parametrize("width", [1280, 390], ids=["desktop", "phone"])
async def test_two_people_talk_and_the_notes_write_themselves(
    browser: Browser, sandbox: Sandbox, width: int
) -> None:
    context = await new_context(browser, width=width)
    page = await context.new_page()
    await page.goto(sandbox.slack.url)
    await type_line(page, "/meet standup")
    card = page.locator(".message.app").first
    maya = await enter(card.locator(".call"), "Maya")

    await card.get_by_role("button", name="Take notes").click()
    reply = page.locator(".message.reply")
    await expect(reply).to_contain_text("Maya Ortega turned on notes. This call is being")
    await expect(reply).to_contain_text("Taking notes · since today")
    jonas = await enter(card.locator(".call"), "Jonas")
    await expect(jonas.locator("header")).to_contain_text("This call is being transcribed.")
    await speak(maya, "The launch is on Friday.")
    await speak(jonas, "I'll write the announcement.")
    for tab in (maya, jonas):
        await leave(tab)

    await page.bring_to_front()
    await expect(reply).to_contain_text("Action items")
    await expect(reply).to_contain_text("Jonas: I'll write the announcement.")
    await expect(reply).to_contain_text("Who was there: Maya (less than a minute), Jonas")
    await expect(reply.get_by_role("link", name="Transcript")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == width
    await delete(page)
    await expect(reply).to_have_count(0)
    await context.close()


async def delete(page: Page) -> None:
    """Press "Delete notes", and confirm it."""
    await page.locator(".message.reply").get_by_role("button", name="Delete notes").click()
    dialog = page.get_by_role("alertdialog", name="Delete the notes?")
    await dialog.get_by_role("button", name="Delete notes").click()
    await expect(dialog).to_have_count(0)
