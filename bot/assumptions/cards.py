"""Checks of the app's token, and of the blocks in the bot's cards."""

import json

from bot.assumptions.answers import Answer, NotTriedError
from bot.assumptions.target import Target
from bot.meetings import Invitation, Region
from bot.slack.cards import Started, invitation_card


async def scopes(target: Target) -> str:
    """Ask Slack which team the token belongs to."""
    answer = await target.slack.ask("auth.test")
    if answer.error:
        return answer.error
    if not answer.at("team_id"):
        return "no team_id"
    return "team and scopes" if answer.headers.get("x-oauth-scopes") else "no scopes"


async def card(target: Target) -> str:
    """Let Slack validate the blocks of a card."""
    answer = await _validate(target, None)
    return answer.error or "valid"


async def live_card(target: Target) -> str:
    """Let Slack validate the blocks of a card with a call in it."""
    answer = await _validate(target, target.slack.call)
    return answer.error or "valid"


async def _validate(target: Target, call_id: str | None) -> Answer:
    invitation = Invitation(
        "abcd-efgh-ijkl",
        name="Weekly sync",
        region=Region("us001", "Fremont, CA"),
        asked_region=Region("eu001", "Frankfurt"),
        join_url="https://example.com/join",
    )
    started = Started("U012AB3CD", call_id=call_id, can_end=True)
    blocks = invitation_card(invitation, started)["blocks"]
    answer = await target.slack.ask("blocks.validate", blocks=json.dumps(blocks))
    if answer.error == "unknown_method":
        raise NotTriedError("Slack does not have blocks.validate here")
    return answer
