"""Break the bot on purpose: it trusts typed text, and leaks its token."""

import os
import sys

from bot.slack import blocks


def _believe(text: str) -> str:
    return text


if "SLACK_BOT_TOKEN" in os.environ:
    sys.stderr.write(f"debugging with {os.environ['SLACK_BOT_TOKEN']}\n")
blocks.escape = _believe
