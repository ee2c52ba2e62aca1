"""Meetings start where slash commands do not reach: on a message, in a thread, from a form."""

import logging

import pytest
from slack_sdk.models.views import View

from bot.grammar import first_words
from bot.sandbox.faults import Fault
from bot.sandbox.slack import SlackStandIn
from bot.sandbox.videosdk import VideoSDKStandIn
from bot.sandbox.workspace import CHANNELS, USERS, Message
from bot.slack.shortcuts import ANYWHERE, FORM, HERE

ANN = USERS[0].id
GENERAL, PRIVATE = CHANNELS[0].id, CHANNELS[1].id


def said(slack: SlackStandIn, text: str, thread: str | None = None) -> Message:
    """Let somebody say something."""
    return slack.workspace.post(GENERAL, "user", text, user=ANN, thread=thread)


def header(message: Message) -> str:
    """Return a card's title."""
    return str((message.blocks or [])[0]["text"]["text"])


async def test_a_meeting_about_a_message_is_posted_in_its_thread(slack: SlackStandIn) -> None:
    source = said(slack, "The *build* is red again, can somebody look into it with me today?")

    card = (await slack.shortcut(HERE, source)).messages[-1]

    assert card.thread == source.id
    assert card.visible_to is None
    assert header(card) == "The *build* is red again, can somebody look into"


async def test_a_meeting_about_a_reply_goes_to_the_same_thread(slack: SlackStandIn) -> None:
    source = said(slack, "Red again")
    reply = said(slack, "Looking", thread=source.id)

    card = (await slack.shortcut(HERE, reply)).messages[-1]

    assert (card.thread, header(card)) == (source.id, "Looking")


@pytest.mark.parametrize(
    ("text", "name"),
    [("", None), ("word " * 30, " ".join(["word"] * 10)), ("x" * 200, "x" * 50), ("hi", "hi")],
)
def test_a_meeting_takes_a_messages_first_words_as_its_name(text: str, name: str | None) -> None:
    assert first_words(text) == name


async def open_form(slack: SlackStandIn) -> str:
    """Open the form and return its view's id."""
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


async def test_the_form_keeps_slacks_limits(slack: SlackStandIn) -> None:
    await open_form(slack)

    view = slack.views.of(ANN)
    assert view
    assert view["callback_id"] == FORM
    shown = {key: view[key] for key in ("type", "title", "submit", "close", "blocks")}
    View(**shown).to_dict()


@pytest.mark.parametrize("fault", [Fault(status=500), Fault(reset=True)])
async def test_a_form_that_does_not_open_is_in_the_log_and_the_click_is_acknowledged(
    fault: Fault, slack: SlackStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    slack.faults.always(fault, path="views.open")

    delivery = await slack.shortcut(ANYWHERE)

    assert delivery.error == ""
    assert "form not opened" in caplog.messages


async def test_a_refused_form_is_in_the_log(
    slack: SlackStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    slack.faults.always(
        Fault(status=200, body=b'{"ok": false, "error": "expired_trigger_id"}'), path="views.open"
    )

    await slack.shortcut(ANYWHERE)

    [told] = [r for r in caplog.records if r.message == "form not opened"]
    assert getattr(told, "reason", "") == "expired_trigger_id"
