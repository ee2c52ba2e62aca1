"""What a request is for, in an extension that httpx passes on to the transport."""

from typing import Any, NamedTuple

VIDEOSDK, SLACK, OTHER = "videosdk", "slack", "other"  # services
RESPONSE_URL = "response_url"  # an operation of Slack's

CALL = "bot.transport.call"  # the extension of an httpx request that has its Call


class Call(NamedTuple):
    """A call of another service.

    Attributes:
        service: VIDEOSDK, SLACK or OTHER.
        operation: the label for metrics, without IDs or anything that people choose.
        deadline: seconds for the call, once it has a slot.
        reads_body: False if a successful reply's body may stay unread.
    """

    service: str
    operation: str
    deadline: float | None = None
    reads_body: bool = True


def extensions_of(call: Call) -> dict[str, Any]:
    """Return the extensions of an httpx request that make it this call."""
    return {CALL: call}
