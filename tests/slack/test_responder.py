"""Commands are answered in the acknowledgement; late answers follow by response_url."""

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.blocks import Message, private, public
from bot.slack.one_workspace import OneWorkspace
from bot.slack.request import Body, SlackRequest
from bot.slack.responder import Answers, Listener
from bot.slack.response_urls import ResponseUrls
from bot.slack.wording.errors import BUSY, RESTARTING, STARTING, UsageError
from bot.telemetry.metrics import NO_METRICS, Metrics
from bot.transport import open_http
from bot.transport.requester import COMMANDS, Requester, requester
from bot.videosdk import VideoSDKBrokenError
from tests.conftest import serving


class Slack:
    """Everything that reaches Slack: the acknowledgement and the follow-ups."""

    def __init__(self) -> None:
        self.acknowledged: list[dict[str, Any]] = []
        self.followed: list[dict[str, Any]] = []
        self.url = ""

    async def ack(self, message: dict[str, Any] | None = None) -> None:
        self.acknowledged.append(message or {})

    async def take(self, request: web.Request) -> web.Response:
        self.followed.append(await request.json())
        return web.Response(text="ok")

    @property
    def body(self) -> Body:
        return {"team_id": "T1", "response_url": f"{self.url}/response"}


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    slack = Slack()
    app = web.Application()
    app.router.add_post("/response", slack.take)
    async with serving(app) as slack.url:
        yield slack


@pytest.fixture
async def response_urls(slack: Slack) -> AsyncIterator[ResponseUrls]:
    async with open_http() as http:
        yield ResponseUrls(http, slack.url)


def listener(outcome: Message | Exception, *, after: asyncio.Event | None = None) -> Listener:
    """A listener with this outcome, once the event is set."""

    async def handle(_: SlackRequest) -> Message:
        if after:
            await after.wait()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return Listener("meet", handle, STARTING)


def asked(slack: Slack, body: Body | None = None) -> tuple[Any, ...]:
    """Return Bolt's arguments of a listener: ack, payload and context."""
    body = body or slack.body
    return slack.ack, body, AsyncBoltRequest(body=body, mode="socket_mode").context


CARD = public("A card", [])
WORKSPACES = OneWorkspace(AsyncWebClient())


async def test_a_quick_command_is_answered_in_its_acknowledgement(
    slack: Slack, response_urls: ResponseUrls
) -> None:
    await Answers(response_urls, WORKSPACES).to_command(listener(CARD))(*asked(slack))

    assert slack.acknowledged == [dict(CARD)]
    assert slack.followed == []


async def test_work_that_outlasts_the_deadline_is_announced_and_follows_once(
    slack: Slack, response_urls: ResponseUrls
) -> None:
    done, answers = asyncio.Event(), Answers(response_urls, WORKSPACES, deadline=0.01)

    await answers.to_command(listener(CARD, after=done))(*asked(slack))
    assert slack.followed == []
    done.set()
    await answers.drain(5)

    [announced] = slack.acknowledged
    assert announced["response_type"] == "ephemeral"
    assert announced["text"].startswith(STARTING.slow)
    assert slack.followed == [dict(CARD)]


async def test_an_error_after_the_deadline_follows_in_words(
    slack: Slack, response_urls: ResponseUrls
) -> None:
    done, answers = asyncio.Event(), Answers(response_urls, WORKSPACES, deadline=0.01)
    late = listener(VideoSDKBrokenError("status 500", status=500), after=done)

    await answers.to_command(late)(*asked(slack))
    done.set()
    await answers.drain(5)

    [followed] = slack.followed
    assert followed["response_type"] == "ephemeral"
    assert "VideoSDK" in followed["text"]


@pytest.mark.parametrize("is_late", [False, True])
async def test_deferred_work_runs_once_after_the_answer(
    slack: Slack, response_urls: ResponseUrls, *, is_late: bool
) -> None:
    seen: list[int] = []

    async def later() -> Message | None:
        seen.append(len(slack.acknowledged) + len(slack.followed))
        return private("And this") if is_late else None

    async def handle(request: SlackRequest) -> Message:
        await asyncio.sleep(0.03 if is_late else 0)
        request.afterwards.append(later)
        return CARD

    answers = Answers(response_urls, WORKSPACES, deadline=0.01 if is_late else 1)
    await answers.to_command(Listener("meet", handle, STARTING))(*asked(slack))
    await answers.drain(5)

    assert seen == [2 if is_late else 1]
    assert [message["text"] for message in slack.followed] == (
        ["A card", "And this"] if is_late else []
    )


