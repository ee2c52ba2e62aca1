"""Keep secrets out of logs, pages and messages.

A secret is known by its own form, or by its name where a machine wrote it, as in `token=…` and
`"token": "…"`. Prose is left alone: a meeting may be called "Secret: a party". Some secrets look
like nothing; those of this deployment are known by value.
"""

import json
import re
from collections.abc import Iterable
from urllib.parse import quote, unquote

_MASK = "…"
_LONGEST = 200  # characters of a stranger's text
_NOT_PLAIN = re.compile(rf"[^\w .,:;!?+/*'\"()\[\]=%@#&{_MASK}-]", re.ASCII)
_SHORTEST = 8  # characters; masking less by value would eat into words
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
    # response_urls, Slack's and the sandbox's: whoever has one may post; JSON may write them \/
    rf"(?P<keep>hooks\.slack(?:-gov)?\.com\\*{_SLASH})(?:[\w.%+=-]|\\*/)+",
    rf"(?P<keep>{_SLASH}response{_SLASH})[\w-]{{16,}}",
    # What Slack's pages get, and send people back with
    r"(?P<keep>[?&](?:code|state|nonce)=)[^\s\"'&,;)}\\]+",
    # Headers
    r"(?P<keep>(?i:\bbearer)(?: |\+|%20))[\w.~+/=%-]{16,}",
    r"(?P<keep>(?i:\bauthorization: ?(?:basic |bearer )))[^\s\"'\\,]+",
    # By name: in a form, an address or a log line; in JSON or a Python repr
    rf"{_START}(?P<keep>(?i:{_NAME})=[\"']?)[^\s\"'&,;)}}\\]+",
    rf"(?P<keep>[\"'](?i:{_NAME})\\*[\"']: ?\\*[\"'])(?:[^\"'\\]|\\+[^\"'\\])+",
]
_PATTERNS = [re.compile(secret) for secret in _SECRETS]
# A text without any of these has none of the above. Looking for them takes a hundredth of the time,
# and hardly a line of the log has one.
_TELLING = re.compile(
    "xox|xapp-|xwfp-|eyj|v0|hooks|response|code=|state=|nonce=|bearer"
    "|token|ticket|secret|key|password|signature|authorization"
)


def redact(text: str) -> str:
    """Return the text with every secret in it shortened to its telling first letters."""
    if not _TELLING.search(text.lower()):
        return text
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\g<keep>{_MASK}", text)
    return text


def plain(text: str) -> str:
    """Return a stranger's text as a short line of plain characters, for the log.

    What a service says of an error may repeat what somebody typed. So a line has no character that
    a terminal, a browser or a log's reader could take for more than a letter, and no end of it.
    """
    line = _NOT_PLAIN.sub("?", " ".join(text.split()))
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


class Redactor:
    """Mask secrets as `redact` does, and these by value, in whatever way they are written.

    Args:
        secrets: what nobody may see; the shortest, under 8 characters, are left to their names.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        long = [secret for secret in secrets if len(secret) >= _SHORTEST]
        written = {form for secret in long for form in _forms(secret)}
        self._values = sorted(written, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """Return the text without a secret in it."""
        for value in self._values:
            text = text.replace(value, _MASK)
        return redact(text)


def _forms(secret: str) -> set[str]:
    """Return how a value is written in plain text, in JSON and in an address."""
    return {secret, json.dumps(secret)[1:-1], quote(secret, safe=""), unquote(secret)}
