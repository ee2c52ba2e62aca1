"""Give every request an id, which its log lines and its answer carry."""

import re
import secrets

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.telemetry.logs import request as logged

HEADER = "X-Request-ID"  # https://devcenter.heroku.com/articles/http-request-id
_GIVEN = re.compile(r"[\w-]{8,64}", re.ASCII)


@web.middleware
async def with_request_id(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Take the id that the host's router gives, or make one."""
    given = request.headers.get(HEADER, "")
    request_id = given if _GIVEN.fullmatch(given) else secrets.token_hex(16)
    logged.set({"request_id": request_id})
    try:
        response = await handler(request)
    except web.HTTPException as error:
        error.headers[HEADER] = request_id
        raise
    response.headers[HEADER] = request_id
    return response
