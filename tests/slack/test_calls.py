"""Slack's Calls API: each of its responses has one meaning."""

from collections.abc import AsyncIterator

import pytest

from bot.participant_ids import CallRef
from bot.sandbox.faults import Fault
from bot.sandbox.slack.workspace import USERS
from bot.slack.calls import (
    CallEndedError,
    CallRefusedError,
    Calls,
    CallsUnavailableError,
    MemberKey,
    Participants,
)
from bot.workspace import Workspace
from tests.conftest import NOBODY
from tests.live import HOME, Rig
from tests.live import rig as open_rig

NOT_SLACKS = {
    "a failure inside": Fault(500, b'{"ok": false, "error": "internal_error"}'),
    "nothing": Fault(500),
    "a proxy's page": Fault(502, b"<h1>Bad gateway</h1>", "text/html"),
    "a proxy's text": Fault(200, b"Please log in", "text/plain"),
    "broken JSON": Fault(200, b'{"ok": tr'),
    "a list": Fault(200, b"[1]"),
    "neither yes nor no": Fault(200, b'{"hello": "there"}'),
    "no, without a reason": Fault(200, b'{"ok": false}'),
    "no connection": Fault(reset=True),
    "not an answer of Slack's": Fault(429, headers={"Retry-After": "later"}),
}
NAMES: Participants = {"a": "Ann", "b": "Ben", "c": "Cleo"}
BAD_USERS = ["refuses_batch", "skips", "error"]


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    """The two stand-ins, and clients of both."""
    async with open_rig() as opened:
        yield opened


@pytest.fixture
def calls(rig: Rig) -> Calls:
    """The bot's client of the Calls API."""
    return rig.calls()


