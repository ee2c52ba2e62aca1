"""Errors of calls to VideoSDK, by what is known of their effect.

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
        retry_after: seconds to wait before the next call, if the answer says so.
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
    """The connection broke after VideoSDK may have read the request."""


class VideoSDKTimeoutError(VideoSDKError):
    """The complete answer did not arrive before the deadline."""


class VideoSDKBadReplyError(VideoSDKError):
    """The answer was not JSON, not a meeting, too large, a redirect or about another meeting."""


class VideoSDKTooLargeError(VideoSDKBadReplyError):
    """The answer was larger than this client reads."""


class VideoSDKBrokenError(VideoSDKError):
    """VideoSDK answered with a 5xx status."""


class VideoSDKRefusedError(VideoSDKError):
    """VideoSDK answered with a 4xx status."""


class VideoSDKUnauthorizedError(VideoSDKRefusedError):
    """401: the token was not accepted."""


class VideoSDKPaymentRequiredError(VideoSDKRefusedError):
    """402: the account or its plan (or, when validating, an unknown meeting)."""


class VideoSDKForbiddenError(VideoSDKRefusedError):
    """403: this API key may not make the call."""


class VideoSDKRateLimitedError(VideoSDKRefusedError):
    """429: too many calls."""
