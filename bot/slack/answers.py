"""Answer every command and click inside Slack's 3 seconds, and finish what takes longer."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from slack_bolt.async_app import AsyncAck

from bot.grammar import UsageError
from bot.logs import reference
from bot.metrics import UNCOUNTED, Metrics
from bot.requester import COMMANDS, Requester, requester
from bot.slack.blocks import Message, private
from bot.slack.response_urls import ResponseUrls
from bot.slack.words import BUSY, RESTARTING, Purpose, TookTooLongError, explain, refer
from bot.slack.workspaces import (
    InstallsUnavailableError,
    NotInstalledError,
    Workspace,
    Workspaces,
)
from bot.upstream import Timing, timing
from bot.videosdk import VideoSDKError

LOG = logging.getLogger(__name__)

DEADLINE = 2.2  # seconds until the acknowledgement goes out; Slack's 3 include both ways
LONGEST = 17.5  # seconds for all the work: its answer was promised within half a minute
DONE = "done"  # the outcome of what went well
MOST = 2000  # pieces of work at once; one holds a few kilobytes

_EXPECTED = (UsageError, VideoSDKError, NotInstalledError, InstallsUnavailableError)

T = TypeVar("T")
Body = dict[str, Any]
BoltListener = Callable[..., Awaitable[None]]


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

    Each command, click and shortcut has one line in the log, once its outcome is known.

    Args:
        response_urls: where what comes later is posted.
        workspaces: where the bot is installed.
        metrics: count outcomes and times.
        deadline: seconds until an acknowledgement goes out.
        longest: seconds until work is given up.
        most: pieces of work at once.
    """

    def __init__(  # noqa: PLR0913 - the optional ones are keyword-only
        self,
        response_urls: ResponseUrls,
        workspaces: Workspaces,
        *,
        metrics: Metrics = UNCOUNTED,
        deadline: float = DEADLINE,
        longest: float = LONGEST,
        most: int = MOST,
    ) -> None:
        self._response_urls = response_urls
        self._workspaces = workspaces
        self._metrics = metrics
        self._deadline = deadline
        self._longest = longest
        self._most = most
        self._work: set[asyncio.Task[Any]] = set()
        self._draining = False

    def to_command(self, listener: Listener) -> BoltListener:
        """Return a Bolt listener that answers a command in its acknowledgement."""

        async def answer(ack: AsyncAck, body: Body) -> None:
            began = _start(body)
            work = self._begin(listener, body, began)
            await asyncio.wait({work}, timeout=self._deadline)
            if work.done():
                await ack(dict(work.result()))
            else:
                self._track(self._follow_up(work, body, began))
                await ack(dict(private(f"{listener.purpose.slow} {refer(reference.get())}")))
            self._metrics.acknowledged(listener.name, began.seconds)

        return answer

    def to_click(self, listener: Listener) -> BoltListener:
        """Return a Bolt listener that answers a button, a shortcut or a form by response_url.

        An acknowledgement of these carries no message.
        """

        async def answer(ack: AsyncAck, body: Body) -> None:
            began = _start(body)
            work = self._begin(listener, body, began)
            follow_up = self._track(self._follow_up(work, body, began))
            await asyncio.wait({follow_up}, timeout=self._deadline)
            await ack()
            self._metrics.acknowledged(listener.name, began.seconds)

        return answer

    def to_silent(self, name: str, handle: Callable[[Body], Awaitable[str]]) -> BoltListener:
        """Return a Bolt listener that acknowledges, and has nowhere to say more.

        Args:
            name: what is logged and counted.
            handle: does what there is to do in time, and returns the outcome for the log.
        """

        async def answer(ack: AsyncAck, body: Body) -> None:
            began = _start(body)
            self._note(name, body, began, await handle(body))
            await ack()
            self._metrics.acknowledged(name, began.seconds)

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

    def _begin(self, listener: Listener, body: Body, began: Timing) -> asyncio.Task[Message]:
        if self._draining:
            return self._track(self._refuse(listener, body, began, "restarting", RESTARTING))
        if len(self._work) >= self._most:
            LOG.error("too much work", extra={"listener": listener.name})
            return self._track(self._refuse(listener, body, began, "busy", BUSY))
        return self._track(self._outcome(listener, body, began))

    async def _refuse(
        self, listener: Listener, body: Body, began: Timing, outcome: str, text: str
    ) -> Message:
        self._note(listener.name, body, began, outcome)
        return private(text)

    async def _outcome(self, listener: Listener, body: Body, began: Timing) -> Message:
        """Return a listener's message; every error ends here, in words."""
        try:
            await self._workspaces.require(Workspace.of(body))
            message = await listener.handle(body)
            outcome = DONE
        except asyncio.CancelledError:  # given up by _follow_up
            message, outcome = _explained(TookTooLongError(), listener)
        except Exception as error:  # the outermost boundary: nobody is left without an answer
            message, outcome = _explained(error, listener)
            if not isinstance(error, _EXPECTED):
                LOG.exception("listener failed", extra={"listener": listener.name})
        self._note(listener.name, body, began, outcome)
        return message

    def _note(self, name: str, body: Body, began: Timing, outcome: str) -> None:
        """Log and count an outcome, with the time it took and what others took of that."""
        self._metrics.answered(name, outcome)
        facts = {
            "listener": name,
            "outcome": outcome,
            "team": team_id(body),
            "ms": round(1000 * began.seconds),
            "upstream_ms": round(1000 * began.upstream),
        }
        LOG.info("answered", extra=facts)

    def _track(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return task

    async def _follow_up(self, work: asyncio.Task[Message], body: Body, began: Timing) -> None:
        await asyncio.wait({work}, timeout=self._longest - began.seconds)
        work.cancel()
        await self._response_urls.post(_response_url(body), await work)


def _explained(error: Exception, listener: Listener) -> tuple[Message, str]:
    """Return the words for an error, and its name."""
    return private(explain(error, listener.purpose, reference.get())), type(error).__name__


def _response_url(body: Body) -> str:
    """Return where a follow-up goes: a form has the address of the conversation that was chosen."""
    chosen = body.get("response_urls") or [body]
    return str(chosen[0].get("response_url", ""))


def _start(body: Body) -> Timing:
    """Give a request its reference and its share of the pools, and start its clock."""
    requester.set(Requester(COMMANDS, team_id(body)))
    reference.set(secrets.token_hex(4))
    began = Timing()
    timing.set(began)
    return began


def team_id(body: Body) -> str:
    """Return the workspace's id: commands have it flat, clicks in an object."""
    team = body.get("team")
    return str(body.get("team_id") or (team.get("id") if isinstance(team, dict) else ""))
