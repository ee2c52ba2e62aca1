"""Blocks that Slack would refuse are refused, and those it would show are not."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.blockkit import buttons, problems

Part = dict[str, Any]


def plain(text: str) -> Part:
    return {"type": "plain_text", "text": text, "emoji": False}


def mrkdwn(text: str) -> Part:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def button(action_id: str = "join_meeting", **changes: Any) -> Part:
    return {"type": "button", "action_id": action_id, "text": plain("Join"), **changes}


def actions(*elements: Part) -> Part:
    return {"type": "actions", "elements": list(elements)}


CARD: list[Part] = [
    {"type": "header", "text": plain("x" * 150)},
    {"type": "section", "text": mrkdwn("x" * 3000), "fields": [mrkdwn("x" * 2000)] * 10},
    {"type": "section", "fields": [mrkdwn("a")], "accessory": button()},
    actions(button(url="https://example.com", style="primary"), button("share", value="{}")),
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
    ],
)
def test_a_breach_is_found_and_named(block: object, reason: str) -> None:
    [problem] = problems([block])

    assert problem.startswith("blocks[0]: ")
    assert reason in problem


def test_there_are_limits_for_the_message_as_a_whole() -> None:
    assert problems("blocks") == ["blocks: not a list"]
    assert problems([{"type": "divider"}] * 51) == ["blocks: more than 50"]
    twins = [{"type": "divider", "block_id": "a"}] * 2
    assert problems(twins) == ["block_id 'a': not unique"]


def test_buttons_are_found_wherever_they_stand() -> None:
    assert [one["action_id"] for block in CARD for one in buttons(block)] == [
        "join_meeting",
        "join_meeting",
        "share",
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
)
TYPES = st.sampled_from(["section", "header", "actions", "context", "image", "button", "mrkdwn"])
SLOTS = ("text", "fields", "elements", "accessory", "block_id", "action_id")


@settings(deadline=None)  # a busy machine is no failure
@given(
    st.recursive(
        JSON,
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.fixed_dictionaries({"type": TYPES}, optional=dict.fromkeys(SLOTS, inner))
        ),
    )
)
def test_no_blocks_break_the_check(blocks: object) -> None:
    assert isinstance(problems([blocks]), list)
    assert isinstance(problems(blocks), list)
