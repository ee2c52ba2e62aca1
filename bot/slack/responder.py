"""Answer every command and click inside Slack's 3 seconds, and finish what takes longer."""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from slack_bolt.async_app import AsyncAck, AsyncBoltContext

from bot.grammar.markup import read
from bot.slack.blocks import Message, private
from bot.slack.request import Afterwards, Body, SlackRequest
from bot.slack.response_urls import ResponseUrls
from bot.slack.wording.errors import (
    BUSY,
    RESTARTING,
    Purpose,
    TookTooLongError,
    UsageError,
    explain,
    refer,
)
from bot.slack.workspaces import InstallsUnavailableError, NotInstalledError, Workspaces
from bot.telemetry.logs import reference
from bot.telemetry.metrics import UNCOUNTED, Metrics
from bot.telemetry.timing import Timing, timing
from bot.transport.requester import COMMANDS, Requester, requester
from bot.videosdk import VideoSDKError

LOG = logging.getLogger(__name__)

DEADLINE = 2.2  # seconds until the acknowledgement goes out; Slack's 3 include both ways
LONGEST = 17.5  # seconds for all the work: its answer was promised within half a minute
DONE = "done"  # the outcome of what went well
MOST = 2000  # pieces of work at once; one holds a few kilobytes

_EXPECTED = (UsageError, VideoSDKError, NotInstalledError, InstallsUnavailableError)

T = TypeVar("T")
BoltListener = Callable[..., Awaitable[None]]


@dataclass(frozen=True)
class Listener:
    """What answers a command or a button: from Slack's payload to a message."""

    name: str
    handle: Callable[[SlackRequest], Awaitable[Message]]
    purpose: Purpose


@dataclass(frozen=True)
class Result:
    """What came of a request.

    Attributes:
        message: the answer, or the words for what went wrong.
        is_done: whether nothing went wrong.
        field: the input of a form that was filled in wrong, if it is one input's fault.
    """

    message: Message
    is_done: bool = True
    field: str = ""


