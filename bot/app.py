"""Put the bot together: one root, which opens every part and closes it without losing an answer.

What is switched off is a part too, with the same interface.
"""

import asyncio
import errno
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
from slack_bolt.async_app import AsyncApp

from bot.links import JoinLinks, NoLinks, SignedLinks, TemplateLinks
from bot.manifest import scopes
from bot.meetings import Meetings
from bot.participant_ids import MemberIds
from bot.rooms.ids import RoomIds
from bot.rooms.rooms import Rooms
from bot.settings.derived_keys import (
    links_key,
    members_key,
    rooms_key,
    sign_in_flow_key,
    sign_in_key,
)
from bot.settings.settings import SLACK_API, Settings, StartError
from bot.slack.bolt import build_bolt
from bot.slack.calls import Calls
from bot.slack.direct_messages import DirectMessages, Mentions
from bot.slack.http_mode import HttpMode
from bot.slack.invitations import Invitations
from bot.slack.joining import Joining, PlainJoining
from bot.slack.limits import MeetingLimits
from bot.slack.listeners.actions import Actions
from bot.slack.listeners.commands import Commands
from bot.slack.listeners.events import Departures
from bot.slack.listeners.links import NoSharedLinks, SharedLinks
from bot.slack.listeners.notes import NoNotes, NoteTaking
from bot.slack.listeners.shortcuts import Shortcuts
from bot.slack.listeners.starting import Starting
from bot.slack.live_cards import LiveCards
from bot.slack.live_invitations import LiveInvitations
from bot.slack.notes.notes import Notes
from bot.slack.notes.options import TranscriptionOptions
from bot.slack.notes.plain_notes import PlainNotes
from bot.slack.notes.replies import Replies
from bot.slack.one_workspace import OneWorkspace
from bot.slack.plain_cards import PlainCards
from bot.slack.responder import Answers
from bot.slack.response_urls import ResponseUrls
from bot.slack.web_api import WebApi
from bot.slack.workspaces import Workspaces
from bot.telemetry.metrics import UNCOUNTED, Metrics, PrometheusMetrics
from bot.transport import Policy, Pools, open_http, open_slack, open_transport, open_videosdk
from bot.videosdk import VideoSDK
from bot.web import routes
from bot.web.guard import Guard
from bot.web.health import Health
from bot.web.install.flow import InstallPages
from bot.web.install.slack_app import SlackApp
from bot.web.join.doors import OPEN_DOOR, OpenDoor, SlackDoor
from bot.web.join.page import JoinPage
from bot.web.join.transcribing import NeverTranscribing, Transcribing
from bot.web.metrics import MetricsPage
from bot.web.routes import Routes
from bot.web.server import Server
from bot.web.sign_in.flow import SignIn
from bot.web.slack import SlackEvents
from bot.web.webhooks import NotesWebhooks, Webhooks

if TYPE_CHECKING:
    from bot.installs.lifecycle import Installs  # loads SQLAlchemy
    from bot.slack.socket_mode import SocketMode

DRAIN = 20.0  # seconds for work in flight once the bot is stopping; hosts give 30
LAST_CARDS = 5.0  # seconds, beside that, for live cards that are being brought up to date
LAST_TOKENS = 2.0  # seconds for tokens that are being renewed then
LAST_ANSWERS = 2.0  # seconds for the acknowledgements that are going out then


