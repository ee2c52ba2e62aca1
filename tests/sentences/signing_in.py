"""Scenes of signing in with Slack: the join page, the card, and failures."""

import json
from urllib.parse import parse_qs, urlsplit

from bot.sandbox.faults import Fault
from bot.sandbox.slack.teams import BAKERY
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from tests.conftest import API_KEY, SECRET_KEY, serving, until
from tests.sentences.sheet import Sheet
from tests.web.joining import JoinBot
from tests.web.sign_in.signing_in import BACK, Browser, sign_in_bot


async def signing_in(sheet: Sheet) -> None:
    """All scenes where people can or must sign in."""
    sheet.chapter("Signing in with Slack")
    videosdk = VideoSDKStandIn(API_KEY, SECRET_KEY)
    async with serving(videosdk.app) as url:
        async with sign_in_bot(url, videosdk) as bot:
            await optional(sheet, bot)
            await failed(sheet, bot)
        async with sign_in_bot(url, videosdk, SIGN_IN="required") as bot:
            path = await bot.card_link()
            sheet.page("Join, where signing in is required", (await bot.open(path)).text)
            stranger = await Browser(bot).sign_in(path, team=BAKERY)
            sheet.page("Join, as a member of another workspace", stranger.text)
            old = await bot.open(bot.old_link(m="87i6-bvw8-dtn1"))
            sheet.page("A plain card's link of version 1.0.0", old.text)


async def optional(sheet: Sheet, bot: JoinBot) -> None:
    """Join pages and the card where people can sign in."""
    card = await bot.start()
    path = bot.link(card)
    guest = await bot.open(path)
    sheet.page("Join, where people can sign in", guest.text)
    maya = await Browser(bot).sign_in(path)
    sheet.page("Join, signed in", maya.text)
    stranger = await Browser(bot).sign_in(path, team=BAKERY)
    sheet.page("Join, signed in to another workspace", stranger.text)
    bot.videosdk.join(guest.frame_query["meetingId"], "Ann", guest.participant)
    bot.videosdk.join(guest.frame_query["meetingId"], "Maya Ortega", maya.participant)
    await bot.slack.command("/meet standup")
    await until(lambda: len(bot.call(card).participants) == 2)
    shown = [one.name for one in bot.call(card).participants if not one.slack_id]
    sheet.write("The guest on the card", shown)


async def failed(sheet: Sheet, bot: JoinBot) -> None:
    """Sign-ins that failed."""
    path = await bot.card_link()
    browser = Browser(bot)
    back = await browser.at_slack(await browser.to_slack(path), answer="cancel")
    sheet.page("Cancelled on Slack's page", (await browser.open(back)).text)
    back = await browser.at_slack(await browser.to_slack(path))
    sheet.page("Finished in another browser", (await Browser(bot).open(back)).text)
    for reason in ("invalid_code", "bad_client_secret", "org_login_required", "internal_error"):
        answer = json.dumps({"ok": False, "error": reason}).encode()
        bot.slack.faults.plan(Fault(200, answer), path="openid.connect.token")
        page = await browser.open(await browser.at_slack(await browser.to_slack(path)))
        sheet.page(f"Slack doesn't redeem its code: {reason}", page.text)
    state = parse_qs(urlsplit(await browser.to_slack(path)).query)["state"][0]
    page = await browser.open(f"{BACK}?error=invalid_scope&state={state}")
    sheet.page("Slack came back with invalid_scope", page.text)
