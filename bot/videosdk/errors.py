"""Say why VideoSDK did not give what was asked.

VideoSDKError
├── VideoSDKUnreachableError          no connection was made: nothing happened there
├── VideoSDKInterruptedError          the connection broke in mid-call: it may have happened
├── VideoSDKTimeoutError              no whole answer before the deadline: it may have happened
├── VideoSDKBadReplyError             an answer that is not what the API page documents
├── VideoSDKBrokenError               5xx: their side failed
└── VideoSDKRefusedError              4xx: understood, and turned down
    ├── VideoSDKUnauthorizedError     401: the key or the secret is wrong, or the clock is off
    ├── VideoSDKPaymentRequiredError  402: the account or its plan
    ├── VideoSDKForbiddenError        403: the key may not do this
    └── VideoSDKRateLimitedError      429: too many calls
"""

import re

_TOKEN = re.compile(r"eyJ[\w.-]+")  # what every JSON Web Token begins with


class VideoSDKError(Exception):
    """Base of everything that this package raises about a call; its text never shows a token.

    Attributes:
        status: the HTTP status of the answer, or None when there was none.
        retry_after: seconds to wait before the next call, where the answer says so.
    """

    def __init__(
        self, message: str, *, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(_TOKEN.sub("…", message))
        self.status = status
        self.retry_after = retry_after


class VideoSDKUnreachableError(VideoSDKError):
    """No connection was made, so nothing was asked."""


class VideoSDKInterruptedError(VideoSDKError):
    """The connection broke after the request may have been read."""


class VideoSDKTimeoutError(VideoSDKError):
    """The whole answer did not arrive before the deadline."""


class VideoSDKBadReplyError(VideoSDKError):
    """The answer was not JSON, not a meeting, too large, a redirect or about another meeting."""


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
