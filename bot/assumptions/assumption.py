"""An assumption about a service, and the result of checking it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.assumptions.answers import Answer, NotTriedError
from bot.assumptions.target import Target

AS_ASSUMED, DIFFERENT, NOT_TRIED = "as assumed", "different", "not tried"

Check = Callable[[Target], Awaitable[str]]


@dataclass(frozen=True)
class Assumption:
    """A behaviour of Slack or VideoSDK that the bot relies on.

    Attributes:
        id: a short name.
        sentence: the behaviour.
        source: the public evidence.
        check: makes requests, and returns what it saw in a few words.
        accepted: what the check may see. There are several where the evidence is inconclusive:
            the bot works with each.
    """

    id: str
    sentence: str
    source: str
    check: Check
    accepted: tuple[str, ...]

    async def try_on(self, target: Target) -> "CheckResult":
        """Check the assumption, and return the result; never raises."""
        target.answers.clear()
        try:
            saw = await self.check(target)
        except NotTriedError as error:
            return self._result(NOT_TRIED, str(error), target)
        except Exception as error:  # noqa: BLE001 - libraries raise all sorts for odd addresses
            return self._result(NOT_TRIED, f"{type(error).__name__}: {error}", target)
        return self._result(AS_ASSUMED if saw in self.accepted else DIFFERENT, saw, target)

    def _result(self, outcome: str, saw: str, target: Target) -> "CheckResult":
        return CheckResult(self, outcome, saw, tuple(target.answers))


@dataclass(frozen=True)
class CheckResult:
    """The result of a check.

    Attributes:
        assumption: the assumption that was checked.
        outcome: AS_ASSUMED, DIFFERENT or NOT_TRIED.
        saw: what the check saw, or why it was not tried.
        answers: the answers to the check's requests.
    """

    assumption: Assumption
    outcome: str
    saw: str
    answers: tuple[Answer, ...]
