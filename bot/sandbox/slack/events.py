"""Write what the Events API sends.

https://docs.slack.dev/apis/events-api#callback-field
https://docs.slack.dev/reference/events/tokens_revoked
https://docs.slack.dev/reference/events/app_uninstalled
"""

import secrets
from collections.abc import Mapping
from typing import Any

from bot.sandbox.slack.installs import Installation
from bot.sandbox.slack.payloads import APP_ID, VERIFICATION_TOKEN, Payload
from bot.sandbox.slack.teams import Enterprise, Place, Team

APP_UNINSTALLED: Mapping[str, Any] = {"type": "app_uninstalled"}


def tokens_revoked(place: Place) -> dict[str, Any]:
    """Return the event that the bot's tokens are refused from now on."""
    return {"type": "tokens_revoked", "tokens": {"bot": [place.bot_user_id]}}


def event_callback(
    event: Mapping[str, Any], place: Place, installation: Installation | None, now: float
) -> Payload:
    """Return an event in its envelope.

    Args:
        event: with its `type`.
        place: where it happened; one of a whole organisation has no team_id.
        installation: that may see it, if there still is one.
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
    """Return the question whether a Request URL is the app's."""
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
