"""List every address that the bot serves."""

from aiohttp import web

from bot.slack.guard import MAX_BODY
from bot.web.health import Health
from bot.web.join import JoinPage
from bot.web.slack import SlackEvents
from bot.web.webhooks import Webhooks


def build_web(
    health: Health,
    slack_events: SlackEvents | None = None,
    join: JoinPage | None = None,
    webhooks: Webhooks | None = None,
) -> web.Application:
    """Return the web application.

    Args:
        health: for the host.
        slack_events: takes Slack's requests; without it, Slack comes by Socket Mode.
        join: the page behind the Join button, where the bot has a public address.
        webhooks: VideoSDK's, where there are live cards.
    """
    app = web.Application(client_max_size=MAX_BODY)
    app.router.add_get("/", _front)
    app.router.add_get("/healthz", health.alive)
    app.router.add_get("/readyz", health.ready)
    if slack_events:
        app.router.add_post("/slack/events", slack_events.handle)
    if join:
        app.router.add_get("/join/{token}", join.handle)
    if webhooks:
        app.router.add_post("/videosdk/{token}", webhooks.handle)
    return app


async def _front(_: web.Request) -> web.Response:
    """Tell whoever opens the bare address that all is well."""
    return web.Response(text="Meet for Slack is running. Slack reaches it at /slack/events.\n")
