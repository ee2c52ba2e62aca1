"""Read the arguments of a Web API method from the query, a form or JSON, as Slack does.

https://docs.slack.dev/apis/web-api#basics
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from aiohttp import web

from bot.sandbox.slack.delivery import json_object
from bot.sandbox.slack.errors import MethodError

Answer = dict[str, Any]


class Arguments:
    """The arguments of a call, by name.

    Args:
        fields: the arguments.
        scopes: the scopes of the caller's token.
    """

    def __init__(self, fields: Mapping[str, Any], scopes: Collection[str] = ()) -> None:
        self._fields = fields
        self.scopes = frozenset(scopes)

    def merge(self, fields: Mapping[str, Any]) -> "Arguments":
        """Return these arguments with others added; the others win."""
        return Arguments({**self._fields, **fields}, self.scopes)

    def text(self, name: str) -> str:
        """Return an argument as text; "" if it is missing."""
        value = self._fields.get(name)
        return "" if value is None else str(value)

    def required(self, name: str) -> str:
        """Return a required argument.

        Raises:
            MethodError: it is missing.
        """
        if text := self.text(name):
            return text
        raise MethodError("missing_argument", argument=name)

    def number(self, name: str, error: str = "invalid_arguments") -> int | None:
        """Return a non-negative integer; None if it is missing.

        Raises:
            MethodError: it is something else; the code is `error`.
        """
        text = self.text(name)
        if text and not (text.isascii() and text.isdigit()):
            raise MethodError(error)
        return int(text) if text else None

    def structure(self, name: str, error: str = "invalid_arguments") -> Any:
        """Return a list or an object, which a form carries as JSON; None if it is missing.

        Raises:
            MethodError: it isn't JSON; the code is `error`.
        """
        value = self._fields.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            raise MethodError(error) from None


@dataclass(frozen=True)
class Method:
    """A method of the Web API.

    Attributes:
        answer: returns the fields of the answer except `ok`, or raises MethodError.
        scope: the required scope; "" if none.
        tier: the tier of its rate limit; None if the stand-in doesn't limit it.
    """

    answer: Callable[[Arguments], Answer]
    scope: str = ""
    tier: Literal[3] | None = None


async def read_arguments(request: web.Request, scopes: Collection[str] = ()) -> Arguments:
    """Return the arguments in the query, and in the body's form or JSON.

    Args:
        request: the call.
        scopes: the scopes of the caller's token.

    Raises:
        MethodError: the content type is JSON, but the body isn't a JSON object.
    """
    if request.content_type == "application/json":
        body: Mapping[str, Any] | None = json_object(await request.read())
        if body is None:
            raise MethodError("invalid_json")
    else:
        body = await request.post()
    return Arguments({**request.query, **body}, scopes)
