"""Answer every command and click inside Slack's 3 seconds, and finish what takes longer."""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from slack_bolt.async_app import AsyncAck

from bot.grammar import UsageError
from bot.logs import reference
from bot.slack.blocks import Message, private
from bot.slack.response_urls import ResponseUrls
from bot.slack.words import BUSY, RESTARTING, Purpose, explain, refer
from bot.slack.workspaces import (
    InstallsUnavailableError,
    NotInstalledError,
    Workspace,
    Workspaces,
)
from bot.videosdk import VideoSDKError

LOG = logging.getLogger(__name__)

DEADLINE = 2.2  # seconds until the acknowledgement goes out; Slack's 3 include both ways
MOST = 2000  # pieces of work at once; one holds a few kilobytes

_EXPECTED = (UsageError, VideoSDKError, NotInstalledError, InstallsUnavailableError)

T = TypeVar("T")
Body = dict[str, Any]


@dataclass(frozen=True)
class Listener:
    """What answers a command or a button: from Slack's payload to a message."""

    name: str
    handle: Callable[[Body], Awaitable[Message]]
    purpose: Purpose


class Answers:
    """Run listeners under the deadline.

    Work that outlasts the deadline is neither cancelled nor repeated: the acknowledgement says that
    it goes on, and its result follows by response_url. Such work is all that ever runs behind an
    acknowledgement; `drain` waits for it.
    """

    def __init__(
        self,
        response_urls: ResponseUrls,
        workspaces: Workspaces,
        *,
        deadline: float = DEADLINE,
        most: int = MOST,
    ) -> None:
        self._response_urls = response_urls
        self._workspaces = workspaces
        self._deadline = deadline
        self._most = most
        self._work: set[asyncio.Task[Any]] = set()
        self._draining = False

    def to_command(self, listener: Listener) -> Callable[..., Awaitable[None]]:
        """Return a Bolt listener that answers a command in its acknowledgement."""

        async def answer(ack: AsyncAck, body: Body) -> None:
            work = self._begin(listener, body)
            if await self._done_in_time(work):
                await ack(dict(work.result()))
            else:
                self._track(self._follow_up(work, body))
                await ack(dict(private(f"{listener.purpose.slow} {refer(reference.get())}")))

        return answer

    def to_click(self, listener: Listener) -> Callable[..., Awaitable[None]]:
        """Return a Bolt listener that answers a button, a shortcut or a form by response_url.

        An acknowledgement of these carries no message.
        """

        async def answer(ack: AsyncAck, body: Body) -> None:
            work = self._begin(listener, body)
            await self._done_in_time(self._track(self._follow_up(work, body)))
            await ack()

        return answer

    async def drain(self, seconds: float) -> None:
        """Begin nothing new, and wait for what runs, at most so long."""
        self._draining = True
        try:
            async with asyncio.timeout(seconds):
                while self._work:
                    await asyncio.wait(set(self._work))
        except TimeoutError:
            LOG.error("work given up", extra={"pieces": len(self._work)})  # noqa: TRY400 - no trace

    def _begin(self, listener: Listener, body: Body) -> asyncio.Task[Message]:
        reference.set(secrets.token_hex(4))
        if self._draining:
            return self._track(_say(RESTARTING))
        if len(self._work) >= self._most:
            LOG.error("too much work", extra={"listener": listener.name})
            return self._track(_say(BUSY))
        return self._track(self._outcome(listener, body))

    async def _outcome(self, listener: Listener, body: Body) -> Message:
        """Return a listener's message; every error ends here, in words."""
        started = time.perf_counter()
        try:
            await self._workspaces.require(Workspace.of(body))
            message = await listener.handle(body)
            outcome = "done"
        except Exception as error:  # the outermost boundary: nobody is left without an answer
            message = private(explain(error, listener.purpose, reference.get()))
            outcome = type(error).__name__
            if not isinstance(error, _EXPECTED):
                LOG.exception("listener failed", extra={"listener": listener.name})
        facts = {"listener": listener.name, "outcome": outcome, "team": _team(body)}
        LOG.info("answered", extra=facts | {"ms": round(1000 * (time.perf_counter() - started))})
        return message

    def _track(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return task

    async def _done_in_time(self, work: asyncio.Task[Any]) -> bool:
        done, _ = await asyncio.wait({work}, timeout=self._deadline)
        return bool(done)

    async def _follow_up(self, work: asyncio.Task[Message], body: Body) -> None:
        await self._response_urls.post(_response_url(body), await work)


def _response_url(body: Body) -> str:
    """Return where a follow-up goes: a form has the address of the conversation that was chosen."""
    chosen = body.get("response_urls") or [body]
    return str(chosen[0].get("response_url", ""))


async def _say(text: str) -> Message:
    return private(text)


def _team(body: Body) -> str:
    """Return the workspace's id: commands have it flat, clicks in an object."""
    team = body.get("team")
    return str(body.get("team_id") or (team.get("id") if isinstance(team, dict) else ""))
