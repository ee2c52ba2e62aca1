"""Buttons for the notes of a call: turn them on, stop, refresh and delete them."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from bot.links import Conversation, NotesLink
from bot.meetings import Meetings
from bot.participant_ids import CallRef
from bot.rooms.runs import Run, current, has_ended
from bot.slack.blocks import Message, mention, private
from bot.slack.cards import End, read_end
from bot.slack.live_cards import LiveCards
from bot.slack.notes.notes import Notes, OthersNotesError, TakeResult
from bot.slack.notes.replies import ReplyRefusedError
from bot.slack.notes.reply import Button, read_button
from bot.slack.request import SlackRequest
from bot.slack.wording import notes as words
from bot.slack.wording.errors import UsageError

_SECOND_LOOK = 0.7  # seconds; VideoSDK may not yet list people who have just joined
_REFRESH_TIMEOUT = 5.0  # seconds until "Refresh" gives up


class NoNotes:
    """Listeners for deployments without notes; older cards may still have the buttons."""

    async def take(self, _: SlackRequest) -> Message:
        """Say that notes are off."""
        return private(words.OFF)

    stop = refresh = delete = take


class NoteTaking(NoNotes):
    """Listeners for clicks about notes; each answers with the outcome, in private.

    Args:
        meetings: lists the runs of rooms.
        live_cards: tells whether a card's call is active.
        notes: takes the notes.
    """

    def __init__(self, meetings: Meetings, live_cards: LiveCards, notes: Notes) -> None:
        self._meetings = meetings
        self._live_cards = live_cards
        self._notes = notes

    async def take(self, request: SlackRequest) -> Message:
        """Turn notes on for the call of a card."""
        chosen = read_end(request.body["actions"][0]["value"])
        await self._require_people(chosen, request)
        try:
            outcome, why = await self._notes.take(
                _thread(request), chosen.meeting_id, request.user_id, chosen.starter
            )
        except ReplyRefusedError as refusal:
            raise UsageError(words.not_posted(str(refusal))) from None
        said = {TakeResult.ON: words.ON, TakeResult.ALREADY_ON: words.ALREADY_ON}
        return private(said.get(outcome, why))

    async def stop(self, request: SlackRequest) -> Message:
        """Stop transcribing; only for the notes' owners."""
        link, button = _read(request)
        _require_owner(button, request, words.STOP_IT)
        try:
            await self._notes.stop(link, button.transcription_id)
        except OthersNotesError:
            raise UsageError(words.OTHERS) from None
        return private(words.STOPPED)

    async def refresh(self, request: SlackRequest) -> Message:
        """Make the reply match what VideoSDK says now."""
        link, button = _read(request)
        follower = self._notes.follow(link, button.transcription_id)
        is_current = await follower.catch_up(_REFRESH_TIMEOUT)
        return private(words.REFRESHED if is_current else words.NOT_REFRESHED)

    async def delete(self, request: SlackRequest) -> Message:
        """Delete the reply; only for the notes' owners."""
        link, button = _read(request)
        _require_owner(button, request, words.DELETE_IT)
        try:
            await self._notes.delete(link, button.transcription_id)
        except OthersNotesError:
            raise UsageError(words.OTHERS) from None
        except ReplyRefusedError as refusal:
            raise UsageError(words.NOT_DELETED.format(refusal)) from None
        return private(words.DELETED)

    async def _require_people(self, chosen: End, request: SlackRequest) -> None:
        """Require somebody in a card's call, unless VideoSDK can't say who is.

        Raises:
            UsageError: nobody is in it, or the card's meeting is over.
        """
        runs = await self._meetings.runs(chosen.meeting_id)
        if runs is not None and not _has_people(runs):
            await asyncio.sleep(_SECOND_LOOK)
            runs = await self._meetings.runs(chosen.meeting_id)
        if runs is None:
            return
        if await self._is_over(chosen, runs, request):
            raise UsageError(words.OVER)
        if not _has_people(runs):
            raise UsageError(words.NOBODY_IN)

    async def _is_over(self, chosen: End, runs: Sequence[Run], request: SlackRequest) -> bool:
        call = CallRef(chosen.call_id or "", request.workspace)
        return has_ended(runs, chosen.call_id) or not await self._live_cards.is_active(call, runs)


def _has_people(runs: Sequence[Run]) -> bool:
    run = current(runs)
    return run is not None and run.inside > 0


def _thread(request: SlackRequest) -> Conversation:
    """Return the thread that a card is in or, if it isn't in one, the thread below it."""
    container, message = request.body["container"], request.body.get("message") or {}
    parent = message.get("thread_ts") or container.get("thread_ts")
    return replace(request.place, thread_ts=parent or container["message_ts"])


def _read(request: SlackRequest) -> tuple[NotesLink, Button]:
    """Return the reply that was clicked and the contents of its button."""
    button = read_button(request.body["actions"][0]["value"])
    ts = request.body["container"]["message_ts"]
    link = NotesLink(request.place, ts, button.room_id, button.user_id, button.starter)
    return link, button


def _require_owner(button: Button, request: SlackRequest, what: str) -> None:
    if request.user_id not in button.owners:
        owners = " or ".join(map(mention, button.owners))
        raise UsageError(words.ONLY_THEY.format(owners, what))
