"""A command invites exactly the people mentioned at its start or end."""

import pytest

from bot.grammar.commands import HelpRequest, MeetRequest, parse_meet
from bot.grammar.errors import TypingError

ANN, BEN = "<@U1ANN|ann>", "<@W2BEN|ben>"
A, B = "U1ANN", "W2BEN"


@pytest.mark.parametrize(
    ("text", "name", "region", "invited"),
    [
        (f"standup {ANN} {BEN}", "standup", None, (A, B)),
        (ANN, None, None, (A,)),
        ("<@U1ANN>", None, None, (A,)),
        (f"with {ANN}", None, None, (A,)),
        (f"1:1 with {ANN} us001", "1:1", "us001", (A,)),
        (f"1:1 us001 with {ANN}.", "1:1", "us001", (A,)),
        (f"{ANN} us001", None, "us001", (A,)),
        (f"{ANN}, {BEN}: standup", "standup", None, (A, B)),
        (f"with {ANN} and {BEN} standup EU001.", "standup", "eu001", (A, B)),
        (f"{ANN} - standup ({BEN})", "standup", None, (A, B)),
        (f"Weekly sync (with {ANN} &amp; {BEN})", "Weekly sync", None, (A, B)),
        (f"plan (draft) {ANN}", "plan (draft)", None, (A,)),
        (f"(with {ANN}) (Draft) plan", "(Draft) plan", None, (A,)),
        (f"R&amp;D {ANN}", "R&D", None, (A,)),
        (f"Party! {ANN}{BEN}{ANN}", "Party!", None, (A, B)),
        (f"standup\u200b {ANN}\u00a0\u200b", "standup", None, (A,)),
        (f'"help" {ANN}', "help", None, (A,)),
        (f'"standup" {ANN} us001', "standup", "us001", (A,)),
        # In the middle of a name, or in quotes, a mention is its label.
        (f"lunch {ANN} {BEN} cooks", "lunch @ann @ben cooks", None, ()),
        (f"{ANN} asks {BEN} something", "asks @ben something", None, (A,)),
        (f'"1:1 with {ANN}"', "1:1 with @ann", None, ()),
        (f'"1:1 with {ANN}" {BEN}', "1:1 with @ann", None, (B,)),
        # Everybody, groups and channels aren't people.
        (f"<!here> {ANN}", "@here", None, (A,)),
        (f"<!channel> {ANN} <!subteam^S1|@devs>", "@channel @ann @devs", None, ()),
        ("&lt;!channel&gt; &lt;@U1ANN&gt;", "<!channel> <@U1ANN>", None, ()),
        (f"<#C1|general> {ANN}", "#general", None, (A,)),
        ("<@B1BOT|bot> <@S1> <@u1ann|ann>", "@bot @ann", None, ()),
    ],
)
def test_people_at_the_ends_are_invited_and_removed_from_the_name(
    text: str, name: str | None, region: str | None, invited: tuple[str, ...]
) -> None:
    assert parse_meet(text) == MeetRequest(name, region, invited)


def test_help_with_mentions_is_still_help() -> None:
    assert isinstance(parse_meet(f"help {ANN}"), HelpRequest)


def test_an_error_keeps_the_people() -> None:
    with pytest.raises(TypingError) as raised:
        parse_meet(f"us001 standup with {ANN} and <@W2BEN>")

    assert raised.value.invited == "@ann"


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("@ann", "@ann"),
        ("standup @ann us001", "@ann"),
        ("standup with @ann.lee!", "@ann.lee"),
        ("with @ann standup", "@ann"),
        (f"standup {ANN} @zoe", "@zoe"),
        ("@ann standup", "@ann"),
        ("lunch @ joes", None),
        ("lunch @joes place", None),
        ("ann@example.com", None),
        ("standup @here", None),
        ("@Channel standup", None),
        ('"lunch @joes"', None),
        (f"lunch {ANN}", None),
        ("<!subteam^S1|@devs>", None),
    ],
)
def test_an_unconverted_mention_is_detected(text: str, unknown: str | None) -> None:
    wanted = parse_meet(text)

    assert isinstance(wanted, MeetRequest)
    assert wanted.unknown == unknown