class Answers:
    """Run listeners under the deadline.

    Work that outlasts the deadline is neither cancelled nor repeated: the acknowledgement says that
    it goes on, and its result follows by response_url. Such work, and what a listener leaves for
    afterwards, is all that ever runs behind an acknowledgement; `drain` waits for it.

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

        async def answer(ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
            request, began = _start(context, body)
            work = self._begin(listener, request, began)
            if await self._done_in_time(work, began):
                await ack(dict(work.result().message))
                if request.afterwards:
                    self._finish(request)
            else:
                self._track(self._follow_up(work, request, began))
                await ack(dict(private(f"{listener.purpose.slow} {refer(reference.get())}")))
            self._metrics.acknowledged(listener.name, time.perf_counter() - began.began)

        return answer

    def to_click(self, listener: Listener) -> BoltListener:
        """Return a Bolt listener that answers a button or a shortcut by response_url.

        An acknowledgement of these carries no message.
        """

        async def answer(ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
            request, began = _start(context, body)
            work = self._begin(listener, request, began)
            following = self._track(self._follow_up(work, request, began))
            await self._done_in_time(following, began)
            await ack()
            self._metrics.acknowledged(listener.name, time.perf_counter() - began.began)

        return answer

    def to_form(self, listener: Listener, field: str) -> BoltListener:
        """Return a Bolt listener that answers a form: errors in it, anything else by response_url.

        A form that is acknowledged without errors closes.

        Args:
            listener: answers it.
            field: the input at which errors are shown that are no other input's fault.
        """

        async def answer(ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
            request, began = _start(context, body)
            work = self._begin(listener, request, began)
            if await self._done_in_time(work, began) and not work.result().is_done:
                await ack({"response_action": "errors", "errors": _errors(work.result(), field)})
            else:
                following = self._track(self._follow_up(work, request, began))
                await self._done_in_time(following, began)
                await ack()
            self._metrics.acknowledged(listener.name, time.perf_counter() - began.began)

        return answer

    def to_silent(
        self, name: str, handle: Callable[[SlackRequest], Awaitable[str]]
    ) -> BoltListener:
        """Return a Bolt listener that only acknowledges (no response_url to reply to).

        Args:
            name: what is logged and counted.
            handle: does what there is to do in time, and returns the outcome for the log.
        """

        async def answer(ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
            request, began = _start(context, body)
            self._note(name, request, began, await handle(request))
            await ack()
            self._metrics.acknowledged(name, time.perf_counter() - began.began)

        return answer

    async def drain(self, seconds: float) -> None:
        """Begin nothing new, and wait for what runs, at most so long."""
        self._draining = True
        try:
            async with asyncio.timeout(seconds):
                while self._work:
                    await asyncio.wait(set(self._work))
        except TimeoutError:
            LOG.error("work abandoned", extra={"pieces": len(self._work)})  # noqa: TRY400 - no trace

    def _begin(
        self, listener: Listener, request: SlackRequest, began: Timing
    ) -> asyncio.Task[Result]:
        if self._draining:
            return self._track(self._refuse(listener, request, began, "restarting", RESTARTING))
        if len(self._work) >= self._most:
            LOG.error("too much work", extra={"listener": listener.name})
            return self._track(self._refuse(listener, request, began, "busy", BUSY))
        return self._track(self._outcome(listener, request, began))

    async def _refuse(
        self, listener: Listener, request: SlackRequest, began: Timing, outcome: str, text: str
    ) -> Result:
        self._note(listener.name, request, began, outcome)
        return Result(private(text), is_done=False)

    async def _outcome(self, listener: Listener, request: SlackRequest, began: Timing) -> Result:
        """Return a listener's message; every error ends here, in words."""
        try:
            await self._workspaces.require(request.workspace)
            result = Result(await listener.handle(request))
            outcome = DONE
        except asyncio.CancelledError:  # given up by _follow_up
            result, outcome = _explained(TookTooLongError(), listener)
        except Exception as error:  # the outermost boundary: nobody is left without an answer
            result, outcome = _explained(error, listener)
            if not isinstance(error, _EXPECTED):
                LOG.exception("listener failed", extra={"listener": listener.name})
        self._note(listener.name, request, began, outcome)
        return result

    def _note(self, name: str, request: SlackRequest, began: Timing, outcome: str) -> None:
        """Log and count an outcome, with the time it took and what others took of that."""
        self._metrics.answered(name, outcome)
        facts = {
            "listener": name,
            "outcome": outcome,
            "team": request.team_id,
            "ms": round(1000 * (time.perf_counter() - began.began)),
            "upstream_ms": round(1000 * began.upstream()),
        }
        LOG.info("answered", extra=facts)

    def _track(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return task

    async def _done_in_time(self, work: asyncio.Task[Any], began: Timing) -> bool:
        passed = time.perf_counter() - began.began
        done, _ = await asyncio.wait({work}, timeout=max(0, self._deadline - passed))
        return bool(done)

    async def _follow_up(
        self, work: asyncio.Task[Result], request: SlackRequest, began: Timing
    ) -> None:
        passed = time.perf_counter() - began.began
        await asyncio.wait({work}, timeout=self._longest - passed)
        work.cancel()
        await self._response_urls.post(request.response_url, (await work).message)
        self._finish(request)

    def _finish(self, request: SlackRequest) -> None:
        """Begin what the listener has left for after its answer."""
        for work in request.afterwards:
            self._track(self._do(work, request))

    async def _do(self, work: Afterwards, request: SlackRequest) -> None:
        if message := await work():
            await self._response_urls.post(request.response_url, message)


def _explained(error: Exception, listener: Listener) -> tuple[Result, str]:
    """Return the words for an error, and its name."""
    message = private(explain(error, listener.purpose, reference.get()))
    field = error.field if isinstance(error, UsageError) else ""
    return Result(message, is_done=False, field=field), type(error).__name__


def _errors(result: Result, field: str) -> dict[str, str]:
    """Return a form's errors, as plain text: a form doesn't format them."""
    return {result.field or field: read(result.message["text"]).replace("`", "")}


def _start(context: AsyncBoltContext, body: Body) -> tuple[SlackRequest, Timing]:
    """Give a request its reference and its share of the pools, and start its clock."""
    began = Timing()
    request = SlackRequest.of(context, body)
    requester.set(Requester(COMMANDS, request.team_id))
    reference.set(secrets.token_hex(4))
    timing.set(began)
    return request, began
