"""Composition root: builds every part of the bot, opens it, and closes it without losing an answer.

A feature that is switched off is a part too, with the same interface.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

from slack_bolt.async_app import AsyncApp

from bot.links import JoinLinks, NoLinks, SignedLinks, TemplateLinks
from bot.meetings import LiveMeetings, Meetings
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
from bot.settings.settings import Settings
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
from bot.telemetry.metrics import NO_METRICS, Metrics, PrometheusMetrics
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
from bot.web.webhooks import NotesWebhooks, SignedEvents, Webhooks

if TYPE_CHECKING:
    from bot.installs.lifecycle import Installs  # loads SQLAlchemy
    from bot.slack.socket_mode import SocketMode

# Seconds that each kind of work in flight gets when the bot stops; hosts give 30 in all.
DRAIN = 20.0  # answers
LAST_CARDS = 5.0  # updates of live cards, and then of notes
LAST_TOKENS = 2.0  # token renewals
LAST_ANSWERS = 2.0  # acknowledgements


class Bot(NamedTuple):
    """A running bot.

    Attributes:
        port: the port it listens on, chosen by the system if the settings say 0.
        connecting: done only when Slack can't reach the bot any more, for good; its error says why.
    """

    port: int
    connecting: asyncio.Future[None]


@asynccontextmanager
async def open_bot(settings: Settings) -> AsyncIterator[Bot]:
    """Run the bot; on exit, drain every request it has accepted.

    Raises:
        StartError: the bot can't run; the message says why.
    """
    async with AsyncExitStack() as stack:
        metrics, metrics_routes = _metrics(settings)
        outbound = (metrics, Policy.of(settings), Pools.of_process())
        transport = open_transport(*outbound)
        http = await stack.enter_async_context(open_http(transport))
        session = await stack.enter_async_context(open_slack(*outbound))
        web_api = WebApi(settings.slack_api_url, session)
        installs, workspaces, install_routes = _installs(settings, web_api, metrics)
        stack.push_async_callback(installs.close, LAST_TOKENS)

        videosdk = open_videosdk(settings, transport)
        meetings = _meetings(settings, videosdk)
        cards, webhook_routes = _cards(settings, meetings, videosdk, workspaces, metrics)
        response_urls = ResponseUrls(http, settings.slack_api_url)
        answers = Answers(response_urls, workspaces, metrics=metrics)
        bolt = _bolt(settings, answers, meetings, workspaces, cards)
        slack, slack_routes = _slack_connection(settings, bolt, outbound)
        door, sign_in_routes = _door(settings, web_api)
        join_routes = _join_page(settings, videosdk, cards, door, metrics)

        health = Health(slack.is_connected, installs.ping)
        pages = [*install_routes, *join_routes, *sign_in_routes]
        endpoints = [*slack_routes, *webhook_routes, *metrics_routes]
        web = routes.build_web([*routes.for_the_host(health), *pages, *endpoints])
        server = Server(web, LAST_ANSWERS, settings.keep_alive_seconds)
        stack.push_async_callback(server.close)
        stack.push_async_callback(slack.close, LAST_ANSWERS)
        stack.push_async_callback(_drain, health, server, answers, cards)

        await installs.open()
        await server.open(settings.host, settings.port)
        connecting = await slack.open()
        for work in (installs.check(), cards.live.sweep()):
            stack.callback(asyncio.create_task(work).cancel)
        yield Bot(server.port, connecting)


def _metrics(settings: Settings) -> tuple[Metrics, Routes]:
    """Return the metrics and their page; without METRICS_TOKEN, nothing is counted or served."""
    if not settings.metrics_token:
        return NO_METRICS, []
    metrics = PrometheusMetrics()
    return metrics, routes.for_prometheus(MetricsPage(metrics, settings.metrics_token))


def _installs(
    settings: Settings, web_api: WebApi, metrics: Metrics
) -> "tuple[Installs | OneWorkspace, Workspaces, Routes]":
    """Return the installations, the workspaces, and the pages: for one workspace or for many."""
    if not settings.serves_many:
        one = OneWorkspace(web_api.client(settings.slack_bot_token))
        return one, one, routes.for_visitors()
    from bot.installs.lifecycle import Installs  # imports SQLAlchemy: not for a single workspace

    installs = Installs(settings, web_api.client)
    app, save = SlackApp.from_settings(settings), installs.workspaces.save
    pages = InstallPages(app, web_api.client(None), installs.states, save, metrics=metrics)
    return installs, installs.workspaces, routes.for_installs(pages)


def _meetings(settings: Settings, videosdk: VideoSDK) -> Meetings:
    """Return the meetings, with the links that the settings ask for."""
    ids = RoomIds(rooms_key(settings))
    webhooks = _own_links(settings) if settings.has_live_cards else None
    links: JoinLinks = NoLinks()
    if settings.join_url_template:
        links = TemplateLinks(settings.join_url_template)
    elif settings.public_url:
        links = _own_links(settings)
    kind = LiveMeetings if settings.has_live_cards else Meetings
    return kind(
        videosdk,
        regions=settings.videosdk_regions,
        rooms=Rooms(videosdk, ids, settings.videosdk_default_region, webhooks),
        room_ids=ids,
        links=links,
        serves_many=settings.serves_many,
    )


def _own_links(settings: Settings) -> SignedLinks:
    return SignedLinks(str(settings.public_url), links_key(settings))


class _Cards(NamedTuple):
    """Parts that make cards, update them, let people join from them, and take notes."""

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
    """Return the parts for live cards with their webhooks, or those for plain cards."""
    if not settings.has_live_cards:
        return _Cards(PlainCards(), Invitations(meetings), PlainJoining()), []
    links = _own_links(settings)
    live = LiveCards(Calls(workspaces), videosdk, members=_members(settings), metrics=metrics)
    invitations = LiveInvitations(meetings, live, offer_notes=settings.has_notes)
    joining = Joining(meetings, invitations, live, workspaces)
    shared_links = SharedLinks(links, meetings, live, workspaces)
    cards = _Cards(live, invitations, joining, shared_links)
    events = SignedEvents(videosdk, metrics)
    if not settings.has_notes:
        return cards, routes.for_videosdk(Webhooks(links, events, live, cards.notes))
    notes = Notes(
        videosdk, links, Replies(workspaces), TranscriptionOptions.from_settings(settings)
    )
    webhook_routes = [
        *routes.for_videosdk(Webhooks(links, events, live, notes)),
        *routes.for_notes(NotesWebhooks(links, events, notes)),
    ]
    taking = NoteTaking(meetings, live, notes)
    return cards._replace(
        notes=notes, note_taking=taking, transcribing=Transcribing(videosdk, notes)
    ), webhook_routes


def _members(settings: Settings) -> MemberIds | None:
    """Return the signer of members' participant IDs, if people can sign in."""
    return MemberIds(members_key(settings)) if settings.signs_in else None


