"""The sandbox's page in a real browser: how people meet the product."""

import os
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from bot.sandbox.run import Sandbox, open_sandbox
from tests.browser import CHROMIUM, launch, type_line

pytestmark = pytest.mark.skipif(
    not CHROMIUM and "CI" not in os.environ,
    reason="needs Chromium (Debian: apt install chromium); the page is not tested without it",
)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """The whole sandbox, as `make sandbox` opens it."""
    async with open_sandbox(0) as sandbox:
        yield sandbox


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A browser."""
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        yield browser
        await browser.close()


@pytest.fixture
async def page(browser: Browser, sandbox: Sandbox) -> AsyncIterator[Page]:
    """The sandbox's page in a wide window; its console must stay silent."""
    page = await browser.new_page(viewport={"width": 1280, "height": 800})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(sandbox.slack.url)
    yield page
    assert complaints == []


async def test_a_newcomer_starts_a_meeting_checks_it_and_shares_it(page: Page) -> None:
    await type_line(page, "/meet Weekly sync us001")
    card = page.locator(".message.app").last
    await expect(card.get_by_role("heading", name="Weekly sync")).to_be_visible()
    await expect(card).to_contain_text("Fremont, CA")
    meeting_id = await card.locator("code").first.inner_text()

    await type_line(page, f"/meet-check {meeting_id}")
    answer = page.locator(".message.app").last
    await expect(answer).to_contain_text("Only visible to you")
    await expect(answer).to_contain_text("valid")

    await answer.get_by_role("button", name="Post the meeting's card").click()
    await expect(page.locator(".message.app").last).to_contain_text("shared a meeting")


async def test_a_mistake_is_told_to_one_person_only(page: Page) -> None:
    await type_line(page, "/meet x uk001")
    told = page.locator(".message.app")
    await expect(told).to_contain_text("uk001 is not a region")
    await expect(told).to_contain_text("Only visible to you")

    await page.get_by_role("radio", name="Jonas Becker").check()

    await expect(told).to_have_count(0)


async def test_join_leads_to_the_room_and_a_check_tells_who_is_in(page: Page) -> None:
    await type_line(page, "/meet standup")
    card = page.locator(".message.app").last
    meeting_id = await card.locator("code").first.inner_text()
    async with page.expect_popup() as opened:
        await card.get_by_role("link", name="Join").first.click()
    room = await opened.value
    await room.get_by_role("textbox").fill("Maya")
    await room.get_by_role("button", name="Join").click()
    await expect(room.get_by_role("button", name="Leave")).to_be_visible()

    await type_line(page, f"/meet-check {meeting_id}")

    await expect(page.locator(".message.app").last).to_contain_text("Live now: 1 person")


async def test_the_wire_shows_who_asked_whom(page: Page) -> None:
    await type_line(page, "/meet standup eu001")

    wire = page.locator("#exchanges")
    await expect(wire).to_contain_text("/slack/events")
    await expect(wire).to_contain_text("/v1/meetings")
    await wire.locator("summary").last.click()
    await expect(wire).to_contain_text("userMeetingId")
    assert "eyJ" not in (await wire.inner_text()).replace("eyJ…", "")


async def test_videosdk_can_be_told_to_misbehave(page: Page) -> None:
    await page.locator("#fault").select_option("500")

    await type_line(page, "/meet standup")

    await expect(page.locator(".message.app").last).to_contain_text("Reference:")
    await type_line(page, "/meet standup")
    await expect(page.locator(".message.app").last).to_contain_text("started a meeting")


async def test_the_keyboard_is_enough(page: Page) -> None:
    await page.locator("#input").focus()
    await page.keyboard.type("/")
    await expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(2)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator("#input")).to_have_value("/meet-check ")
    await page.keyboard.type("no such thing")
    await page.keyboard.press("Enter")

    await expect(page.locator(".message.app")).to_contain_text("meeting ID")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_phone_has_room_for_all_of_it(
    scheme: str, browser: Browser, sandbox: Sandbox
) -> None:
    page = await browser.new_page(
        viewport={"width": 390, "height": 844},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    await page.goto(sandbox.slack.url)
    await type_line(page, "/meet " + "Quarterly planning and " * 3)

    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    ink = await page.evaluate("getComputedStyle(document.body).color")
    red = int(ink.removeprefix("rgb(").split(",")[0])
    assert (red > 128) == (scheme == "dark")
    await page.locator("#open-wire").click()
    await expect(page.locator("#exchanges")).to_contain_text("/v1/meetings")
    await page.keyboard.press("Escape")
    await expect(page.locator("#exchanges")).not_to_be_in_viewport()
