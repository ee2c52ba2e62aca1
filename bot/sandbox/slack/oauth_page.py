"""The consent page on which people allow or reject the app, like Slack's own."""

import base64
import hashlib
from dataclasses import dataclass
from html import escape

from aiohttp import web

from bot.sandbox.slack.teams import PLACES, Enterprise, Place, Team
from bot.sandbox.slack.workspace import BOT_NAME, USERS

# The supported scopes, with Slack's descriptions: https://docs.slack.dev/reference/scopes
SCOPES = {
    "commands": "Add shortcuts and slash commands that people can use",
    "calls:write": "Start and manage calls in the workspace",
    "calls:read": "View information about ongoing and past calls",
    "chat:write": f"Send messages as @{BOT_NAME}",
    "chat:write.public": f"Send messages to channels that @{BOT_NAME} is not a member of",
    "channels:read": "View basic information about public channels in the workspace",
    "links:read": "View links to the app in messages",
    "links:write": "Show previews of links to the app in messages",
    "users:read": "View people in the workspace",
    "team:read": "View the name, email domain, and icon of the workspace",
}
_REASONS = {
    "invalid_client_id": "Slack knows no app with this client ID.",
    "bad_redirect_uri": "The app&rsquo;s settings do not list the address that people would be "
    "sent back to. Add it under OAuth &amp; Permissions, Redirect URLs.",
    "invalid_scope": "The app asks for a permission that Slack does not have, or for none.",
    "invalid_team": "There is no such workspace.",
}

_STYLE = """
:root { color-scheme: light dark; --page: #f4f1f4; --card: #fff; --ink: #1d1c1d; --soft: #4c484e;
  --line: #d9d4da; --go: #00573e; --on: #fff; }
@media (prefers-color-scheme: dark) { :root { --page: #141116; --card: #1f1b22; --ink: #f3eff4;
  --soft: #bab3be; --line: #3b3540; --go: #3cc493; --on: #0c120f; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 16px; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
main { display: grid; gap: 16px; justify-items: center; align-content: center;
  min-height: calc(100vh - 32px); min-height: calc(100dvh - 32px); }
.card { display: grid; gap: 20px; width: min(100%, 480px); padding: clamp(20px, 6vw, 32px);
  background: var(--card); border: 1px solid var(--line); border-radius: 16px; }
b { display: grid; place-items: center; width: 56px; height: 56px; border-radius: 14px;
  background: #1f4f46; color: #fff; font-size: 1.5rem; }
h1 { margin: 0 0 4px; font-size: 1.375rem; line-height: 1.3; }
h2, legend { margin: 0 0 8px; padding: 0; font-size: 1rem; font-weight: 700; }
p, small { margin: 0; color: var(--soft); font-size: 0.875rem; }
form { display: grid; gap: 20px; }
fieldset { display: grid; gap: 8px; min-width: 0; margin: 0; padding: 0; border: 0; }
label { display: flex; gap: 12px; align-items: center; min-height: 44px; padding: 8px 14px;
  border: 1px solid var(--line); border-radius: 10px; cursor: pointer; }
label:has(:checked) { border-color: var(--go); box-shadow: inset 0 0 0 1px var(--go); }
label span { display: grid; min-width: 0; }
input { flex: none; width: 18px; height: 18px; margin: 0; accent-color: var(--go); }
ul { margin: 0; padding-left: 20px; }
.buttons { display: flex; flex-wrap: wrap; gap: 12px; }
button { flex: 1 1 140px; min-height: 48px; padding: 8px 20px; border: 1px solid transparent;
  border-radius: 10px; background: var(--go); color: var(--on); font: inherit; font-weight: 700;
  cursor: pointer; }
button.quiet { background: none; border-color: var(--line); color: var(--ink); }
:focus-visible { outline: 3px solid var(--go); outline-offset: 2px; }
footer { max-width: 480px; color: var(--soft); font-size: 0.8125rem; text-align: center; }
"""
_HEADERS = {
    # No form-action: Chromium would also apply it to the redirect back to the app.
    "Content-Security-Policy": "default-src 'none'; img-src data:; base-uri 'none'; "
    "frame-ancestors 'none'; style-src 'sha256-"
    f"{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'",
    "Cache-Control": "no-store",
    # With no-referrer, browsers would send `Origin: null` with the form.
    "Referrer-Policy": "same-origin",
}
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
<main>
<div class="card">
<b aria-hidden="true">{initial}</b>
{card}
</div>
<footer>This stands in for Slack&rsquo;s own page: the workspaces are made up, and nothing leaves
this computer.</footer>
</main>
</body>
</html>
"""
_CONSENT = """<div>
<h1>{app} is asking to be added to a Slack workspace</h1>
<p>You are signed in as {user}.</p>
</div>
<form method="post" action="?{query}">
<fieldset>
<legend>Where should {app} be added?</legend>
{places}
</fieldset>
<div>
<h2>What will {app} be able to do?</h2>
<ul>{scopes}</ul>
</div>
<div class="buttons">
<button name="answer" value="allow">Allow</button>
<button name="answer" value="cancel" class="quiet">Cancel</button>
</div>
</form>"""
_PLACE = """<label><input type="radio" name="place" value="{id}" {checked}>
<span>{name}<small>{about}</small></span></label>"""
_REFUSAL = """<h1>Something went wrong when authorizing this app.</h1>
<p>{reason}</p>
<p>Error details: {error}</p>"""


@dataclass(frozen=True)
class AuthorizationRequest:
    """An app's request for authorization.

    Attributes:
        query: the query of the page's URL, which the form repeats.
        scopes: the requested scopes, in the app's order.
        redirect_uri: where to redirect people.
        named_redirect_uri: the same if it was in the request, else "".
        state: the app's state, for the redirect.
    """

    query: str
    scopes: tuple[str, ...]
    redirect_uri: str
    named_redirect_uri: str
    state: str


def ask(request: AuthorizationRequest, preferred: Place) -> web.Response:
    """Return the consent page, with a choice of places."""
    choices = [_choice(place, "checked" * (place == preferred)) for place in PLACES.values()]
    card = _CONSENT.format(
        app=BOT_NAME,
        user=escape(USERS[0].name),
        query=escape(request.query),
        places="\n".join(choices),
        scopes="".join(f"<li>{escape(SCOPES[scope])}</li>" for scope in request.scopes),
    )
    return answer(200, f"Add {BOT_NAME} to Slack", card)


def refuse(error: str) -> web.Response:
    """Return the page for a request that Slack rejects with this error code."""
    card = _REFUSAL.format(reason=_REASONS[error], error=error)
    return answer(400, "Something went wrong", card)


def _choice(place: Place, checked: str) -> str:
    about = f"{place.domain}.slack.com"
    if isinstance(place, Enterprise):
        about = "The whole organisation, with all its workspaces"
    elif isinstance(place, Team) and place.enterprise:
        about += f", in {place.enterprise.name}"
    name, about = escape(place.name), escape(about)
    return _PLACE.format(id=place.id, name=name, about=about, checked=checked)


def answer(status: int, title: str, card: str) -> web.Response:
    """Return a page of Slack's with a card on it."""
    text = _PAGE.format(title=title, style=_STYLE, initial=BOT_NAME[0], card=card)
    return web.Response(status=status, text=text, content_type="text/html", headers=_HEADERS)
