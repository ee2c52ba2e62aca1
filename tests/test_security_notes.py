"""The security notes agree with the code: settings, lifetimes, limits, tests."""

import dataclasses
import re

import pytest

from bot.installs.store import STATE_LIFETIME
from bot.links import JOIN_LIFETIME
from bot.settings.settings import Settings
from bot.telemetry.redaction import redact
from bot.videosdk.tokens import LIFETIME, VISIT
from bot.videosdk.wire import MAX_REPLY
from bot.web.guard import MAX_AGE
from bot.web.sign_in.flow import FLOW_LASTS, SIGN_IN_LASTS
from tests.battery.__main__ import TESTS
from tests.conftest import ROOT

NOTES = (ROOT / ".github" / "SECURITY.md").read_text(encoding="utf-8")
DEFINED = re.compile(r"^(?:async )?def (test_\w+)", re.MULTILINE)
THREATS = "What is worth protecting, from whom, and how"
OTHER_SECTIONS = [  # sections besides the threats
    "What is stored",
    "What is logged, and what never is",
    "What leaves the machine, and to whom",
    "What is promised, and what isn't",
]
SETTINGS = {field.name.upper(): field for field in dataclasses.fields(Settings)}


def section(title: str) -> str:
    return NOTES.split(f"\n## {title}\n")[1].split("\n## ")[0]


def table(title: str) -> list[list[str]]:
    """Return the rows of a section's table."""
    rows = re.findall(r"^\| (.+) \|$", section(title), re.MULTILINE)
    return [row.split(" | ") for row in rows][1:]


def test_every_setting_that_the_notes_name_is_read() -> None:
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)\b", NOTES))

    assert named <= set(SETTINGS)


def test_the_notes_say_how_to_change_every_secret() -> None:
    rows = table("What you must keep, and how to change it")
    listed = {name for row in rows for name in re.findall(r"`(\w+)`", row[0])}

    secret = {name for name, field in SETTINGS.items() if not field.repr}
    assert listed == secret | {"SLACK_CLIENT_ID"}


@pytest.mark.parametrize(
    ("what", "seconds", "words"),
    [
        ("Slack's requests", MAX_AGE, "5 minutes"),
        ("the bot's calls to VideoSDK", LIFETIME, "10 minutes"),
        ("a participant's token", VISIT, "12 hours"),
        ("join links", JOIN_LIFETIME, "30 days"),
        ("an install (OAuth)", STATE_LIFETIME, "10 minutes"),
        ("a sign-in that's under way", FLOW_LASTS, "10 minutes"),
        ("who somebody is in Slack", SIGN_IN_LASTS, "30 days"),
    ],
)
def test_signed_links_and_states_have_the_documented_lifetimes(
    what: str, seconds: int, words: str
) -> None:
    [row] = [row for row in table("What is signed with what") if row[0] == what]
    count, unit = words.split()

    assert row[2].startswith(words)
    assert seconds == int(count) * {"minutes": 60, "hours": 3600, "days": 86400}[unit]


def test_answers_have_the_documented_size_limit() -> None:
    assert f"up to {MAX_REPLY // 2**20} MiB" in NOTES


def test_every_file_that_the_notes_link_to_exists() -> None:
    linked = re.findall(r"\]\(([^)#]+)", NOTES)

    assert [path for path in linked if not (ROOT / ".github" / path).exists()] == []


def named(text: str) -> tuple[set[str], set[str]]:
    """Return the tests and battery rows that a text names."""
    return set(re.findall(r"`(test_\w+)`", text)), set(re.findall(r"\*\*([A-Z]\d*)\*\*", text))


def controls() -> list[str]:
    """Return every control: a row of a table about threats, or a paragraph or point elsewhere."""
    rows = re.findall(r"^\| .+ \| .+ \| .* \| .+ \|$", section(THREATS), re.MULTILINE)
    found = [row for row in rows if not row.startswith("| attacker |")]
    found += section("Who can open what, and for how long").split("\n- ")[1:]
    return found + [section(title) for title in OTHER_SECTIONS]


def test_every_control_names_a_test_or_a_row_of_the_battery() -> None:
    assert len(controls()) > 40
    assert [control for control in controls() if named(control) == (set(), set())] == []


def test_every_test_and_battery_row_in_the_notes_exists() -> None:
    files = (ROOT / "tests").rglob("test_*.py")
    there = {name for file in files for name in DEFINED.findall(file.read_text(encoding="utf-8"))}
    rows = {row for row, _ in TESTS} | {"M", "X1"}
    tests, battery = named(NOTES)

    assert (tests - there, battery - rows) == (set(), set())


def test_every_threat_has_an_attacker_a_control_a_remaining_risk_and_tests() -> None:
    tables = section(THREATS).split("\n### ")[1:]

    heads = ["attacker", "control", "what remains", "tested by"]
    assert all(f"| {' | '.join(heads)} |" in text for text in tables)
    assert len(tables) >= 6


def test_the_notes_contain_no_secret() -> None:
    assert redact(NOTES) == NOTES
