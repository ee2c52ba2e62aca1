"""Build the reply that shows the notes of a call."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from bot.durations import lasted
from bot.links import NotesLink
from bot.rooms.runs import Person
from bot.slack.blocks import (
    SECTION,
    Block,
    Message,
    actions,
    confirm,
    context,
    cut,
    date,
    link,
    mention,
    plain,
    public,
    section,
)
from bot.slack.notes import literal
from bot.slack.notes.state import NotesState, Stage
from bot.slack.wording import notes as words

STOP = "stop_notes"
REFRESH = "refresh_notes"
DELETE = "delete_notes"

SHOWN = 9000  # UTF-16 units of a summary; Slack takes more, but a thread shouldn't be flooded
_ALOUD = 2500  # of those go into `text`, for screen readers; chat.update takes 4,000 characters
_PEOPLE = 30  # names; the rest are only counted
_CONFIRM = confirm(words.DELETE_TITLE, words.DELETE_TEXT, words.DELETE_CONFIRM, "Cancel")


@dataclass(frozen=True)
class Button:
    """The value of a button on the reply.

    Attributes:
        room_id: VideoSDK's room ID.
        user_id: who turned notes on.
        starter: who started the meeting; "" if the card doesn't say.
        transcription_id: VideoSDK's; "" if it isn't known for certain, NEVER if there is none.
    """

    room_id: str
    user_id: str
    starter: str
    transcription_id: str = ""

    @property
    def owners(self) -> list[str]:
        """The users who may stop and delete the notes."""
        return list(dict.fromkeys(filter(None, (self.user_id, self.starter))))


def read_button(value: str) -> Button:
    """Parse the value of a button.

    Raises:
        ValueError: this version of the bot doesn't write such values.
    """
    match json.loads(value):
        case [str(room_id), str(user_id), str(starter), str(transcription_id)]:
            return Button(room_id, user_id, starter, transcription_id)
    raise ValueError("notes of another version")


def reply(notes: NotesLink, state: NotesState, summary: str | None = None) -> Message:
    """Return the reply for a state.

    Args:
        notes: identifies the reply and who turned notes on.
        state: what to show.
        summary: the summary's text; None if there is none or it can't be read.
    """
    match state.stage:
        case Stage.READY:
            return _with_summary(notes, state, summary)
        case Stage.STARTING | Stage.TAKING:  # people are told before VideoSDK starts
            text = _by(words.TURNED_ON, notes)
            since = [date(state.since, words.SINCE_BEFORE)] if state.since else []
            notices = [context(words.SINCE.format(*since))] if since else []
            return public(text, [section(text), *notices, _rows(notes, state, STOP, REFRESH)])
        case Stage.WRITING:
            return _waiting(_by(words.WRITING, notes), notes, state)
        case Stage.MISSING:
            return _waiting(_by(words.MISSING, notes), notes, state)
    is_failed = state.stage is Stage.FAILED
    text = _by(words.BROKEN_OFF if is_failed else words.WITHOUT_SUMMARY, notes)
    return public(text, [section(text), *_around(state), _last_row(notes, state)])


def failed_reply(notes: NotesLink, why: str, transcription_id: str) -> Message:
    """Return the reply for notes that didn't start.

    Args:
        notes: identifies the reply and who turned notes on.
        why: the reason and the next step.
        transcription_id: NEVER, or "" if the transcription may have started all the same.
    """
    text = words.NOT_STARTED.format(mention(notes.user_id), why)
    return _waiting(text, notes, NotesState(Stage.MISSING, transcription_id=transcription_id))


def _with_summary(notes: NotesLink, state: NotesState, summary: str | None) -> Message:
    title = _by(words.READY, notes)
    text = literal.lines(summary or "")
    if not text:
        why = words.FOREIGN if state.is_foreign else words.UNREADABLE
        shown, aloud = [section(why)], why
    else:
        parts = _parts(cut(text, SHOWN))
        shown = [{"type": "section", "text": plain(part)} for part in parts]
        aloud = literal.spoken(cut(text, _ALOUD // 4))  # leaves room for escapes
    is_whole = text != "" and cut(text, SHOWN) == text
    more = [] if is_whole or state.is_foreign else [_whole(state)]
    blocks = [section(title), *shown, *more, *_around(state), _last_row(notes, state)]
    return public(f"{title}\n{aloud}", blocks)


def _whole(state: NotesState) -> Block:
    return context(link(state.summary_url, words.WHOLE_SUMMARY))


def _parts(text: str) -> list[str]:
    """Split text into parts that each fit a section, at line ends where possible."""
    parts: list[str] = []
    while text:
        part = cut(text, SECTION)
        if part != text:
            part = part[: part.rfind("\n")] if part.rfind("\n") > len(part) // 2 else part[:-1]
        parts.append(part)
        text = text[len(part) :].lstrip("\n")
    return parts


def _around(state: NotesState) -> list[Block]:
    """Return blocks with who was there and a link to the transcript."""
    blocks = []
    if state.people:
        shown = _names(state.people)
        blocks.append({"type": "section", "text": plain(cut(f"{words.THERE}: {shown}", SECTION))})
    if state.transcript_url and not state.is_foreign:
        blocks.append(context(f"{link(state.transcript_url, words.TRANSCRIPT)} · {words.READ_BY}"))
    return blocks


def _names(people: Sequence[Person]) -> str:
    names = [f"{person.name} ({lasted(person.seconds)})" for person in people[:_PEOPLE]]
    more = len(people) - _PEOPLE
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")


def _waiting(text: str, notes: NotesLink, state: NotesState) -> Message:
    return public(text, [section(text), *_around(state), _rows(notes, state, REFRESH, DELETE)])


def _rows(notes: NotesLink, state: NotesState, *kinds: str) -> Block:
    return actions(*(_button(kind, notes, state) for kind in kinds))


def _last_row(notes: NotesLink, state: NotesState) -> Block:
    """Return the buttons below complete notes: Delete and, if they may be another's, Refresh."""
    return _rows(notes, state, *([] if state.is_certain else [REFRESH]), DELETE)


def _button(kind: str, notes: NotesLink, state: NotesState) -> Block:
    text, label = {
        STOP: (words.STOP, words.STOP_LABEL),
        REFRESH: (words.REFRESH, words.REFRESH_LABEL),
        DELETE: (words.DELETE, words.DELETE_LABEL),
    }[kind]
    carried = [notes.room_id, notes.user_id, notes.starter, state.transcription_id]
    button = {
        "type": "button",
        "action_id": kind,
        "text": plain(text),
        "value": json.dumps(carried),
        "accessibility_label": label,
    }
    return button | {"confirm": _CONFIRM} if kind == DELETE else button


def _by(text: str, notes: NotesLink) -> str:
    return text.format(mention(notes.user_id))
