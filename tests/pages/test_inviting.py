"""Inviting people on the sandbox's page by a mention."""

from playwright.async_api import Page, expect

from tests.browser import in_browser

pytestmark = in_browser


async def become(page: Page, name: str) -> None:
    """Switch to another person on the page."""
    await page.get_by_role("radio", name=name).check()


async def test_an_invited_person_is_mentioned_and_gets_the_card(page: Page) -> None:
    box = page.locator("#input")
    people = page.locator("#commands").get_by_role("option")
    await box.fill("ask maya@")
    await expect(people).to_have_count(0)
    await box.fill("/meet standup with @")
    await expect(people).to_have_count(2)
    await box.press_sequentially("jo")
    await expect(people).to_have_count(1)
    await box.press("Enter")
    await expect(box).to_have_value("/meet standup with @jonas ")
    await box.press("Enter")

    card = page.locator(".message.app").last
    await expect(card).to_contain_text("Invited: @Jonas Becker")
    await expect(page.get_by_role("button", name="Meet messages from the app")).to_have_count(1)

    await become(page, "Jonas Becker")
    direct = page.get_by_role("button", name="Meet messages from the app")
    await expect(direct).to_contain_text("1 unread")
    await direct.click()
    message = page.locator(".message.app")
    await expect(message).to_have_count(1)
    await expect(message).to_contain_text("@Maya Ortega invites you to this meeting.")
    await expect(message.get_by_role("link", name="Join").first).to_be_visible()

    await become(page, "Priya Nair")
    await expect(page.locator("#channel-name")).to_have_text("#team-standup")
    await expect(page.get_by_role("button", name="direct message")).to_have_count(0)
    await page.get_by_role("button", name="Meet messages from the app").click()
    await expect(page.locator("#empty")).to_contain_text("Nobody has invited you yet.")
