"""Live cards read VideoSDK's sessions and follow them until a meeting has come to rest."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox.faults import Fault
from bot.slack.live import CallState, read_states
from bot.videosdk import Participant, Session
from tests.conftest import until
from tests.live import Rig, ours
from tests.live import rig as open_rig

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOOK = "R1"  # the call that the room was made for


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    """The two stand-ins, and clients of both."""
    async with open_rig() as opened:
        yield opened


def session(*people: Participant, start: int = 0, end: int | None = None) -> Session:
    """Return a session by the minutes after nine at which it began and was over."""
    over = None if end is None else NINE + timedelta(minutes=end)
    return Session(NINE + timedelta(minutes=start), over, people)


def there(participant_id: str, name: str = "Ann") -> Participant:
    """Return somebody who is in a session."""
    return Participant(participant_id, name, inside=True)


def left(participant_id: str, name: str = "Ann") -> Participant:
    """Return somebody who was in a session."""
    return Participant(participant_id, name, inside=False)


def test_a_meeting_that_never_ran_has_nothing_to_show() -> None:
    assert read_states([], HOOK) == {}


def test_a_session_without_people_is_its_rooms_calls() -> None:
    assert read_states([session()], HOOK) == {HOOK: CallState()}
    assert read_states([session(end=5)], HOOK) == {HOOK: CallState(seconds=300)}


def test_people_are_on_the_card_that_their_id_names_by_the_name_they_have_now() -> None:
    states = read_states([session(there("R2-ab12"), left("R2-cd34", "Ben"))], "R2")

    assert states == {"R2": CallState({"R2-ab12": "Ann"}, {"R2-cd34": "Ben"})}


@pytest.mark.parametrize(
    ("others", "card"),
    [
        ((), HOOK),
        ((there("R2-ab12"),), "R2"),
        ((left("R2-ab12"),), "R2"),
        ((there("R2-ab12"), there("R1-ab12")), HOOK),
    ],
)
def test_people_without_a_card_are_on_that_of_those_they_are_with(
    others: tuple[Participant, ...], card: str
) -> None:
    states = read_states([session(*others, there("phone", ""))], HOOK)

    assert states[card].inside["phone"] == "Guest"


def test_an_id_that_only_resembles_a_calls_names_none() -> None:
    states = read_states([session(there("R2-AB12"), there("xR2-ab12"), there("R2"))], HOOK)

    assert list(states) == [HOOK]


def test_who_comes_back_in_the_next_session_is_inside_and_the_call_goes_on() -> None:
    before, now = session(left("R1-a"), end=5), session(there("R1-a", "Anna"), start=6)

    assert read_states([now, before], HOOK) == {HOOK: CallState({"R1-a": "Anna"})}


def test_the_run_before_is_over_even_if_its_end_is_not_known_yet() -> None:
    before, now = session(there("R1-a")), session(there("R2-b"), start=10)

    states = read_states([now, before], HOOK)

    assert states == {
        "R1": CallState(gone={"R1-a": "Ann"}, seconds=600),
        "R2": CallState({"R2-b": "Ann"}),
    }


def test_a_clock_that_was_set_back_makes_no_negative_length() -> None:
    assert read_states([session(start=5, end=4)], HOOK)[HOOK].seconds == 0


async def test_a_listing_that_lags_behind_its_webhooks_is_looked_at_again(rig: Rig) -> None:
    call, meeting_id = rig.add_call(), await rig.add_room()
    cards = rig.cards(first_pause=0.05)
    cards.notice(meeting_id, ours(call.id))
    await until(lambda: len(rig.standin.requests) > 3)

    rig.standin.join(meeting_id, "Ann", f"{call.id}-a")

    await until(lambda: rig.names(call.id) == ["Ann"])


async def test_news_in_the_moment_in_which_following_ends_are_not_lost(rig: Rig) -> None:
    call, meeting_id = rig.add_call(), await rig.add_room()
    cards = rig.cards()
    await cards.drain(0)  # from now on, two looks are enough
    cards.notice(meeting_id, ours(call.id))
    [following] = cards._followed.values()
    while not following.done():
        await asyncio.sleep(0)  # so that no callback of the task's can come before what follows

    rig.standin.join(meeting_id, "Ann", f"{call.id}-a")
    cards.notice(meeting_id, ours(call.id))

    await until(lambda: rig.names(call.id) == ["Ann"])


async def test_news_during_the_last_look_are_not_lost(rig: Rig) -> None:
    call, meeting_id = rig.add_call(), await rig.add_room()
    rig.standin.faults.plan(Fault(), Fault(delay=0.1), path="/v2/sessions")
    asked, cards = len(rig.standin.requests), rig.cards()
    await cards.drain(0)  # from now on, two looks are enough
    cards.notice(meeting_id, ours(call.id))
    await until(lambda: len(rig.standin.requests) == asked + 2)

    rig.standin.join(meeting_id, "Ann", f"{call.id}-a")
    cards.notice(meeting_id, ours(call.id))

    await until(lambda: rig.names(call.id) == ["Ann"])


async def test_what_slack_did_without_saying_so_is_made_good(rig: Rig) -> None:
    call, meeting_id = rig.add_call(), await rig.add_room()
    for name in ("Ann", "Ben"):
        rig.standin.join(meeting_id, name, f"{call.id}-{name.lower()}")
    cards = rig.cards(first_pause=0.05)
    cards.notice(meeting_id, ours(call.id))
    await until(lambda: rig.names(call.id) == ["Ann", "Ben"])

    rig.slack.faults.plan(Fault(reset=True), path="calls.participants.remove")
    rig.standin.leave(meeting_id, f"{call.id}-ann")
    cards.notice(meeting_id, ours(call.id))
    await until(lambda: rig.names(call.id) == ["Ben"])
    rig.standin.join(meeting_id, "Ann", f"{call.id}-ann")

    await until(lambda: rig.names(call.id) == ["Ann", "Ben"])


async def test_a_changed_name_is_shown_and_one_with_an_ampersand_left_alone(rig: Rig) -> None:
    call, meeting_id = rig.add_call(), await rig.add_room()
    rig.standin.join(meeting_id, "Ann", f"{call.id}-a")
    rig.standin.join(meeting_id, "R&D", f"{call.id}-b")
    await rig.calls.add_people(ours(call.id), {f"{call.id}-a": "Anne", f"{call.id}-b": "R&amp;D"})

    rig.cards().notice(meeting_id, ours(call.id))

    await until(lambda: rig.names(call.id) == ["Ann", "R&amp;D"])


async def test_a_slack_that_does_not_say_who_is_on_a_card_gets_everybody(rig: Rig) -> None:
    call, meeting_id = rig.add_call(), await rig.add_room()
    rig.slack.faults.always(Fault(200, b'{"ok": true}'), path="calls.update")
    for name in ("Ann", "Ben"):
        rig.standin.join(meeting_id, name, f"{call.id}-{name.lower()}")
    rig.standin.leave(meeting_id, f"{call.id}-ann")
    await rig.calls.add_people(ours(call.id), {f"{call.id}-ann": "Ann"})

    rig.cards().notice(meeting_id, ours(call.id))

    await until(lambda: rig.names(call.id) == ["Ben"])


async def test_sixty_people_are_shown_with_one_call(rig: Rig) -> None:
    call, meeting_id = rig.add_call(), await rig.add_room()
    for number in range(60):
        rig.standin.join(meeting_id, f"Person {number}", f"{call.id}-{number}")

    rig.cards().notice(meeting_id, ours(call.id))

    await until(lambda: len(rig.names(call.id)) == 60)
    assert [method for method, _ in rig.slack.api_calls].count("calls.participants.add") == 1


async def test_an_ended_card_stays_so_when_somebody_comes_back_through_it(rig: Rig) -> None:
    call, meeting_id = rig.add_call(), await rig.add_room()
    rig.standin.join(meeting_id, "Ann", f"{call.id}-a")
    rig.standin.leave(meeting_id, f"{call.id}-a")
    cards = rig.cards(first_pause=0.01)
    cards.notice(meeting_id, ours(call.id))
    await until(lambda: rig.call(call.id).ended_at)
    assert rig.names(call.id) == []

    rig.standin.join(meeting_id, "Ann", f"{call.id}-a")
    cards.notice(meeting_id, ours(call.id))
    await cards.drain(5)

    assert rig.call(call.id).ended_at
    assert not cards._followed


@pytest.mark.parametrize("where", ["videosdk", "slack"])
async def test_a_failure_of_either_side_is_tried_again(where: str, rig: Rig) -> None:
    call, meeting_id = rig.add_call(), await rig.add_room()
    if where == "videosdk":
        rig.standin.faults.plan(*[Fault(status=500)] * 6, path="/v2/sessions")
    else:
        rig.slack.faults.plan(*[Fault(reset=True)] * 3, path="calls.")
    rig.standin.join(meeting_id, "Ann", f"{call.id}-a")

    rig.cards(first_pause=0.01).notice(meeting_id, ours(call.id))

    await until(lambda: rig.names(call.id) == ["Ann"])


async def test_a_failure_for_good_is_one_line_in_the_log_until_the_next_webhook(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    call, meeting_id = rig.add_call(), await rig.add_room()
    rig.standin.faults.always(Fault(status=500), path="/v2/sessions")
    rig.standin.join(meeting_id, "Ann", f"{call.id}-a")
    cards = rig.cards(first_pause=0.01, tries=3)
    cards.notice(meeting_id, ours(call.id))
    await until(lambda: not cards._followed)

    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    assert [record.getMessage() for record in errors] == ["live cards left behind"]

    rig.standin.faults.forget()
    cards.notice(meeting_id, ours(call.id))
    await until(lambda: rig.names(call.id) == ["Ann"])


async def test_a_drained_bot_gives_up_what_takes_too_long(rig: Rig) -> None:
    call, meeting_id = rig.add_call(), await rig.add_room()
    rig.standin.faults.always(Fault(delay=5), path="/v2/sessions")
    cards = rig.cards()
    cards.notice(meeting_id, ours(call.id))
    await asyncio.sleep(0)

    await cards.drain(0.05)

    assert not cards._followed


async def test_a_bot_that_stops_does_not_insist(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    call, meeting_id = rig.add_call(), await rig.add_room()
    rig.standin.faults.always(Fault(reset=True), path="/v2/sessions")
    cards = rig.cards()
    cards.notice(meeting_id, ours(call.id))

    await cards.drain(5)

    assert caplog.messages.count("videosdk call failed") <= 2
    assert caplog.messages[-1] == "live cards left behind"


async def test_closing_ends_a_meeting_though_its_webhook_is_lost(rig: Rig) -> None:
    call, meeting_id = rig.add_call(), await rig.add_room()
    rig.standin.join(meeting_id, "Ann", f"{call.id}-a")
    cards = rig.cards(first_pause=0.01)
    closing = asyncio.create_task(cards.close(meeting_id, ours(call.id)))
    await until(lambda: rig.names(call.id) == ["Ann"])

    rig.standin.end(meeting_id)  # the session's end was null when it was first asked for

    await until(lambda: rig.call(call.id).ended_at)
    await closing


@pytest.mark.parametrize("where", ["videosdk", "slack"])
async def test_closing_that_fails_troubles_nobody(where: str, rig: Rig) -> None:
    call, meeting_id = rig.add_call(), await rig.add_room()
    faults = rig.standin.faults if where == "videosdk" else rig.slack.faults
    faults.always(Fault(status=500))

    await rig.cards(first_pause=0.01, tries=1).close(meeting_id, ours(call.id))

    assert rig.call(call.id).ended_at is None
