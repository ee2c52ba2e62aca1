"""Messages are formatted for a terminal."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.sandbox.slack.calls import CallMember, SlackCalls
from bot.sandbox.slack.terminal import plain, show
from bot.sandbox.slack.workspace import CHANNELS, USERS, Block, ChannelMessage

ANN, BEN = USERS[:2]
LONG_AGO = int(datetime(2022, 4, 15, 5, 20, tzinfo=UTC).timestamp())


@pytest.fixture(autouse=True)
def _in_greenwich() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def label(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def message(
    text: str, *blocks: Block, kind: Any = "app", user: str | None = None, private: bool = False
) -> ChannelMessage:
    reader = ANN.id if private else None
    return ChannelMessage(
        "17.5", CHANNELS[0].id, 17.5, kind, user, reader, text, list(blocks) or None
    )


def test_a_card_shows_its_facts_and_its_buttons_urls() -> None:
    join = {"type": "button", "text": label("Join"), "url": "https://example.com/?a=1&b=2"}
    share = {"type": "button", "text": label("Share here"), "value": "{}"}
    card = message(
        "not shown",
        {"type": "header", "text": label("A <b> & *c*")},
        {
            "type": "section",
            "text": mrkdwn(f"<@{ANN.id}> started\na meeting."),
            "fields": [mrkdwn("*Meeting ID*\n`abcd-efgh`"), mrkdwn("*Region*\nOhio · `us002`")],
        },
        {"type": "actions", "elements": [join, share]},
        {"type": "context", "elements": [mrkdwn("Check: `/meet-check abcd`")]},
    )

    assert show(card).splitlines() == [
        "Meet",
        "│ A <b> & *c*",
        "│ ───────────",
        "│ @Maya Ortega started",
        "│ a meeting.",
        "│ Meeting ID: abcd-efgh",
        "│ Region: Ohio · us002",
        "│ [Join] https://example.com/?a=1&b=2",
        "│ [Share here]",
        "│ Check: /meet-check abcd",
    ]


def test_other_blocks_are_shown_approximately() -> None:
    picture = {"type": "image", "image_url": "https://x", "alt_text": "a cat"}
    menu = {"type": "overflow", "options": [{"text": label("End")}, {"text": label("Mute")}]}
    shown = show(
        message(
            "",
            {"type": "section", "fields": [mrkdwn("a"), label("*b*")], "accessory": menu},
            {"type": "divider"},
            {"type": "context", "elements": [picture]},
            {"type": "call", "call_id": "R1"},
        )
    )

    assert shown.splitlines() == [
        "Meet",
        "│ a",
        "│ *b*",
        "│ [⋯ End | Mute]",
        "│ " + "─" * 20,
        "│ a cat",
        "│ (call)",
    ]


def test_a_call_shows_its_people_or_its_duration() -> None:
    calls = SlackCalls(lambda: 1000.0)
    call = calls.add("r:0", "https://x.y", ANN.id, title="standup", external_display_id="ab-cd")
    card = message("", {"type": "call", "call_id": call.id})

    head = ["Meet", "│ standup · ID ab-cd"]
    join = "│ [Join] https://x.y"
    assert show(card, calls.by_id).splitlines() == [*head, "│ In the call: nobody yet", join]
    calls.enter(call.id, [CallMember("Ann", external_id="1"), CallMember("Bo", slack_id="2")])
    assert show(card, calls.by_id).splitlines() == [*head, "│ In the call: Ann, Bo", join]
    calls.end(call.id, 1085)
    assert show(card, calls.by_id).splitlines() == [*head, "│ Ended after 0:18:05"]
    unnamed = calls.add("r:1", "https://x.y", ANN.id)
    shown = show(message("", {"type": "call", "call_id": unnamed.id}), calls.by_id)
    assert shown.splitlines()[1] == "│ Call"


def test_an_ephemeral_message_says_so() -> None:
    assert show(message("hi", private=True)) == "Meet (only visible to you)\n│ hi"
    error = show(message("/meet failed", kind="error", private=True))
    assert error == "Slackbot (only visible to you)\n│ /meet failed"


def test_a_command_is_shown_as_typed_and_a_message_as_in_slack() -> None:
    command = message("/meet *a* &amp;", kind="command", user=BEN.id)

    assert show(command) == "Jonas Becker\n│ /meet *a* &amp;"
    said = message("*a* &amp; :tada:", kind="user", user=BEN.id)
    assert show(said) == "Jonas Becker\n│ a & 🎉"


def test_a_text_without_blocks_is_mrkdwn_line_by_line() -> None:
    assert show(message("*a*\n\n`b`")) == "Meet\n│ a\n│\n│ b"


def test_control_characters_do_not_reach_the_terminal() -> None:
    assert show(message("a\x1b[31mb\x07\x9bc")) == "Meet\n│ a[31mbc"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*bold*, _italic_ and ~struck~", "bold, italic and struck"),
        ("*`/meet [name]` starts*", "/meet [name] starts"),
        ("`*code* &amp; _code_`", "*code* & _code_"),
        ("2*3*4, a_b_c and a~b~c", "2*3*4, a_b_c and a~b~c"),
        ("&lt;!here&gt; &amp;lt;", "<!here> &lt;"),
        (f"<@{BEN.id}> <@U1|bo> <@U1>", "@Jonas Becker @bo @U1"),
        (f"<#{CHANNELS[0].id}> <#C1|go> <#C1>", "#team-standup #go #C1"),
        ("<!here> <!channel|channel>", "@here @channel"),
        (":tada: :no_such_thing: 10:30:00", "🎉 :no_such_thing: 10:30:00"),
        ("<https://x.y/?a&amp;b> <https://x.y|Join>", "https://x.y/?a&b Join (https://x.y)"),
        (f"<!date^{LONG_AGO}^{{date_short}} at {{time}}|x>", "Apr 15, 2022 at 5:20 AM"),
        (f"<!date^{LONG_AGO}^{{date_short_pretty}}|x>", "Apr 15, 2022"),
        (f"<!date^{LONG_AGO}^{{date_num}}^https://x.y|x>", "2022-04-15"),
        (f"<!date^{LONG_AGO}^{{date_in_runes}}|in April>", "in April"),
        ("<!date^soon^{time}|soon>", "soon"),
        ("<!date^99999999999999^{time}|late>", "late"),
        ("<!date^1|once>", "once"),
    ],
)
def test_mrkdwn_is_converted_to_plain_text(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize(("days", "word"), [(-1, "yesterday"), (0, "today"), (1, "tomorrow")])
def test_yesterday_today_and_tomorrow_are_words(days: int, word: str) -> None:
    moment = int(time.time()) + days * 24 * 3600

    assert plain(f"<!date^{moment}^{{date_short_pretty}}|x>") == word
