"""Notes in a real browser: two people talk, and the summary appears below their card."""

from playwright.async_api import Page, expect

from bot.sandbox.run import Sandbox
from tests.browser import enter, in_browser, leave, speak, type_line

pytestmark = in_browser


async def test_two_people_talk_and_the_notes_write_themselves(page: Page, sandbox: Sandbox) -> None:
    await type_line(page, "/meet standup")
    card = page.locator(".message.app").first
    [meeting_id] = sandbox.videosdk.meetings
    maya = sandbox.videosdk.join(meeting_id, "Maya")
    await expect(card).to_contain_text("Live · 1 person")

    await card.get_by_role("button", name="Take notes").click()
    reply = page.locator(".message.reply")
    await expect(reply).to_contain_text("Maya Ortega turned on notes. This call is being")
    await expect(reply).to_contain_text("Taking notes · since today")
    jonas = await enter(card.locator(".call"), "Jonas")
    await expect(jonas.locator("header")).to_contain_text("This call is being transcribed.")
    sandbox.videosdk.say(meeting_id, maya, "The launch is on Friday.")
    await speak(jonas, "I'll write the announcement.")
    sandbox.videosdk.leave(meeting_id, maya)
    await leave(jonas)

    await page.bring_to_front()
    await expect(reply).to_contain_text("Action items")
    await expect(reply).to_contain_text("Jonas: I'll write the announcement.")
    await expect(reply).to_contain_text("Who was there: Maya (less than a minute), Jonas")
    await expect(reply.get_by_role("link", name="Transcript")).to_be_visible()
    for width in (1280, 390):
        await page.set_viewport_size({"width": width, "height": 800})
        await expect(page.locator("html")).to_have_js_property("scrollWidth", width)
    await delete(page)
    await expect(reply).to_have_count(0)


async def delete(page: Page) -> None:
    """Press "Delete notes", and confirm it."""
    await page.locator(".message.reply").get_by_role("button", name="Delete notes").click()
    dialog = page.get_by_role("alertdialog", name="Delete the notes?")
    await dialog.get_by_role("button", name="Delete notes").click()
    await expect(dialog).to_have_count(0)
