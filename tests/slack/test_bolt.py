"""Listeners are bound, and the bot token is checked in the background."""

import logging

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.faults import Fault
from bot.sandbox.slack.payloads import slash_command
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.workspace import CHANNELS, USERS
from bot.slack import pauses
from bot.slack.one_workspace import check_token
from bot.slack.wording.commands import UNKNOWN_COMMAND
from tests.conftest import BOT_TOKEN


async def test_the_log_says_whose_workspace_the_token_opens(
    slack_standin: SlackStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    await check_token(AsyncWebClient(token=BOT_TOKEN, base_url=f"{slack_standin.url}/api/"))

    assert "Slack knows this bot" in caplog.messages


async def test_the_log_says_that_slack_rejects_the_token(
    slack_standin: SlackStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    await check_token(AsyncWebClient(token="xoxb-wrong", base_url=f"{slack_standin.url}/api/"))

    assert caplog.messages == ["Slack rejected SLACK_BOT_TOKEN"]
    assert getattr(caplog.records[0], "reason", "") == "invalid_auth"


async def test_slack_is_asked_about_the_token_until_it_answers(
    slack_standin: SlackStandIn, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pauses, "FIRST", 0.01)
    caplog.set_level(logging.INFO)
    slack_standin.faults.plan(
        Fault(reset=True),
        Fault(200, b"<html>", "text/html"),
        Fault(503, b'{"ok": false, "error": "service_unavailable"}'),
        Fault(429, b'{"ok": false, "error": "ratelimited"}', headers={"Retry-After": "0"}),
        path="auth.test",
    )

    await check_token(
        AsyncWebClient(token=BOT_TOKEN, base_url=f"{slack_standin.url}/api/", retry_handlers=[])
    )

    assert [
        record.message for record in caplog.records if record.name == "bot.slack.one_workspace"
    ] == [
        "Slack could not be asked about SLACK_BOT_TOKEN",
        "Slack knows this bot",
    ]


async def test_an_unknown_command_is_answered_with_the_bots_commands(
    slack: SlackStandIn,
) -> None:
    payload = slash_command(USERS[0], CHANNELS[0], "/vmeet standup", f"{slack.url}/response/x")

    answer = await slack.deliver(payload)

    assert answer.answer["text"] == UNKNOWN_COMMAND.format("/meet", "/meet-check")


@pytest.mark.parametrize("line", ["/meet-check", "/meet-check help", "/meet-check ?"])
async def test_an_empty_check_explains_itself(line: str, slack: SlackStandIn) -> None:
    [told] = (await slack.command(line)).messages

    assert told.visible_to == USERS[0].id
    assert "/meet-check [meeting ID or link]" in told.text
