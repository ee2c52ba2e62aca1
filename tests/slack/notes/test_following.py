"""One reply shows the notes of a run, whatever Slack and VideoSDK do."""

import asyncio
from typing import Any

import pytest

from bot.links import Conversation, NotesLink
from bot.sandbox.faults import Fault
from bot.settings.settings import Settings
from bot.slack.notes.notes import TakeResult
from bot.slack.notes.options import PROMPT, TranscriptionOptions
from bot.slack.notes.reply import read_button
from bot.slack.notes.state import (
    GRACE,
    NEVER,
    SUMMARY_TIMEOUT,
    NotesState,
    Stage,
    has_lost,
    read_state,
)
from bot.videosdk import Transcription
from bot.workspace import Workspace
from tests.conftest import environment, until
from tests.slack.notes.conftest import ANN, FAILED, REFUSED, Run
from tests.slack.notes.orders import SECOND


@pytest.mark.parametrize(("second", "answers"), SECOND)
@pytest.mark.parametrize("lag", [0, 0.1])
async def test_two_clicks_at_once_leave_one_reply(
    run: Run, second: Any, answers: Any, lag: float
) -> None:
    standin = run.rig.standin
    standin.second_transcription, standin.transcription_answers = second, answers
    standin.listing_lag = lag
    processes = [run.process(), run.process()]

    outcomes = await asyncio.gather(*map(run.take, processes))

    assert TakeResult.ON in {outcome for outcome, _ in outcomes}
    await until(lambda: len(run.replies) == 1)
    for process in processes:
        await process.drain(5)
    await run.process().follow(run.link).catch_up()
    assert "is being transcribed" in run.shown


async def test_the_second_of_two_clicks_retries_to_delete_its_reply(run: Run) -> None:
    processes = [run.process(), run.process()]
    run.slack_fails("chat.delete", FAILED)

    await asyncio.gather(*map(run.take, processes))

    assert len(run.replies) == 1


async def test_a_click_whose_reply_is_late_starts_no_second_transcription(run: Run) -> None:
    run.rig.slack.faults.plan(Fault(delay=0.1), path="chat.postMessage")
    late = asyncio.create_task(run.take(run.process()))
    await until(lambda: not run.rig.slack.faults._planned)

    assert (await run.take(run.process()))[0] is TakeResult.ON

    assert (await late)[0] is TakeResult.ALREADY_ON
    assert (len(run.replies), len(run.rig.standin.transcriptions.all)) == (1, 1)


async def test_a_summary_that_cant_be_read_yet_is_read_later(run: Run) -> None:
    await run.take(run.process())
    run.end()
    run.rig.standin.faults.always(Fault(403, b"denied"), path="/files/")
    await until(lambda: "I can't read the summary here" in run.shown)

    run.rig.standin.faults.forget()

    await until(lambda: "Nothing was said" in run.shown)


@pytest.mark.parametrize("error", [FAILED, REFUSED])
async def test_a_failed_deletion_is_retried_if_that_may_help(run: Run, error: str) -> None:
    orphan = await run.orphan()
    await run.take(run.process())
    run.rig.standin.transcriptions.all[0].start = "2026-01-05T09:00:00.000Z"
    run.ahead = GRACE  # now it's certain that the orphan has no transcription
    run.slack_fails("chat.delete", error)

    assert await run.process().follow(orphan).catch_up()

    assert len(run.replies) == (1 if error == FAILED else 2)


async def test_a_rejected_edit_is_retried_if_that_may_help(run: Run) -> None:
    notes = run.process()
    run.slack_fails("chat.update", FAILED)
    await run.take(notes)
    await until(lambda: "since" in str(run.replies))
    await notes.drain(5)
    run.end()
    run.slack_fails("chat.update", REFUSED)

    assert await run.process().follow(run.link).catch_up()
    assert "is being transcribed" in run.shown
    assert await run.process().follow(run.link).catch_up()
    assert "Nothing was said" in run.shown


async def test_a_reply_that_somebody_deleted_is_left_alone(run: Run) -> None:
    await run.take(notes := run.process())
    link = run.link
    run.rig.slack.workspace.remove(link.ts)

    assert await notes.follow(link).catch_up()

    assert run.replies == []


