"""Keep secrets out of logs, pages and messages."""

import re

_MASK = "…"

# Slack tokens, JSON Web Tokens, request signatures and response_urls (each is a bearer secret).
_SECRETS = re.compile(
    r"(?P<keep>xox[a-z]-|xox[a-z]\.|xapp-|xoxe\.|eyJ|v0=|hooks\.slack(?:-gov)?\.com/|/response/)"
    r"(?P<secret>[\w.%/+=-]{6,})"
)
_KEYED = re.compile(
    r"(?i)(?P<keep>[\"']?(?:token|\w*_token|secret\w*|\w*_secret|authorization|api_?key|password)[\"']?"
    r"\s*[:=]\s*[\"']?(?:bearer )?)(?P<secret>[^\s\"'&,}]{6,})"
)


def redact(text: str) -> str:
    """Return the text with every secret in it shortened to its telling first letters."""
    for pattern in (_SECRETS, _KEYED):
        text = pattern.sub(rf"\g<keep>{_MASK}", text)
    return text
