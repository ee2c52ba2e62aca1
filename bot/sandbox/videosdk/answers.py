"""Read the requests of VideoSDK's API and write its answers, alike in both versions."""

import json
from collections.abc import Callable
from typing import Literal

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox.videosdk.rooms import Record


class RefusedError(Exception):
    """The API says no, with a status and words, which a few calls send as plain text."""

    def __init__(self, status: int, error: str, form: Literal["json", "text"] = "json") -> None:
        super().__init__(error)
        self.status = status
        self.form = form


@web.middleware
async def answer_refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn a RefusedError into the answer it stands for."""
    try:
        return await handler(request)
    except RefusedError as refused:
        if refused.form == "text":
            return web.Response(status=refused.status, text=str(refused))
        return error(refused.status, str(refused))


def error(status: int, words: str) -> web.Response:
    """Return VideoSDK's usual error."""
    return web.json_response({"statusCode": status, "error": words}, status=status)


def parsed(content: bytes) -> object:
    """Return what the JSON says, or None where it is none."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


async def fields_of(request: web.Request) -> Record:
    """Return the JSON object in a body; no body at all is an empty one.

    Raises:
        RefusedError: it is something else.
    """
    content = await request.read()
    fields = parsed(content) if content else {}
    if not isinstance(fields, dict):
        raise RefusedError(400, "Request body is not a JSON object.")
    return fields


def text_field(fields: Record, name: str) -> str | None:
    """Return a field that is a text, or None where it is absent.

    Raises:
        RefusedError: it is there, and is no text or an empty one.
    """
    value = fields.get(name)
    if name in fields and (not isinstance(value, str) or not value):
        raise RefusedError(400, f"'{name}' field is invalid.")
    return value


def participant_field(fields: Record) -> str:
    """Return the participantId that a body names.

    Raises:
        RefusedError: it names none.
    """
    participant_id = fields.get("participantId")
    if not isinstance(participant_id, str) or not participant_id:
        raise RefusedError(400, "`PartcipantId` is required in request body.")  # their spelling
    return participant_id


def listing(
    request: web.Request, records: list[Record], show: Callable[[Record], Record]
) -> web.Response:
    """Answer one page of the records, each as it is shown, in VideoSDK's list envelope.

    Args:
        request: its query asks for the page.
        records: newest first.
        show: turns a record into what the answer has of it.
    """
    info, part = page_of(request, records)
    return web.json_response({"pageInfo": info, "data": [show(record) for record in part]})


def page_of(request: web.Request, records: list[Record]) -> tuple[Record, list[Record]]:
    """Return the pageInfo and the records of the page that a query asks for."""
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
    """Return the number in a query, or the default where it says none that counts."""
    try:
        return max(1, int(text or default))
    except ValueError:
        return default
