"""URL of VideoSDK's meeting page, which the join page frames."""

from urllib.parse import urlencode

from bot.videosdk import Meeting, VideoSDK

# Features of VideoSDK's page. The last three are off by default; for the rest it depends on the
# page's version.
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
# The page asks for a name, and lets people set up camera and microphone.
_ASK_FOR_NAME = {"joinScreenEnabled": "true"}
# The page doesn't ask for a name: its field requires three letters, and some names are shorter.
# People are in the meeting at once, so the camera starts off.
_SIGNED_IN = {
    "joinScreenEnabled": "false",
    "joinWithoutUserInteraction": "true",
    "webcamEnabled": "false",
}
# The page shows these buttons to participants with `allow_mod` in their token.
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
    """VideoSDK's meeting page.

    Args:
        url: its URL.
        videosdk: mints the participants' tokens.
    """

    def __init__(self, url: str, videosdk: VideoSDK) -> None:
        self._url = url
        self._videosdk = videosdk

    def address(
        self, meeting: Meeting, participant: str, back: str, name: str = "", *, moderates: bool
    ) -> str:
        """Return the URL for one participant, with their token.

        The page's own "Rejoin" would bypass the join link, and could lead into a meeting that has
        ended on every card. So "Rejoin" leads to the join link instead.

        Args:
            meeting: the room.
            participant: their participant ID.
            back: the join link that they opened.
            name: their name; the page asks for one if it is "".
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
            "leftScreenActionButtonHref": _escape_percent(back),
        }
        entry = _SIGNED_IN | {"name": _escape_percent(name)} if name else _ASK_FOR_NAME
        powers = _MODERATING if moderates else {}
        return f"{self._url}?{urlencode(parameters | _OFFERED | entry | powers)}"


def _escape_percent(value: str) -> str:
    """Escape a value once more than a query needs, because VideoSDK's page decodes it twice."""
    return value.replace("%", "%25")
