"""Find links that link scanners or browsers have rewritten.

Microsoft's Safe Links and others put the address into a parameter, percent-encoded once or twice.
Proofpoint's URL Defense v2 writes `-` for `%` and `_` for `/`; its v3 leaves the address readable:
https://learn.microsoft.com/defender-office-365/safe-links-about
https://help.proofpoint.com/Threat_Insight_Dashboard/Concepts/How_do_I_decode_a_rewritten_URL%3F
"""

from collections.abc import Iterator
from urllib.parse import unquote

_DEPTH = 3  # scanners may wrap each other's links


def decodings(text: str) -> Iterator[str]:
    """Yield a text unchanged, then each decoding that may reveal a rewritten link."""
    for _ in range(_DEPTH):
        yield text
        text = unquote(text)
    yield text
    if "urldefense" in text.lower():
        yield unquote(text.replace("-", "%").replace("_", "/"))
