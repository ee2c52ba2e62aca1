"""The room that a Join button leads to in the sandbox: people come and go, but there is no call."""

import base64
import hashlib
from html import escape
from urllib.parse import quote

from aiohttp import web

from bot.sandbox.rooms import Record, Rooms

_STYLE = """
:root { color-scheme: light dark; --page: #f4f3f7; --card: #fff; --ink: #1d1c1d; --soft: #5e5c66;
  --line: #dcd9e3; --go: #007a5a; --stop: #c01343; --on: #fff; }
@media (prefers-color-scheme: dark) { :root { --page: #131217; --card: #1e1d24; --ink: #f2f0f5;
  --soft: #aaa7b4; --line: #3a3843; --go: #2bac82; --stop: #ff6b8b; --on: #131217; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 16px;
  background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { width: min(100%, 640px); padding: clamp(20px, 5vw, 36px); background: var(--card);
  border: 1px solid var(--line); border-radius: 16px; }
h1 { margin: 0; font-size: 1.5rem; overflow-wrap: anywhere; }
p { margin: 4px 0 0; color: var(--soft); }
code { color: var(--ink); overflow-wrap: anywhere; }
ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(132px, 1fr)); gap: 12px;
  margin: 24px 0 0; padding: 0; list-style: none; }
li { display: grid; place-content: start center; justify-items: center; gap: 8px;
  padding: 20px 12px; border-radius: 12px;
  background: var(--page); text-align: center; overflow-wrap: anywhere; }
li b { display: grid; place-items: center; width: 56px; height: 56px; border-radius: 50%;
  background: var(--go); color: var(--on); font-size: 1.5rem; }
form { display: flex; flex-wrap: wrap; gap: 8px; align-items: end; margin-top: 24px; }
label { flex: 1 1 200px; font-weight: 600; }
input, button { width: 100%; min-height: 44px; padding: 8px 14px; border-radius: 8px;
  font: inherit; }
input { margin-top: 6px; border: 1px solid var(--soft); background: var(--card);
  color: var(--ink); }
button { width: auto; border: 0; background: var(--go); color: var(--on); font-weight: 700;
  cursor: pointer; }
button.leave { background: var(--stop); }
:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; }
footer { margin-top: 24px; padding-top: 12px; border-top: 1px solid var(--line);
  color: var(--soft); font-size: 0.875rem; }
"""

_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
    "img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
}

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{refresh}
<link rel="icon" href="data:,">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
{content}
<footer>This room stands in for the VideoSDK call: no camera, no sound, and nothing leaves this
computer.</footer>
</main>
</body>
</html>
"""

_REFRESH = '<meta http-equiv="refresh" content="3">'  # shows who else comes and goes

_JOIN_FORM = """<form method="post" action="{path}/join">
<label>Your name <input name="name" maxlength="80" required autofocus autocomplete="name"></label>
<button>Join</button>
</form>"""

_LEAVE_FORM = """<form method="post" action="{path}/leave">
<input type="hidden" name="participantId" value="{participant_id}">
<button class="leave">Leave</button>
</form>"""


def room_page(rooms: Rooms) -> list[web.RouteDef]:
    """Return the routes of the room page: look in, join, leave."""

    async def look(request: web.Request) -> web.Response:
        meeting = rooms.find(request.match_info["meeting_id"])
        if meeting is None:
            return _answer(404, "No such meeting", "<p>Start one with /meet in the sandbox.</p>")
        present = rooms.present(meeting["meetingId"])
        return _room(meeting, present, request.query.get("me", ""))

    async def join(request: web.Request) -> web.Response:
        meeting_id = request.match_info["meeting_id"]
        if meeting_id not in rooms.meetings:
            raise web.HTTPNotFound
        form = await request.post()
        name = " ".join(str(form.get("name", "")).split())[:80] or "Guest"
        me = rooms.join(meeting_id, name)
        raise web.HTTPSeeOther(f"{_path(meeting_id)}?me={me}")

    async def leave(request: web.Request) -> web.Response:
        meeting_id = request.match_info["meeting_id"]
        form = await request.post()
        rooms.leave(meeting_id, str(form.get("participantId")))
        raise web.HTTPSeeOther(_path(meeting_id))

    return [
        web.get("/room/{meeting_id}", look),
        web.post("/room/{meeting_id}/join", join),
        web.post("/room/{meeting_id}/leave", leave),
    ]


def _room(meeting: Record, present: list[Record], me: str) -> web.Response:
    joined = any(one["participantId"] == me for one in present)
    form = _LEAVE_FORM if joined else _JOIN_FORM
    content = [
        f"<p>Meeting ID <code>{escape(meeting['meetingId'])}</code></p>",
        _people(present, me) if present else "<p>Nobody is here yet.</p>",
        form.format(path=escape(_path(meeting["meetingId"])), participant_id=escape(me)),
    ]
    title = meeting.get("userMeetingId", "Meeting")
    return _answer(200, title, "\n".join(content), _REFRESH if joined else "")


def _people(present: list[Record], me: str) -> str:
    items = []
    for one in present:
        name = escape(one["name"])
        initial = escape(one["name"][0].upper())
        you = " (you)" if one["participantId"] == me else ""
        items.append(f'<li><b aria-hidden="true">{initial}</b>{name}{you}</li>')
    return f"<ul>{''.join(items)}</ul>"


def _answer(status: int, title: str, content: str, refresh: str = "") -> web.Response:
    text = _PAGE.format(title=escape(title), style=_STYLE, content=content, refresh=refresh)
    return web.Response(status=status, text=text, content_type="text/html", headers=_HEADERS)


def _path(meeting_id: str) -> str:
    return f"/room/{quote(meeting_id, safe='')}"
