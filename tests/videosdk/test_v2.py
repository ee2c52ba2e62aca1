"""Version 2 of the API: requests, and parsing of responses."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.videosdk import Meeting, Participant, Session, VideoSDKBadReplyError, v2
from bot.videosdk.wire import Request

ROOM = "87i6-bvw8-dtn1"
NOON = datetime(2022, 1, 5, 12, tzinfo=UTC)
ONE = datetime(2022, 1, 5, 13, tzinfo=UTC)

plain = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
junk = plain | st.lists(plain, max_size=2) | st.dictionaries(st.text(max_size=5), plain, max_size=2)


def entry(**changes: Any) -> dict[str, Any]:
    start = "2022-01-05T12:00:00.000Z"
    return {"id": "s", "roomId": ROOM, "start": start, "end": None, "status": "ongoing", **changes}


def read(*entries: object, asked: str = ROOM) -> list[Session]:
    return v2.read_sessions({"data": list(entries)}, asked)


def test_creating_is_a_post_with_only_the_fields_that_have_a_value() -> None:
    assert v2.create("us001", "unicorn", "https://bot.example/hook") == Request(
        "POST",
        "/v2/rooms",
        json={
            "customRoomId": "unicorn",
            "geoFence": "us001",
            "webhook": {
                "endPoint": "https://bot.example/hook",
                "events": [
                    "participant-joined",
                    "participant-left",
                    "session-started",
                    "session-ended",
                ],
            },
        },
    )
    assert v2.create(None, None) == Request("POST", "/v2/rooms", json={})


def test_a_room_is_validated_and_ended_and_closed() -> None:
    assert v2.validate("a/b?c") == Request("GET", "/v2/rooms/validate/a%2Fb%3Fc")
    for asked, path in ((v2.end, "/v2/sessions/end"), (v2.deactivate, "/v2/rooms/deactivate")):
        assert asked(ROOM) == Request("POST", path, json={"roomId": ROOM}, needs_body=False)


@pytest.mark.parametrize(
    ("asked", "name"),
    [(ROOM, "roomId"), ("unicorn", "customRoomId"), ("87I6-BVW8-DTN1", "customRoomId")],
)
def test_sessions_are_asked_for_by_either_id(asked: str, name: str) -> None:
    assert v2.sessions(asked, 2) == Request(
        "GET", "/v2/sessions/", {name: asked, "page": "1", "perPage": "2"}
    )
    assert v2.recent_sessions(1, 7) == Request(
        "GET", "/v2/sessions/", {"page": "7", "perPage": "1"}
    )


def test_an_answer_is_read_with_the_names_of_either_version() -> None:
    payload = {"roomId": ROOM, "customRoomId": "unicorn", "geoFence": "us001", "region": "eu001"}
    in_v1 = {"meetingId": ROOM, "userMeetingId": "unicorn", "disabled": True}

    assert v2.read_meeting(payload) == Meeting(ROOM, "unicorn", "us001")
    assert v2.read_meeting(in_v1) == Meeting(ROOM, "unicorn", disabled=True)


def test_a_listing_by_the_id_of_a_room_keeps_its_sessions() -> None:
    others: list[Any] = [entry(roomId="n"), None, "m", [], entry(start=None), entry(roomId=["m"])]

    assert read(*others, entry()) == [Session(NOON, None, (), "s", ROOM)]
    assert read(entry(roomId=None, meetingId=ROOM)) == [Session(NOON, None, (), "s", ROOM)]


@pytest.mark.parametrize(
    ("entries", "kept"),
    [
        ([entry(), entry()], 2),
        ([entry(), entry(roomId="n")], 0),
        ([entry(customRoomId="unicorn"), entry(roomId="n")], 1),
        ([entry(customRoomId="dragon"), entry(customRoomId=None)], 1),
        ([entry(customRoomId="dragon")], 0),
        ([], 0),
    ],
)
def test_a_listing_by_a_custom_id_is_about_one_room(
    entries: list[dict[str, Any]], kept: int
) -> None:
    assert len(read(*entries, asked="unicorn")) == kept


def test_an_ended_session_without_an_end_ended_when_the_last_person_left() -> None:
    visits = [{"start": "2022-01-05T12:00:00Z", "end": "2022-01-05T13:00:00Z"}, {"end": None}]
    ann = {"participantId": "a", "name": "Ann", "timelog": visits}

    gone = Participant("a", "Ann", inside=False)
    [with_ann] = read(entry(status="ended", participants=[ann]))
    assert with_ann == Session(NOON, ONE, (gone,), "s", ROOM)
    assert read(entry(status="ended")) == [Session(NOON, NOON, (), "s", ROOM)]


@pytest.mark.parametrize("payload", [{}, {"data": {}}, {"data": "m"}])
def test_an_answer_without_a_listing_is_a_bad_reply(payload: dict[str, Any]) -> None:
    with pytest.raises(VideoSDKBadReplyError):
        v2.read_sessions(payload, ROOM)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {"start": st.just("2022-01-05T12:00:00Z") | junk},
            optional={
                "participants": junk | st.lists(st.fixed_dictionaries({"participantId": junk})),
                "status": st.just("ended") | junk,
            }
            | dict.fromkeys(("roomId", "customRoomId", "end"), junk),
        )
        | junk,
        max_size=3,
    )
)
def test_any_listing_is_read(data: list[Any]) -> None:
    for asked in (ROOM, "unicorn"):
        assert isinstance(v2.read_sessions({"data": data}, asked), list)
