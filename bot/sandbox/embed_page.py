"""Draw the stand-in of VideoSDK's hosted UI: the door, the room, and the way out."""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

from aiohttp import web

from bot.sandbox.rooms import Record

MOST_NAME = 80  # characters

# VideoSDK's error codes: the status that says it here, and a sentence.
_REASONS = {
    4001: (400, "The link lacks the meeting or the token."),
    4002: (401, "The token is not valid, or no longer. Open the meeting from its card again."),
    4003: (404, "There is no such meeting."),
    4004: (400, "A participant ID has no spaces in it."),
    4008: (403, "The token does not let anybody in."),
    4022: (403, "The token is for another meeting."),
    4023: (403, "The token is for somebody else."),
    4024: (403, "The token is not for joining."),
    4052: (403, "This meeting has been closed for good."),
}
_SWITCHES = {
    "micEnabled": "Microphone",
    "webcamEnabled": "Camera",
    "chatEnabled": "Chat",
    "screenShareEnabled": "Screen sharing",
}

_STYLE = """
:root { color-scheme: light dark; --page: #f1f1f5; --card: #fff; --ink: #1b1b22; --soft: #5b5b69;
  --line: #d6d6e0; --go: #3f4fd0; --stop: #c01f40; --on: #fff; }
@media (prefers-color-scheme: dark) { :root { --page: #0e0e13; --card: #1c1c25; --ink: #f2f2f7;
  --soft: #a6a6b5; --line: #363645; --go: #8fa0ff; --stop: #ff7a92; --on: #0e0e13; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif;
  overflow-wrap: anywhere; }
main { display: flex; flex-direction: column; gap: 16px; min-height: 100vh; min-height: 100dvh;
  padding: 16px; }
h1 { margin: 0; font-size: 1.25rem; line-height: 1.3; }
p { margin: 0; color: var(--soft); }
header { display: flex; flex-wrap: wrap; gap: 0 12px; align-items: baseline; }
header p { font-size: 0.875rem; }
ul { margin: 0; padding: 0; list-style: none; }
b { display: grid; place-items: center; border-radius: 50%; color: #fff; font-weight: 600; }
.c0 { background: #4353c9; } .c1 { background: #96347e; } .c2 { background: #0b7285; }
.c3 { background: #a04a12; } .c4 { background: #2b7a3e; } .c5 { background: #6741b5; }
.lobby { align-items: center; justify-content: center; text-align: center; }
.card { display: grid; gap: 16px; width: min(100%, 400px); padding: clamp(20px, 6vw, 32px);
  background: var(--card); border: 1px solid var(--line); border-radius: 16px; }
.card #people ul { display: flex; flex-wrap: wrap; justify-content: center; gap: 4px 14px;
  margin-top: 8px; }
.card #people li { display: flex; gap: 6px; align-items: center; }
.card #people b { flex: none; width: 28px; height: 28px; font-size: 0.8125rem; }
.card form { display: grid; gap: 12px; text-align: start; }
.room #people { display: grid; flex: 1; }
.room #people ul { display: grid; gap: 12px;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 150px), 1fr));
  grid-auto-rows: minmax(132px, 1fr); }
.room #people li { display: grid; place-content: center; justify-items: center; gap: 10px;
  padding: 12px; text-align: center; background: var(--card);
  border: 1px solid var(--line); border-radius: 14px; }
.room #people b { width: 64px; height: 64px; font-size: 1.625rem; }
.bar { display: flex; flex-wrap: wrap; gap: 12px; align-items: center; justify-content: center; }
.bar ul { display: flex; flex-wrap: wrap; gap: 8px; justify-content: center; }
.bar li { padding: 4px 12px; border: 1px solid var(--line); border-radius: 99px;
  background: var(--card); font-size: 0.875rem; }
.bar .off { background: none; color: var(--soft); }
label { font-weight: 600; }
input { display: block; width: 100%; margin-top: 6px; border: 1px solid var(--soft);
  background: var(--page); color: var(--ink); }
input, button { min-height: 44px; padding: 8px 16px; border-radius: 10px; font: inherit; }
button { border: 0; background: var(--go); color: var(--on); font-weight: 700; cursor: pointer; }
button.leave { background: var(--stop); }
:focus-visible { outline: 3px solid var(--go); outline-offset: 2px; }
footer { color: var(--soft); font-size: 0.8125rem; text-align: center; }
"""

