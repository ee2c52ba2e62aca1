"""Echo the text after /meet: the minimum with Bolt."""

import os
from typing import Any

from aiohttp import web
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

client = AsyncWebClient(os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])
app = AsyncApp(client=client, signing_secret=os.environ["SLACK_SIGNING_SECRET"])


@app.command("/meet")
async def echo(ack: AsyncAck, command: dict[str, Any]) -> None:
    """Acknowledge a command with its own text."""
    await ack(command["text"])


def main() -> None:
    """Serve."""
    served = app.web_app("/slack/events")
    web.run_app(served, host="127.0.0.1", port=int(os.environ["PORT"]), access_log=None, print=None)


if __name__ == "__main__":
    main()
