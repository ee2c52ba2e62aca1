"""The sandbox's page in a real browser."""

import asyncio
import itertools

import pytest
from playwright.async_api import Browser, Page, Route, expect

from bot.sandbox.run import Sandbox
from tests.browser import enter, follow, in_browser, leave, new_context, say, type_line

pytestmark = in_browser
LAG = 0.3  # seconds; listings of sessions are a little behind
on_v2 = pytest.mark.parametrize("version", ["v2"])


@pytest.fixture
def version() -> str:
    """The default version of VideoSDK's API for tests in this file."""
    return "v1"


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


async def test_an_error_is_shown_to_one_person_only(page: Page) -> None:
    await type_line(page, "/meet x uk001")
    reply = page.locator(".message.app")
    await expect(reply).to_contain_text("I don't know the region uk001")
    await expect(reply).to_contain_text("Only visible to you")

    await page.get_by_role("radio", name="Jonas Becker").check()

    await expect(reply).to_have_count(0)


async def test_on_v1_join_opens_the_room_and_checks_show_who_is_in(
    page: Page,
) -> None:
    await type_line(page, "/meet standup")
    card = page.locator(".message.app").last
    meeting_id = await card.locator("code").first.inner_text()

    tabs = [await enter(card, "Maya"), await enter(card, "Jonas")]
    await asyncio.sleep(LAG)
    await type_line(page, f"/meet-check {meeting_id}")
    await expect(page.locator(".message.app").last).to_contain_text("Live now · 2 people")

    await leave(tabs[0])
    await asyncio.sleep(LAG)
    await type_line(page, f"/meet-check {meeting_id}")
    await expect(page.locator(".message.app").last).to_contain_text("Live now · 1 person")

    await leave(tabs[1])
    await asyncio.sleep(LAG)
    await type_line(page, f"/meet-check {meeting_id}")
    await expect(page.locator(".message.app").last).to_contain_text("Last held")


@on_v2
async def test_on_v2_the_card_shows_who_is_in(page: Page) -> None:
    await type_line(page, "/meet standup")
    card = page.locator(".call")
    await expect(card).to_contain_text("Nobody is in it now")

    tabs = [await enter(card, "Maya"), await enter(card, "Jonas")]
    await expect(card).to_contain_text("Live · 2 people")
    await expect(card.locator(".people-in li")).to_contain_text(["Maya", "Jonas"])

    await leave(tabs[0])
    await expect(card).to_contain_text("Live · 1 person")
    await expect(card.locator(".people-in li")).to_contain_text(["Jonas"])

    await leave(tabs[1])
    await expect(card).to_have_class("call ended")
    await expect(card).to_contain_text("lasted")
    await expect(card.get_by_role("link", name="Join")).to_have_count(0)
    await expect(tabs[1].frame_locator("iframe").locator("main")).to_contain_text("is over")


@on_v2
async def test_closing_the_tab_leaves_the_room(page: Page) -> None:
    await type_line(page, "/meet standup")
    card = page.locator(".call")
    tabs = [await enter(card, "Maya"), await enter(card, "Jonas")]
    await expect(card).to_contain_text("Live · 2 people")

    await tabs[0].close()

    await expect(card).to_contain_text("Live · 1 person")
    await expect(card.locator(".people-in li")).to_contain_text(["Jonas"])


@on_v2
async def test_whoever_started_a_meeting_can_end_it_for_everyone(page: Page) -> None:
    await type_line(page, "/meet standup")
    message = page.locator(".message.app").first
    tab = await enter(message.locator(".call"), "Jonas")

    await choose_end(page, "Cancel")
    await expect(message.locator(".call")).to_have_class("call live")
    await choose_end(page, "End meeting")

    await expect(page.locator(".message.app").last).to_contain_text("ended the meeting for")
    await expect(message.locator(".call")).to_have_class("call ended")
    await expect(tab.frame_locator("iframe").locator("main")).to_contain_text("is over")


@on_v2
async def test_nobody_else_can_end_it(page: Page) -> None:
    await type_line(page, "/meet standup")
    await page.get_by_role("radio", name="Jonas Becker").check()

    await choose_end(page, "End meeting")

    answer = page.locator(".message.app").last
    await expect(answer).to_contain_text("Only visible to you")
    await expect(answer).to_contain_text("who started this meeting, can end it")


async def choose_end(page: Page, answer: str) -> None:
    """Choose "End for everyone" in the card's menu, and answer the confirmation."""
    await page.get_by_role("button", name="More options").click()
    await page.get_by_role("menuitem", name="End for everyone").click()
    dialog = page.get_by_role("alertdialog", name="End the meeting?")
    await dialog.get_by_role("button", name=answer).click()
    await expect(dialog).to_have_count(0)


@on_v2
async def test_a_meeting_starts_in_the_thread_of_a_message(page: Page) -> None:
    await say(page, "Can we talk the launch over?")
    message = page.locator(".message.user")
    await message.hover()
    await message.get_by_role("button", name="More actions").click()
    shortcut = page.get_by_role("menuitem", name="Start a meeting here")
    await expect(shortcut).to_contain_text("Meet")  # the app's name, as Slack shows it
    await shortcut.click()

    reply = page.locator(".message.reply")
    await expect(reply).to_contain_text("started a meeting")
    await expect(reply.get_by_role("heading")).to_have_text("Can we talk the launch over?")


