"""Checks that can't be tried say why, and whatever is left behind is reported."""

from collections.abc import Callable

import pytest

from bot.assumptions.assumption import AS_ASSUMED, DIFFERENT, NOT_TRIED
from bot.assumptions.listed import assumptions
from bot.sandbox.faults import Fault
from tests.assumptions.conftest import Services
from tests.assumptions.flips import (
    CREATE,
    REMOVE,
    one_slack_answer,
    other_room_after,
    rewritten,
    slack_rewritten,
    without,
)
from tests.conftest import NOBODY

MANY = {
    "SLACK_BOT_TOKEN": None,
    "SLACK_CLIENT_ID": "1.2",
    "SLACK_CLIENT_SECRET": "s3cret" * 4,
    "TOKEN_KEYS": "5a" * 32,
    "PUBLIC_URL": "https://bot.example.org",
}
ALL_IDS = {assumption.id for assumption in assumptions("v2")}
ABOUT_CALLS = {id_ for id_ in ALL_IDS if id_.startswith("call-")} | {"card-live"}


@pytest.mark.parametrize(
    ("change", "id_", "saw"),
    [
        (rewritten(CREATE, other_room_after(2)), "room-again", "another room"),
        (slack_rewritten("calls.update", without("call")), "call-update", "without the call"),
        (one_slack_answer(3, REMOVE, ok=True), "call-leave", "still shown"),
    ],
)
async def test_a_check_is_not_tried_without_its_prerequisites(
    change: Callable[[Services], None], id_: str, saw: str, services: Services
) -> None:
    change(services)

    results = await services.check("v2")

    assert results[id_].saw == saw
    assert NOT_TRIED in {result.outcome for result in results.values()}


async def test_calls_need_a_creator(services: Services) -> None:
    results = await services.check("v2", created_by=None)

    not_tried = {id_ for id_, result in results.items() if result.outcome == NOT_TRIED}
    assert not_tried == ABOUT_CALLS
    assert "--as U…" in results["call-add"].saw
    assert results["call-end"].saw == "there is no call"


async def test_an_unknown_member_is_a_mistake_and_not_a_difference(
    services: Services,
) -> None:
    results = await services.check("v2", created_by="U0NOBODY")

    assert results["call-add"].outcome == NOT_TRIED
    assert "invalid_created_by" in results["call-add"].saw


async def test_slack_is_not_tried_with_many_workspaces(
    services: Services,
) -> None:
    results = await services.check("v2", **MANY)

    outcomes = {result.outcome for id_, result in results.items() if id_.startswith("card-")}
    assert outcomes == {NOT_TRIED}
    assert "SLACK_BOT_TOKEN" in results["slack-token"].saw
    assert results["room-create"].outcome == AS_ASSUMED


async def test_a_missing_scope_is_named(services: Services) -> None:
    services.slack.scopes = {"commands"}

    results = await services.check("v2")

    assert results["call-add"].outcome == NOT_TRIED
    assert results["call-add"].saw == "Slack says missing_scope: calls:write"
    assert results["slack-token"].outcome == results["card-plain"].outcome == AS_ASSUMED


async def test_slack_may_lack_blocks_validate(services: Services) -> None:
    unknown = Fault(200, b'{"ok": false, "error": "unknown_method"}')
    services.slack.faults.always(unknown, "blocks.validate")

    results = await services.check("v2")

    assert results["card-plain"].outcome == results["card-live"].outcome == NOT_TRIED


async def test_removing_is_not_tried_on_an_empty_call(services: Services) -> None:
    refusal = Fault(200, b'{"ok": true, "error": "bad_users"}')
    services.slack.faults.always(refusal, "calls.participants.add")

    results = await services.check("v2")

    assert results["call-enter"].outcome == DIFFERENT
    for id_ in ("call-enter-again", "call-leave-unnamed", "call-leave"):
        assert results[id_].saw == "nobody is shown in the call"


async def test_a_rate_limit_is_not_a_difference(services: Services) -> None:
    services.slack.oddities.tier_3_limit = 1
    services.videosdk.faults.always(Fault(429, b"{}"), "GET /v2/sessions")

    results = await services.check("v2")

    assert results["call-again"].saw == "Slack says ratelimited: try later"
    assert results["session-order"].outcome == NOT_TRIED
    assert not any(result.outcome == DIFFERENT for result in results.values())


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_without_an_answer_nothing_is_tried_and_nothing_is_left_behind(
    version: str, services: Services
) -> None:
    nowhere = {"VIDEOSDK_API_ENDPOINT": NOBODY, "SLACK_API_URL": f"{NOBODY}/api/"}

    results = await services.check(version, **nowhere)

    assert {result.outcome for result in results.values()} == {NOT_TRIED}
    assert services.left_behind == ()


async def test_without_past_sessions_lists_are_not_tried(services: Services) -> None:
    services.videosdk.listing_lag = 3600  # the API lists none yet

    results = await services.check("v2")

    listings = {id_ for id_ in results if id_.startswith("session-")} - {"session-end"}
    not_tried = {id_ for id_, result in results.items() if result.outcome == NOT_TRIED}
    assert not_tried == listings


async def test_the_order_needs_two_sessions(services: Services) -> None:
    services.videosdk.listing_lag = 90  # one of the two sessions began a minute ago

    results = await services.check("v2")

    not_tried = {id_ for id_, result in results.items() if result.outcome == NOT_TRIED}
    assert not_tried == {"session-order", "session-pages"}


async def test_an_answer_that_is_not_a_list_is_not_tried(services: Services) -> None:
    services.videosdk.faults.always(Fault(200, b'"OK"'), "GET /v2/sessions")

    results = await services.check("v2")

    assert results["session-entries"].saw == "there is no listing (status 200)"


async def test_a_wrong_secret_is_a_difference(services: Services) -> None:
    results = await services.check("v2", VIDEOSDK_SECRET_KEY="another-secret")

    assert (results["room-region"].outcome, results["room-region"].saw) == (
        DIFFERENT,
        "status 401",
    )
    assert results["room-again"].saw == "there is no room"


async def test_tokens_are_sent_in_the_deployments_form(services: Services) -> None:
    services.videosdk.accepts_bearer = False

    results = await services.check("v2", VIDEOSDK_AUTH_SCHEME="bearer")

    assert results["room-create"].saw == "status 401"


@pytest.mark.parametrize("fault", [Fault(500), Fault(reset=True)])
async def test_whatever_cannot_be_closed_is_listed(fault: Fault, services: Services) -> None:
    services.videosdk.faults.always(fault, "/v2/rooms/deactivate")
    services.slack.faults.always(fault, "calls.end")

    await services.check("v2")

    room, call = services.left_behind
    assert room.startswith("VideoSDK's room ")
    assert call.startswith("Slack's call ")


async def test_transcribing_is_tried_only_with_notes_on(services: Services) -> None:
    with_notes, without = await services.check("v2"), await services.check("v2", NOTES=None)

    assert {one for one in with_notes if one not in without} == {
        *("transcription-start", "transcription-list", "transcription-end")
    }
