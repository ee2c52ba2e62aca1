"""A reply shows its own notes, and does no harm to those of another."""

import asyncio
from typing import Any

import pytest

from bot.sandbox.faults import Fault
from bot.sandbox.slack.workspace import ChannelMessage
from bot.slack.notes.notes import OthersNotesError, TakeResult
from bot.slack.notes.reply import read_button
from bot.slack.notes.state import GRACE, NEVER
from tests.conftest import until
from tests.slack.notes.conftest import REFUSED, Run


def carried(run: Run) -> list[str]:
    """Return the transcription IDs that the replies' buttons carry."""
    rows = [(one.blocks or [])[-1]["elements"] for one in run.replies]
    return [read_button(row[-1]["value"]).transcription_id for row in rows]


def labels(message: ChannelMessage) -> list[str]:
    """Return the labels of a reply's buttons."""
    return [one["text"]["text"] for one in (message.blocks or [])[-1]["elements"]]


@pytest.mark.parametrize("told", ["fetched", "listed"])
async def test_a_reply_goes_where_videosdk_says_that_its_notes_are_anothers(
    run: Run, told: Any
) -> None:
    run.rig.standin.transcription_webhook = told
    orphan = await run.orphan()
    await run.take(run.process())

    with pytest.raises(OthersNotesError):
        await run.process().stop(orphan)

    assert len(run.replies) == 1
    assert run.replies[0].id != orphan.ts
    assert run.rig.standin.transcriptions.running(run.room)


async def test_a_reply_that_may_show_anothers_notes_cannot_end_them(run: Run) -> None:
    orphan = await run.orphan()
    await run.take(run.process())
    other = run.process()

    assert await other.follow(orphan).catch_up()
    for spoil in (other.stop, other.delete):
        with pytest.raises(OthersNotesError):
            await spoil(orphan)

    assert len(run.replies) == 2
    assert run.rig.standin.transcriptions.running(run.room)
    [own] = run.rig.standin.transcriptions.all
    assert carried(run) == ["", own.id]


async def test_a_webhook_to_another_reply_says_whose_the_notes_are(run: Run) -> None:
    orphan = await run.orphan()
    await run.take(run.process())
    other = run.process()
    [own] = run.rig.standin.transcriptions.all
    run.end()
    await other.follow(orphan).catch_up()
    assert labels(run.replies[0]) == ["Refresh", "Delete notes"]

    await other.follow(run.link_of(run.replies[1]), own.id).catch_up()
    await other.follow(orphan).catch_up()

    assert [one.id != orphan.ts for one in run.replies] == [True]


async def test_another_reply_may_show_the_notes_of_a_deleted_one(run: Run) -> None:
    orphan = await run.orphan()
    await run.take(notes := run.process())
    [own] = run.rig.standin.transcriptions.all
    gone = run.link_of(run.replies[1])
    await notes.follow(gone, own.id).catch_up()
    run.end()
    await notes.delete(gone, own.id)

    await notes.follow(orphan).catch_up()

    assert "Nothing was said" in run.shown


async def test_its_own_webhook_lets_a_reply_end_its_notes(run: Run) -> None:
    run.rig.standin.faults.plan(Fault(reset=True), path="realtime-transcriptions/start")
    await run.take(notes := run.process())
    await until(lambda: "since" in str(run.replies))
    [own] = run.rig.standin.transcriptions.all
    assert carried(run) == [""]
    with pytest.raises(OthersNotesError):
        await notes.stop(run.link)

    await notes.follow(run.link, own.id).catch_up()

    assert carried(run) == [own.id]
    await run.process().stop(run.link, own.id)
    assert own.end


async def test_a_reply_that_is_too_old_to_start_goes_while_another_takes_notes(
    run: Run,
) -> None:
    orphan = await run.orphan()
    await run.take(run.process())
    [own] = run.rig.standin.transcriptions.all
    own.start = "2026-01-05T09:00:00.000Z"

    await run.process().follow(orphan).catch_up()
    assert len(run.replies) == 2
    run.ahead = GRACE
    await run.process().follow(orphan).catch_up()

    assert [one.id != orphan.ts for one in run.replies] == [True]


async def test_a_rejected_start_is_known_to_the_next_process(run: Run) -> None:
    run.rig.standin.listing_lag = 0.1
    for _ in range(2):
        run.slack_fails("chat.delete", REFUSED)

    outcomes = await asyncio.gather(*map(run.take, [run.process(), run.process()]))

    assert {outcome for outcome, _ in outcomes} == {TakeResult.ON, TakeResult.ALREADY_ON}
    [left] = [one for one, has in zip(run.replies, carried(run), strict=True) if has == NEVER]
    await run.process().follow(run.link_of(left), NEVER).catch_up()
    await until(lambda: len(run.replies) == 1)


async def test_simultaneous_clicks_in_one_process_post_one_reply(run: Run) -> None:
    run.rig.standin.second_transcription, run.rig.standin.listing_lag = "another", 0.1
    notes = run.process()

    outcomes = await asyncio.gather(run.take(notes), run.take(notes))

    assert {outcome for outcome, _ in outcomes} == {TakeResult.ON, TakeResult.ALREADY_ON}
    assert run.rig.methods()["chat.postMessage"] == 1
    assert len(run.rig.standin.transcriptions.all) == 1


async def test_a_click_that_waited_for_a_failed_one_tries_again(run: Run) -> None:
    run.rig.standin.faults.plan(Fault(status=403), path="/start")
    notes = run.process()

    outcomes = await asyncio.gather(run.take(notes), run.take(notes))

    assert [outcome for outcome, _ in outcomes] == [TakeResult.FAILED, TakeResult.ON]


async def test_a_start_without_an_answer_may_have_succeeded(run: Run) -> None:
    run.rig.standin.faults.plan(Fault(reset=True), path="/start")

    assert (await run.take(run.process()))[0] is TakeResult.ON

    await until(lambda: "is being transcribed" in run.shown)


async def test_a_failed_start_may_still_prove_to_have_succeeded(run: Run) -> None:
    run.rig.standin.faults.plan(Fault(status=503), path="/start")

    outcome, why = await run.take(run.process())

    assert outcome is TakeResult.FAILED
    assert "notes didn't start" in why
    assert "not being transcribed" in run.shown
    assert carried(run) == [""]
