"""Build what Slack shows: cards, answers and private sentences, as pure functions.

Limits, formatting and escaping: https://docs.slack.dev/reference/block-kit and
https://docs.slack.dev/messaging/formatting-message-text. A name that a user typed stands in
`plain_text` objects, where Slack reads no mention or link into it; in the top-level `text`, which
screen readers and notifications use, it is escaped, and `parse: none` keeps links out.
"""

import json
from datetime import UTC, datetime
from typing import Any, TypedDict

from bot.meetings import CheckedMeeting, Invitation, Region
from bot.videosdk import Session

JOIN = "join_meeting"
SHARE = "share_meeting"

# What Slack allows, counted in UTF-16 units to be on the safe side.
_SECTION = 3000
_HEADER = 150
_BUTTON = 75

Block = dict[str, Any]


class Message(TypedDict):
    """A message in the form that an acknowledgement and a response_url take."""

    response_type: str
    text: str
    blocks: list[Block]
    parse: str
    link_names: bool
    unfurl_links: bool
    unfurl_media: bool
    replace_original: bool


def escape(text: str) -> str:
    """Escape the three characters that Slack gives a meaning, and no others."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def public(text: str, blocks: list[Block]) -> Message:
    """Return a message that everybody in the channel sees."""
    return _message("in_channel", text, blocks)


def private(text: str, blocks: list[Block] | None = None) -> Message:
    """Return a message that only the person who acted sees."""
    return _message("ephemeral", text, blocks or [_section(text)])


def _message(response_type: str, text: str, blocks: list[Block]) -> Message:
    return Message(
        response_type=response_type,
        text=text,
        blocks=blocks,
        parse="none",
        link_names=False,
        unfurl_links=False,
        unfurl_media=False,
        replace_original=False,
    )


def invitation_card(
    invitation: Invitation, user_id: str, check_command: str, *, verb: str = "started"
) -> Message:
    """Return the card that invites a channel to a meeting.

    Args:
        invitation: the meeting.
        user_id: who started or shared it.
        check_command: the command that checks an ID, as this deployment calls it.
        verb: what that person did.
    """
    title = invitation.name or "Meeting"
    did = f"<@{escape(user_id)}> {verb} a meeting."
    blocks = [_header(title), _section(did, _facts(invitation))]
    notes = [f"Check the ID any time: `{check_command} {invitation.meeting_id}`"]
    if invitation.join_url:
        blocks.append(_actions(_join_button(invitation.join_url, title)))
        notes.insert(0, f"Or open {_link(invitation.join_url)}")
    if invitation.asked_region:
        notes.insert(0, _other_region(invitation))
    blocks.append(_context(*notes))
    return public(f"{escape(title)}: {did} {_spoken(invitation)}", blocks)


def checked_card(checked: CheckedMeeting) -> Message:
    """Return the private answer to a check that found the meeting."""
    invitation, meeting = checked.invitation, checked.meeting
    fields = _facts(invitation)
    if invitation.name:
        fields.insert(0, f"*Name*\n{escape(_cut(invitation.name, _HEADER))}")
    if meeting.created_at:
        fields.append(f"*Created*\n{_date(meeting.created_at)}")
    sessions = describe_sessions(checked.sessions)
    buttons = [_share_button(invitation)]
    if invitation.join_url:
        buttons.insert(0, _join_button(invitation.join_url, invitation.name or "the meeting"))
    valid = "This meeting ID is valid."
    blocks = [_section(f"*{valid}*\n{sessions}.", fields), _actions(*buttons)]
    return private(f"{valid} {sessions}. {_spoken(invitation)}", blocks)


def describe_sessions(sessions: list[Session] | None) -> str:
    """Return in a few words whether people are in a meeting, or when they last were.

    Args:
        sessions: newest first, or None if they could not be looked up.
    """
    if sessions is None:
        return "Its sessions could not be looked up just now"
    live = next((s for s in sessions if s.end is None), None)
    if live:
        return _now(live)
    if not sessions:
        return "It has not been held yet"
    last = sessions[0]
    return f"{_date(last.start, 'It was last held ')}, for {_duration(last)}"


def read_share(value: str) -> tuple[str, str | None, str | None]:
    """Return the meeting ID, name and region that a Share button carries.

    Raises:
        ValueError: it is not what this version of the bot puts there.
    """
    match json.loads(value):
        case [str(meeting_id), None | str() as name, None | str() as region]:
            return meeting_id, name, region
    raise ValueError("a Share button of another version")


def _share_button(invitation: Invitation) -> Block:
    name = invitation.name and _cut(invitation.name, _HEADER)
    region = invitation.region and invitation.region.code
    return {
        "type": "button",
        "action_id": SHARE,
        "text": _plain("Share here"),
        "value": json.dumps([invitation.meeting_id, name, region]),
        "accessibility_label": "Post the meeting's card to this conversation",
    }


def _join_button(url: str, title: str) -> Block:
    return {
        "type": "button",
        "action_id": JOIN,
        "style": "primary",
        "text": _plain("Join"),
        "url": url,
        "accessibility_label": _cut(f"Join {title} in your browser", _BUTTON),
    }


def _facts(invitation: Invitation) -> list[str]:
    facts = [f"*Meeting ID*\n`{invitation.meeting_id}`"]
    if invitation.region:
        facts.append(f"*Region*\n{_place(invitation.region)}")
    return facts


def _spoken(invitation: Invitation) -> str:
    """Return the facts in one line, for the ear."""
    parts = [f"Meeting ID {invitation.meeting_id}"]
    if invitation.region:
        parts.append(f"region {escape(invitation.region.place or invitation.region.code)}")
    return ", ".join(parts) + (
        f". Join: {_link(invitation.join_url)}" if invitation.join_url else "."
    )


def _other_region(invitation: Invitation) -> str:
    asked = invitation.asked_region and _place(invitation.asked_region)
    if invitation.region is None:
        return f"You asked for {asked}. VideoSDK does not say which region it took."
    told = f"You asked for {asked}, but this meeting is in {_place(invitation.region)}."
    if invitation.name is None:
        return told
    return f"{told} A name keeps its room: for another region, use another name."


def _place(region: Region) -> str:
    code = f"`{region.code}`"
    return f"{escape(region.place)} · {code}" if region.place else code


def _now(session: Session) -> str:
    if not session.people:
        return f"{_date(session.start, 'Open since ')}, with nobody in it right now"
    people = "1 person" if session.people == 1 else f"{session.people} people"
    return f"Live now: {people} {_date(session.start, 'since ')}"


def _duration(session: Session) -> str:
    seconds = ((session.end or session.start) - session.start).total_seconds()
    minutes = max(0, round(seconds / 60))
    return {0: "less than a minute", 1: "1 minute"}.get(minutes, f"{minutes} minutes")


def _date(moment: datetime, before: str = "") -> str:
    """Return a time that Slack shows in each reader's own time zone, and words in front of it.

    Slack writes "today" with a capital letter where nothing stands before it in the same token.
    """
    plain = f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    shown = f"{before}{{date_short_pretty}} at {{time}}"
    return f"<!date^{int(moment.timestamp())}^{shown}|{before}{plain}>"


def _link(url: str) -> str:
    return f"<{escape(url).replace('|', '%7C')}>"


def _header(text: str) -> Block:
    return {"type": "header", "text": _plain(_cut(text, _HEADER))}


def _section(text: str, fields: list[str] | None = None) -> Block:
    block: Block = {"type": "section", "text": _mrkdwn(_cut(text, _SECTION))}
    return block | {"fields": [_mrkdwn(field) for field in fields]} if fields else block


def _actions(*buttons: Block) -> Block:
    return {"type": "actions", "elements": list(buttons)}


def _context(*notes: str) -> Block:
    return {"type": "context", "elements": [_mrkdwn(note) for note in notes]}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _cut(text: str, units: int) -> str:
    encoded = text.encode("utf-16-le")
    if len(encoded) <= 2 * units:
        return text
    return encoded[: 2 * (units - 1)].decode("utf-16-le", "ignore") + "…"
