"""Join links after their meeting has ended, in a real browser."""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from bot.sandbox.run import Sandbox
from tests.browser import enter, in_browser, leave, new_context, type_line

pytestmark = in_browser


@pytest_asyncio.fixture(loop_scope="session")
async def maya(browser: Browser) -> AsyncIterator[BrowserContext]:
    """One person's browser."""
    context = await new_context(browser)
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def jonas(browser: Browser) -> AsyncIterator[BrowserContext]:
    """Another person's phone."""
    context = await new_context(browser, width=390)
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(sandbox: Sandbox, maya: BrowserContext) -> Page:
    """The sandbox's page."""
    page = await maya.new_page()
    await page.goto(sandbox.slack.url)
    return page


async def held(page: Page, sandbox: Sandbox) -> str:
    """Hold a meeting with two people, and return its join link."""
    await type_line(page, "/meet standup")
    card = page.locator(".call").first
    link = await card.get_by_role("link", name="Join").first.get_attribute("href")
    [meeting_id] = sandbox.videosdk.meetings
    people = [sandbox.videosdk.join(meeting_id, name) for name in ("Maya", "Jonas")]
    await expect(card).to_contain_text("Live · 2 people")
    for person in people:
        sandbox.videosdk.leave(meeting_id, person)
    await expect(card).to_have_class("call ended")
    return str(link)


async def join(tab: Page, name: str) -> None:
    """Fill in the form of VideoSDK's page."""
    await tab.bring_to_front()
    room = tab.frame_locator("iframe")
    await room.get_by_role("textbox", name="Your name").fill(name)
    await room.get_by_role("button", name="Join").click()
    await expect(room.get_by_role("button", name="Leave")).to_be_visible()


async def test_returning_with_the_old_link_starts_the_meeting_again_with_a_new_card(
    page: Page, sandbox: Sandbox, jonas: BrowserContext
) -> None:
    link = await held(page, sandbox)
    tab = await jonas.new_page()

    await tab.goto(link)
    await expect(tab.get_by_role("heading", name="standup has ended")).to_be_visible()
    await expect(tab.locator("main")).to_contain_text("It ended just now")
    await expect(page.locator(".call")).to_have_count(1)

    await tab.get_by_role("button", name="Start again").click()
    await join(tab, "Jonas")
    await expect(page.locator(".call")).to_have_count(2)
    fresh = page.locator(".call").last
    await expect(fresh).to_contain_text("Live · 1 person")
    await expect(fresh.locator(".people-in li")).to_contain_text(["Jonas"])
    await expect(page.locator(".call").first).to_have_class("call ended")

    other = await page.context.new_page()
    await other.goto(link)  # the old link joins the meeting that is on now
    await join(other, "Maya")
    await expect(fresh).to_contain_text("Live · 2 people")


async def test_two_people_returning_at_once_share_one_new_card(
    page: Page, sandbox: Sandbox, maya: BrowserContext, jonas: BrowserContext
) -> None:
    link = await held(page, sandbox)
    tabs = [await maya.new_page(), await jonas.new_page()]
    for tab in tabs:
        await tab.goto(link)

    await asyncio.gather(*(tab.get_by_role("button", name="Start again").click() for tab in tabs))
    for tab, name in zip(tabs, ("Maya", "Jonas"), strict=True):
        await join(tab, name)

    await expect(page.locator(".call")).to_have_count(2)
    await expect(page.locator(".call").last).to_contain_text("Live · 2 people")


async def test_a_reload_is_the_same_person_and_rejoin_uses_the_link(
    page: Page, sandbox: Sandbox
) -> None:
    await type_line(page, "/meet standup")
    card = page.locator(".call")
    jonas = await enter(card, "Jonas")
    [meeting_id] = sandbox.videosdk.meetings
    maya = sandbox.videosdk.join(meeting_id, "Maya")
    await expect(card).to_contain_text("Live · 2 people")

    await jonas.reload()
    await join(jonas, "Jonas")
    await expect(card).to_contain_text("Live · 2 people")
    await expect(card.locator(".people-in li")).to_have_count(2)

    await leave(jonas)
    await expect(card).to_contain_text("Live · 1 person")
    await jonas.frame_locator("iframe").get_by_role("link", name="Rejoin").click()
    await join(jonas, "Jonas")
    await expect(card).to_contain_text("Live · 2 people")
    sandbox.videosdk.leave(meeting_id, maya)
    await expect(card.locator(".people-in li")).to_contain_text(["Jonas"])
