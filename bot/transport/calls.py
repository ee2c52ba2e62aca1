"""What a request is, as httpx carries it to the transport: its service, its operation, its time."""

from typing import Any, NamedTuple

import httpx

from bot.videosdk import OPERATION

VIDEOSDK, SLACK, RESPONSE_URL = "videosdk", "slack", "response_url"

_CALL = "bot.transport.call"


class Call(NamedTuple):
    """A call of another service.

    Attributes:
        service: VIDEOSDK or SLACK.
        operation: as it is counted: without anything that people choose.
        deadline: seconds within which the answer has to begin, once the call has a slot.
    """

    service: str
    operation: str
    deadline: float | None = None


def extensions_of(call: Call) -> dict[str, Any]:
    """Return the extensions of an httpx request that make it this call."""
    return {_CALL: call}


def call_of(request: httpx.Request) -> Call | None:
    """Return the call that a request is; None if it doesn't say."""
    if operation := request.extensions.get(OPERATION):
        return Call(VIDEOSDK, operation)
    call: Call | None = request.extensions.get(_CALL)
    return call
