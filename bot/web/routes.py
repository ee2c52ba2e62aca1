"""List every address that the bot serves."""

from aiohttp import web

from bot.slack.guard import MAX_BODY
from bot.web.health import Health
from bot.web.slack import SlackEvents


def build_web(health: Health, slack_events: SlackEvents | None) -> web.Application:
    """Return the web application; without `slack_events`, Slack comes by Socket Mode."""
    app = web.Application(client_max_size=MAX_BODY)
    app.router.add_get("/", _front)
    app.router.add_get("/healthz", health.alive)
    app.router.add_get("/readyz", health.ready)
    if slack_events:
        app.router.add_post("/slack/events", slack_events.handle)
    return app


async def _front(_: web.Request) -> web.Response:
    """Tell whoever opens the bare address that all is well."""
    return web.Response(text="Meet for Slack is running. Slack reaches it at /slack/events.\n")
