"""The page behind Join: one meeting, one person, twelve hours; and nothing for a bad link."""

import base64
import json
import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import unquote

import jwt
import pytest

from bot.sandbox.faults import PRESETS
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from tests.conftest import API_KEY, SECRET_KEY, LiveSettings
from tests.web.joining import PUBLIC, JoinBot, join_bot

# Every kind of cards that a bot can have; a link opens its room in all of them.
KINDS: dict[str, dict[str, str | None]] = {
    "v1": {"VIDEOSDK_API_VERSION": "v1"},
    "plain": {"LIVE_CARDS": "off"},
    "live": {},
}


BY_LINK = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "cross-site"}
RELOADED = BY_LINK | {"Cache-Control": "max-age=0"}


@pytest.fixture(params=KINDS)
async def bot(
    request: pytest.FixtureRequest, live_settings: LiveSettings, videosdk_standin: VideoSDKStandIn
) -> AsyncIterator[JoinBot]:
    async with join_bot(live_settings, videosdk_standin, **KINDS[request.param]) as bot:
        yield bot


of_one_kind = pytest.mark.parametrize("bot", ["live"], indirect=True)
without_live_cards = pytest.mark.parametrize("bot", ["v1", "plain"], indirect=True)


async def test_join_opens_the_meeting_with_a_token_for_one_person(bot: JoinBot) -> None:
    page = await bot.open(await bot.card_link("/meet Weekly <b>sync</b>"))

    [meeting_id] = bot.videosdk.meetings
    claims = jwt.decode(page.frame_query["token"], SECRET_KEY, algorithms=["HS256"])
    assert page.status == 200
    assert page.title == "Weekly <b>sync</b>"
    assert page.frame.startswith("https://embed.example.com/ui/?")
    assert page.frame_query["meetingId"] == meeting_id
    assert claims["permissions"] == ["allow_join"]
    assert claims["roles"] == ["rtc"]
    assert (claims["roomId"], claims["participantId"]) == (meeting_id, page.participant)
    assert claims["exp"] - claims["iat"] == 12 * 3600
    assert API_KEY not in page.text


async def test_a_meeting_without_a_name_is_called_a_meeting(bot: JoinBot) -> None:
    assert (await bot.open(await bot.card_link("/meet"))).title == "Meeting"


@of_one_kind
async def test_an_emoji_in_a_name_shows_as_one(bot: JoinBot) -> None:
    assert (await bot.open(await bot.card_link("/meet :tada: launch"))).title == "🎉 launch"


@of_one_kind
async def test_a_participants_id_names_the_card_and_its_workspace(bot: JoinBot) -> None:
    card = await bot.start()

    page = await bot.open(bot.link(card))

    call = bot.call(card)
    assert re.fullmatch(rf"{call.id}-T04LIGHTHS--[0-9a-z]+-{page.visitor}", page.participant)


@without_live_cards
async def test_without_live_cards_a_participants_id_names_no_card(bot: JoinBot) -> None:
    path = await bot.card_link()
    [meeting_id] = bot.videosdk.meetings

    for opened in (path, bot.old_link(m=meeting_id, n="standup", c="R0ABC123")):
        page = await bot.open(opened)
        assert page.participant == page.visitor


async def test_what_videosdks_page_offers_does_not_depend_on_its_version(bot: JoinBot) -> None:
    frame_query = (await bot.open(await bot.card_link())).frame_query

    flags = {name for name, value in frame_query.items() if value == "true"}
    assert {"joinScreenEnabled", "chatEnabled", "screenShareEnabled", "pollEnabled"} <= flags
    assert {"canToggleVirtualBackground", "canToggleWhiteboard", "canDrawOnWhiteboard"} <= flags
    assert frame_query.keys() - flags == {
        *("meetingId", "participantId", "token"),
        *("leftScreenRejoinButtonEnabled", "leftScreenActionButtonLabel"),
        "leftScreenActionButtonHref",
    }


async def test_rejoining_leads_back_through_the_join_link(bot: JoinBot) -> None:
    path = await bot.card_link()

    frame_query = (await bot.open(path)).frame_query

    assert frame_query["leftScreenRejoinButtonEnabled"] == "false"
    assert frame_query["leftScreenActionButtonLabel"] == "Rejoin"
    assert frame_query["leftScreenActionButtonHref"] == PUBLIC + path


async def test_an_address_with_a_percent_sign_survives_videosdks_double_decoding(
    live_settings: LiveSettings, videosdk_standin: VideoSDKStandIn
) -> None:
    public_url = f"{PUBLIC}/our%20bot"
    async with join_bot(live_settings, videosdk_standin, PUBLIC_URL=public_url) as bot:
        path = await bot.card_link()
        page = await bot.open(path)

    assert unquote(page.frame_query["leftScreenActionButtonHref"]) == public_url + path
    assert "Path=/our%20bot/join" in page.headers["Set-Cookie"]