@pytest.mark.parametrize("error", [VideoSDKBrokenError("status 500"), KeyError("a bug")])
async def test_an_error_is_answered_in_words_with_the_reference_of_the_log(
    error: Exception,
    slack: Slack,
    response_urls: ResponseUrls,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)

    await Answers(response_urls, WORKSPACES).to_command(listener(error))(*asked(slack))

    [answer] = slack.acknowledged
    assert answer["response_type"] == "ephemeral"
    assert re.search(r"`[0-9a-f]{8}`", answer["text"])
    assert getattr(caplog.records[-1], "outcome", "") == type(error).__name__


async def test_work_that_never_ends_gets_a_follow_up_in_time(
    slack: Slack, response_urls: ResponseUrls, caplog: pytest.LogCaptureFixture
) -> None:
    answers = Answers(response_urls, WORKSPACES, deadline=0.01, longest=0.05)

    await answers.to_command(listener(CARD, after=asyncio.Event()))(*asked(slack))
    await answers.drain(5)

    [followed] = slack.followed
    assert followed["text"].startswith("That took too long, so I can't tell whether")
    assert "listener failed" not in caplog.messages


async def test_another_timeout_is_not_the_deadline(
    slack: Slack, response_urls: ResponseUrls, caplog: pytest.LogCaptureFixture
) -> None:
    await Answers(response_urls, WORKSPACES).to_command(listener(TimeoutError()))(*asked(slack))

    assert slack.acknowledged[0]["text"].startswith("Something went wrong on my side")
    assert "listener failed" in caplog.messages


async def test_a_request_takes_its_workspaces_share_of_the_pools(
    slack: Slack, response_urls: ResponseUrls
) -> None:
    seen = []

    async def handle(_: SlackRequest) -> Message:
        seen.append(requester.get())
        return CARD

    answers = Answers(response_urls, WORKSPACES)
    await answers.to_command(Listener("meet", handle, STARTING))(*asked(slack))

    assert seen == [Requester(COMMANDS, "T1")]


async def test_a_users_mistake_is_answered_without_a_reference(
    slack: Slack, response_urls: ResponseUrls
) -> None:
    await Answers(response_urls, WORKSPACES).to_command(listener(UsageError("Not like that.")))(
        *asked(slack)
    )

    assert slack.acknowledged == [dict(private("Not like that."))]


async def test_a_click_is_acknowledged_bare_and_answered_by_response_url(
    slack: Slack, response_urls: ResponseUrls
) -> None:
    await Answers(response_urls, WORKSPACES).to_click(listener(CARD))(*asked(slack))

    assert slack.acknowledged == [{}]
    assert slack.followed == [dict(CARD)]


async def test_a_slow_click_is_acknowledged_before_it_is_handled(
    slack: Slack, response_urls: ResponseUrls
) -> None:
    done, answers = asyncio.Event(), Answers(response_urls, WORKSPACES, deadline=0.01)

    await answers.to_click(listener(CARD, after=done))(*asked(slack))
    assert (slack.acknowledged, slack.followed) == ([{}], [])
    done.set()
    await answers.drain(5)

    assert slack.followed == [dict(CARD)]


async def test_a_form_shows_errors_and_closes_when_its_answer_is_posted(
    slack: Slack, response_urls: ResponseUrls
) -> None:
    answers = Answers(response_urls, WORKSPACES)
    mistake, long_name = UsageError("Type `/meet`."), UsageError("Too long.", "name")
    outcomes: list[Message | Exception] = [mistake, long_name, CARD]

    for outcome in outcomes:
        await answers.to_form(listener(outcome), "place")(*asked(slack))

    assert slack.acknowledged == [
        {"response_action": "errors", "errors": {"place": "Type /meet."}},
        {"response_action": "errors", "errors": {"name": "Too long."}},
        {},
    ]
    assert slack.followed == [dict(CARD)]


async def test_a_slow_form_closes_and_its_error_follows(
    slack: Slack, response_urls: ResponseUrls
) -> None:
    done, answers = asyncio.Event(), Answers(response_urls, WORKSPACES, deadline=0.01)

    await answers.to_form(listener(UsageError("No."), after=done), "place")(*asked(slack))
    done.set()
    await answers.drain(5)

    assert (slack.acknowledged, slack.followed) == ([{}], [dict(private("No."))])


