"""Sentences for errors: what happened, what it means for the person, what to do next."""

from dataclasses import dataclass
from http import HTTPStatus

from bot.durations import counted, wait
from bot.slack.blocks import link
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
_OWNER = "Please ask whoever set me up to"


class UsageError(Exception):
    """The request can't be fulfilled; the message says why and what to do instead.

    Attributes:
        field: the form input that is wrong, if any.
    """

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class TookTooLongError(Exception):
    """The work for an answer took too long and was cancelled."""


@dataclass(frozen=True)
class Purpose:
    """Phrases about what a listener does, for when it is slow or fails.

    Attributes:
        failed: the outcome when the failure means that nothing happened.
        unsure: the outcome when it may have happened nevertheless.
        refused: what to try first when VideoSDK rejects the request.
        slow: the acknowledgement of a command that takes longer than Slack waits.
    """

    failed: str
    unsure: str
    refused: str = ""
    slow: str = ""


STARTING = Purpose(
    failed="no meeting was created",
    unsure="I can't tell whether the meeting was created",
    refused="If you named a region, try without it. Still stuck? ",
    slow="VideoSDK is slow right now, so your meeting is still being created. "
    "Within half a minute I'll post the card here, or say what went wrong. "
    "If nothing comes, type the command again: a named meeting always uses the same room, and "
    "without a name you get a new one.",
)
CHECKING = Purpose(
    failed="I couldn't check that ID. The meeting itself may be fine",
    unsure="I couldn't check that ID. The meeting itself may be fine",
    slow="VideoSDK is slow right now, so that ID is still being checked. "
    "Within half a minute I'll post the answer here, or say what went wrong. "
    "If nothing comes, type the command again.",
)
SHARING = Purpose(
    failed="the card wasn't shared",
    unsure="the card wasn't shared",
)
ENDING = Purpose(
    failed="the meeting is still on",
    unsure="I can't tell whether the meeting has ended",
)
CLOSING = Purpose(
    failed="the links still work",
    unsure="I can't tell whether the links still work",
)

NOT_INSTALLED = (
    "Meet isn't installed here (or was removed). Someone who can add apps can {install_it}."
)
INSTALL_IT = "install it"
BUSY = f"I'm very busy right now, so I haven't done anything. {_AGAIN}"
RESTARTING = "I'm restarting, so I haven't done anything. Please try again in a few seconds."

# What happened, and what to do next. The first class that matches is used.
CAUSES: dict[type[Exception], tuple[str, str]] = {
    VideoSDKBusyError: ("I'm very busy right now", _AGAIN),
    VideoSDKUnreachableError: ("I couldn't reach VideoSDK", _AGAIN),
    VideoSDKInterruptedError: ("The connection to VideoSDK broke", _AGAIN),
    VideoSDKTimeoutError: ("VideoSDK didn't answer in time", _AGAIN),
    VideoSDKBrokenError: ("Something went wrong at VideoSDK", _AGAIN),
    VideoSDKTooLargeError: ("VideoSDK sent an answer that's too long for me to read", _AGAIN),
    VideoSDKBadReplyError: ("VideoSDK sent an answer that I can't read", _AGAIN),
    VideoSDKUnauthorizedError: (
        "VideoSDK rejected my key",
        f"{_OWNER} check `VIDEOSDK_API_KEY`, `VIDEOSDK_SECRET_KEY` and the server's clock.",
    ),
    VideoSDKPaymentRequiredError: (
        "My VideoSDK account needs a payment or a different plan",
        f"{_OWNER} look at the VideoSDK dashboard.",
    ),
    VideoSDKForbiddenError: (
        "VideoSDK doesn't let my key do that",
        f"{_OWNER} check the key's permissions in the VideoSDK dashboard.",
    ),
    VideoSDKRateLimitedError: ("VideoSDK is getting too many requests from me", _AGAIN),
    InstallsUnavailableError: ("I couldn't look up this workspace in my database", _AGAIN),
    TookTooLongError: ("That took too long", _AGAIN),
    VideoSDKRefusedError: (
        "VideoSDK rejected the request",
        f"{_OWNER} look up the reference in my log.",
    ),
}
_BUG = (
    "Something went wrong on my side",
    "Please try again. If it fails again, give the reference to whoever set me up.",
)
_NOT_FOUND = (
    "My address for VideoSDK looks wrong",
    f"{_OWNER} check `VIDEOSDK_API_ENDPOINT`.",
)
# After these errors nothing has happened; after any other it may have.
_NOT_DONE = (
    VideoSDKBusyError,
    VideoSDKUnreachableError,
    VideoSDKRefusedError,
    InstallsUnavailableError,
)


def explain(error: Exception, purpose: Purpose, reference: str) -> str:
    """Return the sentence for an error: what happened, what it means here, what to do next.

    Args:
        error: the error.
        purpose: what the listener does.
        reference: a code that is also in the log; left out if the person can fix the error alone.
    """
    if isinstance(error, UsageError):
        return str(error)
    if isinstance(error, NotInstalledError):
        return NOT_INSTALLED.format(install_it=link(error.install_url, INSTALL_IT))
    cause, advice = _cause(error)
    meaning = purpose.failed if isinstance(error, _NOT_DONE) else purpose.unsure
    first = purpose.refused if cause == CAUSES[VideoSDKRefusedError][0] else ""
    return f"{cause}, so {meaning}. {first}{advice} {refer(reference)}"


def refer(reference: str) -> str:
    """Return the reference as the end of a sentence."""
    return f"(Reference: `{reference}`)"


def too_many(who: str, limit: int, seconds: float) -> str:
    """Return the sentence for somebody who started too many meetings a minute.

    Args:
        who: `You've` or `This workspace has`.
        limit: the limit.
        seconds: until the next one may be started.
    """
    return _too_many(f"{who} started {counted(limit, 'meeting')}", seconds)


def too_many_checks(who: str, limit: int, seconds: float) -> str:
    """Return the sentence for somebody who checked too many IDs a minute.

    Args:
        who: `You've` or `This workspace has`.
        limit: the limit.
        seconds: until the next one may be made.
    """
    return _too_many(f"{who} checked {counted(limit, 'meeting ID')}", seconds)


def _too_many(did: str, seconds: float) -> str:
    return f"{did} in the last minute, the most I allow. Please try again in {wait(seconds)}."


def _cause(error: Exception) -> tuple[str, str]:
    if isinstance(error, VideoSDKRefusedError) and error.status == HTTPStatus.NOT_FOUND:
        return _NOT_FOUND
    cause, advice = next((words for kind, words in CAUSES.items() if isinstance(error, kind)), _BUG)
    if isinstance(error, VideoSDKRateLimitedError) and error.retry_after:
        advice = f"Please try again in {wait(error.retry_after)}."
    return cause, advice
