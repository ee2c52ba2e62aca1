"""Payloads have the fields that Slack documents, and carry its signature."""

from urllib.parse import parse_qs

import pytest
from slack_sdk.signature import Clock, SignatureVerifier

from bot.sandbox.payloads import block_actions, encode, sign, slash_command
from bot.sandbox.workspace import CHANNELS, USERS, Message

ANN, BEN = USERS
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
    """The moment at which Slack's own verifier looks at a signature."""

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
    payload = slash_command(ANN, PRIVATE, '/meet <b> & "c"  us001', URL)
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
        "text": '&lt;b&gt; &amp; "c"  us001',
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
    message = Message("17.5", PUBLIC.id, 17.5, "app", None, visible_to, "Valid.", [BLOCK])
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
