"""Installing the bot with a real browser and a real database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bot.app import open_bot
from bot.sandbox.slack.teams import BAKERY, HARBOUR, HOME, NORTH_SEA, Place
from bot.settings.settings import Settings
from tests.browser import in_browser, new_context
from tests.many import Many, many

pytestmark = in_browser


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A tab in somebody's browser."""
    async with await new_context(browser) as context:
        yield await context.new_page()


@pytest_asyncio.fixture(loop_scope="session")
async def bot(tmp_path: Path) -> AsyncIterator[Many]:
    """A bot that nobody has installed yet."""
    async with (
        many(f"sqlite:///{tmp_path / 'installs.db'}") as bots,
        open_bot(Settings.from_env(bots.settings)),
    ):
        yield bots


async def allow(page: Page, place: Place = HOME) -> None:
    """Go through the install page and Slack's consent page."""
    await page.get_by_role("link", name="Add to Slack").click()
    await page.locator(f"input[value={place.id}]").check()
    await page.get_by_role("button", name="Allow").click()


async def test_a_workspace_installs_uses_and_removes_the_bot(bot: Many, page: Page) -> None:
    assert bot.install_url in await bot.say("/meet standup")

    await page.goto(bot.install_url)
    await allow(page)
    heading = page.get_by_role("heading")
    await expect(heading).to_have_text("Meet is installed in Lighthouse Works")
    assert "standup" in await bot.say("/meet standup")
    assert bot.install_url in await bot.say("/meet standup", BAKERY)

    await page.reload()
    await expect(heading).to_have_text("This link has already been used")
    assert "standup" in await bot.say("/meet standup")

    await bot.slack.uninstall(HOME)
    assert bot.install_url in await bot.say("/meet standup")


async def test_after_cancelling_people_can_install_for_a_whole_organisation(
    bot: Many, page: Page
) -> None:
    heading = page.get_by_role("heading")
    await page.goto(bot.install_url)
    await page.get_by_role("link", name="Add to Slack").click()
    await page.get_by_role("button", name="Cancel").click()
    await expect(heading).to_have_text("Nothing was installed")
    assert bot.install_url in await bot.say("/meet standup", HARBOUR)

    await page.get_by_role("link", name="Start again").click()
    await allow(page, NORTH_SEA)
    await expect(heading).to_have_text("Meet is installed in North Sea Group")
    assert "standup" in await bot.say("/meet standup", HARBOUR)


async def test_a_stolen_install_is_useless_in_another_browser(
    browser: Browser, bot: Many, page: Page
) -> None:
    await page.goto(bot.install_url)
    stolen = await page.get_by_role("link", name="Add to Slack").get_attribute("href")

    async with await new_context(browser) as context:
        other = await context.new_page()
        await other.goto(str(stolen))
        await other.get_by_role("button", name="Allow").click()
        await expect(other.get_by_role("heading")).to_have_text("Please start in this browser")

    assert bot.install_url in await bot.say("/meet standup")
    await allow(page)
    await expect(page.get_by_role("heading")).to_contain_text("Meet is installed")
