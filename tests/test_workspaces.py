"""One bot serves many workspaces, each with its own token."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.app import open_bot
from bot.participant_ids import CallRef, new_visitor, participant_id
from bot.sandbox.slack.events import APP_UNINSTALLED
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.teams import BAKERY, HARBOUR, HOME, NORTH_SEA, Place, Team
from bot.sandbox.slack.workspace import CHANNELS, USERS
from bot.settings.settings import Settings
from bot.slack.listeners.shortcuts import ANYWHERE
from bot.workspace import Workspace
from tests.many import Many, many

JOIN_LINK = re.compile(r"<(http[^|>]+)\|join link>")
NOT_INSTALLED = "Meet isn't installed here"


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


async def test_each_workspaces_cards_and_forms_use_its_own_token(bots: Many) -> None:
    for place in (HOME, BAKERY):
        await bots.install(place)

    for place in (HOME, BAKERY):
        card = (await bots.slack.command("/meet standup", team=place.id)).messages[-1]
        assert card.blocks
        call_id = next(block["call_id"] for block in card.blocks if block["type"] == "call")
        tenant = bots.slack.tenants.of(place.id)
        assert call_id in tenant.workspace.calls.by_id
        assert (await bots.slack.shortcut(ANYWHERE, team=place.id)).error == ""


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_a_check_shows_a_workspace_only_its_own_meetings(
    version: str, tmp_path: object
) -> None:
    database = f"sqlite:///{tmp_path}/installs.db"
    async with (
        many(database, VIDEOSDK_API_VERSION=version) as bots,
        open_bot(Settings.from_env(bots.settings)),
    ):
        for place in (HOME, BAKERY):
            await bots.install(place)
        card = await bots.say("/meet Secret plan")
        [meeting_id] = bots.videosdk.meetings
        [link] = JOIN_LINK.findall(card)

        for typed in (meeting_id, link, f"<{link}|join>"):
            assert "This meeting ID is valid. Not held" in await bots.say(f"/meet-check {typed}")
            reply = await bots.say(f"/meet-check {typed}", BAKERY)
            unknown = await bots.say("/meet-check n0t0-0ur5-0000", BAKERY)
            assert reply == unknown.replace("n0t0-0ur5-0000", meeting_id)
        bots.videosdk.meetings[meeting_id]["disabled"] = True
        assert await bots.say(f"/meet-check {meeting_id}", BAKERY) == reply
        assert "has been closed" in await bots.say(f"/meet-check {meeting_id}")


@pytest.mark.parametrize("own_id", [None, "board-meeting", "standup-0123456789abcdef"])
async def test_a_meeting_without_a_mark_is_only_reported_as_valid(
    own_id: str | None, bots: Many
) -> None:
    await bots.install()
    meeting_id = bots.videosdk._rooms.create(None, own_id)["meetingId"]
    bots.videosdk.webhooks.paused = True
    bots.videosdk.join(meeting_id, "Ann")

    reply = (await bots.slack.command(f"/meet-check {meeting_id}")).messages[-1]

    assert reply.text == "This meeting ID is valid."
    assert [block["type"] for block in reply.blocks or []] == ["section"]
    bots.videosdk.meetings[meeting_id]["disabled"] = True
    assert "No meeting has the ID" in await bots.say(f"/meet-check {meeting_id}")


@pytest.mark.parametrize(
    ("place", "team"), [(BAKERY, BAKERY), (HARBOUR, HARBOUR), (NORTH_SEA, HARBOUR)]
)
async def test_a_meeting_is_started_again_in_its_own_workspace(
    place: Place, team: Team, bots: Many
) -> None:
    bots.videosdk.listing_lag, bots.videosdk.webhooks.paused = 0, True
    await bots.install()
    await bots.install(place)
    workspace = bots.slack.tenants.of(team).workspace
    [link] = JOIN_LINK.findall(await bots.say("/meet standup", team))
    [meeting_id], [call_id] = bots.videosdk.meetings, workspace.calls.by_id
    enterprise_id = team.enterprise.id if team.enterprise else None
    owner = Workspace(None if place is NORTH_SEA else team.id, enterprise_id)
    call = CallRef(call_id, owner)
    ann = bots.videosdk.join(meeting_id, "Ann", participant_id(call, new_visitor()), ago=600)
    bots.videosdk.leave(meeting_id, ann)

    async with aiohttp.ClientSession() as http, http.post(link, allow_redirects=False) as answer:
        assert answer.status == 303

    *_, card = workspace.messages.values()
    assert "standup: This meeting was started again from its link." in card.text
    assert len(workspace.calls.by_id) == 2
    assert len(bots.slack.workspace.messages) == 0


async def test_a_removed_workspaces_card_is_left_alone(bots: Many) -> None:
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


async def test_a_form_of_an_organisation_opens_the_commands_room_and_counts_for_its_workspace(
    tmp_path: object,
) -> None:
    database = f"sqlite:///{tmp_path}/installs.db"
    async with (
        many(database, MEETINGS_PER_TEAM="2") as bots,
        open_bot(Settings.from_env(bots.settings)),
    ):
        await bots.install(NORTH_SEA)
        await bots.install(BAKERY)
        await bots.say("/meet standup", HARBOUR)
        sent = []
        for team in (HARBOUR, HARBOUR, BAKERY):
            await bots.slack.shortcut(ANYWHERE, team=team)
            view = bots.slack.tenants.of(team).views.of(USERS[0].id)
            assert view
            values = {"name": "Standup", "conversation": CHANNELS[0].id}
            sent.append(await bots.slack.submit(view["id"], values, team=team))

    own, limited, other = sent
    assert "Standup" in own.messages[-1].text
    assert limited.errors
    assert limited.errors["conversation"].startswith("This workspace has started 2 meetings")
    assert "Standup" in other.messages[-1].text
    assert len(bots.videosdk.meetings) == 2


async def test_a_late_uninstall_event_spares_a_newer_install(bots: Many) -> None:
    await bots.install()
    slack = bots.slack
    slack._clock = lambda: 1_000_000.0  # the event was delayed

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


async def test_slack_can_verify_the_request_url(bots: Many) -> None:
    assert await bots.slack.verify_url()


async def test_a_single_workspaces_revoked_token_is_logged(
    slack: SlackStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)

    ack, _ = await slack.uninstall(HOME)

    assert ack.status == 200
    assert "SLACK_BOT_TOKEN was revoked" in caplog.messages


async def test_concurrent_commands_query_the_database_and_slack_once(bots: Many) -> None:
    await bots.install()
    before = len(bots.slack.api_calls)

    answers = await asyncio.gather(*(bots.say("/meet-check 87i6-bvw8-dtn1") for _ in range(20)))

    assert len(set(answers)) == 1
    assert len(bots.slack.api_calls) == before
