"""Errors of the Web API."""

from typing import Any


class MethodError(Exception):
    """A Web API method's refusal, by the name of Slack's error.

    Attributes:
        fields: what the answer says beside `ok` and `error`.
    """

    def __init__(self, error: str, **fields: Any) -> None:
        super().__init__(error)
        self.fields = fields


class RateLimitedError(MethodError):
    """Too many requests: the one refusal with an HTTP status of its own, 429.

    Attributes:
        retry_after: seconds.
    """

    def __init__(self, retry_after: int) -> None:
        super().__init__("ratelimited")
        self.retry_after = retry_after
