"""An aiohttp session for slack_sdk: Slack's Web API and Socket Mode."""

import time

import aiohttp

from bot.telemetry.metrics import NO_METRICS, Metrics
from bot.transport.calls import SLACK, Call
from bot.transport.http import connector
from bot.transport.policy import DIRECT, HEADERS, MAX_REPLY, Policy
from bot.transport.pools import Pools

DEADLINE = 10.0  # seconds for one call to Slack's Web API

_SWITCHING_PROTOCOLS, _REDIRECTS = 101, range(300, 400)


class RejectedReplyError(aiohttp.ClientError, OSError):
    """A reply that is too large, or a redirect."""


def open_slack(
    metrics: Metrics = NO_METRICS, policy: Policy = DIRECT, pools: Pools | None = None
) -> aiohttp.ClientSession:
    """Return a session for slack_sdk; the caller must close it.

    A call waits for a slot in its pool, and is timed from then until its reply has been read.
    Redirects and replies over 1 MiB raise RejectedReplyError.

    Args:
        metrics: record the calls; the operation is the last part of the URL.
        policy: proxy and certificates.
        pools: the pools of slots; new ones if None.
    """
    return aiohttp.ClientSession(
        connector=connector(policy),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=DEADLINE),
        auto_decompress=False,
        response_class=_Reply,
        middlewares=[_call(metrics, pools or Pools()), *policy.middlewares()],
    )


def _call(metrics: Metrics, pools: Pools) -> aiohttp.ClientMiddlewareType:
    async def middleware(
        request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        request.headers.update(HEADERS)
        name = request.url.name
        give_back = await pools.take(Call(SLACK, name))
        began, outcome = time.perf_counter(), ""
        try:
            response = await handler(request)
            if response.status in _REDIRECTS:
                response.close()
                raise RejectedReplyError("a redirect, which is never followed")  # noqa: TRY301 - counted below
            if response.status != _SWITCHING_PROTOCOLS:  # a WebSocket's body never ends
                await response.read()
            outcome = str(response.status)
        except BaseException as error:
            outcome = type(error).__name__
            raise
        finally:
            give_back()
            metrics.called(SLACK, name, outcome, began)
        return response

    return middleware


class _Reply(aiohttp.ClientResponse):
    """A response whose body may have at most 1 MiB."""

    async def read(self) -> bytes:
        """Return the body.

        Raises:
            RejectedReplyError: it is too large.
        """
        if self._body is None:
            body = bytearray()
            try:
                async for chunk in self.content.iter_any():
                    body += chunk
                    if len(body) > MAX_REPLY:
                        break
                else:
                    self._body = bytes(body)
            finally:
                if self._body is None:
                    self.close()
            if self._body is None:
                raise RejectedReplyError("a reply of over 1 MiB")
        return await super().read()
