"""Signing in with Slack: who people are on the page and on the card."""

import json
import logging
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from bot.sandbox.faults import Fault
from bot.sandbox.slack.teams import BAKERY, HARBOUR, NORTH_SEA
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from tests.conftest import SECRET_KEY, until
from tests.sandbox.installing import CLIENT_ID, CLIENT_SECRET
from tests.web.joining import OURS, PUBLIC, JoinBot, Page
from tests.web.sign_in.signing_in import (
    BACK,
    FLOW,
    JONAS,
    MAYA,
    MEMBER,
    Browser,
    sign_in_bot,
)


@pytest.fixture
async def bot(videosdk_url: str, videosdk_standin: VideoSDKStandIn) -> AsyncIterator[JoinBot]:
    """A bot with live cards and optional sign-in."""
    async with sign_in_bot(videosdk_url, videosdk_standin) as bot:
        yield bot


@pytest.fixture
async def strict(videosdk_url: str, videosdk_standin: VideoSDKStandIn) -> AsyncIterator[JoinBot]:
    """A bot with live cards and required sign-in."""
    async with sign_in_bot(videosdk_url, videosdk_standin, SIGN_IN="required") as bot:
        yield bot


def permissions(page: Page) -> list[str]:
    """Return the permissions in the token of a page's frame."""
    claims = jwt.decode(
        page.frame_query["token"], SECRET_KEY, algorithms=["HS256"], options={"verify_exp": False}
    )
    return list(claims["permissions"])


async def shown(bot: JoinBot, number: int = 0) -> list[tuple[str | None, str]]:
    """Return the people on a call's card, as Slack IDs and names, after the bot's look."""
    call = bot.calls()[number]
    return [(one.slack_id, one.name) for one in bot.slack.workspace.calls.get(call.id).participants]


async def test_slack_is_asked_only_who_somebody_is(bot: JoinBot) -> None:
    maya, path = Browser(bot), await bot.card_link()

    address = urlsplit(await maya.to_slack(path))

    assert address.path == "/openid/connect/authorize"
    asked = {name: value for name, [value] in parse_qs(address.query).items()}
    state, nonce = asked.pop("state"), asked.pop("nonce")
    assert asked == {
        "response_type": "code",
        "scope": "openid profile",
        "client_id": CLIENT_ID,
        "redirect_uri": BACK,
        "team": "T04LIGHTHS",
    }
    assert len({state, nonce}) == 2
    assert min(len(state), len(nonce)) >= 22
    assert path.removeprefix("/join/") not in address.query


async def test_whoever_signs_in_once_joins_with_their_slack_profile_from_then_on(
    bot: JoinBot,
) -> None:
    maya, path = Browser(bot), await bot.card_link()
    page = await maya.open(path)
    assert "Join as you are in Slack" in page.text
    assert page.frame_query["joinScreenEnabled"] == "true"

    await maya.sign_in(path)
    another = await maya.open(await bot.card_link("/meet retro"))

    assert another.frame_query["name"] == "Maya Ortega"
    assert another.frame_query["joinScreenEnabled"] == "false"
    assert another.frame_query["joinWithoutUserInteraction"] == "true"
    assert another.frame_query["webcamEnabled"] == "false"
    assert "You&#x27;re Maya Ortega." in another.text
    assert f'<img src="{bot.slack.url}/avatar/{MAYA.id}.svg"' in another.text
    assert f"img-src data: {bot.slack.url};" in another.headers["Content-Security-Policy"]
    assert "Join as you are in Slack" not in another.text


async def test_the_cookie_has_the_identity_but_no_token(bot: JoinBot) -> None:
    maya, path = Browser(bot), await bot.card_link()
    await maya.open(await maya.at_slack(await maya.to_slack(path)))

    line = maya.set[MEMBER]
    for part in ("Max-Age=2592000", "Path=/", "Secure", "HttpOnly", "SameSite=Lax"):
        assert part in line
    claims = jwt.decode(maya.cookies[MEMBER], options={"verify_signature": False})
    assert {**claims, "exp": 0} == {
        "team_id": "T04LIGHTHS",
        "enterprise_id": None,
        "user_id": MAYA.id,
        "name": "Maya Ortega",
        "picture": f"{bot.slack.url}/avatar/{MAYA.id}.svg",
        "aud": "meet-member",
        "exp": 0,
    }
    assert FLOW not in maya.cookies
    assert "xoxp-" not in str(maya.cookies)


