"""Parse requests and build responses, in the way that both versions of VideoSDK's API share."""

import json
from collections.abc import Callable
from typing import Literal

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox.videosdk.rooms import Record


class RefusedError(Exception):
    """The API rejects a request. A few calls send the message as plain text instead of JSON."""

    def __init__(self, status: int, error: str, form: Literal["json", "text"] = "json") -> None:
        super().__init__(error)
        self.status = status
        self.form = form


@web.middleware
async def answer_refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn a RefusedError into its response."""
    try:
        return await handler(request)
    except RefusedError as refused:
        if refused.form == "text":
            return web.Response(status=refused.status, text=str(refused))
        return error(refused.status, str(refused))


def error(status: int, message: str) -> web.Response:
    """Return an error in VideoSDK's usual form."""
    return web.json_response({"statusCode": status, "error": message}, status=status)


def parsed(content: bytes) -> object:
    """Parse JSON; return None if it isn't valid."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


async def fields_of(request: web.Request) -> Record:
    """Return the JSON object in a request's body; {} if there is no body.

    Raises:
        RefusedError: the body is something else.
    """
    content = await request.read()
    fields = parsed(content) if content else {}
    if not isinstance(fields, dict):
        raise RefusedError(400, "Request body is not a JSON object.")
    return fields


def text_field(fields: Record, name: str) -> str | None:
    """Return a text field, or None if it is missing.

    Raises:
        RefusedError: it is empty, or not a text.
    """
    value = fields.get(name)
    if name in fields and (not isinstance(value, str) or not value):
        raise RefusedError(400, f"'{name}' field is invalid.")
    return value


def participant_field(fields: Record) -> str:
    """Return the required participantId of a body.

    Raises:
        RefusedError: it is missing.
    """
    participant_id = fields.get("participantId")
    if not isinstance(participant_id, str) or not participant_id:
        # VideoSDK's spelling
        raise RefusedError(400, "`PartcipantId` is required in request body.")
    return participant_id


def listing(
    request: web.Request, records: list[Record], show: Callable[[Record], Record]
) -> web.Response:
    """Return a page of records, in VideoSDK's list envelope.

    Args:
        request: says which page, in its query.
        records: all records, newest first.
        show: converts a record to its form in the response.
    """
    info, part = page_of(request, records)
    return web.json_response({"pageInfo": info, "data": [show(record) for record in part]})


def page_of(request: web.Request, records: list[Record]) -> tuple[Record, list[Record]]:
    """Return the pageInfo and the records of the page that a request asks for."""
    page = _positive(request.query.get("page"), 1)
    per_page = _positive(request.query.get("perPage"), 20)
    info = {
        "currentPage": page,
        "perPage": per_page,
        "lastPage": max(1, -(-len(records) // per_page)),
        "total": len(records),
    }
    return info, records[(page - 1) * per_page : page * per_page]


def _positive(text: str | None, default: int) -> int:
    """Parse a positive number from a query; return the default if it isn't a number."""
    try:
        return max(1, int(text or default))
    except ValueError:
        return default
