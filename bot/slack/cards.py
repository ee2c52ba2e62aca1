"""Build the cards: an invitation for a channel, and the answer to a check."""

import json
from dataclasses import dataclass

from bot.meetings import Invitation, OpenRoom, Region
from bot.runs import Run, current
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

JOIN = "join_meeting"
SHARE = "share_meeting"
MENU = "meeting_menu"
CLOSE = "close_meeting"

_NO_JOIN = "No Join button? Whoever runs this bot can turn it on."


@dataclass(frozen=True)
class Started:
    """What a card says beside the invitation itself.

    Attributes:
        user_id: who started the meeting, or shared it.
        check_command: the command that checks an ID, as this deployment calls it.
        call_id: Slack's call, where the card is a live one.
        can_end: whether the one who started it can end it for everyone.
        did: what happened; `{}` stands for the user.
    """

    user_id: str
    check_command: str
    call_id: str | None = None
    can_end: bool = False
    did: str = "{} started a meeting."


@dataclass(frozen=True)
class End:
    """What somebody chose in a card's menu.

    Attributes:
        meeting_id: VideoSDK's id.
        starter: who started the meeting, and may end it.
        call_id: Slack's call, where the card is a live one.
    """

    meeting_id: str
    starter: str
    call_id: str | None = None


def invitation_card(invitation: Invitation, started: Started) -> Message:
    """Return the card that invites a channel to a meeting.

    On a live card, Slack itself draws the name, the Join button and who is in. Nobody can edit the
    rest when the meeting ends, so it says nothing that is not true afterwards.
    """
    title = invitation.name or "Meeting"
    did = started.did.format(f"<@{escape(started.user_id)}>")
    facts = section(did, _facts(invitation))
    if started.can_end:
        facts["accessory"] = _menu(invitation, started)
    notes = [_other_region(invitation)] if invitation.asked_region else []
    if started.call_id:
        blocks = [{"type": "call", "call_id": started.call_id}, facts]
        notes += [link(invitation.join_url, "Join link")] if invitation.join_url else []
    else:
        if invitation.join_url:
            notes.append(f"Or {link(invitation.join_url, 'open it in your browser')}")
        notes.append(f"Check the ID any time: `{started.check_command} {invitation.meeting_id}`")
        if not invitation.join_url:
            notes.append(_NO_JOIN)
        blocks = [header(title), facts, *_join_actions(invitation.join_url, title)]
    if notes:
        blocks.append(context(*notes))
    return public(f"{escape(title)}: {did} {_spoken(invitation)}", blocks)


def checked_card(room: OpenRoom, invitation: Invitation) -> Message:
    """Return the private answer to a check that found the meeting."""
    fields = _facts(invitation)
    if invitation.name:
        fields.insert(0, f"*Name*\n{escape(cut(invitation.name, HEADER))}")
    if room.meeting.created_at:
        fields.append(f"*Created*\n{date(room.meeting.created_at)}")
    runs = describe_runs(room.runs)
    buttons = [_share_button(invitation)]
    if invitation.join_url:
        buttons.insert(0, _join_button(invitation.join_url, invitation.name or "the meeting"))
    valid = "This meeting ID is valid."
    blocks = [section(f"*{valid}*\n{runs}.", fields), actions(*buttons)]
    if not invitation.join_url:
        blocks.append(context(_NO_JOIN))
    return private(f"{valid} {runs}. {_spoken(invitation)}", blocks)


def describe_runs(runs: list[Run] | None) -> str:
    """Return in a few words whether people are in a meeting, or when they last were.

    Args:
        runs: newest first, or None if they could not be read.
    """
    if runs is None:
        return "Its sessions could not be looked up just now"
    if not runs:
        return "It has not been held yet"
    run = current(runs)
    if run:
        return _now(run)
    return f"{date(runs[0].start, 'It was last held ')}, for {_duration(runs[0])}"


def read_share(value: str) -> tuple[str, str | None, str | None]:
    """Return the meeting ID, name and region that a Share button carries.

    Raises:
        ValueError: it is not what this version of the bot puts there.
    """
    match json.loads(value):
        case [str(meeting_id), None | str() as name, None | str() as region]:
            return meeting_id, name, region
    raise ValueError("a Share button of another version")


def read_end(value: str) -> End:
    """Read the value of "End for everyone", or of the button that closes the links.

    Raises:
        ValueError: it is not what this version of the bot puts there.
    """
    match json.loads(value):
        case [str(meeting_id), str(user_id), None | str() as call_id]:
            return End(meeting_id, user_id, call_id)
    raise ValueError("a menu of another version")


def ended_message(chosen: End, text: str, *, is_public: bool, can_close: bool) -> Message:
    """Return the answer to "End for everyone", with a button that closes the room's links.

    Args:
        chosen: what was ended.
        text: what happened.
        is_public: whether everybody sees it.
        can_close: whether the links can be closed.
    """
    blocks = [section(text)]
    if can_close:
        blocks.append(actions(_close_button(chosen)))
    return public(text, blocks) if is_public else private(text, blocks)


def _close_button(chosen: End) -> Block:
    return {
        "type": "button",
        "action_id": CLOSE,
        "text": plain("Close its links"),
        "value": _carried(chosen),
        "accessibility_label": "Close the meeting's join links for good",
        "confirm": {
            "title": plain("Close the links?"),
            "text": plain(
                "Nobody will be able to join with this meeting's links. If it has a name, the next "
                "meeting with that name gets a new room."
            ),
            "confirm": plain("Close links"),
            "deny": plain("Cancel"),
            "style": "danger",
        },
    }


def _menu(invitation: Invitation, started: Started) -> Block:
    carried = _carried(End(invitation.meeting_id, started.user_id, started.call_id))
    return {
        "type": "overflow",
        "action_id": MENU,
        "options": [{"text": plain("End for everyone"), "value": carried}],
        "confirm": {
            "title": plain("End the meeting?"),
            "text": plain("Everyone in the call will be disconnected."),
            "confirm": plain("End meeting"),
            "deny": plain("Cancel"),
            "style": "danger",
        },
    }


def _carried(end: End) -> str:
    return json.dumps([end.meeting_id, end.starter, end.call_id])


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


def _now(run: Run) -> str:
    if not run.inside:
        return f"{date(run.start, 'Open since ')}, with nobody in it right now"
    people = "1 person" if run.inside == 1 else f"{run.inside} people"
    return f"Live now: {people} {date(run.start, 'since ')}"


def _duration(run: Run) -> str:
    minutes = round((run.seconds or 0) / 60)
    return {0: "less than a minute", 1: "1 minute"}.get(minutes, f"{minutes} minutes")
