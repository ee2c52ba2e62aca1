"""blocks.validate checks blocks, needs no scope, and posts nothing."""

import json

import pytest

from bot.sandbox.slack.standin import SlackStandIn
from tests.conftest import BOT_TOKEN
from tests.sandbox.bots import call

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "Hello"}}
CALL = {"type": "call", "call_id": "R04CALL0001"}


@pytest.mark.parametrize("blocks", [[SECTION], [CALL, SECTION]])
async def test_valid_blocks_are_fine_whatever_the_app_may_do(
    blocks: list[object], slack_standin: SlackStandIn
) -> None:
    slack_standin.scopes = set()

    form = {"blocks": json.dumps(blocks)}
    answer, _ = await call(slack_standin, "blocks.validate", BOT_TOKEN, form)

    assert answer == {"ok": True}


async def test_every_problem_is_named(slack_standin: SlackStandIn) -> None:
    form = {"blocks": json.dumps([SECTION, {"type": "header"}])}
    answer, _ = await call(slack_standin, "blocks.validate", BOT_TOKEN, form)

    [error] = answer["errors"]
    assert (answer["ok"], answer["error"]) == (False, "invalid_blocks")
    assert error["message"].startswith("blocks[1]")
    assert error.keys() == {"pointer", "code", "message"}


async def test_slack_may_reject_call_blocks(slack_standin: SlackStandIn) -> None:
    slack_standin.oddities.refuses_call_block = True

    form = {"blocks": json.dumps([SECTION, CALL])}
    answer, _ = await call(slack_standin, "blocks.validate", BOT_TOKEN, form)

    assert (answer["error"], answer["errors"][0]["message"]) == (
        "invalid_blocks",
        "blocks[1]: call",
    )


async def test_without_blocks_there_is_nothing_to_validate(slack_standin: SlackStandIn) -> None:
    answer, _ = await call(slack_standin, "blocks.validate", BOT_TOKEN)

    assert answer == {"ok": False, "error": "invalid_arguments"}
