"""What a request is, as httpx carries it to the transport: its service, its operation, its time."""

from typing import Any, NamedTuple

VIDEOSDK, SLACK, RESPONSE_URL = "videosdk", "slack", "response_url"

CALL = "bot.transport.call"  # the extension of an httpx request that has its Call


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
    return {CALL: call}
