"""Say what is not as the bot needs it, and how to mend that."""


class TroubleError(Exception):
    """Something is not as the bot needs it; the message says what.

    Attributes:
        fix: how to mend it.
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
