"""Live cards show who is in a meeting and when it has ended, whatever happens to the webhooks."""

import json
import logging
import re
from html import unescape
from urllib.parse import parse_qs, quote, urlsplit

import aiohttp
import pytest

from bot.app import open_bot
from bot.sandbox.faults import Fault
from bot.sandbox.slack.calls import SlackCall
from bot.sandbox.slack.delivered import Delivered
from bot.sandbox.slack.payloads import slash_command
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.workspace import CHANNELS, USERS
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.settings.settings import Settings
from tests.conftest import LiveSettings, free_port, until

ANN, BEN = USERS[0].id, USERS[1].id


def call_of(slack: SlackStandIn, delivery: Delivered) -> SlackCall:
    """Return the call of a live card."""
    [block] = [b for b in delivery.messages[-1].blocks or [] if b["type"] == "call"]
    return slack.workspace.calls.get(block["call_id"])


def inside(slack: SlackStandIn, call: SlackCall) -> list[str]:
    """Return the names that a card currently shows."""
    return sorted(person.name for person in slack.workspace.calls.get(call.id).participants)


def has_ended(slack: SlackStandIn, call: SlackCall) -> bool:
    """Return whether a card shows that its meeting has ended."""
    return slack.workspace.calls.get(call.id).ended_at is not None


async def participant_id(join_url: str) -> str:
    """Open a join link like a browser, and return the participant ID in the page."""
    async with aiohttp.ClientSession() as session, session.get(join_url) as answer:
        [frame] = re.findall(r'<iframe src="([^"]+)"', await answer.text())
    [minted] = parse_qs(urlsplit(unescape(frame)).query)["participantId"]
    return minted


@pytest.mark.parametrize("channel", [channel.id for channel in CHANNELS])
async def test_a_live_card_works_in_every_kind_of_conversation(
    channel: str, live_slack: SlackStandIn
) -> None:
    started = await live_slack.command("/meet standup", channel=channel)

    assert call_of(live_slack, started).title == "standup"


