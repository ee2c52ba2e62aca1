"""Answers from the services, and how a report shows them.

A report must be safe to post in public. So it shows only the shape of a text, such as `aaaa-0000`
for an ID, except in fields that can't identify anybody.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

import httpx

TIMEOUT = 10.0  # seconds for an answer

_LONGEST = 60  # characters of one text
_LONGEST_PAGE = 200
_MAX_ENTRIES = 3  # entries of one list
_SAFE_FIELDS = {
    *("code", "error", "geoFence", "message", "needed", "pointer", "provided", "region"),
    *("status", "statusCode", "type", "warning"),
}


class NotTriedError(Exception):
    """A check can't be made; the message says why."""


@dataclass(frozen=True)
class Answer:
    """An answer, with its request.

    Attributes:
        request: the method and the path, or Slack's method.
        status: the HTTP status.
        body: the parsed JSON, or else the text.
        headers: the HTTP headers.
    """

    request: str
    status: int
    body: Any
    headers: httpx.Headers = field(repr=False)

    @classmethod
    def of(cls, request: str, response: httpx.Response) -> "Answer":
        """Parse a response; its body needn't be JSON."""
        try:
            body = response.json()
        except (ValueError, RecursionError):
            body = response.text
        return cls(request, response.status_code, body, response.headers)

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004 - success in HTTP

    @property
    def failure(self) -> str:
        """The status in words; "" if it is 2xx."""
        return "" if self.ok else f"status {self.status}"

    @property
    def error(self) -> str:
        """Slack's error, which may accompany `"ok": true`; "" if there is none."""
        if error := self.at("error"):
            return str(error)
        return "" if self.at("ok") is True else f"status {self.status}"

    def at(self, *path: str) -> Any:
        """Return a nested field, or None if it is missing."""
        found = self.body
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        return found

    def report(self) -> dict[str, Any]:
        """Return the answer for a report, without anything that identifies people."""
        is_text = isinstance(self.body, str)  # an error page
        body = " ".join(self.body.split())[:_LONGEST_PAGE] if is_text else _shape(self.body)
        return {"request": self.request, "status": self.status, "body": body}

    def __str__(self) -> str:
        body = json.dumps(self.report()["body"], ensure_ascii=False)
        return f"{self.request} → {self.status} {body}"


def _shape(value: Any, name: str = "") -> Any:
    """Replace the texts in a value with their shape: `a` for letters, `0` for digits."""
    if isinstance(value, dict):
        return {key: _shape(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        more = [f"… {len(value) - _MAX_ENTRIES} more"] if len(value) > _MAX_ENTRIES else []
        return [_shape(inner, name) for inner in value[:_MAX_ENTRIES]] + more
    if not isinstance(value, str):
        return value
    if name in _SAFE_FIELDS:
        return value
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "0", value))[:_LONGEST]
