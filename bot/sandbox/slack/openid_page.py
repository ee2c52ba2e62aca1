"""HTML of the page where people sign in to the app with Slack."""

from html import escape

from aiohttp import web

from bot.sandbox.slack.oauth_page import answer
from bot.sandbox.slack.teams import TEAMS, Team
from bot.sandbox.slack.workspace import BOT_NAME, USERS, User

_REASONS = {
    "invalid_client_id": "Slack knows no app with this client ID.",
    "bad_redirect_uri": "The app&rsquo;s settings do not list the address that people would be "
    "sent back to. Add it under OAuth &amp; Permissions, Redirect URLs.",
    "invalid_scope": "The app asks for something that signing in does not offer.",
    "unsupported_response_type": "The app must ask for a code.",
    "invalid_team": "There is no such workspace, or nobody with that name in it.",
}
_CONSENT = """<div>
<h1>Sign in to {app} with Slack</h1>
<p>{app} will see your name and your picture.</p>
</div>
<form method="post" action="?{query}">
<fieldset>
<legend>Who are you?</legend>
{people}
</fieldset>
<fieldset>
<legend>In which workspace?</legend>
{teams}
</fieldset>
<div class="buttons">
<button name="answer" value="allow">Allow</button>
<button name="answer" value="cancel" class="quiet">Cancel</button>
</div>
</form>"""
_CHOICE = """<label><input type="radio" name="{name}" value="{value}" {checked}>
<span>{label}</span></label>"""
_REFUSAL = """<h1>Something went wrong when signing you in.</h1>
<p>{reason}</p>
<p>Error details: {error}</p>"""
_PICTURE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 72">
<rect width="72" height="72" fill="{color}"/>
<text x="36" y="48" font-family="system-ui, sans-serif" font-size="36" font-weight="700"
text-anchor="middle" fill="#fff">{initial}</text></svg>"""


def ask_who(query: str, preferred: Team) -> web.Response:
    """Return the page that asks people who they are.

    Args:
        query: the page's query, which its form sends again.
        preferred: the workspace that the app asks for.
    """
    people = [_choice("user", one.id, one.name, USERS[0].id) for one in USERS]
    teams = [_choice("team", one.id, one.name, preferred.id) for one in TEAMS]
    card = _CONSENT.format(
        app=BOT_NAME, query=escape(query), people="\n".join(people), teams="\n".join(teams)
    )
    return answer(200, f"Sign in to {BOT_NAME}", card)


def refuse_sign_in(error: str) -> web.Response:
    """Return the page that says why people can't sign in, for one of Slack's error codes."""
    card = _REFUSAL.format(reason=_REASONS[error], error=error)
    return answer(400, "Something went wrong", card)


def picture(user: User) -> web.Response:
    """Return somebody's picture."""
    text = _PICTURE.format(color=user.color, initial=escape(user.name[0]))
    return web.Response(text=text, content_type="image/svg+xml")


def _choice(name: str, value: str, label: str, preferred: str) -> str:
    checked = "checked" * (value == preferred)
    return _CHOICE.format(name=name, value=value, label=escape(label), checked=checked)
