"""For each assumption, ways in which a stand-in can contradict it, and what the check then sees."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from bot.sandbox.faults import Fault
from tests.assumptions.conftest import Services

OTHER_ROOM = {"id": "6", "roomId": "n0t0-y0ur-m33t", "meetingId": "n0t0-y0ur-m33t"}


OTHER_KEY = """-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAElrL8sfrrUjXKj3J6zDqO/BTZ7QWV
cZ5liWGGAb3E3/qLvQECqFcwhme3+XMah0BudtU0tMHQorvc/bFP9XfbGQ==
-----END PUBLIC KEY-----
"""


class Flip(NamedTuple):
    """A change of a stand-in's behaviour that one check must notice.

    Attributes:
        version: VideoSDK's API version.
        id: the assumption's ID.
        saw: what the check then sees.
        change: applies the change.
    """

    version: str
    id: str
    saw: str
    change: Callable[[Services], None]


def oddity(**values: object) -> Callable[[Services], None]:
    """Set oddities of VideoSDK's stand-in."""

    def change(services: Services) -> None:
        for name, value in values.items():
            assert hasattr(services.videosdk, name)
            setattr(services.videosdk, name, value)

    return change


def slack_oddity(**values: object) -> Callable[[Services], None]:
    """Set oddities of Slack's stand-in."""

    def change(services: Services) -> None:
        for name, value in values.items():
            assert hasattr(services.slack.oddities, name)
            setattr(services.slack.oddities, name, value)

    return change


def answer(path: str, status: int, **fields: object) -> Callable[[Services], None]:
    """Make VideoSDK always give this answer."""
    fault = Fault(status, json.dumps(fields).encode())
    return lambda services: services.videosdk.faults.always(fault, path)


def rewritten(path: str, rewrite: Callable[[Any], Any]) -> Callable[[Services], None]:
    """Rewrite VideoSDK's answers."""
    return lambda services: services.videosdk.faults.always(Fault(change=rewrite), path)


def slack_answer(method: str, *, ok: bool = True, **fields: object) -> Callable[[Services], None]:
    """Make Slack always give this answer."""
    fault = Fault(200, json.dumps({"ok": ok, **fields}).encode())
    return lambda services: services.slack.faults.always(fault, method)


def slack_rewritten(method: str, rewrite: Callable[[Any], Any]) -> Callable[[Services], None]:
    """Rewrite Slack's answers."""
    return lambda services: services.slack.faults.always(Fault(change=rewrite), method)


def one_answer(number: int, path: str, fault: Fault) -> Callable[[Services], None]:
    """Change VideoSDK's answer to the request with this number, counted from 1."""
    return lambda services: services.videosdk.faults.plan(
        *[Fault()] * (number - 1), fault, path=path
    )


def one_slack_answer(
    number: int, method: str, *, ok: bool = False, **fields: object
) -> Callable[[Services], None]:
    """Change Slack's answer to the call with this number, counted from 1."""
    fault = Fault(200, json.dumps({"ok": ok, **fields}).encode())
    return lambda services: services.slack.faults.plan(
        *[Fault()] * (number - 1), fault, path=method
    )


def other_room_after(count: int) -> Callable[[Any], Any]:
    """After `count` answers to creating a room, answer with another room."""
    seen: list[Any] = []

    def rewrite(room: Any) -> Any:
        seen.append(room)
        return room if len(seen) <= count else room | OTHER_ROOM

    return rewrite


def with_swapped_starts(body: Any) -> Any:
    """Swap the start times of the two sessions in a list."""
    match body:
        case {"data": [first, second]}:
            one, other = first["start"], second["start"]
            return {"data": [first | {"start": other}, second | {"start": one}]}
    return body


def without(name: str) -> Callable[[Any], Any]:
    """Remove a field from answers."""
    return lambda body: {key: value for key, value in body.items() if key != name}


def sessions_without(name: str) -> Callable[[Any], Any]:
    """Remove a field from the sessions in a list."""
    return lambda body: {"data": [without(name)(session) for session in body["data"]]}


def with_bare_participants(body: Any) -> Any:
    """Reduce participants in a list of sessions to their names."""
    bare = {"participants": [{"name": "Maya Ortega"}]}
    return {"data": [session | bare for session in body["data"]]}


def refused_when(refused: Callable[[Any], bool], error: str) -> Callable[[Any], Any]:
    """Replace some of Slack's answers with an error."""
    return lambda body: {"ok": False, "error": error} if refused(body) else body


def with_empty_users(body: Any) -> Any:
    """Give calls without users an empty list of users."""
    return body if "call" not in body else body | {"call": {"users": [], **body["call"]}}