def _bolt(
    settings: Settings,
    answers: Answers,
    meetings: Meetings,
    workspaces: Workspaces,
    cards: _Cards,
) -> AsyncApp:
    """Return the Bolt app with its listeners."""
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


def _slack_connection(
    settings: Settings, bolt: AsyncApp, outbound: tuple[Metrics, Policy, Pools]
) -> "tuple[SocketMode | HttpMode, Routes]":
    """Return Socket Mode, or HTTP mode and the address for Slack's requests."""
    if not settings.slack_app_token:
        guard = Guard(str(settings.slack_signing_secret))
        return HttpMode(), routes.for_slack(SlackEvents(bolt, guard))
    from bot.slack.socket_mode import SocketMode  # not imported for HTTP: faster start

    session = open_slack(*outbound)
    return SocketMode(bolt, settings.slack_app_token, settings.slack_api_url, session), []


def _door(settings: Settings, web_api: WebApi) -> tuple[OpenDoor, Routes]:
    """Return the rule for who may join, and the pages to sign in with Slack if it's on."""
    members = _members(settings)
    if members is None:
        return OPEN_DOOR, []
    keys = sign_in_key(settings), sign_in_flow_key(settings)
    sign_in = SignIn(
        SlackApp.from_settings(settings), web_api.client(None), _own_links(settings), *keys
    )
    door = SlackDoor(sign_in, members, required=settings.sign_in == "required")
    return door, routes.for_signing_in(sign_in)


def _join_page(
    settings: Settings, videosdk: VideoSDK, cards: _Cards, door: OpenDoor, metrics: Metrics
) -> Routes:
    """Return the page behind the Join button, if the bot has a public address."""
    if not settings.public_url:
        return []
    page = JoinPage(
        _own_links(settings),
        videosdk,
        cards.joining,
        settings.videosdk_embed_url,
        settings.slack_command,
        door=door,
        transcribing=cards.transcribing,
        metrics=metrics,
    )
    return routes.for_joining(page)


async def _drain(health: Health, server: Server, answers: Answers, cards: _Cards) -> None:
    """Report the bot as stopping, close connections after their answers, and finish pending work.

    Pending work is promised answers, then live cards and notes that are being updated.
    """
    health.draining = True
    server.drain()
    await asyncio.gather(answers.drain(DRAIN), cards.live.drain(LAST_CARDS))
    await cards.notes.drain(LAST_CARDS)