async def test_an_emoji_name_is_an_emoji_everywhere_and_leads_to_the_same_room(
    live_slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    by_name = await live_slack.command("/meet :tada: launch")
    typed = await live_slack.command("/meet 🎉 Launch")

    assert call_of(live_slack, by_name).title == "🎉 launch"
    assert by_name.messages[-1].text.startswith("🎉 launch: ")
    assert typed.messages[-1].text.startswith("🎉 Launch: ")
    assert len(videosdk_standin.meetings) == 1


async def test_the_story_of_a_meeting(
    live_slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    started = await live_slack.command("/meet standup eu001")
    call = call_of(live_slack, started)
    [meeting_id] = videosdk_standin.meetings
    assert (call.title, call.created_by, inside(live_slack, call)) == ("standup", ANN, [])

    people = [await participant_id(call.join_url) for _ in range(2)]
    assert all(person.startswith(f"{call.id}-") for person in people)
    for person, name in zip(people, ("Ann", "Ben"), strict=True):
        videosdk_standin.join(meeting_id, name, person)
    await until(lambda: inside(live_slack, call) == ["Ann", "Ben"])

    videosdk_standin.leave(meeting_id, people[0])
    await until(lambda: inside(live_slack, call) == ["Ben"])

    videosdk_standin.leave(meeting_id, people[1])
    await until(lambda: has_ended(live_slack, call))
    assert live_slack.workspace.calls.get(call.id).duration is not None


async def test_a_microphone_test_leaves_the_card_as_it_was(
    live_slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    call = call_of(live_slack, await live_slack.command("/meet standup"))
    [meeting_id] = videosdk_standin.meetings
    person = await participant_id(call.join_url)
    videosdk_standin.join(meeting_id, "Ann", person)
    await until(lambda: inside(live_slack, call) == ["Ann"])

    videosdk_standin.leave(meeting_id, person)
    await until(lambda: inside(live_slack, call) == [])

    assert not has_ended(live_slack, call)
    assert await participant_id(call.join_url)


async def test_two_people_who_start_the_same_meeting_share_one_card(
    live_slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    one = await live_slack.command("/meet standup", user=ANN)
    other = await live_slack.command("/meet Standup", user=BEN)

    assert call_of(live_slack, one).id == call_of(live_slack, other).id
    assert len(videosdk_standin.meetings) == 1


async def test_the_next_run_of_a_named_room_has_its_own_card(
    live_slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    first = call_of(live_slack, await live_slack.command("/meet standup"))
    [meeting_id] = videosdk_standin.meetings
    today = await participant_id(first.join_url)
    videosdk_standin.join(meeting_id, "Ann", today, ago=300)
    videosdk_standin.leave(meeting_id, today)
    await until(lambda: has_ended(live_slack, first))

    second = call_of(live_slack, await live_slack.command("/meet standup"))
    videosdk_standin.join(meeting_id, "Ben", await participant_id(second.join_url))

    await until(lambda: inside(live_slack, second) == ["Ben"])
    assert second.id != first.id
    assert len(videosdk_standin.meetings) == 1


async def test_lost_repeated_and_late_webhooks_are_corrected_by_the_next_one(
    live_slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    call = call_of(live_slack, await live_slack.command("/meet standup"))
    [meeting_id] = videosdk_standin.meetings
    people = [await participant_id(call.join_url) for _ in range(3)]
    videosdk_standin.webhooks.lose(3)  # session-started and the first two who join
    for person, name in zip(people, ("Ann", "Ben", "Cleo"), strict=True):
        videosdk_standin.join(meeting_id, name, person)
    await until(lambda: inside(live_slack, call) == ["Ann", "Ben", "Cleo"])

    videosdk_standin.webhooks.paused = True
    videosdk_standin.webhooks.duplicate = True
    for person in people:
        videosdk_standin.leave(meeting_id, person)
    videosdk_standin.webhooks.shuffle(1)
    videosdk_standin.webhooks.paused = False

    await until(lambda: has_ended(live_slack, call))


async def test_people_who_join_another_way_are_on_the_card_too(
    live_slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    call = call_of(live_slack, await live_slack.command("/meet standup"))
    [meeting_id] = videosdk_standin.meetings

    videosdk_standin.join(meeting_id, "Dana by phone")

    await until(lambda: inside(live_slack, call) == ["Dana by phone"])


async def test_a_forged_or_misdirected_webhook_is_rejected_and_logged_once(
    live_slack: SlackStandIn, videosdk_standin: VideoSDKStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot")
    await live_slack.command("/meet standup")
    [meeting] = videosdk_standin.meetings.values()
    url = meeting["webhook"]["endPoint"]
    body = json.dumps(
        {
            "webhookType": "session-ended",
            "data": {"meetingId": meeting["meetingId"], "sessionId": "1"},
        }
    ).encode()
    signed = videosdk_standin.webhooks.sign(body)
    async with aiohttp.ClientSession() as session:

        async def status(url: str, body: bytes, signature: str) -> int:
            headers = {"videosdk-signature": signature}
            async with session.post(url, data=body, headers=headers) as answer:
                return answer.status

        assert await status(url, body, signed) == 200
        assert await status(url, body + b" ", signed) == 401
        assert await status(url, body, "") == 401
        assert await status(url[:-2], body, signed) == 404
        assert await status(f"{url.rpartition('/')[0]}/hunter2", body, signed) == 404
        assert await status(url, b"x" * 300_000, signed) == 413
        unreadable = b'{"webhookType": 1}'
        assert await status(url, unreadable, videosdk_standin.webhooks.sign(unreadable)) == 400

    lines = [vars(record) for record in caplog.records if "webhook" in record.message]
    assert [(line["levelname"], line["message"], line.get("reason")) for line in lines] == [
        ("INFO", "webhook", None),
        ("WARNING", "webhook rejected", "wrong signature"),
        ("WARNING", "webhook rejected", "wrong signature"),
        ("WARNING", "webhook rejected", "not our address"),
        ("WARNING", "webhook rejected", "not our address"),
        ("WARNING", "webhook rejected", "too large"),
        ("WARNING", "webhook rejected", "not readable"),
    ]
    token = url.rpartition("/")[2]
    assert not any(part in str(lines) for part in ["hunter2", *token.split(".")])


async def test_without_the_scope_cards_are_plain_and_the_log_says_once_what_to_do(
    live_slack: SlackStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    live_slack.scopes = {"commands"}

    for _ in range(2):
        card = (await live_slack.command("/meet standup")).messages[-1]
        assert next(block["type"] for block in card.blocks or []) == "header"

    advice = [record for record in caplog.records if getattr(record, "advice", "")]
    assert len(advice) == 1
    assert "calls:write" in getattr(advice[0], "advice", "")


async def test_if_slack_rejects_the_call_the_card_is_plain(
    live_slack: SlackStandIn,
) -> None:
    live_slack.faults.always(Fault(status=500), path="calls.")

    card = (await live_slack.command("/meet standup")).messages[-1]

    assert "started a meeting" in card.text
    assert next(block["type"] for block in card.blocks or []) == "header"


async def test_the_person_who_started_a_live_meeting_can_end_it_for_everyone(
    live_slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    started = await live_slack.command("/meet standup", user=ANN)
    card, call = started.messages[-1], call_of(live_slack, started)
    [meeting_id] = videosdk_standin.meetings
    videosdk_standin.join(meeting_id, "Ben", await participant_id(call.join_url))

    [option] = next(b["accessory"] for b in card.blocks or [] if "accessory" in b)["options"]
    refused = await live_slack.click(card, "meeting_menu", user=BEN, value=option["value"])
    assert refused.messages[-1].visible_to == BEN
    assert "Only" in refused.messages[-1].text

    ended = await live_slack.click(card, "meeting_menu", user=ANN, value=option["value"])
    assert "ended the meeting for everyone" in ended.messages[-1].text
    await until(lambda: has_ended(live_slack, call))


async def test_the_card_of_a_meeting_that_nobody_joined_can_be_closed(
    live_slack: SlackStandIn,
) -> None:
    started = await live_slack.command("/meet standup")
    card, call = started.messages[-1], call_of(live_slack, started)
    [option] = next(b["accessory"] for b in card.blocks or [] if "accessory" in b)["options"]

    reply = (await live_slack.click(card, "meeting_menu", value=option["value"])).messages[-1]

    assert (reply.visible_to, "nothing to end" in reply.text) == (ANN, True)
    await until(lambda: has_ended(live_slack, call))


async def test_a_check_by_name_finds_the_standing_room_of_this_channel_only(
    live_slack: SlackStandIn,
) -> None:
    await live_slack.command("/meet Weekly sync")

    here = (await live_slack.command("/meet-check weekly sync")).messages[-1]
    there = (await live_slack.command("/meet-check weekly sync", channel=CHANNELS[1].id)).messages[
        -1
    ]

    assert "This meeting ID is valid" in here.text
    assert (here.blocks or [])[0]["fields"][0]["text"] == "*Name*\nweekly sync"
    assert there.text.startswith("I can't find a meeting ID in that, or a meeting with that name")


async def test_a_room_whose_name_looks_like_an_id_is_found_by_name(
    live_slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    async def check(typed: str) -> str:
        return (await live_slack.command(f"/meet-check {typed}")).messages[-1].text

    await live_slack.command("/meet")
    [first_id] = videosdk_standin.meetings
    read_out = first_id.replace("-", " ").upper()
    assert first_id in await check(read_out)
    assert (await check("sync with tina")).startswith(
        "I can't find a meeting with the ID `sync-with-tina`, or one with that name here."
    )

    await live_slack.command(f'/meet "{read_out}"')
    second_id = list(videosdk_standin.meetings)[1]
    assert second_id in await check(read_out)
    assert first_id in await check(first_id)


async def test_a_check_by_link_shows_the_name_and_shares_it_however_the_link_was_wrapped(
    live_slack: SlackStandIn,
) -> None:
    card = (await live_slack.command("/meet *İstanbul* :tada: planning!")).messages[-1]
    link = re.findall(r"<(http[^|>]+)\|join link>", card.text)[0]
    wrapped = f"https://eur01.safelinks.protection.outlook.com/?url={quote(link, safe='')}&data=0"

    for typed in (link, f"<{wrapped.replace('&', '&amp;')}>"):
        shown = (await live_slack.command(f"/meet-check {typed}")).messages[-1]
        assert (shown.blocks or [])[0]["fields"][0]["text"] == ("*Name*\n*İstanbul* 🎉 planning!")
    shared = (await live_slack.click(shown, "share_meeting")).messages[-1]
    assert shared.text.startswith("*İstanbul* 🎉 planning!: ")


async def test_a_check_brings_the_card_up_to_date_and_its_link_leads_to_it(
    live_slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    call = call_of(live_slack, await live_slack.command("/meet standup"))
    [meeting_id] = videosdk_standin.meetings
    never_held = (await live_slack.command(f"/meet-check {meeting_id}")).messages[-1]
    videosdk_standin.webhooks.lose(2)
    videosdk_standin.join(meeting_id, "Ann", await participant_id(call.join_url), ago=60)

    checked = (await live_slack.command(f"/meet-check {meeting_id}")).messages[-1]

    assert "Not held yet" in never_held.text
    await until(lambda: inside(live_slack, call) == ["Ann"])
    [join] = [
        element["url"]
        for block in checked.blocks or []
        for element in block.get("elements", [])
        if "url" in element
    ]
    assert (await participant_id(join)).startswith(f"{call.id}-")


async def test_without_geo_fencing_the_meeting_starts_and_the_card_says_so(
    live_slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.geo_fencing = False

    card = (await live_slack.command("/meet standup eu001")).messages[-1]

    assert "has no geo-fencing" in json.dumps(card.blocks)
    assert len(videosdk_standin.meetings) == 1


async def test_a_retried_command_does_not_create_a_second_meeting(
    live_slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    first = call_of(live_slack, await live_slack.command("/meet"))
    second = call_of(live_slack, await live_slack.command("/meet"))

    assert first.id != second.id
    assert len(videosdk_standin.meetings) == 2
    payload = slash_command(USERS[0], CHANNELS[0], "/meet", f"{live_slack.url}/response/x")
    for _ in range(2):
        assert (await live_slack.deliver(payload)).status == 200
    assert len(videosdk_standin.meetings) == 3


async def test_without_sessions_the_card_is_plain(
    live_slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.always(Fault(status=500), path="/v2/sessions")

    card = (await live_slack.command("/meet standup")).messages[-1]

    assert next(block["type"] for block in card.blocks or []) == "header"


async def test_a_room_with_unknown_sessions_counts_as_new(
    live_slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.always(Fault(status=404), path="/v2/sessions")

    started = await live_slack.command("/meet standup")

    assert call_of(live_slack, started).title == "standup"


async def test_a_failure_to_end_a_meeting_is_reported(
    live_slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    card = (await live_slack.command("/meet standup")).messages[-1]
    [option] = next(b["accessory"] for b in card.blocks or [] if "accessory" in b)["options"]
    videosdk_standin.faults.always(Fault(status=500), path="/v2/sessions")

    reply = (await live_slack.click(card, "meeting_menu", value=option["value"])).messages[-1]

    assert "I can't tell whether the meeting has ended" in reply.text
    assert reply.visible_to == ANN


async def test_a_webhook_that_cannot_be_verified_now_can_be_retried(
    live_slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    await live_slack.command("/meet standup")
    [meeting] = videosdk_standin.meetings.values()
    videosdk_standin.faults.always(Fault(status=500), path="/v2/public/")

    async with (
        aiohttp.ClientSession() as session,
        session.post(meeting["webhook"]["endPoint"], data=b"{}") as answer,
    ):
        assert answer.status == 503


async def test_live_cards_can_be_switched_off(
    slack_standin: SlackStandIn,
    videosdk_standin: VideoSDKStandIn,
    live_settings: LiveSettings,
) -> None:
    port = free_port()
    settings = Settings.from_env(live_settings.environment(port, LIVE_CARDS="off"))
    async with open_bot(settings):
        slack_standin.events_url = f"http://127.0.0.1:{port}/slack/events"
        card = (await slack_standin.command("/meet standup")).messages[-1]
        [button] = [
            element
            for block in card.blocks or []
            if block["type"] == "actions"
            for element in block["elements"]
        ]
        person = await participant_id(button["url"])
        [meeting] = videosdk_standin.meetings.values()
        videosdk_standin.join(meeting["meetingId"], "Ann", person)

    assert "webhook" not in meeting
    assert not slack_standin.workspace.calls.by_id
    assert not [method for method, _ in slack_standin.api_calls if method.startswith("calls.")]


async def test_at_its_start_the_bot_ends_the_cards_of_meetings_that_ended_meanwhile(
    slack_standin: SlackStandIn,
    videosdk_standin: VideoSDKStandIn,
    live_settings: LiveSettings,
) -> None:
    port = free_port()
    settings = Settings.from_env(live_settings.environment(port))
    async with open_bot(settings):
        slack_standin.events_url = f"http://127.0.0.1:{port}/slack/events"
        call = call_of(slack_standin, await slack_standin.command("/meet standup"))
        [meeting_id] = videosdk_standin.meetings
        for name in ("Ann", "Ben"):
            person = await participant_id(call.join_url)
            videosdk_standin.join(meeting_id, name, person)
        await until(lambda: inside(slack_standin, call) == ["Ann", "Ben"])
    videosdk_standin.webhooks.paused = True
    videosdk_standin.end(meeting_id)

    async with open_bot(settings):
        await until(lambda: has_ended(slack_standin, call))


async def test_without_a_public_address_cards_are_plain_and_meetings_can_be_ended(
    slack_standin: SlackStandIn,
    videosdk_standin: VideoSDKStandIn,
    live_settings: LiveSettings,
) -> None:
    settings = Settings.from_env(live_settings.environment(0, PUBLIC_URL=None))
    async with open_bot(settings) as bot:
        slack_standin.events_url = f"http://127.0.0.1:{bot.port}/slack/events"
        card = (await slack_standin.command("/meet standup")).messages[-1]
        [option] = next(b["accessory"] for b in card.blocks or [] if "accessory" in b)["options"]
        [meeting_id] = videosdk_standin.meetings
        videosdk_standin.join(meeting_id, "Ben")

        ended = await slack_standin.click(card, "meeting_menu", value=option["value"])

    assert next(block["type"] for block in card.blocks or []) == "header"
    assert "ended the meeting for everyone" in ended.messages[-1].text
