"""Sentences about notes."""

from http import HTTPStatus

from bot.slack.wording.errors import Purpose, explain, refer
from bot.videosdk import VideoSDKRefusedError

TAKE = "Take notes"
TAKE_LABEL = "Take notes of the call: it will be transcribed"
STOP = "Stop"
STOP_LABEL = "Stop transcribing the call"
REFRESH = "Refresh"
REFRESH_LABEL = "Refresh the notes"
DELETE = "Delete notes"
DELETE_LABEL = "Delete notes from Slack"
DELETE_TITLE = "Delete the notes?"
DELETE_TEXT = (
    "This reply disappears for everyone. VideoSDK keeps its transcript and summary: I can't delete "
    "those."
)
DELETE_CONFIRM = "Delete notes"

TURNED_ON = "{} turned on notes. This call is being transcribed."
SINCE = "Taking notes · {}"
SINCE_BEFORE = "since "
WRITING = "{} turned on notes. The transcription has ended, and VideoSDK is writing them up."
READY = "Notes of this call, turned on by {}."
WITHOUT_SUMMARY = (
    "{} turned on notes. VideoSDK has written no summary. Maybe too little was said for one."
)
BROKEN_OFF = (
    "{} turned on notes, but the transcription failed at VideoSDK. To start again, press *Take "
    "notes* on the card."
)
MISSING = (
    "{} turned on notes, but VideoSDK has no transcription of this call. Press *Refresh* to look "
    "again, or *Take notes* on the card to start."
)
NOT_STARTED = "{} turned on notes, but they didn't start: this call is not being transcribed.\n{}"
NO_PLAN = "My VideoSDK plan doesn't include transcription"
NO_BETA = "VideoSDK doesn't offer transcription to my account"
NOT_ALLOWED = "VideoSDK doesn't let my key transcribe calls"
ASK_VIDEOSDK = "Please ask whoever set me up to look at the VideoSDK dashboard."
UNREADABLE = "I can't read the summary here. Open it with the link below."
FOREIGN = (
    "The summary is at an address that I don't know, so I haven't opened it. Please ask whoever "
    "set me up to look at `VIDEOSDK_FILE_HOSTS`."
)
THERE = "Who was there"
WHOLE_SUMMARY = "Read the whole summary"
TRANSCRIPT = "Transcript"
READ_BY = "Anyone who has the links can read these files."

ON = "Notes are on. They'll appear in the thread below this meeting's card."
ALREADY_ON = "This call is already being transcribed. Look for its notes below the meeting's card."
NOBODY_IN = "Nobody's in this call yet, so I haven't turned notes on. Join first, then try again."
OVER = "This card's meeting is over, so I haven't turned notes on. Use the newest card."
STOPPED = "I've stopped transcribing. The notes will appear in the thread."
REFRESHED = "I've looked: the notes show what VideoSDK has now."
NOT_REFRESHED = "I couldn't update the notes right now. Please try again in a minute."
DELETED = "I've deleted the notes here. VideoSDK still has its transcript and summary."
NOT_DELETED = "Slack didn't let me delete the notes ({}). Please try again in a minute."
OTHERS = (
    "The notes that are being taken may be another reply's, so I haven't touched them. Please "
    "press *Stop* on the other reply in this thread. If there's none, *End for everyone* on the "
    "card stops them, too."
)
ONLY_THEY = "Only {} can {}. Please ask them."
STOP_IT = "stop these notes"
DELETE_IT = "delete these notes"
OFF = "Notes are turned off here. Whoever set me up can turn them on."

INVITE = (
    "I can't post in this conversation, so I haven't turned notes on. Invite me first: type "
    "`/invite` here and pick me. Then press *Take notes* again."
)
NO_SCOPE = (
    "I'm not allowed to post messages, so I haven't turned notes on. Please ask whoever set me up "
    "to add `chat:write` to my scopes and reinstall me."
)
NOT_POSTED = (
    "Slack didn't take my message ({}), so I haven't turned notes on. Please try again in a minute."
)

STARTING = Purpose(
    failed="notes didn't start",
    unsure="notes didn't start, as far as I can tell",
)
STOPPING = Purpose(
    failed="the call is still being transcribed",
    unsure="the call may still be transcribed",
)
REFRESHING = Purpose(
    failed="the notes are as they were",
    unsure="the notes may be out of date",
)

_REFUSED: dict[int, str] = {
    HTTPStatus.PAYMENT_REQUIRED: NO_PLAN,
    HTTPStatus.FORBIDDEN: NOT_ALLOWED,
    HTTPStatus.NOT_FOUND: NO_BETA,
}


def not_started(error: Exception, reference: str) -> str:
    """Return why notes didn't start, and what to do.

    Args:
        error: the error from VideoSDK's client.
        reference: a code that is also in the log.
    """
    refused = _REFUSED.get(error.status or 0) if isinstance(error, VideoSDKRefusedError) else None
    if refused:
        return f"{refused}, so {STARTING.failed}. {ASK_VIDEOSDK} {refer(reference)}"
    return explain(error, STARTING, reference)


def not_posted(reason: str) -> str:
    """Return the sentence for a conversation that the bot can't post to.

    Args:
        reason: Slack's error code.
    """
    if reason in ("not_in_channel", "channel_not_found"):
        return INVITE
    return NO_SCOPE if reason == "missing_scope" else NOT_POSTED.format(reason)
