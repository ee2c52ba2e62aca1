"""The Events API: send events to the bot.

https://docs.slack.dev/apis/events-api#callback-field
https://docs.slack.dev/reference/events/tokens_revoked
https://docs.slack.dev/reference/events/app_uninstalled
"""

import secrets
from collections.abc import Collection, Mapping
from typing import Any

from bot.sandbox.slack.delivery import Ack, Retry
from bot.sandbox.slack.installs import REVOKED, UNINSTALLED, Installation
from bot.sandbox.slack.payloads import APP_ID, VERIFICATION_TOKEN, Payload
from bot.sandbox.slack.server import SlackServer
from bot.sandbox.slack.teams import HOME, PLACES, Enterprise, Place, Team, id_of
from bot.sandbox.slack.unfurls import READ
from bot.sandbox.slack.workspace import Block, ChannelMessage

APP_UNINSTALLED: Mapping[str, Any] = {"type": "app_uninstalled"}


class SlackWithEvents(SlackServer):
    """Slack with the Events API.

    Attributes:
        unfurl_domains: the manifest's domains; links to them cause an event.
    """

    unfurl_domains: Collection[str] = ()

    async def say(
        self, channel: str, typed: str, *, user: str, team: Team | str = HOME
    ) -> ChannelMessage:
        """Post a user's message, and send the event about its links."""
        tenant = self.tenants.of(team)
        message = tenant.say(channel, typed, user=user)
        event = tenant.unfurls.sent(message, self.unfurl_domains)
        await self._send_link_shared(event, tenant.team)
        return message

    async def compose(self, typed: str, *, user: str, team: Team | str = HOME) -> list[Block]:
        """Type into the composer without sending, and return the blocks below its links."""
        tenant = self.tenants.of(team)
        event = tenant.unfurls.pasted(typed, user, self.unfurl_domains)
        await self._send_link_shared(event, tenant.team)
        return tenant.unfurls.preview(event["unfurl_id"]) if event else []

    async def _send_link_shared(self, event: Mapping[str, Any] | None, team: Team) -> None:
        installation = self.installs.covering(team)
        if event and installation and READ in installation.scopes:
            await self.event(event, team=team)

    async def event(
        self, event: Mapping[str, Any], *, team: Place | str = HOME, retries: int = 0
    ) -> Ack:
        """Send an event, and wait for the last acknowledgement.

        Args:
            event: the event, with its `type`.
            team: the workspace or organisation where it happened.
            retries: how often to retry after a failure; Slack does 3 times, with pauses.
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
        """Send a challenge to the Request URL, and return whether it came back."""
        challenge = secrets.token_urlsafe(24)
        ack = await self.deliver(url_verification(challenge))
        return challenge in (ack.answer.get("challenge"), ack.answer.get("text"))

    async def revoke(self, team: Place | str = HOME) -> Ack:
        """Revoke the bot's tokens in a workspace or organisation, and send the event."""
        place = PLACES[id_of(team)]
        self.installs.end(place, REVOKED)
        return await self.event(tokens_revoked(place), team=place)

    async def uninstall(
        self, team: Place | str = HOME, *, revoked_first: bool = True
    ) -> tuple[Ack, Ack]:
        """Uninstall the app from a workspace or organisation, and send the two events.

        Args:
            team: the workspace or organisation.
            revoked_first: the order of the events, which Slack doesn't guarantee.
        """
        place = PLACES[id_of(team)]
        self.installs.end(place, UNINSTALLED)
        revoked, uninstalled = tokens_revoked(place), APP_UNINSTALLED
        first, second = (revoked, uninstalled) if revoked_first else (uninstalled, revoked)
        return await self.event(first, team=place), await self.event(second, team=place)


def tokens_revoked(place: Place) -> dict[str, Any]:
    """Return the event that the bot's tokens were revoked."""
    return {"type": "tokens_revoked", "tokens": {"bot": [place.bot_user_id]}}


def event_callback(
    event: Mapping[str, Any], place: Place, installation: Installation | None, now: float
) -> Payload:
    """Return an event in its outer payload.

    Args:
        event: the event, with its `type`.
        place: where it happened; in a whole organisation, there is no team_id.
        installation: the installation that may see it, if there still is one.
        now: seconds since 1970.
    """
    ids = _ids(place)
    return {
        "token": VERIFICATION_TOKEN,
        **{name: value for name, value in ids.items() if value},
        "api_app_id": APP_ID,
        "event": dict(event),
        "type": "event_callback",
        "event_id": f"Ev04{secrets.token_hex(4).upper()}",
        "event_time": int(now),
        **({"authorizations": [_authorization(installation)]} if installation else {}),
        "is_ext_shared_channel": False,
    }


def url_verification(challenge: str) -> Payload:
    """Return the payload that verifies a Request URL."""
    return {"token": VERIFICATION_TOKEN, "challenge": challenge, "type": "url_verification"}


def _authorization(installation: Installation) -> Payload:
    return {
        **_ids(installation.place),
        "user_id": installation.place.bot_user_id,
        "is_bot": True,
        "is_enterprise_install": isinstance(installation.place, Enterprise),
    }


def _ids(place: Place) -> dict[str, str | None]:
    if isinstance(place, Team):
        enterprise = place.enterprise
        return {"team_id": place.id, "enterprise_id": enterprise.id if enterprise else None}
    return {"team_id": None, "enterprise_id": place.id}
