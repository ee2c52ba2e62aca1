"""Decide which failed calls are worth a second try."""

from bot.videosdk.errors import (
    VideoSDKBrokenError,
    VideoSDKError,
    VideoSDKInterruptedError,
    VideoSDKRateLimitedError,
    VideoSDKUnreachableError,
)

MAX_WAIT = 1.0  # longest Retry-After, in seconds, that a call waits for


def was_not_done(error: VideoSDKError) -> bool:
    """Return whether a failed call certainly had no effect, and may succeed right away."""
    if isinstance(error, VideoSDKRateLimitedError):
        return error.retry_after is not None and error.retry_after <= MAX_WAIT
    return isinstance(error, VideoSDKUnreachableError)


def may_be_repeated(error: VideoSDKError) -> bool:
    """Return whether an idempotent call that failed is worth a second try."""
    return isinstance(error, VideoSDKBrokenError | VideoSDKInterruptedError) or was_not_done(error)
