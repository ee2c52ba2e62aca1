"""Slack's requests by HTTP: verify them, then pass them to Bolt."""

import logging
from http import HTTPStatus

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest

from bot.telemetry.logs import request as logged
from bot.web.guard import SSL_CHECK, Guard, RejectedError
from bot.web.server import read_body, rejection

LOG = logging.getLogger(__name__)


class SlackEvents:
    """The endpoint for Slack's commands, clicks and events.

    Args:
        bolt: the app that answers requests.
        guard: verifies requests.
    """

    def __init__(self, bolt: AsyncApp, guard: Guard) -> None:
        self._bolt = bolt
        self._guard = guard

    async def handle(self, request: web.Request) -> web.Response:
        """Answer a request from Slack; reject any other with a bare status."""
        try:
            body = await read_body(request)
            if SSL_CHECK.fullmatch(body):
                return web.Response()
            payload = self._guard.admit(request.headers, body)
        except RejectedError as rejected:
            LOG.warning("request rejected", extra={"reason": str(rejected)})
            return rejection(rejected)
        if retry := request.headers.get("X-Slack-Retry-Num"):
            logged.set({**logged.get(), "slack_retry": retry})
        try:
            # In this mode, Bolt takes a body that is parsed already.
            parsed = AsyncBoltRequest(body=payload, mode="socket_mode")
            return await to_aiohttp_response(await self._bolt.async_dispatch(parsed))
        except Exception as error:  # noqa: BLE001 - Bolt digs into payloads without looking first
            LOG.error("request not understood", extra={"cause": type(error).__name__})  # noqa: TRY400 - no body in the log
            return web.Response(status=HTTPStatus.BAD_REQUEST, text="Bad Request")
