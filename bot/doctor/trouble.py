"""A failed doctor check: what is wrong and how to fix it."""


class TroubleError(Exception):
    """A check failed; the message says what is wrong.

    Attributes:
        fix: how to fix it.
        harmless: the bot works all the same.
    """

    def __init__(self, says: str, fix: str, *, harmless: bool = False) -> None:
        super().__init__(says)
        self.fix = fix
        self.harmless = harmless


class UnprovenError(Exception):
    """Nothing looks wrong, but only an event from outside can prove it.

    Attributes:
        proof: how to prove it.
    """

    def __init__(self, says: str, proof: str) -> None:
        super().__init__(says)
        self.proof = proof
