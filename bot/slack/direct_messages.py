"""Direct messages with the card, to the people that a meeting's starter invites.

They need the scope chat:write and the app's Messages tab. Slack accepts a user ID as the channel:
https://docs.slack.dev/reference/methods/chat.postMessage. It rejects people of other workspaces
(`channel_not_found`) and bots (`cannot_dm_bot`).
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from functools import partial

from bot.slack.blocks import Message, mentions, private
from bot.slack.failures import Failure
from bot.slack.limits import Limit, LimitedError
from bot.slack.posting import post_card
from bot.slack.request import SlackRequest
from bot.slack.wording import invited as words
from bot.slack.workspaces import Workspaces
from bot.transport.requester import BACKGROUND, Requester, requester

LOG = logging.getLogger(__name__)

MAX_MESSAGES = 40  # messages that one person's invitations may send in an hour
HOUR = 3600.0  # seconds

_TIMEOUT = 15.0  # seconds for all messages of one command
_NOT_ALLOWED = {"missing_scope", "messages_tab_disabled"}  # fail for everyone, so stop at the first


class Mentions:
    """Invites people only by mentioning them on the card."""

    sends_messages = False

    def tell(self, _request: SlackRequest, _user_ids: Sequence[str], _card: Message) -> None:
        """Do nothing: the card mentions them."""


class DirectMessages(Mentions):
    """Sends people the card of a meeting that they are invited to.

    Limits are per process: with N processes the effective limit is up to N times higher.

    Args:
        workspaces: provides Web API clients.
        clock: returns monotonic seconds.
    """

    sends_messages = True

    def __init__(
        self, workspaces: Workspaces, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._workspaces = workspaces
        self._limit = Limit("You've", MAX_MESSAGES, clock, words.too_many_messages, HOUR)

    def tell(self, request: SlackRequest, user_ids: Sequence[str], card: Message) -> None:
        """Send each person a card, once the request has been answered."""
        request.afterwards.append(partial(self._send, request, user_ids, card))

    async def _send(
        self, request: SlackRequest, user_ids: Sequence[str], card: Message
    ) -> Message | None:
        """Send each person a card; return a message for the inviter if some weren't sent."""
        requester.set(Requester(BACKGROUND, request.team_id))
        admitted, notices = self._admit(request, user_ids)
        failed = await self._post(request, admitted, card)
        for reason in dict.fromkeys(failed.values()):
            people = list(failed.values()).count(reason)
            LOG.warning("invitations not sent", extra={"reason": reason, "people": people})
        if failed:
            is_allowed = _NOT_ALLOWED.isdisjoint(failed.values())
            notice = words.NOT_SENT if is_allowed else words.NOT_ALLOWED
            notices = [notice.format(mentions(failed)), *notices]
        return private(" ".join(notices)) if notices else None

    def _admit(
        self, request: SlackRequest, user_ids: Sequence[str]
    ) -> tuple[Sequence[str], list[str]]:
        """Return who may get a message now, and the sentences about those over the limit."""
        sender = f"{request.team_id}/{request.user_id}"
        for at in range(len(user_ids)):
            try:
                self._limit.check(sender)
            except LimitedError as limited:
                return user_ids[:at], [str(limited)]
            self._limit.count(sender)
        return user_ids, []

    async def _post(
        self, request: SlackRequest, user_ids: Sequence[str], card: Message
    ) -> dict[str, str]:
        """Post the card to each person; return those it failed for, with the reasons."""
        failed = dict[str, str]()
        end = asyncio.get_running_loop().time() + _TIMEOUT
        for at, user_id in enumerate(user_ids):
            try:
                async with asyncio.timeout_at(end):
                    client = await self._workspaces.client(request.workspace)
                    await post_card(client, user_id, card)
            except Exception as error:  # noqa: BLE001 - slack_sdk lets through what its transport raises
                failed[user_id] = reason = Failure.of(error).reason
                if reason in _NOT_ALLOWED:
                    return dict.fromkeys(user_ids[at:], reason) | failed
        return failed