CREATE, VALIDATE, DEACTIVATE = "POST /v2/rooms", "GET /v2/rooms/validate", "/v2/rooms/deactivate"
DOOR = "/infra/v1/meetings/init-config"
V1_LIST, V2_LIST = "GET /v1/meeting-sessions", "GET /v2/sessions/"
TRANSCRIBE = "/ai/v1/realtime-transcriptions"
ADD, REMOVE = "calls.participants.add", "calls.participants.remove"
LET_IN = b'{"data": {"baseUrl": "example.com"}}'

ROOMS = [
    Flip("v2", "room-region", "refused", oddity(geo_fencing=False)),
    Flip(
        "v2",
        "room-create",
        "a room with another customRoomId",
        rewritten(CREATE, lambda room: room | {"customRoomId": "another"}),
    ),
    Flip(
        "v2",
        "room-create",
        "a roomId of another form",
        one_answer(2, CREATE, Fault(change=lambda room: room | {"roomId": "abc-xyzw-lmno"})),
    ),
    Flip("v2", "room-create", "status 500", one_answer(2, CREATE, Fault(500))),
    Flip("v2", "room-again", "another room", rewritten(CREATE, other_room_after(2))),
    Flip("v2", "room-webhook", "takes the new one", oddity(updates_webhook=True)),
    Flip("v2", "room-webhook", "does not say", oddity(echoes_webhook=False)),
    Flip("v2", "room-webhook", "another room", rewritten(CREATE, other_room_after(3))),
    Flip(
        "v2",
        "room-validate",
        "the same room; by customRoomId: status 400",
        answer(f"{VALIDATE}/doctor-", 400),
    ),
    Flip("v2", "room-unknown", "status 402", oddity(not_found=(402, "json"))),
    Flip("v2", "room-unknown", "status 422", oddity(not_found=(422, "text"))),
    Flip(
        "v2",
        "session-by-own-id",
        "other rooms' sessions",
        answer("customRoomId=", 200, data=[OTHER_ROOM]),
    ),
    Flip("v2", "session-end", "status 404", oddity(no_session=404)),
    Flip("v2", "session-end", "2xx", oddity(no_session=200)),
    Flip("v2", "session-end", "status 422", oddity(no_session=422)),
    Flip("v2", "webhook-key", "RSA in SPKI", oddity(key_form="spki")),
    Flip("v2", "webhook-key", "no key", answer("rsa-public-key", 200)),
    Flip(
        "v2",
        "webhook-key",
        "another kind of key",
        answer("rsa-public-key", 200, publicKey=OTHER_KEY),
    ),
    Flip("v2", "webhook-key", "status 404", answer("rsa-public-key", 404)),
    Flip(
        "v2",
        "room-deactivate",
        "the room is not disabled",
        rewritten(VALIDATE, without("disabled")),
    ),
    Flip(
        "v2", "room-deactivate", "then validate has status 404", one_answer(4, VALIDATE, Fault(404))
    ),
    Flip("v2", "room-deactivate", "status 402", answer(DEACTIVATE, 402)),
    Flip("v2", "room-recreate", "another room", rewritten(CREATE, other_room_after(4))),
    Flip("v2", "room-recreate", "the room, open again", rewritten(CREATE, without("disabled"))),
    Flip("v2", "participant-closed", "let in so far", one_answer(2, DOOR, Fault(200, LET_IN))),
]

LISTINGS = [
    flip
    for version, path, room in (("v1", V1_LIST, "meetingId"), ("v2", V2_LIST, "roomId"))
    for flip in (
        Flip(
            version,
            "session-entries",
            "a session without id or start",
            rewritten(path, sessions_without("start")),
        ),
        Flip(
            version,
            "session-entries",
            "a session without its room",
            rewritten(path, sessions_without(room)),
        ),
        Flip(
            version,
            "session-entries",
            "a session without its participants",
            rewritten(path, sessions_without("participants")),
        ),
        Flip(
            version,
            "session-entries",
            "a session without its participants",
            rewritten(path, with_bare_participants),
        ),
        Flip(
            version,
            "session-order",
            "oldest first",
            rewritten(path, with_swapped_starts),
        ),
        Flip(
            version,
            "session-pages",
            "other pages",
            rewritten(path, lambda body: body | {"data": 2 * body["data"]}),
        ),
        Flip(
            version,
            "session-by-room",
            "other rooms' sessions",
            answer(f"&{room}=", 200, data=[OTHER_ROOM]),
        ),
    )
]

TOKENS = [
    flip
    for version in ("v1", "v2")
    for flip in (
        Flip(version, "token-scheme", "refused", oddity(accepts_bearer=False)),
        Flip(
            version, "participant-room", "another room", answer("/v1/prebuilt", 200, **OTHER_ROOM)
        ),
        Flip(version, "participant-api", "accepted", answer("GET /v2/rooms?", 200, data=[])),
        Flip(version, "participant-enter", "status 403", answer(DOOR, 403, error="no", code=4024)),
        Flip(
            version,
            "participant-enter",
            "no data",
            answer(DOOR, 200, error="no", code=4024),
        ),
    )
]

