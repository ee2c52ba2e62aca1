"""Admission to the rooms of the VideoSDK stand-in, by the rules of VideoSDK's media servers."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.videosdk.rooms import Record, RoomRegistry
from bot.sandbox.videosdk.tokens import join_refusal, valid_claims

# VideoSDK's error codes, from the constants of @videosdk.live/js-sdk 1.1.1, each with an HTTP
# status and a sentence.
REASONS = {
    4001: (400, "The link lacks the meeting, the token or a name."),
    4002: (401, "The token is not valid, or no longer. Open the meeting from its card again."),
    4003: (404, "There is no such meeting."),
    4004: (400, "A participant ID may have letters, digits, _ and - in it."),
    4008: (403, "The token does not let anybody in."),
    4022: (403, "The token is for another meeting."),
    4023: (403, "The token is for somebody else."),
    4024: (403, "The token is not for joining."),
    4052: (403, "This meeting has been closed for good."),
}

_PARTICIPANT_ID = re.compile(r"[A-Za-z0-9_-]*")


class NotAdmittedError(Exception):
    """A person may not join; the message is a sentence from REASONS.

    Attributes:
        code: VideoSDK's, one of REASONS.
    """

    def __init__(self, code: int) -> None:
        super().__init__(REASONS[code][1])
        self.code = code


@dataclass(frozen=True)
class Admission:
    """Decides who may join one account's rooms.

    Attributes:
        rooms: the account's rooms.
        api_key: the API key that tokens have to name.
        secret_key: the key that tokens have to be signed with.
        clock: returns seconds since 1970.
    """

    rooms: RoomRegistry
    api_key: str
    secret_key: str
    clock: Callable[[], float]

    def admit(
        self,
        token: str,
        any_id: str,
        participant_id: str | None = None,
        *,
        has_joined: bool = False,
    ) -> Record:
        """Return the meeting, if a person may join it.

        Args:
            token: their token.
            any_id: the meeting's meetingId or userMeetingId.
            participant_id: None if they haven't sent it yet, "" if they don't choose one.
            has_joined: whether they are inside: then the token may expire and the room be closed.

        Raises:
            NotAdmittedError: they may not join.
        """
        now = 0 if has_joined else self.clock()
        claims = valid_claims(token, self.api_key, self.secret_key, now)
        if claims is None:
            raise NotAdmittedError(4002)
        meeting = self.rooms.find(any_id)
        if meeting is None:
            raise NotAdmittedError(4003)
        if participant_id is None:
            participant_id = str(claims.get("participantId", ""))
        if not _PARTICIPANT_ID.fullmatch(participant_id):
            raise NotAdmittedError(4004)
        refusal = join_refusal(claims, meeting["meetingId"], participant_id)
        if refusal:
            raise NotAdmittedError(refusal)
        if meeting.get("disabled") and not has_joined:
            raise NotAdmittedError(4052)
        return meeting

    def moderates(self, token: str) -> bool:
        """Return whether a token lets its owner mute and remove others."""
        claims = valid_claims(token, self.api_key, self.secret_key, 0)
        return claims is not None and "allow_mod" in claims.get("permissions", [])
