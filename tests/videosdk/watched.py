"""A transport that records outgoing requests."""

from collections.abc import Callable

import httpx


class Watched(httpx.AsyncBaseTransport):
    """Wraps a transport, and records its requests.

    Attributes:
        requests: the requests that were sent.
        closed: whether it was closed.
    """

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        change: Callable[[httpx.Request], None] = lambda _: None,
    ) -> None:
        self._inner = inner
        self._change = change
        self.requests: list[httpx.Request] = []
        self.closed = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self._change(request)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        self.closed = True
        await self._inner.aclose()
