"""Pages that a join link shows instead of a meeting."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from aiohttp import web

from bot.durations import ago, counted
from bot.grammar.commands import quoted
from bot.links import JoinLink
from bot.slack.joining import MeetingStatus, Over
from bot.web.pages import Badge, Choice, Link, notice_page

QUIETLY = "quietly"
UNSEEN = "This is an old link, so the card in Slack doesn't show that you're here."

_ENDED = "This meeting has ended."
AS_IN_SLACK = "Join as you are in Slack"

_AGAIN = Choice("Start again", "again")
_START = Choice("Start the meeting", "again")


def too_old() -> web.Response:
    """Return the page for a link that has expired."""
    return notice_page(
        410,
        "This join link is too old",
        "Join links work for 30 days. Start the meeting again in Slack: if it has a name, the new "
        "card opens the same room.",
    )


def not_a_link() -> web.Response:
    """Return the page for a link that this bot didn't make."""
    return notice_page(
        404,
        "This isn't a join link",
        "It was cut short or changed on the way, or it belongs to another bot. Press Join on the "
        "meeting's card in Slack, or copy the whole link again.",
    )


def unreachable() -> web.Response:
    """Return the page for when VideoSDK is down."""
    return notice_page(
        503,
        "VideoSDK isn't answering",
        "The meeting is probably fine, but it can't be opened right now. Please reload this page "
        "in a minute.",
    )


def busy() -> web.Response:
    """Return the page for when more people join than the bot can serve at once."""
    return notice_page(
        503,
        "Many people are joining right now",
        "The meeting is fine. Please reload this page in a few seconds.",
    )


def too_many() -> web.Response:
    """Return the page for a link that was opened too often within a minute."""
    page = notice_page(
        429,
        "Too many people at once",
        "This link was opened hundreds of times in the last minute. The meeting is fine. Please "
        "reload this page in a minute.",
    )
    page.headers["Retry-After"] = "60"  # seconds
    return page


def closed() -> web.Response:
    """Return the page for a room that was closed or deleted."""
    return notice_page(
        410,
        "This meeting no longer exists",
        "It was closed or deleted. Start a new one in Slack.",
    )


def preview(link: JoinLink, status: MeetingStatus | None) -> web.Response:
    """Return the page that link previews read; it opens no meeting."""
    if status and status.has_ended:
        return notice_page(200, _name(link), f"{_ENDED} Open this link to start it again.")
    summary = state(status.inside if status else None)
    return notice_page(200, _name(link), f"{summary} Open this link in a browser to join.")


def state(inside: int | None) -> str:
    """Return a sentence on the status of a meeting that hasn't ended.

    Args:
        inside: how many people are in it; None if unknown.
    """
    if inside is None:
        return "A video meeting."
    people = counted(inside, "person", "people")
    return f"Live now · {people}." if inside else "Nobody's in it right now."


def sign_in(link: JoinLink, url: str) -> web.Response:
    """Return the page that asks people to sign in, where only members may join.

    Args:
        link: the join link's content.
        url: where they sign in.
    """
    return notice_page(
        200,
        f"Sign in to join {link.name or 'this meeting'}",
        "It's for members of the Slack workspace where it was started. Slack tells me your name "
        "and picture, and you're in. Not a member? Ask whoever sent you the link to invite you to "
        "the workspace.",
        link=Link(AS_IN_SLACK, url),
    )


def other_workspace(name: str, url: str) -> web.Response:
    """Return the page for a member of another workspace, where only members may join.

    Args:
        name: their name there.
        url: where they sign in to the right workspace.
    """
    return notice_page(
        403,
        "This meeting is for another workspace",
        f"You're signed in as {name}, but not in the Slack workspace where this meeting was "
        "started. Sign in there. Not a member? Ask whoever sent you the link to invite you to "
        "that workspace.",
        link=Link("Sign in to the other workspace", url),
    )


def unknown_workspace() -> web.Response:
    """Return the page for a link that names no workspace, where only members may join."""
    return notice_page(
        403,
        "This link was made before sign-in was turned on",
        "I can't tell whose meeting it opens. Start the meeting again in Slack: if it has a name, "
        "the new card opens the same room.",
    )


def signed_in(name: str, picture: str, sign_out_url: str) -> Badge:
    """Return the badge of a person who joins as they are in Slack."""
    return Badge(Link("Not you?", sign_out_url), f"You're {name}.", picture)


def not_signed_in(url: str, *, is_elsewhere: bool) -> Badge:
    """Return the badge of a guest, with a link to sign in.

    Args:
        url: where they sign in.
        is_elsewhere: whether they are signed in to another workspace.
    """
    other = "You're signed in to another workspace, so you'll join as a guest."
    return Badge(Link(AS_IN_SLACK, url), other if is_elsewhere else "")


def over(link: JoinLink, over: Over, now: Callable[[], float] = time.time) -> web.Response:
    """Return the page for a meeting that has ended, with a button that starts it again.

    Args:
        link: the join link's content.
        over: when the meeting ended, and who is in the room.
        now: returns seconds since 1970.
    """
    if over.inside:
        people = "1 person is" if over.inside == 1 else f"{over.inside} people are"
        return _startable(
            f"{people} in this meeting, but no card shows them", "Its card says it's over."
        )
    title = f"{_name(link)} has ended"
    if over.ended_at:
        return _startable(title, f"It ended {_when(over.ended_at, now())}.")
    if link.call:
        return _startable(title, "Nobody's in it now.")
    text = "Start it, and I'll post a card in Slack so others can join."
    return notice_page(200, "Nobody's in this meeting yet", text, choice=_START)


def not_posted(link: JoinLink, command: str) -> web.Response:
    """Return the page for a channel that the bot can't post to.

    Args:
        link: the join link's content.
        command: the command that starts a meeting.
    """
    return notice_page(
        200,
        "I can't post in that channel",
        "Slack won't let me. To start the meeting with a card, type this in the channel:",
        code=f"{command} {quoted(link.name)}" if link.name else command,
        choice=Choice("Join without a card", QUIETLY),
    )


def _startable(title: str, text: str) -> web.Response:
    again = f"{text} Start it again, and I'll post a new card in Slack so others can join."
    return notice_page(200, title, again, choice=_AGAIN)


def _name(link: JoinLink) -> str:
    return link.name or "This meeting"


def _when(moment: datetime, now: float) -> str:
    """Return a past moment in words and in UTC, because the reader's time zone isn't known."""
    return f"{ago(now - moment.timestamp())}, at {moment.astimezone(UTC):%H:%M} UTC"
