"""Read the arguments of a Web API method, from wherever Slack takes them.

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
    """A call's arguments by name.

    Args:
        fields: the arguments.
        scopes: granted to the caller's token.
    """

    def __init__(self, fields: Mapping[str, Any], scopes: Collection[str] = ()) -> None:
        self._fields = fields
        self.scopes = frozenset(scopes)

    def over(self, fields: Mapping[str, Any]) -> "Arguments":
        """Return these arguments with others, which count where both have one."""
        return Arguments({**self._fields, **fields}, self.scopes)

    def text(self, name: str) -> str:
        """Return an argument as text; "" if it is missing."""
        value = self._fields.get(name)
        return "" if value is None else str(value)

    def required(self, name: str) -> str:
        """Return an argument that cannot be missing.

        Raises:
            MethodError: it is.
        """
        if text := self.text(name):
            return text
        raise MethodError("missing_argument", argument=name)

    def number(self, name: str, error: str = "invalid_arguments") -> int | None:
        """Return a whole number that is not negative; None if it is missing.

        Raises:
            MethodError: it is something else, by this error.
        """
        text = self.text(name)
        if text and not (text.isascii() and text.isdigit()):
            raise MethodError(error)
        return int(text) if text else None

    def structure(self, name: str, error: str = "invalid_arguments") -> Any:
        """Return lists and objects, which a form carries as JSON; None if they are missing.

        Raises:
            MethodError: it is no JSON, by this error.
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
        answer: returns what the answer says beside `ok`, or raises a MethodError.
        scope: that the app must have; "" if the method needs none.
        tier: of its rate limit; None if the stand-in has none for it.
    """

    answer: Callable[[Arguments], Answer]
    scope: str = ""
    tier: Literal[3] | None = None


async def read_arguments(request: web.Request, scopes: Collection[str] = ()) -> Arguments:
    """Return what the address, and the form or JSON in the body, say.

    Args:
        request: the call.
        scopes: granted to the caller's token.

    Raises:
        MethodError: the body says that it is a JSON object and is none.
    """
    if request.content_type == "application/json":
        body: Mapping[str, Any] | None = json_object(await request.read())
        if body is None:
            raise MethodError("invalid_json")
    else:
        body = await request.post()
    return Arguments({**request.query, **body}, scopes)
