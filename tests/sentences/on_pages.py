"""Scenes in a browser: join links and installs."""

import json
import tempfile
from pathlib import Path

from bot.sandbox.faults import PRESETS, Fault
from bot.sandbox.slack.teams import NORTH_SEA
from bot.sandbox.slack.web_api import SCOPES
from bot.slack.cards import MENU
from bot.web.join import notices
from tests.sentences.sheet import Sheet
from tests.sentences.world import World, world
from tests.web.install.test_flow import ACCESS, Browser, Deployment, deployment


async def joining(sheet: Sheet) -> None:
    """Pages that join links open."""
    sheet.chapter("Join links")
    async with world(sheet) as live:
        path = await live.bot.card_link()
        await live.look(path, "Join")
        offered = (await live.bot.open(path)).frame_query
        sheet.write("In VideoSDK's page, after leaving", [offered["leftScreenActionButtonLabel"]])
        await glance(live, path, "A preview of the link")
        live.videosdk.faults.always(PRESETS["500"][1])
        await glance(live, path, "A preview of the link, and VideoSDK is down")
        live.videosdk.faults.forget()
        await over(live)
        await no_way_in(live, path)
    async with world(sheet) as live:
        await not_begun(live)
    for when, page in (
        ("More visitors than the bot can serve", notices.busy()),
        ("A link that was opened 500 times in a minute", notices.too_many()),
    ):
        sheet.page(when, str(page.text))
    async with world(sheet) as live:
        for when, path in (
            ("The bare address", "/"),
            ("An address that the bot doesn't have", "/nowhere"),
            ("An address that isn't for browsers", "/slack/events"),
        ):
            opened = await live.bot.open(path, headers={"Accept": "text/html"})
            sheet.page(when, opened.text)


async def glance(live: World, path: str, when: str) -> None:
    """Write down a link's preview, as other programs read it."""
    sheet = live.sheet
    sheet.page(when, (await live.bot.open(path, headers={"Sec-Purpose": "prefetch"})).text)


async def over(live: World) -> None:
    """The link of a meeting that has ended."""
    path = await live.bot.held("/meet retro")
    await live.look(path, "A link after the end")
    await glance(live, path, "A preview of it")
    live.slack.scopes = {"commands", "calls:write"}
    await live.look(path, "Start again, where the bot can't post", "again")
    live.slack.scopes = set(SCOPES)
    await live.bot.press(path)
    live.sheet.message("The card of “Start again”", live.bot.posted[-1])
    await older(live)
    card = await live.bot.start("/meet lunch")
    await live.click(card, MENU, "End for everyone, on a live card that nobody joined by")
    await live.look(live.bot.link(card), "Its link after that")
    path = await live.bot.held("/meet plan")
    live.videosdk.join(live.newest, "Dana by phone")
    await live.look(path, "A link after the end, with somebody in the room again")
    await glance(live, path, "A preview of it, live")


async def older(live: World) -> None:
    """A link of version 1.0.0, which names no channel."""
    card = await live.bot.start("/meet old times")
    call, room = live.bot.call(card), live.newest
    live.videosdk.join(room, "Ann", f"{call.id}-x7k2m9qa", ago=600)
    live.bot.leave_all()
    path = live.bot.old_link(m=room, n="old times", c=call.id)
    await live.look(path, "A link of version 1.0.0 after the end")


async def not_begun(live: World) -> None:
    """Links of meetings without a live card."""
    live.slack.scopes = set(SCOPES) - {"calls:write"}
    await live.bot.start()
    live.slack.scopes = set(SCOPES)
    checked = await live.bot.start("/meet-check standup")
    await live.look(live.bot.link(checked), "A link from /meet-check, before anybody joined")


async def no_way_in(live: World, path: str) -> None:
    """Links that open nothing."""
    old = live.bot.old_link(m=live.newest, exp=1)
    await live.look(old, "A link more than 30 days old")
    await live.look(path[:-3], "A link that lost its end")
    gone = live.bot.old_link(m="n0t0-0ur5-0000")
    live.videosdk.faults.always(PRESETS["500"][1])
    await live.look(gone, "A link, and VideoSDK is down")
    live.videosdk.faults.forget()
    await live.look(gone, "A link of a meeting that was closed")


async def installing(sheet: Sheet) -> None:
    """The install page, and how an install can end."""
    sheet.chapter("Adding the bot to a workspace")
    with tempfile.TemporaryDirectory() as folder:
        async with deployment(Path(folder)) as bot:
            browser = Browser(bot)
            sheet.page("The install page", (await bot.open("/slack/install")).text)
            back = await browser.agree()
            sheet.page("Installed", (await browser.finish(back)).text)
            sheet.page("The same page, reloaded", (await browser.finish(back)).text)
            for_all = await browser.install(NORTH_SEA)
            sheet.page("Installed in an organisation", for_all.text)
            await refused(sheet, bot, browser)


async def refused(sheet: Sheet, bot: Deployment, browser: Browser) -> None:
    """Installs that failed."""
    for error in ("access_denied", "invalid_team_for_non_distributed_app"):
        page = await browser.finish({"error": error})
        sheet.page(f"Slack came back with {error}", page.text)
    stranger = await Browser(bot).finish(await browser.agree())
    sheet.page("Finished in another browser", stranger.text)
    for error in ("invalid_code", "bad_client_secret", "internal_error"):
        answer = json.dumps({"ok": False, "error": error}).encode()
        bot.slack.faults.plan(Fault(200, answer), path=ACCESS)
        sheet.page(f"Slack doesn't redeem its code: {error}", (await browser.install()).text)
    bot.saves = False
    sheet.page("The database fails at the end", (await browser.install()).text)
    bot.states.works = False
    sheet.page("The database fails at the start", (await bot.open("/slack/install")).text)
