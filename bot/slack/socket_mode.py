"""Socket Mode: Slack sends its requests over a WebSocket that the bot opens."""

import asyncio
import logging
from contextlib import suppress
from math import inf
from time import monotonic, time

import aiohttp
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings.settings import SettingsError
from bot.slack.background import Background
from bot.slack.failures import Failure, Meaning
from bot.slack.pauses import Pauses
from bot.slack.socket_connection import SocketConnection
from bot.telemetry.logs import request as logged

LOG = logging.getLogger(__name__)

STABLE = 10.0  # seconds after which a connection counts as stable

_FIRST_TRY = 3.0  # seconds that start-up waits for the first try
_REFRESH = ("disconnect: warning", "disconnect: refresh_requested")  # Slack, every few hours


class SocketMode:
    """Connection that passes requests to Bolt, and reconnects when it ends.

    One task opens connections one after the other, with exponential backoff.

    Args:
        bolt: the app that answers.
        app_token: Slack's app-level token, `xapp-…`, with the scope `connections:write`.
        api_url: the Web API's address.
        session: opens the connections; closed with the last one.
    """

    def __init__(
        self, bolt: AsyncApp, app_token: str, api_url: str, session: aiohttp.ClientSession
    ) -> None:
        self._connecting: asyncio.Task[None] | None = None
        self._bolt = bolt
        self._app_token = app_token
        self._session = session
        self._web_client = AsyncWebClient(base_url=api_url, session=session, retry_handlers=[])
        self._web_client.proxy = None  # slack_sdk reads HTTPS_PROXY; the session has its own
        self._connection: SocketConnection | None = None
        self._tried = asyncio.Event()
        self._greeted_at = inf  # monotonic seconds
        self._was_connected = False
        self._warned_of = ""
        self._tasks = Background()

    async def open(self) -> asyncio.Future[None]:
        """Start connecting, wait a moment for the first try, and return the connecting task.

        The task ends by itself only with a SettingsError, if Slack rejects the app token before it
        has ever accepted it.

        Raises:
            SettingsError: Slack rejected the app token on the first try.
        """
        self._connecting = asyncio.create_task(self._keep_connected())
        trying = asyncio.create_task(self._tried.wait())
        await asyncio.wait(
            {self._connecting, trying}, timeout=_FIRST_TRY, return_when=asyncio.FIRST_COMPLETED
        )
        trying.cancel()
        if self._connecting.done():
            self._connecting.result()
        return self._connecting

    async def is_connected(self) -> bool:
        """Return whether Slack can reach the bot now."""
        return self._connection is not None and self._connection.is_open

    async def close(self, seconds: float) -> None:
        """Let answers in flight finish, for at most `seconds`, then disconnect."""
        await self._tasks.drain(seconds)
        if self._connecting:
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)
        await self._drop()
        await self._session.close()

    async def _keep_connected(self) -> None:
        pauses = Pauses()
        while True:
            self._greeted_at = inf
            failure = await self._connect()
            self._tried.set()
            if monotonic() - self._greeted_at > STABLE:
                pauses.reset()
                self._warned_of = ""
                if failure.reason in _REFRESH:
                    continue  # the old connection stays until the new one is greeted
            if failure.meaning is Meaning.WRONG_TOKEN and not self._was_connected:
                raise SettingsError([_rejected(failure.reason)])
            self._warn(failure.reason)
            await asyncio.sleep(pauses.next(failure.retry_after))
            await self._drop()

    async def _connect(self) -> Failure:
        """Open a connection, use it until it ends, and return why it ended."""
        client = self._web_client
        try:
            opened = await client.apps_connections_open(app_token=self._app_token)
            connection = await SocketConnection.open(self._session, str(opened["url"]))
            return Failure(await self._use(connection))
        except Exception as error:  # noqa: BLE001 - whatever Slack sends, the next try follows
            return Failure.of(error)

    async def _use(self, connection: SocketConnection) -> str:
        """Take requests from a connection until it ends, and return why it ended."""
        old, self._connection = self._connection, connection
        try:
            return await connection.listen(
                lambda: self._greet(old), lambda request: self._take(connection, request)
            )
        finally:
            await _close(old)

    def _greet(self, old: SocketConnection | None) -> None:
        LOG.info("connected to Slack")
        self._greeted_at = monotonic()
        self._was_connected = True
        self._tried.set()
        self._tasks.start(_close(old))

    def _take(self, connection: SocketConnection, request: SocketModeRequest) -> None:
        self._tasks.start(self._answer(connection, request))

    async def _answer(self, connection: SocketConnection, request: SocketModeRequest) -> None:
        logged.set({"request_id": request.envelope_id} | _retry(request))
        began = time()
        try:
            answer = await run_async_bolt_app(self._bolt, request)
        except Exception as error:  # noqa: BLE001 - Bolt reads payloads without checking them first
            LOG.error("request not understood", extra={"cause": type(error).__name__})  # noqa: TRY400 - no payload in the log
            return
        for one in (connection, self._connection or connection):
            with suppress(OSError):
                await send_async_response(one, request, answer, began)
                return
        LOG.warning("answer not sent, since the connection to Slack is gone")

    def _warn(self, reason: str) -> None:
        """Log why there is no connection, unless the reason is the last one again."""
        if reason != self._warned_of:
            LOG.warning("not connected to Slack", extra={"reason": reason})
            self._warned_of = reason

    async def _drop(self) -> None:
        old, self._connection = self._connection, None
        await _close(old)


async def _close(connection: SocketConnection | None) -> None:
    if connection:
        await connection.close()


def _rejected(reason: str) -> str:
    return (
        f"Slack rejects SLACK_APP_TOKEN ({reason}). Make one with the scope connections:write: "
        "api.slack.com/apps, your app, Basic Information, App-Level Tokens."
    )


def _retry(request: SocketModeRequest) -> dict[str, object]:
    """Return the number of Slack's retry as a log field, if the request is a retry."""
    return {"slack_retry": request.retry_attempt} if request.retry_attempt else {}