async def test_excess_work_is_rejected_with_a_message(
    slack: Slack, response_urls: ResponseUrls
) -> None:
    await Answers(response_urls, WORKSPACES, max_work=0).to_command(listener(CARD))(*asked(slack))

    assert slack.acknowledged == [dict(private(BUSY))]


async def test_nothing_new_begins_while_the_bot_stops(
    slack: Slack, response_urls: ResponseUrls
) -> None:
    answers = Answers(response_urls, WORKSPACES)

    await answers.drain(5)
    await answers.to_command(listener(CARD))(*asked(slack))

    assert slack.acknowledged == [dict(private(RESTARTING))]


async def test_work_that_never_ends_does_not_hold_the_bot_for_ever(
    slack: Slack, response_urls: ResponseUrls, caplog: pytest.LogCaptureFixture
) -> None:
    never, answers = asyncio.Event(), Answers(response_urls, WORKSPACES, deadline=0.01)
    await answers.to_command(listener(CARD, after=never))(*asked(slack))

    await answers.drain(0.05)

    assert caplog.messages[-1] == "work abandoned"
    never.set()
    await answers.drain(5)


async def test_a_failed_follow_up_is_logged_and_the_first_answer_stays(
    slack: Slack, response_urls: ResponseUrls, caplog: pytest.LogCaptureFixture
) -> None:
    done, answers = asyncio.Event(), Answers(response_urls, WORKSPACES, deadline=0.01)
    body = slack.body | {"response_url": "https://hooks.example.com/not-slack"}

    await answers.to_command(listener(CARD, after=done))(*asked(slack, body))
    done.set()
    await answers.drain(5)

    [announced] = slack.acknowledged
    assert announced["text"].startswith(STARTING.slow)
    assert slack.followed == []
    assert "follow-up not sent" in caplog.text


class Counted(Metrics):
    """Metrics that record what was counted."""

    def __init__(self) -> None:
        self.outcomes: list[tuple[str, str]] = []
        self.times: list[float] = []

    def answered(self, listener: str, outcome: str) -> None:
        self.outcomes.append((listener, outcome))

    def acknowledged(self, listener: str, seconds: float) -> None:
        assert listener
        self.times.append(seconds)


async def test_every_outcome_is_counted_and_has_its_own_log_line(
    slack: Slack, response_urls: ResponseUrls, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    counted = Counted()
    answers = Answers(response_urls, WORKSPACES, metrics=counted)
    busy = Answers(response_urls, WORKSPACES, metrics=counted, max_work=0)

    await answers.to_command(listener(CARD))(*asked(slack))
    await answers.to_click(listener(UsageError("No.")))(*asked(slack))
    await busy.to_command(listener(CARD))(*asked(slack))
    await answers.drain(5)
    await answers.to_command(listener(CARD))(*asked(slack))

    outcomes = ["done", "UsageError", "busy", "restarting"]
    lines = [record for record in caplog.records if record.message == "answered"]
    assert counted.outcomes == [("meet", outcome) for outcome in outcomes]
    assert [getattr(line, "outcome", "") for line in lines] == outcomes
    assert len(counted.times) == 4


async def test_requests_that_cannot_be_answered_are_acknowledged_and_counted(
    slack: Slack, response_urls: ResponseUrls
) -> None:
    counted = Counted()

    async def open_form(_: SlackRequest) -> str:
        return "not opened"

    answers = Answers(response_urls, WORKSPACES, metrics=counted)
    await answers.to_silent("open-form", open_form)(*asked(slack))

    assert (slack.acknowledged, slack.followed) == ([{}], [])
    assert (counted.outcomes, len(counted.times)) == ([("open-form", "not opened")], 1)


async def test_the_log_line_separates_waiting_for_services_from_the_bots_own_time(
    slack: Slack, response_urls: ResponseUrls, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    async def handle(_: SlackRequest) -> Message:
        called_at = time.perf_counter()
        await asyncio.sleep(0.05)
        NO_METRICS.called("videosdk", "POST /v1/meetings", "200", called_at)
        await asyncio.sleep(0.05)
        return CARD

    slow = Listener("meet", handle, STARTING)
    await Answers(response_urls, WORKSPACES).to_command(slow)(*asked(slack))

    ms, upstream = (getattr(caplog.records[-1], name) for name in ("ms", "upstream_ms"))
    assert 50 <= upstream <= ms - 50
