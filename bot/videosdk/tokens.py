"""JSON Web Tokens for VideoSDK, made locally."""

import time
import warnings
from collections.abc import Callable, Mapping
from types import MappingProxyType

import jwt

LIFETIME = 600  # seconds for which a token for the API is valid
RENEW_BEFORE = 60  # seconds before its expiry at which it is replaced
VISIT = 12 * 3600  # seconds for which a participant's token is valid
NO_MORE: Mapping[str, object] = MappingProxyType({})


def mint_token(
    api_key: str,
    secret_key: str,
    *,
    now: int,
    lifetime: int = LIFETIME,
    claims: Mapping[str, object] = NO_MORE,
) -> str:
    """Return a new signed token for VideoSDK's REST API.

    Source: https://docs.videosdk.live, "Authentication and tokens" (claims `apikey`, in this
    spelling, and `permissions`; HS256).

    Args:
        api_key: the project's API key, from app.videosdk.live/api-keys.
        secret_key: the project's secret, which signs the token.
        now: the issue time, in whole seconds since 1970, UTC. Not a naive local time, as in
            VideoSDK's own samples: that is wrong by the UTC offset.
        lifetime: seconds until the token expires; 10 minutes by default.
        claims: further claims. Version 2 of the API requires `version` and `roles`.
    """
    may = {"apikey": api_key, "permissions": ["allow_join", "allow_mod"], **claims}
    return _sign(may, secret_key, now, lifetime)


def mint_participant_token(  # noqa: PLR0913 - all but two are keyword-only
    api_key: str,
    secret_key: str,
    *,
    meeting_id: str,
    participant_id: str,
    now: int,
    lifetime: int = VISIT,
) -> str:
    """Return a new signed token with which one person can join one meeting, and nothing else.

    It is part of the URL of VideoSDK's hosted page. The page sends it again on every rejoin
    (videosdk-live/videosdk-rtc-react-prebuilt-ui on GitHub), so it has to outlive the call: by
    default, it's valid for 12 hours. When it expires, nobody is disconnected.

    Args:
        api_key: the project's API key.
        secret_key: the project's secret.
        meeting_id: VideoSDK's own ID of the meeting.
        participant_id: the ID they join with, without whitespace: keep to `[A-Za-z0-9_-]`.
        now: the issue time, in whole seconds since 1970, UTC.
        lifetime: seconds in which they can join and rejoin.
    """
    may = {
        "apikey": api_key,
        "permissions": ["allow_join"],
        "version": 2,
        "roles": ["rtc"],
        "roomId": meeting_id,
        "participantId": participant_id,
    }
    return _sign(may, secret_key, now, lifetime)


def _sign(claims: Mapping[str, object], secret_key: str, now: int, lifetime: int) -> str:
    with warnings.catch_warnings():
        # VideoSDK chooses the secret's length, so a warning on every call is of no use.
        warnings.simplefilter("ignore", jwt.warnings.InsecureKeyLengthWarning)
        payload = {**claims, "iat": now, "exp": now + lifetime}
        return jwt.encode(payload, secret_key, algorithm="HS256")


class Tokens:
    """The current token for the API, replaced a minute before it expires."""

    def __init__(
        self,
        api_key: str,
        secret_key: str,
        *,
        claims: Mapping[str, object] = NO_MORE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._api_key = api_key
        self._secret_key = secret_key
        self._claims = claims
        self._clock = clock
        self._token = ""
        self._issued = 0

    def current(self) -> str:
        """Return a token that is valid for at least another minute."""
        now = int(self._clock())
        age = now - self._issued
        if not self._token or not 0 <= age < LIFETIME - RENEW_BEFORE:
            self._token = mint_token(self._api_key, self._secret_key, now=now, claims=self._claims)
            self._issued = now
        return self._token

    def for_participant(self, meeting_id: str, participant_id: str) -> str:
        """Return a new token for one person to join one meeting."""
        return mint_participant_token(
            self._api_key,
            self._secret_key,
            meeting_id=meeting_id,
            participant_id=participant_id,
            now=int(self._clock()),
        )
