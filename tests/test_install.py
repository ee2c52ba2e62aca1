"""Adding the bot to a workspace in a real browser, over Slack's page, into a real database."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bot.app import open_bot
from bot.sandbox.slack import SlackStandIn
from bot.sandbox.teams import BAKERY, HARBOUR, HOME, NORTH_SEA, Place, Team
from bot.sandbox.videosdk import VideoSDKStandIn
from bot.settings import Settings
from tests.browser import in_browser, new_context
from tests.conftest import APP_TOKEN, SIGNING_SECRET, environment, free_port, serving
from tests.sandbox.installing import CLIENT_ID, CLIENT_SECRET

pytestmark = in_browser
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@dataclass(frozen=True)
class Deployment:
    """A bot that any workspace can install, and Slack around it."""

    slack: SlackStandIn
    install_url: str

    async def answer(self, line: str, team: Team = HOME) -> str:
        """Return what the bot answers to a command."""
        return (await self.slack.command(line, team=team)).messages[-1].text


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A tab in somebody's browser."""
    async with await new_context(browser) as context:
        yield await context.new_page()


@pytest_asyncio.fixture(loop_scope="session")
async def bot(database_url: str, videosdk_standin: VideoSDKStandIn) -> AsyncIterator[Deployment]:
    """A bot that nobody has installed yet."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    slack = SlackStandIn(
        SIGNING_SECRET,
        "",
        APP_TOKEN,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        redirect_urls=[f"{url}/slack/oauth_redirect"],
    )
    slack.events_url = f"{url}/slack/events"
    async with serving(slack.app) as slack.url, serving(videosdk_standin.app) as videosdk_url:
        settings = environment(
            SLACK_BOT_TOKEN=None,
            SLACK_CLIENT_ID=CLIENT_ID,
            SLACK_CLIENT_SECRET=CLIENT_SECRET,
            SLACK_API_URL=f"{slack.url}/api",
            TOKEN_KEYS="5a" * 32,
            DATABASE_URL=database_url,
            PUBLIC_URL=url,
            PORT=str(port),
            VIDEOSDK_API_ENDPOINT=videosdk_url,
        )
        async with open_bot(Settings.from_env(settings)):
            yield Deployment(slack, f"{url}/slack/install")


async def allow(page: Page, place: Place = HOME) -> None:
    """Go from the install page over Slack's back to the bot."""
    await page.get_by_role("link", name="Add to Slack").click()
    await page.locator(f"input[value={place.id}]").check()
    await page.get_by_role("button", name="Allow").click()


async def test_a_workspace_adds_the_bot_uses_it_and_removes_it(page: Page, bot: Deployment) -> None:
    assert bot.install_url in await bot.answer("/meet standup")

    await page.goto(bot.install_url)
    await allow(page)
    heading = page.get_by_role("heading")
    await expect(heading).to_have_text("Meet is installed in Lighthouse Works")
    assert "standup" in await bot.answer("/meet standup")
    assert bot.install_url in await bot.answer("/meet standup", BAKERY)

    await page.reload()
    await expect(heading).to_have_text("This link has done its work")
    assert "standup" in await bot.answer("/meet standup")

    await bot.slack.uninstall(HOME)
    assert bot.install_url in await bot.answer("/meet standup")


@on_sqlite
async def test_who_cancels_can_start_again_and_install_for_a_whole_organisation(
    page: Page, bot: Deployment
) -> None:
    heading = page.get_by_role("heading")
    await page.goto(bot.install_url)
    await page.get_by_role("link", name="Add to Slack").click()
    await page.get_by_role("button", name="Cancel").click()
    await expect(heading).to_have_text("Nothing was installed")
    assert bot.install_url in await bot.answer("/meet standup", HARBOUR)

    await page.get_by_role("link", name="Start again").click()
    await allow(page, NORTH_SEA)
    await expect(heading).to_have_text("Meet is installed in North Sea Group")
    assert "standup" in await bot.answer("/meet standup", HARBOUR)


@on_sqlite
async def test_a_stolen_install_is_worth_nothing_in_another_browser(
    browser: Browser, page: Page, bot: Deployment
) -> None:
    await page.goto(bot.install_url)
    stolen = await page.get_by_role("link", name="Add to Slack").get_attribute("href")

    async with await new_context(browser) as context:
        other = await context.new_page()
        await other.goto(str(stolen))
        await other.get_by_role("button", name="Allow").click()
        await expect(other.get_by_role("heading")).to_have_text("Please start in this browser")

    assert bot.install_url in await bot.answer("/meet standup")
    await allow(page)
    await expect(page.get_by_role("heading")).to_contain_text("Meet is installed")
