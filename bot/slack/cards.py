"""Build the cards: an invitation for a channel, and the answer to a check."""

import json
from dataclasses import dataclass

from bot.durations import lasted
from bot.meetings import Invitation, OpenRoom, Region
from bot.rooms.runs import Run, current
from bot.slack.blocks import (
    BUTTON,
    HEADER,
    Block,
    Message,
    actions,
    confirm,
    context,
    cut,
    date,
    escape,
    header,
    link,
    mention,
    mentions,
    plain,
    private,
    public,
    section,
)
from bot.slack.wording import cards as words
from bot.slack.wording.notes import TAKE as TAKE_NOTES
from bot.slack.wording.notes import TAKE_LABEL as TAKE_NOTES_LABEL

JOIN = "join_meeting"
SHARE = "share_meeting"
MENU = "meeting_menu"
CLOSE = "close_meeting"
NOTES = "take_notes"

_JOIN = plain(words.JOIN)
_END = plain(words.END)
_MENU = {
    "type": "overflow",
    "action_id": MENU,
    "confirm": confirm(words.END_TITLE, words.END_TEXT, words.END_CONFIRM, words.CANCEL),
}
_CONFIRM_CLOSE = confirm(words.CLOSE_TITLE, words.CLOSE_TEXT, words.CLOSE_CONFIRM, words.CANCEL)


@dataclass(frozen=True)
class Started:
    """What a card says besides the invitation.

    Attributes:
        user_id: who started the meeting, or shared it.
        call_id: Slack's call, on a live card.
        can_end: whether the user started the meeting, and can end it for everyone.
        did: what the user did; `{}` is replaced by a mention of them.
        offers_notes: whether a live card has the button that turns notes on.
        invited: the ids of the people whom the card mentions, so that Slack notifies them.
    """

    user_id: str
    call_id: str | None = None
    can_end: bool = False
    did: str = words.STARTED
    offers_notes: bool = False
    invited: tuple[str, ...] = ()


@dataclass(frozen=True)
class End:
    """The value of a card's menu or button: which meeting to end or close.

    Attributes:
        meeting_id: VideoSDK's id.
        starter: who started the meeting, and may end it; "" if a button of notes doesn't know.
        call_id: Slack's call, where the card is a live one.
    """

    meeting_id: str
    starter: str
    call_id: str | None = None


def invitation_card(invitation: Invitation, started: Started) -> Message:
    """Return the card that invites a channel to a meeting.

    On a live card, Slack itself draws the name, the Join button and the people. The rest can't be
    edited when the meeting ends, so it must stay true. A plain card has the same parts in the same
    order.
    """
    title = invitation.name or words.UNNAMED
    did = started.did.format(mention(started.user_id))
    guests = words.INVITED.format(mentions(started.invited)) if started.invited else ""
    facts = section(f"{did}\n{guests}".strip(), _facts(invitation))
    if started.can_end:
        chosen = json.dumps([invitation.meeting_id, started.user_id, started.call_id])
        facts["accessory"] = _MENU | {"options": [{"text": _END, "value": chosen}]}
    if started.call_id:
        top = [{"type": "call", "call_id": started.call_id}]
    else:
        top = [header(title), *_buttons(invitation)]
    name = f"{escape(invitation.name)}: " if invitation.name else ""
    notes = [_notes_button(invitation, started)] if started.call_id and started.offers_notes else []
    blocks = [*top, facts, *notes, *_small_print(invitation, started)]
    said = f"{did} {guests}." if guests else did
    return public(f"{name}{said} {_spoken(invitation)}", blocks)


def checked_card(room: OpenRoom, invitation: Invitation) -> Message:
    """Return the private answer to a check that found the meeting."""
    fields = _facts(invitation)
    if invitation.name:
        fields.insert(0, f"*{words.NAME}*\n{escape(cut(invitation.name, HEADER))}")
    if room.meeting.created_at:
        fields.append(f"*{words.CREATED}*\n{date(room.meeting.created_at)}")
    runs = describe_runs(room.runs)
    blocks = [
        section(f"*{words.VALID}*\n{runs}", fields),
        *_buttons(invitation, _share_button(invitation)),
    ]
    if not invitation.join_url:
        blocks.append(context(words.NO_JOIN))
    return private(f"{words.VALID} {runs}. {_spoken(invitation)}", blocks)


