"""One bot serves many workspaces: each with its own token, as long as it has the app."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from bot.app import open_bot
from bot.sandbox.events import APP_UNINSTALLED
from bot.sandbox.slack import SlackStandIn
from bot.sandbox.teams import BAKERY, HARBOUR, HOME, NORTH_SEA, Place
from bot.settings import Settings
from bot.slack.shortcuts import ANYWHERE
from tests.many import Many, many

NOT_INSTALLED = "Meet is not installed in this workspace"


@pytest.fixture
async def bots(tmp_path: object) -> AsyncIterator[Many]:
    async with (
        many(f"sqlite:///{tmp_path}/installs.db", VIDEOSDK_API_VERSION="v2") as bots,
        open_bot(Settings.from_env(bots.settings)),
    ):
        yield bots


@pytest.mark.parametrize(
    ("place", "team"), [(HOME, HOME), (BAKERY, BAKERY), (HARBOUR, HARBOUR), (NORTH_SEA, HARBOUR)]
)
async def test_a_workspace_is_served_from_install_to_removal(
    place: Place, team: Place, bots: Many
) -> None:
    assert bots.install_url in await bots.say("/meet standup", team)

    await bots.install(place)
    assert "standup" in await bots.say("/meet standup", team)

    await bots.slack.uninstall(place, revoked_first=place is not BAKERY)
    assert (await bots.say("/meet standup", team)).startswith(NOT_INSTALLED)


async def test_each_workspace_has_cards_and_forms_by_its_own_token(bots: Many) -> None:
    for place in (HOME, BAKERY):
        await bots.install(place)

    for place in (HOME, BAKERY):
        card = (await bots.slack.command("/meet standup", team=place.id)).messages[-1]
        assert card.blocks
        call_id = next(block["call_id"] for block in card.blocks if block["type"] == "call")
        tenant = bots.slack.tenants.of(place.id)
        assert call_id in tenant.workspace.calls.by_id
        assert (await bots.slack.shortcut(ANYWHERE, team=place.id)).error == ""


async def test_a_card_of_a_workspace_that_is_gone_is_left_alone(bots: Many) -> None:
    await bots.install()
    card = (await bots.slack.command("/meet standup")).messages[-1]
    call_id = next(block["call_id"] for block in card.blocks or [] if block["type"] == "call")
    await bots.slack.uninstall(HOME)
    calls = len(bots.slack.api_calls)

    [meeting_id] = bots.videosdk.meetings
    bots.videosdk.join(meeting_id, "Ann", f"{call_id}-1")
    await bots.videosdk.webhooks.settled()

    await asyncio.sleep(0.3)
    assert len(bots.slack.api_calls) == calls


async def test_an_uninstall_that_is_told_late_spares_a_newer_install(bots: Many) -> None:
    await bots.install()
    slack = bots.slack
    slack._clock = lambda: 1_000_000.0  # of the event, which was long on its way

    await slack.event(APP_UNINSTALLED)

    assert "standup" in await bots.say("/meet standup")


@pytest.mark.parametrize(
    "event",
    [
        {"type": "tokens_revoked", "tokens": {"oauth": ["U1"]}},
        {"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": []}},
        {"type": "team_rename", "name": "Another"},
    ],
)
async def test_other_events_change_nothing(event: dict[str, object], bots: Many) -> None:
    await bots.install()

    ack = await bots.slack.event(event)

    assert ack.status == 200
    assert "standup" in await bots.say("/meet standup")


async def test_slack_finds_that_the_address_is_the_bots(bots: Many) -> None:
    assert await bots.slack.verify_url()


async def test_a_single_workspace_that_takes_its_token_back_is_in_the_log(
    slack: SlackStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)

    ack, _ = await slack.uninstall(HOME)

    assert ack.status == 200
    assert "Slack took SLACK_BOT_TOKEN back" in caplog.messages


async def test_many_commands_at_once_ask_the_database_and_slack_once(bots: Many) -> None:
    await bots.install()
    before = len(bots.slack.api_calls)

    answers = await asyncio.gather(*(bots.say("/meet-check 87i6-bvw8-dtn1") for _ in range(20)))

    assert len(set(answers)) == 1
    assert len(bots.slack.api_calls) == before
