"""Errors of calls to VideoSDK, by what is known about their effect.

VideoSDKError
├── VideoSDKBusyError                 the transport had no connection to spare: nothing was sent
├── VideoSDKUnreachableError          no connection was made: the call had no effect
├── VideoSDKInterruptedError          the connection broke during the call: it may have had one
├── VideoSDKTimeoutError              no complete answer before the deadline: it may have had one
├── VideoSDKBadReplyError             an answer that is not what the API page documents
│   └── VideoSDKTooLargeError         an answer larger than this client reads
├── VideoSDKBrokenError               5xx: VideoSDK failed
└── VideoSDKRefusedError              4xx: VideoSDK rejected the call
    ├── VideoSDKUnauthorizedError     401: the key or the secret is wrong, or the clock is off
    ├── VideoSDKPaymentRequiredError  402: the account or its plan
    ├── VideoSDKForbiddenError        403: the key may not do this
    └── VideoSDKRateLimitedError      429: too many calls
"""

import re

_TOKEN = re.compile(r"eyJ[\w.-]+")  # what every JSON Web Token begins with


class VideoSDKError(Exception):
    """Base class of the errors of a call; its message never contains a token.

    Attributes:
        status: the HTTP status of the answer, or None if there was none.
        retry_after: seconds to wait before the next call, or None if the answer doesn't say.
    """

    def __init__(
        self, message: str, *, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(_TOKEN.sub("…", message))
        self.status = status
        self.retry_after = retry_after


class VideoSDKBusyError(VideoSDKError):
    """The transport had no connection to spare, so the request was not sent."""


class VideoSDKUnreachableError(VideoSDKError):
    """No connection was made, so the request was not sent."""


class VideoSDKInterruptedError(VideoSDKError):
    """The connection broke during the call, which may have had an effect."""


class VideoSDKTimeoutError(VideoSDKError):
    """No complete answer arrived before the deadline; the call may have had an effect."""


class VideoSDKBadReplyError(VideoSDKError):
    """The answer is not as documented: no JSON, a redirect, or about another meeting."""


class VideoSDKTooLargeError(VideoSDKBadReplyError):
    """The answer is larger than 1 MiB, the most that this client reads."""


class VideoSDKBrokenError(VideoSDKError):
    """5xx: VideoSDK failed; the call may have had an effect."""


class VideoSDKRefusedError(VideoSDKError):
    """4xx: VideoSDK rejected the call."""


class VideoSDKUnauthorizedError(VideoSDKRefusedError):
    """401: the key or the secret is wrong, or this machine's clock is off."""


class VideoSDKPaymentRequiredError(VideoSDKRefusedError):
    """402: the account or its plan doesn't cover the call, or there is no such meeting."""


class VideoSDKForbiddenError(VideoSDKRefusedError):
    """403: the API key may not make the call."""


class VideoSDKRateLimitedError(VideoSDKRefusedError):
    """429: too many calls; `retry_after` says how long to wait, if VideoSDK does."""
