"""Undo what link scanners and browsers make of an address, so that a pasted link is found in it.

Microsoft's Safe Links and others carry the address percent-encoded in a parameter, sometimes twice;
Proofpoint's URL Defense v2 writes `-` for `%` and `_` for `/`, and its v3 leaves it readable:
https://learn.microsoft.com/defender-office-365/safe-links-about
https://help.proofpoint.com/Threat_Insight_Dashboard/Concepts/How_do_I_decode_a_rewritten_URL%3F
"""

from collections.abc import Iterator
from urllib.parse import unquote

_TIMES = 3  # that one scanner's link is wrapped by another's


def decodings(text: str) -> Iterator[str]:
    """Yield a text as it is, then as it may have been before it was encoded."""
    for _ in range(_TIMES):
        yield text
        text = unquote(text)
    yield text
    if "urldefense" in text.lower():
        yield unquote(text.replace("-", "%").replace("_", "/"))
