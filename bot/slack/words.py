"""Turn every error into words: what happened, what it means for the person, what to do next."""

from dataclasses import dataclass
from http import HTTPStatus

from bot.grammar import UsageError
from bot.videosdk import (
    VideoSDKBadReplyError,
    VideoSDKBrokenError,
    VideoSDKForbiddenError,
    VideoSDKInterruptedError,
    VideoSDKPaymentRequiredError,
    VideoSDKRateLimitedError,
    VideoSDKRefusedError,
    VideoSDKTimeoutError,
    VideoSDKUnauthorizedError,
    VideoSDKUnreachableError,
)

_AGAIN = "Please try again in a minute."
_OWNER = "Please ask whoever runs this bot to"


@dataclass(frozen=True)
class Purpose:
    """What a listener is for, in the words that its delays and failures need.

    Attributes:
        slow: what is said when the answer outlasts the acknowledgement.
        failed: what a failure means when nothing happened.
        unsure: what it means when it may have happened all the same.
    """

    slow: str
    failed: str
    unsure: str


STARTING = Purpose(
    slow="VideoSDK is slow just now, and the meeting is still being created. "
    "There is nothing to do: I will post it here.",
    failed="no meeting was created",
    unsure="I cannot tell whether the meeting was created",
)
CHECKING = Purpose(
    slow="VideoSDK is slow just now, and the ID is still being checked. "
    "There is nothing to do: the answer will appear here.",
    failed="the ID could not be checked, which says nothing about the meeting itself",
    unsure="the ID could not be checked, which says nothing about the meeting itself",
)
SHARING = Purpose(
    slow="The card will appear here in a moment.",
    failed="the card was not shared",
    unsure="the card was not shared",
)

BUSY = (
    "This bot has too much to do at this moment, so nothing was done. Please try again in a minute."
)

RESTARTING = "This bot is restarting, so nothing was done. Please try again in a few seconds."

# What happened, and what to do next. The first class that fits speaks.
_CAUSES: dict[type[Exception], tuple[str, str]] = {
    VideoSDKUnreachableError: ("I could not reach VideoSDK", _AGAIN),
    VideoSDKInterruptedError: ("The connection to VideoSDK broke off", _AGAIN),
    VideoSDKTimeoutError: ("VideoSDK did not answer in time", _AGAIN),
    VideoSDKBrokenError: ("VideoSDK has trouble of its own", _AGAIN),
    VideoSDKBadReplyError: ("VideoSDK sent an answer that makes no sense", _AGAIN),
    VideoSDKUnauthorizedError: (
        "VideoSDK did not accept this bot's key",
        f"{_OWNER} check `VIDEOSDK_API_KEY`, `VIDEOSDK_SECRET_KEY` and its machine's clock.",
    ),
    VideoSDKPaymentRequiredError: (
        "VideoSDK wants its account's plan or payment looked at",
        f"{_OWNER} open the VideoSDK dashboard.",
    ),
    VideoSDKForbiddenError: (
        "VideoSDK does not let this bot's key do that",
        f"{_OWNER} check what the key may do in the VideoSDK dashboard.",
    ),
    VideoSDKRateLimitedError: ("VideoSDK is getting too many requests from this bot", _AGAIN),
    VideoSDKRefusedError: (
        "VideoSDK turned the request down",
        "If you named a region, try without it. Otherwise ask whoever runs it to see the log.",
    ),
}
_BUG = (
    "Something went wrong inside this bot",
    "Please try again; if it goes wrong again, give the reference to whoever runs this bot.",
)
_NOT_FOUND = (
    "VideoSDK's API is not where this bot looks for it",
    f"{_OWNER} check `VIDEOSDK_API_ENDPOINT`.",
)
_UNSURE = (
    VideoSDKInterruptedError,
    VideoSDKTimeoutError,
    VideoSDKBrokenError,
    VideoSDKBadReplyError,
)


def explain(error: Exception, purpose: Purpose, reference: str) -> str:
    """Return the sentence for an error: what happened, what it means here, what to do next.

    Args:
        error: what went wrong.
        purpose: what the listener was for.
        reference: stands in the log line too; left out where the person can mend it alone.
    """
    if isinstance(error, UsageError):
        return str(error)
    cause, advice = _cause(error)
    meaning = purpose.unsure if isinstance(error, _UNSURE) else purpose.failed
    return f"{cause}, so {meaning}. {advice} {refer(reference)}"


def refer(reference: str) -> str:
    """Return the words that name a reference."""
    return f"(Reference: `{reference}`)"


def _cause(error: Exception) -> tuple[str, str]:
    if isinstance(error, VideoSDKRateLimitedError) and error.retry_after:
        what, _ = _CAUSES[VideoSDKRateLimitedError]
        return what, f"Please try again in {max(1, round(error.retry_after))} seconds."
    if isinstance(error, VideoSDKRefusedError) and error.status == HTTPStatus.NOT_FOUND:
        return _NOT_FOUND
    return next((words for kind, words in _CAUSES.items() if isinstance(error, kind)), _BUG)
