"""Slack's calls are read and changed, and whatever Slack answers costs a live card at most."""

from collections.abc import AsyncIterator

import pytest

from bot.sandbox.faults import Fault
from bot.slack.calls import CallsUnavailableError
from tests.conftest import NOBODY
from tests.live import HOME, Rig, ours
from tests.live import rig as open_rig

ANSWERS = {
    "a failure inside": Fault(500, b'{"ok": false, "error": "internal_error"}'),
    "nothing": Fault(500),
    "a proxy's page": Fault(502, b"<h1>Bad gateway</h1>", "text/html"),
    "a proxy's text": Fault(200, b"Please log in", "text/plain"),
    "broken JSON": Fault(200, b'{"ok": tr'),
    "a list": Fault(200, b"[1]"),
    "neither yes nor no": Fault(200, b'{"hello": "there"}'),
    "no connection": Fault(reset=True),
    "not an answer of Slack's": Fault(429, headers={"Retry-After": "later"}),
}


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    """The two stand-ins, and clients of both."""
    async with open_rig() as opened:
        yield opened


def reasons(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return why live cards were not updated, as the log says it."""
    return [getattr(record, "reason", "") for record in caplog.records if "reason" in vars(record)]


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
async def test_an_answer_that_is_none_of_slacks_is_no_call_now_and_one_line_in_the_log(
    answer: Fault, rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    call = rig.add_call()
    rig.slack.faults.always(answer, path="calls.")

    added = await rig.calls.add(HOME, unique_id="1", join_url=NOBODY, title="standup", user_id="U1")
    await rig.calls.relink(ours(call.id), NOBODY)
    with pytest.raises(CallsUnavailableError):
        await rig.calls.add_people(ours(call.id), {"a": "Ann"})

    assert added is None
    assert len(reasons(caplog)) == 3


async def test_people_on_a_card_are_read_back_by_their_ids(rig: Rig) -> None:
    call = rig.add_call()
    await rig.calls.add_people(ours(call.id), {"a": "Ann", "b": "Ben"})
    await rig.calls.remove_people(ours(call.id), ["a"])

    assert await rig.calls.people(ours(call.id)) == {"b": "Ben"}
    assert rig.call(call.id).join_url == call.join_url


@pytest.mark.parametrize(
    ("answer", "people"),
    [
        (b'{"ok": true}', None),
        (b'{"ok": true, "call": {"id": "R1"}}', None),
        (b'{"ok": true, "call": {"users": [{"slack_id": "U1"}, {"external_id": "a"}]}}', {"a": ""}),
        (b'{"ok": false, "error": "not_implemented"}', None),
    ],
)
async def test_people_that_slack_does_not_tell_of_are_not_guessed(
    answer: bytes, people: dict[str, str] | None, rig: Rig
) -> None:
    rig.slack.faults.always(Fault(200, answer), path="calls.update")

    assert await rig.calls.people(ours("R1")) == people


async def test_a_card_that_another_process_changed_meanwhile_is_to_be_looked_at_again(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    call = rig.add_call()
    await rig.calls.add_people(ours(call.id), {"a": "Ann"})

    with pytest.raises(CallsUnavailableError):
        await rig.calls.add_people(ours(call.id), {"a": "Ann", "b": "Ben"})
    with pytest.raises(CallsUnavailableError):
        await rig.calls.remove_people(ours(call.id), ["b"])
    assert reasons(caplog) == []


async def test_nobody_to_add_or_remove_is_no_call_at_all(rig: Rig) -> None:
    await rig.calls.add_people(ours("R1"), {})
    await rig.calls.remove_people(ours("R1"), [])

    assert rig.slack.api_calls == []


async def test_a_call_that_is_over_stays_as_it_is_and_nothing_is_logged(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    call = rig.add_call()
    await rig.calls.end(ours(call.id), 60)

    await rig.calls.end(ours(call.id), 90)

    assert rig.call(call.id).duration == 60
    assert reasons(caplog) == []


async def test_advice_is_given_once_and_other_refusals_each_time(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    await rig.calls.end(ours("R1"), 1)
    rig.slack.scopes = {"commands"}
    for _ in range(2):
        await rig.calls.end(ours("R1"), 1)
        assert (
            await rig.calls.add(HOME, unique_id="1", join_url=NOBODY, title="", user_id="U1")
            is None
        )
    rig.slack.scopes = {"commands", "calls:write"}
    await rig.calls.end(ours("R1"), 1)

    assert reasons(caplog) == ["invalid_call_id", "missing_scope", "invalid_call_id"]
