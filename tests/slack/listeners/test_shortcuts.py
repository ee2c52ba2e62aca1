"""Meetings start from a message, in a thread and from a form."""

import logging

import pytest
from slack_sdk.models.views import View

from bot.app import open_bot
from bot.sandbox.faults import Fault
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.workspace import CHANNELS, USERS, ChannelMessage
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.settings.settings import Settings
from bot.slack.listeners.shortcuts import ANYWHERE, FORM, HERE
from tests.conftest import environment

ANN = USERS[0].id
GENERAL, PRIVATE = CHANNELS[0].id, CHANNELS[1].id


def said(slack: SlackStandIn, text: str, thread: str | None = None) -> ChannelMessage:
    """Post a person's message."""
    return slack.workspace.post(GENERAL, "user", text, user=ANN, thread=thread)


def header(message: ChannelMessage) -> str:
    """Return a card's title."""
    return str((message.blocks or [])[0]["text"]["text"])


async def test_a_meeting_about_a_message_is_posted_in_its_thread(slack: SlackStandIn) -> None:
    source = said(slack, "The *build* is red again, can somebody look into it with me today?")

    card = (await slack.shortcut(HERE, source)).messages[-1]

    assert card.thread == source.id
    assert card.visible_to is None
    assert header(card) == "The build is red again, can somebody look into it"


async def test_a_meeting_about_a_reply_goes_to_the_same_thread(slack: SlackStandIn) -> None:
    source = said(slack, "Red again")
    reply = said(slack, "Looking", thread=source.id)

    card = (await slack.shortcut(HERE, reply)).messages[-1]

    assert (card.thread, header(card)) == (source.id, "Looking")


async def open_form(slack: SlackStandIn) -> str:
    """Open the form, and return its view ID."""
    await slack.shortcut(ANYWHERE)
    view = slack.views.of(ANN)
    assert view
    return str(view["id"])


async def test_the_form_starts_a_meeting_in_the_conversation_that_it_names(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    view_id = await open_form(slack)

    values = {"name": "Weekly sync", "region": "eu001", "conversation": PRIVATE}
    delivery = await slack.submit(view_id, values)

    card = delivery.messages[-1]
    assert (delivery.error, card.channel, header(card)) == ("", PRIVATE, "Weekly sync")
    assert slack.views.of(ANN) is None
    [meeting] = videosdk_standin.meetings.values()
    assert meeting["region"] == "eu001"


async def test_the_form_needs_neither_name_nor_region(slack: SlackStandIn) -> None:
    view_id = await open_form(slack)

    delivery = await slack.submit(view_id, {"conversation": GENERAL})

    assert header(delivery.messages[-1]) == "Meeting"


async def test_the_form_shows_its_own_errors(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    view_id = await open_form(slack)

    long = await slack.submit(view_id, {"name": "x" * 81, "conversation": GENERAL})
    videosdk_standin.faults.always(Fault(status=401), path="/v1/meetings")
    failed = await slack.submit(view_id, {"name": "Weekly sync", "conversation": GENERAL})

    assert long.errors == {
        "name": "That name is 81 characters long, and the limit is 80. Please shorten it."
    }
    assert failed.errors
    assert failed.errors["conversation"].startswith(
        "VideoSDK rejected my key, so no meeting was created. Please ask whoever set me up to "
        "check VIDEOSDK_API_KEY, VIDEOSDK_SECRET_KEY and"
    )
    assert (failed.error, failed.messages) == ("", [])
    assert slack.views.of(ANN)


async def test_the_form_has_room_for_many_regions_with_long_names(
    slack_standin: SlackStandIn, videosdk_url: str
) -> None:
    regions = ",".join(f"qq{number:03}={'Llanfair' * 9} {number}" for number in range(200))
    settings = environment(
        SLACK_API_URL=f"{slack_standin.url}/api",
        VIDEOSDK_API_ENDPOINT=videosdk_url,
        VIDEOSDK_REGIONS=regions,
    )
    async with open_bot(Settings.from_env(settings)) as bot:
        slack_standin.events_url = f"http://127.0.0.1:{bot.port}/slack/events"
        view_id = await open_form(slack_standin)
        view = slack_standin.views.of(ANN)
        assert view
        groups = view["blocks"][1]["element"]["option_groups"]
        values = {"name": "Weekly sync", "region": "us001", "conversation": GENERAL}
        sent = await slack_standin.submit(view_id, values)
        shown = (await slack_standin.command("/meet help")).messages[-1]

    assert header(sent.messages[-1]) == "Weekly sync"
    assert [len(group["options"]) for group in groups] == [100, 100, 5]
    assert groups[2]["options"][-1]["text"]["text"].endswith("… (qq199)")
    assert "and 175 more" in shown.text
    assert "Start a meeting here" in shown.text


async def test_a_shortcut_on_a_giant_message_is_answered(slack: SlackStandIn) -> None:
    source = said(slack, "週次 " * 4500)

    card = (await slack.shortcut(HERE, source)).messages[-1]

    assert header(card) == " ".join(["週次"] * 17)


async def test_the_form_keeps_slacks_limits(slack: SlackStandIn) -> None:
    await open_form(slack)

    view = slack.views.of(ANN)
    assert view
    assert view["callback_id"] == FORM
    shown = {key: view[key] for key in ("type", "title", "submit", "close", "blocks")}
    View(**shown).to_dict()


@pytest.mark.parametrize("fault", [Fault(status=500), Fault(reset=True)])
async def test_a_form_that_does_not_open_is_logged_and_the_click_is_acknowledged(
    fault: Fault, slack: SlackStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    slack.faults.always(fault, path="views.open")

    delivery = await slack.shortcut(ANYWHERE)

    assert delivery.error == ""
    assert "form not opened" in caplog.messages


async def test_a_rejected_form_is_logged(
    slack: SlackStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    slack.faults.always(
        Fault(status=200, body=b'{"ok": false, "error": "expired_trigger_id"}'), path="views.open"
    )

    await slack.shortcut(ANYWHERE)

    [told] = [r for r in caplog.records if r.message == "form not opened"]
    assert getattr(told, "reason", "") == "expired_trigger_id"
