"""The page of a meeting that has ended says so, and when it ended."""

from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from bot.links import JoinLink
from bot.participant_ids import CallRef
from bot.slack.joining import Over
from bot.web.join import notices
from tests.web.joining import Page

ENDED = datetime(2026, 11, 23, 10, 32, tzinfo=UTC)
CARD = JoinLink("87i6-bvw8-dtn1", "standup", CallRef("R1"))
AGAIN = "Start it again, and I'll post a new card in Slack so others can join."


def shown(answer: web.Response) -> Page:
    assert answer.status == 200
    return Page(answer.status, answer.headers, answer.text or "")


@pytest.mark.parametrize(
    ("seconds", "when"),
    [
        (-5, "just now"),
        (29, "just now"),
        (31, "1 minute ago"),
        (120, "2 minutes ago"),
        (119 * 60, "119 minutes ago"),
        (120 * 60, "2 hours ago"),
        (47 * 3600, "47 hours ago"),
        (48 * 3600, "2 days ago"),
        (29 * 86400, "29 days ago"),
    ],
)
def test_it_says_how_long_ago_the_end_was_and_at_which_time(seconds: float, when: str) -> None:
    page = shown(notices.over(CARD, Over(ENDED), lambda: ENDED.timestamp() + seconds))

    assert page.title == "standup has ended"
    assert page.paragraph == f"It ended {when}, at 10:32 UTC. {AGAIN}"
    assert page.choices == {"Start again": "again"}


def test_a_time_of_another_zone_is_told_in_utc() -> None:
    in_delhi = ENDED + timedelta(hours=1)

    page = shown(notices.over(CARD, Over(in_delhi), in_delhi.timestamp))

    assert "just now, at 11:32 UTC" in page.paragraph


@pytest.mark.parametrize(
    ("link", "over", "title", "paragraph", "button"),
    [
        (CARD, Over(), "standup has ended", f"Nobody's in it now. {AGAIN}", "Start again"),
        (
            CARD,
            Over(inside=1),
            "1 person is in this meeting, but no card shows them",
            f"Its card says it's over. {AGAIN}",
            "Start again",
        ),
        (
            JoinLink("87i6-bvw8-dtn1"),
            Over(inside=2),
            "2 people are in this meeting, but no card shows them",
            f"Its card says it's over. {AGAIN}",
            "Start again",
        ),
        (
            JoinLink("87i6-bvw8-dtn1"),
            Over(),
            "Nobody's in this meeting yet",
            "Start it, and I'll post a card in Slack so others can join.",
            "Start the meeting",
        ),
    ],
)
def test_it_says_who_is_in_if_the_end_is_not_known(
    link: JoinLink, over: Over, title: str, paragraph: str, button: str
) -> None:
    page = shown(notices.over(link, over))

    assert (page.title, page.paragraph, list(page.choices)) == (title, paragraph, [button])
