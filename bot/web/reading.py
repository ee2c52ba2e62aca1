"""Read what strangers send, within bounds."""

import asyncio
from http import HTTPStatus

from aiohttp import web

from bot.web.guard import RejectedError

_SECONDS = 2.0  # in which a body has to arrive


async def read_body(request: web.Request) -> bytes:
    """Return a request's body; the application's `client_max_size` bounds it.

    Raises:
        RejectedError: it is too large or too slow.
    """
    try:
        async with asyncio.timeout(_SECONDS):
            return await request.read()
    except TimeoutError:
        raise RejectedError(HTTPStatus.REQUEST_TIMEOUT, "too slow") from None
    except web.HTTPRequestEntityTooLarge:
        raise RejectedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too large") from None


def rejection(rejected: RejectedError) -> web.Response:
    """Return the answer to a request that is not read any further."""
    return web.Response(status=rejected.status, text=rejected.status.phrase)
