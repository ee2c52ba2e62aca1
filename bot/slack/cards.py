"""Build the cards: an invitation for a channel, and the answer to a check."""

import json
from dataclasses import dataclass

from bot.meetings import CheckedMeeting, Invitation, Region
from bot.slack.blocks import (
    BUTTON,
    HEADER,
    Block,
    Message,
    actions,
    context,
    cut,
    date,
    escape,
    header,
    link,
    plain,
    private,
    public,
    section,
)
from bot.videosdk import Session

JOIN = "join_meeting"
SHARE = "share_meeting"
MENU = "meeting_menu"


@dataclass(frozen=True)
class Started:
    """What a card says beside the invitation itself.

    Attributes:
        user_id: who started the meeting, or shared it.
        check_command: the command that checks an ID, as this deployment calls it.
        call_id: Slack's call, where the card is a live one.
        can_end: whether the one who started it can end it for everyone.
        verb: what that person did.
    """

    user_id: str
    check_command: str
    call_id: str | None = None
    can_end: bool = False
    verb: str = "started"


def invitation_card(invitation: Invitation, started: Started) -> Message:
    """Return the card that invites a channel to a meeting.

    On a live card, Slack itself draws the name, the Join button and who is in.
    """
    title = invitation.name or "Meeting"
    did = f"<@{escape(started.user_id)}> {started.verb} a meeting."
    facts = section(did, _facts(invitation))
    if started.can_end:
        facts["accessory"] = _menu(invitation, started)
    notes = [f"Check the ID any time: `{started.check_command} {invitation.meeting_id}`"]
    if invitation.join_url:
        notes.insert(0, f"Or {link(invitation.join_url, 'open it in your browser')}")
    if invitation.asked_region:
        notes.insert(0, _other_region(invitation))
    if started.call_id:
        blocks = [{"type": "call", "call_id": started.call_id}, facts]
    else:
        blocks = [header(title), facts, *_join_actions(invitation.join_url, title)]
    blocks.append(context(*notes))
    return public(f"{escape(title)}: {did} {_spoken(invitation)}", blocks)


def checked_card(checked: CheckedMeeting) -> Message:
    """Return the private answer to a check that found the meeting."""
    invitation, meeting = checked.invitation, checked.meeting
    fields = _facts(invitation)
    if invitation.name:
        fields.insert(0, f"*Name*\n{escape(cut(invitation.name, HEADER))}")
    if meeting.created_at:
        fields.append(f"*Created*\n{date(meeting.created_at)}")
    sessions = describe_sessions(checked.sessions)
    buttons = [_share_button(invitation)]
    if invitation.join_url:
        buttons.insert(0, _join_button(invitation.join_url, invitation.name or "the meeting"))
    valid = "This meeting ID is valid."
    blocks = [section(f"*{valid}*\n{sessions}.", fields), actions(*buttons)]
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
    return f"{date(last.start, 'It was last held ')}, for {_duration(last)}"


def read_share(value: str) -> tuple[str, str | None, str | None]:
    """Return the meeting ID, name and region that a Share button carries.

    Raises:
        ValueError: it is not what this version of the bot puts there.
    """
    match json.loads(value):
        case [str(meeting_id), None | str() as name, None | str() as region]:
            return meeting_id, name, region
    raise ValueError("a Share button of another version")


def read_end(value: str) -> tuple[str, str, str | None]:
    """Return the meeting ID, who started it, and the call, that "End for everyone" carries.

    Raises:
        ValueError: it is not what this version of the bot puts there.
    """
    match json.loads(value):
        case [str(meeting_id), str(user_id), None | str() as call_id]:
            return meeting_id, user_id, call_id
    raise ValueError("a menu of another version")


def _menu(invitation: Invitation, started: Started) -> Block:
    carried = json.dumps([invitation.meeting_id, started.user_id, started.call_id])
    return {
        "type": "overflow",
        "action_id": MENU,
        "options": [{"text": plain("End for everyone"), "value": carried}],
        "confirm": {
            "title": plain("End the meeting?"),
            "text": plain("Everybody who is in it will be sent out."),
            "confirm": plain("End it"),
            "deny": plain("Go on"),
            "style": "danger",
        },
    }


def _join_actions(url: str | None, title: str) -> list[Block]:
    return [actions(_join_button(url, title))] if url else []


def _share_button(invitation: Invitation) -> Block:
    name = invitation.name and cut(invitation.name, HEADER)
    region = invitation.region and invitation.region.code
    return {
        "type": "button",
        "action_id": SHARE,
        "text": plain("Share here"),
        "value": json.dumps([invitation.meeting_id, name, region]),
        "accessibility_label": "Post the meeting's card to this conversation",
    }


def _join_button(url: str, title: str) -> Block:
    return {
        "type": "button",
        "action_id": JOIN,
        "style": "primary",
        "text": plain("Join"),
        "url": url,
        "accessibility_label": cut(f"Join {title} in your browser", BUTTON),
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
    join = f" Join: {link(invitation.join_url, 'join link')}" if invitation.join_url else ""
    return f"{', '.join(parts)}.{join}"


def _other_region(invitation: Invitation) -> str:
    asked = invitation.asked_region and _place(invitation.asked_region)
    if not invitation.has_geo_fencing:
        return f"You asked for {asked}. VideoSDK's plan has no geo-fencing, so it chose the region."
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
        return f"{date(session.start, 'Open since ')}, with nobody in it right now"
    people = "1 person" if session.people == 1 else f"{session.people} people"
    return f"Live now: {people} {date(session.start, 'since ')}"


def _duration(session: Session) -> str:
    seconds = ((session.end or session.start) - session.start).total_seconds()
    minutes = max(0, round(seconds / 60))
    return {0: "less than a minute", 1: "1 minute"}.get(minutes, f"{minutes} minutes")
