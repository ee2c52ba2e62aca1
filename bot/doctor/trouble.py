"""What the doctor finds, and how to fix it."""

OK, UNPROVEN, WARNING, WRONG = "ok", "unproven", "warning", "wrong"


class TroubleError(Exception):
    """A check failed; the message says what is wrong.

    Attributes:
        fix: how to fix it.
        level: WRONG; WARNING if the bot works anyway; UNPROVEN if nothing is wrong so far, but only
            an event from outside can confirm that. Then `fix` says how.
    """

    def __init__(self, says: str, fix: str, level: str = WRONG) -> None:
        super().__init__(says)
        self.fix = fix
        self.level = level


def in_one_line(error: Exception) -> str:
    """Return an error's text in one line of at most 200 characters, or its class name."""
    return " ".join(str(error).split())[:200] or type(error).__name__