async def test_members_show_by_their_profile_and_everyone_else_as_a_guest(bot: JoinBot) -> None:
    card = await bot.start()
    path, maya, tab = bot.link(card), Browser(bot), Browser(bot)
    page = await maya.sign_in(path)
    tab.cookies = maya.cookies | {"meet-visitor": ""}
    bot.videosdk.join(page.frame_query["meetingId"], "Maya Ortega", page.participant)
    second = (await tab.open(path)).participant
    bot.videosdk.join(page.frame_query["meetingId"], "Maya Ortega", second)
    await bot.enter(path, "Maya Ortega (CEO)")
    forged = f"{page.participant[:-24]}{'0' * 24}"
    bot.videosdk.join(page.frame_query["meetingId"], "Maya Ortega", forged)

    await bot.open(path)  # which makes the bot look
    await until(lambda: len(bot.call(card).participants) == 3)
    assert {(one.slack_id, one.name) for one in bot.call(card).participants} == {
        (MAYA.id, "Maya Ortega"),
        (None, "Maya Ortega (CEO) (guest)"),
        (None, "Maya Ortega (guest)"),
    }

    bot.videosdk.leave(page.frame_query["meetingId"], second)
    await bot.slack.command("/meet standup")
    assert MAYA.id in {one.slack_id for one in bot.call(card).participants}
    bot.videosdk.leave(page.frame_query["meetingId"], page.participant)
    await bot.slack.command("/meet standup")
    await until(lambda: MAYA.id not in {one.slack_id for one in bot.call(card).participants})


async def test_whoever_started_the_meeting_moderates_after_signing_in(bot: JoinBot) -> None:
    path = await bot.card_link()
    powers = {
        "participantCanToggleOtherMic",
        "participantCanToggleOtherWebcam",
        "canRemoveOtherParticipant",
        "participantCanEndMeeting",
    }

    guest = await bot.open(path)
    starter = await Browser(bot).sign_in(path, MAYA)
    other = await Browser(bot).sign_in(path, JONAS)
    namesake = await Browser(bot).sign_in(path, MAYA, BAKERY)

    assert powers <= starter.frame_query.keys()
    assert permissions(starter) == ["allow_join", "allow_mod"]
    for page in (guest, other, namesake):
        assert not powers & page.frame_query.keys()
        assert permissions(page) == ["allow_join"]


async def test_sharing_or_checking_a_meeting_makes_nobody_a_moderator(bot: JoinBot) -> None:
    card = await bot.start()
    meeting_id = bot.call(card).external_unique_id.partition(":")[0]
    checked = (await bot.slack.command(f"/meet-check {meeting_id}", user=JONAS.id)).messages[-1]
    shared = (await bot.slack.click(checked, "share_meeting", user=JONAS.id)).messages[-1]
    jonas = Browser(bot)

    for message in (checked, shared):
        assert permissions(await jonas.sign_in(bot.link(message), JONAS)) == ["allow_join"]


async def test_members_of_other_workspaces_join_as_guests(bot: JoinBot) -> None:
    maya, path = Browser(bot), await bot.card_link()

    page = await maya.sign_in(path, MAYA, BAKERY)

    assert page.frame_query["joinScreenEnabled"] == "true"
    assert MAYA.id not in page.participant
    assert "signed in to another workspace" in page.text
    assert "Join as you are in Slack" in page.text


async def test_a_plain_link_of_version_1_0_0_lets_members_in_as_guests(bot: JoinBot) -> None:
    meeting_id = (await bot.open(await bot.card_link())).frame_query["meetingId"]
    maya = Browser(bot)
    await maya.sign_in(await bot.card_link())

    page = await maya.open(bot.old_link(m=meeting_id))

    assert page.frame_query["joinScreenEnabled"] == "true"
    assert "Join as you are in Slack" not in page.text


async def test_where_signing_in_is_required_guests_are_told_how_to_get_in(
    strict: JoinBot,
) -> None:
    path = await strict.card_link()
    strict.reset_counts()

    page = await strict.open(path)
    pressed = await strict.press(path, "quietly")

    for one in (page, pressed):
        assert one.frame == ""
        assert one.title == "Sign in to join standup"
        assert "Not a member? Ask whoever sent you the link" in one.paragraph
        assert f'href="{PUBLIC}{path}/sign-in">Join as you are in Slack' in one.text
    assert (await Browser(strict).sign_in(path, JONAS)).frame_query["name"] == "Jonas Becker"