@of_one_kind
async def test_the_pages_headers_block_everything_else(bot: JoinBot) -> None:
    page = await bot.open(await bot.card_link())

    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'nonce-")
    assert "frame-src https://embed.example.com;" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'none'" in policy
    assert "script-src" not in policy
    assert "<script" not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert 'camera=(self "https://embed.example.com")' in page.headers["Permissions-Policy"]


async def test_a_browser_that_reloads_the_page_is_the_same_participant(bot: JoinBot) -> None:
    path = await bot.card_link()
    page = await bot.open(path, headers=BY_LINK)

    again = await bot.open(path, visitor=page.visitor, headers=RELOADED)
    elsewhere = await bot.open(path)

    assert (again.participant, again.visitor) == (page.participant, page.visitor)
    assert elsewhere.participant != page.participant
    cookie = page.headers["Set-Cookie"]
    for attribute in ("Max-Age=43200", "Path=/join", "HttpOnly", "Secure", "SameSite=Lax"):
        assert attribute in cookie


@of_one_kind
async def test_a_second_tab_is_another_participant_and_disconnects_nobody(bot: JoinBot) -> None:
    path = await bot.card_link()
    page = await bot.open(path, headers=BY_LINK)

    tab = await bot.open(path, visitor=page.visitor, headers=BY_LINK)
    without_fetch_metadata = await bot.open(path, visitor=page.visitor)

    assert tab.participant != page.participant
    assert without_fetch_metadata.participant == page.participant


@of_one_kind
@pytest.mark.parametrize(
    "value", ["", "x", "0123456789AB", "0123456789abc", "../../../etc", "a b c"]
)
async def test_a_cookie_that_is_not_ours_is_replaced(value: str, bot: JoinBot) -> None:
    page = await bot.open(await bot.card_link(), visitor=value)

    assert re.fullmatch("[0-9a-z]{12}", page.visitor)
    assert page.participant.endswith(f"-{page.visitor}")


@of_one_kind
@pytest.mark.parametrize("spoil", [lambda path: path[:-3] + "xyz", lambda _: "/join/a.b.c"])
async def test_a_bad_link_gets_a_friendly_page_without_any_request_or_token(
    spoil: Any, bot: JoinBot
) -> None:
    path = await bot.card_link()
    bot.reset_counts()

    for page in (await bot.open(spoil(path)), await bot.press(spoil(path))):
        assert (page.status, page.title) == (404, "This isn't a join link")
        assert (page.frame, page.visitor) == ("", "")
    assert bot.looked_up == 0


async def test_a_meeting_whose_links_were_closed_says_so(bot: JoinBot) -> None:
    path = await bot.card_link()
    [meeting] = bot.videosdk.meetings.values()
    meeting["disabled"] = True

    for page in (await bot.open(path), await bot.press(path)):
        assert (page.status, page.frame) == (410, "")
        assert page.title == "This meeting no longer exists"


@of_one_kind
async def test_a_meeting_that_videosdk_does_not_know_is_gone(bot: JoinBot) -> None:
    page = await bot.open(bot.old_link(m="n0t0-0ur5-0000"))

    assert (page.status, page.title) == (410, "This meeting no longer exists")


async def test_an_outage_of_videosdk_is_reported_as_such(bot: JoinBot) -> None:
    path = await bot.card_link()
    bot.videosdk.faults.always(PRESETS["500"][1])

    page = await bot.open(path)

    assert (page.status, page.frame) == (503, "")
    assert "reload this page" in page.paragraph


async def test_a_pasted_join_link_is_checked_like_an_id(bot: JoinBot) -> None:
    path = await bot.card_link("/meet standup eu001")

    told = await bot.start(f"/meet-check <{PUBLIC}{path}|join>")

    assert "This meeting ID is valid" in told.text


@of_one_kind
async def test_an_old_link_says_how_to_get_a_new_one(bot: JoinBot) -> None:
    path = await bot.card_link()
    [_, claims, _] = path.rpartition("/")[2].split(".")
    carried = json.loads(base64.urlsafe_b64decode(claims + "=="))
    bot.reset_counts()

    page = await bot.open(bot.old_link(**(carried | {"exp": 1795428000 - 10**8})))

    assert (page.status, page.frame) == (410, "")
    assert "too old" in page.title
    assert bot.looked_up == 0


@without_live_cards
async def test_a_link_without_a_live_card_opens_its_room_whatever_became_of_the_meeting(
    bot: JoinBot,
) -> None:
    path = await bot.held()

    page = await bot.open(path)

    assert page.frame_query["meetingId"] in bot.videosdk.meetings
    assert bot.posted == []


@without_live_cards
async def test_without_live_cards_nothing_is_started_again(bot: JoinBot) -> None:
    path = await bot.held()

    page = await bot.press(path)

    assert (page.status, page.title) == (200, "I can't post in that channel")
    assert bot.posted == []
    assert (await bot.press(path, "quietly")).frame
