"""The sandbox can begin without the bot in any workspace."""

import asyncio
import re

import aiohttp

from tests.process import bot_process


async def test_with_oauth_the_bot_says_how_to_install_it() -> None:
    async with bot_process({}, "sandbox", "--port", "0", "--oauth") as bot:
        assert bot.process.stdout
        welcome = await asyncio.wait_for(bot.process.stdout.readuntil(b"Ctrl-C ends it.\n"), 20)
        page, install = re.findall(r"http://\S+", welcome.decode())
        typed = {"user": "U04MAYA0RT", "channel": "C04STANDUP", "text": "/meet standup"}
        async with aiohttp.ClientSession() as session:
            assert (await session.get(install)).status == 200
            assert await (await session.post(f"{page}/sandbox/command", json=typed)).json() == {
                "error": ""
            }
            state = await (await session.get(f"{page}/sandbox/state")).json()

    [message] = state["messages"]
    assert message["visible_to"] == "U04MAYA0RT"
    assert install in message["text"]
