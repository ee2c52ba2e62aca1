"""Second tries: which failed calls may be made again, and are worth it."""

from collections.abc import Callable

from bot.videosdk.errors import (
    VideoSDKBrokenError,
    VideoSDKError,
    VideoSDKInterruptedError,
    VideoSDKRateLimitedError,
    VideoSDKUnreachableError,
)
from bot.videosdk.wire import Request

PATIENCE = 1.0  # longest Retry-After, in seconds, that a call waits for


def repeat(asked: Request) -> Callable[[VideoSDKError], Request | None]:
    """Return the second try of a request that is safe to send twice."""
    return lambda error: asked if may_be_repeated(error) else None


def was_not_done(error: VideoSDKError) -> bool:
    """Return whether a failed call certainly had no effect, and may succeed right away."""
    if isinstance(error, VideoSDKRateLimitedError):
        return error.retry_after is not None and error.retry_after <= PATIENCE
    return isinstance(error, VideoSDKUnreachableError)


def may_be_repeated(error: VideoSDKError) -> bool:
    """Return whether an idempotent call that failed is worth a second try."""
    return isinstance(error, VideoSDKBrokenError | VideoSDKInterruptedError) or was_not_done(error)
