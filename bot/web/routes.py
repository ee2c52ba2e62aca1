"""List every address that the bot serves."""

from aiohttp import web

from bot.web import front
from bot.web.guard import MAX_BODY
from bot.web.health import Health
from bot.web.install.flow import InstallPages
from bot.web.join.page import JoinPage
from bot.web.metrics import MetricsPage
from bot.web.server import with_request_id
from bot.web.slack import SlackEvents
from bot.web.unknown_addresses import log_unknown_address
from bot.web.webhooks import Webhooks

_MIDDLEWARES = (with_request_id, log_unknown_address)


def build_web(  # noqa: PLR0913 - one for each part that may be missing
    health: Health,
    slack_events: SlackEvents | None = None,
    *,
    join: JoinPage | None = None,
    webhooks: Webhooks | None = None,
    install: InstallPages | None = None,
    metrics: MetricsPage | None = None,
) -> web.Application:
    """Return the web application.

    Args:
        health: for the host.
        slack_events: takes Slack's requests; without it, Slack comes by Socket Mode.
        join: the page behind the Join button, where the bot has a public address.
        webhooks: VideoSDK's, where there are live cards.
        install: the pages on which workspaces install the bot, where any may.
        metrics: for Prometheus.
    """
    app = web.Application(client_max_size=MAX_BODY, middlewares=_MIDDLEWARES)
    app.router.add_get("/", install.lead if install else front.front)
    app.router.add_get("/favicon.ico", front.icon)
    app.router.add_get("/healthz", health.alive)
    app.router.add_get("/readyz", health.ready)
    if slack_events:
        app.router.add_post("/slack/events", slack_events.handle)
    if join:
        app.router.add_get("/join/{token}", join.handle)
        app.router.add_post("/join/{token}", join.start_again)
    if webhooks:
        app.router.add_post("/videosdk/{token}", webhooks.handle)
        app.router.add_post("/videosdk/notes/{token:.+}", webhooks.handle_notes)
    if install:
        app.router.add_get("/slack/install", install.begin)
        app.router.add_get("/slack/oauth_redirect", install.finish)
    if metrics:
        app.router.add_get("/metrics", metrics.handle)
    return app
