"""A bot that is told to stop loses no request that the system has accepted for it."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from bot.sandbox.slack import SlackStandIn
from tests.conftest import environment
from tests.process import BotProcess, bot_process
from tests.test_process import by_http, serving

REQUEST = b"GET /healthz HTTP/1.1\r\nHost: bot\r\n\r\n"
OK = b"HTTP/1.1 200 OK"

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def connect(bot: BotProcess, sent: bytes = b"") -> Streams:
    """Open a connection, and send something."""
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(bot.url).port)
    writer.write(sent)
    await writer.drain()
    return reader, writer


async def answer(streams: Streams) -> tuple[bytes, bytes]:
    """Read all that comes until the bot closes the connection: the first line, and the headers."""
    reader, writer = streams
    said = await reader.read()
    writer.close()
    first, _, rest = said.partition(b"\r\n")
    return first, rest


async def test_what_the_system_has_accepted_is_answered_though_the_bot_has_not_looked_at_it() -> (
    None
):
    async with bot_process(environment()) as bot:
        await bot.until("serving")
        kept = await connect(bot, REQUEST)
        await kept[0].readuntil(b"ok\n")

        bot.process.send_signal(signal.SIGSTOP)
        waiting = [await connect(bot, REQUEST) for _ in range(30)]
        kept[1].write(REQUEST)
        empty = [await connect(bot) for _ in range(3)]
        bot.process.send_signal(signal.SIGTERM)
        bot.process.send_signal(signal.SIGCONT)
        await asyncio.sleep(0.1)
        for _, writer in empty:  # whose client is slow to send its request
            writer.write(REQUEST)
        answers = await asyncio.gather(*map(answer, [kept, *waiting, *empty]))
        assert await asyncio.wait_for(bot.process.wait(), 10) == 0

    assert [first for first, _ in answers] == [OK] * 34
    assert all(b"\r\nConnection: close\r\n" in rest for _, rest in answers[-3:])


async def test_a_connection_that_sends_nothing_does_not_keep_the_bot_long() -> None:
    async with bot_process(environment(), covered=False) as bot:
        await bot.until("serving")
        silent = await connect(bot)

        assert await bot.stop(seconds=5) == 0
        assert await answer(silent) == (b"", b"")


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """Keep the machine busy."""
    code = "while True: pass"
    pids = [
        os.posix_spawn(sys.executable, [sys.executable, "-c", code], os.environ)
        for _ in range(processes)
    ]
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


async def test_no_command_is_lost_beside_heavy_work(
    slack_standin: SlackStandIn, videosdk_url: str
) -> None:
    async with bot_process(by_http(slack_standin, videosdk_url), covered=False) as bot:
        await serving(bot, slack_standin)
        with busy(4):
            typed = []
            for number in range(40):
                typed.append(asyncio.create_task(slack_standin.command(f"/meet {number}")))
                await asyncio.sleep(0.01)
            bot.process.send_signal(signal.SIGTERM)
            deliveries = await asyncio.gather(*typed)
            assert await asyncio.wait_for(bot.process.wait(), 20) == 0

    assert [delivery.error for delivery in deliveries] == [""] * 40
