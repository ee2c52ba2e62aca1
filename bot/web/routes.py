"""Every address that the bot serves."""

from collections.abc import Iterable

from aiohttp import web

from bot.web import front
from bot.web.guard import MAX_BODY
from bot.web.health import Health
from bot.web.install.flow import InstallPages
from bot.web.join.page import JoinPage
from bot.web.metrics import MetricsPage
from bot.web.server import with_request_id
from bot.web.sign_in.flow import SignIn
from bot.web.slack import SlackEvents
from bot.web.webhooks import NotesWebhooks, Webhooks

Routes = list[web.RouteDef]


def build_web(routes: Iterable[web.RouteDef]) -> web.Application:
    """Return the web application with these addresses."""
    app = web.Application(client_max_size=MAX_BODY, middlewares=[with_request_id])
    app.router.add_routes(routes)
    return app


def for_the_host(health: Health) -> Routes:
    """Return the health checks, and the icon that browsers request."""
    return [
        web.get("/healthz", health.alive),
        web.get("/readyz", health.ready),
        web.get("/favicon.ico", front.icon),
    ]


def for_visitors() -> Routes:
    """Return the front page of a bot for a single workspace."""
    return [web.get("/", front.front)]


def for_installs(pages: InstallPages) -> Routes:
    """Return the pages that install the bot in a workspace."""
    return [
        web.get("/", pages.lead),
        web.get("/slack/install", pages.begin),
        web.get("/slack/oauth_redirect", pages.finish),
    ]


def for_slack(events: SlackEvents) -> Routes:
    """Return the endpoint for Slack's commands, clicks and events."""
    return [web.post("/slack/events", events.handle)]


def for_joining(page: JoinPage) -> Routes:
    """Return the page behind the Join button."""
    return [web.get("/join/{token}", page.handle), web.post("/join/{token}", page.start_again)]


def for_signing_in(sign_in: SignIn) -> Routes:
    """Return the addresses that sign people in with Slack, and out again."""
    return [
        web.get("/join/{token}/sign-in", sign_in.begin),
        web.get("/join/{token}/sign-out", sign_in.sign_out),
        web.get("/slack/sign_in", sign_in.finish),
    ]


def for_videosdk(webhooks: Webhooks) -> Routes:
    """Return the endpoint for VideoSDK's webhooks about rooms."""
    return [web.post("/videosdk/{token}", webhooks.handle)]


def for_notes(webhooks: NotesWebhooks) -> Routes:
    """Return the endpoint for VideoSDK's webhooks about transcriptions."""
    return [web.post("/videosdk/notes/{token}", webhooks.handle)]


def for_prometheus(page: MetricsPage) -> Routes:
    """Return the endpoint that Prometheus scrapes."""
    return [web.get("/metrics", page.handle)]