@dataclass(frozen=True)
class Bot:
    """A running bot.

    Attributes:
        port: where it listens, also where the settings left the choice open.
        connecting: done once Slack can't reach the bot any more, for good.
    """

    port: int
    connecting: asyncio.Future[None]

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until a signal stops the bot.

        Raises:
            SettingsError: Slack rejects the app token, after it was out of reach at first.
        """
        stopping = asyncio.create_task(stop.wait())
        ends: set[asyncio.Future[Any]] = {stopping, self.connecting}
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if self.connecting.done():
            self.connecting.result()


@asynccontextmanager
async def open_bot(settings: Settings) -> AsyncIterator[Bot]:
    """Run the bot; on exit, drain every request it has accepted.

    Raises:
        StartError: the bot can't run; the message says why.
    """
    async with AsyncExitStack() as stack:
        metrics, counting = _metrics(settings)
        way_out = (metrics, Policy.of(settings), Pools.of_process())
        transport = open_transport(*way_out)
        http = await stack.enter_async_context(open_http(transport))
        session = await stack.enter_async_context(open_slack(*way_out))
        web_api = WebApi(settings.slack_api_url, session)
        installs, workspaces, installing = _installs(settings, web_api, metrics)
        stack.push_async_callback(installs.close, LAST_TOKENS)

        videosdk = open_videosdk(settings, transport)
        meetings = _meetings(settings, videosdk)
        cards, reporting = _cards(settings, meetings, videosdk, workspaces, metrics)
        answers = Answers(_response_urls(settings, http), workspaces, metrics=metrics)
        bolt = _bolt(settings, answers, meetings, workspaces, cards)
        way_in, asking = _way_in(settings, bolt, way_out)
        door, signing_in = _door(settings, web_api)
        visiting = _join_page(settings, videosdk, cards, door, metrics)

        health = Health(way_in.is_connected, installs.ping)
        known = [*routes.for_the_host(health), *counting, *installing, *reporting]
        web = routes.build_web([*known, *asking, *visiting, *signing_in])
        server = Server(web, LAST_ANSWERS, settings.keep_alive_seconds)
        stack.push_async_callback(server.close)
        stack.push_async_callback(way_in.close, LAST_ANSWERS)
        stack.push_async_callback(_drain, health, server, answers, cards)

        await installs.open()
        await _listen(server, settings.host, settings.port)
        connecting = await way_in.open()
        for work in (installs.check(), cards.live.sweep()):
            stack.callback(asyncio.create_task(work).cancel)
        yield Bot(server.port, connecting)


def _metrics(settings: Settings) -> tuple[Metrics, Routes]:
    """Return what counts, and the page for whoever looks; without a token, neither does a thing."""
    if not settings.metrics_token:
        return UNCOUNTED, []
    metrics = PrometheusMetrics()
    return metrics, routes.for_prometheus(MetricsPage(metrics, settings.metrics_token))


def _installs(
    settings: Settings, web_api: WebApi, metrics: Metrics
) -> "tuple[Installs | OneWorkspace, Workspaces, Routes]":
    """Return where the bot is installed: in one workspace, or wherever people install it."""
    if not settings.serves_many:
        one = OneWorkspace(web_api.client(settings.slack_bot_token))
        return one, one, routes.for_visitors()
    from bot.installs.lifecycle import Installs  # a single workspace does without SQLAlchemy

    installs = Installs(settings, web_api.client)
    app, save = _slack_app(settings), installs.workspaces.save
    pages = InstallPages(app, web_api.client(None), installs.states, save, metrics=metrics)
    return installs, installs.workspaces, routes.for_installs(pages)


def _slack_app(settings: Settings) -> SlackApp:
    return SlackApp(
        str(settings.slack_client_id),
        str(settings.slack_client_secret),
        scopes(),
        settings.slack_command,
        str(settings.public_url),
        settings.slack_api_url,
        settings.support_url,
        settings.privacy_url,
    )


def _meetings(settings: Settings, videosdk: VideoSDK) -> Meetings:
    """Return the product without Slack and without HTTP."""
    ids = RoomIds(rooms_key(settings))
    webhooks = _own_links(settings) if settings.has_live_cards else None
    links: JoinLinks = NoLinks()
    if settings.join_url_template:
        links = TemplateLinks(settings.join_url_template)
    elif settings.public_url:
        links = _own_links(settings)
    return Meetings(
        videosdk,
        regions=settings.videosdk_regions,
        rooms=Rooms(videosdk, ids, settings.videosdk_default_region, webhooks),
        room_ids=ids,
        links=links,
        has_live_cards=settings.has_live_cards,
        serves_many=settings.serves_many,
    )


def _own_links(settings: Settings) -> SignedLinks:
    return SignedLinks(str(settings.public_url), links_key(settings))


class _Cards(NamedTuple):
    """What makes cards, keeps them true, lets people in by them, and shows them below links."""

    live: PlainCards
    invitations: Invitations
    joining: PlainJoining
    shared_links: NoSharedLinks = NoSharedLinks()
    notes: PlainNotes = PlainNotes()
    note_taking: NoNotes = NoNotes()
    transcribing: NeverTranscribing = NeverTranscribing()


def _cards(
    settings: Settings,
    meetings: Meetings,
    videosdk: VideoSDK,
    workspaces: Workspaces,
    metrics: Metrics,
) -> tuple[_Cards, Routes]:
    """Return live cards and what VideoSDK reports to, or plain cards."""
    if not settings.has_live_cards:
        return _Cards(PlainCards(), Invitations(meetings), PlainJoining()), []
    links = _own_links(settings)
    live = LiveCards(Calls(workspaces), videosdk, members=_members(settings), metrics=metrics)
    invitations = LiveInvitations(meetings, live, offer_notes=settings.has_notes)
    joining = Joining(meetings, invitations, live, workspaces)
    shared_links = SharedLinks(links, meetings, live, workspaces)
    cards = _Cards(live, invitations, joining, shared_links)
    if not settings.has_notes:
        return cards, routes.for_videosdk(Webhooks(links, videosdk, live, metrics))
    notes = Notes(
        videosdk, links, Replies(workspaces), TranscriptionOptions.from_settings(settings)
    )
    reporting = [
        *routes.for_videosdk(Webhooks(links, videosdk, live, metrics, notes)),
        *routes.for_notes(NotesWebhooks(links, videosdk, notes, metrics)),
    ]
    taking = NoteTaking(meetings, live, notes)
    return cards._replace(
        notes=notes, note_taking=taking, transcribing=Transcribing(videosdk, notes)
    ), reporting


def _members(settings: Settings) -> MemberIds | None:
    """Return what puts members into participants' ids, if people can sign in."""
    return MemberIds(members_key(settings)) if settings.signs_in else None


