"""Rooms have VideoSDK's IDs and timestamps, and can be found by both of their IDs."""

import re
from itertools import count

import pytest

from bot.sandbox.videosdk.rooms import RoomRegistry, object_id, timestamp

JANUARY_2022 = 1641364876.018


@pytest.fixture
def rooms() -> RoomRegistry:
    """Rooms whose clock advances by a minute with each reading."""
    minutes = count()
    return RoomRegistry(lambda: JANUARY_2022 + 60 * next(minutes))


def test_a_timestamp_has_milliseconds_and_z() -> None:
    assert timestamp(JANUARY_2022) == "2022-01-05T06:41:16.018Z"
    assert timestamp(1641364876) == "2022-01-05T06:41:16.000Z"


def test_an_object_id_starts_with_the_seconds_of_its_creation() -> None:
    assert re.fullmatch("61d53d8c[0-9a-f]{16}", object_id(JANUARY_2022))


def test_a_meeting_without_a_name_has_no_user_meeting_id(rooms: RoomRegistry) -> None:
    record = rooms.create("eu001")

    assert list(record) == ["meetingId", "userId", "region", "createdAt", "updatedAt", "id"]
    assert record["createdAt"] == record["updatedAt"] == "2022-01-05T06:42:16.018Z"
    assert record["id"].startswith(f"{int(JANUARY_2022) + 60:08x}")


def test_meeting_ids_are_three_groups_of_base36(rooms: RoomRegistry) -> None:
    ids = {rooms.create("sg001")["meetingId"] for _ in range(50)}

    assert len(ids) == 50
    assert all(re.fullmatch("[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}", one) for one in ids)


def test_a_meeting_is_found_by_either_id_and_the_newest_of_a_name_wins(rooms: RoomRegistry) -> None:
    first = rooms.create("sg001", "standup")
    second = rooms.create("sg001", "standup")

    assert rooms.find(first["meetingId"]) is first
    assert rooms.find("standup") is second
    assert rooms.find("elsewhere") is None


def test_another_accounts_meeting_is_unknown(rooms: RoomRegistry) -> None:
    record = rooms.create("sg001", "standup")
    record["userId"] = object_id(JANUARY_2022)

    assert rooms.find(record["meetingId"]) is None
    assert rooms.own_meetings() == []


def test_a_deactivated_meeting_is_disabled_and_has_the_time_of_the_change(
    rooms: RoomRegistry,
) -> None:
    record = rooms.create("sg001")
    rooms.deactivate(record["meetingId"])

    assert record["disabled"] is True
    assert record["updatedAt"] > record["createdAt"]
