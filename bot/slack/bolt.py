"""Bind the listeners to Slack's Bolt."""

import asyncio
import logging
import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.cards import CLOSE, MENU, NOTES, SHARE
from bot.slack.failures import Failure, Meaning
from bot.slack.listeners.commands import Listeners
from bot.slack.listeners.events import Departures
from bot.slack.listeners.notes import NotesListeners, notes_off
from bot.slack.listeners.shortcuts import ANYWHERE, CONVERSATION, FORM, HERE, Shortcuts
from bot.slack.notes.reply import DELETE, REFRESH, STOP
from bot.slack.pauses import Pauses
from bot.slack.replays import OnceApp
from bot.slack.request import SlackRequest
from bot.slack.responder import DONE, Answers, Listener
from bot.slack.slash_commands import Commands
from bot.slack.wording import notes as notes_words
from bot.slack.wording.commands import check_command
from bot.slack.wording.errors import CHECKING, CLOSING, ENDING, SHARING, STARTING

LOG = logging.getLogger(__name__)

_ANYTHING = re.compile(".*")


def build_bolt(  # noqa: PLR0913 - one for each kind of listener
    listeners: Listeners,
    shortcuts: Shortcuts,
    departures: Departures,
    answers: Answers,
    command: str,
    *,
    notes: NotesListeners | None = None,
) -> AsyncApp:
    """Return the Bolt app with every listener in its place.

    `process_before_response` makes Bolt send the acknowledgement when a listener ends: by default
    it polls for it every 10 ms, and runs the rest in tasks that a restart drops. Signatures are
    verified in front of Bolt, by the guard. A request that is delivered again is not done again.
    """
    commands = {
        command: answers.to_command(Listener("meet", listeners.meet, STARTING)),
        check_command(command): answers.to_command(
            Listener("meet-check", listeners.check, CHECKING)
        ),
    }
    unknown = answers.to_command(Listener("unknown", listeners.unknown, STARTING))
    bolt = OnceApp(
        Commands(commands, unknown),
        name="meet-for-slack",
        signing_secret="",
        authorize=_authorize,
        process_before_response=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
    )
    bolt.action(SHARE)(answers.to_click(Listener("share", listeners.share, SHARING)))
    bolt.action(MENU)(answers.to_click(Listener("end", listeners.end, ENDING)))
    bolt.action(CLOSE)(answers.to_click(Listener("close", listeners.close, CLOSING)))
    for action, listener in _of_notes(notes).items():
        bolt.action(action)(answers.to_click(listener))
    bolt.action(_ANYTHING)(answers.to_silent("button", _nothing))
    bolt.shortcut(HERE)(answers.to_click(Listener("here", shortcuts.here, STARTING)))
    bolt.shortcut(ANYWHERE)(answers.to_silent("open-form", shortcuts.open_form))
    form = Listener("form", shortcuts.submitted, STARTING)
    bolt.view(FORM)(answers.to_form(form, CONVERSATION))
    bolt.event("app_uninstalled")(departures.uninstalled)
    bolt.event("tokens_revoked")(departures.revoked)
    bolt.event(_ANYTHING)(acknowledge)
    bolt.error(_let_through)
    return bolt


def _of_notes(notes: NotesListeners | None) -> dict[str, Listener]:
    """Return what answers the buttons of notes, also of a time in which notes were on."""
    take = notes.take if notes else notes_off
    stop = notes.stop if notes else notes_off
    refresh = notes.refresh if notes else notes_off
    delete = notes.delete if notes else notes_off
    return {
        NOTES: Listener("take-notes", take, notes_words.STARTING),
        STOP: Listener("stop-notes", stop, notes_words.STOPPING),
        REFRESH: Listener("refresh-notes", refresh, notes_words.REFRESHING),
        DELETE: Listener("delete-notes", delete, notes_words.STOPPING),
    }


async def _authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
    """Let every workspace in: `Answers` asks where the bot is installed, and says it in words.

    Bolt would look up the token and ask Slack `auth.test` before each answer.
    """
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)


async def _let_through(error: Exception) -> None:
    """Leave what goes wrong inside Bolt to whoever called it; Bolt would answer 500 and go on."""
    raise error


async def _nothing(_: SlackRequest) -> str:
    """Do nothing for a click that needs no more than an acknowledgement, such as Join's.

    Slack reports buttons with a url as well, and marks them as broken when nobody answers.
    """
    return DONE


async def acknowledge(ack: AsyncAck) -> None:
    """Acknowledge an event that means nothing here."""
    await ack()


async def check_token(client: AsyncWebClient) -> None:
    """Log which workspace the bot token opens, or why Slack rejects it.

    Commands are answered without the token, so this runs beside them, and ends nothing.
    """
    pauses = Pauses()
    warn = LOG.warning
    while failure := await _try_token(client):
        if failure.meaning is not Meaning.TRANSIENT:
            LOG.warning("Slack rejected SLACK_BOT_TOKEN", extra={"reason": failure.reason})
            return
        warn("Slack could not be asked about SLACK_BOT_TOKEN", extra={"reason": failure.reason})
        warn = LOG.debug  # once is enough
        await asyncio.sleep(pauses.next(failure.retry_after))


async def _try_token(client: AsyncWebClient) -> Failure | None:
    try:
        answer: Any = await client.auth_test()
    except Exception as error:  # noqa: BLE001 - slack_sdk lets through what its transport raises
        return Failure.of(error)
    LOG.info("Slack knows this bot", extra={"team": answer["team_id"], "bot": answer["user"]})
    return None
