"""Let Slack reach the bot by Socket Mode, over a connection that the bot opens itself."""

import asyncio
from contextlib import suppress
from time import time
from typing import Any

from aiohttp import ClientSession
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.logs import request as logged
from bot.settings import StartError


class SocketMode:
    """A connection that hands what comes over it to Bolt, and opens itself anew when it breaks.

    Args:
        bolt: the app that answers.
        app_token: Slack's app-level token, `xapp-…`, with the scope `connections:write`.
        api_url: where Slack's Web API is.
        session: makes every connection, and is closed with this one.
    """

    def __init__(
        self, bolt: AsyncApp, app_token: str, api_url: str, session: ClientSession
    ) -> None:
        self._bolt = bolt
        web_client = AsyncWebClient(token=app_token, base_url=api_url, session=session)
        self._client = SocketModeClient(app_token=app_token, web_client=web_client)
        self._client.aiohttp_client_session.detach()  # its own, which follows no policy
        self._client.aiohttp_client_session = session
        web_client.proxy = self._client.proxy = None  # slack_sdk reads HTTPS_PROXY by itself
        self._client.socket_mode_request_listeners.append(self._handle)
        self._answering: set[asyncio.Task[Any]] = set()
        self._connecting: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Start connecting; while Slack cannot be reached, it is tried again and again.

        Raises:
            StartError: Slack was reached, and refuses the token: nothing would ever come in.
        """
        try:
            self._client.wss_uri = await self._client.issue_new_wss_url()
        except SlackApiError as error:
            raise StartError(
                f"Slack refuses SLACK_APP_TOKEN ({error.response.get('error')}). Make one with the "
                "scope connections:write: api.slack.com/apps, your app, Basic Information, "
                "App-Level Tokens."
            ) from None
        except (SlackClientError, OSError, TimeoutError):
            pass  # connect() goes on trying
        self._connecting = asyncio.create_task(self._client.connect())  # type: ignore[no-untyped-call] # slack_sdk's

    async def is_connected(self) -> bool:
        """Tell whether Slack can reach the bot now."""
        return bool(await self._client.is_connected())

    async def close(self, seconds: float) -> None:
        """Let the answers that are being given out, at most so long, and hang up."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await asyncio.gather(*self._answering, return_exceptions=True)
        if self._connecting:
            self._connecting.cancel()
        await self._client.close()  # type: ignore[no-untyped-call] # slack_sdk's

    async def _handle(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        # slack_sdk keeps no reference to the task that it runs this in.
        answering = asyncio.create_task(self._answer(client, request))
        self._answering.add(answering)
        answering.add_done_callback(self._answering.discard)
        await answering

    async def _answer(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        logged.set({"request_id": request.envelope_id} | _retry(request))
        began = time()
        answer = await run_async_bolt_app(self._bolt, request)
        await send_async_response(client, request, answer, began)


def _retry(request: SocketModeRequest) -> dict[str, object]:
    """Return Slack's count of its tries, where it is not the first."""
    return {"slack_retry": request.retry_attempt} if request.retry_attempt else {}
