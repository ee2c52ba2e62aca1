"""Outgoing requests: through a proxy, past a dead one, and nowhere else."""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from bot.sandbox.faults import Fault
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from tests.battery.lab import Lab, Slack
from tests.battery.table import Finding, Row, all_of, none_of
from tests.conftest import API_KEY, APP_TOKEN, NOBODY, ROOT, SECRET_KEY, environment, until
from tests.outside import Outside, outside
from tests.process import BotProcess, bot_process

LATE = 2.4  # seconds that VideoSDK takes, to cause a follow-up
_NAMES = {"slack.com:443", "hooks.slack.com:443", "api.videosdk.live:443"}
_DEAD = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"), NOBODY)


async def proxied(lab: Lab) -> Row:
    """N1: everything goes through a proxy with a password; a sandbox ignores a dead proxy."""
    findings = [*await _by_proxy(lab, "HTTP"), *await _by_proxy(lab, "Socket Mode")]
    works = [await _sandbox(*mode) for mode in ([], ["--socket"])]
    return Row(
        "N1",
        "all traffic has to go through a proxy with a password; a sandbox ignores a dead proxy",
        [*findings, all_of("the sandbox works despite a dead proxy", sum(works), len(works))],
    )


async def _by_proxy(lab: Lab, mode: str) -> list[Finding]:
    token = APP_TOKEN if mode == "Socket Mode" else None
    settings = environment(SLACK_APP_TOKEN=token, PUBLIC_URL="https://bot.example.com")
    slack = Slack(settings, time.time, lab.sent)
    slack.url = "https://hooks.slack.com"
    lab.links.add("https://bot.example.com/")
    videosdk = VideoSDKStandIn(API_KEY, SECRET_KEY)
    with tempfile.TemporaryDirectory() as folder:
        async with outside(Path(folder), slack.app, videosdk.app) as beyond:
            env = environment(**{**settings, **beyond.settings, "LOG_FORMAT": "json"})
            async with bot_process(env, fresh=True) as bot:
                cards = await _send_commands(lab, bot, slack, videosdk)
                lab.logs.append(bot)
    return [
        all_of(
            f"every card arrives, half of them by response_url ({mode})", cards, 2 * lab.size.times
        ),
        *_refusals(mode, beyond),
    ]


async def _send_commands(lab: Lab, bot: BotProcess, slack: Slack, videosdk: VideoSDKStandIn) -> int:
    """Send commands, every other one with a slow VideoSDK; return the number of cards."""
    await asyncio.gather(bot.until("serving", 30), bot.until("Slack knows this bot", 30))
    if bot.event("serving")["mode"] == "HTTP":
        slack.events_url = f"{bot.url}/slack/events"
    else:
        await until(lambda: slack.sockets.connected)
    times = lab.size.times
    quick = await asyncio.gather(*(slack.command(f"/meet n1 {n}") for n in range(times)))
    videosdk.faults.always(Fault(delay=LATE))
    late = await asyncio.gather(*(slack.command(f"/meet n1 late {n}") for n in range(times)))
    await until(lambda: all("started" in one.messages[-1].text for one in late), 20)
    await bot.stop()
    return sum("started a meeting" in one.messages[-1].text for one in (*quick, *late))


def _refusals(mode: str, beyond: Outside) -> list[Finding]:
    missed = _NAMES - beyond.proxy.hosts_asked
    return [
        none_of(f"service is reached past the proxy ({mode})", sorted(missed)),
        none_of(f"request is rejected by the proxy ({mode})", beyond.proxy.refused),
    ]


async def _sandbox(*mode: str) -> bool:
    sandbox = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "sandbox", *mode, "--v2", "--send", "/meet n1"),
        env=_DEAD | {"PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
    )
    shown, _ = await sandbox.communicate()
    return sandbox.returncode == 0 and b"End for everyone" in shown
