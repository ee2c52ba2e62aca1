"""Put the bot together, open it, and close it without losing an answer."""

import asyncio
import errno
import gc
import logging
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot import __version__
from bot.parts import (
    build_connect,
    build_install_pages,
    build_installs,
    build_meetings,
    build_metrics,
    build_metrics_page,
    build_notes,
    build_policy,
    build_pools,
    build_signed_links,
    build_slack_events,
    build_socket_mode,
    build_videosdk,
)
from bot.settings.public_address import TURN_ON_JOIN, TURN_ON_NOTES
from bot.settings.settings import SLACK_API, Settings, StartError
from bot.slack.bolt import build_bolt, check_token
from bot.slack.calls import Calls
from bot.slack.invitations import Invitations
from bot.slack.joining import Joining, PlainJoining
from bot.slack.limits import MeetingLimits
from bot.slack.listeners.commands import Listeners
from bot.slack.listeners.events import Departures
from bot.slack.listeners.notes import NotesListeners
from bot.slack.listeners.shortcuts import Shortcuts
from bot.slack.live_cards import LiveCards
from bot.slack.plain_cards import PlainCards
from bot.slack.responder import Answers
from bot.slack.response_urls import ResponseUrls
from bot.slack.workspaces import OneWorkspace
from bot.transport import open_http, open_slack, open_transport
from bot.web.connections import raise_descriptor_limit
from bot.web.health import Health
from bot.web.join.page import JoinPage
from bot.web.join.transcribing import Transcribing
from bot.web.routes import build_web
from bot.web.server import Server
from bot.web.webhooks import Webhooks

LOG = logging.getLogger(__name__)

DRAIN = 20.0  # seconds for work in flight once the bot is stopping; hosts give 30
LAST_CARDS = 5.0  # seconds, beside that, for live cards that are being brought up to date
LAST_TOKENS = 2.0  # seconds for tokens that are being renewed then
LAST_ANSWERS = 2.0  # seconds for the acknowledgements that are going out then

_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_ECHO = 1.0  # seconds in which another SIGTERM is the same one
_KILLED_BY = 128  # with the signal's number, the exit code that shells give


async def serve(settings: Settings, address_source: str = "") -> None:
    """Run the bot until it gets a signal to stop.

    Args:
        settings: the bot's.
        address_source: the variable that the public address is from, for the log.
    """
    stop = stop_signal()
    raise_descriptor_limit()
    async with open_bot(settings) as bot:
        LOG.info("serving", extra={"host": settings.host, "port": bot.port, **_features(settings)})
        log_address(settings, address_source)
        _log_notes(settings)
        _collect_garbage()
        await bot.run(stop)
        LOG.info("stopping")
    LOG.info("stopped")
    gc.unfreeze()  # otherwise leftovers are finalised at exit, after logging has shut down


def log_address(settings: Settings, source: str) -> None:
    """Log where people reach the bot, or how to have a Join button."""
    if settings.public_url:
        LOG.info("public address", extra={"url": settings.public_url, "source": source})
    elif not settings.join_url_template:
        LOG.info("cards have no Join button", extra={"fix": TURN_ON_JOIN})


def _log_notes(settings: Settings) -> None:
    """Log how to have notes, where they are wanted and can't be on."""
    if settings.notes != "off" and not settings.has_notes:
        LOG.warning("cards have no Take notes button", extra={"fix": TURN_ON_NOTES})


def _collect_garbage() -> None:
    """Turn the garbage collector on, but freeze what start-up allocated: that stays."""
    gc.freeze()
    gc.enable()


def _features(settings: Settings) -> dict[str, object]:
    """Return what is on, for the log."""
    return {
        "version": __version__,
        "mode": "Socket Mode" if settings.slack_app_token else "HTTP",
        "workspaces": "many" if settings.slack_client_id else "one",
        "command": settings.slack_command,
        "videosdk": settings.videosdk_api_version,
        "join": settings.join_url_template or settings.public_url or "no button",
        "live_cards": settings.has_live_cards,
        "notes": settings.has_notes,
        "limits": bool(settings.meetings_per_user or settings.meetings_per_team),
        "metrics": settings.metrics_token is not None,
    }


def stop_signal() -> asyncio.Event:
    """Return an event that is set on SIGTERM or SIGINT, as hosts and people send them.

    The next SIGINT ends the process at once, whatever it is busy with; so does a SIGTERM, unless it
    follows within a second: process managers pass on what the host has sent to everybody already.
    """
    stop = asyncio.Event()
    for number in _STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, _stop, stop)
    return stop


def _stop(stop: asyncio.Event) -> None:
    began = time.monotonic()

    def end_at_once(number: int, _: object) -> None:
        if number == signal.SIGTERM and time.monotonic() - began < _ECHO:
            return
        LOG.warning("stopped at once", extra={"signal": signal.Signals(number).name})
        os._exit(_KILLED_BY + number)

    for number in _STOP_SIGNALS:
        asyncio.get_running_loop().remove_signal_handler(number)  # it would wait for the loop
        signal.signal(number, end_at_once)
    stop.set()


@asynccontextmanager
async def open_bot(settings: Settings) -> AsyncIterator["Bot"]:
    """Run the bot; on exit, drain every request it has accepted.

    Raises:
        StartError: the bot can't run; the message says why.
    """
    bot = Bot(settings)
    try:
        await bot.open()
        yield bot
    finally:
        await bot.close()


