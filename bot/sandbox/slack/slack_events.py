"""Tell the bot what happens in Slack: the Events API."""

import secrets
from collections.abc import Mapping
from typing import Any

from bot.sandbox.slack.delivery import Ack, Retry
from bot.sandbox.slack.events import (
    APP_UNINSTALLED,
    event_callback,
    tokens_revoked,
    url_verification,
)
from bot.sandbox.slack.installs import REVOKED, UNINSTALLED
from bot.sandbox.slack.server import SlackServer
from bot.sandbox.slack.teams import HOME, PLACES, Place, Team, id_of


class SlackEvents(SlackServer):
    """Slack with what an app hears from it unasked."""

    async def event(
        self, event: Mapping[str, Any], *, team: Place | str = HOME, retries: int = 0
    ) -> Ack:
        """Send an event, and wait for the last acknowledgement.

        Args:
            event: with its `type`.
            team: the workspace, or the organisation, where it happened.
            retries: how often it is sent again after a failure; Slack does so 3 times, but waits.
        """
        place = PLACES[id_of(team)]
        installation = (
            self.installs.covering(place)
            if isinstance(place, Team)
            else self.installs.by_place.get(place.id)
        )
        payload = event_callback(event, place, installation, self._clock())
        ack = await self.deliver(payload)
        for number in range(1, retries + 1):
            if not ack.error:
                break
            ack = await self.deliver(payload, Retry(number, ack.error))
        return ack

    async def verify_url(self) -> bool:
        """Ask the Request URL for a challenge, and tell whether it came back."""
        challenge = secrets.token_urlsafe(24)
        ack = await self.deliver(url_verification(challenge))
        return challenge in (ack.answer.get("challenge"), ack.answer.get("text"))

    async def revoke(self, team: Place | str = HOME) -> Ack:
        """Revoke the bot's tokens in a workspace or an organisation, and tell the bot."""
        place = PLACES[id_of(team)]
        self.installs.end(place, REVOKED)
        return await self.event(tokens_revoked(place), team=place)

    async def uninstall(
        self, team: Place | str = HOME, *, revoked_first: bool = True
    ) -> tuple[Ack, Ack]:
        """Take the app out of a workspace or an organisation, and tell the bot by two events.

        Args:
            team: where.
            revoked_first: the order of the events, which Slack does not promise.
        """
        place = PLACES[id_of(team)]
        self.installs.end(place, UNINSTALLED)
        revoked, uninstalled = tokens_revoked(place), APP_UNINSTALLED
        first, second = (revoked, uninstalled) if revoked_first else (uninstalled, revoked)
        return await self.event(first, team=place), await self.event(second, team=place)
