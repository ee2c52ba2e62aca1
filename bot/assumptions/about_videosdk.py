"""The assumptions about VideoSDK, in the order in which they are checked."""

from bot.assumptions import joining, meetings, rooms, sessions, transcriptions
from bot.assumptions.assumption import Assumption

_ROOMS = "https://docs.videosdk.live/api-reference/realtime-communication/create-room"
_SESSIONS = "https://docs.videosdk.live/server-sdk/reference/sessions"
_WEBHOOKS = "https://docs.videosdk.live/api-reference/realtime-communication/webhook-verification"
_DOCS = "videosdk-live/videosdk-docs on GitHub"
_NODE = "npm @videosdk.live/server-sdk 0.1.1"
_PAGE = "videosdk-live/videosdk-rtc-react-prebuilt-ui on GitHub, src/App.js"
_JS = "npm @videosdk.live/js-sdk 1.1.1"

_UNKNOWN = ("status 400", "status 402", "status 404")

_V2_ROOMS = (
    Assumption(
        "room-region",
        "A room can be created in a region, or is rejected: not every plan has geo-fencing.",
        f"{_ROOMS}, geoFence",
        rooms.region,
        ("accepted", "refused"),
    ),
    Assumption(
        "room-create",
        "A new room has a roomId like abcd-efgh-ijkl, and our customRoomId.",
        f"{_ROOMS}; {_NODE}",
        rooms.create,
        ("the room",),
    ),
    Assumption(
        "room-again",
        "Creating a room with a known customRoomId returns the room that has it.",
        f"{_ROOMS}; {_NODE}",
        rooms.create_again,
        ("the same room",),
    ),
    Assumption(
        "room-webhook",
        "A known room keeps its webhook or takes the new one, and the answer may say which.",
        f"undocumented; {_NODE} has `webhook` in its type of a room",
        rooms.webhook,
        ("keeps the first", "takes the new one", "does not say"),
    ),
    Assumption(
        "room-validate",
        "A room is found by its roomId and by its customRoomId.",
        _NODE,
        rooms.validate,
        ("the same room",),
    ),
    Assumption(
        "room-unknown",
        "An unknown room is answered with status 400, 402 or 404.",
        f"{_NODE}: 400 or 402; {_DOCS}: 404",
        rooms.unknown,
        _UNKNOWN,
    ),
)

_V1_MEETINGS = (
    Assumption(
        "meeting-create",
        "A new meeting has a meetingId, and our userMeetingId.",
        f"{_DOCS}, version 1",
        meetings.create,
        ("the meeting",),
    ),
    Assumption(
        "meeting-region",
        "The answer names the region that was asked for, or none.",
        f"{_DOCS}, version 1: answers had `region` until 2022-12-09",
        meetings.region,
        ("the one asked for", "does not say"),
    ),
    Assumption(
        "meeting-again",
        "Creating with a known userMeetingId returns that meeting or another, or is rejected.",
        "undocumented",
        meetings.create_again,
        ("the same meeting", "another meeting", "refused"),
    ),
    Assumption(
        "meeting-validate",
        "A meeting is found by POST, or else by GET.",
        f"{_DOCS}, version 1: its samples have both",
        meetings.verb,
        ("POST", "GET"),
    ),
    Assumption(
        "meeting-unknown",
        "An unknown meeting is answered with status 400, 402 or 404.",
        f"{_NODE}, for version 2: 400 or 402; {_DOCS}: 404",
        meetings.unknown,
        _UNKNOWN,
    ),
)

_LISTINGS = (
    Assumption(
        "session-entries",
        "A listed session has id, start, room, and each participant's ID and visits.",
        f"{_SESSIONS}; {_NODE}",
        sessions.entries,
        ("sessions",),
    ),
    Assumption(
        "session-order",
        "Sessions are listed newest first.",
        "undocumented; https://docs.videosdk.live reads data[0] as the current one in a sample",
        sessions.order,
        ("newest first",),
    ),
    Assumption(
        "session-pages",
        "A page of a listing has as many sessions as perPage asks for.",
        f"{_SESSIONS}; {_NODE}",
        sessions.pages,
        ("one on each page",),
    ),
    Assumption(
        "session-by-room",
        "Sessions can be listed by VideoSDK's ID of their room.",
        f"{_SESSIONS}; {_DOCS}, version 1",
        sessions.of_room,
        ("only the room's sessions",),
    ),
)

