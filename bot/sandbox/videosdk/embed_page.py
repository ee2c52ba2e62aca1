"""HTML of the stand-in for VideoSDK's hosted UI: lobby, room and left screen."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import quote, urlencode

from aiohttp import web

from bot.sandbox.videosdk.admission import REASONS
from bot.sandbox.videosdk.embed_assets import HEADERS, SCRIPT, STYLE
from bot.sandbox.videosdk.rooms import Record
from bot.sandbox.videosdk.summaries import Line

# Features of the page, each with its default.
_SWITCHES = {
    "micEnabled": ("Microphone", True),
    "webcamEnabled": ("Camera", True),
    "chatEnabled": ("Chat", True),
    "screenShareEnabled": ("Screen sharing", True),
    "pollEnabled": ("Polls", True),
    "raiseHandEnabled": ("Raise hand", True),
    "participantCanToggleSelfMic": ("Mute button", True),
    "participantCanToggleSelfWebcam": ("Camera button", True),
    "canToggleVirtualBackground": ("Virtual background", False),
    "canToggleWhiteboard": ("Whiteboard", False),
    "canDrawOnWhiteboard": ("Drawing", False),
}
_MODERATING = {
    "participantCanToggleOtherMic": "Mute others",
    "participantCanToggleOtherWebcam": "Turn off others' cameras",
    "participantCanEndMeeting": "End the meeting",
}
_NOBODY = "<p>Nobody is here now.</p>"

_MARK = re.compile(r"-[0-9a-f]{16}(-[0-9a-f]{8})?(-[0-9a-f]{4})?$")

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{main}
<script>{script}</script>
</body>
</html>
"""

_FOOTER = (
    "<footer>This stands in for the VideoSDK call: no camera, no sound, and nothing leaves this "
    "computer.</footer>"
)

_CARD = """<main class="lobby" data-state="{state}">
<div class="card">
<h1>{title}</h1>
{content}
</div>
{footer}
</main>"""

_PEOPLE = '<div id="people" aria-live="polite">{people}</div>'

_FORM = """<form method="post" action="join?{query}">
<label>Your name <input name="name" value="{name}" minlength="3" required
autocomplete="name"></label>
{error}<button>Join</button>
</form>"""

_BUTTON = """<form method="post" action="join?{query}"{more}><button>{label}</button></form>"""

_ACTION = '<a class="action" target="_top" href="{href}">{label}</a>'

_ROOM = """<main class="room" data-state="room" data-leave="leave?{query}">
<header><h1>{title}</h1><p>{meeting_id}</p></header>
{people}
<div id="notes" role="status">{notes}</div>
<form class="say" data-stays method="post" action="say?{query}">
<label>Say something <input name="line" maxlength="500" required autocomplete="off"></label>
<button>Say it</button>
</form>
<div class="bar">
<ul aria-label="In this call">{switches}</ul>
{leave}</div>
{footer}
</main>"""

_REMOVE = """<form data-stays method="post" action="remove?{query}">
<input type="hidden" name="participant" value="{id}">
<button class="leave">Remove {name}</button></form>"""

_LEAVE = """<form method="post" action="leave?{query}"><button class="leave">Leave</button></form>
"""


@dataclass(frozen=True)
class Visit:
    """A person in the lobby or in the room.

    Attributes:
        meeting: the meeting's record.
        participant_id: the link's; without one, "" until they join.
        query: the link's query, decoded once; every form sends it again.
        values: the query as the page reads it: decoded twice, without empty values.
        asks_name: whether the page asks for a name before they join.
        moderates: whether their token lets them mute and remove others.
    """

    meeting: Record
    participant_id: str
    query: Mapping[str, str]
    values: Mapping[str, str]
    asks_name: bool
    moderates: bool = False

    @property
    def can_remove(self) -> bool:
        """Whether they can remove others: both token and link have to allow it."""
        return self.moderates and self.offers("canRemoveOtherParticipant", default=False)

    @property
    def meeting_id(self) -> str:
        """VideoSDK's own room ID, even if the link has another."""
        return str(self.meeting["meetingId"])

    @property
    def number(self) -> str:
        """The number of the visit that this page shows; "" before joining."""
        return self.values.get("visit", "")

    @property
    def title(self) -> str:
        """The meeting's name, without the hash in its ID."""
        own = _MARK.sub("", str(self.meeting.get("userMeetingId", "Meeting")))
        return self.values.get("joinScreenTitle", own)

    def link(self, **changes: str) -> str:
        """Return the query, with changes."""
        return urlencode({**self.query, **{name: quote(changes[name]) for name in changes}})

    def offers(self, switch: str, *, default: bool) -> bool:
        """Return whether a feature is on, by the link or by default."""
        return self.values.get(switch, "true" if default else "false") == "true"


