"""Keep secrets out of logs, pages and messages.

A secret is known by its own form, or by its name where a machine wrote it, as in `token=…` and
`"token": "…"`. Prose is left alone: a meeting may be called "Secret: a party".
"""

import re

_MASK = "…"
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
    # Headers
    r"(?P<keep>(?i:\bbearer)(?: |\+|%20))[\w.~+/=%-]{16,}",
    r"(?P<keep>(?i:\bauthorization: ?(?:basic |bearer )))[^\s\"'\\,]+",
    # By name: in a form, an address or a log line; in JSON or a Python repr
    rf"{_START}(?P<keep>(?i:{_NAME})=[\"']?)[^\s\"'&,;)}}\\]+",
    rf"(?P<keep>[\"'](?i:{_NAME})\\*[\"']: ?\\*[\"'])(?:[^\"'\\]|\\+[^\"'\\])+",
]
_PATTERNS = [re.compile(secret) for secret in _SECRETS]


def redact(text: str) -> str:
    """Return the text with every secret in it shortened to its telling first letters."""
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\g<keep>{_MASK}", text)
    return text
