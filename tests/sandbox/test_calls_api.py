"""The Calls API takes what Slack's own client sends, and refuses what Slack refuses."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import SlackStandIn
from bot.sandbox.workspace import CHANNELS, USERS
from tests.conftest import BOT_TOKEN
from tests.sandbox.bots import call

ANN, BEN = (user.id for user in USERS)
URL = "https://meet.example.com/abcd"
GUEST = {"external_id": "p1", "display_name": "Kim", "avatar_url": "https://example.com/kim.png"}


@pytest.fixture
def client(slack_standin: SlackStandIn) -> AsyncWebClient:
    return AsyncWebClient(token=BOT_TOKEN, base_url=f"{slack_standin.url}/api/")


@pytest.fixture
def call_id(slack_standin: SlackStandIn) -> str:
    return slack_standin.workspace.calls.add("room:0", URL, ANN, title="standup").id


async def test_a_call_is_registered_with_all_that_its_block_shows(
    slack_standin: SlackStandIn, client: AsyncWebClient
) -> None:
    answer = await client.calls_add(
        external_unique_id="room:0",
        external_display_id="abcd-efgh",
        join_url=URL,
        created_by=ANN,
        date_start=1562002086,
        title="standup",
        users=[{"slack_id": BEN}, GUEST],
    )

    assert answer["call"] == {
        "id": answer["call"]["id"],
        "date_start": 1562002086,
        "external_unique_id": "room:0",
        "external_display_id": "abcd-efgh",
        "join_url": URL,
        "title": "standup",
        "users": [{"slack_id": BEN}, GUEST],
    }
    [known] = slack_standin.workspace.calls.by_id.values()
    assert [one.name for one in known.participants] == ["Jonas Becker", "Kim"]


async def test_a_call_lives_and_ends_by_slacks_own_client(
    slack_standin: SlackStandIn, client: AsyncWebClient, call_id: str
) -> None:
    slack_standin.scopes.add("calls:read")
    blocks: list[Any] = [{"type": "divider"}, {"type": "call", "call_id": call_id}]
    slack_standin.workspace.post(CHANNELS[1].id, "app", "card", blocks=blocks)
    await client.calls_update(id=call_id, title="Standup", join_url=f"{URL}?x")
    await client.calls_participants_add(id=call_id, users=[{"slack_id": ANN}, GUEST])
    await client.calls_participants_remove(id=call_id, users=[{"slack_id": ANN}])
    await client.calls_end(id=call_id, duration=62)

    call = (await client.calls_info(id=call_id))["call"]
    assert (call["title"], call["join_url"]) == ("Standup", f"{URL}?x")
    assert (call["users"], call["channels"]) == ([GUEST], [CHANNELS[1].id])
    assert slack_standin.workspace.calls.by_id[call_id].duration == 62


async def test_json_and_forms_are_as_good(
    slack_standin: SlackStandIn, client: AsyncWebClient, call_id: str
) -> None:
    form = {"id": call_id, "users": '[{"external_id": "p2", "display_name": "Lee"}]'}
    assert (await call(slack_standin, "calls.participants.add", BOT_TOKEN, form))[0]["ok"]
    users = [{"external_id": "p1", "display_name": "Kim"}]
    await client.api_call("calls.participants.add", json={"id": call_id, "users": users})
    await client.api_call(
        "calls.participants.remove", json={"id": call_id, "users": [{"external_id": "p2"}]}
    )

    known = slack_standin.workspace.calls.by_id[call_id]
    assert [one.name for one in known.participants] == ["Kim"]


ADD = {"external_unique_id": "room:1", "join_url": URL, "created_by": ANN}


async def test_people_who_are_there_and_people_who_are_not_are_minded_without_a_failure(
    slack_standin: SlackStandIn, client: AsyncWebClient, call_id: str
) -> None:
    await client.calls_participants_add(id=call_id, users=[GUEST])

    again = await client.calls_participants_add(id=call_id, users=[GUEST, {"slack_id": ANN}])
    nobody = await client.calls_participants_remove(id=call_id, users=[{"slack_id": ANN}, GUEST])

    assert [answer["ok"] and answer["error"] for answer in (again, nobody)] == ["bad_users"] * 2
    assert len(slack_standin.workspace.calls.get(call_id).participants) == 1


@pytest.mark.parametrize(
    ("method", "form", "error"),
    [
        ("add", {**ADD, "external_unique_id": ""}, "missing_argument"),
        ("add", {**ADD, "join_url": "javascript:x"}, "invalid_arguments"),
        ("add", {**ADD, "created_by": ""}, "invalid_created_by"),
        ("add", {**ADD, "date_start": "noon"}, "invalid_start_time"),
        ("add", {**ADD, "users": "[5]"}, "bad_users"),
        ("update", {"id": "R0"}, "invalid_call_id"),
        ("end", {}, "missing_argument"),
        ("end", {"id": "", "duration": "5"}, "missing_argument"),
        ("participants.add", {"id": "R0"}, "missing_argument"),
        ("participants.add", {"id": "R0", "users": "[]"}, "bad_users"),
        ("participants.add", {"id": "R0", "users": "{"}, "bad_users"),
        ("participants.add", {"id": "R0", "users": '[{"display_name": "x"}]'}, "bad_users"),
        ("participants.add", {"id": "R0", "users": '[{"slack_id": "U0"}]'}, "user_not_found"),
        ("participants.remove", {"id": "R0", "users": '[{"external_id": "x"}]'}, "invalid_call_id"),
    ],
)
async def test_a_refusal_has_slacks_name(
    slack_standin: SlackStandIn, method: str, form: dict[str, str], error: str
) -> None:
    answer, _ = await call(slack_standin, f"calls.{method}", BOT_TOKEN, form)

    assert (answer["ok"], answer["error"]) == (False, error)
