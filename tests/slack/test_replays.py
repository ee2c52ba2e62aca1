"""A command, click, shortcut or form takes effect once, however often it is delivered."""

import asyncio
import json

import pytest
from slack_bolt.async_app import AsyncAck, AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.sandbox.faults import Fault
from bot.sandbox.slack.delivery import Retry
from bot.sandbox.slack.payloads import Payload, slash_command
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.workspace import CHANNELS, USERS
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.slack import replays
from bot.slack.listeners.shortcuts import HERE
from bot.slack.replays import OnceApp
from tests.conftest import APP_TOKEN, environment, until
from tests.process import bot_process


def meet(slack: SlackStandIn, line: str = "/meet") -> Payload:
    """Return the payload of a command that can be sent again and again."""
    return slash_command(USERS[0], CHANNELS[0], line, f"{slack.url}/response/x")


async def test_a_second_delivery_in_slacks_time_gets_the_same_answer_and_starts_nothing(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    payload = meet(slack)

    first, second = [await slack.deliver(payload) for _ in range(2)]

    assert "started a meeting" in first.answer["text"]
    assert second.answer == first.answer
    assert len(videosdk_standin.meetings) == 1


async def test_a_second_delivery_waits_for_the_answer_to_the_first(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.always(Fault(delay=0.2))
    payload = meet(slack)

    acks = await asyncio.gather(*(slack.deliver(payload) for _ in range(5)))

    assert len({json.dumps(ack.answer) for ack in acks}) == 1
    assert "started a meeting" in acks[0].answer["text"]
    assert len(videosdk_standin.meetings) == 1


async def test_a_replay_is_acknowledged_without_the_answer(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replays, "SLACK_TIMEOUT", 0)
    payload = meet(slack)

    acks = [await slack.deliver(payload) for _ in range(3)]

    assert [(ack.status, bool(ack.answer)) for ack in acks] == [(200, True), *[(200, False)] * 2]
    assert len(videosdk_standin.meetings) == 1


async def test_clicks_and_shortcuts_are_handled_once_too(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Payload] = []
    deliver = slack.deliver

    async def noting(payload: Payload, retry: Retry | None = None) -> object:
        sent.append(payload)
        return await deliver(payload, retry)

    monkeypatch.setattr(slack, "deliver", noting)
    await slack.command("/meet standup")
    [meeting_id] = videosdk_standin.meetings
    checked = (await slack.command(f"/meet-check {meeting_id}")).messages[-1]
    await slack.click(checked, "share_meeting")
    source = slack.workspace.post(CHANNELS[0].id, "user", "Red again", user=USERS[0].id)
    await slack.shortcut(HERE, source)
    messages, meetings = len(slack.workspace.messages), len(videosdk_standin.meetings)

    for payload in sent[-2:]:
        assert (await deliver(payload)).status == 200

    assert len(slack.workspace.messages) == messages
    assert len(videosdk_standin.meetings) == meetings


class Once:
    """Bolt's app with one command, which counts how often it is done."""

    def __init__(self, error: Exception | None = None) -> None:
        self.done = 0
        self._error = error
        self._app = OnceApp({}, self._answer, signing_secret="", token="xoxb-1")

    async def send(self, trigger_id: str) -> BoltResponse:
        body = {"command": "/meet", "trigger_id": trigger_id, "team_id": "T1"}
        return await self._app.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))

    async def _answer(self, ack: AsyncAck, _body: object, _context: object) -> None:
        self.done += 1
        if self._error:
            raise self._error
        await ack(f"done {self.done} times")


async def test_the_newest_commands_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replays, "MAX_TRIGGERS", 20)
    once = Once()

    for number in range(21):
        await once.send(f"{number}")
    await once.send("1")
    assert once.done == 21

    await once.send("0")
    assert once.done == 22


async def test_requests_without_a_trigger_are_handled_each_time(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    payload = meet(slack) | {"trigger_id": ""}

    for _ in range(2):
        assert (await slack.deliver(payload)).answer

    assert len(videosdk_standin.meetings) == 2


async def test_a_command_that_socket_mode_delivers_again_is_handled_once(
    slack_standin: SlackStandIn, videosdk_standin: VideoSDKStandIn, videosdk_url: str
) -> None:
    settings = environment(
        SLACK_API_URL=f"{slack_standin.url}/api",
        VIDEOSDK_API_ENDPOINT=videosdk_url,
        SLACK_APP_TOKEN=APP_TOKEN,
        SLACK_SIGNING_SECRET=None,
    )
    async with bot_process(settings) as bot:
        await bot.until("serving")
        await until(lambda: slack_standin.sockets.connected)
        payload = meet(slack_standin)

        acks = [await slack_standin.deliver(payload) for _ in range(2)]

        await bot.until("delivered again")
    assert acks[0].answer == acks[1].answer
    assert len(videosdk_standin.meetings) == 1


async def test_a_command_that_failed_is_not_done_again() -> None:
    once = Once(ValueError("it went wrong"))

    with pytest.raises(ValueError, match="it went wrong"):
        await once.send("1.2.a")

    assert (await once.send("1.2.a")).status == 200
    assert once.done == 1
