"""Pages for people who open the bot's address, or an unknown one, in a browser."""

from http import HTTPStatus

from aiohttp import hdrs, web

from bot.web.pages import MARK, notice_page


async def front(_: web.Request) -> web.Response:
    """Answer the bare address with a page that says the bot is running."""
    return notice_page(
        200,
        "Meet for Slack is running",
        "There's nothing to set up on this page. Go to Slack to start a meeting.",
        small="Slack sends its requests to /slack/events.",
    )


async def icon(_: web.Request) -> web.Response:
    """Answer with the product's icon, an SVG."""
    return web.Response(
        text=MARK,
        content_type="image/svg+xml",
        headers={"Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"},
    )


def nothing_here(refusal: web.HTTPException) -> web.Response:
    """Return the page for an unknown address, or for one that isn't for browsers."""
    if refusal.status == HTTPStatus.NOT_FOUND:
        title = "There's nothing here"
        text = (
            "The address may be cut short or mistyped. Go back to Slack and follow its link again."
        )
    else:
        title = "This address isn't for browsers"
        text = "Slack and VideoSDK send their requests here. There's nothing to see."
    page = notice_page(refusal.status, title, text)
    if hdrs.ALLOW in refusal.headers:
        page.headers[hdrs.ALLOW] = refusal.headers[hdrs.ALLOW]
    return page
