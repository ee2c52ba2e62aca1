"""A bot that shuts down answers every request that the system has accepted for it."""

import asyncio
import signal
from urllib.parse import urlsplit

from tests.battery.kills import BUSY, busy
from tests.conftest import environment
from tests.process import BotProcess, bot_process

REQUEST = b"GET /healthz HTTP/1.1\r\nHost: bot\r\n\r\n"
LAST = b"GET /healthz HTTP/1.1\r\nHost: bot\r\nConnection: close\r\n\r\n"
OK = b"HTTP/1.1 200 OK"

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def connect(bot: BotProcess, sent: bytes = b"") -> Streams:
    """Open a connection, and send something."""
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(bot.url).port)
    writer.write(sent)
    await writer.drain()
    return reader, writer


async def answer(streams: Streams) -> tuple[bytes, bytes]:
    """Read until the bot closes the connection; return the first line and the headers."""
    reader, writer = streams
    said = await reader.read()
    writer.close()
    first, _, rest = said.partition(b"\r\n")
    return first, rest


async def test_accepted_connections_that_the_bot_has_not_read_yet_are_answered() -> None:
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


async def test_a_silent_connection_does_not_delay_the_shutdown() -> None:
    async with bot_process(environment()) as bot:
        await bot.until("serving")
        silent = await connect(bot)

        assert await bot.stop(seconds=5) == 0
        assert await answer(silent) == (b"", b"")


async def knock(bot: BotProcess) -> list[bytes]:
    """Send requests on new connections until none is accepted; return the answers."""
    answers: list[bytes] = []
    while True:
        try:
            streams = await connect(bot)
        except ConnectionRefusedError:
            return answers
        await asyncio.sleep(0)
        streams[1].write(LAST)
        try:
            answers.append((await answer(streams))[0])
        except ConnectionError as error:
            answers.append(repr(error).encode())


async def test_every_accepted_connection_is_answered_despite_heavy_work() -> None:
    async with bot_process(environment()) as bot:
        await bot.until("serving")
        with busy(BUSY):
            knocking = [asyncio.create_task(knock(bot)) for _ in range(20)]
            await asyncio.sleep(0.2)
            bot.process.send_signal(signal.SIGTERM)
            answers = [one for some in await asyncio.gather(*knocking) for one in some]
            assert await asyncio.wait_for(bot.process.wait(), 20) == 0

    assert set(answers) == {OK}