async def test_attendees_are_found_even_after_later_runs_of_the_room(run: Run) -> None:
    await run.take(run.process())
    run.end()
    for _ in range(4):
        run.rig.standin.leave(run.room, run.rig.standin.join(run.room, "Ben"))

    assert await run.process().follow(run.link).catch_up()

    assert "Who was there: Ann" in run.shown
    run.rig.standin._sessions.records.pop(0)
    assert await run.process().follow(run.link).catch_up()
    assert "Who was there" not in run.shown


async def test_without_a_summary_the_reply_says_so_after_an_hour(run: Run) -> None:
    await run.take(run.process())
    run.end(summarised=False)
    assert await run.process().follow(run.link).catch_up()
    assert "writing them up" in run.shown

    run.ahead = SUMMARY_TIMEOUT - 60
    assert await run.process().follow(run.link).catch_up()
    assert "writing them up" in run.shown
    run.ahead = SUMMARY_TIMEOUT + 60
    assert await run.process().follow(run.link).catch_up()
    assert "has written no summary" in run.shown


async def test_a_sessions_end_makes_up_for_a_lost_transcription_webhook(
    run: Run,
) -> None:
    await run.take(notes := run.process())
    await until(lambda: "since" in str(run.replies))
    run.end()

    notes.notice_room("another-room")
    notes.notice_room(run.room)

    await until(lambda: "Nothing was said" in run.shown)


async def test_stopped_notes_show_attendees_once_the_run_is_over(run: Run) -> None:
    await run.take(notes := run.process())
    await until(lambda: "since" in str(run.replies))
    await notes.stop(run.link)
    run.rig.standin.transcriptions.write_summaries()
    await until(lambda: "Nothing was said" in run.shown)
    assert "Who was there" not in run.shown

    run.end()

    await until(lambda: "Who was there: Ann" in run.shown)


async def test_a_reply_whose_process_was_killed_before_the_start_says_so(run: Run) -> None:
    orphan = await run.orphan()
    assert await run.process().follow(orphan).catch_up()
    assert "This call is being transcribed" in run.shown

    run.ahead = GRACE + 1
    assert await run.process().follow(orphan).catch_up()
    assert "VideoSDK has no transcription of this call" in run.shown


async def test_another_rejection_may_mean_that_something_else_transcribes_the_call(
    run: Run,
) -> None:
    run.rig.standin.faults.plan(Fault(status=409), path="/start")

    outcome, why = await run.take(run.process())

    assert outcome is TakeResult.FAILED
    assert "VideoSDK rejected the request" in why


async def test_a_stopping_bot_finishes_the_look_that_is_due(run: Run) -> None:
    await run.take(notes := run.process())
    link = run.link
    await notes.drain(5)
    run.end()

    notes.follow(link)
    await notes.drain(5)

    assert "Nothing was said" in run.shown
    run.rig.slack.faults.always(Fault(delay=60), path="chat.update")
    assert not await run.process().follow(link).catch_up(0.02)
    notes.follow(link)
    await notes.drain(0.05)


def test_the_language_of_the_notes_is_that_of_the_call() -> None:
    german = Settings.from_env(environment(NOTES_LANGUAGE="de"))
    own = Settings.from_env(environment(NOTES_PROMPT="Be brief."))

    assert TranscriptionOptions.from_settings(german) == TranscriptionOptions(
        f"{PROMPT} Write in the language whose code is de.", "de"
    )
    assert TranscriptionOptions.from_settings(own) == TranscriptionOptions("Be brief.")


def test_a_button_of_another_version_is_not_read() -> None:
    with pytest.raises(ValueError, match="another version"):
        read_button("[1]")


def test_a_transcription_without_a_start_takes_no_precedence() -> None:
    nameless = Transcription("", "running", "r", "s")

    link = NotesLink(Conversation(Workspace("T1"), "C1"), "100.0", "r", ANN)
    assert not has_lost(link, nameless, [nameless], "", 100.0)
    assert read_state(link, None, None, 100.0) == NotesState(Stage.STARTING)


async def test_a_reply_that_never_started_leaves_the_notes_of_another_alone(run: Run) -> None:
    run.rig.standin.faults.plan(Fault(status=403), path="/start")
    await run.take(notes := run.process())
    failed = run.link
    await run.take(run.process())

    assert await notes.follow(failed, NEVER).catch_up()
    await notes.delete(failed, NEVER)

    assert len(run.rig.standin.transcriptions.running(run.room)) == 1
    assert len(run.replies) == 1
