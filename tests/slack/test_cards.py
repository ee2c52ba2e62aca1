"""Cards are complete, keep Slack's limits, and show typed text literally."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from bot.meetings import Invitation, OpenRoom, Region
from bot.rooms.runs import Person, Run
from bot.slack.blocks import Message, escape, private
from bot.slack.cards import (
    CLOSE,
    JOIN,
    MENU,
    SHARE,
    End,
    Started,
    checked_card,
    describe_runs,
    ended_message,
    invitation_card,
    read_end,
    read_share,
)
from bot.slack.wording.cards import NO_JOIN
from bot.videosdk import Meeting

ID = "87i6-bvw8-dtn1"
URL = f"https://meet.example.com/{ID}?a=1&b=2"
FRANKFURT = Region("eu001", "Frankfurt, DE")
FREMONT = Region("us001", "Fremont, CA")
TEN = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def at_ten(before: str = "") -> str:
    """Return these words and the time TEN in Slack's date markup."""
    shown, plain = "{date_short_pretty} at {time}", "2026-11-23 10:00 UTC"
    return f"<!date^1795428000^{before}{shown}|{before}{plain}>"


def run(start: datetime, end: datetime | None, people: int) -> Run:
    """Return a run with this number of people in it."""
    inside = (Person(str(number), "Ann", inside=True, call=None) for number in range(people))
    return Run(ID, "a session", start, end, tuple(inside))


