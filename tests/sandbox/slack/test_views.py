"""A trigger opens one valid modal, for the user who acted."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.views import input_errors, view_problems
from bot.sandbox.slack.workspace import USERS
from tests.conftest import BOT_TOKEN
from tests.sandbox.bots import TinyBot
from tests.sandbox.modals import MODAL, NAME, input_block, plain

ANN, BEN = (user.id for user in USERS[:2])


async def test_a_modal_opens_for_the_user_who_acted(
    slack_standin: SlackStandIn, tiny_bot: TinyBot
) -> None:
    client = AsyncWebClient(token=BOT_TOKEN, base_url=f"{slack_standin.url}/api/")
    await slack_standin.shortcut("new_meeting", user=BEN)
    trigger_id = tiny_bot.received[0].payload["trigger_id"]
    without_ids = {**NAME, "element": {"type": "plain_text_input"}}
    del without_ids["block_id"]
    answer = await client.views_open(
        trigger_id=trigger_id, view={**MODAL, "blocks": [without_ids], "private_metadata": "x"}
    )

    view = answer["view"]
    assert view == slack_standin.views.of(BEN)
    assert (view["private_metadata"], view["close"]) == ("x", None)
    assert view["blocks"][0]["block_id"]
    assert view["blocks"][0]["element"]["action_id"]
    assert slack_standin.views.of(ANN) is None
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        await client.views_open(trigger_id=trigger_id, view=MODAL)
    with pytest.raises(SlackApiError, match="invalid_arguments") as refusal:
        await client.views_open(trigger_id=trigger_id, view={"type": "home"})
    messages = refusal.value.response["response_metadata"]["messages"]
    assert messages == ["[ERROR] view: not a modal"]


def test_a_modal_within_the_limits_is_fine() -> None:
    assert view_problems(MODAL) == []
    assert view_problems({**MODAL, "blocks": [{"type": "divider"}] * 100}) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"type": "home"}, "not a modal"),
        ({"blocks": None}, "not a list"),
        ({"blocks": []}, "between 1 and 100"),
        ({"blocks": [{"type": "divider"}] * 101}, "more than 100"),
        ({"blocks": [input_block("day", {"type": "datepicker"})]}, "datepicker"),
        ({"blocks": [{**NAME, "label": {"type": "mrkdwn", "text": "*x*"}}]}, "plain_text only"),
        ({"title": plain("x" * 25)}, "24"),
        ({"title": {"type": "mrkdwn", "text": "x"}}, "malformed parts"),
        ({"title": plain("")}, "title"),
        ({"title": 5}, "malformed parts"),
        ({"title": {"type": "plain_text", "text": 5}}, "malformed ("),
        ({"private_metadata": "x" * 3001}, "3000"),
        ({"callback": "x"}, "malformed parts"),
    ],
)
def test_an_invalid_modal_is_rejected(changes: dict[str, Any], reason: str) -> None:
    found = view_problems({**MODAL, **changes})

    assert any(reason in one for one in found), found


@pytest.mark.parametrize("name", ["title", "submit"])
def test_a_modal_needs_a_title_and_with_inputs_a_submit_button(name: str) -> None:
    view = {key: value for key, value in MODAL.items() if key != name}

    assert view_problems(view)


@pytest.mark.parametrize(
    ("answer", "errors"),
    [
        ({}, {}),
        ({"response_action": "clear"}, {}),
        ({"response_action": "errors", "errors": {"name": "Too odd."}}, {"name": "Too odd."}),
        ({"response_action": "errors", "errors": {"topic": "Unknown."}}, None),
        ({"response_action": "errors", "errors": {}}, None),
        ({"text": "done"}, None),
    ],
)
def test_an_answer_can_have_errors_by_input(
    answer: dict[str, Any], errors: dict[str, str] | None
) -> None:
    assert input_errors(MODAL, answer) == errors
