"""The sandbox's page behaves like Slack, beyond showing meetings."""

import json

from playwright.async_api import Browser, Page, expect

from bot.sandbox.faults import Fault
from bot.sandbox.run import Options, Sandbox, open_sandbox
from tests.browser import in_browser, say, silent_page, type_line

pytestmark = in_browser


async def test_a_cancelled_form_stays_closed(page: Page) -> None:
    await page.get_by_role("button", name="Shortcuts").click()
    await page.get_by_role("menuitem", name="Start a meeting").click()
    form = page.get_by_role("dialog", name="Start a meeting")
    await form.get_by_role("button", name="Cancel").click()
    await expect(form).to_be_hidden()

    await page.evaluate("sessionStorage.clear()")
    await page.reload()
    await expect(page.get_by_role("button", name="Send")).to_be_enabled()
    await expect(form).to_be_hidden()


async def test_typed_text_is_shown_like_in_slack_with_its_lines(page: Page) -> None:
    await page.locator("#input").focus()
    await page.keyboard.type("Hi @jonas,")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.insert_text("*look* 🎉 at a.dev & #team-standup")
    await page.keyboard.press("Enter")

    said = page.locator(".message.user .body")
    await expect(said).to_contain_text("look 🎉 at a.dev & #team-standup")
    await expect(said.locator(".mention")).to_have_text(["@Jonas Becker", "#team-standup"])
    await expect(said.locator("strong")).to_have_text("look")
    await expect(page.locator("#input")).to_have_value("")
    assert "\n" in await said.inner_text()


async def test_a_messages_blocks_can_be_copied(page: Page) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await type_line(page, "/meet help")
    message = page.locator(".message.app")
    await message.hover()
    await message.get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name="Copy blocks").click()

    await expect(page.locator("#working")).to_have_text("Copied.")
    copied = json.loads(await page.evaluate("navigator.clipboard.readText()"))
    assert {block["type"] for block in copied["blocks"]} >= {"section"}


async def test_the_page_switches_versions(page: Page) -> None:
    await expect(page.get_by_role("radio", name="v2, live cards")).to_be_checked()
    await type_line(page, "/meet standup")
    await expect(page.locator(".call")).to_be_visible()

    await page.get_by_role("radio", name="v1, plain cards").check()
    await expect(page.locator("#working")).to_be_empty()
    await type_line(page, "/meet standup")
    await expect(page.locator(".message.app").last.locator(".block-header")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("radio", name="v1, plain cards")).to_be_checked()


async def test_a_call_in_flight_is_on_the_wire(page: Page, sandbox: Sandbox) -> None:
    sandbox.videosdk.faults.plan(Fault(delay=0.5))
    await say(page, "/meet standup")

    in_flight = page.locator("#exchanges").get_by_text("in flight")
    await expect(in_flight).to_have_count(2)  # Slack's request, and the bot's own request inside it
    await expect(in_flight).to_have_count(0)


async def test_with_oauth_the_sandbox_begins_with_adding_the_app(browser: Browser) -> None:
    async with (
        open_sandbox(0, Options(oauth=True)) as sandbox,
        silent_page(browser, sandbox.slack.url) as page,
    ):
        await page.get_by_role("link", name="Add to Slack").click()
        await page.get_by_role("heading", name="Add Meet to Slack").wait_for()
        await page.get_by_role("link", name="Add to Slack").click()
        await page.get_by_role("button", name="Allow").click()
        await page.get_by_role("link", name="Open Slack").click()

        await expect(page.get_by_role("heading", name="Start a meeting in")).to_be_visible()
        await type_line(page, "/meet standup")
        await expect(page.locator(".message.app")).to_contain_text("started a meeting")
