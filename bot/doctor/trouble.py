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
