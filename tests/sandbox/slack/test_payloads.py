"""Payloads have the fields that Slack documents, and its signature."""

from urllib.parse import parse_qs

import pytest
from slack_sdk.signature import Clock, SignatureVerifier

from bot.sandbox.slack.payloads import (
    block_actions,
    encode,
    global_shortcut,
    message_shortcut,
    sign,
    slash_command,
    view_submission,
)
from bot.sandbox.slack.workspace import CHANNELS, USERS, ChannelMessage

ANN, BEN = USERS[:2]
PUBLIC, PRIVATE, _ = CHANNELS
URL = "http://127.0.0.1/response/abc"
BUTTON = {
    "type": "button",
    "action_id": "share_meeting",
    "text": {"type": "plain_text", "text": "Share here"},
    "value": "{}",
    "accessibility_label": "Post it here",
}
BLOCK = {"type": "actions", "block_id": "b1", "elements": [BUTTON]}


class At(Clock):
    """A clock for Slack's own signature verifier."""

    def __init__(self, now: float) -> None:
        self._now = now

    def now(self) -> float:
        return self._now


@pytest.mark.parametrize(
    ("secret", "body", "now", "verdict"),
    [
        ("secret", b"text=%26", 1000.9, "valid"),
        ("other", b"text=%26", 1000.9, "wrong"),
        ("secret", b"text=&", 1000.9, "wrong"),
        ("secret", b"text=%26", 1301.0, "wrong"),
    ],
)
def test_the_signature_is_slacks(secret: str, body: bytes, now: float, verdict: str) -> None:
    headers = sign(b"text=%26", 1000.9, "secret")

    is_valid = SignatureVerifier(secret, At(now)).is_valid_request(body, headers)
    assert is_valid is (verdict == "valid")


def test_a_command_has_slacks_fields() -> None:
    payload = slash_command(ANN, PRIVATE, '/meet a\n"c"  us001', URL)
    trigger_id = payload.pop("trigger_id")

    assert payload == {
        "token": "not-to-be-relied-on",
        "team_id": "T04LIGHTHS",
        "team_domain": "lighthouse-works",
        "channel_id": PRIVATE.id,
        "channel_name": "privategroup",
        "user_id": ANN.id,
        "user_name": "maya",
        "command": "/meet",
        "text": 'a\n"c"  us001',
        "api_app_id": "A04MEETAPP",
        "is_enterprise_install": "false",
        "response_url": URL,
    }
    assert len(trigger_id.split(".")) == 3


def test_a_command_is_posted_as_a_form_with_empty_fields() -> None:
    fields = parse_qs(encode(slash_command(ANN, PUBLIC, "/meet", URL)), keep_blank_values=True)

    assert fields[b"command"] == [b"/meet"]
    assert fields[b"text"] == [b""]


def click(visible_to: str | None) -> dict[str, object]:
    message = ChannelMessage("17.5", PUBLIC.id, 17.5, "app", None, visible_to, "Valid.", [BLOCK])
    return block_actions(BEN, PUBLIC, message, BLOCK, BUTTON, response_url=URL, now=18.25)


def test_a_click_has_slacks_fields() -> None:
    payload = click(None)

    assert payload["type"] == "block_actions"
    assert payload["user"] == {
        "id": BEN.id,
        "username": "jonas",
        "name": "jonas",
        "team_id": "T04LIGHTHS",
    }
    assert payload["container"] == {
        "type": "message",
        "message_ts": "17.5",
        "channel_id": PUBLIC.id,
        "is_ephemeral": False,
    }
    assert payload["channel"] == {"id": PUBLIC.id, "name": "team-standup"}
    assert payload["team"] == {"id": "T04LIGHTHS", "domain": "lighthouse-works"}
    assert (payload["enterprise"], payload["is_enterprise_install"]) == (None, False)
    assert (payload["response_url"], payload["state"]) == (URL, {"values": {}})


def test_a_click_carries_the_button_and_its_message() -> None:
    payload = click(None)

    assert payload["actions"] == [
        {
            "block_id": "b1",
            "action_id": "share_meeting",
            "text": {"type": "plain_text", "text": "Share here"},
            "value": "{}",
            "type": "button",
            "action_ts": "18.250000",
        }
    ]
    message = payload["message"]
    assert isinstance(message, dict)
    assert (message["ts"], message["text"], message["blocks"]) == ("17.5", "Valid.", [BLOCK])


def test_a_click_on_an_ephemeral_message_does_not_carry_it() -> None:
    payload = click(BEN.id)

    assert "message" not in payload
    assert payload["container"] == {
        "type": "message",
        "message_ts": "17.5",
        "channel_id": PUBLIC.id,
        "is_ephemeral": True,
    }
    assert encode(payload).startswith(b"payload=%7B%22type%22")


def test_a_click_on_a_menu_carries_the_option() -> None:
    option = {"text": {"type": "plain_text", "text": "End"}, "value": "signed"}
    dialog = {"title": {"type": "plain_text", "text": "End?"}}
    menu = {"type": "overflow", "action_id": "more", "options": [option], "confirm": dialog}
    message = ChannelMessage("17.5", PUBLIC.id, 17.5, "app", None, None, "Card", [BLOCK])
    payload = block_actions(
        ANN, PUBLIC, message, BLOCK, menu, option=option, response_url=URL, now=18.25
    )

    assert payload["actions"] == [
        {
            "block_id": "b1",
            "type": "overflow",
            "action_id": "more",
            "confirm": dialog,
            "selected_option": option,
            "action_ts": "18.250000",
        }
    ]


def test_a_global_shortcut_has_no_channel() -> None:
    payload = global_shortcut(ANN, "new_meeting", now=18.25)
    trigger_id = payload.pop("trigger_id")

    assert payload == {
        "type": "shortcut",
        "token": "not-to-be-relied-on",
        "action_ts": "18.250000",
        "team": {"id": "T04LIGHTHS", "domain": "lighthouse-works"},
        "user": {"id": ANN.id, "username": "maya", "name": "maya", "team_id": "T04LIGHTHS"},
        "is_enterprise_install": False,
        "enterprise": None,
        "callback_id": "new_meeting",
    }
    assert len(trigger_id.split(".")) == 3


def test_a_message_shortcut_has_the_message_in_slacks_form() -> None:
    reply = ChannelMessage(
        "18.5", PRIVATE.id, 18.5, "user", BEN.id, None, "<@U1> &amp; c", [BLOCK], "17.5"
    )
    payload = message_shortcut(ANN, "start_here", PRIVATE, reply, response_url=URL, now=19.0)

    assert payload["type"] == "message_action"
    assert payload["channel"] == {"id": PRIVATE.id, "name": "privategroup"}
    assert (payload["message_ts"], payload["response_url"]) == ("18.5", URL)
    assert payload["message"] == {
        "type": "message",
        "team": "T04LIGHTHS",
        "ts": "18.5",
        "user": BEN.id,
        "text": "<@U1> &amp; c",
        "blocks": [BLOCK],
        "thread_ts": "17.5",
    }


def test_a_submission_has_the_view_and_response_urls() -> None:
    view = {"id": "V1", "state": {"values": {}}}
    payload = view_submission(ANN, view, [{"channel_id": PUBLIC.id, "response_url": URL}])

    assert (payload["type"], payload["view"], payload["user"]["id"]) == (
        "view_submission",
        view,
        ANN.id,
    )
    assert payload["response_urls"] == [{"channel_id": PUBLIC.id, "response_url": URL}]
    assert encode(payload).startswith(b"payload=%7B%22type%22")