def describe_runs(runs: list[Run] | None) -> str:
    """Describe briefly whether people are in a meeting, or when they last were.

    Args:
        runs: newest first, or None if they could not be read.
    """
    if runs is None:
        return words.RUNS_UNKNOWN
    if not runs:
        return words.NEVER_HELD
    run = current(runs)
    if run:
        started = date(run.start, "started ")
        return words.live(run.inside, started) if run.inside else words.empty(started)
    return words.held(date(runs[0].start, "Last held "), lasted(runs[0].seconds or 0))


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
        "text": plain(words.CLOSE),
        "value": json.dumps([chosen.meeting_id, chosen.starter, chosen.call_id]),
        "accessibility_label": words.CLOSE_LABEL,
        "confirm": _CONFIRM_CLOSE,
    }


def _buttons(invitation: Invitation, *others: Block) -> list[Block]:
    """Return a row of buttons that begins with Join, if there is any."""
    buttons = list(others)
    if invitation.join_url:
        label = words.JOIN_LABEL.format(invitation.name or words.THE_MEETING)
        join = {
            "type": "button",
            "action_id": JOIN,
            "style": "primary",
            "text": _JOIN,
            "url": invitation.join_url,
            "accessibility_label": cut(label, BUTTON),
        }
        buttons.insert(0, join)
    return [{"type": "actions", "elements": buttons}] if buttons else []


def _share_button(invitation: Invitation) -> Block:
    name = invitation.name and cut(invitation.name, HEADER)
    region = invitation.region and invitation.region.code
    return {
        "type": "button",
        "action_id": SHARE,
        "text": plain(words.SHARE),
        "value": json.dumps([invitation.meeting_id, name, region]),
        "accessibility_label": words.SHARE_LABEL,
    }


def _facts(invitation: Invitation) -> list[str]:
    facts = [f"*{words.MEETING_ID}*\n`{invitation.meeting_id}`"]
    if invitation.region:
        facts.append(f"*{words.REGION}*\n{_place(invitation.region)}")
    return facts


def _notes_button(invitation: Invitation, started: Started) -> Block:
    starter = started.user_id if started.can_end else ""  # whoever shares a card didn't start it
    return actions(
        {
            "type": "button",
            "action_id": NOTES,
            "text": plain(TAKE_NOTES),
            "value": json.dumps([invitation.meeting_id, starter, started.call_id]),
            "accessibility_label": TAKE_NOTES_LABEL,
        }
    )


def _small_print(invitation: Invitation, started: Started) -> list[Block]:
    """Return the small print.

    On a live card it has the join link: after the meeting, Join is gone, and the link leads to a
    page that starts the meeting again.
    """
    notes = []
    if invitation.asked_region:
        notes.append(_other_region(invitation, invitation.asked_region))
    if not invitation.join_url:
        notes.append(words.NO_JOIN)
    elif started.call_id:
        notes.append(link(invitation.join_url, words.MEETING_LINK) + words.LINK_IS_FOR)
    return [context(*notes)] if notes else []


def _spoken(invitation: Invitation) -> str:
    """Return the facts in one line, for screen readers and notifications."""
    facts = [f"{words.MEETING_ID} {invitation.meeting_id}"]
    if invitation.region:
        place = invitation.region.place or invitation.region.code
        facts.append(f"{words.REGION.lower()} {escape(place)}")
    join = f" Join: {link(invitation.join_url, 'join link')}" if invitation.join_url else ""
    return f"{', '.join(facts)}.{join}"


def _other_region(invitation: Invitation, asked: Region) -> str:
    """Return why the meeting isn't where it was asked for."""
    if not invitation.has_geo_fencing:
        why = words.NO_GEO_FENCING
    elif invitation.region is None:
        why = words.REGION_NOT_SAID
    else:
        why = words.REGION_OF_NAME if invitation.name else words.OTHER_REGION
    return f"{words.REGION_ASKED.format(_place(asked))} {why}"


def _place(region: Region) -> str:
    code = f"`{region.code}`"
    return f"{escape(region.place)} · {code}" if region.place else code