V1_CREATE, V1_VALIDATE = "POST /v1/meetings", "POST /v1/meetings/"

MEETINGS = [
    Flip(
        "v1",
        "meeting-create",
        "a meeting with another userMeetingId",
        rewritten(V1_CREATE, lambda one: one | {"userMeetingId": "another"}),
    ),
    Flip("v1", "meeting-create", "no meetingId", rewritten(V1_CREATE, without("meetingId"))),
    Flip("v1", "meeting-create", "status 500", one_answer(1, V1_CREATE, Fault(500))),
    Flip("v1", "meeting-region", "does not say", oddity(echoes_region=False)),
    Flip(
        "v1",
        "meeting-region",
        "another one",
        rewritten(V1_CREATE, lambda one: one | {"region": "sg001"}),
    ),
    Flip("v1", "meeting-again", "another meeting", oddity(repeated_id="new")),
    Flip("v1", "meeting-again", "refused", oddity(repeated_id="refuse409")),
    Flip("v1", "meeting-validate", "GET", oddity(validate_verbs={"GET"})),
    Flip(
        "v1",
        "meeting-validate",
        "another meeting",
        rewritten(V1_VALIDATE, lambda one: one | OTHER_ROOM),
    ),
    Flip("v1", "meeting-unknown", "status 404", oddity(not_found=(404, "json"))),
    Flip("v1", "meeting-unknown", "status 422", oddity(not_found=(422, "json"))),
]

SLACK = [
    Flip("v2", "slack-token", "no scopes", slack_answer("auth.test", team_id="T1")),
    Flip("v2", "slack-token", "no team_id", slack_rewritten("auth.test", without("team_id"))),
    Flip(
        "v2",
        "slack-token",
        "account_inactive",
        slack_answer("auth.test", ok=False, error="account_inactive"),
    ),
    Flip(
        "v2",
        "card-plain",
        "invalid_blocks",
        one_slack_answer(1, "blocks.validate", error="invalid_blocks"),
    ),
    Flip("v2", "card-live", "invalid_blocks", slack_oddity(refuses_call_block=True)),
    Flip(
        "v2",
        "call-add",
        "not_implemented",
        slack_answer("calls.add", ok=False, error="not_implemented"),
    ),
    Flip("v2", "call-add", "no call", slack_answer("calls.add")),
    Flip("v2", "call-again", "the same call", slack_oddity(repeated_call="same")),
    Flip("v2", "call-again", "another call", slack_oddity(repeated_call="new")),
    Flip("v2", "call-update-bare", "accepted", slack_oddity(bare_update="no_error")),
    Flip("v2", "call-update", "without the call", slack_rewritten("calls.update", without("call"))),
    Flip(
        "v2",
        "call-update",
        "fatal_error",
        slack_answer("calls.update", ok=False, error="fatal_error"),
    ),
    Flip(
        "v2",
        "call-leave-absent",
        "inactive_call",
        one_slack_answer(1, REMOVE, error="inactive_call"),
    ),
    Flip("v2", "call-enter", "without the call", slack_rewritten(ADD, without("call"))),
    Flip("v2", "call-enter", "fatal_error", one_slack_answer(1, ADD, error="fatal_error")),
    Flip("v2", "call-enter", "nobody is shown", one_slack_answer(1, ADD, ok=True)),
    Flip("v2", "call-enter-again", "the other one is shown", slack_oddity(bad_users="skips")),
    Flip("v2", "call-leave-unnamed", "removed", slack_oddity(removes_unnamed=True)),
    Flip("v2", "call-leave", "still shown", one_slack_answer(3, REMOVE, ok=True)),
    Flip("v2", "call-empty", "an empty list", slack_rewritten("calls.update", with_empty_users)),
    Flip(
        "v2",
        "call-end",
        "internal_error",
        slack_rewritten(
            "calls.end", refused_when(lambda body: "error" not in body, "internal_error")
        ),
    ),
    Flip(
        "v2",
        "call-inactive",
        "inactive_call, no error",
        slack_rewritten("calls.end", without("error")),
    ),
]

TRANSCRIPTIONS = [
    Flip("v2", "transcription-start", "status 403", oddity(refuses_transcription=403)),
    Flip("v2", "transcription-start", "started", answer(f"{TRANSCRIBE}/start", 200)),
    Flip("v2", "transcription-list", "no listing", answer(f"GET {TRANSCRIBE}", 200)),
    Flip("v2", "transcription-end", "2xx", answer(f"{TRANSCRIBE}/end", 200)),
    Flip("v2", "transcription-end", "status 500", answer(f"{TRANSCRIBE}/end", 500)),
]

FLIPS = TRANSCRIPTIONS + ROOMS + LISTINGS + TOKENS + MEETINGS + SLACK
