"""Turn every error into words: what happened, what it means for the person, what to do next."""

from dataclasses import dataclass
from http import HTTPStatus
from math import ceil

from bot.slack.workspaces import InstallsUnavailableError, NotInstalledError
from bot.videosdk import (
    VideoSDKBadReplyError,
    VideoSDKBrokenError,
    VideoSDKBusyError,
    VideoSDKForbiddenError,
    VideoSDKInterruptedError,
    VideoSDKPaymentRequiredError,
    VideoSDKRateLimitedError,
    VideoSDKRefusedError,
    VideoSDKTimeoutError,
    VideoSDKTooLargeError,
    VideoSDKUnauthorizedError,
    VideoSDKUnreachableError,
)

_AGAIN = "Please try again in a minute."
_OWNER = "Please ask whoever runs this bot to"


class UsageError(Exception):
    """What somebody wants can't be done; the message says why, and what to do instead.

    Attributes:
        field: the input of a form that it is about, if it is about one.
    """

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class TookTooLongError(Exception):
    """The work for an answer was given up, so that the answer comes while it is waited for."""


@dataclass(frozen=True)
class Purpose:
    """What a listener is for, in the words that its delays and failures need.

    Attributes:
        failed: what a failure means when nothing happened.
        unsure: what it means when it may have happened all the same.
        refused: what to try first when VideoSDK turns the request down.
        slow: what is said when the answer to a command outlasts its acknowledgement.
    """

    failed: str
    unsure: str
    refused: str = ""
    slow: str = ""


STARTING = Purpose(
    failed="no meeting was created",
    unsure="I cannot tell whether the meeting was created",
    refused="If you named a region, try without it. ",
    slow="VideoSDK is slow right now, so your meeting is still being created. "
    "Within half a minute I'll post the card here, or say what went wrong. "
    "If nothing comes, type it again: a name keeps its room, and without one you get a new "
    "meeting.",
)
CHECKING = Purpose(
    failed="the ID was not checked. That says nothing about the meeting itself",
    unsure="the ID was not checked. That says nothing about the meeting itself",
    slow="VideoSDK is slow right now, so the ID is still being checked. "
    "Within half a minute I'll post the answer here, or say what went wrong. "
    "If nothing comes, type it again.",
)
SHARING = Purpose(
    failed="the card was not shared",
    unsure="the card was not shared",
)
ENDING = Purpose(
    failed="the meeting goes on",
    unsure="I cannot tell whether the meeting was ended",
)
CLOSING = Purpose(
    failed="the links still work",
    unsure="I can't tell whether the links still work",
)

NOT_INSTALLED = (
    "Meet is not installed in this workspace, or was taken out of it, so nothing was done. "
    "Somebody who may add apps here can install it:"
)
BUSY = f"This bot is very busy right now, so nothing was done. {_AGAIN}"
RESTARTING = "This bot is restarting, so nothing was done. Please try again in a few seconds."

# What happened, and what to do next. The first class that fits speaks.
CAUSES: dict[type[Exception], tuple[str, str]] = {
    VideoSDKBusyError: ("I'm very busy right now", _AGAIN),
    VideoSDKUnreachableError: ("I could not reach VideoSDK", _AGAIN),
    VideoSDKInterruptedError: ("The connection to VideoSDK broke off", _AGAIN),
    VideoSDKTimeoutError: ("VideoSDK did not answer in time", _AGAIN),
    VideoSDKBrokenError: ("Something went wrong at VideoSDK", _AGAIN),
    VideoSDKTooLargeError: ("VideoSDK sent an answer that I cannot read: it is too long", _AGAIN),
    VideoSDKBadReplyError: ("VideoSDK sent an answer that I cannot read", _AGAIN),
    VideoSDKUnauthorizedError: (
        "VideoSDK did not accept this bot's key",
        f"{_OWNER} check `VIDEOSDK_API_KEY`, `VIDEOSDK_SECRET_KEY` and the machine's clock.",
    ),
    VideoSDKPaymentRequiredError: (
        "VideoSDK says that its account needs a payment or another plan",
        f"{_OWNER} look into the VideoSDK dashboard.",
    ),
    VideoSDKForbiddenError: (
        "VideoSDK does not let this bot's key do that",
        f"{_OWNER} check the key's permissions in the VideoSDK dashboard.",
    ),
    VideoSDKRateLimitedError: ("VideoSDK is getting too many requests from this bot", _AGAIN),
    InstallsUnavailableError: ("I could not look this workspace up in my database", _AGAIN),
    TookTooLongError: ("That took too long", _AGAIN),
    VideoSDKRefusedError: (
        "VideoSDK turned the request down",
        f"{_OWNER} look up the reference in its log.",
    ),
}
_BUG = (
    "Something went wrong inside this bot",
    "Please try again. If it fails again, give the reference to whoever runs this bot.",
)
_NOT_FOUND = (
    "VideoSDK's API is not where this bot looks for it",
    f"{_OWNER} check `VIDEOSDK_API_ENDPOINT`.",
)
# After these, nothing has happened; after anything else, it may have.
_NOT_DONE = (
    VideoSDKBusyError,
    VideoSDKUnreachableError,
    VideoSDKRefusedError,
    InstallsUnavailableError,
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
    if isinstance(error, NotInstalledError):
        return f"{NOT_INSTALLED} {error}"
    cause, advice = _cause(error)
    meaning = purpose.failed if isinstance(error, _NOT_DONE) else purpose.unsure
    first = purpose.refused if cause == CAUSES[VideoSDKRefusedError][0] else ""
    return f"{cause}, so {meaning}. {first}{advice} {refer(reference)}"


def refer(reference: str) -> str:
    """Return the words that name a reference."""
    return f"(Reference: `{reference}`)"


def too_many(who: str, most: int, seconds: float) -> str:
    """Return the sentence for somebody who started too many meetings a minute.

    Args:
        who: `You have` or `This workspace has`.
        most: the limit.
        seconds: until the next one may be started.
    """
    meetings = "a meeting" if most == 1 else f"{most} meetings"
    return (
        f"{who} started {meetings} within a minute, which is as many as this bot allows, so no "
        f"other was created. Please try again in {_wait(seconds)}."
    )


def too_many_checks(who: str, most: int, seconds: float) -> str:
    """Return the sentence for somebody who checked too many IDs a minute.

    Args:
        who: `You have` or `This workspace has`.
        most: the limit.
        seconds: until the next one may be made.
    """
    ids = "a meeting ID" if most == 1 else f"{most} meeting IDs"
    return (
        f"{who} checked {ids} within a minute, which is as many as this bot allows, so this one "
        f"was not checked. Please try again in {_wait(seconds)}."
    )


def _cause(error: Exception) -> tuple[str, str]:
    if isinstance(error, VideoSDKRefusedError) and error.status == HTTPStatus.NOT_FOUND:
        return _NOT_FOUND
    cause, advice = next((words for kind, words in CAUSES.items() if isinstance(error, kind)), _BUG)
    if isinstance(error, VideoSDKRateLimitedError) and error.retry_after:
        advice = f"Please try again in {_wait(error.retry_after)}."
    return cause, advice


def _wait(seconds: float) -> str:
    """Return a time to wait in words, rounded up so that it is long enough."""
    for unit, size in (("hours", 3600), ("minutes", 60)):
        if seconds > 2 * size:
            return f"{ceil(seconds / size)} {unit}"
    return "a second" if seconds <= 1 else f"{ceil(seconds)} seconds"
