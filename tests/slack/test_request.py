"""A request's user and place come from Bolt's context."""

from typing import Any

import pytest
from slack_bolt.async_app import AsyncBoltRequest

from bot.links import Conversation
from bot.slack.request import SlackRequest
from bot.workspace import Workspace

URL = "https://hooks.slack.com/x"
COMMAND = {
    "command": "/meet",
    "team_id": "T1",
    "user_id": "U1",
    "channel_id": "C1",
    "response_url": URL,
    "trigger_id": "1.2.3",
}
CLICK = {
    "type": "block_actions",
    "team": {"id": "T1"},
    "user": {"id": "U1", "team_id": "T1"},
    "channel": {"id": "C1"},
    "response_url": URL,
}
FORM = {
    "type": "view_submission",
    "team": None,
    "user": {"id": "U1", "team_id": "T1"},
    "view": {"app_installed_team_id": "E1"},
    "response_urls": [{"channel_id": "C1", "response_url": URL}],
}
ORG = {"enterprise": {"id": "E1"}, "is_enterprise_install": True}


def asked(body: dict[str, Any]) -> SlackRequest:
    """Return the request for a payload, by way of Bolt's context."""
    return SlackRequest.of(AsyncBoltRequest(body=body, mode="socket_mode").context, body)


@pytest.mark.parametrize(
    ("body", "workspace"),
    [
        (COMMAND, Workspace("T1")),
        (COMMAND | {"enterprise_id": "E1"}, Workspace("T1", "E1")),
        (
            COMMAND | {"enterprise_id": "E1", "is_enterprise_install": "true"},
            Workspace(None, "E1"),
        ),
        (CLICK, Workspace("T1")),
        (CLICK | {"team": {"id": "T1", "enterprise_id": "E1"}}, Workspace("T1", "E1")),
        (CLICK | ORG | {"team": None}, Workspace(None, "E1")),
        (FORM | ORG, Workspace(None, "E1")),
        (FORM | ORG | {"is_enterprise_install": False}, Workspace(None, "E1")),
        (FORM, Workspace(None, "E1")),
        (FORM | {"view": {"app_installed_team_id": "T1"}}, Workspace("T1")),
    ],
)
def test_every_payload_names_its_installation_user_and_workspace(
    body: dict[str, Any], workspace: Workspace
) -> None:
    request = asked(body)

    assert request.workspace == workspace
    assert (request.team_id, request.user_id, request.response_url) == ("T1", "U1", URL)


def test_a_request_has_a_conversation_and_a_form_has_none() -> None:
    assert asked(COMMAND).place == Conversation(Workspace("T1"), "C1")
    assert asked(COMMAND).trigger_id == "1.2.3"
    assert asked(FORM | ORG).place == Conversation(Workspace(None, "E1"), "")


def test_an_empty_payload_belongs_to_nobody() -> None:
    request = asked({"type": "block_actions"})

    assert (request.workspace, request.team_id, request.user_id) == (Workspace(None), "", "")
