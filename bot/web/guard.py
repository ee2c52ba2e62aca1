"""Verification of Slack's requests, before anything parses them.

Bolt parses a body before it verifies the signature, answers malformed input with status 500 and
logs whole bodies. So headers, size and signature are checked here, over the raw bytes, as described
in https://docs.slack.dev/authentication/verifying-requests-from-slack.
"""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from yarl import URL

# Bytes. A command has about 1 KiB; a shortcut on a long message has its text twice, encoded.
MAX_BODY = 256 * 1024
MAX_AGE = 300  # seconds by which a timestamp may be off, in either direction

_TIMESTAMP = re.compile(r"[0-9]{1,11}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")
# Slack checks the TLS certificate with unsigned requests like these.
SSL_CHECK = re.compile(rb"ssl_check=1(&token=[\w.-]*)?|token=[\w.-]*&ssl_check=1")
_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"


class RejectedError(Exception):
    """The request is rejected; the message is the reason, for the log.

    Attributes:
        status: the HTTP status to respond with.
    """

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Guard:
    """Verifies signatures with the signing secret.

    Args:
        signing_secret: from the app's Basic Information page at Slack.
        clock: returns seconds since 1970.
    """

    def __init__(self, signing_secret: str, clock: Callable[[], float] = time.time) -> None:
        self._key = signing_secret.encode()
        self._clock = clock

    def admit(self, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
        """Return the payload of a request that Slack has signed.

        Args:
            headers: the request's headers, with case-insensitive names.
            body: the raw bytes.

        Raises:
            RejectedError: the request is malformed, too large, too old or not signed by Slack.
        """
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in (_FORM, _JSON):
            raise RejectedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "neither a form nor JSON")
        if len(body) > MAX_BODY:
            raise RejectedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too large")
        timestamp = headers.get("x-slack-request-timestamp", "")
        signature = headers.get("x-slack-signature", "")
        if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
            raise RejectedError(HTTPStatus.UNAUTHORIZED, "not signed")
        if abs(self._clock() - int(timestamp)) > MAX_AGE:
            raise RejectedError(HTTPStatus.UNAUTHORIZED, "timestamp off by over 5 minutes")
        expected = hmac.new(self._key, b"v0:%s:%s" % (timestamp.encode(), body), hashlib.sha256)
        if not hmac.compare_digest(f"v0={expected.hexdigest()}", signature):
            raise RejectedError(HTTPStatus.UNAUTHORIZED, "wrong signature")
        return _payload(body, kind)


def _payload(body: bytes, kind: str) -> dict[str, Any]:
    """Return an event, a command's fields, or the object that a click has in `payload`.

    Bolt's own parser takes any form that contains "payload" for a click, and so would lose
    `/meet payload review`.
    """
    try:
        if kind == _JSON:
            payload = json.loads(body)
        else:
            fields = dict(URL.build(query_string=body.decode(), encoded=True).query.items())
            payload = fields if "command" in fields else json.loads(fields.get("payload", ""))
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        raise RejectedError(HTTPStatus.BAD_REQUEST, "no command, click or event")
    return payload
