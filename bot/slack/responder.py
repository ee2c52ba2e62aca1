"""Answer every command and click within Slack's 3 seconds, and finish slow work afterwards."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from slack_bolt.async_app import AsyncAck, AsyncBoltContext

from bot.grammar.markup import read
from bot.slack.background import Background
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
from bot.telemetry.metrics import NO_METRICS, Metrics
from bot.telemetry.timing import timing
from bot.transport.requester import COMMANDS, Requester, requester
from bot.videosdk import VideoSDKError

LOG = logging.getLogger(__name__)

DEADLINE = 2.2  # seconds until the acknowledgement; Slack's 3 include the network
LONGEST = 17.5  # seconds until work is cancelled; its answer is promised within half a minute
DONE = "done"  # the outcome if nothing went wrong
MAX_WORK = 2000  # concurrent requests; each takes a few kilobytes

_EXPECTED = (UsageError, VideoSDKError, NotInstalledError, InstallsUnavailableError)

T = TypeVar("T")
BoltListener = Callable[..., Awaitable[None]]


@dataclass(frozen=True)
class Listener:
    """Handles a command or a button: takes the request, and returns a message."""

    name: str
    handle: Callable[[SlackRequest], Awaitable[Message]]
    purpose: Purpose


@dataclass(frozen=True)
class Result:
    """The result of a request.

    Attributes:
        message: the answer, or the words for what went wrong.
        is_done: whether nothing went wrong.
        field: the form input with the mistake, if any.
    """

    message: Message
    is_done: bool = True
    field: str = ""


class Answers:
    """Runs listeners within the deadline.

    Work that outlasts the deadline is neither cancelled nor repeated: the acknowledgement promises
    the result, which follows by response_url. Only such work, and tasks that a listener defers, run
    after an acknowledgement; `drain` waits for them.

    Each command, click and shortcut is logged once, when its outcome is known.

    Args:
        response_urls: posts follow-ups.
        workspaces: where the bot is installed.
        metrics: records outcomes and times.
        deadline: seconds until an acknowledgement goes out.
        longest: seconds until work is cancelled.
        max_work: pieces of work at once.
    """

    def __init__(  # noqa: PLR0913 - the optional ones are keyword-only
        self,
        response_urls: ResponseUrls,
        workspaces: Workspaces,
        *,
        metrics: Metrics = NO_METRICS,
        deadline: float = DEADLINE,
        longest: float = LONGEST,
        max_work: int = MAX_WORK,
    ) -> None:
        self._response_urls = response_urls
        self._workspaces = workspaces
        self._metrics = metrics
        self._deadline = deadline
        self._longest = longest
        self._max_work = max_work
        self._work = Background()
        self._draining = False

    def to_command(self, listener: Listener) -> BoltListener:
        """Return a Bolt listener that answers a command in its acknowledgement."""

        async def answer(ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
            request = SlackRequest.of(context, body)
            work = await self._run(self._outcome(listener, request), request)
            if work.done():
                await ack(dict(work.result().message))
                if request.afterwards:
                    self._finish(request)
            else:
                self._work.start(self._follow_up(work, request))
                await ack(dict(private(f"{listener.purpose.slow} {refer(request.reference)}")))
            self._metrics.acknowledged(listener.name, time.perf_counter() - request.timing.began)

        return answer

    def to_click(self, listener: Listener) -> BoltListener:
        """Return a Bolt listener that answers a button or a shortcut by response_url.

        Their acknowledgements can't contain a message.
        """

        async def answer(ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
            request = SlackRequest.of(context, body)
            await self._run(self._follow_up(self._outcome(listener, request), request), request)
            await ack()
            self._metrics.acknowledged(listener.name, time.perf_counter() - request.timing.began)

        return answer

    def to_form(self, listener: Listener, field: str) -> BoltListener:
        """Return a Bolt listener that answers a form: errors in it, anything else by response_url.

        A form that is acknowledged without errors closes.

        Args:
            listener: answers it.
            field: the input that shows errors that belong to no input.
        """

        async def answer(ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
            request = SlackRequest.of(context, body)
            work = await self._run(self._outcome(listener, request), request)
            if work.done() and not work.result().is_done:
                await ack({"response_action": "errors", "errors": _errors(work.result(), field)})
            else:
                await self._run(self._follow_up(work, request), request)
                await ack()
            self._metrics.acknowledged(listener.name, time.perf_counter() - request.timing.began)

        return answer

    def to_silent(
        self, name: str, handle: Callable[[SlackRequest], Awaitable[str]]
    ) -> BoltListener:
        """Return a Bolt listener that only acknowledges (no response_url to reply to).

        Args:
            name: the name for log and metrics.
            handle: handles the request, and returns the outcome for the log.
        """

        async def answer(ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
            request = SlackRequest.of(context, body)
            work = await self._run(self._do_silently(name, handle, request), request)
            await work  # its own timeout is shorter
            await ack()
            self._metrics.acknowledged(name, time.perf_counter() - request.timing.began)

        return answer

    async def drain(self, seconds: float) -> None:
        """Accept no new work, and wait for the rest for at most `seconds`."""
        self._draining = True
        try:
            async with asyncio.timeout(seconds):
                while self._work:
                    await asyncio.wait(set(self._work))
        except TimeoutError:
            LOG.error("work abandoned", extra={"pieces": len(self._work)})  # noqa: TRY400 - no trace

    async def _run(self, work: Coroutine[Any, Any, T], request: SlackRequest) -> asyncio.Task[T]:
        """Do work for a request, and return it once it's done or the deadline has come."""
        requester.set(Requester(COMMANDS, request.team_id))
        reference.set(request.reference)
        timing.set(request.timing)
        task = self._work.start(work)
        left = request.timing.began + self._deadline - time.perf_counter()
        await asyncio.wait({task}, timeout=max(0, left))
        return task

    async def _outcome(self, listener: Listener, request: SlackRequest) -> Result:
        """Return a listener's message; every error becomes one here."""
        if self._draining:
            return self._refuse(listener, request, "restarting", RESTARTING)
        if len(self._work) > self._max_work:
            LOG.error("too much work", extra={"listener": listener.name})
            return self._refuse(listener, request, "busy", BUSY)
        try:
            await self._workspaces.require(request.workspace)
            result = Result(await listener.handle(request))
            outcome = DONE
        except asyncio.CancelledError:  # cancelled by _follow_up
            result, outcome = _explained(TookTooLongError(), listener)
        except Exception as error:  # the outermost handler: everyone gets an answer
            result, outcome = _explained(error, listener)
            if not isinstance(error, _EXPECTED):
                LOG.exception("listener failed", extra={"listener": listener.name})
        self._note(listener.name, request, outcome)
        return result

    def _refuse(self, listener: Listener, request: SlackRequest, outcome: str, text: str) -> Result:
        self._note(listener.name, request, outcome)
        return Result(private(text), is_done=False)

    async def _do_silently(
        self, name: str, handle: Callable[[SlackRequest], Awaitable[str]], request: SlackRequest
    ) -> None:
        self._note(name, request, await handle(request))

    def _note(self, name: str, request: SlackRequest, outcome: str) -> None:
        """Log and count an outcome, with the total time and the part spent waiting for services."""
        self._metrics.answered(name, outcome)
        facts = {
            "listener": name,
            "outcome": outcome,
            "team": request.team_id,
            "ms": round(1000 * (time.perf_counter() - request.timing.began)),
            "upstream_ms": round(1000 * sum([end - begin for begin, end in request.timing.calls])),
        }
        LOG.info("answered", extra=facts)

    async def _follow_up(self, work: Awaitable[Result], request: SlackRequest) -> None:
        """Post the result by response_url; cancel the work if it takes too long."""
        task = asyncio.ensure_future(work)
        left = request.timing.began + self._longest - time.perf_counter()
        await asyncio.wait({task}, timeout=left)
        task.cancel()
        await self._response_urls.post(request.response_url, (await task).message)
        self._finish(request)

    def _finish(self, request: SlackRequest) -> None:
        """Start the tasks that the listener deferred."""
        for work in request.afterwards:
            self._work.start(self._do(work, request))

    async def _do(self, work: Afterwards, request: SlackRequest) -> None:
        if message := await work():
            await self._response_urls.post(request.response_url, message)


def _explained(error: Exception, listener: Listener) -> tuple[Result, str]:
    """Return the message for an error, and its name."""
    message = private(explain(error, listener.purpose, reference.get()))
    field = error.field if isinstance(error, UsageError) else ""
    return Result(message, is_done=False, field=field), type(error).__name__


def _errors(result: Result, field: str) -> dict[str, str]:
    """Return a form's errors, as plain text: a form doesn't format them."""
    return {result.field or field: read(result.message["text"]).replace("`", "")}