async def test_where_signing_in_is_required_strangers_are_told_how_to_get_in(
    strict: JoinBot,
) -> None:
    path = await strict.card_link()

    page = await Browser(strict).sign_in(path, MAYA, BAKERY)

    assert (page.status, page.frame) == (403, "")
    assert page.title == "This meeting is for another workspace"
    assert "You're signed in as Maya Ortega" in page.paragraph
    old = strict.old_link(m="87i6-bvw8-dtn1")
    assert (await strict.open(old)).title == "This link was made before sign-in was turned on"


async def test_in_an_organisation_every_members_link_is_everyones(
    videosdk_url: str, videosdk_standin: VideoSDKStandIn
) -> None:
    async with sign_in_bot(videosdk_url, videosdk_standin, SIGN_IN="required") as bot:
        path = bot.old_link(m="87i6-bvw8-dtn1", n="standup", e=NORTH_SEA.id, h="C1", u=MAYA.id)

        page = await Browser(bot).sign_in(path, MAYA, HARBOUR)

        assert page.title != "This meeting is for another workspace"
        assert (await Browser(bot).sign_in(path, MAYA)).status == 403


async def test_on_plain_cards_signing_in_gives_people_their_name(
    videosdk_url: str, videosdk_standin: VideoSDKStandIn
) -> None:
    async with sign_in_bot(videosdk_url, videosdk_standin, LIVE_CARDS="off") as bot:
        page = await Browser(bot).sign_in(await bot.card_link(), MAYA)

        assert page.frame_query["name"] == "Maya Ortega"
        assert permissions(page) == ["allow_join", "allow_mod"]
        assert "-" not in page.participant


async def test_names_reach_videosdks_page_as_they_are(bot: JoinBot) -> None:
    path = await bot.card_link()
    for name in ("Al", "100% Ann", "%2e", "Zoë & <b>Bo</b>", "名"):
        bot.slack.openid.changes = {"name": name}
        page = await Browser(bot).sign_in(path)
        assert page.frame_query["name"].replace("%25", "%") == name
    bot.slack.openid.changes = {"name": " \u202e ", "picture": None}
    assert (await Browser(bot).sign_in(path)).frame_query["name"] == "Slack member"


async def test_the_next_person_at_a_browser_can_sign_out(bot: JoinBot) -> None:
    maya, path = Browser(bot), await bot.card_link()
    page = await maya.sign_in(path)
    assert f'href="{PUBLIC}{path}/sign-out">Not you?' in page.text

    await maya.open(f"{path}/sign-out", **{"Sec-Fetch-Site": "cross-site"})
    assert MEMBER in maya.cookies
    assert (await maya.open(f"{path}/sign-out", **OURS)).goes_to == path

    assert MEMBER not in maya.cookies
    assert (await maya.open(path)).frame_query["joinScreenEnabled"] == "true"


async def test_a_cancelled_sign_in_leads_back_to_the_meeting(bot: JoinBot) -> None:
    maya, path = Browser(bot), await bot.card_link()

    back = await maya.at_slack(await maya.to_slack(path), answer="cancel")
    page = await maya.open(back)

    assert (page.status, page.title) == (200, "You're not signed in")
    assert f'href="{PUBLIC}{path}">Back to the meeting' in page.text
    assert maya.cookies == {}


