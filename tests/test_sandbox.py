"""`python -m bot sandbox`."""

import asyncio
import re
import shlex
import signal
import socket
from collections.abc import Callable
from html import unescape

import aiohttp
import pytest

from bot.__main__ import main
from bot.sandbox.run import Options, open_sandbox
from bot.sandbox.slack.workspace import CHANNELS, USERS
from bot.videosdk import VideoSDK
from tests.process import BotProcess, bot_process

Printed = tuple[int, str, str]


@pytest.fixture
def printed_by(capfd: pytest.CaptureFixture[str]) -> Callable[..., Printed]:
    """Run the sandbox until it ends; return its exit code, output and errors."""

    def run(*arguments: str) -> Printed:
        code = main(["sandbox", *arguments])
        return code, *capfd.readouterr()

    return run


async def test_send_runs_one_command_and_ends() -> None:
    async with bot_process(
        {}, "sandbox", "--socket", "--send", "/meet standup eu001", covered=True
    ) as bot:
        assert bot.process.stdout
        output = await asyncio.wait_for(bot.process.stdout.read(), 20)
        code = await bot.process.wait()

    assert (code, bot.printed) == (0, "")
    assert "standup" in output.decode()


def test_send_prints_what_slack_would_show(printed_by: Callable[..., Printed]) -> None:
    code, output, complaints = printed_by("--send", "/meet standup eu001")

    assert (code, complaints) == (0, "")
    assert "standup" in output
    assert "Frankfurt, DE · eu001" in output
    assert "In the call: nobody yet" in output
    assert re.search(r"\[Join\] http://127\.0\.0\.1:\d+/join/[\w.-]+", output)
    assert output.splitlines()[-1].startswith("The links stop working when this command ends.")


async def test_the_page_can_change_the_version() -> None:
    async with open_sandbox(0, Options(version="v2")) as sandbox, aiohttp.ClientSession() as http:
        url = f"{sandbox.slack.url}/sandbox/version"
        for version, path in (("v1", "/v1/meetings"), ("v2", "/v2/rooms")):
            async with http.post(url, json={"version": version}) as answer:
                assert answer.status == 200

            await sandbox.slack.command("/meet")
            assert sandbox.videosdk.requests[-1].path == path


def test_send_shows_a_plain_card_with_version_1(printed_by: Callable[..., Printed]) -> None:
    code, output, complaints = printed_by("--v1", "--send", "/meet standup eu001")

    assert (code, complaints) == (0, "")
    assert "In the call" not in output
    assert "/join/" in output


def test_send_shows_a_private_answer_as_such(printed_by: Callable[..., Printed]) -> None:
    code, output, _ = printed_by("--send", "/meet x uk001")

    assert code == 0
    assert "only visible to you" in output
    assert "eu001" in output
    assert "The links stop" not in output


def test_send_fails_for_an_unknown_command(
    printed_by: Callable[..., Printed],
) -> None:
    code, output, _ = printed_by("--send", "/zoom")

    assert code == 1
    assert "/zoom is not a valid command" in output


def test_with_oauth_the_bot_says_how_to_install_it(printed_by: Callable[..., Printed]) -> None:
    code, output, _ = printed_by("--oauth", "--send", "/meet standup")

    assert code == 0
    assert "only visible to you" in output
    assert re.search(r"can install it \(http://127\.0\.0\.1:\d+/slack/install\)\.", output)


async def test_the_sandbox_prints_its_address_and_ends_on_ctrl_c() -> None:
    async with bot_process({}, "sandbox", "--port", "0", "--oauth", covered=True) as bot:
        assert bot.process.stdout
        page = await asyncio.wait_for(bot.process.stdout.readuntil(b"Ctrl-C to stop.\n"), 20)
        [url] = re.findall(r"http://\S+", page.decode())
        assert "press Add to Slack, and type /meet" in page.decode()
        async with aiohttp.ClientSession() as session:
            async with session.get(url) as answer:
                assert answer.status == 200
            async with session.get(f"{url}/sandbox/state") as answer:
                install_url = (await answer.json())["install_url"]
            async with session.get(install_url) as answer:
                assert answer.status == 200

        assert await bot.stop(signal.SIGINT) == 0

    assert bot.printed == ""


