"""Serve response_urls, each of which works 5 times within 30 minutes.

https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web

from bot.sandbox.slack.delivery import json_object
from bot.sandbox.slack.interactions import Interaction, RefusedAnswerError

USES = 5
LIFETIME = 30 * 60  # seconds


@dataclass
class _ResponseUrl:
    interaction: Interaction
    issued_at: float
    uses: int = 0


class IssuedUrls:
    """The issued response_urls, and their route."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._issued: dict[str, _ResponseUrl] = {}

    def issue(self, interaction: Interaction) -> str:
        """Create a response_url, and return the secret at its end."""
        secret = secrets.token_urlsafe(24)
        self._issued[secret] = _ResponseUrl(interaction, self._clock())
        return secret

    async def take(self, request: web.Request) -> web.Response:
        """Show the posted message, or answer with the error."""
        issued = self._issued.get(request.match_info["secret"])
        if issued is None or self._clock() - issued.issued_at > LIFETIME:
            return _refuse("expired_url", HTTPStatus.NOT_FOUND)
        if issued.uses == USES:
            return _refuse("used_url", HTTPStatus.NOT_FOUND)
        issued.uses += 1
        answer = json_object(await request.read())
        if answer is None:
            return _refuse("invalid_payload", HTTPStatus.BAD_REQUEST)
        try:
            issued.interaction.respond(answer)
        except RefusedAnswerError as refusal:
            return _refuse(str(refusal), HTTPStatus.BAD_REQUEST, refusal.details)
        return web.Response(text="ok")


def _refuse(error: str, status: HTTPStatus, errors: list[str] | None = None) -> web.Response:
    details = {"errors": errors} if errors else {}
    return web.json_response({"ok": False, "error": error, **details}, status=status)