# Any name that people, operators or VideoSDK may give.
anything = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
hostile = st.sampled_from(["<!channel>", "<@U1>", "<https://evil.example|Join>", "&lt;", "😀"])
names = anything | st.lists(anything | hostile, min_size=1).map("".join) | hostile.map("9".join)
ids = st.from_regex(r"[A-Za-z0-9_.-]{1,128}", fullmatch=True)
codes = st.from_regex(r"[a-z0-9-]{1,32}", fullmatch=True)
places = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
regions = st.none() | st.builds(Region, codes, places)
urls = st.none() | st.text("az/?&|<>%{}", max_size=20).map(lambda path: f"https://m.ex/{path}")
times = st.datetimes(datetime(1971, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis adds the zone
runs_ = st.none() | st.lists(
    st.builds(run, times, st.none() | times, st.integers(0, 200)), max_size=2
)
invitations = st.builds(Invitation, ids, st.none() | names, regions, regions, urls)

quick = settings(max_examples=40, derandomize=True, deadline=None)


def texts(part: Any, kind: str) -> Iterator[str]:
    """Yield every text object of a kind in blocks, however deep."""
    if isinstance(part, dict):
        if part.get("type") == kind:
            yield part["text"]
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from texts(inner, kind)


def parts(message: Message, kind: str) -> list[dict[str, Any]]:
    return [block for block in message["blocks"] if block["type"] == kind]


def buttons(message: Message) -> dict[str, dict[str, Any]]:
    """Return a message's buttons by their action_id."""
    return {
        one["action_id"]: one for block in parts(message, "actions") for one in block["elements"]
    }


def fields(message: Message) -> list[str]:
    sections = parts(message, "section")
    return [field["text"] for block in sections for field in block.get("fields", [])]


def notes(message: Message) -> list[str]:
    return [note["text"] for block in parts(message, "context") for note in block["elements"]]


def assert_slack_accepts(message: Message) -> None:
    """Check a message against the limits of https://docs.slack.dev/reference/block-kit."""
    json.dumps(message).encode()
    assert message["text"].strip()
    assert len(message["blocks"]) <= 50
    for block in message["blocks"]:
        parsed = Block.parse(block)
        assert parsed is not None
        assert parsed.to_dict() == block
    for block in parts(message, "header"):
        assert 1 <= len(block["text"]["text"].encode("utf-16-le")) / 2 <= 150
    for block in parts(message, "section"):
        assert len(block.get("fields", [])) <= 10
        assert all(1 <= len(field["text"]) <= 2000 for field in block.get("fields", []))
    for button in buttons(message).values():
        assert len(button["text"]["text"]) <= 75
        assert len(button["accessibility_label"].encode("utf-16-le")) / 2 <= 75
        assert len(button.get("value", "")) <= 2000
        assert len(button.get("url", "")) <= 3000


def assert_nothing_is_active(message: Message, *links: str) -> None:
    """Check that only our own date, mention and join link are active in a message."""
    own = "|".join([r"<!date\^-?\d+\^[^<>|]+\|[^<>|]+>", *map(re.escape, links)])
    for text in [message["text"], *texts(message["blocks"], "mrkdwn")]:
        rest = re.sub(own, "", text)
        assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", rest)
    assert message["parse"] == "none"
    assert not message["link_names"]


@quick
@given(invitations, st.none() | st.just("R0ABC123"))
@example(Invitation(ID, "😀" * 80), None)
@example(Invitation(ID, "&" * 2000), None)
def test_any_invitation_keeps_slacks_limits_and_stays_inert(
    invitation: Invitation, call_id: str | None
) -> None:
    card = invitation_card(invitation, Started("U1", call_id, can_end=True))

    assert_slack_accepts(card)
    assert_nothing_is_active(card, "<@U1>", *own_links(invitation.join_url))


@quick
@given(invitations, st.none() | times, runs_)
@example(Invitation(ID, "&" * 2000), None, None)
def test_any_answer_to_a_check_keeps_slacks_limits_and_stays_inert(
    invitation: Invitation, created_at: datetime | None, runs: list[Run] | None
) -> None:
    meeting = Meeting(invitation.meeting_id, created_at=created_at)
    card = checked_card(OpenRoom(meeting, runs=runs), invitation)

    assert_slack_accepts(card)
    assert_nothing_is_active(card, *own_links(invitation.join_url))
    meeting_id, name, region = read_share(buttons(card)[SHARE]["value"])
    assert meeting_id == invitation.meeting_id
    assert (name or "")[:70] == (invitation.name or "")[:70]
    assert region == (invitation.region and invitation.region.code)


def own_links(url: str | None) -> list[str]:
    address = escape(url or "").replace("|", "%7C")
    return [f"<{address}|{label}>" for label in ("join link", "Meeting link")]


def test_a_card_shows_name_id_region_starter_and_how_to_join() -> None:
    invitation = Invitation(ID, "Weekly <sync> & more", FRANKFURT, join_url=URL)

    card = invitation_card(invitation, Started("U061F7AUR"))

    link = f"<https://meet.example.com/{ID}?a=1&amp;b=2|join link>"
    assert card["response_type"] == "in_channel"
    assert card["text"] == (
        "Weekly &lt;sync&gt; &amp; more: <@U061F7AUR> started a meeting. "
        f"Meeting ID {ID}, region Frankfurt, DE. Join: {link}"
    )
    [header] = parts(card, "header")
    assert header["text"] == {"type": "plain_text", "text": "Weekly <sync> & more", "emoji": True}
    assert list(texts(card["blocks"], "mrkdwn")) == [
        "<@U061F7AUR> started a meeting.",
        f"*Meeting ID*\n`{ID}`",
        "*Region*\nFrankfurt, DE · `eu001`",
    ]
    assert buttons(card)[JOIN]["url"] == URL
    assert buttons(card)[JOIN]["style"] == "primary"


def test_a_card_with_nothing_but_an_id_shows_only_that() -> None:
    started = Started("U1", did="{} shared a meeting.")
    card = invitation_card(Invitation(ID), started)

    assert card["text"] == f"<@U1> shared a meeting. Meeting ID {ID}."
    assert buttons(card) == {}
    assert fields(card) == [f"*Meeting ID*\n`{ID}`"]
    assert notes(card) == [NO_JOIN]


def test_a_live_cards_text_stays_true_after_the_end() -> None:
    started = Started("U1", "R0ABC123", did="Started again by its join link.")

    card = invitation_card(Invitation(ID, "standup", FRANKFURT, join_url=URL), started)

    assert card["blocks"][0] == {"type": "call", "call_id": "R0ABC123"}
    assert parts(card, "header") == parts(card, "actions") == []
    assert notes(card) == [f"<{escape(URL)}|Meeting link>: share it, or use it to start again"]
    assert card["text"].startswith("standup: Started again by its join link. Meeting ID ")


def test_plain_and_live_cards_have_the_same_parts_in_the_same_order() -> None:
    invitation = Invitation(ID, "standup", FRANKFURT, join_url=URL)

    live = invitation_card(invitation, Started("U1", "R0ABC123", can_end=True))
    plain = invitation_card(invitation, Started("U1", can_end=True))

    assert [block["type"] for block in live["blocks"]] == ["call", "section", "context"]
    assert [block["type"] for block in plain["blocks"]] == ["header", "actions", "section"]
    assert live["text"] == plain["text"]
    assert fields(live) == fields(plain)


LINK = "https://meet.example.com/join/a-signed-token"
FACTS = {
    "name": "Weekly sync",
    "ID": ID,
    "region": "Frankfurt, DE",
    "code": "eu001",
    "who started it": "<@U1>",
    "when it started": "<!date^1795428000^started",
    "how many are in": "3 people",
    "way to join": LINK,
}
SHOWN_BY_SLACK = {"name", "when it started", "how many are in"}  # in a live card's call
NOT_ON_THE_FIRST_CARD = {"when it started", "how many are in"}


@pytest.mark.parametrize(
    ("card", "absent"),
    [
        pytest.param(
            invitation_card(
                Invitation(ID, "Weekly sync", FRANKFURT, asked, join_url=LINK),
                Started("U1", call_id, can_end=True),
            ),
            SHOWN_BY_SLACK if call_id else NOT_ON_THE_FIRST_CARD,
            id=f"{'live' if call_id else 'plain'}{', elsewhere' if asked else ''}",
        )
        for call_id in (None, "R0ABC123")
        for asked in (None, FREMONT)
    ]
    + [
        pytest.param(
            checked_card(
                OpenRoom(Meeting(ID, created_at=TEN), "Weekly sync", [run(TEN, None, 3)]),
                Invitation(ID, "Weekly sync", FRANKFURT, join_url=LINK),
            ),
            {"who started it"},
            id="checked",
        )
    ],
)
def test_a_card_says_each_fact_once(card: Message, absent: set[str]) -> None:
    shown = "\n".join([*texts(card["blocks"], "plain_text"), *texts(card["blocks"], "mrkdwn")])
    shown += "".join(one.get("url", "") for one in buttons(card).values())

    counted = {fact: shown.count(words) for fact, words in FACTS.items()}

    assert counted == {fact: int(fact not in absent) for fact in FACTS}


NOT_GRANTED = "Requested region: Fremont, CA · `us001`."


@pytest.mark.parametrize(
    ("invitation", "told"),
    [
        (
            Invitation(ID, "standup", FRANKFURT, FREMONT),
            "A named meeting always uses the same room. For another region, pick a new name.",
        ),
        (
            Invitation(ID, None, Region("jp001"), FREMONT),
            "VideoSDK chose a different region.",
        ),
        (
            Invitation(ID, "standup", None, FREMONT),
            "VideoSDK didn't say which region it chose.",
        ),
        (
            Invitation(ID, "standup", FRANKFURT, FREMONT, has_geo_fencing=False),
            "My VideoSDK plan has no geo-fencing, so VideoSDK chose the region.",
        ),
    ],
)
def test_a_region_that_was_not_granted_is_mentioned(invitation: Invitation, told: str) -> None:
    assert notes(invitation_card(invitation, Started("U1"))) == [f"{NOT_GRANTED} {told}", NO_JOIN]


def test_a_check_shows_whoever_asked_everything_that_is_known() -> None:
    invitation = Invitation(ID, "standup", FRANKFURT, join_url=URL)
    room = OpenRoom(Meeting(ID, created_at=TEN), "standup", [run(TEN, None, 3)])

    card = checked_card(room, invitation)

    assert card["response_type"] == "ephemeral"
    assert card["text"].startswith(
        f"This meeting ID is valid. Live now · 3 people · {at_ten('started ')}. Meeting ID {ID}, "
    )
    assert fields(card) == [
        "*Name*\nstandup",
        f"*Meeting ID*\n`{ID}`",
        "*Region*\nFrankfurt, DE · `eu001`",
        f"*Created*\n{at_ten()}",
    ]
    assert (
        parts(card, "section")[0]["text"]["text"]
        == f"*This meeting ID is valid.*\nLive now · 3 people · {at_ten('started ')}"
    )
    assert list(buttons(card)) == [JOIN, SHARE]
    assert buttons(card)[JOIN]["accessibility_label"] == "Join standup in your browser"


def test_without_a_join_button_the_small_print_says_who_can_turn_it_on() -> None:
    room = OpenRoom(Meeting(ID), runs=[])

    for can_join in (True, False):
        invitation = Invitation(ID, join_url=URL if can_join else None)
        cards = [invitation_card(invitation, Started("U1")), checked_card(room, invitation)]
        assert [NO_JOIN in notes(card) for card in cards] == [not can_join] * 2
        assert [JOIN in buttons(card) for card in cards] == [can_join] * 2
        assert ["join" in card["text"].lower() for card in cards] == [can_join] * 2


def test_a_check_of_a_bare_meeting_offers_to_share_it() -> None:
    card = checked_card(OpenRoom(Meeting(ID), runs=[]), Invitation(ID, join_url=URL))

    assert fields(card) == [f"*Meeting ID*\n`{ID}`"]
    assert buttons(card)[JOIN]["accessibility_label"] == "Join the meeting in your browser"
    assert read_share(buttons(card)[SHARE]["value"]) == (ID, None, None)


def after(**time: float) -> datetime:
    return TEN + timedelta(**time)


@pytest.mark.parametrize(
    ("runs", "told"),
    [
        (None, "I couldn't find out whether anyone's in it right now"),
        ([], "Not held yet"),
        ([run(TEN, None, 1)], f"Live now · 1 person · {at_ten('started ')}"),
        ([run(TEN, None, 0)], f"Open · nobody in it right now · {at_ten('started ')}"),
        (
            [run(TEN, None, 2), run(after(days=-1), after(days=-1, minutes=5), 0)],
            f"Live now · 2 people · {at_ten('started ')}",
        ),
        ([run(TEN, after(minutes=25), 0)], f"{at_ten('Last held ')} · lasted 25 minutes"),
        ([run(TEN, after(seconds=61), 0)], f"{at_ten('Last held ')} · lasted 1 minute"),
        (
            [run(TEN, after(minutes=150), 0)],
            f"{at_ten('Last held ')} · lasted 2 hours 30 minutes",
        ),
        ([run(TEN, TEN, 0)], f"{at_ten('Last held ')} · lasted less than a minute"),
        (
            [run(TEN, after(hours=-1), 0)],
            f"{at_ten('Last held ')} · lasted less than a minute",
        ),
    ],
)
def test_runs_are_described_in_a_few_words(runs: list[Run] | None, told: str) -> None:
    assert describe_runs(runs) == told


def test_times_are_in_utc_where_slack_cannot_format_them() -> None:
    in_delhi = TEN.astimezone(timezone(timedelta(hours=5, minutes=30)))

    assert at_ten("started ") in describe_runs([run(in_delhi, None, 1)])


@pytest.mark.parametrize("value", ["", "{", "5", '"abc"', "[]", '["a", "b"]', "[1, 2, 3]", "{}"])
def test_a_share_button_of_another_version_is_rejected(value: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_share(value)
    with pytest.raises(ValueError, match=r"."):
        read_end(value)


@pytest.mark.parametrize("call_id", [None, "R0ABC123"])
def test_whoever_may_end_a_meeting_has_a_menu_that_names_it(call_id: str | None) -> None:
    card = invitation_card(Invitation(ID), Started("U1", call_id, can_end=True))

    [menu] = [one["accessory"] for one in parts(card, "section")]
    [option] = menu["options"]
    assert (menu["action_id"], option["text"]["text"]) == (MENU, "End for everyone")
    assert read_end(option["value"]) == End(ID, "U1", call_id)
    assert menu["confirm"]["text"]["text"] == "Everyone in the call will be disconnected."


def test_buttons_and_menus_of_version_1_0_0_are_read() -> None:
    assert read_end(f'["{ID}", "U1", "R0ABC123"]') == End(ID, "U1", "R0ABC123")
    assert read_end(f'["{ID}", "U1", null]') == End(ID, "U1")
    assert read_share(f'["{ID}", "standup", "eu001"]') == (ID, "standup", "eu001")


@pytest.mark.parametrize(("is_public", "kind"), [(True, "in_channel"), (False, "ephemeral")])
def test_after_the_end_the_rooms_links_can_be_closed(
    is_public: bool,  # noqa: FBT001 - a parameter of the table
    kind: str,
) -> None:
    chosen = End(ID, "U1", "R0ABC123")
    message = ended_message(chosen, "It is over.", is_public=is_public, can_close=True)

    assert_slack_accepts(message)
    assert (message["response_type"], message["text"]) == (kind, "It is over.")
    button = buttons(message)[CLOSE]
    assert (button["text"]["text"], read_end(button["value"])) == ("Close join links", chosen)
    assert "gets a new room" in button["confirm"]["text"]["text"]


def test_if_links_cannot_be_closed_there_is_no_button_for_it() -> None:
    message = ended_message(End(ID, "U1"), "It is over.", is_public=True, can_close=False)

    assert_slack_accepts(message)
    assert buttons(message) == {}


def test_a_private_message_is_shown_unchanged() -> None:
    message = private("The meeting `x` has been closed.")

    assert_slack_accepts(message)
    assert message["response_type"] == "ephemeral"
    assert list(texts(message["blocks"], "mrkdwn")) == [message["text"]]
