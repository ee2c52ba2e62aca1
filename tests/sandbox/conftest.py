"""Fixtures: a Slack stand-in with a minimal bot."""

from collections.abc import AsyncIterator

import pytest

from bot.sandbox.slack.standin import SlackStandIn
from tests.conftest import serving
from tests.sandbox.bots import TinyBot


@pytest.fixture
async def tiny_bot(slack_standin: SlackStandIn) -> AsyncIterator[TinyBot]:
    """A running bot, which `slack_standin` reaches by HTTP."""
    bot = TinyBot()
    async with serving(bot.app) as url:
        slack_standin.events_url = f"{url}/slack/events"
        yield bot
        bot.release.set()