async def test_a_way_back_works_once_and_in_its_own_browser_only(bot: JoinBot) -> None:
    maya, path = Browser(bot), await bot.card_link()
    stranger = Browser(bot)
    await stranger.to_slack(path)
    back = await maya.at_slack(await maya.to_slack(path))
    before = dict(maya.cookies)

    assert (await stranger.open(back)).title == "Please sign in again"
    assert FLOW in stranger.cookies
    assert (await Browser(bot).open(back)).title == "Please sign in again"
    assert (await maya.open(f"{back}x")).title == "Please sign in again"
    assert (await maya.open(back)).goes_to == path

    maya.cookies = before
    assert (await maya.open(back)).title == "Please sign in again"
    assert (await maya.open(f"{BACK}?state=%ff")).status == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://slack.example.com"},
        {"aud": "999.999"},
        {"aud": [CLIENT_ID, "999.999"]},
        {"exp": 1},
        {"exp": None},
        {"nonce": "another"},
        {"nonce": None},
        {"https://slack.com/team_id": "E06NORTHSE"},
        {"https://slack.com/user_id": "maya"},
        {"https://slack.com/user_id": None},
    ],
)
async def test_an_id_token_for_something_else_signs_nobody_in(
    bot: JoinBot, changes: dict[str, object]
) -> None:
    maya, path = Browser(bot), await bot.card_link()
    bot.slack.openid.changes = changes

    page = await maya.open(await maya.at_slack(await maya.to_slack(path)))

    assert (page.status, page.title) == (502, "Slack isn't answering")
    assert maya.cookies == {}


@pytest.mark.parametrize(
    ("reason", "title"),
    [
        ("invalid_code", "Slack's permission has expired"),
        ("bad_client_secret", "Slack doesn't know this app"),
        ("org_login_required", "Slack didn't sign you in"),
        ("internal_error", "Slack isn't answering"),
        ("<b>", "Slack isn't answering"),
    ],
)
async def test_slacks_answer_decides_the_next_step(bot: JoinBot, reason: str, title: str) -> None:
    path = await bot.card_link()
    bot.slack.faults.always(
        Fault(200, json.dumps({"ok": False, "error": reason}).encode()), path="openid.connect.token"
    )
    for answered in (True, False):
        maya = Browser(bot)
        address = await maya.to_slack(path)
        state = parse_qs(urlsplit(address).query)["state"][0]
        back = await maya.at_slack(address) if answered else f"{BACK}?error={reason}&state={state}"

        page = await maya.open(back)

        assert page.title == title
        assert "<b>" not in page.text
        assert "Reference: " in page.text


async def test_a_malformed_or_missing_answer_from_slack_signs_nobody_in(bot: JoinBot) -> None:
    path = await bot.card_link()
    for fault in (
        Fault(200, b'{"ok": true, "id_token": "nonsense"}'),
        Fault(200, b'{"ok": true}'),
        Fault(500, b"<html>"),
        Fault(reset=True),
    ):
        maya = Browser(bot)
        bot.slack.faults.always(fault, path="openid.connect.token")
        page = await maya.open(await maya.at_slack(await maya.to_slack(path)))
        assert page.title == "Slack isn't answering"
    maya = Browser(bot)
    state = parse_qs(urlsplit(await maya.to_slack(path)).query)["state"][0]
    page = await maya.open(f"{BACK}?code=a%20b&state={state}")
    assert page.title == "Slack's permission has expired"


async def test_only_a_person_with_a_good_link_is_sent_to_slack(bot: JoinBot) -> None:
    path = await bot.card_link()

    for page in (
        await bot.open(f"{path}x/sign-in"),
        await bot.open(f"{path}/sign-in", "HEAD"),
        await bot.open(f"{path}/sign-in", headers={"User-Agent": "Slackbot 1.0"}),
        await bot.open("/join/https:%2F%2Fevil.example.com%0d%0ax/sign-in"),
    ):
        assert page.status == 302
        assert page.headers["Location"].startswith(f"{PUBLIC}/join/")
    assert (await bot.open("/slack/sign_in", "HEAD")).status == 503
    assert (await bot.open(path, headers={"User-Agent": "Slackbot 1.0"})).frame == ""


async def test_a_sign_in_leaks_nothing(bot: JoinBot, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    maya, path = Browser(bot), await bot.card_link()
    back = await maya.at_slack(await maya.to_slack(path))
    returned = await maya.open(back)
    page = await maya.open(path)

    for one in (returned, page):
        assert one.headers["Referrer-Policy"] == "no-referrer"
        assert one.headers["Cache-Control"] == "no-store"
    secrets = [back.partition("code=")[2].partition("&")[0], maya.cookies[MEMBER], CLIENT_SECRET]
    for secret in secrets:
        assert secret not in page.text
    own = "\n".join(one.getMessage() for one in caplog.records if one.name.startswith("bot"))
    for secret in (*secrets, "Maya", MAYA.id):
        assert secret not in own
    assert "signed in" in own
