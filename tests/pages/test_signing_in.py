"""Stories in a real browser: people join as they are in Slack, and paste links to meetings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest_asyncio
from playwright.async_api import Browser, FrameLocator, Locator, Page, expect

from bot.sandbox.run import Options, Sandbox, open_sandbox
from tests.browser import enter, follow, in_browser, leave, new_context, type_line

pytestmark = in_browser
MAYA, JONAS = "Maya Ortega", "Jonas Becker"


def room(tab: Page) -> FrameLocator:
    """Return VideoSDK's page in a join page."""
    return tab.frame_locator("iframe")


async def sign_in(tab: Page, who: str, team: str = "Lighthouse Works") -> None:
    """Join as somebody in Slack, from a join page."""
    await tab.get_by_role("link", name="Join as you are in Slack").click()
    await tab.get_by_role("radio", name=who).check()
    await tab.get_by_role("radio", name=team).check()
    await tab.get_by_role("button", name="Allow").click()


async def is_inside(tab: Page) -> None:
    await expect(room(tab).get_by_role("button", name="Leave")).to_be_visible()


def on_card(card: Locator) -> Locator:
    """Return the people whom a card shows."""
    return card.locator(".people-in li")


@asynccontextmanager
async def another_browser(browser: Browser, url: str) -> AsyncIterator[Page]:
    """Open the sandbox's page in a browser that knows nothing of the first one's cookies."""
    context = await new_context(browser)
    page = await context.new_page()
    await page.goto(url)
    yield page
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def strict() -> AsyncIterator[Sandbox]:
    """The sandbox, where people have to sign in."""
    async with open_sandbox(0, Options(sign_in="required")) as sandbox:
        yield sandbox


async def test_whoever_signs_in_once_joins_twice_with_their_own_picture(page: Page) -> None:
    await type_line(page, "/meet standup")
    card = page.locator(".call")
    first = await follow(card.get_by_role("link", name="Join").first)
    await sign_in(first, MAYA)

    await is_inside(first)
    await expect(first.get_by_text("You're Maya Ortega.")).to_be_visible()
    await expect(on_card(card)).to_have_text(["MOMaya Ortega"])
    await expect(on_card(card)).to_have_class("member")
    await leave(first)
    await expect(on_card(card)).to_have_count(0)

    await page.bring_to_front()
    await type_line(page, "/meet retro")
    again = page.locator(".call").last
    second = await follow(again.get_by_role("link", name="Join").first)
    await is_inside(second)
    await expect(on_card(again)).to_have_text(["MOMaya Ortega"])


async def test_two_browsers_are_two_people_and_whoever_started_the_meeting_moderates(
    browser: Browser, sandbox: Sandbox, page: Page
) -> None:
    await type_line(page, "/meet standup")
    card = page.locator(".call")
    maya = await follow(card.get_by_role("link", name="Join").first)
    await sign_in(maya, MAYA)
    await is_inside(maya)
    async with another_browser(browser, sandbox.slack.url) as other:
        jonas = await follow(other.locator(".call").get_by_role("link", name="Join").first)
        await sign_in(jonas, JONAS)
        await is_inside(jonas)
        await expect(on_card(card)).to_have_count(2)
        await expect(room(jonas).get_by_role("button", name="Remove")).to_have_count(0)

        await maya.bring_to_front()
        await room(maya).get_by_role("button", name="Remove Jonas Becker").click()

        await jonas.bring_to_front()
        await expect(room(jonas).get_by_text("You have left the meeting!")).to_be_visible()
    await page.bring_to_front()
    await expect(on_card(card)).to_have_text(["MOMaya Ortega"])


async def test_where_signing_in_is_required_a_stranger_learns_how_to_get_in(
    browser: Browser, strict: Sandbox
) -> None:
    async with another_browser(browser, strict.slack.url) as page:
        await type_line(page, "/meet standup")
        tab = await follow(page.locator(".call").get_by_role("link", name="Join").first)
        await expect(tab.get_by_role("heading")).to_have_text("Sign in to join standup")

        await sign_in(tab, MAYA, "Corner Bakery")
        await expect(tab.get_by_role("heading")).to_have_text(
            "This meeting is for another workspace"
        )
        await expect(tab.get_by_text("invite you to that workspace")).to_be_visible()

        await tab.get_by_role("link", name="Sign in to the other workspace").click()
        await tab.get_by_role("radio", name=JONAS).check()
        await tab.get_by_role("button", name="Allow").click()
        await is_inside(tab)


async def test_a_pasted_link_is_the_live_call_in_two_channels_until_it_ends(
    page: Page, sandbox: Sandbox
) -> None:
    await type_line(page, "/meet standup")
    link = await page.get_by_role("link", name="Meeting link").get_attribute("href")
    await page.get_by_role("button", name="launch-plan").click()
    await page.locator("#input").fill(f"We are here: {link}")
    preview = page.get_by_role("group", name="Preview")
    await expect(preview).to_contain_text("Nobody is in it now")
    await page.get_by_role("button", name="Send").click()
    await expect(preview).to_be_hidden()
    pasted = page.locator(".message .unfurls .call")
    await expect(pasted).to_contain_text("Nobody is in it now")

    tab = await enter(pasted, "Ann")
    [meeting_id] = sandbox.videosdk.meetings
    ben = sandbox.videosdk.join(meeting_id, "Ben")
    await expect(pasted).to_contain_text("Live · 2 people")
    await page.get_by_role("button", name="team-standup").click()
    await expect(page.locator(".call")).to_contain_text("Live · 2 people")
    sandbox.videosdk.leave(meeting_id, ben)
    await leave(tab)

    await page.bring_to_front()
    await expect(page.locator(".call")).to_have_class("call ended")
    await page.get_by_role("button", name="launch-plan").click()
    await expect(pasted).to_have_class("call ended")
    await expect(pasted.get_by_role("link", name="Join")).to_have_count(0)
