"""Build the payloads that Slack sends to an app, and sign them.

https://docs.slack.dev/interactivity/implementing-slash-commands
https://docs.slack.dev/reference/interaction-payloads
"""

import hashlib
import hmac
import json
import re
import secrets
from typing import Any
from urllib.parse import urlencode

from bot.sandbox.slack.teams import Origin, Team
from bot.sandbox.slack.workspace import Block, Channel, ChannelMessage, User

APP_ID = "A04MEETAPP"
VERIFICATION_TOKEN = "not-to-be-relied-on"  # noqa: S105 - deprecated by Slack, and no secret

Payload = dict[str, Any]

_HOME = Origin()


def sign(body: bytes, timestamp: float, secret: str) -> dict[str, str]:
    """Return the two headers that prove that a body is from Slack.

    Args:
        body: exactly the bytes that are sent.
        timestamp: seconds since 1970; apps should reject one that is over 5 minutes off.
        secret: the app's signing secret.
    """
    seconds = str(int(timestamp))
    digest = hmac.new(secret.encode(), b"v0:%s:%s" % (seconds.encode(), body), hashlib.sha256)
    return {
        "X-Slack-Request-Timestamp": seconds,
        "X-Slack-Signature": f"v0={digest.hexdigest()}",
    }


def is_event(payload: Payload) -> bool:
    """Return whether a payload is from the Events API."""
    return payload.get("type") in ("event_callback", "url_verification")


def content_type(payload: Payload) -> str:
    """Return the content type with which Slack posts a payload."""
    return "application/json" if is_event(payload) else "application/x-www-form-urlencoded"


def encode(payload: Payload) -> bytes:
    """Encode a payload like Slack: an event as JSON, anything else as a form."""
    if is_event(payload):
        return json.dumps(payload).encode()
    fields = payload if "command" in payload else {"payload": json.dumps(payload)}
    return urlencode(fields).encode()


def slash_command(
    user: User, channel: Channel, line: str, response_url: str, origin: Origin = _HOME
) -> Payload:
    """Return the payload of a command line that Slack's composer has encoded."""
    command, text = [*re.split(r"\s", line, maxsplit=1), ""][:2]
    team = origin.team
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": team.id,
        "team_domain": team.domain,
        **_grid(team),
        "channel_id": channel.id,
        "channel_name": channel.payload_name,
        "user_id": user.id,
        "user_name": user.handle,
        "command": command,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "true" if origin.org_wide else "false",
        "response_url": response_url,
        "trigger_id": _trigger_id(),
    }


def block_actions(  # noqa: PLR0913 - a click has this many parts
    user: User,
    channel: Channel,
    message: ChannelMessage,
    block: Block,
    element: Block,
    *,
    option: Block | None = None,
    response_url: str,
    now: float,
    origin: Origin = _HOME,
) -> Payload:
    """Return the payload of a click on a message's button, or on an option of its menu."""
    ephemeral = message.visible_to is not None
    shown = {} if ephemeral else {"message": _message(message, origin.team)}
    names = ("type", "action_id", "text", "value", "url", "style", "confirm")
    action = {name: element[name] for name in names if name in element}
    if option:
        action["selected_option"] = option
    return {
        "type": "block_actions",
        "user": _user(user, origin.team),
        "api_app_id": APP_ID,
        "token": VERIFICATION_TOKEN,
        "container": {
            "type": "message",
            "message_ts": message.id,
            "channel_id": channel.id,
            "is_ephemeral": ephemeral,
            **({"thread_ts": message.thread} if message.thread else {}),
        },
        "trigger_id": _trigger_id(),
        **_where(origin),
        "channel": {"id": channel.id, "name": channel.payload_name},
        **shown,
        "state": {"values": {}},
        "response_url": response_url,
        "actions": [{"block_id": block["block_id"], **action, "action_ts": f"{now:.6f}"}],
    }


def global_shortcut(user: User, callback_id: str, *, now: float, origin: Origin = _HOME) -> Payload:
    """Return the payload of a global shortcut, which has no channel."""
    return {
        "type": "shortcut",
        "token": VERIFICATION_TOKEN,
        "action_ts": f"{now:.6f}",
        **_where(origin),
        **_of_org(origin),
        "user": _user(user, origin.team),
        "callback_id": callback_id,
        "trigger_id": _trigger_id(),
    }


def message_shortcut(  # noqa: PLR0913 - a shortcut with a message and its channel
    user: User,
    callback_id: str,
    channel: Channel,
    message: ChannelMessage,
    *,
    response_url: str,
    now: float,
    origin: Origin = _HOME,
) -> Payload:
    """Return the payload of a message shortcut."""
    return {
        **global_shortcut(user, callback_id, now=now, origin=origin),
        "type": "message_action",
        "channel": {"id": channel.id, "name": channel.payload_name},
        "message_ts": message.id,
        "message": _message(message, origin.team),
        "response_url": response_url,
    }


def view_submission(
    user: User, view: Block, response_urls: list[Block], origin: Origin = _HOME
) -> Payload:
    """Return the payload of a submitted modal, with its values in its state."""
    return {
        "type": "view_submission",
        **_where(origin),
        **_of_org(origin),
        "user": _user(user, origin.team),
        "api_app_id": APP_ID,
        "token": VERIFICATION_TOKEN,
        "trigger_id": _trigger_id(),
        "view": view | _installed(origin),
        "response_urls": response_urls,
    }


def _where(origin: Origin) -> Payload:
    """Return the fields of interactions about the workspace and its organisation."""
    team, enterprise = origin.team, origin.team.enterprise
    return {
        "team": {"id": team.id, "domain": team.domain, **_grid(team)},
        "enterprise": {"id": enterprise.id, "name": enterprise.name} if enterprise else None,
        "is_enterprise_install": origin.org_wide,
    }


def _of_org(origin: Origin) -> Payload:
    """Return the fields that change if the app is installed for a whole organisation.

    Only `user` names the workspace then: https://github.com/slackapi/bolt-python/pull/23
    """
    return {"team": None} if origin.org_wide else {}


def _installed(origin: Origin) -> Payload:
    """Return a view's fields about the installation, which may be an organisation's."""
    enterprise = origin.team.enterprise
    return {"app_installed_team_id": enterprise.id} if origin.org_wide and enterprise else {}


def _grid(team: Team) -> Payload:
    if team.enterprise is None:
        return {}
    return {"enterprise_id": team.enterprise.id, "enterprise_name": team.enterprise.name}


def _user(user: User, team: Team) -> Payload:
    return {"id": user.id, "username": user.handle, "name": user.handle, "team_id": team.id}


def _message(message: ChannelMessage, team: Team) -> Payload:
    """Return a message in the form of payloads."""
    author: Payload = {"user": message.user}
    if message.kind == "app":
        author = {"user": team.bot_user_id, "bot_id": team.bot_id, "app_id": APP_ID}
    return {
        "type": "message",
        "team": team.id,
        "ts": message.id,
        **author,
        "text": message.text,
        **({"blocks": message.blocks} if message.blocks else {}),
        **({"thread_ts": message.thread} if message.thread else {}),
    }


def _trigger_id() -> str:
    number = secrets.randbelow(10**12)
    return f"{number}.{number + 1}.{secrets.token_hex(16)}"