# Shows who else comes and goes, and leaves a name alone that is being typed.
_SCRIPT = """
setInterval(async () => {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = document.querySelector("main"), next = fresh.querySelector("main");
  if (now.className !== next.className || now.dataset.state !== next.dataset.state) {
    now.replaceWith(next);
    return;
  }
  const before = now.querySelector("#people"), after = next.querySelector("#people");
  if (before && before.innerHTML !== after.innerHTML) before.replaceChildren(...after.childNodes);
}, 1500);
"""


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src {_hash(_STYLE)}; "
    f"script-src {_hash(_SCRIPT)}; connect-src 'self'; img-src data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors *",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}

_MARK = re.compile(r"-[0-9a-f]{16}$")  # of the ids that the bot gives its rooms

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

_LOBBY = """<main class="lobby" data-state="{state}">
<div class="card">
<h1>{title}</h1>
{notice}<div id="people" aria-live="polite">{people}</div>
<form method="post" action="join?{query}">
<label>Your name <input name="name" value="{name}" maxlength="{most}" required
autocomplete="name"></label>
<button>{button}</button>
</form>
</div>
{footer}
</main>"""

_ROOM = """<main class="room" data-state="room">
<header><h1>{title}</h1><p>{meeting_id}</p></header>
<div id="people" aria-live="polite">{people}</div>
<div class="bar">
<ul aria-label="In this call">{switches}</ul>
{leave}</div>
{footer}
</main>"""

_LEAVE = """<form method="post" action="leave?{query}"><button class="leave">Leave</button></form>
"""

_ERROR = """<main class="lobby" data-state="error">
<div class="card">
<h1>Unable to join meeting!</h1>
<p>{reason}</p>
<p>Error {code}</p>
</div>
{footer}
</main>"""


@dataclass(frozen=True)
class Visit:
    """Somebody at the door, or inside.

    Attributes:
        meeting: the record.
        participant_id: "" until they joined, where the link names none.
        query: the whole link, which every form carries on.
    """

    meeting: Record
    participant_id: str
    query: Mapping[str, str]

    @property
    def meeting_id(self) -> str:
        """VideoSDK's own ID, also where the link has another."""
        return str(self.meeting["meetingId"])

    @property
    def title(self) -> str:
        """What the meeting is called, without what makes its id unguessable."""
        return _MARK.sub("", str(self.meeting.get("userMeetingId", "Meeting")))

    def link(self, **changes: str) -> str:
        """Return the query, with changes."""
        return urlencode({**self.query, **changes})


def lobby(visit: Visit, present: list[Record], before: Record | None) -> web.Response:
    """Ask somebody in, who may have been there before: in that session."""
    notice = ""
    if before:
        notice = "You have left the meeting." if before["end"] is None else "The meeting is over."
    people = "<p>Nobody is here now.</p>"
    if present:
        people = f"<p>In the meeting now</p>{_people(present, '')}"
    main = _LOBBY.format(
        state="left" if before else "lobby",
        title=escape(visit.title),
        notice=f"<p>{notice}</p>\n" if notice else "",
        people=people,
        query=escape(visit.link()),
        name=escape(visit.query.get("name", "")),
        most=MOST_NAME,
        button="Join again" if before else "Join",
        footer=_FOOTER,
    )
    return _answer(200, visit.title, main)


def room(visit: Visit, present: list[Record]) -> web.Response:
    """Show who is in, and the way out."""
    can_leave = visit.query.get("participantCanLeave") != "false"
    main = _ROOM.format(
        title=escape(visit.title),
        meeting_id=escape(visit.meeting_id),
        people=_people(present, visit.participant_id),
        switches="".join(
            f"<li>{label} on</li>"
            if visit.query.get(name) == "true"
            else f'<li class="off">{label} off</li>'
            for name, label in _SWITCHES.items()
        ),
        leave=_LEAVE.format(query=escape(visit.link())) if can_leave else "",
        footer=_FOOTER,
    )
    return _answer(200, visit.title, main)


def _people(present: list[Record], me: str) -> str:
    items = []
    for one in present:
        name = escape(one["name"])
        initial = escape(one["name"][0].upper())
        color = sum(one["participantId"].encode()) % 6
        you = " (you)" if one["participantId"] == me else ""
        items.append(
            f'<li><b class="c{color}" aria-hidden="true">{initial}</b><span>{name}{you}</span></li>'
        )
    return f"<ul>{''.join(items)}</ul>"


def refuse(code: int) -> web.Response:
    """Say why somebody may not join, by VideoSDK's error code."""
    status, reason = _REASONS[code]
    main = _ERROR.format(reason=reason, code=code, footer=_FOOTER)
    return _answer(status, "Unable to join meeting!", main)


def _answer(status: int, title: str, main: str) -> web.Response:
    text = _PAGE.format(title=escape(title), style=_STYLE, main=main, script=_SCRIPT)
    return web.Response(status=status, text=text, content_type="text/html", headers=_HEADERS)