@on_v2
async def test_a_meeting_starts_from_the_form(page: Page) -> None:
    await page.get_by_role("button", name="Shortcuts").click()
    await page.get_by_role("menuitem", name="Start a meeting").click()
    form = page.get_by_role("dialog", name="Start a meeting")
    await form.get_by_label("Name").fill("Retro")
    await form.get_by_label("Region").select_option("Frankfurt, DE (eu001)")
    await form.get_by_role("button", name="Start", exact=True).click()

    await expect(form).to_be_hidden()
    await expect(page.locator(".call").get_by_role("heading")).to_have_text("Retro")
    await expect(page.locator(".message.app")).to_contain_text("Frankfurt, DE")


@on_v2
async def test_the_join_page_fits_phones_and_desktops_in_light_and_dark_mode(page: Page) -> None:
    await type_line(page, "/meet " + "Quarterly planning and " * 3)
    tab = await follow(page.locator(".call").get_by_role("link", name="Join"))
    room = tab.frame_locator("iframe")
    for width, dark in itertools.product((390, 1280), (False, True)):
        height = 800
        await tab.set_viewport_size({"width": width, "height": height})
        await tab.emulate_media(color_scheme="dark" if dark else "light")
        await expect(room.get_by_role("button", name="Join")).to_be_in_viewport()

        widths = [f.evaluate("document.documentElement.scrollWidth") for f in tab.frames]
        assert [await w for w in widths] == [width, width]
        box = await tab.locator("iframe").bounding_box()
        assert box
        assert (box["x"], box["width"], box["y"] + box["height"]) == (0, width, height)
        assert box["height"] > height - 80
        ink = await room.locator("body").evaluate("body => getComputedStyle(body).color")
        assert is_bright(ink) == dark


async def test_an_altered_join_link_opens_a_page_that_says_what_to_do(
    browser: Browser, sandbox: Sandbox
) -> None:
    context = await new_context(browser, width=390, height=844)
    page = await context.new_page()
    await page.goto(sandbox.slack.url)
    await type_line(page, "/meet standup")
    link = await page.get_by_role("link", name="Join").first.get_attribute("href")
    assert link

    answer = await page.goto(f"{link[:-4]}AAAA")

    assert answer
    assert answer.status == 404
    await expect(page.get_by_role("heading")).to_have_text("This isn't a join link")
    await expect(page.locator("iframe")).to_have_count(0)
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    await context.close()


async def test_the_wire_panel_shows_all_requests(page: Page) -> None:
    await type_line(page, "/meet standup eu001")

    wire = page.locator("#exchanges")
    await expect(wire).to_contain_text("/slack/events")
    await expect(wire).to_contain_text("/v1/meetings")
    await wire.locator("summary").last.click()
    await expect(wire).to_contain_text("userMeetingId")
    assert "eyJ" not in (await wire.inner_text()).replace("eyJ…", "")


async def test_videosdk_can_be_given_a_fault(page: Page) -> None:
    await page.locator("#fault").select_option("500")

    await type_line(page, "/meet standup")

    await expect(page.locator(".message.app").last).to_contain_text("Reference:")
    await type_line(page, "/meet standup")
    await expect(page.locator(".message.app").last).to_contain_text("started a meeting")


async def test_everything_works_with_the_keyboard(page: Page) -> None:
    await page.locator("#input").focus()
    await page.keyboard.type("/")
    await expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(2)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator("#input")).to_have_value("/meet-check ")
    await page.keyboard.type("no such thing")
    await page.keyboard.press("Enter")

    await expect(page.locator(".message.app")).to_contain_text("meeting ID")


async def test_a_line_typed_while_the_page_loads_can_be_sent_afterwards(page: Page) -> None:
    loaded = asyncio.Event()
    await page.route("**/sandbox/state", lambda route: later(loaded, route))
    await page.reload()
    await page.locator("#input").fill("/meet standup")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Send")).to_be_disabled()

    loaded.set()
    await expect(page.get_by_role("button", name="Send")).to_be_enabled()
    await expect(page.locator("#input")).to_have_value("/meet standup")
    await page.keyboard.press("Enter")

    await expect(page.locator(".message.app")).to_contain_text("started a meeting")


async def later(event: asyncio.Event, route: Route) -> None:
    """Delay a request until an event is set."""
    await event.wait()
    await route.continue_()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_everything_fits_on_a_phone(
    browser: Browser, sandbox: Sandbox, *, dark: bool
) -> None:
    context = await new_context(browser, width=390, height=844, dark=dark)
    page = await context.new_page()
    await page.goto(sandbox.slack.url)
    await type_line(page, "/meet " + "Quarterly planning and " * 3)

    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    assert is_bright(await page.evaluate("getComputedStyle(document.body).color")) == dark
    await page.locator("#open-wire").click()
    await expect(page.locator("#exchanges")).to_contain_text("/v1/meetings")
    await page.keyboard.press("Escape")
    await expect(page.locator("#exchanges")).not_to_be_in_viewport()
    await context.close()


def is_bright(color: str) -> bool:
    """Return whether a computed colour is nearer to white than to black."""
    return int(color.removeprefix("rgb(").split(",")[0]) > 128
