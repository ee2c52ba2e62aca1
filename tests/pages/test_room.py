"""The stand-in for VideoSDK's hosted UI, in a browser."""

from html import escape
from urllib.parse import urlencode

import pytest
from aiohttp import web
from playwright.async_api import Browser, expect

from bot.sandbox.videosdk.standin import VideoSDKStandIn
from tests.browser import in_browser, new_context
from tests.clock import Clock
from tests.conftest import API_KEY, SECRET_KEY, serving, until
from tests.sandbox.videosdk.embedding import NOW, link

pytestmark = in_browser
FRAMING = '<body style="margin:0"><iframe src="{}" style="width:100%;height:90vh;border:0">'


@pytest.fixture
def videosdk() -> VideoSDKStandIn:
    """VideoSDK's stand-in, where time stands still."""
    return VideoSDKStandIn(API_KEY, SECRET_KEY, clock=Clock(NOW))


@pytest.fixture
def meeting_id(videosdk: VideoSDKStandIn) -> str:
    """The ID of a meeting in which nobody is."""
    return str(videosdk._rooms.create(None, "weekly-sync")["meetingId"])


async def test_a_framed_page_on_a_phone_shows_others_without_disturbing_typing(
    browser: Browser, videosdk: VideoSDKStandIn, meeting_id: str
) -> None:
    framing = web.Application()
    async with (
        serving(videosdk.app) as url,
        serving(framing) as outer,
        await new_context(browser, width=360, height=640) as context,
    ):
        page = await context.new_page()
        await page.clock.install()
        await page.goto(f"{outer}/")
        await page.set_content(
            FRAMING.format(f"{url}/embed/?{escape(urlencode(link(meeting_id)))}")
        )
        frame = page.frame_locator("iframe")
        await frame.get_by_role("textbox").fill("Ada")
        videosdk.join(meeting_id, "Grace", "grace")
        await page.clock.run_for(2000)
        await expect(frame.get_by_text("Grace")).to_be_visible()

        await expect(frame.get_by_role("textbox")).to_have_value("Ada")
        await frame.get_by_role("button", name="Join").click()
        await expect(frame.get_by_text("Ada (you)")).to_be_visible()
        inner = page.frames[1]
        assert await inner.evaluate("document.documentElement.scrollWidth <= innerWidth")
        box = frame.get_by_role("textbox", name="Say something")
        await box.fill("Hello, Grace")
        await box.press("Enter")
        await expect(frame.get_by_text("Ada: Hello, Grace")).to_be_visible()
        await expect(box).to_have_value("")
        await box.fill("Is this")
        videosdk.transcriptions.start(meeting_id, None, has_summary=True)
        await page.clock.run_for(2000)
        await expect(frame.get_by_text("This call is being transcribed.")).to_be_visible()
        await expect(box).to_have_value("Is this")
        assert await inner.evaluate("document.documentElement.scrollWidth <= innerWidth")
        videosdk.end(meeting_id)
        await page.clock.run_for(2000)
        await expect(frame.get_by_text("The meeting is over.")).to_be_visible()


async def test_closing_the_tab_leaves_the_room_and_reloading_adds_no_second_person(
    browser: Browser, videosdk: VideoSDKStandIn, meeting_id: str
) -> None:
    async with serving(videosdk.app) as url, await new_context(browser) as context:
        page = await context.new_page()
        await page.goto(f"{url}/embed/?{urlencode(link(meeting_id))}")
        await page.get_by_role("textbox", name="Your name").fill("Ada")
        await page.get_by_role("button", name="Join").click()
        await expect(page.get_by_text("Ada (you)")).to_be_visible()
        await page.reload()
        await expect(page.get_by_role("button", name="Rejoin Meeting")).to_be_visible()
        await page.get_by_role("button", name="Rejoin Meeting").click()
        await expect(page.get_by_text("Ada (you)")).to_be_visible()
        await until(lambda: len(videosdk._sessions.present(meeting_id)) == 1)

        await page.close(run_before_unload=True)
        await until(lambda: not videosdk._sessions.present(meeting_id))


async def test_a_link_with_a_name_can_join_at_once(
    browser: Browser, videosdk: VideoSDKStandIn, meeting_id: str
) -> None:
    here = link(meeting_id) | {
        "name": "Ada",
        "joinScreenEnabled": "false",
        "joinWithoutUserInteraction": "true",
    }
    async with serving(videosdk.app) as url, await new_context(browser) as context:
        page = await context.new_page()
        await page.goto(f"{url}/embed/?{urlencode(here)}")
        await expect(page.get_by_text("Ada (you)")).to_be_visible()