def lobby(visit: Visit, present: list[Record]) -> web.Response:
    """Return the lobby, which asks for a name or, if the link has it, for a click."""
    query = escape(visit.link())
    if visit.asks_name:
        was_rejected = visit.offers("nameError", default=False)
        form = _FORM.format(
            query=query,
            name=escape(visit.values.get("name", "")),
            error='<p class="error">Enter Minimum 3 Characters</p>\n' if was_rejected else "",
        )
    else:
        at_once = visit.offers("joinWithoutUserInteraction", default=False)
        more = " data-at-once" if at_once else ""
        form = _BUTTON.format(query=query, more=more, label="Click anywhere to continue")
    people = f"<p>In the meeting now</p>{_people(present, '')}" if present else _NOBODY
    return _card(visit.title, "lobby", f"{_PEOPLE.format(people=people)}\n{form}")


def left(visit: Visit, present: list[Record], *, was_kicked: bool, is_over: bool) -> web.Response:
    """Return the page after a visit, with what to do next."""
    if was_kicked:
        notice = "You were disconnected: somebody has joined with the same participant ID."
    else:
        notice = "You have left the meeting!" + (" The meeting is over." if is_over else "")
    people = f"<p>In the meeting now</p>{_people(present, '')}" if present else _NOBODY
    parts = [f"<p>{notice}</p>", _PEOPLE.format(people=people)]
    if visit.offers("leftScreenRejoinButtonEnabled", default=True):
        query = escape(visit.link())
        parts.append(_BUTTON.format(query=query, more="", label="Rejoin Meeting"))
    label = visit.values.get("leftScreenActionButtonLabel", "")
    href = visit.values.get("leftScreenActionButtonHref", "")
    if label and href.startswith(("https://", "http://")):
        parts.append(_ACTION.format(href=escape(href), label=escape(label)))
    return _card(visit.title, "kicked" if was_kicked else "left", "\n".join(parts))


def room(
    visit: Visit, present: list[Record], said: list[Line], *, is_transcribed: bool
) -> web.Response:
    """Return the room: who is in it, what they say, and a button to leave.

    Args:
        visit: the person who sees the page.
        present: who is in the room.
        said: the last lines that were said.
        is_transcribed: whether the call is being transcribed.
    """
    query = escape(visit.link())
    can_leave = visit.values.get("participantCanLeave") != "false"
    main = _ROOM.format(
        query=query,
        title=escape(visit.title),
        meeting_id=escape(visit.meeting_id),
        people=_PEOPLE.format(people=_people(present, visit.participant_id, visit)),
        notes=_notes(said, is_transcribed=is_transcribed),
        switches="".join(_switches(visit)),
        leave=_LEAVE.format(query=query) if can_leave else "",
        footer=_FOOTER,
    )
    return _answer(200, visit.title, main)


def refuse(code: int) -> web.Response:
    """Return the page that says why a person may not join, for VideoSDK's error code."""
    status, reason = REASONS[code]
    content = f"<p>{reason}</p>\n<p>Error {code}</p>"
    return _card("Unable to join meeting!", "error", content, status=status)


def crash() -> web.Response:
    """Return the page for links on which the real one crashes, because it decodes them twice."""
    content = "<p>A % is left in the link after it was decoded once.</p>\n<p>URI malformed</p>"
    return _card("Unable to join meeting!", "error", content, status=400)


def _switches(visit: Visit) -> list[str]:
    """Return the page's switches; moderators have more."""
    offered = [
        f"<li>{label} on</li>"
        if visit.offers(name, default=default)
        else f'<li class="off">{label} off</li>'
        for name, (label, default) in _SWITCHES.items()
    ]
    powers = [
        f"<li>{label}</li>"
        for name, label in _MODERATING.items()
        if visit.moderates and visit.offers(name, default=False)
    ]
    return offered + powers


def _people(present: list[Record], me: str, visit: Visit | None = None) -> str:
    items = []
    for one in present:
        name = escape(one["name"])
        initial = escape((one["name"].strip() or "?")[0].upper())
        color = sum(one["participantId"].encode()) % 6
        you = " (you)" if one["participantId"] == me else ""
        items.append(
            f'<li><b class="c{color}" aria-hidden="true">{initial}</b><span>{name}{you}</span>'
            f"{'' if you or not visit or not visit.can_remove else _remove(visit, one)}</li>"
        )
    return f"<ul>{''.join(items)}</ul>"


def _remove(visit: Visit, other: Record) -> str:
    shown, name = escape(visit.link()), escape(other["name"])
    return _REMOVE.format(query=shown, id=escape(other["participantId"]), name=name)


def _notes(said: list[Line], *, is_transcribed: bool) -> str:
    notice = '<p class="notice">This call is being transcribed.</p>' if is_transcribed else ""
    lines = [f"<p><strong>{escape(one.speaker)}:</strong> {escape(one.text)}</p>" for one in said]
    return notice + "".join(lines)


def _card(title: str, state: str, content: str, *, status: int = 200) -> web.Response:
    main = _CARD.format(title=escape(title), state=state, content=content, footer=_FOOTER)
    return _answer(status, title, main)


def _answer(status: int, title: str, main: str) -> web.Response:
    text = _PAGE.format(title=escape(title), style=STYLE, main=main, script=SCRIPT)
    return web.Response(status=status, text=text, content_type="text/html", headers=HEADERS)
