"""The Calls API accepts what Slack's own client sends, and rejects what Slack rejects."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.workspace import CHANNELS, USERS
from tests.conftest import BOT_TOKEN
from tests.sandbox.bots import call

ANN, BEN = (user.id for user in USERS[:2])
URL = "https://meet.example.com/abcd"
GUEST = {"external_id": "p1", "display_name": "Kim", "avatar_url": "https://example.com/kim.png"}
OTHER = {"external_id": "p2", "display_name": "Lee"}
MEMBER = {"slack_id": ANN}
ADD = {"external_unique_id": "room:1", "join_url": URL, "created_by": ANN}


@pytest.fixture
def client(slack_standin: SlackStandIn) -> AsyncWebClient:
    return AsyncWebClient(token=BOT_TOKEN, base_url=f"{slack_standin.url}/api/")


@pytest.fixture
def call_id(slack_standin: SlackStandIn) -> str:
    return slack_standin.workspace.calls.add("room:0", URL, ANN, title="standup").id


Ask = Callable[..., Any]


@pytest.fixture
def ask(slack_standin: SlackStandIn) -> Ask:
    """Call a method with a form, and return the answer."""

    async def ask_(method: str, **form: Any) -> dict[str, Any]:
        fields = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in form.items()
        }
        return (await call(slack_standin, f"calls.{method}", BOT_TOKEN, fields))[0]

    return ask_


@pytest.fixture
def shown(slack_standin: SlackStandIn, call_id: str) -> Callable[[], list[str]]:
    """Return the names of the people in the call."""
    calls = slack_standin.workspace.calls
    return lambda: [one.name for one in calls.get(call_id).participants]


async def test_a_call_is_registered_with_all_its_fields(
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


async def test_slacks_own_client_can_use_a_call_from_start_to_end(
    slack_standin: SlackStandIn, client: AsyncWebClient, call_id: str
) -> None:
    slack_standin.scopes.add("calls:read")
    blocks: list[Any] = [{"type": "divider"}, {"type": "call", "call_id": call_id}]
    for channel in CHANNELS[:2]:
        slack_standin.workspace.post(channel.id, "app", "card", blocks=blocks)
    await client.calls_update(id=call_id, title="Standup", join_url=f"{URL}?x")
    await client.calls_participants_add(id=call_id, users=[{"slack_id": ANN}, GUEST])
    await client.calls_participants_remove(id=call_id, users=[{"slack_id": ANN}])
    await client.calls_end(id=call_id, duration=62)

    call = (await client.calls_info(id=call_id))["call"]
    assert (call["title"], call["join_url"]) == ("Standup", f"{URL}?x")
    assert (call["users"], call["channels"]) == ([GUEST], [CHANNELS[1].id, CHANNELS[0].id])
    assert slack_standin.workspace.calls.by_id[call_id].duration == 62


async def test_reading_a_call_needs_its_own_scope(ask: Ask, call_id: str) -> None:
    answer = await ask("info", id=call_id)

    assert (answer["error"], answer["needed"]) == ("missing_scope", "calls:read")


async def test_json_and_forms_both_work(
    client: AsyncWebClient, ask: Ask, call_id: str, shown: Callable[[], list[str]]
) -> None:
    assert (await ask("participants.add", id=call_id, users=[OTHER]))["ok"]
    await client.api_call("calls.participants.add", json={"id": call_id, "users": [GUEST]})
    await client.api_call("calls.participants.remove", json={"id": call_id, "users": [OTHER]})

    assert shown() == ["Kim"]


async def test_adding_and_removing_answer_with_the_call(ask: Ask, call_id: str) -> None:
    added = await ask("participants.add", id=call_id, users=[GUEST, MEMBER])
    removed = await ask("participants.remove", id=call_id, users=[GUEST])
    empty = await ask("participants.remove", id=call_id, users=[MEMBER])

    assert added["call"]["users"] == [GUEST, MEMBER]
    assert removed["call"]["users"] == [MEMBER]
    assert empty["call"]["id"] == call_id
    assert "users" not in empty["call"]


@pytest.mark.parametrize(
    "change", [{"title": "Standup"}, {"join_url": f"{URL}?x"}, {"desktop_app_join_url": "meet://x"}]
)
async def test_an_update_answers_with_the_call_and_its_people(
    ask: Ask, call_id: str, change: dict[str, str]
) -> None:
    await ask("participants.add", id=call_id, users=[GUEST])
    answer = await ask("update", id=call_id, **change)

    assert answer["call"]["users"] == [GUEST]
    assert change.items() <= answer["call"].items()


@pytest.mark.parametrize(
    ("oddity", "error"),
    [
        (None, "invalid_arguments"),
        ("missing_argument", "missing_argument"),
        ("no_error", None),
    ],
)
async def test_an_empty_update_is_an_error_with_an_undocumented_name(
    slack_standin: SlackStandIn, ask: Ask, call_id: str, oddity: Any, error: str | None
) -> None:
    if oddity:
        slack_standin.oddities.bare_update = oddity
    answer = await ask("update", id=call_id)

    assert (answer["ok"], answer.get("error")) == (error is None, error)
    assert ("call" in answer) == (error is None)


async def test_a_guest_is_removed_by_name_and_id_and_a_member_by_id(
    ask: Ask, call_id: str, shown: Callable[[], list[str]], slack_standin: SlackStandIn
) -> None:
    await ask("participants.add", id=call_id, users=[GUEST, OTHER, MEMBER])
    nameless = [{"external_id": "p1"}, {"external_id": "p2", "display_name": ""}]
    unchanged = await ask("participants.remove", id=call_id, users=nameless)
    assert unchanged["ok"]
    assert "error" not in unchanged
    assert unchanged["call"]["users"] == [GUEST, OTHER, MEMBER]

    renamed = {"external_id": "p2", "display_name": "Lee Young"}
    await ask("participants.remove", id=call_id, users=[{"external_id": "p1"}, renamed, MEMBER])
    assert shown() == ["Kim"]

    slack_standin.oddities.removes_unnamed = True
    await ask("participants.remove", id=call_id, users=[{"external_id": "p1"}])
    assert shown() == []


@pytest.mark.parametrize(
    ("oddity", "ok", "added", "removed"),
    [
        (None, True, ["Kim"], ["Kim", "Lee"]),
        ("refuses_batch", True, ["Kim"], ["Kim", "Lee"]),
        ("error", False, ["Kim"], ["Kim", "Lee"]),
        ("skips", True, ["Kim", "Lee"], ["Lee"]),
    ],
)
async def test_adding_people_twice_or_removing_absent_ones_is_bad_users(  # noqa: PLR0913 - fixtures
    slack_standin: SlackStandIn,
    ask: Ask,
    call_id: str,
    shown: Callable[[], list[str]],
    *,
    oddity: Any,
    ok: bool,
    added: list[str],
    removed: list[str],
) -> None:
    if oddity:
        slack_standin.oddities.bad_users = oddity
    await ask("participants.add", id=call_id, users=[GUEST])
    again = await ask("participants.add", id=call_id, users=[GUEST, OTHER])
    assert shown() == added
    await ask("participants.add", id=call_id, users=[OTHER])
    gone = await ask("participants.remove", id=call_id, users=[MEMBER, GUEST])

    assert shown() == removed
    for answer in (again, gone):
        assert (answer["ok"], answer["error"]) == (ok, "bad_users")
        assert ("call" in answer) == (oddity == "skips")


async def test_one_person_can_be_permanently_rejected(
    slack_standin: SlackStandIn, ask: Ask, call_id: str, shown: Callable[[], list[str]]
) -> None:
    slack_standin.oddities.refused = {"p1"}
    for users in ([GUEST, OTHER], [GUEST], [OTHER], [GUEST]):
        answer = await ask("participants.add", id=call_id, users=users)
        assert (answer.get("error") == "bad_users") == (GUEST in users)

    assert shown() == ["Lee"]


@pytest.mark.parametrize(("oddity", "ok"), [(None, True), ("ok_true", True), ("ok_false", False)])
async def test_an_ended_call_is_inactive(
    slack_standin: SlackStandIn, ask: Ask, call_id: str, oddity: Any, *, ok: bool
) -> None:
    if oddity:
        slack_standin.oddities.inactive_end = oddity
    await ask("participants.add", id=call_id, users=[GUEST])
    assert await ask("end", id=call_id, duration=60) == {"ok": True}

    assert await ask("end", id=call_id, duration=90) == {"ok": ok, "error": "inactive_call"}
    assert slack_standin.workspace.calls.get(call_id).duration == 60
    for method, user in (("add", OTHER), ("remove", GUEST)):
        answer = await ask(f"participants.{method}", id=call_id, users=[user])
        assert answer == {"ok": False, "error": "inactive_call"}


@pytest.mark.parametrize(
    ("oddity", "active", "ended"),
    [
        (None, "invalid_arguments", "invalid_arguments"),
        ("error", "invalid_arguments", "invalid_arguments"),
        ("same", "same", "another"),
        ("ended", "same", "same"),
        ("new", "another", "another"),
    ],
)
async def test_a_repeated_unique_id_has_an_undocumented_effect(
    slack_standin: SlackStandIn, ask: Ask, oddity: Any, active: str, ended: str
) -> None:
    if oddity:
        slack_standin.oddities.repeated_call = oddity
    effects = []
    newest = (await ask("add", **ADD))["call"]["id"]
    for _ in range(2):
        answer = await ask("add", **ADD)
        known = answer.get("call", {}).get("id")
        effects.append(answer.get("error") or ("same" if known == newest else "another"))
        newest = known or newest
        await ask("end", id=newest)

    assert effects == [active, ended]
    assert "call" in await ask("add", **{**ADD, "external_unique_id": "room:2"})


@pytest.mark.parametrize(
    ("method", "form", "error"),
    [
        ("add", {**ADD, "external_unique_id": ""}, "missing_argument"),
        ("add", {**ADD, "join_url": "javascript:x"}, "invalid_arguments"),
        ("add", {**ADD, "created_by": ""}, "invalid_created_by"),
        ("add", {**ADD, "date_start": "noon"}, "invalid_start_time"),
        ("add", {**ADD, "users": "[5]"}, "bad_users"),
        ("add", {**ADD, "users": '[{"external_id": "x"}]'}, "bad_users"),
        ("update", {"title": "x"}, "missing_argument"),
        ("update", {"id": "R0", "title": "x"}, "invalid_call_id"),
        ("update", {"id": "R0", "join_url": "javascript:x"}, "invalid_arguments"),
        ("end", {}, "missing_argument"),
        ("end", {"id": "", "duration": "5"}, "missing_argument"),
        ("end", {"id": "R0", "duration": "-1"}, "invalid_arguments"),
        ("end", {"id": "R0"}, "invalid_call_id"),
        ("participants.add", {"id": "R0"}, "missing_argument"),
        ("participants.add", {"id": "R0", "users": "[]"}, "bad_users"),
        ("participants.add", {"id": "R0", "users": "{"}, "bad_users"),
        ("participants.add", {"id": "R0", "users": '[{"display_name": "x"}]'}, "bad_users"),
        ("participants.add", {"id": "R0", "users": '[{"external_id": "x"}]'}, "bad_users"),
        ("participants.add", {"id": "R0", "users": '[{"slack_id": "U0"}]'}, "user_not_found"),
        ("participants.add", {"id": "R0", "users": [GUEST]}, "invalid_call_id"),
        ("participants.remove", {"id": "R0", "users": '[{"external_id": "x"}]'}, "invalid_call_id"),
    ],
)
async def test_errors_have_slacks_names(
    ask: Ask, method: str, form: dict[str, Any], error: str
) -> None:
    answer = await ask(method, **form)

    assert (answer["ok"], answer["error"]) == (False, error)
