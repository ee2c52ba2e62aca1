"""A command, click, shortcut or form takes effect once, however often it is delivered."""

import asyncio
import functools
import json

import pytest

from bot.sandbox.faults import Fault
from bot.sandbox.slack.delivery import Retry
from bot.sandbox.slack.payloads import Payload, slash_command
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.workspace import CHANNELS, USERS
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.slack import replays
from bot.slack.listeners.shortcuts import HERE
from bot.slack.replays import Replays
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
    monkeypatch.setattr(replays, "PATIENCE", 0)
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


async def test_the_newest_two_thousand_are_remembered() -> None:
    remembered, done = Replays[str](), list[str]()

    async def work(key: str) -> str:
        done.append(key)
        return key

    for number in range(2001):
        key = f"{number}"
        await remembered.once(key, functools.partial(work, key), str)
    await remembered.once("1", functools.partial(work, "1"), str)
    assert len(done) == 2001

    await remembered.once("0", functools.partial(work, "0"), str)
    assert done[-1] == "0"


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


async def test_work_that_failed_is_not_done_again() -> None:
    known = replays.Replays[str]()

    async def fail() -> str:
        raise ValueError("it went wrong")

    with pytest.raises(ValueError, match="it went wrong"):
        await known.once("1.2.a", fail, lambda: "acknowledged")

    assert await known.once("1.2.a", fail, lambda: "acknowledged") == "acknowledged"
