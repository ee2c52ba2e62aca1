"""Calls have participants, and end."""

import pytest

from bot.sandbox.slack.calls import CallMember, SlackCall, SlackCalls
from bot.sandbox.slack.errors import MethodError
from tests.clock import Clock

MAYA = CallMember("Maya", slack_id="U1")
GUEST = CallMember("Ann", external_id="p1")
URL = "https://meet.example.com/x"


@pytest.fixture
def clock() -> Clock:
    return Clock(1_700_000_000.5)


@pytest.fixture
def calls(clock: Clock) -> SlackCalls:
    return SlackCalls(clock)


@pytest.fixture
def standup(calls: SlackCalls) -> SlackCall:
    return calls.add("room:0", URL, "U1", title="standup")


def test_people_enter_once_each_and_leave(calls: SlackCalls, standup: SlackCall) -> None:
    calls.enter(standup.id, [MAYA, GUEST])
    renamed = CallMember("Anna", external_id="p1")

    assert calls.enter(standup.id, [renamed]).participants == (MAYA, renamed)
    assert calls.leave(standup.id, [GUEST, GUEST]).participants == (MAYA,)
    assert calls.leave(standup.id, [GUEST]).participants == (MAYA,)


@pytest.mark.parametrize(("duration", "seconds"), [(None, 90), (61, 61)])
def test_a_call_ends_with_the_given_or_the_actual_duration(
    calls: SlackCalls, standup: SlackCall, clock: Clock, duration: int | None, seconds: int
) -> None:
    clock.now += 90
    ended = calls.end(standup.id, duration)

    assert (ended.ended_at, ended.duration) == (1_700_000_090, seconds)


def test_only_the_title_of_an_ended_call_can_change(calls: SlackCalls, standup: SlackCall) -> None:
    calls.end(standup.id)

    for change in (
        calls.end,
        lambda id_: calls.enter(id_, [MAYA]),
        lambda id_: calls.leave(id_, []),
    ):
        with pytest.raises(MethodError, match="inactive_call"):
            change(standup.id)
    assert calls.update(standup.id, title="Standup").title == "Standup"


def test_the_newest_call_is_found_by_its_unique_id(calls: SlackCalls, standup: SlackCall) -> None:
    assert calls.find("room:0") == standup
    assert calls.find("room:1") is None
    newer = calls.add("room:0", URL, "U1")
    calls.enter(standup.id, [MAYA])

    assert newer.id != standup.id
    assert calls.find("room:0") == newer


def test_subscribers_are_notified_until_they_unsubscribe(
    calls: SlackCalls, standup: SlackCall
) -> None:
    heard: list[SlackCall] = []
    leave = calls.subscribe(heard.append)
    changes = [
        calls.update(standup.id, join_url="https://new", desktop_app_join_url="meet://x"),
        calls.enter(standup.id, [MAYA]),
        calls.end(standup.id),
    ]
    leave()
    calls.update(standup.id, title="late")

    assert heard == changes
    assert (heard[0].title, heard[0].join_url) == ("standup", "https://new")
