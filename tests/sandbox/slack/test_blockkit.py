"""Blocks are rejected or accepted like in Slack."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.slack.blockkit import buttons, find_button, find_option, problems, with_ids

Part = dict[str, Any]


def plain(text: str) -> Part:
    return {"type": "plain_text", "text": text, "emoji": False}


def mrkdwn(text: str) -> Part:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def button(action_id: str = "join_meeting", **changes: Any) -> Part:
    return {"type": "button", "action_id": action_id, "text": plain("Join"), **changes}


def actions(*elements: Part) -> Part:
    return {"type": "actions", "elements": list(elements)}


def overflow(*options: Part, **changes: Any) -> Part:
    return {"type": "overflow", "action_id": "more", "options": list(options), **changes}


def confirm(**changes: Part) -> Part:
    dialog = {"title": plain("End?"), "text": mrkdwn("*For all*"), "confirm": plain("End")}
    return {**dialog, "deny": plain("No"), "style": "danger", **changes}


END = {"text": plain("End for everyone"), "value": "x" * 150}

CARD: list[Part] = [
    {"type": "header", "text": plain("x" * 150)},
    {"type": "section", "text": mrkdwn("x" * 3000), "fields": [mrkdwn("x" * 2000)] * 10},
    {"type": "section", "fields": [mrkdwn("a")], "accessory": button()},
    actions(button(url="https://example.com", style="primary"), button("share", value="{}")),
    actions(overflow(END, confirm=confirm())),
    {"type": "call", "call_id": "R1"},
    {"type": "input", "label": plain("x"), "element": {"type": "plain_text_input"}},
    {"type": "context", "elements": [mrkdwn("note")]},
    {"type": "divider", "block_id": "end"},
]


def test_a_card_within_the_limits_is_fine() -> None:
    assert problems(CARD) == []
    assert problems([{"type": "divider"}] * 50) == []


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ("text", "malformed"),
        ({}, "malformed"),
        ({"type": "section", "fields": 5}, "malformed"),
        ({"type": "actions"}, "malformed"),
        ({"type": "banner"}, "unknown"),
        ({"type": "divider", "colour": "red"}, "unknown"),
        ({"type": "section"}, "text or fields"),
        ({"type": "section", "text": mrkdwn("")}, "empty"),
        ({"type": "section", "text": mrkdwn("x" * 3001)}, "3000"),
        ({"type": "section", "fields": [mrkdwn("x" * 2001)]}, "2000"),
        ({"type": "section", "fields": [mrkdwn("x")] * 11}, "10"),
        ({"type": "header", "text": mrkdwn("x")}, "plain_text only"),
        ({"type": "header", "text": plain("x" * 151)}, "150"),
        ({"type": "context", "elements": [button()]}, "text and images only"),
        (actions(plain("x")), "interactive"),
        (actions({"type": "image", "image_url": "https://x", "alt_text": "x"}), "interactive"),
        (actions({"type": "lever"}), "unknown"),
        (actions(button(text=mrkdwn("Join"))), "plain_text only"),
        (actions(button(text=plain("x" * 76))), "75"),
        (actions(button("a"), button("a")), "action_id 'a'"),
        (actions(overflow()), "between 1 and 5"),
        (actions(overflow({**END, "value": "x" * 151})), "150"),
        (actions(overflow({**END, "text": mrkdwn("End")})), "plain_text only"),
        (actions(overflow(END, confirm=confirm(deny=mrkdwn("No")))), "plain_text only"),
        (actions(button(confirm=confirm(title=plain("x" * 101)))), "100"),
        ({"type": "call", "call_id": ""}, "empty"),
        (
            {"type": "input", "label": mrkdwn("x"), "element": {"type": "plain_text_input"}},
            "plain_text only",
        ),
    ],
)
def test_a_violation_is_found_and_named(block: object, reason: str) -> None:
    [problem] = problems([block])

    assert problem.startswith("blocks[0]: ")
    assert reason in problem


def test_there_are_limits_for_the_message_as_a_whole() -> None:
    assert problems("blocks") == ["blocks: not a list"]
    assert problems([{"type": "divider"}] * 51) == ["blocks: more than 50"]
    twins = [{"type": "divider", "block_id": "a"}] * 2
    assert problems(twins) == ["block_id 'a': not unique"]


def test_buttons_are_found_in_every_position() -> None:
    assert [one["action_id"] for block in CARD for one in buttons(block)] == [
        "join_meeting",
        "join_meeting",
        "share",
        "more",
    ]


def test_buttons_and_options_are_found_by_their_ids() -> None:
    [block] = with_ids([actions(button("a"), overflow(END))])
    _, menu = find_button([block], "more", block["block_id"])

    assert find_button([block], "a") == (block, button("a"))
    assert find_option(menu, "x" * 150) == END
    for action_id, block_id in (("b", ""), ("a", "elsewhere")):
        with pytest.raises(LookupError):
            find_button([block], action_id, block_id)
    with pytest.raises(LookupError):
        find_option(menu, "stay")


def test_blocks_get_missing_ids() -> None:
    field = {"type": "input", "label": plain("x"), "element": {"type": "plain_text_input"}}
    [with_id, divider] = with_ids([field, {"type": "divider", "block_id": "mine"}])

    assert with_id["block_id"]
    assert with_id["element"]["action_id"]
    assert divider["block_id"] == "mine"
    assert "block_id" not in field


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
)
TYPES = st.sampled_from(["section", "header", "actions", "context", "image", "button", "mrkdwn"])
SLOTS = ("text", "fields", "elements", "accessory", "block_id", "action_id")


@settings(max_examples=15, deadline=None)  # a busy machine is no failure
@given(
    st.recursive(
        JSON,
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.fixed_dictionaries({"type": TYPES}, optional=dict.fromkeys(SLOTS, inner))
        ),
    )
)
def test_no_input_crashes_the_validation(blocks: object) -> None:
    assert isinstance(problems([blocks]), list)
    assert isinstance(problems(blocks), list)
