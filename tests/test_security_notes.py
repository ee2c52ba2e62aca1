"""The security notes name what there is, and say how long it is good for."""

import dataclasses
import re

import pytest

from bot.installs.store import STATE_LIFETIME
from bot.links import JOIN_LIFETIME
from bot.redaction import redact
from bot.settings import Settings
from bot.slack.guard import MAX_AGE
from bot.videosdk.tokens import LIFETIME, VISIT
from bot.videosdk.wire import MAX_REPLY
from tests.conftest import ROOT

NOTES = (ROOT / ".github" / "SECURITY.md").read_text(encoding="utf-8")
SETTINGS = {field.name.upper(): field for field in dataclasses.fields(Settings)}


def table(title: str) -> list[list[str]]:
    """Return the rows of the table in a section."""
    section = NOTES.split(f"\n## {title}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (.+) \|$", section, re.MULTILINE)
    return [row.split(" | ") for row in rows][1:]


def test_every_setting_that_the_notes_name_is_read() -> None:
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)\b", NOTES))

    assert named <= set(SETTINGS)


def test_the_notes_say_how_to_change_every_secret() -> None:
    rows = table("What you must keep, and how to change it")
    told = {name for row in rows for name in re.findall(r"`(\w+)`", row[0])}

    secret = {name for name, field in SETTINGS.items() if not field.repr}
    assert told == secret | {"SLACK_CLIENT_ID"}


@pytest.mark.parametrize(
    ("what", "seconds", "words"),
    [
        ("Slack's requests", MAX_AGE, "5 minutes"),
        ("the bot's calls to VideoSDK", LIFETIME, "10 minutes"),
        ("a participant's token", VISIT, "12 hours"),
        ("join links", JOIN_LIFETIME, "30 days"),
        ("an install (OAuth)", STATE_LIFETIME, "10 minutes"),
    ],
)
def test_what_is_signed_is_good_for_as_long_as_the_notes_say(
    what: str, seconds: int, words: str
) -> None:
    [row] = [row for row in table("What is signed with what") if row[0] == what]
    count, unit = words.split()

    assert row[2].startswith(words)
    assert seconds == int(count) * {"minutes": 60, "hours": 3600, "days": 86400}[unit]


def test_an_answer_is_read_as_far_as_the_notes_say() -> None:
    assert f"up to {MAX_REPLY // 2**20} MiB" in NOTES


def test_every_file_that_the_notes_link_to_is_there() -> None:
    linked = re.findall(r"\]\(([^)#]+)", NOTES)

    assert [path for path in linked if not (ROOT / ".github" / path).exists()] == []


def test_the_notes_hold_no_secret() -> None:
    assert redact(NOTES) == NOTES
