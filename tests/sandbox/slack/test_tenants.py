"""Workspaces are separate, and payloads name their workspace."""

import json

from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.teams import BAKERY, HARBOUR, HOME, NORTH_SEA
from bot.sandbox.slack.workspace import CHANNELS
from tests.sandbox.bots import TinyBot, call
from tests.sandbox.modals import MODAL

PUBLIC = CHANNELS[0].id
GRID = {"enterprise_id": NORTH_SEA.id, "enterprise_name": "North Sea Group"}
BUTTON = {
    "type": "actions",
    "block_id": "b1",
    "elements": [
        {"type": "button", "action_id": "join", "text": {"type": "plain_text", "text": "Join"}}
    ],
}


async def test_a_command_names_its_team_and_is_answered_there(
    slack_standin: SlackStandIn, tiny_bot: TinyBot
) -> None:
    tiny_bot.ack = {"response_type": "in_channel", "text": "card"}
    await slack_standin.command("/meet", team=BAKERY.id)
    await tiny_bot.respond({"text": "later"})

    [received] = tiny_bot.received
    assert received.payload["team_id"] == BAKERY.id
    assert received.payload["team_domain"] == "corner-bakery"
    assert "enterprise_id" not in received.payload
    messages = await slack_standin.messages_until(lambda all_: len(all_) == 3, team=BAKERY)
    assert [message.text for message in messages] == ["/meet", "card", "later"]
    assert not slack_standin.workspace.messages


async def test_on_grid_a_command_tells_the_kind_of_installation(
    slack_standin: SlackStandIn, tiny_bot: TinyBot
) -> None:
    await slack_standin.command("/meet", team=HARBOUR)
    slack_standin.installs.add(NORTH_SEA, "U1", {"commands"})
    await slack_standin.command("/meet", team=HARBOUR)

    one, whole = (received.payload for received in tiny_bot.received)
    assert one["is_enterprise_install"] == "false"
    assert whole["is_enterprise_install"] == "true"
    assert GRID.items() <= one.items()
    assert GRID.items() <= whole.items()


async def test_clicks_and_shortcuts_have_the_team_and_its_organisation_as_objects(
    slack_standin: SlackStandIn, tiny_bot: TinyBot
) -> None:
    slack_standin.installs.add(NORTH_SEA, "U1", {"commands"})
    workspace = slack_standin.tenants.of(HARBOUR).workspace
    message = workspace.post(PUBLIC, "app", "card", blocks=[BUTTON])
    await slack_standin.click(message, "join", team=HARBOUR)
    await slack_standin.shortcut("here", message, team=HARBOUR)
    await slack_standin.shortcut("anywhere", team=HARBOUR)

    team = {"id": HARBOUR.id, "domain": "harbour-design", **GRID}
    assert [received.payload["team"] for received in tiny_bot.received] == [team, None, None]
    for received in tiny_bot.received:
        payload = received.payload
        assert payload["enterprise"] == {"id": NORTH_SEA.id, "name": "North Sea Group"}
        assert payload["is_enterprise_install"] is True
        assert payload["user"]["team_id"] == HARBOUR.id
    clicked = tiny_bot.received[0].payload["message"]
    assert (clicked["team"], clicked["bot_id"]) == (HARBOUR.id, HARBOUR.bot_id)


async def test_a_modal_opens_in_the_workspace_of_its_trigger(
    slack_standin: SlackStandIn, tiny_bot: TinyBot
) -> None:
    whole = slack_standin.installs.add(NORTH_SEA, "U1", {"commands"})
    token = slack_standin.installs.issue(whole, None).access
    await slack_standin.shortcut("anywhere", team=HARBOUR)
    trigger_id = tiny_bot.received[-1].payload["trigger_id"]
    form = {"trigger_id": trigger_id, "view": json.dumps(MODAL)}
    answer, _ = await call(slack_standin, "views.open", token, form)
    delivery = await slack_standin.submit(answer["view"]["id"], {"region": "us"}, team=HARBOUR)

    assert answer["view"]["team_id"] == HARBOUR.id
    assert slack_standin.views.of("U04MAYA0RT") is None
    assert delivery.error == ""
    sent = tiny_bot.received[-1].payload
    assert (sent["team"], sent["is_enterprise_install"]) == (None, True)
    assert slack_standin.tenants.home.team is HOME
