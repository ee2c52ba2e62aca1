"""Sentences on cards and around them."""

from bot.durations import counted

UNNAMED = "Meeting"
STARTED = "{} started a meeting."
STARTED_AGAIN = "This meeting was started again from its link."
SHARED = "{} shared a meeting."
INVITES_YOU = "{} invites you to this meeting."
INVITED = "Invited: {}"

NAME = "Name"
MEETING_ID = "Meeting ID"
REGION = "Region"
CREATED = "Created"

JOIN = "Join"
JOIN_LABEL = "Join {} in your browser"
THE_MEETING = "the meeting"
SHARE = "Share here"
SHARE_LABEL = "Post the meeting's card here"
A_GUEST = "{} (guest)"  # someone who hasn't signed in, in a deployment with Sign in with Slack
MEETING_LINK = "Meeting link"
LINK_IS_FOR = ": share it, or use it to start again"
NO_JOIN = "No Join button? Whoever set me up can turn it on."

END = "End for everyone"
END_TITLE = "End the meeting?"
END_TEXT = "Everyone in the call will be disconnected."
END_CONFIRM = "End meeting"
CLOSE = "Close join links"
CLOSE_LABEL = "Close the meeting's join links for good"
CLOSE_TITLE = "Close the join links?"
CLOSE_TEXT = (
    "Nobody will be able to join with this meeting's links any more. If the meeting has a name, "
    "its next card gets a new room."
)
CLOSE_CONFIRM = "Close links"
CANCEL = "Cancel"

VALID = "This meeting ID is valid."
SWITCHED_OFF = (
    "The meeting `{meeting_id}` has been closed, so nobody can join it. Start a new one with "
    "`{meet}`."
)
UNKNOWN = (
    "No meeting has the ID `{meeting_id}` in my VideoSDK account. Compare it with the meeting's "
    "card, or start a new meeting with `{meet}`."
)
NO_ID = (
    "I can't find a meeting ID in that. An ID looks like `87i6-bvw8-dtn1`. To start a meeting, "
    "type `{meet}` and a name."
)
NEITHER_KNOWN = (
    "I can't find a meeting with the ID `{meeting_id}`, or one with that name here. Compare it "
    "with the meeting's card, or start a new meeting with `{meet}`."
)
UNKNOWN_NAME = (
    "I can't find a meeting ID in that, or a meeting with that name here. An ID looks like "
    "`87i6-bvw8-dtn1`. To start a meeting, type `{meet}` and a name."
)

ENDED = "{} ended the meeting for everyone."
ALREADY_OVER = "This meeting is already over."
NOTHING_TO_END = "Nobody's in this meeting right now, so there's nothing to end."
CLOSED = "{} closed this meeting's join links. Nobody can join with them any more."
CANT_CLOSE = (
    "I can't close join links: that needs version 2 of VideoSDK's API. Please ask whoever set me "
    "up to set `VIDEOSDK_API_VERSION` to `v2`."
)
ONLY_STARTER = "Only {}, who started this meeting, can {}. Please ask them."
END_IT = "end it for everyone"
CLOSE_IT = "close its links"

NEVER_HELD = "Not held yet"
RUNS_UNKNOWN = "I couldn't find out whether anyone's in it right now"

REGION_ASKED = "Requested region: {}."
NO_GEO_FENCING = "My VideoSDK plan has no geo-fencing, so VideoSDK chose the region."
REGION_NOT_SAID = "VideoSDK didn't say which region it chose."
REGION_OF_NAME = "A named meeting always uses the same room. For another region, pick a new name."
OTHER_REGION = "VideoSDK chose a different region."


def live(people: int, started: str) -> str:
    """Return the line for a meeting with people in it; `started` says since when."""
    return f"Live now · {counted(people, 'person', 'people')} · {started}"


def empty(started: str) -> str:
    """Return the line for a meeting that is on with nobody in it; `started` says since when."""
    return f"Open · nobody in it right now · {started}"


def held(last: str, duration: str) -> str:
    """Return the line that says when a meeting was last held, and for how long."""
    return f"{last} · lasted {duration}"
