"""The bot exports metrics for Prometheus, to whoever has the token."""

import json
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from bot.app import open_bot
from bot.sandbox.faults import PRESETS, Fault
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.settings.settings import Settings, StartError
from bot.telemetry.metrics import PrometheusMetrics
from tests.conftest import LiveSettings, free_port, until
from tests.many import many

TOKEN = "prometheus-0123456789abcdef"


@dataclass
class Bot:
    """A running bot with live cards and metrics."""

    slack: SlackStandIn
    url: str

    async def get(self, authorization: str) -> tuple[int, str]:
        """Return the status and text of the metrics page."""
        headers = {"Authorization": authorization} if authorization else {}
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.url}/metrics", headers=headers) as answer,
        ):
            assert answer.status == 200 or answer.headers["WWW-Authenticate"] == "Bearer"
            return answer.status, await answer.text()

    async def read(self) -> dict[str, float]:
        """Return the value of every series."""
        _, text = await self.get(f"Bearer {TOKEN}")
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


@pytest.fixture
async def bot(live_settings: LiveSettings) -> AsyncIterator[Bot]:
    port = free_port()
    async with open_bot(Settings.from_env(live_settings.environment(port, METRICS_TOKEN=TOKEN))):
        live_settings.slack.events_url = f"http://127.0.0.1:{port}/slack/events"
        yield Bot(live_settings.slack, f"http://127.0.0.1:{port}")


async def test_what_happens_is_counted(bot: Bot, videosdk_standin: VideoSDKStandIn) -> None:
    await bot.slack.command("/meet Quarterly numbers")
    [meeting_id] = videosdk_standin.meetings
    videosdk_standin.join(meeting_id, "Ann")
    await until(lambda: any(call.participants for call in bot.slack.workspace.calls.by_id.values()))
    videosdk_standin.faults.always(PRESETS["500"][1])
    await bot.slack.command(f"/meet-check {meeting_id}")

    series = await bot.read()
    ok = 'operation="POST /v2/rooms",outcome="200",service="videosdk"'
    for name in (
        'slack_requests_total{listener="meet",outcome="done"}',
        'slack_requests_total{listener="meet-check",outcome="VideoSDKBrokenError"}',
        'slack_ack_seconds_bucket{le="3.0",listener="meet"}',
        f"upstream_seconds_count{{{ok}}}",
        'upstream_seconds_count{operation="calls.add",outcome="200",service="slack"}',
        'webhooks_total{outcome="taken",type="participant-joined"}',
    ):
        assert series[name] == 1, name
    assert series['card_updates_total{outcome="done"}'] >= 1
    assert not any("uarterly" in name or meeting_id in name for name in series)


async def test_labels_come_from_fixed_sets_whatever_services_answer(
    bot: Bot, videosdk_standin: VideoSDKStandIn
) -> None:
    await bot.slack.command("/meet standup")
    [meeting] = videosdk_standin.meetings.values()
    async with aiohttp.ClientSession() as session:
        for number in range(20):
            kind = f"made-up-{number}"
            body = json.dumps({"webhookType": kind, "data": {}}).encode()  # about no room
            headers = {"videosdk-signature": videosdk_standin.webhooks.sign(body)}
            async with session.post(meeting["webhook"]["endPoint"], data=body, headers=headers):
                pass
    for status in range(430, 450):
        videosdk_standin.faults.plan(Fault(status=status), path="/v2/rooms")
        await bot.slack.command("/meet")

    series = await bot.read()

    assert series['webhooks_total{outcome="taken",type="other"}'] == 20
    other = 'operation="POST /v2/rooms",outcome="other",service="videosdk"'
    assert series[f"upstream_seconds_count{{{other}}}"] >= 15
    assert not any("made-up" in name for name in series)
    assert not any('operation="other"' in name for name in series)


def test_only_slack_methods_that_the_bot_calls_have_their_own_label() -> None:
    metrics = PrometheusMetrics()

    metrics.called("slack", "admin.made.up", "200", time.perf_counter())
    metrics.called("slack", "auth.test", "TimeoutError", time.perf_counter())

    page = metrics.render().decode()
    assert 'upstream_seconds_count{operation="other",outcome="200",service="slack"} 1.0' in page
    assert 'operation="auth.test",outcome="TimeoutError"' in page


async def test_installs_are_counted(tmp_path: Path) -> None:
    async with (
        many(f"sqlite:///{tmp_path}/installs.db", METRICS_TOKEN=TOKEN) as bots,
        open_bot(Settings.from_env(bots.settings)),
    ):
        await bots.install()

        assert (await Bot(bots.slack, bots.url).read())["installs_total"] == 1


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer é"],
)
async def test_metrics_need_the_token(bot: Bot, authorization: str) -> None:
    assert await bot.get(authorization) == (401, "")


async def test_without_a_token_there_is_no_metrics_page(bot_url: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{bot_url}/metrics") as answer:
        assert answer.status == 404


def test_a_missing_package_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)

    with pytest.raises(StartError, match="pip install prometheus-client"):
        PrometheusMetrics()
