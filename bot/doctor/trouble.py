"""A failed doctor check: what is wrong and how to fix it."""


class TroubleError(Exception):
    """A check failed; the message says what is wrong.

    Attributes:
        fix: how to fix it.
        harmless: the bot works anyway.
    """

    def __init__(self, says: str, fix: str, *, harmless: bool = False) -> None:
        super().__init__(says)
        self.fix = fix
        self.harmless = harmless


class UnprovenError(Exception):
    """A check that found nothing wrong, but that only an event from outside can confirm.

    Attributes:
        proof: how to confirm it.
    """

    def __init__(self, says: str, proof: str) -> None:
        super().__init__(says)
        self.proof = proof


def in_one_line(error: Exception) -> str:
    """Return an error's text in one line of at most 200 characters, or its class name."""
    return " ".join(str(error).split())[:200] or type(error).__name__
