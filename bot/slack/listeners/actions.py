"""Buttons on cards: share a meeting, end it for everyone, close its links."""

from bot.meetings import Meetings
from bot.participant_ids import CallRef
from bot.rooms.runs import Run, has_ended
from bot.slack.blocks import Message, mention, private, public, section
from bot.slack.cards import End, Started, ended_message, read_end, read_share
from bot.slack.invitations import Invitations
from bot.slack.plain_cards import PlainCards
from bot.slack.request import SlackRequest
from bot.slack.wording import cards as words
from bot.slack.wording.errors import UsageError


class Actions:
    """Listeners for clicks on cards.

    Args:
        meetings: ends meetings and closes their rooms.
        invitations: builds the cards that are shared.
        cards: closed when their meeting is ended.
    """

    def __init__(self, meetings: Meetings, invitations: Invitations, cards: PlainCards) -> None:
        self._meetings = meetings
        self._invitations = invitations
        self._cards = cards

    async def share(self, request: SlackRequest) -> Message:
        """Post the card of a checked meeting to the conversation."""
        meeting_id, name, region = read_share(request.body["actions"][0]["value"])
        room = await self._meetings.known(meeting_id, name, region)
        place, started = request.place, Started(request.user_id, did=words.SHARED)
        [card] = await self._invitations.cards(room, place, started)
        return card

    async def end(self, request: SlackRequest) -> Message:
        """End a meeting for everyone; only the person who started it may."""
        chosen = read_end(request.body["actions"][0]["selected_option"]["value"])
        if refusal := _not_the_starter(chosen, request, words.END_IT):
            return refusal
        runs = await self._meetings.runs(chosen.meeting_id) or []
        is_over = await self._is_over(chosen, runs, request)
        has_stopped = not is_over and await self._meetings.end(chosen.meeting_id)
        await self._close_card(chosen, request)
        text = words.ENDED.format(mention(chosen.starter))
        if not has_stopped:
            text = words.ALREADY_OVER if runs else words.NOTHING_TO_END
        can_close = self._meetings.can_close
        return ended_message(chosen, text, is_public=has_stopped, can_close=can_close)

    async def close(self, request: SlackRequest) -> Message:
        """Close the links of a meeting; only the person who started it may."""
        chosen = read_end(request.body["actions"][0]["value"])
        if refusal := _not_the_starter(chosen, request, words.CLOSE_IT):
            return refusal
        if not self._meetings.can_close:
            raise UsageError(words.CANT_CLOSE)
        await self._meetings.close(chosen.meeting_id)
        await self._close_card(chosen, request)
        text = words.CLOSED.format(mention(chosen.starter))
        return public(text, [section(text)])

    async def _is_over(self, chosen: End, runs: list[Run], request: SlackRequest) -> bool:
        """Return whether a card's meeting has ended, even if its room is in use again."""
        if has_ended(runs, chosen.call_id):
            return True
        # The run may be too old to be listed, but Slack remembers that its call has ended.
        call = _call(chosen, request)
        return call is not None and not await self._cards.is_active(call, runs)

    async def _close_card(self, chosen: End, request: SlackRequest) -> None:
        if call := _call(chosen, request):
            await self._cards.close(chosen.meeting_id, call)


def _call(chosen: End, request: SlackRequest) -> CallRef | None:
    """Return the Slack call of a card; its workspace is the one the click came from."""
    if chosen.call_id is None:
        return None
    return CallRef(chosen.call_id, request.workspace)


def _not_the_starter(chosen: End, request: SlackRequest, what: str) -> Message | None:
    """Return a refusal for anyone who didn't start the meeting, otherwise None."""
    if request.user_id == chosen.starter:
        return None
    return private(words.ONLY_STARTER.format(mention(chosen.starter), what))
