"""No page of the bot, the sandbox or its rooms violates a rule of axe-core, at any level."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bot.sandbox.run import Options, Sandbox, open_sandbox
from tests.axe import violations
from tests.browser import enter, in_browser, leave, new_context, say, speak, type_line

pytestmark = in_browser


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> AsyncIterator[Page]:
    context = await new_context(browser)
    yield await context.new_page()
    await context.close()


async def test_the_install_and_the_bots_other_pages(page: Page) -> None:
    async with open_sandbox(0, Options(oauth=True)) as sandbox:
        await page.goto(sandbox.slack.url)
        await expect(page.get_by_role("link", name="Add to Slack")).to_be_visible()
        assert await violations(page) == []
        for path in ("/", "/nowhere", "/slack/oauth_redirect?error=access_denied"):
            await page.goto(f"{sandbox.bot_url}{path}")
            assert await violations(page) == [], path

        await page.get_by_role("link", name="Start again").click()
        await page.get_by_role("link", name="Add to Slack").click()
        await expect(page.get_by_role("button", name="Allow")).to_be_visible()
        assert await violations(page) == []
        await page.get_by_role("button", name="Allow").click()
        await expect(page.get_by_role("heading")).to_contain_text("is installed in")
        assert await violations(page) == []


async def test_the_conversation_and_the_wire(page: Page, sandbox: Sandbox) -> None:
    await page.goto(sandbox.slack.url)
    await type_line(page, "/meet Weekly sync us001")
    await say(page, "Hi @jonas, *look* at https://example.com, `code` and #team-standup 🎉")
    await type_line(page, "/meet-check standup")
    await type_line(page, "/zoom")
    await page.locator("#exchanges summary").first.click()
    await page.locator("#input").fill("/")
    assert await violations(page) == []

    await page.set_viewport_size({"width": 390, "height": 844})
    assert await violations(page) == []
    await page.get_by_role("button", name="On the wire").click()
    assert await violations(page) == []


async def test_menus_and_dialogs(page: Page, sandbox: Sandbox) -> None:
    await page.goto(sandbox.slack.url)
    await type_line(page, "/meet standup")
    await page.get_by_role("button", name="More options").click()
    assert await violations(page) == []
    await page.get_by_role("menuitem", name="End for everyone").click()
    assert await violations(page) == []

    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Shortcuts").click()
    await page.get_by_role("menuitem", name="Start a meeting").click()
    await expect(page.get_by_role("dialog", name="Start a meeting")).to_be_visible()
    assert await violations(page) == []


async def test_a_room_from_joining_to_its_end(sandbox: Sandbox, page: Page) -> None:
    await page.goto(sandbox.slack.url)
    await type_line(page, "/meet standup")
    async with page.expect_popup() as opened:
        await page.get_by_role("link", name="Join").first.click()
    lobby = await opened.value
    await expect(lobby.frame_locator("iframe").get_by_role("button", name="Join")).to_be_visible()
    assert await violations(lobby) == []

    room = await enter(page.locator(".call"), "Maya")
    [meeting_id] = sandbox.videosdk.meetings
    jonas = sandbox.videosdk.join(meeting_id, "Jonas")
    sandbox.videosdk.transcriptions.start(meeting_id, None, has_summary=True)
    await speak(room, "Is this being transcribed?")
    await expect(room.frame_locator("iframe").get_by_role("status")).to_contain_text("transcribed.")
    assert await violations(room) == []
    sandbox.videosdk.leave(meeting_id, jonas)
    await leave(room)
    assert await violations(room) == []
    await expect(page.locator(".call")).to_have_class("call ended")
    assert await violations(page) == []
    await room.reload()
    await expect(room.get_by_role("button", name="Start again")).to_be_visible()
    assert await violations(room) == []