def _response_urls(settings: Settings, http: httpx.AsyncClient) -> ResponseUrls:
    """Return where follow-ups go: to Slack, or to the Slack that an operator named."""
    other_slack = settings.slack_api_url if settings.slack_api_url != SLACK_API else None
    return ResponseUrls(http, other_slack)


def _bolt(
    settings: Settings,
    answers: Answers,
    meetings: Meetings,
    workspaces: Workspaces,
    cards: _Cards,
) -> AsyncApp:
    """Return Bolt with the listeners."""
    regions, command = settings.videosdk_regions, settings.slack_command
    limits = MeetingLimits(settings.meetings_per_user, settings.meetings_per_team)
    invitations = cards.invitations
    mentions = DirectMessages(workspaces) if settings.invites == "message" else Mentions()
    starting = Starting(meetings, invitations, limits, mentions)
    return build_bolt(
        answers,
        command,
        commands=Commands(
            starting, meetings, invitations, checks=limits.checks, regions=regions, command=command
        ),
        actions=Actions(meetings, invitations, cards.live),
        shortcuts=Shortcuts(starting, workspaces, regions),
        departures=Departures(workspaces),
        shared_links=cards.shared_links,
        notes=cards.note_taking,
    )


def _way_in(
    settings: Settings, bolt: AsyncApp, way_out: tuple[Metrics, Policy, Pools]
) -> "tuple[SocketMode | HttpMode, Routes]":
    """Return how Slack reaches Bolt: over a connection of the bot's own, or by HTTP."""
    if not settings.slack_app_token:
        guard = Guard(str(settings.slack_signing_secret))
        return HttpMode(), routes.for_slack(SlackEvents(bolt, guard))
    from bot.slack.socket_mode import SocketMode  # who is reached by HTTP starts sooner without

    session = open_slack(*way_out)
    return SocketMode(bolt, settings.slack_app_token, settings.slack_api_url, session), []


def _door(settings: Settings, web_api: WebApi) -> tuple[OpenDoor, Routes]:
    """Return who may join, and the pages on which they sign in with Slack, if they can."""
    members = _members(settings)
    if members is None:
        return OPEN_DOOR, []
    keys = sign_in_key(settings), sign_in_flow_key(settings)
    sign_in = SignIn(_slack_app(settings), web_api.client(None), _own_links(settings), *keys)
    door = SlackDoor(sign_in, members, required=settings.sign_in == "required")
    return door, routes.for_signing_in(sign_in)


def _join_page(
    settings: Settings, videosdk: VideoSDK, cards: _Cards, door: OpenDoor, metrics: Metrics
) -> Routes:
    """Return the page behind the Join button, if the bot has a public address."""
    if not settings.public_url:
        return []
    embed_url, command = settings.videosdk_embed_url, settings.slack_command
    links = _own_links(settings)
    page = JoinPage(
        links,
        videosdk,
        cards.joining,
        embed_url,
        command,
        door=door,
        transcribing=cards.transcribing,
        metrics=metrics,
    )
    return routes.for_joining(page)


async def _listen(server: Server, host: str, port: int) -> None:
    """Start listening.

    Raises:
        StartError: the address can't be had; asyncio has no words for one that no interface has.
    """
    try:
        await server.open(host, port)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise StartError(
                f"Meet for Slack can't listen on {host}: this machine has no such address. "
                "Set BIND_HOST to one that it has, like 0.0.0.0, :: or 127.0.0.1."
            ) from None
        raise StartError(
            f"Meet for Slack can't listen on port {port}: {os.strerror(error.errno)}. "
            "Set PORT to another one, or stop what uses it."
        ) from None


async def _drain(health: Health, server: Server, answers: Answers, cards: _Cards) -> None:
    """Tell everyone that the bot is stopping, and finish what it has promised."""
    health.draining = True
    server.drain()
    await asyncio.gather(answers.drain(DRAIN), cards.live.drain(LAST_CARDS))
    await cards.notes.drain(LAST_CARDS)
