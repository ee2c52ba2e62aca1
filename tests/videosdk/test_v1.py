"""Version 1 of the API: requests, and parsing of responses."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.videosdk import Meeting, Participant, Session, VideoSDKBadReplyError, v1
from bot.videosdk.wire import Request

# The answer on the API page.
PAGE = {
    "meetingId": "87i6-bvw8-dtn1",
    "userMeetingId": "unicorn",
    "userId": "5fa671e77b80d58c11cbca95",
    "region": "us001",
    "createdAt": "2022-01-05T06:41:16.018Z",
    "updatedAt": "2022-01-05T06:41:16.018Z",
    "id": "61d53d8c964704379e7d927a",
}
NOON = datetime(2022, 1, 5, 12, tzinfo=UTC)

plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
junk = plain | st.lists(plain, max_size=2) | st.dictionaries(st.text(max_size=5), plain, max_size=2)
patiently = settings(max_examples=100, deadline=None)


def entry(**changes: Any) -> dict[str, Any]:
    return {"meetingId": "m", "start": "2022-01-05T12:00:00.000Z", "end": None, **changes}


def listing(*entries: object) -> dict[str, Any]:
    return {"pageInfo": {"lastPage": 1}, "data": list(entries)}


def test_creating_is_a_post_with_only_the_fields_that_have_a_value() -> None:
    assert v1.create("us001", "unicorn") == Request(
        "POST", "/v1/meetings", json={"region": "us001", "userMeetingId": "unicorn"}
    )
    assert v1.create(None, None) == Request("POST", "/v1/meetings", json={})
    assert v1.create("", "") == Request("POST", "/v1/meetings", json={})


def test_validating_is_a_post_unless_told_otherwise() -> None:
    assert v1.validate("a/b?c") == Request("POST", "/v1/meetings/a%2Fb%3Fc")
    assert v1.validate("a", "GET") == Request("GET", "/v1/meetings/a")


def test_sessions_are_asked_for_by_number() -> None:
    assert v1.sessions("a", 2) == Request(
        "GET", "/v1/meeting-sessions", {"meetingId": "a", "page": "1", "perPage": "2"}
    )
    assert v1.recent_sessions(1, 7) == Request(
        "GET", "/v1/meeting-sessions", {"page": "7", "perPage": "1"}
    )


def test_the_answer_on_the_api_page_is_read() -> None:
    assert v1.read_meeting(PAGE) == Meeting(
        meeting_id="87i6-bvw8-dtn1",
        user_meeting_id="unicorn",
        region="us001",
        created_at=datetime(2022, 1, 5, 6, 41, 16, 18_000, tzinfo=UTC),
    )


def test_an_id_is_all_that_an_answer_needs() -> None:
    assert v1.read_meeting({"meetingId": "jpkf-iool-64ox"}) == Meeting("jpkf-iool-64ox")


def test_the_names_of_version_2_are_read_too() -> None:
    payload = {"roomId": "87i6-bvw8-dtn1", "customRoomId": "unicorn", "disabled": True}

    assert v1.read_meeting(payload) == Meeting("87i6-bvw8-dtn1", "unicorn", disabled=True)


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"data": [PAGE], "pageInfo": {}},
        {"meetingId": ""},
        {"meetingId": 7},
        {"meetingId": "<!channel>"},
        {"meetingId": "two words"},
        {"meetingId": "ünïcorn"},
        {"meetingId": "a" * 129},
        {"meetingId": "a\n"},
    ],
)
def test_an_answer_without_an_id_is_a_bad_reply(payload: dict[str, Any]) -> None:
    with pytest.raises(VideoSDKBadReplyError):
        v1.read_meeting(payload)


@pytest.mark.parametrize(
    "odd",
    [
        {"userMeetingId": "<!channel>"},
        {"userMeetingId": ["a"]},
        {"region": "*bold*"},
        {"region": 1},
        {"createdAt": "yesterday"},
        {"createdAt": 1641364876},
        {"disabled": "true"},
        {"webhook": "https://bot.example/hook"},
        {"webhook": {"endPoint": 7}},
        {"webhook": {"endPoint": ""}},
        {"webhook": {}},
    ],
)
def test_a_malformed_field_is_left_out(odd: dict[str, Any]) -> None:
    assert v1.read_meeting({"meetingId": "a", **odd}) == Meeting("a")


@pytest.mark.parametrize(
    "written",
    [
        "2022-01-05T12:00:00.000Z",
        "2022-01-05T12:00:00+00:00",
        "2022-01-05T13:00:00+01:00",
        "2022-01-05T12:00:00",
    ],
)
def test_timestamps_are_read_in_every_form(written: str) -> None:
    [session] = v1.read_sessions(listing(entry(start=written)), "m")
    assert session == Session(NOON, None, meeting_id="m")


def test_the_people_inside_are_those_who_came_and_have_not_left() -> None:
    in_, out = {"start": "x", "end": None}, {"start": "x", "end": "y"}
    people = [
        {"participantId": "a", "name": "Ann", "timelog": [in_]},
        {"participantId": "b", "name": "Ben", "timelog": [out]},
        {"participantId": "c", "timelog": [out, in_]},
        {"participantId": "d", "name": 7, "timelog": [{"start": "x"}]},
    ]

    [session] = v1.read_sessions(listing(entry(id="s", participants=people)), "m")
    assert (session.session_id, session.people) == ("s", 3)
    assert session.participants == (
        Participant("a", "Ann", inside=True),
        Participant("b", "Ben", inside=False),
        Participant("c", "", inside=True),
        Participant("d", "", inside=True),
    )


def test_somebody_who_is_listed_twice_is_one_participant() -> None:
    in_, out = {"start": "x", "end": None}, {"start": "x", "end": "y"}
    people = [
        {"participantId": "a", "name": "Ann", "timelog": [in_]},
        {"participantId": "a", "timelog": [out]},
    ]

    [session] = v1.read_sessions(listing(entry(participants=people)), "m")
    assert session.participants == (Participant("a", "Ann", inside=True),)


def test_nobody_is_in_an_ended_session() -> None:
    people = [{"participantId": "a", "name": "Ann", "timelog": [{"start": "x", "end": None}]}]
    over = entry(end="2022-01-05T13:00:00.000Z", participants=people)

    [session] = v1.read_sessions(listing(over), "m")
    assert session.participants == (Participant("a", "Ann", inside=False),)


@pytest.mark.parametrize(
    "people",
    [
        None,
        "ann",
        7,
        {},
        [None, "ann", {}, {"timelog": [{"end": None}]}],
        [{"participantId": "a", "timelog": None}, {"participantId": "b", "timelog": ["x"]}],
    ],
)
def test_malformed_people_are_not_counted(people: object) -> None:
    [session] = v1.read_sessions(listing(entry(participants=people)), "m")

    assert session.people == 0


@pytest.mark.parametrize(
    "other",
    [None, "m", 7, [], {}, entry(meetingId="n"), entry(start=None), entry(start="noon")],
)
def test_malformed_and_foreign_sessions_are_left_out(other: object) -> None:
    [session] = v1.read_sessions(listing(other, entry(), other), "m")
    assert session == Session(NOON, None, meeting_id="m")


@pytest.mark.parametrize("payload", [{}, {"data": None}, {"data": {}}, {"data": "m"}])
def test_an_answer_without_a_listing_is_a_bad_reply(payload: dict[str, Any]) -> None:
    with pytest.raises(VideoSDKBadReplyError):
        v1.read_sessions(payload, "m")


@patiently
@given(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("meetingId", "roomId", "userMeetingId", "region", "createdAt", "disabled", "webhook"),
            junk,
        ),
    )
)
def test_any_json_is_a_meeting_or_a_bad_reply(payload: dict[str, Any]) -> None:
    try:
        meeting = v1.read_meeting(payload)
    except VideoSDKBadReplyError:
        return
    assert json.dumps(meeting.meeting_id) == f'"{meeting.meeting_id}"'


@patiently
@given(
    st.lists(
        st.fixed_dictionaries(
            {"meetingId": st.just("m") | junk},
            optional=dict.fromkeys(("start", "end", "participants"), junk),
        )
        | junk,
        max_size=3,
    )
)
def test_any_listing_is_read(data: list[Any]) -> None:
    assert isinstance(v1.read_sessions({"data": data}, "m"), list)