async def test_a_second_ctrl_c_ends_the_sandbox_at_once() -> None:
    async with bot_process({}, "sandbox", "--port", "0", "--keys") as bot:
        assert bot.process.stdout
        printed = await asyncio.wait_for(bot.process.stdout.readuntil(b"Ctrl-C to stop.\n"), 20)
        [bot_url] = re.findall(r"BOT_URL=(\S+)", printed.decode())
        _, writer = await asyncio.open_connection("127.0.0.1", int(bot_url.split(":")[-1]))
        writer.write(b"POST /slack/events HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n")
        await asyncio.sleep(0.05)
        async with asyncio.timeout(5):
            while bot.process.returncode is None:
                bot.process.send_signal(signal.SIGINT)
                await asyncio.sleep(0.05)
        writer.close()

    assert bot.process.returncode == 128 + signal.SIGINT
    assert "stopped at once signal=SIGINT" in bot.printed


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (["--v1", "--socket", "--sign-in", "off"], {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"}),
        (["--oauth"], {"SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "TOKEN_KEYS"}),
    ],
)
async def test_the_sandbox_prints_addresses_and_keys_that_a_shell_can_assign(
    options: list[str], names: set[str]
) -> None:
    command = ("sandbox", "--port", "0", "--keys", *options)
    async with bot_process({}, *command, covered="--v1" in options) as bot:
        assert bot.process.stdout
        printed = await asyncio.wait_for(bot.process.stdout.readuntil(b"Ctrl-C to stop.\n"), 20)
        lines = printed.decode().splitlines()[:-1]
        keys = dict(shlex.split(line)[0].split("=", 1) for line in lines)
        assert names <= keys.keys()
        assert keys.get("SIGN_IN") == (None if "off" in options else "optional")
        assert keys["VIDEOSDK_API_VERSION"] == ("v1" if "--v1" in options else "v2")
        assert keys["EVENTS_URL"] == f"{keys['BOT_URL']}/slack/events"
        assert await meeting_created_with(keys)

        assert await bot.stop(signal.SIGINT) == 0

    assert bot.printed == ""


async def meeting_created_with(keys: dict[str, str]) -> bool:
    """Return whether VideoSDK's stand-in accepts these keys."""
    videosdk = VideoSDK(
        keys["VIDEOSDK_API_KEY"],
        keys["VIDEOSDK_SECRET_KEY"],
        endpoint=keys["VIDEOSDK_API_ENDPOINT"],
        version=keys["VIDEOSDK_API_VERSION"],
    )
    async with videosdk:
        return bool(await videosdk.create())


def test_a_taken_port_is_one_sentence_when_it_was_asked_for(
    printed_by: Callable[..., Printed],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, _, complaints = printed_by("--port", port)

    assert code == 1
    assert complaints == (
        f"The sandbox can't use port {port}: address already in use. Pick another.\n"
    )


@pytest.mark.parametrize("port", ["99999", "-1", "http", ""])
def test_an_impossible_port_is_one_sentence(port: str, printed_by: Callable[..., Printed]) -> None:
    assert printed_by(f"--port={port}") == (1, "", "--port must be a number from 0 to 65535.\n")


async def test_two_sandboxes_run_side_by_side_and_stop_without_a_warning_while_people_meet() -> (
    None
):
    async with (
        bot_process({}, "sandbox", covered=True) as one,
        bot_process({}, "sandbox", "--socket") as other,
        aiohttp.ClientSession() as browser,
    ):
        urls = [await page_of(bot) for bot in (one, other)]
        await asyncio.gather(*(enter_a_meeting(browser, url) for url in urls))

        codes = await asyncio.gather(one.stop(signal.SIGINT), other.stop(signal.SIGTERM))

    assert len(set(urls)) == 2
    assert set(codes) == {0}
    assert [one.printed, other.printed] == ["", ""]


async def page_of(bot: BotProcess) -> str:
    """Return the address of a sandbox's page, once it serves."""
    assert bot.process.stdout
    printed = await asyncio.wait_for(bot.process.stdout.readuntil(b"Ctrl-C"), 20)
    [url] = re.findall(r"http://\S+", printed.decode())
    return str(url)


async def enter_a_meeting(browser: aiohttp.ClientSession, page: str) -> None:
    """Start a meeting with a live card, and join it by its card."""
    typed = {"user": USERS[0].id, "channel": CHANNELS[0].id, "text": "/meet standup"}
    async with browser.post(f"{page}/sandbox/command", json=typed) as answer:
        assert await answer.json() == {"error": ""}
    async with browser.get(f"{page}/sandbox/state") as answer:
        [call] = (await answer.json())["calls"].values()
    async with browser.get(call["join_url"]) as answer:
        [frame] = re.findall(r'<iframe src="([^"]+)"', await answer.text())
    room = unescape(frame).replace("/embed/?", "/embed/join?")
    async with browser.post(room, data={"name": "Maya"}) as answer:
        assert "visit" in answer.url.query
