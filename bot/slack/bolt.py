"""The Bolt app: which listener answers which command, click, shortcut, form and event."""

import re

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.slack.cards import CLOSE, MENU, NOTES, SHARE
from bot.slack.listeners.actions import Actions
from bot.slack.listeners.commands import Commands
from bot.slack.listeners.events import Departures
from bot.slack.listeners.links import NoSharedLinks
from bot.slack.listeners.notes import NoNotes
from bot.slack.listeners.shortcuts import ANYWHERE, CONVERSATION, FORM, HERE, Shortcuts
from bot.slack.notes.reply import DELETE, REFRESH, STOP
from bot.slack.replays import OnceApp
from bot.slack.request import SlackRequest
from bot.slack.responder import DONE, Answers, Listener
from bot.slack.wording import notes as words
from bot.slack.wording.commands import check_command
from bot.slack.wording.errors import CHECKING, CLOSING, ENDING, SHARING, STARTING

_ANYTHING = re.compile(".*")
# `process_before_response` makes Bolt acknowledge when a listener returns; by default it polls for
# the acknowledgement every 10 ms and runs the rest in tasks that a restart drops. The guard has
# verified signatures already.
_OPTIONS = {
    "name": "meet-for-slack",
    "signing_secret": "",
    "process_before_response": True,
    "request_verification_enabled": False,
    "ssl_check_enabled": False,
}


def build_bolt(  # noqa: PLR0913 - one for each kind of listener
    answers: Answers,
    command: str,
    *,
    commands: Commands,
    actions: Actions,
    shortcuts: Shortcuts,
    departures: Departures,
    shared_links: NoSharedLinks,
    notes: NoNotes,
) -> AsyncApp:
    """Return the Bolt app with all listeners."""
    check = Listener("meet-check", commands.check, CHECKING)
    slash_commands = {
        command: answers.to_command(Listener("meet", commands.meet, STARTING)),
        check_command(command): answers.to_command(check),
    }
    unknown = answers.to_command(Listener("unknown", commands.unknown, STARTING))
    bolt = OnceApp(slash_commands, unknown, authorize=_authorize, **_OPTIONS)
    bolt.action(SHARE)(answers.to_click(Listener("share", actions.share, SHARING)))
    bolt.action(MENU)(answers.to_click(Listener("end", actions.end, ENDING)))
    bolt.action(CLOSE)(answers.to_click(Listener("close", actions.close, CLOSING)))
    for action, name, handle, purpose in (
        (NOTES, "take-notes", notes.take, words.STARTING),
        (STOP, "stop-notes", notes.stop, words.STOPPING),
        (REFRESH, "refresh-notes", notes.refresh, words.REFRESHING),
        (DELETE, "delete-notes", notes.delete, words.STOPPING),
    ):
        bolt.action(action)(answers.to_click(Listener(name, handle, purpose)))
    bolt.action(_ANYTHING)(answers.to_silent("button", _nothing))
    bolt.shortcut(HERE)(answers.to_click(Listener("here", shortcuts.here, STARTING)))
    bolt.shortcut(ANYWHERE)(answers.to_silent("open-form", shortcuts.open_form))
    form = Listener("form", shortcuts.submitted, STARTING)
    bolt.view(FORM)(answers.to_form(form, CONVERSATION))
    bolt.event("app_uninstalled")(departures.uninstalled)
    bolt.event("tokens_revoked")(departures.revoked)
    bolt.event("link_shared")(shared_links.shared)
    bolt.event(_ANYTHING)(acknowledge)
    bolt.error(_let_through)
    return bolt


async def _authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
    """Authorize every workspace; `Answers` checks that the bot is installed there.

    Otherwise Bolt would look up the token and call `auth.test` before each answer.
    """
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)


async def _let_through(error: Exception) -> None:
    """Re-raise errors inside Bolt for its caller; Bolt itself would only answer 500."""
    raise error


async def _nothing(_: SlackRequest) -> str:
    """Do nothing for a click that only needs an acknowledgement, such as on Join.

    Slack also sends clicks on buttons with a `url`, and shows an error if nobody acknowledges.
    """
    return DONE


async def acknowledge(ack: AsyncAck) -> None:
    """Acknowledge an event that the bot doesn't use."""
    await ack()
