"""Errors of the Web API."""

from typing import Any


class MethodError(Exception):
    """A Web API method failed; the message is Slack's error code.

    Attributes:
        fields: the answer's fields besides `ok` and `error`.
    """

    def __init__(self, error: str, **fields: Any) -> None:
        super().__init__(error)
        self.fields = fields


class RateLimitedError(MethodError):
    """Too many requests; the only error with its own HTTP status, 429.

    Attributes:
        retry_after: seconds until the next request may be sent.
    """

    def __init__(self, retry_after: int) -> None:
        super().__init__("ratelimited")
        self.retry_after = retry_after