class Bot:
    """Every part of the bot, built from the settings and joined."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        metrics = build_metrics(settings)
        way_out = (metrics, build_policy(settings), build_pools())
        transport = open_transport(*way_out)
        self._http = open_http(transport)
        self._slack = open_slack(*way_out)
        connect = build_connect(settings, self._slack)
        self._installs = build_installs(settings, connect)
        self._client = connect(settings.slack_bot_token)
        workspaces = self._installs.workspaces if self._installs else OneWorkspace(self._client)
        videosdk = build_videosdk(settings, transport)
        pages = build_signed_links(settings)
        meetings = build_meetings(settings, videosdk, pages)
        own_slack = settings.slack_api_url if settings.slack_api_url != SLACK_API else None
        response_urls = ResponseUrls(self._http, own_slack)
        self._answers = Answers(response_urls, workspaces, metrics=metrics)
        self._live_cards: LiveCards | PlainCards = PlainCards()
        joining: Joining | PlainJoining = PlainJoining()
        if settings.has_live_cards:
            self._live_cards = LiveCards(Calls(workspaces), videosdk, metrics=metrics)
        self._notes = build_notes(settings, videosdk, pages, workspaces)
        offers = self._notes is not None
        invitations = Invitations(meetings, self._live_cards, offer_notes=offers)
        notes: NotesListeners | None = None
        if isinstance(self._live_cards, LiveCards):
            if self._notes:
                notes = NotesListeners(meetings, self._live_cards, self._notes)
            joining = Joining(meetings, invitations, self._live_cards, workspaces)
        listeners = Listeners(
            meetings,
            settings.videosdk_regions,
            settings.slack_command,
            invitations=invitations,
            live_cards=self._live_cards,
            limits=MeetingLimits(settings.meetings_per_user, settings.meetings_per_team),
        )
        shortcuts = Shortcuts(listeners, workspaces, settings.videosdk_regions)
        departures = Departures(workspaces)
        command = settings.slack_command
        bolt = build_bolt(listeners, shortcuts, departures, self._answers, command, notes=notes)
        self._socket_session = open_slack(*way_out)
        self._socket_mode = build_socket_mode(settings, bolt, self._socket_session)
        self._health = Health(
            self._socket_mode.is_connected if self._socket_mode else None,
            self._installs.ping if self._installs else None,
        )
        embed_url = settings.videosdk_embed_url
        routes = build_web(
            self._health,
            build_slack_events(settings, bolt),
            join=JoinPage(
                pages,
                videosdk,
                joining,
                embed_url,
                command,
                transcribing=Transcribing(videosdk) if self._notes else None,
                metrics=metrics,
            )
            if pages
            else None,
            webhooks=Webhooks(pages, videosdk, self._live_cards, metrics, notes=self._notes)
            if pages and isinstance(self._live_cards, LiveCards)
            else None,
            install=build_install_pages(settings, self._installs, connect, metrics),
            metrics=build_metrics_page(settings, metrics),
        )
        self._server = Server(routes, LAST_ANSWERS, settings.keep_alive_seconds)
        self._token_check: asyncio.Task[None] | None = None
        self._sweep: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port that the bot listens on, also where the settings left the choice open."""
        return self._server.port

    async def open(self) -> None:
        """Begin to listen, and to be reached by Slack."""
        if self._installs:
            await self._installs.open()
        else:
            self._token_check = asyncio.create_task(check_token(self._client))
        await self._listen()
        if self._socket_mode:
            await self._socket_mode.open()
        self._sweep = asyncio.create_task(self._live_cards.sweep())

    async def _listen(self) -> None:
        host, port = self._settings.host, self._settings.port
        try:
            await self._server.open(host, port)
        except OSError as error:
            raise _cannot_listen(host, port, error) from None

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until a signal stops the bot.

        Raises:
            SettingsError: Slack rejects the app token, after it was out of reach at first.
        """
        stopping = asyncio.create_task(stop.wait())
        connecting = self._socket_mode.connecting if self._socket_mode else None
        ends = {stopping} | ({connecting} if connecting else set())
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if connecting and connecting.done():
            connecting.result()

    async def close(self) -> None:
        """Finish what is in flight, then stop listening."""
        self._health.draining = True
        self._server.drain()
        for task in filter(None, (self._token_check, self._sweep)):
            task.cancel()
        await asyncio.gather(self._answers.drain(DRAIN), self._live_cards.drain(LAST_CARDS))
        if self._notes:
            await self._notes.drain(LAST_CARDS)
        if self._socket_mode:
            await self._socket_mode.close(LAST_ANSWERS)
        await self._server.close()
        if self._installs:
            await self._installs.close(LAST_TOKENS)
        await self._socket_session.close()
        await self._slack.close()
        await self._http.aclose()


def _cannot_listen(host: str, port: int, error: OSError) -> StartError:
    """Return the error in words; asyncio has none for an address that no interface has."""
    if error.errno in (errno.EADDRINUSE, errno.EACCES):
        return StartError(
            f"Meet for Slack can't listen on port {port}: {os.strerror(error.errno)}. "
            "Set PORT to another one, or stop what uses it."
        )
    return StartError(
        f"Meet for Slack can't listen on {host}: this machine has no such address. "
        "Set BIND_HOST to one that it has, like 0.0.0.0, :: or 127.0.0.1."
    )
