"""The workspace keeps messages in order, and notifies subscribers."""

import pytest

from bot.sandbox.slack.workspace import CHANNELS, USERS, Change, ChannelMessage, SlackWorkspace

CHANNEL = CHANNELS[0].id


def test_messages_keep_their_order_even_at_the_same_moment() -> None:
    workspace = SlackWorkspace(clock=lambda: 1_700_000_000.5)
    first = workspace.post(CHANNEL, "user", "one", user=USERS[0].id)
    second = workspace.post(CHANNEL, "user", "two", user=USERS[1].id)

    assert (first.id, second.id) == ("1700000000.500000", "1700000000.500001")
    assert first.at == 1_700_000_000.5
    assert list(workspace.messages.values()) == [first, second]


def test_a_replaced_message_keeps_its_place_and_its_reader() -> None:
    workspace = SlackWorkspace()
    message = workspace.post(CHANNEL, "app", "before", visible_to=USERS[0].id)
    workspace.post(CHANNEL, "app", "later")
    replaced = workspace.replace(message.id, "after", [{"type": "divider"}])

    assert (replaced.id, replaced.visible_to) == (message.id, USERS[0].id)
    assert next(iter(workspace.messages.values())).text == "after"


def test_a_removed_message_cannot_be_replaced_or_removed() -> None:
    workspace = SlackWorkspace()
    message = workspace.post(CHANNEL, "app", "hello")
    workspace.remove(message.id)

    assert not workspace.messages
    with pytest.raises(KeyError):
        workspace.remove(message.id)
    with pytest.raises(KeyError):
        workspace.replace(message.id, "again", None)


def test_subscribers_are_notified_of_changes_until_they_unsubscribe() -> None:
    workspace, heard = SlackWorkspace(), list[tuple[Change, str]]()

    def hear(change: Change, message: ChannelMessage) -> None:
        heard.append((change, message.text))

    leave = workspace.subscribe(hear)
    message = workspace.post(CHANNEL, "app", "one")
    workspace.replace(message.id, "two", None)
    workspace.remove(message.id)
    leave()
    workspace.post(CHANNEL, "app", "three")

    assert heard == [("message", "one"), ("message", "two"), ("removed", "two")]


def test_payloads_name_public_channels_only() -> None:
    assert [channel.kind for channel in CHANNELS] == ["public", "private", "im"]
    assert [channel.payload_name for channel in CHANNELS] == [
        CHANNELS[0].name,
        "privategroup",
        "directmessage",
    ]


def test_only_public_messages_that_are_not_replies_have_threads() -> None:
    workspace = SlackWorkspace()
    parent = workspace.post(CHANNEL, "user", "lunch?", user=USERS[0].id)
    reply = workspace.post(CHANNEL, "app", "yes", thread=parent.id)
    private = workspace.post(CHANNEL, "app", "psst", visible_to=USERS[0].id)

    assert reply.thread == parent.id
    assert workspace.thread(CHANNEL, parent.id) == parent.id
    others = [(CHANNEL, reply.id), (CHANNEL, private.id), (CHANNELS[1].id, parent.id)]
    assert [workspace.thread(*one) for one in [*others, (CHANNEL, "17.5")]] == [None] * 4
