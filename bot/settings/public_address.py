"""The bot's public address: `PUBLIC_URL`, or what the host says about itself."""

from collections.abc import Mapping

# https://render.com/docs/environment-variables
# https://docs.railway.com/reference/variables
# https://fly.io/docs/machines/runtime-environment
_HOSTS = {
    "RENDER_EXTERNAL_URL": "{}",
    "RAILWAY_PUBLIC_DOMAIN": "https://{}",
    "FLY_APP_NAME": "https://{}.fly.dev",
}
# What to do where there is no address, for the log and the doctor.
TURN_ON_JOIN = (
    "Set PUBLIC_URL to the address where people reach this bot, like "
    "https://your-meet.example.com. On a laptop, open a tunnel: see the README."
)
# The same where NOTES is on without what it needs.
TURN_ON_NOTES = (
    "NOTES needs live cards: set VIDEOSDK_API_VERSION to v2 and PUBLIC_URL to this bot's address, "
    "leave LIVE_CARDS on, and remove JOIN_URL_TEMPLATE."
)


def public_address(environ: Mapping[str, str]) -> tuple[str, str]:
    """Return the bot's address and the variable that it comes from; both are empty if unknown.

    Only `PUBLIC_URL` itself wins over the host: it may be a domain of the operator's own.
    """
    for name, pattern in {"PUBLIC_URL": "{}", **_HOSTS}.items():
        if value := environ.get(name, "").strip():
            return pattern.format(value), name
    return "", ""
