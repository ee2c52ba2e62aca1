"""The address of VideoSDK's page, which the join page frames."""

from urllib.parse import urlencode

from bot.videosdk import Meeting, VideoSDK

# What VideoSDK's page offers. Unset, the last three are off, and the rest depends on its version.
_OFFERED = dict.fromkeys(
    (
        "micEnabled",
        "webcamEnabled",
        "chatEnabled",
        "screenShareEnabled",
        "participantCanToggleSelfWebcam",
        "participantCanToggleSelfMic",
        "participantCanLeave",
        "pollEnabled",
        "raiseHandEnabled",
        "canToggleVirtualBackground",
        "canToggleWhiteboard",
        "canDrawOnWhiteboard",
    ),
    "true",
)
# It asks for a name, and shows camera and microphone.
_ASKING = {"joinScreenEnabled": "true"}
# It doesn't: its field wants three letters, and Al is a name. Nobody is on camera unawares.
_KNOWN = {
    "joinScreenEnabled": "false",
    "joinWithoutUserInteraction": "true",
    "webcamEnabled": "false",
}
# It shows these buttons to whoever has `allow_mod` in their token.
_MODERATING = dict.fromkeys(
    (
        "participantCanToggleOtherMic",
        "participantCanToggleOtherWebcam",
        "canRemoveOtherParticipant",
        "participantCanEndMeeting",
    ),
    "true",
)


class Frame:
    """VideoSDK's page for meetings.

    Args:
        url: where it is.
        videosdk: mints the tokens.
    """

    def __init__(self, url: str, videosdk: VideoSDK) -> None:
        self._url = url
        self._videosdk = videosdk

    def address(
        self, meeting: Meeting, participant: str, back: str, name: str = "", *, moderates: bool
    ) -> str:
        """Return the address for one participant, with their token.

        Its own "Rejoin" would lead back past us, possibly into a meeting that has ended on every
        card; so its left screen leads to the join link. The page decodes values twice.

        Args:
            meeting: the room.
            participant: their id.
            back: the join link that they came by.
            name: theirs, if it is known; the page asks for it otherwise.
            moderates: whether they may mute and remove others, and end the meeting.
        """
        token = self._videosdk.participant_token(
            meeting.meeting_id, participant, moderates=moderates
        )
        parameters = {
            "meetingId": meeting.meeting_id,
            "participantId": participant,
            "token": token,
            "leftScreenRejoinButtonEnabled": "false",
            "leftScreenActionButtonLabel": "Rejoin",
            "leftScreenActionButtonHref": _twice(back),
        }
        entry = _KNOWN | {"name": _twice(name)} if name else _ASKING
        powers = _MODERATING if moderates else {}
        return f"{self._url}?{urlencode(parameters | _OFFERED | entry | powers)}"


def _twice(value: str) -> str:
    return value.replace("%", "%25")
