"""Name what Slack refuses."""

from typing import Any


class MethodError(Exception):
    """A Web API method's refusal, by the name of Slack's error.

    Attributes:
        fields: what the answer says beside `ok` and `error`.
    """

    def __init__(self, error: str, **fields: Any) -> None:
        super().__init__(error)
        self.fields = fields
