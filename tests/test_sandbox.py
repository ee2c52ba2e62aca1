"""`python -m bot sandbox`, as a newcomer starts it."""

import asyncio
import re
import signal
import socket

import aiohttp
import pytest

from tests.process import bot_process


async def printed_by(*arguments: str) -> tuple[int | None, str, str]:
    """Run the sandbox to its end; return its exit code and what it printed and complained of."""
    async with bot_process({}, "sandbox", *arguments) as bot:
        assert bot.process.stdout
        output = await asyncio.wait_for(bot.process.stdout.read(), 20)
        code = await bot.process.wait()
    return code, output.decode(), bot.printed


@pytest.mark.parametrize("mode", [[], ["--socket"]])
async def test_send_prints_what_slack_would_show(mode: list[str]) -> None:
    code, output, complaints = await printed_by(*mode, "--send", "/meet standup eu001")

    assert (code, complaints) == (0, "")
    assert "standup" in output
    assert "Frankfurt, DE · eu001" in output
    assert re.search(r"\[Join\] http://127\.0\.0\.1:\d+/join/[\w.-]+", output)


async def test_send_shows_a_live_card_with_version_2() -> None:
    code, output, complaints = await printed_by("--v2", "--send", "/meet standup eu001")

    assert (code, complaints) == (0, "")
    assert "End for everyone" in output
    assert "/join/" in output


async def test_send_shows_a_private_answer_as_such() -> None:
    code, output, _ = await printed_by("--send", "/meet x uk001")

    assert code == 0
    assert "only visible to you" in output
    assert "eu001" in output


async def test_send_tells_by_its_exit_code_that_slack_has_no_such_command() -> None:
    code, output, _ = await printed_by("--send", "/zoom")

    assert code == 1
    assert "/zoom is not a valid command" in output


async def test_the_sandbox_prints_its_address_and_ends_on_ctrl_c() -> None:
    async with bot_process({}, "sandbox", "--port", "0") as bot:
        assert bot.process.stdout
        page = await asyncio.wait_for(bot.process.stdout.readuntil(b"Ctrl-C ends it.\n"), 20)
        [url] = re.findall(r"http://\S+", page.decode())
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            assert answer.status == 200

        assert await bot.stop(signal.SIGINT) == 0

    assert bot.printed == ""


async def test_a_taken_port_is_one_sentence_when_it_was_asked_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, _, complaints = await printed_by("--port", port)

    assert code == 1
    assert f"cannot have port {port}" in complaints
    assert "Traceback" not in complaints


async def test_two_sandboxes_can_run_side_by_side() -> None:
    async with bot_process({}, "sandbox") as one, bot_process({}, "sandbox") as other:
        pages = set()
        for bot in (one, other):
            assert bot.process.stdout
            page = await asyncio.wait_for(bot.process.stdout.readuntil(b"Ctrl-C"), 20)
            pages |= set(re.findall(r"http://\S+", page.decode()))

        assert [await one.stop(), await other.stop()] == [0, 0]

    assert len(pages) == 2
