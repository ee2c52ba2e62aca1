"""A bot's answers appear where, to whom and how they would in Slack."""

from typing import Any

import pytest

from bot.sandbox.slack.interactions import Answer, Interaction, RefusedAnswerError
from bot.sandbox.slack.workspace import CHANNELS, USERS, Block, ChannelMessage, SlackWorkspace

ANN = USERS[0]
CHANNEL = CHANNELS[0]
DIVIDER = {"type": "divider"}


@pytest.fixture
def workspace() -> SlackWorkspace:
    return SlackWorkspace()


@pytest.fixture
def command(workspace: SlackWorkspace) -> Interaction:
    return Interaction(workspace, ANN, CHANNEL, typed="/meet standup")


@pytest.fixture
def original(workspace: SlackWorkspace) -> ChannelMessage:
    return workspace.post(CHANNEL.id, "app", "before", visible_to=ANN.id)


@pytest.fixture
def click(workspace: SlackWorkspace, original: ChannelMessage) -> Interaction:
    return Interaction(workspace, ANN, CHANNEL, clicked=original)


def shown(workspace: SlackWorkspace) -> list[tuple[str, str | None, str]]:
    return [(one.kind, one.visible_to, one.text) for one in workspace.messages.values()]


@pytest.mark.parametrize(
    ("answer", "messages"),
    [
        ({}, []),
        ({"text": "hi"}, [("app", ANN.id, "hi")]),
        ({"text": "hi", "response_type": "ephemeral"}, [("app", ANN.id, "hi")]),
        (
            {"text": "hi", "response_type": "in_channel"},
            [("command", None, "/meet standup"), ("app", None, "hi")],
        ),
        ({"response_type": "in_channel"}, [("command", None, "/meet standup")]),
        ({"blocks": [DIVIDER]}, [("app", ANN.id, "")]),
        ({"text": "hi", "replace_original": True}, [("app", ANN.id, "hi")]),
    ],
)
def test_an_acknowledgement_appears_like_in_slack(
    workspace: SlackWorkspace, command: Interaction, answer: Answer, messages: list[Any]
) -> None:
    assert command.acknowledge(answer) == ""
    assert shown(workspace) == messages
    assert command.messages == list(workspace.messages.values())


def test_invalid_blocks_show_as_slacks_error_and_nothing_else(
    workspace: SlackWorkspace, command: Interaction
) -> None:
    answer = {"response_type": "in_channel", "text": "hi", "blocks": [{"type": "banner"}]}

    assert command.acknowledge(answer) == "invalid_blocks"
    [(kind, visible_to, text)] = shown(workspace)
    assert (kind, visible_to) == ("error", ANN.id)
    assert text.startswith('/meet failed with the error "invalid_blocks"\nblocks[0]: banner')


def test_blocks_and_buttons_get_missing_ids(command: Interaction) -> None:
    button = {"type": "button", "text": {"type": "plain_text", "text": "Join"}}
    blocks: list[Block] = [
        {"type": "actions", "elements": [button]},
        {"type": "divider", "block_id": "mine"},
    ]
    command.acknowledge({"text": "hi", "blocks": blocks})

    [actions, divider] = command.messages[0].blocks or []
    assert actions["block_id"]
    assert actions["elements"][0]["action_id"]
    assert divider["block_id"] == "mine"
    assert "block_id" not in blocks[0]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"text": "hi"}, ("app", ANN.id, "hi")),
        ({"text": "hi", "response_type": "in_channel"}, ("app", None, "hi")),
        ({"text": "hi", "replace_original": True}, ("app", ANN.id, "hi")),
        ({"text": "hi", "delete_original": True}, ("app", ANN.id, "hi")),
        ({"text": "hi", "thread_ts": "17.5"}, ("app", ANN.id, "hi")),
    ],
)
def test_a_follow_up_to_a_command_is_a_new_message_without_an_echo(
    workspace: SlackWorkspace, command: Interaction, answer: Answer, message: tuple[str, str, str]
) -> None:
    command.respond(answer)

    assert shown(workspace) == [message]


def test_a_follow_up_for_everyone_can_be_a_reply(
    workspace: SlackWorkspace, command: Interaction
) -> None:
    parent = workspace.post(CHANNEL.id, "user", "lunch?", user=ANN.id)
    for response_type in ("in_channel", "ephemeral"):
        command.respond({"text": "hi", "thread_ts": parent.id, "response_type": response_type})

    assert [message.thread for message in command.messages] == [parent.id, None]


def test_a_call_is_shown_if_slack_knows_it(workspace: SlackWorkspace, command: Interaction) -> None:
    call = workspace.calls.add("room:0", "https://meet.example.com", ANN.id)
    block = {"type": "call", "call_id": call.id}
    assert command.acknowledge({"text": "card", "blocks": [block]}) == ""

    for unknown in ("R1", ["R1"]):
        answer = {"blocks": [{**block, "call_id": unknown}]}
        assert command.acknowledge(answer) == "invalid_blocks"
        assert command.messages[-1].text.endswith(f"call_id {unknown!r}: no such call")


def test_a_click_can_replace_its_message_but_not_publish_it(
    workspace: SlackWorkspace, click: Interaction, original: ChannelMessage
) -> None:
    click.respond({"replace_original": "true", "response_type": "in_channel", "text": "after"})

    assert shown(workspace) == [("app", ANN.id, "after")]
    assert [message.id for message in click.messages] == [original.id]


def test_a_click_can_delete_its_message_and_does_nothing_else_then(
    workspace: SlackWorkspace, click: Interaction
) -> None:
    click.respond({"delete_original": True, "text": "not shown"})

    assert shown(workspace) == []


def test_a_click_can_be_answered_with_a_new_message(
    workspace: SlackWorkspace, click: Interaction
) -> None:
    click.respond({"replace_original": False, "response_type": "in_channel", "text": "card"})

    assert shown(workspace) == [("app", ANN.id, "before"), ("app", None, "card")]


@pytest.mark.parametrize("wish", ["replace_original", "delete_original"])
def test_a_deleted_message_cannot_be_changed(
    workspace: SlackWorkspace, click: Interaction, original: ChannelMessage, wish: str
) -> None:
    workspace.remove(original.id)

    with pytest.raises(RefusedAnswerError, match="message_not_found"):
        click.respond({wish: True, "text": "after"})


@pytest.mark.parametrize(
    ("answer", "error"),
    [({}, "no_text"), ({"text": ""}, "no_text"), ({"blocks": "no list"}, "invalid_blocks")],
)
def test_an_invalid_follow_up_is_rejected(command: Interaction, answer: Answer, error: str) -> None:
    with pytest.raises(RefusedAnswerError, match=error):
        command.respond(answer)


def test_slacks_own_messages_are_ephemeral(workspace: SlackWorkspace, command: Interaction) -> None:
    command.fail("operation_timeout")

    assert shown(workspace) == [
        ("error", ANN.id, '/meet failed with the error "operation_timeout"')
    ]