_V2_SESSIONS = (
    Assumption(
        "session-by-own-id",
        "Sessions can be listed by the customRoomId of their room.",
        f"{_SESSIONS}; {_NODE}",
        sessions.of_own_id,
        ("only the room's sessions",),
    ),
    Assumption(
        "session-end",
        "Ending the session of a room that has none succeeds, or fails with one of six statuses.",
        f"undocumented; {_DOCS}: 406; {_NODE} knows 400, 402, 404 and 409, too",
        rooms.end,
        ("2xx", *_UNKNOWN, "status 406", "status 409"),
    ),
    Assumption(
        "webhook-key",
        "The public key of webhooks is an RSA key in PEM.",
        f"{_WEBHOOKS}, without the key's form",
        joining.public_key,
        ("RSA in PKCS#1", "RSA in SPKI"),
    ),
)

_TOKENS = (
    Assumption(
        "token-scheme",
        "VideoSDK accepts a token with `Bearer ` before it, or rejects it.",
        f"{_DOCS}, version 1: its samples have both forms; {_NODE} sends the bare token",
        joining.scheme,
        ("accepted", "refused"),
    ),
    Assumption(
        "participant-room",
        "The hosted page finds the room with a participant's token.",
        _PAGE,
        joining.find_room,
        ("the room",),
    ),
    Assumption(
        "participant-enter",
        "A token for one room and one participant lets its owner join.",
        _JS,
        joining.enter,
        ("let in",),
    ),
    Assumption(
        "participant-api",
        "A participant's token does not open version 2 of the API.",
        f"{_DOCS}: the role must be crawler",
        joining.participant_in_api,
        ("refused",),
    ),
)

_V2_CLOSING = (
    Assumption(
        "room-deactivate",
        "A room can be closed, and is found with `disabled` from then on.",
        f"{_NODE}; the docs' samples have `disabled`",
        rooms.deactivate,
        ("the room is disabled",),
    ),
    Assumption(
        "room-recreate",
        "Creating a room with the customRoomId of a closed one returns that one or another.",
        f"{_NODE}: an existing room is returned",
        rooms.recreate,
        ("the room, disabled", "another room"),
    ),
    Assumption(
        "participant-closed",
        "Nobody can join a closed room; which request stops them is not documented.",
        f"{_JS}: 4052, MEETING_ID_DISABLED",
        joining.enter_closed,
        ("refused", "let in so far"),
    ),
)

_TRANSCRIBING = "https://docs.videosdk.live/api-reference/realtime-communication"
_NOBODY_IN = ("status 400", "status 404", "status 406", "status 409")

_V2_NOTES = (
    Assumption(
        "transcription-start",
        "Starting a transcription in an empty room succeeds, or fails with one of four statuses.",
        f"undocumented; {_TRANSCRIBING}/start-realtime-transcription",
        transcriptions.start,
        ("started", *_NOBODY_IN),
    ),
    Assumption(
        "transcription-list",
        "A room's transcriptions can be listed.",
        f"{_TRANSCRIBING}/fetch-realtime-transcription",
        transcriptions.listing,
        ("transcriptions",),
    ),
    Assumption(
        "transcription-end",
        "Ending a transcription succeeds or, if none runs, fails with one of four statuses.",
        f"undocumented; {_TRANSCRIBING}/end-realtime-transcription",
        transcriptions.end,
        ("2xx", *_NOBODY_IN),
    ),
)

V1 = _V1_MEETINGS + _LISTINGS + _TOKENS
V2 = _V2_ROOMS + _LISTINGS + _V2_SESSIONS + _TOKENS + _V2_CLOSING
V2_WITH_NOTES = _V2_ROOMS + _LISTINGS + _V2_SESSIONS + _V2_NOTES + _TOKENS + _V2_CLOSING