def reasons(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the logged reasons why live cards weren't updated."""
    return [getattr(record, "reason", "") for record in caplog.records if "reason" in vars(record)]


async def add(calls: Calls, unique_id: str = "1", user_id: str = "U1") -> str:
    """Register a call."""
    return await calls.add(
        HOME, unique_id=unique_id, join_url=NOBODY, title="standup", user_id=user_id
    )


@pytest.mark.parametrize("answer", NOT_SLACKS.values(), ids=NOT_SLACKS)
async def test_an_answer_that_is_not_slacks_is_a_temporary_failure(
    answer: Fault, rig: Rig, calls: Calls, caplog: pytest.LogCaptureFixture
) -> None:
    call = rig.add_call()
    rig.slack.faults.always(answer, path="calls.")

    with pytest.raises(CallsUnavailableError):
        await add(calls)
    with pytest.raises(CallsUnavailableError):
        await calls.relink(call, NOBODY)
    with pytest.raises(CallsUnavailableError):
        await calls.update_people(call, NAMES, inside=True)
    with pytest.raises(CallsUnavailableError):
        await calls.update_people(call, NAMES, inside=False)
    with pytest.raises(CallsUnavailableError):
        await calls.end(call, 1)
    assert await calls.is_active(call)

    assert len(reasons(caplog)) == 6


@pytest.mark.parametrize("answer", [b'{"ok": true}', b'{"ok": true, "call": {}}'])
async def test_a_call_without_an_id_is_not_a_call(answer: bytes, rig: Rig, calls: Calls) -> None:
    rig.slack.faults.always(Fault(200, answer), path="calls.add")

    with pytest.raises(CallRefusedError, match="unreadable"):
        await add(calls)


async def test_a_call_is_registered_and_its_button_may_lead_elsewhere_later(
    rig: Rig, calls: Calls
) -> None:
    call = CallRef(await add(calls, user_id=rig.call(rig.add_call()).created_by))

    await calls.relink(call, f"{NOBODY}/join")

    assert rig.call(call).title == "standup"
    assert rig.call(call).join_url == f"{NOBODY}/join"


async def test_adding_and_removing_return_everyone_who_is_shown(rig: Rig, calls: Calls) -> None:
    call = rig.add_call()

    assert await calls.update_people(call, NAMES, inside=True) == NAMES
    assert await calls.update_people(call, {"a": "Ann"}, inside=False) == {"b": "Ben", "c": "Cleo"}
    assert (
        await calls.update_people(call, {"b": "Ben", "c": "Cleo"}, inside=False) == {}
    )  # there is no `users`


async def test_people_whom_slack_describes_oddly_are_left_out(rig: Rig, calls: Calls) -> None:
    users = b'[{"slack_id": "U1"}, {"external_id": "a"}, {"name": "Ed"}, "Ben"]'
    answer = Fault(200, b'{"ok": true, "call": {"users": %s}}' % users)
    rig.slack.faults.always(answer, path="calls.participants")

    assert await calls.update_people(rig.add_call(), NAMES, inside=True) == {
        MemberKey("U1"): "",
        "a": "",
    }


async def test_members_come_and_go_by_their_slack_id(rig: Rig, calls: Calls) -> None:
    call, maya = rig.add_call(), MemberKey(USERS[0].id)

    assert await calls.update_people(call, {maya: "Maya", "b": "Ben"}, inside=True) == {
        maya: "",
        "b": "Ben",
    }
    assert rig.call(call).participants[0].slack_id == USERS[0].id
    assert await calls.update_people(call, {maya: "Maya"}, inside=False) == {"b": "Ben"}


async def test_an_answer_without_the_call_says_nothing_about_who_is_shown(
    rig: Rig, calls: Calls
) -> None:
    rig.slack.faults.always(Fault(200, b'{"ok": true}'), path="calls.participants")

    assert await calls.update_people(rig.add_call(), NAMES, inside=True) is None


async def test_adding_or_removing_nobody_sends_no_request(rig: Rig, calls: Calls) -> None:
    call = rig.add_call()

    assert await calls.update_people(call, {}, inside=True) is None
    assert await calls.update_people(call, {}, inside=False) is None
    assert rig.slack.api_calls == []


@pytest.mark.parametrize("habit", BAD_USERS)
async def test_people_already_shown_do_not_block_others(
    habit: str, rig: Rig, calls: Calls, caplog: pytest.LogCaptureFixture
) -> None:
    rig.slack.oddities.bad_users = habit  # type: ignore[assignment] # one of them
    call = rig.add_call()
    await calls.update_people(call, {"b": "Ben"}, inside=True)

    assert await calls.update_people(call, NAMES, inside=True) == NAMES
    assert rig.names(call) == ["Ann", "Ben", "Cleo"]
    assert reasons(caplog) == []


@pytest.mark.parametrize("habit", BAD_USERS)
async def test_people_already_gone_do_not_keep_others_on_the_card(
    habit: str, rig: Rig, calls: Calls
) -> None:
    rig.slack.oddities.bad_users = habit  # type: ignore[assignment] # one of them
    call = rig.add_call()
    await calls.update_people(call, {"a": "Ann", "c": "Cleo"}, inside=True)

    await calls.update_people(call, NAMES, inside=False)

    assert rig.names(call) == []


@pytest.mark.parametrize("habit", BAD_USERS)
async def test_a_person_whom_slack_rejects_hides_nobody_else(
    habit: str, rig: Rig, calls: Calls
) -> None:
    rig.slack.oddities.bad_users = habit  # type: ignore[assignment] # one of them
    rig.slack.oddities.refused = {"b"}
    call = rig.add_call()

    await calls.update_people(call, NAMES, inside=True)

    assert rig.names(call) == ["Ann", "Cleo"]


async def test_sixty_people_are_one_request(rig: Rig, calls: Calls) -> None:
    call = rig.add_call()

    await calls.update_people(
        call, {str(number): f"Person {number}" for number in range(60)}, inside=True
    )

    assert len(rig.names(call)) == 60
    assert rig.methods() == {"calls.participants.add": 1}


@pytest.mark.parametrize("habit", ["ok_true", "ok_false"])
async def test_an_ended_call_stays_unchanged_and_nothing_is_logged(
    habit: str, rig: Rig, calls: Calls, caplog: pytest.LogCaptureFixture
) -> None:
    rig.slack.oddities.inactive_end = habit  # type: ignore[assignment] # one of them
    call = rig.add_call()
    await calls.end(call, 60)

    await rig.calls().end(call, 90)  # another process doesn't know
    with pytest.raises(CallEndedError):
        await rig.calls().update_people(call, NAMES, inside=True)

    assert rig.call(call).duration == 60
    assert reasons(caplog) == []


async def test_a_call_that_is_known_to_be_over_is_not_asked_about_again(
    rig: Rig, calls: Calls
) -> None:
    call = rig.add_call()
    await calls.end(call, 60)
    asked = len(rig.slack.api_calls)

    assert not await calls.is_active(call)
    await calls.end(call, 90)
    with pytest.raises(CallEndedError):
        await calls.update_people(call, NAMES, inside=True)

    assert len(rig.slack.api_calls) == asked


async def test_slack_does_not_know_some_calls(rig: Rig, calls: Calls) -> None:
    unknown = CallRef("R0", Workspace(HOME.team_id))

    await calls.end(unknown, 1)
    assert not await calls.is_active(unknown)
    assert rig.methods() == {"calls.end": 1}


@pytest.mark.parametrize("habit", BAD_USERS)
async def test_checking_whether_a_call_is_active_does_not_change_it(
    habit: str, rig: Rig, calls: Calls
) -> None:
    rig.slack.oddities.bad_users = habit  # type: ignore[assignment] # one of them
    call = rig.add_call()
    await calls.update_people(call, NAMES, inside=True)
    asked = len(rig.slack.api_calls)

    assert await calls.is_active(call)
    assert await calls.is_active(call)  # for half a minute, nobody asks again
    assert len(rig.slack.api_calls) == asked + 1

    rig.slack.workspace.calls.end(call.call_id)
    assert not await rig.calls().is_active(call)
    assert rig.names(call) == ["Ann", "Ben", "Cleo"]


async def test_an_error_about_nobody_in_particular_is_not_retried_one_by_one(
    rig: Rig, calls: Calls
) -> None:
    rig.slack.scopes = {"commands"}
    call = rig.add_call()

    with pytest.raises(CallRefusedError, match="missing_scope"):
        await calls.update_people(call, NAMES, inside=True)

    assert rig.methods() == {"calls.participants.add": 1}
    assert await calls.is_active(call)  # as far as anybody knows


async def test_advice_is_logged_once_and_other_errors_each_time(
    rig: Rig, calls: Calls, caplog: pytest.LogCaptureFixture
) -> None:
    call = rig.add_call()
    with pytest.raises(CallRefusedError):
        await add(calls)
    rig.slack.scopes = {"commands"}
    for _ in range(2):
        await calls.end(call, 1)
    rig.slack.scopes = {"commands", "calls:write"}
    with pytest.raises(CallRefusedError):
        await add(calls, "2")

    assert reasons(caplog) == ["invalid_created_by", "missing_scope", "invalid_created_by"]
    assert not rig.has_ended(call)
