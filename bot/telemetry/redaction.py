"""Keep secrets out of logs, pages and messages.

A secret is recognised by its own form, or by its name in machine-written text, such as `token=…`
and `"token": "…"`. Prose is left alone: a meeting may be called "Secret: a party". Secrets without
a form of their own are recognised by value, if they are this deployment's.
"""

import json
import re
from collections.abc import Iterable
from urllib.parse import quote, unquote

_MASK = "…"
_LONGEST = 200  # characters of foreign text
_NOT_PLAIN = re.compile(rf"[^\w .,:;!?+/*'\"()\[\]=%@#&{_MASK}-]", re.ASCII)
_SHORTEST = 8  # characters; masking shorter values would hit parts of words
_START = r"(?:(?<![\w-])|(?<=%[0-9A-F]{2}))"  # of a word, also form-encoded
_SLASH = r"(?:/|%2F)"
_NAME = r"[\w-]*(?:token|ticket|secret|(?:secret|api)[_-]?key|password|signature|authorization)"

_SECRETS = [
    # Slack's tokens: https://docs.slack.dev/authentication/tokens
    rf"{_START}(?P<keep>xox[abcdeprs][.-]|xapp-|xwfp-)[\w.-]+",
    # JSON Web Tokens
    rf"{_START}(?P<keep>eyJ)[\w-]{{6,}}(?:\.[\w-]*)+",
    # Request signatures
    rf"{_START}(?P<keep>v0(?:=|%3D))[0-9a-f]{{32,}}",
    # response_urls, Slack's and the sandbox's: anyone who has one can post; JSON may escape / as \/
    rf"(?P<keep>hooks\.slack(?:-gov)?\.com\\*{_SLASH})(?:[\w.%+=-]|\\*/)+",
    rf"(?P<keep>{_SLASH}response{_SLASH})[\w-]{{16,}}",
    # Parameters of OAuth redirects
    r"(?P<keep>[?&](?:code|state)=)[^\s\"'&,;)}\\]+",
    # Headers
    r"(?P<keep>(?i:\bbearer)(?: |\+|%20))[\w.~+/=%-]{16,}",
    r"(?P<keep>(?i:\bauthorization: ?(?:basic |bearer )))[^\s\"'\\,]+",
    # By name: in a form, a URL or a log line; in JSON or a Python repr
    rf"{_START}(?P<keep>(?i:{_NAME})=[\"']?)[^\s\"'&,;)}}\\]+",
    rf"(?P<keep>[\"'](?i:{_NAME})\\*[\"']: ?\\*[\"'])(?:[^\"'\\]|\\+[^\"'\\])+",
]
_PATTERNS = [re.compile(secret) for secret in _SECRETS]
# Each pattern above contains one of these words. Searching for them takes a hundredth of the time,
# and few log lines have one.
_HINTS = re.compile(
    "xox|xapp-|xwfp-|eyj|v0|hooks|response|code=|state=|bearer"
    "|token|ticket|secret|key|password|signature|authorization"
)


def redact(text: str) -> str:
    """Mask every secret in a text, except the prefix that tells its kind."""
    if not _HINTS.search(text.lower()):
        return text
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\g<keep>{_MASK}", text)
    return text


def plain(text: str) -> str:
    """Make foreign text safe to log: one short line of plain ASCII characters.

    A service's error text may repeat what somebody typed. So no character is kept that a terminal,
    a browser or a log parser could interpret.
    """
    line = _NOT_PLAIN.sub("?", " ".join(text.split()))
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


class Redactor:
    """Mask secrets as `redact` does, and these secrets by value, however they are encoded.

    Args:
        secrets: the values; those under 8 characters are only masked by name.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        long = [secret for secret in secrets if len(secret) >= _SHORTEST]
        encoded = {form for secret in long for form in _encodings(secret)}
        self._values = sorted(encoded, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """Return the text with its secrets masked."""
        for value in self._values:
            text = text.replace(value, _MASK)
        return redact(text)


def _encodings(secret: str) -> set[str]:
    """Return a value as it is written in plain text, in JSON and in a URL."""
    return {secret, json.dumps(secret)[1:-1], quote(secret, safe=""), unquote(secret)}
