"""A participant's ID names the card that they joined from, in a form that VideoSDK accepts."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.participant_ids import VISITOR, CallRef, new_visitor, participant_id, read_call
from bot.workspace import Workspace

VISITOR_ID = "0123456789ab"
workspaces = st.builds(
    Workspace,
    st.none() | st.from_regex(r"T[A-Z0-9]{6,12}", fullmatch=True),
    st.none() | st.from_regex(r"E[A-Z0-9]{6,12}", fullmatch=True),
)
call_ids = st.from_regex(r"R[A-Z0-9]{6,12}", fullmatch=True)
calls = st.builds(CallRef, call_ids, workspaces, st.integers(0, 2**40))


@settings(max_examples=50, derandomize=True, deadline=None)
@given(calls)
def test_an_id_names_the_call_its_workspace_and_its_age(call: CallRef) -> None:
    made = participant_id(call, VISITOR_ID)

    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", made)
    assert made.endswith(f"-{VISITOR_ID}")
    assert read_call(made) == call


def test_every_visitor_is_new() -> None:
    visitors = {new_visitor() for _ in range(100)}

    assert len(visitors) == 100
    assert all(VISITOR.fullmatch(visitor) for visitor in visitors)


def test_without_a_card_the_id_names_no_call() -> None:
    assert participant_id(None, VISITOR_ID) == VISITOR_ID
    assert read_call(VISITOR_ID) is None


def test_an_id_of_version_1_0_0_names_the_call_alone() -> None:
    assert read_call("R0ABC123-x7k2m9qa") == CallRef("R0ABC123")


@pytest.mark.parametrize(
    "foreign",
    [
        "",
        "ann",
        "Rob-Roy",
        "RECORDER-x7k2m9qa",
        "R1-T1-x",
        "R1-T1--zz-",
        "R1--T1-1-2-3",
        "r1-t1--1-2",
        "R-x",
    ],
)
def test_other_ids_name_no_call(foreign: str) -> None:
    assert read_call(foreign) is None
